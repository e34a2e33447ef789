// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: names, their order, and that every counter is shown where its row
 * of the table says.
 */
#include <kunit/test.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

/* What monitoring knows from the kernel's own driver, in its order. */
static const char * const stats_first[] = {
	"tx_scattered", "tx_no_memory", "tx_no_space", "tx_too_big", "tx_busy",
	"tx_send_full", "rx_comp_busy", "rx_no_memory", "stop_queue",
	"wake_queue", "vlan_error", "vf_rx_packets", "vf_rx_bytes",
	"vf_tx_packets", "vf_tx_bytes", "vf_tx_dropped",
};

static const char * const stats_of_queue[] = {
	"tx_queue_%u_packets", "tx_queue_%u_bytes", "tx_queue_%u_xdp_xmit",
	"rx_queue_%u_packets", "rx_queue_%u_bytes", "rx_queue_%u_xdp_drop",
	"rx_queue_%u_xdp_redirect", "rx_queue_%u_xdp_tx",
};

/* Of each queue, behind everything else. */
static const char * const stats_last[] = {
	"tx_queue_%u_xsk_xmit", "rx_queue_%u_xsk_redirect",
};

static const char * const stats_of_cpu[] = {
	"cpu%u_rx_packets", "cpu%u_rx_bytes", "cpu%u_tx_packets",
	"cpu%u_tx_bytes", "cpu%u_vf_rx_packets", "cpu%u_vf_rx_bytes",
	"cpu%u_vf_tx_packets", "cpu%u_vf_tx_bytes",
};

struct stats_test {
	u8 *name;
	u64 *value;
	u32 num;
};

static struct netvsc *stats_nv(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return nic->nv;
}

static int stats_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));

	return 0;
}

static void stats_read(struct kunit *test, struct stats_test *t)
{
	struct netvsc *nv = stats_nv(test);

	rtnl_lock();
	t->num = netvsc_stats_count(nv);
	rtnl_unlock();
	/* Of their exact sizes, for KASAN. */
	t->name = kunit_kzalloc(test, t->num * ETH_GSTRING_LEN, GFP_KERNEL);
	t->value = kunit_kzalloc(test, t->num * sizeof(u64), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->name);
	KUNIT_ASSERT_NOT_NULL(test, t->value);
	rtnl_lock();
	netvsc_stats_names(nv, t->name);
	netvsc_stats_values(nv, t->value);
	rtnl_unlock();
}

static const char *stats_name(const struct stats_test *t, u32 i)
{
	return t->name + i * ETH_GSTRING_LEN;
}

static u64 stats_value(struct kunit *test, const char *name)
{
	struct stats_test t;
	u32 i;

	stats_read(test, &t);
	for (i = 0; i < t.num; i++) {
		if (!strcmp(stats_name(&t, i), name))
			return t.value[i];
	}
	KUNIT_FAIL(test, "no statistic %s", name);

	return ~0ULL;
}

static void stats_expect_name(struct kunit *test, const struct stats_test *t,
			      u32 at, const char *format, u32 number)
{
	char name[ETH_GSTRING_LEN];

	snprintf(name, sizeof(name), format, number);
	KUNIT_ASSERT_LT(test, at, t->num);
	KUNIT_EXPECT_STREQ(test, name, stats_name(t, at));
}

static void stats_order(struct kunit *test)
{
	struct stats_test t;
	u32 i, queue, cpu, at = 0;

	stats_read(test, &t);
	for (i = 0; i < ARRAY_SIZE(stats_first); i++)
		stats_expect_name(test, &t, at++, stats_first[i], 0);
	for (queue = 0; queue < FAKE_CHANNELS; queue++) {
		for (i = 0; i < ARRAY_SIZE(stats_of_queue); i++)
			stats_expect_name(test, &t, at++, stats_of_queue[i],
					  queue);
	}
	for_each_present_cpu(cpu) {
		for (i = 0; i < ARRAY_SIZE(stats_of_cpu); i++)
			stats_expect_name(test, &t, at++, stats_of_cpu[i],
					  cpu);
	}
	stats_expect_name(test, &t, at, "tx_linearized", 0);
	KUNIT_EXPECT_GE(test, t.num, at + 21);
	at = t.num - FAKE_CHANNELS * ARRAY_SIZE(stats_last);
	for (queue = 0; queue < FAKE_CHANNELS; queue++) {
		for (i = 0; i < ARRAY_SIZE(stats_last); i++)
			stats_expect_name(test, &t, at++, stats_last[i], queue);
	}
}

