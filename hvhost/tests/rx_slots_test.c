// SPDX-License-Identifier: GPL-2.0
/* links: rx_slots */
#include <errno.h>

#include "rx_slots.h"
#include "test.h"

static struct rx_slots slots;

static void set_up(uint32_t count, uint32_t limit)
{
	rx_slots_destroy(&slots);
	CHECK_EQ(rx_slots_init(&slots, count, limit), 0);
}

static void needs_a_data_slot(void)
{
	CHECK_EQ(rx_slots_init(&slots, 16, 0), -EINVAL);
	CHECK_EQ(rx_slots_init(&slots, 0, 0), -EINVAL);
	set_up(17, 0);
	CHECK_EQ(slots.data_count, 1);
}

static void control_and_data_are_apart(void)
{
	unsigned int i;

	set_up(20, 0);
	for (i = 0; i < 16; i++)
		CHECK_EQ(rx_slots_take_control(&slots, 0), i);
	CHECK_EQ(rx_slots_take_control(&slots, 0), RX_SLOT_NONE);
	CHECK_EQ(slots.data_taken, 0);
	for (i = 16; i < 20; i++)
		CHECK_EQ(rx_slots_take_data(&slots, 0), i);
	CHECK_EQ(rx_slots_take_data(&slots, 0), RX_SLOT_NONE);
	CHECK_EQ(slots.data_taken, 4);
	CHECK_EQ(rx_slots_release(&slots, 3, 0), 0);
	CHECK_EQ(rx_slots_take_data(&slots, 0), RX_SLOT_NONE);
	CHECK_EQ(rx_slots_take_control(&slots, 0), 3);
}

static void limit(void)
{
	set_up(100, 2);
	CHECK_EQ(slots.data_count, 2);
	CHECK_EQ(rx_slots_take_data(&slots, 0), 16);
	CHECK_EQ(rx_slots_take_data(&slots, 0), 17);
	CHECK_EQ(rx_slots_take_data(&slots, 0), RX_SLOT_NONE);
}

static void chains(void)
{
	uint32_t a, b, c;

	set_up(32, 0);
	a = rx_slots_take_data(&slots, 1);
	b = rx_slots_take_data(&slots, 1);
	rx_slots_append(&slots, a, b);
	c = rx_slots_take_data(&slots, 1);
	rx_slots_append(&slots, b, c);
	/* Only the first slot names the chain, and only to its channel. */
	CHECK_EQ(rx_slots_release(&slots, b, 1), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, c, 1), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, a, 0), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, a, 1), 3);
	CHECK_EQ(slots.data_taken, 0);
	CHECK_EQ(rx_slots_release(&slots, a, 1), -ENOENT);
}

static void ids_out_of_range(void)
{
	set_up(32, 4);
	CHECK_EQ(rx_slots_release(&slots, 32, 0), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, 31, 0), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, UINT32_MAX, 0), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, 1ull << 32, 0), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, UINT64_MAX, 0), -ENOENT);
}

static void closing_a_channel(void)
{
	uint32_t a, b, other;

	set_up(32, 0);
	a = rx_slots_take_data(&slots, 2);
	b = rx_slots_take_data(&slots, 2);
	rx_slots_append(&slots, a, b);
	other = rx_slots_take_data(&slots, 0);
	rx_slots_release_channel(&slots, 2);
	CHECK_EQ(slots.data_taken, 1);
	CHECK_EQ(rx_slots_release(&slots, a, 2), -ENOENT);
	CHECK_EQ(rx_slots_release(&slots, other, 0), 1);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(needs_a_data_slot),
		TEST_CASE(control_and_data_are_apart),
		TEST_CASE(limit),
		TEST_CASE(chains),
		TEST_CASE(ids_out_of_range),
		TEST_CASE(closing_a_channel),
	};
	int status = test_run(cases, TEST_COUNT(cases));

	rx_slots_destroy(&slots);
	return status;
}
