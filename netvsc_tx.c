// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: frames to RNDIS messages to the ring.
 *
 * A frame goes one of three ways:
 *
 *	copied		RNDIS header and frame into a section of the send
 *			buffer; the ring message names the section
 *	listed		RNDIS header into the slot's own memory, its page first
 *			in a list of ranges, the pages of the frame after it
 *	head copied	header and first part of the frame into a section, the
 *			pages of the rest listed: for frames in too many pieces
 *
 * The RNDIS header with all per-packet information lies in one 4 KiB page and
 * in the first range in each case; hosts insist on it.
 *
 * A frame is never written to: it may be shared with whoever sends it again.
 * Headers that a host wants changed are changed in the copy that it gets.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_trace.h"

/* Where an in-band 802.1Q tag stands. */
#define NETVSC_VLAN_OFFSET	(2 * ETH_ALEN)

/**
 * struct netvsc_tx_plan - how a frame becomes a message
 * @meta: what the RNDIS header says
 * @header_len: bytes of the RNDIS header
 * @head_len: bytes from the start of the frame that are copied behind it, and
 *	may be changed there
 * @rest: where the remainder of the frame starts in the skb
 * @copy: more bytes, from @rest on, that are copied
 * @ranges: ranges that list what is not copied
 * @pages: 4 KiB pages in them
 * @section: section of the send buffer, or NETVSC_NO_SECTION
 * @packets: frames on the wire
 */
struct netvsc_tx_plan {
	struct rndis_tx_meta meta;
	u32 header_len;
	u32 head_len;
	u32 rest;
	u32 copy;
	u32 ranges;
	u32 pages;
	u32 packets;
	u16 section;
};

/**
 * netvsc_tx_slots_free() - messages that can still be put under way
 * @ch: the channel
 *
 * Context: Any; exact under the lock of the transmit queue.
 * Return: number of free slots.
 */
u32 netvsc_tx_slots_free(const struct netvsc_channel *ch)
{
	/* Pairs with the release in netvsc_tx_return(). */
	return smp_load_acquire(&ch->slot_tail) - READ_ONCE(ch->slot_head);
}

static u32 netvsc_tx_sections_free(const struct netvsc_channel *ch)
{
	/* Pairs with the release in netvsc_tx_return(). */
	return smp_load_acquire(&ch->section_tail) - ch->section_head;
}

static u8 *netvsc_tx_header(const struct netvsc_channel *ch, u16 slot)
{
	return ch->header_page[slot / NETVSC_TX_HEADERS_PER_PAGE] +
	       slot % NETVSC_TX_HEADERS_PER_PAGE * NETVSC_TX_HEADER_BYTES;
}

static u32 netvsc_hv_pages(u64 address, u32 len)
{
	return DIV_ROUND_UP(address % NETVSC_HV_PAGE_BYTES + len,
			    NETVSC_HV_PAGE_BYTES);
}

static u64 netvsc_frag_address(const skb_frag_t *frag)
{
	return page_to_phys(skb_frag_page(frag)) + skb_frag_off(frag);
}

/* Counts what listing the frame from byte @from on takes. */
static void netvsc_tx_count(const struct sk_buff *skb, u32 from,
			    struct netvsc_tx_plan *plan)
{
	u32 len = skb_headlen(skb);
	unsigned int i;

	plan->ranges = 0;
	plan->pages = 0;
	if (from < len) {
		plan->ranges = 1;
		plan->pages = netvsc_hv_pages(virt_to_phys(skb->data + from),
					      len - from);
		from = len;
	}
	from -= len;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		len = skb_frag_size(frag);
		if (from >= len) {
			from -= len;
			continue;
		}
		plan->ranges++;
		plan->pages += netvsc_hv_pages(netvsc_frag_address(frag) + from,
					       len - from);
		from = 0;
	}
}

static void *netvsc_tx_put_range(void *to, u64 address, u32 len)
{
	u32 i, pages = netvsc_hv_pages(address, len);
	struct nvb_gpa_range *range = to;

	range->byte_count = cpu_to_le32(len);
	range->byte_offset = cpu_to_le32(address % NETVSC_HV_PAGE_BYTES);
	for (i = 0; i < pages; i++)
		range->pfn[i] = cpu_to_le64(address / NETVSC_HV_PAGE_BYTES + i);

	return &range->pfn[pages];
}

