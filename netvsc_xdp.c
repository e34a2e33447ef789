// SPDX-License-Identifier: GPL-2.0
/*
 * XDP programs on received frames.
 *
 * A program may change what it is given, and must not see it change: it gets a
 * copy, never the host's memory. The copy lies in a buffer of the channel's
 * pool. A frame that is dropped, or sent back by way of the send buffer, leaves
 * its buffer to the next, so that neither touches an allocator:
 *
 *	| headroom 256 | frame, up to 3520 | what the stack keeps there |
 *
 * A longer frame goes on in pieces of the same pool, if the program can take
 * it; so does one that the host has coalesced. The program is the device's,
 * not that of a session: a change of the configuration does not touch it.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_xdp.h"
#include "netvsc_xsk.h"

/* Pieces of a frame behind its first buffer. */
#define NETVSC_XDP_ROOM		8192

/* Of what the host says of a hash, the fields that were hashed. */
#define NETVSC_XDP_HASH_TYPES	(NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4 | \
				 NDIS_HASH_UDP_IPV4 | NDIS_HASH_IPV6 | \
				 NDIS_HASH_TCP_IPV6 | NDIS_HASH_UDP_IPV6)

/**
 * netvsc_xdp_channel_init() - let a channel run programs
 * @ch: the channel, with its pool
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int netvsc_xdp_channel_init(struct netvsc_channel *ch)
{
	struct xdp_rxq_info *rxq = &ch->rx.xdp.rxq;
	struct page_pool *pool = nvb_xdp_pool(ch->rx.pool);
	int err;

	ch->rx.xdp.pool = pool;
	err = nvb_xdp_rxq_info_reg(rxq, ch->nv->netdev, ch->index, &ch->napi);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(rxq, pool ? MEM_TYPE_PAGE_POOL :
						     MEM_TYPE_PAGE_ORDER0, pool);
	if (err)
		xdp_rxq_info_unreg(rxq);

	return err;
}

static struct xdp_buff *netvsc_xdp_buff(struct netvsc_channel *ch)
{
	return &ch->rx.xdp.buff.xdp;
}

/* Frees the buffers of a frame, or keeps the only one for the next frame. */
static void netvsc_xdp_recycle(struct netvsc_channel *ch)
{
	struct netvsc_xdp *x = &ch->rx.xdp;

	if (likely(!xdp_buff_has_frags(&x->buff.xdp)))
		return;
	x->spare = NULL;
	xdp_return_buff(&x->buff.xdp);
}

/* The pieces behind the first are the frame's only now. */
static void netvsc_xdp_close(struct netvsc_xdp *x)
{
	x->chain = false;
	if (unlikely(x->frags))
		nvb_xdp_set_frags(&x->buff.xdp, x->frags, x->frag_bytes,
				  x->frag_room);
}

/**
 * netvsc_xdp_drop_chain() - drop a frame that has come in part
 * @ch: a channel that nobody else polls
 *
 * Context: Any but hard interrupt.
 * Return: true if there was one.
 */
bool netvsc_xdp_drop_chain(struct netvsc_channel *ch)
{
	struct netvsc_xdp *x = &ch->rx.xdp;
	struct skb_shared_info *info;
	u32 i;

	if (!x->chain)
		return false;

	/* xdp_return_buff() is for NAPI alone. The first buffer is kept. */
	info = xdp_get_shared_info_from_buff(&x->buff.xdp);
	for (i = 0; i < x->frags; i++)
		nvb_pool_free(x->pool,
			      page_address(skb_frag_page(&info->frags[i])));
	x->frags = 0;
	x->chain = false;

	return true;
}

/**
 * netvsc_xdp_channel_exit() - the opposite of netvsc_xdp_channel_init()
 * @ch: a closed channel, maybe one for which that failed
 *
 * Context: Process context.
 */
void netvsc_xdp_channel_exit(struct netvsc_channel *ch)
{
	struct netvsc_xdp *x = &ch->rx.xdp;

	local_bh_disable();
	netvsc_xdp_drop_chain(ch);
	if (x->spare)
		nvb_pool_free(x->pool, x->spare);
	x->spare = NULL;
	local_bh_enable();
	if (xdp_rxq_info_is_reg(&x->rxq))
		xdp_rxq_info_unreg(&x->rxq);
}

