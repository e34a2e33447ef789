// SPDX-License-Identifier: GPL-2.0
/* Drivers can use the memory of AF_XDP sockets. */
#include <linux/netdevice.h>
#include <net/xdp_sock_drv.h>

#ifndef CONFIG_XDP_SOCKETS
#error
#endif

static inline int probe_xsk(const struct net_device_ops *ops,
			    struct device *dev, const struct netdev_bpf *bpf,
			    struct xdp_rxq_info *rxq)
{
	struct xsk_buff_pool *pool = bpf->xsk.pool;
	struct page *page = pool->umem->pgs[0];
	enum bpf_netdev_command command = XDP_SETUP_XSK_POOL;
	struct xdp_buff *xdp = xsk_buff_alloc(pool);
	struct xdp_desc desc;

	xsk_pool_set_rxq_info(pool, rxq);
	return !ops->ndo_xsk_wakeup + xsk_pool_dma_map(pool, dev, 0) +
	       !xdp + !page + command + !pool->addrs +
	       !xsk_buff_raw_get_data(pool, 0) +
	       xsk_tx_peek_desc(pool, &desc) +
	       xsk_pool_get_rx_frame_size(pool) + MEM_TYPE_XSK_BUFF_POOL;
}
