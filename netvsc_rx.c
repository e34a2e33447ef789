// SPDX-License-Identifier: GPL-2.0
/*
 * The NAPI poll of a channel, and reception.
 *
 * One poll takes packets from the ring, each copied out of shared memory
 * once: completions of what was sent, control messages, and transfer-page
 * packets, which name slots of the receive buffer. A slot holds one RNDIS
 * message, of which the header is decoded once and the frame copied once. The
 * slots of a packet go back to the host with a receive completion; those of
 * one poll are written together.
 *
 * A packet names up to several hundred slots. What the budget does not cover
 * stays where it is, and the next poll goes on with it; so does a coalesced
 * frame of which only some pieces have been seen.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/overflow.h>
#include <linux/prefetch.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_trace.h"
#include "netvsc_xdp.h"
#include "netvsc_xfer.h"
#include "netvsc_xsk.h"

/* Packets of any kind that one poll takes from the ring. */
#define NETVSC_POLL_PACKETS	512

/* Pieces of coalesced frames that one poll puts together. */
#define NETVSC_POLL_PIECES	1024

/* Packets whose slots go back to the host in the middle of a poll. */
#define NETVSC_OWED_FLUSH	64

/* The part of the ring that is given back to the host in the middle of one. */
#define NETVSC_ROOM_PARTS	8

/* What the host says of checksums that are not those of the whole frame. */
#define NETVSC_CSUM_INVALID	(RNDIS_RX_CSUM_TCP_VALUE_INVALID | \
				 RNDIS_RX_CSUM_IP_VALUE_INVALID)

/* The hash types that take ports in. */
#define NETVSC_HASH_L4		(NDIS_HASH_TCP_IPV4 | NDIS_HASH_TCP_IPV6 | \
				 NDIS_HASH_TCP_IPV6_EX | NDIS_HASH_UDP_IPV4 | \
				 NDIS_HASH_UDP_IPV6 | NDIS_HASH_UDP_IPV6_EX)

/**
 * struct netvsc_rx_batch - one poll, and what it has received
 * @dev: the interface
 * @features: of it
 * @receiving: frames go up the stack
 * @packets: frames that did
 * @bytes: in them
 * @multicast: multicast and broadcast frames of them
 * @coalesced: of them, what the host had coalesced
 * @pieces: that these had come in
 * @xdp: what a program has made of the others
 */
struct netvsc_rx_batch {
	struct net_device *dev;
	netdev_features_t features;
	bool receiving;
	u32 packets;
	u32 bytes;
	u32 multicast;
	u32 coalesced;
	u32 pieces;
	struct netvsc_xdp_batch xdp;
};

/**
 * netvsc_rx_interrupt() - the host has signalled a channel
 * @ctx: struct netvsc_channel
 *
 * Context: Hard interrupt.
 */
void netvsc_rx_interrupt(void *ctx)
{
	struct netvsc_channel *ch = ctx;

	if (napi_schedule_prep(&ch->napi)) {
		nvb_in_mask(&ch->vmbus.in);
		__napi_schedule_irqoff(&ch->napi);
	}
}

/**
 * netvsc_rx_count_drop() - count what is dropped, and tell those who trace it
 * @ch: the channel
 * @offset: of the counter in struct netvsc_queue_stats; netvsc_rx_dropped()
 *	knows it
 *
 * Context: NAPI poll.
 */
noinline void netvsc_rx_count_drop(struct netvsc_channel *ch, u16 offset)
{
	u64_stats_t *counter = (void *)ch->stats + offset;

	u64_stats_update_begin(&ch->stats->rx.sync);
	u64_stats_inc(counter);
	u64_stats_update_end(&ch->stats->rx.sync);
	trace_rx_drop(ch->nv->dev, ch->queue, offset);
}

static u32 netvsc_rx_owed(const struct netvsc_rx *rx)
{
	return rx->owed_tail - rx->owed_head;
}

/**
 * netvsc_rx_hold_expired() - nothing was sent that would have told the host
 * @timer: of a channel
 *
 * Context: Softirq.
 */
