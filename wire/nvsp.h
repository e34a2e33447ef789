/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP, the protocol between a synthetic NIC and its host, carried in VMBus
 * packets: layouts and constants only.
 *
 * Everything is little-endian and naturally packed unless marked __packed.
 * "g>h" is guest to host, "h>g" host to guest; "Vn" is the lowest protocol
 * version that knows the message. A structure marked WIRE is exchanged with
 * the host as it stands.
 */
#ifndef WIRE_NVSP_H
#define WIRE_NVSP_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/* Protocol versions; a host accepts exact values only. */
#define NVSP_VERSION_1			0x00000002
#define NVSP_VERSION_2			0x00030002
#define NVSP_VERSION_4			0x00040000
#define NVSP_VERSION_5			0x00050000
#define NVSP_VERSION_6			0x00060000
#define NVSP_VERSION_6_1		0x00060001

/*
 * Every message from the guest is padded with zeroes to this size: hosts
 * before version 6.1 ask for 32 bytes, 6.1 for 40, and all accept more.
 */
#define NVSP_MSG_BYTES			40
/* The shortest padded message that a host sends (before version 6.1). */
#define NVSP_MSG_BYTES_V1		32

enum nvsp_msg_type {
	NVSP_MSG_INIT				= 1,	/* g>h V1 */
	NVSP_MSG_INIT_COMPLETE			= 2,	/* h>g V1 */

	NVSP_MSG_SEND_NDIS_VERSION		= 100,	/* g>h V1 */
	NVSP_MSG_SEND_RECV_BUFFER		= 101,	/* g>h V1 */
	NVSP_MSG_SEND_RECV_BUFFER_COMPLETE	= 102,	/* h>g V1 */
	NVSP_MSG_REVOKE_RECV_BUFFER		= 103,	/* g>h V1 */
	NVSP_MSG_SEND_SEND_BUFFER		= 104,	/* g>h V1 */
	NVSP_MSG_SEND_SEND_BUFFER_COMPLETE	= 105,	/* h>g V1 */
	NVSP_MSG_REVOKE_SEND_BUFFER		= 106,	/* g>h V1 */
	NVSP_MSG_SEND_RNDIS_PACKET		= 107,	/* both V1 */
	NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE	= 108,	/* both V1 */

	NVSP_MSG_SEND_NDIS_CONFIG		= 125,	/* g>h V2 */

	NVSP_MSG_SEND_VF_ASSOCIATION		= 128,	/* h>g V4 */
	NVSP_MSG_SWITCH_DATA_PATH		= 129,	/* both V4 */
	NVSP_MSG_UPLINK_CONNECT_STATE		= 130,	/* h>g V4 */

	NVSP_MSG_OID_QUERY_EX			= 131,	/* g>h V5 */
	NVSP_MSG_OID_QUERY_EX_COMPLETE		= 132,	/* h>g V5 */
	NVSP_MSG_SUBCHANNEL			= 133,	/* g>h V5 */
	/* The answer to SUBCHANNEL carries the number of the request. */
	NVSP_MSG_SUBCHANNEL_COMPLETE		= 133,	/* h>g V5 */
	NVSP_MSG_SEND_INDIRECTION_TABLE		= 134,	/* h>g V5 */

	NVSP_MSG_PD_API				= 135,	/* V6 */
	NVSP_MSG_PD_POST_BATCH			= 136,	/* V6 */
};

enum nvsp_status {
	NVSP_STATUS_NONE			= 0,
	NVSP_STATUS_SUCCESS			= 1,
	NVSP_STATUS_FAILURE			= 2,
	NVSP_STATUS_INVALID_RNDIS_PACKET	= 5,
	NVSP_STATUS_BUSY			= 6,
	NVSP_STATUS_VERSION_UNSUPPORTED		= 7,
};

struct nvsp_msg_hdr {
	__le32 type;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_hdr) == 4);

/* INIT: both version fields carry the one version that is asked for. */
struct nvsp_msg_init {
	struct nvsp_msg_hdr hdr;
	__le32 version;
	__le32 version_max;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_init) == 12);

struct nvsp_msg_init_complete {
	struct nvsp_msg_hdr hdr;
	__le32 version;			/* obsolete: 0xffffffff after V1 */
	__le32 max_mdl_chain;
	__le32 status;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_init_complete) == 16);

/* SEND_NDIS_VERSION: answered, if at all, by an empty completion. */
struct nvsp_msg_ndis_version {
	struct nvsp_msg_hdr hdr;
	__le32 major;
	__le32 minor;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_ndis_version) == 12);

/* SEND_RECV_BUFFER and SEND_SEND_BUFFER: the guest chooses the id. */
struct nvsp_msg_buffer {
	struct nvsp_msg_hdr hdr;
	__le32 gpadl;
	__le16 id;
	__le16 reserved;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_buffer) == 12);

#define NVSP_RECV_BUFFER_ID		0xcafe
#define NVSP_SEND_BUFFER_ID		0x0000

