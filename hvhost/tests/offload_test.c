// SPDX-License-Identifier: GPL-2.0
/* links: offload packet segment rndis */
#include "offload.h"
#include "packet.h"
#include "segment.h"
#include "test.h"

#define DATA 3000u

static uint8_t bytes[FRAME_MAX];

/* A TCP or UDP frame from 10.1.2.3 (fd::3) to 10.1.2.4 (fd::4), with data. */
static struct frame make(unsigned int version, uint8_t protocol, uint32_t data)
{
	uint8_t *ip = bytes + ETH_HEADER_LEN;
	uint32_t l4 = ETH_HEADER_LEN + (version == 4 ? 20 : 40);
	uint32_t header = l4 + (protocol == IP_PROTO_TCP ? 20 : 8);
	struct frame frame = { .data = bytes, .len = header + data };

	memset(bytes, 0, header);
	memset(bytes + header, 0x5a, data);
	put_be16(bytes + ETH_TYPE_OFFSET,
		 version == 4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6);
	if (version == 4) {
		ip[0] = 0x45;
		put_be16(ip + IP4_LENGTH, frame.len - ETH_HEADER_LEN);
		ip[IP4_PROTOCOL] = protocol;
		put_be32(ip + IP4_SOURCE, 0x0a010203);
		put_be32(ip + IP4_TARGET, 0x0a010204);
	} else {
		ip[0] = 0x60;
		put_be16(ip + IP6_LENGTH, frame.len - ETH_HEADER_LEN - 40);
		ip[IP6_NEXT] = protocol;
		ip[IP6_SOURCE] = ip[IP6_TARGET] = 0xfd;
		ip[IP6_SOURCE + 15] = 3;
		ip[IP6_TARGET + 15] = 4;
	}
	put_be16(bytes + l4, 0x1122);
	put_be16(bytes + l4 + 2, 0x3344);
	if (protocol == IP_PROTO_TCP)
		bytes[l4 + TCP_DATA_OFFSET] = 0x50;
	return frame;
}

static void flow_of_tcp4(void)
{
	static const uint8_t wanted[] = {
		10, 1, 2, 3, 10, 1, 2, 4, 0x11, 0x22, 0x33, 0x44,
	};
	struct frame frame = make(4, IP_PROTO_TCP, 0);
	struct flow flow;

	flow_parse(&frame, &flow);
	CHECK_EQ(flow.ip_version, 4);
	CHECK_EQ(flow.transport, FLOW_TCP);
	CHECK_EQ(flow.addresses_len, 8);
	CHECK_EQ(flow.input_len, 12);
	CHECK_MEM(flow.input, wanted, sizeof(wanted));
}

static void flow_of_udp6(void)
{
	struct frame frame = make(6, IP_PROTO_UDP, 0);
	struct flow flow;

	flow_parse(&frame, &flow);
	CHECK_EQ(flow.ip_version, 6);
	CHECK_EQ(flow.transport, FLOW_UDP);
	CHECK_EQ(flow.addresses_len, 32);
	CHECK_EQ(flow.input_len, 36);
	CHECK_EQ(flow.input[0], 0xfd);
	CHECK_EQ(flow.input[15], 3);
	CHECK_EQ(flow.input[31], 4);
	CHECK_EQ(flow.input[32], 0x11);
}

static void flow_without_ports(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, 0);
	struct flow flow;

	/* The first fragment has ports, but the others will not. */
	bytes[ETH_HEADER_LEN + IP4_FRAGMENT] = 0x20;
	flow_parse(&frame, &flow);
	CHECK_EQ(flow.transport, FLOW_OTHER);
	CHECK_EQ(flow.input_len, 8);

	frame = make(4, IP_PROTO_TCP, 0);
	frame.len -= 1;
	flow_parse(&frame, &flow);
	CHECK_EQ(flow.ip_version, 4);
	CHECK_EQ(flow.transport, FLOW_OTHER);

	put_be16(bytes + ETH_TYPE_OFFSET, ETH_TYPE_ARP);
	flow_parse(&frame, &flow);
	CHECK_EQ(flow.ip_version, 0);
	CHECK_EQ(flow.input_len, 0);
}