void netvsc_rx_hold_expired(struct timer_list *timer)
{
	struct netvsc_channel *ch = container_of(timer, struct netvsc_channel,
						 hold_timer);
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool signal;

	spin_lock(&out->lock);
	signal = nvb_out_publish(out);
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);
}

/* As many receive completions as the ring takes. */
static void netvsc_rx_put_owed(struct netvsc_channel *ch)
{
	const struct nvsp_msg_rndis_packet_complete msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
	};
	struct nvb_ring_out *out = &ch->vmbus.out;
	struct netvsc_rx *rx = &ch->rx;
	void *to;

	lockdep_assert_held(&out->lock);

	while (netvsc_rx_owed(rx)) {
		to = nvb_out_claim(out, NVB_PACKET_COMPLETION, 0,
				   rx->owed[rx->owed_head & rx->owed_mask],
				   0, sizeof(msg));
		if (!to)
			return;
		memcpy(to, &msg, sizeof(msg));
		nvb_out_commit(out);
		rx->owed_head++;
	}
}

/*
 * Returns the slots of what has been delivered. Without room in the ring they
 * stay owed, and the host is asked for a signal when there is.
 *
 * A few are not worth a signal of their own, which costs the guest more than
 * the frames have: a host has many slots, and what is written here is shown to
 * it with the next message.
 */
static void netvsc_rx_flush(struct netvsc_channel *ch)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	struct netvsc_rx *rx = &ch->rx;
	bool signal = false;

	if (!netvsc_rx_owed(rx))
		return;

	spin_lock(&out->lock);
	netvsc_rx_put_owed(ch);
	if (rx->held >= NETVSC_RX_HOLD || netvsc_rx_owed(rx)) {
		signal = nvb_out_publish(out);
		rx->held = 0;
	}
	while (netvsc_rx_owed(rx)) {
		u32 want = nvb_out_bytes(0, NVSP_MSG_BYTES);

		/* Whoever transmits may be waiting for more than this. */
		if (READ_ONCE(ch->ring_wait))
			want = NETVSC_TX_RING_ROOM;
		rx->room_wanted = !nvb_out_want(out, want);
		if (rx->room_wanted)
			break;
		netvsc_rx_put_owed(ch);
		signal |= nvb_out_publish(out);
	}
	if (!netvsc_rx_owed(rx) && rx->room_wanted) {
		rx->room_wanted = false;
		if (!READ_ONCE(ch->ring_wait))
			nvb_out_want(out, 0);
	}
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);

	if (netvsc_rx_owed(rx))
		netvsc_stat_inc(&ch->stats->rx, comp_busy);
}

/* The transport protocol of a frame, 0 if it is not easily told. */
static u8 netvsc_rx_transport(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		if (skb_headlen(skb) < sizeof(struct iphdr))
			return 0;
		return ((const struct iphdr *)skb->data)->protocol;
	case htons(ETH_P_IPV6):
		if (skb_headlen(skb) < sizeof(struct ipv6hdr))
			return 0;
		return ((const struct ipv6hdr *)skb->data)->nexthdr;
	default:
		return 0;
	}
}

/*
 * What the host found out about the frame. Hosts are known to report a good
 * TCP checksum for UDP frames: each bit is believed for its own protocol.
 */
static void netvsc_rx_csum(struct netvsc_channel *ch, struct sk_buff *skb,
			   const struct rndis_rx_frame *frame, u8 transport)
{
	u32 good = 0, bad = 0, csum = frame->csum;

	if (transport == IPPROTO_TCP) {
		/* Coalesced, or with a checksum that is not that of the whole. */
		if (unlikely((frame->packet_flags & RNDIS_PACKET_ID_PIECE) ||
			     (csum & NETVSC_CSUM_INVALID)) &&
		    netvsc_skb_settle(skb, csum))
			return;
		good = RNDIS_RX_CSUM_TCP_OK;
		bad = RNDIS_RX_CSUM_TCP_FAILED;
	} else if (transport == IPPROTO_UDP) {
		good = RNDIS_RX_CSUM_UDP_OK;
		bad = RNDIS_RX_CSUM_UDP_FAILED;
	}

	if (csum & good)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	else if (csum & (bad | RNDIS_RX_CSUM_IP_FAILED))
		netvsc_stat_inc(&ch->stats->rx, csum_bad);
}

