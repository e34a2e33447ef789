// SPDX-License-Identifier: GPL-2.0
/*
 * The RNDIS session of a synthetic NIC.
 *
 * A request is a control message in a page of its own, which the host reads
 * by its physical address. It is built elsewhere, and the page is only written:
 * what is in there, a host can change. Two things come back, in either order: the NVSP
 * completion, after which the page is ours again, and the answer, in a slot of
 * the receive buffer. A request that is given up keeps its page until the
 * first has come or the channel is closed; the second then fits no slot.
 *
 * The request id that the host echoes is the slot's index in the low bits and
 * its generation above, so that an answer finds its slot and nothing else
 * does.
 */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vmbus_glue/compat.h"
#include "netvsc_trace.h"
#include "nvsp.h"
#include "rndis_filter.h"

#define RNDIS_PAGE_BYTES	4096

/* The transfer size of the initialisation; hosts do not look at it. */
#define RNDIS_MAX_TRANSFER	0x4000

#define RNDIS_ID_INDEX		GENMASK(3, 0)
#define RNDIS_ID_GENERATION	GENMASK(31, 4)
static_assert(RNDIS_REQUESTS <= 16);

/* NDIS objects of later revisions are longer than those that we know. */
#define RNDIS_OBJECT_BYTES	256

/* The longest name that a host may give its NIC, in UTF-16 code units. */
#define RNDIS_NAME_UNITS	256

/**
 * rndis_filter_create() - allocate what requests need
 * @rf: zeroed memory
 * @hidden: the host sees of the guest's memory only what is made visible
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int rndis_filter_create(struct rndis_filter *rf, bool hidden)
{
	unsigned int i;

	spin_lock_init(&rf->lock);
	for (i = 0; i < RNDIS_REQUESTS; i++) {
		struct rndis_request *req = &rf->request[i];

		init_completion(&req->done);
		req->message = kzalloc(RNDIS_PAGE_BYTES, GFP_KERNEL);
		req->answer = kzalloc(RNDIS_ANSWER_BYTES, GFP_KERNEL);
		if (!req->message || !req->answer ||
		    nvb_pages_alloc(&req->shared, RNDIS_PAGE_BYTES,
				    NUMA_NO_NODE, hidden)) {
			rndis_filter_destroy(rf);
			return -ENOMEM;
		}
	}

	return 0;
}

/**
 * rndis_filter_destroy() - free what rndis_filter_create() allocated
 * @rf: the session; its channel is closed
 *
 * Context: Process context.
 */
void rndis_filter_destroy(struct rndis_filter *rf)
{
	unsigned int i;

	for (i = 0; i < RNDIS_REQUESTS; i++) {
		nvb_pages_free(&rf->request[i].shared);
		kfree(rf->request[i].message);
		kfree(rf->request[i].answer);
		rf->request[i].message = NULL;
		rf->request[i].answer = NULL;
	}
}

/**
 * rndis_filter_start() - prepare a session on a new NVSP session
 * @rf: created, and not in use
 * @dev: for messages
 * @nvsp: what it goes over
 * @ops: the owner's functions
 * @ctx: the argument of @ops
 *
 * Context: Process context.
 */
void rndis_filter_start(struct rndis_filter *rf, struct device *dev,
			struct nvsp *nvsp, const struct rndis_filter_ops *ops,
			void *ctx)
{
	rf->dev = dev;
	rf->nvsp = nvsp;
	rf->ops = ops;
	rf->ctx = ctx;
	rf->max_packets = 1;
	rf->max_transfer = 0;
	rf->alignment = 1;
	rf->initialised = false;
}

/**
 * rndis_filter_abort() - wake every waiter; nvsp_abort() has been called
 * @rf: the session
 *
 * Context: Any but hard interrupt.
 */
void rndis_filter_abort(struct rndis_filter *rf)
{
	unsigned int i;

	for (i = 0; i < RNDIS_REQUESTS; i++)
		complete_all(&rf->request[i].done);
}

/**
 * rndis_filter_closed() - the channel is closed: the host has no page of ours
 * @rf: the session
 *
 * Context: Process context; no packet may be under way.
 */
void rndis_filter_closed(struct rndis_filter *rf)
{
	unsigned int i;

	spin_lock_bh(&rf->lock);
	for (i = 0; i < RNDIS_REQUESTS; i++) {
		rf->request[i].host_has_page = false;
		rf->request[i].generation++;
	}
	spin_unlock_bh(&rf->lock);
	rf->initialised = false;
}

