// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: `ethtool -S`, the statistics of the interface and those of single
 * queues as views of one table.
 */
#include <linux/cpumask.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_stats.h"

enum netvsc_stat_view {
	NETVSC_VIEW_TOTAL,
	NETVSC_VIEW_TXQ,
	NETVSC_VIEW_RXQ,
	NETVSC_VIEW_EXTRA,
	NETVSC_VIEW_TXQ_EXTRA,
	NETVSC_VIEW_RXQ_EXTRA,
	NETVSC_VIEW_HIDDEN,
};

/**
 * struct netvsc_stat - a row of the table
 * @name: as `ethtool -S` shows it, or the end of it for a queue's
 * @sync: offset of what guards the counter in struct netvsc_queue_stats
 * @offset: of the counter
 * @link: of the interface statistic in struct rtnl_link_stats64, or -1
 * @view: where it is shown
 */
struct netvsc_stat {
	const char *name;
	u16 sync;
	u16 offset;
	s16 link;
	u8 view;
};

#define NETVSC_LINK_NONE	(-1)
#define NETVSC_LINK_RX_PACKETS	offsetof(struct rtnl_link_stats64, rx_packets)
#define NETVSC_LINK_RX_BYTES	offsetof(struct rtnl_link_stats64, rx_bytes)
#define NETVSC_LINK_RX_DROPPED	offsetof(struct rtnl_link_stats64, rx_dropped)
#define NETVSC_LINK_RX_ERRORS	offsetof(struct rtnl_link_stats64, rx_errors)
#define NETVSC_LINK_MULTICAST	offsetof(struct rtnl_link_stats64, multicast)
#define NETVSC_LINK_TX_PACKETS	offsetof(struct rtnl_link_stats64, tx_packets)
#define NETVSC_LINK_TX_BYTES	offsetof(struct rtnl_link_stats64, tx_bytes)
#define NETVSC_LINK_TX_DROPPED	offsetof(struct rtnl_link_stats64, tx_dropped)
#define NETVSC_LINK_TX_ERRORS	offsetof(struct rtnl_link_stats64, tx_errors)

#define NETVSC_ROW(_writer, _field, _view, _name, _link) {		\
	.name = _name,							\
	.sync = offsetof(struct netvsc_queue_stats, _writer.sync),	\
	.offset = offsetof(struct netvsc_queue_stats, _writer._field),	\
	.link = NETVSC_LINK_##_link,					\
	.view = NETVSC_VIEW_##_view,					\
},

static const struct netvsc_stat netvsc_stats[] = {
	NETVSC_COUNTERS(NETVSC_ROW)
};

/* What virtual functions of SR-IOV carried, as in struct netvsc_vf_totals. */
static const char * const netvsc_vf_names[] = {
	"vf_rx_packets",
	"vf_rx_bytes",
	"vf_tx_packets",
	"vf_tx_bytes",
	"vf_tx_dropped",
};

/* What the queues of each CPU's channels carried, and VFs on that CPU. */
static const char * const netvsc_cpu_names[] = {
	"rx_packets",
	"rx_bytes",
	"tx_packets",
	"tx_bytes",
	"vf_rx_packets",
	"vf_rx_bytes",
	"vf_tx_packets",
	"vf_tx_bytes",
};

/**
 * netvsc_stats_alloc_queue() - make sure that a queue has counters
 * @nv: the device
 * @queue: number of the queue
 * @node: where the memory should be
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int netvsc_stats_alloc_queue(struct netvsc *nv, unsigned int queue, int node)
{
	struct netvsc_queue_stats *stats;

	if (nv->stats[queue])
		return 0;

	stats = kzalloc_node(sizeof(*stats), GFP_KERNEL, node);
	if (!stats)
		return -ENOMEM;
	u64_stats_init(&stats->xmit.sync);
	u64_stats_init(&stats->done.sync);
	u64_stats_init(&stats->rx.sync);
	/* Readers look without a lock. */
	smp_store_release(&nv->stats[queue], stats);

	return 0;
}

/**
 * netvsc_stats_free() - free the counters of all queues
 * @nv: a device that is not registered
 *
 * Context: Process context.
 */
void netvsc_stats_free(struct netvsc *nv)
{
	unsigned int i;

	for (i = 0; i < NETVSC_MAX_CHANNELS; i++)
		kfree(nv->stats[i]);
}

