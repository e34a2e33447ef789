// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: slots and the completions that free them, forged, stale, twice, of
 * the wrong kind and on the wrong channel; running out of slots, sections and
 * ring; and frames that share a message.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <trace/events/skb.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

static int tx_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));

	return 0;
}

static struct sk_buff *tx_frame(struct kunit *test, u32 len, u8 fill)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	memset(skb_put(skb, len), fill, len);
	memcpy(skb->data + ETH_ALEN, host->mac, ETH_ALEN);
	skb->data[12] = 0x88;
	skb->data[13] = 0xb5;
	skb->protocol = htons(ETH_P_802_EX1);
	skb->dev = nic->nv->netdev;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);

	return skb;
}

static netdev_tx_t tx_send(struct kunit *test, struct sk_buff *skb, u16 queue,
			   bool more)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct net_device *dev = nic->nv->netdev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, queue);
	netdev_tx_t ret;

	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	skb_set_queue_mapping(skb, queue);
	ret = netdev_start_xmit(skb, dev, txq, more);
	__netif_tx_unlock(txq);
	local_bh_enable();

	return ret;
}

static void tx_send_ok(struct kunit *test, u32 len, u8 fill, bool more)
{
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
			tx_send(test, tx_frame(test, len, fill), 0, more));
}

static struct netvsc_queue_stats *tx_stats(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return nic->nv->stats[0];
}

#define tx_done(test, field)	u64_stats_read(&tx_stats(test)->done.field)
#define tx_xmit(test, field)	u64_stats_read(&tx_stats(test)->xmit.field)

static u32 tx_slots(struct kunit *test, u32 channel)
{
	struct fake_host *host = test->priv;

	return netvsc_tx_slots_free(fake_nic_channel(host->suite, channel));
}

static bool tx_stopped(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return netif_tx_queue_stopped(netdev_get_tx_queue(nic->nv->netdev, 0));
}

/* The word of a message in a section. */
static u32 tx_word(struct kunit *test, u32 frame, u32 at, u32 word)
{
	return fake_frame_word(test->priv, frame, at, word);
}

static void tx_copied(struct kunit *test)
{
	struct fake_host *host = test->priv;

	tx_send_ok(test, 100, 0xa5, false);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_ASSERT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	KUNIT_EXPECT_EQ(test, 0, host->frame[0].ranges);
	KUNIT_EXPECT_EQ(test, tx_word(test, 0, 0, 1),
			host->frame[0].section_bytes);
	KUNIT_EXPECT_EQ(test, 1, tx_word(test, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, 100, tx_word(test, 0, 0, 3));
	KUNIT_EXPECT_EQ(test, 0xa5a5a5a5,
			tx_word(test, 0, 8 + tx_word(test, 0, 0, 2), 5));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS - 1, tx_slots(test, 0));
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, packets));
	KUNIT_EXPECT_EQ(test, 100, tx_done(test, bytes));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, copied));
	KUNIT_EXPECT_EQ(test, 0, tx_done(test, bad_completion));
}

static void tx_listed(struct kunit *test)
{
	struct fake_host *host = test->priv;

	tx_send_ok(test, 20000, 0xa5, false);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[0].section);
	KUNIT_EXPECT_GE(test, host->frame[0].ranges, 2);
	KUNIT_EXPECT_GE(test, host->frame[0].listed_bytes, 20000 + 44);
	KUNIT_EXPECT_LE(test, host->frame[0].listed_bytes,
			20000 + RNDIS_TX_HEADER_MAX);
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, packets));
	KUNIT_EXPECT_EQ(test, 20000, tx_done(test, bytes));
}

static void tx_refused_by_host(struct kunit *test)
{
	static const u32 statuses[] = { 0, 2, 5, 6, ~0U };
	struct fake_host *host = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		tx_send_ok(test, 100, 0, false);
		fake_complete_rndis(host, 0, host->frame[i].xid, statuses[i]);
		KUNIT_EXPECT_EQ(test, i + 1, tx_done(test, refused));
		KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
	}
	KUNIT_EXPECT_EQ(test, 0, tx_done(test, packets));
	KUNIT_EXPECT_EQ(test, 0, tx_done(test, bad_completion));
}

/* Completions that name no message under way */

static void tx_expect_bad(struct kunit *test, u32 *bad, const char *why, u32 n)
{
	++*bad;
	KUNIT_EXPECT_EQ_MSG(test, *bad, tx_done(test, bad_completion),
			    "%s %u", why, n);
	KUNIT_EXPECT_EQ_MSG(test, NETVSC_TX_SLOTS - 1, tx_slots(test, 0),
			    "%s %u", why, n);
	*bad = tx_done(test, bad_completion);
}

