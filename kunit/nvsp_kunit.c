// SPDX-License-Identifier: GPL-2.0
/*
 * The NVSP session: every version, what a host may refuse, what it may leave
 * unanswered, and answers that are none.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

#define BUFFER_BYTES	(2 << 20)

struct nvsp_test {
	struct nvb_channel channel;
	struct nvsp s;
	int received;		/* what the driver said of the last packet */
	u32 tables;
	u32 table[NVSP_INDIRECTION_ENTRIES];
	struct nvsp_msg_ndis_config config;
	struct nvsp_msg_ndis_version ndis;
	const void *answer;	/* of the hooks below */
	u32 answer_len;
	u64 xid;
	u32 depth;
	int deepest;
	u32 associations;
	bool allocated;
	u32 serial;
	u32 backs;
};

static void nvsp_table(void *ctx, const u32 *channels, unsigned int n)
{
	struct nvsp_test *t = ctx;

	t->tables++;
	memcpy(t->table, channels, n * sizeof(*channels));
}

static void nvsp_association(void *ctx, bool allocated, u32 serial)
{
	struct nvsp_test *t = ctx;

	t->associations++;
	t->allocated = allocated;
	t->serial = serial;
}

static void nvsp_back(void *ctx)
{
	struct nvsp_test *t = ctx;

	t->backs++;
}

static const struct nvsp_ops nvsp_test_ops = {
	.send_table = nvsp_table,
	.vf_association = nvsp_association,
	.data_path_back = nvsp_back,
};

static void nvsp_deliver(struct fake_host *host, u32 channel)
{
	struct nvsp_test *t = host->suite;
	struct nvb_packet pkt;

	while (nvb_in_next(&t->channel.in, &pkt) == 1) {
		if (pkt.type == NVB_PACKET_COMPLETION)
			t->received = nvsp_receive_completion(&t->s, &pkt);
		else
			t->received = nvsp_receive_inband(&t->s, &pkt);
	}
	nvb_in_publish(&t->channel.in);
}

static int nvsp_suite_init(struct kunit *test)
{
	struct fake_host *host = fake_host_alloc(test);
	struct nvsp_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	host->suite = t;
	host->deliver = nvsp_deliver;
	host->recv_bytes = BUFFER_BYTES;
	KUNIT_ASSERT_EQ(test, 0, nvb_channel_open(&t->channel,
						  host->channel[0].vmbus, 0,
						  NULL, NULL));
	nvsp_init(&t->s, kunit_device_register(test, "nvsp"), &t->channel,
		  &nvsp_test_ops, t);

	return 0;
}

static void nvsp_suite_exit(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host ? host->suite : NULL;

	if (t)
		nvb_channel_close(&t->channel);
}

/* Versions */

struct nvsp_version_case {
	const char *name;
	u32 version;
	u32 inits;
	u32 ndis_minor;
	bool config;
	u32 caps;
};

static const struct nvsp_version_case nvsp_version_cases[] = {
	{ "6.1", 0x60001, 1, 30, true, 0xac },
	{ "6", 0x60000, 2, 30, true, 0x2c },
	{ "5", 0x50000, 3, 30, true, 0x2c },
	{ "4", 0x40000, 4, 1, true, 0x08 },
	{ "2", 0x30002, 5, 1, true, 0x08 },
	{ "1", 0x00002, 6, 1, false, 0 },
};

static void nvsp_version_desc(const struct nvsp_version_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nvsp_version, nvsp_version_cases, nvsp_version_desc);

static void nvsp_each_version(struct kunit *test)
{
	const struct nvsp_version_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	KUNIT_EXPECT_STREQ(test, "none", nvsp_version_name(&t->s));
	host->version = one->version;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
	KUNIT_EXPECT_EQ(test, one->version, t->s.version);
	KUNIT_EXPECT_EQ(test, 34, t->s.max_mdl_chain);
	KUNIT_EXPECT_EQ(test, one->inits, fake_seen(host, NVSP_MSG_INIT));
	KUNIT_EXPECT_STREQ(test, one->name, nvsp_version_name(&t->s));
	KUNIT_EXPECT_EQ(test, one->version == 0x60001,
			nvsp_can_coalesce(&t->s));
	/* Old hosts take no more than 15 MiB. */
	KUNIT_EXPECT_EQ(test, one->version <= 0x30002 ? 15 << 20 : 16 << 20,
			nvsp_recv_buffer_limit(&t->s, 16 << 20));
	KUNIT_EXPECT_EQ(test, 4096, nvsp_recv_buffer_limit(&t->s, 4096));
}