/* How the host cuts the receive buffer into slots for one message each. */
struct nvsp_recv_section {
	__le32 offset;
	__le32 slot_size;
	__le32 num_slots;
	__le32 end_offset;
} /* WIRE */;
static_assert(sizeof(struct nvsp_recv_section) == 16);

/* The host may name many sections; every known host names one, at offset 0. */
struct nvsp_msg_recv_buffer_complete {
	struct nvsp_msg_hdr hdr;
	__le32 status;
	__le32 num_sections;
	struct nvsp_recv_section section;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_recv_buffer_complete) == 28);

struct nvsp_msg_send_buffer_complete {
	struct nvsp_msg_hdr hdr;
	__le32 status;
	__le32 section_size;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_send_buffer_complete) == 12);

/* REVOKE_RECV_BUFFER and REVOKE_SEND_BUFFER: never answered. */
struct nvsp_msg_revoke_buffer {
	struct nvsp_msg_hdr hdr;
	__le16 id;
	__le16 reserved;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_revoke_buffer) == 8);

enum nvsp_channel_type {
	NVSP_CHANNEL_DATA			= 0,
	NVSP_CHANNEL_CONTROL			= 1,
};

/* "No section of the send buffer is used". */
#define NVSP_SECTION_NONE		0xffffffff

/*
 * SEND_RNDIS_PACKET. From the guest, section_size bytes of the send section
 * come first, then the ranges of the VMBus packet. From the host, section is
 * NVSP_SECTION_NONE and the ranges are slots of the receive buffer.
 */
struct nvsp_msg_rndis_packet {
	struct nvsp_msg_hdr hdr;
	__le32 channel_type;
	__le32 section;
	__le32 section_size;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_rndis_packet) == 16);

struct nvsp_msg_rndis_packet_complete {
	struct nvsp_msg_hdr hdr;
	__le32 status;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_rndis_packet_complete) == 8);

#define NVSP_NDIS_CAP_VMQ		BIT_ULL(0)
#define NVSP_NDIS_CAP_CHIMNEY		BIT_ULL(1)
#define NVSP_NDIS_CAP_SRIOV		BIT_ULL(2)
#define NVSP_NDIS_CAP_8021Q		BIT_ULL(3)
#define NVSP_NDIS_CAP_CORRELATION_ID	BIT_ULL(4)
#define NVSP_NDIS_CAP_TEAMING		BIT_ULL(5)
#define NVSP_NDIS_CAP_VIRTUAL_SUBNET_ID	BIT_ULL(6)
#define NVSP_NDIS_CAP_RSC		BIT_ULL(7)

/*
 * SEND_NDIS_CONFIG: mtu counts the Ethernet header, and decides the size of
 * the receive slots, so this message precedes SEND_RECV_BUFFER.
 */
struct nvsp_msg_ndis_config {
	struct nvsp_msg_hdr hdr;
	__le32 mtu;
	__le32 reserved;
	__le64 capabilities;
} __packed /* WIRE */;
static_assert(sizeof(struct nvsp_msg_ndis_config) == 20);

struct nvsp_msg_vf_association {
	struct nvsp_msg_hdr hdr;
	__le32 allocated;
	__le32 serial;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_vf_association) == 12);

enum nvsp_data_path {
	NVSP_DATA_PATH_SYNTHETIC		= 0,
	NVSP_DATA_PATH_VF			= 1,
};

/* SWITCH_DATA_PATH: answered by an empty completion, if one is asked for. */
struct nvsp_msg_switch_data_path {
	struct nvsp_msg_hdr hdr;
	__le32 active;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_switch_data_path) == 8);

enum nvsp_subchannel_op {
	NVSP_SUBCHANNEL_ALLOCATE		= 1,
};

struct nvsp_msg_subchannel {
	struct nvsp_msg_hdr hdr;
	__le32 op;
	__le32 num;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_subchannel) == 12);

struct nvsp_msg_subchannel_complete {
	struct nvsp_msg_hdr hdr;
	__le32 status;
	__le32 num;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_subchannel_complete) == 12);

#define NVSP_INDIRECTION_ENTRIES	16

/*
 * SEND_INDIRECTION_TABLE: `offset` bytes from the start of the message stand
 * `count` __le32 channel numbers, 12 and 16 from every known host.
 */
struct nvsp_msg_indirection_table {
	struct nvsp_msg_hdr hdr;
	__le32 count;
	__le32 offset;
} /* WIRE */;
static_assert(sizeof(struct nvsp_msg_indirection_table) == 12);

/*
 * Transaction ids of what the host sends on its own, with the flag that asks
 * for a completion. Both may be left unanswered.
 */
#define NVSP_TRANS_ID_VF_ASSOCIATION	0x8000000000000000ULL
#define NVSP_TRANS_ID_SWITCH_DATA_PATH	0x8000000000000001ULL

/* Limits of the hosts that exist. */
#define NVSP_MAX_RANGES			375	/* per received packet */
#define NVSP_MAX_RSC_RANGES		562	/* the same with RSC agreed */
#define NVSP_MAX_SUBCHANNELS		64

#endif /* WIRE_NVSP_H */
