// SPDX-License-Identifier: GPL-2.0
/* The setter of a device's address. */
#include <linux/etherdevice.h>

static inline void probe_eth_hw_addr_set(struct net_device *dev,
					 const u8 *addr)
{
	eth_hw_addr_set(dev, addr);
}
