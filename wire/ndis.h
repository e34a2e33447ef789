/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NDIS objects that travel as the information buffers of RNDIS queries, sets
 * and indications: layouts and constants only. All fields are little-endian.
 * A structure marked WIRE is exchanged with the host as it stands; a size
 * constant named _REVn is the length of that revision.
 */
#ifndef WIRE_NDIS_H
#define WIRE_NDIS_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/* NDIS versions, major in the upper half, as NVSP sends them. */
#define NDIS_VERSION_6_1		0x00060001
#define NDIS_VERSION_6_20		0x00060014
#define NDIS_VERSION_6_30		0x0006001e
#define NDIS_VERSION_MAJOR		GENMASK(31, 16)
#define NDIS_VERSION_MINOR		GENMASK(15, 0)

#define OID_GEN_SUPPORTED_LIST			0x00010101
#define OID_GEN_MAXIMUM_FRAME_SIZE		0x00010106
#define OID_GEN_LINK_SPEED			0x00010107
#define OID_GEN_CURRENT_PACKET_FILTER		0x0001010E
#define OID_GEN_MAXIMUM_TOTAL_SIZE		0x00010111
#define OID_GEN_MEDIA_CONNECT_STATUS		0x00010114
#define OID_GEN_RECEIVE_SCALE_CAPABILITIES	0x00010203
#define OID_GEN_RECEIVE_SCALE_PARAMETERS	0x00010204
#define OID_GEN_LINK_STATE			0x00010207
#define OID_GEN_FRIENDLY_NAME			0x00020216
#define OID_GEN_RNDIS_CONFIG_PARAMETER		0x0001021B
#define OID_802_3_PERMANENT_ADDRESS		0x01010101
#define OID_802_3_CURRENT_ADDRESS		0x01010102
#define OID_802_3_MULTICAST_LIST		0x01010103
#define OID_OFFLOAD_ENCAPSULATION		0x0101010A
#define OID_TCP_OFFLOAD_CURRENT_CONFIG		0xFC01020B
#define OID_TCP_OFFLOAD_PARAMETERS		0xFC01020C
#define OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES	0xFC01020D

enum ndis_object_type {
	NDIS_OBJECT_DEFAULT			= 0x80,
	NDIS_OBJECT_RSS_CAPS			= 0x88,
	NDIS_OBJECT_RSS_PARAMS			= 0x89,
	NDIS_OBJECT_OFFLOAD			= 0xa7,
	NDIS_OBJECT_OFFLOAD_ENCAPSULATION	= 0xa8,
};

struct ndis_object_hdr {
	u8 type;
	u8 revision;
	__le16 size;			/* of the object, this header in */
} /* WIRE */;
static_assert(sizeof(struct ndis_object_hdr) == 4);

/* The encapsulation that an offload works with. */
#define NDIS_ENCAPSULATION_802_3	BIT(1)

/* Checksum capabilities are fields of two bits each. */
#define NDIS_CSUM_IPV4_IP_OPTIONS	GENMASK(1, 0)
#define NDIS_CSUM_IPV4_TCP_OPTIONS	GENMASK(3, 2)
#define NDIS_CSUM_IPV4_TCP		GENMASK(5, 4)
#define NDIS_CSUM_IPV4_UDP		GENMASK(7, 6)
#define NDIS_CSUM_IPV4_IP		GENMASK(9, 8)
#define NDIS_CSUM_IPV6_EXT_HEADERS	GENMASK(1, 0)
#define NDIS_CSUM_IPV6_TCP_OPTIONS	GENMASK(3, 2)
#define NDIS_CSUM_IPV6_TCP		GENMASK(5, 4)
#define NDIS_CSUM_IPV6_UDP		GENMASK(7, 6)

/* What such a field holds, and those of ndis_lso_v2.ipv6_flags. */
#define NDIS_CAP_NOT_SUPPORTED		0
#define NDIS_CAP_SUPPORTED		1

struct ndis_csum_offload {
	__le32 ipv4_tx_encapsulation;
	__le32 ipv4_tx_flags;
	__le32 ipv4_rx_encapsulation;
	__le32 ipv4_rx_flags;
	__le32 ipv6_tx_encapsulation;
	__le32 ipv6_tx_flags;
	__le32 ipv6_rx_encapsulation;
	__le32 ipv6_rx_flags;
} /* WIRE */;
static_assert(sizeof(struct ndis_csum_offload) == 32);

