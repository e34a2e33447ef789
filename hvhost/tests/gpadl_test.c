// SPDX-License-Identifier: GPL-2.0
/* links: gpadl */
#include "gpadl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "test.h"
#include "visibility.h"

#define RAM_PAGES 64u

static uint8_t ram[RAM_PAGES][HV_PAGE_SIZE] __attribute__((aligned(4096)));

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa >= sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return &ram[0][0] + gpa;
}

void *guest_visible_ptr(uint64_t gpa, size_t len, const char *what)
{
	return guest_ptr(gpa, len);
}

static uint64_t range(uint32_t count, uint32_t offset)
{
	return (uint64_t)offset << 32 | count;
}

/* A list of these words, fed whole. */
static struct gpadl *make(const uint64_t *words, unsigned int count,
			  uint16_t ranges)
{
	struct gpadl *gpadl = gpadl_new(1, 2, (uint16_t)(count * 8), ranges);

	if (!gpadl_feed(gpadl, words, count * 8))
		CHECK(false);
	return gpadl;
}

static int parse(const uint64_t *words, unsigned int count, uint16_t ranges)
{
	struct gpadl *gpadl = make(words, count, ranges);
	int err = gpadl_parse(gpadl);

	CHECK_EQ(gpadl->complete, !err);
	gpadl_free(gpadl);
	return err;
}

static void one_range(void)
{
	uint64_t words[] = { range(3 * 4096, 0), 7, 5, 9 };
	struct gpadl *gpadl = make(words, 4, 1);

	CHECK_EQ(gpadl_parse(gpadl), 0);
	CHECK(gpadl->complete);
	CHECK_EQ(gpadl->ranges[0].byte_count, 3 * 4096);
	CHECK_EQ(gpadl->ranges[0].page_count, 3);
	CHECK_EQ(gpadl->ranges[0].pfns[1], 5);
	CHECK_EQ(gpadl_parse(gpadl), -EINVAL);	/* once is enough */
	gpadl_free(gpadl);
}

static void several_ranges(void)
{
	uint64_t words[] = { range(10, 4090), 1, 2, range(1, 0), 3,
			     range(4097, 4095), 4, 5 };
	struct gpadl *gpadl = make(words, 8, 3);

	CHECK_EQ(gpadl_parse(gpadl), 0);
	CHECK_EQ(gpadl->ranges[0].page_count, 2);
	CHECK_EQ(gpadl->ranges[0].byte_offset, 4090);
	CHECK_EQ(gpadl->ranges[1].page_count, 1);
	CHECK_EQ(gpadl->ranges[1].pfns[0], 3);
	CHECK_EQ(gpadl->ranges[2].page_count, 2);
	CHECK_EQ(gpadl->ranges[2].pfns[1], 5);
	gpadl_free(gpadl);
}

static void unsound_ranges(void)
{
	uint64_t empty[] = { range(0, 0), 1 };
	uint64_t offset[] = { range(8, 4096), 1, 2 };
	uint64_t offset_ok[] = { range(1, 4095), 1 };
	uint64_t missing[] = { range(4096, 1), 1 };
	uint64_t huge[] = { range(0xffffffff, 4095), 1 };
	uint64_t second[] = { range(4096, 0), 1, range(4096, 0) };

	CHECK_EQ(parse(empty, 2, 1), -EINVAL);
	CHECK_EQ(parse(offset, 3, 1), -EINVAL);
	CHECK_EQ(parse(offset_ok, 2, 1), 0);
	CHECK_EQ(parse(missing, 2, 1), -EINVAL);
	CHECK_EQ(parse(huge, 2, 1), -EINVAL);
	CHECK_EQ(parse(second, 3, 2), -EINVAL);
	CHECK_EQ(parse(second, 2, 2), -EINVAL);
	CHECK_EQ(parse(second, 3, 1), 0);	/* words left over do not matter */
	CHECK_EQ(parse(second, 3, 0), -EINVAL);
	CHECK_EQ(parse(second, 0, 1), -EINVAL);
}

