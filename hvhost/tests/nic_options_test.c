// SPDX-License-Identifier: GPL-2.0
/* links: netvsp_options */
#include "netvsp_options.h"
#include "nvsp_proto.h"
#include "test.h"

static struct netvsp_options options;
static char error[NETVSP_OPTIONS_ERROR_SIZE];

static int parse(const char *spec)
{
	netvsp_options_free(&options);
	return netvsp_options_parse(spec, 2, &options, error);
}

static void defaults(void)
{
	static const uint8_t mac[6] = { 0x00, 0x15, 0x5d, 0x00, 0x00, 0x03 };

	CHECK_EQ(parse(""), 0);
	CHECK_STR(options.backend, "none");
	CHECK(!options.pcap);
	CHECK_MEM(options.mac, mac, 6);
	CHECK_EQ(options.nvsp_version, NVSP_V61);
	CHECK_EQ(options.queues, 8);
	CHECK_EQ(options.frame_max, 9216);
	CHECK_EQ(options.offloads, NETVSP_OFFLOAD_ALL);
	CHECK(options.rsc);
	CHECK(!options.udp_hash);
	CHECK_EQ(options.delay_us, 0);
	CHECK_EQ(options.rx_slots, 0);
	CHECK_EQ(options.section_size, 6144);
	CHECK_EQ(options.faults.withheld, 0);
	CHECK(!options.header_page);
	CHECK_EQ(options.ranges, 375);
	CHECK_EQ(options.link_mbps, 10000);
	CHECK(options.present);
	CHECK(!options.attack);
}

static void every_key(void)
{
	static const uint8_t mac[6] = { 0x02, 0xab, 0xcd, 0xef, 0x01, 0x23 };

	CHECK_EQ(parse("backend=source:size=64,flows=16;mac=02:ab:CD:ef:01:23;"
		       "nvsp=5;queues=64;mtu-max=1514;offload=txcsum,rxcsum;"
		       "rsc=off;pcap=/tmp/a b;delay-us=20;rx-slots=32;"
		       "section-size=0;withhold=rx,completions;udp-hash=on;"
		       "header-page=on;ranges=1;link-speed=400000;present=off;"
		       "attack=12;mac-change=off"),
		 0);
	CHECK_STR(options.backend, "source:size=64,flows=16");
	CHECK_MEM(options.mac, mac, 6);
	CHECK_EQ(options.nvsp_version, NVSP_V5);
	CHECK_EQ(options.queues, 64);
	CHECK_EQ(options.frame_max, 1514);
	CHECK_EQ(options.offloads,
		 NETVSP_OFFLOAD_TX_CSUM | NETVSP_OFFLOAD_RX_CSUM);
	CHECK(!options.rsc);
	CHECK(options.udp_hash);
	CHECK_STR(options.pcap, "/tmp/a b");
	CHECK_EQ(options.delay_us, 20);
	CHECK_EQ(options.rx_slots, 32);
	CHECK_EQ(options.section_size, 0);
	CHECK_EQ(options.faults.withheld, WITHHOLD_RX | WITHHOLD_COMPLETIONS);
	CHECK(options.header_page);
	CHECK_EQ(options.ranges, 1);
	CHECK_EQ(options.link_mbps, 400000);
	CHECK_STR(options.attack, "12");
	CHECK(!options.present);
	CHECK(options.fixed_mac);
}

static void the_last_one_counts(void)
{
	CHECK_EQ(parse("backend=sink;backend=echo;queues=1;queues=2"), 0);
	CHECK_STR(options.backend, "echo");
	CHECK_EQ(options.queues, 2);
}

static void nvsp_versions(void)
{
	CHECK_EQ(parse("nvsp=1"), 0);
	CHECK_EQ(options.nvsp_version, NVSP_V1);
	CHECK_EQ(parse("nvsp=6.1"), 0);
	CHECK_EQ(options.nvsp_version, NVSP_V61);
	CHECK(parse("nvsp=3"));
	CHECK(parse("nvsp=6.2"));
	CHECK(parse("nvsp="));
}

static void offloads(void)
{
	CHECK_EQ(parse("offload=none"), 0);
	CHECK_EQ(options.offloads, 0);
	/* LSO cannot be had without its checksums. */
	CHECK_EQ(parse("offload=lso"), 0);
	CHECK_EQ(options.offloads,
		 NETVSP_OFFLOAD_LSO | NETVSP_OFFLOAD_TX_CSUM);
	CHECK(parse("offload="));
	CHECK(parse("offload=tx"));
	CHECK(parse("offload=lso,"));
}

static void refused(void)
{
	static const char *const specs[] = {
		"queues", "=8", "queue=8", "queues=0", "queues=65",
		"queues=+8", "queues= 8", "queues=8x", "queues=",
		"queues=99999999999999999999", "mtu-max=1513",
		"mtu-max=65536", "ranges=0", "ranges=376", "rsc=yes", "rsc=",
		"udp-hash=1", "header-page=1", "link-speed=0", "link-speed=400001",
		"delay-us=-1", "mac=00:15:5d:00:00", "mac=01:15:5d:00:00:01",
		"mac=00:00:00:00:00:00", "mac=00:15:5d:00:00:0",
		"mac=00-15-5d-00-00-01", "mac=00:15:5d:00:00:01:02",
		"mac=g0:15:5d:00:00:01", "backend=", "pcap=", "present=maybe",
		"section-size=16777217", "section-size=", "withhold=",
		"withhold=rx,", "withhold=tx", "withhold=ring completions",
	};
	size_t i;

	for (i = 0; i < TEST_COUNT(specs); i++) {
		error[0] = '\0';
		if (!test_check(parse(specs[i]) < 0, __FILE__, __LINE__,
				specs[i]))
			continue;
		CHECK(error[0]);
		CHECK(!strchr(error, '\n'));
	}
}

static void says_what_is_wrong(void)
{
	CHECK(parse("queues=0"));
	CHECK_STR(error, "queues=\"0\": must be 1 to 64");
	CHECK(parse("colour=red"));
	CHECK_STR(error, "unknown key \"colour\"");
	CHECK(parse("queues"));
	CHECK_STR(error, "\"queues\" is not KEY=VALUE");
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(defaults),
		TEST_CASE(every_key),
		TEST_CASE(the_last_one_counts),
		TEST_CASE(nvsp_versions),
		TEST_CASE(offloads),
		TEST_CASE(refused),
		TEST_CASE(says_what_is_wrong),
	};
	int status = test_run(cases, TEST_COUNT(cases));

	netvsp_options_free(&options);
	return status;
}
