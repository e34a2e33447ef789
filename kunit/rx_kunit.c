// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: frames, slots and their return to the host, and packets, ranges and
 * messages that are not what they should be.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

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

static struct netvsc_queue_stats *rx_queue_stats(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return nic->nv->stats[0];
}

#define rx_stat(test, field)						\
	u64_stats_read(&rx_queue_stats(test)->rx.field)

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

/* A packet of ranges, each of a length and an offset; nobody reads it yet. */
static void rx_write_ranges(struct kunit *test, u64 xid, const u32 (*range)[2],
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
}

static void rx_ranges(struct kunit *test, u64 xid, const u32 (*range)[2],
		      u32 num, u32 said)
{
	rx_write_ranges(test, xid, range, num, said);
	fake_nic_poll(test->priv, 0);
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

#define RX_OVERSIZED	8

/* Longer than anything that a host has to say: skipped, and what follows is not. */
static void rx_oversized(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i, len = NVB_IN_COPY_BYTES + 8;
	void *payload = kzalloc(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, payload);
	for (i = 0; i < RX_OVERSIZED; i++)
		fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND,
				1, NULL, 0, payload, len);
	kfree(payload);
	rx_frame(test);
	KUNIT_EXPECT_EQ(test, RX_OVERSIZED, rx_stat(test, bad_packet));
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

/* What the host says of a frame, and what the stack hears of it */

#define META_ITEMS	4

/* What the stack was given. */
struct meta_seen {
	struct packet_type tap;
	u32 frames;
	u32 len;
	u32 gso_size;
	u32 gso_type;
	u32 hash;
	u16 vlan;
	u8 ip_summed;
	bool hash_of_ports;
	__sum16 ip_sum;
};

static int meta_tap(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *tap, struct net_device *orig)
{
	struct meta_seen *seen = tap->af_packet_priv;

	seen->frames++;
	seen->len = skb->len;
	seen->gso_size = skb_shinfo(skb)->gso_size;
	seen->gso_type = skb_shinfo(skb)->gso_type;
	seen->hash = skb->hash;
	seen->hash_of_ports = skb->l4_hash;
	seen->vlan = skb_vlan_tag_present(skb) ? skb_vlan_tag_get(skb) : 0;
	seen->ip_summed = skb->ip_summed;
	seen->ip_sum = skb->protocol == htons(ETH_P_IP) ? ip_hdr(skb)->check :
							   0;
	kfree_skb(skb);

	return 0;
}

/* Fills in an IP packet of @len bytes, headers of 20 bytes or more each. */
static void meta_packet(u8 *frame, u32 len, bool ipv6, u8 protocol)
{
	u8 *ip = frame + ETH_HLEN;

	memset(frame, 0x33, ETH_HLEN + len);
	/* For nobody here. */
	frame[0] = 0x02;
	put_unaligned_be16(ipv6 ? ETH_P_IPV6 : ETH_P_IP, frame + 12);
	if (ipv6) {
		ip[0] = 0x60;
		put_unaligned_be16(len - 40, ip + 4);
		ip[6] = protocol;
	} else {
		ip[0] = 0x45;
		put_unaligned_be16(len, ip + 2);
		put_unaligned_be16(0x4000, ip + 6);
		ip[9] = protocol;
	}
	/* Of TCP: a header of 20 bytes, no flag but ACK. */
	ip[(ipv6 ? 40 : 20) + 12] = 0x50;
	ip[(ipv6 ? 40 : 20) + 13] = 0x10;
}

/* A message with items, each a type and a word, and room for the frame. */
static u8 *meta_message(u8 *to, const u32 (*item)[2], u32 num, u32 len)
{
	const u32 head[] = { 1, 44 + 16 * num + len, 36 + 16 * num, len, 0, 0,
			     0, num ? 36 : 0, 16 * num, 0, 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(head); i++)
		put_unaligned_le32(head[i], to + 4 * i);
	for (i = 0, to += 44; i < num; i++, to += 16) {
		put_unaligned_le32(16, to);
		put_unaligned_le32(item[i][0], to + 4);
		put_unaligned_le32(12, to + 8);
		put_unaligned_le32(item[i][1], to + 12);
	}

	return to;
}

struct meta_case {
	const char *name;
	bool ipv6;
	u8 protocol;
	u32 bytes;		/* of the IP packet */
	u32 items;
	u32 item[META_ITEMS][2];
	u8 ip_summed;
	u32 bad;		/* counted */
	u32 gso_size;
	u32 hash;
	bool hash_of_ports;
	u16 vlan;
	u8 first;		/* byte of the IP header instead; 0: as it is */
	u8 flags;		/* of TCP instead; likewise */
};

/* Of types 0 (checksums), 6 (VLAN tag), 8 and 9 (hash). */
static const struct meta_case meta_cases[] = {
	{ "nothing", false, IPPROTO_TCP, 100, 0, { }, CHECKSUM_NONE },
	{ "TCP good", false, IPPROTO_TCP, 100, 1, { { 0, 0x28 } },
	  CHECKSUM_UNNECESSARY },
	{ "TCP bad", false, IPPROTO_TCP, 100, 1, { { 0, 0x21 } },
	  CHECKSUM_NONE, 1 },
	{ "IP bad", false, IPPROTO_TCP, 100, 1, { { 0, 0x4 } },
	  CHECKSUM_NONE, 1 },
	{ "not looked at", false, IPPROTO_TCP, 100, 1, { { 0, 0x20 } },
	  CHECKSUM_NONE },
	{ "TCP over IPv6 good", true, IPPROTO_TCP, 100, 1, { { 0, 0x8 } },
	  CHECKSUM_UNNECESSARY },
	{ "UDP good", false, IPPROTO_UDP, 100, 1, { { 0, 0x10 } },
	  CHECKSUM_UNNECESSARY },
	{ "UDP good as TCP", false, IPPROTO_UDP, 100, 1, { { 0, 0x8 } },
	  CHECKSUM_NONE },
	{ "UDP bad", true, IPPROTO_UDP, 100, 1, { { 0, 0x2 } },
	  CHECKSUM_NONE, 1 },
	{ "ICMP is neither", false, IPPROTO_ICMP, 100, 1, { { 0, 0x38 } },
	  CHECKSUM_NONE },
	{ "sums to be mended", false, IPPROTO_TCP, 100, 1, { { 0, 0x1a8 } },
	  CHECKSUM_PARTIAL },
	{ "sums to be mended, IPv6", true, IPPROTO_TCP, 100, 1, { { 0, 0x88 } },
	  CHECKSUM_PARTIAL },
	{ "mended, longer than the MTU", false, IPPROTO_TCP, 1800, 1,
	  { { 0, 0x1a8 } }, CHECKSUM_PARTIAL, 0, 1460 },
	{ "mended, longer, IPv6", true, IPPROTO_TCP, 1800, 1, { { 0, 0x88 } },
	  CHECKSUM_PARTIAL, 0, 1440 },
	{ "mended, longer, congestion", false, IPPROTO_TCP, 1800, 1,
	  { { 0, 0x1a8 } }, CHECKSUM_PARTIAL, 0, 1460, .flags = 0x90 },
	{ "mended, longer, a reset", false, IPPROTO_TCP, 1800, 1,
	  { { 0, 0x1a8 } }, CHECKSUM_PARTIAL, .flags = 0x14 },
	{ "mended, but nobody calls it good", false, IPPROTO_TCP, 100, 1,
	  { { 0, 0x1a0 } }, CHECKSUM_NONE },
	{ "to be mended, longer header", false, IPPROTO_TCP, 50, 1,
	  { { 0, 0x1a8 } }, CHECKSUM_UNNECESSARY, .first = 0x4f },
	{ "hash of TCP", false, IPPROTO_TCP, 100, 1, { { 8, 0x1234 } },
	  CHECKSUM_NONE, 0, 0, 0x1234, true },
	{ "hash of UDP", false, IPPROTO_UDP, 100, 1, { { 8, 0x1234 } },
	  CHECKSUM_NONE, 0, 0, 0x1234, false },
	{ "hash of UDP, called TCP", false, IPPROTO_UDP, 100, 2,
	  { { 8, 0x1234 }, { 9, 0x201 } }, CHECKSUM_NONE, 0, 0, 0x1234, true },
	{ "hash of addresses", true, IPPROTO_TCP, 100, 2,
	  { { 9, 0x401 }, { 8, 0x1234 } }, CHECKSUM_NONE, 0, 0, 0x1234, false },
	{ "hash of ICMP", false, IPPROTO_ICMP, 100, 2,
	  { { 8, 0x1234 }, { 9, 0x201 } }, CHECKSUM_NONE, 0, 0, 0x1234, false },
	{ "tag", false, IPPROTO_UDP, 100, 2, { { 6, 0x123d }, { 0, 0x10 } },
	  CHECKSUM_UNNECESSARY, .vlan = 0xb123 },
	{ "too short for IPv4", false, IPPROTO_TCP, 19, 1, { { 0, 0x8 } },
	  CHECKSUM_NONE },
	{ "too short for IPv6", true, IPPROTO_TCP, 39, 1, { { 0, 0x8 } },
	  CHECKSUM_NONE },
};

static void meta_desc(const struct meta_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(meta, meta_cases, meta_desc);

/* Receives the frame of a case; the stack's view of it is in @seen. */
static void meta_receive(struct kunit *test, const struct meta_case *one,
			 struct meta_seen *seen)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	u32 len = ETH_HLEN + one->bytes;
	u8 *message = kunit_kzalloc(test, FAKE_SLOT_BYTES, GFP_KERNEL);
	u8 *frame, packet[ETH_HLEN + 60 + 60];

	KUNIT_ASSERT_NOT_NULL(test, message);
	memset(seen, 0, sizeof(*seen));
	frame = meta_message(message, one->item, one->items, len);
	if (one->bytes < 60) {
		meta_packet(packet, 60 + 40, one->ipv6, one->protocol);
		memcpy(frame, packet, len);
		put_unaligned_be16(one->bytes, frame + ETH_HLEN + 2);
	} else {
		meta_packet(frame, one->bytes, one->ipv6, one->protocol);
	}
	if (one->first)
		frame[ETH_HLEN] = one->first;
	if (one->flags)
		frame[ETH_HLEN + (one->ipv6 ? 40 : 20) + 13] = one->flags;

	/* GRO would have its own opinion. */
	nic->nv->netdev->features &= ~NETIF_F_GRO;
	seen->tap.type = htons(ETH_P_ALL);
	seen->tap.dev = nic->nv->netdev;
	seen->tap.func = meta_tap;
	seen->tap.af_packet_priv = seen;
	dev_add_pack(&seen->tap);
	fake_receive(host, 0, RX_XID, 3, message, frame + len - message);
	dev_remove_pack(&seen->tap);
}

static void meta_heard(struct kunit *test)
{
	const struct meta_case *one = test->param_value;
	struct meta_seen seen;
	u32 gso_type = 0;

	meta_receive(test, one, &seen);
	KUNIT_ASSERT_EQ(test, 1, seen.frames);
	KUNIT_EXPECT_EQ(test, one->bytes, seen.len);
	KUNIT_EXPECT_EQ(test, one->ip_summed, seen.ip_summed);
	KUNIT_EXPECT_EQ(test, one->bad, rx_stat(test, csum_bad));
	KUNIT_EXPECT_EQ(test, one->gso_size, seen.gso_size);
	if (one->gso_size)
		gso_type = one->ipv6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	if (one->flags & 0x80)
		gso_type |= SKB_GSO_TCP_ECN;
	KUNIT_EXPECT_EQ(test, gso_type, seen.gso_type);
	KUNIT_EXPECT_EQ(test, one->hash, seen.hash);
	KUNIT_EXPECT_EQ(test, one->hash_of_ports, seen.hash_of_ports);
	KUNIT_EXPECT_EQ(test, one->vlan, seen.vlan);
	/* That of the headers above, as far as it was to be mended. */
	if (one->bytes >= 60 && !one->ipv6 && !one->item[0][0] &&
	    one->item[0][1] & RNDIS_RX_CSUM_IP_VALUE_INVALID)
		KUNIT_EXPECT_NE(test, 0x3333, (__force u16)seen.ip_sum);
	else if (!one->ipv6 && one->bytes >= 20)
		KUNIT_EXPECT_EQ(test, 0x3333, (__force u16)seen.ip_sum);
}

/* What the user does not want to hear of. */
static void meta_unheard(struct kunit *test)
{
	static const struct meta_case one = {
		"", false, IPPROTO_TCP, 100, 2, { { 8, 0x1234 }, { 0, 0x28 } },
	};
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct meta_seen seen;

	nic->nv->netdev->features &= ~(NETIF_F_RXCSUM | NETIF_F_RXHASH);
	meta_receive(test, &one, &seen);
	KUNIT_ASSERT_EQ(test, 1, seen.frames);
	KUNIT_EXPECT_EQ(test, CHECKSUM_NONE, seen.ip_summed);
	KUNIT_EXPECT_EQ(test, 0, seen.hash);
}

/* Pieces that come to nothing: too short, or for an interface that is down. */
static void meta_pieces_of_nothing(struct kunit *test)
{
	static const u32 piece[] = { PIECE(3, 9), PIECE(1, 9), PIECE(5, 9) };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	u32 range[3][2], i;

	for (i = 0; i < 3; i++) {
		range[i][0] = rx_put(test, i, i ? 100 : 13, 0x80000001,
				     piece[i]);
		range[i][1] = i * FAKE_SLOT_BYTES;
	}
	rx_ranges(test, RX_XID, (const u32 (*)[2])range, 3, 3);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, bad_length));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	fake_nic_close(nic);
	rx_pieces(test, piece, 3);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, not_running));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, packets));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_rsc));
}

