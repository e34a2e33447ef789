// SPDX-License-Identifier: GPL-2.0
/* links: visibility hypercall */
/*
 * What an isolated guest shows: the hypercall by which it does, and what the
 * host may look at.
 */
#include "visibility.h"

#include <stdlib.h>

#include "counters.h"
#include "fake_log.h"
#include "guest_mem.h"
#include "hypercall.h"
#include "synic.h"
#include "synic_vm.h"
#include "test.h"

#define PAGES 16u
#define SELF UINT64_MAX
#define CALL (UINT64_C(0xdb))
#define REPS(n) ((uint64_t)(n) << 32)
#define START(n) ((uint64_t)(n) << 48)

static uint64_t ram[PAGES * HV_PAGE_SIZE / sizeof(uint64_t)];

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa > sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return (uint8_t *)ram + gpa;
}

void counters_register(const char *name, counters_fn fn)
{
}

bool synic_signal_connection(uint32_t connection_id)
{
	return false;
}

unsigned int synic_messages_waiting(void)
{
	return 0;
}

enum hv_status vmbus_post(uint32_t connection_id, uint32_t type,
			  const void *payload, size_t len)
{
	return HV_STATUS_SUCCESS;
}

/* The input of the call is in the first page. */
static uint64_t modify(uint64_t call, uint64_t partition, uint64_t visibility,
		       uint64_t first, uint64_t count)
{
	const __u64 params[2] = { 0, 0 };
	uint64_t i;

	ram[0] = partition;
	ram[1] = visibility;
	for (i = 0; i < count; i++)
		ram[2 + i] = first + i;
	return hypercall(call, params);
}

static bool seen(uint64_t pfn, size_t len)
{
	return guest_visible_ptr(pfn * HV_PAGE_SIZE, len, "a test");
}

static void not_isolated(void)
{
	CHECK_EQ(modify(CALL | REPS(1), SELF, 3, 1, 1),
		 HV_STATUS_INVALID_HYPERCALL_CODE);
	CHECK(seen(1, 1));
	CHECK_EQ(rule_count, 0);
}

static void shown_and_hidden(void)
{
	CHECK_EQ(visibility_enforce(sizeof(ram)), 0);
	CHECK(!seen(2, 1));
	CHECK_EQ(rule_count, 1);
	CHECK_EQ(modify(CALL | REPS(3), SELF, 3, 2, 3), REPS(3));
	CHECK(seen(2, 3 * HV_PAGE_SIZE));
	CHECK(!seen(1, HV_PAGE_SIZE + 1));
	CHECK(!seen(4, HV_PAGE_SIZE + 1));
	CHECK_EQ(modify(CALL | REPS(1), SELF, 0, 3, 1), REPS(1));
	CHECK(seen(2, HV_PAGE_SIZE));
	CHECK(!seen(2, HV_PAGE_SIZE + 1));
	CHECK(seen(4, 1));
	CHECK_EQ(rule_count, 4);
	CHECK(!seen(PAGES, 1));
	CHECK_EQ(rule_count, 4);
}

/* A call that goes on where it was before. */
static void continued(void)
{
	CHECK_EQ(modify(CALL | REPS(4) | START(2), SELF, 3, 6, 4), REPS(4));
	CHECK(!seen(6, 1));
	CHECK(!seen(7, 1));
	CHECK(seen(8, 2 * HV_PAGE_SIZE));
}

static void refused(void)
{
	CHECK_EQ(modify(CALL | REPS(1), 0, 3, 12, 1),
		 HV_STATUS_INVALID_PARAMETER);
	CHECK_EQ(modify(CALL | REPS(1), SELF, 1, 12, 1),
		 HV_STATUS_INVALID_PARAMETER);
	CHECK_EQ(modify(CALL | REPS(511), SELF, 3, 12, 1),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(modify(CALL | REPS(1) | START(2), SELF, 3, 12, 1),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(modify(CALL | 1u << 16 | REPS(1), SELF, 3, 12, 1),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK(!seen(12, 1));
	/* What comes before a page that is not there is done. */
	CHECK_EQ(modify(CALL | REPS(2), SELF, 3, PAGES - 1, 2),
		 REPS(1) | HV_STATUS_INVALID_PARAMETER);
	CHECK(seen(PAGES - 1, 1));
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(not_isolated),
		TEST_CASE(shown_and_hidden),
		TEST_CASE(continued),
		TEST_CASE(refused),
	};

	return test_run(cases, TEST_COUNT(cases));
}
