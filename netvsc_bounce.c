// SPDX-License-Identifier: GPL-2.0
/*
 * Frames on their way to a host that cannot see where they are.
 *
 * In an isolated guest the pages of a frame cannot be listed. What does not go
 * into a section of the send buffer is copied, RNDIS header and all, into pages
 * that the host can see, and those are listed. Each channel has some of its
 * own, from its first day to its last: making a page visible, and hiding it
 * again, costs more than sending many frames. They are zero at first; later
 * they hold what the host has been sent before, and nothing else.
 *
 * Pages pass from the transmit path to the NAPI poll and back as the slots do.
 * The transmit queue is stopped when the longest frame might not find enough of
 * them, so that no frame ever looks in vain.
 */
#include <linux/cache.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "kunit/visible.h"
#include "netvsc.h"
#include "netvsc_bounce.h"
#include "netvsc_tx_plan.h"

/* Pages come in pieces that can be had when memory is in small parts. */
#define NETVSC_BOUNCE_PIECE	8
#define NETVSC_BOUNCE_PIECES	32
/* What a frame of the greatest length takes, its RNDIS header included. */
#define NETVSC_BOUNCE_FRAME \
	DIV_ROUND_UP(U16_MAX + NETVSC_TX_HEADER_BYTES, NETVSC_HV_PAGE_BYTES)
/* With less than two such frames nothing can be under way while one waits. */
#define NETVSC_BOUNCE_LEAST \
	DIV_ROUND_UP(2 * NETVSC_BOUNCE_FRAME, NETVSC_BOUNCE_PIECE)

/**
 * struct netvsc_bounce_use - the pages of one message
 * @num: how many
 * @page: their numbers
 */
struct netvsc_bounce_use {
	u16 num;
	u16 page[NETVSC_BOUNCE_FRAME];
};

/**
 * struct netvsc_bounce - pages that the host of an isolated guest can see
 * @num: pages
 * @mask: entries of @free - 1
 * @free: numbers of pages that are not in use
 * @use: by the slot of the message
 * @piece: their memory
 * @head: next of @free to take; written by the transmit path
 * @tail: where the next is returned; written by the NAPI poll
 */
struct netvsc_bounce {
	u32 num;
	u32 mask;
	u16 *free;
	struct netvsc_bounce_use *use;
	struct nvb_pages piece[NETVSC_BOUNCE_PIECES];

	u32 head ____cacheline_aligned_in_smp;
	u32 tail ____cacheline_aligned_in_smp;
};

static u8 *netvsc_bounce_va(const struct netvsc_bounce *b, u16 page)
{
	return b->piece[page / NETVSC_BOUNCE_PIECE].va +
	       page % NETVSC_BOUNCE_PIECE * NETVSC_HV_PAGE_BYTES;
}

static u64 netvsc_bounce_pfn(const struct netvsc_bounce *b, u16 page)
{
	return b->piece[page / NETVSC_BOUNCE_PIECE].phys /
	       NETVSC_HV_PAGE_BYTES + page % NETVSC_BOUNCE_PIECE;
}

/* As many as there is memory for; returns whether that is enough. */
static bool netvsc_bounce_alloc_pages(struct netvsc_bounce *b, int node)
{
	u32 i;

	for (i = 0; i < NETVSC_BOUNCE_PIECES; i++) {
		if (nvb_pages_alloc(&b->piece[i], NETVSC_BOUNCE_PIECE *
				    NETVSC_HV_PAGE_BYTES, node, true))
			break;
	}
	b->num = i * NETVSC_BOUNCE_PIECE;

	return i >= NETVSC_BOUNCE_LEAST;
}

/**
 * netvsc_bounce_create() - get the pages of a channel
 * @dev: for messages
 * @node: where the memory should be
 *
 * Context: Process context, may sleep.
 * Return: the pages, or NULL.
 */
struct netvsc_bounce *netvsc_bounce_create(struct device *dev, int node)
{
	struct netvsc_bounce *b;
	u32 i;

	b = kzalloc_node(sizeof(*b), GFP_KERNEL, node);
	if (!b)
		return NULL;

	b->mask = roundup_pow_of_two(NETVSC_BOUNCE_PIECES *
				     NETVSC_BOUNCE_PIECE) - 1;
	b->free = kcalloc_node(b->mask + 1, sizeof(*b->free), GFP_KERNEL,
			       node);
	b->use = kvzalloc_node(NETVSC_TX_SLOTS * sizeof(*b->use), GFP_KERNEL,
			       node);
	if (!b->free || !b->use || !netvsc_bounce_alloc_pages(b, node)) {
		netvsc_bounce_destroy(b);
		return NULL;
	}
	if (b->num < NETVSC_BOUNCE_PIECES * NETVSC_BOUNCE_PIECE)
		dev_warn(dev, "memory is short: %u pages for frames of a channel, not %u\n",
			 b->num, NETVSC_BOUNCE_PIECES * NETVSC_BOUNCE_PIECE);
	for (i = 0; i < b->num; i++)
		b->free[i] = i;
	b->tail = b->num;

