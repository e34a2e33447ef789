// SPDX-License-Identifier: GPL-2.0
/*
 * queues - what netlink (netdev) tells of the queues of an interface
 *
 *	queues napi DEVICE	"TYPE QUEUE NAPI" for each
 *	queues stats DEVICE	"TYPE QUEUE NAME=VALUE ..." for each
 *	queues total DEVICE	"NAME=VALUE ...": sums, of past queues too
 *
 * TYPE is rx or tx. Exit status 1 if the kernel or the driver cannot tell.
 */
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "genl.h"

/* Newer than the headers that this is built with. */
enum { CMD_QUEUE_GET = 10, CMD_QSTATS_GET = 12 };
enum { QUEUE_ID = 1, QUEUE_IFINDEX = 2, QUEUE_TYPE = 3, QUEUE_NAPI = 4 };
enum { QSTATS_IFINDEX = 1, QSTATS_TYPE = 2, QSTATS_ID = 3, QSTATS_SCOPE = 4 };
enum { SCOPE_QUEUE = 1 };

static const struct {
	int attribute;
	const char *name;
} values[] = {
	{ 8, "rx_packets" },
	{ 9, "rx_bytes" },
	{ 10, "tx_packets" },
	{ 11, "tx_bytes" },
	{ 12, "rx_alloc_fail" },
	{ 13, "rx_hw_drops" },
	{ 18, "rx_csum_bad" },
	{ 24, "tx_hw_drops" },
	{ 25, "tx_hw_drop_errors" },
	{ 33, "tx_stop" },
	{ 34, "tx_wake" },
};

static int fail(const char *what)
{
	fprintf(stderr, "queues: %s: %s\n", what, strerror(errno));
	return 1;
}

static const char *way(uint64_t type)
{
	return type ? "tx" : "rx";
}

static void show_napi(const struct genl_answer *answer)
{
	printf("%s %u %u\n", way(answer->value[QUEUE_TYPE]),
	       (unsigned int)answer->value[QUEUE_ID],
	       (unsigned int)answer->value[QUEUE_NAPI]);
}

static void show_stats(const struct genl_answer *answer)
{
	size_t i;

	if (answer->there[QSTATS_TYPE])
		printf("%s %u", way(answer->value[QSTATS_TYPE]),
		       (unsigned int)answer->value[QSTATS_ID]);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (answer->there[values[i].attribute])
			printf(" %s=%llu", values[i].name, (unsigned long long)
			       answer->value[values[i].attribute]);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	bool napi = argc == 3 && !strcmp(argv[1], "napi");
	bool stats = argc == 3 && !strcmp(argv[1], "stats");
	bool total = argc == 3 && !strcmp(argv[1], "total");
	struct genl_request request;
	struct genl_answer answer;
	unsigned int index;
	int fd, family;

	if (!napi && !stats && !total) {
		fputs("usage: queues napi|stats|total DEVICE\n", stderr);
		return 2;
	}
	index = if_nametoindex(argv[2]);
	if (!index)
		return fail(argv[2]);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	family = fd < 0 ? -1 : genl_family(fd, "netdev");
	if (family < 0)
		return fail("netdev");

	genl_begin(&request, family, napi ? CMD_QUEUE_GET : CMD_QSTATS_GET,
		   true);
	genl_add_u32(&request, napi ? QUEUE_IFINDEX : QSTATS_IFINDEX, index);
	if (stats)
		genl_add_u32(&request, QSTATS_SCOPE, SCOPE_QUEUE);
	if (genl_ask(fd, &request, &answer, napi ? show_napi : show_stats))
		return fail(argv[1]);
	return 0;
}
