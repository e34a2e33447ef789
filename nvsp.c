// SPDX-License-Identifier: GPL-2.0
/*
 * The NVSP session of a synthetic NIC.
 *
 * A request is one in-band packet whose transaction id names a slot in
 * struct nvsp; the host's answer is a completion with that id. Every wait is
 * bounded and ends early when the channel is rescinded or nvsp_abort() is
 * called. What is answered by nothing is sent with NVSP_XID_NONE and without
 * asking for a completion.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "wire/ndis.h"
#include "netvsc_trace.h"
#include "nvsp.h"
#include "nvsp_codec.h"

#define NVSP_HV_PAGE_BYTES	4096

/* The receive buffer that hosts of NVSP 1 and 2 accept. */
#define NVSP_LEGACY_RECV_BYTES	(15 * 1024 * 1024)

/* Newest first; there is no version 3, and a host takes exact values only. */
static const struct {
	u32 version;
	const char *name;
} nvsp_versions[] = {
	{ NVSP_VERSION_6_1, "6.1" },
	{ NVSP_VERSION_6, "6" },
	{ NVSP_VERSION_5, "5" },
	{ NVSP_VERSION_4, "4" },
	{ NVSP_VERSION_2, "2" },
	{ NVSP_VERSION_1, "1" },
};

/**
 * nvsp_init() - prepare a session
 * @s: the session
 * @dev: for messages
 * @channel: the primary channel, not open yet
 * @ops: the owner's functions
 * @ctx: the argument of @ops
 *
 * Generations go on from what they were: an answer to a request of the
 * previous session never fits one of this. A host that was silent in it stays
 * so until it answers. The first call is for zeroed memory.
 *
 * Context: Process context; no packet may be under way.
 */
void nvsp_init(struct nvsp *s, struct device *dev, struct nvb_channel *channel,
	       const struct nvsp_ops *ops, void *ctx)
{
	unsigned int i;

	s->dev = dev;
	s->channel = channel;
	s->ops = ops;
	s->ctx = ctx;
	s->version = 0;
	s->max_mdl_chain = 0;
	s->recv.slot_size = 0;
	s->recv.num_slots = 0;
	s->send.section_size = 0;
	s->send.num_sections = 0;
	s->recv_shared = false;
	s->send_shared = false;
	WRITE_ONCE(s->aborted, false);
	s->setting_up = true;
	s->setup_end = jiffies + msecs_to_jiffies(NVSP_SETUP_TIMEOUT_MS);
	spin_lock_init(&s->lock);
	for (i = 0; i < NVSP_REQUESTS; i++) {
		init_completion(&s->request[i].done);
		s->request[i].busy = false;
		s->request[i].generation++;
	}
}

/**
 * nvsp_setup_done() - all is agreed, from here on each wait is on its own
 * @s: the session
 *
 * Context: Process context.
 */
void nvsp_setup_done(struct nvsp *s)
{
	s->setting_up = false;
}

/**
 * nvsp_abort() - wake every waiter; none waits again
 * @s: the session
 *
 * For a device that goes away while somebody waits for its host.
 *
 * Context: Any but hard interrupt.
 */
void nvsp_abort(struct nvsp *s)
{
	unsigned int i;

	WRITE_ONCE(s->aborted, true);
	for (i = 0; i < NVSP_REQUESTS; i++)
		complete_all(&s->request[i].done);
}

/**
 * nvsp_usable() - whether it makes sense to talk to the host
 * @s: the session
 *
 * Context: Any.
 * Return: false after nvsp_abort() or when the channel is rescinded.
 */
bool nvsp_usable(const struct nvsp *s)
{
	return !READ_ONCE(s->aborted) && !nvb_channel_rescinded(s->channel);
}

/* What is left of a wait, with a host that is silent or at the setup's end. */
static unsigned int nvsp_bound(const struct nvsp *s, unsigned int timeout_ms)
{
	long left;

	if (s->silent)
		timeout_ms = min_t(unsigned int, timeout_ms,
				   NVSP_SHORT_TIMEOUT_MS);
	if (!s->setting_up)
		return timeout_ms;
	left = max_t(long, s->setup_end - jiffies, 0);

	return min(timeout_ms, jiffies_to_msecs(left));
}

