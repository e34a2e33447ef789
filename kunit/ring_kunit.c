// SPDX-License-Identifier: GPL-2.0
/*
 * The ring: what the host sees of what is written, wrap and full, when the
 * other side is signalled, and a host that lies.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "fake_ring.h"

#define RING_BYTES	4096U
#define PAYLOAD		40U
/* Descriptor, payload, trailer. */
#define PACKET		(16 + PAYLOAD + 8)
/* One unit of 8 bytes stays free. */
#define FIT		((RING_BYTES - 8) / PACKET)

struct ring_test {
	struct fake_ring *to_host;
	struct fake_ring *from_host;
	struct nvb_ring_out out;
	struct nvb_ring_in in;
	u64 full_total;
	u64 full_first;
	u64 out_signals;
	u64 in_signals;
	u8 *copy;
};

static void ring_start(struct kunit *test, u32 index)
{
	struct ring_test *t = test->priv;
	const struct nvb_ring_counters counters = {
		.out_full_total = &t->full_total,
		.out_full_first = &t->full_first,
		.out_signals = &t->out_signals,
		.in_signals = &t->in_signals,
	};

	KUNIT_ASSERT_EQ(test, 0, nvb_out_init(&t->out, t->to_host->ctrl,
					      t->to_host->data, RING_BYTES,
					      &counters));
	KUNIT_ASSERT_EQ(test, 0, nvb_in_init(&t->in, t->from_host->ctrl,
					     t->from_host->data, RING_BYTES,
					     t->copy, &counters));
	fake_ring_seek(t->to_host, index);
	fake_ring_seek(t->from_host, index);
	t->out.write_index = index;
	t->out.published = index;
	t->out.read_index = index;
	t->in.read_index = index;
	t->in.published = index;
	t->in.write_index = index;
}

static int ring_init(struct kunit *test)
{
	struct ring_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->to_host = fake_ring_alloc(test, RING_BYTES);
	t->from_host = fake_ring_alloc(test, RING_BYTES);
	/* Of its exact size: a byte too much is one that KASAN sees. */
	t->copy = kunit_kzalloc(test, NVB_IN_COPY_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->copy);
	ring_start(test, 0);

	return 0;
}

static bool ring_put(struct ring_test *t, u8 fill)
{
	u8 *to = nvb_out_claim(&t->out, NVB_PACKET_INBAND, 0, fill, 0, PAYLOAD);

	if (!to)
		return false;
	memset(to, fill, PAYLOAD);
	nvb_out_commit(&t->out);

	return true;
}

static void ring_expect_packet(struct kunit *test, u64 trans_id, u8 fill)
{
	struct ring_test *t = test->priv;
	struct fake_packet pkt;

	KUNIT_ASSERT_TRUE(test, fake_ring_take(t->to_host, &pkt));
	KUNIT_EXPECT_EQ(test, NVB_PACKET_INBAND, pkt.type);
	KUNIT_EXPECT_EQ(test, trans_id, pkt.trans_id);
	KUNIT_EXPECT_EQ(test, 0, pkt.ext_len);
	KUNIT_ASSERT_EQ(test, PAYLOAD, pkt.payload_len);
	KUNIT_EXPECT_NULL(test, memchr_inv(pkt.payload, fill, PAYLOAD));
}

static void ring_sizes(struct kunit *test)
{
	static const u32 bad[] = { 0, 1, 4095, 4097, 0x80000000, 0xfffff000 };
	struct nvb_ring_counters none = {};
	struct ring_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nvb_out_init(&t->out, t->to_host->ctrl,
						 t->to_host->data, bad[i],
						 &none), "size %u", bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nvb_in_init(&t->in, t->from_host->ctrl,
						t->from_host->data, bad[i],
						t->copy, &none),
				    "size %u", bad[i]);
	}
}

