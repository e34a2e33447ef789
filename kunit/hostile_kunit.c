// SPDX-License-Identifier: GPL-2.0
/*
 * A host that means harm, by seed: whole lives of a device, in which its host
 * says something else than it should, again and again, while users go on using it.
 *
 * Each seed is a life. Nothing is asked of it but that it can be ended, with
 * nothing left behind; what else there is to find, the kernel's checkers find. Now
 * and then an honest host follows, on which all has to work.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"
#include "fake_malice.h"

#define HOSTILE_SEEDS_PER_CASE	20
#define HOSTILE_ACTS		60
#define HOSTILE_HONEST_EVERY	10
#define HOSTILE_MAX_FRAMES	(FAKE_FRAMES / 2)
#define HOSTILE_MAX_SLOTS	0x100000U

static unsigned int seeds = 200;
module_param(seeds, uint, 0444);
MODULE_PARM_DESC(seeds, "how many seeds the hostile host runs through");

static unsigned long long seed = 1;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "the first of them");

struct hostile {
	struct kunit *test;
	struct fake_host *host;
	struct fake_nic *nic;
	struct fake_malice *malice;
};

struct hostile_case {
	u64 first;
	u32 num;
};

static const void *hostile_next(const void *prev, char *desc)
{
	static struct hostile_case one;

	if (!prev)
		one = (struct hostile_case){ .first = seed, .num = 0 };
	one.first += one.num;
	if (one.first - seed >= seeds)
		return NULL;
	one.num = min_t(u64, HOSTILE_SEEDS_PER_CASE,
			seeds - (one.first - seed));
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seeds %llu to %llu", one.first,
		 one.first + one.num - 1);

	return &one;
}

static struct net_device *hostile_dev(const struct hostile *run)
{
	return run->nic->nv->netdev;
}

static u32 hostile_below(const struct hostile *run, u32 limit)
{
	return fake_malice_below(run->malice, limit);
}

/* What it is, or seldom what it cannot be. */
static u32 hostile_setting(const struct hostile *run, u32 usual)
{
	return hostile_below(run, 6) ? usual : fake_malice_number(run->malice);
}

/* The device as its users have it */

static void hostile_open(const struct hostile *run)
{
	dev_open(hostile_dev(run), NULL);
}

static void hostile_close(const struct hostile *run)
{
	dev_close(hostile_dev(run));
}

static void hostile_mtu(const struct hostile *run)
{
	dev_set_mtu(hostile_dev(run), 68 + hostile_below(run, 9500));
}

static void hostile_channels(const struct hostile *run)
{
	struct ethtool_channels channels = {
		.combined_count = 1 + hostile_below(run, FAKE_CHANNELS),
	};
	struct net_device *dev = hostile_dev(run);

	dev->ethtool_ops->set_channels(dev, &channels);
}

static void hostile_ring(const struct hostile *run)
{
	struct ethtool_ringparam ring = {
		.rx_pending = 16 + hostile_below(run, 2000),
		.tx_pending = 1 + hostile_below(run, 200),
	};
	struct net_device *dev = hostile_dev(run);

	dev->ethtool_ops->set_ringparam(dev, &ring, NULL, NULL);
}

static void hostile_rss(const struct hostile *run)
{
	static u32 indir[NDIS_RSS_MAX_ENTRIES];
	struct ethtool_rxfh_param rxfh = { .indir = indir };
	struct net_device *dev = hostile_dev(run);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(indir); i++)
		indir[i] = hostile_below(run, dev->real_num_rx_queues);
	dev->ethtool_ops->set_rxfh(dev, &rxfh, NULL);
}

static void hostile_mac(const struct hostile *run)
{
	struct sockaddr_storage ss = { .ss_family = ARPHRD_ETHER };
	struct sockaddr *sa = (struct sockaddr *)&ss;

	sa->sa_data[0] = 2;
	sa->sa_data[5] = hostile_below(run, 256);
	hostile_dev(run)->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev_set_mac_address(hostile_dev(run), sa, NULL);
}

static void hostile_features(const struct hostile *run)
{
	struct net_device *dev = hostile_dev(run);

	dev->wanted_features ^= hostile_below(run, 2) ? NETIF_F_LRO :
							NETIF_F_RXCSUM;
	netdev_update_features(dev);
}

