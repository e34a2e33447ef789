/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP, the session protocol of the synthetic NIC: layouts and constants only.
 *
 * Every message begins with its type. All fields are little endian, which is
 * the byte order of every machine that this host runs on.
 */
#ifndef HVHOST_NVSP_PROTO_H
#define HVHOST_NVSP_PROTO_H

#include <assert.h>
#include <stdint.h>

#define NVSP_PACKED __attribute__((packed))

/* INIT names exactly one of these; there is no 3. */
enum nvsp_version {
	NVSP_V1 = 0x00000002,
	NVSP_V2 = 0x00030002,
	NVSP_V4 = 0x00040000,
	NVSP_V5 = 0x00050000,
	NVSP_V6 = 0x00060000,
	NVSP_V61 = 0x00060001,
};

/* What a message is padded to, by both sides. */
#define NVSP_MESSAGE_BYTES 32u
#define NVSP_MESSAGE_BYTES_V61 40u

enum nvsp_status {
	NVSP_STATUS_NONE = 0,
	NVSP_STATUS_SUCCESS = 1,
	NVSP_STATUS_FAILURE = 2,
};

enum nvsp_type {
	NVSP_INIT = 1,				/* guest to host */
	NVSP_INIT_COMPLETE = 2,			/* completion */
	NVSP_NDIS_VERSION = 100,		/* guest to host */
	NVSP_RECEIVE_BUFFER = 101,		/* guest to host */
	NVSP_RECEIVE_BUFFER_COMPLETE = 102,	/* completion */
	NVSP_REVOKE_RECEIVE_BUFFER = 103,	/* guest to host */
	NVSP_SEND_BUFFER = 104,			/* guest to host */
	NVSP_SEND_BUFFER_COMPLETE = 105,	/* completion */
	NVSP_REVOKE_SEND_BUFFER = 106,		/* guest to host */
	NVSP_RNDIS = 107,			/* both ways */
	NVSP_RNDIS_COMPLETE = 108,		/* completion, both ways */
	NVSP_NDIS_CONFIG = 125,			/* guest to host, from 2 */
	NVSP_VF_ASSOCIATION = 128,		/* host to guest, from 4 */
	NVSP_SWITCH_DATA_PATH = 129,		/* both ways, from 4 */
	NVSP_OID_QUERY_EX = 131,		/* guest to host, from 5 */
	NVSP_OID_QUERY_EX_COMPLETE = 132,	/* completion */
	NVSP_SUBCHANNEL = 133,			/* guest to host, from 5 */
	NVSP_SUBCHANNEL_COMPLETE = 133,		/* completion: the same number */
	NVSP_INDIRECTION_TABLE = 134,		/* host to guest, from 5 */
};

struct nvsp_init {
	uint32_t type;
	uint32_t version;
	uint32_t version2;		/* ignored */
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_init) == 12, "wire layout");

struct nvsp_init_complete {
	uint32_t type;
	uint32_t deprecated;		/* 2 for version 1, else all ones */
	uint32_t max_mdl_chain;
	uint32_t status;		/* NONE: this version is unknown here */
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_init_complete) == 16, "wire layout");

#define NVSP_MAX_MDL_CHAIN 34

struct nvsp_ndis_version {
	uint32_t type;
	uint32_t major;
	uint32_t minor;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_ndis_version) == 12, "wire layout");

/* Receive and send buffer alike. */
struct nvsp_buffer {
	uint32_t type;
	uint32_t gpadl;
	uint16_t id;
	uint16_t reserved;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_buffer) == 12, "wire layout");

struct nvsp_receive_buffer_complete {
	uint32_t type;
	uint32_t status;
	uint32_t sections;		/* 1 */
	uint32_t offset;
	uint32_t slot_size;
	uint32_t slots;
	uint32_t end;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_receive_buffer_complete) == 28, "wire layout");

struct nvsp_send_buffer_complete {
	uint32_t type;
	uint32_t status;
	uint32_t section_size;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_send_buffer_complete) == 12, "wire layout");

#define NVSP_SEND_SECTION_SIZE 6144u

enum nvsp_channel_type {
	NVSP_CHANNEL_DATA = 0,
	NVSP_CHANNEL_CONTROL = 1,
};

#define NVSP_NO_SECTION 0xffffffffu

struct nvsp_rndis {
	uint32_t type;
	uint32_t channel_type;
	uint32_t section_index;
	uint32_t section_size;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_rndis) == 16, "wire layout");

struct nvsp_rndis_complete {
	uint32_t type;
	uint32_t status;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_rndis_complete) == 8, "wire layout");

enum nvsp_ndis_caps {
	NVSP_CAP_SRIOV = 1 << 2,
	NVSP_CAP_8021Q = 1 << 3,
	NVSP_CAP_TEAMING = 1 << 5,
	NVSP_CAP_RSC = 1 << 7,
};

struct nvsp_ndis_config {
	uint32_t type;
	uint32_t mtu;			/* Ethernet header included */
	uint32_t reserved;
	uint64_t caps;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_ndis_config) == 20, "wire layout");

struct nvsp_vf_association {
	uint32_t type;
	uint32_t allocated;
	uint32_t serial;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_vf_association) == 12, "wire layout");

enum nvsp_data_path {
	NVSP_DATA_PATH_SYNTHETIC = 0,
	NVSP_DATA_PATH_VF = 1,
};

struct nvsp_switch_data_path {
	uint32_t type;
	uint32_t active;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_switch_data_path) == 8, "wire layout");

/* Transaction ids of the host's own requests. */
#define NVSP_TRANSACTION_VF_ASSOCIATION 0x8000000000000000ull
#define NVSP_TRANSACTION_DATA_PATH 0x8000000000000001ull

struct nvsp_oid_query_ex_complete {
	uint32_t type;
	uint32_t status;
	uint32_t bytes;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_oid_query_ex_complete) == 12, "wire layout");

#define NVSP_SUBCHANNEL_ALLOCATE 1

struct nvsp_subchannel {
	uint32_t type;
	uint32_t operation;
	uint32_t count;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_subchannel) == 12, "wire layout");

struct nvsp_subchannel_complete {
	uint32_t type;
	uint32_t status;
	uint32_t count;
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_subchannel_complete) == 12, "wire layout");

#define NVSP_TABLE_ENTRIES 16

struct nvsp_indirection_table {
	uint32_t type;
	uint32_t count;
	uint32_t offset;		/* from the start of the message */
	uint32_t entries[NVSP_TABLE_ENTRIES];
} NVSP_PACKED;
static_assert(sizeof(struct nvsp_indirection_table) == 76, "wire layout");

/* In the VMBus packet: what stands between the descriptor and the payload. */

struct vmbus_transfer_pages {
	uint16_t set_id;		/* id of the receive buffer */
	uint16_t reserved;
	uint32_t count;
} NVSP_PACKED;
static_assert(sizeof(struct vmbus_transfer_pages) == 8, "wire layout");

struct vmbus_transfer_range {
	uint32_t len;
	uint32_t offset;
} NVSP_PACKED;
static_assert(sizeof(struct vmbus_transfer_range) == 8, "wire layout");

struct vmbus_gpa_direct {
	uint32_t reserved;
	uint32_t count;
} NVSP_PACKED;
static_assert(sizeof(struct vmbus_gpa_direct) == 8, "wire layout");

/* Followed by a page number for each page that it touches. */
struct vmbus_gpa_range {
	uint32_t len;
	uint32_t offset;		/* in the first page */
} NVSP_PACKED;
static_assert(sizeof(struct vmbus_gpa_range) == 8, "wire layout");

#endif
