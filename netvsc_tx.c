// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit, second half: messages to the host, and their completions.
 *
 * A frame goes one of four ways:
 *
 *	copied		RNDIS header and frame into a section of the send
 *			buffer; the ring message names the section
 *	listed		RNDIS header into the slot's own memory, its page first
 *			in a list of ranges, the pages of the frame after it
 *	head copied	header and first part of the frame into a section, the
 *			pages of the rest listed: for frames in too many pieces
 *	bounced		all of it into pages that the host can see, which are
 *			listed: in isolated guests instead of the two above
 *
 * The RNDIS header with all per-packet information lies in one 4 KiB page and
 * in the first range in each case; hosts insist on it.
 *
 * Copied frames of a burst share a section, one behind the other, as long as
 * the host takes so many in one message:
 *
 *	section  | RNDIS | frame | 0 | RNDIS | frame | 0 | RNDIS | frame |
 *	         ^ aligned           ^ aligned           ^ aligned
 *
 * Until it is posted, the message is open and belongs to the transmit path. It
 * is posted when it is full, when a frame has to go another way, and at the
 * end of the burst, or, in a stream of frames, a little later. Its last frame,
 * if TCP has sent it, is kept until the host has finished with the message: TCP
 * sends larger segments while it sees that something is under way. The others
 * are freed at once; the slot of the message counts them against the queue's
 * limit.
 */
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/sched/clock.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_trace.h"
#include "netvsc_tx.h"
#include "netvsc_tx_plan.h"
#include "netvsc_xsk.h"

/**
 * netvsc_tx_slots_free() - messages that can still be put under way
 * @ch: the channel
 *
 * Context: Any; exact under the lock of the transmit queue.
 * Return: number of free slots.
 */
u32 netvsc_tx_slots_free(const struct netvsc_channel *ch)
{
	/* Pairs with the release in netvsc_tx_return(). */
	return smp_load_acquire(&ch->slot_tail) - READ_ONCE(ch->slot_head);
}

/* Slots that frames of any length can still have. */
static u32 netvsc_tx_room(const struct netvsc_channel *ch)
{
	u32 slots = netvsc_tx_slots_free(ch);

	if (likely(!ch->bounce))
		return slots;

	return min(slots, netvsc_bounce_room(ch->bounce));
}

/**
 * netvsc_tx_stop_without_slot() - stop the queue if a slot was the last
 * @ch: the channel
 *
 * So the queue never looks for a slot in vain.
 *
 * Context: Under the lock of the transmit queue.
 * Return: true if it is stopped.
 */
bool netvsc_tx_stop_without_slot(struct netvsc_channel *ch)
{
	if (likely(netif_txq_maybe_stop(ch->txq, netvsc_tx_room(ch), 1,
					NETVSC_TX_WAKE_SLOTS)))
		return false;
	netvsc_stat_inc(&ch->stats->xmit, stop);

	return true;
}

static u8 *netvsc_tx_section(const struct netvsc_channel *ch, u16 section)
{
	return ch->send_base + section * ch->section_bytes;
}

static u32 netvsc_tx_sections_free(const struct netvsc_channel *ch)
{
	/* Pairs with the release in netvsc_tx_return(). */
	return smp_load_acquire(&ch->section_tail) -
	       READ_ONCE(ch->section_head);
}

static u16 netvsc_tx_pop_section(struct netvsc_channel *ch)
{
	u32 head = ch->section_head;

	WRITE_ONCE(ch->section_head, head + 1);

	return ch->free_section.item[head & ch->free_section.mask];
}

/*
 * Takes half of what another channel has left, but no more than the stash
 * holds. Nobody waits here: two channels may be at each other.
 */
static void netvsc_tx_steal_from(struct netvsc_channel *ch,
				 struct netvsc_channel *victim)
{
	u32 num;

	if (netvsc_tx_sections_free(victim) < 2 ||
	    !__netif_tx_trylock(victim->txq))
		return;
	num = min_t(u32, netvsc_tx_sections_free(victim) / 2,
		    NETVSC_TX_STASH);
	while (ch->stash_len < num)
		ch->stash[ch->stash_len++] = netvsc_tx_pop_section(victim);
	__netif_tx_unlock(victim->txq);
	netvsc_stat_add(&ch->stats->xmit, stolen, num);
}

/* Sections that a channel steals are its own from then on. */
static bool netvsc_tx_steal(struct netvsc_channel *ch)
{
	struct netvsc *nv = ch->nv;
	struct netvsc_channel *victim;
	u32 i, num = nv->netdev->real_num_tx_queues;

	for (i = 1; i < num && !ch->stash_len; i++) {
		/* Stopping the transmit path waits for our queue's lock. */
		victim = READ_ONCE(nv->queue[(ch->queue + i) % num]);
		if (victim && victim != ch)
			netvsc_tx_steal_from(ch, victim);
	}

	return ch->stash_len;
}

/* A section of the send buffer, or NETVSC_NO_SECTION. */
static u16 netvsc_tx_get_section(struct netvsc_channel *ch)
{
	if (unlikely(ch->stash_len))
		return ch->stash[--ch->stash_len];
	if (likely(netvsc_tx_sections_free(ch)))
		return netvsc_tx_pop_section(ch);
	if (ch->section_bytes && netvsc_tx_steal(ch))
		return ch->stash[--ch->stash_len];

	return NETVSC_NO_SECTION;
}

