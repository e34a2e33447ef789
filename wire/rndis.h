/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS as it is spoken over NVSP: layouts and constants only.
 *
 * A message is struct rndis_msg_hdr and a body. All offsets inside a body
 * count from the body's first byte, that is from byte 8 of the message. All
 * fields are little-endian. A structure marked WIRE is exchanged with the
 * host as it stands.
 */
#ifndef WIRE_RNDIS_H
#define WIRE_RNDIS_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#define RNDIS_MAJOR_VERSION		1
#define RNDIS_MINOR_VERSION		0

#define RNDIS_COMPLETION		0x80000000

enum rndis_msg_type {
	RNDIS_MSG_PACKET			= 1,
	RNDIS_MSG_INIT				= 2,
	RNDIS_MSG_HALT				= 3,
	RNDIS_MSG_QUERY				= 4,
	RNDIS_MSG_SET				= 5,
	RNDIS_MSG_RESET				= 6,
	RNDIS_MSG_INDICATE			= 7,
	RNDIS_MSG_KEEPALIVE			= 8,
	RNDIS_MSG_SET_EX			= 9,
};

#define RNDIS_MSG_INIT_COMPLETE		(RNDIS_MSG_INIT | RNDIS_COMPLETION)
#define RNDIS_MSG_QUERY_COMPLETE	(RNDIS_MSG_QUERY | RNDIS_COMPLETION)
#define RNDIS_MSG_SET_COMPLETE		(RNDIS_MSG_SET | RNDIS_COMPLETION)
#define RNDIS_MSG_RESET_COMPLETE	(RNDIS_MSG_RESET | RNDIS_COMPLETION)
#define RNDIS_MSG_KEEPALIVE_COMPLETE	(RNDIS_MSG_KEEPALIVE | RNDIS_COMPLETION)

#define RNDIS_STATUS_SUCCESS			0x00000000
#define RNDIS_STATUS_FAILURE			0xC0000001
#define RNDIS_STATUS_NOT_SUPPORTED		0xC00000BB
#define RNDIS_STATUS_BAD_VERSION		0xC0010004
#define RNDIS_STATUS_INVALID_DATA		0xC0010015
#define RNDIS_STATUS_MEDIA_CONNECT		0x4001000B
#define RNDIS_STATUS_MEDIA_DISCONNECT		0x4001000C
#define RNDIS_STATUS_LINK_SPEED_CHANGE		0x40010013
#define RNDIS_STATUS_NETWORK_CHANGE		0x40010018
#define RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG 0x40020006

/* The detail (__le32) of RNDIS_STATUS_NETWORK_CHANGE. */
#define RNDIS_NETWORK_CHANGE_POSSIBLE		1
#define RNDIS_NETWORK_CHANGE_DEFINITE		2
#define RNDIS_NETWORK_CHANGE_MEDIA		3

struct rndis_msg_hdr {
	__le32 type;
	__le32 length;			/* of the message, this header in */
} /* WIRE */;
static_assert(sizeof(struct rndis_msg_hdr) == 8);

/* PACKET: one Ethernet frame, preceded by per-packet information. */
struct rndis_packet {
	__le32 data_offset;
	__le32 data_length;
	__le32 oob_offset;
	__le32 oob_length;
	__le32 oob_count;
	__le32 ppi_offset;
	__le32 ppi_length;
	__le32 vc_handle;
	__le32 reserved;
} /* WIRE */;
static_assert(sizeof(struct rndis_packet) == 36);

/*
 * One item of per-packet information. `size` counts this header and the
 * data, `offset` tells where the data starts, from the item's first byte.
 */
struct rndis_ppi {
	__le32 size;
	__le32 type;			/* RNDIS_PPI_*, bit 31: internal */
	__le32 offset;
} /* WIRE */;
static_assert(sizeof(struct rndis_ppi) == 12);

#define RNDIS_PPI_INTERNAL		0x80000000
#define RNDIS_PPI_CSUM			0	/* both directions */
#define RNDIS_PPI_LSO			2	/* to the host */
#define RNDIS_PPI_VLAN			6	/* both directions */
#define RNDIS_PPI_HASH_VALUE		8	/* both directions */
#define RNDIS_PPI_HASH_INFO		9	/* from the host */
#define RNDIS_PPI_PACKET_ID		(RNDIS_PPI_INTERNAL | 1)

/* RNDIS_PPI_CSUM to the host. */
#define RNDIS_TX_CSUM_IPV4		BIT(0)
#define RNDIS_TX_CSUM_IPV6		BIT(1)
#define RNDIS_TX_CSUM_TCP		BIT(2)
#define RNDIS_TX_CSUM_UDP		BIT(3)
#define RNDIS_TX_CSUM_IP_HEADER		BIT(4)
#define RNDIS_TX_CSUM_L4_OFFSET		GENMASK(25, 16)

/* RNDIS_PPI_CSUM from the host. */
#define RNDIS_RX_CSUM_TCP_FAILED	BIT(0)
#define RNDIS_RX_CSUM_UDP_FAILED	BIT(1)
#define RNDIS_RX_CSUM_IP_FAILED		BIT(2)
#define RNDIS_RX_CSUM_TCP_OK		BIT(3)
#define RNDIS_RX_CSUM_UDP_OK		BIT(4)
#define RNDIS_RX_CSUM_IP_OK		BIT(5)
#define RNDIS_RX_CSUM_LOOPBACK		BIT(6)
#define RNDIS_RX_CSUM_TCP_VALUE_INVALID	BIT(7)
#define RNDIS_RX_CSUM_IP_VALUE_INVALID	BIT(8)

