// SPDX-License-Identifier: GPL-2.0
/* XDP programs that take frames in several buffers. */
#include <linux/bpf.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

static inline bool probe_xdp_frags(struct xdp_buff *xdp,
				   struct skb_shared_info *info,
				   const struct bpf_prog *prog)
{
	xdp_buff_set_frags_flag(xdp);
	info->xdp_frags_size = 0;
	return xdp_buff_has_frags(xdp) && prog->aux->xdp_has_frags;
}
