// SPDX-License-Identifier: GPL-2.0
/*
 * The RNDIS session: requests and whose answer is whose, statuses, silence,
 * indications, and what the host is told.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

struct rndis_test {
	struct nvb_channel channel;
	struct nvsp s;
	struct rndis_filter rf;
	int received;		/* what the driver said of the last message */
	u32 events;
	enum rndis_link_event event;
	u32 speed;
	u32 status;		/* of the hooks below */
	u32 type;
	u32 flip;
	const void *info;
	u32 info_len;
	u32 request_id;
	u64 xid;
	u8 seen[2][FAKE_INFO_BYTES];
	u32 num_seen;
};

static void rndis_link(void *ctx, enum rndis_link_event event, u32 speed)
{
	struct rndis_test *t = ctx;

	t->events++;
	t->event = event;
	t->speed = speed;
}

static const struct rndis_filter_ops rndis_test_ops = {
	.link_event = rndis_link,
};

static void rndis_message(struct fake_host *host, const struct nvb_packet *pkt)
{
	struct rndis_test *t = host->suite;
	const __le32 *range = pkt->ext + sizeof(struct nvb_xfer_hdr);

	t->received = rndis_filter_receive(&t->rf, host->recv +
					   le32_to_cpu(range[1]),
					   le32_to_cpu(range[0]));
}

static void rndis_deliver(struct fake_host *host, u32 channel)
{
	struct rndis_test *t = host->suite;
	struct nvb_packet pkt;

	while (nvb_in_next(&t->channel.in, &pkt) == 1) {
		if (pkt.type == NVB_PACKET_XFER_PAGES)
			rndis_message(host, &pkt);
		else
			t->received = rndis_filter_receive_completion(&t->rf,
								      &pkt);
	}
	nvb_in_publish(&t->channel.in);
}

static int rndis_suite_init(struct kunit *test)
{
	struct fake_host *host = fake_host_alloc(test);
	struct rndis_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	host->deliver = rndis_deliver;
	host->recv = kunit_kzalloc(test, 8 * FAKE_SLOT_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, host->recv);
	KUNIT_ASSERT_EQ(test, 0, nvb_channel_open(&t->channel,
						  host->channel[0].vmbus, 0,
						  NULL, NULL));
	host->suite = t;
	nvsp_init(&t->s, kunit_device_register(test, "rndis"), &t->channel,
		  NULL, NULL);
	t->s.version = NVSP_VERSION_6_1;
	KUNIT_ASSERT_EQ(test, 0, rndis_filter_create(&t->rf, false));
	rndis_filter_start(&t->rf, t->s.dev, &t->s, &rndis_test_ops, t);

	return 0;
}

static void rndis_suite_exit(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host ? host->suite : NULL;

	if (!t)
		return;
	nvb_channel_close(&t->channel);
	rndis_filter_destroy(&t->rf);
}

static struct rndis_test *rndis_of(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

/* Whether a request that is made now succeeds, after all that happened. */
static int rndis_works(struct rndis_test *t)
{
	u32 value = 0;
	int err = rndis_filter_query_u32(&t->rf, OID_GEN_MAXIMUM_FRAME_SIZE,
					 &value);

	return err ?: value == 9000 ? 0 : -ERANGE;
}

static void rndis_initialise(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	KUNIT_EXPECT_EQ(test, 1, t->rf.max_packets);
	host->max_packets = 5;
	host->alignment = 4;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_EQ(test, 5, t->rf.max_packets);
	KUNIT_EXPECT_EQ(test, 0xefffffff, t->rf.max_transfer);
	KUNIT_EXPECT_EQ(test, 16, t->rf.alignment);
	KUNIT_EXPECT_TRUE(test, t->rf.initialised);
	KUNIT_EXPECT_EQ(test, 60000, host->last_wait_ms);
}

static void rndis_initialise_refused(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->refuse_oid = ~0U;
	KUNIT_EXPECT_EQ(test, -EIO, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_FALSE(test, t->rf.initialised);
	rndis_filter_halt_device(&t->rf);
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host, 1));
}

