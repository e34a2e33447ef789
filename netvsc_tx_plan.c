// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit, first half: what becomes of one frame. Nothing here knows queues,
 * slots or rings.
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
#include "netvsc_tx_plan.h"

/* Where an in-band 802.1Q tag stands. */
#define NETVSC_VLAN_OFFSET	(2 * ETH_ALEN)

static u32 netvsc_hv_pages(u64 address, u32 len)
{
	return DIV_ROUND_UP(address % NETVSC_HV_PAGE_BYTES + len,
			    NETVSC_HV_PAGE_BYTES);
}

static u64 netvsc_frag_address(const skb_frag_t *frag)
{
	return page_to_phys(skb_frag_page(frag)) + skb_frag_off(frag);
}

/**
 * netvsc_tx_plan_list() - count what listing a part of a frame takes
 * @skb: the frame
 * @from: its first byte that is listed
 * @plan: @ranges and @pages are set
 *
 * Context: Any.
 */
void netvsc_tx_plan_list(const struct sk_buff *skb, u32 from,
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

/**
 * netvsc_tx_put_range() - list one piece of memory
 * @to: where in the ring message
 * @address: physical address of the piece
 * @len: its bytes
 *
 * Context: Any.
 * Return: where the next range goes.
 */
void *netvsc_tx_put_range(void *to, u64 address, u32 len)
{
	u32 i, pages = netvsc_hv_pages(address, len);
	struct nvb_gpa_range *range = to;

	range->byte_count = cpu_to_le32(len);
	range->byte_offset = cpu_to_le32(address % NETVSC_HV_PAGE_BYTES);
	for (i = 0; i < pages; i++)
		range->pfn[i] = cpu_to_le64(address / NETVSC_HV_PAGE_BYTES + i);

	return &range->pfn[pages];
}

/**
 * netvsc_tx_put_listed() - list the part of a frame that is not copied
 * @skb: the frame
 * @plan: after netvsc_tx_plan_list() from behind the copied part on
 * @to: where in the ring message
 *
 * Context: Any.
 */
void netvsc_tx_put_listed(const struct sk_buff *skb,
			  const struct netvsc_tx_plan *plan, void *to)
{
	u32 from = plan->rest + plan->copy, len = skb_headlen(skb);
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

/* Most frames that are copied are in one piece. */
static void netvsc_tx_copy_bits(const struct sk_buff *skb, u32 from, u8 *to,
				u32 len)
{
	if (likely(from + len <= skb_headlen(skb)))
		memcpy(to, skb->data + from, len);
	else
		skb_copy_bits(skb, from, to, len);
}

/**
 * netvsc_tx_put_copied() - write the RNDIS header, and what is copied behind it
 * @skb: the frame
 * @plan: the plan
 * @to: room for all that; written, never read
 *
 * Context: Any.
 * Return: bytes written.
 */
u32 netvsc_tx_put_copied(const struct sk_buff *skb,
			 const struct netvsc_tx_plan *plan, u8 *to)
{
	u8 *pos = to + rndis_tx_encode(to, &plan->meta);

	if (plan->head_len) {
		netvsc_tx_copy_bits(skb, 0, pos, plan->head_len);
		if (plan->meta.has_lso)
			netvsc_tx_patch_lso(skb, pos);
		pos += plan->head_len;
	}
	if (plan->copy)
		netvsc_tx_copy_bits(skb, plan->rest, pos, plan->copy);

	return pos + plan->copy - to;
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
		return -EPROTO;
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
		return -EMSGSIZE;
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

/* The stack leaves to the interface what its features say, and no more. */
static bool netvsc_tx_csum_is_sure(const struct netvsc *nv,
				   const struct sk_buff *skb)
{
	return likely(nv->tx_csum_udp) && skb_checksum_start_offset(skb) <=
					  FIELD_MAX(RNDIS_TX_CSUM_L4_OFFSET);
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
		return -EBADMSG;
	}
	netvsc_stat_inc(&ch->stats->xmit, sw_csum);

	return 0;
}

/**
 * netvsc_tx_plan_frame() - decide everything about a frame's RNDIS header
 * @ch: the channel, for what the host can do and for its counters
 * @skb: the frame; its checksum may be computed here
 * @plan: filled in, but for @ranges and @pages, with nothing copied beyond
 *	what has to be changed
 *
 * Context: Under the lock of the transmit queue.
 * Return: 0, or what netvsc_tx_why() knows: the frame is to be dropped, and is
 * counted.
 */
int netvsc_tx_plan_frame(struct netvsc_channel *ch, struct sk_buff *skb,
			 struct netvsc_tx_plan *plan)
{
	int err;

	plan->meta.has_csum = false;
	plan->meta.has_lso = false;
	plan->meta.has_vlan = false;
	plan->head_len = 0;
	plan->rest = 0;
	plan->copy = 0;
	plan->packets = 1;

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
	} else if (skb->ip_summed == CHECKSUM_PARTIAL &&
		   !netvsc_tx_csum_is_sure(nv, skb)) {
		if (!netvsc_tx_host_csum(nv, skb,
					 skb_checksum_start_offset(skb), &word))
			features &= ~NETIF_F_CSUM_MASK;
	}

	return features;
}