/* It came from the stash, or the stash is empty. */
static void netvsc_tx_unget_section(struct netvsc_channel *ch, u16 section)
{
	if (section != NETVSC_NO_SECTION)
		ch->stash[ch->stash_len++] = section;
}

/*
 * Takes the lock of the ring, whose owners can be interrupted. netpoll, which
 * transmits with interrupts off and maybe on top of an owner, or of somebody
 * whom an owner waits for, may not wait for it.
 */
#define netvsc_tx_trylock(out)						\
	(likely(!irqs_disabled()) ?					\
	 ({ spin_lock(&(out)->lock); true; }) :				\
	 spin_trylock(&(out)->lock))

/**
 * netvsc_tx_claim() - claim room in the ring, or stop the queue until there is
 * @ch: the channel
 * @type: enum nvb_packet_type of the message
 * @xid: its transaction id
 * @ext_len: bytes of it before NVSP's
 * @signal: set if the host has to be signalled; not touched if not
 *
 * The host has to see all that is in the ring first, or it would never make
 * room.
 *
 * Context: Under the locks of the transmit queue and of the ring.
 * Return: where the message is built, or NULL.
 */
void *netvsc_tx_claim(struct netvsc_channel *ch, u16 type, u64 xid, u32 ext_len,
		      bool *signal)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	void *to;

	lockdep_assert_held(&out->lock);

	to = nvb_out_claim(out, type, NVB_FLAG_COMPLETION_REQUESTED, xid,
			   ext_len, NVSP_MSG_BYTES);
	if (likely(to))
		return to;

	netvsc_stat_inc(&ch->stats->xmit, no_space);
	*signal |= nvb_out_publish(out);
	WRITE_ONCE(ch->ring_wait, true);
	netif_tx_stop_queue(ch->txq);
	if (!nvb_out_want(out, NETVSC_TX_RING_ROOM)) {
		netvsc_stat_inc(&ch->stats->xmit, stop);
		return NULL;
	}
	WRITE_ONCE(ch->ring_wait, false);
	netif_tx_start_queue(ch->txq);

	return nvb_out_claim(out, type, NVB_FLAG_COMPLETION_REQUESTED, xid,
			     ext_len, NVSP_MSG_BYTES);
}

/**
 * netvsc_tx_put_nvsp() - write the NVSP part of a message with frames
 * @to: where
 * @section: of the send buffer, or NETVSC_NO_SECTION
 * @bytes: used of it
 *
 * Context: Any.
 */
void netvsc_tx_put_nvsp(void *to, u16 section, u32 bytes)
{
	bool in_section = section != NETVSC_NO_SECTION;
	struct nvsp_msg_rndis_packet *msg = to;

	msg->hdr.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET);
	msg->channel_type = cpu_to_le32(NVSP_CHANNEL_DATA);
	msg->section = cpu_to_le32(in_section ? section : NVSP_SECTION_NONE);
	msg->section_size = cpu_to_le32(in_section ? bytes : 0);
	memset(msg + 1, 0, NVSP_MSG_BYTES - sizeof(*msg));
}

/*
 * Puts the open message, if there is one, into the ring. From the moment its
 * slot is live only the completion may touch it. Without room it stays open.
 */
static void netvsc_tx_post_open(struct netvsc_channel *ch, bool *signal)
{
	struct netvsc_tx_open *open = &ch->msg;
	struct nvb_ring_out *out = &ch->vmbus.out;
	struct netvsc_tx_slot *slot;
	void *to;
	u64 xid;

	lockdep_assert_held(&out->lock);

	if (!open->frames)
		return;
	slot = &ch->slot[open->slot];
	xid = nvsp_xid(NVSP_XID_FRAME, slot->generation, open->slot);
	to = netvsc_tx_claim(ch, NVB_PACKET_INBAND, xid, 0, signal);
	if (unlikely(!to))
		return;

	netvsc_tx_put_nvsp(to, slot->section, open->used);
	trace_nvsp_send_pkt(ch->nv->dev, ch->queue, NVSP_CHANNEL_DATA,
			    slot->section, open->used, open->used, xid);
	slot->frames = open->frames;
	netvsc_stat_add(&ch->stats->xmit, copied, open->frames);
	open->frames = 0;
	/* Pairs with the acquire in netvsc_tx_complete(). */
	smp_store_release(&slot->live, true);
	nvb_out_commit(out);
}

/**
 * netvsc_tx_post() - post the open message
 * @ch: the channel
 * @publish: show the host all that is in the ring
 *
 * What cannot be posted now is posted by the NAPI poll.
 *
 * Context: Under the lock of the transmit queue.
 */
void netvsc_tx_post(struct netvsc_channel *ch, bool publish)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool signal = false;

	if (unlikely(!netvsc_tx_trylock(out))) {
		/* Its owner will not look for what we leave behind. */
		WRITE_ONCE(ch->unposted, true);
		napi_schedule(&ch->napi);
		return;
	}
	netvsc_tx_post_open(ch, &signal);
	if (publish) {
		signal |= nvb_out_publish(out);
		WRITE_ONCE(ch->unposted, ch->msg.frames);
		ch->pace.held = 0;
	}
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);
}