/* What anybody may look at. */
static void hostile_look(const struct hostile *run)
{
	struct net_device *dev = hostile_dev(run);
	struct rtnl_link_stats64 stats;
	u64 *values;
	int num;

	dev_get_stats(dev, &stats);
	num = dev->ethtool_ops->get_sset_count(dev, ETH_SS_STATS);
	if (num <= 0)
		return;
	values = kcalloc(num, sizeof(*values), GFP_KERNEL);
	if (values)
		dev->ethtool_ops->get_ethtool_stats(dev, NULL, values);
	kfree(values);
}

typedef void (*hostile_wish)(const struct hostile *run);

static const hostile_wish hostile_wishes[] = {
	hostile_open, hostile_open, hostile_close, hostile_mtu, hostile_mtu,
	hostile_channels, hostile_channels, hostile_ring, hostile_rss,
	hostile_mac, hostile_features, hostile_look,
};

static void hostile_user(const struct hostile *run)
{
	u32 which = hostile_below(run, ARRAY_SIZE(hostile_wishes));

	rtnl_lock();
	hostile_wishes[which](run);
	rtnl_unlock();
}

/* The work items, which tests call: see fake_nic_probe(). */
static void hostile_work(const struct hostile *run)
{
	struct netvsc *nv = run->nic->nv;

	if (hostile_below(run, 2))
		netvsc_reset_work(&nv->reset_work.work);
	else
		netvsc_rx_mode_work(&nv->rx_mode_work);
}

static struct sk_buff *hostile_skb(const struct hostile *run)
{
	u32 len = ETH_HLEN + hostile_below(run, hostile_dev(run)->mtu);
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL | __GFP_ZERO);

	if (!skb)
		return NULL;
	skb_put_zero(skb, len);
	skb->data[12] = 0x88;
	skb->data[13] = 0xb5;
	skb->protocol = htons(ETH_P_802_EX1);
	skb->dev = hostile_dev(run);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);

	return skb;
}

/* As the stack sends: not on a queue that is stopped, nor without a carrier. */
static void hostile_xmit(const struct hostile *run, bool more)
{
	struct net_device *dev = hostile_dev(run);
	u16 queue = hostile_below(run, dev->real_num_tx_queues);
	struct netdev_queue *txq = netdev_get_tx_queue(dev, queue);
	struct sk_buff *skb;

	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return;
	skb = hostile_skb(run);
	if (!skb)
		return;
	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	skb_set_queue_mapping(skb, queue);
	if (netif_xmit_frozen_or_stopped(txq) ||
	    netdev_start_xmit(skb, dev, txq, more) != NETDEV_TX_OK)
		kfree_skb(skb);
	__netif_tx_unlock(txq);
	local_bh_enable();
}

static void hostile_send(const struct hostile *run)
{
	hostile_xmit(run, !hostile_below(run, 3));
}

/* What the host does besides answering */

/* A frame: header, perhaps an item, the bytes. */
static void hostile_frame(const struct hostile *run)
{
	static const u32 items[] = { 0, 4, 5, 6, 8, 9, 10, 11, 14 };
	u32 slots = run->host->recv_bytes / FAKE_SLOT_BYTES;
	u32 len = 60 + hostile_below(run, 1400);
	u32 channel = hostile_below(run, FAKE_CHANNELS);
	u32 ppi = hostile_below(run, 2) ? 16 : 0;
	const u32 word[] = {
		RNDIS_MSG_PACKET, 60 + len, 52, len, 0, 0, 0, ppi ? 36 : 0, ppi,
		0, 0, 16, items[hostile_below(run, ARRAY_SIZE(items))], 12,
		fake_malice_number(run->malice),
	};
	__le32 *message;
	u32 i;

	if (!run->host->recv || !slots || !run->host->channel[channel].driver)
		return;
	message = kzalloc(60 + len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(run->test, message);
	for (i = 0; i < ARRAY_SIZE(word); i++)
		message[i] = cpu_to_le32(word[i]);
	memset((u8 *)message + 60, 0xff, ETH_ALEN);
	((u8 *)message)[60 + 12] = 0x88;
	((u8 *)message)[60 + 13] = 0xb5;
	fake_receive(run->host, channel, 0x1000 + hostile_below(run, 8),
		     hostile_below(run, min(slots, 64U)), message, 60 + len);
	kfree(message);
}

/* A range of the receive buffer as the host has described it, or beyond. */
static void hostile_range(const struct hostile *run)
{
	u32 said = run->host->recv_slots ?: run->host->recv_bytes /
					    FAKE_SLOT_BYTES;
	u32 slots = min(said, HOSTILE_MAX_SLOTS);
	u32 channel = hostile_below(run, FAKE_CHANNELS);
	const __le32 msg[] = {
		cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET), 0,
		cpu_to_le32(NVSP_SECTION_NONE), 0,
	};
	const __le32 ext[] = {
		cpu_to_le32(NVSP_RECV_BUFFER_ID), cpu_to_le32(1),
		cpu_to_le32(hostile_below(run, 2 * FAKE_SLOT_BYTES)),
		cpu_to_le32(hostile_below(run, slots + 2) * FAKE_SLOT_BYTES),
	};

	if (!run->host->channel[channel].driver)
		return;
	fake_ring_write(run->host->channel[channel].from_host,
			NVB_PACKET_XFER_PAGES, 0x1000 + hostile_below(run, 8),
			ext, sizeof(ext), msg, sizeof(msg));
	run->host->deliver(run->host, channel);
}