/* RNDIS_PPI_LSO, version 2. */
#define RNDIS_LSO_MSS			GENMASK(19, 0)
#define RNDIS_LSO_TCP_OFFSET		GENMASK(29, 20)
#define RNDIS_LSO_V2			BIT(30)
#define RNDIS_LSO_IPV6			BIT(31)

/* RNDIS_PPI_VLAN: not the order of the bits in an 802.1Q tag. */
#define RNDIS_VLAN_PRIO			GENMASK(2, 0)
#define RNDIS_VLAN_CFI			BIT(3)
#define RNDIS_VLAN_ID			GENMASK(15, 4)

/* RNDIS_PPI_PACKET_ID: the pieces of a coalesced segment. */
struct rndis_packet_id {
	u8 version;
	u8 flags;
	__le16 id;
} /* WIRE */;
static_assert(sizeof(struct rndis_packet_id) == 4);

#define RNDIS_PACKET_ID_VERSION		1
#define RNDIS_PACKET_ID_PIECE		BIT(0)	/* one of several */
#define RNDIS_PACKET_ID_FIRST		BIT(1)
#define RNDIS_PACKET_ID_LAST		BIT(2)

struct rndis_init_request {
	__le32 request_id;
	__le32 major;
	__le32 minor;
	__le32 max_transfer;
} /* WIRE */;
static_assert(sizeof(struct rndis_init_request) == 16);

struct rndis_init_complete {
	__le32 request_id;
	__le32 status;
	__le32 major;
	__le32 minor;
	__le32 device_flags;
	__le32 medium;
	__le32 max_packets;		/* in one message */
	__le32 max_transfer;
	__le32 align_factor;		/* a power of two's exponent */
	__le32 af_offset;
	__le32 af_size;
} /* WIRE */;
static_assert(sizeof(struct rndis_init_complete) == 44);

/* HALT is never answered. */
struct rndis_halt_request {
	__le32 request_id;
} /* WIRE */;
static_assert(sizeof(struct rndis_halt_request) == 4);

/* QUERY and SET are followed by their information buffer. */
struct rndis_query_request {
	__le32 request_id;
	__le32 oid;
	__le32 info_length;
	__le32 info_offset;
	__le32 vc_handle;
} /* WIRE */;
static_assert(sizeof(struct rndis_query_request) == 20);

struct rndis_query_complete {
	__le32 request_id;
	__le32 status;
	__le32 info_length;
	__le32 info_offset;
} /* WIRE */;
static_assert(sizeof(struct rndis_query_complete) == 16);

struct rndis_set_request {
	__le32 request_id;
	__le32 oid;
	__le32 info_length;
	__le32 info_offset;
	__le32 vc_handle;
} /* WIRE */;
static_assert(sizeof(struct rndis_set_request) == 20);

struct rndis_set_complete {
	__le32 request_id;
	__le32 status;
} /* WIRE */;
static_assert(sizeof(struct rndis_set_complete) == 8);

struct rndis_indicate_status {
	__le32 status;
	__le32 info_length;
	__le32 info_offset;
} /* WIRE */;
static_assert(sizeof(struct rndis_indicate_status) == 12);

/* RESET_COMPLETE has no request id. */
struct rndis_reset_complete {
	__le32 status;
	__le32 addressing_reset;
} /* WIRE */;
static_assert(sizeof(struct rndis_reset_complete) == 8);

struct rndis_keepalive_request {
	__le32 request_id;
} /* WIRE */;
static_assert(sizeof(struct rndis_keepalive_request) == 4);

struct rndis_keepalive_complete {
	__le32 request_id;
	__le32 status;
} /* WIRE */;
static_assert(sizeof(struct rndis_keepalive_complete) == 8);

/*
 * What OID_RNDIS_CONFIG_PARAMETER sets: a name and a value, both UTF-16LE,
 * offsets from this structure's first byte, lengths in bytes.
 */
struct rndis_config_parameter {
	__le32 name_offset;
	__le32 name_length;
	__le32 type;
	__le32 value_offset;
	__le32 value_length;
} /* WIRE */;
static_assert(sizeof(struct rndis_config_parameter) == 20);

#define RNDIS_CONFIG_INTEGER		0
#define RNDIS_CONFIG_HEX		1
#define RNDIS_CONFIG_STRING		2

/* The value of OID_GEN_CURRENT_PACKET_FILTER. */
#define RNDIS_FILTER_DIRECTED		BIT(0)
#define RNDIS_FILTER_MULTICAST		BIT(1)
#define RNDIS_FILTER_ALL_MULTICAST	BIT(2)
#define RNDIS_FILTER_BROADCAST		BIT(3)
#define RNDIS_FILTER_PROMISCUOUS	BIT(5)

/* The answer to OID_GEN_MEDIA_CONNECT_STATUS. */
#define RNDIS_MEDIA_CONNECTED		0
#define RNDIS_MEDIA_DISCONNECTED	1

/* OID_GEN_LINK_SPEED and the link speed indication count in this unit. */
#define RNDIS_LINK_SPEED_BPS		100

#endif /* WIRE_RNDIS_H */
