// SPDX-License-Identifier: GPL-2.0
/* ethtool's coalescing comes with kernel_ethtool_coalesce and extack. */
#include <linux/ethtool.h>

static inline void probe_kernel_coalesce(struct ethtool_ops *ops,
		int (*get)(struct net_device *, struct ethtool_coalesce *,
			   struct kernel_ethtool_coalesce *,
			   struct netlink_ext_ack *))
{
	ops->get_coalesce = get;
}
