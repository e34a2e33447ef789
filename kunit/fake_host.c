// SPDX-License-Identifier: GPL-2.0
/*
 * A host for the driver in one task.
 */
#include <kunit/static_stub.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"
#include "fake_malice.h"

/* From where to where the driver counts an information buffer's offset. */
#define FAKE_OFFSET_BASE	sizeof(struct rndis_msg_hdr)
#define FAKE_CONTROL_SLOT	0

/*
 * Memory that a test makes scarce is scarce for the driver alone: what is done
 * on the host's side of a call stands between these two.
 */
static unsigned int fake_plenty(void)
{
	unsigned int nth = fake_fail_left();

	fake_fail_at(0);

	return nth;
}

static void fake_scarce(unsigned int nth)
{
	fake_fail_at(nth);
}

static struct fake_host *fake_current(void)
{
	struct kunit *test = kunit_get_current_test();

	return test->priv;
}

static u32 fake_channel_number(struct fake_host *host,
			       const struct vmbus_channel *vmbus)
{
	u32 i;

	for (i = 0; i < FAKE_CHANNELS; i++) {
		if (host->channel[i].vmbus == vmbus)
			return i;
	}
	KUNIT_FAIL(host->test, "a channel of nobody's");

	return 0;
}

/* The timers would signal in some other task's context, where no host is. */
static void fake_hold_expired(struct timer_list *timer)
{
}

