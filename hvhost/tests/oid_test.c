// SPDX-License-Identifier: GPL-2.0
/* links: oid */
#include "oid.h"
#include "test.h"

static struct oid_state state;
static uint8_t answer[OID_ANSWER_MAX];
static uint32_t answer_len;
static unsigned int effects;

static void set_up(void)
{
	static const uint8_t mac[6] = { 0x00, 0x15, 0x5d, 1, 2, 3 };

	memset(&state, 0, sizeof(state));
	memcpy(state.permanent_mac, mac, sizeof(mac));
	state.frame_max = 1514;
	state.ndis_version = NDIS_VERSION(6, 30);
	state.queues = 4;
	state.link_up = true;
	state.link_bps = 10000000000ull;
	memset(state.supported.csum, OFFLOAD_TX | OFFLOAD_RX,
	       sizeof(state.supported.csum));
	state.supported.lso4 = true;
	state.supported.lso6 = true;
	state.supported.rsc4 = true;
	state.supported.rsc6 = true;
	oid_reset(&state);
}

static uint32_t query(uint32_t oid)
{
	memset(answer, 0xee, sizeof(answer));
	return oid_query(&state, oid, answer, &answer_len);
}

static uint32_t query_u32(uint32_t oid)
{
	uint32_t value = 0;

	CHECK_EQ(query(oid), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 4);
	memcpy(&value, answer, 4);
	return value;
}

static uint32_t set(uint32_t oid, const void *data, uint32_t len)
{
	return oid_set(&state, oid, data, len, &effects);
}

static void plain_values(void)
{
	set_up();
	CHECK_EQ(query_u32(OID_GEN_MAXIMUM_FRAME_SIZE), 1500);
	CHECK_EQ(query_u32(OID_GEN_MAXIMUM_LOOKAHEAD), 1500);
	CHECK_EQ(query_u32(OID_GEN_MAXIMUM_TOTAL_SIZE), 1514);
	CHECK_EQ(query_u32(OID_GEN_TRANSMIT_BLOCK_SIZE), 1514);
	CHECK_EQ(query_u32(OID_GEN_LINK_SPEED), 100000000);
	CHECK_EQ(query_u32(OID_GEN_VENDOR_ID), 0x155d);
	CHECK_EQ(query_u32(OID_GEN_MAC_OPTIONS), 0x24d);
	CHECK_EQ(query_u32(OID_GEN_MAXIMUM_SEND_PACKETS), 0xffffffff);
	CHECK_EQ(query_u32(OID_GEN_RECEIVE_BUFFER_SPACE), 262144);
	CHECK_EQ(query_u32(OID_GEN_MEDIA_CONNECT_STATUS), 0);
	state.link_up = false;
	CHECK_EQ(query_u32(OID_GEN_MEDIA_CONNECT_STATUS), 1);
	CHECK_EQ(query(OID_GEN_DRIVER_VERSION), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 2);
	CHECK_EQ(query(OID_GEN_VENDOR_DESCRIPTION), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 21);
}

static void speed_beyond_a_word(void)
{
	set_up();
	state.link_bps = 1000000000000ull;
	CHECK_EQ(query_u32(OID_GEN_LINK_SPEED), 0xffffffff);
}

static void names_and_addresses(void)
{
	set_up();
	CHECK_EQ(query(OID_802_3_PERMANENT_ADDRESS), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 6);
	CHECK_MEM(answer, state.permanent_mac, 6);
	CHECK_EQ(query(OID_GEN_FRIENDLY_NAME), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 512);
	CHECK_MEM(answer, "N\0e\0t\0w\0o\0r\0k\0 \0", 16);
	CHECK_EQ(answer[511], 0);
}