/* Writes what netvsc_tx_count() counted. */
static void netvsc_tx_put_frame(const struct sk_buff *skb, u32 from, void *to)
{
	u32 len = skb_headlen(skb);
	unsigned int i;

	if (from < len) {
		to = netvsc_tx_put_range(to, virt_to_phys(skb->data + from),
					 len - from);
		from = len;
	}
	from -= len;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		len = skb_frag_size(frag);
		if (from >= len) {
			from -= len;
			continue;
		}
		to = netvsc_tx_put_range(to, netvsc_frag_address(frag) + from,
					 len - from);
		from = 0;
	}
}

/*
 * The pseudo header's sum without a length, and an IP header without a length
 * and a sum, since the host fills them in for every segment. Nothing is read
 * back from @to, which the host can see.
 */
static void netvsc_tx_patch_lso(const struct sk_buff *skb, u8 *to)
{
	u8 *check = to + skb_transport_offset(skb) +
		    offsetof(struct tcphdr, check);
	u8 *ip = to + skb_network_offset(skb);
	__sum16 sum;

	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6) {
		const struct ipv6hdr *ip6h = ipv6_hdr(skb);

		memset(ip + offsetof(struct ipv6hdr, payload_len), 0,
		       sizeof(ip6h->payload_len));
		sum = ~csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, 0,
				       IPPROTO_TCP, 0);
	} else {
		const struct iphdr *iph = ip_hdr(skb);

		memset(ip + offsetof(struct iphdr, tot_len), 0,
		       sizeof(iph->tot_len));
		memset(ip + offsetof(struct iphdr, check), 0,
		       sizeof(iph->check));
		sum = ~csum_tcpudp_magic(iph->saddr, iph->daddr, 0,
					 IPPROTO_TCP, 0);
	}
	memcpy(check, &sum, sizeof(sum));
}

/* The RNDIS header, and what of the frame is copied. */
static void netvsc_tx_copy(const struct sk_buff *skb,
			   const struct netvsc_tx_plan *plan, u8 *to)
{
	to += rndis_tx_encode(to, &plan->meta);
	if (plan->head_len) {
		skb_copy_bits(skb, 0, to, plan->head_len);
		if (plan->meta.has_lso)
			netvsc_tx_patch_lso(skb, to);
		to += plan->head_len;
	}
	if (plan->copy)
		skb_copy_bits(skb, plan->rest, to, plan->copy);
}

static int netvsc_tx_plan_vlan(struct netvsc_channel *ch,
			       const struct sk_buff *skb,
			       struct netvsc_tx_plan *plan)
{
	struct vlan_ethhdr buf, *eth;

	if (skb_vlan_tag_present(skb)) {
		plan->meta.has_vlan = true;
		plan->meta.vlan = rndis_vlan_word(skb_vlan_tag_get(skb));
		return 0;
	}
	if (likely(skb->protocol != htons(ETH_P_8021Q)))
		return 0;

	/* A host expects the tag beside the frame, not in it. */
	eth = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!eth || eth->h_vlan_proto != htons(ETH_P_8021Q) ||
	    skb_is_gso(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, vlan_error);
		return -EINVAL;
	}
	plan->meta.has_vlan = true;
	plan->meta.vlan = rndis_vlan_word(ntohs(eth->h_vlan_TCI));
	plan->head_len = NETVSC_VLAN_OFFSET;
	plan->rest = NETVSC_VLAN_OFFSET + VLAN_HLEN;

	return 0;
}

/* Whether the host can cut this frame, given that it can cut frames. */
static bool netvsc_tx_host_gso(const struct sk_buff *skb)
{
	u32 headers;

	if (!(skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)))
		return false;
	if (!skb_vlan_tag_present(skb) && skb->protocol == htons(ETH_P_8021Q))
		return false;

	headers = skb_tcp_all_headers(skb);
	return headers <= NETVSC_TX_HEAD_MAX && headers <= skb_headlen(skb) &&
	       headers < skb->len;
}

