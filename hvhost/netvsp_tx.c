// SPDX-License-Identifier: GPL-2.0
/*
 * Data from the guest. A message carries bytes in a section of the send buffer,
 * in guest pages that its VMBus packet lists, or in both, the section first.
 * These bytes are one or more RNDIS packets, or one RNDIS control message.
 *
 * They are copied once before anything looks at them, since the guest could
 * change them meanwhile. Which memory range and page a byte came from is kept:
 * the host maps ranges one by one, so headers must not lie across two of them.
 */
#include "netvsp_nic.h"

#include <string.h>

#include "guest_mem.h"
#include "log.h"
#include "offload.h"
#include "packet.h"
#include "rndis.h"
#include "visibility.h"

/* A range takes 16 bytes in its packet at least; and one for the section. */
#define PIECES_MAX (RING_PACKET_MAX / 16 + 1)

struct tx_piece {
	uint32_t end;			/* in the message's bytes */
	uint32_t page_offset;		/* of its first byte */
};

struct tx_message {
	const uint8_t *bytes;
	uint32_t len;
	unsigned int count;
	struct tx_piece pieces[PIECES_MAX];
	const char *flaw;		/* a rule, broken while gathering */
};

/* The current message; there is one service thread, and it is large. */
static struct tx_message message;

/* Room for a piece of len bytes, or NULL. */
static uint8_t *add_piece(struct netvsp_nic *nic, uint32_t len,
			  uint32_t page_offset)
{
	uint8_t *to = nic->tx_bytes + message.len;

	if (message.count == PIECES_MAX ||
	    len > NETVSP_TX_BYTES_MAX - message.len) {
		message.flaw = "rndis-message-too-long";
		return NULL;
	}
	message.len += len;
	message.pieces[message.count].end = message.len;
	message.pieces[message.count++].page_offset = page_offset;
	return to;
}

/* False if the channel is dead by it. */
static bool gather_section(struct netvsp_channel *channel,
			   const struct nvsp_rndis *rndis)
{
	const struct gpadl_map *map = &channel->nic->session.send_buffer;
	uint32_t size = channel->nic->options.section_size;
	uint64_t start = (uint64_t)rndis->section_index * size;
	uint8_t *to;

	if (rndis->section_index == NVSP_NO_SECTION)
		return true;
	if (!map->gpadl || start > map->length || rndis->section_size > size ||
	    rndis->section_size > map->length - start) {
		netvsp_fatal(channel, "nvsp-section-bounds",
			     "section %u of %u bytes, %u bytes, in a send buffer of %zu",
			     rndis->section_index, size, rndis->section_size,
			     map->length);
		return false;
	}
	if (!rndis->section_size)
		return true;
	to = add_piece(channel->nic, rndis->section_size,
		       start % HV_PAGE_SIZE);
	if (to)
		gpadl_read(map, start, to, rndis->section_size);
	return true;
}

/* Copies a range whose page numbers were checked to be there. */
static void gather_pages(struct netvsp_channel *channel,
			 const struct vmbus_gpa_range *range,
			 const uint8_t *pfns)
{
	uint8_t *to = add_piece(channel->nic, range->len, range->offset);
	uint32_t offset = range->offset;
	uint32_t left = range->len;

	for (; to && left; pfns += sizeof(uint64_t)) {
		uint32_t part = HV_PAGE_SIZE - offset;
		const uint8_t *from = NULL;
		uint64_t pfn;

		if (part > left)
			part = left;
		memcpy(&pfn, pfns, sizeof(pfn));
		if (pfn <= UINT64_MAX >> HV_PAGE_SHIFT)
			from = guest_visible_ptr((pfn << HV_PAGE_SHIFT) +
						 offset, part, "packet");
		if (!from) {
			message.flaw = "tx-page-not-ram";
			return;
		}
		memcpy(to, from, part);
		to += part;
		left -= part;
		offset = 0;
	}
}

