// SPDX-License-Identifier: GPL-2.0
/* What an isolated guest lets its host see. */
#include "visibility.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "counters.h"
#include "guest_mem.h"
#include "log.h"

static uint8_t *page_visible;		/* NULL: not isolated */
static uint64_t page_count;
static uint64_t visible_now, visible_most, shown, hidden;

static void write_counters(FILE *out)
{
	fprintf(out, "{\"pages\": %" PRIu64 ", \"most\": %" PRIu64
		", \"shown\": %" PRIu64 ", \"hidden\": %" PRIu64 "}",
		visible_now, visible_most, shown, hidden);
}

int visibility_enforce(uint64_t ram_size)
{
	page_count = ram_size >> HV_PAGE_SHIFT;
	page_visible = calloc(page_count, sizeof(*page_visible));
	if (!page_visible)
		return -ENOMEM;
	counters_register("visibility", write_counters);
	return 0;
}

bool visibility_enforced(void)
{
	return page_visible;
}

bool visibility_set(uint64_t pfn, bool visible)
{
	if (!page_visible || pfn >= page_count)
		return false;
	if (page_visible[pfn] != visible) {
		visible_now += visible ? 1 : -UINT64_C(1);
		shown += visible;
		hidden += !visible;
	}
	if (visible_now > visible_most)
		visible_most = visible_now;
	page_visible[pfn] = visible;
	return true;
}

void *guest_visible_ptr(uint64_t gpa, size_t len, const char *what)
{
	void *at = guest_ptr(gpa, len);
	uint64_t pfn, last;

	if (!at || !page_visible || !len)
		return at;
	last = (gpa + len - 1) >> HV_PAGE_SHIFT;
	for (pfn = gpa >> HV_PAGE_SHIFT; pfn <= last; pfn++) {
		if (page_visible[pfn])
			continue;
		rule_broken("memory-hidden", "page %#" PRIx64 ": %s", pfn,
			    what);
		return NULL;
	}
	return at;
}
