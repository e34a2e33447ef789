// SPDX-License-Identifier: GPL-2.0
/*
 * XDP: what becomes of a frame after each verdict, of its buffer, and of frames
 * that are redirected to the interface.
 *
 * A classic filter that only returns a number is a program for each verdict.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

#define XDP_TEST_XID	0x1000
#define XDP_TEST_LEN	100
#define XDP_TEST_FRAMES	16
#define XDP_TEST_MANY	(256 * XDP_TEST_FRAMES)

/* An RNDIS data message without items. */
struct xdp_message {
	__le32 word[11];
	u8 data[XDP_TEST_LEN];
};

static int xdp_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));

	return 0;
}

static struct netvsc *xdp_nv(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	return nic->nv;
}

#define xdp_stat(test, field)	u64_stats_read(&xdp_nv(test)->stats[0]->field)

static int xdp_set(struct kunit *test, struct bpf_prog *prog)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG, .prog = prog };
	int err;

	rtnl_lock();
	err = netvsc_bpf(xdp_nv(test)->netdev, &bpf);
	rtnl_unlock();

	return err;
}

static void xdp_destroy(void *prog)
{
	bpf_prog_destroy(prog);
}

static void xdp_unset(void *test)
{
	xdp_set(test, NULL);
}

/* A program that always returns @act, attached until the test is over. */
static struct bpf_prog *xdp_attach(struct kunit *test, u32 act)
{
	struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, act);
	struct sock_fprog_kern filter = { .len = 1, .filter = &insn };
	struct bpf_prog *prog;

	KUNIT_ASSERT_EQ(test, 0, bpf_prog_create(&prog, &filter));
	/* The driver gives back references, of which this kind has none. */
	atomic64_set(&prog->aux->refcnt, 1000);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, xdp_destroy,
							   prog));
	KUNIT_ASSERT_EQ(test, 0, xdp_set(test, prog));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, xdp_unset,
							   test));

	return prog;
}

static void xdp_receive(struct kunit *test, u32 slot)
{
	const u32 word[] = { 1, 44 + XDP_TEST_LEN, 36, XDP_TEST_LEN };
	struct xdp_message msg = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(word); i++)
		msg.word[i] = cpu_to_le32(word[i]);
	for (i = 0; i < XDP_TEST_LEN; i++)
		msg.data[i] = i;
	msg.data[12] = 0x88;
	msg.data[13] = 0xb5;
	fake_receive(test->priv, 0, XDP_TEST_XID + slot, slot, &msg,
		     44 + XDP_TEST_LEN);
}

static void xdp_complete_all(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i;

	for (i = 0; i < host->num_frames; i++)
		fake_complete_rndis(host, host->frame[i].channel,
				    host->frame[i].xid, NVSP_STATUS_SUCCESS);
	host->num_frames = 0;
}

static void *xdp_spare(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return fake_nic_channel(host->suite, 0)->rx.xdp.spare;
}

static void xdp_pass(struct kunit *test)
{
	u32 i;

	xdp_attach(test, XDP_PASS);
	for (i = 0; i < 5; i++)
		xdp_receive(test, i);
	KUNIT_EXPECT_EQ(test, 5, xdp_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 5 * XDP_TEST_LEN, xdp_stat(test, rx.bytes));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_NULL(test, xdp_spare(test));
}

/* The buffer of a frame that is dropped is the next one's. */
static void xdp_drop(struct kunit *test)
{
	void *spare;
	u32 i;

	xdp_attach(test, XDP_DROP);
	xdp_receive(test, 0);
	spare = xdp_spare(test);
	KUNIT_EXPECT_NOT_NULL(test, spare);
	for (i = 1; i < 5; i++)
		xdp_receive(test, i);
	KUNIT_EXPECT_PTR_EQ(test, spare, xdp_spare(test));
	KUNIT_EXPECT_EQ(test, 5, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.packets));
}

