// SPDX-License-Identifier: GPL-2.0
/* links: segment packet pcap */
#include "segment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_log.h"
#include "packet.h"
#include "pcap.h"
#include "test.h"

static uint8_t bytes[FRAME_MAX];
static struct frame frame;

/*
 * Checksums by the book, independent of the code under test: 16-bit big-endian
 * words, one at a time; a good packet sums up to 0xffff.
 */
static uint32_t add_be(uint32_t sum, const uint8_t *at, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static bool ip_sum_good(const struct frame *f)
{
	const uint8_t *ip = f->data + 14;

	return add_be(0, ip, (ip[0] & 15) * 4u) == 0xffff;
}

static bool l4_sum_good(const struct frame *f, uint32_t l4, uint8_t protocol)
{
	const uint8_t *ip = f->data + 14;
	uint32_t len = f->len - l4;
	uint8_t tail[4] = { 0, protocol, (uint8_t)(len >> 8), (uint8_t)len };
	uint32_t sum = ip[0] >> 4 == 4 ? add_be(0, ip + 12, 8) : add_be(0, ip + 8, 32);

	sum = add_be(sum, tail, 4);
	return add_be(sum, f->data + l4, len) == 0xffff;
}

static void fill_payload(uint32_t from, uint32_t to)
{
	uint32_t i;

	for (i = from; i < to; i++)
		bytes[i] = (uint8_t)(i * 31 + (i >> 8));
}

static void start_frame(uint32_t len, uint16_t type)
{
	memset(bytes, 0, sizeof(bytes));
	frame = (struct frame){ .data = bytes, .len = len };
	memcpy(bytes, "\x00\x15\x5d\x01\x02\x03\x02\x00\x5e\x00\x00\x01", 12);
	put_be16(bytes + 12, type);
}

/* Headers as an NDIS large send has them: no lengths, no checksums. */
static uint32_t make_ip4(uint8_t protocol, uint32_t len, unsigned int options)
{
	uint32_t l4 = 34 + options * 4;

	start_frame(len, 0x0800);
	bytes[14] = (uint8_t)(0x45 + options);
	put_be16(bytes + 18, 0xfffe);		/* id, about to wrap */
	bytes[22] = 64;
	bytes[23] = protocol;
	memcpy(bytes + 26, "\x0a\x00\x00\x01\xc0\xa8\xff\xfe", 8);
	memset(bytes + 34, 1, options * 4);	/* NOPs */
	return l4;
}

static uint32_t make_ip6(uint8_t protocol, uint32_t len, bool extension)
{
	start_frame(len, 0x86dd);
	bytes[14] = 0x60;
	bytes[20] = extension ? 60 : protocol;
	bytes[21] = 64;
	memcpy(bytes + 22, "\xfe\x80\0\0\0\0\0\0\x02\x15\x5d\xff\xfe\x01\x02\x03", 16);
	memcpy(bytes + 38, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x99", 16);
	if (!extension)
		return 54;
	bytes[54] = protocol;
	bytes[55] = 1;				/* 16 bytes */
	return 70;
}

static uint32_t make_tcp(uint32_t l4, unsigned int options)
{
	uint32_t header_len = 20 + options * 4;

	put_be16(bytes + l4, 1000);
	put_be16(bytes + l4 + 2, 2000);
	put_be32(bytes + l4 + 4, 0xfffffff0);	/* wraps inside the frame */
	bytes[l4 + 12] = (uint8_t)(header_len / 4 << 4);
	bytes[l4 + 13] = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR;
	memset(bytes + l4 + 20, 1, options * 4);
	fill_payload(l4 + header_len, frame.len);
	return l4 + header_len;
}

static void make_gso4(uint32_t payload, unsigned int ip_options,
		      unsigned int tcp_options)
{
	uint32_t len = 54 + ip_options * 4 + tcp_options * 4 + payload;

	make_tcp(make_ip4(6, len, ip_options), tcp_options);
	frame.gso = FRAME_GSO_TCP4;
	frame.gso_size = 1448;
}

static void make_gso6(uint32_t payload, bool extension)
{
	make_tcp(make_ip6(6, 74 + (extension ? 16 : 0) + payload, extension), 0);
	frame.gso = FRAME_GSO_TCP6;
	frame.gso_size = 1428;
}

static void sums(void)
{
	/* The example of RFC 1071: 0001 f203 f4f5 f6f7 sum up to ddf2. */
	static const uint8_t example[] = { 0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7 };
	uint16_t sum = (uint16_t)~checksum_finish(checksum_add(0, example, 8));
	uint8_t wire[2], noise[67];
	unsigned int len, i;

	memcpy(wire, &sum, 2);
	CHECK_EQ(wire[0], 0xdd);
	CHECK_EQ(wire[1], 0xf2);
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 77 + 5);
	for (len = 0; len < sizeof(noise); len++) {
		sum = (uint16_t)~checksum_finish(checksum_add(0, noise, len));
		memcpy(wire, &sum, 2);
		CHECK_EQ(wire[0] << 8 | wire[1], add_be(0, noise, len));
	}
}

static void parses(void)
{
	struct packet_view view;

	make_ip4(6, 100, 3);
	CHECK(packet_parse(bytes, 100, &view));
	CHECK_EQ(view.l4, 46);
	CHECK_EQ(view.protocol, 6);
	CHECK(!view.fragment);
	put_be16(bytes + 20, 0x2000);
	CHECK(packet_parse(bytes, 100, &view));
	CHECK(view.fragment);
	CHECK(!packet_parse(bytes, 45, &view));
	bytes[14] = 0x44;
	CHECK(!packet_parse(bytes, 100, &view));
	make_ip6(17, 100, true);
	CHECK(packet_parse(bytes, 100, &view));
	CHECK_EQ(view.l4, 70);
	CHECK_EQ(view.protocol, 17);
	CHECK(!packet_parse(bytes, 69, &view));
	bytes[55] = 255;
	CHECK(!packet_parse(bytes, 100, &view));
	start_frame(60, 0x0806);
	CHECK(!packet_parse(bytes, 60, &view));
	CHECK(!packet_parse(bytes, 13, &view));
}

/* The pseudo header sum in the field, as a stack leaves it for the hardware. */
static void open_checksum(uint32_t l4, uint16_t offset, unsigned int version,
			  uint8_t protocol)
{
	uint16_t pseudo = (uint16_t)~checksum_finish(checksum_pseudo(bytes + 14,
					version, protocol, frame.len - l4));

	memcpy(bytes + l4 + offset, &pseudo, 2);
	frame.csum_partial = true;
	frame.csum_start = (uint16_t)l4;
	frame.csum_offset = offset;
}

static void finishes_checksums(void)
{
	uint32_t len, l4;

	for (len = 62; len < 80; len++) {
		l4 = make_ip4(17, len, len % 3);
		fill_payload(l4 + 8, len);
		open_checksum(l4, 6, 4, 17);
		frame.ip_csum_partial = true;
		CHECK(frame_finish_checksums(&frame));
		CHECK(ip_sum_good(&frame));
		CHECK(l4_sum_good(&frame, l4, 17));
		CHECK(!frame.csum_partial && !frame.ip_csum_partial);
	}
	l4 = make_ip6(6, 1514, false);
	make_tcp(l4, 3);
	open_checksum(l4, 16, 6, 6);
	CHECK(frame_finish_checksums(&frame));
	CHECK(l4_sum_good(&frame, l4, 6));
}

static void udp_zero_becomes_ones(void)
{
	uint32_t l4 = make_ip4(17, 60, 0), value;

	/* Some payload word makes the sum come out as zero: find it. */
	for (value = 0; value < 65536; value++) {
		put_be16(bytes + l4 + 8, value);
		put_be16(bytes + l4 + 6, 0);
		open_checksum(l4, 6, 4, 17);
		frame_finish_checksums(&frame);
		CHECK(bytes[l4 + 6] | bytes[l4 + 7]);
		if (bytes[l4 + 6] == 0xff && bytes[l4 + 7] == 0xff)
			return;
	}
	CHECK(false);
}

static void refuses_wild_offsets(void)
{
	make_ip4(17, 60, 0);
	frame.csum_partial = true;
	frame.csum_start = 50;
	frame.csum_offset = 9;
	CHECK(!frame_finish_checksums(&frame));
	frame.csum_start = 0xffff;
	frame.csum_offset = 0xffff;
	CHECK(!frame_finish_checksums(&frame));
	CHECK(frame.csum_partial);
	frame.csum_partial = false;
	frame.ip_csum_partial = true;
	bytes[14] = 0x60;
	CHECK(!frame_finish_checksums(&frame));
}

static void prepares_gso(void)
{
	make_gso4(20000, 2, 3);
	CHECK(frame_prepare_gso(&frame));
	CHECK_EQ(frame.csum_start, 42);
	CHECK_EQ(frame.csum_offset, 16);
	CHECK_EQ(frame.header_len, 42 + 32);
	CHECK_EQ(get_be16(bytes + 16), frame.len - 14);
	CHECK(ip_sum_good(&frame));
	CHECK(frame.csum_partial);
	CHECK(frame_finish_checksums(&frame));
	CHECK(l4_sum_good(&frame, 42, 6));
	make_gso6(20000, true);
	CHECK(frame_prepare_gso(&frame));
	CHECK_EQ(get_be16(bytes + 18), frame.len - 54);
	CHECK_EQ(frame.csum_start, 70);
	CHECK(frame_finish_checksums(&frame));
	CHECK(l4_sum_good(&frame, 70, 6));
}

static void refuses_bad_gso(void)
{
	make_gso4(3000, 0, 0);
	frame.gso = FRAME_GSO_TCP6;
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(3000, 0, 0);
	frame.gso_size = 0;
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(3000, 0, 0);
	bytes[23] = 17;
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(3000, 0, 0);
	bytes[46] = 0x40;			/* TCP header of 16 bytes */
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(10, 0, 0);
	bytes[46] = 0xf0;			/* beyond the frame */
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(3000, 0, 0);
	put_be16(bytes + 20, 0x2000);		/* fragment */
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(3000, 0, 0);
	frame.len = 50;
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(65496, 0, 0);			/* IP length 65536 */
	CHECK(!frame_prepare_gso(&frame));
	make_gso4(65495, 0, 0);
	CHECK(frame_prepare_gso(&frame));
}

struct tally {
	unsigned int count;
	uint32_t payload_at;
	uint32_t l4;
	uint32_t header_len;
};

static void check_segment(void *ctx, struct frame *segment)
{
	struct tally *tally = ctx;
	uint32_t payload = segment->len - tally->header_len;
	const uint8_t *tcp = segment->data + tally->l4;
	bool first = !tally->count;
	bool last = tally->payload_at + payload == frame.len;
	uint8_t flags = TCP_ACK;

	CHECK(segment->csum_good);
	CHECK(!segment->csum_partial);
	CHECK_EQ(segment->gso, FRAME_GSO_NONE);
	CHECK_EQ(segment->vlan_tci, 0x6123);
	CHECK(last ? payload <= frame.gso_size : payload == frame.gso_size);
	CHECK_MEM(segment->data + tally->header_len, frame.data + tally->payload_at,
		  payload);
	if (segment->data[14] >> 4 == 4) {
		CHECK(ip_sum_good(segment));
		CHECK_EQ(get_be16(segment->data + 16), segment->len - 14);
		CHECK_EQ(get_be16(segment->data + 18), (0xfffe + tally->count) & 0xffff);
	} else {
		CHECK_EQ(get_be16(segment->data + 18), segment->len - 54);
	}
	CHECK(l4_sum_good(segment, tally->l4, 6));
	CHECK_EQ(get_be32(tcp + 4), 0xfffffff0u + tally->payload_at - tally->header_len);
	if (first)
		flags |= TCP_CWR;
	if (last)
		flags |= TCP_PSH | TCP_FIN;
	CHECK_EQ(tcp[13], flags);
	tally->payload_at += payload;
	tally->count++;
}

static void check_cut(unsigned int wanted)
{
	struct tally tally = { 0 };

	frame.has_vlan = true;
	frame.vlan_tci = 0x6123;
	CHECK_OR_RETURN(frame_prepare_gso(&frame));
	tally.l4 = frame.csum_start;
	tally.header_len = frame.header_len;
	tally.payload_at = frame.header_len;
	CHECK_EQ(frame_segment(&frame, check_segment, &tally), wanted);
	CHECK_EQ(tally.count, wanted);
	CHECK_EQ(tally.payload_at, frame.len);
}

static void cuts(void)
{
	make_gso4(1448 * 3, 0, 3);
	check_cut(3);
	make_gso4(1448 * 3 + 1, 0, 3);
	check_cut(4);
	make_gso4(62780 - 54, 0, 0);
	check_cut(44);
	make_gso4(65000, 3, 5);
	check_cut(45);
	make_gso4(700, 0, 0);
	check_cut(1);
	make_gso4(0, 0, 0);
	check_cut(1);
	make_gso4(33, 0, 0);
	frame.gso_size = 1;
	check_cut(33);
	make_gso6(10000, false);
	check_cut(8);
	make_gso6(10000, true);
	check_cut(8);
}

static void captures(void)
{
	char path[] = "/tmp/hvhost-pcap-XXXXXX";
	struct pcap_file *file;
	uint8_t back[200];
	uint32_t word;
	size_t len;
	FILE *in;

	close(mkstemp(path));
	file = pcap_create(path);
	CHECK_OR_RETURN(file);
	make_ip4(17, 60, 0);
	pcap_write(file, &frame);
	frame.has_vlan = true;
	frame.vlan_tci = 0x2005;
	pcap_write(file, &frame);
	frame.len = 13;				/* no frame at all: left out */
	pcap_write(file, &frame);
	pcap_flush(file);
	pcap_close(file);
	in = fopen(path, "r");
	len = fread(back, 1, sizeof(back), in);
	fclose(in);
	unlink(path);
	CHECK_EQ(len, 24 + 16 + 60 + 16 + 64);
	memcpy(&word, back, 4);
	CHECK_EQ(word, 0xa1b23c4d);
	memcpy(&word, back + 20, 4);
	CHECK_EQ(word, 1);
	memcpy(&word, back + 24 + 8, 4);
	CHECK_EQ(word, 60);
	CHECK_MEM(back + 40, bytes, 60);
	memcpy(&word, back + 100 + 12, 4);
	CHECK_EQ(word, 64);
	CHECK_MEM(back + 116, bytes, 12);
	CHECK_EQ(get_be32(back + 128), 0x81002005);
	CHECK_MEM(back + 132, bytes + 12, 48);
	CHECK(!pcap_create("/nowhere/at/all"));
	CHECK(strstr(last_complaint, "/nowhere/at/all: "));
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(sums),
		TEST_CASE(parses),
		TEST_CASE(finishes_checksums),
		TEST_CASE(udp_zero_becomes_ones),
		TEST_CASE(refuses_wild_offsets),
		TEST_CASE(prepares_gso),
		TEST_CASE(refuses_bad_gso),
		TEST_CASE(cuts),
		TEST_CASE(captures),
	};

	return test_run(cases, TEST_COUNT(cases));
}