static u32 rndis_request_id(const struct rndis_filter *rf,
			    const struct rndis_request *req)
{
	return FIELD_PREP(RNDIS_ID_INDEX, req - rf->request) |
	       FIELD_PREP(RNDIS_ID_GENERATION,
			  req->generation & (RNDIS_ID_GENERATION >> 4));
}

/* Requests of one session are few and short: no waiting for a free slot. */
static struct rndis_request *rndis_request_get(struct rndis_filter *rf,
					       u32 expect)
{
	struct rndis_request *req = NULL;
	unsigned int i;

	spin_lock_bh(&rf->lock);
	for (i = 0; i < RNDIS_REQUESTS; i++) {
		if (rf->request[i].busy || rf->request[i].host_has_page)
			continue;
		req = &rf->request[i];
		req->busy = true;
		req->answered = false;
		req->answer_len = 0;
		req->error = 0;
		req->expect = expect;
		req->generation++;
		reinit_completion(&req->done);
		break;
	}
	spin_unlock_bh(&rf->lock);

	return req;
}

static void rndis_request_put(struct rndis_filter *rf,
			      struct rndis_request *req)
{
	spin_lock_bh(&rf->lock);
	req->busy = false;
	spin_unlock_bh(&rf->lock);
}

static int rndis_status_errno(u32 status)
{
	switch (status) {
	case RNDIS_STATUS_SUCCESS:
		return 0;
	case RNDIS_STATUS_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case RNDIS_STATUS_INVALID_DATA:
		return -EINVAL;
	default:
		return -EIO;
	}
}

static int rndis_request_send(struct rndis_filter *rf,
			      struct rndis_request *req, u32 bytes)
{
	u64 xid = nvsp_xid(NVSP_XID_RNDIS, req->generation, req - rf->request);
	const struct rndis_msg_hdr *hdr = req->message;
	int err;

	trace_rndis_send(rf->dev, 0, rndis_request_id(rf, req),
			 le32_to_cpu(hdr->type), bytes);
	spin_lock_bh(&rf->lock);
	req->host_has_page = true;
	spin_unlock_bh(&rf->lock);

	memcpy(req->shared.va, req->message, bytes);
	memset(req->shared.va + bytes, 0, RNDIS_PAGE_BYTES - bytes);
	err = nvsp_send_control(rf->nvsp, req->shared.phys, bytes, xid);
	if (err) {
		/* It never left. */
		spin_lock_bh(&rf->lock);
		req->host_has_page = false;
		spin_unlock_bh(&rf->lock);
	}

	return err;
}

static void rndis_tell_silence(const struct rndis_filter *rf,
			       const struct rndis_request *req)
{
	const struct rndis_msg_hdr *hdr = req->message;
	const struct rndis_query_request *query = (const void *)(hdr + 1);
	u32 type = le32_to_cpu(hdr->type), oid = 0;

	/* SET has it in the same place, the others have none. */
	if (type == RNDIS_MSG_QUERY || type == RNDIS_MSG_SET)
		oid = le32_to_cpu(query->oid);
	dev_err(rf->dev, "host did not answer RNDIS message %u (object 0x%x) in time\n",
		type, oid);
}

/**
 * rndis_call() - send a request and wait for its answer
 * @rf: the session
 * @req: a slot with the message
 * @bytes: length of the message, or the error of its builder
 * @ctl: the answer, parsed; its information is in @req until
 *	rndis_request_put(). NULL for a message that is only received for.
 * @timeout_ms: how long to wait
 *
 * Context: Process context, may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV, -EPROTO (the answer was malformed or of
 * another type), or what the host's status means.
 */
static int rndis_call(struct rndis_filter *rf, struct rndis_request *req,
		      int bytes, struct rndis_control *ctl,
		      unsigned int timeout_ms)
{
	int err;

	if (bytes < 0)
		return bytes;

	err = rndis_request_send(rf, req, bytes);
	if (!err)
		err = nvsp_wait(rf->nvsp, &req->done, timeout_ms);

	spin_lock_bh(&rf->lock);
	if (req->error)
		err = req->error;
	else if (req->answered)
		err = 0;
	else if (!err)
		err = -ENODEV;
	/* From here on a late answer fits no slot. */
	req->expect = RNDIS_MSG_PACKET;
	spin_unlock_bh(&rf->lock);
	nvsp_note_answer(rf->nvsp, err);
	if (err == -ETIMEDOUT)
		rndis_tell_silence(rf, req);
	if (err || !ctl)
		return err;
	err = rndis_parse_control(req->answer, req->answer_len, ctl);
	if (err)
		return err;

	return rndis_status_errno(ctl->status);
}