static bool nvsp_record(struct fake_host *host, u32 type,
			const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	if (type == NVSP_MSG_SEND_NDIS_CONFIG)
		memcpy(&t->config, pkt->payload, sizeof(t->config));
	if (type == NVSP_MSG_SEND_NDIS_VERSION)
		memcpy(&t->ndis, pkt->payload, sizeof(t->ndis));

	return false;
}

/* What each version is told, in the order in which the host needs it. */
static void nvsp_configure_each_version(struct kunit *test)
{
	const struct nvsp_version_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	t->s.version = one->version;
	host->on_nvsp = nvsp_record;
	KUNIT_EXPECT_EQ(test, 0, nvsp_configure(&t->s, 9014));
	KUNIT_EXPECT_EQ(test, one->config + 1, host->num_nvsp);
	KUNIT_EXPECT_EQ(test, 100, host->nvsp_log[host->num_nvsp - 1]);
	KUNIT_EXPECT_EQ(test, 6, le32_to_cpu(t->ndis.major));
	KUNIT_EXPECT_EQ(test, one->ndis_minor, le32_to_cpu(t->ndis.minor));
	KUNIT_EXPECT_EQ(test, 0, host->waits);
	if (!one->config)
		return;
	KUNIT_EXPECT_EQ(test, 125, host->nvsp_log[0]);
	KUNIT_EXPECT_EQ(test, 9014, le32_to_cpu(t->config.mtu));
	KUNIT_EXPECT_EQ(test, one->caps, le64_to_cpu(t->config.capabilities));
}

static void nvsp_no_version(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->version = 0;
	KUNIT_EXPECT_EQ(test, -EPROTONOSUPPORT, nvsp_negotiate(&t->s));
	KUNIT_EXPECT_EQ(test, 6, fake_seen(host, NVSP_MSG_INIT));
	KUNIT_EXPECT_EQ(test, 0, t->s.version);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/* Requests, each with its own way to be refused */

struct nvsp_request_case {
	const char *name;
	u32 type;
	u32 answer;
	u32 answer_bytes;	/* that are needed */
	int refused;
	int (*call)(struct nvsp *s);
};

static int nvsp_call_recv(struct nvsp *s)
{
	return nvsp_share_recv_buffer(s, 0xe100, BUFFER_BYTES);
}

static int nvsp_call_send(struct nvsp *s)
{
	return nvsp_share_send_buffer(s, 0xe101, BUFFER_BYTES);
}

static int nvsp_call_subchannels(struct nvsp *s)
{
	u32 granted = ~0U;
	int err = nvsp_request_subchannels(s, 3, &granted);

	/* Whatever happens, nobody waits for channels that do not come. */
	return granted > 3 ? -EOVERFLOW : err;
}

static const struct nvsp_request_case nvsp_request_cases[] = {
	{ "version", 1, 2, 16, -EPROTONOSUPPORT, nvsp_negotiate },
	{ "receive buffer", 101, 102, 28, -EIO, nvsp_call_recv },
	{ "send buffer", 104, 105, 12, 0, nvsp_call_send },
	{ "subchannels", 133, 133, 12, 0, nvsp_call_subchannels },
};

static void nvsp_request_desc(const struct nvsp_request_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nvsp_request, nvsp_request_cases, nvsp_request_desc);

static void nvsp_granted(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	KUNIT_EXPECT_EQ(test, 0, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, one->type));
	KUNIT_EXPECT_EQ(test, 0, t->received);
}

