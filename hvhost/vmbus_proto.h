/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus on the wire: messages, ring control page, packet descriptor. All
 * integers are little endian, which is this machine's own order (x86 only).
 */
#ifndef HVHOST_VMBUS_PROTO_H
#define HVHOST_VMBUS_PROTO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "guid.h"

#define VMBUS_MESSAGE_TYPE 1u		/* hypervisor message type of all of them */
#define VMBUS_CONNECTION_LEGACY 1u	/* where guests post; both are served */
#define VMBUS_CONNECTION_MULTI 4u
#define VMBUS_EVENT_CONNECTION 0x2000u	/* | rel-id: where guests signal */
#define VMBUS_RELID_MAX 2047u
#define VMBUS_VP_NONE 0xffffffffu	/* target: no interrupts wanted */
#define VMBUS_STATUS_OK 0u
#define VMBUS_STATUS_FAILED 0x8000ffffu

enum vmbus_version {
	VMBUS_VERSION_4_0 = 0x40000,
	VMBUS_VERSION_4_1 = 0x40001,
	VMBUS_VERSION_5_0 = 0x50000,
	VMBUS_VERSION_5_1 = 0x50001,
	VMBUS_VERSION_5_2 = 0x50002,
	VMBUS_VERSION_5_3 = 0x50003,
	VMBUS_VERSION_6_0 = 0x60000,
};

enum vmbus_message {
	VMBUS_OFFER_CHANNEL = 1,
	VMBUS_RESCIND_OFFER = 2,
	VMBUS_REQUEST_OFFERS = 3,
	VMBUS_ALL_OFFERS_DELIVERED = 4,
	VMBUS_OPEN_CHANNEL = 5,
	VMBUS_OPEN_RESULT = 6,
	VMBUS_CLOSE_CHANNEL = 7,
	VMBUS_GPADL_HEADER = 8,
	VMBUS_GPADL_BODY = 9,
	VMBUS_GPADL_CREATED = 10,
	VMBUS_GPADL_TEARDOWN = 11,
	VMBUS_GPADL_TORNDOWN = 12,
	VMBUS_RELID_RELEASED = 13,
	VMBUS_INITIATE_CONTACT = 14,
	VMBUS_VERSION_RESPONSE = 15,
	VMBUS_UNLOAD = 16,
	VMBUS_UNLOAD_COMPLETE = 17,
	VMBUS_OPEN_RESERVED = 18,
	VMBUS_CLOSE_RESERVED = 19,
	VMBUS_CLOSE_RESERVED_RESPONSE = 20,
	VMBUS_TL_CONNECT = 21,
	VMBUS_MODIFY_CHANNEL = 22,
	VMBUS_TL_CONNECT_RESULT = 23,
	VMBUS_MODIFY_CHANNEL_RESPONSE = 24,
	VMBUS_MESSAGE_COUNT,
};

struct vmbus_header {
	uint32_t type;
	uint32_t padding;
};

#define VMBUS_WIRE(name, size) \
	static_assert(sizeof(struct name) == (size), #name " on the wire")

/* RELEASED, CLOSE_CHANNEL, RESCIND_OFFER */
struct vmbus_relid {
	struct vmbus_header header;
	uint32_t relid;
};
VMBUS_WIRE(vmbus_relid, 12);

struct vmbus_offer {
	struct vmbus_header header;
	struct guid interface_id;
	struct guid instance_id;
	uint8_t reserved[16];
	uint16_t flags;
	uint16_t mmio_megabytes;
	uint8_t user_defined[120];
	uint16_t subchannel_index;
	uint16_t mmio_megabytes_optional;
	uint32_t relid;
	uint8_t monitor_id;
	uint8_t monitor_allocated;
	uint16_t is_dedicated;
	uint32_t connection_id;
};
VMBUS_WIRE(vmbus_offer, 196);
static_assert(offsetof(struct vmbus_offer, subchannel_index) == 180, "offer");

struct vmbus_open {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t open_id;
	uint32_t ring_gpadl;
	uint32_t target_vp;
	uint32_t downstream_page;	/* first page of the host-to-guest ring */
	uint8_t user_data[120];
};
VMBUS_WIRE(vmbus_open, 148);

struct vmbus_open_result {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t open_id;
	uint32_t status;
};
VMBUS_WIRE(vmbus_open_result, 20);

struct vmbus_gpadl_header {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t gpadl;
	uint16_t range_bytes;
	uint16_t range_count;
	uint8_t data[];
};
VMBUS_WIRE(vmbus_gpadl_header, 20);

struct vmbus_gpadl_body {
	struct vmbus_header header;
	uint32_t sequence;
	uint32_t gpadl;
	uint8_t data[];
};
VMBUS_WIRE(vmbus_gpadl_body, 16);

struct vmbus_gpadl_created {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t gpadl;
	uint32_t status;
};
VMBUS_WIRE(vmbus_gpadl_created, 20);

struct vmbus_gpadl_teardown {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t gpadl;
};
VMBUS_WIRE(vmbus_gpadl_teardown, 16);

struct vmbus_gpadl_torndown {
	struct vmbus_header header;
	uint32_t gpadl;
};
VMBUS_WIRE(vmbus_gpadl_torndown, 12);

struct vmbus_contact {
	struct vmbus_header header;
	uint32_t version;
	uint32_t target_vp;
	uint64_t interrupt_page;
	uint64_t parent_to_child_monitor;
	uint64_t child_to_parent_monitor;
};
VMBUS_WIRE(vmbus_contact, 40);

enum vmbus_contact_state {
	VMBUS_CONTACT_OK = 0,
	VMBUS_CONTACT_NO_RESOURCES = 1,
	VMBUS_CONTACT_FAILED = 2,
};

struct vmbus_version_response {
	struct vmbus_header header;
	uint8_t supported;
	uint8_t state;			/* enum vmbus_contact_state */
	uint16_t padding;
	uint32_t selected;		/* version; from 5.0 the connection id */
	uint32_t features;		/* on the wire at 6.0 only */
};
VMBUS_WIRE(vmbus_version_response, 20);
#define VMBUS_VERSION_RESPONSE_SHORT \
	offsetof(struct vmbus_version_response, features)

struct vmbus_modify {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t target_vp;
};
VMBUS_WIRE(vmbus_modify, 16);

struct vmbus_modify_response {
	struct vmbus_header header;
	uint32_t relid;
	uint32_t status;
};
VMBUS_WIRE(vmbus_modify_response, 16);

/* The first page of a ring; its data begin with the second. */
struct ring_control {
	uint32_t write_index;
	uint32_t read_index;
	uint32_t interrupt_mask;	/* the reader's: not 0 while it polls */
	uint32_t pending_send_size;	/* the writer's: what it waits for */
	uint32_t reserved[12];
	uint32_t feature_bits;
};
static_assert(offsetof(struct ring_control, feature_bits) == 64, "control page");

#define RING_FEATURE_PENDING_SIZE 1u

/* Lengths are in units of 8 bytes and leave the trailer out. */
struct ring_descriptor {
	uint16_t type;
	uint16_t data_offset8;
	uint16_t length8;
	uint16_t flags;
	uint64_t transaction_id;
};
static_assert(sizeof(struct ring_descriptor) == 16, "ring descriptor");

struct ring_trailer {
	uint32_t reserved;
	uint32_t start;			/* write index where the packet began */
};
static_assert(sizeof(struct ring_trailer) == 8, "ring trailer");

#endif