/* Where the next frame goes in the open message; 0 if it does not fit. */
static u32 netvsc_tx_next_place(const struct netvsc_channel *ch,
				const struct netvsc_tx_plan *plan)
{
	const struct netvsc_tx_open *open = &ch->msg;
	u32 at = ALIGN(open->used, ch->aggr_align);

	if (open->frames >= READ_ONCE(ch->aggr_frames) ||
	    at + netvsc_tx_plan_bytes(plan) > READ_ONCE(ch->aggr_bytes))
		return 0;
	if ((open->start - ch->send_base + at) % NETVSC_HV_PAGE_BYTES +
	    plan->header_len > NETVSC_HV_PAGE_BYTES)
		return 0;

	return at;
}

/* The gap between two frames counts to the first. */
static void netvsc_tx_pad(struct netvsc_tx_open *open, u32 at)
{
	if (at == open->used)
		return;
	memset(open->start + open->used, 0, at - open->used);
	rndis_tx_set_length(open->start + open->last, at - open->last);
}

/* Opens a message in a section that is free, for which there is a slot. */
static bool netvsc_tx_open_message(struct netvsc_channel *ch)
{
	struct netvsc_tx_open *open = &ch->msg;
	struct netvsc_tx_slot *slot;
	u16 section;

	section = netvsc_tx_get_section(ch);
	if (unlikely(section == NETVSC_NO_SECTION))
		return false;

	open->slot = netvsc_tx_next_slot(ch);
	WRITE_ONCE(ch->slot_head, ch->slot_head + 1);
	open->start = netvsc_tx_section(ch, section);
	open->used = 0;
	slot = &ch->slot[open->slot];
	slot->skb = NULL;
	slot->kind = NETVSC_TX_SKB;
	slot->bytes = 0;
	slot->packets = 0;
	slot->wire_bytes = 0;
	slot->section = section;

	return true;
}

/**
 * netvsc_tx_place() - find a place for a frame that is copied
 * @ch: the channel
 * @plan: the frame's
 * @place: set to where in the open message it goes, which may be a new one
 *
 * Context: Under the lock of the transmit queue.
 * Return: 0; NETVSC_TX_WAIT; -ENOSPC without a section.
 */
int netvsc_tx_place(struct netvsc_channel *ch,
		    const struct netvsc_tx_plan *plan, u32 *place)
{
	struct netvsc_tx_open *open = &ch->msg;
	u32 at = 0;

	if (open->frames) {
		at = netvsc_tx_next_place(ch, plan);
		if (at) {
			netvsc_tx_pad(open, at);
		} else {
			netvsc_tx_post(ch, false);
			if (unlikely(open->frames))
				return NETVSC_TX_WAIT;
		}
	}
	if (!at) {
		if (unlikely(!netvsc_tx_slots_free(ch)))
			return NETVSC_TX_WAIT;
		if (unlikely(!netvsc_tx_open_message(ch)))
			return -ENOSPC;
	}
	*place = at;

	return 0;
}

/**
 * netvsc_tx_placed() - a frame has been copied into the open message
 * @ch: the channel
 * @plan: the frame's
 * @place: what netvsc_tx_place() said
 * @bytes: written there
 *
 * Context: Under the lock of the transmit queue.
 * Return: the message's slot.
 */
struct netvsc_tx_slot *netvsc_tx_placed(struct netvsc_channel *ch,
					const struct netvsc_tx_plan *plan,
					u32 place, u32 bytes)
{
	struct netvsc_tx_open *open = &ch->msg;
	struct netvsc_tx_slot *slot = &ch->slot[open->slot];

	open->last = place;
	open->used = place + bytes;
	open->frames++;
	slot->packets += plan->packets;
	slot->wire_bytes += netvsc_tx_wire_bytes(plan);

	return slot;
}

/*
 * Copies a frame into the open message, or into a new one.
 * Return: 0; NETVSC_TX_WAIT; -ENOSPC without a section.
 */
static int netvsc_tx_add(struct netvsc_channel *ch, const struct sk_buff *skb,
			 struct netvsc_tx_plan *plan)
{
	u32 at, bytes;
	int err;

	err = netvsc_tx_place(ch, plan, &at);
	if (unlikely(err))
		return err;
	plan->copy = skb->len - plan->rest;
	bytes = netvsc_tx_put_copied(skb, plan, ch->msg.start + at);
	netvsc_tx_placed(ch, plan, at, bytes)->bytes += skb->len;

	return 0;
}

/*
 * Whether this is the poll of the same channel. What it makes the stack send
 * leaves together at its end, if it is short: acknowledgements, answers. The
 * host had better begin with long frames while the poll makes more of them.
 */
static bool netvsc_tx_in_poll(const struct netvsc_channel *ch)
{
	return READ_ONCE(ch->poll_cpu) == smp_processor_id();
}

static bool netvsc_tx_is_tcp(const struct sk_buff *skb)
{
	return skb->sk && sk_fullsock(skb->sk) &&
	       skb->sk->sk_protocol == IPPROTO_TCP;
}

