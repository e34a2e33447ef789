// SPDX-License-Identifier: GPL-2.0
/*
 * Receive coalescing: which pieces make a frame, and where its headers are.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "netvsc_rsc.h"

#define WHOLE	0
#define FIRST	(RNDIS_PACKET_ID_PIECE | RNDIS_PACKET_ID_FIRST)
#define MIDDLE	RNDIS_PACKET_ID_PIECE
#define LAST	(RNDIS_PACKET_ID_PIECE | RNDIS_PACKET_ID_LAST)

/* What comes, and what it has to be taken for. */
struct rsc_step {
	u8 flags;
	u16 id;
	u32 bytes;
	enum netvsc_rsc_step step;
	bool broken;
};

struct rsc_case {
	const char *name;
	struct rsc_step step[6];
	u32 num;
};

static const struct rsc_case rsc_cases[] = {
	{ "frames by themselves", {
		{ WHOLE, 1, 100, NETVSC_RSC_WHOLE, false },
		{ WHOLE, 1, 100, NETVSC_RSC_WHOLE, false } }, 2 },
	{ "three pieces", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ MIDDLE, 7, 1460, NETVSC_RSC_MORE, false },
		{ LAST, 7, 1, NETVSC_RSC_LAST, false },
		{ LAST, 7, 1, NETVSC_RSC_DROP, false } }, 4 },
	{ "first and last in one", {
		{ FIRST | LAST, 7, 1514, NETVSC_RSC_WHOLE, false },
		{ MIDDLE, 7, 1460, NETVSC_RSC_DROP, false } }, 2 },
	{ "no first piece", {
		{ MIDDLE, 7, 100, NETVSC_RSC_DROP, false },
		{ LAST, 7, 100, NETVSC_RSC_DROP, false },
		{ WHOLE, 7, 100, NETVSC_RSC_WHOLE, false } }, 3 },
	{ "a frame in between", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ WHOLE, 0, 60, NETVSC_RSC_WHOLE, true },
		{ LAST, 7, 100, NETVSC_RSC_DROP, false } }, 3 },
	{ "a new first piece", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ FIRST, 8, 1514, NETVSC_RSC_BEGIN, true },
		{ LAST, 8, 100, NETVSC_RSC_LAST, false } }, 3 },
	{ "a new frame in one piece", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ FIRST | LAST, 8, 1514, NETVSC_RSC_WHOLE, true },
		{ LAST, 7, 100, NETVSC_RSC_DROP, false } }, 3 },
	{ "another id", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ MIDDLE, 8, 1460, NETVSC_RSC_DROP, true },
		{ LAST, 7, 1, NETVSC_RSC_DROP, false } }, 3 },
	{ "as long as a frame can be", {
		{ FIRST, 7, 65548, NETVSC_RSC_BEGIN, false },
		{ LAST, 7, 1, NETVSC_RSC_LAST, false } }, 2 },
	{ "one byte too long", {
		{ FIRST, 7, 65548, NETVSC_RSC_BEGIN, false },
		{ LAST, 7, 2, NETVSC_RSC_DROP, true } }, 2 },
	{ "a piece that wraps", {
		{ FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ MIDDLE, 7, -1514, NETVSC_RSC_DROP, true } }, 2 },
	{ "a first piece that is too long", {
		{ FIRST, 7, ~0U, NETVSC_RSC_BEGIN, false },
		{ MIDDLE, 7, 1, NETVSC_RSC_DROP, true } }, 2 },
	{ "unknown flags", {
		{ 0xf0 | FIRST, 7, 1514, NETVSC_RSC_BEGIN, false },
		{ 0xf0 | LAST, 7, 1514, NETVSC_RSC_LAST, false },
		{ 0xf0, 7, 1514, NETVSC_RSC_WHOLE, false } }, 3 },
};

static void rsc_desc(const struct rsc_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rsc, rsc_cases, rsc_desc);

static void rsc_chains(struct kunit *test)
{
	const struct rsc_case *one = test->param_value;
	struct netvsc_rsc rsc = {};
	bool broken;
	u32 i;

	for (i = 0; i < one->num; i++) {
		const struct rsc_step *step = &one->step[i];
		const struct rndis_rx_frame frame = {
			.data_len = step->bytes,
			.packet_flags = step->flags,
			.packet_id = step->id,
		};

		KUNIT_EXPECT_EQ_MSG(test, step->step,
				    netvsc_rsc_step(&rsc, &frame, &broken),
				    "piece %u", i);
		KUNIT_EXPECT_EQ_MSG(test, step->broken, broken, "piece %u", i);
	}
}

