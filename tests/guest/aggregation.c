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
#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Newer than the headers that this is built with. */
#define AGGR_MAX_BYTES	26
#define AGGR_MAX_FRAMES	27
#define AGGR_TIME_USECS	28
#define ATTRIBUTES	32

struct request {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	char attributes[256];
};

static int fail(const char *what)
{
	fprintf(stderr, "aggregation: %s: %s\n", what, strerror(errno));
	return 1;
}

static void begin(struct request *request, int family, int command)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request->header.nlmsg_type = family;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request->genl.cmd = command;
	request->genl.version = 1;
}

static struct nlattr *add(struct request *request, int type, const void *data,
			  size_t len)
{
	struct nlattr *attribute = (void *)((char *)request +
					    request->header.nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(attribute + 1, data, len);
	request->header.nlmsg_len += NLA_ALIGN(attribute->nla_len);
	return attribute;
}

static void add_u32(struct request *request, int type, uint32_t value)
{
	add(request, type, &value, sizeof(value));
}

/* Which interface a request is about: an attribute inside of one. */
static void add_device(struct request *request, const char *device)
{
	struct nlattr *nest = add(request, ETHTOOL_A_COALESCE_HEADER |
				  NLA_F_NESTED, NULL, 0);

	add(request, ETHTOOL_A_HEADER_DEV_NAME, device, strlen(device) + 1);
	nest->nla_len = (char *)request + request->header.nlmsg_len -
			(char *)nest;
}

/* The first bytes of what each attribute of a message holds. */
struct answer {
	bool there[ATTRIBUTES];
	uint32_t value[ATTRIBUTES];
};

static void read_attributes(const struct nlmsghdr *header,
			    struct answer *answer)
{
	const char *at = (const char *)NLMSG_DATA(header) + GENL_HDRLEN;
	const char *end = (const char *)header + header->nlmsg_len;

	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attribute = (const void *)at;
		int type = attribute->nla_type & NLA_TYPE_MASK;
		size_t len = attribute->nla_len - NLA_HDRLEN;

		if (attribute->nla_len < NLA_HDRLEN)
			return;
		if (type < ATTRIBUTES) {
			answer->there[type] = true;
			memcpy(&answer->value[type], attribute + 1,
			       len < sizeof(uint32_t) ? len : sizeof(uint32_t));
		}
		at += NLA_ALIGN(attribute->nla_len);
	}
}

/* Sends it and reads until it is acknowledged. */
static int ask(int fd, struct request *request, struct answer *answer)
{
	static char bytes[16384];
	const struct nlmsghdr *header = (const void *)bytes;

	memset(answer, 0, sizeof(*answer));
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	while (recv(fd, bytes, sizeof(bytes), 0) > 0) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		if (header->nlmsg_type != NLMSG_ERROR) {
			read_attributes(header, answer);
			continue;
		}
		errno = -error->error;
		return error->error ? -1 : 0;
	}
	return -1;
}

static int find_family(int fd)
{
	struct request request;
	struct answer answer;

	begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	add(&request, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME,
	    sizeof(ETHTOOL_GENL_NAME));
	if (ask(fd, &request, &answer) || !answer.there[CTRL_ATTR_FAMILY_ID])
		return -1;
	return answer.value[CTRL_ATTR_FAMILY_ID];
}

static int show(int fd, int family, const char *device, bool time)
{
	struct request request;
	struct answer answer;

	begin(&request, family, ETHTOOL_MSG_COALESCE_GET);
	add_device(&request, device);
	if (ask(fd, &request, &answer))
		return fail("get");
	if (!answer.there[AGGR_MAX_BYTES] || !answer.there[AGGR_MAX_FRAMES] ||
	    !answer.there[AGGR_TIME_USECS]) {
		errno = EOPNOTSUPP;
		return fail("get");
	}
	if (time)
		printf("%u\n", answer.value[AGGR_TIME_USECS]);
	else
		printf("%u %u\n", answer.value[AGGR_MAX_BYTES],
		       answer.value[AGGR_MAX_FRAMES]);
	return 0;
}

static int set_time(int fd, int family, const char *device, uint32_t usecs)
{
	struct request request;
	struct answer answer;

	begin(&request, family, ETHTOOL_MSG_COALESCE_SET);
	add_device(&request, device);
	add_u32(&request, AGGR_TIME_USECS, usecs);
	return ask(fd, &request, &answer) ? fail("set") : 0;
}

static int set(int fd, int family, const char *device, uint32_t bytes,
	       uint32_t frames)
{
	struct request request;
	struct answer answer;

	begin(&request, family, ETHTOOL_MSG_COALESCE_SET);
	add_device(&request, device);
	add_u32(&request, AGGR_MAX_BYTES, bytes);
	add_u32(&request, AGGR_MAX_FRAMES, frames);
	return ask(fd, &request, &answer) ? fail("set") : 0;
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
	family = fd < 0 ? -1 : find_family(fd);
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