/*
 * What has been copied is freed while it is hot in the caches, unless TCP has
 * sent it, or the frame is short: the poll frees those in bulk. Of the others
 * the message keeps the last.
 */
static void netvsc_tx_keep(struct netvsc_tx_slot *slot, struct sk_buff *skb,
			   bool tcp)
{
	struct sk_buff *done = skb;

	if (skb->len <= NETVSC_TX_SHORT || tcp) {
		done = slot->skb;
		slot->skb = skb;
	}
	if (done)
		dev_consume_skb_any(done);
}

/*
 * Whether what has been copied waits for more: see netvsc_tx_pace.h. TCP, which
 * paces itself by what comes back, never waits, nor does netpoll, nor anything
 * of which the host need not be told by a signal.
 */
static bool netvsc_tx_hold(struct netvsc_channel *ch, bool tcp)
{
	u32 most = READ_ONCE(ch->nv->tx_hold_ns);

	if (!most || tcp || irqs_disabled() ||
	    !netvsc_tx_pace_hold(&ch->pace, local_clock(), most) ||
	    netif_xmit_stopped(ch->txq) || !nvb_out_idle(&ch->vmbus.out))
		return false;
	if (!ch->pace_armed) {
		ch->pace_armed = true;
		hrtimer_start(&ch->pace_timer, ns_to_ktime(most),
			      HRTIMER_MODE_REL_PINNED_SOFT);
	}

	return true;
}

/* A frame that has been copied, and maybe others before it, is on its way. */
static void netvsc_tx_added(struct netvsc_channel *ch, struct sk_buff *skb,
			    bool more)
{
	bool publish, tcp = netvsc_tx_is_tcp(skb);

	if (netvsc_tx_in_poll(ch)) {
		WRITE_ONCE(ch->unposted, true);
		more = true;
	}
	skb_tx_timestamp(skb);
	publish = __netdev_tx_sent_queue(ch->txq, skb->len, more);
	netvsc_tx_keep(&ch->slot[ch->msg.slot], skb, tcp);
	if (ch->msg.frames == 1)
		publish |= netvsc_tx_stop_without_slot(ch);
	if (publish && !netvsc_tx_hold(ch, tcp))
		netvsc_tx_post(ch, true);
}

/*
 * More pieces than a host takes: copy as much of the front as a section
 * holds, and if that does not help, make it one piece.
 */
static int netvsc_tx_plan_scattered(struct netvsc_channel *ch,
				    struct sk_buff *skb,
				    struct netvsc_tx_plan *plan, u16 *section)
{
	u32 used = plan->header_len + plan->head_len;

	netvsc_stat_inc(&ch->stats->xmit, scattered);
	if (ch->section_bytes > used) {
		plan->copy = min(ch->section_bytes - used,
				 skb->len - plan->rest);
		netvsc_tx_plan_list(skb, plan->rest + plan->copy, plan);
		if (plan->ranges <= NETVSC_TX_MAX_RANGES &&
		    plan->pages <= NETVSC_TX_MAX_PAGES)
			*section = netvsc_tx_get_section(ch);
		if (*section != NETVSC_NO_SECTION) {
			netvsc_stat_inc(&ch->stats->xmit, head_copied);
			return 0;
		}
		plan->copy = 0;
	}

	if (skb_shared(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return -EMSGSIZE;
	}
	if (skb_linearize(skb)) {
		netvsc_stat_inc(&ch->stats->xmit, no_memory);
		return -ENOMEM;
	}
	netvsc_stat_inc(&ch->stats->xmit, linearized);
	netvsc_tx_plan_list(skb, plan->rest, plan);
	if (plan->pages >= NETVSC_TX_MAX_PAGES) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return -EMSGSIZE;
	}

	return 0;
}

/* Decides what is listed. The errors are counted. */
static int netvsc_tx_plan_pages(struct netvsc_channel *ch, struct sk_buff *skb,
				struct netvsc_tx_plan *plan, u16 *section)
{
	*section = NETVSC_NO_SECTION;
	netvsc_tx_plan_list(skb, plan->rest, plan);
	/* One of each is for the header. */
	if (likely(plan->ranges < NETVSC_TX_MAX_RANGES &&
		   plan->pages < NETVSC_TX_MAX_PAGES))
		return 0;

	return netvsc_tx_plan_scattered(ch, skb, plan, section);
}

/* Writes the ring message for which room has been claimed at @to. */
static void netvsc_tx_put_pages(const struct sk_buff *skb,
				const struct netvsc_tx_plan *plan,
				void *header, u32 header_bytes, void *to)
{
	struct nvb_gpa_hdr *hdr = to;
	void *range = hdr + 1;

	hdr->reserved = 0;
	hdr->range_count = cpu_to_le32(plan->ranges + !!header);
	if (header)
		range = netvsc_tx_put_range(range, virt_to_phys(header),
					    header_bytes);
	netvsc_tx_put_listed(skb, plan, range);
}

static void netvsc_tx_fill_slot(struct netvsc_tx_slot *slot,
				struct sk_buff *skb,
				const struct netvsc_tx_plan *plan, u16 section)
{
	slot->skb = skb;
	slot->kind = NETVSC_TX_SKB;
	slot->bytes = skb->len;
	slot->packets = plan->packets;
	slot->wire_bytes = netvsc_tx_wire_bytes(plan);
	slot->section = section;
	slot->frames = 1;
}