static void rsc_too_many_pieces(struct kunit *test)
{
	struct rndis_rx_frame frame = { .data_len = 14, .packet_flags = FIRST };
	struct netvsc_rsc rsc = {};
	bool broken;
	u32 i;

	KUNIT_EXPECT_EQ(test, NETVSC_RSC_BEGIN,
			netvsc_rsc_step(&rsc, &frame, &broken));
	frame.packet_flags = MIDDLE;
	frame.data_len = 1;
	for (i = 1; i < 562; i++)
		KUNIT_ASSERT_EQ(test, NETVSC_RSC_MORE,
				netvsc_rsc_step(&rsc, &frame, &broken));
	KUNIT_EXPECT_EQ(test, NETVSC_RSC_DROP,
			netvsc_rsc_step(&rsc, &frame, &broken));
	KUNIT_EXPECT_TRUE(test, broken);
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
}

static void rsc_end(struct kunit *test)
{
	struct rndis_rx_frame frame = { .data_len = 99, .packet_flags = FIRST };
	struct netvsc_rsc rsc = {};
	bool broken;

	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
	netvsc_rsc_step(&rsc, &frame, &broken);
	KUNIT_EXPECT_TRUE(test, netvsc_rsc_end(&rsc));
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_end(&rsc));
	frame.packet_flags = LAST;
	KUNIT_EXPECT_EQ(test, NETVSC_RSC_DROP,
			netvsc_rsc_step(&rsc, &frame, &broken));
}

/* Headers */

#define FRAME_BYTES	80

/**
 * struct rsc_header_case - a frame, and what has to be found in it
 * @name: what it is
 * @type: Ethernet type; 0x8100: a tag, then IPv4
 * @ip: first byte of the IP header, which says whether it is IPv4 or IPv6
 * @next: protocol, or next header
 * @fragment: flags and offset of IPv4
 * @options: bytes of options of IPv4
 * @words: length of the TCP header
 * @flags: of TCP
 * @need: bytes of all headers; 0: no TCP, however many there are
 * @tcp: where they are
 */
struct rsc_header_case {
	const char *name;
	u16 type;
	u8 ip;
	u8 next;
	u16 fragment;
	u8 options;
	u8 words;
	u8 flags;
	u32 need;
	struct netvsc_rsc_tcp tcp;
};

static const struct rsc_header_case rsc_header_cases[] = {
	{ "IPv4", 0x0800, 0x45, 6, 0, 0, 5, 0x10, 54,
	  { .tcp = 34, .len = 54, .ip_bytes = 1500, .segmentable = true } },
	{ "IPv4, do not fragment", 0x0800, 0x45, 6, 0x4000, 0, 5, 0x18, 54,
	  { .tcp = 34, .len = 54, .ip_bytes = 1500, .segmentable = true } },
	{ "IPv4 and options of TCP", 0x0800, 0x45, 6, 0, 0, 8, 0x10, 66,
	  { .tcp = 34, .len = 66, .ip_bytes = 1500, .segmentable = true } },
	{ "options of IPv4", 0x0800, 0x46, 6, 0, 4, 5, 0x90, 58,
	  { .tcp = 38, .len = 58, .ip_bytes = 1500, .segmentable = true,
	    .cwr = true } },
	{ "IPv6", 0x86dd, 0x60, 6, 0, 0, 5, 0x10, 74,
	  { .tcp = 54, .len = 74, .ip_bytes = 1500, .ipv6 = true,
	    .segmentable = true } },
	{ "SYN", 0x0800, 0x45, 6, 0, 0, 5, 0x02, 54,
	  { .tcp = 34, .len = 54, .ip_bytes = 1500 } },
	{ "RST", 0x0800, 0x45, 6, 0, 0, 5, 0x04, 54,
	  { .tcp = 34, .len = 54, .ip_bytes = 1500 } },
	{ "URG", 0x0800, 0x45, 6, 0, 0, 5, 0x20, 54,
	  { .tcp = 34, .len = 54, .ip_bytes = 1500 } },
	{ "more fragments", 0x0800, 0x45, 6, 0x2000, 0, 5, 0x10 },
	{ "later fragment", 0x0800, 0x45, 6, 1, 0, 5, 0x10 },
	{ "UDP", 0x0800, 0x45, 17, 0, 0, 5, 0x10 },
	{ "IPv4 of 16 bytes", 0x0800, 0x44, 6, 0, 0, 5, 0x10 },
	{ "IPv4 of 0 bytes", 0x0800, 0x40, 6, 0, 0, 5, 0x10 },
	{ "IPv4 called IPv6", 0x86dd, 0x45, 6, 0, 0, 5, 0x10 },
	{ "IPv6 called IPv4", 0x0800, 0x60, 6, 0, 0, 5, 0x10 },
	{ "extensions of IPv6", 0x86dd, 0x60, 0, 0, 0, 5, 0x10 },
	{ "TCP of 16 bytes", 0x0800, 0x45, 6, 0, 0, 4, 0x10 },
	{ "TCP of 0 bytes", 0x0800, 0x45, 6, 0, 0, 0, 0x10 },
	{ "a tag", 0x8100, 0x45, 6, 0, 0, 5, 0x10 },
	{ "ARP", 0x0806, 0x45, 6, 0, 0, 5, 0x10 },
};