static const u32 meta_chain[] = { PIECE(3, 9), PIECE(1, 9), PIECE(1, 9),
				  PIECE(1, 9), PIECE(1, 9), PIECE(1, 9),
				  PIECE(5, 9) };

#define META_CHAIN_PIECES	ARRAY_SIZE(meta_chain)

/* Puts pieces of TCP into slots from @first on, and says where they are. */
static void meta_put_chain(struct kunit *test, u32 first, u32 (*range)[2])
{
	struct fake_host *host = test->priv;
	u32 i;

	for (i = 0; i < META_CHAIN_PIECES; i++) {
		const u32 item[][2] = { { 0x80000001, meta_chain[i] } };
		u8 *slot = host->recv + (first + i) * FAKE_SLOT_BYTES;
		u8 *frame = meta_message(slot, item, 1, 1900);

		meta_packet(frame, 1886, false, IPPROTO_TCP);
		range[i][0] = frame + 1900 - slot;
		range[i][1] = (first + i) * FAKE_SLOT_BYTES;
	}
}

/* Pieces that fill more than one page, and both kinds of headers. */
static void meta_long_chain(struct kunit *test)
{
	u32 range[META_CHAIN_PIECES][2];

	meta_put_chain(test, 0, range);
	rx_ranges(test, RX_XID, (const u32 (*)[2])range, META_CHAIN_PIECES,
		  META_CHAIN_PIECES);
	KUNIT_EXPECT_EQ(test, 1, rx_stat(test, coalesced));
	KUNIT_EXPECT_EQ(test, 1900 * META_CHAIN_PIECES, rx_stat(test, bytes));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_rsc));
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, no_memory));
}