/* False if the channel is dead by it. */
static bool gather_ranges(struct netvsp_channel *channel,
			  const struct ring_packet *packet)
{
	const uint8_t *at = packet->extra;
	uint32_t left = packet->extra_len;
	struct vmbus_gpa_direct header;
	struct vmbus_gpa_range range;
	uint64_t pfns;

	if (packet->type != RING_PACKET_GPA_DIRECT)
		return true;
	if (left < sizeof(header))
		goto bad;
	memcpy(&header, at, sizeof(header));
	at += sizeof(header);
	left -= sizeof(header);
	for (; header.count; header.count--) {
		if (left < sizeof(range))
			goto bad;
		memcpy(&range, at, sizeof(range));
		at += sizeof(range);
		left -= sizeof(range);
		pfns = ((uint64_t)range.offset + range.len + HV_PAGE_SIZE - 1) /
		       HV_PAGE_SIZE;
		if (!range.len || range.offset >= HV_PAGE_SIZE ||
		    pfns > left / sizeof(uint64_t))
			goto bad;
		gather_pages(channel, &range, at);
		at += pfns * sizeof(uint64_t);
		left -= pfns * sizeof(uint64_t);
	}
	return true;
bad:
	netvsp_fatal(channel, "tx-ranges", "malformed list of guest pages");
	return false;
}

/* The piece that the byte at offset is in. */
static const struct tx_piece *find_piece(uint32_t offset, uint32_t *start)
{
	const struct tx_piece *piece = message.pieces;

	*start = 0;
	while (offset >= piece->end)
		*start = piece++->end;
	return piece;
}

/* A broken rule that costs the guest this message, but not the channel. */
static void refuse(struct netvsp_channel *channel, const char *rule,
		   uint32_t offset)
{
	rule_broken(rule, "nic %u channel %u: at byte %u of %u in %u ranges",
		    channel->nic->index, channel->index, offset, message.len,
		    message.count);
	netvsp_count_failure(channel->nic, rule);
}

static void check_header_page(struct netvsp_channel *channel, uint32_t offset,
			      uint32_t header_len)
{
	const struct tx_piece *piece;
	uint32_t start, in_page;

	if (!channel->nic->options.header_page)
		return;
	piece = find_piece(offset, &start);
	in_page = (piece->page_offset + offset - start) % HV_PAGE_SIZE;
	if (in_page + header_len > HV_PAGE_SIZE)
		refuse(channel, "rndis-header-in-one-page", offset);
}

static void count_frame(struct netvsp_channel *channel,
			const struct frame *frame,
			const struct rndis_ppis *ppis)
{
	struct netvsp_traffic *tx = &channel->counters.tx;

	tx->frames++;
	tx->bytes += frame->len;
	tx->csum += ppis->has_csum;
	tx->lso += ppis->has_lso;
	tx->vlan += ppis->has_vlan;
	tx->hash += ppis->has_hash_value;
}

/* A guest must not use what it was not offered; it is served all the same. */
static void check_offered(struct netvsp_channel *channel,
			  const struct rndis_ppis *ppis)
{
	unsigned int offered = channel->nic->options.offloads;

	if ((ppis->has_lso && !(offered & NETVSP_OFFLOAD_LSO)) ||
	    (ppis->has_csum && !(offered & NETVSP_OFFLOAD_TX_CSUM)))
		rule_broken("offload-not-offered", "nic %u channel %u: %s",
			    channel->nic->index, channel->index,
			    ppis->has_lso ? "LSO" : "checksum");
}

