// SPDX-License-Identifier: GPL-2.0
/*
 * Isolated guests: the host is told of no page that it cannot see, sees nothing
 * that it was not sent, and gets no say in the protocol. Memory that cannot be
 * made visible, or cannot be hidden again.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/vmalloc.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "kunit/visible.h"
#include "fake_host.h"

/* Lengths on both sides of what a section and a page hold. */
static const u32 iso_lengths[] = {
	60, 1514, 6000, 6144, 7000, 8192, 12288 - 44, 12288 - 43, 20000, 65535,
};

static struct fake_nic *iso_nic(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

static int iso_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	nic->host->memory = nic->host->isolated;

	return 0;
}

static void iso_start(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(iso_nic(test)));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(iso_nic(test)));
}

/* A frame that begins in one piece and goes on in pages. */
static struct sk_buff *iso_frame(struct kunit *test, u32 len)
{
	u32 i, part, head = min_t(u32, len, 3000);
	struct fake_nic *nic = iso_nic(test);
	struct sk_buff *skb = alloc_skb(head, GFP_KERNEL);
	u8 *to;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	to = skb_put(skb, head);
	for (i = 0; i < head; i++)
		to[i] = i % 251;
	for (; i < len; i += part) {
		struct page *page = alloc_page(GFP_KERNEL);
		u32 at;

		KUNIT_ASSERT_NOT_NULL(test, page);
		part = min_t(u32, len - i, 4000);
		to = page_address(page);
		for (at = 0; at < part; at++)
			to[96 + at] = (i + at) % 251;
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 96, part,
				PAGE_SIZE);
	}
	/* An EtherType of nobody's. */
	skb->data[12] = 0x88;
	skb->data[13] = 0xb5;
	skb->protocol = htons(ETH_P_802_EX1);
	skb->dev = nic->nv->netdev;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);

	return skb;
}

static netdev_tx_t iso_send(struct kunit *test, struct sk_buff *skb, bool more)
{
	struct net_device *dev = iso_nic(test)->nv->netdev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	netdev_tx_t ret;

	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	skb_set_queue_mapping(skb, 0);
	ret = netdev_start_xmit(skb, dev, txq, more);
	__netif_tx_unlock(txq);
	local_bh_enable();

	return ret;
}

static struct netvsc_bounce *iso_bounce(struct kunit *test)
{
	return fake_nic_channel(iso_nic(test), 0)->bounce;
}

static bool iso_stopped(struct kunit *test)
{
	struct net_device *dev = iso_nic(test)->nv->netdev;

	return netif_tx_queue_stopped(netdev_get_tx_queue(dev, 0));
}

static void iso_complete_all(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i;

	/* The last first: pages come back in any order. */
	for (i = host->num_frames; i > 0; i--)
		fake_complete_rndis(host, 0, host->frame[i - 1].xid,
				    NVSP_STATUS_SUCCESS);
	host->num_frames = 0;
}

/* What the host got, whichever way it came, is the frame and nothing else. */
static void iso_expect_frame(struct kunit *test, u32 len)
{
	struct fake_host *host = test->priv;
	const struct fake_frame *frame = &host->frame[host->num_frames - 1];
	const u8 *message = host->memory->listed;
	u32 bytes = frame->listed_bytes, at, i;

	if (frame->section != NVSP_SECTION_NONE) {
		KUNIT_EXPECT_EQ(test, 0, frame->ranges);
		bytes = frame->section_bytes;
		at = frame->section * FAKE_SECTION_BYTES;
		KUNIT_ASSERT_LE(test, at + bytes, host->send_bytes);
		message = host->send + at;
	}
	KUNIT_ASSERT_EQ(test, bytes, le32_to_cpu(((__le32 *)message)[1]));
	KUNIT_ASSERT_EQ(test, len, le32_to_cpu(((__le32 *)message)[3]));
	at = 8 + le32_to_cpu(((__le32 *)message)[2]);
	KUNIT_ASSERT_EQ(test, bytes, at + len);
	for (i = 0; i < len; i++) {
		if (i != 12 && i != 13 && message[at + i] != i % 251)
			break;
	}
	KUNIT_EXPECT_EQ_MSG(test, len, i, "of a frame of %u bytes", len);
}

