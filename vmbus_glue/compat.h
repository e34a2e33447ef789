/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences.
 *
 * The driver is written against the newest kernel's interfaces. Where the
 * target lacks one, it is made here out of what the target has. Nothing else
 * in the driver knows that kernels differ, and nothing here asks for a
 * kernel's version: distributions move interfaces between versions. The
 * NVB_HAVE_ macros are found by compiling the files in probe/.
 *
 * Include this header after all headers of the kernel.
 */
#ifndef VMBUS_GLUE_COMPAT_H
#define VMBUS_GLUE_COMPAT_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/hrtimer.h>
#include <linux/hyperv.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/u64_stats_sync.h>
#include <net/xdp.h>

#include <asm/mshyperv.h>

#include "compat_generated.h"

#ifdef NVB_HAVE_NETDEV_LOCK_OPS
#include <net/netdev_lock.h>
#endif
#if defined(NVB_HAVE_TXQ_MAYBE_STOP) || defined(NVB_HAVE_STAT_OPS)
#include <net/netdev_queues.h>
#endif
#ifdef NVB_HAVE_XSK
#include <linux/dma-mapping.h>
#include <net/xdp_sock_drv.h>
#endif
#ifdef NVB_HAVE_PAGE_POOL_FRAG
#ifdef NVB_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif
#endif

#ifndef NVB_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/* VMBus: GPADLs and shared memory */

/* A GPADL as the VMBus core records it. */
struct nvb_vmbus_gpadl {
#ifdef NVB_HAVE_VMBUS_GPADL
	struct vmbus_gpadl core;
#else
	u32 handle;
#endif
};

/* Share memory; where guests are isolated, the core makes it visible. */
static inline int nvb_gpadl_establish(struct vmbus_channel *channel,
				      void *pages, u32 bytes,
				      struct nvb_vmbus_gpadl *gpadl)
{
#ifdef NVB_HAVE_VMBUS_GPADL
	return vmbus_establish_gpadl(channel, pages, bytes, &gpadl->core);
#else
	return vmbus_establish_gpadl(channel, pages, bytes, &gpadl->handle);
#endif
}

static inline int nvb_gpadl_teardown(struct vmbus_channel *channel,
				     struct nvb_vmbus_gpadl *gpadl)
{
#ifdef NVB_HAVE_VMBUS_GPADL
	return vmbus_teardown_gpadl(channel, &gpadl->core);
#else
	return vmbus_teardown_gpadl(channel, gpadl->handle);
#endif
}

static inline u32 nvb_gpadl_handle(const struct nvb_vmbus_gpadl *gpadl)
{
#ifdef NVB_HAVE_VMBUS_GPADL
	return gpadl->core.gpadl_handle;
#else
	return gpadl->handle;
#endif
}

/* Whether the pages are still visible to the host of an isolated guest. */
static inline bool nvb_gpadl_decrypted(const struct nvb_vmbus_gpadl *gpadl)
{
#ifdef NVB_HAVE_VMBUS_GPADL_DECRYPTED
	return gpadl->core.decrypted;
#else
	return false;
#endif
}

/* The address by which the guest uses shared pages; NULL without memory. */
static inline void *nvb_shared_alias(void *pages, u32 bytes)
{
#ifdef NVB_HAVE_HV_MAP_MEMORY
	if (hv_isolation_type_snp())
		return hv_map_memory(pages, bytes);
#endif
	return pages;
}

static inline void nvb_shared_unalias(void *alias)
{
#ifdef NVB_HAVE_HV_MAP_MEMORY
	hv_unmap_memory(alias);
#endif
}

/*
 * VMBus: hv_driver.remove returns nothing. NVB_WRAP_HV_REMOVE(fn) stands
 * before the driver's structure, and NVB_HV_REMOVE(fn) inside.
 */
#ifdef NVB_HAVE_HV_REMOVE_VOID
#define NVB_WRAP_HV_REMOVE(fn)		static_assert(true)
#define NVB_HV_REMOVE(fn)		(fn)
#else
#define NVB_WRAP_HV_REMOVE(fn)						\
static int fn##_int(struct hv_device *dev)				\
{									\
	fn(dev);							\
	return 0;							\
}									\
static_assert(true)
#define NVB_HV_REMOVE(fn)		(fn##_int)
#endif

/* VMBus: what the host may see of the guest */

/* Whether the host sees only what has been made visible to it. */
static inline bool nvb_isolation_supported(void)
{
#ifdef NVB_HAVE_ISOLATION
	return hv_is_isolation_supported();
#else
	return false;
#endif
}

/* Whether what packets of the channel list is read inside of the isolation. */
static inline bool
nvb_external_memory_confidential(const struct vmbus_channel *channel)
{
#ifdef NVB_HAVE_CO_EXTERNAL_MEMORY
	return channel->co_external_memory;
#else
	return false;
#endif
}

/* Network devices */