static void tx_forged(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 bit, kind, bad = 0;
	u64 xid;

	tx_send_ok(test, 100, 0, false);
	xid = host->frame[0].xid;
	KUNIT_EXPECT_EQ(test, NVSP_XID_FRAME, xid >> 48);
	for (bit = 0; bit < 64; bit++) {
		fake_complete_rndis(host, 0, xid ^ BIT_ULL(bit), 1);
		tx_expect_bad(test, &bad, "bit", bit);
	}
	for (kind = 0; kind < 256; kind++) {
		if (kind == NVSP_XID_FRAME)
			continue;
		fake_complete_rndis(host, 0, (xid & GENMASK_ULL(47, 0)) |
				    (u64)kind << 48, 1);
		tx_expect_bad(test, &bad, "kind", kind);
	}
	fake_complete_rndis(host, 0, xid, 1);
	KUNIT_EXPECT_EQ(test, bad, tx_done(test, bad_completion));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

static void tx_stale_and_duplicate(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i, bad = 0;
	u64 xid;

	tx_send_ok(test, 100, 0, false);
	xid = host->frame[0].xid;
	fake_complete_rndis(host, 0, xid, 1);
	fake_complete_rndis(host, 0, xid, 1);
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, bad_completion));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
	host->num_frames = 0;

	/* The same slot again, with another generation. */
	for (i = 1; i < NETVSC_TX_SLOTS; i++) {
		tx_send_ok(test, 60, 0, false);
		fake_complete_all(test->priv);
	}
	tx_send_ok(test, 60, 0, false);
	KUNIT_EXPECT_EQ(test, xid & 0xffff, host->frame[0].xid & 0xffff);
	KUNIT_EXPECT_NE(test, xid, host->frame[0].xid);
	bad = 1;
	fake_complete_rndis(host, 0, xid, 1);
	tx_expect_bad(test, &bad, "stale", 0);
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS + 1, tx_done(test, packets));
}

static void tx_malformed_completion(struct kunit *test)
{
	const __le32 other[] = { cpu_to_le32(107), cpu_to_le32(1) };
	const __le32 wrong[] = { cpu_to_le32(102), cpu_to_le32(1), 0, 0 };
	struct fake_host *host = test->priv;
	u32 bad = 0;
	u64 xid;

	tx_send_ok(test, 100, 0, false);
	xid = host->frame[0].xid;
	fake_complete(host, 0, xid, NULL, 0);
	tx_expect_bad(test, &bad, "empty", 0);
	fake_complete(host, 0, xid, other, sizeof(other));
	tx_expect_bad(test, &bad, "type", 107);
	fake_complete(host, 0, xid, wrong, sizeof(wrong));
	tx_expect_bad(test, &bad, "type", 102);
	fake_complete_rndis(host, 0, xid, 1);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

/* A subchannel has slots of its own, and nothing of the sessions. */
static void tx_wrong_channel(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	const u64_stats_t *bad = &nic->nv->stats[1]->done.bad_completion;
	u32 n = 0;
	u64 xid;

	tx_send_ok(test, 100, 0, false);
	xid = host->frame[0].xid;
	fake_complete_rndis(host, 1, xid, 1);
	KUNIT_EXPECT_EQ(test, ++n, u64_stats_read(bad));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 1));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS - 1, tx_slots(test, 0));
	fake_complete_rndis(host, 1, nvsp_xid(NVSP_XID_RNDIS, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, ++n, u64_stats_read(bad));
	fake_complete_rndis(host, 1, nvsp_xid(NVSP_XID_REQUEST, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, ++n, u64_stats_read(bad));
	KUNIT_EXPECT_EQ(test, 0, tx_done(test, bad_completion));
	fake_complete_rndis(host, 0, xid, 1);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

/* A message that has been built and not posted cannot be completed. */
static void tx_completed_too_soon(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	u64 xid;

	tx_send_ok(test, 100, 1, true);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	KUNIT_ASSERT_EQ(test, 1, ch->msg.frames);
	xid = nvsp_xid(NVSP_XID_FRAME, ch->slot[ch->msg.slot].generation,
		       ch->msg.slot);
	fake_complete_rndis(host, 0, xid, 1);
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, bad_completion));
	KUNIT_EXPECT_EQ(test, 1, ch->msg.frames);
	tx_send_ok(test, 100, 2, false);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, xid, host->frame[0].xid);
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, 2, tx_done(test, packets));
}

/* Running out */

static void tx_out_of_slots(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct sk_buff *skb;
	u32 i;

	for (i = 0; i < NETVSC_TX_SLOTS; i++) {
		KUNIT_EXPECT_FALSE(test, tx_stopped(test));
		tx_send_ok(test, 60, 0, false);
	}
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, host->num_frames);
	KUNIT_EXPECT_TRUE(test, tx_stopped(test));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, stop));
	/* All sections of the buffer came first, those of others with them. */
	KUNIT_EXPECT_GT(test, tx_xmit(test, stolen), 0);
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[i - 1].section);

	skb = tx_frame(test, 60, 0);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_BUSY, tx_send(test, skb, 0, false));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, busy));
	kfree_skb(skb);

	for (i = 0; i < NETVSC_TX_WAKE_SLOTS - 1; i++)
		fake_complete_rndis(host, 0, host->frame[i].xid, 1);
	KUNIT_EXPECT_TRUE(test, tx_stopped(test));
	fake_complete_rndis(host, 0, host->frame[i].xid, 1);
	KUNIT_EXPECT_FALSE(test, tx_stopped(test));
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, wake));
	for (i++; i < NETVSC_TX_SLOTS; i++)
		fake_complete_rndis(host, 0, host->frame[i].xid, 1);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_done(test, packets));
}