/**
 * nvsp_wait() - wait for something that the host does
 * @s: the session
 * @done: completed when it has been done
 * @timeout_ms: milliseconds to wait at most; a silent host has less, and so
 *	has one that has taken long to agree on a session
 *
 * Context: Process context, may sleep.
 * Return: 0, -ETIMEDOUT, or -ENODEV when the device went away.
 */
int nvsp_wait(struct nvsp *s, struct completion *done, unsigned int timeout_ms)
{
	int err;

	if (!nvsp_usable(s))
		return -ENODEV;

	err = nvb_channel_wait(s->channel, done, nvsp_bound(s, timeout_ms));
	if (READ_ONCE(s->aborted))
		return -ENODEV;

	return err;
}

/**
 * nvsp_note_answer() - remember whether the host speaks
 * @s: the session
 * @err: what became of a request: -ETIMEDOUT and -ENODEV are no answer
 *
 * Context: Process context, whoever sent the request.
 */
void nvsp_note_answer(struct nvsp *s, int err)
{
	if (err != -ENODEV)
		s->silent = err == -ETIMEDOUT;
}

/* Returns -EAGAIN while the ring is full. */
static int nvsp_try_send(struct nvsp *s, const void *msg, u32 len, u64 xid)
{
	u16 flags = xid ? NVB_FLAG_COMPLETION_REQUESTED : 0;
	struct nvb_ring_out *out = &s->channel->out;
	bool signal;
	void *to;

	spin_lock_bh(&out->lock);
	to = nvb_out_claim(out, NVB_PACKET_INBAND, flags, xid, 0,
			   NVSP_MSG_BYTES);
	if (!to) {
		spin_unlock_bh(&out->lock);
		return -EAGAIN;
	}
	memcpy(to, msg, len);
	memset(to + len, 0, NVSP_MSG_BYTES - len);
	nvb_out_commit(out);
	signal = nvb_out_publish(out);
	spin_unlock_bh(&out->lock);
	if (signal)
		nvb_channel_signal(s->channel);

	return 0;
}

static unsigned long nvsp_send_end(const struct nvsp *s)
{
	return jiffies + msecs_to_jiffies(nvsp_bound(s, NVSP_TIMEOUT_MS));
}

/* Room in the ring comes as soon as the host runs: poll for it. */
static int nvsp_send(struct nvsp *s, const void *msg, u32 len, u64 xid)
{
	const struct nvsp_msg_hdr *hdr = msg;
	unsigned long end = nvsp_send_end(s);
	int err;

	trace_nvsp_send(s->dev, le32_to_cpu(hdr->type), len, xid);
	for (;;) {
		if (!nvsp_usable(s))
			return -ENODEV;
		err = nvsp_try_send(s, msg, len, xid);
		if (err != -EAGAIN)
			return err;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(500, 1000);
	}
}

static struct nvsp_request *nvsp_request_get(struct nvsp *s, u32 expect,
					     u64 *xid)
{
	struct nvsp_request *req = NULL;
	unsigned int i;

	spin_lock_bh(&s->lock);
	for (i = 0; i < NVSP_REQUESTS; i++) {
		if (s->request[i].busy)
			continue;
		req = &s->request[i];
		req->busy = true;
		req->answered = false;
		req->expect = expect;
		reinit_completion(&req->done);
		*xid = nvsp_xid(NVSP_XID_REQUEST, ++req->generation, i);
		break;
	}
	spin_unlock_bh(&s->lock);

	return req;
}

/**
 * nvsp_call() - one request and its answer
 * @s: the session
 * @msg: the request
 * @len: bytes of it
 * @expect: message type that answers it; 0: whatever completes it
 * @answer: where the answer goes
 * @answer_len: bytes of the answer that are needed; a host may send more
 *
 * Context: Process context, sleeps up to NVSP_TIMEOUT_MS, twice that if the
 * ring is full.
 * Return: 0, or -ETIMEDOUT, -ENODEV, -EBUSY, -EPROTO (the answer is short or of
 * another type).
 */
