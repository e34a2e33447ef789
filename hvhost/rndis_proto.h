/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS messages, their per-packet information, and the NDIS objects that go
 * through OIDs: layouts and constants only. All fields are little endian.
 *
 * Offsets inside an RNDIS message count from the byte after its header (byte
 * 8), offsets inside an NDIS object from its own start.
 */
#ifndef HVHOST_RNDIS_PROTO_H
#define HVHOST_RNDIS_PROTO_H

#include <assert.h>
#include <stdint.h>

#define RNDIS_PACKED __attribute__((packed))

enum rndis_type {
	RNDIS_PACKET = 1,
	RNDIS_INITIALIZE = 2,
	RNDIS_HALT = 3,
	RNDIS_QUERY = 4,
	RNDIS_SET = 5,
	RNDIS_RESET = 6,
	RNDIS_INDICATE_STATUS = 7,
	RNDIS_KEEPALIVE = 8,
	RNDIS_SET_EX = 9,
	RNDIS_COMPLETION = 0x80000000,	/* added to the request's type */
};

enum rndis_status {
	RNDIS_STATUS_SUCCESS = 0,
	RNDIS_STATUS_FAILURE = 0xc0000001,
	RNDIS_STATUS_NOT_SUPPORTED = 0xc00000bb,
	RNDIS_STATUS_BAD_VERSION = 0xc0010004,
	RNDIS_STATUS_INVALID_DATA = 0xc0010015,
	/* Indications */
	RNDIS_STATUS_MEDIA_CONNECT = 0x4001000b,
	RNDIS_STATUS_MEDIA_DISCONNECT = 0x4001000c,
	RNDIS_STATUS_LINK_SPEED_CHANGE = 0x40010013,
	RNDIS_STATUS_NETWORK_CHANGE = 0x40010018,
	RNDIS_STATUS_OFFLOAD_CURRENT_CONFIG = 0x40020006,
};

struct rndis_header {
	uint32_t type;
	uint32_t len;			/* of the message, this header included */
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_header) == 8, "wire layout");

/* RNDIS_PACKET, after the header. */
struct rndis_packet {
	uint32_t data_offset;
	uint32_t data_len;
	uint32_t oob_offset;
	uint32_t oob_len;
	uint32_t oob_count;
	uint32_t ppi_offset;
	uint32_t ppi_len;
	uint32_t vc_handle;
	uint32_t reserved;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_packet) == 36, "wire layout");

#define RNDIS_PACKET_HEADER \
	((uint32_t)(sizeof(struct rndis_header) + sizeof(struct rndis_packet)))

/* Per-packet information: type numbers; bit 31 marks the internal ones. */
enum rndis_ppi_type {
	RNDIS_PPI_CSUM = 0,
	RNDIS_PPI_LSO = 2,
	RNDIS_PPI_VLAN = 6,
	RNDIS_PPI_HASH_VALUE = 8,
	RNDIS_PPI_HASH_INFO = 9,
	RNDIS_PPI_INTERNAL = 0x80000000,
	RNDIS_PPI_PACKET_ID = 0x80000001,
};

struct rndis_ppi {
	uint32_t size;			/* header and payload */
	uint32_t type;
	uint32_t offset;		/* of the payload, from this header */
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_ppi) == 12, "wire layout");

#define RNDIS_PPI_BYTES 16u		/* with a payload of one word */

enum rndis_tx_csum {
	RNDIS_TX_CSUM_IPV4 = 1 << 0,
	RNDIS_TX_CSUM_IPV6 = 1 << 1,
	RNDIS_TX_CSUM_TCP = 1 << 2,
	RNDIS_TX_CSUM_UDP = 1 << 3,
	RNDIS_TX_CSUM_IP_HEADER = 1 << 4,
};
#define RNDIS_TX_CSUM_L4_SHIFT 16	/* transport header offset, 10 bits */
#define RNDIS_TX_CSUM_L4_MASK 0x3ffu

enum rndis_rx_csum {
	RNDIS_RX_CSUM_TCP_OK = 1 << 3,
	RNDIS_RX_CSUM_UDP_OK = 1 << 4,
	RNDIS_RX_CSUM_IP_OK = 1 << 5,
	RNDIS_RX_CSUM_TCP_VALUE_INVALID = 1 << 7,
	RNDIS_RX_CSUM_IP_VALUE_INVALID = 1 << 8,
};

