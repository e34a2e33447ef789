/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS data packets: parsing what the guest transmits, building what it
 * receives. Pure: bytes in, values out.
 */
#ifndef HVHOST_RNDIS_H
#define HVHOST_RNDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "rndis_proto.h"

/* The words of a packet's per-packet information, as on the wire. */
struct rndis_ppis {
	bool has_csum;
	bool has_lso;
	bool has_vlan;
	bool has_hash_value;
	bool has_hash_info;
	bool has_packet_id;
	uint32_t csum;
	uint32_t lso;
	uint32_t vlan;
	uint32_t hash_value;
	uint32_t hash_info;
	uint32_t packet_id;
};

/* A RNDIS_PACKET from the guest. Offsets count from its first byte. */
struct rndis_tx_packet {
	uint32_t message_len;	/* the next packet begins after it */
	uint32_t header_len;	/* through the last per-packet information */
	uint32_t data_offset;
	uint32_t data_len;
	struct rndis_ppis ppis;
};

/*
 * Parses the packet at the start of bytes, of which there are len up to the
 * end of the guest's message and whole up to the end of the memory range that
 * the packet begins in. Returns NULL, or the name of the rule that is broken.
 */
const char *rndis_parse_packet(const uint8_t *bytes, uint32_t len,
			       uint32_t whole, struct rndis_tx_packet *packet);

/* A frame to the guest: where its data begins in its receive slot. */
#define RNDIS_RX_DATA_OFFSET 256u
/* At the end of a slot; guests of some kinds overrun, so it stays unused. */
#define RNDIS_RX_FOOTER 36u

#define RNDIS_RX_HEADER_MAX (RNDIS_PACKET_HEADER + 6 * RNDIS_PPI_BYTES)

/*
 * Builds the header of a received packet of data_len bytes in a message of
 * message_len. Returns the bytes written, at most RNDIS_RX_HEADER_MAX.
 */
uint32_t rndis_build_packet(uint8_t *to, uint32_t message_len,
			    uint32_t data_len, const struct rndis_ppis *ppis);

/* The VLAN word of an 802.1Q tag, and back. */
uint32_t rndis_vlan_word(uint16_t tci);
uint16_t rndis_vlan_tci(uint32_t word);

/* The packet id word that ties the pieces of one received frame together. */
uint32_t rndis_packet_id_word(uint8_t flags, uint16_t id);

#endif
