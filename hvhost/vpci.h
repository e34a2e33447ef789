/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual PCI bus on a VMBus channel, with one function on it, as Hyper-V shows
 * the virtual functions of network cards. Everything here runs with the host
 * lock held.
 */
#ifndef HVHOST_VPCI_H
#define HVHOST_VPCI_H

#include <stdbool.h>
#include <stdint.h>

#include "mmio.h"
#include "ring.h"
#include "vmbus.h"
#include "vpci_proto.h"

struct vpci_bus;

/* What the device behind the function is told. */
struct vpci_function_ops {
	/*
	 * What is in configuration space of it changed: whether memory is
	 * decoded, and whether it may reach the guest's memory.
	 */
	void (*command)(void *device, bool memory, bool master);
	/* An aligned register of 4 bytes in a BAR. */
	uint32_t (*read)(void *device, unsigned int bar, uint32_t offset);
	void (*write)(void *device, unsigned int bar, uint32_t offset,
		      uint32_t value);
	/* The guest let go of the bus for good: the VMBus channel is free. */
	void (*gone)(void *device);
};

struct vpci_function {
	const struct vpci_function_ops *ops;
	void *device;
	uint32_t bar_bytes[VPCI_BARS];	/* 64 bit; 0: none, or upper half */
	uint32_t slot;
	uint32_t serial;
	uint8_t config[VPCI_CONFIG_BYTES];
	uint8_t writable[VPCI_CONFIG_BYTES];	/* mask of each byte */
};

struct vpci_bar {
	struct vpci_bus *bus;
	unsigned int index;
	struct mmio_window window;
};

struct vpci_bus {
	struct vmbus_channel vmbus;
	struct vpci_function function;	/* filled in by the device */
	unsigned int index;
	bool present;			/* the function is on the bus */
	uint32_t version;		/* agreed; 0: not yet */
	uint32_t selected;		/* slot that the guest configures */
	bool dead;			/* the guest broke the protocol */
	struct mmio_window config;
	struct vpci_bar bars[VPCI_BARS];
	struct ring_packet packet;
};

/*
 * To be called once, with the function's fields set but for its configuration
 * space; then the device fills that in. index makes the bus's GUID and domain.
 */
void vpci_init(struct vpci_bus *bus, unsigned int index);

/* Offers the bus, with the function on it. 0 or -errno of vmbus_channel_add(). */
int vpci_offer(struct vpci_bus *bus);
/*
 * Asks the guest to let go of the function; the offer is taken back when it says
 * that it did. False if there is no guest to ask: then use vpci_rescind().
 */
bool vpci_eject(struct vpci_bus *bus);
/* Takes the bus away at once, as when its host fails. */
void vpci_rescind(struct vpci_bus *bus);

/* Whether the guest knows of the bus, until it let go of its rel-id. */
static inline bool vpci_offered(const struct vpci_bus *bus)
{
	return bus->vmbus.state != VMBUS_CHANNEL_UNOFFERED;
}

#endif
