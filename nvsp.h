/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NVSP session of a synthetic NIC: version, buffers, subchannels, and the
 * transaction ids by which the host's completions find their way back.
 */
#ifndef NVSP_H
#define NVSP_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "vmbus_glue/channel.h"
#include "wire/nvsp.h"

struct device;
struct nvb_packet;

/*
 * How long the host may take to answer an NVSP request. Hosts answer within
 * milliseconds; the bound is for one that never will.
 */
#define NVSP_TIMEOUT_MS		10000
/* How long the host may take to offer all subchannels that it granted. */
#define NVSP_SUBCHANNEL_TIMEOUT_MS	10000
/*
 * How long a host is waited for that has let a request time out, until it
 * answers one: whoever asks it for several things does not wait for each.
 */
#define NVSP_SHORT_TIMEOUT_MS	5000
/* From opening the channel to a session that is agreed, all waits together. */
#define NVSP_SETUP_TIMEOUT_MS	180000

/*
 * A transaction id names an entry of a bounded table, the kind of that entry
 * and its generation:
 *
 *	63..56 zero | 55..48 kind | 47..16 generation | 15..0 index
 *
 * The host only ever echoes an id. One that it makes up, sends twice or sends
 * late fails the comparison with the entry, whatever its bits are.
 */
enum nvsp_xid_kind {
	NVSP_XID_NONE		= 0,	/* nothing is expected back */
	NVSP_XID_REQUEST	= 1,	/* an NVSP request */
	NVSP_XID_RNDIS		= 2,	/* an RNDIS control message */
	NVSP_XID_FRAME		= 3,	/* an RNDIS data message */
};

#define NVSP_XID_INDEX		GENMASK_ULL(15, 0)
#define NVSP_XID_GENERATION	GENMASK_ULL(47, 16)
#define NVSP_XID_KIND		GENMASK_ULL(63, 48)

/**
 * nvsp_xid() - make a transaction id
 * @kind: table that the id belongs to
 * @generation: how often the entry has been used
 * @index: entry of the table
 *
 * Context: Any.
 * Return: the id, never 0 for a kind other than NVSP_XID_NONE.
 */
static inline u64 nvsp_xid(enum nvsp_xid_kind kind, u32 generation, u16 index)
{
	return FIELD_PREP(NVSP_XID_KIND, kind) |
	       FIELD_PREP(NVSP_XID_GENERATION, generation) |
	       FIELD_PREP(NVSP_XID_INDEX, index);
}

/**
 * struct nvsp_ops - what the session tells its owner
 * @send_table: the host's wish for the channels to transmit on, by the low
 *	bits of a flow's hash; entries are unchecked channel numbers. Called
 *	from the NAPI poll of the primary channel.
 * @vf_association: whether there is a virtual function, and its serial; may be
 *	said several times. Likewise.
 * @data_path_back: the host has moved the data path off the virtual function by
 *	itself. Likewise.
 */
struct nvsp_ops {
	void (*send_table)(void *ctx, const u32 *channels, unsigned int n);
	void (*vf_association)(void *ctx, bool allocated, u32 serial);
	void (*data_path_back)(void *ctx);
};

/* Requests that can be under way at a time, abandoned ones included. */
#define NVSP_REQUESTS		4

/**
 * struct nvsp_request - one slot for a request that the host answers
 * @done: the answer has come, or none will
 * @generation: changes with every use, so that late answers miss
 * @expect: enum nvsp_msg_type of the answer; 0: any completion answers it
 * @busy: the slot is in use
 * @answered: the host has completed the request
 * @answer_len: bytes in @answer; 0: what has come is no answer
 * @answer: copy of the answer
 */
struct nvsp_request {
	struct completion done;
	u32 generation;
	u32 expect;
	bool busy;
	bool answered;
	u32 answer_len;
	u8 answer[NVSP_MSG_BYTES];
};

/**
 * struct nvsp - an NVSP session over an open primary channel
 * @dev: for messages
 * @channel: the primary channel
 * @ops: the owner's functions
 * @ctx: the argument of @ops
 * @version: NVSP_VERSION_*; 0 until nvsp_negotiate() has succeeded
 * @max_mdl_chain: ranges that the host says it takes in one packet
 * @recv: how the host cut the receive buffer
 * @recv.slot_size: bytes of one slot
 * @recv.num_slots: slots
 * @send: how the send buffer may be used
 * @send.section_size: bytes of one section, 0 when there is no send buffer
 * @send.num_sections: sections
 * @recv_shared: the host has been told of the receive buffer
 * @send_shared: the host has been told of the send buffer
 * @aborted: no answer is waited for any more
 * @silent: the last request timed out, be it one of this session or of the one
 *	before; requests come one at a time, as the owner's lock has it
 * @setting_up: all waits together end at @setup_end
 * @setup_end: in jiffies
 * @lock: protects @request; softirq-safe, innermost
 * @request: requests that are under way
 */
struct nvsp {
	struct device *dev;
	struct nvb_channel *channel;
	const struct nvsp_ops *ops;
	void *ctx;
	u32 version;
	u32 max_mdl_chain;
	struct {
		u32 slot_size;
		u32 num_slots;
	} recv;
	struct {
		u32 section_size;
		u32 num_sections;
	} send;
	bool recv_shared;
	bool send_shared;
	bool aborted;
	bool silent;
	bool setting_up;
	unsigned long setup_end;

	spinlock_t lock; /* see above */
	struct nvsp_request request[NVSP_REQUESTS];
};

void nvsp_init(struct nvsp *s, struct device *dev, struct nvb_channel *channel,
	       const struct nvsp_ops *ops, void *ctx);
void nvsp_setup_done(struct nvsp *s);
void nvsp_abort(struct nvsp *s);
bool nvsp_usable(const struct nvsp *s);
int nvsp_wait(struct nvsp *s, struct completion *done, unsigned int timeout_ms);
void nvsp_note_answer(struct nvsp *s, int err);

int nvsp_negotiate(struct nvsp *s);
const char *nvsp_version_name(const struct nvsp *s);
bool nvsp_can_coalesce(const struct nvsp *s);
bool nvsp_can_have_vf(const struct nvsp *s);
int nvsp_configure(struct nvsp *s, u32 frame_bytes);
u32 nvsp_recv_buffer_limit(const struct nvsp *s, u32 bytes);
int nvsp_share_recv_buffer(struct nvsp *s, u32 gpadl, u32 bytes);
int nvsp_share_send_buffer(struct nvsp *s, u32 gpadl, u32 bytes);
void nvsp_revoke_buffers(struct nvsp *s);
int nvsp_request_subchannels(struct nvsp *s, u32 want, u32 *granted);
int nvsp_switch_data_path(struct nvsp *s, bool vf);
int nvsp_send_control(struct nvsp *s, u64 page_address, u32 bytes, u64 xid);

int nvsp_receive_completion(struct nvsp *s, const struct nvb_packet *pkt);
int nvsp_receive_inband(struct nvsp *s, const struct nvb_packet *pkt);

#endif /* NVSP_H */