/*
 * Hosts are known to call the hash of a UDP flow that of a TCP flow, so the
 * packet says what it is, and the type only whether ports were hashed. Without
 * a type that is certain of TCP alone.
 */
static enum pkt_hash_types
netvsc_rx_hash_type(const struct netvsc *nv, const struct rndis_rx_frame *frame,
		    u8 transport)
{
	if (transport != IPPROTO_TCP && transport != IPPROTO_UDP)
		return PKT_HASH_TYPE_L3;
	if (!(frame->flags & RNDIS_RX_HAS_HASH_INFO))
		return transport == IPPROTO_TCP &&
		       !READ_ONCE(nv->rss.without_ports) ? PKT_HASH_TYPE_L4 :
							   PKT_HASH_TYPE_L3;

	return frame->hash_info & NETVSC_HASH_L4 ? PKT_HASH_TYPE_L4 :
						   PKT_HASH_TYPE_L3;
}

static void netvsc_rx_metadata(struct netvsc_channel *ch, struct sk_buff *skb,
			       const struct rndis_rx_frame *frame,
			       netdev_features_t features)
{
	u8 transport = netvsc_rx_transport(skb);

	if ((frame->flags & RNDIS_RX_HAS_CSUM) && (features & NETIF_F_RXCSUM))
		netvsc_rx_csum(ch, skb, frame, transport);

	if ((frame->flags & RNDIS_RX_HAS_HASH_VALUE) &&
	    (features & NETIF_F_RXHASH))
		skb_set_hash(skb, frame->hash_value,
			     netvsc_rx_hash_type(ch->nv, frame, transport));

	if (frame->flags & RNDIS_RX_HAS_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       rndis_vlan_tci(frame->vlan));
}

/* A complete frame goes up; @frame is what came with its first piece. */
static void netvsc_rx_deliver(struct netvsc_channel *ch, struct sk_buff *skb,
			      const struct rndis_rx_frame *frame,
			      struct netvsc_rx_batch *batch)
{
	batch->packets++;
	batch->bytes += skb->len;
	batch->multicast += is_multicast_ether_addr(skb->data);

	skb->protocol = eth_type_trans(skb, batch->dev);
	skb_record_rx_queue(skb, ch->queue);
	if (frame->flags)
		netvsc_rx_metadata(ch, skb, frame, batch->features);
	napi_gro_receive(&ch->napi, skb);
}

static void netvsc_rx_whole(struct netvsc_channel *ch, const u8 *data,
			    const struct rndis_rx_frame *frame,
			    struct netvsc_rx_batch *batch)
{
	struct sk_buff *skb;

	if (unlikely(frame->data_len < ETH_HLEN)) {
		netvsc_rx_dropped(ch, bad_length);
		return;
	}
	if (unlikely(!batch->receiving)) {
		netvsc_rx_dropped(ch, not_running);
		return;
	}
	if (unlikely(batch->xdp.prog)) {
		skb = netvsc_xdp_receive(ch, data, frame, &batch->xdp);
		if (skb)
			netvsc_rx_deliver(ch, skb, frame, batch);
		return;
	}
	skb = netvsc_skb_copy(ch, data, frame->data_len);
	if (unlikely(!skb)) {
		netvsc_rx_dropped(ch, no_memory);
		return;
	}
	netvsc_rx_deliver(ch, skb, frame, batch);
}

/*
 * The frame of a chain that was not complete. A chain without a frame has lost
 * it before, where it was counted.
 */