/* As header and bodies bring it, in pieces of any size. */
static void fed_in_pieces(void)
{
	uint64_t words[1 + 40];
	const uint8_t *bytes = (const uint8_t *)words;
	size_t piece, at;
	unsigned int i;

	words[0] = range(40 * 4096, 0);
	for (i = 0; i < 40; i++)
		words[1 + i] = 39 - i;
	for (piece = 1; piece < sizeof(words); piece++) {
		struct gpadl *gpadl = gpadl_new(1, 2, sizeof(words), 1);

		for (at = 0; at + piece < sizeof(words); at += piece)
			CHECK(!gpadl_feed(gpadl, bytes + at, piece));
		CHECK(gpadl_feed(gpadl, bytes + at, sizeof(words) - at));
		CHECK_EQ(gpadl_parse(gpadl), 0);
		CHECK_EQ(gpadl->ranges[0].pfns[39], 0);
		gpadl_free(gpadl);
	}
}

static void extra_bytes_are_ignored(void)
{
	uint64_t words[] = { range(4096, 0), 3, 0xbad, 0xbad, 0xbad };
	struct gpadl *gpadl = gpadl_new(1, 2, 16, 1);

	CHECK(!gpadl_feed(gpadl, words, 8));
	CHECK(gpadl_feed(gpadl, words + 1, 32));
	CHECK_EQ(gpadl->bytes_seen, 16);
	CHECK_EQ(gpadl_parse(gpadl), 0);
	CHECK_EQ(gpadl->ranges[0].pfns[0], 3);
	gpadl_free(gpadl);
}

/* A length that is no multiple of 8: the odd bytes are no word. */
static void odd_length(void)
{
	uint64_t words[] = { range(8192, 0), 3, 4 };
	struct gpadl *gpadl = gpadl_new(1, 2, 23, 1);

	CHECK(gpadl_feed(gpadl, words, sizeof(words)));
	CHECK_EQ(gpadl_parse(gpadl), -EINVAL);
	gpadl_free(gpadl);
	gpadl = gpadl_new(1, 2, 25, 1);
	CHECK(!gpadl_feed(gpadl, words, sizeof(words)));
	CHECK(gpadl_feed(gpadl, words, 1));
	CHECK_EQ(gpadl_parse(gpadl), 0);
	gpadl_free(gpadl);
}

static void largest(void)
{
	struct gpadl *gpadl = gpadl_new(1, 2, 65535, 1);
	uint64_t head = range(8190u * 4096, 0), pfn = 1;
	unsigned int i;

	gpadl_feed(gpadl, &head, 8);
	for (i = 0; i < 8190; i++)
		CHECK(!gpadl_feed(gpadl, &pfn, 8));
	CHECK(gpadl_feed(gpadl, &pfn, 7));
	CHECK_EQ(gpadl_parse(gpadl), 0);
	gpadl_free(gpadl);
}

static int map_err(const uint64_t *words, unsigned int count, uint16_t ranges)
{
	struct gpadl *gpadl = make(words, count, ranges);
	struct gpadl_map map;
	int err;

	CHECK_EQ(gpadl_parse(gpadl), 0);
	err = gpadl_map(gpadl, &map);
	gpadl_unmap(&map);
	CHECK_EQ(gpadl->users, 0);
	gpadl_free(gpadl);
	return err;
}

