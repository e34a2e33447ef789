// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

static bool parse_ip4(const uint8_t *data, uint32_t len, struct packet_view *view)
{
	const uint8_t *ip = data + ETH_HEADER_LEN;
	unsigned int header_len;

	if (len < ETH_HEADER_LEN + IP4_HEADER_MIN || ip[0] >> 4 != 4)
		return false;
	header_len = (ip[0] & 0xf) * 4u;
	if (header_len < IP4_HEADER_MIN || ETH_HEADER_LEN + header_len > len)
		return false;
	view->ip_version = 4;
	view->protocol = ip[IP4_PROTOCOL];
	view->fragment = get_be16(ip + IP4_FRAGMENT) & IP4_FRAGMENT_BITS;
	view->l4 = (uint16_t)(ETH_HEADER_LEN + header_len);
	return true;
}

/* Walks the extension headers that may stand before a transport header. */
static bool parse_ip6(const uint8_t *data, uint32_t len, struct packet_view *view)
{
	uint32_t at = ETH_HEADER_LEN + IP6_HEADER_LEN;
	uint8_t next;

	if (len < at || data[ETH_HEADER_LEN] >> 4 != 6)
		return false;
	next = data[ETH_HEADER_LEN + IP6_NEXT];
	while (next == IP_PROTO_HOP_BY_HOP || next == IP_PROTO_ROUTING ||
	       next == IP_PROTO_DEST_OPTS) {
		if (at + 8 > len)
			return false;
		next = data[at];
		at += 8 + data[at + 1] * 8u;
		if (at > len)
			return false;
	}
	if (at > UINT16_MAX)
		return false;
	view->ip_version = 6;
	view->protocol = next;
	view->fragment = false;
	view->l4 = (uint16_t)at;
	return true;
}

bool packet_parse(const uint8_t *data, uint32_t len, struct packet_view *view)
{
	if (len < ETH_HEADER_LEN)
		return false;
	switch (get_be16(data + ETH_TYPE_OFFSET)) {
	case ETH_TYPE_IP4:
		return parse_ip4(data, len, view);
	case ETH_TYPE_IP6:
		return parse_ip6(data, len, view);
	default:
		return false;
	}
}