#ifndef NVB_HAVE_NAPI_ADD_WITHOUT_WEIGHT
static inline void nvb_napi_add(struct net_device *dev,
				struct napi_struct *napi,
				int (*poll)(struct napi_struct *, int))
{
	netif_napi_add(dev, napi, poll, NAPI_POLL_WEIGHT);
}

#define netif_napi_add(dev, napi, poll)	nvb_napi_add(dev, napi, poll)
#endif

#ifndef NVB_HAVE_QUEUE_SET_NAPI
#define NETDEV_QUEUE_TYPE_RX		0
#define NETDEV_QUEUE_TYPE_TX		1

static inline void netif_queue_set_napi(struct net_device *dev,
					unsigned int queue, int type,
					struct napi_struct *napi)
{
}
#endif

/*
 * Statistics of single queues, which netlink shows where it can. Elsewhere
 * these are the structures of the newest kernel, as far as they are filled in.
 */
#ifndef NVB_HAVE_STAT_OPS
struct netdev_queue_stats_rx {
	u64 bytes;
	u64 packets;
	u64 alloc_fail;
	u64 hw_drops;
	u64 csum_bad;
};

struct netdev_queue_stats_tx {
	u64 bytes;
	u64 packets;
	u64 hw_drops;
	u64 hw_drop_errors;
	u64 stop;
	u64 wake;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_rx *stats);
	void (*get_queue_stats_tx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_tx *stats);
	void (*get_base_stats)(struct net_device *dev,
			       struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};
#endif

static inline void nvb_set_stat_ops(struct net_device *dev,
				    const struct netdev_stat_ops *ops)
{
#ifdef NVB_HAVE_STAT_OPS
	dev->stat_ops = ops;
#endif
}

/* Why a frame is dropped, for those who watch the kernel drop them. */
#ifdef NVB_HAVE_DROP_REASON
enum nvb_drop_reason {
	NVB_DROP_BAD_MESSAGE = SKB_DROP_REASON_DEV_HDR,
	NVB_DROP_NOT_READY = SKB_DROP_REASON_DEV_READY,
	NVB_DROP_NO_MEMORY = SKB_DROP_REASON_NOMEM,
	NVB_DROP_TOO_BIG = SKB_DROP_REASON_PKT_TOO_BIG,
	NVB_DROP_CHECKSUM = SKB_DROP_REASON_SKB_CSUM,
};
#else
enum nvb_drop_reason {
	NVB_DROP_BAD_MESSAGE,
	NVB_DROP_NOT_READY,
	NVB_DROP_NO_MEMORY,
	NVB_DROP_TOO_BIG,
	NVB_DROP_CHECKSUM,
};
#endif

/* In any context; as far as the kernel can be told, it learns why. */
static inline void nvb_drop_skb(struct sk_buff *skb,
				enum nvb_drop_reason reason)
{
#ifdef NVB_HAVE_FREE_ANY_REASON
	dev_kfree_skb_any_reason(skb, (enum skb_drop_reason)reason);
#else
#ifdef NVB_HAVE_DROP_REASON
	if (!in_hardirq() && !irqs_disabled()) {
		kfree_skb_reason(skb, (enum skb_drop_reason)reason);
		return;
	}
#endif
	dev_kfree_skb_any(skb);
#endif
}

#ifndef GSO_LEGACY_MAX_SIZE
#define GSO_LEGACY_MAX_SIZE		GSO_MAX_SIZE
#endif

/* Whether the administrator has tied processors or queues to queues. */
static inline bool nvb_has_xps(const struct net_device *dev)
{
#if !defined(CONFIG_XPS)
	return false;
#elif defined(NVB_HAVE_XPS_MAPS)
	return rcu_access_pointer(dev->xps_maps[XPS_CPUS]) ||
	       rcu_access_pointer(dev->xps_maps[XPS_RXQS]);
#else
	return rcu_access_pointer(dev->xps_cpus_map) ||
	       rcu_access_pointer(dev->xps_rxqs_map);
#endif
}

#ifndef NVB_HAVE_DQL_MIN_LIMIT
static inline void
netdev_queue_set_dql_min_limit(struct netdev_queue *txq,
			       unsigned int min_limit)
{
#ifdef CONFIG_BQL
	txq->dql.min_limit = min_limit;
#endif
}
#endif

#ifndef NVB_HAVE_SET_TSO_MAX_SIZE
static inline void netif_set_tso_max_size(struct net_device *dev,
					  unsigned int size)
{
	netif_set_gso_max_size(dev, min_t(unsigned int, size, GSO_MAX_SIZE));
}
#endif

/*
 * Raises a limit that netif_set_tso_max_size() has lowered from @from. One that
 * the user has lowered further stays.
 */
static inline void nvb_raise_tso_max_size(struct net_device *dev,
					  unsigned int from, unsigned int to)
{
#ifdef NVB_HAVE_TSO_MAX
	if (READ_ONCE(dev->gso_max_size) == from)
		WRITE_ONCE(dev->gso_max_size, to);
#ifdef NVB_HAVE_GSO_IPV4_MAX
	if (READ_ONCE(dev->gso_ipv4_max_size) == from)
		WRITE_ONCE(dev->gso_ipv4_max_size, to);
#endif
#endif
	netif_set_tso_max_size(dev, to);
}

