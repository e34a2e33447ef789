// SPDX-License-Identifier: GPL-2.0
#include "rx_slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum rx_slot_state {
	RX_SLOT_FREE,
	RX_SLOT_HEAD,
	RX_SLOT_MEMBER,
};

struct rx_slot {
	uint32_t next;			/* in its chain, or its free list */
	uint8_t state;
	uint8_t channel;
};

static void put_free(struct rx_slots *slots, uint32_t id)
{
	uint32_t *list = id < RX_SLOTS_CONTROL ? &slots->free_control :
						 &slots->free_data;

	slots->slots[id].state = RX_SLOT_FREE;
	slots->slots[id].next = *list;
	*list = id;
}

int rx_slots_init(struct rx_slots *slots, uint32_t count, uint32_t limit)
{
	uint32_t id;

	memset(slots, 0, sizeof(*slots));
	if (count <= RX_SLOTS_CONTROL)
		return -EINVAL;
	slots->slots = calloc(count, sizeof(*slots->slots));
	if (!slots->slots)
		return -ENOMEM;
	slots->count = count;
	slots->data_count = count - RX_SLOTS_CONTROL;
	if (limit && limit < slots->data_count)
		slots->data_count = limit;
	slots->free_control = RX_SLOT_NONE;
	slots->free_data = RX_SLOT_NONE;
	/* Backwards, so that the lists begin with the lowest. */
	for (id = RX_SLOTS_CONTROL + slots->data_count; id-- > 0;)
		put_free(slots, id);
	return 0;
}

void rx_slots_destroy(struct rx_slots *slots)
{
	free(slots->slots);
	memset(slots, 0, sizeof(*slots));
}

static uint32_t take(struct rx_slots *slots, uint32_t *list,
		     unsigned int channel)
{
	uint32_t id = *list;
	struct rx_slot *slot;

	if (id == RX_SLOT_NONE)
		return id;
	slot = &slots->slots[id];
	*list = slot->next;
	slot->next = RX_SLOT_NONE;
	slot->state = RX_SLOT_HEAD;
	slot->channel = channel;
	return id;
}

uint32_t rx_slots_take_data(struct rx_slots *slots, unsigned int channel)
{
	uint32_t id = take(slots, &slots->free_data, channel);

	if (id != RX_SLOT_NONE)
		slots->data_taken++;
	return id;
}

uint32_t rx_slots_take_control(struct rx_slots *slots, unsigned int channel)
{
	uint32_t id = take(slots, &slots->free_control, channel);

	if (id != RX_SLOT_NONE)
		slots->control_taken++;
	return id;
}

void rx_slots_append(struct rx_slots *slots, uint32_t last, uint32_t next)
{
	slots->slots[last].next = next;
	slots->slots[next].state = RX_SLOT_MEMBER;
}

int rx_slots_release(struct rx_slots *slots, uint64_t id, unsigned int channel)
{
	uint32_t at, next;
	int data = 0;

	if (id >= slots->count || slots->slots[id].state != RX_SLOT_HEAD ||
	    slots->slots[id].channel != channel)
		return -ENOENT;
	for (at = id; at != RX_SLOT_NONE; at = next) {
		next = slots->slots[at].next;
		put_free(slots, at);
		if (at < RX_SLOTS_CONTROL)
			slots->control_taken--;
		else
			data++;
	}
	slots->data_taken -= data;
	return data;
}

void rx_slots_release_channel(struct rx_slots *slots, unsigned int channel)
{
	uint32_t id;

	for (id = 0; id < slots->count; id++)
		rx_slots_release(slots, id, channel);
}
