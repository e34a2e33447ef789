// SPDX-License-Identifier: GPL-2.0
/* An interface can do without addresses of IPv6. */
#include <linux/netdevice.h>

static inline void probe_no_addrconf(struct net_device *dev)
{
	dev->priv_flags |= IFF_NO_ADDRCONF;
}
