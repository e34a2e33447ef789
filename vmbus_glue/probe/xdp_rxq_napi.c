// SPDX-License-Identifier: GPL-2.0
/* A receive queue of XDP knows its NAPI. */
#include <net/xdp.h>

static inline int probe_xdp_rxq_napi(struct xdp_rxq_info *rxq,
				     struct net_device *dev)
{
	return xdp_rxq_info_reg(rxq, dev, 0, 0);
}