#define RNDIS_LSO_MSS_MASK 0xfffffu
#define RNDIS_LSO_L4_SHIFT 20		/* TCP header offset, 10 bits */
#define RNDIS_LSO_L4_MASK 0x3ffu
#define RNDIS_LSO_IPV6 0x80000000u

#define RNDIS_VLAN_PRIORITY_MASK 7u
#define RNDIS_VLAN_DEI (1u << 3)
#define RNDIS_VLAN_ID_SHIFT 4
#define RNDIS_VLAN_ID_MASK 0xfffu

/* Packet id: version u8, flags u8, id u16. */
#define RNDIS_PACKET_ID_VERSION 1
enum rndis_packet_id_flags {
	RNDIS_PACKET_ID_SUBALLOC = 1 << 0,
	RNDIS_PACKET_ID_FIRST = 1 << 1,
	RNDIS_PACKET_ID_LAST = 1 << 2,
};

/* Control messages, after the header. */

struct rndis_initialize {
	uint32_t request_id;
	uint32_t major;
	uint32_t minor;
	uint32_t max_transfer;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_initialize) == 16, "wire layout");

struct rndis_initialize_complete {
	uint32_t request_id;
	uint32_t status;
	uint32_t major;
	uint32_t minor;
	uint32_t device_flags;
	uint32_t medium;
	uint32_t max_packets;
	uint32_t max_transfer;
	uint32_t alignment;		/* a power of two: its exponent */
	uint32_t af_offset;
	uint32_t af_size;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_initialize_complete) == 44, "wire layout");

#define RNDIS_DEVICE_CONNECTIONLESS 1
#define RNDIS_MAX_PACKETS_PER_MESSAGE 8
#define RNDIS_MAX_TRANSFER 0xefffffffu
#define RNDIS_ALIGNMENT_EXPONENT 3

/* QUERY and SET alike. */
struct rndis_oid_request {
	uint32_t request_id;
	uint32_t oid;
	uint32_t info_len;
	uint32_t info_offset;
	uint32_t vc_handle;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_oid_request) == 20, "wire layout");

struct rndis_query_complete {
	uint32_t request_id;
	uint32_t status;
	uint32_t info_len;
	uint32_t info_offset;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_query_complete) == 16, "wire layout");

/* SET and KEEPALIVE alike. */
struct rndis_status_complete {
	uint32_t request_id;
	uint32_t status;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_status_complete) == 8, "wire layout");

struct rndis_indicate_status {
	uint32_t status;
	uint32_t buffer_len;
	uint32_t buffer_offset;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_indicate_status) == 12, "wire layout");

/* OID_GEN_CURRENT_PACKET_FILTER: which frames the guest wants. */
enum rndis_filter {
	RNDIS_FILTER_DIRECTED = 1 << 0,
	RNDIS_FILTER_MULTICAST = 1 << 1,
	RNDIS_FILTER_ALL_MULTICAST = 1 << 2,
	RNDIS_FILTER_BROADCAST = 1 << 3,
	RNDIS_FILTER_PROMISCUOUS = 1 << 5,
};