struct ndis_lso_v1 {
	__le32 encapsulation;
	__le32 max_size;
	__le32 min_segments;
	__le32 options;
} /* WIRE */;
static_assert(sizeof(struct ndis_lso_v1) == 16);

#define NDIS_LSO_V2_IPV6_EXT_HEADERS	GENMASK(1, 0)
#define NDIS_LSO_V2_IPV6_TCP_OPTIONS	GENMASK(3, 2)

struct ndis_lso_v2 {
	__le32 ipv4_encapsulation;
	__le32 ipv4_max_size;
	__le32 ipv4_min_segments;
	__le32 ipv6_encapsulation;
	__le32 ipv6_max_size;
	__le32 ipv6_min_segments;
	__le32 ipv6_flags;
} /* WIRE */;
static_assert(sizeof(struct ndis_lso_v2) == 28);

/* The host's capabilities, and its current configuration. */
struct ndis_offload {
	struct ndis_object_hdr hdr;
	struct ndis_csum_offload csum;
	struct ndis_lso_v1 lso_v1;
	__le32 ipsec_v1[7];
	struct ndis_lso_v2 lso_v2;
	__le32 flags;
	/* revision 2 */
	__le32 ipsec_v2[8];
	/* revision 3 */
	u8 rsc_ipv4;
	u8 rsc_ipv6;
	u8 reserved[2];
	__le32 nvgre[2];
} /* WIRE */;
static_assert(sizeof(struct ndis_offload) == 156);

#define NDIS_OFFLOAD_SIZE_REV1		112
#define NDIS_OFFLOAD_SIZE_REV2		144
#define NDIS_OFFLOAD_SIZE_REV3		156
static_assert(offsetof(struct ndis_offload, lso_v2) == 80);
static_assert(offsetof(struct ndis_offload, ipsec_v2) ==
	      NDIS_OFFLOAD_SIZE_REV1);
static_assert(offsetof(struct ndis_offload, rsc_ipv4) ==
	      NDIS_OFFLOAD_SIZE_REV2);

/* Values, not masks, for the checksum fields of ndis_offload_params. */
#define NDIS_OFFLOAD_KEEP		0
#define NDIS_OFFLOAD_OFF		1
#define NDIS_OFFLOAD_TX			2
#define NDIS_OFFLOAD_RX			3
#define NDIS_OFFLOAD_TX_RX		4
/* For the segmentation and coalescing fields, beside KEEP and OFF. */
#define NDIS_OFFLOAD_ON			2

struct ndis_offload_params {
	struct ndis_object_hdr hdr;	/* NDIS_OBJECT_DEFAULT */
	u8 ipv4_csum;
	u8 tcp_ipv4_csum;
	u8 udp_ipv4_csum;
	u8 tcp_ipv6_csum;
	u8 udp_ipv6_csum;
	u8 lso_v1;
	u8 ipsec_v1;
	u8 lso_v2_ipv4;
	u8 lso_v2_ipv6;
	u8 tcp_connection_ipv4;
	u8 tcp_connection_ipv6;
	u8 reserved;
	__le32 flags;
	/* revision 2 */
	u8 ipsec_v2;
	u8 ipsec_v2_ipv4;
	/* revision 3 */
	u8 rsc_ipv4;
	u8 rsc_ipv6;
	u8 encapsulation;
	u8 encapsulation_types;
	u8 reserved2[2];
} /* WIRE */;
static_assert(sizeof(struct ndis_offload_params) == 28);

#define NDIS_OFFLOAD_PARAMS_SIZE_REV1	20
#define NDIS_OFFLOAD_PARAMS_SIZE_REV2	22
#define NDIS_OFFLOAD_PARAMS_SIZE_REV3	28
static_assert(offsetof(struct ndis_offload_params, flags) == 16);

/* Here the two switches are 1 and 2, and the header is 14 bytes long. */
#define NDIS_ENCAPSULATION_ON		1
#define NDIS_ENCAPSULATION_OFF		2

struct ndis_offload_encapsulation {
	struct ndis_object_hdr hdr;
	__le32 ipv4_enabled;
	__le32 ipv4_type;
	__le32 ipv4_header_size;
	__le32 ipv6_enabled;
	__le32 ipv6_type;
	__le32 ipv6_header_size;
} /* WIRE */;
static_assert(sizeof(struct ndis_offload_encapsulation) == 28);