static void nvsp_refused(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->refuse = one->type;
	KUNIT_EXPECT_EQ(test, one->refused, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 0, t->s.recv.slot_size);
	KUNIT_EXPECT_EQ(test, 0, t->s.send.section_size);
	KUNIT_EXPECT_EQ(test, 0, t->s.send.num_sections);
}

/* One wait, bounded, and no second attempt. */
static void nvsp_silent(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->silent_nvsp = one->type;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 1, host->timeouts);
	KUNIT_EXPECT_EQ(test, 10000, host->waited_ms);
	KUNIT_EXPECT_EQ(test, 1, host->num_nvsp);

	/* The slot is free again: the next request does not suffer. */
	host->silent_nvsp = 0;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
}

/* Who has been silent is not given as much time again, until it speaks. */
static void nvsp_silent_again(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->silent_nvsp = one->type;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 5000, host->last_wait_ms);
	host->silent_nvsp = 0;
	KUNIT_EXPECT_EQ(test, 0, one->call(&t->s));
	host->silent_nvsp = one->type;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 10000, host->last_wait_ms);
}

/* All waits of a setup together have an end, which each of them keeps. */
static void nvsp_setup_has_an_end(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	KUNIT_EXPECT_TRUE(test, t->s.setting_up);
	KUNIT_EXPECT_LE(test, t->s.setup_end - jiffies,
			msecs_to_jiffies(180000));
	host->silent_nvsp = one->type;
	t->s.setup_end = jiffies + msecs_to_jiffies(1000);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_LE(test, host->last_wait_ms, 1000);
	t->s.setup_end = jiffies - 1;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->last_wait_ms);
	nvsp_setup_done(&t->s);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 5000, host->last_wait_ms);
}