/* Parts that are no multiple of 8 are padded with zeroes. */
static void ring_out_layout(struct kunit *test)
{
	static const u8 golden[] = {
		0x09, 0, 0x04, 0, 0x06, 0, 0x01, 0,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7,
		0xe8, 0, 0, 0, 0, 0, 0, 0,
		0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
		0xf8, 0xf9, 0xfa, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0xaa,
	};
	struct ring_test *t = test->priv;
	u8 *to;
	u32 i;

	memset(t->to_host->data, 0xaa, RING_BYTES);
	to = nvb_out_claim(&t->out, NVB_PACKET_GPA_DIRECT,
			   NVB_FLAG_COMPLETION_REQUESTED,
			   0x1122334455667788ULL, 9, 11);
	KUNIT_ASSERT_PTR_EQ(test, to, t->to_host->data + 16);
	for (i = 0; i < 9; i++)
		to[i] = 0xe0 + i;
	for (i = 0; i < 11; i++)
		to[16 + i] = 0xf0 + i;
	nvb_out_commit(&t->out);
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(t->to_host->ctrl->write_index));
	KUNIT_EXPECT_TRUE(test, nvb_out_pending(&t->out));
	KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_FALSE(test, nvb_out_pending(&t->out));
	KUNIT_EXPECT_EQ(test, sizeof(golden) - 1,
			le32_to_cpu(t->to_host->ctrl->write_index));
	KUNIT_EXPECT_MEMEQ(test, t->to_host->data, golden, sizeof(golden));
	KUNIT_EXPECT_EQ(test, sizeof(golden) - 1, nvb_out_bytes(9, 11));
}

/* At every place in the ring, both ways. */
static void ring_wrap(struct kunit *test)
{
	struct ring_test *t = test->priv;
	u8 payload[PAYLOAD];
	struct nvb_packet pkt;
	u32 index;

	for (index = RING_BYTES - PACKET - 8; index < RING_BYTES; index += 8) {
		ring_start(test, index);
		KUNIT_ASSERT_TRUE(test, ring_put(t, index / 8));
		KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));
		ring_expect_packet(test, (u8)(index / 8), index / 8);

		memset(payload, index / 8, sizeof(payload));
		fake_ring_write(t->from_host, NVB_PACKET_INBAND, index,
				NULL, 0, payload, sizeof(payload));
		KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
		KUNIT_EXPECT_EQ(test, index, pkt.trans_id);
		KUNIT_ASSERT_EQ(test, PAYLOAD, pkt.payload_len);
		KUNIT_EXPECT_MEMEQ(test, pkt.payload, payload, PAYLOAD);
		KUNIT_EXPECT_EQ(test, 0, nvb_in_next(&t->in, &pkt));
		nvb_in_publish(&t->in);
		KUNIT_EXPECT_EQ(test, (index + PACKET) % RING_BYTES,
				le32_to_cpu(t->from_host->ctrl->read_index));
	}
}

static void ring_out_full(struct kunit *test)
{
	struct ring_test *t = test->priv;
	u32 i;

	for (i = 0; i < FIT; i++)
		KUNIT_ASSERT_TRUE(test, ring_put(t, i));
	KUNIT_EXPECT_EQ(test, RING_BYTES - 8 - FIT * PACKET,
			nvb_out_free(&t->out));
	KUNIT_EXPECT_FALSE(test, ring_put(t, 0xff));
	KUNIT_EXPECT_FALSE(test, ring_put(t, 0xff));
	KUNIT_EXPECT_EQ(test, 2, t->full_total);
	KUNIT_EXPECT_EQ(test, 1, t->full_first);
	KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));

	ring_expect_packet(test, 0, 0);
	KUNIT_EXPECT_TRUE(test, ring_put(t, FIT));
	KUNIT_EXPECT_FALSE(test, ring_put(t, 0xff));
	nvb_out_publish(&t->out);
	for (i = 1; i <= FIT; i++)
		ring_expect_packet(test, i, i);
	KUNIT_EXPECT_EQ(test, 2, t->full_first);
	KUNIT_EXPECT_EQ(test, 99, nvb_out_free_percent(&t->out));
}

