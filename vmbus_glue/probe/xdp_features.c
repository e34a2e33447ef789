// SPDX-License-Identifier: GPL-2.0
/* An interface says what it can do of XDP. */
#include <linux/netdevice.h>

static inline void probe_xdp_features(struct net_device *dev)
{
	dev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_RX_SG |
			    NETDEV_XDP_ACT_NDO_XMIT_SG;
}
