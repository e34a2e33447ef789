// SPDX-License-Identifier: GPL-2.0
/* links: toeplitz */
/*
 * The verification suite that Microsoft published with the definition of
 * receive-side scaling: its key, its packets, its hash values.
 */
#include <arpa/inet.h>

#include "test.h"
#include "toeplitz.h"

static const uint8_t key[TOEPLITZ_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

struct vector {
	const char *to;
	uint16_t to_port;
	const char *from;
	uint16_t from_port;
	uint32_t ip_hash;
	uint32_t tcp_hash;
};

static const struct vector ipv4[] = {
	{ "161.142.100.80", 1766, "66.9.149.187", 2794,
	  0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", 4739, "199.92.111.2", 14230,
	  0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", 38024, "24.19.198.95", 12898,
	  0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", 2217, "38.27.205.30", 48228,
	  0x82989176, 0xafc7327f },
	{ "202.188.127.2", 1303, "153.39.163.191", 44251,
	  0x5d1809c5, 0x10e828a2 },
};

static const struct vector ipv6[] = {
	{ "3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794,
	  0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230,
	  0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", 38024,
	  "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
	  0x4b61e985, 0x02d1feef },
};

static uint32_t hash(int family, const struct vector *vector, bool ports)
{
	size_t len = family == AF_INET ? 4 : 16;
	uint8_t input[TOEPLITZ_INPUT_MAX];
	struct toeplitz toeplitz;
	uint16_t port[2];

	CHECK_EQ(inet_pton(family, vector->from, input), 1);
	CHECK_EQ(inet_pton(family, vector->to, input + len), 1);
	port[0] = htons(vector->from_port);
	port[1] = htons(vector->to_port);
	memcpy(input + 2 * len, port, sizeof(port));
	toeplitz_init(&toeplitz, key);
	return toeplitz_hash(&toeplitz, input,
			     2 * len + (ports ? sizeof(port) : 0));
}

static void ipv4_addresses(void)
{
	size_t i;

	for (i = 0; i < TEST_COUNT(ipv4); i++)
		CHECK_EQ(hash(AF_INET, &ipv4[i], false), ipv4[i].ip_hash);
}

static void ipv4_tcp(void)
{
	size_t i;

	for (i = 0; i < TEST_COUNT(ipv4); i++)
		CHECK_EQ(hash(AF_INET, &ipv4[i], true), ipv4[i].tcp_hash);
}

static void ipv6_addresses(void)
{
	size_t i;

	for (i = 0; i < TEST_COUNT(ipv6); i++)
		CHECK_EQ(hash(AF_INET6, &ipv6[i], false), ipv6[i].ip_hash);
}

static void ipv6_tcp(void)
{
	size_t i;

	for (i = 0; i < TEST_COUNT(ipv6); i++)
		CHECK_EQ(hash(AF_INET6, &ipv6[i], true), ipv6[i].tcp_hash);
}

static void nothing_hashes_to_zero(void)
{
	struct toeplitz toeplitz;

	toeplitz_init(&toeplitz, key);
	CHECK_EQ(toeplitz_hash(&toeplitz, key, 0), 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(ipv4_addresses),
		TEST_CASE(ipv4_tcp),
		TEST_CASE(ipv6_addresses),
		TEST_CASE(ipv6_tcp),
		TEST_CASE(nothing_hashes_to_zero),
	};

	return test_run(cases, TEST_COUNT(cases));
}