/* The message is whole: from here on it may be completed. */
static void netvsc_tx_launch(struct netvsc_channel *ch,
			     struct netvsc_tx_slot *slot, struct sk_buff *skb,
			     bool more, bool *signal)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool publish;

	skb_tx_timestamp(skb);
	/* The completion, and thus BQL's other half, may come at once. */
	publish = __netdev_tx_sent_queue(ch->txq, skb->len, more);
	WRITE_ONCE(ch->slot_head, ch->slot_head + 1);
	/* Pairs with the acquire in netvsc_tx_complete(). */
	smp_store_release(&slot->live, true);
	nvb_out_commit(out);

	publish |= netvsc_tx_stop_without_slot(ch);
	if (publish)
		*signal |= nvb_out_publish(out);
}

/* Puts a message of one frame into the ring; false without room. */
static bool netvsc_tx_post_pages(struct netvsc_channel *ch,
				 struct sk_buff *skb,
				 const struct netvsc_tx_plan *plan,
				 u16 section, bool more, bool *signal)
{
	bool own_header = section == NETVSC_NO_SECTION;
	u16 index = netvsc_tx_next_slot(ch);
	struct netvsc_tx_slot *slot = &ch->slot[index];
	u8 *front = own_header ? netvsc_tx_header(ch, index) :
				 netvsc_tx_section(ch, section);
	u64 xid = nvsp_xid(NVSP_XID_FRAME, slot->generation, index);
	u32 ext_len = 0, copied;
	void *to;

	if (own_header || plan->ranges)
		ext_len = netvsc_tx_ext_len(plan->ranges + own_header,
					    plan->pages + own_header);
	to = netvsc_tx_claim(ch, ext_len ? NVB_PACKET_GPA_DIRECT :
					   NVB_PACKET_INBAND,
			     xid, ext_len, signal);
	if (unlikely(!to))
		return false;

	copied = netvsc_tx_put_copied(skb, plan, front);
	if (ext_len)
		netvsc_tx_put_pages(skb, plan, own_header ? front : NULL,
				    copied, to);
	netvsc_tx_put_nvsp(to + ext_len, section, copied);
	netvsc_tx_fill_slot(slot, skb, plan, section);
	trace_nvsp_send_pkt(ch->nv->dev, ch->queue, NVSP_CHANNEL_DATA,
			    own_header ? NVSP_SECTION_NONE : section,
			    own_header ? 0 : copied,
			    netvsc_tx_plan_bytes(plan), xid);
	netvsc_tx_launch(ch, slot, skb, more, signal);

	return true;
}

/* The same for a frame that netvsc_bounce_fill() has copied. */
static bool netvsc_tx_post_bounced(struct netvsc_channel *ch,
				   struct sk_buff *skb,
				   const struct netvsc_tx_plan *plan,
				   bool more, bool *signal)
{
	u32 ext_len = netvsc_tx_ext_len(1, plan->pages);
	u16 index = netvsc_tx_next_slot(ch);
	struct netvsc_tx_slot *slot = &ch->slot[index];
	u64 xid = nvsp_xid(NVSP_XID_FRAME, slot->generation, index);
	struct nvb_gpa_hdr *hdr;

	hdr = netvsc_tx_claim(ch, NVB_PACKET_GPA_DIRECT, xid, ext_len, signal);
	if (unlikely(!hdr))
		return false;

	hdr->reserved = 0;
	hdr->range_count = cpu_to_le32(1);
	netvsc_bounce_put_range(ch->bounce, index, netvsc_tx_plan_bytes(plan),
				hdr + 1);
	netvsc_tx_put_nvsp((void *)hdr + ext_len, NETVSC_NO_SECTION, 0);
	netvsc_tx_fill_slot(slot, skb, plan, NETVSC_NO_SECTION);
	trace_nvsp_send_pkt(ch->nv->dev, ch->queue, NVSP_CHANNEL_DATA,
			    NVSP_SECTION_NONE, 0, netvsc_tx_plan_bytes(plan),
			    xid);
	netvsc_stat_inc(&ch->stats->xmit, bounced);
	netvsc_tx_launch(ch, slot, skb, more, signal);

	return true;
}

/* Copies a frame to where the host can see it. The error is counted. */
static int netvsc_tx_bounce(struct netvsc_channel *ch,
			    const struct sk_buff *skb,
			    struct netvsc_tx_plan *plan)
{
	int pages = netvsc_bounce_fill(ch->bounce, netvsc_tx_next_slot(ch),
				       skb, plan);

	if (unlikely(pages < 0)) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		return pages;
	}
	plan->pages = pages;

	return 0;
}

/* What was got ready for a message that could not be posted goes back. */
static void netvsc_tx_unlist(struct netvsc_channel *ch, u16 section)
{
	if (ch->bounce)
		netvsc_bounce_undo(ch->bounce, netvsc_tx_next_slot(ch));
	netvsc_tx_unget_section(ch, section);
}

/*
 * Sends a frame in a message of its own, after the one that is open.
 * Return: 0; NETVSC_TX_WAIT; another negative errno: drop it, it is counted.
 */