/* Alignment beyond reason: no answer, and not worth waiting for another. */
static void rndis_initialise_nonsense(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->alignment = 13;
	KUNIT_EXPECT_EQ(test, -EPROTO, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_EQ(test, -EBADMSG, t->received);
	host->alignment = ~0U;
	KUNIT_EXPECT_EQ(test, -EPROTO, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_FALSE(test, t->rf.initialised);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

struct rndis_status_case {
	u32 status;
	int err;
};

static const struct rndis_status_case rndis_status_cases[] = {
	{ 0, 0 },
	{ 0xc00000bb, -EOPNOTSUPP },
	{ 0xc0010015, -EINVAL },
	{ 0xc0000001, -EIO },
	{ 0xc0010004, -EIO },
	{ 1, -EIO },
	{ 0x4001000b, -EIO },
	{ 0xffffffff, -EIO },
};

static void rndis_status_desc(const struct rndis_status_case *one, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%#x", one->status);
}

KUNIT_ARRAY_PARAM(rndis_status, rndis_status_cases, rndis_status_desc);

/* Answers as the test wants it: type, status, information, and request id. */
static bool rndis_answer_with(struct fake_host *host,
			      const struct fake_control *control)
{
	struct rndis_test *t = host->suite;
	u32 type = t->type ?: control->type | RNDIS_COMPLETION;

	t->request_id = control->request_id;
	t->xid = control->xid;
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	fake_answer(host, type, control->request_id ^ t->flip, t->status,
		    t->info, t->info_len);

	return true;
}

static void rndis_statuses(struct kunit *test)
{
	const struct rndis_status_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	__le32 info = cpu_to_le32(7);
	u32 value = 0;

	host->on_control = rndis_answer_with;
	t->status = one->status;
	t->info = &info;
	t->info_len = sizeof(info);
	KUNIT_EXPECT_EQ(test, one->err,
			rndis_filter_query_u32(&t->rf, 0x10106, &value));
	KUNIT_EXPECT_EQ(test, one->err ? 0 : 7, value);
	t->info_len = 0;
	KUNIT_EXPECT_EQ(test, one->err,
			rndis_filter_set_packet_filter(&t->rf, 1));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/*
 * A completion of another type is no answer, whatever its id, and ends the
 * wait. What the host says on its own has no id, even if it looks like one.
 */
static void rndis_answer_of_another_type(struct kunit *test)
{
	static const u32 types[] = { RNDIS_MSG_INIT_COMPLETE,
				     RNDIS_MSG_SET_COMPLETE,
				     RNDIS_MSG_RESET_COMPLETE,
				     RNDIS_MSG_KEEPALIVE_COMPLETE,
				     RNDIS_COMPLETION, 0xffffffff };
	static const u32 others[] = { RNDIS_MSG_INDICATE, RNDIS_MSG_KEEPALIVE,
				      RNDIS_MSG_QUERY, RNDIS_MSG_SET };
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	unsigned int i;

	host->on_control = rndis_answer_with;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		t->type = types[i];
		KUNIT_EXPECT_EQ_MSG(test, -EPROTO, rndis_works(t),
				    "type %#x", types[i]);
		KUNIT_EXPECT_NE(test, 0, t->received);
	}
	t->type = RNDIS_MSG_QUERY_COMPLETE;
	KUNIT_EXPECT_EQ(test, -EPROTO,
			rndis_filter_set_packet_filter(&t->rf, 1));
	KUNIT_EXPECT_NE(test, 0, t->received);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		t->type = others[i];
		KUNIT_EXPECT_EQ_MSG(test, -ETIMEDOUT, rndis_works(t),
				    "type %#x", others[i]);
	}
	host->on_control = NULL;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

/* An answer that ends early, or says that it does, and then a right one. */
static bool rndis_answer_malformed(struct fake_host *host,
				   const struct fake_control *control)
{
	struct rndis_test *t = host->suite;
	__le32 words[] = {
		cpu_to_le32(RNDIS_MSG_QUERY_COMPLETE), cpu_to_le32(t->status),
		cpu_to_le32(control->request_id), 0, cpu_to_le32(4),
		cpu_to_le32(16), cpu_to_le32(9000),
	};

	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	fake_receive(host, 0, 0xf000, 0, words, t->info_len);
	KUNIT_EXPECT_EQ(host->test, -EBADMSG, t->received);
	words[1] = cpu_to_le32(sizeof(words));
	fake_receive(host, 0, 0xf000, 0, words, sizeof(words));
	KUNIT_EXPECT_EQ(host->test, t->info_len < 12 ? 0 : -EPROTO,
			t->received);

	return true;
}

/*
 * If the id can be read, who waits learns of it at once, and what follows comes
 * too late; else nothing has happened.
 */
static void rndis_malformed(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	u32 len;

	host->on_control = rndis_answer_malformed;
	for (len = 0; len < 28; len++) {
		t->info_len = len;
		t->status = len & 1 ? len : 28;
		KUNIT_EXPECT_EQ_MSG(test, len < 12 ? 0 : -EPROTO,
				    rndis_works(t), "length %u", len);
	}
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	host->on_control = NULL;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

static void rndis_answer_of_another_id(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	unsigned int bit;

	host->on_control = rndis_answer_with;
	for (bit = 0; bit < 32; bit++) {
		t->flip = BIT(bit);
		KUNIT_EXPECT_EQ_MSG(test, -ETIMEDOUT, rndis_works(t),
				    "bit %u", bit);
		KUNIT_EXPECT_EQ(test, -EPROTO, t->received);
	}
}

static void rndis_answer_late_and_twice(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	__le32 info = cpu_to_le32(9000);

	/* Before anybody has asked. */
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, 0x10, 0, &info, 4);
	KUNIT_EXPECT_EQ(test, -EPROTO, t->received);
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, 0, 0, &info, 4);
	KUNIT_EXPECT_EQ(test, -EPROTO, t->received);

	host->on_control = rndis_answer_with;
	t->info = &info;
	t->info_len = 4;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, t->request_id, 0, &info, 4);
	KUNIT_EXPECT_EQ(test, -EPROTO, t->received);

	t->flip = 0x10;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, t->request_id, 0, &info, 4);
	KUNIT_EXPECT_EQ(test, -EPROTO, t->received);
	t->flip = 0;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

/* The answer first, then the receipt: hosts do that. */
static bool rndis_answer_first(struct fake_host *host,
			       const struct fake_control *control)
{
	struct rndis_test *t = host->suite;
	__le32 info = cpu_to_le32(9000);

	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, control->request_id, 0,
		    &info, 4);
	KUNIT_EXPECT_EQ(host->test, 0, t->received);
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, control->request_id, 0,
		    &info, 4);
	KUNIT_EXPECT_EQ(host->test, -EPROTO, t->received);
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(host->test, 0, t->received);

	return true;
}