	return b;
}

/**
 * netvsc_bounce_destroy() - the opposite of netvsc_bounce_create()
 * @b: pages that the host reads no more, or NULL
 *
 * Context: Process context, may sleep.
 */
void netvsc_bounce_destroy(struct netvsc_bounce *b)
{
	u32 i;

	if (!b)
		return;

	for (i = 0; i < NETVSC_BOUNCE_PIECES; i++)
		nvb_pages_free(&b->piece[i]);
	kvfree(b->use);
	kfree(b->free);
	kfree(b);
}

/* Pages that are not in use. */
VISIBLE_IF_KUNIT u32 netvsc_bounce_free(const struct netvsc_bounce *b)
{
	/* Pairs with the release in netvsc_bounce_return(). */
	return smp_load_acquire(&b->tail) - READ_ONCE(b->head);
}

/**
 * netvsc_bounce_room() - whether another frame finds pages
 * @b: the pages
 *
 * Context: Any; exact under the lock of the transmit queue.
 * Return: 0 when one might not, 1 when one does, NETVSC_TX_SLOTS when there
 * are so many again that a queue that has waited goes on.
 */
u32 netvsc_bounce_room(const struct netvsc_bounce *b)
{
	u32 num = netvsc_bounce_free(b);

	if (num >= b->num / 2)
		return NETVSC_TX_SLOTS;

	return num >= NETVSC_BOUNCE_FRAME;
}

/**
 * netvsc_bounce_fill() - copy a frame to where the host can see it
 * @b: the pages; netvsc_bounce_room() is not 0
 * @slot: the free slot that its message is going to have
 * @skb: the frame
 * @plan: after netvsc_tx_plan_frame(); all of the frame is copied
 *
 * What the host can see is written, and never read.
 *
 * Context: Under the lock of the transmit queue.
 * Return: pages in use, or -EMSGSIZE if the frame is longer than any.
 */
int netvsc_bounce_fill(struct netvsc_bounce *b, u16 slot,
		       const struct sk_buff *skb, struct netvsc_tx_plan *plan)
{
	u32 num = DIV_ROUND_UP(netvsc_tx_plan_bytes(plan),
			       NETVSC_HV_PAGE_BYTES);
	struct netvsc_bounce_use *use = &b->use[slot];
	u32 i, from, part, head = b->head;

	if (num > NETVSC_BOUNCE_FRAME || num > netvsc_bounce_free(b))
		return -EMSGSIZE;

	for (i = 0; i < num; i++)
		use->page[i] = b->free[head++ & b->mask];
	use->num = num;
	WRITE_ONCE(b->head, head);

	plan->copy = min_t(u32, skb->len - plan->rest, NETVSC_HV_PAGE_BYTES -
			   plan->header_len - plan->head_len);
	netvsc_tx_put_copied(skb, plan, netvsc_bounce_va(b, use->page[0]));
	from = plan->rest + plan->copy;
	for (i = 1; i < num; i++) {
		part = min_t(u32, skb->len - from, NETVSC_HV_PAGE_BYTES);
		skb_copy_bits(skb, from, netvsc_bounce_va(b, use->page[i]),
			      part);
		from += part;
	}

	return num;
}

/**
 * netvsc_bounce_undo() - take back what netvsc_bounce_fill() has just done
 * @b: the pages
 * @slot: the slot
 *
 * Context: Under the lock of the transmit queue.
 */
void netvsc_bounce_undo(struct netvsc_bounce *b, u16 slot)
{
	/* Nobody has written where they were: they have not been returned. */
	WRITE_ONCE(b->head, b->head - b->use[slot].num);
	b->use[slot].num = 0;
}

/**
 * netvsc_bounce_put_range() - list the pages of a message
 * @b: the pages
 * @slot: slot of the message
 * @len: its bytes
 * @to: where in the ring message
 *
 * Context: Under the lock of the transmit queue.
 */
void netvsc_bounce_put_range(const struct netvsc_bounce *b, u16 slot, u32 len,
			     void *to)
{
	const struct netvsc_bounce_use *use = &b->use[slot];
	struct nvb_gpa_range *range = to;
	u32 i;

	range->byte_count = cpu_to_le32(len);
	range->byte_offset = 0;
	for (i = 0; i < use->num; i++)
		range->pfn[i] = cpu_to_le64(netvsc_bounce_pfn(b,
							      use->page[i]));
}

/**
 * netvsc_bounce_return() - the host has finished with a message
 * @b: the pages
 * @slot: slot of the message, which may be one without pages
 *
 * Context: NAPI poll, or when the channel is closed.
 */
void netvsc_bounce_return(struct netvsc_bounce *b, u16 slot)
{
	struct netvsc_bounce_use *use = &b->use[slot];
	u32 i, tail = b->tail;

	for (i = 0; i < use->num; i++)
		b->free[tail++ & b->mask] = use->page[i];
	use->num = 0;
	/* Pairs with the acquire in netvsc_bounce_free(). */
	smp_store_release(&b->tail, tail);
}