static int nvsp_call(struct nvsp *s, const void *msg, u32 len, u32 expect,
		     void *answer, u32 answer_len)
{
	struct nvsp_request *req;
	int err;
	u64 xid;

	req = nvsp_request_get(s, expect, &xid);
	if (!req)
		return -EBUSY;

	err = nvsp_send(s, msg, len, xid);
	if (!err)
		err = nvsp_wait(s, &req->done, NVSP_TIMEOUT_MS);

	spin_lock_bh(&s->lock);
	if (req->answered) {
		err = req->answer_len < answer_len ? -EPROTO : 0;
		if (!err && answer_len)
			memcpy(answer, req->answer, answer_len);
	} else if (!err) {
		err = -ENODEV;
	}
	/* From here on a late answer does not fit the slot any more. */
	req->generation++;
	req->busy = false;
	spin_unlock_bh(&s->lock);

	nvsp_note_answer(s, err);
	if (err == -ETIMEDOUT)
		dev_err(s->dev, "host did not answer NVSP message %u in time\n",
			le32_to_cpu(((const struct nvsp_msg_hdr *)msg)->type));

	return err;
}

/**
 * nvsp_receive_completion() - take the answer to an NVSP request
 * @s: the session
 * @pkt: a completion whose transaction id is of kind NVSP_XID_REQUEST
 *
 * One of another type than the request needs ends the request with -EPROTO: a
 * request is completed once, so no right answer will come.
 *
 * Context: NAPI poll of the primary channel.
 * Return: 0, or -EPROTO when nothing is waiting for this.
 */
int nvsp_receive_completion(struct nvsp *s, const struct nvb_packet *pkt)
{
	u32 generation = FIELD_GET(NVSP_XID_GENERATION, pkt->trans_id);
	u32 index = FIELD_GET(NVSP_XID_INDEX, pkt->trans_id);
	const struct nvsp_msg_hdr *hdr = pkt->payload;
	struct nvsp_request *req;
	int err = -EPROTO;
	u32 type = 0;

	if (index >= NVSP_REQUESTS)
		return -EPROTO;

	if (pkt->payload_len >= sizeof(*hdr))
		type = le32_to_cpu(hdr->type);
	req = &s->request[index];
	spin_lock_bh(&s->lock);
	if (req->busy && !req->answered && req->generation == generation) {
		req->answer_len = 0;
		if (!req->expect || req->expect == type) {
			req->answer_len = min_t(u32, pkt->payload_len,
						sizeof(req->answer));
			memcpy(req->answer, pkt->payload, req->answer_len);
			err = 0;
		}
		req->answered = true;
		complete(&req->done);
	}
	spin_unlock_bh(&s->lock);

	return err;
}

static int nvsp_receive_table(struct nvsp *s, const struct nvb_packet *pkt)
{
	u32 table[NVSP_INDIRECTION_ENTRIES];
	int err;

	err = nvsp_parse_table(pkt->payload, pkt->payload_len, s->version,
			       table);
	if (err)
		return err;
	s->ops->send_table(s->ctx, table, ARRAY_SIZE(table));

	return 0;
}

/* A host for which there can be none may say so all the same. */
static int nvsp_receive_association(struct nvsp *s,
				    const struct nvb_packet *pkt)
{
	bool allocated;
	u32 serial;
	int err;

	if (!nvsp_can_have_vf(s))
		return 0;
	err = nvsp_parse_association(pkt->payload, pkt->payload_len,
				     &allocated, &serial);
	if (!err)
		s->ops->vf_association(s->ctx, allocated, serial);

	return err;
}