static int netvsc_tx_list(struct netvsc_channel *ch, struct sk_buff *skb,
			  struct netvsc_tx_plan *plan, bool more)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool sent = false, signal = false;
	u16 section = NETVSC_NO_SECTION;
	int err;

	if (unlikely(ch->bounce))
		err = netvsc_tx_bounce(ch, skb, plan);
	else
		err = netvsc_tx_plan_pages(ch, skb, plan, &section);
	if (unlikely(err))
		return err;

	if (unlikely(!netvsc_tx_trylock(out)))
		goto wait;
	netvsc_tx_post_open(ch, &signal);
	if (likely(!ch->msg.frames && netvsc_tx_slots_free(ch)))
		sent = unlikely(ch->bounce) ?
		       netvsc_tx_post_bounced(ch, skb, plan, more, &signal) :
		       netvsc_tx_post_pages(ch, skb, plan, section, more,
					    &signal);
	spin_unlock(&out->lock);
	if (signal)
		nvb_channel_signal(&ch->vmbus);
	if (likely(sent))
		return 0;
wait:
	netvsc_tx_unlist(ch, section);

	return NETVSC_TX_WAIT;
}

/* Whether a frame is short enough to be worth a copy. */
static bool netvsc_tx_is_short(const struct netvsc_channel *ch,
			       const struct netvsc_tx_plan *plan)
{
	return plan->meta.data_len <= READ_ONCE(ch->nv->tx_copybreak) &&
	       netvsc_tx_plan_bytes(plan) <= ch->section_bytes;
}

static int netvsc_tx_send(struct netvsc_channel *ch, struct sk_buff *skb,
			  bool more)
{
	struct netvsc_tx_plan plan;
	int err;

	if (unlikely(!netvsc_tx_room(ch)))
		return NETVSC_TX_WAIT;
	err = netvsc_tx_plan_frame(ch, skb, &plan);
	if (unlikely(err))
		return err;
	trace_rndis_send(ch->nv->dev, ch->queue, 0, RNDIS_MSG_PACKET,
			 netvsc_tx_plan_bytes(&plan));

	if (netvsc_tx_is_short(ch, &plan)) {
		err = netvsc_tx_add(ch, skb, &plan);
		if (likely(!err))
			netvsc_tx_added(ch, skb, more);
		if (likely(err != -ENOSPC))
			return err;
		netvsc_stat_inc(&ch->stats->xmit, send_full);
	}

	return netvsc_tx_list(ch, skb, &plan, more);
}

/* Why a frame is dropped that could not be sent, beside its counter. */
static enum nvb_drop_reason netvsc_tx_why(int err)
{
	switch (err) {
	case -ENOMEM:
		return NVB_DROP_NO_MEMORY;
	case -EMSGSIZE:
		return NVB_DROP_TOO_BIG;
	case -EBADMSG:
		return NVB_DROP_CHECKSUM;
	default:
		return NVB_DROP_BAD_MESSAGE;
	}
}

/* What comes back from the stack with no channel under it. */
static netdev_tx_t netvsc_tx_not_ready(struct netvsc *nv, u16 queue,
				       struct sk_buff *skb)
{
	struct netvsc_queue_stats *stats = nv->stats[queue];

	if (stats)
		netvsc_stat_inc(&stats->xmit, not_ready);
	nvb_drop_skb(skb, NVB_DROP_NOT_READY);

	return NETDEV_TX_OK;
}

/**
 * netvsc_start_xmit() - transmit a frame
 * @skb: the frame
 * @dev: the interface
 *
 * Whatever becomes of the frame, nothing that precedes it in a burst is left
 * behind: the ring is published unless another frame is certain to follow, or
 * the end of the poll in which the stack has made it.
 *
 * Context: Under the lock of the transmit queue; from any interrupt context.
 * Return: NETDEV_TX_OK (sent, or dropped and counted) or NETDEV_TX_BUSY.
 */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	u16 queue = skb_get_queue_mapping(skb);
	struct netvsc *nv = netdev_priv(dev);
	bool more = netdev_xmit_more();
	struct netvsc_channel *ch;
	struct net_device *via;
	int err;

	if (rcu_access_pointer(nv->vf.path)) {
		via = netvsc_vf_path(&nv->vf);
		if (likely(via))
			return netvsc_vf_xmit(nv, via, skb);
		netvsc_vf_bypassed(nv);
		/* What follows in the burst may go the other way. */
		more = false;
	}
	ch = READ_ONCE(nv->queue[queue]);
	if (unlikely(!ch))
		return netvsc_tx_not_ready(nv, queue, skb);

	err = netvsc_tx_send(ch, skb, more);
	if (likely(!err))
		return NETDEV_TX_OK;

	if (err == NETVSC_TX_WAIT) {
		netvsc_stat_inc(&ch->stats->xmit, busy);
		netvsc_tx_post(ch, true);
		return NETDEV_TX_BUSY;
	}
	nvb_drop_skb(skb, netvsc_tx_why(err));
	if (!more)
		netvsc_tx_post(ch, true);

	return NETDEV_TX_OK;
}