/* The longest frame that a device cuts into segments. */
static inline unsigned int nvb_tso_max_size(const struct net_device *dev)
{
#ifdef NVB_HAVE_TSO_MAX
	return dev->tso_max_size;
#else
	return dev->gso_max_size;
#endif
}

/* Before it comes up: it gets no address of IPv6 by itself. */
static inline void nvb_set_no_addrconf(struct net_device *dev, bool on)
{
#ifdef NVB_HAVE_NO_ADDRCONF
	if (on)
		dev->priv_flags |= IFF_NO_ADDRCONF;
	else
		dev->priv_flags &= ~IFF_NO_ADDRCONF;
#endif
}

/* An interface that is up can be renamed all the same; newer ones always can. */
static inline void nvb_allow_live_rename(struct net_device *dev)
{
#ifdef NVB_HAVE_LIVE_RENAME
	dev->priv_flags |= IFF_LIVE_RENAME_OK;
#endif
}

/*
 * Operations of another interface than ours, under RTNL. The dev_*() functions
 * take its lock by themselves, if it has one; these are for the others. Not in
 * a notifier, where it may be held already.
 */
static inline void nvb_lock_ops(struct net_device *dev)
{
#ifdef NVB_HAVE_NETDEV_LOCK_OPS
	netdev_lock_ops(dev);
#endif
}

static inline void nvb_unlock_ops(struct net_device *dev)
{
#ifdef NVB_HAVE_NETDEV_LOCK_OPS
	netdev_unlock_ops(dev);
#endif
}

static inline int nvb_set_mac_address(struct net_device *dev, const u8 *address)
{
#ifdef NVB_HAVE_MAC_STORAGE
	struct sockaddr_storage storage = { .ss_family = dev->type };

	ether_addr_copy(((struct sockaddr *)&storage)->sa_data, address);
	return dev_set_mac_address(dev, &storage, NULL);
#else
	struct sockaddr sa = { .sa_family = dev->type };

	ether_addr_copy(sa.sa_data, address);
	return dev_set_mac_address(dev, &sa, NULL);
#endif
}

#ifndef NVB_HAVE_ETH_HW_ADDR_SET
static inline void eth_hw_addr_set(struct net_device *dev, const u8 *addr)
{
	ether_addr_copy(dev->dev_addr, addr);
}
#endif

#ifndef NVB_HAVE_SKB_TCP_ALL_HEADERS
static inline int skb_tcp_all_headers(const struct sk_buff *skb)
{
	return skb_transport_offset(skb) + tcp_hdrlen(skb);
}
#endif

#ifndef NVB_HAVE_U64_STATS_SET
static inline void u64_stats_set(u64_stats_t *counter, u64 value)
{
	u64_stats_add(counter, value - u64_stats_read(counter));
}
#endif

/*
 * Stopping and waking a transmit queue while the other side runs. get_desc is
 * evaluated again after the queue's state has become visible, so that one of
 * the two sides sees what the other did.
 */
#ifndef NVB_HAVE_TXQ_MAYBE_STOP
/* 0: stopped; -1: there was room after all, running */
#define netif_txq_try_stop(txq, get_desc, start_thrs)			\
({									\
	int nvb_stop = 0;						\
									\
	netif_tx_stop_queue(txq);					\
	smp_mb();							\
	if (unlikely((get_desc) >= (start_thrs))) {			\
		netif_tx_start_queue(txq);				\
		nvb_stop = -1;						\
	}								\
	nvb_stop;							\
})

/* 0: stopped; 1: not stopped; -1: there was room after all, running */
#define netif_txq_maybe_stop(txq, get_desc, stop_thrs, start_thrs)	\
	(likely((get_desc) > (stop_thrs)) ? 1 :				\
	 netif_txq_try_stop(txq, get_desc, start_thrs))
#endif

#ifndef NVB_HAVE_TXQ_COMPLETED_WAKE
/* 0: woken; 1: not stopped, or held down; -1: not enough room */
#define __netif_txq_completed_wake(txq, pkts, bytes, get_desc,		\
				   start_thrs, down_cond)		\
({									\
	unsigned int nvb_pkts = (pkts);					\
	int nvb_wake = -1;						\
									\
	netdev_tx_completed_queue(txq, nvb_pkts, bytes);		\
	smp_mb();							\
	if (nvb_pkts && likely((get_desc) >= (start_thrs))) {		\
		nvb_wake = 1;						\
		if (unlikely(netif_tx_queue_stopped(txq)) &&		\
		    !(down_cond)) {					\
			netif_tx_wake_queue(txq);			\
			nvb_wake = 0;					\
		}							\
	}								\
	nvb_wake;							\
})
#endif

/*
 * Receive memory: a pool of pages, cut into pieces, to which the stack returns
 * what it has finished with. NULL stands for a pool where there is none, and
 * every allocation from it fails.
 */

