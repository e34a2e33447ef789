/* SPDX-License-Identifier: GPL-2.0 */
/* Ethernet, ARP, IP, TCP, UDP and ICMP headers, as far as the host looks into them. */
#ifndef HVHOST_PACKET_H
#define HVHOST_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#define ETH_ADDR_LEN 6
#define ETH_HEADER_LEN 14
#define ETH_MIN_FRAME 60u
#define ETH_TYPE_OFFSET 12

#define ETH_TYPE_IP4 0x0800
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_IP6 0x86dd

#define VLAN_TAG_LEN 4

#define IP4_HEADER_MIN 20
#define IP4_LENGTH 2		/* offsets in the header */
#define IP4_ID 4
#define IP4_FRAGMENT 6
#define IP4_TTL 8
#define IP4_PROTOCOL 9
#define IP4_CHECKSUM 10
#define IP4_SOURCE 12
#define IP4_TARGET 16
#define IP4_FRAGMENT_BITS 0x3fff	/* offset and "more fragments" */

#define IP6_HEADER_LEN 40
#define IP6_LENGTH 4
#define IP6_NEXT 6
#define IP6_HOP_LIMIT 7
#define IP6_SOURCE 8
#define IP6_TARGET 24

#define IP_PROTO_HOP_BY_HOP 0
#define IP_PROTO_ICMP 1
#define IP_PROTO_TCP 6
#define IP_PROTO_UDP 17
#define IP_PROTO_ROUTING 43
#define IP_PROTO_DEST_OPTS 60

#define TCP_HEADER_MIN 20
#define TCP_SEQUENCE 4
#define TCP_DATA_OFFSET 12
#define TCP_FLAGS 13
#define TCP_WINDOW 14
#define TCP_CHECKSUM 16
#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_CWR 0x80

#define UDP_HEADER_LEN 8
#define UDP_LENGTH 4
#define UDP_CHECKSUM 6

#define ICMP_HEADER_LEN 8
#define ICMP_CHECKSUM 2
#define ICMP_ECHO_REPLY 0
#define ICMP_ECHO_REQUEST 8

#define ARP_PACKET_LEN 28
#define ARP_OPERATION 6
#define ARP_SENDER_MAC 8
#define ARP_SENDER_IP 14
#define ARP_TARGET_MAC 18
#define ARP_TARGET_IP 24
#define ARP_REQUEST 1
#define ARP_REPLY 2

static inline uint16_t get_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

static inline void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value);
}

/* Where the parts of an IP packet in a frame are. */
struct packet_view {
	unsigned int ip_version;	/* 4 or 6 */
	uint8_t protocol;		/* behind IPv6 extension headers */
	bool fragment;
	uint16_t l4;			/* offset of the transport header */
};

/* Looks into an untagged Ethernet frame; false if it is no sound IP packet. */
bool packet_parse(const uint8_t *data, uint32_t len, struct packet_view *view);

#endif