static enum hrtimer_restart fake_pace_expired(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static void fake_nic_tame(struct nvb_channel *driver)
{
	struct netvsc_channel *ch = container_of(driver, struct netvsc_channel,
						 vmbus);

	ch->hold_timer.function = fake_hold_expired;
	ch->pace_timer.function = fake_pace_expired;
}

/* What the driver calls instead of its own functions. */

static int fake_open(struct nvb_channel *ch, struct vmbus_channel *vmbus,
		     u32 ring_bytes, void (*irq)(void *ctx), void *ctx)
{
	struct fake_host *host = fake_current();
	u32 number = fake_channel_number(host, vmbus);
	struct fake_channel *own = &host->channel[number];
	struct nvb_ring_counters none = {};
	u8 *copy;

	/* As the real one, this allocates, and may fail to. */
	KUNIT_EXPECT_NULL(host->test, own->driver);
	if (vmbus->rescind)
		return -ENODEV;
	if (host->on_open[number])
		return host->on_open[number];
	copy = kmalloc(NVB_IN_COPY_BYTES, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	ch->vmbus = vmbus;
	ch->irq = irq;
	ch->ctx = ctx;
	ch->ring_bytes = FAKE_RING_BYTES;
	init_waitqueue_head(&ch->sub_idle);
	fake_ring_seek(own->to_host, 0);
	fake_ring_seek(own->from_host, 0);
	own->from_host->ctrl->interrupt_mask = 0;
	own->to_host->ctrl->pending_send_size = 0;
	nvb_out_init(&ch->out, own->to_host->ctrl, own->to_host->data,
		     FAKE_RING_BYTES, &none);
	nvb_in_init(&ch->in, own->from_host->ctrl, own->from_host->data,
		    FAKE_RING_BYTES, copy, &none);
	ch->open = true;
	own->driver = ch;
	if (host->deliver == fake_nic_poll)
		fake_nic_tame(ch);

	return 0;
}

static void fake_close(struct nvb_channel *ch)
{
	struct fake_host *host = fake_current();
	struct vmbus_channel *vmbus = ch->vmbus;

	if (!ch->open)
		return;
	host->channel[fake_channel_number(host, vmbus)].driver = NULL;
	spin_lock_bh(&ch->out.lock);
	nvb_out_stop(&ch->out);
	spin_unlock_bh(&ch->out.lock);
	ch->open = false;
	nvb_in_stop(&ch->in);
	if (vmbus->primary_channel)
		ch->vmbus = NULL;
	else
		nvb_channel_no_subchannels(ch);
	kfree(ch->in.copy);
	ch->in.copy = NULL;
}

static void fake_signal(struct nvb_channel *ch)
{
	struct fake_host *host = fake_current();
	unsigned int nth = fake_plenty();

	host->signals++;
	fake_host_run(host, fake_channel_number(host, ch->vmbus));
	fake_scarce(nth);
}

static int fake_wait(const struct nvb_channel *ch, struct completion *done,
		     unsigned int timeout_ms)
{
	struct fake_host *host = fake_current();

	host->waits++;
	host->last_wait_ms = timeout_ms;
	if (try_wait_for_completion(done))
		return 0;
	if (nvb_channel_rescinded(ch))
		return -ENODEV;
	host->timeouts++;
	host->waited_ms += timeout_ms;

	return -ETIMEDOUT;
}

static int fake_share(struct nvb_buffer *buf, struct nvb_channel *primary,
		      u32 bytes)
{
	struct fake_host *host = fake_current();
	struct nvb_vmbus_gpadl *record;

	if (host->on_share)
		return host->on_share;
	record = kzalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	/* Which buffer it is, is told by the message that follows. */
	record->core.gpadl_handle = 0xe100 + host->gpadls++;
	host->shares++;
	buf->gpadl = (void *)record;
	buf->shared_bytes = bytes;
	if (!host->recv) {
		host->recv = buf->va;
		host->recv_bytes = bytes;
	} else {
		host->send = buf->va;
		host->send_bytes = bytes;
	}

	return 0;
}

/* A host of today: without VMBus the kernel takes it for one of old. */
static bool fake_gpadl_before_close(void)
{
	return false;
}

static void fake_unshare(struct nvb_buffer *buf)
{
	struct fake_host *host = fake_current();

	if (!buf->gpadl)
		return;
	kfree(buf->gpadl);
	buf->gpadl = NULL;
	buf->shared_bytes = 0;
	host->gpadls--;
	if (buf->va == host->recv)
		host->recv = NULL;
	else
		host->send = NULL;
}

/* What the host says */

/**
 * fake_complete() - complete a packet of the driver's
 * @host: the host
 * @channel: where
 * @xid: transaction id
 * @payload: what the completion carries
 * @len: bytes of it
 *
 * Context: Any that the driver's poll may be called from.
 */
void fake_complete(struct fake_host *host, u32 channel, u64 xid,
		   const void *payload, u32 len)
{
	fake_ring_write(host->channel[channel].from_host, NVB_PACKET_COMPLETION,
			xid, NULL, 0, payload, len);
	host->deliver(host, channel);
}

/**
 * fake_tell() - send an NVSP message of the host's own
 * @host: the host
 * @type: what it is
 * @word: what follows
 * @more: and that
 *
 * Context: As fake_complete().
 */
void fake_tell(struct fake_host *host, u32 type, u32 word, u32 more)
{
	const u64 xid = type == NVSP_MSG_SWITCH_DATA_PATH ?
			NVSP_TRANS_ID_SWITCH_DATA_PATH :
			NVSP_TRANS_ID_VF_ASSOCIATION;
	const __le32 msg[10] = {
		cpu_to_le32(type), cpu_to_le32(word), cpu_to_le32(more),
	};

	fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND, xid,
			NULL, 0, msg, sizeof(msg));
	host->deliver(host, 0);
}

/**
 * fake_complete_rndis() - take receipt of an RNDIS message
 * @host: the host
 * @channel: where
 * @xid: transaction id
 * @status: NVSP_STATUS_*
 *
 * Context: As fake_complete().
 */
void fake_complete_rndis(struct fake_host *host, u32 channel, u64 xid,
			 u32 status)
{
	const __le32 msg[] = {
		cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		cpu_to_le32(status),
	};

	fake_complete(host, channel, xid, msg, sizeof(msg));
}

/**
 * fake_complete_all() - take receipt of all messages with frames
 * @host: the host
 *
 * Context: As fake_complete().
 */
void fake_complete_all(struct fake_host *host)
{
	u32 i;

	for (i = 0; i < host->num_frames; i++)
		fake_complete_rndis(host, host->frame[i].channel,
				    host->frame[i].xid, NVSP_STATUS_SUCCESS);
	host->num_frames = 0;
}

static const u8 *fake_frame_section(const struct fake_host *host, u32 frame)
{
	return host->send + host->frame[frame].section * FAKE_SECTION_BYTES;
}

/**
 * fake_frame_word() - read a word of a message in the send buffer
 * @host: the host
 * @frame: number of the message, which has a section
 * @at: offset in the message, in bytes
 * @word: number of the word behind it
 *
 * Context: Any.
 * Return: the word.
 */
u32 fake_frame_word(const struct fake_host *host, u32 frame, u32 at, u32 word)
{
	const u8 *section = fake_frame_section(host, frame);

	return le32_to_cpu(((const __le32 *)(section + at))[word]);
}

/**
 * fake_frame_item() - read the per-packet information of a message's first frame
 * @host: the host
 * @frame: number of the message, which has a section
 * @type: of the item, which has one word
 *
 * Context: Process context, of the test.
 * Return: its word, or ~0 if there is no such item.
 */
u32 fake_frame_item(const struct fake_host *host, u32 frame, u32 type)
{
	u32 at = 8 + fake_frame_word(host, frame, 0, 7);
	u32 end = at + fake_frame_word(host, frame, 0, 8);

	for (; at < end; at += fake_frame_word(host, frame, at, 0)) {
		KUNIT_ASSERT_EQ(host->test, 16,
				fake_frame_word(host, frame, at, 0));
		if (fake_frame_word(host, frame, at, 1) == type)
			return fake_frame_word(host, frame, at, 3);
	}

	return ~0U;
}

/**
 * fake_frame_data() - where a message's first frame is in the send buffer
 * @host: the host
 * @frame: number of the message, which has a section
 *
 * Context: Any.
 * Return: a pointer.
 */
const u8 *fake_frame_data(const struct fake_host *host, u32 frame)
{
	return fake_frame_section(host, frame) + 8 +
	       fake_frame_word(host, frame, 0, 2);
}

/**
 * fake_receive() - put an RNDIS message into a receive slot
 * @host: the host, with a receive buffer
 * @channel: where
 * @xid: transaction id
 * @slot: number of the slot
 * @message: the message
 * @len: bytes of it
 *
 * Context: As fake_complete().
 */
void fake_receive(struct fake_host *host, u32 channel, u64 xid, u32 slot,
		  const void *message, u32 len)
{
	const __le32 ext[] = {
		cpu_to_le32(NVSP_RECV_BUFFER_ID), cpu_to_le32(1),
		cpu_to_le32(len), cpu_to_le32(slot * FAKE_SLOT_BYTES),
	};
	const __le32 msg[] = {
		cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET), 0,
		cpu_to_le32(NVSP_SECTION_NONE), 0,
	};

	memcpy(host->recv + slot * FAKE_SLOT_BYTES, message, len);
	if (host->malice)
		fake_malice_spoil(host->malice,
				  host->recv + slot * FAKE_SLOT_BYTES, len);
	fake_ring_write(host->channel[channel].from_host, NVB_PACKET_XFER_PAGES,
			xid, ext, sizeof(ext), msg, sizeof(msg));
	host->deliver(host, channel);
}

