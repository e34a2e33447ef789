/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NIC's OIDs: what the guest may ask and set. Pure: they read and change
 * struct oid_state alone, and the caller acts on what changed.
 */
#ifndef HVHOST_OID_H
#define HVHOST_OID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rndis_proto.h"

/* Protocols whose checksum can be left to the NIC; index of the wire's order. */
enum offload_csum {
	OFFLOAD_CSUM_IP4,
	OFFLOAD_CSUM_TCP4,
	OFFLOAD_CSUM_UDP4,
	OFFLOAD_CSUM_TCP6,
	OFFLOAD_CSUM_UDP6,
	OFFLOAD_CSUM_COUNT,
};

enum offload_direction {
	OFFLOAD_TX = 1,
	OFFLOAD_RX = 2,
};

struct offload_config {
	uint8_t csum[OFFLOAD_CSUM_COUNT];	/* enum offload_direction bits */
	bool lso4;
	bool lso6;
	bool rsc4;
	bool rsc6;
};

struct rss_config {
	bool enabled;
	uint32_t hash_types;		/* NDIS_HASH_..., without the function */
	uint8_t key[NDIS_RSS_KEY_BYTES];
	uint16_t table[NDIS_RSS_TABLE_ENTRIES];	/* channel of a hash */
};

struct oid_state {
	/* What the NIC is. */
	uint8_t permanent_mac[6];
	uint8_t current_mac[6];
	uint32_t frame_max;		/* Ethernet header and payload */
	uint32_t ndis_version;		/* NDIS_VERSION() */
	uint32_t queues;		/* most channels */
	bool link_up;
	uint64_t link_bps;
	struct offload_config supported;
	bool udp_hash;			/* can spread UDP by its ports */
	bool fixed_mac;			/* refuses another address */

	/* What the guest made of it. */
	uint32_t filter;
	struct offload_config current;
	struct rss_config rss;
};

/* What a set changed. */
enum oid_effect {
	OID_CHANGED_FILTER = 1 << 0,
	OID_CHANGED_OFFLOAD = 1 << 1,	/* set, be it to the same */
	OID_CHANGED_RSS = 1 << 2,
	OID_CHANGED_ADDRESS = 1 << 3,
};

/* The longest answer (the friendly name). */
#define OID_ANSWER_MAX 512u

/* Puts the guest's half of the state to what a new session begins with. */
void oid_reset(struct oid_state *state);

/*
 * Answers a query into out, which has room for OID_ANSWER_MAX bytes. Returns a
 * RNDIS status; *len is 0 unless it is SUCCESS.
 */
uint32_t oid_query(const struct oid_state *state, uint32_t oid, uint8_t *out,
		   uint32_t *len);

/*
 * Sets an OID from data. Returns a RNDIS status; *effects are enum oid_effect
 * bits, 0 unless it is SUCCESS.
 */
uint32_t oid_set(struct oid_state *state, uint32_t oid, const uint8_t *data,
		 uint32_t len, unsigned int *effects);

/*
 * Whether the guest wants frames to this address. There is no list of multicast
 * addresses: with either flag for them all are wanted.
 */
bool oid_wants(const struct oid_state *state, const uint8_t *mac);

/* For the log; "unknown" for what is in no table. */
const char *oid_name(uint32_t oid);

/* The offload object that capabilities, queries and indications carry. */
void oid_build_offload(const struct offload_config *config,
		       struct ndis_offload *offload);

#endif
