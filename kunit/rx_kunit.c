// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: frames, slots and their return to the host, and packets, ranges and
 * messages that are not what they should be.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

#define RX_XID	0x1000

/* An RNDIS data message: its header, one item if @id is not 0, the frame. */
struct rx_message {
	__le32 word[15];
	u8 data[200];
};

static int rx_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	nic->host->returned[0] = 0;

	return 0;
}

static struct netvsc_rx_stats *rx_stats(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return &nic->nv->stats[0]->rx;
}

#define rx_stat(test, field)	u64_stats_read(&rx_stats(test)->field)

/* Fills a message with @len bytes of frame; returns its bytes. */
static u32 rx_build(struct rx_message *msg, u32 len, u32 item, u32 value)
{
	u32 ppi = item == ~0U ? 0 : 16;
	const u32 word[] = {
		1, 60 + len, 52, len, 0, 0, 0, ppi ? 36 : 0, ppi, 0, 0,
		16, item, 12, value,
	};
	u32 i;

	memset(msg, 0, sizeof(*msg));
	for (i = 0; i < ARRAY_SIZE(word); i++)
		msg->word[i] = cpu_to_le32(word[i]);
	memset(msg->data, 0x42, sizeof(msg->data));
	memset(msg->data, 0xff, ETH_ALEN);
	msg->data[12] = 0x88;
	msg->data[13] = 0xb5;

	return 60 + len;
}

static u32 rx_put(struct kunit *test, u32 slot, u32 len, u32 item, u32 value)
{
	struct fake_host *host = test->priv;
	struct rx_message msg;
	u32 bytes = rx_build(&msg, len, item, value);

	memcpy(host->recv + slot * FAKE_SLOT_BYTES, &msg, bytes);

	return bytes;
}

/* A packet of ranges, each of a length and an offset. */
static void rx_ranges(struct kunit *test, u64 xid, const u32 (*range)[2],
		      u32 num, u32 said)
{
	const __le32 msg[] = { cpu_to_le32(107), 0, cpu_to_le32(~0U), 0 };
	struct fake_host *host = test->priv;
	__le32 *ext = kzalloc(8 + 8 * num, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, ext);
	ext[0] = cpu_to_le32(NVSP_RECV_BUFFER_ID);
	ext[1] = cpu_to_le32(said);
	for (i = 0; i < num; i++) {
		ext[2 + 2 * i] = cpu_to_le32(range[i][0]);
		ext[3 + 2 * i] = cpu_to_le32(range[i][1]);
	}
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_XFER_PAGES, xid,
			ext, 8 + 8 * num, msg, sizeof(msg));
	kfree(ext);
	fake_nic_poll(host, 0);
}

/* The host learns of what is owed to it with the next message at the latest. */
static u32 rx_returned(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);

	spin_lock_bh(&ch->vmbus.out.lock);
	nvb_out_publish(&ch->vmbus.out);
	spin_unlock_bh(&ch->vmbus.out.lock);
	fake_host_run(host, 0);

	return host->returned[0];
}

static void rx_frame(struct kunit *test)
{
	struct rx_message msg;
	struct fake_host *host = test->priv;
	u32 bytes = rx_build(&msg, 100, ~0U, 0);

	fake_receive(host, 0, RX_XID, 5, &msg, bytes);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 100, rx_stat(test, bytes));
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, multicast));
	KUNIT_EXPECT_EQ(test, 1, rx_returned(test));
	KUNIT_EXPECT_EQ(test, RX_XID, host->returned_id);
}

/* Good and bad ranges in one packet: the good ones arrive. */
static void rx_hostile_ranges(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 end = host->recv_bytes / FAKE_SLOT_BYTES * FAKE_SLOT_BYTES;
	const u32 range[][2] = {
		{ rx_put(test, 0, 100, ~0U, 0), 0 },
		{ FAKE_SLOT_BYTES + 1, 0 },
		{ ~0U, 0 },
		{ 160, end },
		{ 160, end - 159 },
		{ 160, ~0U },
		{ 160, -160 },
		{ 0x80000000, 0x80000000 },
		{ 0, end + 1 },
		{ rx_put(test, 1, 100, ~0U, 0), FAKE_SLOT_BYTES },
	};

	rx_ranges(test, RX_XID, range, ARRAY_SIZE(range), ARRAY_SIZE(range));
	KUNIT_EXPECT_EQ(test, 2, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 8, rx_stat(test, bad_range));
	/* All slots of it go back, the good ones with the bad. */
	KUNIT_EXPECT_EQ(test, 1, rx_returned(test));
}