static void iso_send_all(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(iso_lengths); i++) {
		KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
				iso_send(test, iso_frame(test, iso_lengths[i]),
					 false));
		KUNIT_ASSERT_EQ(test, 1, host->num_frames);
		iso_expect_frame(test, iso_lengths[i]);
		iso_complete_all(test);
	}
}

/* fake_memory_at() looks at each page that a message lists. */
static void iso_visible(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_memory *memory = host->memory;
	struct netvsc_queue_stats *stats;
	u32 control, pages;

	iso_start(test);
	control = memory->looked;
	KUNIT_EXPECT_GT(test, control, 5);
	pages = netvsc_bounce_free(iso_bounce(test));
	iso_send_all(test);
	KUNIT_EXPECT_GT(test, memory->looked, control);
	KUNIT_EXPECT_EQ(test, pages, netvsc_bounce_free(iso_bounce(test)));
	stats = iso_nic(test)->nv->stats[0];
	KUNIT_EXPECT_EQ(test, 3, u64_stats_read(&stats->xmit.copied));
	KUNIT_EXPECT_EQ(test, 7, u64_stats_read(&stats->xmit.bounced));
	KUNIT_EXPECT_EQ(test, 0, u64_stats_read(&stats->done.bad_completion));

	fake_nic_remove(iso_nic(test));
	KUNIT_EXPECT_EQ(test, 0, fake_memory_visible(host));
	KUNIT_EXPECT_EQ(test, memory->shown, memory->hidden);
}

/* All takes that way. */
static void iso_without_send_buffer(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_queue_stats *stats;

	host->refuse = NVSP_MSG_SEND_SEND_BUFFER;
	iso_start(test);
	iso_send_all(test);
	stats = iso_nic(test)->nv->stats[0];
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(iso_lengths),
			u64_stats_read(&stats->xmit.bounced));
}

/* The host sees zeros where nothing has been sent, and between frames. */
static void iso_nothing_leaks(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const u8 *message;
	u32 i, end;

	iso_start(test);
	/* A page was last written by the first message that is in it. */
	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
				iso_send(test, iso_frame(test, 7000), false));
		message = host->memory->last;
		KUNIT_EXPECT_NULL(test, memchr_inv(message, 0, 4096 -
						   host->memory->last_offset));
	}
	iso_complete_all(test);

	memset(host->send, 0xff, host->send_bytes);
	iso_send(test, iso_frame(test, 61), true);
	iso_send(test, iso_frame(test, 61), false);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	message = host->send + host->frame[0].section * FAKE_SECTION_BYTES;
	end = 8 + le32_to_cpu(((__le32 *)message)[2]) + 61;
	KUNIT_ASSERT_GT(test, le32_to_cpu(((__le32 *)message)[1]), end);
	KUNIT_EXPECT_NULL(test, memchr_inv(message + end, 0,
					   le32_to_cpu(((__le32 *)message)[1]) -
					   end));
}

