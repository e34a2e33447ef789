// SPDX-License-Identifier: GPL-2.0
/* Buffers are taken out of the memory of AF_XDP sockets in batches. */
#include <net/xdp_sock_drv.h>

static inline u32 probe_xsk_alloc_batch(struct xsk_buff_pool *pool,
					struct xdp_buff **xdp)
{
	return xsk_buff_alloc_batch(pool, xdp, 2);
}
