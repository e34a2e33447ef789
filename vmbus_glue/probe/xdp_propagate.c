// SPDX-License-Identifier: GPL-2.0
/* A program is handed on to the interface beneath. */
#include <linux/netdevice.h>

static inline int probe_xdp_propagate(struct net_device *dev,
				      struct netdev_bpf *bpf)
{
	return dev_xdp_propagate(dev, bpf);
}