static void rndis_answer_before_receipt(struct kunit *test)
{
	struct fake_host *host = test->priv;

	host->on_control = rndis_answer_first;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(rndis_of(test)));
}

/* The receipt */

static bool rndis_refuse_message(struct fake_host *host,
				 const struct fake_control *control)
{
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_FAILURE);

	return true;
}

static void rndis_receipt_refused(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->on_control = rndis_refuse_message;
	KUNIT_EXPECT_EQ(test, -EIO, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	host->on_control = NULL;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

static int rndis_receipt(struct rndis_test *t, u64 xid, const void *payload,
			 u32 len)
{
	struct nvb_packet pkt = {
		.payload = payload,
		.payload_len = len,
		.trans_id = xid,
		.type = NVB_PACKET_COMPLETION,
	};

	return rndis_filter_receive_completion(&t->rf, &pkt);
}

static bool rndis_forge_receipts(struct fake_host *host,
				 const struct fake_control *control)
{
	const __le32 good[] = { cpu_to_le32(108), cpu_to_le32(1) };
	const __le32 other[] = { cpu_to_le32(107), cpu_to_le32(1) };
	struct rndis_test *t = host->suite;
	unsigned int bit, len;

	for (bit = 0; bit < 48; bit++)
		KUNIT_EXPECT_EQ_MSG(host->test, -EPROTO,
				    rndis_receipt(t, control->xid ^
						  BIT_ULL(bit), good, 8),
				    "bit %u", bit);
	for (len = 0; len < 8; len++)
		KUNIT_EXPECT_EQ_MSG(host->test, -EPROTO,
				    rndis_receipt(t, control->xid, good, len),
				    "length %u", len);
	KUNIT_EXPECT_EQ(host->test, -EPROTO,
			rndis_receipt(t, control->xid, other, 8));
	KUNIT_EXPECT_EQ(host->test, 0, rndis_receipt(t, control->xid, good, 8));
	KUNIT_EXPECT_EQ(host->test, -EPROTO,
			rndis_receipt(t, control->xid, good, 8));

	return true;
}

static void rndis_forged_receipts(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->on_control = rndis_forge_receipts;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
	host->on_control = NULL;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

/* Silence */

static void rndis_silence(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->silent_oid = OID_GEN_MAXIMUM_FRAME_SIZE;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 60000, host->last_wait_ms);
	/* Who has been silent once is not given as much time again. */
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 5000, host->last_wait_ms);
	host->silent_oid = 0;
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 60000, host->last_wait_ms);

	/* What precedes the end is not worth a minute. */
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_packet_filter(&t->rf, 0));
	KUNIT_EXPECT_EQ(test, 5000, host->last_wait_ms);
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_packet_filter(&t->rf, 1));
	KUNIT_EXPECT_EQ(test, 60000, host->last_wait_ms);
}