#define META_SCARCE_ROUNDS	200

/*
 * Each time the next allocation fails, be it of memory for frames or of an
 * sk_buff, which both come in stocks: a frame arrives all the same, or is
 * dropped and counted, once.
 */
static void meta_scarce_memory(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 range[META_CHAIN_PIECES + 1][2];
	u32 round, failed = 0;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "no CONFIG_FAULT_INJECTION");
	range[0][0] = rx_put(test, 0, 100, ~0U, 0);
	range[0][1] = 0;
	meta_put_chain(test, 1, range + 1);
	for (round = 1; round <= META_SCARCE_ROUNDS; round++) {
		rx_write_ranges(test, RX_XID + round,
				(const u32 (*)[2])range, META_CHAIN_PIECES + 1,
				META_CHAIN_PIECES + 1);
		fake_fail_at(1);
		fake_nic_poll(host, 0);
		failed += !fake_fail_left();
		fake_fail_at(0);
		KUNIT_ASSERT_EQ(test, 2 * round, rx_stat(test, packets) +
				rx_stat(test, no_memory));
	}
	KUNIT_EXPECT_GT(test, failed, 0);
	KUNIT_EXPECT_GT(test, rx_stat(test, no_memory), 0);
	KUNIT_EXPECT_EQ(test, 0, rx_stat(test, bad_rsc));
	KUNIT_EXPECT_EQ(test, META_SCARCE_ROUNDS, rx_returned(test));
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
	struct rx_message msg;
	u32 i, bytes = rx_build(&msg, 100, ~0U, 0);

	fake_nic_deafen(host, 0);
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

