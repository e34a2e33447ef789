// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of netvsc_rsc.c: chains of pieces, whole, broken and endless, and the
 * headers of coalesced frames.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ktap.h"
#include "netvsc_rsc.h"

#define SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define PIECE		RNDIS_PACKET_ID_PIECE
#define FIRST		RNDIS_PACKET_ID_FIRST
#define LAST		RNDIS_PACKET_ID_LAST

void (*kshim_at_barrier)(void);

static struct netvsc_rsc rsc;
static bool broken;

static enum netvsc_rsc_step step(u8 flags, u16 id, u32 len)
{
	struct rndis_rx_frame frame = {
		.data_len = len,
		.packet_flags = flags,
		.packet_id = id,
	};

	return netvsc_rsc_step(&rsc, &frame, &broken);
}

#define EXPECT_STEP(flags, id, len, what, is_broken)			\
do {									\
	EXPECT_EQ(step(flags, id, len), what);				\
	EXPECT_EQ(broken, is_broken);					\
} while (0)

static void start(void)
{
	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE | FIRST, 7, 1514, NETVSC_RSC_BEGIN, false);
}

static void no_piece(void)
{
	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(0, 0, 60, NETVSC_RSC_WHOLE, false);
	/* What these mean without being a piece nobody says. */
	EXPECT_STEP(FIRST, 7, 60, NETVSC_RSC_WHOLE, false);
	EXPECT_STEP(LAST, 7, 60, NETVSC_RSC_WHOLE, false);
	EXPECT(!netvsc_rsc_end(&rsc));
}

static void chain(void)
{
	start();
	EXPECT_STEP(PIECE, 7, 1514, NETVSC_RSC_MORE, false);
	EXPECT_STEP(PIECE, 7, 1514, NETVSC_RSC_MORE, false);
	EXPECT_EQ(rsc.pieces, 3);
	EXPECT_EQ(rsc.bytes, 3 * 1514);
	EXPECT_STEP(PIECE | LAST, 7, 1, NETVSC_RSC_LAST, false);
	EXPECT_EQ(rsc.pieces, 0);
	EXPECT(!netvsc_rsc_end(&rsc));
	/* The next one begins anew. */
	EXPECT_STEP(PIECE | FIRST, 8, 20, NETVSC_RSC_BEGIN, false);
	EXPECT_EQ(rsc.bytes, 20);
	EXPECT_STEP(PIECE | LAST, 8, 20, NETVSC_RSC_LAST, false);
}

static void chain_of_one(void)
{
	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE | FIRST | LAST, 7, 60, NETVSC_RSC_WHOLE, false);
	EXPECT_EQ(rsc.pieces, 0);
	start();
	EXPECT_STEP(PIECE | FIRST | LAST, 8, 60, NETVSC_RSC_WHOLE, true);
	EXPECT_EQ(rsc.pieces, 0);
}

static void orphans(void)
{
	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE, 7, 60, NETVSC_RSC_DROP, false);
	EXPECT_STEP(PIECE | LAST, 7, 60, NETVSC_RSC_DROP, false);
	EXPECT_EQ(rsc.pieces, 0);
	/* Nor does a broken chain come to life again. */
	start();
	EXPECT_STEP(PIECE, 8, 60, NETVSC_RSC_DROP, true);
	EXPECT_STEP(PIECE, 7, 60, NETVSC_RSC_DROP, false);
	EXPECT_STEP(PIECE | LAST, 7, 60, NETVSC_RSC_DROP, false);
}

static void interrupted(void)
{
	start();
	EXPECT_STEP(0, 0, 60, NETVSC_RSC_WHOLE, true);
	EXPECT_STEP(PIECE | LAST, 7, 60, NETVSC_RSC_DROP, false);

	/* A first piece resets, whatever its id. */
	start();
	EXPECT_STEP(PIECE | FIRST, 7, 99, NETVSC_RSC_BEGIN, true);
	EXPECT_EQ(rsc.bytes, 99);
	EXPECT_STEP(PIECE | FIRST, 9, 98, NETVSC_RSC_BEGIN, true);
	EXPECT_STEP(PIECE | LAST, 9, 1, NETVSC_RSC_LAST, false);
}