/* To the last byte of the buffer, and none at all. */
static void rx_ranges_at_bounds(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 end = host->recv_bytes / FAKE_SLOT_BYTES * FAKE_SLOT_BYTES;
	u32 range[][2] = { { 160, 0 }, { 0, 0 }, { 0, 0 } };
	struct rx_message msg;

	rx_build(&msg, 100, ~0U, 0);
	memcpy(host->recv + end - 160, &msg, 160);
	range[0][1] = end - 160;
	range[1][1] = end;
	rx_ranges(test, RX_XID, range, 3, 3);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_range));
	KUNIT_EXPECT_EQ(test, 2, rx_stat(test, bad_rndis));
}

static void rx_hostile_counts(struct kunit *test)
{
	static const u32 said[] = { 0, 3, 4, 0x10000, 0x20000000, 0x20000002,
				    0x7fffffff, 0x80000000, 0xfffffffd,
				    0xffffffff };
	const u32 range[][2] = { { rx_put(test, 0, 100, ~0U, 0), 0 },
				 { rx_put(test, 1, 100, ~0U, 0),
				   FAKE_SLOT_BYTES } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(said); i++) {
		rx_ranges(test, RX_XID, range, 2, said[i]);
		KUNIT_EXPECT_EQ_MSG(test, i + 1, rx_stat(test, bad_packet),
				    "%#x ranges of 2", said[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	/* Fewer than there are is none of our business. */
	rx_ranges(test, RX_XID, range, 2, 1);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
	rx_ranges(test, RX_XID, range, 2, 2);
	KUNIT_EXPECT_EQ(test, 3, rx_stat(test, packets));
}

struct rx_packet_case {
	const char *name;
	u16 type;
	u32 ext[4];
	u32 ext_len;
	u32 payload[4];
	u32 payload_len;
};

static const struct rx_packet_case rx_packet_cases[] = {
	{ "another buffer", 7, { 0, 1, 160, 0 }, 16, { 107 }, 16 },
	{ "buffer 0xcaff", 7, { 0xcaff, 1, 160, 0 }, 16, { 107 }, 16 },
	{ "no range", 7, { 0xcafe, 1 }, 8, { 107 }, 16 },
	{ "no header", 7, { 0 }, 0, { 107 }, 16 },
	{ "no message", 7, { 0xcafe, 1, 160, 0 }, 16, { 0 }, 0 },
	{ "another message", 7, { 0xcafe, 1, 160, 0 }, 16, { 108 }, 16 },
	{ "in-band, empty", 6, { 0 }, 0, { 0 }, 0 },
	{ "in-band, a frame", 6, { 0 }, 0, { 107, 0, ~0U, 0 }, 16 },
	{ "in-band, unknown", 6, { 0 }, 0, { 12345 }, 16 },
	{ "a table that is cut", 6, { 0 }, 0, { 134, 16, 12 }, 16 },
	{ "guest's own type", 9, { 0 }, 0, { 107 }, 16 },
	{ "type 0", 0, { 0 }, 0, { 107 }, 16 },
	{ "type 0xffff", 0xffff, { 0 }, 0, { 107 }, 16 },
};

static void rx_packet_desc(const struct rx_packet_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rx_packet, rx_packet_cases, rx_packet_desc);

/* Counted, and the channel goes on. */
static void rx_hostile_packets(struct kunit *test)
{
	const struct rx_packet_case *one = test->param_value;
	struct fake_host *host = test->priv;
	__le32 ext[4], payload[4];
	u32 i;

	for (i = 0; i < 4; i++) {
		ext[i] = cpu_to_le32(one->ext[i]);
		payload[i] = cpu_to_le32(one->payload[i]);
	}
	fake_ring_write(host->channel[0].from_host, one->type, RX_XID, ext,
			one->ext_len, payload, one->payload_len);
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, bad_packet));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	rx_frame(test);
}

/* What only the primary channel may be told. */
static void rx_inband_on_subchannel(struct kunit *test)
{
	const __le32 vf[] = { cpu_to_le32(128), 0, 0, 0 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	fake_ring_write(host->channel[1].from_host, NVB_PACKET_INBAND, 1, NULL,
			0, vf, sizeof(vf));
	fake_nic_poll(host, 1);
	KUNIT_EXPECT_EQ(test, 1,
			u64_stats_read(&nic->nv->stats[1]->rx.bad_packet));
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND, 1, NULL,
			0, vf, sizeof(vf));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_packet));
}