static void hostile_completions(const struct hostile *run)
{
	struct fake_host *host = run->host;
	u32 i, num = host->num_frames;

	host->num_frames = 0;
	for (i = 0; i < num; i++) {
		if (host->channel[host->frame[i].channel].driver)
			fake_complete_rndis(host, host->frame[i].channel,
					    host->frame[i].xid,
					    NVSP_STATUS_SUCCESS);
	}
}

static void hostile_indication(const struct hostile *run)
{
	static const u32 what[] = {
		RNDIS_STATUS_MEDIA_CONNECT, RNDIS_STATUS_MEDIA_DISCONNECT,
		RNDIS_STATUS_LINK_SPEED_CHANGE, RNDIS_STATUS_NETWORK_CHANGE,
		RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG,
	};
	u32 which = hostile_below(run, ARRAY_SIZE(what));
	const __le32 info[] = { cpu_to_le32(fake_malice_number(run->malice)) };

	if (run->host->recv && run->host->channel[0].driver)
		fake_indicate(run->host, what[which], info, sizeof(info));
}

static void hostile_rescind(const struct hostile *run)
{
	if (!hostile_below(run, 20))
		fake_host_rescind(run->host);
}

static void hostile_noise(const struct hostile *run)
{
	fake_malice_noise(run->malice);
}

/* Most nonsense there is the end of a session. */
static void hostile_indices(const struct hostile *run)
{
	if (!hostile_below(run, 16))
		fake_malice_indices(run->malice);
}

static const hostile_wish hostile_acts[] = {
	hostile_user, hostile_user, hostile_work, hostile_send, hostile_send,
	hostile_send, hostile_frame, hostile_frame, hostile_range,
	hostile_completions, hostile_completions, hostile_indication,
	hostile_rescind, hostile_noise, hostile_noise, hostile_indices,
};

/* One life */

static void hostile_configure(const struct hostile *run)
{
	static const u32 versions[] = { 0x60001, 0x60001, 0x60000, 0x50000,
					0x40000, 0x30002, 0x00002 };
	struct fake_host *host = run->host;

	host->version = versions[hostile_below(run, ARRAY_SIZE(versions))];
	host->subchannels = hostile_setting(run, FAKE_CHANNELS - 1);
	host->rss_queues = hostile_setting(run, FAKE_CHANNELS);
	host->rss_entries = hostile_setting(run, 128);
	host->recv_slots = hostile_setting(run, 0);
	host->section_bytes = hostile_setting(run, FAKE_SECTION_BYTES);
	host->max_packets = hostile_setting(run, 8);
	host->alignment = hostile_setting(run, 3);
	host->mtu = hostile_setting(run, 9000);
}

static void hostile_reset(struct fake_host *host)
{
	u32 i;

	host->num_frames = 0;
	host->num_nvsp = 0;
	host->num_oids = 0;
	host->version = NVSP_VERSION_6_1;
	host->subchannels = FAKE_CHANNELS - 1;
	host->rss_queues = FAKE_CHANNELS;
	host->rss_entries = 128;
	host->recv_slots = 0;
	host->section_bytes = FAKE_SECTION_BYTES;
	host->max_packets = 8;
	host->alignment = 3;
	host->mtu = 9000;
	for (i = 0; i < FAKE_CHANNELS; i++)
		WRITE_ONCE(host->channel[i].vmbus->rescind, false);
}