/* Memory of a channel; where there is no pool, a page. */
static void *netvsc_xdp_alloc(struct netvsc_channel *ch, unsigned int *bytes)
{
	struct page *page;

	if (likely(ch->rx.xdp.pool))
		return nvb_pool_alloc(ch->rx.xdp.pool, bytes);

	page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	if (!page)
		return NULL;
	*bytes = PAGE_SIZE;

	return page_address(page);
}

/* Begins an empty frame. */
static bool netvsc_xdp_begin(struct netvsc_channel *ch)
{
	struct netvsc_xdp *x = &ch->rx.xdp;
	unsigned int bytes = NETVSC_XDP_BUFFER;

	if (unlikely(!x->spare)) {
		x->spare = netvsc_xdp_alloc(ch, &bytes);
		if (!x->spare)
			return false;
	}
	xdp_init_buff(&x->buff.xdp, NETVSC_XDP_BUFFER, &x->rxq);
	xdp_prepare_buff(&x->buff.xdp, x->spare, XDP_PACKET_HEADROOM, 0, true);
	x->room_bytes = 0;
	x->frags = 0;
	x->frag_bytes = 0;
	x->frag_room = 0;

	return true;
}

static bool netvsc_xdp_add_room(struct netvsc_channel *ch, u32 want)
{
	struct netvsc_xdp *x = &ch->rx.xdp;
	unsigned int bytes = ALIGN(min_t(u32, want, NETVSC_XDP_ROOM),
				   SMP_CACHE_BYTES);
	struct skb_shared_info *info;
	struct page *page;

	if (x->frags >= MAX_SKB_FRAGS)
		return false;
	x->room = netvsc_xdp_alloc(ch, &bytes);
	if (!x->room)
		return false;

	page = virt_to_head_page(x->room);
	info = xdp_get_shared_info_from_buff(&x->buff.xdp);
	skb_frag_fill_page_desc(&info->frags[x->frags++], page,
				x->room - (u8 *)page_address(page), 0);
	x->room_bytes = bytes;
	x->frag_room += bytes;

	return true;
}

/* Apart, so that ordinary frames do not pay for it. */
static noinline bool netvsc_xdp_append_frags(struct netvsc_channel *ch,
					     const u8 *data, u32 len, bool more)
{
	struct netvsc_xdp *x = &ch->rx.xdp;
	struct skb_shared_info *info;
	u32 part;

	info = xdp_get_shared_info_from_buff(&x->buff.xdp);
	while (len) {
		if (!x->room_bytes &&
		    !netvsc_xdp_add_room(ch, more ? NETVSC_XDP_ROOM : len))
			return false;
		part = min(len, x->room_bytes);
		memcpy(x->room, data, part);
		skb_frag_size_add(&info->frags[x->frags - 1], part);
		x->frag_bytes += part;
		x->room += part;
		x->room_bytes -= part;
		data += part;
		len -= part;
	}

	return true;
}

/* Adds to the frame; an error is counted, and the frame is then of no use. */
static bool netvsc_xdp_append(struct netvsc_channel *ch, const u8 *data,
			      u32 len, bool more)
{
	struct xdp_buff *xdp = netvsc_xdp_buff(ch);
	u32 room = xdp_data_hard_end(xdp) - xdp->data_end;
	u32 part = min(len, room);

	memcpy(xdp->data_end, data, part);
	xdp->data_end += part;
	if (likely(part == len))
		return true;

	/* It may have gone on to coalesce for a while. */
	if (!nvb_xdp_frags() || READ_ONCE(ch->nv->xdp_linear)) {
		netvsc_rx_dropped(ch, xdp_too_long);
		return false;
	}
	if (netvsc_xdp_append_frags(ch, data + part, len - part, more))
		return true;
	netvsc_rx_dropped(ch, no_memory);

	return false;
}

/*
 * The frame, as it now is, goes up the stack. Building an sk_buff erases what
 * says how many pieces there are, but not the pieces.
 */
static struct sk_buff *netvsc_xdp_pass(struct netvsc_channel *ch)
{
	struct netvsc_xdp *x = &ch->rx.xdp;
	struct xdp_buff *xdp = &x->buff.xdp;
	u32 i, meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;
	u32 frags = 0;

