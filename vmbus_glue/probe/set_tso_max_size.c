// SPDX-License-Identifier: GPL-2.0
/* A device's limit on segmentation, apart from the user's. */
#include <linux/netdevice.h>

static inline void probe_set_tso_max_size(struct net_device *dev)
{
	netif_set_tso_max_size(dev, 65536);
}