/* No section is given out twice at a time, and all come back. */
static void tx_sections(struct kunit *test)
{
	const u32 total = NETVSC_DEFAULT_SEND_BYTES / FAKE_SECTION_BYTES;
	unsigned long *used = bitmap_zalloc(total, GFP_KERNEL);
	struct fake_host *host = test->priv;
	u32 i, section, round, last = 0;

	KUNIT_ASSERT_NOT_NULL(test, used);
	for (round = 0; round < 2; round++) {
		bitmap_zero(used, total);
		for (i = 0; i < 256; i++)
			tx_send_ok(test, 60, 0, false);
		for (i = 0; i < host->num_frames; i++) {
			section = host->frame[i].section;
			if (section == NVSP_SECTION_NONE)
				continue;
			KUNIT_ASSERT_LT(test, section, total);
			KUNIT_EXPECT_FALSE(test, test_and_set_bit(section,
								  used));
		}
		section = bitmap_weight(used, total);
		if (round)
			KUNIT_EXPECT_GE(test, section, last);
		last = section;
		fake_complete_all(test->priv);
	}
	bitmap_free(used);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

static void tx_out_of_ring(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvb_ring_ctrl *ctrl = host->channel[0].to_host->ctrl;
	struct fake_nic *nic = host->suite;
	u32 i;

	host->deaf = true;
	for (i = 0; i < NETVSC_TX_SLOTS && !tx_stopped(test); i++) {
		struct sk_buff *skb = tx_frame(test, 60000, 0);

		if (tx_send(test, skb, 0, false) != NETDEV_TX_OK)
			kfree_skb(skb);
	}
	KUNIT_EXPECT_LT(test, i, NETVSC_TX_SLOTS);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, no_space));
	KUNIT_EXPECT_TRUE(test, fake_nic_channel(nic, 0)->ring_wait);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_RING_ROOM,
			le32_to_cpu(ctrl->pending_send_size));

	/* The host reads, and signals that it has. netpoll takes no lock. */
	host->deaf = false;
	fake_host_run(host, 0);
	local_bh_disable();
	netvsc_poll(&fake_nic_channel(nic, 0)->napi, 0);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, tx_stopped(test));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_FALSE(test, tx_stopped(test));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(ctrl->pending_send_size));
	tx_send_ok(test, 60, 0, false);
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

/* What the host never completes is given up with the channel, and counted. */
static void tx_lost_at_close(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	tx_send_ok(test, 100, 0, false);
	tx_send_ok(test, 20000, 0, false);
	tx_send_ok(test, 100, 0, true);
	fake_host_rescind(host);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -ENODEV, netvsc_reconfigure(nic->nv,
							  &nic->nv->config));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, 3, tx_done(test, lost));
	KUNIT_EXPECT_EQ(test, 0, tx_done(test, packets));
}

static void tx_not_ready(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	fake_nic_close(nic);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
			tx_send(test, tx_frame(test, 100, 0), 0, false));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, not_ready));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
}

/* Why the kernel is told that one frame was dropped. */
struct tx_why {
	const struct sk_buff *skb;
	enum skb_drop_reason reason;
	u32 drops;
};

static void tx_see_drop(void *data, struct sk_buff *skb, void *location,
			enum skb_drop_reason reason, struct sock *sk)
{
	struct tx_why *why = data;

	if (skb != why->skb)
		return;
	why->reason = reason;
	why->drops++;
}

static void tx_expect_why(struct kunit *test, struct sk_buff *skb,
			  enum skb_drop_reason reason, bool refuse)
{
	struct fake_host *host = test->priv;
	struct tx_why why = { .skb = skb };

	KUNIT_ASSERT_EQ(test, 0, register_trace_kfree_skb(tx_see_drop, &why));
	KUNIT_EXPECT_EQ(test, NETDEV_TX_OK, tx_send(test, skb, 0, false));
	if (refuse)
		fake_complete_rndis(host, 0, host->frame[0].xid, 2);
	unregister_trace_kfree_skb(tx_see_drop, &why);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, 1, why.drops);
	KUNIT_EXPECT_EQ(test, reason, why.reason);
}

static void tx_drop_reasons(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct sk_buff *skb;

	/* Said to have a tag, which it has not. */
	skb = tx_frame(test, 100, 0);
	skb->protocol = htons(ETH_P_8021Q);
	tx_expect_why(test, skb, SKB_DROP_REASON_DEV_HDR, false);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, vlan_error));

	/* To be cut by the host, which cannot. */
	skb = tx_frame(test, 2000, 0);
	skb_set_transport_header(skb, ETH_HLEN + 20);
	skb_shinfo(skb)->gso_size = 1000;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	tx_expect_why(test, skb, SKB_DROP_REASON_PKT_TOO_BIG, false);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, too_big));

	/* Long ones are kept until the host has finished with them. */
	tx_expect_why(test, tx_frame(test, 20000, 0), SKB_DROP_REASON_DEV_HDR,
		      true);
	KUNIT_EXPECT_EQ(test, 1, tx_done(test, refused));

	fake_nic_close(nic);
	tx_expect_why(test, tx_frame(test, 100, 0), SKB_DROP_REASON_DEV_READY,
		      false);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, not_ready));
}