/* A control message of five words at most, and what follows them. */
static void fake_send_control(struct fake_host *host, const __le32 *words,
			      u32 num, const void *info, u32 info_len)
{
	u8 *message = kzalloc(4 * num + info_len, GFP_ATOMIC);

	KUNIT_ASSERT_NOT_NULL(host->test, message);
	memcpy(message, words, 4 * num);
	memcpy(message + 4 * num, info, info_len);
	fake_receive(host, 0, 0xf000, FAKE_CONTROL_SLOT, message,
		     4 * num + info_len);
	kfree(message);
}

/**
 * fake_answer() - answer a query or a set
 * @host: the host
 * @type: RNDIS_MSG_*_COMPLETE
 * @request_id: of the request
 * @status: RNDIS_STATUS_*
 * @info: the object, of a query
 * @info_len: bytes of it
 *
 * Context: As fake_complete().
 */
void fake_answer(struct fake_host *host, u32 type, u32 request_id, u32 status,
		 const void *info, u32 info_len)
{
	bool query = type == RNDIS_MSG_QUERY_COMPLETE;
	u32 num = query ? 6 : 4;
	const __le32 words[] = {
		cpu_to_le32(type), cpu_to_le32(4 * num + info_len),
		cpu_to_le32(request_id), cpu_to_le32(status),
		cpu_to_le32(info_len), cpu_to_le32(16),
	};

	fake_send_control(host, words, num, info, info_len);
}

