// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

#include <string.h>

#include "packet.h"

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t word;
	uint16_t half;

	/* 32-bit words: the sum of 2^32 of them cannot overflow. */
	for (; len >= 4; at += 4, len -= 4) {
		memcpy(&word, at, 4);
		sum += word;
	}
	if (len >= 2) {
		memcpy(&half, at, 2);
		sum += half;
		at += 2;
		len -= 2;
	}
	if (len)
		sum += *at;	/* as if a zero byte followed; little endian */
	return sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t checksum_finish(uint64_t sum)
{
	return (uint16_t)~fold(sum);
}

uint64_t checksum_pseudo(const uint8_t *ip, unsigned int ip_version,
			 uint8_t protocol, uint32_t l4_len)
{
	uint8_t tail[8] = { 0 };

	put_be32(tail, l4_len);
	tail[7] = protocol;
	if (ip_version == 4)
		return checksum_add(checksum_add(0, ip + IP4_SOURCE, 8), tail, 8);
	return checksum_add(checksum_add(0, ip + IP6_SOURCE, 32), tail, 8);
}

static void store16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, 2);
}

static void write_ip_checksum(uint8_t *ip, unsigned int header_len)
{
	store16(ip + IP4_CHECKSUM, 0);
	store16(ip + IP4_CHECKSUM, checksum_finish(checksum_add(0, ip, header_len)));
}

bool frame_finish_ip_checksum(struct frame *frame)
{
	struct packet_view view;

	if (!frame->ip_csum_partial)
		return true;
	if (!packet_parse(frame->data, frame->len, &view) || view.ip_version != 4)
		return false;
	write_ip_checksum(frame->data + ETH_HEADER_LEN, view.l4 - ETH_HEADER_LEN);
	frame->ip_csum_partial = false;
	return true;
}

static void write_l4_checksum(struct frame *frame)
{
	uint8_t *start = frame->data + frame->csum_start;
	uint16_t sum = checksum_finish(checksum_add(0, start,
						    frame->len - frame->csum_start));

	/* Zero would say "none" for UDP; for TCP both forms mean the same. */
	if (!sum && frame->csum_offset == UDP_CHECKSUM)
		sum = 0xffff;
	store16(start + frame->csum_offset, sum);
	frame->csum_partial = false;
}

bool frame_finish_checksums(struct frame *frame)
{
	if (frame->csum_partial &&
	    (uint32_t)frame->csum_start + frame->csum_offset + 2 > frame->len)
		return false;
	if (!frame_finish_ip_checksum(frame))
		return false;
	if (frame->csum_partial)
		write_l4_checksum(frame);
	return true;
}

static uint32_t tcp_header_len(const uint8_t *tcp)
{
	return (tcp[TCP_DATA_OFFSET] >> 4) * 4u;
}

/* The lengths that stand in the IP header, for a packet of that many bytes. */
static void write_ip_length(uint8_t *ip, unsigned int ip_version, uint32_t len,
			    uint32_t header_len)
{
	if (ip_version == 4) {
		put_be16(ip + IP4_LENGTH, len);
		write_ip_checksum(ip, header_len);
	} else {
		put_be16(ip + IP6_LENGTH, len - IP6_HEADER_LEN);
	}
}

/* Leaves the TCP checksum field as a kernel that asks for completion does. */
static void open_tcp_checksum(uint8_t *ip, unsigned int ip_version, uint8_t *tcp,
			      uint32_t tcp_len)
{
	store16(tcp + TCP_CHECKSUM,
		fold(checksum_pseudo(ip, ip_version, IP_PROTO_TCP, tcp_len)));
}

bool frame_prepare_gso(struct frame *frame)
{
	uint8_t *ip = frame->data + ETH_HEADER_LEN;
	unsigned int version = frame->gso == FRAME_GSO_TCP4 ? 4 : 6;
	struct packet_view view;
	uint32_t tcp_len, ip_len;
	uint8_t *tcp;

	if (frame->gso == FRAME_GSO_NONE || !frame->gso_size ||
	    !packet_parse(frame->data, frame->len, &view) ||
	    view.ip_version != version || view.protocol != IP_PROTO_TCP ||
	    view.fragment || frame->len < (uint32_t)view.l4 + TCP_HEADER_MIN)
		return false;
	tcp = frame->data + view.l4;
	if (tcp_header_len(tcp) < TCP_HEADER_MIN ||
	    view.l4 + tcp_header_len(tcp) > frame->len)
		return false;
	tcp_len = frame->len - view.l4;
	ip_len = frame->len - ETH_HEADER_LEN;
	if ((version == 4 ? ip_len : ip_len - IP6_HEADER_LEN) > UINT16_MAX)
		return false;
	write_ip_length(ip, version, ip_len, view.l4 - ETH_HEADER_LEN);
	open_tcp_checksum(ip, version, tcp, tcp_len);
	frame->ip_csum_partial = false;
	frame->csum_partial = true;
	frame->csum_start = view.l4;
	frame->csum_offset = TCP_CHECKSUM;
	frame->header_len = (uint16_t)(view.l4 + tcp_header_len(tcp));
	return true;
}

/* Turns a copy of the whole frame's headers into those of one segment. */
static void edit_headers(struct frame *segment, const struct frame *whole,
			 unsigned int number, uint32_t payload_at)
{
	unsigned int version = whole->gso == FRAME_GSO_TCP4 ? 4 : 6;
	uint8_t *ip = segment->data + ETH_HEADER_LEN;
	uint8_t *tcp = segment->data + whole->csum_start;
	bool last = payload_at + segment->len - whole->header_len == whole->len;

	if (version == 4)
		put_be16(ip + IP4_ID, get_be16(ip + IP4_ID) + number);
	write_ip_length(ip, version, segment->len - ETH_HEADER_LEN,
			whole->csum_start - ETH_HEADER_LEN);
	put_be32(tcp + TCP_SEQUENCE, get_be32(tcp + TCP_SEQUENCE) + payload_at -
				     whole->header_len);
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t)~(TCP_FIN | TCP_PSH);
	if (number)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	open_tcp_checksum(ip, version, tcp, segment->len - whole->csum_start);
	write_l4_checksum(segment);
}

unsigned int frame_segment(const struct frame *frame, segment_fn emit, void *ctx)
{
	uint8_t bytes[FRAME_MAX];
	uint32_t at = frame->header_len;
	unsigned int count = 0;

	do {
		struct frame segment = *frame;
		uint32_t payload = frame->len - at;

		if (payload > frame->gso_size)
			payload = frame->gso_size;
		memcpy(bytes, frame->data, frame->header_len);
		memcpy(bytes + frame->header_len, frame->data + at, payload);
		segment.data = bytes;
		segment.len = frame->header_len + payload;
		segment.gso = FRAME_GSO_NONE;
		segment.gso_size = 0;
		segment.header_len = 0;
		edit_headers(&segment, frame, count++, at);
		segment.csum_good = true;
		emit(ctx, &segment);
		at += payload;
	} while (at < frame->len);
	return count;
}