/* To be called, as the next, while @napi is disabled. */
static inline struct page_pool *nvb_pool_create(struct napi_struct *napi,
						int node, unsigned int order,
						unsigned int pages)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	const struct page_pool_params params = {
		.order = order,
		.pool_size = pages,
		.nid = node,
#ifdef NVB_HAVE_PAGE_POOL_NAPI
		.napi = napi,
#endif
#ifdef NVB_HAVE_PAGE_POOL_FRAG_FLAG
		.flags = PP_FLAG_PAGE_FRAG,
#endif
	};
	struct page_pool *pool = page_pool_create(&params);

	return IS_ERR(pool) ? NULL : pool;
#else
	return NULL;
#endif
}

/* Pages that the stack still has outlive the pool. */
static inline void nvb_pool_destroy(struct page_pool *pool)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	if (pool)
		page_pool_destroy(pool);
#endif
}

/* *bytes is at most one page of the pool, and is raised to what it takes. */
static inline void *nvb_pool_alloc(struct page_pool *pool, unsigned int *bytes)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	/* There is another way without these, so no reserves are touched. */
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC;
#ifndef NVB_HAVE_PAGE_POOL_ALLOC_VA
	unsigned int offset;
	struct page *page;
#endif

	if (!pool)
		return NULL;
#ifdef NVB_HAVE_PAGE_POOL_ALLOC_VA
	return page_pool_alloc_va(pool, bytes, gfp);
#else
	page = page_pool_alloc_frag(pool, &offset, *bytes, gfp);
	return page ? page_address(page) + offset : NULL;
#endif
#else
	return NULL;
#endif
}

/* An sk_buff around memory of nvb_pool_alloc(), which it takes over. */
static inline struct sk_buff *nvb_pool_build_skb(struct page_pool *pool,
						 void *memory,
						 unsigned int bytes)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	struct sk_buff *skb = napi_build_skb(memory, bytes);

	if (likely(skb))
		skb_mark_for_recycle(skb);
	else
		page_pool_put_full_page(pool, virt_to_head_page(memory), true);
	return skb;
#else
	return NULL;
#endif
}

/* The sk_buff may hold memory of nvb_pool_alloc() in its fragments. */
static inline void nvb_pool_mark_skb(struct sk_buff *skb)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	skb_mark_for_recycle(skb);
#endif
}

/* Gives back memory of nvb_pool_alloc(), or without a pool, a page. */
static inline void nvb_pool_free(struct page_pool *pool, void *memory)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	if (pool) {
		page_pool_put_full_page(pool, virt_to_head_page(memory), false);
		return;
	}
#endif
	put_page(virt_to_head_page(memory));
}

/* An sk_buff around memory; without memory for it, nothing has changed. */
static inline struct sk_buff *nvb_build_skb(void *memory, unsigned int bytes)
{
#ifdef NVB_HAVE_PAGE_POOL_FRAG
	return napi_build_skb(memory, bytes);
#else
	return build_skb(memory, bytes);
#endif
}

#ifndef NVB_HAVE_FRAG_FILL
static inline void skb_frag_fill_page_desc(skb_frag_t *frag, struct page *page,
					   int offset, int bytes)
{
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, offset);
	skb_frag_size_set(frag, bytes);
}
#endif

/* XDP */

#ifndef NVB_HAVE_XDP_INIT_BUFF
static inline void xdp_init_buff(struct xdp_buff *xdp, u32 frame_sz,
				 struct xdp_rxq_info *rxq)
{
	xdp->frame_sz = frame_sz;
	xdp->rxq = rxq;
}

static inline void xdp_prepare_buff(struct xdp_buff *xdp,
				    unsigned char *hard_start, int headroom,
				    int data_len, bool meta_valid)
{
	xdp->data_hard_start = hard_start;
	xdp->data = hard_start + headroom;
	xdp->data_end = xdp->data + data_len;
	xdp->data_meta = meta_valid ? xdp->data : xdp->data + 1;
}
#endif

/*
 * The pool that frames for programs can be taken from. Kernels before 6.4 take a
 * page out of its pool, as a whole, with the first frame in it that becomes an
 * sk_buff elsewhere: there, each frame has a page of its own and no pool.
 */
static inline struct page_pool *nvb_xdp_pool(struct page_pool *pool)
{
#ifdef NVB_HAVE_XDP_RELEASE_FRAME
	return NULL;
#else
	return pool;
#endif
}

/* Whether frames in several buffers can be given to a program at all. */
static inline bool nvb_xdp_frags(void)
{
#ifdef NVB_HAVE_XDP_FRAGS
	return true;
#else
	return false;
#endif
}

#ifndef NVB_HAVE_XDP_FRAGS
static inline bool xdp_buff_has_frags(const struct xdp_buff *xdp)
{
	return false;
}

static inline bool xdp_frame_has_frags(const struct xdp_frame *frame)
{
	return false;
}
#endif