/**
 * rndis_filter_init_device() - bring up the host's RNDIS device
 * @rf: a session on a configured NVSP session
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_init_device(struct rndis_filter *rf)
{
	struct rndis_request *req;
	struct rndis_control ctl;
	int bytes, err;

	req = rndis_request_get(rf, RNDIS_MSG_INIT_COMPLETE);
	if (!req)
		return -EBUSY;

	bytes = rndis_build_init(req->message, RNDIS_PAGE_BYTES,
				 rndis_request_id(rf, req), RNDIS_MAX_TRANSFER);
	err = rndis_call(rf, req, bytes, &ctl, RNDIS_TIMEOUT_MS);
	if (!err) {
		rf->max_packets = ctl.init.max_packets;
		rf->max_transfer = ctl.init.max_transfer;
		rf->alignment = ctl.init.alignment;
		rf->initialised = true;
	}
	rndis_request_put(rf, req);

	return err;
}

/**
 * rndis_filter_halt_device() - the opposite of rndis_filter_init_device()
 * @rf: the session
 *
 * There is no answer to this; the host's receipt is waited for.
 *
 * Context: Process context, sleeps up to RNDIS_SHORT_TIMEOUT_MS.
 */
void rndis_filter_halt_device(struct rndis_filter *rf)
{
	struct rndis_request *req;
	int bytes, err;

	if (!rf->initialised)
		return;

	rf->initialised = false;
	req = rndis_request_get(rf, 0);
	if (!req)
		return;

	bytes = rndis_build_halt(req->message, RNDIS_PAGE_BYTES,
				 rndis_request_id(rf, req));
	err = rndis_call(rf, req, bytes, NULL, RNDIS_SHORT_TIMEOUT_MS);
	if (err && err != -ENODEV)
		dev_warn(rf->dev, "halting the RNDIS device failed: %d\n", err);
	rndis_request_put(rf, req);
}

/**
 * rndis_filter_query() - ask the host for an object
 * @rf: the session
 * @oid: OID_*
 * @ask: what the host wants to see with the question; NULL for nothing
 * @ask_len: bytes of it
 * @info: where the object goes
 * @info_len: in: room; out: bytes of the object that were stored
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0, -EOPNOTSUPP when the host does not know it, or another errno.
 */
int rndis_filter_query(struct rndis_filter *rf, u32 oid, const void *ask,
		       u32 ask_len, void *info, u32 *info_len)
{
	struct rndis_request *req;
	struct rndis_control ctl;
	int bytes, err;

	req = rndis_request_get(rf, RNDIS_MSG_QUERY_COMPLETE);
	if (!req)
		return -EBUSY;

	bytes = rndis_build_query(req->message, RNDIS_PAGE_BYTES,
				  rndis_request_id(rf, req), oid, ask, ask_len);
	err = rndis_call(rf, req, bytes, &ctl, RNDIS_TIMEOUT_MS);
	if (!err) {
		*info_len = min(*info_len, ctl.info_len);
		memcpy(info, req->answer + ctl.info_offset, *info_len);
	}
	rndis_request_put(rf, req);

	return err;
}

/**
 * rndis_filter_query_u32() - ask the host for a number
 * @rf: the session
 * @oid: OID_*
 * @value: the answer
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_query_u32(struct rndis_filter *rf, u32 oid, u32 *value)
{
	__le32 info = 0;
	u32 len = sizeof(info);
	int err;

	err = rndis_filter_query(rf, oid, NULL, 0, &info, &len);
	if (err)
		return err;

	return rndis_parse_u32(&info, len, value);
}

/**
 * rndis_filter_query_mac() - ask the host for the permanent address
 * @rf: the session
 * @mac: ETH_ALEN bytes
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0, -EADDRNOTAVAIL for an answer that is no unicast address, or
 * another errno.
 */
int rndis_filter_query_mac(struct rndis_filter *rf, u8 *mac)
{
	u32 len = ETH_ALEN;
	int err;

	err = rndis_filter_query(rf, OID_802_3_PERMANENT_ADDRESS, NULL, 0,
				 mac, &len);
	if (err)
		return err;
	if (len != ETH_ALEN || !is_valid_ether_addr(mac))
		return -EADDRNOTAVAIL;

	return 0;
}