/* A queue that stands still is looked at three times before it is given up. */
static void tx_stuck(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	u32 signals;

	tx_send_ok(test, 100, 0, false);
	tx_send_ok(test, 100, 0, false);
	signals = host->signals;
	local_bh_disable();
	KUNIT_EXPECT_FALSE(test, netvsc_tx_stuck(ch));
	KUNIT_EXPECT_FALSE(test, netvsc_tx_stuck(ch));
	KUNIT_EXPECT_TRUE(test, netvsc_tx_stuck(ch));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, signals + 3, host->signals);
	KUNIT_EXPECT_EQ(test, 3, tx_xmit(test, timeout));
	fake_complete_rndis(host, 0, host->frame[0].xid, 1);
	local_bh_disable();
	KUNIT_EXPECT_FALSE(test, netvsc_tx_stuck(ch));
	local_bh_enable();
	fake_complete_rndis(host, 0, host->frame[1].xid, 1);
}

static struct kunit_case tx_cases[] = {
	KUNIT_CASE(tx_copied),
	KUNIT_CASE(tx_listed),
	KUNIT_CASE(tx_refused_by_host),
	KUNIT_CASE(tx_forged),
	KUNIT_CASE(tx_stale_and_duplicate),
	KUNIT_CASE(tx_malformed_completion),
	KUNIT_CASE(tx_wrong_channel),
	KUNIT_CASE(tx_completed_too_soon),
	KUNIT_CASE(tx_out_of_slots),
	KUNIT_CASE(tx_sections),
	KUNIT_CASE(tx_out_of_ring),
	KUNIT_CASE(tx_lost_at_close),
	KUNIT_CASE(tx_not_ready),
	KUNIT_CASE(tx_drop_reasons),
	KUNIT_CASE(tx_stuck),
	{ }
};

static struct kunit_suite tx_suite = {
	.name = "hv_netvsc_tx",
	.init = tx_init,
	.test_cases = tx_cases,
};

/* Frames that share a message */

/* How many frames message @frame holds; each is where the last one ends. */
static u32 tx_walk(struct kunit *test, u32 frame, u32 align, u8 *fill)
{
	struct fake_host *host = test->priv;
	u32 at = 0, n = 0, len, end = host->frame[frame].section_bytes;

	KUNIT_ASSERT_NE(test, NVSP_SECTION_NONE, host->frame[frame].section);
	KUNIT_ASSERT_LE(test, end, FAKE_SECTION_BYTES);
	while (at < end) {
		KUNIT_ASSERT_EQ(test, 1, tx_word(test, frame, at, 0));
		len = tx_word(test, frame, at, 1);
		KUNIT_ASSERT_GE(test, len, 44);
		KUNIT_ASSERT_LE(test, len, end - at);
		KUNIT_EXPECT_EQ(test, 0, at % align);
		KUNIT_EXPECT_EQ(test, *fill * 0x01010101U,
				tx_word(test, frame, at + 8 +
					tx_word(test, frame, at, 2), 4));
		++*fill;
		at += len;
		n++;
	}
	KUNIT_EXPECT_EQ(test, end, at);

	return n;
}

static void tx_burst(struct kunit *test, u32 num, u32 len)
{
	u32 i;

	for (i = 0; i < num; i++)
		tx_send_ok(test, len, i, i + 1 < num);
}

static void aggr_burst(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	/* The host takes eight in one. */
	tx_burst(test, 20, 61);
	KUNIT_ASSERT_EQ(test, 3, host->num_frames);
	KUNIT_EXPECT_EQ(test, 8, tx_walk(test, 0, 8, &fill));
	KUNIT_EXPECT_EQ(test, 8, tx_walk(test, 1, 8, &fill));
	KUNIT_EXPECT_EQ(test, 4, tx_walk(test, 2, 8, &fill));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS - 3, tx_slots(test, 0));
	fake_complete_rndis(host, 0, host->frame[1].xid, 1);
	KUNIT_EXPECT_EQ(test, 8, tx_done(test, packets));
	KUNIT_EXPECT_EQ(test, 8 * 61, tx_done(test, bytes));
	fake_complete_rndis(host, 0, host->frame[0].xid, 2);
	KUNIT_EXPECT_EQ(test, 8, tx_done(test, refused));
	fake_complete_rndis(host, 0, host->frame[2].xid, 1);
	KUNIT_EXPECT_EQ(test, 12, tx_done(test, packets));
}

static void aggr_one_signal(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 signals = host->signals;

	tx_burst(test, 64, 60);
	KUNIT_EXPECT_EQ(test, signals + 1, host->signals);
	KUNIT_EXPECT_EQ(test, 8, host->num_frames);
	fake_complete_all(test->priv);
}

