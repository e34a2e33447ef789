// SPDX-License-Identifier: GPL-2.0
/*
 * The RNDIS codec: golden messages both ways, every field at its bounds, every
 * message cut anywhere.
 *
 * What is decoded stands alone in memory, so that KASAN sees every byte that is
 * read too far.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "rndis_codec.h"

#define WORDS	64

/* A message in words, in the order of the CPU. */
struct codec_msg {
	u32 word[WORDS];
	u32 num;
};

/* All that hosts send with a frame of 8 bytes, and one item nobody knows. */
static const struct codec_msg codec_packet = {
	.word = {
		1, 160,				/* PACKET, length */
		144, 8,				/* data */
		0, 0, 0,			/* out of band */
		36, 104,			/* per-packet information */
		0, 0,
		16, 0, 12, 0x28,		/* checksum */
		16, 6, 12, 0x0645,		/* VLAN */
		16, 8, 12, 0xcafebabe,		/* hash value */
		16, 9, 12, 0x201,		/* hash information */
		16, 0x80000001, 12, 0x12340301,	/* packet id */
		24, 77, 12, 1, 2, 3,		/* unknown */
		0,				/* a gap */
		0x33221100, 0x77665544,
	},
	.num = 40,
};

/* Bytes of a message, alone: the first @len of them. */
static u8 *codec_alone(struct kunit *test, const struct codec_msg *msg, u32 len)
{
	u8 *to = kmalloc(max(len, 1U), GFP_KERNEL);
	__le32 word;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, to);
	for (i = 0; i < len; i++) {
		word = cpu_to_le32(msg->word[i / 4]);
		to[i] = ((u8 *)&word)[i % 4];
	}

	return to;
}

static int codec_decode(struct kunit *test, const struct codec_msg *msg,
			u32 len, struct rndis_rx_frame *frame)
{
	u8 *alone = codec_alone(test, msg, len);
	int err = rndis_rx_decode(alone, len, frame);

	kfree(alone);

	return err;
}

static int codec_parse(struct kunit *test, const struct codec_msg *msg, u32 len,
		       struct rndis_control *ctl)
{
	u8 *alone = codec_alone(test, msg, len);
	int err = rndis_parse_control(alone, len, ctl);

	kfree(alone);

	return err;
}

static void codec_expect_words(struct kunit *test, const void *message,
			       const u32 *words, u32 num)
{
	u32 i;

	for (i = 0; i < num; i++)
		KUNIT_EXPECT_EQ_MSG(test, words[i],
				    le32_to_cpu(((const __le32 *)message)[i]),
				    "word %u", i);
}

/* Frames to the host */

struct codec_tx_case {
	const char *name;
	struct rndis_tx_meta meta;
	u32 word[27];
	u32 num;
};

static const struct codec_tx_case codec_tx_cases[] = {
	{ "plain", { .data_len = 60 },
	  { 1, 104, 36, 60, 0, 0, 0, 0, 0, 0, 0 }, 11 },
	{ "checksum", { .data_len = 1514, .has_csum = true, .csum = 0x220005 },
	  { 1, 1574, 52, 1514, 0, 0, 0, 36, 16, 0, 0, 16, 0, 12, 0x220005 },
	  15 },
	{ "segments", { .data_len = 65535, .has_lso = true, .lso = 0x422005a8 },
	  { 1, 65595, 52, 65535, 0, 0, 0, 36, 16, 0, 0, 16, 2, 12,
	    0x422005a8 }, 15 },
	{ "VLAN", { .data_len = 60, .has_vlan = true, .vlan = 0xfff8 },
	  { 1, 120, 52, 60, 0, 0, 0, 36, 16, 0, 0, 16, 6, 12, 0xfff8 }, 15 },
	{ "hash", { .data_len = 60, .has_hash = true, .hash = 0xffffffff },
	  { 1, 120, 52, 60, 0, 0, 0, 36, 16, 0, 0, 16, 8, 12, 0xffffffff },
	  15 },
	{ "all", { .data_len = 66, .has_csum = true, .csum = 1,
		   .has_lso = true, .lso = 2, .has_vlan = true, .vlan = 3,
		   .has_hash = true, .hash = 4 },
	  { 1, 174, 100, 66, 0, 0, 0, 36, 64, 0, 0, 16, 8, 12, 4,
	    16, 6, 12, 3, 16, 2, 12, 2, 16, 0, 12, 1 }, 27 },
};

