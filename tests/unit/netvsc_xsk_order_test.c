// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of netvsc_xsk_order.h: frames are reported in their order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ktap.h"
#include "netvsc_xsk_order.h"

#define MANY		100000u

void (*kshim_at_barrier)(void);

static struct netvsc_xsk_order order;

static void start(u32 number)
{
	memset(&order, 0, sizeof(order));
	order.head = number;
	order.tail = number;
}

/* Adds so many frames; returns the number of the first. */
static u32 add(u32 num)
{
	u32 first = order.head;

	while (num--)
		netvsc_xsk_order_add(&order);

	return first;
}

static u32 done(u32 number)
{
	order.ready = 0;
	netvsc_xsk_order_done(&order, number);

	return order.ready;
}

static void at_once(void)
{
	start(0);
	for (u32 i = 0; i < 3 * NETVSC_XSK_WINDOW; i++)
		EXPECT_EQ(done(add(1)), 1);
	EXPECT_EQ(order.tail, order.head);
}

/* One that is held up holds up all behind it, and none of those before it. */
static void held(void)
{
	u32 first;

	start(0);
	first = add(5);
	EXPECT_EQ(done(first), 1);
	EXPECT_EQ(done(first + 2), 0);
	EXPECT_EQ(done(first + 4), 0);
	EXPECT_EQ(done(first + 1), 2);
	EXPECT_EQ(order.tail, first + 3);
	EXPECT_EQ(done(first + 3), 2);
	EXPECT_EQ(order.tail, order.head);
}

/* The window is used to its last bit, and is empty again afterwards. */
static void full(void)
{
	u32 first, i;

	start(~0u - 1000);
	for (u32 turn = 0; turn < 3; turn++) {
		first = add(NETVSC_XSK_WINDOW - 1);
		EXPECT(netvsc_xsk_order_room(&order));
		add(1);
		EXPECT(!netvsc_xsk_order_room(&order));
		for (i = NETVSC_XSK_WINDOW - 1; i > 0; i--)
			EXPECT_EQ(done(first + i), 0);
		EXPECT_EQ(done(first), NETVSC_XSK_WINDOW);
		EXPECT(netvsc_xsk_order_room(&order));
		for (i = 0; i < NETVSC_XSK_WINDOW / 64; i++)
			EXPECT_EQ(order.done[i], 0);
	}
}

/* Any order, across the end of the numbers, against a list of what is done. */
static void any_order(void)
{
	static bool finished[NETVSC_XSK_WINDOW];
	u32 open[64], num = 0, tail, reported = 0;

	srandom(1);
	start(~0u - MANY / 2);
	tail = order.tail;
	order.ready = 0;
	for (u32 i = 0; i < MANY || num; i++) {
		if (i < MANY && num < 64 && netvsc_xsk_order_room(&order)) {
			u32 number = netvsc_xsk_order_add(&order);

			finished[number % NETVSC_XSK_WINDOW] = false;
			open[num++] = number;
		}
		if (random() % 4 && i < MANY)
			continue;
		if (num) {
			u32 at = random() % num, number = open[at];

			open[at] = open[--num];
			finished[number % NETVSC_XSK_WINDOW] = true;
			netvsc_xsk_order_done(&order, number);
		}
		while (tail != order.head &&
		       finished[tail % NETVSC_XSK_WINDOW]) {
			tail++;
			reported++;
		}
		EXPECT_EQ(order.tail, tail);
		EXPECT_EQ(order.ready, reported);
	}
	EXPECT_EQ(order.tail, order.head);
	EXPECT(order.ready > MANY / 8);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(at_once),
	KTAP_CASE(held),
	KTAP_CASE(full),
	KTAP_CASE(any_order),
};

int main(void)
{
	return ktap_run(cases, sizeof(cases) / sizeof(*cases));
}