/**
 * fake_indicate() - say that something happened
 * @host: the host
 * @status: RNDIS_STATUS_*
 * @info: detail
 * @info_len: bytes of it
 *
 * Context: As fake_complete().
 */
void fake_indicate(struct fake_host *host, u32 status, const void *info,
		   u32 info_len)
{
	const __le32 words[] = {
		cpu_to_le32(RNDIS_MSG_INDICATE), cpu_to_le32(20 + info_len),
		cpu_to_le32(status), cpu_to_le32(info_len), cpu_to_le32(12),
	};

	fake_send_control(host, words, ARRAY_SIZE(words), info, info_len);
}

static void fake_answer_init(struct fake_host *host, u32 request_id,
			     u32 status)
{
	const __le32 words[] = {
		cpu_to_le32(RNDIS_MSG_INIT_COMPLETE), cpu_to_le32(52),
		cpu_to_le32(request_id), cpu_to_le32(status),
		cpu_to_le32(1), 0, cpu_to_le32(1), 0,
		cpu_to_le32(host->max_packets), cpu_to_le32(0xefffffff),
		cpu_to_le32(host->alignment), 0, 0,
	};

	fake_send_control(host, words, ARRAY_SIZE(words), NULL, 0);
}

/* What the host knows of itself */

static u32 fake_offload_info(void *to)
{
	struct ndis_offload *info = to;
	const __le32 eth = cpu_to_le32(NDIS_ENCAPSULATION_802_3);

	memset(info, 0, sizeof(*info));
	info->hdr.type = NDIS_OBJECT_OFFLOAD;
	info->hdr.revision = 3;
	info->hdr.size = cpu_to_le16(NDIS_OFFLOAD_SIZE_REV3);
	info->csum.ipv4_tx_encapsulation = eth;
	info->csum.ipv4_tx_flags = cpu_to_le32(0x155);
	info->csum.ipv4_rx_encapsulation = eth;
	info->csum.ipv4_rx_flags = cpu_to_le32(0x155);
	info->csum.ipv6_tx_encapsulation = eth;
	info->csum.ipv6_tx_flags = cpu_to_le32(0x55);
	info->csum.ipv6_rx_encapsulation = eth;
	info->csum.ipv6_rx_flags = cpu_to_le32(0x55);
	info->lso_v2.ipv4_encapsulation = eth;
	info->lso_v2.ipv4_max_size = cpu_to_le32(62780);
	info->lso_v2.ipv4_min_segments = cpu_to_le32(2);
	info->lso_v2.ipv6_encapsulation = eth;
	info->lso_v2.ipv6_max_size = cpu_to_le32(62780);
	info->lso_v2.ipv6_min_segments = cpu_to_le32(2);
	info->lso_v2.ipv6_flags = cpu_to_le32(0x5);
	info->rsc_ipv4 = 1;
	info->rsc_ipv6 = 1;

	return sizeof(*info);
}

static u32 fake_rss_caps(const struct fake_host *host, void *to)
{
	struct ndis_rss_caps *info = to;

	memset(info, 0, sizeof(*info));
	info->hdr.type = NDIS_OBJECT_RSS_CAPS;
	info->hdr.revision = 2;
	info->hdr.size = cpu_to_le16(NDIS_RSS_CAPS_SIZE_REV2);
	info->flags = cpu_to_le32(NDIS_HASH_TOEPLITZ | NDIS_RSS_CAP_TCP_IPV4 |
				  NDIS_RSS_CAP_TCP_IPV6);
	info->num_queues = cpu_to_le32(host->rss_queues);
	info->num_entries = cpu_to_le16(host->rss_entries);

	return sizeof(*info);
}