static void codec_tx_desc(const struct codec_tx_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(codec_tx, codec_tx_cases, codec_tx_desc);

static void codec_encode(struct kunit *test)
{
	const struct codec_tx_case *one = test->param_value;
	u8 *to = kmalloc(4 * one->num, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, to);
	KUNIT_EXPECT_EQ(test, 4 * one->num, rndis_tx_header_len(&one->meta));
	KUNIT_EXPECT_LE(test, 4 * one->num, RNDIS_TX_HEADER_MAX);
	KUNIT_EXPECT_EQ(test, 4 * one->num, rndis_tx_encode(to, &one->meta));
	codec_expect_words(test, to, one->word, one->num);
	rndis_tx_set_length(to, 0x12345678);
	KUNIT_EXPECT_EQ(test, 0x12345678, le32_to_cpu(((__le32 *)to)[1]));
	kfree(to);
}

static void codec_words(struct kunit *test)
{
	u32 tci;

	KUNIT_EXPECT_EQ(test, 0x00220005, rndis_csum_word(false, false, 34));
	KUNIT_EXPECT_EQ(test, 0x00220009, rndis_csum_word(false, true, 34));
	KUNIT_EXPECT_EQ(test, 0x00360006, rndis_csum_word(true, false, 54));
	KUNIT_EXPECT_EQ(test, 0x0000000a, rndis_csum_word(true, true, 0));
	KUNIT_EXPECT_EQ(test, 0x03ff0005, rndis_csum_word(false, false, 1023));
	KUNIT_EXPECT_EQ(test, 0x422005a8, rndis_lso_word(false, 1448, 34));
	KUNIT_EXPECT_EQ(test, 0xc3600594, rndis_lso_word(true, 1428, 54));
	KUNIT_EXPECT_EQ(test, 0x0645, rndis_vlan_word(0xa064));
	for (tci = 0; tci <= 0xffff; tci++) {
		if (rndis_vlan_tci(rndis_vlan_word(tci)) != tci)
			KUNIT_FAIL(test, "tag %#x does not come back", tci);
		if (rndis_vlan_tci(rndis_vlan_word(tci) | 0xffff0000) != tci)
			KUNIT_FAIL(test, "tag %#x: reserved bits count", tci);
	}
}

/* Frames from the host */

static void codec_decode_all(struct kunit *test)
{
	struct rndis_rx_frame frame;

	KUNIT_ASSERT_EQ(test, 0, codec_decode(test, &codec_packet, 160, &frame));
	KUNIT_EXPECT_EQ(test, 152, frame.data_offset);
	KUNIT_EXPECT_EQ(test, 8, frame.data_len);
	KUNIT_EXPECT_EQ(test, 0x1f, frame.flags);
	KUNIT_EXPECT_EQ(test, 0x28, frame.csum);
	KUNIT_EXPECT_EQ(test, 0xa064, rndis_vlan_tci(frame.vlan));
	KUNIT_EXPECT_EQ(test, 0xcafebabe, frame.hash_value);
	KUNIT_EXPECT_EQ(test, 0x201, frame.hash_info);
	KUNIT_EXPECT_EQ(test, 3, frame.packet_flags);
	KUNIT_EXPECT_EQ(test, 0x1234, frame.packet_id);
}

/* The slot may go on behind the message, but not end before. */
static void codec_decode_cut(struct kunit *test)
{
	struct rndis_rx_frame frame;
	u32 len;

	for (len = 0; len < 160; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EBADMSG,
				    codec_decode(test, &codec_packet, len,
						 &frame), "length %u", len);
	KUNIT_EXPECT_EQ(test, 0, codec_decode(test, &codec_packet, 164,
					      &frame));
}

struct codec_field_case {
	const char *name;
	u32 at;			/* word */
	u32 value;
	int err;
};

static const struct codec_field_case codec_rx_fields[] = {
	{ "message length 0", 1, 0, -EBADMSG },
	{ "message length 7", 1, 7, -EBADMSG },
	{ "message length 8", 1, 8, -EBADMSG },
	{ "message length 43", 1, 43, -EBADMSG },
	{ "message one byte shorter", 1, 159, -EBADMSG },
	{ "message one byte longer", 1, 161, -EBADMSG },
	{ "message length -1", 1, ~0U, -EBADMSG },
	{ "data in the header", 2, 35, -EBADMSG },
	{ "data behind the header", 2, 36, 0 },
	{ "data offset 0", 2, 0, -EBADMSG },
	{ "data one byte later", 2, 145, -EBADMSG },
	{ "data one byte earlier", 2, 143, 0 },
	{ "data offset at the end", 2, 152, -EBADMSG },
	{ "data offset -1", 2, ~0U, -EBADMSG },
	{ "data offset -8", 2, -8, -EBADMSG },
	{ "no data", 3, 0, -EBADMSG },
	{ "one byte of data", 3, 1, 0 },
	{ "one byte too many", 3, 9, -EBADMSG },
	{ "data length -1", 3, ~0U, -EBADMSG },
	{ "data length that wraps", 3, -144, -EBADMSG },
	{ "items in the header", 7, 32, -EBADMSG },
	{ "items at 0", 7, 0, -EBADMSG },
	{ "items up to the end", 7, 48, -EBADMSG },
	{ "items behind the end", 7, 52, -EBADMSG },
	{ "items at -1", 7, ~0U, -EBADMSG },
	{ "no items", 8, 0, 0 },
	{ "one item", 8, 16, 0 },
	{ "an item and a byte", 8, 17, -EBADMSG },
	{ "an item and most of a header", 8, 27, -EBADMSG },
	{ "an item and a header", 8, 28, -EBADMSG },
	{ "half an item", 8, 8, -EBADMSG },
	{ "items to the end", 8, 116, -EBADMSG },
	{ "items over the end", 8, 117, -EBADMSG },
	{ "513 bytes of items", 8, 513, -EBADMSG },
	{ "item length -1", 8, ~0U, -EBADMSG },
	{ "item of 0 bytes", 11, 0, -EBADMSG },
	{ "item of 11 bytes", 11, 11, -EBADMSG },
	{ "item of its header", 11, 12, -EBADMSG },
	{ "item of 13 bytes", 11, 13, -EBADMSG },
	{ "item of 15 bytes", 11, 15, -EBADMSG },
	{ "item that takes in the next", 11, 32, 0 },
	{ "item of all", 11, 104, 0 },
	{ "item of more than all", 11, 108, -EBADMSG },
	{ "item of -4 bytes", 11, -4, -EBADMSG },
	{ "item of 0x80000000 bytes", 11, 0x80000000, -EBADMSG },
	{ "value in the item's header", 13, 8, -EBADMSG },
	{ "value at 0", 13, 0, -EBADMSG },
	{ "value cut", 13, 13, -EBADMSG },
	{ "value at the end", 13, 16, -EBADMSG },
	{ "value behind the end", 13, 20, -EBADMSG },
	{ "value at -4", 13, -4, -EBADMSG },
	{ "packet id of version 0", 30, 0x12340300, -EBADMSG },
	{ "packet id of version 2", 30, 0x12340302, -EBADMSG },
	{ "unknown item with no value", 33, 24, 0 },
	{ "unknown item, value behind it", 33, 28, -EBADMSG },
	{ "another type", 12, 78, 0 },
};

static void codec_field_desc(const struct codec_field_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(codec_rx_field, codec_rx_fields, codec_field_desc);

static void codec_decode_fields(struct kunit *test)
{
	const struct codec_field_case *one = test->param_value;
	struct codec_msg msg = codec_packet;
	struct rndis_rx_frame frame = {};

	msg.word[one->at] = one->value;
	KUNIT_EXPECT_EQ(test, one->err, codec_decode(test, &msg, 160, &frame));
	if (one->err)
		return;
	KUNIT_EXPECT_GE(test, frame.data_offset, 44);
	KUNIT_EXPECT_GE(test, frame.data_len, 1);
	KUNIT_EXPECT_LE(test, frame.data_offset + frame.data_len, 160);
}

static void codec_decode_values(struct kunit *test)
{
	struct codec_msg msg = codec_packet;
	struct rndis_rx_frame frame;

	/* The tag that says that there is none. */
	msg.word[18] = ~0U;
	KUNIT_ASSERT_EQ(test, 0, codec_decode(test, &msg, 160, &frame));
	KUNIT_EXPECT_EQ(test, 0x1d, frame.flags);
	KUNIT_EXPECT_EQ(test, 0, frame.vlan);

	/* Twice the same: the last one counts. */
	msg.word[16] = 0;
	msg.word[18] = 0x11;
	KUNIT_ASSERT_EQ(test, 0, codec_decode(test, &msg, 160, &frame));
	KUNIT_EXPECT_EQ(test, 0x11, frame.csum);

	/* No frame. */
	msg.word[0] = RNDIS_MSG_INDICATE;
	KUNIT_EXPECT_EQ(test, -ENOMSG, codec_decode(test, &msg, 160, &frame));
	KUNIT_EXPECT_EQ(test, -ENOMSG,
			codec_decode(test, &(struct codec_msg){
				.word = { 8, 8 }, .num = 2 }, 8, &frame));
}

/* No bytes that a host can write lead out of the message or into a loop. */
static void codec_decode_noise(struct kunit *test)
{
	struct codec_msg msg = codec_packet;
	struct rndis_rx_frame frame;
	u32 round, i, state = 1;

	for (round = 0; round < 20000; round++) {
		msg = codec_packet;
		for (i = 0; i < 3; i++) {
			state = state * 1664525 + 1013904223;
			msg.word[state >> 8 & 31] = state >> 16 & 1 ?
						    state >> 17 & 0xff : state;
		}
		if (codec_decode(test, &msg, 160, &frame))
			continue;
		KUNIT_ASSERT_LE(test, frame.data_offset, 160);
		KUNIT_ASSERT_LE(test, frame.data_len, 160 - frame.data_offset);
	}
}

/* Requests to the host */

static void codec_requests(struct kunit *test)
{
	static const u32 init[] = { 2, 24, 0x77, 1, 0, 0x4000 };
	static const u32 halt[] = { 3, 12, 0x77 };
	static const u32 query[] = { 4, 32, 0x77, 0x10106, 4, 20, 0,
				     0x64636261 };
	static const u32 bare[] = { 4, 28, 0x77, 0x10106, 0, 20, 0 };
	static const u32 set[] = { 5, 32, 0x77, 0x1010e, 4, 20, 0,
				   0x64636261 };
	static const u32 alive[] = { 0x80000008, 16, 0x77, 0xc0000001 };
	u8 to[64];

	KUNIT_EXPECT_EQ(test, 24, rndis_build_init(to, 64, 0x77, 0x4000));
	codec_expect_words(test, to, init, ARRAY_SIZE(init));
	KUNIT_EXPECT_EQ(test, 12, rndis_build_halt(to, 64, 0x77));
	codec_expect_words(test, to, halt, ARRAY_SIZE(halt));
	KUNIT_EXPECT_EQ(test, 32, rndis_build_query(to, 64, 0x77, 0x10106,
						    "abcd", 4));
	codec_expect_words(test, to, query, ARRAY_SIZE(query));
	KUNIT_EXPECT_EQ(test, 28, rndis_build_query(to, 64, 0x77, 0x10106,
						    NULL, 0));
	codec_expect_words(test, to, bare, ARRAY_SIZE(bare));
	KUNIT_EXPECT_EQ(test, 32, rndis_build_set(to, 64, 0x77, 0x1010e,
						  "abcd", 4));
	codec_expect_words(test, to, set, ARRAY_SIZE(set));
	KUNIT_EXPECT_EQ(test, 16, rndis_build_keepalive_complete(to, 64, 0x77,
								 0xc0000001));
	codec_expect_words(test, to, alive, ARRAY_SIZE(alive));
}

/* Nothing is written when there is no room for all of it. */
static void codec_requests_without_room(struct kunit *test)
{
	u8 to[64];
	u32 room;

	for (room = 0; room < 32; room++) {
		memset(to, 0xee, sizeof(to));
		if (room < 24)
			KUNIT_EXPECT_EQ(test, -ENOSPC,
					rndis_build_init(to, room, 1, 1));
		if (room < 12)
			KUNIT_EXPECT_EQ(test, -ENOSPC,
					rndis_build_halt(to, room, 1));
		KUNIT_EXPECT_EQ(test, -ENOSPC,
				rndis_build_query(to, room, 1, 1, "abcd", 4));
		KUNIT_EXPECT_EQ(test, -ENOSPC,
				rndis_build_set(to, room, 1, 1, "abcd", 4));
		KUNIT_EXPECT_EQ(test, -ENOSPC,
				rndis_build_set(to, room, 1, 1, "abcd", ~0U));
		if (room < 12)
			KUNIT_EXPECT_NULL(test, memchr_inv(to, 0xee, 64));
	}
}

static void codec_rss(struct kunit *test)
{
	static const u32 head[] = {
		0x00280289, 0, 0x701, 12, 40, 40, 52, 0, 0, 0, 7, 8, 9,
	};
	static const u32 table[] = { 7, 8, 9 };
	u8 key[NDIS_RSS_KEY_BYTES], to[92];
	struct rndis_rss_config rss = {
		.hash_types = 0x700, .key = key, .table = table,
		.num_entries = 3,
	};
	u32 room;

	memset(key, 0x6d, sizeof(key));
	for (room = 0; room < 92; room++)
		KUNIT_EXPECT_EQ(test, -ENOSPC,
				rndis_build_rss_params(to, room, &rss));
	KUNIT_EXPECT_EQ(test, 92, rndis_build_rss_params(to, 92, &rss));
	codec_expect_words(test, to, head, ARRAY_SIZE(head));
	KUNIT_EXPECT_NULL(test, memchr_inv(to + 52, 0x6d, 40));
	rss.hash_types = 0;
	KUNIT_EXPECT_EQ(test, 92, rndis_build_rss_params(to, 92, &rss));
	KUNIT_EXPECT_EQ(test, 0x10, to[4]);
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(((__le32 *)to)[2]));
	rss.num_entries = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, rndis_build_rss_params(to, 92, &rss));
	rss.num_entries = 257;
	KUNIT_EXPECT_EQ(test, -EINVAL, rndis_build_rss_params(to, 92, &rss));
}