	if (unlikely(xdp_buff_has_frags(xdp)))
		frags = xdp_get_shared_info_from_buff(xdp)->nr_frags;
	skb = nvb_build_skb(xdp->data_hard_start, xdp->frame_sz);
	if (unlikely(!skb)) {
		netvsc_rx_dropped(ch, no_memory);
		netvsc_xdp_recycle(ch);
		return NULL;
	}
	x->spare = NULL;
	if (likely(x->pool))
		nvb_pool_mark_skb(skb);
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, xdp->data_end - xdp->data);
	if (meta)
		skb_metadata_set(skb, meta);
	if (likely(!frags))
		return skb;

	skb_shinfo(skb)->nr_frags = frags;
	for (i = 0; i < frags; i++)
		skb->data_len += skb_frag_size(&skb_shinfo(skb)->frags[i]);
	skb->len += skb->data_len;
	skb->truesize += x->frag_room;

	return skb;
}

static void netvsc_xdp_send(struct netvsc_channel *ch,
			    const struct rndis_rx_frame *frame,
			    struct netvsc_xdp_batch *batch, u32 len)
{
	struct xdp_buff *xdp = netvsc_xdp_buff(ch);
	int kept = netvsc_xdp_send_back(ch, xdp, frame);

	if (unlikely(kept < 0)) {
		trace_xdp_exception(ch->nv->netdev, batch->prog, XDP_TX);
		batch->failed++;
		netvsc_xdp_recycle(ch);
		return;
	}
	batch->tx++;
	batch->packets++;
	batch->bytes += len;
	if (unlikely(kept))
		ch->rx.xdp.spare = NULL;
	else
		netvsc_xdp_recycle(ch);
}

static void netvsc_xdp_redirect(struct netvsc_channel *ch,
				struct netvsc_xdp_batch *batch, u32 len)
{
	struct net_device *dev = ch->nv->netdev;

	if (unlikely(xdp_do_redirect(dev, netvsc_xdp_buff(ch), batch->prog))) {
		trace_xdp_exception(dev, batch->prog, XDP_REDIRECT);
		batch->failed++;
		netvsc_xdp_recycle(ch);
		return;
	}
	batch->redirect++;
	batch->packets++;
	batch->bytes += len;
	ch->rx.xdp.spare = NULL;
}

/* Runs the program on the frame; returns what it lets pass. */
static struct sk_buff *netvsc_xdp_run(struct netvsc_channel *ch,
				      const struct rndis_rx_frame *frame,
				      struct netvsc_xdp_batch *batch)
{
	struct xdp_buff *xdp = netvsc_xdp_buff(ch);
	struct net_device *dev = ch->nv->netdev;
	u32 act, len = xdp->data_end - xdp->data + ch->rx.xdp.frag_bytes;
	struct sk_buff *skb = NULL;

	netvsc_xdp_close(&ch->rx.xdp);
	ch->rx.xdp.buff.frame = frame;
	/* From here on the copy counts. */
	barrier_data(xdp->data);

	rcu_read_lock();
	act = bpf_prog_run_xdp(batch->prog, xdp);
	switch (act) {
	case XDP_PASS:
		skb = netvsc_xdp_pass(ch);
		break;
	case XDP_DROP:
		batch->drop++;
		netvsc_xdp_recycle(ch);
		break;
	case XDP_TX:
		netvsc_xdp_send(ch, frame, batch, len);
		break;
	case XDP_REDIRECT:
		netvsc_xdp_redirect(ch, batch, len);
		break;
	default:
		nvb_warn_invalid_xdp_action(dev, batch->prog, act);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(dev, batch->prog, act);
		batch->aborted++;
		netvsc_xdp_recycle(ch);
		break;
	}
	rcu_read_unlock();

	return skb;
}

/**
 * netvsc_xdp_receive() - run the program on a frame that is whole
 * @ch: the channel
 * @data: the frame, in the host's memory
 * @frame: what is known of it
 * @batch: of the poll, with a program
 *
 * Context: NAPI poll.
 * Return: what goes up the stack, or NULL: the frame has been dealt with, and
 * is counted.
 */
struct sk_buff *netvsc_xdp_receive(struct netvsc_channel *ch, const u8 *data,
				   const struct rndis_rx_frame *frame,
				   struct netvsc_xdp_batch *batch)
{
	struct sk_buff *skb;

	if (batch->xsk && netvsc_xsk_receive(ch, data, frame, batch, &skb))
		return skb;
	if (unlikely(!netvsc_xdp_begin(ch))) {
		netvsc_rx_dropped(ch, no_memory);
		return NULL;
	}
	if (unlikely(!netvsc_xdp_append(ch, data, frame->data_len, false))) {
		netvsc_xdp_close(&ch->rx.xdp);
		netvsc_xdp_recycle(ch);
		return NULL;
	}