/* The queue waits for pages, and goes on when half of them are back. */
static void iso_out_of_pages(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i, round, sent, pages;

	iso_start(test);
	pages = netvsc_bounce_free(iso_bounce(test));
	for (round = 0; round < 3; round++) {
		for (sent = 0; !iso_stopped(test); sent++) {
			KUNIT_ASSERT_LT(test, sent, NETVSC_TX_SLOTS);
			KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
					iso_send(test, iso_frame(test, 20000),
						 false));
			iso_expect_frame(test, 20000);
		}
		/* A frame of 64 KiB and its header might not find room. */
		KUNIT_EXPECT_EQ(test, sent, (pages - 12) / 5);
		KUNIT_EXPECT_EQ(test, 0, netvsc_bounce_room(iso_bounce(test)));
		for (i = 0; i < sent && iso_stopped(test); i++)
			fake_complete_rndis(host, 0, host->frame[i].xid, 1);
		KUNIT_EXPECT_GE(test, netvsc_bounce_free(iso_bounce(test)),
				pages / 2);
		KUNIT_EXPECT_LT(test, i, sent);
		for (; i < sent; i++)
			fake_complete_rndis(host, 0, host->frame[i].xid, 1);
		host->num_frames = 0;
		KUNIT_EXPECT_EQ(test, pages,
				netvsc_bounce_free(iso_bounce(test)));
	}
}

/* A message for which the ring has no room gives its pages back. */
static void iso_out_of_ring(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch;
	struct sk_buff *skb;
	u32 pages;

	iso_start(test);
	ch = fake_nic_channel(iso_nic(test), 0);
	pages = netvsc_bounce_free(ch->bounce);
	spin_lock_bh(&ch->vmbus.out.lock);
	nvb_out_stop(&ch->vmbus.out);
	spin_unlock_bh(&ch->vmbus.out.lock);
	skb = iso_frame(test, 20000);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_BUSY, iso_send(test, skb, false));
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, pages, netvsc_bounce_free(ch->bounce));
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, netvsc_tx_slots_free(ch));
	fake_host_rescind(host);
}

/* The pages of what the host never completes come back with the channel. */
static void iso_lost_at_close(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i;

	iso_start(test);
	for (i = 0; i < 5; i++)
		iso_send(test, iso_frame(test, 20000), false);
	fake_host_rescind(host);
	fake_nic_remove(iso_nic(test));
	KUNIT_EXPECT_EQ(test, 0, fake_memory_visible(host));
}

/* One question, one answer, and an end. */
static void iso_old_host(struct kunit *test)
{
	static const u32 versions[] = { 0x60000, 0x50000, 0x40000, 0x30002, 2 };
	struct fake_host *host = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		host->version = versions[i];
		host->num_nvsp = 0;
		KUNIT_EXPECT_EQ(test, -EPROTONOSUPPORT,
				fake_nic_probe(iso_nic(test)));
		KUNIT_EXPECT_EQ(test, 1, fake_seen(host, NVSP_MSG_INIT));
		KUNIT_EXPECT_EQ(test, 0, fake_seen(host,
						   NVSP_MSG_SEND_NDIS_CONFIG));
		KUNIT_EXPECT_EQ(test, 0, fake_memory_visible(host));
		KUNIT_EXPECT_EQ(test, 0, host->gpadls);
	}
}

static u64 iso_capabilities;

static bool iso_see_config(struct fake_host *host, u32 type,
			   const struct fake_packet *pkt)
{
	const struct nvsp_msg_ndis_config *msg = (const void *)pkt->payload;

	if (type == NVSP_MSG_SEND_NDIS_CONFIG)
		iso_capabilities = le64_to_cpu(msg->capabilities);

	return false;
}

/* The host is not asked for a virtual function, and offers one in vain. */
static void iso_no_vf(struct kunit *test)
{
	struct fake_host *host = test->priv;

	iso_capabilities = ~0ULL;
	host->on_nvsp = iso_see_config;
	iso_start(test);
	KUNIT_EXPECT_EQ(test, 0, iso_capabilities & 0x4);
	fake_tell(host, NVSP_MSG_SEND_VF_ASSOCIATION, 1, 1);
	fake_tell(host, NVSP_MSG_SWITCH_DATA_PATH, 1, 0);
	KUNIT_EXPECT_FALSE(test, iso_nic(test)->nv->vf.allocated);
	KUNIT_EXPECT_TRUE(test, list_empty(&iso_nic(test)->nv->vf.node));
	KUNIT_EXPECT_EQ(test, 0, fake_seen(host, NVSP_MSG_SWITCH_DATA_PATH));
	iso_send_all(test);
}