static bool rndis_take_no_receipt(struct fake_host *host,
				  const struct fake_control *control)
{
	struct rndis_test *t = host->suite;

	t->xid = control->xid;

	return true;
}

/*
 * A page that the host has not returned is not used again, so that four such
 * requests are the end; each receipt, or the end of the channel, gives a page
 * back.
 */
static void rndis_pages_with_the_host(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	u32 i;

	host->on_control = rndis_take_no_receipt;
	for (i = 0; i < RNDIS_REQUESTS; i++)
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
	host->on_control = NULL;
	KUNIT_EXPECT_EQ(test, -EBUSY, rndis_works(t));
	KUNIT_EXPECT_EQ(test, -EBUSY, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			rndis_filter_set_packet_filter(&t->rf, 1));
	KUNIT_EXPECT_EQ(test, RNDIS_REQUESTS, host->num_oids);

	fake_complete_rndis(host, 0, t->xid, NVSP_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, 0, t->received);
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));

	rndis_filter_closed(&t->rf);
	fake_complete_rndis(host, 0, t->xid, NVSP_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, -EPROTO, t->received);
	host->on_control = rndis_take_no_receipt;
	for (i = 0; i < RNDIS_REQUESTS; i++)
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT, rndis_works(t));
}

static void rndis_gone(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->gone_at = ~0U;
	KUNIT_EXPECT_EQ(test, -ENODEV, rndis_works(t));
	KUNIT_EXPECT_EQ(test, -ENODEV, rndis_filter_init_device(&t->rf));
	KUNIT_EXPECT_EQ(test, 1, host->num_oids);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

static bool rndis_abort_meanwhile(struct fake_host *host,
				  const struct fake_control *control)
{
	struct rndis_test *t = host->suite;

	nvsp_abort(&t->s);
	rndis_filter_abort(&t->rf);

	return true;
}

static void rndis_aborted(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	host->on_control = rndis_abort_meanwhile;
	KUNIT_EXPECT_EQ(test, -ENODEV, rndis_works(t));
	KUNIT_EXPECT_EQ(test, -ENODEV, rndis_works(t));
	KUNIT_EXPECT_EQ(test, 1, host->num_oids);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

static void rndis_halt(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	rndis_filter_halt_device(&t->rf);
	KUNIT_EXPECT_EQ(test, 0, host->num_oids);
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_init_device(&t->rf));
	rndis_filter_halt_device(&t->rf);
	KUNIT_EXPECT_EQ(test, 1, fake_asked(host, 1));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	rndis_filter_halt_device(&t->rf);
	KUNIT_EXPECT_EQ(test, 1, fake_asked(host, 1));

	KUNIT_EXPECT_EQ(test, 0, rndis_filter_init_device(&t->rf));
	host->on_control = rndis_take_no_receipt;
	rndis_filter_halt_device(&t->rf);
	KUNIT_EXPECT_EQ(test, 5000, host->waited_ms);
}

/* What answers carry */

static void rndis_information(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	u8 big[1500], info[16];
	u32 len, value;

	memset(big, 0x5a, sizeof(big));
	host->on_control = rndis_answer_with;
	t->info = big;

	/* No more than there is room for, and no byte behind it. */
	t->info_len = 40;
	memset(info, 0, sizeof(info));
	len = 10;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query(&t->rf, 1, NULL, 0, info,
						    &len));
	KUNIT_EXPECT_EQ(test, 10, len);
	KUNIT_EXPECT_EQ(test, 0x5a, info[9]);
	KUNIT_EXPECT_EQ(test, 0, info[10]);

	/* As little as there is. */
	t->info_len = 3;
	len = 10;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query(&t->rf, 1, NULL, 0, info,
						    &len));
	KUNIT_EXPECT_EQ(test, 3, len);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rndis_filter_query_u32(&t->rf, 1, &value));
	t->info_len = 0;
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rndis_filter_query_u32(&t->rf, 1, &value));

	/* What is longer than any answer that is wanted is none. */
	t->info_len = RNDIS_ANSWER_BYTES - 24;
	len = 10;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query(&t->rf, 1, NULL, 0, info,
						    &len));
	t->info_len++;
	KUNIT_EXPECT_EQ(test, -EPROTO,
			rndis_filter_query(&t->rf, 1, NULL, 0, info, &len));
	KUNIT_EXPECT_EQ(test, -EBADMSG, t->received);
}