static int netvsc_tx_plan_lso(struct netvsc_channel *ch,
			      const struct sk_buff *skb,
			      struct netvsc_tx_plan *plan)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	u32 headers = skb_tcp_all_headers(skb);

	/* netvsc_features_check() has let nothing else pass. */
	if (unlikely(!netvsc_tx_host_gso(skb) || !info->gso_size)) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return -EINVAL;
	}

	plan->meta.has_lso = true;
	plan->meta.lso = rndis_lso_word(info->gso_type & SKB_GSO_TCPV6,
					info->gso_size,
					skb_transport_offset(skb));
	plan->head_len = headers;
	plan->rest = headers;
	plan->packets = DIV_ROUND_UP(skb->len - headers, info->gso_size);

	return 0;
}

/* Whether the host completes this checksum; the word that tells it to. */
static bool netvsc_tx_host_csum(const struct netvsc *nv,
				const struct sk_buff *skb, u32 l4_offset,
				u32 *word)
{
	__be16 protocol = vlan_get_protocol(skb);
	bool ipv6 = protocol == htons(ETH_P_IPV6);
	bool udp = skb->csum_offset == offsetof(struct udphdr, check);

	if (!ipv6 && protocol != htons(ETH_P_IP))
		return false;
	if (l4_offset > FIELD_MAX(RNDIS_TX_CSUM_L4_OFFSET))
		return false;
	if (!(nv->netdev->features &
	      (ipv6 ? NETIF_F_IPV6_CSUM : NETIF_F_IP_CSUM)))
		return false;
	if (udp ? !(ipv6 ? nv->tx_csum_udp6 : nv->tx_csum_udp4) :
		  skb->csum_offset != offsetof(struct tcphdr, check))
		return false;

	*word = rndis_csum_word(ipv6, udp, l4_offset);
	return true;
}

static int netvsc_tx_plan_csum(struct netvsc_channel *ch, struct sk_buff *skb,
			       struct netvsc_tx_plan *plan)
{
	/* As the host sees it: without an in-band tag. */
	u32 l4_offset = skb_checksum_start_offset(skb) -
			(plan->rest - plan->head_len);

	if (likely(netvsc_tx_host_csum(ch->nv, skb, l4_offset,
				       &plan->meta.csum))) {
		plan->meta.has_csum = true;
		return 0;
	}
	/* The stack has asked netvsc_features_check(): this is pktgen. */
	if (skb_shared(skb) || skb_checksum_help(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, bad_csum);
		return -EINVAL;
	}
	netvsc_stat_inc(&ch->stats->xmit, sw_csum);

	return 0;
}

/* Decides everything about the RNDIS header. The errors are counted. */
static int netvsc_tx_plan_meta(struct netvsc_channel *ch, struct sk_buff *skb,
			       struct netvsc_tx_plan *plan)
{
	int err;

	err = netvsc_tx_plan_vlan(ch, skb, plan);
	if (err)
		return err;
	if (skb_is_gso(skb))
		err = netvsc_tx_plan_lso(ch, skb, plan);
	else if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = netvsc_tx_plan_csum(ch, skb, plan);
	if (err)
		return err;

	/* Only with several channels does the host have a use for it. */
	plan->meta.hash = skb_get_hash_raw(skb);
	plan->meta.has_hash = plan->meta.hash &&
			      ch->nv->netdev->real_num_tx_queues > 1;
	plan->meta.data_len = plan->head_len + skb->len - plan->rest;
	plan->header_len = rndis_tx_header_len(&plan->meta);

	return 0;
}

static void netvsc_tx_take_section(struct netvsc_channel *ch,
				   struct netvsc_tx_plan *plan, u32 copy)
{
	plan->section = ch->free_section.item[ch->section_head &
					      ch->free_section.mask];
	plan->copy = copy;
}

/*
 * More pieces than a host takes: copy as much of the front as a section
 * holds, and if that does not help, make it one piece.
 */
static int netvsc_tx_plan_scattered(struct netvsc_channel *ch,
				    struct sk_buff *skb,
				    struct netvsc_tx_plan *plan)
{
	u32 used = plan->header_len + plan->head_len;

	netvsc_stat_inc(&ch->stats->xmit, scattered);
	if (ch->section_bytes > used && netvsc_tx_sections_free(ch)) {
		u32 copy = min(ch->section_bytes - used, skb->len - plan->rest);

		netvsc_tx_count(skb, plan->rest + copy, plan);
		if (plan->ranges <= NETVSC_TX_MAX_RANGES &&
		    plan->pages <= NETVSC_TX_MAX_PAGES) {
			netvsc_tx_take_section(ch, plan, copy);
			netvsc_stat_inc(&ch->stats->xmit, head_copied);
			return 0;
		}
	}

