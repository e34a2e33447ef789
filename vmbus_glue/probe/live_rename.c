// SPDX-License-Identifier: GPL-2.0
/* An interface says whether it can be renamed while it is up. */
#include <linux/netdevice.h>

static inline void probe_live_rename(struct net_device *dev)
{
	dev->priv_flags |= IFF_LIVE_RENAME_OK;
}