/* A message that ends anywhere is malformed, and read no further. */
static void rndis_truncated(struct kunit *test)
{
	const __le32 answer[] = {
		cpu_to_le32(RNDIS_MSG_QUERY_COMPLETE), cpu_to_le32(28),
		cpu_to_le32(0x10), 0, cpu_to_le32(4), cpu_to_le32(16),
		cpu_to_le32(1),
	};
	struct rndis_test *t = rndis_of(test);
	u32 len;
	u8 *msg;

	for (len = 0; len < sizeof(answer); len++) {
		msg = kmemdup(answer, max(len, 1U), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, msg);
		KUNIT_EXPECT_EQ_MSG(test, -EBADMSG,
				    rndis_filter_receive(&t->rf, msg, len),
				    "length %u", len);
		kfree(msg);
	}
	KUNIT_EXPECT_EQ(test, -EPROTO,
			rndis_filter_receive(&t->rf, answer, len));
}

static void rndis_address(struct kunit *test)
{
	static const u8 bad[][ETH_ALEN] = {
		{ 0, 0, 0, 0, 0, 0 },
		{ 1, 0, 0x5e, 1, 2, 3 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	u8 mac[ETH_ALEN];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query_mac(&t->rf, mac));
	KUNIT_EXPECT_MEMEQ(test, mac, host->mac, ETH_ALEN);
	host->on_control = rndis_answer_with;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		t->info = bad[i];
		t->info_len = ETH_ALEN;
		KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL,
				rndis_filter_query_mac(&t->rf, mac));
	}
	for (i = 0; i < ETH_ALEN; i++) {
		t->info = host->mac;
		t->info_len = i;
		KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL,
				rndis_filter_query_mac(&t->rf, mac));
	}
}

struct rndis_name_case {
	const char *what;
	u16 utf16[12];
	u32 units;
	const char *utf8;
	u32 room;
};

static const struct rndis_name_case rndis_name_cases[] = {
	{ "plain", { 'e', 'x', 't' }, 3, "ext", 16 },
	{ "empty", { 0 }, 0, "", 16 },
	{ "two bytes", { 0xe4, 0x7ff }, 2, "\u00e4\u07ff", 16 },
	{ "three bytes", { 0x800, 0xffff }, 2, "\u0800\uffff", 16 },
	{ "four bytes", { 0xd800, 0xdc00, 0xdbff, 0xdfff }, 4,
	  "\U00010000\U0010ffff", 16 },
	{ "lone high half", { 'a', 0xd800, 'b' }, 3, "a\ufffdb", 16 },
	{ "lone low half", { 'a', 0xdc00, 'b' }, 3, "a\ufffdb", 16 },
	{ "high half at the end", { 'a', 0xd800 }, 2, "a\ufffd", 16 },
	{ "halves the wrong way", { 0xdc00, 0xd800 }, 2, "\ufffd\ufffd", 16 },
	{ "ends at a zero", { 'a', 0, 'b' }, 3, "a", 16 },
	{ "ends at an escape", { 'a', 0x1b, 'b' }, 3, "a", 16 },
	{ "ends at a delete", { 'a', 0x7f, 'b' }, 3, "a", 16 },
	{ "cut", { 'a', 'b', 'c', 'd' }, 4, "abc", 4 },
	{ "cut before a character", { 'a', 'b', 0xe4 }, 3, "ab", 4 },
	{ "no room", { 'a' }, 1, "", 1 },
};