/* A host that waits for room in its ring is told, once, when there is. */
static void rx_room_wanted(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_ring *ring = host->channel[0].from_host;
	/* Of a type that nobody knows: no completion is owed to the host. */
	const __le32 msg[] = { cpu_to_le32(12345), 0, 0, 0 };
	u32 before = host->signals;

	WRITE_ONCE(ring->ctrl->feature_bits,
		   cpu_to_le32(NVB_FEATURE_PENDING_SEND_SIZE));
	WRITE_ONCE(ring->ctrl->pending_send_size,
		   cpu_to_le32(FAKE_RING_BYTES * 3 / 4));
	while (fake_ring_room(ring) > FAKE_RING_BYTES / 2)
		fake_ring_write(ring, NVB_PACKET_INBAND, 1, NULL, 0, msg,
				sizeof(msg));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, before + 1, host->signals);
	fake_ring_write(ring, NVB_PACKET_INBAND, 1, NULL, 0, msg, sizeof(msg));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(test, before + 1, host->signals);
}

static void rx_poll_by_netpoll(struct fake_host *host)
{
	local_bh_disable();
	netvsc_poll(&fake_nic_channel(host->suite, 0)->napi, 0);
	local_bh_enable();
}

/* A frame that was never sent is completed. */
static void rx_netpoll_forged(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const __le32 msg[] = { cpu_to_le32(108), cpu_to_le32(1), 0, 0 };

	fake_ring_write(host->channel[0].from_host, NVB_PACKET_COMPLETION,
			nvsp_xid(NVSP_XID_FRAME, 0, 3), NULL, 0, msg,
			sizeof(msg));
	rx_poll_by_netpoll(host);
	KUNIT_EXPECT_EQ(test, 1,
			u64_stats_read(&rx_queue_stats(test)->done.bad_completion));
	rx_frame(test);
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
	KUNIT_CASE(rx_oversized),
	KUNIT_CASE(rx_inband_on_subchannel),
	KUNIT_CASE(rx_hostile_messages),
	KUNIT_CASE(rx_short_frames),
	KUNIT_CASE(rx_not_running),
	KUNIT_CASE(rx_many_ranges),
	KUNIT_CASE(rx_coalesced),
	KUNIT_CASE(rx_coalesced_unasked),
	KUNIT_CASE_PARAM(meta_heard, meta_gen_params),
	KUNIT_CASE(meta_unheard),
	KUNIT_CASE(meta_pieces_of_nothing),
	KUNIT_CASE(meta_long_chain),
	KUNIT_CASE(meta_scarce_memory),
	KUNIT_CASE(rx_ring_broken),
	KUNIT_CASE(rx_no_room_to_return),
	KUNIT_CASE(rx_room_wanted),
	KUNIT_CASE(rx_netpoll),
	KUNIT_CASE(rx_netpoll_forged),
	{ }
};

static struct kunit_suite rx_suite = {
	.name = "hv_netvsc_rx",
	.init = rx_init,
	.test_cases = rx_cases,
};

kunit_test_suite(rx_suite);