static void not_supported(void)
{
	set_up();
	CHECK_EQ(query(0xdeadbeef), RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_EQ(answer_len, 0);
	CHECK_EQ(query(OID_GEN_PROTOCOL_OPTIONS), RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_EQ(query(OID_802_3_MULTICAST_LIST), RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_EQ(set(OID_802_3_MULTICAST_LIST, answer, 6),
		 RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_EQ(set(OID_GEN_LINK_SPEED, answer, 4),
		 RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_STR(oid_name(0xdeadbeef), "unknown");
}

static void supported_list(void)
{
	set_up();
	CHECK_EQ(query(OID_GEN_SUPPORTED_LIST), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 43 * 4);
	state.ndis_version = NDIS_VERSION(6, 1);
	CHECK_EQ(query(OID_GEN_SUPPORTED_LIST), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 41 * 4);
	state.ndis_version = NDIS_VERSION(5, 1);
	CHECK_EQ(query(OID_GEN_SUPPORTED_LIST), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 32 * 4);
	state.ndis_version = NDIS_VERSION(7, 0);
	CHECK_EQ(query(OID_GEN_SUPPORTED_LIST), RNDIS_STATUS_BAD_VERSION);
	CHECK_EQ(answer_len, 0);
}

static struct ndis_offload query_offload(uint32_t oid)
{
	struct ndis_offload offload = { 0 };

	CHECK_EQ(query(oid), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 156);
	memcpy(&offload, answer, sizeof(offload));
	return offload;
}

static void offload_capabilities(void)
{
	struct ndis_offload offload;

	set_up();
	offload = query_offload(OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES);
	CHECK_EQ(offload.header.type, 0xa7);
	CHECK_EQ(offload.header.revision, 3);
	CHECK_EQ(offload.header.size, 156);
	CHECK_EQ(offload.v4_tx.encapsulation, 2);
	CHECK_EQ(offload.v4_tx.flags, 0x155);
	CHECK_EQ(offload.v4_rx.flags, 0x155);
	CHECK_EQ(offload.v6_tx.flags, 0x55);
	CHECK_EQ(offload.lso_v4_encapsulation, 2);
	CHECK_EQ(offload.lso_v4_max, 62780);
	CHECK_EQ(offload.lso_v6_flags, 0x5);
	CHECK_EQ(offload.rsc_v4, 1);

	/* Coalescing waits until it is asked for. */
	offload = query_offload(OID_TCP_OFFLOAD_CURRENT_CONFIG);
	CHECK_EQ(offload.rsc_v4, 0);
	CHECK_EQ(offload.v4_tx.flags, 0x155);
}

static void offload_capabilities_of_a_plain_nic(void)
{
	static const uint8_t zeros[152];

	set_up();
	memset(&state.supported, 0, sizeof(state.supported));
	oid_reset(&state);
	query_offload(OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES);
	CHECK_MEM(answer + 4, zeros, sizeof(zeros));
}

static struct ndis_offload_parameters parameters(uint8_t revision,
						 uint16_t size)
{
	struct ndis_offload_parameters wanted = { 0 };

	wanted.header.type = NDIS_OBJECT_DEFAULT;
	wanted.header.revision = revision;
	wanted.header.size = size;
	return wanted;
}

static uint32_t set_parameters(const struct ndis_offload_parameters *wanted)
{
	return set(OID_TCP_OFFLOAD_PARAMETERS, wanted, wanted->header.size);
}

static void offload_parameters(void)
{
	struct ndis_offload_parameters wanted = parameters(3, 24);

	set_up();
	wanted.csum[OFFLOAD_CSUM_TCP4] = NDIS_OFFLOAD_OFF;
	wanted.csum[OFFLOAD_CSUM_UDP4] = NDIS_OFFLOAD_TX;
	wanted.csum[OFFLOAD_CSUM_TCP6] = NDIS_OFFLOAD_RX;
	wanted.lso_v4 = NDIS_OFFLOAD_OFF;
	wanted.rsc_v4 = NDIS_OFFLOAD_ON;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(effects, OID_CHANGED_OFFLOAD);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_TCP4], 0);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_UDP4], OFFLOAD_TX);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_TCP6], OFFLOAD_RX);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_UDP6],
		 OFFLOAD_TX | OFFLOAD_RX);
	CHECK(!state.current.lso4);
	CHECK(state.current.lso6);
	CHECK(state.current.rsc4);
	CHECK(!state.current.rsc6);
}

static void offload_parameters_of_old_revisions(void)
{
	struct ndis_offload_parameters wanted = parameters(1, 20);

	set_up();
	/* Behind the end of what is there. */
	wanted.rsc_v4 = NDIS_OFFLOAD_ON;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_SUCCESS);
	CHECK(!state.current.rsc4);
	/* There, but the revision does not know of it. */
	wanted = parameters(2, 24);
	wanted.rsc_v4 = NDIS_OFFLOAD_ON;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_SUCCESS);
	CHECK(!state.current.rsc4);
}

