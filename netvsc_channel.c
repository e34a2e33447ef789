// SPDX-License-Identifier: GPL-2.0
/*
 * A channel with its queues: memory, opening, closing.
 *
 * All memory is near the CPU that the channel interrupts and is there before
 * the channel is opened; opening can fail, after which nothing is left open.
 */
#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "netvsc.h"

static int netvsc_free_list_alloc(struct netvsc_free_list *list, u32 num,
				  int node)
{
	u32 size = roundup_pow_of_two(max_t(u32, num, 1));

	list->item = kvzalloc_node(size * sizeof(*list->item), GFP_KERNEL,
				   node);
	if (!list->item)
		return -ENOMEM;
	list->mask = size - 1;

	return 0;
}

/* Where RNDIS headers are built, and with them, if need be, whole frames. */
static int netvsc_channel_alloc_headers(struct netvsc_channel *ch, int node)
{
	unsigned int i;

	if (nvb_memory_hidden(ch->nv->primary)) {
		ch->bounce = netvsc_bounce_create(ch->nv->dev, node);
		return ch->bounce ? 0 : -ENOMEM;
	}

	/* An object of this size does not cross a 4 KiB page. */
	for (i = 0; i < ARRAY_SIZE(ch->header_page); i++) {
		ch->header_page[i] = kmalloc_node(NETVSC_HV_PAGE_BYTES,
						  GFP_KERNEL, node);
		if (!ch->header_page[i])
			return -ENOMEM;
	}

	return 0;
}

static int netvsc_channel_alloc_slots(struct netvsc_channel *ch, int node)
{
	unsigned int i;
	int err;

	ch->slot = kvzalloc_node(NETVSC_TX_SLOTS * sizeof(*ch->slot),
				 GFP_KERNEL, node);
	if (!ch->slot)
		return -ENOMEM;
	err = netvsc_free_list_alloc(&ch->free_slot, NETVSC_TX_SLOTS, node);
	if (err)
		return err;
	for (i = 0; i < NETVSC_TX_SLOTS; i++)
		ch->free_slot.item[i] = i;
	ch->slot_tail = NETVSC_TX_SLOTS;

	return netvsc_channel_alloc_headers(ch, node);
}

/**
 * netvsc_channel_alloc() - get the memory of a channel
 * @nv: the device
 * @index: number of the channel at the host
 * @node: where the memory should be
 *
 * Context: Process context, holding RTNL once the interface is registered.
 * Return: the channel, closed, or NULL.
 */
struct netvsc_channel *netvsc_channel_alloc(struct netvsc *nv, u32 index,
					    int node)
{
	struct netvsc_channel *ch;

	ch = kvzalloc_node(sizeof(*ch), GFP_KERNEL, node);
	if (!ch)
		return NULL;

	ch->nv = nv;
	ch->index = index;
	ch->poll_cpu = -1;
	timer_setup(&ch->hold_timer, netvsc_rx_hold_expired, 0);
	hrtimer_setup(&ch->pace_timer, netvsc_tx_held, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_SOFT);
	netif_napi_add(nv->netdev, &ch->napi, netvsc_poll);
	/* Frames can do without, but not as fast. */
	ch->rx.pool = nvb_pool_create(&ch->napi, node, NETVSC_POOL_ORDER,
				      NETVSC_POOL_PAGES);
	if (netvsc_xdp_channel_init(ch) ||
	    netvsc_channel_alloc_slots(ch, node)) {
		netvsc_channel_free(ch);
		return NULL;
	}

	return ch;
}

/**
 * netvsc_channel_free() - the opposite of netvsc_channel_alloc()
 * @ch: a closed channel, or NULL
 *
 * Context: Process context, holding RTNL while the interface is registered.
 */
void netvsc_channel_free(struct netvsc_channel *ch)
{
	unsigned int i;

	if (!ch)
		return;

	WARN_ON(ch->open);
	netvsc_xdp_channel_exit(ch);
	nvb_pool_destroy(ch->rx.pool);
	netif_napi_del(&ch->napi);
	for (i = 0; i < ARRAY_SIZE(ch->header_page); i++)
		kfree(ch->header_page[i]);
	netvsc_bounce_destroy(ch->bounce);
	kvfree(ch->slot);
	kvfree(ch->free_slot.item);
	kvfree(ch->free_section.item);
	kfree(ch->rx.owed);
	kvfree(ch);
}

/**
 * netvsc_channel_open() - open the VMBus channel under a channel
 * @ch: a closed channel
 * @vmbus: the kernel's channel
 * @queue: number of the queues that it serves
 * @ring_bytes: wish for each ring
 *
 * NAPI runs before the channel is open: an interrupt that found it disabled
 * would be lost.
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative errno with nothing left open.
 */