static void stats_names_are_names(struct kunit *test)
{
	struct stats_test t;
	u32 i, j;

	stats_read(test, &t);
	for (i = 0; i < t.num; i++) {
		KUNIT_EXPECT_LT(test, strnlen(stats_name(&t, i),
					      ETH_GSTRING_LEN),
				ETH_GSTRING_LEN);
		KUNIT_EXPECT_NE(test, 0, stats_name(&t, i)[0]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, stats_name(&t, i),
					    stats_name(&t, j));
	}
}

/* The number of queues changes the count, and nothing that was counted. */
static void stats_follow_queues(struct kunit *test)
{
	struct netvsc *nv = stats_nv(test);
	struct netvsc_config config = nv->config;
	struct stats_test before, after;

	netvsc_stat_add(&nv->stats[3]->rx, bad_range, 7);
	stats_read(test, &before);
	config.channels = 1;
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, netvsc_reconfigure(nv, &config));
	rtnl_unlock();
	stats_read(test, &after);
	KUNIT_EXPECT_EQ(test, before.num - 3 * (ARRAY_SIZE(stats_of_queue) +
						ARRAY_SIZE(stats_last)),
			after.num);
	KUNIT_EXPECT_EQ(test, 7, stats_value(test, "rx_bad_range"));
}

/*
 * Every counter, one after the other: it is shown under its name, in its
 * queue or in the sum, and added to the statistic of the interface that its
 * row names, and to nothing else.
 */
#define STATS_NAME(view, name)		STATS_NAME_##view(name)
#define STATS_NAME_TOTAL(name)	name
#define STATS_NAME_EXTRA(name)	name
#define STATS_NAME_TXQ(name)	"tx_queue_2_" name
#define STATS_NAME_RXQ(name)	"rx_queue_2_" name
#define STATS_NAME_TXQ_EXTRA(name)	STATS_NAME_TXQ(name)
#define STATS_NAME_RXQ_EXTRA(name)	STATS_NAME_RXQ(name)
#define STATS_NAME_HIDDEN(name)	NULL

enum stats_link {
	NONE, RX_PACKETS, RX_BYTES, RX_DROPPED, RX_ERRORS, MULTICAST,
	TX_PACKETS, TX_BYTES, TX_DROPPED, TX_ERRORS,
};

static u64 stats_link_value(const struct rtnl_link_stats64 *stats,
			    enum stats_link link)
{
	const u64 value[] = {
		[NONE] = 0,
		[RX_PACKETS] = stats->rx_packets,
		[RX_BYTES] = stats->rx_bytes,
		[RX_DROPPED] = stats->rx_dropped,
		[RX_ERRORS] = stats->rx_errors,
		[MULTICAST] = stats->multicast,
		[TX_PACKETS] = stats->tx_packets,
		[TX_BYTES] = stats->tx_bytes,
		[TX_DROPPED] = stats->tx_dropped,
		[TX_ERRORS] = stats->tx_errors,
	};

	return value[link];
}

static u64 stats_link_sum(struct kunit *test, enum stats_link link)
{
	struct rtnl_link_stats64 stats = {};
	enum stats_link i;
	u64 sum = 0;

	netvsc_stats_get64(stats_nv(test)->netdev, &stats);
	if (link != NONE)
		return stats_link_value(&stats, link);
	for (i = RX_PACKETS; i <= TX_ERRORS; i++)
		sum += stats_link_value(&stats, i);

	return sum;
}

#define STATS_CHECK(writer, field, view, name, link) do {		\
	const char *_name = STATS_NAME(view, name);		\
	u64 _all = stats_link_sum(test, NONE);				\
	u64 _one = stats_link_sum(test, link);				\
	u64 _was = _name ? stats_value(test, _name) : 0;		\
									\
	netvsc_stat_add(&nv->stats[2]->writer, field, 3);		\
	if (_name)							\
		KUNIT_EXPECT_EQ_MSG(test, _was + 3,			\
				    stats_value(test, _name),		\
				    "%s", _name);			\
	KUNIT_EXPECT_EQ_MSG(test, _all + (link == NONE ? 0 : 3),	\
			    stats_link_sum(test, NONE),			\
			    "%s and the interface", name);		\
	KUNIT_EXPECT_EQ_MSG(test, _one + (link == NONE ? 0 : 3),	\
			    stats_link_sum(test, link),			\
			    "%s and the interface", name);		\
} while (0);