static void nvsp_gone(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->gone_at = one->type;
	KUNIT_EXPECT_EQ(test, -ENODEV, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_FALSE(test, nvsp_usable(&t->s));
	KUNIT_EXPECT_EQ(test, -ENODEV, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 1, host->num_nvsp);
}

static void nvsp_aborted(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	nvsp_abort(&t->s);
	KUNIT_EXPECT_EQ(test, -ENODEV, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->num_nvsp);
}

static bool nvsp_abort_meanwhile(struct fake_host *host, u32 type,
				 const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	nvsp_abort(&t->s);

	return true;
}

static void nvsp_aborted_while_waiting(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->on_nvsp = nvsp_abort_meanwhile;
	KUNIT_EXPECT_EQ(test, -ENODEV, one->call(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/* Answers: the hook gives what the test wants in place of the host's own. */
static bool nvsp_answer_with(struct fake_host *host, u32 type,
			     const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;
	struct nvb_packet completion = {
		.payload = t->answer,
		.payload_len = t->answer_len,
		.trans_id = pkt->trans_id,
		.type = NVB_PACKET_COMPLETION,
	};

	t->xid = pkt->trans_id;
	t->received = nvsp_receive_completion(&t->s, &completion);

	return true;
}

/* Every length that is too short for what is needed of an answer. */
static void nvsp_truncated_answer(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	__le32 *answer;
	u32 len;

	host->on_nvsp = nvsp_answer_with;
	for (len = 0; len < one->answer_bytes; len++) {
		/* Of its exact size, for KASAN. */
		answer = kmalloc(max(len, 1U), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, answer);
		memset(answer, 0, len);
		if (len >= 4)
			answer[0] = cpu_to_le32(one->answer);
		t->answer = len ? answer : ZERO_SIZE_PTR;
		t->answer_len = len;
		KUNIT_EXPECT_EQ_MSG(test, -EPROTO, one->call(&t->s),
				    "length %u", len);
		KUNIT_EXPECT_EQ_MSG(test, len < 4 ? -EPROTO : 0, t->received,
				    "length %u", len);
		kfree(answer);
	}
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/* Completions that name a request and do not answer it: nobody waits on. */
static void nvsp_answer_of_another_type(struct kunit *test)
{
	const struct nvsp_request_case *one = test->param_value;
	static const u32 types[] = { 0, 1, 2, 100, 102, 105, 107, 108, 132, 133,
				     134, 0x80000002, 0xffffffff };
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	__le32 answer[10] = {};
	unsigned int i;

	host->on_nvsp = nvsp_answer_with;
	t->answer = answer;
	t->answer_len = sizeof(answer);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i] == one->answer)
			continue;
		answer[0] = cpu_to_le32(types[i]);
		KUNIT_EXPECT_EQ_MSG(test, -EPROTO, one->call(&t->s),
				    "type %#x", types[i]);
		KUNIT_EXPECT_EQ(test, -EPROTO, t->received);
	}
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	host->on_nvsp = NULL;
	KUNIT_EXPECT_EQ(test, 0, one->call(&t->s));
}

static int nvsp_forge(struct nvsp_test *t, u64 xid, u32 type)
{
	__le32 answer[10] = { cpu_to_le32(type), 0, 0, cpu_to_le32(1) };
	struct nvb_packet pkt = {
		.payload = answer,
		.payload_len = sizeof(answer),
		.trans_id = xid,
		.type = NVB_PACKET_COMPLETION,
	};

	return nvsp_receive_completion(&t->s, &pkt);
}

/* While a request is under way: its id with any bit changed fits nothing. */
static bool nvsp_forge_around(struct fake_host *host, u32 type,
			      const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;
	unsigned int bit;

	for (bit = 0; bit < 48; bit++)
		KUNIT_EXPECT_EQ_MSG(host->test, -EPROTO,
				    nvsp_forge(t, pkt->trans_id ^ BIT_ULL(bit),
					       2), "bit %u", bit);
	KUNIT_EXPECT_EQ(host->test, 0, nvsp_forge(t, pkt->trans_id, 2));
	/* The same again. */
	KUNIT_EXPECT_EQ(host->test, -EPROTO, nvsp_forge(t, pkt->trans_id, 2));
	t->xid = pkt->trans_id;

	return true;
}

/* A wrong answer, then the right one: the first has ended the request. */
static bool nvsp_forge_first(struct fake_host *host, u32 type,
			     const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	KUNIT_EXPECT_EQ(host->test, -EPROTO,
			nvsp_forge(t, pkt->trans_id, 102));
	KUNIT_EXPECT_EQ(host->test, -EPROTO, nvsp_forge(t, pkt->trans_id, 2));

	return true;
}

static void nvsp_wrong_answer_first(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->on_nvsp = nvsp_forge_first;
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_negotiate(&t->s));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 0, t->s.version);
	host->on_nvsp = NULL;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
}

static void nvsp_forged_completions(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	u32 i;

	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, -EPROTO,
				nvsp_forge(t, nvsp_xid(NVSP_XID_REQUEST, 1, i),
					   2));
	host->on_nvsp = nvsp_forge_around;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
	/* Late, when nobody waits any more. */
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_forge(t, t->xid, 2));
}

static bool nvsp_keep_id(struct fake_host *host, u32 type,
			 const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	t->xid = pkt->trans_id;

	return true;
}

/* An answer to the previous session does not fit this one. */
static void nvsp_answer_of_the_last_session(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->on_nvsp = nvsp_keep_id;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_negotiate(&t->s));
	nvsp_init(&t->s, t->s.dev, &t->channel, &nvsp_test_ops, t);
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_forge(t, t->xid, 2));
	host->on_nvsp = NULL;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
}

/* The table of requests has an end; who comes late is told so. */
static bool nvsp_ask_again(struct fake_host *host, u32 type,
			   const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	t->depth++;
	t->deepest = nvsp_call_subchannels(&t->s);

	return true;
}

static void nvsp_too_many_requests(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->on_nvsp = nvsp_ask_again;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_call_subchannels(&t->s));
	KUNIT_EXPECT_EQ(test, NVSP_REQUESTS, t->depth);
	KUNIT_EXPECT_EQ(test, NVSP_REQUESTS, host->timeouts);

	host->on_nvsp = NULL;
	KUNIT_EXPECT_EQ(test, 0, nvsp_negotiate(&t->s));
}

