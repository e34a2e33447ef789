// SPDX-License-Identifier: GPL-2.0
/* The maps of XPS are an array. */
#include <linux/netdevice.h>

static inline bool probe_xps_maps(const struct net_device *dev)
{
	return rcu_access_pointer(dev->xps_maps[XPS_CPUS]);
}