static void stats_xmit(struct kunit *test)
{
	struct netvsc *nv = stats_nv(test);

	STATS_CHECK(xmit, no_memory, TOTAL, "tx_no_memory", TX_DROPPED)
	STATS_CHECK(xmit, too_big, TOTAL, "tx_too_big", TX_DROPPED)
	STATS_CHECK(xmit, busy, TOTAL, "tx_busy", NONE)
	STATS_CHECK(xmit, stop, TOTAL, "stop_queue", NONE)
	STATS_CHECK(xmit, vlan_error, TOTAL, "vlan_error", TX_DROPPED)
	STATS_CHECK(xmit, not_ready, EXTRA, "tx_not_ready", TX_DROPPED)
	STATS_CHECK(xmit, bad_csum, EXTRA, "tx_csum_failed", TX_DROPPED)
	STATS_CHECK(xmit, timeout, EXTRA, "tx_timeout", NONE)
	STATS_CHECK(xmit, bounced, EXTRA, "tx_bounced", NONE)
}

static void stats_done(struct kunit *test)
{
	struct netvsc *nv = stats_nv(test);

	STATS_CHECK(done, packets, TXQ, "packets", TX_PACKETS)
	STATS_CHECK(done, bytes, TXQ, "bytes", TX_BYTES)
	STATS_CHECK(done, wake, TOTAL, "wake_queue", NONE)
	STATS_CHECK(done, refused, EXTRA, "tx_host_refused", TX_ERRORS)
	STATS_CHECK(done, lost, EXTRA, "tx_lost_at_close", TX_DROPPED)
	STATS_CHECK(done, bad_completion, EXTRA, "bad_completions", NONE)
}

static void stats_rx(struct kunit *test)
{
	struct netvsc *nv = stats_nv(test);

	STATS_CHECK(rx, packets, RXQ, "packets", RX_PACKETS)
	STATS_CHECK(rx, bytes, RXQ, "bytes", RX_BYTES)
	STATS_CHECK(rx, multicast, HIDDEN, "multicast", MULTICAST)
	STATS_CHECK(rx, no_memory, TOTAL, "rx_no_memory", RX_DROPPED)
	STATS_CHECK(rx, comp_busy, TOTAL, "rx_comp_busy", NONE)
	STATS_CHECK(rx, bad_packet, EXTRA, "rx_bad_vmbus_packet", NONE)
	STATS_CHECK(rx, bad_range, EXTRA, "rx_bad_range", RX_ERRORS)
	STATS_CHECK(rx, bad_rndis, EXTRA, "rx_bad_rndis", RX_ERRORS)
	STATS_CHECK(rx, bad_length, EXTRA, "rx_bad_length", RX_ERRORS)
	STATS_CHECK(rx, piece, EXTRA, "rx_unasked_rsc", RX_ERRORS)
	STATS_CHECK(rx, not_running, EXTRA, "rx_not_running", RX_DROPPED)
	STATS_CHECK(rx, ring_broken, EXTRA, "rx_ring_broken", NONE)
	STATS_CHECK(rx, bad_rsc, EXTRA, "rx_bad_rsc", RX_ERRORS)
}

/* By the CPU that a queue's channel interrupts. */
static void stats_by_cpu(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv = stats_nv(test);

	host->channel[2].vmbus->target_cpu = 1;
	netvsc_stat_add(&nv->stats[2]->rx, packets, 5);
	netvsc_stat_add(&nv->stats[2]->done, bytes, 700);
	netvsc_stat_add(&nv->stats[1]->rx, packets, 11);
	KUNIT_EXPECT_EQ(test, 5, stats_value(test, "cpu1_rx_packets"));
	KUNIT_EXPECT_EQ(test, 700, stats_value(test, "cpu1_tx_bytes"));
	KUNIT_EXPECT_EQ(test, 11, stats_value(test, "cpu0_rx_packets"));
	KUNIT_EXPECT_EQ(test, 0, stats_value(test, "cpu0_tx_bytes"));
	KUNIT_EXPECT_EQ(test, 0, stats_value(test, "cpu1_vf_rx_packets"));
}