/**
 * rndis_filter_query_name() - ask the host for the name of its NIC
 * @rf: the session
 * @name: UTF-8, terminated; cut at a character if it is too long
 * @room: bytes of @name
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_query_name(struct rndis_filter *rf, char *name, u32 room)
{
	u32 len = RNDIS_NAME_UNITS * sizeof(__le16);
	__le16 *utf16;
	int err;

	utf16 = kzalloc(len, GFP_KERNEL);
	if (!utf16)
		return -ENOMEM;

	err = rndis_filter_query(rf, OID_GEN_FRIENDLY_NAME, NULL, 0, utf16,
				 &len);
	if (!err)
		rndis_parse_name(utf16, len, name, room);
	kfree(utf16);

	return err;
}

/* The revision of an object goes with the NDIS version that was announced. */
static void rndis_offload_header(const struct rndis_filter *rf,
				 struct ndis_object_hdr *hdr)
{
	u16 size;

	hdr->type = NDIS_OBJECT_OFFLOAD;
	if (rf->nvsp->version >= NVSP_VERSION_5) {
		hdr->revision = 3;
		size = NDIS_OFFLOAD_SIZE_REV3;
	} else if (rf->nvsp->version >= NVSP_VERSION_4) {
		hdr->revision = 2;
		size = NDIS_OFFLOAD_SIZE_REV2;
	} else {
		hdr->revision = 1;
		size = NDIS_OFFLOAD_SIZE_REV1;
	}
	hdr->size = cpu_to_le16(size);
}

/**
 * rndis_filter_query_offload() - ask what the host can compute
 * @rf: the session
 * @caps: the answer
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_query_offload(struct rndis_filter *rf,
			       struct rndis_offload_caps *caps)
{
	struct ndis_offload ask = {};
	u8 info[RNDIS_OBJECT_BYTES];
	u32 len = sizeof(info);
	int err;

	rndis_offload_header(rf, &ask.hdr);
	err = rndis_filter_query(rf, OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES,
				 &ask, le16_to_cpu(ask.hdr.size), info, &len);
	if (err)
		return err;

	return rndis_parse_offload(info, len, caps);
}

/**
 * rndis_filter_query_rss() - ask how the host can spread received frames
 * @rf: the session
 * @caps: the answer
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_query_rss(struct rndis_filter *rf,
			   struct rndis_rss_caps *caps)
{
	struct ndis_rss_caps ask = {
		.hdr.type = NDIS_OBJECT_RSS_CAPS,
		.hdr.revision = 2,
		.hdr.size = cpu_to_le16(NDIS_RSS_CAPS_SIZE_REV2),
	};
	u8 info[RNDIS_OBJECT_BYTES];
	u32 len = sizeof(info);
	int err;

	err = rndis_filter_query(rf, OID_GEN_RECEIVE_SCALE_CAPABILITIES,
				 &ask, sizeof(ask), info, &len);
	if (err)
		return err;

	return rndis_parse_rss_caps(info, len, caps);
}

static int rndis_filter_set(struct rndis_filter *rf, u32 oid, const void *info,
			    u32 info_len, unsigned int timeout_ms)
{
	struct rndis_request *req;
	struct rndis_control ctl;
	int bytes, err;

	req = rndis_request_get(rf, RNDIS_MSG_SET_COMPLETE);
	if (!req)
		return -EBUSY;

	bytes = rndis_build_set(req->message, RNDIS_PAGE_BYTES,
				rndis_request_id(rf, req), oid, info, info_len);
	err = rndis_call(rf, req, bytes, &ctl, timeout_ms);
	rndis_request_put(rf, req);

	return err;
}

/**
 * rndis_filter_set_packet_filter() - choose the frames that the host delivers
 * @rf: the session
 * @filter: RNDIS_FILTER_*; 0 stops reception
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS, to stop up to
 * RNDIS_SHORT_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_set_packet_filter(struct rndis_filter *rf, u32 filter)
{
	__le32 info = cpu_to_le32(filter);

	return rndis_filter_set(rf, OID_GEN_CURRENT_PACKET_FILTER, &info,
				sizeof(info), filter ? RNDIS_TIMEOUT_MS :
						       RNDIS_SHORT_TIMEOUT_MS);
}

/**
 * rndis_filter_set_offload() - choose what the host computes
 * @rf: the session
 * @params: everything but the header, which is filled in here
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_set_offload(struct rndis_filter *rf,
			     const struct ndis_offload_params *params)
{
	struct ndis_offload_params info = *params;
	u16 size;

	info.hdr.type = NDIS_OBJECT_DEFAULT;
	if (rf->nvsp->version >= NVSP_VERSION_5) {
		info.hdr.revision = 3;
		size = NDIS_OFFLOAD_PARAMS_SIZE_REV3;
	} else {
		info.hdr.revision = 1;
		size = NDIS_OFFLOAD_PARAMS_SIZE_REV1;
		/* Offloading UDP came with NDIS 6.30. */
		info.udp_ipv4_csum = NDIS_OFFLOAD_KEEP;
		info.udp_ipv6_csum = NDIS_OFFLOAD_KEEP;
	}
	info.hdr.size = cpu_to_le16(size);

	return rndis_filter_set(rf, OID_TCP_OFFLOAD_PARAMETERS, &info, size,
				RNDIS_TIMEOUT_MS);
}