/* Control messages from the host */

struct codec_control_case {
	const char *name;
	struct codec_msg msg;
	u32 fixed;		/* words that have to be there */
	struct rndis_control ctl;
};

static const struct codec_control_case codec_control_cases[] = {
	{ "INIT_COMPLETE",
	  { { 0x80000002, 52, 5, 0xc0000001, 1, 2, 1, 0, 8, 0x4000, 3, 0, 0 },
	    13 }, 11,
	  { .type = 0x80000002, .request_id = 5, .status = 0xc0000001,
	    .init = { .major = 1, .minor = 2, .max_packets = 8,
		      .max_transfer = 0x4000, .alignment = 8 } } },
	{ "QUERY_COMPLETE",
	  { { 0x80000004, 32, 5, 0, 8, 16, 0x11, 0x22 }, 8 }, 8,
	  { .type = 0x80000004, .request_id = 5, .info_offset = 24,
	    .info_len = 8 } },
	{ "QUERY_COMPLETE, failed, with nonsense",
	  { { 0x80000004, 24, 5, 0xc00000bb, ~0U, ~0U }, 6 }, 6,
	  { .type = 0x80000004, .request_id = 5, .status = 0xc00000bb } },
	{ "SET_COMPLETE",
	  { { 0x80000005, 16, 6, 0xc0010015 }, 4 }, 4,
	  { .type = 0x80000005, .request_id = 6, .status = 0xc0010015 } },
	{ "RESET_COMPLETE",
	  { { 0x80000006, 16, 0xc0000001, 1 }, 4 }, 4,
	  { .type = 0x80000006, .status = 0xc0000001 } },
	{ "INDICATE, with a detail",
	  { { 7, 24, 0x40010013, 4, 12, 0x99 }, 6 }, 6,
	  { .type = 7, .status = 0x40010013, .info_offset = 20,
	    .info_len = 4 } },
	{ "INDICATE",
	  { { 7, 20, 0x4001000b, 0, 0 }, 5 }, 5,
	  { .type = 7, .status = 0x4001000b } },
	{ "KEEPALIVE",
	  { { 8, 12, 0x55 }, 3 }, 3,
	  { .type = 8, .request_id = 0x55 } },
	{ "KEEPALIVE_COMPLETE",
	  { { 0x80000008, 16, 0x55, 1 }, 4 }, 4,
	  { .type = 0x80000008, .request_id = 0x55, .status = 1 } },
};