static u32 fake_put32(void *to, u32 value)
{
	*(__le32 *)to = cpu_to_le32(value);

	return sizeof(__le32);
}

/* Returns the bytes of an object, 0 for one that is not known. */
static u32 fake_object(const struct fake_host *host, u32 oid, void *to)
{
	switch (oid) {
	case OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES:
		return fake_offload_info(to);
	case OID_GEN_RECEIVE_SCALE_CAPABILITIES:
		return host->rss_queues ? fake_rss_caps(host, to) : 0;
	case OID_GEN_MAXIMUM_FRAME_SIZE:
		return fake_put32(to, host->mtu);
	case OID_GEN_MEDIA_CONNECT_STATUS:
		return fake_put32(to, RNDIS_MEDIA_CONNECTED);
	case OID_GEN_LINK_SPEED:
		return fake_put32(to, 100000000);
	case OID_802_3_PERMANENT_ADDRESS:
		memcpy(to, host->mac, ETH_ALEN);
		return ETH_ALEN;
	default:
		return 0;
	}
}

static void fake_answer_query(struct fake_host *host,
			      const struct fake_control *control, u32 status)
{
	u8 info[256];
	u32 len = fake_object(host, control->oid, info);

	if (!len)
		status = RNDIS_STATUS_NOT_SUPPORTED;
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, control->request_id, status,
		    info, status ? 0 : len);
}

static void fake_answer_set(struct fake_host *host,
			    const struct fake_control *control, u32 status)
{
	const u8 *info = control->info;

	if (control->oid == OID_GEN_CURRENT_PACKET_FILTER)
		host->filter = le32_to_cpu(*(const __le32 *)info);
	if (control->oid == OID_TCP_OFFLOAD_PARAMETERS)
		memcpy(&host->offload, info, sizeof(host->offload));
	if (control->oid == OID_GEN_RECEIVE_SCALE_PARAMETERS) {
		memcpy(host->rss_info, info, control->info_bytes);
		host->rss_bytes = control->info_bytes;
	}
	fake_answer(host, RNDIS_MSG_SET_COMPLETE, control->request_id, status,
		    NULL, 0);
}

/* The object of a control message, or what stands for it. */
static u32 fake_control_oid(const struct fake_control *control)
{
	return control->type == RNDIS_MSG_INIT ? ~0U : control->oid;
}

static void fake_control(struct fake_host *host)
{
	const struct fake_control *control = &host->control;
	u32 oid = fake_control_oid(control);
	u32 status = oid == host->refuse_oid ? RNDIS_STATUS_FAILURE : 0;

	if (host->gone_at == ~0U)
		fake_host_rescind(host);
	if (host->channel[0].vmbus->rescind ||
	    (host->on_control && host->on_control(host, control)))
		return;
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	if (control->type != RNDIS_MSG_HALT && oid == host->silent_oid)
		return;
	if (control->type == RNDIS_MSG_INIT)
		fake_answer_init(host, control->request_id, status);
	else if (control->type == RNDIS_MSG_QUERY)
		fake_answer_query(host, control, status);
	else if (control->type == RNDIS_MSG_SET)
		fake_answer_set(host, control, status);
}

static u32 fake_get32(const void *from, u32 word)
{
	return le32_to_cpu(((const __le32 *)from)[word]);
}