static void hash_types(void)
{
	const uint32_t all4 = NDIS_HASH_IPV4 | NDIS_HASH_TCP4 | NDIS_HASH_UDP4;
	struct frame frame = make(4, IP_PROTO_UDP, 0);
	struct flow flow;
	uint32_t len;

	flow_parse(&frame, &flow);
	CHECK_EQ(flow_hash_type(&flow, all4, &len), NDIS_HASH_UDP4);
	CHECK_EQ(len, 12);
	CHECK_EQ(flow_hash_type(&flow, NDIS_HASH_IPV4 | NDIS_HASH_TCP4, &len),
		 NDIS_HASH_IPV4);
	CHECK_EQ(len, 8);
	CHECK_EQ(flow_hash_type(&flow, NDIS_HASH_TCP4, &len), 0);

	frame = make(6, IP_PROTO_TCP, 0);
	flow_parse(&frame, &flow);
	CHECK_EQ(flow_hash_type(&flow, NDIS_HASH_TCP6, &len), NDIS_HASH_TCP6);
	CHECK_EQ(len, 36);
	CHECK_EQ(flow_hash_type(&flow, all4, &len), 0);
}

static const char *request(struct frame *frame, uint32_t csum, uint32_t lso)
{
	const struct rndis_ppis ppis = {
		.has_csum = csum, .csum = csum,
		.has_lso = lso, .lso = lso,
	};

	return offload_transmit(frame, &ppis);
}

static void transmit_csum(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, 10);

	CHECK(!request(&frame, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_TCP |
			       RNDIS_TX_CSUM_IP_HEADER | 34 << 16, 0));
	CHECK(frame.csum_partial);
	CHECK_EQ(frame.csum_start, 34);
	CHECK_EQ(frame.csum_offset, TCP_CHECKSUM);
	CHECK(frame.ip_csum_partial);
	CHECK_EQ(frame.gso, FRAME_GSO_NONE);

	/* Without an offset: behind a header without options. */
	frame = make(6, IP_PROTO_UDP, 10);
	CHECK(!request(&frame, RNDIS_TX_CSUM_IPV6 | RNDIS_TX_CSUM_UDP, 0));
	CHECK_EQ(frame.csum_start, 54);
	CHECK_EQ(frame.csum_offset, UDP_CHECKSUM);
	CHECK(!frame.ip_csum_partial);
}

static void transmit_csum_out_of_bounds(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, 10);
	const uint32_t tcp4 = RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_TCP;
	const char *rule = "offload-transport-offset";

	CHECK_STR(request(&frame, tcp4 | 33 << 16, 0), rule);
	CHECK_STR(request(&frame, tcp4 | frame.len << 16, 0), rule);
	CHECK_STR(request(&frame, tcp4 | (frame.len - 17) << 16, 0), rule);
	CHECK(!request(&frame, tcp4 | (frame.len - 18) << 16, 0));
	CHECK_STR(request(&frame, RNDIS_TX_CSUM_IPV6 | RNDIS_TX_CSUM_TCP |
				  34 << 16, 0), rule);
	frame = make(6, IP_PROTO_TCP, 10);
	CHECK_STR(request(&frame, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_IP_HEADER,
			  0), "offload-ip-header");
}

static void transmit_lso(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, DATA);
	uint8_t *ip = bytes + ETH_HEADER_LEN;

	/* As a guest leaves it. */
	put_be16(ip + IP4_LENGTH, 0);
	CHECK(!request(&frame, 0, 1460 | 34 << 20));
	CHECK_EQ(frame.gso, FRAME_GSO_TCP4);
	CHECK_EQ(frame.gso_size, 1460);
	CHECK_EQ(frame.header_len, 54);
	CHECK(frame.csum_partial);
	CHECK_EQ(frame.csum_start, 34);
	CHECK_EQ(get_be16(ip + IP4_LENGTH), frame.len - ETH_HEADER_LEN);
	CHECK_EQ(checksum_finish(checksum_add(0, ip, 20)), 0);
}

static void transmit_lso6(void)
{
	struct frame frame = make(6, IP_PROTO_TCP, DATA);

	put_be16(bytes + ETH_HEADER_LEN + IP6_LENGTH, 0);
	CHECK(!request(&frame, 0, 1440 | 54 << 20 | RNDIS_LSO_IPV6));
	CHECK_EQ(frame.gso, FRAME_GSO_TCP6);
	CHECK_EQ(get_be16(bytes + ETH_HEADER_LEN + IP6_LENGTH),
		 frame.len - ETH_HEADER_LEN - 40);
}