/* No verdict, as far as there is none with that number, is a failure. */
static void xdp_aborted(struct kunit *test)
{
	static const u32 acts[] = { XDP_ABORTED, 5, 77, ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		xdp_attach(test, acts[i]);
		xdp_receive(test, i);
		KUNIT_EXPECT_EQ(test, i + 1, xdp_stat(test, rx.xdp_aborted));
	}
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.packets));
}

/* Where a message's frame is in the send buffer. */
static const u8 *xdp_sent(struct kunit *test, u32 frame)
{
	struct fake_host *host = test->priv;
	const u8 *section = host->send + host->frame[frame].section *
			    FAKE_SECTION_BYTES;

	return section + 8 + le32_to_cpu(((const __le32 *)section)[2]);
}

static void xdp_tx(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const u8 *data;
	void *spare;

	xdp_attach(test, XDP_TX);
	xdp_receive(test, 0);
	spare = xdp_spare(test);
	KUNIT_EXPECT_NOT_NULL(test, spare);
	/* It has left with the end of the poll, and no later. */
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_ASSERT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	data = xdp_sent(test, 0);
	KUNIT_EXPECT_EQ(test, 0, data[0]);
	KUNIT_EXPECT_EQ(test, 0x88, data[12]);
	KUNIT_EXPECT_EQ(test, XDP_TEST_LEN - 1, data[XDP_TEST_LEN - 1]);
	xdp_receive(test, 1);
	KUNIT_EXPECT_PTR_EQ(test, spare, xdp_spare(test));
	xdp_complete_all(test);
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, rx.xdp_tx));
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, 2 * XDP_TEST_LEN, xdp_stat(test, done.bytes));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, done.bad_completion));
}

/* Without room in the ring, what is sent back is dropped, and is counted. */
static void xdp_tx_full(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	u32 i, sent, num = 3 * NETVSC_TX_SLOTS;

	xdp_attach(test, XDP_TX);
	for (i = 0; i < num; i++)
		xdp_receive(test, i % 8);
	sent = xdp_stat(test, rx.xdp_tx);
	KUNIT_EXPECT_GT(test, sent, 0);
	KUNIT_EXPECT_EQ(test, num, sent + xdp_stat(test, rx.xdp_failed));
	KUNIT_EXPECT_GT(test, xdp_stat(test, rx.xdp_failed), 0);
	KUNIT_EXPECT_TRUE(test, netif_tx_queue_stopped(ch->txq));

	/* It comes to life again. */
	while (host->num_frames)
		xdp_complete_all(test);
	KUNIT_EXPECT_EQ(test, NETVSC_TX_SLOTS, netvsc_tx_slots_free(ch));
	KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(ch->txq));
	KUNIT_EXPECT_EQ(test, sent, xdp_stat(test, done.packets));
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, sent + 1, xdp_stat(test, rx.xdp_tx));
}

/* One program after the other: the one that has come is run, at once. */
static void xdp_replace(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 20; i++) {
		xdp_attach(test, i % 2 ? XDP_DROP : XDP_PASS);
		xdp_receive(test, i % 8);
	}
	KUNIT_EXPECT_EQ(test, 10, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_EQ(test, 10, xdp_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 0, xdp_set(test, NULL));
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, 11, xdp_stat(test, rx.packets));
}

/* A program outlives a session. */
static void xdp_kept(struct kunit *test)
{
	struct netvsc *nv = xdp_nv(test);
	struct netvsc_config config = nv->config;

	xdp_attach(test, XDP_DROP);
	config.send_bytes *= 2;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, netvsc_reconfigure(nv, &config));
	rtnl_unlock();
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.xdp_drop));
}