static void rsc_header_desc(const struct rsc_header_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rsc_header, rsc_header_cases, rsc_header_desc);

static void rsc_put16(u8 *to, u16 value)
{
	to[0] = value >> 8;
	to[1] = value;
}

/* Returns the bytes of the IP header, as long as it really is. */
static u32 rsc_put_ip(const struct rsc_header_case *one, u8 *to)
{
	to[0] = one->ip;
	if (one->ip >> 4 == 6) {
		rsc_put16(to + 4, 1460);
		to[6] = one->next;
		return 40;
	}
	rsc_put16(to + 2, 1500);
	rsc_put16(to + 6, one->fragment);
	to[9] = one->next;

	return 20 + one->options;
}

static void rsc_build(const struct rsc_header_case *one, u8 *to)
{
	memset(to, 0, FRAME_BYTES);
	rsc_put16(to + 12, one->type);
	to += 14;
	if (one->type == 0x8100) {
		rsc_put16(to + 2, 0x0800);
		to += 4;
	}
	to += rsc_put_ip(one, to);
	to[12] = one->words << 4;
	to[13] = one->flags;
}

/* With every number of bytes at hand, alone in memory. */
static void rsc_headers(struct kunit *test)
{
	const struct rsc_header_case *one = test->param_value;
	struct netvsc_rsc_tcp tcp;
	u8 whole[FRAME_BYTES], *frame;
	u32 have;
	bool found;

	rsc_build(one, whole);
	for (have = 0; have <= sizeof(whole); have++) {
		frame = kmemdup(whole, max(have, 1U), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, frame);
		memset(&tcp, 0, sizeof(tcp));
		found = netvsc_rsc_find_tcp(frame, have, &tcp);
		kfree(frame);
		KUNIT_EXPECT_EQ_MSG(test, one->need && have >= one->need, found,
				    "of %u bytes", have);
		if (!found)
			continue;
		KUNIT_EXPECT_EQ(test, one->tcp.tcp, tcp.tcp);
		KUNIT_EXPECT_EQ(test, one->tcp.len, tcp.len);
		KUNIT_EXPECT_EQ(test, one->tcp.ip_bytes, tcp.ip_bytes);
		KUNIT_EXPECT_EQ(test, one->tcp.ipv6, tcp.ipv6);
		KUNIT_EXPECT_EQ(test, one->tcp.segmentable, tcp.segmentable);
		KUNIT_EXPECT_EQ(test, one->tcp.cwr, tcp.cwr);
	}
}

/* The longest headers: nothing that is found goes beyond them. */
static void rsc_longest_headers(struct kunit *test)
{
	const struct rsc_header_case longest = { .type = 0x0800, .ip = 0x4f,
						 .next = 6, .options = 40,
						 .words = 15 };
	u8 frame[NETVSC_RSC_HEADERS_MAX] = {};
	struct netvsc_rsc_tcp tcp;

	rsc_build(&longest, frame);
	KUNIT_EXPECT_TRUE(test, netvsc_rsc_find_tcp(frame, sizeof(frame), &tcp));
	KUNIT_EXPECT_EQ(test, sizeof(frame), tcp.len);
	KUNIT_EXPECT_FALSE(test, netvsc_rsc_find_tcp(frame, sizeof(frame) - 1,
						     &tcp));
}

static struct kunit_case rsc_kunit_cases[] = {
	KUNIT_CASE_PARAM(rsc_chains, rsc_gen_params),
	KUNIT_CASE(rsc_too_many_pieces),
	KUNIT_CASE(rsc_end),
	KUNIT_CASE_PARAM(rsc_headers, rsc_header_gen_params),
	KUNIT_CASE(rsc_longest_headers),
	{ }
};

static struct kunit_suite rsc_suite = {
	.name = "hv_netvsc_rsc",
	.test_cases = rsc_kunit_cases,
};

kunit_test_suite(rsc_suite);