static void transmit_lso_of_one_segment(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, 100);

	CHECK(!request(&frame, 0, 1460 | 34 << 20));
	CHECK_EQ(frame.gso, FRAME_GSO_NONE);
	CHECK(frame.csum_partial);
	CHECK(frame_finish_checksums(&frame));
	CHECK_EQ(checksum_finish(checksum_add(
			checksum_pseudo(bytes + ETH_HEADER_LEN, 4,
					IP_PROTO_TCP, 120),
			bytes + 34, 120)), 0);
}

static void transmit_lso_malformed(void)
{
	struct frame frame = make(4, IP_PROTO_TCP, DATA);

	CHECK_STR(request(&frame, 0, 34 << 20), "offload-lso-mss");
	CHECK_STR(request(&frame, 0, 0x10000 | 34 << 20), "offload-lso-mss");
	CHECK_STR(request(&frame, 0, 1460 | 38 << 20), "offload-lso-headers");
	CHECK_STR(request(&frame, 0, 1460 | 20 << 20),
		  "offload-transport-offset");
	CHECK_STR(request(&frame, 0, 1460 | 54 << 20 | RNDIS_LSO_IPV6),
		  "offload-lso-headers");
	/* A TCP header that reaches beyond the frame. */
	frame = make(4, IP_PROTO_TCP, 4);
	bytes[34 + TCP_DATA_OFFSET] = 0xf0;
	CHECK_STR(request(&frame, 0, 1460 | 34 << 20), "offload-lso-headers");
}

static void transmit_vlan(void)
{
	const struct rndis_ppis ppis = { .has_vlan = true, .vlan = 0x0645 };
	struct frame frame = make(4, IP_PROTO_UDP, 10);

	CHECK(!offload_transmit(&frame, &ppis));
	CHECK(frame.has_vlan);
	CHECK_EQ(frame.vlan_tci, 0xa064);
}

static uint32_t report(unsigned int version, uint8_t protocol, bool good,
		       enum frame_gso gso, uint8_t offloads)
{
	struct frame frame = make(version, protocol, 10);
	struct offload_config config = { 0 };
	struct flow flow;

	memset(config.csum, offloads, sizeof(config.csum));
	frame.csum_good = good;
	frame.gso = gso;
	flow_parse(&frame, &flow);
	return offload_receive_csum(&frame, &flow, &config);
}

static void receive_csum(void)
{
	CHECK_EQ(report(4, IP_PROTO_TCP, true, FRAME_GSO_NONE, OFFLOAD_RX),
		 RNDIS_RX_CSUM_IP_OK | RNDIS_RX_CSUM_TCP_OK);
	CHECK_EQ(report(4, IP_PROTO_UDP, true, FRAME_GSO_NONE, OFFLOAD_RX),
		 RNDIS_RX_CSUM_IP_OK | RNDIS_RX_CSUM_UDP_OK);
	CHECK_EQ(report(6, IP_PROTO_TCP, true, FRAME_GSO_NONE, OFFLOAD_RX),
		 RNDIS_RX_CSUM_TCP_OK);
	CHECK_EQ(report(4, IP_PROTO_TCP, false, FRAME_GSO_NONE, OFFLOAD_RX), 0);
	CHECK_EQ(report(4, IP_PROTO_TCP, true, FRAME_GSO_NONE, OFFLOAD_TX), 0);
	CHECK_EQ(report(6, IP_PROTO_TCP, true, FRAME_GSO_TCP6, OFFLOAD_RX),
		 RNDIS_RX_CSUM_TCP_OK | RNDIS_RX_CSUM_TCP_VALUE_INVALID);
	CHECK_EQ(report(4, IP_PROTO_TCP, true, FRAME_GSO_TCP4, OFFLOAD_RX),
		 RNDIS_RX_CSUM_TCP_OK | RNDIS_RX_CSUM_TCP_VALUE_INVALID |
		 RNDIS_RX_CSUM_IP_OK | RNDIS_RX_CSUM_IP_VALUE_INVALID);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(flow_of_tcp4),
		TEST_CASE(flow_of_udp6),
		TEST_CASE(flow_without_ports),
		TEST_CASE(hash_types),
		TEST_CASE(transmit_csum),
		TEST_CASE(transmit_csum_out_of_bounds),
		TEST_CASE(transmit_lso),
		TEST_CASE(transmit_lso6),
		TEST_CASE(transmit_lso_of_one_segment),
		TEST_CASE(transmit_lso_malformed),
		TEST_CASE(transmit_vlan),
		TEST_CASE(receive_csum),
	};

	return test_run(cases, TEST_COUNT(cases));
}