	return netvsc_xdp_run(ch, frame, batch);
}

/**
 * netvsc_xdp_first() - begin a frame that comes in pieces
 * @ch: the channel
 * @data: the first piece, in the host's memory
 * @len: its bytes
 *
 * A frame for which there is no room is counted, and the rest of it ignored.
 *
 * Context: NAPI poll.
 */
void netvsc_xdp_first(struct netvsc_channel *ch, const u8 *data, u32 len)
{
	if (unlikely(!netvsc_xdp_begin(ch))) {
		netvsc_rx_dropped(ch, no_memory);
		return;
	}
	ch->rx.xdp.chain = true;
	netvsc_xdp_next(ch, data, len, true);
}

/**
 * netvsc_xdp_next() - add a piece
 * @ch: the channel, with a frame of which there is a first one
 * @data: the piece, in the host's memory
 * @len: its bytes
 * @more: others will follow
 *
 * Context: NAPI poll.
 */
void netvsc_xdp_next(struct netvsc_channel *ch, const u8 *data, u32 len,
		     bool more)
{
	if (unlikely(!netvsc_xdp_append(ch, data, len, more)))
		netvsc_xdp_drop_chain(ch);
}

/**
 * netvsc_xdp_last() - run the program on a frame that has come in pieces
 * @ch: the channel, with such a frame
 * @frame: what came with its first piece
 * @batch: of the poll; a program that has gone meanwhile lets the frame pass
 *
 * Context: NAPI poll.
 * Return: as netvsc_xdp_receive().
 */
struct sk_buff *netvsc_xdp_last(struct netvsc_channel *ch,
				const struct rndis_rx_frame *frame,
				struct netvsc_xdp_batch *batch)
{
	if (likely(batch->prog))
		return netvsc_xdp_run(ch, frame, batch);

	netvsc_xdp_close(&ch->rx.xdp);
	return netvsc_xdp_pass(ch);
}

/**
 * netvsc_xdp_finish() - the end of a poll with a program
 * @ch: the channel
 * @batch: what the program has decided
 *
 * Context: NAPI poll.
 */
void netvsc_xdp_finish(struct netvsc_channel *ch,
		       const struct netvsc_xdp_batch *batch)
{
	struct netvsc_rx_stats *stats = &ch->stats->rx;

	if (batch->redirect)
		xdp_do_flush();
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->packets, batch->packets);
	u64_stats_add(&stats->bytes, batch->bytes);
	u64_stats_add(&stats->xdp_drop, batch->drop);
	u64_stats_add(&stats->xdp_tx, batch->tx);
	u64_stats_add(&stats->xdp_redirect, batch->redirect);
	u64_stats_add(&stats->xdp_aborted, batch->aborted);
	u64_stats_add(&stats->xdp_failed, batch->failed);
	u64_stats_add(&stats->xsk, batch->xsk_redirect);
	u64_stats_add(&stats->xsk_copied, batch->xsk_copied);
	u64_stats_update_end(&stats->sync);
}

/**
 * netvsc_xdp_allows_mtu() - whether the program can do with an MTU
 * @nv: the device
 * @mtu: the MTU
 *
 * Context: Process context, holding RTNL.
 * Return: true if it can, or there is no program.
 */
bool netvsc_xdp_allows_mtu(const struct netvsc *nv, u32 mtu)
{
	ASSERT_RTNL();

	return !nv->xdp_linear || mtu <= NETVSC_XDP_LINEAR_MTU;
}

/*
 * A program that takes frames in one buffer only cannot be given what a host
 * has coalesced: while it is there, the host does not.
 */
static int netvsc_xdp_set_linear(struct netvsc *nv, bool linear,
				 struct netlink_ext_ack *extack)
{
	struct net_device *dev = nv->netdev;

	if (nv->xdp_linear == linear)
		return 0;
	WRITE_ONCE(nv->xdp_linear, linear);
	/* Nothing is received any more when the interface goes. */
	if (dev->reg_state != NETREG_REGISTERED)
		return 0;
	netdev_update_features(dev);
	if (!linear || !(dev->features & NETIF_F_LRO))
		return 0;

	WRITE_ONCE(nv->xdp_linear, false);
	NL_SET_ERR_MSG_MOD(extack, "host goes on coalescing, program lacks xdp.frags");
	return -EIO;
}

static int netvsc_xdp_setup(struct netvsc *nv, struct bpf_prog *prog,
			    struct netlink_ext_ack *extack)
{
	bool linear = prog && !nvb_xdp_prog_has_frags(prog);
	struct bpf_prog *old;
	int err;

