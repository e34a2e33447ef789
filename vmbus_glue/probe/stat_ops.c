// SPDX-License-Identifier: GPL-2.0
/* Statistics of single queues over netlink. */
#include <linux/netdevice.h>
#if __has_include(<net/netdev_queues.h>)
#include <net/netdev_queues.h>
#endif

static inline void probe_stat_ops(struct net_device *dev,
				  const struct netdev_stat_ops *ops,
				  struct netdev_queue_stats_rx *rx,
				  struct netdev_queue_stats_tx *tx)
{
	dev->stat_ops = ops;
	rx->alloc_fail = 0;
	rx->hw_drops = 0;
	rx->csum_bad = 0;
	tx->hw_drops = 0;
	tx->hw_drop_errors = 0;
	tx->stop = 0;
	tx->wake = 0;
}
