/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP: programs that decide about frames before there is an sk_buff.
 */
#ifndef NETVSC_XDP_H
#define NETVSC_XDP_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <net/xdp.h>

struct net_device;
struct netdev_bpf;
struct netvsc;
struct netvsc_channel;
struct netvsc_xsk;
struct page_pool;
struct rndis_rx_frame;
struct sk_buff;

/*
 * A frame that a program is run on begins in a buffer of this size: headroom
 * for the program, the frame, tail room for what the stack keeps there. Kernels
 * before 6.6 take no buffer above a page for the size of one.
 */
#define NETVSC_XDP_BUFFER	4096
#define NETVSC_XDP_LINEAR_MAX	(NETVSC_XDP_BUFFER - XDP_PACKET_HEADROOM - \
				 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* With this MTU each frame that the host has not coalesced is in one buffer. */
#define NETVSC_XDP_LINEAR_MTU	(NETVSC_XDP_LINEAR_MAX - ETH_HLEN)

/**
 * struct netvsc_xdp_buff - a frame, and what the host says of it
 * @xdp: the frame; has to be the first
 * @frame: what came with it, while the program runs
 */
struct netvsc_xdp_buff {
	struct xdp_buff xdp;
	const struct rndis_rx_frame *frame;
};

/**
 * struct netvsc_xdp - the frame of a channel on which a program is run
 * @rxq: the queue, as programs see it
 * @pool: memory for frames; NULL: each piece is a page
 * @buff: the frame
 * @spare: a buffer that can be used for the next frame, or NULL
 * @room: where the next byte goes of a frame that has outgrown its buffer
 * @room_bytes: bytes there
 * @frags: pieces of the frame behind the first
 * @frag_bytes: bytes in them
 * @frag_room: bytes that they take in memory
 * @chain: the frame is still coming, in pieces
 */
struct netvsc_xdp {
	struct xdp_rxq_info rxq;
	struct page_pool *pool;
	struct netvsc_xdp_buff buff;
	void *spare;
	u8 *room;
	u32 room_bytes;
	u32 frags;
	u32 frag_bytes;
	u32 frag_room;
	bool chain;
};

/**
 * struct netvsc_xdp_batch - one poll, and what its program has decided
 * @prog: the program, or NULL
 * @xsk: AF_XDP sockets whose memory takes frames, or NULL
 * @packets: frames that were not dropped, and do not go up the stack
 * @bytes: in them
 * @drop: frames that the program has dropped
 * @tx: that it has sent back
 * @redirect: that it has sent elsewhere
 * @aborted: on which it has failed
 * @failed: that could not be sent
 * @xsk_redirect: of @redirect, those in the memory of an AF_XDP socket
 * @xsk_copied: frames that this memory had no place for
 */
struct netvsc_xdp_batch {
	struct bpf_prog *prog;
	struct netvsc_xsk *xsk;
	u32 packets;
	u32 bytes;
	u32 drop;
	u32 tx;
	u32 redirect;
	u32 aborted;
	u32 failed;
	u32 xsk_redirect;
	u32 xsk_copied;
};

/* netvsc_xdp.c */
int netvsc_xdp_channel_init(struct netvsc_channel *ch);
void netvsc_xdp_channel_exit(struct netvsc_channel *ch);
void netvsc_xdp_netdev_init(struct net_device *dev);
int netvsc_bpf(struct net_device *dev, struct netdev_bpf *bpf);
bool netvsc_xdp_allows_mtu(const struct netvsc *nv, u32 mtu);
struct sk_buff *netvsc_xdp_receive(struct netvsc_channel *ch, const u8 *data,
				   const struct rndis_rx_frame *frame,
				   struct netvsc_xdp_batch *batch);
void netvsc_xdp_first(struct netvsc_channel *ch, const u8 *data, u32 len);
void netvsc_xdp_next(struct netvsc_channel *ch, const u8 *data, u32 len,
		     bool more);
struct sk_buff *netvsc_xdp_last(struct netvsc_channel *ch,
				const struct rndis_rx_frame *frame,
				struct netvsc_xdp_batch *batch);
bool netvsc_xdp_drop_chain(struct netvsc_channel *ch);
void netvsc_xdp_finish(struct netvsc_channel *ch,
		       const struct netvsc_xdp_batch *batch);

/* netvsc_xdp_tx.c */
int netvsc_xdp_send_back(struct netvsc_channel *ch, struct xdp_buff *xdp,
			 const struct rndis_rx_frame *frame);
int netvsc_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		    u32 flags);

#endif /* NETVSC_XDP_H */