static void map_refuses(void)
{
	uint64_t good[] = { range(8192, 0), 1, 2 };
	uint64_t offset[] = { range(4096, 8), 1, 2 };
	uint64_t part[] = { range(4100, 0), 1, 2 };
	uint64_t two[] = { range(4096, 0), 1, range(4096, 0), 2 };
	uint64_t no_ram[] = { range(8192, 0), 1, RAM_PAGES };
	uint64_t beyond[] = { range(4096, 0), 0x10000000000001 };
	uint64_t overflow[] = { range(4096, 0), UINT64_MAX };

	CHECK_EQ(map_err(good, 3, 1), 0);
	CHECK_EQ(map_err(offset, 3, 1), -EINVAL);
	CHECK_EQ(map_err(part, 3, 1), -EINVAL);
	CHECK_EQ(map_err(two, 4, 2), -EINVAL);
	CHECK_EQ(map_err(no_ram, 3, 1), -EFAULT);
	CHECK_EQ(map_err(beyond, 2, 1), -EFAULT);
	CHECK_EQ(map_err(overflow, 2, 1), -EFAULT);
}

static void copies(void)
{
	uint64_t words[] = { range(3 * 4096, 0), 7, 5, 9 };
	struct gpadl *gpadl = make(words, 4, 1);
	static uint8_t from[3 * 4096], to[3 * 4096];
	struct gpadl_map map;
	size_t i;

	CHECK_EQ(gpadl_parse(gpadl), 0);
	CHECK_EQ(gpadl_map(gpadl, &map), 0);
	CHECK_EQ(map.length, 3 * 4096);
	memset(ram, 0x11, sizeof(ram));
	for (i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 13 + i / 4096);
	CHECK(gpadl_write(&map, 0, from, sizeof(from)));
	CHECK_MEM(ram[7], from, 4096);
	CHECK_MEM(ram[5], from + 4096, 4096);
	CHECK_MEM(ram[9], from + 8192, 4096);
	CHECK_EQ(ram[6][0], 0x11);
	CHECK_EQ(ram[8][0], 0x11);
	CHECK(gpadl_read(&map, 4090, to, 4200));
	CHECK_MEM(to, from + 4090, 4200);
	CHECK(gpadl_read(&map, 3 * 4096, to, 0));
	CHECK(gpadl_read(&map, 3 * 4096 - 1, to, 1));
	CHECK(!gpadl_read(&map, 3 * 4096 - 1, to, 2));
	CHECK(!gpadl_read(&map, SIZE_MAX, to, 2));
	CHECK(!gpadl_write(&map, 1, from, SIZE_MAX));
	CHECK(!gpadl_write(&map, 3 * 4096, from, 1));
	gpadl_unmap(&map);
	gpadl_free(gpadl);
}

static unsigned int idle_calls;

static void note_idle(struct gpadl *gpadl)
{
	idle_calls++;
}

static void idle_after_last_user(void)
{
	uint64_t words[] = { range(4096, 0), 7 };
	struct gpadl *gpadl = make(words, 2, 1);
	struct gpadl_map a, b;

	gpadl->idle = note_idle;
	idle_calls = 0;
	CHECK_EQ(gpadl_map(gpadl, &a), -EINVAL);	/* not complete */
	CHECK_EQ(gpadl_parse(gpadl), 0);
	CHECK_EQ(gpadl_map(gpadl, &a), 0);
	CHECK_EQ(gpadl_map(gpadl, &b), 0);
	gpadl_unmap(&a);
	CHECK_EQ(idle_calls, 0);
	gpadl_unmap(&a);			/* nothing: not mapped */
	CHECK_EQ(gpadl->users, 1);
	gpadl->teardown_pending = true;
	CHECK_EQ(gpadl_map(gpadl, &a), -EINVAL);
	gpadl_unmap(&b);
	CHECK_EQ(idle_calls, 1);
	gpadl_free(gpadl);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(one_range),
		TEST_CASE(several_ranges),
		TEST_CASE(unsound_ranges),
		TEST_CASE(fed_in_pieces),
		TEST_CASE(extra_bytes_are_ignored),
		TEST_CASE(odd_length),
		TEST_CASE(largest),
		TEST_CASE(map_refuses),
		TEST_CASE(copies),
		TEST_CASE(idle_after_last_user),
	};

	return test_run(cases, TEST_COUNT(cases));
}