/* Buffers */

struct nvsp_cut_case {
	const char *name;
	u32 sections;
	u32 offset;
	u32 slot;
	u32 num;
	int err;
};

static const struct nvsp_cut_case nvsp_cut_cases[] = {
	{ "no section", 0, 0, 2048, 1024, -EPROTO },
	{ "two sections", 2, 0, 2048, 512, -EPROTO },
	{ "all sections", ~0U, 0, 2048, 512, -EPROTO },
	{ "not at the start", 1, 8, 2048, 512, -EPROTO },
	{ "slot of 0 bytes", 1, 0, 0, 1024, -EPROTO },
	{ "slot too short for a frame", 1, 0, 57, 1024, -EPROTO },
	{ "slot of 58 bytes", 1, 0, 58, 1024, 0 },
	{ "no slots", 1, 0, 2048, 0, -EPROTO },
	{ "all of the buffer", 1, 0, 2048, 1024, 0 },
	{ "one slot too many", 1, 0, 2048, 1025, -EPROTO },
	{ "one slot", 1, 0, BUFFER_BYTES, 1, 0 },
	{ "one slot, too long", 1, 0, BUFFER_BYTES + 1, 1, -EPROTO },
	{ "a product of 32 bits", 1, 0, 0x10000, 0x10000, -EPROTO },
	{ "a product of 64 bits", 1, 0, ~0U, ~0U, -EPROTO },
};

static void nvsp_cut_desc(const struct nvsp_cut_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nvsp_cut, nvsp_cut_cases, nvsp_cut_desc);

static void nvsp_receive_slots(struct kunit *test)
{
	const struct nvsp_cut_case *one = test->param_value;
	const __le32 answer[] = {
		cpu_to_le32(102), cpu_to_le32(1), cpu_to_le32(one->sections),
		cpu_to_le32(one->offset), cpu_to_le32(one->slot),
		cpu_to_le32(one->num), 0,
	};
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->on_nvsp = nvsp_answer_with;
	t->answer = answer;
	t->answer_len = sizeof(answer);
	KUNIT_EXPECT_EQ(test, one->err, nvsp_call_recv(&t->s));
	KUNIT_EXPECT_EQ(test, one->err ? 0 : one->slot, t->s.recv.slot_size);
	KUNIT_EXPECT_EQ(test, one->err ? 0 : one->num, t->s.recv.num_slots);
	/* It may have it, whatever it says: it is to be taken back. */
	KUNIT_EXPECT_TRUE(test, t->s.recv_shared);
}

static void nvsp_send_sections(struct kunit *test)
{
	static const u32 sizes[][2] = {
		{ 0, 0 }, { 4, 0 }, { 252, 0 }, { 256, 256 }, { 257, 0 },
		{ 258, 0 }, { 6144, 6144 }, { BUFFER_BYTES, BUFFER_BYTES },
		{ BUFFER_BYTES + 4, 0 }, { 0xfffffffc, 0 }, { 0xffffffff, 0 },
	};
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	unsigned int i;

	host->on_nvsp = nvsp_answer_with;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const __le32 answer[] = {
			cpu_to_le32(105), cpu_to_le32(1),
			cpu_to_le32(sizes[i][0]),
		};

		t->answer = answer;
		t->answer_len = sizeof(answer);
		t->s.send.section_size = 0;
		t->s.send.num_sections = 0;
		KUNIT_EXPECT_EQ(test, 0, nvsp_call_send(&t->s));
		KUNIT_EXPECT_EQ(test, sizes[i][1], t->s.send.section_size);
		KUNIT_EXPECT_EQ(test,
				sizes[i][1] ? BUFFER_BYTES / sizes[i][1] : 0,
				t->s.send.num_sections);
	}
}