static void end_of_packet(void)
{
	start();
	EXPECT(netvsc_rsc_end(&rsc));
	EXPECT(!netvsc_rsc_end(&rsc));
	EXPECT_STEP(PIECE | LAST, 7, 60, NETVSC_RSC_DROP, false);
}

static void other_id(void)
{
	start();
	EXPECT_STEP(PIECE | LAST, 6, 60, NETVSC_RSC_DROP, true);
	EXPECT_EQ(rsc.pieces, 0);
}

static void too_many_pieces(void)
{
	u32 i;

	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE | FIRST, 7, 100, NETVSC_RSC_BEGIN, false);
	for (i = 2; i <= NVSP_MAX_RSC_RANGES; i++)
		EXPECT_STEP(PIECE, 7, 100, NETVSC_RSC_MORE, false);
	EXPECT_STEP(PIECE | LAST, 7, 100, NETVSC_RSC_DROP, true);

	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE | FIRST, 7, 100, NETVSC_RSC_BEGIN, false);
	for (i = 2; i < NVSP_MAX_RSC_RANGES; i++)
		EXPECT_STEP(PIECE, 7, 100, NETVSC_RSC_MORE, false);
	EXPECT_STEP(PIECE | LAST, 7, 100, NETVSC_RSC_LAST, false);
}

static void too_many_bytes(void)
{
	start();
	EXPECT_STEP(PIECE, 7, NETVSC_RSC_MAX_BYTES - 1514, NETVSC_RSC_MORE,
		    false);
	EXPECT_STEP(PIECE | LAST, 7, 1, NETVSC_RSC_DROP, true);

	start();
	EXPECT_STEP(PIECE | LAST, 7, NETVSC_RSC_MAX_BYTES - 1514 + 1,
		    NETVSC_RSC_DROP, true);
	start();
	EXPECT_STEP(PIECE | LAST, 7, U32_MAX, NETVSC_RSC_DROP, true);
	start();
	EXPECT_STEP(PIECE | LAST, 7, NETVSC_RSC_MAX_BYTES - 1514,
		    NETVSC_RSC_LAST, false);

	/* A first piece that is too long by itself has no successor. */
	memset(&rsc, 0, sizeof(rsc));
	EXPECT_STEP(PIECE | FIRST, 7, NETVSC_RSC_MAX_BYTES + 1,
		    NETVSC_RSC_BEGIN, false);
	EXPECT_STEP(PIECE | LAST, 7, 1, NETVSC_RSC_DROP, true);
}

/* Whatever comes: never more than the limits, and every end is told once. */
static void noise(void)
{
	bool open = false;
	int round, last = 0;

	memset(&rsc, 0, sizeof(rsc));
	srand(5);
	for (round = 0; round < 500000; round++) {
		u8 flags = rand() % 8 ? PIECE : rand() & 7;
		enum netvsc_rsc_step what = step(flags, rand() % 16 ? 1 : 2,
						 rand() % 4 ? 100 :
						 1 + rand() % 3000);

		EXPECT(!broken || open);
		if (what == NETVSC_RSC_MORE || what == NETVSC_RSC_LAST)
			EXPECT(open && !broken);
		if (what == NETVSC_RSC_WHOLE || what == NETVSC_RSC_DROP)
			EXPECT(broken == open);
		open = what == NETVSC_RSC_BEGIN || what == NETVSC_RSC_MORE;
		EXPECT_EQ(open, rsc.pieces > 0);
		EXPECT(!open || (rsc.pieces <= NVSP_MAX_RSC_RANGES &&
				 rsc.bytes <= NETVSC_RSC_MAX_BYTES));
		last += what == NETVSC_RSC_LAST;
	}
	EXPECT(last > 100);
}

/* Headers */

#define ETH(type)	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (type) >> 8, \
			(type) & 0xff
#define IPV4(len)	0x45, 0, (len) >> 8, (len) & 0xff, 0, 1, 0x40, 0, 64, \
			6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2
#define IPV6(len)	0x60, 0, 0, 0, (len) >> 8, (len) & 0xff, 6, 64, \
			1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
			1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17
#define TCP(words, flags) 0, 80, 0, 81, 0, 0, 0, 1, 0, 0, 0, 2, (words) << 4, \
			flags, 255, 255, 0, 0, 0, 0

static const u8 tcp4[] = { ETH(0x0800), IPV4(9000), TCP(8, 0x10),
			   1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0 };
