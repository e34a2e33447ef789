// SPDX-License-Identifier: GPL-2.0
/*
 * aggregation - frames in one message: what ethtool -C tx-aggr-... does
 *
 *	aggregation DEVICE			prints "BYTES FRAMES"
 *	aggregation DEVICE BYTES FRAMES		sets both
 *	aggregation DEVICE time [USECS]		prints or sets how long one waits
 *
 * For user lands whose ethtool is older than these parameters. Exit status 1
 * if the kernel or the driver refuses.
 */
#include <linux/ethtool_netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "genl.h"

/* Newer than the headers that this is built with. */
#define AGGR_MAX_BYTES	26
#define AGGR_MAX_FRAMES	27
#define AGGR_TIME_USECS	28

static int fail(const char *what)
{
	fprintf(stderr, "aggregation: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Which interface a request is about: an attribute inside of one. */
static void add_device(struct genl_request *request, const char *device)
{
	struct nlattr *nest = genl_add(request, ETHTOOL_A_COALESCE_HEADER |
				  NLA_F_NESTED, NULL, 0);

	genl_add(request, ETHTOOL_A_HEADER_DEV_NAME, device, strlen(device) + 1);
	nest->nla_len = (char *)request + request->header.nlmsg_len -
			(char *)nest;
}

static int show(int fd, int family, const char *device, bool time)
{
	struct genl_request request;
	struct genl_answer answer;

	genl_begin(&request, family, ETHTOOL_MSG_COALESCE_GET, false);
	add_device(&request, device);
	if (genl_ask(fd, &request, &answer, NULL))
		return fail("get");
	if (!answer.there[AGGR_MAX_BYTES] || !answer.there[AGGR_MAX_FRAMES] ||
	    !answer.there[AGGR_TIME_USECS]) {
		errno = EOPNOTSUPP;
		return fail("get");
	}
	if (time)
		printf("%u\n", (unsigned int)answer.value[AGGR_TIME_USECS]);
	else
		printf("%u %u\n", (unsigned int)answer.value[AGGR_MAX_BYTES],
		       (unsigned int)answer.value[AGGR_MAX_FRAMES]);
	return 0;
}

static int set_time(int fd, int family, const char *device, uint32_t usecs)
{
	struct genl_request request;
	struct genl_answer answer;

	genl_begin(&request, family, ETHTOOL_MSG_COALESCE_SET, false);
	add_device(&request, device);
	genl_add_u32(&request, AGGR_TIME_USECS, usecs);
	return genl_ask(fd, &request, &answer, NULL) ? fail("set") : 0;
}

static int set(int fd, int family, const char *device, uint32_t bytes,
	       uint32_t frames)
{
	struct genl_request request;
	struct genl_answer answer;

	genl_begin(&request, family, ETHTOOL_MSG_COALESCE_SET, false);
	add_device(&request, device);
	genl_add_u32(&request, AGGR_MAX_BYTES, bytes);
	genl_add_u32(&request, AGGR_MAX_FRAMES, frames);
	return genl_ask(fd, &request, &answer, NULL) ? fail("set") : 0;
}

int main(int argc, char **argv)
{
	bool time = argc > 2 && !strcmp(argv[2], "time");
	int fd, family;

	if (argc != 2 && argc != 4 && !(argc == 3 && time)) {
		fputs("usage: aggregation DEVICE [BYTES FRAMES | time [USECS]]\n",
		      stderr);
		return 2;
	}
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	family = fd < 0 ? -1 : genl_family(fd, ETHTOOL_GENL_NAME);
	if (family < 0)
		return fail("ethtool's netlink");
	if (argc < 4)
		return show(fd, family, argv[1], time);
	if (time)
		return set_time(fd, family, argv[1],
				strtoul(argv[3], NULL, 0));
	return set(fd, family, argv[1], strtoul(argv[2], NULL, 0),
		   strtoul(argv[3], NULL, 0));
}