/* The last 8 bytes are never written: full would look like empty. */
static void ring_out_never_quite_full(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_EXPECT_NULL(test, nvb_out_claim(&t->out, NVB_PACKET_INBAND, 0, 1,
					      0, RING_BYTES - 24));
	KUNIT_EXPECT_NOT_NULL(test, nvb_out_claim(&t->out, NVB_PACKET_INBAND, 0,
						  1, 0, RING_BYTES - 24 - 8));
	nvb_out_commit(&t->out);
	KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_EQ(test, RING_BYTES - 8,
			le32_to_cpu(t->to_host->ctrl->write_index));
}

/* Lengths that 16 bits cannot say, or that overflow when added up. */
static void ring_out_too_long(struct kunit *test)
{
	static const u32 len[][2] = {
		{ 0, 0xffffffff }, { 0xffffffff, 0 }, { 0xffffffff, 0xffffffff },
		{ 0x80000000, 0x80000000 }, { 0, 0xffff * 8 },
		{ 0xffff * 8, 0 }, { 0xfffffff0, 8 },
	};
	struct ring_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(len); i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      nvb_out_claim(&t->out, NVB_PACKET_INBAND,
						    0, 1, len[i][0], len[i][1]),
				      "lengths %#x %#x", len[i][0], len[i][1]);
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_EQ(test, RING_BYTES - 8, nvb_out_free(&t->out));
}

static void ring_out_forgotten_claim(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, nvb_out_claim(&t->out, NVB_PACKET_INBAND, 0,
						  1, 0, 1000));
	KUNIT_ASSERT_TRUE(test, ring_put(t, 2));
	nvb_out_commit(&t->out);
	nvb_out_publish(&t->out);
	ring_expect_packet(test, 2, 2);
	KUNIT_EXPECT_EQ(test, PACKET,
			le32_to_cpu(t->to_host->ctrl->write_index));
}

static const u32 ring_bad_index[] = {
	RING_BYTES, RING_BYTES + 8, 1, 4, 7, 4092, 0x7fffffff, 0x80000000,
	0xffffffff, 0xfffffff8,
};

static void ring_bad_index_desc(const u32 *index, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%#x", *index);
}

KUNIT_ARRAY_PARAM(ring_bad_index, ring_bad_index, ring_bad_index_desc);

/* Found out when the index is needed, and for good. */
static void ring_out_hostile_index(struct kunit *test)
{
	const u32 *index = test->param_value;
	struct ring_test *t = test->priv;
	u32 i;

	WRITE_ONCE(t->to_host->ctrl->read_index, cpu_to_le32(*index));
	for (i = 0; i < FIT; i++)
		KUNIT_ASSERT_TRUE(test, ring_put(t, i));
	KUNIT_EXPECT_FALSE(test, ring_put(t, 0xff));
	KUNIT_EXPECT_TRUE(test, t->out.dead);
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_EQ(test, 0, nvb_out_free(&t->out));
	KUNIT_EXPECT_EQ(test, 0, nvb_out_free_percent(&t->out));
	KUNIT_EXPECT_FALSE(test, nvb_out_want(&t->out, 8));

	WRITE_ONCE(t->to_host->ctrl->read_index, 0);
	KUNIT_EXPECT_FALSE(test, ring_put(t, 0xff));
}

static void ring_in_hostile_index(struct kunit *test)
{
	const u32 *index = test->param_value;
	struct ring_test *t = test->priv;
	struct nvb_packet pkt;

	WRITE_ONCE(t->from_host->ctrl->write_index, cpu_to_le32(*index));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 1, t->in.corrupt);
	KUNIT_EXPECT_TRUE(test, nvb_in_empty(&t->in));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));
	KUNIT_EXPECT_FALSE(test, nvb_in_unmask(&t->in));

	WRITE_ONCE(t->from_host->ctrl->write_index, cpu_to_le32(PACKET));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 1, t->in.corrupt);
}

