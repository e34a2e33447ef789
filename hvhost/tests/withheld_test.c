// SPDX-License-Identifier: GPL-2.0
/* links: withheld */
#include "test.h"
#include "withheld.h"

static struct withheld queue;

static void put(uint64_t id)
{
	CHECK(withheld_reserve(&queue));
	withheld_put(&queue, id, (uint32_t)id + 1);
}

static void take(uint64_t id)
{
	const struct withheld_completion *first = withheld_first(&queue);

	CHECK(first);
	CHECK_EQ(first->transaction_id, id);
	CHECK_EQ(first->status, (uint32_t)id + 1);
	withheld_drop(&queue);
}

static void empty(void)
{
	withheld_clear(&queue);
	CHECK(!withheld_first(&queue));
	CHECK_EQ(queue.count, 0);
}

/* It grows while its oldest entry is in the middle. */
static void order_outlives_growth(void)
{
	uint64_t in = 0, out = 0;
	unsigned int turn;

	for (turn = 0; turn < 1000; turn++) {
		put(in++);
		put(in++);
		put(in++);
		take(out++);
	}
	CHECK_EQ(queue.count, 2000);
	while (withheld_first(&queue))
		take(out++);
	CHECK_EQ(out, in);
	withheld_clear(&queue);
}

static void has_a_limit(void)
{
	uint64_t id;

	for (id = 0; id < WITHHELD_MAX; id++)
		put(id);
	CHECK(!withheld_reserve(&queue));
	CHECK_EQ(queue.count, WITHHELD_MAX);
	take(0);
	put(id);
	for (id = 1; id <= WITHHELD_MAX; id++)
		take(id);
	CHECK(!withheld_first(&queue));
	withheld_clear(&queue);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(empty),
		TEST_CASE(order_outlives_growth),
		TEST_CASE(has_a_limit),
	};

	return test_run(cases, TEST_COUNT(cases));
}