/* Makes of the first @num fragments behind the buffer a part of the frame. */
static inline void nvb_xdp_set_frags(struct xdp_buff *xdp, u32 num, u32 bytes,
				     u32 truesize)
{
#ifdef NVB_HAVE_XDP_FRAGS
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);

	info->nr_frags = num;
	info->xdp_frags_size = bytes;
#ifdef NVB_HAVE_XDP_FRAGS_TRUESIZE
	info->xdp_frags_truesize = truesize;
#endif
	xdp_buff_set_frags_flag(xdp);
#endif
}

static inline bool nvb_xdp_prog_has_frags(const struct bpf_prog *prog)
{
#ifdef NVB_HAVE_XDP_FRAGS
	return prog->aux->xdp_has_frags;
#else
	return false;
#endif
}

static inline int nvb_xdp_rxq_info_reg(struct xdp_rxq_info *rxq,
				       struct net_device *dev, u32 queue,
				       const struct napi_struct *napi)
{
#ifdef NVB_HAVE_XDP_RXQ_NAPI
	return xdp_rxq_info_reg(rxq, dev, queue, napi->napi_id);
#else
	return xdp_rxq_info_reg(rxq, dev, queue);
#endif
}

static inline void nvb_warn_invalid_xdp_action(struct net_device *dev,
					       struct bpf_prog *prog, u32 act)
{
#ifdef NVB_HAVE_XDP_WARN_WITH_DEV
	bpf_warn_invalid_xdp_action(dev, prog, act);
#else
	bpf_warn_invalid_xdp_action(act);
#endif
}

/* Puts a program, or none, into another interface; the caller keeps his. */
static inline int nvb_xdp_propagate(struct net_device *dev,
				    struct bpf_prog *prog)
{
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
	};
	int err;

	if (!dev->netdev_ops->ndo_bpf)
		return prog ? -EOPNOTSUPP : 0;
	if (prog)
		bpf_prog_inc(prog);
#ifdef NVB_HAVE_XDP_PROPAGATE
	err = dev_xdp_propagate(dev, &bpf);
#else
	err = dev->netdev_ops->ndo_bpf(dev, &bpf);
#endif
	if (err && prog)
		bpf_prog_put(prog);
	return err;
}

/*
 * AF_XDP: whether sockets can be bound to the memory that the driver uses. For
 * programs to be told of a frame there, the kernel has to leave room behind its
 * buffer.
 */
#if defined(NVB_HAVE_XSK) && \
	(defined(NVB_HAVE_XSK_PRIV) || !defined(NVB_HAVE_XDP_METADATA))
#define NVB_XSK
#endif

static inline bool nvb_xsk(void)
{
#ifdef NVB_XSK
	return true;
#else
	return false;
#endif
}

static inline void nvb_xdp_set_features(struct net_device *dev)
{
#ifdef NVB_HAVE_XDP_FEATURES
	dev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			    NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG |
			    NETDEV_XDP_ACT_NDO_XMIT_SG;
	if (nvb_xsk())
		dev->xdp_features |= NETDEV_XDP_ACT_XSK_ZEROCOPY;
#endif
}

#ifndef NVB_HAVE_XDP_RETURN_BULK
struct xdp_frame_bulk { };

static inline void xdp_frame_bulk_init(struct xdp_frame_bulk *bulk)
{
}

static inline void xdp_return_frame_bulk(struct xdp_frame *frame,
					 struct xdp_frame_bulk *bulk)
{
	xdp_return_frame(frame);
}

static inline void xdp_flush_frame_bulk(struct xdp_frame_bulk *bulk)
{
}
#endif

/* Frames from @from on were not sent: who frees them? */
static inline void nvb_xdp_unsent(struct xdp_frame **frames, int from, int num)
{
#ifndef NVB_HAVE_XDP_RETURN_BULK
	while (from < num)
		xdp_return_frame(frames[from++]);
#endif
}

#ifndef NVB_HAVE_XDP_RSS_TYPE
enum xdp_rss_hash_type {
	XDP_RSS_TYPE_NONE,
	XDP_RSS_TYPE_L3_IPV4,
	XDP_RSS_TYPE_L3_IPV6,
	XDP_RSS_TYPE_L4_IPV4_TCP,
	XDP_RSS_TYPE_L4_IPV6_TCP,
	XDP_RSS_TYPE_L4_IPV4_UDP,
	XDP_RSS_TYPE_L4_IPV6_UDP,
};
#endif

#ifdef NVB_XSK
/*
 * The kernel insists on addresses for the device, which nobody uses: processors
 * copy, and a host takes guest physical addresses. Where the kernel would copy
 * to make some, nothing is to come back from there. Older kernels do not say
 * which addresses a VMBus device can have.
 */
static inline int nvb_xsk_map(struct xsk_buff_pool *pool, struct device *dev)
{
	if (!dev->dma_mask)
		dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64));

	return xsk_pool_dma_map(pool, dev, DMA_ATTR_SKIP_CPU_SYNC);
}