static void netvsc_rx_drop_chain(struct netvsc_channel *ch)
{
	if (!ch->rx.seg.skb && !ch->rx.xdp.chain)
		return;

	netvsc_skb_drop(&ch->rx.seg, NVB_DROP_BAD_MESSAGE);
	netvsc_xdp_drop_chain(ch);
	netvsc_rx_dropped(ch, bad_rsc);
}

/* The end of a chain that is not complete. */
static void netvsc_rx_break(struct netvsc_channel *ch)
{
	netvsc_rsc_end(&ch->rx.rsc);
	netvsc_rx_drop_chain(ch);
}

static void netvsc_rx_first_piece(struct netvsc_channel *ch, const u8 *data,
				  const struct rndis_rx_frame *frame,
				  struct netvsc_rx_batch *batch)
{
	struct netvsc_rx_segment *seg = &ch->rx.seg;

	seg->skb = NULL;
	if (frame->data_len < ETH_HLEN) {
		netvsc_rx_dropped(ch, bad_length);
		return;
	}
	if (!batch->receiving) {
		netvsc_rx_dropped(ch, not_running);
		return;
	}
	seg->first = *frame;
	if (batch->xdp.prog)
		netvsc_xdp_first(ch, data, frame->data_len);
	else if (!netvsc_skb_begin(ch, seg, data, frame->data_len, true))
		netvsc_rx_dropped(ch, no_memory);
}

/* Of a frame that a program is to be run on. */
static void netvsc_rx_next_xdp(struct netvsc_channel *ch, const u8 *data,
			       u32 len, bool last,
			       struct netvsc_rx_batch *batch)
{
	const struct rndis_rx_frame *first = &ch->rx.seg.first;
	struct sk_buff *skb;

	netvsc_xdp_next(ch, data, len, !last);
	if (!last || !ch->rx.xdp.chain)
		return;

	batch->coalesced++;
	skb = netvsc_xdp_last(ch, first, &batch->xdp);
	if (skb)
		netvsc_rx_deliver(ch, skb, first, batch);
}

static void netvsc_rx_next_piece(struct netvsc_channel *ch, const u8 *data,
				 const struct rndis_rx_frame *frame, bool last,
				 struct netvsc_rx_batch *batch)
{
	struct netvsc_rx_segment *seg = &ch->rx.seg;

	if (ch->rx.xdp.chain)
		return netvsc_rx_next_xdp(ch, data, frame->data_len, last,
					  batch);
	if (!seg->skb)
		return;
	if (!netvsc_skb_append(ch, seg, data, frame->data_len, !last)) {
		netvsc_skb_drop(seg, NVB_DROP_NO_MEMORY);
		netvsc_rx_dropped(ch, no_memory);
		return;
	}
	if (!last)
		return;

	batch->coalesced++;
	netvsc_rx_deliver(ch, seg->skb, &seg->first, batch);
	seg->skb = NULL;
}

/* A frame while a chain is open, or a piece of one; returns frames handled. */
static int netvsc_rx_piece(struct netvsc_channel *ch, const u8 *data,
			   const struct rndis_rx_frame *frame,
			   struct netvsc_rx_batch *batch)
{
	enum netvsc_rsc_step step;
	bool broken;

	if (unlikely(!ch->nv->rsc_offered)) {
		netvsc_rx_dropped(ch, piece);
		return 1;
	}

	step = netvsc_rsc_step(&ch->rx.rsc, frame, &broken);
	/* What has broken the chain off may be the beginning of another. */
	if (unlikely(broken))
		netvsc_rx_drop_chain(ch);
	batch->pieces++;
	switch (step) {
	case NETVSC_RSC_WHOLE:
		netvsc_rx_whole(ch, data, frame, batch);
		return 1;
	case NETVSC_RSC_BEGIN:
		netvsc_rx_first_piece(ch, data, frame, batch);
		return 0;
	case NETVSC_RSC_MORE:
		netvsc_rx_next_piece(ch, data, frame, false, batch);
		return 0;
	case NETVSC_RSC_LAST:
		netvsc_rx_next_piece(ch, data, frame, true, batch);
		return 1;
	default:
		netvsc_rx_dropped(ch, bad_rsc);
		return 1;
	}
}