/* A slot whose message is malformed, or that nobody waits for. */
static void rx_hostile_messages(struct kunit *test)
{
	static const u32 bad[][2] = {
		{ 0, 0 }, { 0, 99 }, { 1, 7 }, { 1, ~0U }, { 2, 35 },
		{ 3, 0 }, { 3, 101 }, { 8, 513 }, { 11, 0 }, { 13, 0 },
	};
	struct fake_host *host = test->priv;
	struct rx_message msg;
	unsigned int i;
	u32 bytes;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		bytes = rx_build(&msg, 100, 6, 1);
		msg.word[bad[i][0]] = cpu_to_le32(bad[i][1]);
		fake_receive(host, 0, RX_XID + i, i, &msg, bytes);
		KUNIT_EXPECT_EQ_MSG(test, i + 1, rx_stat(test, bad_rndis),
				    "word %u is %#x", bad[i][0], bad[i][1]);
	}
	fake_answer(host, RNDIS_MSG_SET_COMPLETE, 0x10, 0, NULL, 0);
	KUNIT_EXPECT_EQ(test, i + 1, rx_stat(test, bad_rndis));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, i + 1, rx_returned(test));
}

static void rx_short_frames(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rx_message msg;
	u32 len, bytes;

	for (len = 1; len < ETH_HLEN; len++) {
		bytes = rx_build(&msg, len, ~0U, 0);
		fake_receive(host, 0, RX_XID, 1, &msg, bytes);
		KUNIT_EXPECT_EQ(test, len, rx_stat(test, bad_length));
	}
	bytes = rx_build(&msg, ETH_HLEN, ~0U, 0);
	fake_receive(host, 0, RX_XID, 1, &msg, bytes);
	KUNIT_EXPECT_EQ(test, ETH_HLEN - 1, rx_stat(test, bad_length));
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
}

static void rx_not_running(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rx_message msg;
	u32 bytes = rx_build(&msg, 100, ~0U, 0);

	fake_nic_close(host->suite);
	host->returned[0] = 0;
	fake_receive(host, 0, RX_XID, 1, &msg, bytes);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, not_running));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 1, rx_returned(test));
}

/* More ranges than one poll takes, and slots that go back while it lasts. */
static void rx_many_ranges(struct kunit *test)
{
	u32 (*range)[2] = kunit_kzalloc(test, 375 * sizeof(*range), GFP_KERNEL);
	u32 i, round;

	KUNIT_ASSERT_NOT_NULL(test, range);
	for (i = 0; i < 375; i++) {
		range[i][0] = rx_put(test, i, 100, ~0U, 0);
		range[i][1] = i * FAKE_SLOT_BYTES;
	}
	for (round = 1; round < 4; round++) {
		rx_ranges(test, RX_XID + round, (const u32 (*)[2])range, 375,
			  375);
		KUNIT_EXPECT_EQ(test, 375 * round, rx_stat(test, packets));
		KUNIT_EXPECT_EQ(test, round, rx_returned(test));
	}
}

/* Coalesced */

#define PIECE(flags, id)	((u32)(id) << 16 | (flags) << 8 | 1)

static void rx_pieces(struct kunit *test, const u32 *piece, u32 num)
{
	u32 range[8][2], i;

	for (i = 0; i < num; i++) {
		range[i][0] = rx_put(test, i, 100, 0x80000001, piece[i]);
		range[i][1] = i * FAKE_SLOT_BYTES;
	}
	rx_ranges(test, RX_XID, (const u32 (*)[2])range, num, num);
}

static void rx_coalesced(struct kunit *test)
{
	static const u32 whole[] = { PIECE(3, 9), PIECE(1, 9), PIECE(5, 9) };
	static const u32 cut[] = { PIECE(3, 9), PIECE(1, 9) };
	static const u32 headless[] = { PIECE(1, 9), PIECE(5, 9) };
	static const u32 mixed[] = { PIECE(3, 9), PIECE(5, 8), PIECE(7, 7) };
	static const u32 anew[] = { PIECE(3, 9), PIECE(3, 8), PIECE(5, 8) };
	static const u32 heads[] = { PIECE(3, 9), PIECE(3, 8), PIECE(3, 7) };

	rx_pieces(test, whole, 3);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 300, rx_stat(test, bytes));
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, coalesced));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_rsc));

	/* A chain ends with its packet. */
	rx_pieces(test, cut, 2);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, bad_rsc));
	rx_pieces(test, headless, 2);
	KUNIT_EXPECT_EQ(test, 3, rx_stat(test, bad_rsc));
	rx_pieces(test, mixed, 3);
	KUNIT_EXPECT_EQ(test, 5, rx_stat(test, bad_rsc));
	KUNIT_EXPECT_EQ(test, 2, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 4, rx_returned(test));

	/* A chain that breaks another off is whole itself, and leaves nothing. */
	rx_pieces(test, anew, 3);
	KUNIT_EXPECT_EQ(test, 6, rx_stat(test, bad_rsc));
	KUNIT_EXPECT_EQ(test, 3, rx_stat(test, packets));
	rx_pieces(test, heads, 3);
	KUNIT_EXPECT_EQ(test, 9, rx_stat(test, bad_rsc));
	KUNIT_EXPECT_EQ(test, 3, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 6, rx_returned(test));
}

