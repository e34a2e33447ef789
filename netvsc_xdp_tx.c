// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit, without an sk_buff: frames that an XDP program sends back, or that
 * one has redirected to the interface.
 *
 * They share slots, sections and the open message with the stack's frames, and
 * so the lock of the transmit queue. That costs a frame some ten instructions;
 * queues of their own would need channels of their own, which the host counts,
 * or a second lock around the ring. Who redirects is spread over the queues by
 * processor, so that the lock is not fought for.
 *
 * A frame is copied into a section and returned at once. Only one that is too
 * long for that, or that finds no section, is listed, and kept until the host
 * has finished with it. BQL does not count either: nobody would wait for it.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_trace.h"
#include "netvsc_tx.h"
#include "netvsc_xdp.h"
#include "netvsc_xdp_tx.h"

static void netvsc_xdp_add_frags(struct netvsc_xdp_bits *bits,
				 const struct skb_shared_info *info)
{
	u32 i;

	bits->frags = info->frags;
	bits->num_frags = info->nr_frags;
	for (i = 0; i < bits->num_frags; i++)
		bits->len += skb_frag_size(&info->frags[i]);
}

static void netvsc_xdp_bits_of_buff(struct netvsc_xdp_bits *bits,
				    struct xdp_buff *xdp)
{
	netvsc_xdp_bits_of_data(bits, xdp->data, xdp->data_end - xdp->data);
	if (unlikely(xdp_buff_has_frags(xdp)))
		netvsc_xdp_add_frags(bits, xdp_get_shared_info_from_buff(xdp));
}

static void netvsc_xdp_bits_of_frame(struct netvsc_xdp_bits *bits,
				     struct xdp_frame *xdpf)
{
	netvsc_xdp_bits_of_data(bits, xdpf->data, xdpf->len);
	bits->xdpf = xdpf;
	if (unlikely(xdp_frame_has_frags(xdpf)))
		netvsc_xdp_add_frags(bits,
				     xdp_get_shared_info_from_frame(xdpf));
}

/* A host expects a tag beside the frame, not in it. */
static void netvsc_xdp_plan_vlan(const struct netvsc_xdp_bits *bits,
				 struct netvsc_tx_plan *plan)
{
	const struct vlan_ethhdr *eth = (const void *)bits->data;

	if (likely(eth->h_vlan_proto != htons(ETH_P_8021Q)) ||
	    plan->meta.has_vlan || bits->head < VLAN_ETH_HLEN)
		return;
	plan->meta.has_vlan = true;
	plan->meta.vlan = rndis_vlan_word(ntohs(eth->h_vlan_TCI));
	plan->head_len = 2 * ETH_ALEN;
	plan->rest = plan->head_len + VLAN_HLEN;
}

/**
 * netvsc_xdp_plan() - find out everything about a frame but for pages
 * @ch: the channel
 * @bits: the frame
 * @frame: what it came with, whose tag goes with it; NULL: a frame of our own
 * @plan: set
 *
 * Context: Any.
 * Return: 0 or -EMSGSIZE: no frame of this length can be sent.
 */
int netvsc_xdp_plan(const struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    const struct rndis_rx_frame *frame,
		    struct netvsc_tx_plan *plan)
{
	if (unlikely(bits->head < ETH_HLEN ||
		     bits->len > READ_ONCE(ch->nv->netdev->mtu) +
				 VLAN_ETH_HLEN))
		return -EMSGSIZE;

	plan->meta.has_csum = false;
	plan->meta.has_lso = false;
	plan->meta.has_hash = false;
	plan->meta.has_vlan = frame && (frame->flags & RNDIS_RX_HAS_VLAN);
	if (plan->meta.has_vlan)
		plan->meta.vlan = frame->vlan;
	plan->head_len = 0;
	plan->rest = 0;
	plan->copy = 0;
	plan->packets = 1;
	netvsc_xdp_plan_vlan(bits, plan);
	plan->meta.data_len = plan->head_len + bits->len - plan->rest;
	plan->header_len = rndis_tx_header_len(&plan->meta);

	return 0;
}

static u8 *netvsc_xdp_put(u8 *to, const void *from, u32 len)
{
	memcpy(to, from, len);
	return to + len;
}

/* RNDIS header, and what of the frame has to stand right behind it. */
static u8 *netvsc_xdp_put_front(const struct netvsc_xdp_bits *bits,
				const struct netvsc_tx_plan *plan, u8 *to)
{
	to += rndis_tx_encode(to, &plan->meta);
	if (unlikely(plan->head_len))
		to = netvsc_xdp_put(to, bits->data, plan->head_len);

	return to;
}

