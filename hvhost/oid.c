// SPDX-License-Identifier: GPL-2.0
#include "oid.h"

#include <assert.h>
#include <string.h>

#include "packet.h"

#define BUFFER_SPACE 262144u
#define VENDOR_ID 0x0000155du
#define DRIVER_VERSION 0x0100
#define CONFIG_TEXT_MAX 255u

enum mac_option {
	MAC_COPY_LOOKAHEAD = 1 << 0,
	MAC_TRANSFERS_NOT_PENDING = 1 << 2,
	MAC_NO_LOOPBACK = 1 << 3,
	MAC_8021P_PRIORITY = 1 << 6,
	MAC_8021Q_VLAN = 1 << 9,
};

struct answer {
	uint8_t *bytes;
	uint32_t len;
};

static void put(struct answer *answer, const void *bytes, uint32_t len)
{
	assert(answer->len + len <= OID_ANSWER_MAX);
	memcpy(answer->bytes + answer->len, bytes, len);
	answer->len += len;
}

static void put_u16(struct answer *answer, uint16_t value)
{
	put(answer, &value, sizeof(value));
}

static void put_u32(struct answer *answer, uint32_t value)
{
	put(answer, &value, sizeof(value));
}

/* Queries. Each appends its answer and returns a RNDIS status. */