/*
 * Memory that cannot be made visible: the channel has fewer pages, or there is
 * none, or no device; nothing of it stays visible. Control messages have four
 * pages, each of two channels 32 pieces, of which it needs five.
 */
static void iso_cannot_show(struct kunit *test)
{
	static const struct {
		u32 nth;
		int err;
		u32 queues;
	} cases[] = {
		{ 1, -ENOMEM }, { 4, -ENOMEM }, { 5, -ENOMEM }, { 9, -ENOMEM },
		{ 10, 0, 2 }, { 36, 0, 2 }, { 37, 0, 1 }, { 41, 0, 1 },
		{ 42, 0, 2 }, { 68, 0, 2 }, { 69, 0, 2 },
	};
	unsigned long leaked = nvb_buffer_leaked();
	struct fake_host *host = test->priv;
	struct fake_memory *memory = host->memory;
	u32 i;

	host->rss_queues = 2;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memory->fail_show = cases[i].nth;
		memory->shown = 0;
		host->num_nvsp = 0;
		host->num_oids = 0;
		KUNIT_ASSERT_EQ_MSG(test, cases[i].err,
				    fake_nic_probe(iso_nic(test)),
				    "without memory %u", cases[i].nth);
		KUNIT_EXPECT_EQ(test, cases[i].nth < 69,
				memory->shown >= cases[i].nth);
		if (!cases[i].err) {
			KUNIT_EXPECT_EQ_MSG(test, cases[i].queues,
					    iso_nic(test)->nv->resources->num_queues,
					    "without memory %u", cases[i].nth);
			fake_nic_remove(iso_nic(test));
		}
		KUNIT_ASSERT_EQ(test, 0, fake_memory_visible(host));
	}
	KUNIT_EXPECT_EQ(test, leaked, nvb_buffer_leaked());
}

/* Memory that cannot be hidden again: lost, all of it, and counted. */
static void iso_cannot_hide(struct kunit *test)
{
	unsigned long leaked = nvb_buffer_leaked();
	struct fake_host *host = test->priv;
	struct fake_memory *memory = host->memory;
	u32 i, bytes = 0;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(iso_nic(test)));
	memory->fail_hide = ~0U;
	fake_nic_remove(iso_nic(test));
	KUNIT_EXPECT_EQ(test, memory->shown, memory->num_kept);
	for (i = 0; i < memory->num_kept; i++) {
		bytes += memory->kept[i].bytes;
		/* Nobody else has got it. */
		KUNIT_EXPECT_EQ(test, 1,
				page_count(virt_to_page(memory->kept[i].va)));
	}
	KUNIT_EXPECT_EQ(test, leaked + bytes, nvb_buffer_leaked());

	/* What could not be made visible in the first place counts as well. */
	leaked = nvb_buffer_leaked();
	memory->fail_show = memory->shown + 1;
	KUNIT_EXPECT_EQ(test, -ENOMEM, fake_nic_probe(iso_nic(test)));
	KUNIT_EXPECT_EQ(test, leaked + PAGE_SIZE, nvb_buffer_leaked());
}

/* A guest like any other pays nothing for it. */
static void iso_not_isolated(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_queue_stats *stats;

	host->memory = NULL;
	iso_start(test);
	KUNIT_EXPECT_NULL(test, iso_bounce(test));
	KUNIT_EXPECT_EQ(test, 0, host->isolated->shown);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
			iso_send(test, iso_frame(test, 20000), false));
	KUNIT_EXPECT_GT(test, host->frame[0].ranges, 1);
	stats = iso_nic(test)->nv->stats[0];
	KUNIT_EXPECT_EQ(test, 0, u64_stats_read(&stats->xmit.bounced));
	iso_complete_all(test);
}

