// SPDX-License-Identifier: GPL-2.0
/* The number of receive rings has an operation of its own. */
#include <linux/ethtool.h>

static inline void probe_rx_ring_count(struct ethtool_ops *ops,
				       u32 (*get)(struct net_device *))
{
	ops->get_rx_ring_count = get;
}