/* With the ring not empty, the index that is behind what has been read. */
static void ring_out_signal(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));
	ring_put(t, 1);
	KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));

	/* The host has not read the first: it is awake. */
	ring_put(t, 2);
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));
	ring_expect_packet(test, 1, 1);
	ring_put(t, 3);
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));

	ring_expect_packet(test, 2, 2);
	ring_expect_packet(test, 3, 3);
	WRITE_ONCE(t->to_host->ctrl->interrupt_mask, cpu_to_le32(1));
	ring_put(t, 4);
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));

	ring_expect_packet(test, 4, 4);
	WRITE_ONCE(t->to_host->ctrl->interrupt_mask, 0);
	ring_put(t, 5);
	ring_put(t, 6);
	KUNIT_EXPECT_TRUE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_EQ(test, 2, t->out_signals);
}

static void ring_out_want(struct kunit *test)
{
	struct nvb_ring_ctrl *ctrl;
	struct ring_test *t = test->priv;

	ctrl = t->to_host->ctrl;
	KUNIT_EXPECT_TRUE(test, nvb_out_want(&t->out, 100));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->pending_send_size));
	while (ring_put(t, 7))
		;
	nvb_out_publish(&t->out);
	KUNIT_EXPECT_FALSE(test, nvb_out_want(&t->out, 100));
	KUNIT_EXPECT_EQ(test, 104, le32_to_cpu(ctrl->pending_send_size));
	KUNIT_EXPECT_TRUE(test, nvb_out_want(&t->out, 0));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->pending_send_size));

	ring_expect_packet(test, 7, 7);
	ring_expect_packet(test, 7, 7);
	KUNIT_EXPECT_TRUE(test, nvb_out_want(&t->out, 100));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->pending_send_size));
}

static void ring_out_stop(struct kunit *test)
{
	struct ring_test *t = test->priv;

	ring_put(t, 1);
	nvb_out_stop(&t->out);
	KUNIT_EXPECT_FALSE(test, nvb_out_pending(&t->out));
	KUNIT_EXPECT_FALSE(test, nvb_out_publish(&t->out));
	KUNIT_EXPECT_FALSE(test, ring_put(t, 2));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(t->to_host->ctrl->write_index));
}

static void ring_in_layout(struct kunit *test)
{
	static const u8 ext[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	static const u8 payload[] = { 0xa, 0xb, 0xc };
	struct ring_test *t = test->priv;
	struct nvb_packet pkt;

	KUNIT_EXPECT_TRUE(test, nvb_in_empty(&t->in));
	KUNIT_EXPECT_EQ(test, 0, nvb_in_next(&t->in, &pkt));
	fake_ring_write(t->from_host, 0xabcd, 0x8877665544332211ULL, ext,
			sizeof(ext), payload, sizeof(payload));
	KUNIT_EXPECT_FALSE(test, nvb_in_empty(&t->in));
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 0xabcd, pkt.type);
	KUNIT_EXPECT_EQ(test, 0x8877665544332211ULL, pkt.trans_id);
	KUNIT_EXPECT_EQ(test, 16, pkt.ext_len);
	KUNIT_EXPECT_EQ(test, 8, pkt.payload_len);
	KUNIT_EXPECT_MEMEQ(test, pkt.ext, ext, sizeof(ext));
	KUNIT_EXPECT_MEMEQ(test, pkt.payload, payload, sizeof(payload));
	KUNIT_EXPECT_EQ(test, 16 + 16 + 8 + 8, nvb_in_consumed(&t->in));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(t->from_host->ctrl->read_index));

	/* What the host writes now does not change what has been read. */
	memset(t->from_host->data, 0xee, 64);
	KUNIT_EXPECT_MEMEQ(test, pkt.ext, ext, sizeof(ext));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));
	KUNIT_EXPECT_EQ(test, 48, le32_to_cpu(t->from_host->ctrl->read_index));
	KUNIT_EXPECT_EQ(test, 0, nvb_in_consumed(&t->in));
}

struct ring_bad_desc {
	const char *what;
	u16 offset8;
	u16 len8;
	u16 there8;		/* that the host's index covers */
};