int netvsc_channel_open(struct netvsc_channel *ch, struct vmbus_channel *vmbus,
			u16 queue, u32 ring_bytes)
{
	int err;

	/* What is listed for the primary need not be visible for this one. */
	if (!ch->bounce && nvb_memory_hidden(vmbus))
		return -EPROTO;

	ch->queue = queue;
	ch->txq = netdev_get_tx_queue(ch->nv->netdev, queue);
	ch->stats = ch->nv->stats[queue];
	ch->tx_up = false;
	ch->ring_wait = false;
	ch->pace.held = 0;
	ch->pace_armed = false;
	ch->stuck_times = 0;
	netvsc_rx_reset(ch);

	napi_enable(&ch->napi);
	err = nvb_channel_open(&ch->vmbus, vmbus, ring_bytes,
			       netvsc_rx_interrupt, ch);
	if (err) {
		napi_disable(&ch->napi);
		return err;
	}
	ch->open = true;

	return 0;
}

/**
 * netvsc_channel_quiesce() - stop polling a channel
 * @ch: an open channel, or one that is not open, to no effect
 *
 * Context: Process context, may sleep.
 */
void netvsc_channel_quiesce(struct netvsc_channel *ch)
{
	if (!ch->open)
		return;

	ch->open = false;
	napi_disable(&ch->napi);
}

/**
 * netvsc_channel_close() - close the VMBus channel under a channel
 * @ch: after netvsc_channel_quiesce() and synchronize_net(), since the end of
 *	a poll runs on after NAPI calls it done; the subchannels before the
 *	primary
 *
 * Context: Process context, may sleep.
 */
void netvsc_channel_close(struct netvsc_channel *ch)
{
	timer_delete_sync(&ch->hold_timer);
	hrtimer_cancel(&ch->pace_timer);
	nvb_channel_close(&ch->vmbus);
	netvsc_rx_reset(ch);
	ch->recv_base = NULL;
}

/**
 * netvsc_channel_sent() - whether the host has completed every message
 * @ch: an open channel on which nothing new is transmitted
 *
 * Context: Process context.
 * Return: true if it has.
 */
bool netvsc_channel_sent(struct netvsc_channel *ch)
{
	return netvsc_tx_slots_free(ch) == NETVSC_TX_SLOTS;
}

/**
 * netvsc_channel_read() - whether all that the host sent has been taken
 * @ch: an open channel
 *
 * Only a look from outside, which the next packet makes untrue.
 *
 * Context: Process context.
 * Return: true if it has, and all slots have been returned.
 */
bool netvsc_channel_read(struct netvsc_channel *ch)
{
	const struct netvsc_rx *rx = &ch->rx;

	return READ_ONCE(rx->broken) ||
	       (nvb_in_empty(&ch->vmbus.in) && !READ_ONCE(rx->num_ranges) &&
		READ_ONCE(rx->owed_head) == READ_ONCE(rx->owed_tail));
}

/**
 * netvsc_channel_set_recv() - tell a channel where frames arrive
 * @ch: the channel, on which no frame has arrived yet
 * @base: receive buffer
 * @slot: bytes of a slot
 * @num: slots
 *
 * A packet holds one slot at least, so @num bounds what can be owed.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int netvsc_channel_set_recv(struct netvsc_channel *ch, void *base, u32 slot,
			    u32 num)
{
	struct netvsc_rx *rx = &ch->rx;

	if (!rx->owed) {
		rx->owed = kcalloc(NETVSC_RX_OWED, sizeof(*rx->owed),
				   GFP_KERNEL);
		if (!rx->owed)
			return -ENOMEM;
		rx->owed_mask = NETVSC_RX_OWED - 1;
	}

	rx->owed_max = roundup_pow_of_two(num);
	ch->recv_slot = slot;
	ch->recv_bytes = slot * num;
	/* Pairs with the acquire in netvsc_rx_begin(). */
	smp_store_release(&ch->recv_base, base);

	return 0;
}

/* Whether an RNDIS header at the start of a section stays in one page. */
static bool netvsc_section_usable(u32 section, u32 section_bytes)
{
	u64 start = (u64)section * section_bytes;

	return start % NETVSC_HV_PAGE_BYTES + RNDIS_TX_HEADER_MAX <=
	       NETVSC_HV_PAGE_BYTES;
}

/**
 * netvsc_channel_set_send() - give a channel its share of the send buffer
 * @ch: a channel on which nothing is transmitted
 * @base: send buffer
 * @section_bytes: bytes of a section; 0 if there is none
 * @total: sections of all channels, which may come to be this one's
 * @first: the channel's first section
 * @num: its sections; those in which a header would cross a page are left out
 *
 * A channel without memory for the list does without sections.
 *
 * Context: Process context, may sleep.
 */
void netvsc_channel_set_send(struct netvsc_channel *ch, void *base,
			     u32 section_bytes, u32 total, u32 first, u32 num)
{
	u32 i;

	kvfree(ch->free_section.item);
	ch->free_section.item = NULL;
	ch->section_head = 0;
	ch->section_tail = 0;
	ch->section_bytes = 0;
	ch->stash_len = 0;
	ch->send_base = base;
	if (!section_bytes || !num ||
	    netvsc_free_list_alloc(&ch->free_section, total, NUMA_NO_NODE))
		return;

	for (i = first; i < first + num && i < NETVSC_NO_SECTION; i++) {
		if (netvsc_section_usable(i, section_bytes))
			ch->free_section.item[ch->section_tail++] = i;
	}
	ch->section_bytes = section_bytes;
}