static void codec_control_desc(const struct codec_control_case *one,
			       char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(codec_control, codec_control_cases, codec_control_desc);

static void codec_control_golden(struct kunit *test)
{
	const struct codec_control_case *one = test->param_value;
	struct rndis_control ctl;

	KUNIT_ASSERT_EQ(test, 0, codec_parse(test, &one->msg, 4 * one->msg.num,
					     &ctl));
	KUNIT_EXPECT_MEMEQ(test, &ctl, &one->ctl, sizeof(ctl));
	/* A slot that goes on behind the message. */
	KUNIT_EXPECT_EQ(test, 0, codec_parse(test, &one->msg,
					     4 * one->msg.num + 8, &ctl));
}

static void codec_control_cut(struct kunit *test)
{
	const struct codec_control_case *one = test->param_value;
	struct codec_msg msg = one->msg;
	struct rndis_control ctl;
	u32 len;

	/* The slot ends, the message does not. */
	for (len = 0; len < 4 * one->msg.num; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EBADMSG,
				    codec_parse(test, &one->msg, len, &ctl),
				    "length %u", len);
	/* The message itself is short. */
	for (len = 0; len < 4 * one->msg.num; len++) {
		msg.word[1] = len;
		KUNIT_EXPECT_EQ_MSG(test, len < 4 * one->fixed ? -EBADMSG : 0,
				    codec_parse(test, &msg, len, &ctl),
				    "message length %u", len);
	}
}

static const struct codec_field_case codec_query_fields[] = {
	{ "length one too many", 4, 9, -EBADMSG },
	{ "length -1", 4, ~0U, -EBADMSG },
	{ "length that wraps", 4, -16, -EBADMSG },
	{ "nothing, anywhere", 4, 0, 0 },
	{ "offset in the header", 5, 12, -EBADMSG },
	{ "offset 0", 5, 0, -EBADMSG },
	{ "offset one later", 5, 17, -EBADMSG },
	{ "offset at the end", 5, 24, -EBADMSG },
	{ "offset behind the end", 5, 25, -EBADMSG },
	{ "offset -1", 5, ~0U, -EBADMSG },
};

KUNIT_ARRAY_PARAM(codec_query_field, codec_query_fields, codec_field_desc);

static void codec_control_fields(struct kunit *test)
{
	const struct codec_field_case *one = test->param_value;
	struct codec_msg msg = codec_control_cases[1].msg;
	struct rndis_control ctl;

	msg.word[one->at] = one->value;
	KUNIT_EXPECT_EQ(test, one->err, codec_parse(test, &msg, 32, &ctl));
	/* The same of an indication, which has a word less before it. */
	msg = (struct codec_msg){ { 7, 28, 1, msg.word[4], msg.word[5] - 4,
				    1, 2 }, 7 };
	if (one->value != ~0U || one->at == 4)
		KUNIT_EXPECT_EQ(test, one->err, codec_parse(test, &msg, 28,
							    &ctl));
}

static void codec_init_fields(struct kunit *test)
{
	struct codec_msg msg = codec_control_cases[0].msg;
	struct rndis_control ctl;
	u32 factor;

	for (factor = 0; factor < 40; factor++) {
		msg.word[10] = factor;
		KUNIT_EXPECT_EQ(test, factor > 12 ? -EBADMSG : 0,
				codec_parse(test, &msg, 52, &ctl));
		if (factor <= 12)
			KUNIT_EXPECT_EQ(test, 1 << factor, ctl.init.alignment);
	}
	msg.word[10] = ~0U;
	KUNIT_EXPECT_EQ(test, -EBADMSG, codec_parse(test, &msg, 52, &ctl));
	msg.word[10] = 0;
	msg.word[8] = 0;
	KUNIT_EXPECT_EQ(test, 0, codec_parse(test, &msg, 52, &ctl));
	KUNIT_EXPECT_EQ(test, 1, ctl.init.max_packets);
	msg.word[8] = ~0U;
	KUNIT_EXPECT_EQ(test, 0, codec_parse(test, &msg, 52, &ctl));
	KUNIT_EXPECT_EQ(test, ~0U, ctl.init.max_packets);
}

static void codec_control_unknown(struct kunit *test)
{
	static const u32 types[] = { 0, 1, 2, 3, 4, 5, 6, 9, 10, 0x80000000,
				     0x80000001, 0x80000003, 0x80000007,
				     0x80000009, ~0U };
	struct codec_msg msg = { { 0, 52 }, 13 };
	struct rndis_control ctl;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		msg.word[0] = types[i];
		KUNIT_EXPECT_EQ_MSG(test, -EOPNOTSUPP,
				    codec_parse(test, &msg, 52, &ctl),
				    "type %#x", types[i]);
	}
}