/* Gives slot and section back to the transmit path. */
static void netvsc_tx_return(struct netvsc_channel *ch, u16 index)
{
	struct netvsc_tx_slot *slot = &ch->slot[index];
	u32 tail;

	slot->live = false;
	slot->generation++;
	if (unlikely(ch->bounce))
		netvsc_bounce_return(ch->bounce, index);
	if (slot->section != NETVSC_NO_SECTION) {
		tail = ch->section_tail;
		ch->free_section.item[tail & ch->free_section.mask] =
			slot->section;
		/* Pairs with the acquire in netvsc_tx_sections_free(). */
		smp_store_release(&ch->section_tail, tail + 1);
	}
	tail = ch->slot_tail;
	ch->free_slot.item[tail & ch->free_slot.mask] = index;
	/* Pairs with the acquire in netvsc_tx_slots_free(). */
	smp_store_release(&ch->slot_tail, tail + 1);
}

/**
 * netvsc_tx_is_xdp() - whether a completion gives back a frame of XDP
 * @ch: the channel
 * @pkt: a completion whose transaction id is of kind NVSP_XID_FRAME
 *
 * Such a frame cannot be returned in hard interrupts, where netpoll may be.
 *
 * Context: NAPI poll.
 * Return: true if it does.
 */
bool netvsc_tx_is_xdp(const struct netvsc_channel *ch,
		      const struct nvb_packet *pkt)
{
	u16 index = FIELD_GET(NVSP_XID_INDEX, pkt->trans_id);

	if (index >= NETVSC_TX_SLOTS)
		return false;
	/* Pairs with the release in netvsc_xdp_post_pages(). */
	if (!smp_load_acquire(&ch->slot[index].live))
		return false;

	return ch->slot[index].kind != NETVSC_TX_SKB;
}

/* The host has finished with a frame that is not the stack's. */
static noinline void netvsc_tx_give_back(struct netvsc_channel *ch,
					 const struct netvsc_tx_slot *slot)
{
	if (slot->kind == NETVSC_TX_XDP)
		xdp_return_frame(slot->xdpf);
	else
		netvsc_xsk_sent(ch, slot->xsk);
}

/**
 * netvsc_tx_complete() - the host has finished with a message
 * @ch: the channel
 * @pkt: a completion whose transaction id is of kind NVSP_XID_FRAME
 * @budget: of the poll, 0 for netpoll
 * @batch: what the poll has completed so far
 *
 * Context: NAPI poll.
 * Return: 0, or -EPROTO if no such message is under way.
 */
