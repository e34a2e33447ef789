// SPDX-License-Identifier: GPL-2.0
/* A frame in several buffers knows what they take in memory. */
#include <linux/skbuff.h>

static inline void probe_xdp_frags_truesize(struct skb_shared_info *info)
{
	info->xdp_frags_truesize = 0;
}