/* That there is a VF to be used is for the association to say. */
static int nvsp_receive_data_path(struct nvsp *s, const struct nvb_packet *pkt)
{
	bool vf;
	int err;

	if (!nvsp_can_have_vf(s))
		return 0;
	err = nvsp_parse_data_path(pkt->payload, pkt->payload_len, &vf);
	if (!err && !vf)
		s->ops->data_path_back(s->ctx);

	return err;
}

/**
 * nvsp_receive_inband() - take a message that the host sends on its own
 * @s: the session
 * @pkt: the packet
 *
 * No completion is sent even where one is asked for: hosts do not wait for it.
 *
 * Context: NAPI poll of the primary channel.
 * Return: 0, or -EPROTO for what the host must not send.
 */
int nvsp_receive_inband(struct nvsp *s, const struct nvb_packet *pkt)
{
	const struct nvsp_msg_hdr *hdr = pkt->payload;

	if (pkt->payload_len < sizeof(*hdr))
		return -EPROTO;

	switch (le32_to_cpu(hdr->type)) {
	case NVSP_MSG_SEND_INDIRECTION_TABLE:
		return nvsp_receive_table(s, pkt);
	case NVSP_MSG_SEND_VF_ASSOCIATION:
		return nvsp_receive_association(s, pkt);
	case NVSP_MSG_SWITCH_DATA_PATH:
		return nvsp_receive_data_path(s, pkt);
	case NVSP_MSG_UPLINK_CONNECT_STATE:
		return 0;
	default:
		return -EPROTO;
	}
}

/* Returns -EPROTONOSUPPORT when the host knows no such version. */
static int nvsp_try_version(struct nvsp *s, u32 version)
{
	struct nvsp_msg_init_complete answer;
	struct nvsp_msg_init msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_INIT),
		.version = cpu_to_le32(version),
		.version_max = cpu_to_le32(version),
	};
	int err;

	err = nvsp_call(s, &msg, sizeof(msg), NVSP_MSG_INIT_COMPLETE,
			&answer, sizeof(answer));
	if (err)
		return err;
	if (le32_to_cpu(answer.status) != NVSP_STATUS_SUCCESS)
		return -EPROTONOSUPPORT;

	s->max_mdl_chain = le32_to_cpu(answer.max_mdl_chain);
	s->version = version;

	return 0;
}

/**
 * nvsp_negotiate() - agree with the host on the newest common version
 * @s: a session whose channel has just been opened
 *
 * Hosts that know of isolated guests know 6.1 as well. One that does not was
 * not made with such guests in mind, or wants a protocol with less to check.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EPROTONOSUPPORT, or as nvsp_call().
 */
int nvsp_negotiate(struct nvsp *s)
{
	bool isolated = nvb_guest_isolated();
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(nvsp_versions); i++) {
		if (isolated && nvsp_versions[i].version < NVSP_VERSION_6_1)
			break;
		err = nvsp_try_version(s, nvsp_versions[i].version);
		if (err != -EPROTONOSUPPORT)
			return err;
	}
	if (isolated)
		dev_err(s->dev, "an isolated guest needs NVSP 6.1, which the host refuses\n");
	else
		dev_err(s->dev, "host and driver have no NVSP version in common\n");

	return -EPROTONOSUPPORT;
}

/**
 * nvsp_version_name() - how people call the version of a session
 * @s: the session
 *
 * Context: Any.
 * Return: a constant string, "none" before nvsp_negotiate() has succeeded.
 */
const char *nvsp_version_name(const struct nvsp *s)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nvsp_versions); i++) {
		if (nvsp_versions[i].version == s->version)
			return nvsp_versions[i].name;
	}

	return "none";
}

/**
 * nvsp_can_coalesce() - whether coalesced frames fit into this protocol
 * @s: a session with a version
 *
 * Context: Any.
 * Return: true if a host that can coalesce may be asked to.
 */
bool nvsp_can_coalesce(const struct nvsp *s)
{
	return s->version >= NVSP_VERSION_6_1;
}

/**
 * nvsp_can_have_vf() - whether a virtual function may be used
 * @s: a session with a version
 *
 * Not in an isolated guest: the function would read and write memory that is
 * hidden.
 *
 * Context: Any.
 * Return: true if the host may be asked for one.
 */