/* Objects */

static int codec_offload(struct kunit *test, const struct codec_msg *msg,
			 u32 len, struct rndis_offload_caps *caps)
{
	u8 *alone = codec_alone(test, msg, len);
	int err = rndis_parse_offload(alone, len, caps);

	kfree(alone);

	return err;
}

static const struct codec_msg codec_offload_rev3 = {
	.word = {
		0x009c03a7,			/* OFFLOAD, revision 3, 156 */
		2, 0x155, 2, 0x154, 2, 0x55, 2, 0x54,
		0, 0, 0, 0,			/* LSO, version 1 */
		0, 0, 0, 0, 0, 0, 0,		/* IPsec */
		2, 62780, 2, 2, 62000, 3, 5,	/* LSO, version 2 */
		0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0x0101, 0, 0,			/* RSC */
	},
	.num = 39,
};

static void codec_offload_golden(struct kunit *test)
{
	struct codec_msg msg = codec_offload_rev3;
	struct rndis_offload_caps caps;

	KUNIT_ASSERT_EQ(test, 0, codec_offload(test, &msg, 156, &caps));
	KUNIT_EXPECT_EQ(test, 0x155, caps.tx_csum_ipv4);
	KUNIT_EXPECT_EQ(test, 0x154, caps.rx_csum_ipv4);
	KUNIT_EXPECT_EQ(test, 0x55, caps.tx_csum_ipv6);
	KUNIT_EXPECT_EQ(test, 0x54, caps.rx_csum_ipv6);
	KUNIT_EXPECT_EQ(test, 62780, caps.lso_v2_ipv4_max);
	KUNIT_EXPECT_EQ(test, 2, caps.lso_v2_ipv4_min_segments);
	KUNIT_EXPECT_EQ(test, 62000, caps.lso_v2_ipv6_max);
	KUNIT_EXPECT_EQ(test, 3, caps.lso_v2_ipv6_min_segments);
	KUNIT_EXPECT_EQ(test, 5, caps.lso_v2_ipv6_flags);
	KUNIT_EXPECT_TRUE(test, caps.rsc_ipv4);
	KUNIT_EXPECT_TRUE(test, caps.rsc_ipv6);

	/* What is not for Ethernet is not for us. */
	msg.word[1] = 1;
	msg.word[20] = 1;
	msg.word[36] = 0x0100;
	KUNIT_ASSERT_EQ(test, 0, codec_offload(test, &msg, 156, &caps));
	KUNIT_EXPECT_EQ(test, 0, caps.tx_csum_ipv4);
	KUNIT_EXPECT_EQ(test, 0, caps.lso_v2_ipv4_max);
	KUNIT_EXPECT_EQ(test, 62000, caps.lso_v2_ipv6_max);
	KUNIT_EXPECT_FALSE(test, caps.rsc_ipv4);
	KUNIT_EXPECT_TRUE(test, caps.rsc_ipv6);
}