/* A program that takes one buffer only: no long frames, none coalesced. */
static void xdp_linear(struct kunit *test)
{
	struct net_device *dev = xdp_nv(test)->netdev;
	struct bpf_prog *prog;
	int mtu = dev->mtu;

	KUNIT_ASSERT_TRUE(test, dev->features & NETIF_F_LRO);
	prog = xdp_attach(test, XDP_PASS);
	KUNIT_EXPECT_FALSE(test, dev->features & NETIF_F_LRO);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, dev_set_mtu(dev, 3506));
	KUNIT_EXPECT_EQ(test, -EINVAL, dev_set_mtu(dev, 3507));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, 0, xdp_set(test, NULL));
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_LRO);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, dev_set_mtu(dev, 3507));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_set(test, prog));
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_LRO);
	prog->aux->xdp_has_frags = true;
	KUNIT_EXPECT_EQ(test, 0, xdp_set(test, prog));
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_LRO);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, dev_set_mtu(dev, mtu));
	rtnl_unlock();
}

/* Frames that others redirect here */

/* The page of a frame; a reference of the test's tells who has let go of it. */
static struct page *xdp_make(struct kunit *test, u32 len, u8 fill)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct xdp_frame *xdpf;

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	xdpf = page_address(page);
	memset(xdpf, 0, sizeof(*xdpf));
	xdpf->data = page_address(page) + XDP_PACKET_HEADROOM;
	xdpf->len = len;
	xdpf->headroom = XDP_PACKET_HEADROOM - sizeof(*xdpf);
	xdpf->frame_sz = PAGE_SIZE;
	xdpf->mem.type = MEM_TYPE_PAGE_ORDER0;
	memset(xdpf->data, fill, len);

	return page;
}

static int xdp_xmit(struct kunit *test, struct page **page, int n, u32 flags)
{
	struct xdp_frame *frames[XDP_TEST_FRAMES];
	int i, sent;

	for (i = 0; i < n; i++)
		frames[i] = page_address(page[i]);
	local_bh_disable();
	sent = netvsc_xdp_xmit(xdp_nv(test)->netdev, n, frames, flags);
	/* Frames that were not sent stay the caller's. */
	for (i = max(sent, 0); i < n; i++) {
		KUNIT_EXPECT_EQ(test, 2, page_ref_count(page[i]));
		xdp_return_frame(frames[i]);
	}
	local_bh_enable();

	return sent;
}

static void xdp_let_go(struct kunit *test, struct page **page, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_EQ(test, 1, page_ref_count(page[i]));
		put_page(page[i]);
	}
}

/* The queue that this task's frames leave by. */
static u32 xdp_queue(struct kunit *test)
{
	return raw_smp_processor_id() % xdp_nv(test)->netdev->real_num_tx_queues;
}

static void xdp_xmit_copied(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct page *page[XDP_TEST_FRAMES];
	u32 i, bytes = 0;

	for (i = 0; i < XDP_TEST_FRAMES; i++)
		page[i] = xdp_make(test, 60 + i, 0xa0 + i);
	KUNIT_EXPECT_EQ(test, 8, xdp_xmit(test, page, 8, 0));
	KUNIT_EXPECT_EQ(test, 8, xdp_xmit(test, page + 8, 8, XDP_XMIT_FLUSH));
	/* They were copied: nobody has them any more. */
	xdp_let_go(test, page, XDP_TEST_FRAMES);
	KUNIT_ASSERT_GT(test, host->num_frames, 0);
	KUNIT_EXPECT_LT(test, host->num_frames, XDP_TEST_FRAMES);
	KUNIT_EXPECT_EQ(test, 0xa0, xdp_sent(test, 0)[59]);
	for (i = 0; i < XDP_TEST_FRAMES; i++)
		bytes += 60 + i;
	xdp_complete_all(test);
	KUNIT_EXPECT_EQ(test, XDP_TEST_FRAMES, xdp_stat(test, xmit.xdp_xmit));
	KUNIT_EXPECT_EQ(test, XDP_TEST_FRAMES, xdp_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, bytes, xdp_stat(test, done.bytes));
}