/**
 * netvsc_xdp_copy() - send a frame by copying it into the open message
 * @ch: the channel
 * @bits: the frame
 * @plan: of netvsc_xdp_plan()
 *
 * Context: Under the lock of the transmit queue.
 * Return: 0; NETVSC_TX_WAIT; -ENOSPC without a section, or one so long.
 */
int netvsc_xdp_copy(struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    const struct netvsc_tx_plan *plan)
{
	u8 *start, *to;
	u32 i, at;
	int err;

	if (unlikely(netvsc_tx_plan_bytes(plan) > ch->section_bytes))
		return -ENOSPC;
	err = netvsc_tx_place(ch, plan, &at);
	if (unlikely(err))
		return err;

	start = ch->msg.start + at;
	to = netvsc_xdp_put_front(bits, plan, start);
	to = netvsc_xdp_put(to, bits->data + plan->rest,
			    bits->head - plan->rest);
	for (i = 0; i < bits->num_frags; i++)
		to = netvsc_xdp_put(to, skb_frag_address(&bits->frags[i]),
				    skb_frag_size(&bits->frags[i]));
	netvsc_tx_placed(ch, plan, at, to - start);
	if (ch->msg.frames == 1)
		netvsc_tx_stop_without_slot(ch);

	return 0;
}

static u32 netvsc_xdp_pages(const void *data, u32 len)
{
	return DIV_ROUND_UP(offset_in_page(data) % NETVSC_HV_PAGE_BYTES + len,
			    NETVSC_HV_PAGE_BYTES);
}

/* What listing the frame takes, with the header in front of it. */
static int netvsc_xdp_plan_list(const struct netvsc_xdp_bits *bits,
				struct netvsc_tx_plan *plan)
{
	u32 i;

	plan->ranges = 2 + bits->num_frags;
	plan->pages = 1 + netvsc_xdp_pages(bits->data + plan->rest,
					   bits->head - plan->rest);
	for (i = 0; i < bits->num_frags; i++) {
		const skb_frag_t *frag = &bits->frags[i];

		plan->pages += netvsc_xdp_pages(skb_frag_address(frag),
						skb_frag_size(frag));
	}

	return plan->ranges > NETVSC_TX_MAX_RANGES ||
	       plan->pages > NETVSC_TX_MAX_PAGES ? -EMSGSIZE : 0;
}

static void *netvsc_xdp_put_range(void *to, const void *data, u32 len)
{
	return netvsc_tx_put_range(to, virt_to_phys((void *)data), len);
}

/* What is in one piece. Where sockets have it, it has no linear address. */
static void *netvsc_xdp_put_head(const struct netvsc_xdp_bits *bits, u32 from,
				 void *to)
{
	if (bits->owner == NETVSC_TX_XSK)
		return netvsc_tx_put_range(to, bits->phys + from,
					   bits->head - from);

	return netvsc_xdp_put_range(to, bits->data + from, bits->head - from);
}

/* Writes the ring message for which room has been claimed at @to. */
static void netvsc_xdp_put_pages(const struct netvsc_xdp_bits *bits,
				 const struct netvsc_tx_plan *plan,
				 const u8 *header, u32 header_bytes, void *to)
{
	struct nvb_gpa_hdr *hdr = to;
	void *range = hdr + 1;
	u32 i;

	hdr->reserved = 0;
	hdr->range_count = cpu_to_le32(plan->ranges);
	range = netvsc_xdp_put_range(range, header, header_bytes);
	range = netvsc_xdp_put_head(bits, plan->rest, range);
	for (i = 0; i < bits->num_frags; i++) {
		const skb_frag_t *frag = &bits->frags[i];

		range = netvsc_xdp_put_range(range, skb_frag_address(frag),
					     skb_frag_size(frag));
	}
}

static void netvsc_xdp_fill_slot(struct netvsc_tx_slot *slot,
				 const struct netvsc_xdp_bits *bits,
				 const struct netvsc_tx_plan *plan)
{
	slot->kind = bits->owner;
	if (bits->owner == NETVSC_TX_XSK)
		slot->xsk = bits->number;
	else
		slot->xdpf = bits->xdpf;
	slot->bytes = 0;
	slot->packets = 1;
	slot->wire_bytes = netvsc_tx_wire_bytes(plan);
	slot->section = NETVSC_NO_SECTION;
	slot->frames = 1;
}