/**
 * netvsc_stats_name() - what `ethtool -S` calls a counter
 * @offset: of the counter in struct netvsc_queue_stats
 *
 * Context: Any.
 * Return: the name, without that of a queue.
 */
const char *netvsc_stats_name(u16 offset)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		if (netvsc_stats[i].offset == offset)
			return netvsc_stats[i].name;
	}

	return "?";
}

static u64 netvsc_stat_read(const struct netvsc_queue_stats *stats,
			    const struct netvsc_stat *row)
{
	const struct u64_stats_sync *sync = (const void *)stats + row->sync;
	const u64_stats_t *counter = (const void *)stats + row->offset;
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(sync);
		value = u64_stats_read(counter);
	} while (u64_stats_fetch_retry(sync, start));

	return value;
}

/* Of one queue; 0 for one that has never been used. */
static u64 netvsc_stat_queue(const struct netvsc *nv, unsigned int queue,
			     const struct netvsc_stat *row)
{
	/* Pairs with the release in netvsc_stats_alloc_queue(). */
	const struct netvsc_queue_stats *stats =
		smp_load_acquire(&nv->stats[queue]);

	return stats ? netvsc_stat_read(stats, row) : 0;
}

/* Of all queues that have ever been used. */
static u64 netvsc_stat_sum(const struct netvsc *nv,
			   const struct netvsc_stat *row)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NETVSC_MAX_CHANNELS; i++)
		sum += netvsc_stat_queue(nv, i, row);

	return sum;
}

/**
 * netvsc_stats_get64() - the statistics of the interface
 * @dev: the interface
 * @to: zeroed by the caller
 *
 * Context: Any but hard interrupt.
 */
void netvsc_stats_get64(struct net_device *dev, struct rtnl_link_stats64 *to)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_vf_totals vf;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		const struct netvsc_stat *row = &netvsc_stats[i];

		if (row->link >= 0)
			*(u64 *)((void *)to + row->link) +=
				netvsc_stat_sum(nv, row);
	}

	netvsc_vf_sum_stats(nv, &vf);
	to->rx_packets += vf.rx_packets;
	to->rx_bytes += vf.rx_bytes;
	to->tx_packets += vf.tx_packets;
	to->tx_bytes += vf.tx_bytes;
	to->tx_dropped += vf.tx_dropped;
}

static unsigned int netvsc_stats_rows(enum netvsc_stat_view view)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++)
		n += netvsc_stats[i].view == view;

	return n;
}

/* An interface that is down because of a failure has no queue. */
static u32 netvsc_stats_queues(const struct netvsc *nv)
{
	return nv->resources->num_queues;
}

/**
 * netvsc_stats_count() - how many statistics `ethtool -S` shows
 * @nv: the device
 *
 * Context: Process context, holding RTNL.
 * Return: their number.
 */
int netvsc_stats_count(struct netvsc *nv)
{
	const unsigned int of_queue =
		netvsc_stats_rows(NETVSC_VIEW_TXQ) +
		netvsc_stats_rows(NETVSC_VIEW_RXQ) +
		netvsc_stats_rows(NETVSC_VIEW_TXQ_EXTRA) +
		netvsc_stats_rows(NETVSC_VIEW_RXQ_EXTRA);

	ASSERT_RTNL();

	return netvsc_stats_rows(NETVSC_VIEW_TOTAL) +
	       ARRAY_SIZE(netvsc_vf_names) +
	       netvsc_stats_queues(nv) * of_queue +
	       num_present_cpus() * ARRAY_SIZE(netvsc_cpu_names) +
	       netvsc_stats_rows(NETVSC_VIEW_EXTRA);
}

static void netvsc_stats_view_names(enum netvsc_stat_view view, u8 **to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		if (netvsc_stats[i].view == view)
			ethtool_puts(to, netvsc_stats[i].name);
	}
}

static void netvsc_stats_queue_names(enum netvsc_stat_view view, u32 queue,
				     u8 **to)
{
	bool tx = view == NETVSC_VIEW_TXQ || view == NETVSC_VIEW_TXQ_EXTRA;
	const char *way = tx ? "tx" : "rx";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		if (netvsc_stats[i].view == view)
			ethtool_sprintf(to, "%s_queue_%u_%s", way, queue,
					netvsc_stats[i].name);
	}
}