/* What netlink shows: of queues that are there, and of all that have gone. */
static void stats_of_queues(struct kunit *test)
{
	struct netvsc *nv = stats_nv(test);
	const struct netdev_stat_ops *ops = nv->netdev->stat_ops;
	struct netvsc_config config = nv->config;
	struct netdev_queue_stats_rx rx;
	struct netdev_queue_stats_tx tx;

	netvsc_stat_add(&nv->stats[2]->rx, packets, 5);
	netvsc_stat_add(&nv->stats[2]->rx, bytes, 500);
	netvsc_stat_add(&nv->stats[2]->rx, no_memory, 3);
	netvsc_stat_add(&nv->stats[2]->rx, csum_bad, 2);
	netvsc_stat_add(&nv->stats[2]->rx, bad_range, 7);
	netvsc_stat_add(&nv->stats[2]->rx, not_running, 4);
	netvsc_stat_add(&nv->stats[2]->done, packets, 6);
	netvsc_stat_add(&nv->stats[2]->done, bytes, 600);
	netvsc_stat_add(&nv->stats[2]->done, refused, 8);
	netvsc_stat_add(&nv->stats[2]->done, lost, 9);
	netvsc_stat_add(&nv->stats[2]->done, wake, 10);
	netvsc_stat_add(&nv->stats[2]->xmit, stop, 11);

	memset(&rx, 0xff, sizeof(rx));
	memset(&tx, 0xff, sizeof(tx));
	ops->get_queue_stats_rx(nv->netdev, 2, &rx);
	ops->get_queue_stats_tx(nv->netdev, 2, &tx);
	KUNIT_EXPECT_EQ(test, 5, rx.packets);
	KUNIT_EXPECT_EQ(test, 500, rx.bytes);
	KUNIT_EXPECT_EQ(test, 3, rx.alloc_fail);
	KUNIT_EXPECT_EQ(test, 2, rx.csum_bad);
	KUNIT_EXPECT_EQ(test, 11, rx.hw_drops);
	KUNIT_EXPECT_EQ(test, ~0ULL, rx.hw_gro_packets);
	KUNIT_EXPECT_EQ(test, 6, tx.packets);
	KUNIT_EXPECT_EQ(test, 600, tx.bytes);
	KUNIT_EXPECT_EQ(test, 8, tx.hw_drop_errors);
	KUNIT_EXPECT_EQ(test, 17, tx.hw_drops);
	KUNIT_EXPECT_EQ(test, 10, tx.wake);
	KUNIT_EXPECT_EQ(test, 11, tx.stop);

	/* As long as it is there, it is not in what others have left. */
	ops->get_base_stats(nv->netdev, &rx, &tx);
	KUNIT_EXPECT_EQ(test, 0, rx.packets);
	KUNIT_EXPECT_EQ(test, 0, tx.bytes);
	config.channels = 1;
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, netvsc_reconfigure(nv, &config));
	rtnl_unlock();
	ops->get_base_stats(nv->netdev, &rx, &tx);
	KUNIT_EXPECT_EQ(test, 5, rx.packets);
	KUNIT_EXPECT_EQ(test, 600, tx.bytes);
}

/* Traces call a counter what ethtool calls it. */
#define STATS_EXPECT_NAME(writer, field, view, name, link)		\
	KUNIT_EXPECT_STREQ(test, name, netvsc_stats_name(		\
		offsetof(struct netvsc_queue_stats, writer.field)));

static void stats_by_offset(struct kunit *test)
{
	NETVSC_COUNTERS(STATS_EXPECT_NAME)
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(stats_order),
	KUNIT_CASE(stats_names_are_names),
	KUNIT_CASE(stats_follow_queues),
	KUNIT_CASE(stats_xmit),
	KUNIT_CASE(stats_done),
	KUNIT_CASE(stats_rx),
	KUNIT_CASE(stats_by_cpu),
	KUNIT_CASE(stats_of_queues),
	KUNIT_CASE(stats_by_offset),
	{ }
};

static struct kunit_suite stats_suite = {
	.name = "hv_netvsc_stats",
	.init = stats_init,
	.test_cases = stats_cases,
};

kunit_test_suite(stats_suite);
