// SPDX-License-Identifier: GPL-2.0
/* netif_napi_add() without the weight that everyone set to the default. */
#include <linux/netdevice.h>

static inline void probe_napi_add(struct net_device *dev,
				  struct napi_struct *napi,
				  int (*poll)(struct napi_struct *, int))
{
	netif_napi_add(dev, napi, poll);
}