/* Reads a control message where the driver has it. */
static void fake_take_control(struct fake_host *host,
			      const struct fake_packet *pkt)
{
	u64 pfn = le64_to_cpu(*(const __le64 *)(pkt->ext + 16));
	u32 bytes = fake_get32(pkt->ext, 2), offset = fake_get32(pkt->ext, 3);
	const u8 *message = fake_memory_at(host, pfn, offset);
	struct fake_control *control = &host->control;

	KUNIT_ASSERT_EQ(host->test, 1, fake_get32(pkt->ext, 1));
	KUNIT_ASSERT_LE(host->test, bytes, 4096 - offset);
	KUNIT_EXPECT_EQ(host->test, bytes, fake_get32(message, 1));
	KUNIT_ASSERT_GE(host->test, bytes, 12);
	if (host->memory)
		KUNIT_EXPECT_NULL(host->test, memchr_inv(message + bytes, 0,
							 4096 - offset -
							 bytes));
	memset(control, 0, sizeof(*control));
	control->xid = pkt->trans_id;
	control->type = fake_get32(message, 0);
	control->request_id = fake_get32(message, 2);
	if (control->type == RNDIS_MSG_QUERY || control->type == RNDIS_MSG_SET) {
		control->oid = fake_get32(message, 3);
		control->info_bytes = fake_get32(message, 4);
		KUNIT_EXPECT_EQ(host->test, 28 + control->info_bytes, bytes);
		KUNIT_EXPECT_EQ(host->test, 28, FAKE_OFFSET_BASE +
				fake_get32(message, 5));
		memcpy(control->info, message + 28, control->info_bytes);
	}
	if (host->num_oids < FAKE_LOG)
		host->oid_log[host->num_oids++] =
			control->type == RNDIS_MSG_HALT ? 1 : control->oid;
	fake_control(host);
}

static void fake_take_frame(struct fake_host *host, u32 channel,
			    const struct fake_packet *pkt)
{
	struct fake_frame *frame = &host->frame[host->num_frames];
	u32 i, ranges, bytes, at = 8;

	KUNIT_ASSERT_LT(host->test, host->num_frames, FAKE_FRAMES);
	host->num_frames++;
	memset(frame, 0, sizeof(*frame));
	frame->xid = pkt->trans_id;
	frame->channel = channel;
	frame->section = fake_get32(pkt->payload, 2);
	frame->section_bytes = fake_get32(pkt->payload, 3);
	if (pkt->type != NVB_PACKET_GPA_DIRECT)
		return;
	ranges = fake_get32(pkt->ext, 1);
	frame->ranges = ranges;
	for (i = 0; i < ranges; i++) {
		bytes = fake_get32(pkt->ext + at, 0);
		frame->listed_bytes += bytes;
		at += 8 + 8 * DIV_ROUND_UP(fake_get32(pkt->ext + at, 1) + bytes,
					   4096);
	}
	KUNIT_EXPECT_EQ(host->test, at, pkt->ext_len);
	if (host->memory)
		fake_memory_list(host, pkt);
}

/* Answers to NVSP requests */

static void fake_answer_version(struct fake_host *host,
				const struct fake_packet *pkt, bool success)
{
	u32 version = fake_get32(pkt->payload, 1);
	const __le32 msg[] = {
		cpu_to_le32(NVSP_MSG_INIT_COMPLETE), cpu_to_le32(~0U),
		cpu_to_le32(34),
		cpu_to_le32(success && version <= host->version ?
			    NVSP_STATUS_SUCCESS : NVSP_STATUS_FAILURE),
	};

	KUNIT_EXPECT_EQ(host->test, version, fake_get32(pkt->payload, 2));
	fake_complete(host, 0, pkt->trans_id, msg, sizeof(msg));
}

static void fake_answer_recv(struct fake_host *host,
			     const struct fake_packet *pkt, u32 status)
{
	u32 slots = host->recv_slots ?: host->recv_bytes / FAKE_SLOT_BYTES;
	const __le32 msg[] = {
		cpu_to_le32(NVSP_MSG_SEND_RECV_BUFFER_COMPLETE),
		cpu_to_le32(status), cpu_to_le32(1),
		0, cpu_to_le32(FAKE_SLOT_BYTES), cpu_to_le32(slots),
		cpu_to_le32(slots * FAKE_SLOT_BYTES),
	};

	fake_complete(host, 0, pkt->trans_id, msg, sizeof(msg));
}

static void fake_answer_words(struct fake_host *host, u64 xid, u32 type,
			      u32 status, u32 value)
{
	const __le32 msg[] = {
		cpu_to_le32(type), cpu_to_le32(status), cpu_to_le32(value),
	};

	fake_complete(host, 0, xid, msg, sizeof(msg));
}