bool nvsp_can_have_vf(const struct nvsp *s)
{
	return s->version >= NVSP_VERSION_5 && !nvb_guest_isolated();
}

/* Nobody answers these two, and the host reads them in order. */
static int nvsp_send_ndis_config(struct nvsp *s, u32 frame_bytes)
{
	struct nvsp_msg_ndis_config msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_CONFIG),
		.mtu = cpu_to_le32(frame_bytes),
	};
	u64 caps = NVSP_NDIS_CAP_8021Q;

	/* Without teaming the host does not tell of link speed changes. */
	if (s->version >= NVSP_VERSION_5)
		caps |= NVSP_NDIS_CAP_TEAMING;
	if (nvsp_can_coalesce(s))
		caps |= NVSP_NDIS_CAP_RSC;
	if (nvsp_can_have_vf(s))
		caps |= NVSP_NDIS_CAP_SRIOV;
	msg.capabilities = cpu_to_le64(caps);

	return nvsp_send(s, &msg, sizeof(msg), NVSP_XID_NONE);
}

static int nvsp_send_ndis_version(struct nvsp *s)
{
	u32 version = s->version > NVSP_VERSION_4 ? NDIS_VERSION_6_30 :
						    NDIS_VERSION_6_1;
	struct nvsp_msg_ndis_version msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_VERSION),
		.major = cpu_to_le32(FIELD_GET(NDIS_VERSION_MAJOR, version)),
		.minor = cpu_to_le32(FIELD_GET(NDIS_VERSION_MINOR, version)),
	};

	return nvsp_send(s, &msg, sizeof(msg), NVSP_XID_NONE);
}

/**
 * nvsp_configure() - tell the host the frame size and what we can do
 * @s: a session with a version
 * @frame_bytes: longest frame, with its Ethernet header
 *
 * The host cuts the receive buffer by this size, so it comes first.
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno.
 */
int nvsp_configure(struct nvsp *s, u32 frame_bytes)
{
	int err;

	if (s->version >= NVSP_VERSION_2) {
		err = nvsp_send_ndis_config(s, frame_bytes);
		if (err)
			return err;
	}

	return nvsp_send_ndis_version(s);
}

/**
 * nvsp_recv_buffer_limit() - the receive buffer that this host takes
 * @s: a session with a version
 * @bytes: the wish
 *
 * Context: Any.
 * Return: bytes, no more than @bytes.
 */
u32 nvsp_recv_buffer_limit(const struct nvsp *s, u32 bytes)
{
	if (s->version <= NVSP_VERSION_2)
		return min_t(u32, bytes, NVSP_LEGACY_RECV_BYTES);

	return bytes;
}

static int nvsp_check_recv(struct nvsp *s, u32 bytes,
			   const struct nvsp_msg_recv_buffer_complete *answer)
{
	int err;

	err = nvsp_parse_recv_buffer(answer, bytes, &s->recv.slot_size,
				     &s->recv.num_slots);
	if (err == -EIO)
		dev_err(s->dev, "host refused the receive buffer, status %u\n",
			le32_to_cpu(answer->status));
	else if (err)
		dev_err(s->dev, "host cut the receive buffer into nonsense: %u sections, %u slots of %u bytes\n",
			le32_to_cpu(answer->num_sections),
			le32_to_cpu(answer->section.num_slots),
			le32_to_cpu(answer->section.slot_size));

	return err;
}

/**
 * nvsp_share_recv_buffer() - give the host memory to put frames into
 * @s: a configured session
 * @gpadl: the buffer
 * @bytes: its size
 *
 * Context: Process context, may sleep.
 * Return: 0, with @s->recv filled in, or a negative errno.
 */