/* What is in a slot that holds no frame. */
static void netvsc_rx_no_frame(struct netvsc_channel *ch, const u8 *message,
			       u32 len, int err)
{
	if (ch->rx.rsc.pieces)
		netvsc_rx_break(ch);
	/* Hosts keep few slots for control messages. */
	ch->rx.held += NETVSC_RX_HOLD;
	if (err == -ENOMSG &&
	    !rndis_filter_receive(&ch->nv->rndis, message, len))
		return;

	netvsc_rx_dropped(ch, bad_rndis);
	if (err == -ENOMSG && net_ratelimit())
		netdev_warn(ch->nv->netdev, "dropped an RNDIS message that nobody waits for\n");
}

/* One slot: a data message, or a control message. Returns frames handled. */
static int netvsc_rx_message(struct netvsc_channel *ch, const u8 *message,
			     u32 len, struct netvsc_rx_batch *batch)
{
	struct netvsc_rx *rx = &ch->rx;
	struct rndis_rx_frame frame;
	const u8 *data;
	int err;

	err = rndis_rx_decode(message, len, &frame);
	if (unlikely(err)) {
		netvsc_rx_no_frame(ch, message, len, err);
		return 1;
	}
	trace_rndis_recv(ch->nv->dev, ch->queue, 0, RNDIS_MSG_PACKET, len);
	data = message + frame.data_offset;
	if ((frame.packet_flags & RNDIS_PACKET_ID_PIECE) || rx->rsc.pieces)
		return netvsc_rx_piece(ch, data, &frame, batch);

	netvsc_rx_whole(ch, data, &frame, batch);
	return 1;
}

/* Where a range is, or NULL for one that is not in a slot. */
static const u8 *netvsc_rx_range(const struct netvsc_channel *ch,
				 const struct nvb_xfer_range *range, u32 *len)
{
	u32 offset;

	if (!netvsc_xfer_range(range, ch->recv_slot, ch->recv_bytes, &offset,
			       len))
		return NULL;

	return ch->recv_base + offset;
}

/* The current packet has been delivered: its slots are owed to the host. */
static void netvsc_rx_end(struct netvsc_channel *ch)
{
	struct netvsc_rx *rx = &ch->rx;

	/* The pieces of a frame are all in one packet. */
	if (unlikely(rx->rsc.pieces))
		netvsc_rx_break(ch);
	rx->num_ranges = 0;
	rx->owed[rx->owed_tail++ & rx->owed_mask] = rx->pkt.trans_id;
}

/*
 * Delivers the ranges of the current packet, as many as the budget covers.
 * When all are, the packet is owed to the host.
 */
static int netvsc_rx_ranges(struct netvsc_channel *ch, int budget,
			    struct netvsc_rx_batch *batch)
{
	const struct nvb_xfer_range *range = ch->rx.pkt.ext +
					     sizeof(struct nvb_xfer_hdr);
	struct netvsc_rx *rx = &ch->rx;
	const u8 *message, *next;
	u32 len, next_len;
	int work = 0;

	range += rx->next_range;
	next = netvsc_rx_range(ch, range, &next_len);
	while (work < budget && batch->pieces < NETVSC_POLL_PIECES) {
		message = next;
		len = next_len;
		rx->next_range++;
		rx->held++;
		if (rx->next_range < rx->num_ranges) {
			next = netvsc_rx_range(ch, ++range, &next_len);
			if (likely(next))
				prefetch(next);
		}

		if (likely(message)) {
			work += netvsc_rx_message(ch, message, len, batch);
		} else {
			work++;
			if (rx->rsc.pieces)
				netvsc_rx_break(ch);
			netvsc_rx_dropped(ch, bad_range);
		}
		if (rx->next_range == rx->num_ranges) {
			netvsc_rx_end(ch);
			break;
		}
	}

	return work;
}