static void rndis_name_desc(const struct rndis_name_case *one, char *desc)
{
	strscpy(desc, one->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rndis_name, rndis_name_cases, rndis_name_desc);

static void rndis_names(struct kunit *test)
{
	const struct rndis_name_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	__le16 utf16[12];
	char *name;
	u32 i;

	for (i = 0; i < one->units; i++)
		utf16[i] = cpu_to_le16(one->utf16[i]);
	name = kunit_kzalloc(test, one->room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);
	host->on_control = rndis_answer_with;
	t->info = utf16;
	t->info_len = 2 * one->units;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query_name(&t->rf, name,
							 one->room));
	KUNIT_EXPECT_STREQ(test, one->utf8, name);
	/* Half of the last unit is no unit. */
	if (!one->units)
		return;
	t->info_len--;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_query_name(&t->rf, name,
							 one->room));
}

/* What the host says on its own */

static void rndis_expect_event(struct kunit *test, u32 events,
			       enum rndis_link_event event, u32 speed)
{
	struct rndis_test *t = rndis_of(test);

	KUNIT_EXPECT_EQ(test, 0, t->received);
	KUNIT_EXPECT_EQ(test, events, t->events);
	KUNIT_EXPECT_EQ(test, event, t->event);
	KUNIT_EXPECT_EQ(test, speed, t->speed);
}

static void rndis_indications(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	__le32 info = cpu_to_le32(400000000);

	fake_indicate(host, RNDIS_STATUS_MEDIA_DISCONNECT, NULL, 0);
	rndis_expect_event(test, 1, RNDIS_LINK_DOWN, 0);
	fake_indicate(host, RNDIS_STATUS_MEDIA_CONNECT, NULL, 0);
	rndis_expect_event(test, 2, RNDIS_LINK_UP, 0);
	fake_indicate(host, RNDIS_STATUS_LINK_SPEED_CHANGE, &info, 4);
	rndis_expect_event(test, 3, RNDIS_LINK_SPEED, 400000000);
	fake_indicate(host, RNDIS_STATUS_NETWORK_CHANGE, &info, 4);
	rndis_expect_event(test, 4, RNDIS_LINK_NETWORK_CHANGE, 0);

	/* A speed that is not there, and what is of no interest. */
	fake_indicate(host, RNDIS_STATUS_LINK_SPEED_CHANGE, NULL, 0);
	fake_indicate(host, RNDIS_STATUS_LINK_SPEED_CHANGE, &info, 3);
	info = 0;
	fake_indicate(host, RNDIS_STATUS_LINK_SPEED_CHANGE, &info, 4);
	fake_indicate(host, RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, NULL, 0);
	fake_indicate(host, 0, NULL, 0);
	fake_indicate(host, ~0U, NULL, 0);
	KUNIT_EXPECT_EQ(test, 0, t->received);
	KUNIT_EXPECT_EQ(test, 4, t->events);
}

/* Messages that no guest takes, or that are none. */
static void rndis_unsolicited(struct kunit *test)
{
	struct rndis_test *t = rndis_of(test);
	__le32 msg[13] = { 0, cpu_to_le32(sizeof(msg)) };
	u32 type;

	for (type = 0; type < 12; type++) {
		msg[0] = cpu_to_le32(type);
		if (type != RNDIS_MSG_INDICATE)
			KUNIT_EXPECT_NE_MSG(test, 0,
					    rndis_filter_receive(&t->rf, msg,
								 sizeof(msg)),
					    "type %u", type);
		msg[0] = cpu_to_le32(type | RNDIS_COMPLETION);
		KUNIT_EXPECT_NE_MSG(test, 0,
				    rndis_filter_receive(&t->rf, msg,
							 sizeof(msg)),
				    "completion of type %u", type);
	}
	KUNIT_EXPECT_EQ(test, 0, t->events);
	KUNIT_EXPECT_EQ(test, 0, rndis_works(t));
}

/* What the host is told */

static bool rndis_see(struct fake_host *host,
		      const struct fake_control *control)
{
	struct rndis_test *t = host->suite;

	if (t->num_seen < ARRAY_SIZE(t->seen))
		memcpy(t->seen[t->num_seen++], control->info,
		       sizeof(control->info));

	return false;
}

