// SPDX-License-Identifier: GPL-2.0
/* links: netvsc_rsc */
/*
 * Receive coalescing: any sequence of pieces, and any bytes as headers.
 *
 * Input: the number of pieces, 4 bytes for each (flags, id, length), then the
 * first bytes of a frame.
 *
 * A chain has at most 562 pieces and 65549 bytes, ends whole or broken, never
 * both, and a second state machine agrees on each step. Headers that are found
 * are inside of the bytes that were given.
 */
#include "fuzz.h"
#include "netvsc_rsc.h"

#define STEPS_MAX	2000

/* The chain as the protocol has it. */
static struct {
	bool open;
	u32 pieces;
	u32 bytes;
	u32 id;
} chain;

static enum netvsc_rsc_step model_step(u32 flags, u32 id, u32 len,
				       bool *broken)
{
	bool first = flags & 2, last = flags & 4;
	bool was = chain.open;

	*broken = false;
	if (!(flags & 1) || first) {
		*broken = was;
		chain.open = (flags & 1) && !last;
		chain.pieces = 1;
		chain.bytes = len;
		chain.id = id;
		return chain.open ? NETVSC_RSC_BEGIN : NETVSC_RSC_WHOLE;
	}
	if (was && chain.id == id && chain.pieces + 1 <= 562 &&
	    (u64)chain.bytes + len <= 65549) {
		chain.pieces++;
		chain.bytes += len;
		chain.open = !last;
		return last ? NETVSC_RSC_LAST : NETVSC_RSC_MORE;
	}
	*broken = was;
	chain.open = false;
	return NETVSC_RSC_DROP;
}

static void check_step(struct netvsc_rsc *rsc, u32 flags, u32 id, u32 len)
{
	struct rndis_rx_frame frame = {
		.data_len = len,
		.packet_flags = flags,
		.packet_id = id,
	};
	enum netvsc_rsc_step step, expected;
	bool broken, expect_broken;

	step = netvsc_rsc_step(rsc, &frame, &broken);
	expected = model_step(flags, id, len, &expect_broken);
	FUZZ_ASSERT(step == expected && broken == expect_broken);
	FUZZ_ASSERT(!rsc->pieces == !chain.open);
	FUZZ_ASSERT(rsc->pieces <= 562);
	FUZZ_ASSERT(rsc->pieces <= 1 || rsc->bytes <= 65549);
	if (chain.open)
		FUZZ_ASSERT(rsc->pieces == chain.pieces &&
			    rsc->bytes == chain.bytes);
	if (step == NETVSC_RSC_LAST)
		FUZZ_ASSERT(rsc->bytes == chain.bytes && rsc->bytes <= 65549);
}

static void check_steps(struct fuzz_in *in)
{
	struct netvsc_rsc rsc = {};
	u32 pieces = fuzz_u8(in), repeat, most = STEPS_MAX;
	u32 flags, id, len;

	memset(&chain, 0, sizeof(chain));
	while (pieces-- && in->at < in->end) {
		flags = fuzz_u8(in);
		id = fuzz_u8(in);
		len = fuzz_u16(in);
		repeat = 1;
		/* Chains long enough for their limits from few bytes. */
		if (flags & 0x40) {
			repeat = len % 700;
			len = id >> 2;
		} else if (flags & 0x80) {
			len *= 0x10001;
		}
		for (; repeat && most; repeat--, most--)
			check_step(&rsc, flags & 0x3f, id & 3, len ? len : 1);
	}
	FUZZ_ASSERT(netvsc_rsc_end(&rsc) == chain.open);
	FUZZ_ASSERT(!netvsc_rsc_end(&rsc));
}

/* Offset of the TCP header, 0 if there is none, by the book. */
static u32 model_tcp(const u8 *f, u32 have, u32 *end)
{
	u32 type, tcp = 54;

	if (have < 14)
		return 0;
	type = f[12] << 8 | f[13];
	if (type == 0x0800) {
		if (have < 34 || f[14] / 16 != 4 || f[23] != 6 ||
		    (f[20] & 0x3f) || f[21] || f[14] % 16 < 5)
			return 0;
		tcp = 14 + f[14] % 16 * 4;
	} else if (type != 0x86dd || have < 54 || f[14] / 16 != 6 ||
		   f[20] != 6) {
		return 0;
	}
	if (tcp + 20 > have || f[tcp + 12] / 16 < 5)
		return 0;
	*end = tcp + f[tcp + 12] / 16 * 4;
	return *end <= have ? tcp : 0;
}

static void check_headers(const u8 *from, u32 have)
{
	struct netvsc_rsc_tcp tcp = {};
	u8 *frame = fuzz_block(from, have);
	u32 end, expected = model_tcp(frame, have, &end), flags;
	bool found = netvsc_rsc_find_tcp(frame, have, &tcp);

	FUZZ_ASSERT(found == !!expected);
	if (found) {
		FUZZ_ASSERT(tcp.tcp == expected && tcp.len == end);
		FUZZ_ASSERT(tcp.len <= have &&
			    tcp.len <= NETVSC_RSC_HEADERS_MAX);
		FUZZ_ASSERT(tcp.ipv6 == (frame[12] == 0x86));
		flags = frame[expected + 13];
		FUZZ_ASSERT(tcp.segmentable == !(flags & 0x26));
		FUZZ_ASSERT(tcp.cwr == !!(flags & 0x80));
		FUZZ_ASSERT(tcp.ip_bytes == (tcp.ipv6 ?
			    40u + frame[18] * 256 + frame[19] :
			    frame[16] * 256u + frame[17]));
	}
	free(frame);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, data + size };
	const u8 *rest;
	u32 have;

	check_steps(&in);
	rest = fuzz_bytes(&in, 256, &have);
	check_headers(rest, have);
	return 0;
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 pieces = fuzz_random(out, 12), i, start, ip;
	bool ipv6 = fuzz_chance(out, 2);

	fuzz_put8(out, pieces);
	for (i = 0; i < pieces; i++) {
		fuzz_put8(out, (fuzz_chance(out, 8) ? 0x40 : 0) |
			  (i ? 1 : 3) | (i + 1 == pieces ? 4 : 0));
		fuzz_put8(out, fuzz_chance(out, 16) |
			  fuzz_random(out, 64) << 2);
		fuzz_put16(out, fuzz_random(out, 1500));
	}
	start = out->len;
	fuzz_put_random(out, 12);
	fuzz_put16(out, ipv6 ? 0xdd86 : 0x0008);
	ip = ipv6 ? 40 : 4 * (5 + fuzz_random(out, 3));
	fuzz_put_random(out, ip + 20 + 4 * fuzz_random(out, 3));
	if (out->len < start + 14 + ip + 20)
		return;
	out->at[start + 14] = ipv6 ? 0x60 : 0x40 | ip / 4;
	out->at[start + (ipv6 ? 20 : 23)] = 6;
	if (!ipv6) {
		out->at[start + 20] = 0;
		out->at[start + 21] = 0;
	}
	out->at[start + 14 + ip + 12] = (out->len - start - 14 - ip) / 4 << 4;
}