static void hostile_live(const struct hostile *run)
{
	u32 i;

	fake_nic_open(run->nic);
	for (i = 0; i < HOSTILE_ACTS; i++) {
		hostile_acts[hostile_below(run, ARRAY_SIZE(hostile_acts))](run);
		if (run->host->num_frames > HOSTILE_MAX_FRAMES)
			hostile_completions(run);
	}
}

static void hostile_expect_nothing_left(const struct hostile *run, u64 which)
{
	u32 i;

	KUNIT_EXPECT_EQ_MSG(run->test, 0, run->host->gpadls, "seed %llu",
			    which);
	for (i = 0; i < FAKE_CHANNELS; i++)
		KUNIT_EXPECT_NULL_MSG(run->test, run->host->channel[i].driver,
				      "seed %llu, channel %u", which, i);
}

static u32 hostile_one(const struct hostile *run, u64 which)
{
	bool at_once;
	u32 rate;

	fake_malice_begin(run->malice, which, 0);
	rate = 4 << hostile_below(run, 6);
	/* Else few devices would come to life. */
	at_once = !hostile_below(run, 3);
	if (at_once)
		hostile_configure(run);
	run->malice->rate = at_once ? rate : 0;
	if (!fake_nic_probe(run->nic)) {
		run->malice->rate = rate;
		if (!at_once)
			hostile_configure(run);
		hostile_live(run);
		fake_nic_remove(run->nic);
	}
	fake_malice_end(run->malice);
	hostile_expect_nothing_left(run, which);
	hostile_reset(run->host);

	return run->malice->acts;
}

/* After all that, a device of an honest host works. */
static void hostile_honest(const struct hostile *run)
{
	struct fake_host *host = run->host;

	KUNIT_ASSERT_EQ(run->test, 0, fake_nic_probe(run->nic));
	KUNIT_ASSERT_EQ(run->test, 0, fake_nic_open(run->nic));
	KUNIT_EXPECT_EQ(run->test, NETVSC_RUNNING, run->nic->nv->state);
	hostile_xmit(run, false);
	KUNIT_EXPECT_EQ(run->test, 1, host->num_frames);
	hostile_completions(run);
	fake_nic_remove(run->nic);
	hostile_expect_nothing_left(run, 0);
	hostile_reset(host);
}

static void hostile_seeds(struct kunit *test)
{
	const struct hostile_case *one = test->param_value;
	struct hostile run = { .test = test, .host = test->priv };
	u32 i, acts = 0;

	run.nic = run.host->suite;
	run.malice = run.host->malice;
	for (i = 0; i < one->num; i++) {
		acts += hostile_one(&run, one->first + i);
		if (test->status == KUNIT_FAILURE) {
			kunit_err(test, "seed %llu\n", one->first + i);
			return;
		}
		if (!((i + 1) % HOSTILE_HONEST_EVERY))
			hostile_honest(&run);
	}
	/* Else nothing has been tried. */
	KUNIT_EXPECT_GT(test, acts, one->num);
}

/* Nothing happens while somebody waits: what is not so will not be. */
static bool hostile_settle(struct netvsc *nv, const struct netvsc_resources *res,
			   bool (*done)(struct netvsc_channel *ch),
			   unsigned int timeout_ms)
{
	u32 i;

	for (i = 0; i < res->num_queues; i++) {
		if (!done(res->queue[i]) && nvsp_usable(&nv->nvsp))
			return false;
	}

	return true;
}

static int hostile_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	fake_malice_alloc(nic->host);
	kunit_activate_static_stub(test, netvsc_settle, hostile_settle);

	return 0;
}

static struct kunit_case hostile_cases[] = {
	KUNIT_CASE_PARAM_ATTR(hostile_seeds, hostile_next,
			      { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite hostile_suite = {
	.name = "hv_netvsc_hostile",
	.init = hostile_init,
	.test_cases = hostile_cases,
};

kunit_test_suite(hostile_suite);
