/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encoding and decoding of RNDIS messages.
 *
 * Everything here is pure: no allocation, no locks, no log, no state. The
 * same source is compiled into the driver, its KUnit suites, and user-space
 * tests and fuzzers.
 *
 * Decoders take a buffer and its length, copy what they need once, check
 * every field against the length before using it, and return host-endian
 * values, or -EBADMSG for anything that is malformed. They can be given
 * memory that the host is changing at the same time.
 */
#ifndef RNDIS_CODEC_H
#define RNDIS_CODEC_H

#include <linux/bitfield.h>
#include <linux/types.h>

#include "wire/ndis.h"
#include "wire/rndis.h"

/* Data packets to the host */

/**
 * struct rndis_tx_meta - what goes before a frame to the host
 * @data_len: bytes of the frame
 * @has_csum: @csum is valid
 * @has_lso: @lso is valid
 * @has_vlan: @vlan is valid
 * @has_hash: @hash is valid
 * @csum: made by rndis_csum_word()
 * @lso: made by rndis_lso_word()
 * @vlan: made by rndis_vlan_word()
 * @hash: the flow's hash, for the host to choose a queue by
 */
struct rndis_tx_meta {
	u32 data_len;
	bool has_csum;
	bool has_lso;
	bool has_vlan;
	bool has_hash;
	u32 csum;
	u32 lso;
	u32 vlan;
	u32 hash;
};

#define RNDIS_PPI_BYTES		(sizeof(struct rndis_ppi) + sizeof(__le32))
/* The header of a packet with all the information that we ever send. */
#define RNDIS_TX_HEADER_MAX	(sizeof(struct rndis_msg_hdr) + \
				 sizeof(struct rndis_packet) + \
				 4 * RNDIS_PPI_BYTES)

/**
 * rndis_csum_word() - the checksum request of a packet to the host
 * @ipv6: the packet is IPv6, else IPv4
 * @udp: the transport is UDP, else TCP
 * @l4_offset: bytes from the start of the frame to the transport header;
 *	0 lets the host assume an IP header without options
 *
 * Context: Any.
 * Return: the data of RNDIS_PPI_CSUM.
 */
static inline u32 rndis_csum_word(bool ipv6, bool udp, u32 l4_offset)
{
	return (ipv6 ? RNDIS_TX_CSUM_IPV6 : RNDIS_TX_CSUM_IPV4) |
	       (udp ? RNDIS_TX_CSUM_UDP : RNDIS_TX_CSUM_TCP) |
	       FIELD_PREP(RNDIS_TX_CSUM_L4_OFFSET, l4_offset);
}

/**
 * rndis_lso_word() - the segmentation request of a packet to the host
 * @ipv6: the packet is IPv6, else IPv4
 * @mss: bytes of payload per segment
 * @tcp_offset: bytes from the start of the frame to the TCP header
 *
 * Context: Any.
 * Return: the data of RNDIS_PPI_LSO.
 */
static inline u32 rndis_lso_word(bool ipv6, u32 mss, u32 tcp_offset)
{
	return FIELD_PREP(RNDIS_LSO_MSS, mss) |
	       FIELD_PREP(RNDIS_LSO_TCP_OFFSET, tcp_offset) |
	       RNDIS_LSO_V2 | (ipv6 ? RNDIS_LSO_IPV6 : 0);
}

/**
 * rndis_vlan_word() - an 802.1Q tag as RNDIS writes it
 * @tci: priority in bits 15-13, drop eligible in bit 12, id in bits 11-0
 *
 * Context: Any.
 * Return: the data of RNDIS_PPI_VLAN.
 */
static inline u32 rndis_vlan_word(u16 tci)
{
	return FIELD_PREP(RNDIS_VLAN_PRIO, tci >> 13) |
	       FIELD_PREP(RNDIS_VLAN_CFI, (tci >> 12) & 1) |
	       FIELD_PREP(RNDIS_VLAN_ID, tci & 0xfff);
}

/**
 * rndis_vlan_tci() - the opposite of rndis_vlan_word()
 * @word: the data of RNDIS_PPI_VLAN; reserved bits are ignored
 *
 * Context: Any.
 * Return: the tag in the order of 802.1Q.
 */
static inline u16 rndis_vlan_tci(u32 word)
{
	return FIELD_GET(RNDIS_VLAN_PRIO, word) << 13 |
	       FIELD_GET(RNDIS_VLAN_CFI, word) << 12 |
	       FIELD_GET(RNDIS_VLAN_ID, word);
}

u32 rndis_tx_header_len(const struct rndis_tx_meta *meta);
u32 rndis_tx_encode(void *to, const struct rndis_tx_meta *meta);
void rndis_tx_set_length(void *message, u32 bytes);

/* Data packets from the host */

#define RNDIS_RX_HAS_CSUM		BIT(0)
#define RNDIS_RX_HAS_VLAN		BIT(1)
#define RNDIS_RX_HAS_HASH_VALUE		BIT(2)
#define RNDIS_RX_HAS_HASH_INFO		BIT(3)
#define RNDIS_RX_HAS_PACKET_ID		BIT(4)

/**
 * struct rndis_rx_frame - a frame from the host, and what is known of it
 * @data_offset: where the frame is, from the start of the RNDIS message
 * @data_len: bytes of the frame; never 0
 * @flags: RNDIS_RX_HAS_*, which of the following are valid
 * @packet_flags: RNDIS_PACKET_ID_*
 * @packet_id: common to the pieces of one coalesced segment
 * @csum: RNDIS_RX_CSUM_*
 * @vlan: for rndis_vlan_tci(); never the word that means none
 * @hash_value: hash of the flow
 * @hash_info: NDIS_HASH_*, how it was made
 *
 * Fields that are not valid are 0.
 */
