// SPDX-License-Identifier: GPL-2.0
/*
 * Data to the guest. A frame is copied into a slot of the receive buffer, or in
 * pieces into several; the slots filled in one turn of the loop go to the guest
 * as the ranges of one VMBus packet. The guest completes the packet as a whole.
 */
#include "netvsp_nic.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "offload.h"
#include "packet.h"
#include "rndis.h"
#include "segment.h"

/* Where a frame goes, and the hash that sent it there. */
struct spread {
	struct netvsp_channel *channel;
	uint32_t hash;
	uint32_t hash_type;		/* 0: no hash */
};

static bool usable(const struct netvsp_channel *channel)
{
	return channel->open && !channel->stopped && !channel->vmbus.dead &&
	       !channel->vmbus.to_guest.dead;
}

static struct spread choose_channel(struct netvsp_nic *nic,
				    const struct flow *flow)
{
	const struct rss_config *rss = &nic->oid.rss;
	struct spread spread = { .channel = netvsp_primary(nic) };
	struct netvsp_channel *chosen;
	uint32_t len;

	if (!rss->enabled)
		return spread;
	spread.hash_type = flow_hash_type(flow, rss->hash_types, &len);
	if (spread.hash_type)
		spread.hash = toeplitz_hash(&nic->toeplitz, flow->input, len);
	chosen = &nic->channels[rss->table[spread.hash %
					   NDIS_RSS_TABLE_ENTRIES]];
	if (usable(chosen))
		spread.channel = chosen;
	return spread;
}

/* Slots that a channel may have out: its part of them all. */
static uint32_t slot_limit(const struct netvsp_nic *nic)
{
	unsigned int channels = netvsp_open_channels(nic);
	uint32_t share;

	/* The last one may close while the VF is still the data path. */
	share = channels ? nic->session.slots.data_count / channels : 0;

	return share ? share : 1;
}

/* Pieces of a frame; only a coalesced frame has more than one. */
static uint32_t piece_count(const struct netvsp_nic *nic,
			    const struct frame *frame)
{
	if (frame->gso == FRAME_GSO_NONE)
		return 1;
	return (frame->len + nic->oid.frame_max - 1) / nic->oid.frame_max;
}

static bool may_coalesce(const struct netvsp_nic *nic, enum frame_gso gso)
{
	if (nic->session.version < NVSP_V61 ||
	    !(nic->session.caps & NVSP_CAP_RSC))
		return false;
	return gso == FRAME_GSO_TCP4 ? nic->oid.current.rsc4 :
				       nic->oid.current.rsc6;
}

void netvsp_rx_update_rsc(struct netvsp_nic *nic)
{
	uint32_t most = (FRAME_MAX + nic->oid.frame_max - 1) /
			nic->oid.frame_max;

	/* Back ends do not tell the two apart, and all pieces must fit. */
	nic->backend->gso_to_guest = !(nic->vf && nic->vf->active) &&
				     may_coalesce(nic, FRAME_GSO_TCP4) &&
				     may_coalesce(nic, FRAME_GSO_TCP6) &&
				     most <= NETVSP_PACKET_RANGES_MAX &&
				     most <= slot_limit(nic);
}

/* Why a frame can never be delivered; NULL if it can. */
static const char *frame_flaw(const struct netvsp_nic *nic,
			      const struct frame *frame)
{
	uint32_t pieces;

	if (!nic->oid.link_up)
		return "rx-link-down";
	if (frame->len < ETH_HEADER_LEN || frame->len > FRAME_MAX)
		return "rx-frame-length";
	if (frame->gso == FRAME_GSO_NONE)
		return frame->len > nic->oid.frame_max ? "rx-frame-too-long" :
							 NULL;
	if (!may_coalesce(nic, frame->gso))
		return "rx-coalesced-not-agreed";
	pieces = piece_count(nic, frame);
	if (pieces > slot_limit(nic) || pieces > NETVSP_PACKET_RANGES_MAX)
		return "rx-coalesced-too-long";
	return NULL;
}

/* Makes sure of a place in the batch and of the slots for it. */
static bool make_room(struct netvsp_channel *channel, uint32_t pieces)
{
	const struct netvsp_nic *nic = channel->nic;
	const struct rx_slots *slots = &nic->session.slots;

	/* The pieces of one frame go in one packet, however few it may hold. */
	if (channel->batch.count &&
	    channel->batch.count + pieces > nic->options.ranges &&
	    !netvsp_rx_flush(channel))
		return false;
	return channel->slots_taken + pieces <= slot_limit(nic) &&
	       slots->data_taken + pieces <= slots->data_count;
}