static void offload_parameters_within_the_supported(void)
{
	struct ndis_offload_parameters wanted = parameters(3, 24);

	set_up();
	state.supported.csum[OFFLOAD_CSUM_TCP4] = OFFLOAD_RX;
	state.supported.rsc4 = false;
	wanted.csum[OFFLOAD_CSUM_TCP4] = NDIS_OFFLOAD_TX_RX;
	wanted.rsc_v4 = NDIS_OFFLOAD_ON;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_TCP4], OFFLOAD_RX);
	CHECK(!state.current.rsc4);
}

static void offload_parameters_malformed(void)
{
	struct ndis_offload_parameters wanted = parameters(3, 24);
	struct offload_config before;

	set_up();
	before = state.current;
	CHECK_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &wanted, 19),
		 RNDIS_STATUS_FAILURE);
	CHECK_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &wanted, 23),
		 RNDIS_STATUS_INVALID_DATA);
	wanted.header.type = NDIS_OBJECT_OFFLOAD;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_INVALID_DATA);
	wanted = parameters(0, 24);
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_INVALID_DATA);
	wanted = parameters(3, 24);
	wanted.csum[0] = NDIS_OFFLOAD_OFF;
	wanted.csum[4] = 5;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_INVALID_DATA);
	wanted.csum[4] = 0;
	wanted.lso_v6 = 3;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_INVALID_DATA);
	wanted.lso_v6 = 0;
	wanted.lso_v1 = NDIS_OFFLOAD_ON;
	CHECK_EQ(set_parameters(&wanted), RNDIS_STATUS_NOT_SUPPORTED);
	/* All or nothing. */
	CHECK_MEM(&state.current, &before, sizeof(before));
	CHECK_EQ(effects, 0);
}

struct rss_message {
	struct ndis_rss_parameters parameters;
	uint32_t table[8];
	uint8_t key[40];
} RNDIS_PACKED;

static struct rss_message rss_message(void)
{
	struct rss_message message = { 0 };
	unsigned int i;

	message.parameters.header.type = NDIS_OBJECT_RSS_PARAMETERS;
	message.parameters.header.revision = 2;
	message.parameters.header.size = sizeof(message.parameters);
	message.parameters.hash = NDIS_HASH_TOEPLITZ | NDIS_HASH_TCP4;
	message.parameters.table_len = sizeof(message.table);
	message.parameters.table_offset = offsetof(struct rss_message, table);
	message.parameters.key_len = 40;
	message.parameters.key_offset = offsetof(struct rss_message, key);
	for (i = 0; i < 8; i++)
		message.table[i] = i % 4;
	memset(message.key, 0xa5, sizeof(message.key));
	return message;
}

static uint32_t set_rss(const struct rss_message *message)
{
	return set(OID_GEN_RECEIVE_SCALE_PARAMETERS, message,
		   sizeof(*message));
}

static void rss_capabilities(void)
{
	struct ndis_rss_capabilities caps;

	set_up();
	CHECK_EQ(query(OID_GEN_RECEIVE_SCALE_CAPABILITIES),
		 RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer_len, 18);
	memcpy(&caps, answer, sizeof(caps));
	CHECK_EQ(caps.header.type, 0x88);
	CHECK_EQ(caps.header.revision, 2);
	CHECK_EQ(caps.header.size, 18);
	CHECK_EQ(caps.flags, 0x301);
	CHECK_EQ(caps.queues, 4);
	CHECK_EQ(caps.table_entries, 128);

	state.udp_hash = true;
	CHECK_EQ(query(OID_GEN_RECEIVE_SCALE_CAPABILITIES),
		 RNDIS_STATUS_SUCCESS);
	memcpy(&caps, answer, sizeof(caps));
	CHECK_EQ(caps.flags, 0x1b01);
}

static void rss_udp(void)
{
	struct rss_message message = rss_message();

	set_up();
	message.parameters.hash |= NDIS_HASH_UDP4 | NDIS_HASH_UDP6;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(state.rss.hash_types, NDIS_HASH_TCP4);
	state.udp_hash = true;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(state.rss.hash_types,
		 NDIS_HASH_TCP4 | NDIS_HASH_UDP4 | NDIS_HASH_UDP6);
}

