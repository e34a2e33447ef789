// SPDX-License-Identifier: GPL-2.0
/*
 * From a frame in the host's memory to an sk_buff.
 *
 * Every byte is copied once. A frame of usual length stands in one piece of a
 * page of the channel's pool, to which it returns when the stack is done with
 * it. A long frame, and one that the host has coalesced, has its headers in a
 * small buffer of their own and the payload in such pieces. Where the kernel
 * has no such pools, or the pool no memory, the kernel's allocators take their
 * place. The size of the pool's pages was found by counting instructions
 * (bench/): most frames wait in a socket for longer than a pool can keep pages,
 * and then its pages have to be large to be worth what they cost.
 */
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"

#define NETVSC_SKB_HEADROOM	(NET_SKB_PAD + NET_IP_ALIGN)
/* What a frame needs beside its bytes. */
#define NETVSC_SKB_OVERHEAD	(NETVSC_SKB_HEADROOM + \
				 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* Payload of a longer frame, or of a coalesced one, comes in such pieces. */
#define NETVSC_SKB_ROOM		8192
/* Frames up to this length are in one piece. */
#define NETVSC_SKB_LINEAR_MAX	(4096 - NETVSC_SKB_OVERHEAD)
/* The buffer for headers, with room for what the stack pulls in there. */
#define NETVSC_SKB_HEAD_BYTES	256

static struct sk_buff *netvsc_skb_alloc(struct netvsc_channel *ch, u32 len)
{
	unsigned int bytes = SKB_DATA_ALIGN(NETVSC_SKB_HEADROOM + len) +
			     SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	void *memory = nvb_pool_alloc(ch->rx.pool, &bytes);
	struct sk_buff *skb;

	if (unlikely(!memory))
		return napi_alloc_skb(&ch->napi, len);
	skb = nvb_pool_build_skb(ch->rx.pool, memory, bytes);
	if (likely(skb))
		skb_reserve(skb, NETVSC_SKB_HEADROOM);

	return skb;
}

/* Adds an empty fragment, of at least @want bytes if the pool has memory. */
static bool netvsc_skb_add_room(struct netvsc_channel *ch,
				struct netvsc_rx_segment *seg, u32 want)
{
	struct sk_buff *skb = seg->skb;
	unsigned int bytes = ALIGN(min_t(u32, want, NETVSC_SKB_ROOM),
				   SMP_CACHE_BYTES);
	int frag = skb_shinfo(skb)->nr_frags;
	struct page *page;
	u8 *memory;

	if (frag >= MAX_SKB_FRAGS)
		return false;

	memory = nvb_pool_alloc(ch->rx.pool, &bytes);
	if (likely(memory)) {
		page = virt_to_head_page(memory);
	} else {
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
		if (!page)
			return false;
		memory = page_address(page);
		bytes = PAGE_SIZE;
	}
	skb_add_rx_frag(skb, frag, page, memory - (u8 *)page_address(page), 0,
			bytes);
	seg->room = memory;
	seg->room_bytes = bytes;

	return true;
}

/**
 * netvsc_skb_append() - add bytes to a frame that is being put together
 * @ch: the channel
 * @seg: the frame
 * @data: in the host's memory
 * @len: bytes
 * @more: others will follow
 *
 * Context: NAPI poll.
 * Return: false without memory; the frame is then of no use.
 */
bool netvsc_skb_append(struct netvsc_channel *ch, struct netvsc_rx_segment *seg,
		       const u8 *data, u32 len, bool more)
{
	struct sk_buff *skb = seg->skb;
	u32 part, last;

	while (len) {
		if (!seg->room_bytes &&
		    !netvsc_skb_add_room(ch, seg, more ? NETVSC_SKB_ROOM :
							 len))
			return false;
		part = min(len, seg->room_bytes);
		memcpy(seg->room, data, part);
		last = skb_shinfo(skb)->nr_frags - 1;
		skb_frag_size_add(&skb_shinfo(skb)->frags[last], part);
		skb->len += part;
		skb->data_len += part;
		seg->room += part;
		seg->room_bytes -= part;
		data += part;
		len -= part;
	}

	return true;
}

/**
 * netvsc_skb_begin() - begin a frame whose payload is in pages
 * @ch: the channel
 * @seg: the frame
 * @data: its first bytes, in the host's memory; at least ETH_HLEN
 * @len: bytes
 * @more: others will follow
 *
 * What is linear are the headers, as far as they are understood: the network
 * stack can take payload out of pages without copying.
 *
 * Context: NAPI poll.
 * Return: false without memory, and then there is no frame.
 */
