/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames on their way to a host that cannot see where they are.
 */
#ifndef NETVSC_BOUNCE_H
#define NETVSC_BOUNCE_H

#include <linux/types.h>

struct device;
struct netvsc_bounce;
struct netvsc_tx_plan;
struct sk_buff;

struct netvsc_bounce *netvsc_bounce_create(struct device *dev, int node);
void netvsc_bounce_destroy(struct netvsc_bounce *b);
u32 netvsc_bounce_room(const struct netvsc_bounce *b);
int netvsc_bounce_fill(struct netvsc_bounce *b, u16 slot,
		       const struct sk_buff *skb, struct netvsc_tx_plan *plan);
void netvsc_bounce_undo(struct netvsc_bounce *b, u16 slot);
void netvsc_bounce_put_range(const struct netvsc_bounce *b, u16 slot, u32 len,
			     void *to);
void netvsc_bounce_return(struct netvsc_bounce *b, u16 slot);

#endif /* NETVSC_BOUNCE_H */
