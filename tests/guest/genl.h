/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Just enough of generic netlink: a request, and what comes back for it.
 */
#ifndef GENL_H
#define GENL_H

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define GENL_ATTRIBUTES	64

struct genl_request {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	char attributes[256];
};

/* The first bytes of what each attribute of a message holds. */
struct genl_answer {
	bool there[GENL_ATTRIBUTES];
	uint64_t value[GENL_ATTRIBUTES];
};

static inline void genl_begin(struct genl_request *request, int family,
			      int command, bool dump)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request->header.nlmsg_type = family;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
				      (dump ? NLM_F_DUMP : 0);
	request->genl.cmd = command;
	request->genl.version = 1;
}

static inline struct nlattr *genl_add(struct genl_request *request, int type,
				      const void *data, size_t len)
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

static inline void genl_add_u32(struct genl_request *request, int type,
				uint32_t value)
{
	genl_add(request, type, &value, sizeof(value));
}

static inline void genl_read_attributes(const struct nlmsghdr *header,
					struct genl_answer *answer)
{
	const char *at = (const char *)NLMSG_DATA(header) + GENL_HDRLEN;
	const char *end = (const char *)header + header->nlmsg_len;

	memset(answer, 0, sizeof(*answer));
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attribute = (const void *)at;
		int type = attribute->nla_type & NLA_TYPE_MASK;
		size_t len = attribute->nla_len - NLA_HDRLEN;

		if (attribute->nla_len < NLA_HDRLEN)
			return;
		if (type < GENL_ATTRIBUTES) {
			answer->there[type] = true;
			memcpy(&answer->value[type], attribute + 1,
			       len < sizeof(uint64_t) ? len : sizeof(uint64_t));
		}
		at += NLA_ALIGN(attribute->nla_len);
	}
}

/*
 * Sends it and reads until it is acknowledged, or all has come that it asked
 * for. Each message is given to see(); answer, where the last one is left, too.
 */
static inline int genl_ask(int fd, const struct genl_request *request,
			   struct genl_answer *answer,
			   void (*see)(const struct genl_answer *answer))
{
	static char bytes[65536];
	const struct nlmsghdr *header;
	int len;

	memset(answer, 0, sizeof(*answer));
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		header = (const void *)bytes;
		for (; NLMSG_OK(header, (unsigned int)len);
		     header = NLMSG_NEXT(header, len)) {
			const struct nlmsgerr *error = NLMSG_DATA(header);

			if (header->nlmsg_type == NLMSG_ERROR ||
			    header->nlmsg_type == NLMSG_DONE) {
				errno = -error->error;
				return error->error ? -1 : 0;
			}
			genl_read_attributes(header, answer);
			if (see)
				see(answer);
		}
	}
	return -1;
}

/* Returns the number of a family, or -1. */
static inline int genl_family(int fd, const char *name)
{
	struct genl_request request;
	struct genl_answer answer;

	genl_begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, false);
	genl_add(&request, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	if (genl_ask(fd, &request, &answer, NULL) ||
	    !answer.there[CTRL_ATTR_FAMILY_ID])
		return -1;
	return answer.value[CTRL_ATTR_FAMILY_ID];
}

#endif /* GENL_H */