/* Makes a transfer-page packet the current one if it is what it should be. */
static bool netvsc_rx_begin(struct netvsc_channel *ch)
{
	u32 ranges = netvsc_xfer_count(&ch->rx.pkt);

	/* Pairs with the release in netvsc_channel_set_recv(). */
	if (!ranges || !smp_load_acquire(&ch->recv_base))
		return false;

	ch->rx.next_range = 0;
	ch->rx.num_ranges = ranges;

	return true;
}

static int netvsc_poll_completion(struct netvsc_channel *ch, int budget,
				  struct netvsc_tx_batch *done)
{
	const struct nvb_packet *pkt = &ch->rx.pkt;

	switch (FIELD_GET(NVSP_XID_KIND, pkt->trans_id)) {
	case NVSP_XID_FRAME:
		return netvsc_tx_complete(ch, pkt, budget, done);
	case NVSP_XID_REQUEST:
		if (ch->index)
			return -EPROTO;
		return nvsp_receive_completion(&ch->nv->nvsp, pkt);
	case NVSP_XID_RNDIS:
		if (ch->index)
			return -EPROTO;
		return rndis_filter_receive_completion(&ch->nv->rndis, pkt);
	default:
		return -EPROTO;
	}
}

static void netvsc_poll_trace(const struct netvsc_channel *ch)
{
	const struct nvb_packet *pkt = &ch->rx.pkt;
	const struct nvsp_msg_hdr *hdr = pkt->payload;

	if (trace_nvsp_recv_enabled() && pkt->payload_len >= sizeof(*hdr))
		trace_nvsp_recv(ch->nv->dev, ch->queue, le32_to_cpu(hdr->type),
				pkt->payload_len, pkt->trans_id);
}

/* Handles @ch->rx.pkt, unless it becomes the packet that is delivered. */
static void netvsc_poll_packet(struct netvsc_channel *ch, int budget,
			       struct netvsc_tx_batch *done)
{
	const struct nvb_packet *pkt = &ch->rx.pkt;

	netvsc_poll_trace(ch);
	switch (pkt->type) {
	case NVB_PACKET_COMPLETION:
		if (likely(!netvsc_poll_completion(ch, budget, done)))
			return;
		netvsc_stat_inc(&ch->stats->done, bad_completion);
		break;
	case NVB_PACKET_XFER_PAGES:
		if (likely(netvsc_rx_begin(ch)))
			return;
		netvsc_rx_dropped(ch, bad_packet);
		break;
	case NVB_PACKET_INBAND:
		if (!ch->index && !nvsp_receive_inband(&ch->nv->nvsp, pkt))
			return;
		netvsc_rx_dropped(ch, bad_packet);
		break;
	default:
		netvsc_rx_dropped(ch, bad_packet);
		break;
	}
	trace_bad_packet(ch->nv->dev, ch->index, pkt->type, pkt->trans_id);
	if (net_ratelimit())
		netdev_warn(ch->nv->netdev, "channel %u: dropped a VMBus packet of type %u, transaction %#llx\n",
			    ch->index, pkt->type, pkt->trans_id);
}

/*
 * Twice the place for what is owed. The host may have as many packets out as
 * it has slots, and be unable to read our completions until we read on.
 */
static bool netvsc_rx_grow_owed(struct netvsc_rx *rx)
{
	u32 i, used = netvsc_rx_owed(rx), size = 2 * (rx->owed_mask + 1);
	u64 *owed;

	if (size > rx->owed_max)
		return false;
	owed = kmalloc_array(size, sizeof(*owed), GFP_ATOMIC | __GFP_NOWARN);
	if (!owed)
		return false;

	for (i = 0; i < used; i++)
		owed[i] = rx->owed[(rx->owed_head + i) & rx->owed_mask];
	kfree(rx->owed);
	rx->owed = owed;
	rx->owed_mask = size - 1;
	rx->owed_tail = used;
	/* netvsc_channel_read() may be looking on. */
	WRITE_ONCE(rx->owed_head, 0);

	return true;
}

/*
 * There is no place to remember that more slots are owed: the host waits,
 * until it makes room in its ring.
 */