static inline void nvb_xsk_unmap(struct xsk_buff_pool *pool)
{
	xsk_pool_dma_unmap(pool, DMA_ATTR_SKIP_CPU_SYNC);
}

/* Where something in the sockets' memory is in the guest's. */
static inline phys_addr_t nvb_xsk_phys(const struct xsk_buff_pool *pool,
				       const void *data)
{
	size_t at = data - pool->addrs;

	return page_to_phys(pool->umem->pgs[at >> PAGE_SHIFT]) +
	       offset_in_page(at);
}

static inline bool nvb_xsk_wants_wakeup_flags(const struct xsk_buff_pool *pool)
{
	return pool->uses_need_wakeup;
}

/* Takes buffers for received frames; returns how many there are. */
static inline u32 nvb_xsk_alloc(struct xsk_buff_pool *pool,
				struct xdp_buff **xdp, u32 max)
{
#ifdef NVB_HAVE_XSK_ALLOC_BATCH
	return xsk_buff_alloc_batch(pool, xdp, max);
#else
	u32 num = 0;

	while (num < max) {
		xdp[num] = xsk_buff_alloc(pool);
		if (!xdp[num])
			break;
		num++;
	}
	return num;
#endif
}

/* Makes the buffer an empty frame of @len bytes. */
static inline void nvb_xsk_set_size(struct xdp_buff *xdp, u32 len)
{
#ifdef NVB_HAVE_XSK_SET_SIZE
	xsk_buff_set_size(xdp, len);
#else
	xdp->data = xdp->data_hard_start + XDP_PACKET_HEADROOM;
	xdp->data_meta = xdp->data;
	xdp->data_end = xdp->data + len;
#endif
}

/*
 * Takes frames to be sent; they stand in @room, or in the pool, until the next
 * time. Returns how many there are.
 */
static inline u32 nvb_xsk_peek(struct xsk_buff_pool *pool,
			       struct xdp_desc *room, u32 max,
			       const struct xdp_desc **desc)
{
#ifdef NVB_HAVE_XSK_PEEK_BATCH
	*desc = pool->tx_descs;
	return xsk_tx_peek_release_desc_batch(pool, max);
#else
	u32 num = 0;

	while (num < max && xsk_tx_peek_desc(pool, &room[num]))
		num++;
	if (num)
		xsk_tx_release(pool);
	*desc = room;
	return num;
#endif
}
#endif

/* NVB_XDP_METADATA() defines a table, which NVB_XDP_SET_METADATA() sets. */
#ifdef NVB_HAVE_XDP_METADATA
#define NVB_XDP_METADATA(name, hash, vlan_tag)				\
static const struct xdp_metadata_ops name = {				\
	.xmo_rx_hash = hash,						\
	.xmo_rx_vlan_tag = vlan_tag,					\
}

#define NVB_XDP_SET_METADATA(dev, name)	((dev)->xdp_metadata_ops = &(name))
#else
#define NVB_XDP_METADATA(name, hash, vlan_tag)				\
static const void * const name[] __maybe_unused = { hash, vlan_tag }
#define NVB_XDP_SET_METADATA(dev, name)	((void)(dev))
#endif

/* ethtool */

#ifndef NVB_HAVE_ETHTOOL_PUTS
static inline void ethtool_puts(u8 **data, const char *name)
{
	strscpy((char *)*data, name, ETH_GSTRING_LEN);
	*data += ETH_GSTRING_LEN;
}
#endif

#ifndef NVB_HAVE_ETHTOOL_SPRINTF
static inline __printf(2, 3) void ethtool_sprintf(u8 **data,
						  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf((char *)*data, ETH_GSTRING_LEN, fmt, args);
	va_end(args);
	*data += ETH_GSTRING_LEN;
}
#endif

/*
 * Operations whose signatures changed. NVB_WRAP_x(fn) stands before the table
 * of operations, and NVB_x(fn) inside; fn has the newest signature.
 */
#ifdef NVB_HAVE_KERNEL_RINGPARAM
#define NVB_WRAP_GET_RINGPARAM(fn)	static_assert(true)
#define NVB_WRAP_SET_RINGPARAM(fn)	static_assert(true)
#define NVB_RINGPARAM(fn)		(fn)
#else
struct kernel_ethtool_ringparam {
	u32 rx_buf_len;
};

#define NVB_WRAP_GET_RINGPARAM(fn)					\
static void fn##_old(struct net_device *dev,				\
		     struct ethtool_ringparam *ring)			\
{									\
	struct kernel_ethtool_ringparam kernel_ring = {};		\
									\
	fn(dev, ring, &kernel_ring, NULL);				\
}									\
static_assert(true)

#define NVB_WRAP_SET_RINGPARAM(fn)					\
static int fn##_old(struct net_device *dev,				\
		    struct ethtool_ringparam *ring)			\
{									\
	struct kernel_ethtool_ringparam kernel_ring = {};		\
									\
	return fn(dev, ring, &kernel_ring, NULL);			\
}									\
static_assert(true)