static uint32_t query_zero(const struct oid_state *state, struct answer *answer)
{
	put_u32(answer, 0);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_payload_max(const struct oid_state *state,
				  struct answer *answer)
{
	put_u32(answer, state->frame_max - ETH_HEADER_LEN);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_frame_max(const struct oid_state *state,
				struct answer *answer)
{
	put_u32(answer, state->frame_max);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_link_speed(const struct oid_state *state,
				 struct answer *answer)
{
	uint64_t units = state->link_bps / 100;

	put_u32(answer, units > UINT32_MAX ? UINT32_MAX : units);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_buffer_space(const struct oid_state *state,
				   struct answer *answer)
{
	put_u32(answer, BUFFER_SPACE);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_vendor_id(const struct oid_state *state,
				struct answer *answer)
{
	put_u32(answer, VENDOR_ID);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_vendor_description(const struct oid_state *state,
					 struct answer *answer)
{
	static const char text[] = "Microsoft Corporation";

	put(answer, text, sizeof(text) - 1);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_driver_version(const struct oid_state *state,
				     struct answer *answer)
{
	put_u16(answer, DRIVER_VERSION);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_filter(const struct oid_state *state,
			     struct answer *answer)
{
	put_u32(answer, state->filter);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_mac_options(const struct oid_state *state,
				  struct answer *answer)
{
	put_u32(answer, MAC_COPY_LOOKAHEAD | MAC_TRANSFERS_NOT_PENDING |
			MAC_NO_LOOPBACK | MAC_8021P_PRIORITY | MAC_8021Q_VLAN);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_connect_status(const struct oid_state *state,
				     struct answer *answer)
{
	put_u32(answer, state->link_up ? 0 : 1);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_send_packets(const struct oid_state *state,
				   struct answer *answer)
{
	put_u32(answer, UINT32_MAX);
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_permanent_mac(const struct oid_state *state,
				    struct answer *answer)
{
	put(answer, state->permanent_mac, sizeof(state->permanent_mac));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_current_mac(const struct oid_state *state,
				  struct answer *answer)
{
	put(answer, state->current_mac, sizeof(state->current_mac));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_friendly_name(const struct oid_state *state,
				    struct answer *answer)
{
	static const char name[] = "Network Device";
	uint16_t wide[OID_ANSWER_MAX / 2] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(name); i++)
		wide[i] = name[i];
	put(answer, wide, sizeof(wide));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_link_state(const struct oid_state *state,
				 struct answer *answer)
{
	const struct ndis_link_state link = {
		.header = { NDIS_OBJECT_DEFAULT, 1, sizeof(link) },
		.connect = state->link_up ? 1 : 2,
		.tx_bps = state->link_bps,
		.rx_bps = state->link_bps,
	};

	put(answer, &link, sizeof(link));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_max_link_speed(const struct oid_state *state,
				     struct answer *answer)
{
	const uint64_t both[2] = { state->link_bps, state->link_bps };

	put(answer, both, sizeof(both));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_rss_capabilities(const struct oid_state *state,
				       struct answer *answer)
{
	struct ndis_rss_capabilities caps = {
		.header = { NDIS_OBJECT_RSS_CAPABILITIES, 2, sizeof(caps) },
		.flags = NDIS_RSS_CAP_TOEPLITZ | NDIS_RSS_CAP_TCP4 |
			 NDIS_RSS_CAP_TCP6,
		.interrupts = 1,
		.queues = state->queues,
		.table_entries = NDIS_RSS_TABLE_ENTRIES,
	};

	if (state->udp_hash)
		caps.flags |= NDIS_RSS_CAP_UDP4 | NDIS_RSS_CAP_UDP6;
	put(answer, &caps, sizeof(caps));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t v4_csum_flags(const struct offload_config *config,
			      enum offload_direction direction)
{
	uint32_t flags = 0;

	if (config->csum[OFFLOAD_CSUM_IP4] & direction)
		flags |= NDIS_CSUM_V4_IP | NDIS_CSUM_V4_IP_OPTIONS;
	if (config->csum[OFFLOAD_CSUM_TCP4] & direction)
		flags |= NDIS_CSUM_V4_TCP | NDIS_CSUM_V4_TCP_OPTIONS |
			 NDIS_CSUM_V4_IP_OPTIONS;
	if (config->csum[OFFLOAD_CSUM_UDP4] & direction)
		flags |= NDIS_CSUM_V4_UDP | NDIS_CSUM_V4_IP_OPTIONS;
	return flags;
}

static uint32_t v6_csum_flags(const struct offload_config *config,
			      enum offload_direction direction)
{
	uint32_t flags = 0;

	if (config->csum[OFFLOAD_CSUM_TCP6] & direction)
		flags |= NDIS_CSUM_V6_TCP | NDIS_CSUM_V6_TCP_OPTIONS |
			 NDIS_CSUM_V6_EXTENSIONS;
	if (config->csum[OFFLOAD_CSUM_UDP6] & direction)
		flags |= NDIS_CSUM_V6_UDP | NDIS_CSUM_V6_EXTENSIONS;
	return flags;
}

static struct ndis_csum_task csum_task(uint32_t flags)
{
	return (struct ndis_csum_task){
		.encapsulation = flags ? NDIS_ENCAPSULATION_802_3 : 0,
		.flags = flags,
	};
}

void oid_build_offload(const struct offload_config *config,
		       struct ndis_offload *offload)
{
	memset(offload, 0, sizeof(*offload));
	offload->header.type = NDIS_OBJECT_OFFLOAD;
	offload->header.revision = 3;
	offload->header.size = sizeof(*offload);
	offload->v4_tx = csum_task(v4_csum_flags(config, OFFLOAD_TX));
	offload->v4_rx = csum_task(v4_csum_flags(config, OFFLOAD_RX));
	offload->v6_tx = csum_task(v6_csum_flags(config, OFFLOAD_TX));
	offload->v6_rx = csum_task(v6_csum_flags(config, OFFLOAD_RX));
	if (config->lso4) {
		offload->lso_v4_encapsulation = NDIS_ENCAPSULATION_802_3;
		offload->lso_v4_max = NDIS_LSO_MAX;
		offload->lso_v4_min_segments = NDIS_LSO_MIN_SEGMENTS;
	}
	if (config->lso6) {
		offload->lso_v6_encapsulation = NDIS_ENCAPSULATION_802_3;
		offload->lso_v6_max = NDIS_LSO_MAX;
		offload->lso_v6_min_segments = NDIS_LSO_MIN_SEGMENTS;
		offload->lso_v6_flags = NDIS_LSO_V6_EXTENSIONS |
					NDIS_LSO_V6_TCP_OPTIONS;
	}
	offload->rsc_v4 = config->rsc4;
	offload->rsc_v6 = config->rsc6;
}

static uint32_t query_offload_hardware(const struct oid_state *state,
				       struct answer *answer)
{
	struct ndis_offload offload;

	oid_build_offload(&state->supported, &offload);
	put(answer, &offload, sizeof(offload));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_offload_current(const struct oid_state *state,
				      struct answer *answer)
{
	struct ndis_offload offload;

	oid_build_offload(&state->current, &offload);
	put(answer, &offload, sizeof(offload));
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t query_encapsulation(const struct oid_state *state,
				    struct answer *answer)
{
	const struct ndis_encapsulation encapsulation = {
		.header = { NDIS_OBJECT_OFFLOAD_ENCAPSULATION, 1,
			    sizeof(encapsulation) },
		.v4_enabled = 1,
		.v4_type = NDIS_ENCAPSULATION_802_3,
		.v4_header_len = ETH_HEADER_LEN,
		.v6_enabled = 1,
		.v6_type = NDIS_ENCAPSULATION_802_3,
		.v6_header_len = ETH_HEADER_LEN,
	};

	put(answer, &encapsulation, sizeof(encapsulation));
	return RNDIS_STATUS_SUCCESS;
}

/* Sets. Each returns a RNDIS status and adds what it changed. */

static uint32_t set_nothing(struct oid_state *state, const uint8_t *data,
			    uint32_t len, unsigned int *effects)
{
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t set_filter(struct oid_state *state, const uint8_t *data,
			   uint32_t len, unsigned int *effects)
{
	if (len < sizeof(state->filter))
		return RNDIS_STATUS_FAILURE;
	memcpy(&state->filter, data, sizeof(state->filter));
	*effects |= OID_CHANGED_FILTER;
	return RNDIS_STATUS_SUCCESS;
}

static bool set_csum(uint8_t value, uint8_t supported, uint8_t *csum)
{
	static const uint8_t directions[] = {
		[NDIS_OFFLOAD_OFF] = 0,
		[NDIS_OFFLOAD_TX] = OFFLOAD_TX,
		[NDIS_OFFLOAD_RX] = OFFLOAD_RX,
		[NDIS_OFFLOAD_TX_RX] = OFFLOAD_TX | OFFLOAD_RX,
	};

	if (value == NDIS_OFFLOAD_KEEP)
		return true;
	if (value > NDIS_OFFLOAD_TX_RX)
		return false;
	*csum = directions[value] & supported;
	return true;
}

static bool set_switch(uint8_t value, bool supported, bool *on)
{
	if (value > NDIS_OFFLOAD_ON)
		return false;
	if (value != NDIS_OFFLOAD_KEEP)
		*on = value == NDIS_OFFLOAD_ON && supported;
	return true;
}

static uint32_t set_offload(struct oid_state *state, const uint8_t *data,
			    uint32_t len, unsigned int *effects)
{
	struct offload_config config = state->current;
	struct ndis_offload_parameters wanted = { 0 };
	const struct offload_config *supported = &state->supported;
	unsigned int i;

	if (len < NDIS_OFFLOAD_PARAMETERS_BYTES_1)
		return RNDIS_STATUS_FAILURE;
	memcpy(&wanted, data, sizeof(wanted.header));
	if (wanted.header.type != NDIS_OBJECT_DEFAULT ||
	    wanted.header.revision < 1 || wanted.header.size > len ||
	    wanted.header.size < NDIS_OFFLOAD_PARAMETERS_BYTES_1)
		return RNDIS_STATUS_INVALID_DATA;
	/* An older object ends early: what it lacks is "no change". */
	len = wanted.header.size;
	memcpy(&wanted, data, len < sizeof(wanted) ? len : sizeof(wanted));
	if (wanted.lso_v1 == NDIS_OFFLOAD_ON)
		return RNDIS_STATUS_NOT_SUPPORTED;

	for (i = 0; i < OFFLOAD_CSUM_COUNT; i++)
		if (!set_csum(wanted.csum[i], supported->csum[i],
			      &config.csum[i]))
			return RNDIS_STATUS_INVALID_DATA;
	if (!set_switch(wanted.lso_v4, supported->lso4, &config.lso4) ||
	    !set_switch(wanted.lso_v6, supported->lso6, &config.lso6))
		return RNDIS_STATUS_INVALID_DATA;
	if (wanted.header.revision >= 3 &&
	    (!set_switch(wanted.rsc_v4, supported->rsc4, &config.rsc4) ||
	     !set_switch(wanted.rsc_v6, supported->rsc6, &config.rsc6)))
		return RNDIS_STATUS_INVALID_DATA;
	state->current = config;
	*effects |= OID_CHANGED_OFFLOAD;
	return RNDIS_STATUS_SUCCESS;
}

static bool encapsulation_fits(uint32_t enabled, uint32_t type,
			       uint32_t header_len)
{
	return enabled != 1 || (type == NDIS_ENCAPSULATION_802_3 &&
				header_len == ETH_HEADER_LEN);
}

static uint32_t set_encapsulation(struct oid_state *state, const uint8_t *data,
				  uint32_t len, unsigned int *effects)
{
	struct ndis_encapsulation wanted;

	if (len < sizeof(wanted))
		return RNDIS_STATUS_FAILURE;
	memcpy(&wanted, data, sizeof(wanted));
	if (wanted.header.type != NDIS_OBJECT_OFFLOAD_ENCAPSULATION)
		return RNDIS_STATUS_INVALID_DATA;
	if (!encapsulation_fits(wanted.v4_enabled, wanted.v4_type,
				wanted.v4_header_len) ||
	    !encapsulation_fits(wanted.v6_enabled, wanted.v6_type,
				wanted.v6_header_len))
		return RNDIS_STATUS_NOT_SUPPORTED;
	return RNDIS_STATUS_SUCCESS;
}

/* True if [offset, offset + part) lies in len bytes. */
static bool inside(uint32_t offset, uint32_t part, uint32_t len)
{
	return offset <= len && part <= len - offset;
}

/* A short table repeats itself, of a long one the start counts. */
static bool read_table(const uint8_t *data, uint32_t bytes, uint32_t queues,
		       uint16_t *table)
{
	uint32_t count = bytes / sizeof(uint32_t);
	uint32_t i, entry;

	for (i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++) {
		memcpy(&entry, data + i % count * sizeof(entry), sizeof(entry));
		if (entry >= queues)
			return false;
		table[i] = entry;
	}
	return true;
}

static uint32_t set_rss(struct oid_state *state, const uint8_t *data,
			uint32_t len, unsigned int *effects)
{
	struct rss_config rss = { .enabled = true };
	struct ndis_rss_parameters wanted;

	if (len < sizeof(wanted))
		return RNDIS_STATUS_FAILURE;
	memcpy(&wanted, data, sizeof(wanted));
	if (wanted.flags & NDIS_RSS_DISABLE ||
	    !(wanted.hash & NDIS_HASH_FUNCTION_MASK)) {
		state->rss.enabled = false;
		*effects |= OID_CHANGED_RSS;
		return RNDIS_STATUS_SUCCESS;
	}
	if ((wanted.hash & NDIS_HASH_FUNCTION_MASK) != NDIS_HASH_TOEPLITZ ||
	    wanted.key_len != NDIS_RSS_KEY_BYTES || !wanted.table_len ||
	    wanted.table_len % sizeof(uint32_t))
		return RNDIS_STATUS_INVALID_DATA;
	if (!inside(wanted.key_offset, wanted.key_len, len) ||
	    !inside(wanted.table_offset, wanted.table_len, len))
		return RNDIS_STATUS_INVALID_DATA;
	if (!read_table(data + wanted.table_offset, wanted.table_len,
			state->queues, rss.table))
		return RNDIS_STATUS_INVALID_DATA;
	memcpy(rss.key, data + wanted.key_offset, sizeof(rss.key));
	rss.hash_types = wanted.hash & ~NDIS_HASH_FUNCTION_MASK;
	/* What was not offered is not done, and no reason to refuse the rest. */
	if (!state->udp_hash)
		rss.hash_types &= ~(NDIS_HASH_UDP4 | NDIS_HASH_UDP6);
	state->rss = rss;
	*effects |= OID_CHANGED_RSS;
	return RNDIS_STATUS_SUCCESS;
}

/* UTF-16 to ASCII; false if it does not fit or is not ASCII. */
static bool read_wide(const uint8_t *data, uint32_t bytes, char *text)
{
	uint32_t i;

	if (bytes > CONFIG_TEXT_MAX)
		return false;
	for (i = 0; i < bytes / 2; i++) {
		if (data[2 * i + 1] || data[2 * i] > 0x7e)
			return false;
		text[i] = data[2 * i];
	}
	text[i] = '\0';
	return true;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Twelve hexadecimal digits of a unicast address. */
static bool read_address(const char *text, uint8_t *mac)
{
	unsigned int i;

	if (strlen(text) != 12)
		return false;
	for (i = 0; i < 6; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		mac[i] = high << 4 | low;
	}
	return !(mac[0] & 1);
}

/* Keywords for checksum offload: a digit, bit 0 for TX and bit 1 for RX. */
static uint32_t config_csum(struct oid_state *state, enum offload_csum which,
			    const char *value)
{
	if (value[0] < '0' || value[0] > '3' || value[1])
		return RNDIS_STATUS_INVALID_DATA;
	state->current.csum[which] = (value[0] - '0') &
				     state->supported.csum[which];
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t config_switch(bool *on, bool supported, const char *value)
{
	if (value[0] < '0' || value[0] > '1' || value[1])
		return RNDIS_STATUS_INVALID_DATA;
	*on = value[0] == '1' && supported;
	return RNDIS_STATUS_SUCCESS;
}

static uint32_t config_offload(struct oid_state *state, const char *name,
			       const char *value)
{
	static const char *const csum_names[OFFLOAD_CSUM_COUNT] = {
		[OFFLOAD_CSUM_IP4] = "*IPChecksumOffloadIPv4",
		[OFFLOAD_CSUM_TCP4] = "*TCPChecksumOffloadIPv4",
		[OFFLOAD_CSUM_UDP4] = "*UDPChecksumOffloadIPv4",
		[OFFLOAD_CSUM_TCP6] = "*TCPChecksumOffloadIPv6",
		[OFFLOAD_CSUM_UDP6] = "*UDPChecksumOffloadIPv6",
	};
	unsigned int i;

	for (i = 0; i < OFFLOAD_CSUM_COUNT; i++)
		if (!strcmp(name, csum_names[i]))
			return config_csum(state, i, value);
	if (!strcmp(name, "*LsoV2IPv4"))
		return config_switch(&state->current.lso4,
				     state->supported.lso4, value);
	if (!strcmp(name, "*LsoV2IPv6"))
		return config_switch(&state->current.lso6,
				     state->supported.lso6, value);
	return RNDIS_STATUS_NOT_SUPPORTED;
}

static uint32_t set_config_parameter(struct oid_state *state,
				     const uint8_t *data, uint32_t len,
				     unsigned int *effects)
{
	char name[CONFIG_TEXT_MAX], value[CONFIG_TEXT_MAX];
	struct rndis_config_parameter parameter;
	uint8_t mac[6];
	uint32_t status;

	if (len < sizeof(parameter))
		return RNDIS_STATUS_FAILURE;
	memcpy(&parameter, data, sizeof(parameter));
	if (!inside(parameter.name_offset, parameter.name_len, len) ||
	    !inside(parameter.value_offset, parameter.value_len, len))
		return RNDIS_STATUS_INVALID_DATA;
	if (parameter.type != RNDIS_CONFIG_STRING)
		return RNDIS_STATUS_NOT_SUPPORTED;
	if (!read_wide(data + parameter.name_offset, parameter.name_len,
		       name) ||
	    !read_wide(data + parameter.value_offset, parameter.value_len,
		       value))
		return RNDIS_STATUS_INVALID_DATA;

	if (!strcmp(name, "NetworkAddress")) {
		if (state->fixed_mac)
			return RNDIS_STATUS_FAILURE;
		if (!read_address(value, mac))
			return RNDIS_STATUS_INVALID_DATA;
		memcpy(state->current_mac, mac, sizeof(mac));
		*effects |= OID_CHANGED_ADDRESS;
		return RNDIS_STATUS_SUCCESS;
	}
	status = config_offload(state, name, value);
	if (status == RNDIS_STATUS_SUCCESS)
		*effects |= OID_CHANGED_OFFLOAD;
	return status;
}

/* The list of them all, in the order in which the supported list names them. */

#define NDIS_5 NDIS_VERSION(5, 0)
#define NDIS_6 NDIS_VERSION(6, 0)
#define NDIS_6_30 NDIS_VERSION(6, 30)

static uint32_t query_supported_list(const struct oid_state *state,
				     struct answer *answer);

struct oid_entry {
	uint32_t oid;
	uint32_t since;			/* NDIS version that lists it */
	const char *name;
	/* Either may be missing: listed, yet not supported. */
	uint32_t (*query)(const struct oid_state *state, struct answer *answer);
	uint32_t (*set)(struct oid_state *state, const uint8_t *data,
			uint32_t len, unsigned int *effects);
};

#define ENTRY(id, version, query, set) { OID_##id, version, #id, query, set }

static const struct oid_entry entries[] = {
	ENTRY(GEN_SUPPORTED_LIST, NDIS_5, query_supported_list, NULL),
	ENTRY(GEN_HARDWARE_STATUS, NDIS_5, query_zero, NULL),
	ENTRY(GEN_MEDIA_SUPPORTED, NDIS_5, query_zero, NULL),
	ENTRY(GEN_MEDIA_IN_USE, NDIS_5, query_zero, NULL),
	ENTRY(GEN_MAXIMUM_LOOKAHEAD, NDIS_5, query_payload_max, NULL),
	ENTRY(GEN_MAXIMUM_FRAME_SIZE, NDIS_5, query_payload_max, NULL),
	ENTRY(GEN_LINK_SPEED, NDIS_5, query_link_speed, NULL),
	ENTRY(GEN_TRANSMIT_BUFFER_SPACE, NDIS_5, query_buffer_space, NULL),
	ENTRY(GEN_RECEIVE_BUFFER_SPACE, NDIS_5, query_buffer_space, NULL),
	ENTRY(GEN_TRANSMIT_BLOCK_SIZE, NDIS_5, query_frame_max, NULL),
	ENTRY(GEN_RECEIVE_BLOCK_SIZE, NDIS_5, query_frame_max, NULL),
	ENTRY(GEN_VENDOR_ID, NDIS_5, query_vendor_id, NULL),
	ENTRY(GEN_VENDOR_DESCRIPTION, NDIS_5, query_vendor_description, NULL),
	ENTRY(GEN_CURRENT_PACKET_FILTER, NDIS_5, query_filter, set_filter),
	ENTRY(GEN_CURRENT_LOOKAHEAD, NDIS_5, query_payload_max, NULL),
	ENTRY(GEN_DRIVER_VERSION, NDIS_5, query_driver_version, NULL),
	ENTRY(GEN_MAXIMUM_TOTAL_SIZE, NDIS_5, query_frame_max, NULL),
	ENTRY(GEN_PROTOCOL_OPTIONS, NDIS_5, NULL, NULL),
	ENTRY(GEN_MAC_OPTIONS, NDIS_5, query_mac_options, NULL),
	ENTRY(GEN_MEDIA_CONNECT_STATUS, NDIS_5, query_connect_status, NULL),
	ENTRY(GEN_MAXIMUM_SEND_PACKETS, NDIS_5, query_send_packets, NULL),
	ENTRY(GEN_VENDOR_DRIVER_VERSION, NDIS_5, query_driver_version, NULL),
	ENTRY(GEN_NETWORK_LAYER_ADDRESSES, NDIS_5, NULL, set_nothing),
	ENTRY(GEN_RNDIS_CONFIG_PARAMETER, NDIS_5, NULL, set_config_parameter),
	ENTRY(GEN_FRIENDLY_NAME, NDIS_5, query_friendly_name, NULL),
	ENTRY(802_3_PERMANENT_ADDRESS, NDIS_5, query_permanent_mac, NULL),
	ENTRY(802_3_CURRENT_ADDRESS, NDIS_5, query_current_mac, NULL),
	ENTRY(802_3_MULTICAST_LIST, NDIS_5, NULL, NULL),
	ENTRY(802_3_MAXIMUM_LIST_SIZE, NDIS_5, query_zero, NULL),
	ENTRY(802_3_RCV_ERROR_ALIGNMENT, NDIS_5, query_zero, NULL),
	ENTRY(802_3_XMIT_ONE_COLLISION, NDIS_5, query_zero, NULL),
	ENTRY(802_3_XMIT_MORE_COLLISIONS, NDIS_5, query_zero, NULL),
	ENTRY(GEN_MAX_LINK_SPEED, NDIS_6, query_max_link_speed, NULL),
	ENTRY(GEN_LINK_STATE, NDIS_6, query_link_state, NULL),
	ENTRY(GEN_LINK_PARAMETERS, NDIS_6, NULL, NULL),
	ENTRY(GEN_BYTES_RCV, NDIS_6, NULL, NULL),
	ENTRY(GEN_BYTES_XMIT, NDIS_6, NULL, NULL),
	ENTRY(OFFLOAD_ENCAPSULATION, NDIS_6,
	      query_encapsulation, set_encapsulation),
	ENTRY(TCP_OFFLOAD_CURRENT_CONFIG, NDIS_6, query_offload_current, NULL),
	ENTRY(TCP_OFFLOAD_PARAMETERS, NDIS_6, NULL, set_offload),
	ENTRY(TCP_OFFLOAD_HARDWARE_CAPABILITIES, NDIS_6,
	      query_offload_hardware, NULL),
	ENTRY(GEN_RECEIVE_SCALE_CAPABILITIES, NDIS_6_30,
	      query_rss_capabilities, NULL),
	ENTRY(GEN_RECEIVE_SCALE_PARAMETERS, NDIS_6_30, NULL, set_rss),
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

static const struct oid_entry *find(uint32_t oid)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (entries[i].oid == oid)
			return &entries[i];
	return NULL;
}

static uint32_t query_supported_list(const struct oid_state *state,
				     struct answer *answer)
{
	uint32_t major = state->ndis_version >> 16;
	size_t i;

	if (major != 5 && major != 6)
		return RNDIS_STATUS_BAD_VERSION;
	for (i = 0; i < ENTRIES; i++)
		if (entries[i].since <= state->ndis_version)
			put_u32(answer, entries[i].oid);
	return RNDIS_STATUS_SUCCESS;
}

void oid_reset(struct oid_state *state)
{
	memcpy(state->current_mac, state->permanent_mac,
	       sizeof(state->current_mac));
	state->filter = 0;
	state->current = state->supported;
	/* Coalesced frames come only to guests that asked for them. */
	state->current.rsc4 = false;
	state->current.rsc6 = false;
	memset(&state->rss, 0, sizeof(state->rss));
}

uint32_t oid_query(const struct oid_state *state, uint32_t oid, uint8_t *out,
		   uint32_t *len)
{
	const struct oid_entry *entry = find(oid);
	struct answer answer = { .bytes = out };
	uint32_t status = RNDIS_STATUS_NOT_SUPPORTED;

	if (entry && entry->query)
		status = entry->query(state, &answer);
	*len = status == RNDIS_STATUS_SUCCESS ? answer.len : 0;
	return status;
}

uint32_t oid_set(struct oid_state *state, uint32_t oid, const uint8_t *data,
		 uint32_t len, unsigned int *effects)
{
	const struct oid_entry *entry = find(oid);

	*effects = 0;
	if (!entry || !entry->set)
		return RNDIS_STATUS_NOT_SUPPORTED;
	return entry->set(state, data, len, effects);
}

bool oid_wants(const struct oid_state *state, const uint8_t *mac)
{
	static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };
	uint32_t filter = state->filter;

	if (filter & RNDIS_FILTER_PROMISCUOUS)
		return true;
	if (!memcmp(mac, broadcast, sizeof(broadcast)))
		return filter & RNDIS_FILTER_BROADCAST;
	if (mac[0] & 1)
		return filter & (RNDIS_FILTER_MULTICAST |
				 RNDIS_FILTER_ALL_MULTICAST);
	return (filter & RNDIS_FILTER_DIRECTED) &&
	       !memcmp(mac, state->current_mac, sizeof(state->current_mac));
}

const char *oid_name(uint32_t oid)
{
	const struct oid_entry *entry = find(oid);

	return entry ? entry->name : "unknown";
}