static void codec_offload_sizes(struct kunit *test)
{
	struct codec_msg msg = codec_offload_rev3;
	struct rndis_offload_caps caps;
	u32 len;

	for (len = 0; len < 156; len++)
		KUNIT_EXPECT_EQ(test, -EBADMSG, codec_offload(test, &msg, len,
							      &caps));
	/* Older ones are shorter, and say so. */
	for (len = 0; len < 156; len++) {
		msg.word[0] = len << 16 | 0x1a7;
		KUNIT_EXPECT_EQ(test, len < 112 ? -EBADMSG : 0,
				codec_offload(test, &msg, 156, &caps));
		if (len >= 112 && len <= 144)
			KUNIT_EXPECT_FALSE(test, caps.rsc_ipv4);
	}
	msg.word[0] = 0x009c00a7;
	KUNIT_EXPECT_EQ(test, -EBADMSG, codec_offload(test, &msg, 156, &caps));
	msg.word[0] = 0x009c03a8;
	KUNIT_EXPECT_EQ(test, -EBADMSG, codec_offload(test, &msg, 156, &caps));
	msg.word[0] = 0x00c8ffa7;
	KUNIT_EXPECT_EQ(test, 0, codec_offload(test, &msg, 200, &caps));
	KUNIT_EXPECT_TRUE(test, caps.rsc_ipv6);
}