/* Puts a message of one frame into the ring; false without room. */
static bool netvsc_xdp_post_pages(struct netvsc_channel *ch,
				  const struct netvsc_xdp_bits *bits,
				  const struct netvsc_tx_plan *plan,
				  bool *signal)
{
	u32 ext_len = netvsc_tx_ext_len(plan->ranges, plan->pages);
	u16 index = netvsc_tx_next_slot(ch);
	struct netvsc_tx_slot *slot = &ch->slot[index];
	u64 xid = nvsp_xid(NVSP_XID_FRAME, slot->generation, index);
	u8 *header = netvsc_tx_header(ch, index);
	u32 bytes;
	void *to;

	to = netvsc_tx_claim(ch, NVB_PACKET_GPA_DIRECT, xid, ext_len, signal);
	if (unlikely(!to))
		return false;

	bytes = netvsc_xdp_put_front(bits, plan, header) - header;
	netvsc_xdp_put_pages(bits, plan, header, bytes, to);
	netvsc_tx_put_nvsp(to + ext_len, NETVSC_NO_SECTION, 0);
	netvsc_xdp_fill_slot(slot, bits, plan);
	trace_nvsp_send_pkt(ch->nv->dev, ch->queue, NVSP_CHANNEL_DATA,
			    NVSP_SECTION_NONE, 0, bytes + bits->len, xid);
	WRITE_ONCE(ch->slot_head, ch->slot_head + 1);
	/* Pairs with the acquire in netvsc_tx_complete(). */
	smp_store_release(&slot->live, true);
	nvb_out_commit(&ch->vmbus.out);

	return true;
}

/**
 * netvsc_xdp_list() - send a frame by a message that lists where it is
 * @ch: the channel
 * @bits: the frame
 * @plan: of netvsc_xdp_plan(); completed
 *
 * Context: Under the lock of the transmit queue.
 * Return: 0: the frame is kept until the host has finished with it;
 * NETVSC_TX_WAIT; -EMSGSIZE: it is in too many pieces.
 */
int netvsc_xdp_list(struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    struct netvsc_tx_plan *plan)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool sent, signal = false;
	int err;

	/* In isolated guests the host does not see where the frame is. */
	if (unlikely(ch->bounce))
		return NETVSC_TX_WAIT;
	err = netvsc_xdp_plan_list(bits, plan);
	if (unlikely(err))
		return err;
	netvsc_tx_post(ch, false);
	if (unlikely(ch->msg.frames || !netvsc_tx_slots_free(ch)))
		return NETVSC_TX_WAIT;

	spin_lock(&out->lock);
	sent = netvsc_xdp_post_pages(ch, bits, plan, &signal);
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);
	if (!sent)
		return NETVSC_TX_WAIT;
	netvsc_tx_stop_without_slot(ch);

	return 0;
}

/**
 * netvsc_xdp_may_send() - whether the queue takes a frame without an sk_buff
 * @ch: the channel
 *
 * A queue is stopped when it has no slot, when it waits for the ring, and when
 * the interface is. BQL, which knows nothing of these frames, does not count.
 * Its watchdog, which does not either, must not take it for stuck.
 *
 * Context: Under the lock of the transmit queue.
 * Return: true if it does.
 */
bool netvsc_xdp_may_send(struct netvsc_channel *ch)
{
	struct netdev_queue *txq = ch->txq;
	unsigned long now = jiffies;

	if (time_after(now, READ_ONCE(txq->trans_start)))
		WRITE_ONCE(txq->trans_start, now);

	return !netif_tx_queue_stopped(txq) && netvsc_tx_slots_free(ch);
}

/* Whether a frame is short enough to be worth a copy. */
static bool netvsc_xdp_is_short(const struct netvsc_channel *ch,
				const struct netvsc_xdp_bits *bits)
{
	return likely(bits->len <= READ_ONCE(ch->nv->tx_copybreak));
}

/*
 * A frame in the memory of a socket is always copied: what could be kept until
 * the host is done would be a copy as well.
 */
static int netvsc_xdp_send_buff(struct netvsc_channel *ch, struct xdp_buff *xdp,
				const struct rndis_rx_frame *frame)
{
	bool user = xdp->rxq->mem.type == MEM_TYPE_XSK_BUFF_POOL;
	struct netvsc_xdp_bits bits;
	struct netvsc_tx_plan plan;
	int err;

	if (unlikely(!netvsc_xdp_may_send(ch)))
		return NETVSC_TX_WAIT;
	netvsc_xdp_bits_of_buff(&bits, xdp);
	err = netvsc_xdp_plan(ch, &bits, frame, &plan);
	if (unlikely(err))
		return err;
	err = -ENOSPC;
	if (netvsc_xdp_is_short(ch, &bits) || user)
		err = netvsc_xdp_copy(ch, &bits, &plan);
	if (likely(err != -ENOSPC) || user)
		return err;

	bits.xdpf = xdp_convert_buff_to_frame(xdp);
	if (!bits.xdpf)
		return -ENOSPC;

	return netvsc_xdp_list(ch, &bits, &plan) ?: 1;
}