/* By bytes: a section, less what does not fit. */
static void aggr_long_frames(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	tx_burst(test, 5, 2900);
	KUNIT_ASSERT_EQ(test, 3, host->num_frames);
	KUNIT_EXPECT_EQ(test, 2, tx_walk(test, 0, 8, &fill));
	KUNIT_EXPECT_EQ(test, 2, tx_walk(test, 1, 8, &fill));
	KUNIT_EXPECT_EQ(test, 1, tx_walk(test, 2, 8, &fill));
	fake_complete_all(test->priv);
}

/* Order is kept when one goes another way. */
static void aggr_listed_between(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	tx_send_ok(test, 100, 0, true);
	tx_send_ok(test, 100, 1, true);
	tx_send_ok(test, 20000, 0, true);
	tx_send_ok(test, 100, 2, false);
	KUNIT_ASSERT_EQ(test, 3, host->num_frames);
	KUNIT_EXPECT_EQ(test, 2, tx_walk(test, 0, 8, &fill));
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[1].section);
	KUNIT_EXPECT_EQ(test, 1, tx_walk(test, 2, 8, &fill));
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, 4, tx_done(test, packets));
}

static void aggr_apply(struct fake_nic *nic, u32 frames, u32 bytes)
{
	mutex_lock(&nic->nv->lock);
	nic->nv->tx_aggr_frames = frames;
	nic->nv->tx_aggr_bytes = bytes;
	netvsc_apply_aggregation(nic->nv);
	mutex_unlock(&nic->nv->lock);
}

static void aggr_limits_of_the_user(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	aggr_apply(host->suite, 3, 0);
	tx_burst(test, 7, 60);
	KUNIT_ASSERT_EQ(test, 3, host->num_frames);
	KUNIT_EXPECT_EQ(test, 3, tx_walk(test, 0, 8, &fill));
	fake_complete_all(test->priv);

	/* More than the host takes is not given to it. */
	aggr_apply(host->suite, 1000, 0);
	tx_burst(test, 9, 60);
	KUNIT_EXPECT_EQ(test, 2, host->num_frames);
	fake_complete_all(test->priv);

	/* Two of 60 and their headers, but not three. */
	aggr_apply(host->suite, 0, 300);
	tx_burst(test, 6, 60);
	KUNIT_EXPECT_EQ(test, 3, host->num_frames);
	fake_complete_all(test->priv);

	aggr_apply(host->suite, 1, 0);
	tx_burst(test, 6, 60);
	KUNIT_EXPECT_EQ(test, 6, host->num_frames);
	fake_complete_all(test->priv);
}

/* Limits are what host and user say, whichever is less, and never 0. */
static void aggr_limits(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv = nic->nv;

	KUNIT_EXPECT_EQ(test, 8, netvsc_aggr_frames(nv));
	KUNIT_EXPECT_EQ(test, FAKE_SECTION_BYTES, netvsc_aggr_bytes(nv));
	nv->rndis.max_packets = ~0U;
	KUNIT_EXPECT_EQ(test, NETVSC_TX_MAX_AGGR, netvsc_aggr_frames(nv));
	nv->rndis.max_packets = 0;
	KUNIT_EXPECT_EQ(test, 1, netvsc_aggr_frames(nv));
	nv->tx_aggr_frames = 5;
	KUNIT_EXPECT_EQ(test, 1, netvsc_aggr_frames(nv));
	nv->rndis.max_transfer = 4000;
	KUNIT_EXPECT_EQ(test, 4000, netvsc_aggr_bytes(nv));
	nv->tx_aggr_bytes = 100;
	KUNIT_EXPECT_EQ(test, 100, netvsc_aggr_bytes(nv));
	nv->tx_aggr_bytes = ~0U;
	KUNIT_EXPECT_EQ(test, 4000, netvsc_aggr_bytes(nv));
}

/* A burst that is cut off: what has been taken leaves with the next frame. */
static void aggr_cut_off(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	tx_send_ok(test, 100, 0, true);
	tx_send_ok(test, 100, 1, true);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	tx_send_ok(test, 100, 2, false);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 3, tx_walk(test, 0, 8, &fill));
	fake_complete_all(test->priv);
}

/* A host that takes next to nothing in one message gets one frame in each. */
static void aggr_short_messages(struct kunit *test)
{
	static const u32 most[] = { 0, 1, 44, 100, 170 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(most); i++) {
		nic->nv->rndis.max_transfer = most[i];
		aggr_apply(nic, 0, 0);
		tx_burst(test, 5, 60);
		KUNIT_EXPECT_EQ_MSG(test, 5, host->num_frames, "%u bytes",
				    most[i]);
		fake_complete_all(test->priv);
	}
}

