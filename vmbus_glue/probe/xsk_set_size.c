// SPDX-License-Identifier: GPL-2.0
/* A buffer of an AF_XDP socket is made as long as its frame. */
#include <net/xdp_sock_drv.h>

static inline void probe_xsk_set_size(struct xdp_buff *xdp)
{
	xsk_buff_set_size(xdp, 64);
}