static void nvsp_revoke(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	nvsp_revoke_buffers(&t->s);
	KUNIT_EXPECT_EQ(test, 0, host->num_nvsp);

	KUNIT_EXPECT_EQ(test, 0, nvsp_call_recv(&t->s));
	nvsp_revoke_buffers(&t->s);
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, 103));
	KUNIT_EXPECT_EQ(test, 0, fake_seen(host, 106));

	KUNIT_EXPECT_EQ(test, 0, nvsp_call_recv(&t->s));
	KUNIT_EXPECT_EQ(test, 0, nvsp_call_send(&t->s));
	nvsp_revoke_buffers(&t->s);
	nvsp_revoke_buffers(&t->s);
	KUNIT_EXPECT_EQ(test, 2, fake_seen(host, 103));
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, 106));
}

static void nvsp_subchannel_counts(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	u32 num, granted;

	host->on_nvsp = nvsp_answer_with;
	for (num = 0; num < 8; num++) {
		const __le32 answer[] = {
			cpu_to_le32(133), cpu_to_le32(1), cpu_to_le32(num),
		};

		t->answer = answer;
		t->answer_len = sizeof(answer);
		granted = 99;
		KUNIT_EXPECT_EQ(test, num > 3 ? -EPROTO : 0,
				nvsp_request_subchannels(&t->s, 3, &granted));
		KUNIT_EXPECT_EQ(test, num > 3 ? 0 : num, granted);
	}
}

/* What the host sends on its own */

static int nvsp_inband(struct nvsp_test *t, const void *payload, u32 len)
{
	struct nvb_packet pkt = {
		.payload = payload,
		.payload_len = len,
		.type = NVB_PACKET_INBAND,
	};

	return nvsp_receive_inband(&t->s, &pkt);
}

static void nvsp_inband_types(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	__le32 msg[10] = {};
	u32 type;

	for (type = 0; type < 140; type++) {
		bool may = type == 128 || type == 129 || type == 130;

		msg[0] = cpu_to_le32(type);
		KUNIT_EXPECT_EQ_MSG(test, may ? 0 : -EPROTO,
				    nvsp_inband(t, msg, sizeof(msg)),
				    "type %u", type);
	}
	msg[0] = cpu_to_le32(128);
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, 4));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_inband(t, msg, 3));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_inband(t, msg, 0));
	KUNIT_EXPECT_EQ(test, 0, t->tables);
}

/* The virtual function, with a host that may speak of it and one that may not. */
static void nvsp_inband_vf(struct kunit *test)
{
	__le32 msg[10] = { cpu_to_le32(128), cpu_to_le32(1), cpu_to_le32(77) };
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	t->s.version = NVSP_VERSION_4;
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, sizeof(msg)));
	KUNIT_EXPECT_EQ(test, 0, t->associations);
	t->s.version = NVSP_VERSION_5;
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, 12));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_inband(t, msg, 11));
	KUNIT_EXPECT_EQ(test, 1, t->associations);
	KUNIT_EXPECT_TRUE(test, t->allocated);
	KUNIT_EXPECT_EQ(test, 77, t->serial);
	msg[1] = 0;
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, sizeof(msg)));
	KUNIT_EXPECT_EQ(test, 2, t->associations);
	KUNIT_EXPECT_FALSE(test, t->allocated);

	msg[0] = cpu_to_le32(129);
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, 8));
	KUNIT_EXPECT_EQ(test, -EPROTO, nvsp_inband(t, msg, 7));
	KUNIT_EXPECT_EQ(test, 1, t->backs);
	msg[1] = cpu_to_le32(1);
	KUNIT_EXPECT_EQ(test, 0, nvsp_inband(t, msg, 8));
	KUNIT_EXPECT_EQ(test, 1, t->backs);
}

static bool nvsp_complete_with(struct fake_host *host, u32 type,
			       const struct fake_packet *pkt)
{
	struct nvsp_test *t = host->suite;

	if (type != NVSP_MSG_SWITCH_DATA_PATH)
		return false;
	fake_complete(host, 0, pkt->trans_id, t->answer, t->answer_len);

	return true;
}