/* Too long for a copy, by the user's will: the host reads it where it is. */
static void xdp_xmit_listed(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct page *page[3];
	u32 i;

	WRITE_ONCE(xdp_nv(test)->tx_copybreak, 100);
	for (i = 0; i < 3; i++)
		page[i] = xdp_make(test, i == 1 ? 60 : 1000, i);
	KUNIT_EXPECT_EQ(test, 3, xdp_xmit(test, page, 3, XDP_XMIT_FLUSH));
	KUNIT_ASSERT_EQ(test, 3, host->num_frames);
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[0].section);
	KUNIT_EXPECT_EQ(test, 2, host->frame[0].ranges);
	KUNIT_EXPECT_NE(test, NVSP_SECTION_NONE, host->frame[1].section);
	/* Kept, until the host has finished with them. */
	KUNIT_EXPECT_EQ(test, 2, page_ref_count(page[0]));
	KUNIT_EXPECT_EQ(test, 1, page_ref_count(page[1]));
	KUNIT_EXPECT_EQ(test, 2, page_ref_count(page[2]));
	xdp_complete_all(test);
	xdp_let_go(test, page, 3);
	KUNIT_EXPECT_EQ(test, 3, xdp_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, 2060, xdp_stat(test, done.bytes));
}

/* What the host has not finished with when the channel closes. */
static void xdp_xmit_closed(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct page *page[1];

	WRITE_ONCE(xdp_nv(test)->tx_copybreak, 0);
	page[0] = xdp_make(test, 1000, 0);
	KUNIT_EXPECT_EQ(test, 1, xdp_xmit(test, page, 1, XDP_XMIT_FLUSH));
	KUNIT_EXPECT_EQ(test, 2, page_ref_count(page[0]));
	fake_host_rescind(host);
	fake_nic_remove(host->suite);
	xdp_let_go(test, page, 1);
}

/* Neither with the interface down, nor by queues that there are not. */
static void xdp_xmit_down(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct page *page[2];

	fake_nic_close(host->suite);
	page[0] = xdp_make(test, 60, 0);
	page[1] = xdp_make(test, 60, 0);
	KUNIT_EXPECT_EQ(test, -ENETDOWN,
			xdp_xmit(test, page, 2, XDP_XMIT_FLUSH));
	xdp_let_go(test, page, 2);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
}

/* Only as many as there is room for; nothing is lost, nothing sent twice. */
static void xdp_xmit_full(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i, given = 0, sent = 0;
	struct page **page;
	int ret;

	page = kunit_kcalloc(test, XDP_TEST_MANY, sizeof(*page), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	host->deaf = true;
	do {
		for (i = given; i < given + XDP_TEST_FRAMES; i++)
			page[i] = xdp_make(test, 1000, i);
		ret = xdp_xmit(test, page + given, XDP_TEST_FRAMES,
			       XDP_XMIT_FLUSH);
		KUNIT_ASSERT_GE(test, ret, 0);
		given += XDP_TEST_FRAMES;
		sent += ret;
	} while (ret == XDP_TEST_FRAMES && given < XDP_TEST_MANY);
	KUNIT_EXPECT_LT(test, sent, given);
	KUNIT_EXPECT_EQ(test, sent, xdp_stat(test, xmit.xdp_xmit));
	KUNIT_EXPECT_EQ(test, given - sent, xdp_stat(test, xmit.xdp_refused));

	host->deaf = false;
	fake_host_run(host, 0);
	while (host->num_frames)
		xdp_complete_all(test);
	xdp_let_go(test, page, given);
	KUNIT_EXPECT_EQ(test, sent, xdp_stat(test, done.packets));
}

static void xdp_xmit_bad(struct kunit *test)
{
	struct page *page[2];

	/* Longer than the host was told that frames are. */
	page[0] = xdp_make(test, 1519, 0);
	page[1] = xdp_make(test, 60, 0);
	KUNIT_EXPECT_EQ(test, 0, xdp_xmit(test, page, 2, XDP_XMIT_FLUSH));
	xdp_let_go(test, page, 2);
	page[0] = xdp_make(test, 13, 0);
	KUNIT_EXPECT_EQ(test, 0, xdp_xmit(test, page, 1, XDP_XMIT_FLUSH));
	xdp_let_go(test, page, 1);
	page[0] = xdp_make(test, 60, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_xmit(test, page, 1, 2));
	xdp_let_go(test, page, 1);
	KUNIT_EXPECT_EQ(test, 3, xdp_stat(test, xmit.xdp_refused));
}

static int xdp_sockets(struct kunit *test, u32 queue)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_XSK_POOL };
	int err;

	bpf.xsk.pool = NULL;
	bpf.xsk.queue_id = queue;
	rtnl_lock();
	err = netvsc_bpf(xdp_nv(test)->netdev, &bpf);
	rtnl_unlock();

	return err;
}

