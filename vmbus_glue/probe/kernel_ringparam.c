// SPDX-License-Identifier: GPL-2.0
/* ethtool's ring parameters come with kernel_ethtool_ringparam and extack. */
#include <linux/ethtool.h>

static inline void probe_kernel_ringparam(struct ethtool_ops *ops,
		void (*get)(struct net_device *, struct ethtool_ringparam *,
			    struct kernel_ethtool_ringparam *,
			    struct netlink_ext_ack *))
{
	ops->get_ringparam = get;
}
