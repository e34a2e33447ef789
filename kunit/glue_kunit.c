// SPDX-License-Identifier: GPL-2.0
/*
 * What stands between the driver and VMBus, as far as no host is needed: what
 * is refused before VMBus is asked, and what is left when it refuses.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/vmalloc.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

#define GLUE_BYTES	(64 * 1024)

static void glue_sizes(struct kunit *test)
{
	struct nvb_buffer buf = {};

	KUNIT_EXPECT_EQ(test, -ENOMEM, nvb_buffer_alloc(&buf, 0, NUMA_NO_NODE));
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			nvb_buffer_alloc(&buf, 0x80000000, NUMA_NO_NODE));
	KUNIT_EXPECT_NULL(test, buf.va);
	KUNIT_ASSERT_EQ(test, 0, nvb_buffer_alloc(&buf, 5000, NUMA_NO_NODE));
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(5000), buf.bytes);
	KUNIT_EXPECT_EQ(test, 0, nvb_buffer_gpadl(&buf));
	nvb_buffer_free(&buf);
	KUNIT_EXPECT_NULL(test, buf.va);
	KUNIT_EXPECT_EQ(test, 0, buf.bytes);
}

/* Nothing that the host could be asked for. */
static void glue_not_shared(struct kunit *test)
{
	static const u32 bytes[] = { 0, 1, PAGE_SIZE + 8,
				     GLUE_BYTES + PAGE_SIZE };
	struct nvb_channel primary = {};
	struct nvb_buffer buf = {};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			nvb_buffer_share(&buf, &primary, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, nvb_buffer_alloc(&buf, GLUE_BYTES,
						  NUMA_NO_NODE));
	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				nvb_buffer_share(&buf, &primary, bytes[i]));
	if (IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		fake_fail_at(1);
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				nvb_buffer_share(&buf, &primary, GLUE_BYTES));
		fake_fail_at(0);
	}
	KUNIT_EXPECT_EQ(test, 0, nvb_buffer_gpadl(&buf));
	KUNIT_EXPECT_FALSE(test, buf.host_may_reach);
	/* One that is not shared is not taken back either. */
	nvb_buffer_unshare(&buf);
	nvb_buffer_free(&buf);
}

/* What the host may still reach is nobody's, but it is counted. */
static void glue_left_to_the_host(struct kunit *test)
{
	unsigned long leaked = nvb_buffer_leaked();
	struct nvb_buffer buf = {};
	void *pages;

	KUNIT_ASSERT_EQ(test, 0, nvb_buffer_alloc(&buf, GLUE_BYTES,
						  NUMA_NO_NODE));
	pages = buf.pages;
	buf.host_may_reach = true;
	nvb_buffer_free(&buf);
	KUNIT_EXPECT_EQ(test, leaked + GLUE_BYTES, nvb_buffer_leaked());
	KUNIT_EXPECT_NULL(test, buf.pages);
	/* There is no host here, so this is the only hand on them. */
	vfree(pages);
}

static void glue_irq(void *ctx)
{
}

/* VMBus does not open what is open, or is not there: nothing stays behind. */
static void glue_open_refused(struct kunit *test)
{
	struct nvb_channel ch = {};
	struct vmbus_channel *vmbus;

	vmbus = kunit_kzalloc(test, sizeof(*vmbus), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vmbus);
	spin_lock_init(&vmbus->sched_lock);
	mutex_init(&vmbus->inbound.ring_buffer_mutex);
	mutex_init(&vmbus->outbound.ring_buffer_mutex);
	vmbus->state = CHANNEL_OPENED_STATE;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nvb_channel_open(&ch, vmbus, GLUE_BYTES, glue_irq,
					 NULL));
	KUNIT_EXPECT_FALSE(test, ch.open);
	KUNIT_EXPECT_NULL(test, ch.vmbus);
	KUNIT_EXPECT_NULL(test, vmbus->onchannel_callback);
	KUNIT_EXPECT_TRUE(test, nvb_channel_rescinded(&ch));
	if (IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		fake_fail_at(1);
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				nvb_channel_open(&ch, vmbus, GLUE_BYTES,
						 glue_irq, NULL));
		fake_fail_at(0);
	}
	/* Closing it does nothing. */
	nvb_channel_close(&ch);
	KUNIT_EXPECT_EQ(test, CHANNEL_OPENED_STATE, vmbus->state);
}

#define GLUE_WAIT_MS	500
#define GLUE_WAIT_TRIES	10

/*
 * A wait looks around many times, and is not longer for that. A busy machine may
 * keep it from its end, but hardly each time.
 */
static void glue_wait_is_bounded(struct kunit *test)
{
	struct nvb_channel ch = {};
	unsigned long began, took, least = ULONG_MAX;
	DECLARE_COMPLETION_ONSTACK(done);
	unsigned int i;

	ch.vmbus = kunit_kzalloc(test, sizeof(*ch.vmbus), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ch.vmbus);
	for (i = 0; i < GLUE_WAIT_TRIES && least > GLUE_WAIT_MS * 11 / 10; i++) {
		began = jiffies;
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
				nvb_channel_wait(&ch, &done, GLUE_WAIT_MS));
		took = jiffies_to_msecs(jiffies - began);
		KUNIT_EXPECT_GE(test, took, GLUE_WAIT_MS);
		least = min(least, took);
	}
	KUNIT_EXPECT_LE(test, least, GLUE_WAIT_MS * 11 / 10);

	/* What has come is taken, however late somebody looks. */
	complete(&done);
	KUNIT_EXPECT_EQ(test, 0, nvb_channel_wait(&ch, &done, 0));
	ch.vmbus->rescind = true;
	began = jiffies;
	KUNIT_EXPECT_EQ(test, -ENODEV, nvb_channel_wait(&ch, &done, 60000));
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - began), 30000);
}

static struct kunit_case glue_cases[] = {
	KUNIT_CASE(glue_sizes),
	KUNIT_CASE(glue_not_shared),
	KUNIT_CASE(glue_left_to_the_host),
	KUNIT_CASE(glue_open_refused),
	KUNIT_CASE(glue_wait_is_bounded),
	{ }
};

static struct kunit_suite glue_suite = {
	.name = "hv_netvsc_glue",
	.test_cases = glue_cases,
};

kunit_test_suite(glue_suite);
