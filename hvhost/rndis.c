// SPDX-License-Identifier: GPL-2.0
#include "rndis.h"

#include <stddef.h>
#include <string.h>

static uint32_t read_u32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static void store_ppi(struct rndis_ppis *ppis, uint32_t type, uint32_t word)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
		ppis->has_csum = true;
		ppis->csum = word;
		break;
	case RNDIS_PPI_LSO:
		ppis->has_lso = true;
		ppis->lso = word;
		break;
	case RNDIS_PPI_VLAN:
		ppis->has_vlan = true;
		ppis->vlan = word;
		break;
	case RNDIS_PPI_HASH_VALUE:
		ppis->has_hash_value = true;
		ppis->hash_value = word;
		break;
	case RNDIS_PPI_HASH_INFO:
		ppis->has_hash_info = true;
		ppis->hash_info = word;
		break;
	default:
		/* What is not known here is the guest's to send. */
		break;
	}
}

static const char *parse_ppis(const uint8_t *bytes, uint32_t len,
			      struct rndis_ppis *ppis)
{
	while (len) {
		struct rndis_ppi ppi;

		if (len < sizeof(ppi))
			return "rndis-ppi-short";
		memcpy(&ppi, bytes, sizeof(ppi));
		if (ppi.size < sizeof(ppi) || ppi.size > len)
			return "rndis-ppi-size";
		if (ppi.offset < sizeof(ppi) || ppi.offset > ppi.size)
			return "rndis-ppi-offset";
		if (ppi.size - ppi.offset >= sizeof(uint32_t))
			store_ppi(ppis, ppi.type, read_u32(bytes + ppi.offset));
		bytes += ppi.size;
		len -= ppi.size;
	}
	return NULL;
}

/* True if [offset, offset + len), counted from byte 8, is in the message. */
static bool in_body(uint32_t message_len, uint32_t offset, uint32_t len)
{
	uint64_t end = (uint64_t)sizeof(struct rndis_header) + offset + len;

	return end <= message_len;
}

const char *rndis_parse_packet(const uint8_t *bytes, uint32_t len,
			       uint32_t whole, struct rndis_tx_packet *packet)
{
	struct rndis_header header;
	struct rndis_packet body;
	uint32_t ppi_offset;

	memset(packet, 0, sizeof(*packet));
	if (len < RNDIS_PACKET_HEADER)
		return "rndis-header-short";
	memcpy(&header, bytes, sizeof(header));
	memcpy(&body, bytes + sizeof(header), sizeof(body));

	if (header.type != RNDIS_PACKET)
		return "rndis-packet-type";
	if (header.len < RNDIS_PACKET_HEADER || header.len > len)
		return "rndis-message-length";
	if (body.oob_offset || body.oob_len || body.oob_count)
		return "rndis-out-of-band";
	if (body.vc_handle)
		return "rndis-vc-handle";
	if (!body.data_len)
		return "rndis-data-empty";
	if (!in_body(header.len, body.data_offset, body.data_len))
		return "rndis-data-bounds";
	if (body.ppi_len &&
	    (body.ppi_offset < sizeof(body) ||
	     !in_body(header.len, body.ppi_offset, body.ppi_len)))
		return "rndis-ppi-bounds";

	packet->message_len = header.len;
	packet->header_len = RNDIS_PACKET_HEADER;
	packet->data_offset = sizeof(header) + body.data_offset;
	packet->data_len = body.data_len;
	ppi_offset = sizeof(header) + body.ppi_offset;
	if (body.ppi_len)
		packet->header_len = ppi_offset + body.ppi_len;
	if (packet->header_len > whole)
		return "rndis-header-in-first-range";
	if (packet->data_offset < packet->header_len)
		return "rndis-data-in-header";
	if (!body.ppi_len)
		return NULL;
	return parse_ppis(bytes + ppi_offset, body.ppi_len, &packet->ppis);
}

static uint32_t put_ppi(uint8_t *to, uint32_t type, uint32_t word)
{
	const struct rndis_ppi ppi = {
		.size = RNDIS_PPI_BYTES,
		.type = type,
		.offset = sizeof(ppi),
	};

	memcpy(to, &ppi, sizeof(ppi));
	memcpy(to + sizeof(ppi), &word, sizeof(word));
	return RNDIS_PPI_BYTES;
}

static uint32_t put_ppis(uint8_t *to, const struct rndis_ppis *ppis)
{
	uint8_t *at = to;

	if (ppis->has_csum)
		at += put_ppi(at, RNDIS_PPI_CSUM, ppis->csum);
	if (ppis->has_vlan)
		at += put_ppi(at, RNDIS_PPI_VLAN, ppis->vlan);
	if (ppis->has_hash_value)
		at += put_ppi(at, RNDIS_PPI_HASH_VALUE, ppis->hash_value);
	if (ppis->has_hash_info)
		at += put_ppi(at, RNDIS_PPI_HASH_INFO, ppis->hash_info);
	if (ppis->has_packet_id)
		at += put_ppi(at, RNDIS_PPI_PACKET_ID, ppis->packet_id);
	return at - to;
}

uint32_t rndis_build_packet(uint8_t *to, uint32_t message_len,
			    uint32_t data_len, const struct rndis_ppis *ppis)
{
	const struct rndis_header header = {
		.type = RNDIS_PACKET,
		.len = message_len,
	};
	struct rndis_packet body = {
		.data_offset = RNDIS_RX_DATA_OFFSET - sizeof(header),
		.data_len = data_len,
	};

	body.ppi_len = put_ppis(to + RNDIS_PACKET_HEADER, ppis);
	if (body.ppi_len)
		body.ppi_offset = sizeof(body);
	memcpy(to, &header, sizeof(header));
	memcpy(to + sizeof(header), &body, sizeof(body));
	return RNDIS_PACKET_HEADER + body.ppi_len;
}

uint32_t rndis_vlan_word(uint16_t tci)
{
	uint32_t word = tci >> 13 & RNDIS_VLAN_PRIORITY_MASK;

	if (tci & 1 << 12)
		word |= RNDIS_VLAN_DEI;
	return word | (tci & RNDIS_VLAN_ID_MASK) << RNDIS_VLAN_ID_SHIFT;
}

uint16_t rndis_vlan_tci(uint32_t word)
{
	uint16_t tci = (word & RNDIS_VLAN_PRIORITY_MASK) << 13;

	if (word & RNDIS_VLAN_DEI)
		tci |= 1 << 12;
	return tci | (word >> RNDIS_VLAN_ID_SHIFT & RNDIS_VLAN_ID_MASK);
}

uint32_t rndis_packet_id_word(uint8_t flags, uint16_t id)
{
	return RNDIS_PACKET_ID_VERSION | (uint32_t)flags << 8 |
	       (uint32_t)id << 16;
}