	ASSERT_RTNL();

	if (linear && nv->netdev->mtu > NETVSC_XDP_LINEAR_MTU) {
		if (nvb_xdp_frags())
			NL_SET_ERR_MSG_MOD(extack, "MTU above 3506, program lacks xdp.frags");
		else
			NL_SET_ERR_MSG_MOD(extack, "MTU above 3506, kernel lacks xdp.frags");
		return -EINVAL;
	}
	/* Before the program that needs it comes, after it has gone. */
	if (linear) {
		err = netvsc_xdp_set_linear(nv, true, extack);
		if (err)
			return err;
	}
	old = rcu_replace_pointer(nv->xdp_prog, prog, lockdep_rtnl_is_held());
	netvsc_vf_set_xdp(nv, prog);
	if (old)
		bpf_prog_put(old);
	if (!linear)
		netvsc_xdp_set_linear(nv, false, extack);

	return 0;
}

/**
 * netvsc_bpf() - what the stack wants of XDP
 * @dev: the interface
 * @bpf: the request
 *
 * Every buffer has room for a program, so that one comes, goes or takes
 * another's place between two polls, and the host does not know.
 *
 * Context: Process context, holding RTNL.
 * Return: 0 or a negative errno.
 */
int netvsc_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return netvsc_xdp_setup(netdev_priv(dev), bpf->prog,
					bpf->extack);
	case XDP_SETUP_XSK_POOL:
		return netvsc_xsk_setup(netdev_priv(dev), bpf->xsk.pool,
					bpf->xsk.queue_id);
	default:
		return -EINVAL;
	}
}

/* How a frame's hash was made; 0 if the host does not say. */
static enum xdp_rss_hash_type
netvsc_xdp_hash_type(const struct rndis_rx_frame *frame)
{
	switch (frame->hash_info & NETVSC_XDP_HASH_TYPES) {
	case NDIS_HASH_IPV4:
		return XDP_RSS_TYPE_L3_IPV4;
	case NDIS_HASH_TCP_IPV4:
		return XDP_RSS_TYPE_L4_IPV4_TCP;
	case NDIS_HASH_UDP_IPV4:
		return XDP_RSS_TYPE_L4_IPV4_UDP;
	case NDIS_HASH_IPV6:
		return XDP_RSS_TYPE_L3_IPV6;
	case NDIS_HASH_TCP_IPV6:
		return XDP_RSS_TYPE_L4_IPV6_TCP;
	case NDIS_HASH_UDP_IPV6:
		return XDP_RSS_TYPE_L4_IPV6_UDP;
	default:
		return XDP_RSS_TYPE_NONE;
	}
}

/* For programs: what the host says of the frame that one is run on. */
static int netvsc_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			      enum xdp_rss_hash_type *type)
{
	const struct netvsc_xdp_buff *buff = (const void *)ctx;
	const struct rndis_rx_frame *frame = buff->frame;

	if (!(frame->flags & RNDIS_RX_HAS_HASH_VALUE) ||
	    !(buff->xdp.rxq->dev->features & NETIF_F_RXHASH))
		return -ENODATA;
	*hash = frame->hash_value;
	*type = netvsc_xdp_hash_type(frame);

	return 0;
}

static int netvsc_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol,
				  u16 *tci)
{
	const struct netvsc_xdp_buff *buff = (const void *)ctx;

	if (!(buff->frame->flags & RNDIS_RX_HAS_VLAN))
		return -ENODATA;
	*protocol = htons(ETH_P_8021Q);
	*tci = rndis_vlan_tci(buff->frame->vlan);

	return 0;
}

NVB_XDP_METADATA(netvsc_xdp_metadata, netvsc_xdp_rx_hash,
		 netvsc_xdp_rx_vlan_tag);

/**
 * netvsc_xdp_netdev_init() - say what the interface can do of XDP
 * @dev: the interface
 *
 * Context: Process context, before registration.
 */
void netvsc_xdp_netdev_init(struct net_device *dev)
{
	BUILD_BUG_ON(NETVSC_XDP_LINEAR_MTU < ETH_DATA_LEN);
	BUILD_BUG_ON(offsetof(struct netvsc_xdp_buff, xdp));
	nvb_xdp_set_features(dev);
	NVB_XDP_SET_METADATA(dev, netvsc_xdp_metadata);
}