enum oid {
	OID_GEN_SUPPORTED_LIST = 0x00010101,
	OID_GEN_HARDWARE_STATUS = 0x00010102,
	OID_GEN_MEDIA_SUPPORTED = 0x00010103,
	OID_GEN_MEDIA_IN_USE = 0x00010104,
	OID_GEN_MAXIMUM_LOOKAHEAD = 0x00010105,
	OID_GEN_MAXIMUM_FRAME_SIZE = 0x00010106,
	OID_GEN_LINK_SPEED = 0x00010107,
	OID_GEN_TRANSMIT_BUFFER_SPACE = 0x00010108,
	OID_GEN_RECEIVE_BUFFER_SPACE = 0x00010109,
	OID_GEN_TRANSMIT_BLOCK_SIZE = 0x0001010a,
	OID_GEN_RECEIVE_BLOCK_SIZE = 0x0001010b,
	OID_GEN_VENDOR_ID = 0x0001010c,
	OID_GEN_VENDOR_DESCRIPTION = 0x0001010d,
	OID_GEN_CURRENT_PACKET_FILTER = 0x0001010e,
	OID_GEN_CURRENT_LOOKAHEAD = 0x0001010f,
	OID_GEN_DRIVER_VERSION = 0x00010110,
	OID_GEN_MAXIMUM_TOTAL_SIZE = 0x00010111,
	OID_GEN_PROTOCOL_OPTIONS = 0x00010112,
	OID_GEN_MAC_OPTIONS = 0x00010113,
	OID_GEN_MEDIA_CONNECT_STATUS = 0x00010114,
	OID_GEN_MAXIMUM_SEND_PACKETS = 0x00010115,
	OID_GEN_VENDOR_DRIVER_VERSION = 0x00010116,
	OID_GEN_NETWORK_LAYER_ADDRESSES = 0x00010118,
	OID_GEN_RECEIVE_SCALE_CAPABILITIES = 0x00010203,
	OID_GEN_RECEIVE_SCALE_PARAMETERS = 0x00010204,
	OID_GEN_MAX_LINK_SPEED = 0x00010206,
	OID_GEN_LINK_STATE = 0x00010207,
	OID_GEN_LINK_PARAMETERS = 0x00010208,
	OID_GEN_FRIENDLY_NAME = 0x00020216,
	OID_GEN_RNDIS_CONFIG_PARAMETER = 0x0001021b,
	OID_GEN_BYTES_RCV = 0x00020219,
	OID_GEN_BYTES_XMIT = 0x0002021a,
	OID_802_3_PERMANENT_ADDRESS = 0x01010101,
	OID_802_3_CURRENT_ADDRESS = 0x01010102,
	OID_802_3_MULTICAST_LIST = 0x01010103,
	OID_802_3_MAXIMUM_LIST_SIZE = 0x01010104,
	OID_802_3_RCV_ERROR_ALIGNMENT = 0x01020101,
	OID_802_3_XMIT_ONE_COLLISION = 0x01020102,
	OID_802_3_XMIT_MORE_COLLISIONS = 0x01020103,
	OID_OFFLOAD_ENCAPSULATION = 0x0101010a,
	OID_TCP_OFFLOAD_CURRENT_CONFIG = 0xfc01020b,
	OID_TCP_OFFLOAD_PARAMETERS = 0xfc01020c,
	OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES = 0xfc01020d,
};

#define NDIS_VERSION(major, minor) ((uint32_t)(major) << 16 | (minor))

enum ndis_object_type {
	NDIS_OBJECT_DEFAULT = 0x80,
	NDIS_OBJECT_RSS_CAPABILITIES = 0x88,
	NDIS_OBJECT_RSS_PARAMETERS = 0x89,
	NDIS_OBJECT_OFFLOAD = 0xa7,
	NDIS_OBJECT_OFFLOAD_ENCAPSULATION = 0xa8,
};

struct ndis_object_header {
	uint8_t type;
	uint8_t revision;
	uint16_t size;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_object_header) == 4, "wire layout");

#define NDIS_ENCAPSULATION_802_3 2

/* Checksum tasks: two-bit fields, 1 for "supported". */
enum ndis_csum_v4 {
	NDIS_CSUM_V4_IP_OPTIONS = 1 << 0,
	NDIS_CSUM_V4_TCP_OPTIONS = 1 << 2,
	NDIS_CSUM_V4_TCP = 1 << 4,
	NDIS_CSUM_V4_UDP = 1 << 6,
	NDIS_CSUM_V4_IP = 1 << 8,
};
enum ndis_csum_v6 {
	NDIS_CSUM_V6_EXTENSIONS = 1 << 0,
	NDIS_CSUM_V6_TCP_OPTIONS = 1 << 2,
	NDIS_CSUM_V6_TCP = 1 << 4,
	NDIS_CSUM_V6_UDP = 1 << 6,
};

struct ndis_csum_task {
	uint32_t encapsulation;
	uint32_t flags;
} RNDIS_PACKED;

#define NDIS_LSO_MAX 0xf53cu
#define NDIS_LSO_MIN_SEGMENTS 2
#define NDIS_LSO_V6_EXTENSIONS (1u << 0)
#define NDIS_LSO_V6_TCP_OPTIONS (1u << 2)

struct ndis_offload {
	struct ndis_object_header header;
	struct ndis_csum_task v4_tx;
	struct ndis_csum_task v4_rx;
	struct ndis_csum_task v6_tx;
	struct ndis_csum_task v6_rx;
	uint32_t lso_v1[4];
	uint32_t ipsec_v1[7];
	uint32_t lso_v4_encapsulation;
	uint32_t lso_v4_max;
	uint32_t lso_v4_min_segments;
	uint32_t lso_v6_encapsulation;
	uint32_t lso_v6_max;
	uint32_t lso_v6_min_segments;
	uint32_t lso_v6_flags;
	uint32_t flags;
	uint32_t ipsec_v2[8];
	uint8_t rsc_v4;
	uint8_t rsc_v6;
	uint8_t reserved[2];
	uint32_t nvgre[2];
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_offload) == 156, "wire layout");