bool netvsc_skb_begin(struct netvsc_channel *ch, struct netvsc_rx_segment *seg,
		      const u8 *data, u32 len, bool more)
{
	u32 head = min_t(u32, len, NETVSC_RSC_HEADERS_MAX);
	struct netvsc_rsc_tcp tcp;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&ch->napi, NETVSC_SKB_HEAD_BYTES);
	seg->skb = skb;
	seg->room_bytes = 0;
	if (unlikely(!skb))
		return false;

	nvb_pool_mark_skb(skb);
	memcpy(skb->data, data, head);
	/* From here on the copy counts. */
	barrier_data(skb->data);
	if (netvsc_rsc_find_tcp(skb->data, head, &tcp))
		head = tcp.len;
	skb_put(skb, head);
	if (netvsc_skb_append(ch, seg, data + head, len - head, more))
		return true;

	netvsc_skb_drop(seg, NVB_DROP_NO_MEMORY);
	return false;
}

/**
 * netvsc_skb_drop() - drop a frame that is not complete
 * @seg: the frame, if there is one
 * @reason: why
 *
 * Context: Any but hard interrupt.
 */
void netvsc_skb_drop(struct netvsc_rx_segment *seg, enum nvb_drop_reason reason)
{
	if (seg->skb)
		nvb_drop_skb(seg->skb, reason);
	seg->skb = NULL;
}

/* Apart, so that ordinary frames do not pay for the room on the stack. */
static noinline struct sk_buff *
netvsc_skb_copy_long(struct netvsc_channel *ch, const u8 *data, u32 len)
{
	struct netvsc_rx_segment seg;

	netvsc_skb_begin(ch, &seg, data, len, false);

	return seg.skb;
}

/**
 * netvsc_skb_copy() - make an sk_buff of a frame
 * @ch: the channel
 * @data: the frame, in the host's memory
 * @len: its length, at least ETH_HLEN
 *
 * Context: NAPI poll.
 * Return: the sk_buff, or NULL without memory.
 */
struct sk_buff *netvsc_skb_copy(struct netvsc_channel *ch, const u8 *data,
				u32 len)
{
	struct sk_buff *skb;

	if (unlikely(len > NETVSC_SKB_LINEAR_MAX))
		return netvsc_skb_copy_long(ch, data, len);

	skb = netvsc_skb_alloc(ch, len);
	if (likely(skb))
		skb_put_data(skb, data, len);

	return skb;
}

/* The checksum as the stack leaves it for hardware to complete. */
static void netvsc_skb_open_csum(struct sk_buff *skb,
				 const struct netvsc_rsc_tcp *tcp)
{
	struct tcphdr *th = (void *)(skb_mac_header(skb) + tcp->tcp);
	u32 len = skb->len - (tcp->tcp - ETH_HLEN);

	if (tcp->ipv6) {
		const struct ipv6hdr *ip6 = (void *)skb->data;

		th->check = ~tcp_v6_check(len, &ip6->saddr, &ip6->daddr, 0);
	} else {
		const struct iphdr *ip4 = (void *)skb->data;

		th->check = ~tcp_v4_check(len, ip4->saddr, ip4->daddr, 0);
	}
	skb->csum_start = (u8 *)th - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
}

/* The host does not say how long the segments were: as the link allows. */
static void netvsc_skb_set_gso(struct sk_buff *skb,
			       const struct netvsc_rsc_tcp *tcp)
{
	u32 headers = tcp->len - ETH_HLEN;
	u32 mtu = READ_ONCE(skb->dev->mtu);

	if (!tcp->segmentable || mtu <= headers || skb->len <= mtu)
		return;

	skb_shinfo(skb)->gso_size = mtu - headers;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(skb->len - headers,
						 mtu - headers);
	skb_shinfo(skb)->gso_type = tcp->ipv6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	if (tcp->cwr)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
	skb_set_transport_header(skb, tcp->tcp - ETH_HLEN);
}

/**
 * netvsc_skb_settle() - make the headers of a TCP frame true
 * @skb: the frame, its data at the network header
 * @csum: RNDIS_RX_CSUM_*, what the host says of it
 *
 * For frames that the host has coalesced, or of which it says that a checksum
 * is not that of the whole. If the segments were good, the frame leaves here
 * as generic receive offload would have made it: with a checksum to be
 * completed and the sizes of its segments, so that it can be forwarded and cut
 * again. A frame whose headers are not those of one whole TCP packet is left
 * alone, and is judged by who receives it.
 *
 * Context: NAPI poll.
 * Return: whether the checksum has been dealt with.
 */
bool netvsc_skb_settle(struct sk_buff *skb, u32 csum)
{
	u8 *eth = skb_mac_header(skb);
	struct netvsc_rsc_tcp tcp;

	if (!netvsc_rsc_find_tcp(eth, skb_headlen(skb) + ETH_HLEN, &tcp) ||
	    tcp.ip_bytes != skb->len)
		return false;

	if (!tcp.ipv6 && (csum & RNDIS_RX_CSUM_IP_VALUE_INVALID))
		ip_send_check((struct iphdr *)skb->data);
	if (!(csum & RNDIS_RX_CSUM_TCP_OK))
		return false;
	netvsc_skb_open_csum(skb, &tcp);
	netvsc_skb_set_gso(skb, &tcp);

	return true;
}