static void rx_coalesced_unasked(struct kunit *test)
{
	static const u32 whole[] = { PIECE(3, 9), PIECE(1, 9), PIECE(5, 9) };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	nic->nv->rsc_offered = false;
	rx_pieces(test, whole, 3);
	KUNIT_EXPECT_EQ(test, 3, rx_stat(test, piece));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 1, rx_returned(test));
}

/* Rings */

static void rx_ring_broken(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	WRITE_ONCE(host->channel[0].from_host->ctrl->write_index,
		   cpu_to_le32(FAKE_RING_BYTES + 8));
	fake_nic_poll(host, 0);
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, ring_broken));
	/* Nothing is heard of the host any more, and removing still works. */
	fake_nic_remove(nic);
	KUNIT_EXPECT_EQ(test, 0, host->gpadls);
}

/* Receive completions without room wait, and are not lost. */
static void rx_no_room_to_return(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvb_ring_ctrl *ctrl = host->channel[0].to_host->ctrl;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	struct nvb_ring_out *out = &ch->vmbus.out;
	struct rx_message msg;
	u32 i, bytes = rx_build(&msg, 100, ~0U, 0);

	host->deaf = true;
	spin_lock_bh(&out->lock);
	while (nvb_out_claim(out, NVB_PACKET_COMPLETION, 0, 1, 0, 8))
		nvb_out_commit(out);
	nvb_out_publish(out);
	spin_unlock_bh(&out->lock);
	for (i = 0; i < 300; i++)
		fake_receive(host, 0, RX_XID + i, i, &msg, bytes);
	KUNIT_EXPECT_EQ(test, 300, rx_stat(test, packets));
	KUNIT_EXPECT_GT(test, rx_stat(test, comp_busy), 0);
	KUNIT_EXPECT_NE(test, 0, le32_to_cpu(ctrl->pending_send_size));
	host->deaf = false;
	fake_host_run(host, 0);
	host->returned[0] = 0;
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, 300, rx_returned(test));
	KUNIT_EXPECT_EQ(test, RX_XID + 299, host->returned_id);
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->pending_send_size));
}

/* netpoll reaps completions, and leaves the rest for a real poll. */
static void rx_netpoll(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	u32 range[1][2] = { { rx_put(test, 0, 100, ~0U, 0), 0 } };
	const __le32 ext[] = {
		cpu_to_le32(NVSP_RECV_BUFFER_ID), cpu_to_le32(1),
		cpu_to_le32(range[0][0]), 0,
	};
	const __le32 msg[] = { cpu_to_le32(107), 0, cpu_to_le32(~0U), 0 };

	fake_ring_write(host->channel[0].from_host, NVB_PACKET_XFER_PAGES,
			RX_XID, ext, sizeof(ext), msg, sizeof(msg));
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, 0, netvsc_poll(&ch->napi, 0));
	KUNIT_EXPECT_EQ(test, 0, netvsc_poll(&ch->napi, 0));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 1, rx_returned(test));
}

static struct kunit_case rx_cases[] = {
	KUNIT_CASE(rx_frame),
	KUNIT_CASE(rx_hostile_ranges),
	KUNIT_CASE(rx_ranges_at_bounds),
	KUNIT_CASE(rx_hostile_counts),
	KUNIT_CASE_PARAM(rx_hostile_packets, rx_packet_gen_params),
	KUNIT_CASE(rx_inband_on_subchannel),
	KUNIT_CASE(rx_hostile_messages),
	KUNIT_CASE(rx_short_frames),
	KUNIT_CASE(rx_not_running),
	KUNIT_CASE(rx_many_ranges),
	KUNIT_CASE(rx_coalesced),
	KUNIT_CASE(rx_coalesced_unasked),
	KUNIT_CASE(rx_ring_broken),
	KUNIT_CASE(rx_no_room_to_return),
	KUNIT_CASE(rx_netpoll),
	{ }
};

static struct kunit_suite rx_suite = {
	.name = "hv_netvsc_rx",
	.init = rx_init,
	.test_cases = rx_cases,
};

kunit_test_suite(rx_suite);