static bool netvsc_rx_blocked(struct netvsc_rx *rx)
{
	return unlikely(netvsc_rx_owed(rx) > rx->owed_mask) &&
	       !netvsc_rx_grow_owed(rx);
}

/*
 * More packets that are skipped than a ring holds would mean that the host moves
 * its index as fast as we read: then another poll goes on, in its turn.
 */
static bool netvsc_poll_next(struct netvsc_channel *ch)
{
	unsigned int tries = NETVSC_POLL_PACKETS;
	struct netvsc_rx *rx = &ch->rx;
	int ret;

	if (netvsc_rx_blocked(rx))
		return false;

	do {
		ret = nvb_in_next(&ch->vmbus.in, &rx->pkt);
		if (ret == -EMSGSIZE)
			netvsc_rx_dropped(ch, bad_packet);
	} while (ret == -EMSGSIZE && --tries);

	if (unlikely(ret < 0) && ret != -EMSGSIZE && !rx->broken) {
		rx->broken = true;
		netvsc_rx_dropped(ch, ring_broken);
		netdev_err(ch->nv->netdev, "channel %u: the ring from the host is corrupt\n",
			   ch->index);
	}

	return ret > 0;
}

static void netvsc_rx_count(struct netvsc_channel *ch,
			    const struct netvsc_rx_batch *batch)
{
	struct netvsc_rx_stats *stats = &ch->stats->rx;

	if (unlikely(batch->xdp.prog))
		netvsc_xdp_finish(ch, &batch->xdp);
	if (!batch->packets && !batch->coalesced)
		return;
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->packets, batch->packets);
	u64_stats_add(&stats->bytes, batch->bytes);
	u64_stats_add(&stats->multicast, batch->multicast);
	u64_stats_add(&stats->coalesced, batch->coalesced);
	u64_stats_update_end(&stats->sync);
}

static void netvsc_poll_publish(struct netvsc_channel *ch)
{
	if (nvb_in_publish(&ch->vmbus.in))
		nvb_channel_signal(&ch->vmbus);
}

/*
 * netpoll, in any interrupt context: reaps completions of frames, which needs
 * no lock, as far as the first packet that is anything else. That one waits
 * for the next real poll, for which the interrupt has asked.
 */
static void netvsc_poll_reap(struct netvsc_channel *ch)
{
	struct netvsc_tx_batch done = {};
	struct netvsc_rx *rx = &ch->rx;
	unsigned int packets = 0;

	while (!rx->num_ranges && !rx->parked &&
	       packets++ < NETVSC_POLL_PACKETS && netvsc_poll_next(ch)) {
		if (rx->pkt.type != NVB_PACKET_COMPLETION ||
		    FIELD_GET(NVSP_XID_KIND, rx->pkt.trans_id) !=
		    NVSP_XID_FRAME || netvsc_tx_is_xdp(ch, &rx->pkt)) {
			rx->parked = true;
			break;
		}
		netvsc_poll_trace(ch);
		if (netvsc_tx_complete(ch, &rx->pkt, 0, &done)) {
			netvsc_stat_inc(&ch->stats->done, bad_completion);
			trace_bad_packet(ch->nv->dev, ch->index,
					 rx->pkt.type, rx->pkt.trans_id);
		}
	}
	netvsc_poll_publish(ch);
	netvsc_tx_finish(ch, &done, 0);
}

