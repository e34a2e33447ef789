// SPDX-License-Identifier: GPL-2.0
/* A device's limit on segmentation, as others see it. */
#include <linux/netdevice.h>

static inline unsigned int probe_tso_max(const struct net_device *dev)
{
	return dev->tso_max_size;
}