/* Off first, then on, whole each time. */
static void rndis_spreading(struct kunit *test)
{
	static const u32 table[] = { 0, 2, 1 };
	const struct ndis_rss_params *params;
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	struct rndis_rss_config rss = {
		.hash_types = NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4,
		.table = table,
		.num_entries = ARRAY_SIZE(table),
	};
	u8 key[NDIS_RSS_KEY_BYTES];
	u32 i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = 0x80 + i;
	rss.key = key;
	host->on_control = rndis_see;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_rss(&t->rf, &rss));
	KUNIT_ASSERT_EQ(test, 2, t->num_seen);
	params = (const void *)t->seen[0];
	KUNIT_EXPECT_EQ(test, NDIS_RSS_PARAM_DISABLE,
			le16_to_cpu(params->flags));
	KUNIT_EXPECT_EQ(test, 0, le32_to_cpu(params->hash_info));
	params = (const void *)t->seen[1];
	KUNIT_EXPECT_EQ(test, 0x89, params->hdr.type);
	KUNIT_EXPECT_EQ(test, 0, le16_to_cpu(params->flags));
	KUNIT_EXPECT_EQ(test, 0x301, le32_to_cpu(params->hash_info));
	KUNIT_EXPECT_EQ(test, 12, le16_to_cpu(params->table_size));
	KUNIT_EXPECT_EQ(test, 40, le16_to_cpu(params->key_size));
	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ(test, table[i], le32_to_cpu(((const __le32 *)
				(t->seen[1] +
				 le32_to_cpu(params->table_offset)))[i]));
	KUNIT_EXPECT_MEMEQ(test, t->seen[1] + le32_to_cpu(params->key_offset),
			   key, sizeof(key));
}

static void rndis_spreading_refused(struct kunit *test)
{
	static const u8 key[NDIS_RSS_KEY_BYTES];
	static const u32 table[NDIS_RSS_MAX_ENTRIES];
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	struct rndis_rss_config rss = {
		.hash_types = NDIS_HASH_IPV4, .key = key, .table = table,
	};

	KUNIT_EXPECT_EQ(test, -EINVAL, rndis_filter_set_rss(&t->rf, &rss));
	rss.num_entries = NDIS_RSS_MAX_ENTRIES + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, rndis_filter_set_rss(&t->rf, &rss));
	KUNIT_EXPECT_EQ(test, 0, host->num_oids);
	rss.num_entries = NDIS_RSS_MAX_ENTRIES;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_rss(&t->rf, &rss));
	host->refuse_oid = OID_GEN_RECEIVE_SCALE_PARAMETERS;
	KUNIT_EXPECT_EQ(test, -EIO, rndis_filter_set_rss(&t->rf, &rss));
	/* Refused at the first step, there is no second. */
	KUNIT_EXPECT_EQ(test, 3, host->num_oids);
}

static void rndis_offload_params(struct kunit *test)
{
	struct ndis_offload_params want = {
		.ipv4_csum = 4, .tcp_ipv4_csum = 4, .udp_ipv4_csum = 4,
		.tcp_ipv6_csum = 4, .udp_ipv6_csum = 4, .lso_v2_ipv4 = 2,
		.rsc_ipv4 = 2,
	};
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;

	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_offload(&t->rf, &want));
	KUNIT_EXPECT_EQ(test, 28, host->control.info_bytes);
	KUNIT_EXPECT_EQ(test, 0x80, host->offload.hdr.type);
	KUNIT_EXPECT_EQ(test, 3, host->offload.hdr.revision);
	KUNIT_EXPECT_EQ(test, 4, host->offload.udp_ipv6_csum);
	KUNIT_EXPECT_EQ(test, 2, host->offload.rsc_ipv4);

	/* Before NDIS 6.30 there is neither UDP nor coalescing. */
	t->s.version = NVSP_VERSION_4;
	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_offload(&t->rf, &want));
	KUNIT_EXPECT_EQ(test, 20, host->control.info_bytes);
	KUNIT_EXPECT_EQ(test, 1, host->offload.hdr.revision);
	KUNIT_EXPECT_EQ(test, 20, le16_to_cpu(host->offload.hdr.size));
	KUNIT_EXPECT_EQ(test, 4, host->offload.tcp_ipv6_csum);
	KUNIT_EXPECT_EQ(test, 0, host->offload.udp_ipv4_csum);
	KUNIT_EXPECT_EQ(test, 0, host->offload.udp_ipv6_csum);
}