	if (skb_shared(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return -EMSGSIZE;
	}
	if (skb_linearize(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, no_memory);
		return -ENOMEM;
	}
	netvsc_stat_inc(&ch->stats->xmit, linearized);
	netvsc_tx_count(skb, plan->rest, plan);
	if (plan->pages >= NETVSC_TX_MAX_PAGES) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return -EMSGSIZE;
	}

	return 0;
}

/* Decides which bytes are copied and which listed. The errors are counted. */
static int netvsc_tx_plan_layout(struct netvsc_channel *ch,
				 struct sk_buff *skb,
				 struct netvsc_tx_plan *plan)
{
	plan->section = NETVSC_NO_SECTION;
	if (plan->header_len + plan->meta.data_len <= ch->section_bytes) {
		if (likely(netvsc_tx_sections_free(ch))) {
			netvsc_tx_take_section(ch, plan, skb->len - plan->rest);
			netvsc_stat_inc(&ch->stats->xmit, copied);
			return 0;
		}
		netvsc_stat_inc(&ch->stats->xmit, send_full);
	}

	netvsc_tx_count(skb, plan->rest, plan);
	/* One of each is for the header. */
	if (likely(plan->ranges < NETVSC_TX_MAX_RANGES &&
		   plan->pages < NETVSC_TX_MAX_PAGES))
		return 0;

	return netvsc_tx_plan_scattered(ch, skb, plan);
}

static u32 netvsc_tx_ext_len(u32 ranges, u32 pages)
{
	return sizeof(struct nvb_gpa_hdr) +
	       ranges * sizeof(struct nvb_gpa_range) + pages * sizeof(__le64);
}

/* Writes the ring message for which room has been claimed at @to. */
static void netvsc_tx_put_message(struct netvsc_channel *ch,
				  const struct sk_buff *skb,
				  const struct netvsc_tx_plan *plan, u16 slot,
				  void *to, u32 ext_len)
{
	bool section = plan->section != NETVSC_NO_SECTION;
	u32 copied = plan->header_len + plan->head_len + plan->copy;
	struct nvsp_msg_rndis_packet msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET),
		.channel_type = cpu_to_le32(NVSP_CHANNEL_DATA),
		.section = cpu_to_le32(section ? plan->section :
						 NVSP_SECTION_NONE),
		.section_size = cpu_to_le32(section ? copied : 0),
	};
	struct nvb_gpa_hdr *hdr = to;
	void *range = hdr + 1;

	if (ext_len) {
		hdr->reserved = 0;
		hdr->range_count = cpu_to_le32(plan->ranges + !section);
		if (!section)
			range = netvsc_tx_put_range(range,
				virt_to_phys(netvsc_tx_header(ch, slot)),
				copied);
		netvsc_tx_put_frame(skb, plan->rest + plan->copy, range);
	}
	memcpy(to + ext_len, &msg, sizeof(msg));
	memset(to + ext_len + sizeof(msg), 0, NVSP_MSG_BYTES - sizeof(msg));
}

static void netvsc_tx_fill_slot(struct netvsc_channel *ch, struct sk_buff *skb,
				const struct netvsc_tx_plan *plan, u16 index)
{
	struct netvsc_tx_slot *slot = &ch->slot[index];

	slot->skb = skb;
	slot->bytes = skb->len;
	slot->packets = plan->packets;
	slot->wire_bytes = plan->meta.data_len +
			   (plan->packets - 1) * plan->head_len;
	slot->section = plan->section;
}

/*
 * Takes the lock of the ring, whose owners can be interrupted. netpoll, which
 * transmits with interrupts off and maybe on top of an owner, or of somebody
 * whom an owner waits for, may not wait for it; it tries again.
 */
#define netvsc_tx_trylock(out)						\
	(likely(!irqs_disabled()) ?					\
	 ({ spin_lock(&(out)->lock); true; }) :				\
	 spin_trylock(&(out)->lock))

/* Shows the host what earlier frames of a burst left unpublished. */
static void netvsc_tx_flush(struct netvsc_channel *ch)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool signal;

	if (!netvsc_tx_trylock(out))
		return;
	signal = nvb_out_publish(out);
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);
}