/**
 * netvsc_xdp_send_back() - send a received frame back where it came from
 * @ch: the channel
 * @xdp: the frame
 * @frame: what came with it: its VLAN tag goes with it again
 *
 * The message is posted at the end of the poll at the latest.
 *
 * Context: NAPI poll.
 * Return: 0: it has been copied; 1: it is kept until the host has finished with
 * it; a negative errno: it has not been sent.
 */
int netvsc_xdp_send_back(struct netvsc_channel *ch, struct xdp_buff *xdp,
			 const struct rndis_rx_frame *frame)
{
	int ret;

	__netif_tx_lock(ch->txq, smp_processor_id());
	ret = netvsc_xdp_send_buff(ch, xdp, frame);
	if (likely(ret >= 0) && !READ_ONCE(ch->unposted))
		WRITE_ONCE(ch->unposted, true);
	__netif_tx_unlock(ch->txq);

	return ret;
}

static int netvsc_xdp_send_frame(struct netvsc_channel *ch,
				 struct xdp_frame *xdpf,
				 struct xdp_frame_bulk *done)
{
	struct netvsc_xdp_bits bits;
	struct netvsc_tx_plan plan;
	int err;

	netvsc_xdp_bits_of_frame(&bits, xdpf);
	err = netvsc_xdp_plan(ch, &bits, NULL, &plan);
	if (unlikely(err))
		return err;
	err = -ENOSPC;
	if (netvsc_xdp_is_short(ch, &bits))
		err = netvsc_xdp_copy(ch, &bits, &plan);
	if (likely(!err))
		xdp_return_frame_bulk(xdpf, done);
	if (likely(err != -ENOSPC))
		return err;

	return netvsc_xdp_list(ch, &bits, &plan);
}

/* As many frames as can be sent, in their order. */
static int netvsc_xdp_send_frames(struct netvsc_channel *ch, int n,
				  struct xdp_frame **frames)
{
	struct xdp_frame_bulk done;
	int i;

	xdp_frame_bulk_init(&done);
	rcu_read_lock();
	for (i = 0; i < n && netvsc_xdp_may_send(ch); i++) {
		if (netvsc_xdp_send_frame(ch, frames[i], &done))
			break;
	}
	xdp_flush_frame_bulk(&done);
	rcu_read_unlock();
	netvsc_stat_add(&ch->stats->xmit, xdp_xmit, i);
	if (unlikely(i < n))
		netvsc_stat_add(&ch->stats->xmit, xdp_refused, n - i);

	return i;
}

/* Whether they went by the VF; what became of them is in *@sent. */
static bool netvsc_xdp_xmit_vf(struct netvsc *nv, int n,
			       struct xdp_frame **frames, u32 flags, int *sent)
{
	struct net_device *via;
	int ret = -EOPNOTSUPP;

	rcu_read_lock();
	via = netvsc_vf_path(&nv->vf);
	if (via)
		ret = netvsc_vf_xdp_xmit(nv, via, n, frames, flags);
	rcu_read_unlock();
	if (ret == -EOPNOTSUPP)
		return false;
	*sent = ret;

	return true;
}

/**
 * netvsc_xdp_xmit() - transmit frames that have been redirected here
 * @dev: the interface
 * @n: how many
 * @frames: the frames
 * @flags: XDP_XMIT_FLUSH: no others follow at once
 *
 * Whoever redirects flushes in the end, on the same processor, so that a
 * message without that flag may stay open.
 *
 * Context: Softirq.
 * Return: frames sent, the first ones; or a negative errno, if none was.
 */
int netvsc_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		    u32 flags)
{
	struct netvsc *nv = netdev_priv(dev);
	int cpu = smp_processor_id(), sent = -ENETDOWN;
	u32 queue = cpu % READ_ONCE(dev->real_num_tx_queues);
	struct netdev_queue *txq = netdev_get_tx_queue(dev, queue);
	struct netvsc_channel *ch;
	bool flush = flags & XDP_XMIT_FLUSH;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (rcu_access_pointer(nv->vf.path)) {
		if (netvsc_xdp_xmit_vf(nv, n, frames, flags, &sent))
			return sent;
		/* What follows may go the other way. */
		flush = true;
	}

	__netif_tx_lock(txq, cpu);
	/* Who stops the transmit path takes the lock after clearing this. */
	ch = READ_ONCE(nv->queue[queue]);
	if (likely(ch)) {
		sent = netvsc_xdp_send_frames(ch, n, frames);
		if (flush || sent < n)
			netvsc_tx_post(ch, true);
	}
	__netif_tx_unlock(txq);
	if (likely(sent >= 0))
		nvb_xdp_unsent(frames, sent, n);

	return sent;
}