/* As coarse as an alignment can be, the second frame begins a new page. */
static void aggr_alignment(struct kunit *test)
{
	static const u32 align[][3] = { { 1, 8, 1 }, { 64, 64, 1 },
					{ 1024, 1024, 1 }, { 4096, 4096, 3 } };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;
	u32 frame;
	u8 fill;

	for (i = 0; i < ARRAY_SIZE(align); i++) {
		nic->nv->rndis.alignment = align[i][0];
		aggr_apply(nic, 0, 0);
		tx_burst(test, 6, 60);
		KUNIT_EXPECT_EQ_MSG(test, align[i][2], host->num_frames,
				    "aligned to %u", align[i][0]);
		for (frame = 0, fill = 0; frame < host->num_frames; frame++)
			tx_walk(test, frame, align[i][1], &fill);
		KUNIT_EXPECT_EQ(test, 6, fill);
		fake_complete_all(test->priv);
	}
}

/*
 * Whatever the host's sections are like: no RNDIS header crosses a page, and
 * nothing is written behind a section.
 */
static void aggr_sections_of_any_size(struct kunit *test)
{
	static const u32 sizes[] = { 256, 260, 300, 1500, 4092, 4096, 4100,
				     8188, 12292 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;
	u32 frame, at, len, start;
	const u8 *section;

	fake_nic_remove(nic);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		host->section_bytes = sizes[i];
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
		KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
		tx_burst(test, 100, 60);
		for (frame = 0; frame < host->num_frames; frame++) {
			if (host->frame[frame].section == NVSP_SECTION_NONE)
				continue;
			start = host->frame[frame].section * sizes[i];
			section = host->send + start;
			KUNIT_ASSERT_LE(test, start + sizes[i],
					host->send_bytes);
			KUNIT_ASSERT_LE(test, host->frame[frame].section_bytes,
					sizes[i]);
			for (at = 0; at < host->frame[frame].section_bytes;
			     at += len) {
				len = le32_to_cpu(*(const __le32 *)
						  (section + at + 4));
				KUNIT_ASSERT_GE(test, len, 44);
				KUNIT_EXPECT_LE(test, (start + at) % 4096 + 44,
						4096);
			}
		}
		fake_complete_all(test->priv);
		fake_nic_remove(nic);
	}
}

static struct kunit_case aggr_cases[] = {
	KUNIT_CASE(aggr_burst),
	KUNIT_CASE(aggr_one_signal),
	KUNIT_CASE(aggr_long_frames),
	KUNIT_CASE(aggr_listed_between),
	KUNIT_CASE(aggr_limits_of_the_user),
	KUNIT_CASE(aggr_limits),
	KUNIT_CASE(aggr_cut_off),
	KUNIT_CASE(aggr_short_messages),
	KUNIT_CASE(aggr_alignment),
	KUNIT_CASE(aggr_sections_of_any_size),
	{ }
};

static struct kunit_suite aggr_suite = {
	.name = "hv_netvsc_aggregation",
	.init = tx_init,
	.test_cases = aggr_cases,
};

/* What becomes of one frame */

/* A frame whose checksum is left to the host. */
static struct sk_buff *plan_ip(struct kunit *test, u32 len, bool ipv6,
			       u8 protocol, u32 csum_offset)
{
	u32 l4 = ETH_HLEN + (ipv6 ? 40 : 20);
	struct sk_buff *skb = tx_frame(test, len, 0x11);

	skb->protocol = htons(ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	put_unaligned(skb->protocol, (__be16 *)(skb->data + 12));
	skb->data[ETH_HLEN] = ipv6 ? 0x60 : 0x45;
	skb->data[ETH_HLEN + (ipv6 ? 6 : 9)] = protocol;
	/* Of TCP: a header of 20 bytes. */
	skb->data[l4 + 12] = 0x50;
	skb_set_transport_header(skb, l4);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + l4;
	skb->csum_offset = csum_offset;

	return skb;
}

static void plan_send(struct kunit *test, struct sk_buff *skb)
{
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK, tx_send(test, skb, 0, false));
}

static void plan_tag_beside(struct kunit *test)
{
	struct sk_buff *skb = tx_frame(test, 100, 0x11);

	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 0xb123);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 0x123d, fake_frame_item(test->priv, 0, 6));
	KUNIT_EXPECT_EQ(test, 100, tx_word(test, 0, 0, 3));
	fake_complete_all(test->priv);
}

/* The host wants it beside the frame, not in it. */
static void plan_tag_inside(struct kunit *test)
{
	struct sk_buff *skb = tx_frame(test, 100, 0x11);

	skb->protocol = htons(ETH_P_8021Q);
	put_unaligned_be32(0x81004123, skb->data + 12);
	put_unaligned_be16(0x88b5, skb->data + 16);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 0x1232, fake_frame_item(test->priv, 0, 6));
	KUNIT_EXPECT_EQ(test, 96, tx_word(test, 0, 0, 3));
	KUNIT_EXPECT_EQ(test, 0x88b51111,
			get_unaligned_be32(fake_frame_data(test->priv, 0) + 12));
	fake_complete_all(test->priv);
}

/* One that says to have a tag, and has none. */
static struct sk_buff *plan_without_tag(struct kunit *test)
{
	struct sk_buff *skb = tx_frame(test, 100, 0x11);

	skb->protocol = htons(ETH_P_8021Q);