/*
 * Claims room in the ring, or stops the queue until there is some. The host
 * has to see all that is in the ring first, or it would never make room.
 */
static void *netvsc_tx_claim(struct netvsc_channel *ch, u16 type, u64 xid,
			     u32 ext_len, bool *signal)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	void *to;

	lockdep_assert_held(&out->lock);

	*signal = false;
	to = nvb_out_claim(out, type, NVB_FLAG_COMPLETION_REQUESTED, xid,
			   ext_len, NVSP_MSG_BYTES);
	if (likely(to))
		return to;

	netvsc_stat_inc(&ch->stats->xmit, no_space);
	*signal = nvb_out_publish(out);
	WRITE_ONCE(ch->ring_wait, true);
	netif_tx_stop_queue(ch->txq);
	if (!nvb_out_want(out, NETVSC_TX_RING_ROOM)) {
		netvsc_stat_inc(&ch->stats->xmit, stop);
		return NULL;
	}
	WRITE_ONCE(ch->ring_wait, false);
	netif_tx_start_queue(ch->txq);

	return nvb_out_claim(out, type, NVB_FLAG_COMPLETION_REQUESTED, xid,
			     ext_len, NVSP_MSG_BYTES);
}

/*
 * Puts the message into the ring. From the moment the slot is live, only the
 * completion may touch slot and frame.
 */
static netdev_tx_t netvsc_tx_post(struct netvsc_channel *ch,
				  struct sk_buff *skb,
				  const struct netvsc_tx_plan *plan, u16 index,
				  bool more)
{
	u32 ranges = plan->ranges, pages = plan->pages, ext_len = 0;
	struct netvsc_tx_slot *slot = &ch->slot[index];
	struct nvb_ring_out *out = &ch->vmbus.out;
	u16 type = NVB_PACKET_INBAND;
	bool publish, signal;
	void *to;
	u64 xid;

	if (plan->section == NETVSC_NO_SECTION) {
		ranges++;
		pages++;
	}
	if (ranges) {
		type = NVB_PACKET_GPA_DIRECT;
		ext_len = netvsc_tx_ext_len(ranges, pages);
	}
	xid = nvsp_xid(NVSP_XID_FRAME, slot->generation, index);

	if (!netvsc_tx_trylock(out))
		return NETDEV_TX_BUSY;
	to = netvsc_tx_claim(ch, type, xid, ext_len, &signal);
	if (unlikely(!to)) {
		spin_unlock(&out->lock);
		if (signal)
			nvb_channel_signal(&ch->vmbus);
		return NETDEV_TX_BUSY;
	}
	netvsc_tx_put_message(ch, skb, plan, index, to, ext_len);
	netvsc_tx_fill_slot(ch, skb, plan, index);
	skb_tx_timestamp(skb);
	trace_nvsp_send_pkt(ch->nv->dev, ch->index,
			    plan->section == NETVSC_NO_SECTION ?
			    NVSP_SECTION_NONE : plan->section, skb->len, xid);

	/* The completion, and thus BQL's other half, may come at once. */
	publish = __netdev_tx_sent_queue(ch->txq, skb->len, more);
	WRITE_ONCE(ch->slot_head, ch->slot_head + 1);
	if (plan->section != NETVSC_NO_SECTION)
		ch->section_head++;
	/* Pairs with the acquire in netvsc_tx_complete(). */
	smp_store_release(&slot->live, true);
	nvb_out_commit(out);

	if (!netif_txq_maybe_stop(ch->txq, netvsc_tx_slots_free(ch), 1,
				  NETVSC_TX_WAKE_SLOTS)) {
		netvsc_stat_inc(&ch->stats->xmit, stop);
		publish = true;
	}
	if (publish)
		signal |= nvb_out_publish(out);
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);

	return NETDEV_TX_OK;
}

static netdev_tx_t netvsc_tx_drop(struct netvsc_channel *ch,
				  struct sk_buff *skb, bool more)
{
	dev_kfree_skb_any(skb);
	if (!more)
		netvsc_tx_flush(ch);

	return NETDEV_TX_OK;
}

/* What comes back from the stack with no channel under it. */
static netdev_tx_t netvsc_tx_not_ready(struct netvsc *nv, u16 queue,
				       struct sk_buff *skb)
{
	struct netvsc_queue_stats *stats = nv->stats[queue];