#define NVB_RINGPARAM(fn)		(fn##_old)
#endif

/*
 * What a user sets of coalescing; older kernels have the first alone.
 * NVB_WRAP_COALESCE(get, set) makes the functions of ethtool_ops out of
 * get(dev, &coalesce) and set(dev, &coalesce, extack); NVB_COALESCE_OPS(get,
 * set) stands in the table.
 */
struct nvb_coalesce {
	bool adaptive_tx;
	u32 tx_aggr_time_usecs;
	u32 tx_aggr_max_bytes;
	u32 tx_aggr_max_frames;
};

struct kernel_ethtool_coalesce;

#ifdef NVB_HAVE_COALESCE_TX_AGGR
#define NVB_COALESCE_PARAMS						\
	(ETHTOOL_COALESCE_USE_ADAPTIVE_TX |				\
	 ETHTOOL_COALESCE_TX_AGGR_MAX_BYTES |				\
	 ETHTOOL_COALESCE_TX_AGGR_MAX_FRAMES |				\
	 ETHTOOL_COALESCE_TX_AGGR_TIME_USECS)

static inline void nvb_coalesce_show(struct kernel_ethtool_coalesce *kernel,
				     const struct nvb_coalesce *coalesce)
{
	kernel->tx_aggr_time_usecs = coalesce->tx_aggr_time_usecs;
	kernel->tx_aggr_max_bytes = coalesce->tx_aggr_max_bytes;
	kernel->tx_aggr_max_frames = coalesce->tx_aggr_max_frames;
}

static inline void nvb_coalesce_take(struct nvb_coalesce *coalesce,
				     const struct kernel_ethtool_coalesce *kernel)
{
	coalesce->tx_aggr_time_usecs = kernel->tx_aggr_time_usecs;
	coalesce->tx_aggr_max_bytes = kernel->tx_aggr_max_bytes;
	coalesce->tx_aggr_max_frames = kernel->tx_aggr_max_frames;
}
#else
#define NVB_COALESCE_PARAMS	ETHTOOL_COALESCE_USE_ADAPTIVE_TX

static inline void nvb_coalesce_show(struct kernel_ethtool_coalesce *kernel,
				     const struct nvb_coalesce *coalesce)
{
}

static inline void nvb_coalesce_take(struct nvb_coalesce *coalesce,
				     const struct kernel_ethtool_coalesce *kernel)
{
}
#endif

#ifdef NVB_HAVE_KERNEL_COALESCE
#define NVB_WRAP_COALESCE_OPS(get, set)					\
static int get##_op(struct net_device *dev,				\
		    struct ethtool_coalesce *coalesce,			\
		    struct kernel_ethtool_coalesce *kernel,		\
		    struct netlink_ext_ack *ack)			\
{									\
	return get##_from(dev, coalesce, kernel);			\
}									\
									\
static int set##_op(struct net_device *dev,				\
		    struct ethtool_coalesce *coalesce,			\
		    struct kernel_ethtool_coalesce *kernel,		\
		    struct netlink_ext_ack *ack)			\
{									\
	return set##_to(dev, coalesce, kernel, ack);			\
}									\
static_assert(true)
#else
#define NVB_WRAP_COALESCE_OPS(get, set)					\
static int get##_op(struct net_device *dev,				\
		    struct ethtool_coalesce *coalesce)			\
{									\
	return get##_from(dev, coalesce, NULL);				\
}									\
									\
static int set##_op(struct net_device *dev,				\
		    struct ethtool_coalesce *coalesce)			\
{									\
	return set##_to(dev, coalesce, NULL, NULL);			\
}									\
static_assert(true)
#endif

#define NVB_WRAP_COALESCE(get, set)					\
static int get##_from(struct net_device *dev,				\
		      struct ethtool_coalesce *coalesce,		\
		      struct kernel_ethtool_coalesce *kernel)		\
{									\
	struct nvb_coalesce now;					\
									\
	get(dev, &now);							\
	coalesce->use_adaptive_tx_coalesce = now.adaptive_tx;		\
	nvb_coalesce_show(kernel, &now);				\
	return 0;							\
}									\
									\
static int set##_to(struct net_device *dev,				\
		    const struct ethtool_coalesce *coalesce,		\
		    const struct kernel_ethtool_coalesce *kernel,	\
		    struct netlink_ext_ack *ack)			\
{									\
	struct nvb_coalesce want;					\
									\
	get(dev, &want);						\
	want.adaptive_tx = coalesce->use_adaptive_tx_coalesce;		\
	nvb_coalesce_take(&want, kernel);				\
	return set(dev, &want, ack);					\
}									\
									\
NVB_WRAP_COALESCE_OPS(get, set)

#define NVB_COALESCE_OPS(get, set)					\
	.supported_coalesce_params = NVB_COALESCE_PARAMS,		\
	.get_coalesce = get##_op,					\
	.set_coalesce = set##_op,