int nvsp_share_recv_buffer(struct nvsp *s, u32 gpadl, u32 bytes)
{
	struct nvsp_msg_recv_buffer_complete answer;
	struct nvsp_msg_buffer msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUFFER),
		.gpadl = cpu_to_le32(gpadl),
		.id = cpu_to_le16(NVSP_RECV_BUFFER_ID),
	};
	int err;

	s->recv_shared = true;
	err = nvsp_call(s, &msg, sizeof(msg),
			NVSP_MSG_SEND_RECV_BUFFER_COMPLETE,
			&answer, sizeof(answer));
	if (err)
		return err;

	return nvsp_check_recv(s, bytes, &answer);
}

/**
 * nvsp_share_send_buffer() - give the host memory to take short frames from
 * @s: a session with a receive buffer
 * @gpadl: the buffer
 * @bytes: its size
 *
 * A host that refuses it, or wants sections of no use, leaves a device that
 * works without; @s->send.section_size stays 0.
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative errno when the host cannot be talked to.
 */
int nvsp_share_send_buffer(struct nvsp *s, u32 gpadl, u32 bytes)
{
	struct nvsp_msg_send_buffer_complete answer;
	struct nvsp_msg_buffer msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUFFER),
		.gpadl = cpu_to_le32(gpadl),
		.id = cpu_to_le16(NVSP_SEND_BUFFER_ID),
	};
	int err;

	s->send_shared = true;
	err = nvsp_call(s, &msg, sizeof(msg),
			NVSP_MSG_SEND_SEND_BUFFER_COMPLETE,
			&answer, sizeof(answer));
	if (err)
		return err;

	if (nvsp_parse_send_buffer(&answer, bytes, &s->send.section_size,
				   &s->send.num_sections))
		dev_warn(s->dev, "no usable send buffer (status %u, sections of %u bytes)\n",
			 le32_to_cpu(answer.status),
			 le32_to_cpu(answer.section_size));

	return 0;
}

/**
 * nvsp_revoke_buffers() - take the buffers back before the channel is closed
 * @s: the session
 *
 * The last words on the channel: a host may stop reading its ring here. It
 * never answers, and what makes the memory ours again is the closing.
 *
 * Context: Process context, may sleep.
 */
void nvsp_revoke_buffers(struct nvsp *s)
{
	struct nvsp_msg_revoke_buffer msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_REVOKE_RECV_BUFFER),
		.id = cpu_to_le16(NVSP_RECV_BUFFER_ID),
	};

	if (s->recv_shared)
		nvsp_send(s, &msg, sizeof(msg), NVSP_XID_NONE);
	s->recv_shared = false;

	msg.hdr.type = cpu_to_le32(NVSP_MSG_REVOKE_SEND_BUFFER);
	msg.id = cpu_to_le16(NVSP_SEND_BUFFER_ID);
	if (s->send_shared)
		nvsp_send(s, &msg, sizeof(msg), NVSP_XID_NONE);
	s->send_shared = false;
}

/**
 * nvsp_request_subchannels() - ask for more channels
 * @s: a session of NVSP 5 or later, its RNDIS device initialised
 * @want: channels beside the primary
 * @granted: how many the host will offer, no more than @want
 *
 * The offers come one by one, after this has returned or before.
 *
 * Context: Process context, may sleep.
 * Return: 0, also when the host grants none, or a negative errno.
 */
int nvsp_request_subchannels(struct nvsp *s, u32 want, u32 *granted)
{
	struct nvsp_msg_subchannel_complete answer;
	struct nvsp_msg_subchannel msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SUBCHANNEL),
		.op = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE),
		.num = cpu_to_le32(want),
	};
	int err;

	*granted = 0;
	err = nvsp_call(s, &msg, sizeof(msg), NVSP_MSG_SUBCHANNEL_COMPLETE,
			&answer, sizeof(answer));
	if (err)
		return err;
	err = nvsp_parse_subchannels(&answer, want, granted);
	if (err)
		dev_err(s->dev, "host grants %u subchannels of %u\n",
			le32_to_cpu(answer.num), want);

	return err;
}