static int xdp_wake(struct kunit *test, u32 queue)
{
	struct net_device *dev = xdp_nv(test)->netdev;
	int err;

	rcu_read_lock();
	err = dev->netdev_ops->ndo_xsk_wakeup(dev, queue, XDP_WAKEUP_TX);
	rcu_read_unlock();

	return err;
}

/* Sockets that are not there neither leave nor wake anybody up. */
static void xdp_no_sockets(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, xdp_sockets(test, 0));
	KUNIT_EXPECT_EQ(test, 0, xdp_sockets(test, NETVSC_MAX_CHANNELS - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_sockets(test, NETVSC_MAX_CHANNELS));
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_sockets(test, ~0U));
	KUNIT_EXPECT_EQ(test, -ENETDOWN, xdp_wake(test, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_wake(test, NETVSC_MAX_CHANNELS));
	KUNIT_EXPECT_EQ(test, -EINVAL, xdp_wake(test, ~0U));
}

/* What is said to be there is what the driver was built with. */
static void xdp_features(struct kunit *test)
{
#ifdef NVB_HAVE_XDP_FEATURES
	u64 features = xdp_nv(test)->netdev->xdp_features;

	KUNIT_EXPECT_EQ(test, nvb_xsk(),
			!!(features & NETDEV_XDP_ACT_XSK_ZEROCOPY));
	KUNIT_EXPECT_EQ(test, NETDEV_XDP_ACT_BASIC,
			features & NETDEV_XDP_ACT_BASIC);
#else
	kunit_skip(test, "this kernel does not ask");
#endif
}

/* Everything here looks at queue 0. */
static int xdp_xmit_init(struct kunit *test)
{
	int err = xdp_init(test);

	if (err)
		return err;
	rtnl_lock();
	err = netif_set_real_num_tx_queues(xdp_nv(test)->netdev, 1);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, 0, xdp_queue(test));

	return err;
}

static struct kunit_case xdp_cases[] = {
	KUNIT_CASE(xdp_pass),
	KUNIT_CASE(xdp_drop),
	KUNIT_CASE(xdp_aborted),
	KUNIT_CASE(xdp_tx),
	KUNIT_CASE(xdp_tx_full),
	KUNIT_CASE(xdp_replace),
	KUNIT_CASE(xdp_kept),
	KUNIT_CASE(xdp_linear),
	KUNIT_CASE(xdp_no_sockets),
	KUNIT_CASE(xdp_features),
	{}
};

static struct kunit_suite xdp_suite = {
	.name = "hv_netvsc_xdp",
	.init = xdp_init,
	.test_cases = xdp_cases,
};

static struct kunit_case xdp_xmit_cases[] = {
	KUNIT_CASE(xdp_xmit_copied),
	KUNIT_CASE(xdp_xmit_listed),
	KUNIT_CASE(xdp_xmit_closed),
	KUNIT_CASE(xdp_xmit_down),
	KUNIT_CASE(xdp_xmit_full),
	KUNIT_CASE(xdp_xmit_bad),
	{}
};

static struct kunit_suite xdp_xmit_suite = {
	.name = "hv_netvsc_xdp_xmit",
	.init = xdp_xmit_init,
	.test_cases = xdp_xmit_cases,
};

kunit_test_suites(&xdp_suite, &xdp_xmit_suite);
