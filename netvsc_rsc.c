// SPDX-License-Identifier: GPL-2.0
/*
 * Receive coalescing, the pure part: see netvsc_rsc.h.
 */
#include <linux/errno.h>
#include <linux/types.h>

#include "netvsc_rsc.h"

#define RSC_ETH_BYTES		14
#define RSC_ETH_TYPE		12
#define RSC_TYPE_IPV4		0x0800
#define RSC_TYPE_IPV6		0x86dd

#define RSC_IPV4_MIN_BYTES	20
#define RSC_IPV4_LENGTH		2
#define RSC_IPV4_FRAGMENT	6
#define RSC_IPV4_PROTOCOL	9
/* "More fragments", and the offset of one that is not the first. */
#define RSC_IPV4_FRAGMENT_BITS	0x3fff

#define RSC_IPV6_BYTES		40
#define RSC_IPV6_LENGTH		4
#define RSC_IPV6_NEXT		6

#define RSC_PROTOCOL_TCP	6
#define RSC_TCP_MIN_BYTES	20
#define RSC_TCP_DATA_OFFSET	12
#define RSC_TCP_FLAGS		13
#define RSC_TCP_SYN		0x02
#define RSC_TCP_RST		0x04
#define RSC_TCP_URG		0x20
#define RSC_TCP_CWR		0x80

/**
 * netvsc_rsc_end() - forget a chain
 * @rsc: the chain
 *
 * Context: Any.
 * Return: true if there was one.
 */
bool netvsc_rsc_end(struct netvsc_rsc *rsc)
{
	bool open = rsc->pieces;

	rsc->pieces = 0;
	return open;
}

static enum netvsc_rsc_step netvsc_rsc_first(struct netvsc_rsc *rsc,
					     const struct rndis_rx_frame *frame)
{
	if (frame->packet_flags & RNDIS_PACKET_ID_LAST)
		return NETVSC_RSC_WHOLE;
	rsc->pieces = 1;
	rsc->bytes = frame->data_len;
	rsc->id = frame->packet_id;
	return NETVSC_RSC_BEGIN;
}

static bool netvsc_rsc_fits(const struct netvsc_rsc *rsc,
			    const struct rndis_rx_frame *frame)
{
	return frame->packet_id == rsc->id &&
	       rsc->pieces < NVSP_MAX_RSC_RANGES &&
	       rsc->bytes <= NETVSC_RSC_MAX_BYTES &&
	       frame->data_len <= NETVSC_RSC_MAX_BYTES - rsc->bytes;
}

/**
 * netvsc_rsc_step() - what the next frame or piece is to a chain
 * @rsc: the chain
 * @frame: what has been decoded
 * @broken: set to whether a chain has ended that was not complete
 *
 * Context: Any.
 * Return: what to do with the bytes of @frame.
 */
enum netvsc_rsc_step netvsc_rsc_step(struct netvsc_rsc *rsc,
				     const struct rndis_rx_frame *frame,
				     bool *broken)
{
	*broken = false;
	if (!(frame->packet_flags & RNDIS_PACKET_ID_PIECE)) {
		*broken = netvsc_rsc_end(rsc);
		return NETVSC_RSC_WHOLE;
	}
	if (frame->packet_flags & RNDIS_PACKET_ID_FIRST) {
		*broken = netvsc_rsc_end(rsc);
		return netvsc_rsc_first(rsc, frame);
	}
	if (!rsc->pieces)
		return NETVSC_RSC_DROP;
	if (!netvsc_rsc_fits(rsc, frame)) {
		*broken = netvsc_rsc_end(rsc);
		return NETVSC_RSC_DROP;
	}

	rsc->pieces++;
	rsc->bytes += frame->data_len;
	if (!(frame->packet_flags & RNDIS_PACKET_ID_LAST))
		return NETVSC_RSC_MORE;
	rsc->pieces = 0;
	return NETVSC_RSC_LAST;
}

static u32 netvsc_rsc_be16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

/* Returns the length of an IPv4 header before TCP, 0 if it is none. */
static u32 netvsc_rsc_ipv4(const u8 *ip, u32 have, struct netvsc_rsc_tcp *tcp)
{
	u32 len;

	if (have < RSC_IPV4_MIN_BYTES || ip[0] >> 4 != 4 ||
	    ip[RSC_IPV4_PROTOCOL] != RSC_PROTOCOL_TCP ||
	    netvsc_rsc_be16(ip + RSC_IPV4_FRAGMENT) & RSC_IPV4_FRAGMENT_BITS)
		return 0;
	len = (ip[0] & 0xf) * 4;
	if (len < RSC_IPV4_MIN_BYTES || len > have)
		return 0;
	tcp->ipv6 = false;
	tcp->ip_bytes = netvsc_rsc_be16(ip + RSC_IPV4_LENGTH);
	return len;
}

/* Likewise of an IPv6 header without extensions. */
static u32 netvsc_rsc_ipv6(const u8 *ip, u32 have, struct netvsc_rsc_tcp *tcp)
{
	if (have < RSC_IPV6_BYTES || ip[0] >> 4 != 6 ||
	    ip[RSC_IPV6_NEXT] != RSC_PROTOCOL_TCP)
		return 0;
	tcp->ipv6 = true;
	tcp->ip_bytes = RSC_IPV6_BYTES + netvsc_rsc_be16(ip + RSC_IPV6_LENGTH);
	return RSC_IPV6_BYTES;
}

/**
 * netvsc_rsc_find_tcp() - find the headers of a TCP frame
 * @frame: its first bytes, in private memory
 * @have: how many
 * @tcp: filled in if the result is true
 *
 * Context: Any.
 * Return: true if all headers, without a VLAN tag or IPv6 extensions, are
 * within @have bytes and the packet is no fragment.
 */
bool netvsc_rsc_find_tcp(const u8 *frame, u32 have, struct netvsc_rsc_tcp *tcp)
{
	u32 ip_len, tcp_len, type;
	const u8 *at;

	if (have < RSC_ETH_BYTES)
		return false;
	type = netvsc_rsc_be16(frame + RSC_ETH_TYPE);
	at = frame + RSC_ETH_BYTES;
	have -= RSC_ETH_BYTES;
	if (type == RSC_TYPE_IPV4)
		ip_len = netvsc_rsc_ipv4(at, have, tcp);
	else if (type == RSC_TYPE_IPV6)
		ip_len = netvsc_rsc_ipv6(at, have, tcp);
	else
		return false;
	if (!ip_len || have - ip_len < RSC_TCP_MIN_BYTES)
		return false;

	at += ip_len;
	tcp_len = (at[RSC_TCP_DATA_OFFSET] >> 4) * 4;
	if (tcp_len < RSC_TCP_MIN_BYTES || tcp_len > have - ip_len)
		return false;
	tcp->tcp = RSC_ETH_BYTES + ip_len;
	tcp->len = tcp->tcp + tcp_len;
	tcp->segmentable = !(at[RSC_TCP_FLAGS] &
			     (RSC_TCP_SYN | RSC_TCP_RST | RSC_TCP_URG));
	tcp->cwr = at[RSC_TCP_FLAGS] & RSC_TCP_CWR;
	return true;
}
