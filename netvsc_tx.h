/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that transmit share: slots, the open message, the ring.
 */
#ifndef NETVSC_TX_H
#define NETVSC_TX_H

#include "netvsc.h"
#include "netvsc_tx_plan.h"

/* The queue waits: for a slot, or for room in the ring. */
#define NETVSC_TX_WAIT		(-EBUSY)

static inline u16 netvsc_tx_next_slot(const struct netvsc_channel *ch)
{
	return ch->free_slot.item[ch->slot_head & ch->free_slot.mask];
}

static inline u8 *netvsc_tx_header(const struct netvsc_channel *ch, u16 slot)
{
	return ch->header_page[slot / NETVSC_TX_HEADERS_PER_PAGE] +
	       slot % NETVSC_TX_HEADERS_PER_PAGE * NETVSC_TX_HEADER_BYTES;
}

/* Between descriptor and payload of a message that lists so much. */
static inline u32 netvsc_tx_ext_len(u32 ranges, u32 pages)
{
	return sizeof(struct nvb_gpa_hdr) +
	       ranges * sizeof(struct nvb_gpa_range) + pages * sizeof(__le64);
}

static inline u32 netvsc_tx_wire_bytes(const struct netvsc_tx_plan *plan)
{
	return plan->meta.data_len + (plan->packets - 1) * plan->head_len;
}

bool netvsc_tx_stop_without_slot(struct netvsc_channel *ch);
int netvsc_tx_place(struct netvsc_channel *ch,
		    const struct netvsc_tx_plan *plan, u32 *place);
struct netvsc_tx_slot *netvsc_tx_placed(struct netvsc_channel *ch,
					const struct netvsc_tx_plan *plan,
					u32 place, u32 bytes);
void *netvsc_tx_claim(struct netvsc_channel *ch, u16 type, u64 xid,
		      u32 ext_len, bool *signal);
void netvsc_tx_put_nvsp(void *to, u16 section, u32 bytes);
void netvsc_tx_post(struct netvsc_channel *ch, bool publish);

#endif /* NETVSC_TX_H */
