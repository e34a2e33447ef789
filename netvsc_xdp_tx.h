/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sends frames without an sk_buff: XDP's, and those of AF_XDP sockets.
 */
#ifndef NETVSC_XDP_TX_H
#define NETVSC_XDP_TX_H

#include <linux/skbuff.h>
#include <linux/types.h>

#include "netvsc.h"
#include "netvsc_tx_plan.h"

struct rndis_rx_frame;
struct xdp_frame;

/**
 * struct netvsc_xdp_bits - where the bytes of a frame are
 * @data: the first of them
 * @head: how many there are in one piece
 * @len: how many there are
 * @frags: where the others are
 * @num_frags: in so many pieces
 * @owner: NETVSC_TX_XDP or NETVSC_TX_XSK
 * @xdpf: of XDP, what is kept when the frame is listed
 * @number: of a socket, the same
 * @phys: of a socket, where @data is in the guest's memory
 */
struct netvsc_xdp_bits {
	const u8 *data;
	u32 head;
	u32 len;
	const skb_frag_t *frags;
	u32 num_frags;
	enum netvsc_tx_kind owner;
	union {
		struct xdp_frame *xdpf;
		u32 number;
	};
	phys_addr_t phys;
};

static inline void netvsc_xdp_bits_of_data(struct netvsc_xdp_bits *bits,
					   const void *data, u32 len)
{
	bits->data = data;
	bits->head = len;
	bits->len = len;
	bits->num_frags = 0;
	bits->owner = NETVSC_TX_XDP;
}

bool netvsc_xdp_may_send(struct netvsc_channel *ch);
int netvsc_xdp_plan(const struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    const struct rndis_rx_frame *frame,
		    struct netvsc_tx_plan *plan);
int netvsc_xdp_copy(struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    const struct netvsc_tx_plan *plan);
int netvsc_xdp_list(struct netvsc_channel *ch,
		    const struct netvsc_xdp_bits *bits,
		    struct netvsc_tx_plan *plan);

#endif /* NETVSC_XDP_TX_H */