/* Puts one message, of part bytes at data, in a slot of the batch. */
static void put_piece(struct netvsp_channel *channel, const uint8_t *data,
		      uint32_t part, const struct rndis_ppis *ppis)
{
	struct nvsp_session *session = &channel->nic->session;
	struct rx_batch *batch = &channel->batch;
	uint32_t slot = rx_slots_take_data(&session->slots, channel->index);
	size_t offset = (size_t)slot * session->slot_size;
	uint8_t header[RNDIS_RX_HEADER_MAX];
	struct rndis_ppis told = *ppis;
	uint32_t header_len;

	netvsp_attack_frame(channel, &told);
	header_len = rndis_build_packet(header, session->slot_size, part, &told);
	gpadl_write(&session->receive_buffer, offset, header, header_len);
	gpadl_write(&session->receive_buffer, offset + RNDIS_RX_DATA_OFFSET,
		    data, part);
	netvsp_attack_frame_slot(channel, offset);
	if (batch->count)
		rx_slots_append(&session->slots, batch->last, slot);
	else
		batch->first = slot;
	batch->last = slot;
	batch->ranges[batch->count].len = session->slot_size;
	batch->ranges[batch->count++].offset = offset;
	channel->slots_taken++;
}

static void put_whole(struct netvsp_channel *channel,
		      const struct frame *frame, const struct rndis_ppis *ppis)
{
	put_piece(channel, frame->data, frame->len, ppis);
}

/* The first piece speaks for all; each says where it stands in the frame. */
static void put_coalesced(struct netvsp_channel *channel,
			  const struct frame *frame, struct rndis_ppis *ppis)
{
	struct nvsp_session *session = &channel->nic->session;
	uint32_t frame_max = channel->nic->oid.frame_max;
	uint32_t offset, part;

	session->packet_id++;
	for (offset = 0; offset < frame->len; offset += part) {
		uint8_t flags = RNDIS_PACKET_ID_SUBALLOC;

		part = frame->len - offset;
		if (part > frame_max)
			part = frame_max;
		if (!offset)
			flags |= RNDIS_PACKET_ID_FIRST;
		if (offset + part == frame->len)
			flags |= RNDIS_PACKET_ID_LAST;
		ppis->has_packet_id = true;
		ppis->packet_id = rndis_packet_id_word(flags,
						       session->packet_id);
		put_piece(channel, frame->data + offset, part, ppis);
		memset(ppis, 0, sizeof(*ppis));
	}
}

static void describe(const struct netvsp_nic *nic, const struct frame *frame,
		     const struct flow *flow, const struct spread *spread,
		     struct rndis_ppis *ppis)
{
	memset(ppis, 0, sizeof(*ppis));
	ppis->has_csum = true;
	ppis->csum = offload_receive_csum(frame, flow, &nic->oid.current);
	if (frame->has_vlan) {
		ppis->has_vlan = true;
		ppis->vlan = rndis_vlan_word(frame->vlan_tci);
	}
	if (spread->hash_type && nic->session.version >= NVSP_V5) {
		ppis->has_hash_value = true;
		ppis->hash_value = spread->hash;
		ppis->has_hash_info = true;
		ppis->hash_info = spread->hash_type | NDIS_HASH_TOEPLITZ;
	}
}

static void count_frame(struct netvsp_channel *channel,
			const struct frame *frame,
			const struct rndis_ppis *ppis)
{
	struct netvsp_traffic *rx = &channel->counters.rx;

	rx->frames++;
	rx->bytes += frame->len;
	rx->csum += ppis->csum != 0;
	rx->lso += frame->gso != FRAME_GSO_NONE;
	rx->vlan += ppis->has_vlan;
	rx->hash += ppis->has_hash_value;
}

static bool refuse(struct netvsp_nic *nic)
{
	nic->refused = true;
	return false;
}