int netvsc_tx_complete(struct netvsc_channel *ch, const struct nvb_packet *pkt,
		       int budget, struct netvsc_tx_batch *batch)
{
	const struct nvsp_msg_rndis_packet_complete *msg = pkt->payload;
	u32 generation = FIELD_GET(NVSP_XID_GENERATION, pkt->trans_id);
	u16 index = FIELD_GET(NVSP_XID_INDEX, pkt->trans_id);
	struct netvsc_tx_slot *slot;
	struct sk_buff *skb = NULL;
	bool taken;

	if (index >= NETVSC_TX_SLOTS || pkt->payload_len < sizeof(*msg) ||
	    le32_to_cpu(msg->hdr.type) != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		return -EPROTO;

	slot = &ch->slot[index];
	/* Pairs with the release in netvsc_tx_post_open() and _launch(). */
	if (!smp_load_acquire(&slot->live) || slot->generation != generation)
		return -EPROTO;

	if (likely(slot->kind == NETVSC_TX_SKB))
		skb = slot->skb;
	else
		netvsc_tx_give_back(ch, slot);
	batch->frames += slot->frames;
	batch->bytes += slot->bytes;
	taken = le32_to_cpu(msg->status) == NVSP_STATUS_SUCCESS;
	if (likely(taken)) {
		batch->packets += slot->packets;
		batch->wire_bytes += slot->wire_bytes;
	} else {
		batch->refused += slot->frames;
	}
	netvsc_tx_return(ch, index);
	if (likely(skb && taken))
		napi_consume_skb(skb, budget);
	else if (skb)
		nvb_drop_skb(skb, NVB_DROP_BAD_MESSAGE);

	return 0;
}

/**
 * netvsc_tx_post_late() - post what the transmit path did not
 * @ch: the channel
 *
 * It may be that nothing else is ever sent, so the poll has to.
 *
 * Context: Softirq, or process context with softirqs off.
 */
void netvsc_tx_post_late(struct netvsc_channel *ch)
{
	__netif_tx_lock(ch->txq, smp_processor_id());
	netvsc_tx_post(ch, true);
	__netif_tx_unlock(ch->txq);
}

/**
 * netvsc_tx_held() - frames that wait for more have waited long enough
 * @timer: @pace_timer of a channel
 *
 * Context: Softirq.
 * Return: HRTIMER_NORESTART
 */
enum hrtimer_restart netvsc_tx_held(struct hrtimer *timer)
{
	struct netvsc_channel *ch = container_of(timer, struct netvsc_channel,
						 pace_timer);

	__netif_tx_lock(ch->txq, smp_processor_id());
	ch->pace_armed = false;
	netvsc_tx_post(ch, true);
	__netif_tx_unlock(ch->txq);

	return HRTIMER_NORESTART;
}

/* Whether the ring has the room for which the queue waits. */
static bool netvsc_tx_ring_has_room(struct netvsc_channel *ch)
{
	struct nvb_ring_out *out = &ch->vmbus.out;
	bool room;

	spin_lock(&out->lock);
	room = nvb_out_free(out) >= NETVSC_TX_RING_ROOM;
	if (room) {
		WRITE_ONCE(ch->ring_wait, false);
		if (!ch->rx.room_wanted)
			nvb_out_want(out, 0);
	}
	spin_unlock(&out->lock);

	return room;
}

/* The queue goes on if what it waits for is there. */
static void netvsc_tx_wake(struct netvsc_channel *ch)
{
	if (!READ_ONCE(ch->tx_up) || READ_ONCE(ch->ring_wait) ||
	    netvsc_tx_room(ch) < NETVSC_TX_WAKE_SLOTS)
		return;

	netif_tx_wake_queue(ch->txq);
	netvsc_stat_inc(&ch->stats->done, wake);
}

/**
 * netvsc_tx_finish() - the transmit half of the end of a poll
 * @ch: the channel
 * @batch: what the poll has completed
 * @budget: of the poll, 0 for netpoll
 *
 * netpoll, which may have interrupted whoever has them, takes no locks; what
 * needs one waits for the next poll.
 *
 * Context: NAPI poll.
 */
void netvsc_tx_finish(struct netvsc_channel *ch,
		      const struct netvsc_tx_batch *batch, int budget)
{
	struct netvsc_done_stats *stats = &ch->stats->done;

	if (batch->frames) {
		netdev_tx_completed_queue(ch->txq, batch->frames, batch->bytes);
		u64_stats_update_begin(&stats->sync);
		u64_stats_add(&stats->packets, batch->packets);
		u64_stats_add(&stats->bytes, batch->wire_bytes);
		u64_stats_add(&stats->refused, batch->refused);
		u64_stats_update_end(&stats->sync);
	}

	/* Pairs with the barrier of who stops the queue, then looks again. */
	smp_mb();
	if (unlikely(READ_ONCE(ch->ring_wait)) &&
	    (!budget || !netvsc_tx_ring_has_room(ch)))
		return;
	if (unlikely(READ_ONCE(ch->unposted)) && budget)
		netvsc_tx_post_late(ch);
	if (unlikely(netif_tx_queue_stopped(ch->txq)))
		netvsc_tx_wake(ch);
}

/**
 * netvsc_tx_settle() - post what is left of a burst
 * @ch: the channel; its transmit queue is stopped
 *
 * Context: Process context.
 */
void netvsc_tx_settle(struct netvsc_channel *ch)
{
	local_bh_disable();
	netvsc_tx_post_late(ch);
	local_bh_enable();
}

/**
 * netvsc_tx_stuck() - what to do about a queue that has stood still
 * @ch: the channel
 *
 * The host may have missed a signal of ours, or we one of its: both look
 * again. If that does not help for NETVSC_TX_PATIENCE times in a row, without
 * a single completion, only a new session can.
 *
 * Context: Softirq, the watchdog of the stack; its calls come one at a time.
 * Return: true if the session has to be made anew.
 */
bool netvsc_tx_stuck(struct netvsc_channel *ch)
{
	u32 tail = READ_ONCE(ch->slot_tail);

	if (tail != ch->stuck_tail)
		ch->stuck_times = 0;
	ch->stuck_tail = tail;
	ch->stuck_times++;
	netvsc_stat_inc(&ch->stats->xmit, timeout);
	netdev_warn(ch->nv->netdev,
		    "transmit queue %u stands still: %u messages with the host, ring %s\n",
		    ch->queue, NETVSC_TX_SLOTS - netvsc_tx_slots_free(ch),
		    READ_ONCE(ch->ring_wait) ? "full" : "has room");
	nvb_channel_signal(&ch->vmbus);
	napi_schedule(&ch->napi);

	return ch->stuck_times >= NETVSC_TX_PATIENCE;
}

/**
 * netvsc_tx_drop_all() - give up what the host has not completed
 * @ch: a channel that is closed: the host reads nothing of it any more
 *
 * Context: Process context.
 */
void netvsc_tx_drop_all(struct netvsc_channel *ch)
{
	u32 lost = ch->msg.frames;
	u16 i;

	if (lost) {
		if (ch->slot[ch->msg.slot].skb)
			nvb_drop_skb(ch->slot[ch->msg.slot].skb,
				     NVB_DROP_NOT_READY);
		netvsc_tx_return(ch, ch->msg.slot);
	}
	ch->msg.frames = 0;
	ch->unposted = false;
	for (i = 0; i < NETVSC_TX_SLOTS; i++) {
		struct netvsc_tx_slot slot = ch->slot[i];

		if (!slot.live)
			continue;
		lost += slot.frames;
		netvsc_tx_return(ch, i);
		if (slot.kind != NETVSC_TX_SKB)
			netvsc_tx_give_back(ch, &slot);
		else if (slot.skb)
			nvb_drop_skb(slot.skb, NVB_DROP_NOT_READY);
	}
	if (lost)
		netvsc_stat_add(&ch->stats->done, lost, lost);
}
