/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vPCI, the protocol of the PCI bus that a VMBus channel carries: layouts and
 * constants only, little endian. Requests of the guest are in-band packets, the
 * answers are their completions.
 */
#ifndef HVHOST_VPCI_PROTO_H
#define HVHOST_VPCI_PROTO_H

#include <assert.h>
#include <stdint.h>

#define VPCI_PACKED __attribute__((packed))

enum vpci_version {
	VPCI_V1_1 = 0x00010001,
	VPCI_V1_2 = 0x00010002,
};

#define VPCI_STATUS_SUCCESS 0u
#define VPCI_STATUS_REVISION_MISMATCH 0xc0000059u
#define VPCI_STATUS_NOT_SUPPORTED 0xc00000bbu
#define VPCI_STATUS_NO_SUCH_DEVICE 0xc000000eu

enum vpci_type {
	VPCI_BUS_RELATIONS = 0x42490000,	/* host to guest */
	VPCI_QUERY_BUS_RELATIONS = 0x42490001,
	VPCI_QUERY_REQUIREMENTS = 0x42490005,
	VPCI_D0_ENTRY = 0x42490007,
	VPCI_D0_EXIT = 0x42490008,
	VPCI_EJECT = 0x4249000b,		/* host to guest */
	VPCI_EJECTION_COMPLETE = 0x4249000f,
	VPCI_RESOURCES_ASSIGNED = 0x42490010,
	VPCI_RESOURCES_RELEASED = 0x42490011,
	VPCI_QUERY_VERSION = 0x42490013,
	VPCI_CREATE_INTERRUPT = 0x42490014,
	VPCI_DELETE_INTERRUPT = 0x42490015,
	VPCI_RESOURCES_ASSIGNED2 = 0x42490016,	/* from 1.2 */
	VPCI_CREATE_INTERRUPT2 = 0x42490017,	/* from 1.2 */
};

/* A request that needs no more than to be named begins and ends with its type. */
struct vpci_query_version {
	uint32_t type;
	uint32_t version;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_query_version) == 8, "wire layout");

/* Device in bits 0 to 4, function in bits 5 to 7. */
struct vpci_slot_message {
	uint32_t type;
	uint32_t slot;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_slot_message) == 8, "wire layout");

struct vpci_function_description {
	uint16_t vendor;
	uint16_t device;
	uint8_t revision;
	uint8_t interface;
	uint8_t subclass;
	uint8_t class;
	uint32_t subsystem;
	uint32_t slot;
	uint32_t serial;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_function_description) == 20, "wire layout");

struct vpci_bus_relations {
	uint32_t type;
	uint32_t count;
	struct vpci_function_description function;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_bus_relations) == 28, "wire layout");

#define VPCI_BARS 6

struct vpci_requirements {
	uint32_t status;
	uint32_t probed_bar[VPCI_BARS];	/* as read after writing all ones */
} VPCI_PACKED;
static_assert(sizeof(struct vpci_requirements) == 28, "wire layout");

/*
 * The window through which the guest reaches configuration space: it writes the
 * slot to the first page and finds that function's space in the second.
 */
struct vpci_d0_entry {
	uint32_t type;
	uint32_t reserved;
	uint64_t window;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_d0_entry) == 16, "wire layout");

#define VPCI_CONFIG_OFFSET 4096u
#define VPCI_CONFIG_BYTES 4096u

struct vpci_create_interrupt {
	uint32_t type;
	uint32_t slot;
	uint8_t vector;
	uint8_t delivery_mode;
	uint16_t vector_count;
	uint32_t reserved;
	uint64_t processors;		/* bit mask */
} VPCI_PACKED;
static_assert(sizeof(struct vpci_create_interrupt) == 24, "wire layout");

struct vpci_create_interrupt2 {
	uint32_t type;
	uint32_t slot;
	uint8_t vector;
	uint8_t delivery_mode;
	uint16_t vector_count;
	uint16_t processor_count;
	uint16_t processors[32];
} VPCI_PACKED;
static_assert(sizeof(struct vpci_create_interrupt2) == 78, "wire layout");

/* What the device is to write, and where. */
struct vpci_interrupt_created {
	uint32_t status;
	uint32_t reserved;
	uint16_t reserved2;
	uint16_t vector_count;
	uint32_t data;
	uint64_t address;
} VPCI_PACKED;
static_assert(sizeof(struct vpci_interrupt_created) == 24, "wire layout");

#endif