/* The hash function, in the low byte of ndis_rss_params.hash_info ... */
#define NDIS_HASH_TOEPLITZ		BIT(0)
#define NDIS_HASH_FUNCTION_MASK		GENMASK(7, 0)
/* ... and the kinds of packet that are hashed. */
#define NDIS_HASH_IPV4			BIT(8)
#define NDIS_HASH_TCP_IPV4		BIT(9)
#define NDIS_HASH_IPV6			BIT(10)
#define NDIS_HASH_IPV6_EX		BIT(11)
#define NDIS_HASH_TCP_IPV6		BIT(12)
#define NDIS_HASH_TCP_IPV6_EX		BIT(13)
#define NDIS_HASH_UDP_IPV4		BIT(14)
#define NDIS_HASH_UDP_IPV6		BIT(15)
#define NDIS_HASH_UDP_IPV6_EX		BIT(16)

/* ndis_rss_caps.flags: the low byte is the hash function as above. */
#define NDIS_RSS_CAP_TCP_IPV4		BIT(8)
#define NDIS_RSS_CAP_TCP_IPV6		BIT(9)
#define NDIS_RSS_CAP_TCP_IPV6_EX	BIT(10)
#define NDIS_RSS_CAP_UDP_IPV4		BIT(11)
#define NDIS_RSS_CAP_UDP_IPV6		BIT(12)
#define NDIS_RSS_CAP_UDP_IPV6_EX	BIT(13)
#define NDIS_RSS_CAP_MSI		BIT(24)
#define NDIS_RSS_CAP_MSI_X		BIT(27)

struct ndis_rss_caps {
	struct ndis_object_hdr hdr;
	__le32 flags;
	__le32 num_interrupts;
	__le32 num_queues;
	/* revision 2 */
	__le16 num_entries;		/* of the indirection table */
} __packed /* WIRE */;
static_assert(sizeof(struct ndis_rss_caps) == 18);

#define NDIS_RSS_CAPS_SIZE_REV1		16
#define NDIS_RSS_CAPS_SIZE_REV2		18

#define NDIS_RSS_PARAM_KEEP_BASE_CPU	BIT(0)
#define NDIS_RSS_PARAM_KEEP_HASH_INFO	BIT(1)
#define NDIS_RSS_PARAM_KEEP_TABLE	BIT(2)
#define NDIS_RSS_PARAM_KEEP_KEY		BIT(3)
#define NDIS_RSS_PARAM_DISABLE		BIT(4)
#define NDIS_RSS_PARAM_KEEP_DEFAULT_CPU	BIT(5)

#define NDIS_RSS_KEY_BYTES		40
#define NDIS_RSS_MAX_ENTRIES		256
#define NDIS_RSS_DEFAULT_ENTRIES	128

/*
 * Followed by the table (of __le32 queue numbers) and the key, where the
 * offsets, from this structure's first byte, say. Sizes are in bytes.
 */
struct ndis_rss_params {
	struct ndis_object_hdr hdr;
	__le16 flags;
	__le16 base_cpu;
	__le32 hash_info;
	__le16 table_size;
	__le16 reserved1;
	__le32 table_offset;
	__le16 key_size;
	__le16 reserved2;
	__le32 key_offset;
	/* revision 2 */
	__le32 masks_offset;
	__le32 num_masks;
	__le32 mask_size;
	/* revision 3 */
	__le32 default_cpu;
} /* WIRE */;
static_assert(sizeof(struct ndis_rss_params) == 44);

#define NDIS_RSS_PARAMS_SIZE_REV1	28
#define NDIS_RSS_PARAMS_SIZE_REV2	40
#define NDIS_RSS_PARAMS_SIZE_REV3	44

#define NDIS_LINK_CONNECTED		1
#define NDIS_LINK_DISCONNECTED		2
#define NDIS_LINK_SPEED_UNKNOWN		U64_MAX

struct ndis_link_state {
	struct ndis_object_hdr hdr;
	__le32 connect_state;
	__le32 duplex;
	__le32 reserved;
	__le64 tx_bps;
	__le64 rx_bps;
	__le32 pause;
	__le32 autoneg;
} /* WIRE */;
static_assert(sizeof(struct ndis_link_state) == 40);

#endif /* WIRE_NDIS_H */