static int codec_rss_caps(struct kunit *test, const struct codec_msg *msg,
			  u32 len, struct rndis_rss_caps *caps)
{
	u8 *alone = codec_alone(test, msg, len);
	int err = rndis_parse_rss_caps(alone, len, caps);

	kfree(alone);

	return err;
}

static void codec_rss_object(struct kunit *test)
{
	struct codec_msg msg = { { 0x00120288, 0x301, 5, 64, 128 }, 5 };
	static const u32 entries[][2] = {
		{ 0, 128 }, { 1, 1 }, { 16, 16 }, { 128, 128 }, { 256, 256 },
		{ 257, 256 }, { 0xffff, 256 },
	};
	struct rndis_rss_caps caps;
	unsigned int i;
	u32 len;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		msg.word[4] = entries[i][0];
		KUNIT_EXPECT_EQ(test, 0, codec_rss_caps(test, &msg, 18, &caps));
		KUNIT_EXPECT_EQ(test, entries[i][1], caps.num_entries);
		KUNIT_EXPECT_EQ(test, 64, caps.num_queues);
		KUNIT_EXPECT_EQ(test, 0x301, caps.flags);
	}
	for (len = 0; len < 18; len++)
		KUNIT_EXPECT_EQ(test, -EBADMSG, codec_rss_caps(test, &msg, len,
							       &caps));
	/* The first revision does not say how long the table is. */
	msg.word[0] = 0x00100188;
	KUNIT_EXPECT_EQ(test, 0, codec_rss_caps(test, &msg, 16, &caps));
	KUNIT_EXPECT_EQ(test, 128, caps.num_entries);
	msg.word[0] = 0x000f0188;
	KUNIT_EXPECT_EQ(test, -EBADMSG, codec_rss_caps(test, &msg, 16, &caps));
	msg.word[0] = 0x00100189;
	KUNIT_EXPECT_EQ(test, -EBADMSG, codec_rss_caps(test, &msg, 16, &caps));
}

