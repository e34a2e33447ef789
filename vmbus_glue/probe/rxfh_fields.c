// SPDX-License-Identifier: GPL-2.0
/* What is hashed of a flow has operations of its own. */
#include <linux/ethtool.h>

static inline void
probe_rxfh_fields(struct ethtool_ops *ops,
		  int (*get)(struct net_device *, struct ethtool_rxfh_fields *),
		  int (*set)(struct net_device *,
			     const struct ethtool_rxfh_fields *,
			     struct netlink_ext_ack *))
{
	ops->get_rxfh_fields = get;
	ops->set_rxfh_fields = set;
}
