// SPDX-License-Identifier: GPL-2.0
/* links: hypercall_page */
/* Where the hypercall page of an isolated guest goes, and when. */
#include "hypercall_page.h"

#include <stdlib.h>

#include "guest_mem.h"
#include "hypercall.h"
#include "test.h"

#define PAGES 4u
#define MSR 0x40000001u

static uint8_t ram[PAGES * HV_PAGE_SIZE];

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa > sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return ram + gpa;
}

uint64_t hypercall(uint64_t input, const __u64 params[2])
{
	return 0;
}

static struct kvm_run run;

static bool access_msr(uint32_t index, bool write, uint64_t value)
{
	run.msr.index = index;
	run.msr.data = value;
	run.msr.error = 0xff;
	return hypercall_page_msr(&run, write);
}

static bool page_is_empty(unsigned int page)
{
	size_t i;

	for (i = 0; i < HV_PAGE_SIZE; i++)
		if (ram[page * HV_PAGE_SIZE + i])
			return false;
	return true;
}

static void other_msrs(void)
{
	CHECK(!access_msr(MSR - 1, true, 1));
	CHECK(!access_msr(MSR + 1, false, 0));
}

static void placed_when_enabled(void)
{
	const uint8_t *page = ram + 2 * HV_PAGE_SIZE;

	CHECK(access_msr(MSR, true, 2 * HV_PAGE_SIZE));
	CHECK_EQ(run.msr.error, 0);
	CHECK(page_is_empty(2));
	CHECK(access_msr(MSR, true, 2 * HV_PAGE_SIZE + 1));
	CHECK_EQ(run.msr.error, 0);
	CHECK(page_is_empty(1) && page_is_empty(3));
	/* The call that is ours is compared with, and jumps to the port. */
	CHECK_EQ(page[0] << 16 | page[1] << 8 | page[2], 0x6681f9);
	CHECK_EQ(page[3] | page[4] << 8, HYPERCALL_MODIFY_VISIBILITY);
	CHECK_EQ(page[5], 0x74);
	CHECK_EQ(page[7 + page[6]], 0xe6);
	CHECK_EQ(page[8 + page[6]], HYPERCALL_PORT);
	CHECK_EQ(page[9 + page[6]], 0xc3);
	/* The others go on behind the jump. */
	CHECK_EQ(page[7] << 8 | page[8], 0x0f01);
	CHECK_EQ(page[10], 0xc3);
	CHECK(access_msr(MSR, false, 0));
	CHECK_EQ(run.msr.data, 2 * HV_PAGE_SIZE + 1);
}

static void nowhere(void)
{
	CHECK(access_msr(MSR, true, PAGES * HV_PAGE_SIZE + 1));
	CHECK_EQ(run.msr.error, 1);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(other_msrs),
		TEST_CASE(placed_when_enabled),
		TEST_CASE(nowhere),
	};

	return test_run(cases, TEST_COUNT(cases));
}