static const u8 tcp6[] = { ETH(0x86dd), IPV6(9000), TCP(5, 0x18) };

/* In a block of its own, so that the sanitizer sees a byte read too far. */
static bool find(const u8 *frame, u32 len, struct netvsc_rsc_tcp *tcp)
{
	u8 *alone = malloc(len ? len : 1);
	bool found;

	memcpy(alone, frame, len);
	found = netvsc_rsc_find_tcp(len ? alone : alone + 1, len, tcp);
	free(alone);
	return found;
}

static void headers(void)
{
	struct netvsc_rsc_tcp tcp;

	EXPECT(find(tcp4, sizeof(tcp4), &tcp));
	EXPECT_EQ(tcp.tcp, 34);
	EXPECT_EQ(tcp.len, 66);
	EXPECT_EQ(tcp.ip_bytes, 9000);
	EXPECT(!tcp.ipv6 && tcp.segmentable && !tcp.cwr);

	EXPECT(find(tcp6, sizeof(tcp6), &tcp));
	EXPECT_EQ(tcp.tcp, 54);
	EXPECT_EQ(tcp.len, 74);
	EXPECT_EQ(tcp.ip_bytes, 9040);
	EXPECT(tcp.ipv6 && tcp.segmentable && !tcp.cwr);
}

static void headers_truncated(void)
{
	struct netvsc_rsc_tcp tcp;
	u32 len;

	for (len = 0; len < sizeof(tcp4); len++)
		EXPECT(!find(tcp4, len, &tcp));
	for (len = 0; len < sizeof(tcp6); len++)
		EXPECT(!find(tcp6, len, &tcp));
}

/* The frame with one byte changed: is TCP still found? */
static bool with(const u8 *golden, u32 len, u32 at, u8 value,
		 struct netvsc_rsc_tcp *tcp)
{
	u8 frame[128];

	memcpy(frame, golden, len);
	frame[at] = value;
	return find(frame, len, tcp);
}

#define TCP4_WITH(at, value)	with(tcp4, sizeof(tcp4), at, value, &tcp)
#define TCP6_WITH(at, value)	with(tcp6, sizeof(tcp6), at, value, &tcp)

static void headers_hostile(void)
{
	struct netvsc_rsc_tcp tcp;
	u32 value;

	EXPECT(!TCP4_WITH(12, 0x81));		/* a VLAN tag */
	EXPECT(!TCP4_WITH(14, 0x65));		/* version 6 */
	for (value = 0; value < 16; value++)	/* words of IP header */
		EXPECT_EQ(TCP4_WITH(14, 0x40 | value), value == 5);
	EXPECT(!TCP4_WITH(20, 0x20));		/* more fragments */
	EXPECT(!TCP4_WITH(21, 1));		/* not the first fragment */
	EXPECT(TCP4_WITH(20, 0));		/* may be fragmented */
	EXPECT(!TCP4_WITH(23, 17));		/* UDP */
	for (value = 0; value < 16; value++)	/* words of TCP header */
		EXPECT_EQ(TCP4_WITH(46, value << 4), value >= 5 && value <= 8);
	EXPECT(!TCP6_WITH(14, 0x40));
	EXPECT(!TCP6_WITH(20, 0));		/* an extension header */
	EXPECT(!TCP6_WITH(66, 0x60));		/* options that are not there */
}

static void header_flags(void)
{
	struct netvsc_rsc_tcp tcp;
	u32 flags;

	for (flags = 0; flags < 256; flags++) {
		EXPECT(TCP4_WITH(47, flags));
		EXPECT_EQ(tcp.segmentable, !(flags & 0x26));
		EXPECT_EQ(tcp.cwr, !!(flags & 0x80));
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(no_piece),
	KTAP_CASE(chain),
	KTAP_CASE(chain_of_one),
	KTAP_CASE(orphans),
	KTAP_CASE(interrupted),
	KTAP_CASE(end_of_packet),
	KTAP_CASE(other_id),
	KTAP_CASE(too_many_pieces),
	KTAP_CASE(too_many_bytes),
	KTAP_CASE(noise),
	KTAP_CASE(headers),
	KTAP_CASE(headers_truncated),
	KTAP_CASE(headers_hostile),
	KTAP_CASE(header_flags),
};

int main(void)
{
	return ktap_run(cases, SIZE(cases));
}