	return skb;
}

static void plan_no_tag(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct sk_buff *skb;

	plan_send(test, plan_without_tag(test));
	skb = tx_frame(test, 16, 0x11);
	skb->protocol = htons(ETH_P_8021Q);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 2, tx_xmit(test, vlan_error));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, tx_slots(test, 0));
}

/* The last frame of a burst is dropped: the others do not wait for one more. */
static void plan_drop_ends_burst(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 fill = 0;

	tx_send_ok(test, 100, 0, true);
	tx_send_ok(test, 100, 1, true);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
			tx_send(test, plan_without_tag(test), 0, true));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	plan_send(test, plan_without_tag(test));
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 2, tx_walk(test, 0, 8, &fill));
	KUNIT_EXPECT_EQ(test, 2, tx_xmit(test, vlan_error));
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, 2, tx_done(test, packets));
}

/* A message that is open when the host goes away is freed with what it holds. */
static void plan_left_open(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct sk_buff *skb = tx_frame(test, 100, 0);

	fake_nic_deafen(host, 0);
	skb_get(skb);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK, tx_send(test, skb, 0, true));
	KUNIT_EXPECT_EQ(test, 2, refcount_read(&skb->users));
	fake_host_rescind(host);
	fake_nic_remove(host->suite);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&skb->users));
	kfree_skb(skb);
}

static void plan_checksums(struct kunit *test)
{
	static const struct {
		bool ipv6;
		u8 protocol;
		u32 csum_offset;
		u32 word;
	} frames[] = {
		{ false, IPPROTO_TCP, 16, 34 << 16 | 0x5 },
		{ false, IPPROTO_UDP, 6, 34 << 16 | 0x9 },
		{ true, IPPROTO_TCP, 16, 54 << 16 | 0x6 },
		{ true, IPPROTO_UDP, 6, 54 << 16 | 0xa },
	};
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(frames); i++) {
		plan_send(test, plan_ip(test, 200, frames[i].ipv6,
					frames[i].protocol,
					frames[i].csum_offset));
		KUNIT_EXPECT_EQ(test, frames[i].word,
				fake_frame_item(test->priv, i, 0));
	}
	KUNIT_EXPECT_EQ(test, 0, tx_xmit(test, sw_csum));
	/* What the host does not do is done here, unless others see the frame. */
	plan_send(test, plan_ip(test, 200, false, IPPROTO_SCTP, 8));
	KUNIT_EXPECT_EQ(test, ~0U, fake_frame_item(test->priv, i, 0));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, sw_csum));
	nic->nv->tx_csum_udp6 = false;
	plan_send(test, plan_ip(test, 200, true, IPPROTO_UDP, 6));
	KUNIT_EXPECT_EQ(test, 2, tx_xmit(test, sw_csum));
	fake_complete_all(test->priv);
}

static void plan_checksum_of_a_shared_frame(struct kunit *test)
{
	struct sk_buff *skb = plan_ip(test, 200, false, IPPROTO_SCTP, 8);
	struct fake_host *host = test->priv;

	skb_get(skb);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, bad_csum));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	kfree_skb(skb);
}

static struct sk_buff *plan_gso(struct kunit *test, u32 len, bool ipv6)
{
	struct sk_buff *skb = plan_ip(test, len, ipv6, IPPROTO_TCP, 16);

	skb_shinfo(skb)->gso_size = 1000;
	skb_shinfo(skb)->gso_type = ipv6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;

	return skb;
}

/* The host gets headers without lengths; whoever sent the frame keeps his. */
static void plan_segments(struct kunit *test)
{
	const u32 lso = 1000 | 34 << 20 | 0x40000000;
	const u32 lso6 = 1000 | 54 << 20 | 0xc0000000;
	const __be32 addr = htonl(0x11111111);
	struct sk_buff *skb = plan_gso(test, 3054, false);
	const u8 *data;

	skb_get(skb);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, lso, fake_frame_item(test->priv, 0, 2));
	KUNIT_EXPECT_EQ(test, ~0U, fake_frame_item(test->priv, 0, 0));
	data = fake_frame_data(test->priv, 0);
	KUNIT_EXPECT_EQ(test, 0, get_unaligned_be16(data + 16));
	KUNIT_EXPECT_EQ(test, 0, get_unaligned_be16(data + 24));
	KUNIT_EXPECT_EQ(test,
			(__force u16)~csum_tcpudp_magic(addr, addr, 0,
							IPPROTO_TCP, 0),
			(__force u16)get_unaligned((__sum16 *)(data + 50)));
	KUNIT_EXPECT_EQ(test, 0x1111, get_unaligned_be16(skb->data + 16));
	KUNIT_EXPECT_EQ(test, 0x1111, get_unaligned_be16(skb->data + 50));
	kfree_skb(skb);

	plan_send(test, plan_gso(test, 3074, true));
	KUNIT_EXPECT_EQ(test, lso6, fake_frame_item(test->priv, 1, 2));
	KUNIT_EXPECT_EQ(test, 0,
			get_unaligned_be16(fake_frame_data(test->priv, 1) + 18));
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, 3 + 3, tx_done(test, packets));
}

