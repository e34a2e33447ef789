/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a frame may wait for the next one before the host is signalled.
 *
 * A signal, and the interrupt with which the host says that it is done, cost
 * several times what a short frame does. A sender that hands over datagrams
 * one at a time would pay both every few frames, since the host is quicker at
 * taking them than the sender at making them. So once frames come so close
 * behind each other that another one can be expected soon, the host is told of
 * several at a time. A frame that comes alone never waits, nor do the first of
 * a stream.
 *
 * Nothing in here knows a device, so that it can be tested alone.
 */
#ifndef NETVSC_TX_PACE_H
#define NETVSC_TX_PACE_H

#include <linux/kernel.h>
#include <linux/types.h>

/* Of the average distance, each new distance makes one part in 2^this. */
#define NETVSC_TX_PACE_SHIFT	3
/* Frames that wait together at most. */
#define NETVSC_TX_MAX_HELD	32

/**
 * struct netvsc_tx_pace - how close the frames of a queue come
 * @last: when the last one came, in nanoseconds
 * @distance: of late, from one to the next, on average; in nanoseconds
 * @held: those that wait
 */
struct netvsc_tx_pace {
	u64 last;
	u32 distance;
	u8 held;
};

/**
 * netvsc_tx_pace_hold() - decide whether a frame waits
 * @pace: of its queue
 * @now: in nanoseconds, of any clock; that it may stand back is harmless
 * @most: how long a frame may wait, in nanoseconds; 0: not at all
 *
 * Who lets it wait has to see to it that the wait ends after @most, and sets
 * @pace->held to 0 when it does.
 *
 * Context: Any, under a lock of the caller's.
 * Return: true if it waits.
 */
static inline bool netvsc_tx_pace_hold(struct netvsc_tx_pace *pace, u64 now,
				       u32 most)
{
	u64 gap = min_t(u64, now - pace->last, 8 * (u64)most);

	pace->last = now;
	pace->distance = min_t(u64, pace->distance, 8 * (u64)most);
	pace->distance += (gap >> NETVSC_TX_PACE_SHIFT) -
			  (pace->distance >> NETVSC_TX_PACE_SHIFT);

	/* Two more must be likely to come before the wait is over. */
	if (pace->distance >= most / 2 ||
	    pace->held >= NETVSC_TX_MAX_HELD - 1)
		return false;
	pace->held++;

	return true;
}

#endif /* NETVSC_TX_PACE_H */