static struct kunit_case iso_cases[] = {
	KUNIT_CASE(iso_visible),
	KUNIT_CASE(iso_without_send_buffer),
	KUNIT_CASE(iso_nothing_leaks),
	KUNIT_CASE(iso_out_of_pages),
	KUNIT_CASE(iso_out_of_ring),
	KUNIT_CASE(iso_lost_at_close),
	KUNIT_CASE(iso_old_host),
	KUNIT_CASE(iso_no_vf),
	KUNIT_CASE(iso_cannot_show),
	KUNIT_CASE(iso_cannot_hide),
	KUNIT_CASE(iso_not_isolated),
	{ }
};

static struct kunit_suite iso_suite = {
	.name = "hv_netvsc_isolated",
	.init = iso_init,
	.test_cases = iso_cases,
};

/* Buffers shared by a GPADL, which the VMBus core makes visible */

/**
 * struct core_case - what the core does with a buffer
 * @name: of the case
 * @share: its error of sharing
 * @stays: the pages stay visible in spite of that error
 * @unshare: its error of taking it back
 * @kept: they cannot be hidden then
 * @lost: the memory has to be given up
 */
struct core_case {
	const char *name;
	int share;
	bool stays;
	int unshare;
	bool kept;
	bool lost;
};

static const struct core_case core_cases[] = {
	{ .name = "all is well" },
	{ .name = "not shared", .share = -EIO },
	{ .name = "not shared, but visible", .share = -EIO, .stays = true,
	  .lost = true },
	{ .name = "not taken back", .unshare = -EIO, .lost = true },
	{ .name = "taken back, but visible", .kept = true, .lost = true },
};

static void core_desc(const struct core_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(core, core_cases, core_desc);

static int core_share(struct vmbus_channel *vmbus, void *pages, u32 bytes,
		      struct nvb_vmbus_gpadl *record)
{
	const struct core_case *one = kunit_get_current_test()->param_value;

	record->core.gpadl_handle = 0xe1;
	record->core.decrypted = !one->share || one->stays;

	return one->share;
}

static int core_unshare(struct vmbus_channel *vmbus,
			struct nvb_vmbus_gpadl *record)
{
	const struct core_case *one = kunit_get_current_test()->param_value;

	record->core.decrypted = one->kept;

	return one->unshare;
}

static void core_buffer(struct kunit *test)
{
	const struct core_case *one = test->param_value;
	unsigned long leaked = nvb_buffer_leaked();
	struct nvb_channel primary = {};
	struct nvb_buffer buf = {};
	void *pages;

	kunit_activate_static_stub(test, nvb_core_share, core_share);
	kunit_activate_static_stub(test, nvb_core_unshare, core_unshare);
	KUNIT_ASSERT_EQ(test, 0, nvb_buffer_alloc(&buf, 5000, NUMA_NO_NODE));
	pages = buf.pages;
	KUNIT_EXPECT_EQ(test, one->share,
			nvb_buffer_share(&buf, &primary, buf.bytes));
	KUNIT_EXPECT_EQ(test, !one->share, !!buf.gpadl);
	nvb_buffer_unshare(&buf);
	KUNIT_EXPECT_NULL(test, buf.gpadl);
	KUNIT_EXPECT_EQ(test, one->lost, buf.host_may_reach);
	nvb_buffer_free(&buf);
	KUNIT_EXPECT_EQ(test, leaked + (one->lost ? 2 * PAGE_SIZE : 0),
			nvb_buffer_leaked());
	if (one->lost)
		vfree(pages);
}

static struct kunit_case core_suite_cases[] = {
	KUNIT_CASE_PARAM(core_buffer, core_gen_params),
	{ }
};

static struct kunit_suite core_suite = {
	.name = "hv_netvsc_visible_buffers",
	.test_cases = core_suite_cases,
};

kunit_test_suites(&iso_suite, &core_suite);
