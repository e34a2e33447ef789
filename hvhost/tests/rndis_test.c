// SPDX-License-Identifier: GPL-2.0
/* links: rndis */
#include <stdlib.h>

#include "rndis.h"
#include "test.h"

/* A packet with one checksum and one VLAN word, and eight bytes of data. */
struct message {
	struct rndis_header header;
	struct rndis_packet packet;
	struct rndis_ppi csum_header;
	uint32_t csum;
	struct rndis_ppi vlan_header;
	uint32_t vlan;
	uint8_t data[8];
} RNDIS_PACKED;

static const struct message good = {
	.header = { RNDIS_PACKET, sizeof(struct message) },
	.packet = {
		.data_offset = 36 + 32,
		.data_len = 8,
		.ppi_offset = 36,
		.ppi_len = 32,
	},
	.csum_header = { 16, RNDIS_PPI_CSUM, 12 },
	.csum = 0x12345678,
	.vlan_header = { 16, RNDIS_PPI_VLAN, 12 },
	.vlan = 0x1230,
};

static struct rndis_tx_packet packet;

/* The message is put in a block of its exact size: ASan sees what is beyond. */
static const char *parse_part(const struct message *message, uint32_t len,
			      uint32_t whole)
{
	uint8_t *bytes = malloc(len ? len : 1);
	const char *rule;

	memcpy(bytes, message, len);
	rule = rndis_parse_packet(bytes, len, whole, &packet);
	free(bytes);
	return rule;
}

static const char *parse(const struct message *message)
{
	return parse_part(message, sizeof(*message), sizeof(*message));
}

static void reads_all_fields(void)
{
	CHECK(!parse(&good));
	CHECK_EQ(packet.message_len, sizeof(struct message));
	CHECK_EQ(packet.header_len, 44 + 32);
	CHECK_EQ(packet.data_offset, 44 + 32);
	CHECK_EQ(packet.data_len, 8);
	CHECK(packet.ppis.has_csum);
	CHECK_EQ(packet.ppis.csum, 0x12345678);
	CHECK(packet.ppis.has_vlan);
	CHECK_EQ(packet.ppis.vlan, 0x1230);
	CHECK(!packet.ppis.has_lso);
	CHECK(!packet.ppis.has_hash_value);
}

static void needs_no_ppi(void)
{
	struct message message = good;

	message.packet.ppi_len = 0;
	message.packet.ppi_offset = 0;
	CHECK(!parse(&message));
	CHECK_EQ(packet.header_len, 44);
	CHECK(!packet.ppis.has_csum);
}

static void refuses_every_truncation(void)
{
	uint32_t len;

	for (len = 0; len < sizeof(good); len++)
		CHECK(parse_part(&good, len, len));
	CHECK_STR(parse_part(&good, 43, 43), "rndis-header-short");
	CHECK_STR(parse_part(&good, 44, 44), "rndis-message-length");
}

static void finds_the_next_packet(void)
{
	struct message message = good;

	/* Padding belongs to the message, not to its data. */
	message.header.len = sizeof(message) - 4;
	message.packet.data_len = 1;
	CHECK(!parse(&message));
	CHECK_EQ(packet.message_len, sizeof(message) - 4);
	CHECK_EQ(packet.data_len, 1);
}

static void header_must_be_in_one_range(void)
{
	CHECK_STR(parse_part(&good, sizeof(good), 43),
		  "rndis-header-in-first-range");
	CHECK_STR(parse_part(&good, sizeof(good), 75),
		  "rndis-header-in-first-range");
	CHECK(!parse_part(&good, sizeof(good), 76));
}

static void data_stay_in_the_message(void)
{
	struct message message = good;

	message.packet.data_len = 9;
	CHECK_STR(parse(&message), "rndis-data-bounds");
	message.packet.data_len = 0;
	CHECK_STR(parse(&message), "rndis-data-empty");
	message = good;
	message.packet.data_offset = 0xfffffff8;
	CHECK_STR(parse(&message), "rndis-data-bounds");
	message.packet.data_offset = 36;
	CHECK_STR(parse(&message), "rndis-data-in-header");
}

static void fields_that_must_be_zero(void)
{
	struct message message = good;

	message.packet.oob_len = 1;
	CHECK_STR(parse(&message), "rndis-out-of-band");
	message = good;
	message.packet.oob_count = 1;
	CHECK_STR(parse(&message), "rndis-out-of-band");
	message = good;
	message.packet.vc_handle = 1;
	CHECK_STR(parse(&message), "rndis-vc-handle");
}