static void rndis_offload_question(struct kunit *test)
{
	static const struct {
		u32 version;
		u8 revision;
		u32 bytes;
	} asked[] = {
		{ NVSP_VERSION_1, 1, 112 }, { NVSP_VERSION_2, 1, 112 },
		{ NVSP_VERSION_4, 2, 144 }, { NVSP_VERSION_5, 3, 156 },
		{ NVSP_VERSION_6_1, 3, 156 },
	};
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	struct rndis_offload_caps caps;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(asked); i++) {
		t->s.version = asked[i].version;
		KUNIT_EXPECT_EQ(test, 0, rndis_filter_query_offload(&t->rf,
								    &caps));
		KUNIT_EXPECT_EQ(test, asked[i].bytes, host->control.info_bytes);
		KUNIT_EXPECT_EQ(test, 0xa7, host->control.info[0]);
		KUNIT_EXPECT_EQ(test, asked[i].revision, host->control.info[1]);
		KUNIT_EXPECT_EQ(test, 62780, caps.lso_v2_ipv4_max);
	}
}

/* In digits, as UTF-16, under the name that hosts know. */
static void rndis_new_address(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 0x02, 0xab, 0xcd, 0xef, 0x01, 0x90 };
	static const char name[] = "NetworkAddress";
	static const char digits[] = "02abcdef0190";
	struct fake_host *host = test->priv;
	struct rndis_test *t = host->suite;
	const u8 *info = host->control.info;
	u32 i;

	KUNIT_EXPECT_EQ(test, 0, rndis_filter_set_mac(&t->rf, mac));
	KUNIT_EXPECT_EQ(test, OID_GEN_RNDIS_CONFIG_PARAMETER,
			host->control.oid);
	KUNIT_EXPECT_EQ(test, 20 + 28 + 24, host->control.info_bytes);
	KUNIT_EXPECT_EQ(test, 28, info[4]);
	KUNIT_EXPECT_EQ(test, 2, info[8]);
	KUNIT_EXPECT_EQ(test, 24, info[16]);
	for (i = 0; i < strlen(name); i++) {
		KUNIT_EXPECT_EQ(test, name[i], info[info[0] + 2 * i]);
		KUNIT_EXPECT_EQ(test, 0, info[info[0] + 2 * i + 1]);
	}
	for (i = 0; i < strlen(digits); i++)
		KUNIT_EXPECT_EQ(test, digits[i], info[info[12] + 2 * i]);
	host->refuse_oid = OID_GEN_RNDIS_CONFIG_PARAMETER;
	KUNIT_EXPECT_EQ(test, -EIO, rndis_filter_set_mac(&t->rf, mac));
}

static struct kunit_case rndis_cases[] = {
	KUNIT_CASE(rndis_initialise),
	KUNIT_CASE(rndis_initialise_refused),
	KUNIT_CASE(rndis_initialise_nonsense),
	KUNIT_CASE_PARAM(rndis_statuses, rndis_status_gen_params),
	KUNIT_CASE(rndis_answer_of_another_type),
	KUNIT_CASE(rndis_malformed),
	KUNIT_CASE(rndis_answer_of_another_id),
	KUNIT_CASE(rndis_answer_late_and_twice),
	KUNIT_CASE(rndis_answer_before_receipt),
	KUNIT_CASE(rndis_receipt_refused),
	KUNIT_CASE(rndis_forged_receipts),
	KUNIT_CASE(rndis_silence),
	KUNIT_CASE(rndis_pages_with_the_host),
	KUNIT_CASE(rndis_gone),
	KUNIT_CASE(rndis_aborted),
	KUNIT_CASE(rndis_halt),
	KUNIT_CASE(rndis_information),
	KUNIT_CASE(rndis_truncated),
	KUNIT_CASE(rndis_address),
	KUNIT_CASE_PARAM(rndis_names, rndis_name_gen_params),
	KUNIT_CASE(rndis_indications),
	KUNIT_CASE(rndis_unsolicited),
	KUNIT_CASE(rndis_spreading),
	KUNIT_CASE(rndis_spreading_refused),
	KUNIT_CASE(rndis_offload_params),
	KUNIT_CASE(rndis_offload_question),
	KUNIT_CASE(rndis_new_address),
	{ }
};

static struct kunit_suite rndis_suite = {
	.name = "hv_netvsc_rndis",
	.init = rndis_suite_init,
	.exit = rndis_suite_exit,
	.test_cases = rndis_cases,
};

kunit_test_suite(rndis_suite);