static int rndis_filter_send_rss(struct rndis_filter *rf,
				 const struct rndis_rss_config *rss)
{
	int len, err;
	void *info;

	info = kzalloc(RNDIS_RSS_PARAMS_MAX_BYTES, GFP_KERNEL);
	if (!info)
		return -ENOMEM;

	len = rndis_build_rss_params(info, RNDIS_RSS_PARAMS_MAX_BYTES, rss);
	err = len < 0 ? len : rndis_filter_set(rf,
					       OID_GEN_RECEIVE_SCALE_PARAMETERS,
					       info, len, RNDIS_TIMEOUT_MS);
	kfree(info);

	return err;
}

/**
 * rndis_filter_set_rss() - choose how the host spreads received frames
 * @rf: the session
 * @rss: the whole configuration: hosts do not keep parts of the previous one
 *
 * Hosts take a new configuration for certain only while RSS is off.
 *
 * Context: Process context, sleeps up to twice RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_set_rss(struct rndis_filter *rf,
			 const struct rndis_rss_config *rss)
{
	struct rndis_rss_config off = *rss;
	int err;

	off.hash_types = 0;
	err = rndis_filter_send_rss(rf, &off);
	if (err)
		return err;

	return rndis_filter_send_rss(rf, rss);
}

/**
 * rndis_filter_set_mac() - ask the host to use another address
 * @rf: the session
 * @mac: the address
 *
 * There is no object for this; hosts take it as a setting of the device,
 * written in digits. One that does not permit it refuses.
 *
 * Context: Process context, sleeps up to RNDIS_TIMEOUT_MS.
 * Return: 0 or a negative errno.
 */
int rndis_filter_set_mac(struct rndis_filter *rf, const u8 *mac)
{
	char digits[2 * ETH_ALEN + 1];
	u8 info[128];
	int len;

	snprintf(digits, sizeof(digits), "%pm", mac);
	len = rndis_build_config_param(info, sizeof(info), "NetworkAddress",
				       digits);
	if (len < 0)
		return len;

	return rndis_filter_set(rf, OID_GEN_RNDIS_CONFIG_PARAMETER, info, len,
				RNDIS_TIMEOUT_MS);
}

/* Finds who still waits for an answer with an id that the host has echoed. */
static struct rndis_request *rndis_find_request(struct rndis_filter *rf, u32 id)
{
	u32 index = FIELD_GET(RNDIS_ID_INDEX, id);
	struct rndis_request *req;

	lockdep_assert_held(&rf->lock);

	if (index >= RNDIS_REQUESTS)
		return NULL;
	req = &rf->request[index];
	if (!req->busy || !(req->expect & RNDIS_COMPLETION) || req->answered ||
	    req->error || rndis_request_id(rf, req) != id)
		return NULL;

	return req;
}

/* Gives the message in @rf->scratch to who waits for it. */
static int rndis_receive_answer(struct rndis_filter *rf,
				const struct rndis_control *ctl, u32 len)
{
	struct rndis_request *req = rndis_find_request(rf, ctl->request_id);

	if (!req || req->expect != ctl->type)
		return -EPROTO;

	memcpy(req->answer, rf->scratch, len);
	req->answer_len = len;
	req->answered = true;
	complete(&req->done);

	return 0;
}

/*
 * The message in @rf->scratch is no answer to anything. If it bears the id of a
 * request all the same, the right answer will not come: end the wait now.
 */
static void rndis_fail_request(struct rndis_filter *rf, u32 len)
{
	struct rndis_request *req;
	u32 type, id;

	if (len < sizeof(struct rndis_msg_hdr) ||
	    rndis_parse_u32(rf->scratch, len, &type) ||
	    !(type & RNDIS_COMPLETION) ||
	    rndis_parse_u32(rf->scratch + sizeof(struct rndis_msg_hdr),
			    len - sizeof(struct rndis_msg_hdr), &id))
		return;
	req = rndis_find_request(rf, id);
	if (!req)
		return;
	req->error = -EPROTO;
	complete(&req->done);
}