bool netvsp_receive(void *ctx, struct frame *frame)
{
	struct netvsp_nic *nic = ctx;
	struct rndis_ppis ppis;
	struct spread spread;
	const char *flaw;
	struct flow flow;

	if (!nic->running || fault_withholds(&nic->faults, WITHHOLD_RX))
		return refuse(nic);
	if (netvsp_vf_takes(nic, frame))
		return vf_receive(&nic->vf->device, frame) || refuse(nic);
	/* Open for the VF alone. */
	if (!nic->oid.filter)
		return true;
	flaw = frame_flaw(nic, frame);
	if (flaw) {
		netvsp_count_failure(nic, flaw);
		return true;
	}
	if (!oid_wants(&nic->oid, frame->data)) {
		nic->unwanted++;
		return true;
	}
	flow_parse(frame, &flow);
	spread = choose_channel(nic, &flow);
	if (!usable(spread.channel) ||
	    !make_room(spread.channel, piece_count(nic, frame))) {
		spread.channel->counters.refused++;
		return refuse(nic);
	}
	if (frame->csum_partial && frame_finish_checksums(frame))
		frame->csum_good = true;
	describe(nic, frame, &flow, &spread, &ppis);
	count_frame(spread.channel, frame, &ppis);
	if (nic->pcap)
		pcap_write(nic->pcap, frame);
	if (frame->gso == FRAME_GSO_NONE)
		put_whole(spread.channel, frame, &ppis);
	else
		put_coalesced(spread.channel, frame, &ppis);
	loop_task_queue(&spread.channel->flush);
	return true;
}

static int write_batch(struct netvsp_channel *channel)
{
	struct netvsp_nic *nic = channel->nic;
	const struct rx_batch *batch = &channel->batch;
	struct {
		struct vmbus_transfer_pages header;
		struct vmbus_transfer_range ranges[NETVSP_PACKET_RANGES_MAX];
	} extra;
	const struct nvsp_rndis rndis = {
		.type = NVSP_RNDIS,
		.channel_type = NVSP_CHANNEL_DATA,
		.section_index = NVSP_NO_SECTION,
	};
	uint8_t payload[NVSP_MESSAGE_BYTES_V61] = { 0 };
	uint32_t ranges_len = batch->count * sizeof(batch->ranges[0]);

	extra.header.set_id = nic->session.receive_buffer_id;
	extra.header.reserved = 0;
	extra.header.count = batch->count;
	memcpy(extra.ranges, batch->ranges, ranges_len);
	memcpy(payload, &rndis, sizeof(rndis));
	return ring_out_write(&channel->vmbus.to_guest,
			      RING_PACKET_TRANSFER_PAGES,
			      RING_FLAG_COMPLETION_REQUESTED, batch->first,
			      &extra, sizeof(extra.header) + ranges_len,
			      payload, nvsp_message_bytes(nic));
}

bool netvsp_rx_flush(struct netvsp_channel *channel)
{
	struct netvsp_traffic *rx = &channel->counters.rx;
	int err;

	if (!channel->batch.count)
		return true;
	err = write_batch(channel);
	if (err == -EAGAIN) {
		/* Publish: it is by reading that the guest makes space. */
		if (ring_out_publish(&channel->vmbus.to_guest))
			vmbus_channel_signal(&channel->vmbus);
		return false;
	}
	rx->messages++;
	rx->per_message[netvsp_bucket(channel->batch.count)]++;
	channel->batch.count = 0;
	netvsp_resume(channel->nic);
	return true;
}

void netvsp_rx_flush_task(void *ctx, uint32_t events)
{
	struct netvsp_channel *channel = ctx;

	if (!usable(channel) || channel->nic->silent)
		return;
	rules_excuse(channel->nic->attack);
	if (!netvsp_rx_flush(channel))
		channel->counters.ring_full++;
	else if (ring_out_publish(&channel->vmbus.to_guest))
		vmbus_channel_signal(&channel->vmbus);
	rules_excuse(false);
}

void netvsp_rx_completed(struct netvsp_channel *channel,
			 uint64_t transaction_id)
{
	struct netvsp_nic *nic = channel->nic;
	int freed;

	channel->counters.rx_completions++;
	if (channel->counters.publishes != channel->completion_publish) {
		channel->completion_publish = channel->counters.publishes;
		channel->counters.rx_completion_publishes++;
	}
	/* What is still in the batch the guest cannot know of. */
	if (channel->batch.count && transaction_id == channel->batch.first)
		freed = -ENOENT;
	else
		freed = rx_slots_release(&nic->session.slots, transaction_id,
					 channel->index);
	/* One that was lied to may give back what it was never given. */
	if (freed < 0 && nic->attack)
		return;
	if (freed < 0) {
		netvsp_fatal(channel, "rx-completion-unknown",
			     "no packet 0x%" PRIx64 " is with the guest",
			     transaction_id);
		return;
	}
	channel->slots_taken -= freed;
	netvsp_resume(nic);
}

void netvsp_rx_close(struct netvsp_channel *channel)
{
	rx_slots_release_channel(&channel->nic->session.slots, channel->index);
	channel->batch.count = 0;
	channel->slots_taken = 0;
	netvsp_resume(channel->nic);
}
