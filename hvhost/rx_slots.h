/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which slot of the receive buffer. The slots of one packet form a
 * chain; the packet is known by its first slot, and the guest's completion of
 * it, on the channel that it came by, gives back the whole chain.
 */
#ifndef HVHOST_RX_SLOTS_H
#define HVHOST_RX_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

/* The first slots are kept for control messages. */
#define RX_SLOTS_CONTROL 16u
#define RX_SLOT_NONE UINT32_MAX

struct rx_slots {
	uint32_t count;			/* all of them; 0: none yet */
	uint32_t data_count;		/* in use for data at most */
	uint32_t data_taken;
	uint32_t control_taken;
	uint32_t free_control;		/* heads of the free lists */
	uint32_t free_data;
	struct rx_slot *slots;
};

/*
 * Sets up count slots, of which at most limit (0: all) carry data. Returns 0,
 * -EINVAL if not even one is left for data, or -ENOMEM.
 */
int rx_slots_init(struct rx_slots *slots, uint32_t count, uint32_t limit);
void rx_slots_destroy(struct rx_slots *slots);

/* A free slot, now a chain of one that belongs to a channel; or RX_SLOT_NONE. */
uint32_t rx_slots_take_data(struct rx_slots *slots, unsigned int channel);
uint32_t rx_slots_take_control(struct rx_slots *slots, unsigned int channel);

/* Makes next, a chain of one, follow last in the chain that last ends. */
void rx_slots_append(struct rx_slots *slots, uint32_t last, uint32_t next);

/*
 * Frees the chain that begins with slot id. Returns the number of data slots
 * freed (0 for a control slot), or -ENOENT if no such chain belongs to the
 * channel.
 */
int rx_slots_release(struct rx_slots *slots, uint64_t id, unsigned int channel);

/* Frees every chain of a channel that is closed. */
void rx_slots_release_channel(struct rx_slots *slots, unsigned int channel);

#endif