/* Completed by nothing, or by whatever. */
static void nvsp_data_path(struct kunit *test)
{
	static const __le32 some[] = { cpu_to_le32(129), 0 };
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	KUNIT_EXPECT_EQ(test, 0, nvsp_switch_data_path(&t->s, true));
	KUNIT_EXPECT_EQ(test, 1, host->vf_path);
	KUNIT_EXPECT_EQ(test, 0, nvsp_switch_data_path(&t->s, false));
	KUNIT_EXPECT_EQ(test, 0, host->vf_path);
	t->answer = some;
	t->answer_len = sizeof(some);
	host->on_nvsp = nvsp_complete_with;
	KUNIT_EXPECT_EQ(test, 0, nvsp_switch_data_path(&t->s, true));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 3, host->vf_asked);
}

/* What the host may do when nobody counts on it any more is undone. */
static void nvsp_data_path_late(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->silent_nvsp = NVSP_MSG_SWITCH_DATA_PATH;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_switch_data_path(&t->s, true));
	KUNIT_EXPECT_EQ(test, 2, host->vf_asked);
	KUNIT_EXPECT_EQ(test, 0, host->vf_path);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_switch_data_path(&t->s, false));
	KUNIT_EXPECT_EQ(test, 3, host->vf_asked);
	host->gone_at = NVSP_MSG_SWITCH_DATA_PATH;
	KUNIT_EXPECT_EQ(test, -ENODEV, nvsp_switch_data_path(&t->s, true));
}

struct nvsp_table_case {
	const char *name;
	u32 version;
	u32 count;
	u32 offset;		/* as the message says */
	u32 where;		/* as it is */
	u32 len;
	bool good;
};

static const struct nvsp_table_case nvsp_table_cases[] = {
	{ "packed", 0x60001, 16, 12, 12, 76, true },
	{ "with a gap", 0x60001, 16, 40, 40, 104, true },
	{ "to the last byte", 0x50000, 16, 13, 13, 77, true },
	{ "padded, offset of the unpadded", 0x60000, 16, 12, 40, 104, true },
	{ "unpadded, old", 0x50000, 16, 12, 12, 76, true },
	{ "padded, newer host means it", 0x60001, 16, 12, 12, 104, true },
	{ "one entry short", 0x60001, 15, 12, 12, 76, false },
	{ "one entry more", 0x60001, 17, 12, 12, 80, false },
	{ "all entries", 0x60001, ~0U, 12, 12, 104, false },
	{ "offset in the header", 0x60001, 16, 8, 8, 104, false },
	{ "offset 0", 0x60001, 16, 0, 12, 104, false },
	{ "offset at the end", 0x60001, 16, 104, 12, 104, false },
	{ "offset behind the end", 0x60001, 16, 105, 12, 104, false },
	{ "offset -1", 0x60001, 16, ~0U, 12, 104, false },
	{ "one byte short", 0x60001, 16, 12, 12, 75, false },
	{ "no table", 0x60001, 16, 12, 12, 12, false },
	{ "no offset", 0x60001, 16, 12, 12, 11, false },
};

static void nvsp_table_desc(const struct nvsp_table_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nvsp_table, nvsp_table_cases, nvsp_table_desc);

