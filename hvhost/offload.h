/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between per-packet information and struct frame: what the guest asks for when
 * it transmits, and what it is told about what it receives. Pure.
 */
#ifndef HVHOST_OFFLOAD_H
#define HVHOST_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"
#include "oid.h"
#include "rndis.h"
#include "toeplitz.h"

enum flow_transport {
	FLOW_OTHER,
	FLOW_TCP,
	FLOW_UDP,
};

/* What receive-side scaling and checksum reports go by. */
struct flow {
	unsigned int ip_version;	/* 4, 6, or 0: no IP, or malformed */
	enum flow_transport transport;	/* OTHER for fragments too */
	uint8_t input[TOEPLITZ_INPUT_MAX];	/* addresses, then ports */
	uint8_t addresses_len;
	uint8_t input_len;		/* ports included, if it has any */
};

void flow_parse(const struct frame *frame, struct flow *flow);

/*
 * The hash type (NDIS_HASH_...) by which a flow is spread if the guest allows
 * these types, 0 if none fits; and the bytes of flow->input that take part.
 */
uint32_t flow_hash_type(const struct flow *flow, uint32_t allowed,
			uint32_t *len);

/*
 * Takes the guest's requests (checksum, LSO, VLAN) over into the frame. The
 * headers that LSO leaves to the host are completed. Returns NULL, or the name
 * of the rule that is broken.
 */
const char *offload_transmit(struct frame *frame,
			     const struct rndis_ppis *ppis);

/*
 * The checksum word of a received frame: what the host knows to be good and
 * the guest wants to hear.
 */
uint32_t offload_receive_csum(const struct frame *frame,
			      const struct flow *flow,
			      const struct offload_config *config);

#endif