static const struct ring_bad_desc ring_bad_desc[] = {
	{ "offset 0", 0, 4, 5 },
	{ "offset in the descriptor", 1, 4, 5 },
	{ "length 0", 2, 0, 5 },
	{ "length below the offset", 3, 2, 5 },
	{ "length of the descriptor's half", 2, 1, 5 },
	{ "offset behind the end", 0xffff, 4, 5 },
	{ "no room for the trailer", 2, 4, 4 },
	{ "one unit too long", 2, 5, 5 },
	{ "as long as can be said", 2, 0xffff, 5 },
	{ "both as long as can be said", 0xffff, 0xffff, 5 },
	{ "half a descriptor is there", 2, 2, 1 },
	{ "a descriptor alone is there", 2, 2, 2 },
};

static void ring_bad_desc_name(const struct ring_bad_desc *bad, char *desc)
{
	strscpy(desc, bad->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ring_bad_desc, ring_bad_desc, ring_bad_desc_name);

static void ring_in_hostile_descriptor(struct kunit *test)
{
	const struct ring_bad_desc *bad = test->param_value;
	struct ring_test *t = test->priv;
	u8 raw[5 * 8] = {
		NVB_PACKET_INBAND, 0, bad->offset8, bad->offset8 >> 8,
		bad->len8, bad->len8 >> 8,
	};
	struct nvb_packet pkt;
	u32 index;

	/* In the middle, and where it goes over the end. */
	for (index = RING_BYTES - 16; index <= RING_BYTES; index += 16) {
		ring_start(test, index % RING_BYTES);
		fake_ring_write_raw(t->from_host, raw, bad->there8);
		KUNIT_EXPECT_EQ(test, -EPROTO, nvb_in_next(&t->in, &pkt));
		KUNIT_EXPECT_EQ(test, -EPROTO, nvb_in_next(&t->in, &pkt));
		KUNIT_EXPECT_EQ(test, 1, t->in.corrupt);
		KUNIT_EXPECT_EQ(test, 0, t->in.packets);
	}
}

/* The shortest packet: nothing behind the descriptor. */
static void ring_in_empty_packet(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct nvb_packet pkt;

	fake_ring_write(t->from_host, NVB_PACKET_COMPLETION, 5, NULL, 0, NULL,
			0);
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 0, pkt.ext_len);
	KUNIT_EXPECT_EQ(test, 0, pkt.payload_len);
}

static void ring_in_oversized(struct kunit *test)
{
	const u32 most = NVB_IN_COPY_BYTES / 8 * 8;
	struct fake_ring *ring = fake_ring_alloc(test, 4 * RING_BYTES);
	struct nvb_ring_counters none = {};
	struct ring_test *t = test->priv;
	struct nvb_packet pkt;
	u8 *payload;

	payload = kunit_kzalloc(test, most + 8, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, payload);
	memset(payload, 0x5a, most + 8);
	KUNIT_ASSERT_EQ(test, 0, nvb_in_init(&t->in, ring->ctrl, ring->data,
					     4 * RING_BYTES, t->copy, &none));
	fake_ring_write(ring, NVB_PACKET_INBAND, 1, NULL, 0, payload, most + 8);
	fake_ring_write(ring, NVB_PACKET_INBAND, 2, NULL, 0, payload, most);
	KUNIT_EXPECT_EQ(test, -EMSGSIZE, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 1, t->in.oversized);
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_EQ(test, 2, pkt.trans_id);
	KUNIT_EXPECT_EQ(test, most, pkt.payload_len);
	KUNIT_EXPECT_NULL(test, memchr_inv(pkt.payload, 0x5a, most));
}

/* A host that waits for room gets one signal, when there is enough. */
static void ring_in_signal(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct nvb_ring_ctrl *ctrl = t->from_host->ctrl;
	u8 payload[PAYLOAD] = {};
	struct nvb_packet pkt;
	u32 i;

	for (i = 0; i < FIT; i++)
		fake_ring_write(t->from_host, NVB_PACKET_INBAND, i, NULL, 0,
				payload, PAYLOAD);
	/* Of 4096 bytes, 64 are free: four more packets make it 320. */
	WRITE_ONCE(ctrl->pending_send_size, cpu_to_le32(300));
	for (i = 0; i < FIT; i++) {
		KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
		KUNIT_EXPECT_EQ_MSG(test, i == 3, nvb_in_publish(&t->in),
				    "after packet %u", i);
	}
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));
	KUNIT_EXPECT_EQ(test, 1, t->in_signals);
}

