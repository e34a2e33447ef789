/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_XDP sockets whose memory frames are received into and sent from.
 */
#ifndef NETVSC_XSK_H
#define NETVSC_XSK_H

#include <linux/types.h>

struct net_device;
struct netvsc;
struct netvsc_channel;
struct netvsc_xdp_batch;
struct netvsc_xsk;
struct rndis_rx_frame;
struct sk_buff;
struct xsk_buff_pool;

int netvsc_xsk_setup(struct netvsc *nv, struct xsk_buff_pool *pool, u32 queue);
void netvsc_xsk_attach(struct netvsc_channel *ch);
void netvsc_xsk_detach(struct netvsc_channel *ch);
int netvsc_xsk_wakeup(struct net_device *dev, u32 queue, u32 flags);
bool netvsc_xsk_receive(struct netvsc_channel *ch, const u8 *data,
			const struct rndis_rx_frame *frame,
			struct netvsc_xdp_batch *batch, struct sk_buff **skb);
bool netvsc_xsk_transmit(struct netvsc_channel *ch, struct netvsc_xsk *xsk);
void netvsc_xsk_sent(struct netvsc_channel *ch, u32 number);

#endif /* NETVSC_XSK_H */
