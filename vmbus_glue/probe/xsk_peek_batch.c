// SPDX-License-Identifier: GPL-2.0
/* What AF_XDP sockets send is taken in batches, kept by the pool. */
#include <net/xdp_sock_drv.h>

static inline u32 probe_xsk_peek_batch(struct xsk_buff_pool *pool)
{
	u32 num = xsk_tx_peek_release_desc_batch(pool, 2);
	const struct xdp_desc *desc = pool->tx_descs;

	return num + desc->len;
}