struct rndis_rx_frame {
	u32 data_offset;
	u32 data_len;
	u16 flags;
	u8 packet_flags;
	u16 packet_id;
	u32 csum;
	u32 vlan;
	u32 hash_value;
	u32 hash_info;
};

/* The longest area of per-packet information that a decoder accepts. */
#define RNDIS_RX_PPI_MAX_BYTES		512

int rndis_rx_decode(const void *shared, u32 len, struct rndis_rx_frame *frame);

/* Control messages to the host */

/* All that precedes the information buffer of a query or a set. */
#define RNDIS_REQUEST_HEADER_BYTES	(sizeof(struct rndis_msg_hdr) + \
					 sizeof(struct rndis_set_request))

int rndis_build_init(void *to, u32 room, u32 request_id, u32 max_transfer);
int rndis_build_halt(void *to, u32 room, u32 request_id);
int rndis_build_query(void *to, u32 room, u32 request_id, u32 oid,
		      const void *info, u32 info_len);
int rndis_build_set(void *to, u32 room, u32 request_id, u32 oid,
		    const void *info, u32 info_len);
int rndis_build_keepalive_complete(void *to, u32 room, u32 request_id,
				   u32 status);

/**
 * struct rndis_rss_config - what the host is to spread frames by
 * @hash_types: NDIS_HASH_*; 0 turns RSS off
 * @key: NDIS_RSS_KEY_BYTES bytes
 * @table: @num_entries queue numbers
 * @num_entries: at most NDIS_RSS_MAX_ENTRIES
 */
struct rndis_rss_config {
	u32 hash_types;
	const u8 *key;
	const u32 *table;
	u32 num_entries;
};

/* The longest information buffer of rndis_build_rss_params(). */
#define RNDIS_RSS_PARAMS_MAX_BYTES	(sizeof(struct ndis_rss_params) + \
					 NDIS_RSS_MAX_ENTRIES * \
					 sizeof(__le32) + NDIS_RSS_KEY_BYTES)

int rndis_build_rss_params(void *to, u32 room,
			   const struct rndis_rss_config *rss);
int rndis_build_config_param(void *to, u32 room, const char *name,
			     const char *value);

/* Control messages from the host */

/**
 * struct rndis_control - any control message from the host
 * @type: RNDIS_MSG_*
 * @request_id: of the request that is answered; 0 for an indication
 * @status: RNDIS_STATUS_*; 0 for a keepalive request
 * @info_offset: information buffer, from the start of the message
 * @info_len: bytes of it; 0 if there is none
 * @init: what INIT_COMPLETE carries beside
 * @init.major: RNDIS version of the host
 * @init.minor: RNDIS version of the host
 * @init.max_packets: packets that one message may hold, at least 1
 * @init.max_transfer: bytes that one message may have
 * @init.alignment: bytes that packets in one message are aligned to, a power
 *	of two, 1 to 4096
 *
 * The information buffer lies within the length that was given to
 * rndis_parse_control(). It is there for QUERY_COMPLETE and INDICATE.
 */
struct rndis_control {
	u32 type;
	u32 request_id;
	u32 status;
	u32 info_offset;
	u32 info_len;
	struct {
		u32 major;
		u32 minor;
		u32 max_packets;
		u32 max_transfer;
		u32 alignment;
	} init;
};

int rndis_parse_control(const void *msg, u32 len, struct rndis_control *ctl);
int rndis_parse_u32(const void *info, u32 len, u32 *value);
void rndis_parse_name(const void *info, u32 len, char *to, u32 room);

/**
 * struct rndis_offload_caps - what the host can compute
 * @tx_csum_ipv4: NDIS_CSUM_IPV4_*; 0 if not for Ethernet
 * @rx_csum_ipv4: the same, for received frames
 * @tx_csum_ipv6: NDIS_CSUM_IPV6_*
 * @rx_csum_ipv6: the same, for received frames
 * @lso_v2_ipv4_max: longest IPv4 TCP frame to segment; 0 if it cannot
 * @lso_v2_ipv4_min_segments: fewest segments of one
 * @lso_v2_ipv6_max: longest IPv6 TCP frame to segment; 0 if it cannot
 * @lso_v2_ipv6_min_segments: fewest segments of one
 * @lso_v2_ipv6_flags: NDIS_LSO_V2_IPV6_*
 * @rsc_ipv4: received IPv4 segments can be coalesced
 * @rsc_ipv6: received IPv6 segments can be coalesced
 */
struct rndis_offload_caps {
	u32 tx_csum_ipv4;
	u32 rx_csum_ipv4;
	u32 tx_csum_ipv6;
	u32 rx_csum_ipv6;
	u32 lso_v2_ipv4_max;
	u32 lso_v2_ipv4_min_segments;
	u32 lso_v2_ipv6_max;
	u32 lso_v2_ipv6_min_segments;
	u32 lso_v2_ipv6_flags;
	bool rsc_ipv4;
	bool rsc_ipv6;
};

/**
 * struct rndis_rss_caps - how the host can spread received frames
 * @flags: NDIS_RSS_CAP_* and NDIS_HASH_TOEPLITZ
 * @num_queues: queues that the host can use
 * @num_entries: entries of the indirection table, 1 to NDIS_RSS_MAX_ENTRIES
 */
struct rndis_rss_caps {
	u32 flags;
	u32 num_queues;
	u32 num_entries;
};

int rndis_parse_offload(const void *info, u32 len,
			struct rndis_offload_caps *caps);
int rndis_parse_rss_caps(const void *info, u32 len,
			 struct rndis_rss_caps *caps);

#endif /* RNDIS_CODEC_H */
