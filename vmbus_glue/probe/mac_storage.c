// SPDX-License-Identifier: GPL-2.0
/* A MAC address is set by a structure that can hold any address. */
#include <linux/netdevice.h>
#include <linux/socket.h>

static inline int probe_mac_storage(struct net_device *dev,
				    struct sockaddr_storage *address)
{
	return dev_set_mac_address(dev, address, NULL);
}