static void rss_parameters(void)
{
	struct rss_message message = rss_message();
	unsigned int i;

	set_up();
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(effects, OID_CHANGED_RSS);
	CHECK(state.rss.enabled);
	CHECK_EQ(state.rss.hash_types, NDIS_HASH_TCP4);
	CHECK_MEM(state.rss.key, message.key, 40);
	/* A short table repeats itself. */
	for (i = 0; i < 128; i++)
		CHECK_EQ(state.rss.table[i], i % 4);

	message.parameters.flags = NDIS_RSS_DISABLE;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_SUCCESS);
	CHECK(!state.rss.enabled);
	message = rss_message();
	message.parameters.hash = 0;
	state.rss.enabled = true;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_SUCCESS);
	CHECK(!state.rss.enabled);
}

static void rss_parameters_malformed(void)
{
	struct rss_message message = rss_message();

	set_up();
	CHECK_EQ(set(OID_GEN_RECEIVE_SCALE_PARAMETERS, &message, 43),
		 RNDIS_STATUS_FAILURE);
	/* The key would reach one byte too far. */
	CHECK_EQ(set(OID_GEN_RECEIVE_SCALE_PARAMETERS, &message,
		     sizeof(message) - 1), RNDIS_STATUS_INVALID_DATA);
	message.table[7] = 4;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	message = rss_message();
	message.parameters.key_len = 39;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	message = rss_message();
	message.parameters.table_len = 0;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	message.parameters.table_len = 6;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	message = rss_message();
	message.parameters.table_offset = 0xfffffff0;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	message = rss_message();
	message.parameters.hash = 2;
	CHECK_EQ(set_rss(&message), RNDIS_STATUS_INVALID_DATA);
	CHECK(!state.rss.enabled);
}

static void filter(void)
{
	const uint32_t value = 0xb;

	set_up();
	CHECK_EQ(set(OID_GEN_CURRENT_PACKET_FILTER, &value, 3),
		 RNDIS_STATUS_FAILURE);
	CHECK_EQ(set(OID_GEN_CURRENT_PACKET_FILTER, &value, 4),
		 RNDIS_STATUS_SUCCESS);
	CHECK_EQ(effects, OID_CHANGED_FILTER);
	CHECK_EQ(state.filter, 0xb);
	oid_reset(&state);
	CHECK_EQ(state.filter, 0);
}

static uint32_t set_config(const char *name, const char *value)
{
	struct rndis_config_parameter parameter = {
		.name_offset = sizeof(parameter),
		.name_len = 2 * strlen(name),
		.type = RNDIS_CONFIG_STRING,
		.value_offset = sizeof(parameter) + 2 * strlen(name),
		.value_len = 2 * strlen(value),
	};
	uint8_t data[512] = { 0 };
	size_t at = sizeof(parameter);

	memcpy(data, &parameter, sizeof(parameter));
	for (; *name; name++, at += 2)
		data[at] = *name;
	for (; *value; value++, at += 2)
		data[at] = *value;
	return set(OID_GEN_RNDIS_CONFIG_PARAMETER, data, at);
}

static void config_address(void)
{
	static const uint8_t mac[6] = { 0x02, 0xab, 0xcd, 0xef, 0x12, 0x34 };

	set_up();
	CHECK_EQ(set_config("NetworkAddress", "02abCDef1234"),
		 RNDIS_STATUS_SUCCESS);
	CHECK_EQ(effects, OID_CHANGED_ADDRESS);
	CHECK_EQ(query(OID_802_3_CURRENT_ADDRESS), RNDIS_STATUS_SUCCESS);
	CHECK_MEM(answer, mac, 6);
	CHECK_EQ(query(OID_802_3_PERMANENT_ADDRESS), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer[1], 0x15);
	CHECK_EQ(set_config("NetworkAddress", "02abcdef123"),
		 RNDIS_STATUS_INVALID_DATA);
	CHECK_EQ(set_config("NetworkAddress", "01abcdef1234"),
		 RNDIS_STATUS_INVALID_DATA);
	CHECK_EQ(set_config("NetworkAddress", "02abcdef123g"),
		 RNDIS_STATUS_INVALID_DATA);
}

static void config_address_refused(void)
{
	set_up();
	state.fixed_mac = true;
	CHECK_EQ(set_config("NetworkAddress", "02abCDef1234"),
		 RNDIS_STATUS_FAILURE);
	CHECK_EQ(effects, 0);
	CHECK_EQ(query(OID_802_3_CURRENT_ADDRESS), RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer[1], 0x15);
}