	if (stats)
		netvsc_stat_inc(&stats->xmit, not_ready);
	dev_kfree_skb_any(skb);

	return NETDEV_TX_OK;
}

/**
 * netvsc_start_xmit() - transmit a frame
 * @skb: the frame
 * @dev: the interface
 *
 * Whatever becomes of the frame, nothing that precedes it in a burst is left
 * behind: the ring is published unless another frame is certain to follow.
 *
 * Context: Under the lock of the transmit queue; from any interrupt context.
 * Return: NETDEV_TX_OK (sent, or dropped and counted) or NETDEV_TX_BUSY.
 */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netvsc_tx_plan plan = { .packets = 1 };
	u16 queue = skb_get_queue_mapping(skb);
	struct netvsc *nv = netdev_priv(dev);
	bool more = netdev_xmit_more();
	struct netvsc_channel *ch;
	netdev_tx_t ret;
	u16 index;

	ch = READ_ONCE(nv->queue[queue]);
	if (unlikely(!ch))
		return netvsc_tx_not_ready(nv, queue, skb);

	/* The queue is stopped without a slot; netpoll may not look. */
	if (unlikely(!netvsc_tx_slots_free(ch))) {
		netvsc_stat_inc(&ch->stats->xmit, busy);
		netvsc_tx_flush(ch);
		return NETDEV_TX_BUSY;
	}
	if (netvsc_tx_plan_meta(ch, skb, &plan) ||
	    netvsc_tx_plan_layout(ch, skb, &plan))
		return netvsc_tx_drop(ch, skb, more);

	index = ch->free_slot.item[ch->slot_head & ch->free_slot.mask];
	netvsc_tx_copy(skb, &plan, plan.section == NETVSC_NO_SECTION ?
		       netvsc_tx_header(ch, index) :
		       ch->send_base + plan.section * ch->section_bytes);

	ret = netvsc_tx_post(ch, skb, &plan, index, more);
	if (unlikely(ret == NETDEV_TX_BUSY))
		netvsc_stat_inc(&ch->stats->xmit, busy);

	return ret;
}

/**
 * netvsc_features_check() - what the host cannot do for this frame
 * @skb: the frame
 * @dev: the interface
 * @features: what the interface can do in general
 *
 * Context: Any in which the stack transmits.
 * Return: @features, less what the stack has to do by itself.
 */
netdev_features_t netvsc_features_check(struct sk_buff *skb,
					struct net_device *dev,
					netdev_features_t features)
{
	struct netvsc *nv = netdev_priv(dev);
	u32 word;

	features = vlan_features_check(skb, features);
	if (skb_is_gso(skb)) {
		if (!netvsc_tx_host_gso(skb))
			features &= ~NETIF_F_GSO_MASK;
	} else if (skb->ip_summed == CHECKSUM_PARTIAL) {
		if (!netvsc_tx_host_csum(nv, skb,
					 skb_checksum_start_offset(skb), &word))
			features &= ~NETIF_F_CSUM_MASK;
	}

	return features;
}

/* Gives slot and section back to the transmit path. */
static void netvsc_tx_return(struct netvsc_channel *ch, u16 index)
{
	struct netvsc_tx_slot *slot = &ch->slot[index];
	u32 tail;

	slot->live = false;
	slot->generation++;
	if (slot->section != NETVSC_NO_SECTION) {
		tail = ch->section_tail;
		ch->free_section.item[tail & ch->free_section.mask] =
			slot->section;
		/* Pairs with the acquire in netvsc_tx_sections_free(). */
		smp_store_release(&ch->section_tail, tail + 1);
	}
	tail = ch->slot_tail;
	ch->free_slot.item[tail & ch->free_slot.mask] = index;
	/* Pairs with the acquire in netvsc_tx_slots_free(). */
	smp_store_release(&ch->slot_tail, tail + 1);
}

/**
 * netvsc_tx_complete() - the host has finished with a message
 * @ch: the channel
 * @pkt: a completion whose transaction id is of kind NVSP_XID_FRAME
 * @budget: of the poll, 0 for netpoll
 * @batch: what the poll has completed so far
 *
 * Context: NAPI poll.
 * Return: 0, or -EPROTO if no such message is under way.
 */
