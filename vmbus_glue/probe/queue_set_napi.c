// SPDX-License-Identifier: GPL-2.0
/* The link from a queue to its NAPI that user space can see. */
#include <linux/netdevice.h>

static inline void probe_queue_set_napi(struct net_device *dev,
					struct napi_struct *napi)
{
	netif_queue_set_napi(dev, 0, NETDEV_QUEUE_TYPE_RX, napi);
}