#ifdef NVB_HAVE_RXFH_PARAM
#define NVB_WRAP_GET_RXFH(fn)		static_assert(true)
#define NVB_WRAP_SET_RXFH(fn)		static_assert(true)
#define NVB_RXFH(fn)			(fn)
#else
struct ethtool_rxfh_param {
	u8 hfunc;
	u32 *indir;
	u8 *key;
};

#define NVB_WRAP_GET_RXFH(fn)						\
static int fn##_old(struct net_device *dev, u32 *indir, u8 *key,	\
		    u8 *hfunc)						\
{									\
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };\
	int ret = fn(dev, &rxfh);					\
									\
	if (!ret && hfunc)						\
		*hfunc = rxfh.hfunc;					\
	return ret;							\
}									\
static_assert(true)

#define NVB_WRAP_SET_RXFH(fn)						\
static int fn##_old(struct net_device *dev, const u32 *indir,		\
		    const u8 *key, const u8 hfunc)			\
{									\
	struct ethtool_rxfh_param rxfh = {				\
		.hfunc = hfunc,						\
		.indir = (u32 *)indir,					\
		.key = (u8 *)key,					\
	};								\
									\
	return fn(dev, &rxfh, NULL);					\
}									\
static_assert(true)

#define NVB_RXFH(fn)			(fn##_old)
#endif

/*
 * What is hashed of a flow, and how many receive rings there are: operations
 * with a purpose each, or commands of get_rxnfc and set_rxnfc. Before the table
 * stand NVB_WRAP_SET_HASH_FIELDS(set) and NVB_WRAP_GET_HASH_FIELDS(get, rings).
 */
#ifdef NVB_HAVE_RXFH_FIELDS
#define NVB_WRAP_SET_HASH_FIELDS(set)	static_assert(true)
#define NVB_HASH_FIELDS_OPS(get, set)					\
	.get_rxfh_fields = (get),					\
	.set_rxfh_fields = (set),
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
};

#define NVB_WRAP_SET_HASH_FIELDS(set)					\
static int set##_op(struct net_device *dev, struct ethtool_rxnfc *info)	\
{									\
	const struct ethtool_rxfh_fields fields = {			\
		.data = info->data,					\
		.flow_type = info->flow_type,				\
	};								\
									\
	if (info->cmd != ETHTOOL_SRXFH)					\
		return -EOPNOTSUPP;					\
	return set(dev, &fields, NULL);					\
}									\
static_assert(true)

#define NVB_HASH_FIELDS_OPS(get, set)					\
	.set_rxnfc = set##_op,
#endif

/* ETHTOOL_GRXFH, for kernels that ask for it. */
static inline int nvb_get_hash_fields(struct net_device *dev,
				      struct ethtool_rxnfc *info,
				      int (*get)(struct net_device *,
						 struct ethtool_rxfh_fields *))
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };
	int err = get(dev, &fields);

	info->data = fields.data;
	return err;
}

#ifdef NVB_HAVE_RX_RING_COUNT
#define NVB_WRAP_GET_HASH_FIELDS(get, rings)	static_assert(true)
#define NVB_RX_RING_COUNT_OPS(get, rings)				\
	.get_rx_ring_count = (rings),
#else
#define NVB_WRAP_GET_HASH_FIELDS(get, rings)				\
static int get##_op(struct net_device *dev, struct ethtool_rxnfc *info,	\
		    u32 *rules)						\
{									\
	if (info->cmd == ETHTOOL_GRXFH)					\
		return nvb_get_hash_fields(dev, info, get);		\
	if (info->cmd != ETHTOOL_GRXRINGS)				\
		return -EOPNOTSUPP;					\
	info->data = rings(dev);					\
	return 0;							\
}									\
static_assert(true)

#define NVB_RX_RING_COUNT_OPS(get, rings)				\
	.get_rxnfc = get##_op,
#endif

/*
 * KUnit: a function that begins with KUNIT_STATIC_STUB_REDIRECT(function, its
 * arguments) can be replaced by a suite, one that is VISIBLE_IF_KUNIT can be
 * called by it. Without NETVSC_KUNIT, which only a build for the suites has,
 * nothing is left of that. With it the module loads where there is no VMBus.
 */
#ifdef NETVSC_KUNIT
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#ifdef NVB_HAVE_IMPORT_NS_BARE
#define NVB_IMPORT_KUNIT_SYMBOLS()					\
	MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING)
#else
#define NVB_IMPORT_KUNIT_SYMBOLS()					\
	MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING")
#endif
static inline int nvb_driver_register(struct hv_driver *driver)
{
	int err = vmbus_driver_register(driver);

	return err == -ENODEV ? 0 : err;
}
#else
#undef KUNIT_STATIC_STUB_REDIRECT
#define KUNIT_STATIC_STUB_REDIRECT(fn, ...)	do { } while (0)
#undef VISIBLE_IF_KUNIT
#define VISIBLE_IF_KUNIT			static
#define nvb_driver_register(driver)		vmbus_driver_register(driver)
#endif

#endif /* VMBUS_GLUE_COMPAT_H */