static netdev_features_t plan_features(struct net_device *dev,
				       struct sk_buff *skb)
{
	return dev->netdev_ops->ndo_features_check(skb, dev, dev->features);
}

/* What netvsc_features_check() would not have let pass. */
static void plan_segments_of_nobody(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct sk_buff *skb = plan_gso(test, 3054, false);
	netdev_features_t left;

	left = plan_features(nic->nv->netdev, skb);
	KUNIT_EXPECT_NE(test, 0, left & NETIF_F_TSO);
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	left = plan_features(nic->nv->netdev, skb);
	KUNIT_EXPECT_EQ(test, 0, left & NETIF_F_GSO_MASK);
	plan_send(test, skb);
	skb = plan_gso(test, 3054, false);
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	/* A header that ends behind the frame. */
	skb->data[ETH_HLEN + 20 + 12] = 0xf0;
	skb_trim(skb, 80);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 2, tx_xmit(test, too_big));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);

	skb = plan_ip(test, 200, false, IPPROTO_SCTP, 8);
	nic->nv->tx_csum_udp = false;
	left = plan_features(nic->nv->netdev, skb);
	KUNIT_EXPECT_EQ(test, 0, left & NETIF_F_CSUM_MASK);
	skb->csum_offset = 16;
	left = plan_features(nic->nv->netdev, skb);
	KUNIT_EXPECT_NE(test, 0, left & NETIF_F_CSUM_MASK);
	kfree_skb(skb);
}

#define PLAN_FRAGS	17
#define PLAN_FRAG_BYTES	2000

/* Pieces that lie in two pages each: more than a host takes. */
static struct sk_buff *plan_scattered(struct kunit *test)
{
	struct sk_buff *skb = tx_frame(test, 100, 0x11);
	struct page *page;
	unsigned int i;

	for (i = 0; i < PLAN_FRAGS; i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_ZERO,
				   get_order(2 * 4096));
		KUNIT_ASSERT_NOT_NULL(test, page);
		skb_add_rx_frag(skb, i, page, 3000, PLAN_FRAG_BYTES, 8192);
	}

	return skb;
}

static void plan_front_copied(struct kunit *test)
{
	const u32 len = 100 + PLAN_FRAGS * PLAN_FRAG_BYTES;
	struct fake_host *host = test->priv;
	const struct fake_frame *frame = host->frame;

	plan_send(test, plan_scattered(test));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, scattered));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, head_copied));
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_NE(test, NVSP_SECTION_NONE, frame->section);
	KUNIT_EXPECT_EQ(test, 44 + len,
			frame->section_bytes + frame->listed_bytes);
	KUNIT_EXPECT_LT(test, frame->ranges, PLAN_FRAGS);
	fake_complete_all(test->priv);
	KUNIT_EXPECT_EQ(test, len, tx_done(test, bytes));
}

/* The section of a frame that finds no room in the ring is there for others. */
static void plan_front_given_back(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	struct sk_buff *skb = plan_scattered(test);

	fake_nic_deafen(host, 0);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_BUSY, tx_send(test, skb, 0, false));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, no_space));
	KUNIT_EXPECT_EQ(test, 1, ch->stash_len);

	host->deaf = false;
	fake_host_run(host, 0);
	fake_nic_poll(host, 0);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 0, ch->stash_len);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	fake_complete_all(test->priv);
}

/* Without sections it becomes one piece, unless others see the frame. */
static void plan_made_one(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct sk_buff *skb;

	fake_nic_remove(nic);
	host->refuse = NVSP_MSG_SEND_SEND_BUFFER;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	plan_send(test, plan_scattered(test));
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, linearized));
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 2, host->frame[0].ranges);
	skb = plan_scattered(test);
	skb_get(skb);
	plan_send(test, skb);
	KUNIT_EXPECT_EQ(test, 1, tx_xmit(test, too_big));
	KUNIT_EXPECT_EQ(test, PLAN_FRAGS, skb_shinfo(skb)->nr_frags);
	kfree_skb(skb);
	fake_complete_all(test->priv);
}

static struct kunit_case plan_cases[] = {
	KUNIT_CASE(plan_tag_beside),
	KUNIT_CASE(plan_tag_inside),
	KUNIT_CASE(plan_no_tag),
	KUNIT_CASE(plan_drop_ends_burst),
	KUNIT_CASE(plan_left_open),
	KUNIT_CASE(plan_checksums),
	KUNIT_CASE(plan_checksum_of_a_shared_frame),
	KUNIT_CASE(plan_segments),
	KUNIT_CASE(plan_segments_of_nobody),
	KUNIT_CASE(plan_front_copied),
	KUNIT_CASE(plan_front_given_back),
	KUNIT_CASE(plan_made_one),
	{ }
};

static struct kunit_suite plan_suite = {
	.name = "hv_netvsc_plan",
	.init = tx_init,
	.test_cases = plan_cases,
};

kunit_test_suites(&tx_suite, &aggr_suite, &plan_suite);