static void rndis_receive_indication(struct rndis_filter *rf,
				     const struct rndis_control *ctl,
				     u32 speed)
{
	switch (ctl->status) {
	case RNDIS_STATUS_MEDIA_CONNECT:
		rf->ops->link_event(rf->ctx, RNDIS_LINK_UP, 0);
		break;
	case RNDIS_STATUS_MEDIA_DISCONNECT:
		rf->ops->link_event(rf->ctx, RNDIS_LINK_DOWN, 0);
		break;
	case RNDIS_STATUS_NETWORK_CHANGE:
		rf->ops->link_event(rf->ctx, RNDIS_LINK_NETWORK_CHANGE, 0);
		break;
	case RNDIS_STATUS_LINK_SPEED_CHANGE:
		if (speed)
			rf->ops->link_event(rf->ctx, RNDIS_LINK_SPEED, speed);
		break;
	default:
		/* What the host thinks of its offloads is of no interest. */
		break;
	}
}

/**
 * rndis_filter_receive() - take a control message from the host
 * @rf: the session
 * @shared: the message, in memory that the host can change
 * @len: bytes of the slot that are the message's
 *
 * A completion that is not the answer to the request whose id it bears ends
 * the request with -EPROTO.
 *
 * Context: NAPI poll.
 * Return: 0, or -EBADMSG for a malformed message, -EPROTO for an answer that
 * nobody waits for, -EOPNOTSUPP for a type that hosts do not send.
 */
int rndis_filter_receive(struct rndis_filter *rf, const void *shared, u32 len)
{
	struct rndis_control ctl;
	u32 speed = 0;
	int err;

	/* What an answer has beyond this is of no use to anybody. */
	len = min_t(u32, len, RNDIS_ANSWER_BYTES);

	spin_lock_bh(&rf->lock);
	memcpy(rf->scratch, shared, len);
	err = rndis_parse_control(rf->scratch, len, &ctl);
	if (err)
		goto out;

	trace_rndis_recv(rf->dev, 0, ctl.request_id, ctl.type, len);
	switch (ctl.type) {
	case RNDIS_MSG_INIT_COMPLETE:
	case RNDIS_MSG_QUERY_COMPLETE:
	case RNDIS_MSG_SET_COMPLETE:
		err = rndis_receive_answer(rf, &ctl, len);
		break;
	case RNDIS_MSG_INDICATE:
		rndis_parse_u32(rf->scratch + ctl.info_offset, ctl.info_len,
				&speed);
		break;
	default:
		err = -EPROTO;
		break;
	}
out:
	if (err)
		rndis_fail_request(rf, len);
	spin_unlock_bh(&rf->lock);
	if (!err && ctl.type == RNDIS_MSG_INDICATE)
		rndis_receive_indication(rf, &ctl, speed);

	return err;
}

/**
 * rndis_filter_receive_completion() - the host has read a control message
 * @rf: the session
 * @pkt: a completion whose transaction id is of kind NVSP_XID_RNDIS
 *
 * Context: NAPI poll of the primary channel.
 * Return: 0, or -EPROTO when no message is out under this id.
 */
int rndis_filter_receive_completion(struct rndis_filter *rf,
				    const struct nvb_packet *pkt)
{
	const struct nvsp_msg_rndis_packet_complete *msg = pkt->payload;
	u32 generation = FIELD_GET(NVSP_XID_GENERATION, pkt->trans_id);
	u32 index = FIELD_GET(NVSP_XID_INDEX, pkt->trans_id);
	struct rndis_request *req;
	int err = -EPROTO;
	u32 status;

	if (index >= RNDIS_REQUESTS || pkt->payload_len < sizeof(*msg) ||
	    le32_to_cpu(msg->hdr.type) != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		return -EPROTO;

	status = le32_to_cpu(msg->status);
	req = &rf->request[index];
	spin_lock_bh(&rf->lock);
	if (req->host_has_page && req->generation == generation) {
		req->host_has_page = false;
		err = 0;
		if (status != NVSP_STATUS_SUCCESS)
			req->error = -EIO;
		else if (!req->expect)
			req->answered = true;
		if (req->busy && (req->error || req->answered))
			complete(&req->done);
	}
	spin_unlock_bh(&rf->lock);

	return err;
}