/**
 * netvsc_stats_names() - the names that `ethtool -S` shows
 * @nv: the device
 * @to: ETH_GSTRING_LEN bytes for each of netvsc_stats_count()
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_stats_names(struct netvsc *nv, u8 *to)
{
	unsigned int i, cpu;

	ASSERT_RTNL();

	netvsc_stats_view_names(NETVSC_VIEW_TOTAL, &to);
	for (i = 0; i < ARRAY_SIZE(netvsc_vf_names); i++)
		ethtool_puts(&to, netvsc_vf_names[i]);
	for (i = 0; i < netvsc_stats_queues(nv); i++) {
		netvsc_stats_queue_names(NETVSC_VIEW_TXQ, i, &to);
		netvsc_stats_queue_names(NETVSC_VIEW_RXQ, i, &to);
	}
	for_each_present_cpu(cpu) {
		for (i = 0; i < ARRAY_SIZE(netvsc_cpu_names); i++)
			ethtool_sprintf(&to, "cpu%u_%s", cpu,
					netvsc_cpu_names[i]);
	}
	netvsc_stats_view_names(NETVSC_VIEW_EXTRA, &to);
	for (i = 0; i < netvsc_stats_queues(nv); i++) {
		netvsc_stats_queue_names(NETVSC_VIEW_TXQ_EXTRA, i, &to);
		netvsc_stats_queue_names(NETVSC_VIEW_RXQ_EXTRA, i, &to);
	}
}

static u64 *netvsc_stats_view_values(const struct netvsc *nv,
				     enum netvsc_stat_view view, u64 *to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		if (netvsc_stats[i].view == view)
			*to++ = netvsc_stat_sum(nv, &netvsc_stats[i]);
	}

	return to;
}

static u64 *netvsc_stats_queue_values(const struct netvsc *nv,
				      enum netvsc_stat_view view, u32 queue,
				      u64 *to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		if (netvsc_stats[i].view == view)
			*to++ = netvsc_stat_queue(nv, queue, &netvsc_stats[i]);
	}

	return to;
}

/* Adds the first four of netvsc_cpu_names[] of one queue. */
static void netvsc_stats_add_queue(const struct netvsc *nv, u32 queue, u64 *to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netvsc_stats); i++) {
		const struct netvsc_stat *row = &netvsc_stats[i];
		u64 value = netvsc_stat_queue(nv, queue, row);

		if (row->link == NETVSC_LINK_RX_PACKETS)
			to[0] += value;
		else if (row->link == NETVSC_LINK_RX_BYTES)
			to[1] += value;
		else if (row->link == NETVSC_LINK_TX_PACKETS)
			to[2] += value;
		else if (row->link == NETVSC_LINK_TX_BYTES)
			to[3] += value;
	}
}

static u64 *netvsc_stats_cpu_values(const struct netvsc *nv, unsigned int cpu,
				    u64 *to)
{
	const struct netvsc_resources *res = nv->resources;
	struct netvsc_vf_totals vf = {};
	u32 i;

	memset(to, 0, ARRAY_SIZE(netvsc_cpu_names) * sizeof(*to));
	for (i = 0; i < netvsc_stats_queues(nv); i++) {
		const struct vmbus_channel *vmbus = res->queue[i]->vmbus.vmbus;

		if (nvb_channel_cpu(vmbus) == cpu)
			netvsc_stats_add_queue(nv, i, to);
	}
	netvsc_vf_add_stats(nv, cpu, &vf);
	to[4] = vf.rx_packets;
	to[5] = vf.rx_bytes;
	to[6] = vf.tx_packets;
	to[7] = vf.tx_bytes;

	return to + ARRAY_SIZE(netvsc_cpu_names);
}