/* The offers come before the driver has seen the answer, which is allowed. */
static void fake_offer(struct fake_host *host, u32 num)
{
	struct vmbus_channel *primary = host->channel[0].vmbus;
	u32 i;

	for (i = 1; i <= num && i < FAKE_CHANNELS; i++) {
		if (primary->sc_creation_callback)
			primary->sc_creation_callback(host->channel[i].vmbus);
	}
}

static void fake_answer_subchannels(struct fake_host *host,
				    const struct fake_packet *pkt, u32 status)
{
	u32 num = min(fake_get32(pkt->payload, 2), host->subchannels);

	if (status == NVSP_STATUS_SUCCESS)
		fake_offer(host, num);
	fake_answer_words(host, pkt->trans_id, NVSP_MSG_SUBCHANNEL_COMPLETE,
			  status, num);
}

/* The completion has no payload, whatever becomes of the request. */
static void fake_answer_data_path(struct fake_host *host,
				  const struct fake_packet *pkt)
{
	if (pkt->flags)
		fake_complete(host, 0, pkt->trans_id, NULL, 0);
	if (host->vf_path && host->refuse_vf) {
		host->vf_path = 0;
		fake_tell(host, NVSP_MSG_SWITCH_DATA_PATH, 0, 0);
	}
}

static void fake_nvsp(struct fake_host *host, const struct fake_packet *pkt)
{
	u32 type = fake_packet_type(pkt), status = NVSP_STATUS_SUCCESS;

	if (host->num_nvsp < FAKE_LOG)
		host->nvsp_log[host->num_nvsp++] = type;
	KUNIT_EXPECT_EQ(host->test, NVSP_MSG_BYTES, pkt->payload_len);
	if (type == NVSP_MSG_SWITCH_DATA_PATH) {
		host->vf_path = fake_get32(pkt->payload, 1);
		host->vf_asked++;
	}
	if (type == host->gone_at)
		fake_host_rescind(host);
	if (host->channel[0].vmbus->rescind || type == host->silent_nvsp ||
	    (host->on_nvsp && host->on_nvsp(host, type, pkt)))
		return;
	if (type == host->refuse)
		status = NVSP_STATUS_FAILURE;
	switch (type) {
	case NVSP_MSG_INIT:
		fake_answer_version(host, pkt, type != host->refuse);
		break;
	case NVSP_MSG_SEND_RECV_BUFFER:
		fake_answer_recv(host, pkt, status);
		break;
	case NVSP_MSG_SEND_SEND_BUFFER:
		fake_answer_words(host, pkt->trans_id,
				  NVSP_MSG_SEND_SEND_BUFFER_COMPLETE, status,
				  host->section_bytes);
		break;
	case NVSP_MSG_SUBCHANNEL:
		fake_answer_subchannels(host, pkt, status);
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		fake_answer_data_path(host, pkt);
		break;
	default:
		KUNIT_EXPECT_EQ_MSG(host->test, 0, pkt->flags,
				    "message %u waits for an answer", type);
		break;
	}
}

static void fake_take(struct fake_host *host, u32 channel,
		      const struct fake_packet *pkt)
{
	if (pkt->type == NVB_PACKET_COMPLETION) {
		host->returned[channel]++;
		host->returned_id = pkt->trans_id;
	} else if (fake_packet_type(pkt) != NVSP_MSG_SEND_RNDIS_PACKET) {
		fake_nvsp(host, pkt);
	} else if (fake_get32(pkt->payload, 1) == NVSP_CHANNEL_CONTROL) {
		fake_take_control(host, pkt);
	} else {
		fake_take_frame(host, channel, pkt);
	}
}

/**
 * fake_host_run() - let the host read a channel
 * @host: the host
 * @channel: number of the channel
 *
 * Context: Any that the driver signals from.
 */
