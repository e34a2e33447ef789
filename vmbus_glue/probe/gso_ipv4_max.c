// SPDX-License-Identifier: GPL-2.0
/* IPv4 has a limit on segmentation of its own. */
#include <linux/netdevice.h>

static inline unsigned int probe_gso_ipv4_max(const struct net_device *dev)
{
	return dev->gso_ipv4_max_size;
}
