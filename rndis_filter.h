/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The RNDIS session of a synthetic NIC: requests and their answers,
 * indications, and what was agreed with the host about offloads and RSS.
 */
#ifndef RNDIS_FILTER_H
#define RNDIS_FILTER_H

#include <linux/completion.h>
#include <linux/if_ether.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "rndis_codec.h"
#include "vmbus_glue/pages.h"

struct device;
struct nvb_packet;
struct nvsp;

/*
 * How long the host may take to answer an RNDIS request. Busy hosts have been
 * seen to need 15 seconds.
 */
#define RNDIS_TIMEOUT_MS	60000
/* The same for what precedes the closing of the channel. */
#define RNDIS_SHORT_TIMEOUT_MS	5000

enum rndis_link_event {
	RNDIS_LINK_UP,
	RNDIS_LINK_DOWN,
	RNDIS_LINK_NETWORK_CHANGE,
	RNDIS_LINK_SPEED,
};

/**
 * struct rndis_filter_ops - what the session tells its owner
 * @link_event: something happened to the link; @speed, in units of 100 bit/s,
 *	is valid with RNDIS_LINK_SPEED. Called from a NAPI poll.
 */
struct rndis_filter_ops {
	void (*link_event)(void *ctx, enum rndis_link_event event, u32 speed);
};

/* Requests that can be under way at a time, abandoned ones included. */
#define RNDIS_REQUESTS		4
/* The longest answer that is wanted. */
#define RNDIS_ANSWER_BYTES	1024

/**
 * struct rndis_request - one slot for a control message to the host
 * @done: the answer has come, or none will
 * @message: where the message is built, 4 KiB
 * @shared: copy of it, which the host reads
 * @answer: copy of the answer
 * @answer_len: bytes in @answer
 * @generation: changes with every use, so that late answers miss
 * @expect: RNDIS_MSG_* of the answer; 0: the host's receipt is enough
 * @error: the host refused the message, or its answer is none: negative errno
 * @busy: somebody waits for the answer
 * @answered: @answer is valid
 * @host_has_page: the host may still read @shared
 */
struct rndis_request {
	struct completion done;
	void *message;
	struct nvb_pages shared;
	u8 *answer;
	u32 answer_len;
	u32 generation;
	u32 expect;
	int error;
	bool busy;
	bool answered;
	bool host_has_page;
};

/**
 * struct rndis_filter - an RNDIS session over an NVSP session
 * @dev: for messages
 * @nvsp: what it goes over
 * @ops: the owner's functions
 * @ctx: the argument of @ops
 * @max_packets: RNDIS packets that the host takes in one message
 * @max_transfer: bytes that the host takes in one message
 * @alignment: of the packets in one message, bytes
 * @initialised: the host's RNDIS device has been initialised
 * @lock: protects @request and @scratch; softirq-safe, innermost
 * @request: control messages that are under way
 * @scratch: where a message from the host is copied before it is looked at
 */
struct rndis_filter {
	struct device *dev;
	struct nvsp *nvsp;
	const struct rndis_filter_ops *ops;
	void *ctx;
	u32 max_packets;
	u32 max_transfer;
	u32 alignment;
	bool initialised;

	spinlock_t lock; /* see above */
	struct rndis_request request[RNDIS_REQUESTS];
	u8 scratch[RNDIS_ANSWER_BYTES];
};

int rndis_filter_create(struct rndis_filter *rf, bool hidden);
void rndis_filter_destroy(struct rndis_filter *rf);
void rndis_filter_start(struct rndis_filter *rf, struct device *dev,
			struct nvsp *nvsp, const struct rndis_filter_ops *ops,
			void *ctx);
void rndis_filter_abort(struct rndis_filter *rf);
void rndis_filter_closed(struct rndis_filter *rf);

int rndis_filter_init_device(struct rndis_filter *rf);
void rndis_filter_halt_device(struct rndis_filter *rf);

int rndis_filter_query(struct rndis_filter *rf, u32 oid, const void *ask,
		       u32 ask_len, void *info, u32 *info_len);
int rndis_filter_query_u32(struct rndis_filter *rf, u32 oid, u32 *value);
int rndis_filter_query_mac(struct rndis_filter *rf, u8 *mac);
int rndis_filter_query_name(struct rndis_filter *rf, char *name, u32 room);
int rndis_filter_query_offload(struct rndis_filter *rf,
			       struct rndis_offload_caps *caps);
int rndis_filter_query_rss(struct rndis_filter *rf,
			   struct rndis_rss_caps *caps);

int rndis_filter_set_packet_filter(struct rndis_filter *rf, u32 filter);
int rndis_filter_set_offload(struct rndis_filter *rf,
			     const struct ndis_offload_params *params);
int rndis_filter_set_rss(struct rndis_filter *rf,
			 const struct rndis_rss_config *rss);
int rndis_filter_set_mac(struct rndis_filter *rf, const u8 *mac);

int rndis_filter_receive(struct rndis_filter *rf, const void *shared, u32 len);
int rndis_filter_receive_completion(struct rndis_filter *rf,
				    const struct nvb_packet *pkt);

#endif /* RNDIS_FILTER_H */