/* Which of an address of each kind come through. */
static unsigned int wanted(uint32_t filter)
{
	static const uint8_t macs[][6] = {
		{ 0x02, 0xab, 0xcd, 0xef, 0x12, 0x34 },
		{ 0x02, 0xab, 0xcd, 0xef, 0x12, 0x35 },
		{ 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	unsigned int i, bits = 0;

	CHECK_EQ(set(OID_GEN_CURRENT_PACKET_FILTER, &filter, 4),
		 RNDIS_STATUS_SUCCESS);
	for (i = 0; i < 4; i++)
		bits |= oid_wants(&state, macs[i]) << i;
	return bits;
}

static void filter_wants(void)
{
	set_up();
	CHECK_EQ(set_config("NetworkAddress", "02abcdef1234"),
		 RNDIS_STATUS_SUCCESS);
	CHECK_EQ(wanted(0x01), 0x1);
	CHECK_EQ(wanted(0x02), 0x4);
	CHECK_EQ(wanted(0x04), 0x4);
	CHECK_EQ(wanted(0x08), 0x8);
	CHECK_EQ(wanted(0x0d), 0xd);
	CHECK_EQ(wanted(0x20), 0xf);
	oid_reset(&state);
	CHECK_EQ(wanted(0x01), 0x0);
}

static void config_offloads(void)
{
	set_up();
	CHECK_EQ(set_config("*TCPChecksumOffloadIPv6", "1"),
		 RNDIS_STATUS_SUCCESS);
	CHECK_EQ(effects, OID_CHANGED_OFFLOAD);
	CHECK_EQ(state.current.csum[OFFLOAD_CSUM_TCP6], OFFLOAD_TX);
	CHECK_EQ(set_config("*LsoV2IPv4", "0"), RNDIS_STATUS_SUCCESS);
	CHECK(!state.current.lso4);
	CHECK_EQ(set_config("*LsoV2IPv4", "2"), RNDIS_STATUS_INVALID_DATA);
	CHECK_EQ(set_config("Colour", "1"), RNDIS_STATUS_NOT_SUPPORTED);
	CHECK_EQ(effects, 0);
}

static void config_malformed(void)
{
	struct rndis_config_parameter parameter = {
		.name_offset = 20, .name_len = 4, .type = RNDIS_CONFIG_STRING,
		.value_offset = 24, .value_len = 5,
	};
	uint8_t data[28] = { 0 };

	set_up();
	memcpy(data, &parameter, sizeof(parameter));
	CHECK_EQ(set(OID_GEN_RNDIS_CONFIG_PARAMETER, data, 19),
		 RNDIS_STATUS_FAILURE);
	CHECK_EQ(set(OID_GEN_RNDIS_CONFIG_PARAMETER, data, sizeof(data)),
		 RNDIS_STATUS_INVALID_DATA);
	parameter.value_len = 4;
	parameter.name_offset = 0xffffffff;
	memcpy(data, &parameter, sizeof(parameter));
	CHECK_EQ(set(OID_GEN_RNDIS_CONFIG_PARAMETER, data, sizeof(data)),
		 RNDIS_STATUS_INVALID_DATA);
	parameter.name_offset = 20;
	parameter.type = RNDIS_CONFIG_INTEGER;
	memcpy(data, &parameter, sizeof(parameter));
	CHECK_EQ(set(OID_GEN_RNDIS_CONFIG_PARAMETER, data, sizeof(data)),
		 RNDIS_STATUS_NOT_SUPPORTED);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(plain_values),
		TEST_CASE(speed_beyond_a_word),
		TEST_CASE(names_and_addresses),
		TEST_CASE(not_supported),
		TEST_CASE(supported_list),
		TEST_CASE(offload_capabilities),
		TEST_CASE(offload_capabilities_of_a_plain_nic),
		TEST_CASE(offload_parameters),
		TEST_CASE(offload_parameters_of_old_revisions),
		TEST_CASE(offload_parameters_within_the_supported),
		TEST_CASE(offload_parameters_malformed),
		TEST_CASE(rss_capabilities),
		TEST_CASE(rss_udp),
		TEST_CASE(rss_parameters),
		TEST_CASE(rss_parameters_malformed),
		TEST_CASE(filter),
		TEST_CASE(filter_wants),
		TEST_CASE(config_address),
		TEST_CASE(config_address_refused),
		TEST_CASE(config_offloads),
		TEST_CASE(config_malformed),
	};

	return test_run(cases, TEST_COUNT(cases));
}
