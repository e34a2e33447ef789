// SPDX-License-Identifier: GPL-2.0
/* ethtool's RSS parameters come in one structure. */
#include <linux/ethtool.h>

static inline void probe_rxfh_param(struct ethtool_ops *ops,
		int (*get)(struct net_device *, struct ethtool_rxfh_param *))
{
	ops->get_rxfh = get;
}