static void malformed_ppis(void)
{
	struct message message = good;

	message.csum_header.size = 0;
	CHECK_STR(parse(&message), "rndis-ppi-size");
	message.csum_header.size = 33;
	CHECK_STR(parse(&message), "rndis-ppi-size");
	message.csum_header.size = 0xffffffff;
	CHECK_STR(parse(&message), "rndis-ppi-size");
	message = good;
	message.vlan_header.offset = 17;
	CHECK_STR(parse(&message), "rndis-ppi-offset");
	message.vlan_header.offset = 4;
	CHECK_STR(parse(&message), "rndis-ppi-offset");
	message = good;
	message.packet.ppi_len = 24;
	CHECK_STR(parse(&message), "rndis-ppi-short");
	message.packet.ppi_len = 0xfffffff0;
	CHECK_STR(parse(&message), "rndis-ppi-bounds");
	message = good;
	message.packet.ppi_offset = 32;
	CHECK_STR(parse(&message), "rndis-ppi-bounds");
}

static void unknown_ppis_are_skipped(void)
{
	struct message message = good;

	message.csum_header.type = RNDIS_PPI_INTERNAL | RNDIS_PPI_CSUM;
	CHECK(!parse(&message));
	CHECK(!packet.ppis.has_csum);
	CHECK(packet.ppis.has_vlan);
	/* A payload of less than a word has nothing to say. */
	message = good;
	message.csum_header.offset = 14;
	CHECK(!parse(&message));
	CHECK(!packet.ppis.has_csum);
}

static void only_packets(void)
{
	struct message message = good;

	message.header.type = RNDIS_QUERY;
	CHECK_STR(parse(&message), "rndis-packet-type");
}

static void builds_a_bare_header(void)
{
	const struct rndis_ppis none = { 0 };
	uint8_t bytes[RNDIS_RX_HEADER_MAX];
	struct rndis_header header;
	struct rndis_packet body;

	CHECK_EQ(rndis_build_packet(bytes, 1806, 60, &none), 44);
	memcpy(&header, bytes, sizeof(header));
	memcpy(&body, bytes + 8, sizeof(body));
	CHECK_EQ(header.type, RNDIS_PACKET);
	CHECK_EQ(header.len, 1806);
	CHECK_EQ(body.data_offset, 248);
	CHECK_EQ(body.data_len, 60);
	CHECK_EQ(body.ppi_len, 0);
	CHECK_EQ(body.ppi_offset, 0);
}

static void builds_all_ppis(void)
{
	static const uint32_t types[] = {
		RNDIS_PPI_CSUM, RNDIS_PPI_VLAN, RNDIS_PPI_HASH_VALUE,
		RNDIS_PPI_HASH_INFO, RNDIS_PPI_PACKET_ID,
	};
	const struct rndis_ppis ppis = {
		.has_csum = true, .csum = 1,
		.has_vlan = true, .vlan = 2,
		.has_hash_value = true, .hash_value = 3,
		.has_hash_info = true, .hash_info = 4,
		.has_packet_id = true, .packet_id = 5,
	};
	uint8_t bytes[RNDIS_RX_HEADER_MAX];
	struct rndis_ppi ppi;
	uint32_t i, word;

	CHECK_EQ(rndis_build_packet(bytes, 1806, 60, &ppis), 44 + 80);
	for (i = 0; i < TEST_COUNT(types); i++) {
		memcpy(&ppi, bytes + 44 + 16 * i, sizeof(ppi));
		memcpy(&word, bytes + 44 + 16 * i + 12, sizeof(word));
		CHECK_EQ(ppi.size, 16);
		CHECK_EQ(ppi.type, types[i]);
		CHECK_EQ(ppi.offset, 12);
		CHECK_EQ(word, i + 1);
	}
}

static void vlan_words(void)
{
	/* Priority 5, DEI, id 0x123. */
	CHECK_EQ(rndis_vlan_word(0xb123), 0x123d);
	CHECK_EQ(rndis_vlan_tci(0x123d), 0xb123);
	CHECK_EQ(rndis_vlan_tci(0xffff123d), 0xb123);
}

static void packet_id_words(void)
{
	CHECK_EQ(rndis_packet_id_word(RNDIS_PACKET_ID_SUBALLOC |
				      RNDIS_PACKET_ID_LAST, 0xabcd),
		 0xabcd0501);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(reads_all_fields),
		TEST_CASE(needs_no_ppi),
		TEST_CASE(refuses_every_truncation),
		TEST_CASE(finds_the_next_packet),
		TEST_CASE(header_must_be_in_one_range),
		TEST_CASE(data_stay_in_the_message),
		TEST_CASE(fields_that_must_be_zero),
		TEST_CASE(malformed_ppis),
		TEST_CASE(unknown_ppis_are_skipped),
		TEST_CASE(only_packets),
		TEST_CASE(builds_a_bare_header),
		TEST_CASE(builds_all_ppis),
		TEST_CASE(vlan_words),
		TEST_CASE(packet_id_words),
	};

	return test_run(cases, TEST_COUNT(cases));
}