/* Values, not masks: 0 leaves a setting as it is. */
enum ndis_offload_value {
	NDIS_OFFLOAD_KEEP = 0,
	NDIS_OFFLOAD_OFF = 1,
	NDIS_OFFLOAD_ON = 2,		/* LSO, RSC */
	NDIS_OFFLOAD_TX = 2,		/* checksums */
	NDIS_OFFLOAD_RX = 3,
	NDIS_OFFLOAD_TX_RX = 4,
};

struct ndis_offload_parameters {
	struct ndis_object_header header;
	uint8_t csum[5];		/* IPv4, TCPv4, UDPv4, TCPv6, UDPv6 */
	uint8_t lso_v1;
	uint8_t ipsec_v1;
	uint8_t lso_v4;
	uint8_t lso_v6;
	uint8_t connection_v4;
	uint8_t connection_v6;
	uint8_t reserved;
	uint32_t flags;
	/* Revision 1 ends here. */
	uint8_t ipsec_v2[2];
	uint8_t rsc_v4;			/* from revision 3 */
	uint8_t rsc_v6;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_offload_parameters) == 24, "wire layout");
#define NDIS_OFFLOAD_PARAMETERS_BYTES_1 20u

struct ndis_encapsulation {
	struct ndis_object_header header;
	uint32_t v4_enabled;		/* 1 on, 2 off */
	uint32_t v4_type;
	uint32_t v4_header_len;
	uint32_t v6_enabled;
	uint32_t v6_type;
	uint32_t v6_header_len;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_encapsulation) == 28, "wire layout");

/* Link state, revision 1. */
struct ndis_link_state {
	struct ndis_object_header header;
	uint32_t connect;		/* 1 connected, 2 not */
	uint32_t duplex;
	uint32_t pad;
	uint64_t tx_bps;
	uint64_t rx_bps;
	uint32_t pause;
	uint32_t auto_negotiation;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_link_state) == 40, "wire layout");

enum ndis_rss_caps_flags {
	NDIS_RSS_CAP_TOEPLITZ = 0x001,
	NDIS_RSS_CAP_TCP4 = 0x100,
	NDIS_RSS_CAP_TCP6 = 0x200,
	NDIS_RSS_CAP_UDP4 = 0x800,
	NDIS_RSS_CAP_UDP6 = 0x1000,
};

struct ndis_rss_capabilities {
	struct ndis_object_header header;
	uint32_t flags;
	uint32_t interrupts;
	uint32_t queues;
	uint16_t table_entries;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_rss_capabilities) == 18, "wire layout");

enum ndis_hash {
	NDIS_HASH_FUNCTION_MASK = 0xff,
	NDIS_HASH_TOEPLITZ = 0x01,
	NDIS_HASH_IPV4 = 0x00100,
	NDIS_HASH_TCP4 = 0x00200,
	NDIS_HASH_IPV6 = 0x00400,
	NDIS_HASH_TCP6 = 0x01000,
	NDIS_HASH_UDP4 = 0x04000,
	NDIS_HASH_UDP6 = 0x08000,
};

#define NDIS_RSS_KEY_BYTES 40u
#define NDIS_RSS_TABLE_ENTRIES 128u
#define NDIS_RSS_DISABLE 0x10

struct ndis_rss_parameters {
	struct ndis_object_header header;
	uint16_t flags;
	uint16_t base_cpu;
	uint32_t hash;			/* function and types; 0: off */
	uint16_t table_len;		/* bytes */
	uint16_t pad;
	uint32_t table_offset;
	uint16_t key_len;
	uint16_t pad2;
	uint32_t key_offset;
	uint32_t masks_offset;
	uint32_t masks_count;
	uint32_t mask_len;
	uint32_t default_processor;
} RNDIS_PACKED;
static_assert(sizeof(struct ndis_rss_parameters) == 44, "wire layout");

enum rndis_config_type {
	RNDIS_CONFIG_INTEGER = 0,
	RNDIS_CONFIG_HEX = 1,
	RNDIS_CONFIG_STRING = 2,
};

/* Name and value are UTF-16, their lengths in bytes. */
struct rndis_config_parameter {
	uint32_t name_offset;
	uint32_t name_len;
	uint32_t type;
	uint32_t value_offset;
	uint32_t value_len;
} RNDIS_PACKED;
static_assert(sizeof(struct rndis_config_parameter) == 20, "wire layout");

#endif