static struct kunit_case codec_cases[] = {
	KUNIT_CASE_PARAM(codec_encode, codec_tx_gen_params),
	KUNIT_CASE(codec_words),
	KUNIT_CASE(codec_decode_all),
	KUNIT_CASE(codec_decode_cut),
	KUNIT_CASE_PARAM(codec_decode_fields, codec_rx_field_gen_params),
	KUNIT_CASE(codec_decode_values),
	KUNIT_CASE(codec_decode_noise),
	KUNIT_CASE(codec_requests),
	KUNIT_CASE(codec_requests_without_room),
	KUNIT_CASE(codec_rss),
	KUNIT_CASE_PARAM(codec_control_golden, codec_control_gen_params),
	KUNIT_CASE_PARAM(codec_control_cut, codec_control_gen_params),
	KUNIT_CASE_PARAM(codec_control_fields, codec_query_field_gen_params),
	KUNIT_CASE(codec_init_fields),
	KUNIT_CASE(codec_control_unknown),
	KUNIT_CASE(codec_offload_golden),
	KUNIT_CASE(codec_offload_sizes),
	KUNIT_CASE(codec_rss_object),
	{ }
};

static struct kunit_suite codec_suite = {
	.name = "hv_netvsc_codec",
	.test_cases = codec_cases,
};

kunit_test_suite(codec_suite);