static const char *send_frame(struct netvsp_channel *channel,
			      const struct rndis_tx_packet *packet,
			      uint32_t offset)
{
	struct netvsp_nic *nic = channel->nic;
	struct frame frame = {
		.data = nic->tx_bytes + offset + packet->data_offset,
		.len = packet->data_len,
	};
	const char *rule;

	if (frame.len < ETH_HEADER_LEN || frame.len > FRAME_MAX)
		return "tx-frame-length";
	check_offered(channel, &packet->ppis);
	rule = offload_transmit(&frame, &packet->ppis);
	if (rule)
		return rule;
	count_frame(channel, &frame, &packet->ppis);
	if (nic->pcap)
		pcap_write(nic->pcap, &frame);
	if (!nic->oid.link_up) {
		netvsp_count_failure(nic, "tx-link-down");
		return NULL;
	}
	/* Room for a VLAN tag that the guest left inside. */
	if (frame.gso == FRAME_GSO_NONE &&
	    frame.len > nic->oid.frame_max + VLAN_TAG_LEN) {
		netvsp_count_failure(nic, "tx-frame-too-long");
		return NULL;
	}
	nic->backend->ops->send(nic->backend, channel->index, &frame);
	return NULL;
}

/* Sends one packet after the other until the bytes end. */
static enum nvsp_status send_packets(struct netvsp_channel *channel)
{
	struct netvsp_traffic *tx = &channel->counters.tx;
	struct rndis_tx_packet packet;
	uint32_t offset = 0, start;
	uint32_t count = 0;
	const char *rule;

	while (offset < message.len) {
		const struct tx_piece *piece = find_piece(offset, &start);

		rule = rndis_parse_packet(message.bytes + offset,
					  message.len - offset,
					  piece->end - offset, &packet);
		if (!rule) {
			check_header_page(channel, offset, packet.header_len);
			rule = send_frame(channel, &packet, offset);
		}
		if (rule) {
			refuse(channel, rule, offset);
			return NVSP_STATUS_FAILURE;
		}
		offset += packet.message_len;
		count++;
	}
	if (count > RNDIS_MAX_PACKETS_PER_MESSAGE)
		rule_broken("rndis-packets-per-message",
			    "nic %u channel %u: %u packets in one message",
			    channel->nic->index, channel->index, count);
	tx->messages++;
	tx->per_message[netvsp_bucket(count)]++;
	return NVSP_STATUS_SUCCESS;
}

static enum nvsp_status take_control(struct netvsp_channel *channel)
{
	if (channel->index) {
		refuse(channel, "rndis-control-on-subchannel", 0);
		return NVSP_STATUS_FAILURE;
	}
	if (!netvsp_control_queue(channel->nic, message.bytes, message.len)) {
		refuse(channel, "rndis-control-queue", 0);
		return NVSP_STATUS_FAILURE;
	}
	return NVSP_STATUS_SUCCESS;
}

static void count_way(struct netvsp_channel *channel, bool section)
{
	struct netvsp_channel_counters *counters = &channel->counters;

	if (!section)
		counters->tx_direct++;
	else if (message.count > 1)
		counters->tx_combined++;
	else
		counters->tx_sections++;
}

enum nvsp_status netvsp_transmit(struct netvsp_channel *channel,
				 const struct ring_packet *packet,
				 bool *control)
{
	struct nvsp_rndis rndis;
	uint32_t type;
	bool section;

	*control = false;
	memcpy(&rndis, packet->payload, sizeof(rndis));
	message.bytes = channel->nic->tx_bytes;
	message.len = 0;
	message.count = 0;
	message.flaw = NULL;
	if (!gather_section(channel, &rndis))
		return NVSP_STATUS_FAILURE;
	section = message.count;
	if (!gather_ranges(channel, packet))
		return NVSP_STATUS_FAILURE;
	if (!message.flaw && message.len < sizeof(struct rndis_header))
		message.flaw = "rndis-header-short";
	if (message.flaw) {
		refuse(channel, message.flaw, 0);
		return NVSP_STATUS_FAILURE;
	}
	memcpy(&type, message.bytes, sizeof(type));
	*control = type != RNDIS_PACKET;
	if (*control)
		return take_control(channel);
	count_way(channel, section);
	return send_packets(channel);
}
