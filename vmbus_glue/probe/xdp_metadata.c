// SPDX-License-Identifier: GPL-2.0
/* An XDP program can ask for what came with a frame. */
#include <linux/netdevice.h>
#include <net/xdp.h>

static inline void probe_xdp_metadata(struct net_device *dev,
				      const struct xdp_metadata_ops *ops,
				      const struct xdp_md *ctx)
{
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;
	__be16 protocol;
	u16 tci;
	u32 hash;

	dev->xdp_metadata_ops = ops;
	ops->xmo_rx_hash(ctx, &hash, &type);
	ops->xmo_rx_vlan_tag(ctx, &protocol, &tci);
}
