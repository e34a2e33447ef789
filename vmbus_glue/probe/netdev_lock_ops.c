// SPDX-License-Identifier: GPL-2.0
/* Some interfaces have a lock of their own for their operations. */
#include <linux/netdevice.h>
#if __has_include(<net/netdev_lock.h>)
#include <net/netdev_lock.h>
#endif

static inline void probe_netdev_lock_ops(struct net_device *dev)
{
	netdev_lock_ops(dev);
	netdev_unlock_ops(dev);
}