/* Returns the frames received; *again if there is more to do. */
static int netvsc_poll_ring(struct netvsc_channel *ch, int budget, bool *again)
{
	struct netvsc *nv = ch->nv;
	struct netvsc_rx_batch received = {
		.dev = nv->netdev,
		.features = nv->netdev->features,
		.receiving = READ_ONCE(nv->receiving),
		.xdp.prog = rcu_dereference_bh(nv->xdp_prog),
		.xdp.xsk = rcu_dereference_bh(ch->xsk),
	};
	u32 enough = ch->vmbus.in.size / NETVSC_ROOM_PARTS;
	struct netvsc_tx_batch done = {};
	struct netvsc_rx *rx = &ch->rx;
	int work = 0, packets = 0;

	*again = true;
	while (work < budget && packets < NETVSC_POLL_PACKETS &&
	       received.pieces < NETVSC_POLL_PIECES) {
		if (rx->num_ranges) {
			work += netvsc_rx_ranges(ch, budget - work, &received);
			if (netvsc_rx_owed(rx) >= NETVSC_OWED_FLUSH)
				netvsc_rx_flush(ch);
			continue;
		}
		if (rx->parked) {
			rx->parked = false;
		} else if (!netvsc_poll_next(ch)) {
			*again = false;
			break;
		}
		packets++;
		netvsc_poll_packet(ch, budget, &done);
		if (nvb_in_consumed(&ch->vmbus.in) >= enough)
			netvsc_poll_publish(ch);
	}

	/* Room first: the host reads our completions when it has some. */
	netvsc_poll_publish(ch);
	netvsc_rx_flush(ch);
	netvsc_rx_count(ch, &received);
	netvsc_tx_finish(ch, &done, budget);
	if (received.xdp.xsk)
		*again |= netvsc_xsk_transmit(ch, received.xdp.xsk);

	return work;
}

/*
 * What the stack has sent because of this poll, and what the host is still to
 * be told of its receive slots. NAPI may be done, and another poll begun: what
 * belongs to a poll is not touched here.
 */
static void netvsc_poll_end(struct netvsc_channel *ch, bool held)
{
	WRITE_ONCE(ch->poll_cpu, -1);
	if (READ_ONCE(ch->unposted) && !READ_ONCE(ch->ring_wait))
		netvsc_tx_post_late(ch);
	if (held && nvb_out_pending(&ch->vmbus.out) &&
	    !timer_pending(&ch->hold_timer))
		mod_timer(&ch->hold_timer, jiffies + 1);
}

/**
 * netvsc_poll() - the NAPI poll of a channel
 * @napi: the channel's
 * @budget: frames to receive at most; 0 for netpoll, which receives none
 *
 * Context: NAPI.
 * Return: frames received; less than @budget when everything is done.
 */
int netvsc_poll(struct napi_struct *napi, int budget)
{
	struct netvsc_channel *ch = container_of(napi, struct netvsc_channel,
						 napi);
	bool again, blocked, done, held;
	int work;

	if (!budget) {
		netvsc_poll_reap(ch);
		return 0;
	}

	WRITE_ONCE(ch->poll_cpu, smp_processor_id());
	/* By now the host may have been told together with something else. */
	if (!nvb_out_pending(&ch->vmbus.out))
		ch->rx.held = 0;
	work = netvsc_poll_ring(ch, budget, &again);
	held = ch->rx.held;
	if (again || work == budget) {
		netvsc_poll_end(ch, held);
		return budget;
	}

	blocked = netvsc_rx_blocked(&ch->rx);
	done = napi_complete_done(napi, work);
	netvsc_poll_end(ch, held);
	/* What came since the last look has signalled nothing. */
	if (done && nvb_in_unmask(&ch->vmbus.in) && !blocked &&
	    napi_schedule_prep(napi)) {
		nvb_in_mask(&ch->vmbus.in);
		__napi_schedule(napi);
	}

	return work;
}

/**
 * netvsc_rx_reset() - forget what a channel has received and not delivered
 * @ch: a channel that nobody polls
 *
 * Context: Process context.
 */
void netvsc_rx_reset(struct netvsc_channel *ch)
{
	struct netvsc_rx *rx = &ch->rx;

	netvsc_rsc_end(&rx->rsc);
	netvsc_skb_drop(&rx->seg, NVB_DROP_NOT_READY);
	netvsc_xdp_drop_chain(ch);
	rx->num_ranges = 0;
	rx->parked = false;
	rx->broken = false;
	rx->room_wanted = false;
	rx->held = 0;
	rx->owed_head = 0;
	rx->owed_tail = 0;
}
