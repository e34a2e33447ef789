// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of netvsc_tx_pace.h: which frames wait for the next one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ktap.h"
#include "netvsc_tx_pace.h"

#define MOST	80000

void (*kshim_at_barrier)(void);

static struct netvsc_tx_pace pace;
static u64 now;

static void start(void)
{
	memset(&pace, 0, sizeof(pace));
	now = 5000000000;
}

/* Frames, each so long after the one before; returns how many of them wait. */
static u32 frames(u32 num, u64 distance)
{
	u32 waiting = 0;

	while (num--) {
		now += distance;
		waiting += netvsc_tx_pace_hold(&pace, now, MOST);
	}

	return waiting;
}

static void alone(void)
{
	start();
	EXPECT_EQ(frames(1, 0), 0);
	EXPECT_EQ(frames(1000, MOST), 0);
	/* A pair every now and then. */
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(frames(1, 10 * MOST), 0);
		EXPECT_EQ(frames(1, 1000), 0);
	}
}

static void stream(void)
{
	start();
	/* Several come close before one waits, but not many. */
	EXPECT_EQ(frames(4, 5000), 0);
	frames(16, 5000);
	EXPECT_EQ(frames(1, 5000), 1);
	/* A single longer break, such as an interrupt, changes nothing. */
	EXPECT_EQ(frames(1, MOST), 1);
	EXPECT_EQ(frames(1, 5000), 1);
	/* A long one ends the stream. */
	EXPECT_EQ(frames(1, 1000 * (u64)MOST), 0);
	EXPECT_EQ(frames(1, 5000), 0);
}

static void slow_stream(void)
{
	start();
	EXPECT_EQ(frames(1000, MOST / 2 + 1000), 0);
	EXPECT(frames(100, MOST / 2 - 1000) > 0);
}

static void bounded(void)
{
	start();
	/* Nobody ends the wait here: the number does. */
	EXPECT_EQ(frames(1000, 1000), NETVSC_TX_MAX_HELD - 1);
	pace.held = 0;
	EXPECT_EQ(frames(1000, 1000), NETVSC_TX_MAX_HELD - 1);
}

static void off(void)
{
	start();
	frames(100, 1000);
	pace.held = 0;
	EXPECT(!netvsc_tx_pace_hold(&pace, now, 0));
	EXPECT(!netvsc_tx_pace_hold(&pace, now + 1, 0));
	EXPECT_EQ(pace.held, 0);
}

static void clock_goes_back(void)
{
	start();
	frames(100, 1000);
	pace.held = 0;
	now -= 1000000;
	EXPECT(!netvsc_tx_pace_hold(&pace, now, MOST));
	EXPECT(pace.distance < 8 * MOST);
	frames(30, 1000);
	EXPECT_EQ(frames(1, 1000), 1);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(alone),
	KTAP_CASE(stream),
	KTAP_CASE(slow_stream),
	KTAP_CASE(bounded),
	KTAP_CASE(off),
	KTAP_CASE(clock_goes_back),
};

int main(void)
{
	return ktap_run(cases, sizeof(cases) / sizeof(*cases));
}
