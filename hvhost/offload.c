// SPDX-License-Identifier: GPL-2.0
#include "offload.h"

#include <string.h>

#include "packet.h"
#include "segment.h"

void flow_parse(const struct frame *frame, struct flow *flow)
{
	const uint8_t *ip = frame->data + ETH_HEADER_LEN;
	struct packet_view view;
	uint32_t transport_len;

	memset(flow, 0, sizeof(*flow));
	if (!packet_parse(frame->data, frame->len, &view))
		return;
	flow->ip_version = view.ip_version;
	flow->addresses_len = view.ip_version == 4 ? 8 : 32;
	flow->input_len = flow->addresses_len;
	memcpy(flow->input, ip + (view.ip_version == 4 ? IP4_SOURCE :
							 IP6_SOURCE),
	       flow->addresses_len);

	transport_len = frame->len - view.l4;
	if (view.fragment)
		return;		/* all but the first have no ports to go by */
	if (view.protocol == IP_PROTO_TCP && transport_len >= TCP_HEADER_MIN)
		flow->transport = FLOW_TCP;
	else if (view.protocol == IP_PROTO_UDP &&
		 transport_len >= UDP_HEADER_LEN)
		flow->transport = FLOW_UDP;
	else
		return;
	memcpy(flow->input + flow->input_len, frame->data + view.l4, 4);
	flow->input_len += 4;
}

uint32_t flow_hash_type(const struct flow *flow, uint32_t allowed,
			uint32_t *len)
{
	bool v4 = flow->ip_version == 4;
	uint32_t type = 0;

	*len = flow->input_len;
	if (!flow->ip_version)
		return 0;
	if (flow->transport == FLOW_TCP)
		type = v4 ? NDIS_HASH_TCP4 : NDIS_HASH_TCP6;
	else if (flow->transport == FLOW_UDP)
		type = v4 ? NDIS_HASH_UDP4 : NDIS_HASH_UDP6;
	if (type & allowed)
		return type;
	*len = flow->addresses_len;
	return (v4 ? NDIS_HASH_IPV4 : NDIS_HASH_IPV6) & allowed;
}

/* The transport header: as the guest says, or else behind a bare IP header. */
static const char *transport_start(const struct frame *frame, bool v6,
				   uint32_t told, uint32_t *start)
{
	uint32_t least = ETH_HEADER_LEN + (v6 ? IP6_HEADER_LEN :
						IP4_HEADER_MIN);

	*start = told ? told : least;
	if (*start < least || *start >= frame->len)
		return "offload-transport-offset";
	return NULL;
}

static const char *request_ip_csum(struct frame *frame)
{
	struct packet_view view;

	if (!packet_parse(frame->data, frame->len, &view) ||
	    view.ip_version != 4)
		return "offload-ip-header";
	frame->ip_csum_partial = true;
	return NULL;
}

static const char *request_csum(struct frame *frame, uint32_t word)
{
	uint32_t told = word >> RNDIS_TX_CSUM_L4_SHIFT & RNDIS_TX_CSUM_L4_MASK;
	bool v4 = word & RNDIS_TX_CSUM_IPV4;
	bool v6 = !v4 && word & RNDIS_TX_CSUM_IPV6;
	bool tcp = word & RNDIS_TX_CSUM_TCP;
	const char *rule = NULL;
	uint32_t start;

	if (v4 && word & RNDIS_TX_CSUM_IP_HEADER)
		rule = request_ip_csum(frame);
	if (rule || (!v4 && !v6))
		return rule;
	if (!tcp && !(word & RNDIS_TX_CSUM_UDP))
		return NULL;
	rule = transport_start(frame, v6, told, &start);
	if (rule)
		return rule;
	frame->csum_partial = true;
	frame->csum_start = start;
	frame->csum_offset = tcp ? TCP_CHECKSUM : UDP_CHECKSUM;
	if (start + frame->csum_offset + 2u > frame->len)
		return "offload-transport-offset";
	return NULL;
}

static const char *request_lso(struct frame *frame, uint32_t word)
{
	uint32_t told = word >> RNDIS_LSO_L4_SHIFT & RNDIS_LSO_L4_MASK;
	uint32_t mss = word & RNDIS_LSO_MSS_MASK;
	bool v6 = word & RNDIS_LSO_IPV6;
	const char *rule;
	uint32_t start;

	rule = transport_start(frame, v6, told, &start);
	if (rule)
		return rule;
	if (!mss || mss > UINT16_MAX)
		return "offload-lso-mss";
	frame->gso = v6 ? FRAME_GSO_TCP6 : FRAME_GSO_TCP4;
	frame->gso_size = mss;
	/* Finds the headers by itself: the guest must have meant the same. */
	if (!frame_prepare_gso(frame) || frame->csum_start != start)
		return "offload-lso-headers";
	/* What fits one segment is an ordinary frame with its checksum open. */
	if (frame->len - frame->header_len <= mss) {
		frame->gso = FRAME_GSO_NONE;
		frame->gso_size = 0;
		frame->header_len = 0;
	}
	return NULL;
}

const char *offload_transmit(struct frame *frame,
			     const struct rndis_ppis *ppis)
{
	if (ppis->has_vlan) {
		frame->has_vlan = true;
		frame->vlan_tci = rndis_vlan_tci(ppis->vlan);
	}
	/* LSO implies every checksum of the frame. */
	if (ppis->has_lso)
		return request_lso(frame, ppis->lso);
	if (ppis->has_csum)
		return request_csum(frame, ppis->csum);
	return NULL;
}

static bool wants(const struct offload_config *config, enum offload_csum which)
{
	return config->csum[which] & OFFLOAD_RX;
}

uint32_t offload_receive_csum(const struct frame *frame,
			      const struct flow *flow,
			      const struct offload_config *config)
{
	bool v4 = flow->ip_version == 4;
	uint32_t word = 0;

	if (frame->gso != FRAME_GSO_NONE) {
		/*
		 * Coalesced: each segment was good, but what stands in the
		 * headers need not fit the whole.
		 */
		word = RNDIS_RX_CSUM_TCP_OK | RNDIS_RX_CSUM_TCP_VALUE_INVALID;
		if (v4)
			word |= RNDIS_RX_CSUM_IP_OK |
				RNDIS_RX_CSUM_IP_VALUE_INVALID;
		return word;
	}
	if (!frame->csum_good)
		return 0;
	if (v4 && wants(config, OFFLOAD_CSUM_IP4))
		word |= RNDIS_RX_CSUM_IP_OK;
	if (flow->transport == FLOW_TCP &&
	    wants(config, v4 ? OFFLOAD_CSUM_TCP4 : OFFLOAD_CSUM_TCP6))
		word |= RNDIS_RX_CSUM_TCP_OK;
	if (flow->transport == FLOW_UDP &&
	    wants(config, v4 ? OFFLOAD_CSUM_UDP4 : OFFLOAD_CSUM_UDP6))
		word |= RNDIS_RX_CSUM_UDP_OK;
	return word;
}