static void ring_in_no_signal_unasked(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct nvb_ring_ctrl *ctrl = t->from_host->ctrl;
	u8 payload[PAYLOAD] = {};
	struct nvb_packet pkt;
	u32 i;

	for (i = 0; i < 3; i++)
		fake_ring_write(t->from_host, NVB_PACKET_INBAND, i, NULL, 0,
				payload, PAYLOAD);
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));

	/* A host that does not know of the wish has not expressed one. */
	WRITE_ONCE(ctrl->feature_bits, 0);
	WRITE_ONCE(ctrl->pending_send_size, cpu_to_le32(RING_BYTES - 96));
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));

	/* A write index out of bounds decides nothing, though it would fit. */
	WRITE_ONCE(ctrl->feature_bits, cpu_to_le32(1));
	WRITE_ONCE(ctrl->pending_send_size, cpu_to_le32(RING_BYTES + 144));
	KUNIT_ASSERT_EQ(test, 1, nvb_in_next(&t->in, &pkt));
	WRITE_ONCE(ctrl->write_index, cpu_to_le32(0xfffffff8));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));
	KUNIT_EXPECT_EQ(test, 0, t->in_signals);
}

static void ring_in_mask(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct nvb_ring_ctrl *ctrl = t->from_host->ctrl;

	nvb_in_mask(&t->in);
	KUNIT_EXPECT_EQ(test, 1, le32_to_cpu(ctrl->interrupt_mask));
	KUNIT_EXPECT_FALSE(test, nvb_in_unmask(&t->in));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->interrupt_mask));

	nvb_in_mask(&t->in);
	fake_ring_write(t->from_host, NVB_PACKET_INBAND, 1, NULL, 0, NULL, 0);
	KUNIT_EXPECT_TRUE(test, nvb_in_unmask(&t->in));
}

static void ring_in_stop(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct nvb_packet pkt;

	fake_ring_write(t->from_host, NVB_PACKET_INBAND, 1, NULL, 0, NULL, 0);
	nvb_in_stop(&t->in);
	KUNIT_EXPECT_EQ(test, -EPROTO, nvb_in_next(&t->in, &pkt));
	KUNIT_EXPECT_TRUE(test, nvb_in_empty(&t->in));
	KUNIT_EXPECT_FALSE(test, nvb_in_unmask(&t->in));
	KUNIT_EXPECT_FALSE(test, nvb_in_publish(&t->in));
	nvb_in_mask(&t->in);
	KUNIT_EXPECT_EQ(test, 0,
			le32_to_cpu(t->from_host->ctrl->interrupt_mask));
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_sizes),
	KUNIT_CASE(ring_out_layout),
	KUNIT_CASE(ring_wrap),
	KUNIT_CASE(ring_out_full),
	KUNIT_CASE(ring_out_never_quite_full),
	KUNIT_CASE(ring_out_too_long),
	KUNIT_CASE(ring_out_forgotten_claim),
	KUNIT_CASE_PARAM(ring_out_hostile_index, ring_bad_index_gen_params),
	KUNIT_CASE(ring_out_signal),
	KUNIT_CASE(ring_out_want),
	KUNIT_CASE(ring_out_stop),
	KUNIT_CASE(ring_in_layout),
	KUNIT_CASE_PARAM(ring_in_hostile_index, ring_bad_index_gen_params),
	KUNIT_CASE_PARAM(ring_in_hostile_descriptor, ring_bad_desc_gen_params),
	KUNIT_CASE(ring_in_empty_packet),
	KUNIT_CASE(ring_in_oversized),
	KUNIT_CASE(ring_in_signal),
	KUNIT_CASE(ring_in_no_signal_unasked),
	KUNIT_CASE(ring_in_mask),
	KUNIT_CASE(ring_in_stop),
	{ }
};

static struct kunit_suite ring_suite = {
	.name = "hv_netvsc_ring",
	.init = ring_init,
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