void fake_host_run(struct fake_host *host, u32 channel)
{
	struct fake_packet pkt;

	while (!host->deaf &&
	       fake_ring_take(host->channel[channel].to_host, &pkt))
		fake_take(host, channel, &pkt);
}

/**
 * fake_host_rescind() - take the channel away
 * @host: the host, which says nothing any more
 *
 * Context: Any.
 */
void fake_host_rescind(struct fake_host *host)
{
	u32 i;

	for (i = 0; i < FAKE_CHANNELS; i++)
		WRITE_ONCE(host->channel[i].vmbus->rescind, true);
}

/**
 * fake_packet_type() - the NVSP message in a packet
 * @pkt: of the driver's
 *
 * Context: Any.
 * Return: enum nvsp_msg_type.
 */
u32 fake_packet_type(const struct fake_packet *pkt)
{
	return pkt->payload_len < 4 ? 0 : fake_get32(pkt->payload, 0);
}

static u32 fake_count(const u32 *log, u32 num, u32 value)
{
	u32 i, n = 0;

	for (i = 0; i < num; i++)
		n += log[i] == value;

	return n;
}

/**
 * fake_seen() - how often the driver has sent an NVSP message
 * @host: the host
 * @nvsp_type: enum nvsp_msg_type
 *
 * Context: Any.
 * Return: times.
 */
u32 fake_seen(const struct fake_host *host, u32 nvsp_type)
{
	return fake_count(host->nvsp_log, host->num_nvsp, nvsp_type);
}

/**
 * fake_asked() - how often the driver has queried or set an object
 * @host: the host
 * @oid: OID_*; 0 for initialisations, 1 for halts
 *
 * Context: Any.
 * Return: times.
 */
u32 fake_asked(const struct fake_host *host, u32 oid)
{
	return fake_count(host->oid_log, host->num_oids, oid);
}

static void fake_channel_init(struct fake_host *host, u32 number)
{
	struct fake_channel *own = &host->channel[number];
	struct kunit *test = host->test;

	own->vmbus = kunit_kzalloc(test, sizeof(*own->vmbus), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, own->vmbus);
	own->vmbus->offermsg.offer.sub_channel_index = number;
	spin_lock_init(&own->vmbus->sched_lock);
	if (number)
		own->vmbus->primary_channel = host->channel[0].vmbus;
	own->to_host = fake_ring_alloc(test, FAKE_RING_BYTES);
	own->from_host = fake_ring_alloc(test, FAKE_RING_BYTES);
}

/**
 * fake_host_alloc() - make a host, and put it where the driver looks for one
 * @test: the test that it is for, and whose priv it becomes
 *
 * Context: Process context, of the test.
 * Return: a host that knows everything and refuses nothing.
 */
struct fake_host *fake_host_alloc(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 0x02, 0x15, 0x5d, 1, 2, 3 };
	struct fake_host *host;
	u32 i;

	host = kunit_kzalloc(test, sizeof(*host), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, host);
	host->test = test;
	for (i = 0; i < FAKE_CHANNELS; i++)
		fake_channel_init(host, i);
	host->version = NVSP_VERSION_6_1;
	host->subchannels = FAKE_CHANNELS - 1;
	host->rss_queues = FAKE_CHANNELS;
	host->rss_entries = 128;
	host->section_bytes = FAKE_SECTION_BYTES;
	host->max_packets = 8;
	host->alignment = 3;
	host->mtu = 9000;
	memcpy(host->mac, mac, ETH_ALEN);
	test->priv = host;
	host->isolated = fake_memory_init(host);

	kunit_activate_static_stub(test, nvb_channel_open, fake_open);
	kunit_activate_static_stub(test, nvb_channel_close, fake_close);
	kunit_activate_static_stub(test, nvb_channel_signal, fake_signal);
	kunit_activate_static_stub(test, nvb_channel_wait, fake_wait);
	kunit_activate_static_stub(test, nvb_buffer_share, fake_share);
	kunit_activate_static_stub(test, nvb_buffer_unshare, fake_unshare);
	kunit_activate_static_stub(test, nvb_gpadl_before_close,
				   fake_gpadl_before_close);

	return host;
}
