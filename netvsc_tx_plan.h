/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a frame becomes on its way to the host: RNDIS header, bytes that are
 * copied, pages that are listed. Shared by the two files of the transmit path.
 */
#ifndef NETVSC_TX_PLAN_H
#define NETVSC_TX_PLAN_H

#include <linux/skbuff.h>
#include <linux/types.h>

#include "rndis_codec.h"

struct netvsc_channel;

/**
 * struct netvsc_tx_plan - how a frame becomes a message, or a part of one
 * @meta: what the RNDIS header says
 * @header_len: bytes of the RNDIS header
 * @head_len: bytes from the start of the frame that are copied behind it, and
 *	may be changed there
 * @rest: where the remainder of the frame starts in the skb
 * @copy: more bytes, from @rest on, that are copied
 * @ranges: ranges that list what is not copied
 * @pages: 4 KiB pages in them
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
};

/* The whole RNDIS message. */
static inline u32 netvsc_tx_plan_bytes(const struct netvsc_tx_plan *plan)
{
	return plan->header_len + plan->meta.data_len;
}

int netvsc_tx_plan_frame(struct netvsc_channel *ch, struct sk_buff *skb,
			 struct netvsc_tx_plan *plan);
void netvsc_tx_plan_list(const struct sk_buff *skb, u32 from,
			 struct netvsc_tx_plan *plan);
u32 netvsc_tx_put_copied(const struct sk_buff *skb,
			 const struct netvsc_tx_plan *plan, u8 *to);
void *netvsc_tx_put_range(void *to, u64 address, u32 len);
void netvsc_tx_put_listed(const struct sk_buff *skb,
			  const struct netvsc_tx_plan *plan, void *to);

#endif /* NETVSC_TX_PLAN_H */