static void nvsp_indirection_table(struct kunit *test)
{
	const struct nvsp_table_case *one = test->param_value;
	const __le32 head[] = {
		cpu_to_le32(134), cpu_to_le32(one->count),
		cpu_to_le32(one->offset),
	};
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	u8 whole[128] = {}, *msg;
	__le32 entry;
	u32 i;

	memset(whole, 0xee, sizeof(whole));
	memcpy(whole, head, sizeof(head));
	for (i = 0; i < 16 && one->good; i++) {
		entry = cpu_to_le32(0x01020300 + i);
		memcpy(whole + one->where + 4 * i, &entry, 4);
	}
	msg = kunit_kzalloc(test, one->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	memcpy(msg, whole, one->len);
	t->s.version = one->version;
	KUNIT_EXPECT_EQ(test, one->good ? 0 : -EPROTO,
			nvsp_inband(t, msg, one->len));
	KUNIT_EXPECT_EQ(test, one->good, t->tables);
	for (i = 0; i < 16 && one->good; i++)
		KUNIT_EXPECT_EQ(test, 0x01020300 + i, t->table[i]);
}

/* A ring without room */

static void nvsp_fill_ring(struct nvsp_test *t)
{
	while (nvb_out_claim(&t->channel.out, NVB_PACKET_INBAND, 0, 0, 0, 8))
		nvb_out_commit(&t->channel.out);
}

static void nvsp_full_ring_gone(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->deaf = true;
	nvsp_fill_ring(t);
	fake_host_rescind(host);
	KUNIT_EXPECT_EQ(test, -ENODEV, nvsp_negotiate(&t->s));
	KUNIT_EXPECT_EQ(test, -ENODEV, nvsp_send_control(&t->s, 4096, 12, 1));
}

/* The one case that waits in earnest, since nothing of it is faked. */
static void nvsp_full_ring_is_bounded(struct kunit *test)
{
	unsigned long begin = jiffies;
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;

	host->deaf = true;
	nvsp_fill_ring(t);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_negotiate(&t->s));
	KUNIT_EXPECT_TRUE(test, time_in_range(jiffies, begin + 10 * HZ,
					      begin + 15 * HZ));
	KUNIT_EXPECT_EQ(test, 0, host->waits);
}

/* The real wait */

static void nvsp_wait_really(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct nvsp_test *t = host->suite;
	unsigned long begin = jiffies;
	struct completion done;

	kunit_deactivate_static_stub(test, nvb_channel_wait);
	init_completion(&done);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, nvsp_wait(&t->s, &done, 100));
	KUNIT_EXPECT_TRUE(test, time_in_range(jiffies,
					      begin + msecs_to_jiffies(100),
					      begin + msecs_to_jiffies(1000)));
	complete(&done);
	KUNIT_EXPECT_EQ(test, 0, nvsp_wait(&t->s, &done, 100));
	WRITE_ONCE(host->channel[0].vmbus->rescind, true);
	begin = jiffies;
	KUNIT_EXPECT_EQ(test, -ENODEV, nvb_channel_wait(&t->channel, &done,
							60000));
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, begin + HZ));
}

static struct kunit_case nvsp_cases[] = {
	KUNIT_CASE_PARAM(nvsp_each_version, nvsp_version_gen_params),
	KUNIT_CASE_PARAM(nvsp_configure_each_version, nvsp_version_gen_params),
	KUNIT_CASE(nvsp_no_version),
	KUNIT_CASE_PARAM(nvsp_granted, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_refused, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_silent, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_silent_again, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_setup_has_an_end, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_gone, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_aborted, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_aborted_while_waiting, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_truncated_answer, nvsp_request_gen_params),
	KUNIT_CASE_PARAM(nvsp_answer_of_another_type, nvsp_request_gen_params),
	KUNIT_CASE(nvsp_wrong_answer_first),
	KUNIT_CASE(nvsp_forged_completions),
	KUNIT_CASE(nvsp_answer_of_the_last_session),
	KUNIT_CASE(nvsp_too_many_requests),
	KUNIT_CASE_PARAM(nvsp_receive_slots, nvsp_cut_gen_params),
	KUNIT_CASE(nvsp_send_sections),
	KUNIT_CASE(nvsp_revoke),
	KUNIT_CASE(nvsp_subchannel_counts),
	KUNIT_CASE(nvsp_inband_types),
	KUNIT_CASE(nvsp_inband_vf),
	KUNIT_CASE(nvsp_data_path),
	KUNIT_CASE(nvsp_data_path_late),
	KUNIT_CASE_PARAM(nvsp_indirection_table, nvsp_table_gen_params),
	KUNIT_CASE(nvsp_full_ring_gone),
	KUNIT_CASE_SLOW(nvsp_full_ring_is_bounded),
	KUNIT_CASE(nvsp_wait_really),
	{ }
};

static struct kunit_suite nvsp_suite = {
	.name = "hv_netvsc_nvsp",
	.init = nvsp_suite_init,
	.exit = nvsp_suite_exit,
	.test_cases = nvsp_cases,
};

kunit_test_suite(nvsp_suite);