/**
 * netvsc_stats_values() - the values that `ethtool -S` shows
 * @nv: the device
 * @to: room for netvsc_stats_count() of them, in the order of the names
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_stats_values(struct netvsc *nv, u64 *to)
{
	struct netvsc_vf_totals vf;
	unsigned int i, cpu;

	ASSERT_RTNL();

	to = netvsc_stats_view_values(nv, NETVSC_VIEW_TOTAL, to);
	netvsc_vf_sum_stats(nv, &vf);
	*to++ = vf.rx_packets;
	*to++ = vf.rx_bytes;
	*to++ = vf.tx_packets;
	*to++ = vf.tx_bytes;
	*to++ = vf.tx_dropped;
	for (i = 0; i < netvsc_stats_queues(nv); i++) {
		to = netvsc_stats_queue_values(nv, NETVSC_VIEW_TXQ, i, to);
		to = netvsc_stats_queue_values(nv, NETVSC_VIEW_RXQ, i, to);
	}
	for_each_present_cpu(cpu)
		to = netvsc_stats_cpu_values(nv, cpu, to);
	to = netvsc_stats_view_values(nv, NETVSC_VIEW_EXTRA, to);
	for (i = 0; i < netvsc_stats_queues(nv); i++) {
		to = netvsc_stats_queue_values(nv, NETVSC_VIEW_TXQ_EXTRA, i,
					       to);
		to = netvsc_stats_queue_values(nv, NETVSC_VIEW_RXQ_EXTRA, i,
					       to);
	}
}

/* Rows whose "link" is the offset in the structure that netlink shows. */
#define NETVSC_QSTAT(_writer, _field, _struct, _to) {			\
	.sync = offsetof(struct netvsc_queue_stats, _writer.sync),	\
	.offset = offsetof(struct netvsc_queue_stats, _writer._field),	\
	.link = offsetof(struct _struct, _to),				\
},
#define NETVSC_RX_QSTAT(_writer, _field, _to)				\
	NETVSC_QSTAT(_writer, _field, netdev_queue_stats_rx, _to)
#define NETVSC_TX_QSTAT(_writer, _field, _to)				\
	NETVSC_QSTAT(_writer, _field, netdev_queue_stats_tx, _to)

static const struct netvsc_stat netvsc_rx_qstats[] = {
	NETVSC_RX_QSTATS(NETVSC_RX_QSTAT)
};

static const struct netvsc_stat netvsc_tx_qstats[] = {
	NETVSC_TX_QSTATS(NETVSC_TX_QSTAT)
};

/* Sums of the queues from @first to before @end, in what the rows fill in. */
static void netvsc_qstats_sum(const struct netvsc *nv,
			      const struct netvsc_stat *rows, unsigned int num,
			      unsigned int first, unsigned int end, void *to)
{
	unsigned int i, queue;

	for (i = 0; i < num; i++)
		*(u64 *)(to + rows[i].link) = 0;
	for (i = 0; i < num; i++) {
		for (queue = first; queue < end; queue++)
			*(u64 *)(to + rows[i].link) +=
				netvsc_stat_queue(nv, queue, &rows[i]);
	}
}

static void netvsc_get_queue_stats_rx(struct net_device *dev, int queue,
				      struct netdev_queue_stats_rx *to)
{
	netvsc_qstats_sum(netdev_priv(dev), netvsc_rx_qstats,
			  ARRAY_SIZE(netvsc_rx_qstats), queue, queue + 1, to);
}

static void netvsc_get_queue_stats_tx(struct net_device *dev, int queue,
				      struct netdev_queue_stats_tx *to)
{
	netvsc_qstats_sum(netdev_priv(dev), netvsc_tx_qstats,
			  ARRAY_SIZE(netvsc_tx_qstats), queue, queue + 1, to);
}

/* What queues have counted that are not there at the moment, and VFs. */
static void netvsc_get_base_stats(struct net_device *dev,
				  struct netdev_queue_stats_rx *rx,
				  struct netdev_queue_stats_tx *tx)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_vf_totals vf;

	netvsc_qstats_sum(nv, netvsc_rx_qstats, ARRAY_SIZE(netvsc_rx_qstats),
			  dev->real_num_rx_queues, NETVSC_MAX_CHANNELS, rx);
	netvsc_qstats_sum(nv, netvsc_tx_qstats, ARRAY_SIZE(netvsc_tx_qstats),
			  dev->real_num_tx_queues, NETVSC_MAX_CHANNELS, tx);
	netvsc_vf_sum_stats(nv, &vf);
	rx->packets += vf.rx_packets;
	rx->bytes += vf.rx_bytes;
	tx->packets += vf.tx_packets;
	tx->bytes += vf.tx_bytes;
}

const struct netdev_stat_ops netvsc_stat_ops = {
	.get_queue_stats_rx = netvsc_get_queue_stats_rx,
	.get_queue_stats_tx = netvsc_get_queue_stats_tx,
	.get_base_stats = netvsc_get_base_stats,
};
