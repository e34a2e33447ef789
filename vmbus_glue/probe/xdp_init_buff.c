// SPDX-License-Identifier: GPL-2.0
/* An xdp_buff is filled in by functions. */
#include <net/xdp.h>

static inline void probe_xdp_init_buff(struct xdp_buff *xdp, u8 *start,
				       struct xdp_rxq_info *rxq)
{
	xdp_init_buff(xdp, 4096, rxq);
	xdp_prepare_buff(xdp, start, 256, 0, true);
}