/**
 * nvsp_switch_data_path() - have the host move the frames
 * @s: a session in which nvsp_can_have_vf()
 * @vf: to the virtual function, or back to this channel
 *
 * The completion only says that the host has dealt with the request: what it
 * could not do it takes back, by &nvsp_ops.data_path_back.
 *
 * A host that is late moves the data path when nobody counts on it any more.
 * Requests are dealt with in order, so another one, for which nobody waits,
 * then brings it back.
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno, as nvsp_call().
 */
int nvsp_switch_data_path(struct nvsp *s, bool vf)
{
	struct nvsp_msg_switch_data_path msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH),
		.active = cpu_to_le32(vf ? NVSP_DATA_PATH_VF :
					   NVSP_DATA_PATH_SYNTHETIC),
	};
	int err;

	err = nvsp_call(s, &msg, sizeof(msg), 0, NULL, 0);
	if (err != -ETIMEDOUT || !vf)
		return err;

	msg.active = cpu_to_le32(NVSP_DATA_PATH_SYNTHETIC);
	nvsp_try_send(s, &msg, sizeof(msg), NVSP_XID_NONE);

	return err;
}

static int nvsp_try_control(struct nvsp *s, u64 address, u32 bytes, u64 xid)
{
	const u32 ext_len = sizeof(struct nvb_gpa_hdr) +
			    sizeof(struct nvb_gpa_range) + sizeof(__le64);
	struct nvb_ring_out *out = &s->channel->out;
	struct nvsp_msg_rndis_packet msg = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET),
		.channel_type = cpu_to_le32(NVSP_CHANNEL_CONTROL),
		.section = cpu_to_le32(NVSP_SECTION_NONE),
	};
	struct nvb_gpa_range *range;
	struct nvb_gpa_hdr *hdr;
	bool signal;

	spin_lock_bh(&out->lock);
	hdr = nvb_out_claim(out, NVB_PACKET_GPA_DIRECT,
			    NVB_FLAG_COMPLETION_REQUESTED, xid, ext_len,
			    NVSP_MSG_BYTES);
	if (!hdr) {
		spin_unlock_bh(&out->lock);
		return -EAGAIN;
	}
	hdr->reserved = 0;
	hdr->range_count = cpu_to_le32(1);
	range = (struct nvb_gpa_range *)(hdr + 1);
	range->byte_count = cpu_to_le32(bytes);
	range->byte_offset = cpu_to_le32(address % NVSP_HV_PAGE_BYTES);
	range->pfn[0] = cpu_to_le64(address / NVSP_HV_PAGE_BYTES);
	memcpy((void *)hdr + ext_len, &msg, sizeof(msg));
	memset((void *)hdr + ext_len + sizeof(msg), 0,
	       NVSP_MSG_BYTES - sizeof(msg));
	nvb_out_commit(out);
	signal = nvb_out_publish(out);
	spin_unlock_bh(&out->lock);
	if (signal)
		nvb_channel_signal(s->channel);

	return 0;
}

/**
 * nvsp_send_control() - send an RNDIS control message
 * @s: the session
 * @page_address: physical address of the message
 * @bytes: its length; it may not cross a 4 KiB page
 * @xid: transaction id of kind NVSP_XID_RNDIS; the memory is the host's until
 *	the completion with this id
 *
 * Context: Process context, sleeps while the ring is full.
 * Return: 0, -ETIMEDOUT (nothing was sent) or -ENODEV (likewise).
 */
int nvsp_send_control(struct nvsp *s, u64 page_address, u32 bytes, u64 xid)
{
	unsigned long end = nvsp_send_end(s);
	int err;

	if (WARN_ON_ONCE(page_address % NVSP_HV_PAGE_BYTES + bytes >
			 NVSP_HV_PAGE_BYTES))
		return -EINVAL;

	trace_nvsp_send_pkt(s->dev, 0, NVSP_CHANNEL_CONTROL, NVSP_SECTION_NONE,
			    0, bytes, xid);
	for (;;) {
		if (!nvsp_usable(s))
			return -ENODEV;
		err = nvsp_try_control(s, page_address, bytes, xid);
		if (err != -EAGAIN)
			return err;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(500, 1000);
	}
}