int netvsc_tx_complete(struct netvsc_channel *ch, const struct nvb_packet *pkt,
		       int budget, struct netvsc_tx_batch *batch)
{
	const struct nvsp_msg_rndis_packet_complete *msg = pkt->payload;
	u32 generation = FIELD_GET(NVSP_XID_GENERATION, pkt->trans_id);
	u16 index = FIELD_GET(NVSP_XID_INDEX, pkt->trans_id);
	struct netvsc_tx_slot *slot;
	struct sk_buff *skb;

	if (index >= NETVSC_TX_SLOTS || pkt->payload_len < sizeof(*msg) ||
	    le32_to_cpu(msg->hdr.type) != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		return -EPROTO;

	slot = &ch->slot[index];
	/* Pairs with the release in netvsc_tx_post(). */
	if (!smp_load_acquire(&slot->live) || slot->generation != generation)
		return -EPROTO;

	skb = slot->skb;
	batch->frames++;
	batch->bytes += slot->bytes;
	if (likely(le32_to_cpu(msg->status) == NVSP_STATUS_SUCCESS)) {
		batch->packets += slot->packets;
		batch->wire_bytes += slot->wire_bytes;
	} else {
		batch->refused++;
	}
	netvsc_tx_return(ch, index);
	napi_consume_skb(skb, budget);

	return 0;
}

/* The queue goes on if what it waits for is there. */
static void netvsc_tx_wake(struct netvsc_channel *ch, int budget)
{
	struct nvb_ring_out *out = &ch->vmbus.out;

	if (!READ_ONCE(ch->tx_up) ||
	    netvsc_tx_slots_free(ch) < NETVSC_TX_WAKE_SLOTS)
		return;

	if (READ_ONCE(ch->ring_wait)) {
		bool room;

		/* Not for netpoll, which may have interrupted the owner. */
		if (!budget)
			return;
		spin_lock(&out->lock);
		room = nvb_out_free(out) >= NETVSC_TX_RING_ROOM;
		if (room) {
			WRITE_ONCE(ch->ring_wait, false);
			if (!ch->rx.room_wanted)
				nvb_out_want(out, 0);
		}
		spin_unlock(&out->lock);
		if (!room)
			return;
	}
	netif_tx_wake_queue(ch->txq);
	netvsc_stat_inc(&ch->stats->done, wake);
}

/**
 * netvsc_tx_finish() - the transmit half of the end of a poll
 * @ch: the channel
 * @batch: what the poll has completed
 * @budget: of the poll, 0 for netpoll
 *
 * Context: NAPI poll.
 */
void netvsc_tx_finish(struct netvsc_channel *ch,
		      const struct netvsc_tx_batch *batch, int budget)
{
	struct netvsc_done_stats *stats = &ch->stats->done;

	if (batch->frames) {
		netdev_tx_completed_queue(ch->txq, batch->frames, batch->bytes);
		u64_stats_update_begin(&stats->sync);
		u64_stats_add(&stats->packets, batch->packets);
		u64_stats_add(&stats->bytes, batch->wire_bytes);
		u64_stats_add(&stats->refused, batch->refused);
		u64_stats_update_end(&stats->sync);
	}

	/* Pairs with the barrier of who stops the queue, then looks again. */
	smp_mb();
	if (unlikely(netif_tx_queue_stopped(ch->txq)))
		netvsc_tx_wake(ch, budget);
}

/**
 * netvsc_tx_settle() - publish what is left of a burst
 * @ch: the channel; its transmit queue is stopped
 *
 * Context: Process context.
 */
void netvsc_tx_settle(struct netvsc_channel *ch)
{
	local_bh_disable();
	netvsc_tx_flush(ch);
	local_bh_enable();
}

/**
 * netvsc_tx_drop_all() - give up what the host has not completed
 * @ch: a channel that is closed: the host reads nothing of it any more
 *
 * Context: Process context.
 */
void netvsc_tx_drop_all(struct netvsc_channel *ch)
{
	u32 lost = 0;
	u16 i;

	for (i = 0; i < NETVSC_TX_SLOTS; i++) {
		struct sk_buff *skb = ch->slot[i].skb;

		if (!ch->slot[i].live)
			continue;
		netvsc_tx_return(ch, i);
		dev_kfree_skb_any(skb);
		lost++;
	}
	if (lost)
		netvsc_stat_add(&ch->stats->done, lost, lost);
}
