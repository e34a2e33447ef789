/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive coalescing: which pieces make one frame, and what its headers say.
 *
 * A host that coalesces hands over one TCP packet of up to 64 KiB in pieces,
 * one to a range, all in one VMBus packet. Everything here is pure: no memory,
 * no sk_buff, no log. The same source is compiled into the driver and into
 * user-space tests.
 */
#ifndef NETVSC_RSC_H
#define NETVSC_RSC_H

#include <linux/types.h>

#include "rndis_codec.h"
#include "wire/nvsp.h"

/* The longest frame: an IP packet of 65535 bytes behind an Ethernet header. */
#define NETVSC_RSC_MAX_BYTES	(65535 + 14)

/**
 * struct netvsc_rsc - a chain of pieces
 * @pieces: so far; 0: no chain
 * @bytes: in them
 * @id: what they have in common
 */
struct netvsc_rsc {
	u32 pieces;
	u32 bytes;
	u16 id;
};

/* What a frame, or a piece of one, is to the chain. */
enum netvsc_rsc_step {
	NETVSC_RSC_WHOLE,	/* it is a frame by itself */
	NETVSC_RSC_BEGIN,	/* the first piece of several */
	NETVSC_RSC_MORE,	/* the next */
	NETVSC_RSC_LAST,	/* the last: the frame is complete */
	NETVSC_RSC_DROP,	/* it belongs to nothing */
};

enum netvsc_rsc_step netvsc_rsc_step(struct netvsc_rsc *rsc,
				     const struct rndis_rx_frame *frame,
				     bool *broken);
bool netvsc_rsc_end(struct netvsc_rsc *rsc);

/**
 * struct netvsc_rsc_tcp - where the headers of a TCP frame are
 * @tcp: offset of the TCP header
 * @len: bytes of all headers
 * @ip_bytes: length of the IP packet, as its header says
 * @ipv6: IPv6, else IPv4
 * @segmentable: without a flag that no two segments can have in common
 * @cwr: the flag of explicit congestion notification is set
 */
struct netvsc_rsc_tcp {
	u16 tcp;
	u16 len;
	u32 ip_bytes;
	bool ipv6;
	bool segmentable;
	bool cwr;
};

/* The longest headers that netvsc_rsc_find_tcp() can find: IPv4 and TCP. */
#define NETVSC_RSC_HEADERS_MAX	(14 + 60 + 60)

bool netvsc_rsc_find_tcp(const u8 *frame, u32 have, struct netvsc_rsc_tcp *tcp);

#endif /* NETVSC_RSC_H */
