/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames are done with in any order, and reported in that in which they came.
 *
 * The kernel writes the address of a frame into a completion ring when it hands
 * the frame out, and is told only how many more of them are valid. What is done
 * out of turn waits, as a bit in a window, for what came before it:
 *
 *	          tail            head
 *	reported  |  . x x . x x  |  still to come
 *
 * Nothing in here knows a device, so that it can be tested alone.
 */
#ifndef NETVSC_XSK_ORDER_H
#define NETVSC_XSK_ORDER_H

#include <linux/kernel.h>
#include <linux/types.h>

/* Frames from the first that is not done with on; a power of two. */
#define NETVSC_XSK_WINDOW	4096

/**
 * struct netvsc_xsk_order - which frames are done with
 * @head: number of the next frame to come
 * @tail: number of the first frame that is not done with
 * @ready: frames before that, of which nobody has been told
 * @done: those after @tail that are done with, by the low bits of their number
 */
struct netvsc_xsk_order {
	u32 head;
	u32 tail;
	u32 ready;
	u64 done[NETVSC_XSK_WINDOW / 64];
};

/**
 * netvsc_xsk_order_room() - whether another frame can come
 * @order: of the frames
 *
 * Context: Any, one at a time.
 * Return: true if it can.
 */
static inline bool netvsc_xsk_order_room(const struct netvsc_xsk_order *order)
{
	return order->head - order->tail < NETVSC_XSK_WINDOW;
}

/**
 * netvsc_xsk_order_add() - a frame has come
 * @order: of the frames, with room for one
 *
 * Context: Any, one at a time.
 * Return: its number.
 */
static inline u32 netvsc_xsk_order_add(struct netvsc_xsk_order *order)
{
	return order->head++;
}

static inline u64 *netvsc_xsk_order_word(struct netvsc_xsk_order *order,
					 u32 number)
{
	return &order->done[number % NETVSC_XSK_WINDOW / 64];
}

/**
 * netvsc_xsk_order_done() - a frame is done with
 * @order: of the frames
 * @number: of one that has come and was not done with
 *
 * Adds to @order->ready what is done with by this, in its turn.
 *
 * Context: Any, one at a time.
 */
static inline void netvsc_xsk_order_done(struct netvsc_xsk_order *order,
					 u32 number)
{
	u64 *word = netvsc_xsk_order_word(order, number);

	if (number != order->tail) {
		*word |= 1ULL << number % 64;
		return;
	}
	for (;;) {
		order->tail++;
		order->ready++;
		number++;
		word = netvsc_xsk_order_word(order, number);
		if (number == order->head ||
		    !(*word & 1ULL << number % 64))
			return;
		*word &= ~(1ULL << number % 64);
	}
}

#endif /* NETVSC_XSK_ORDER_H */
