// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP sockets in the driver's memory: how they come and go, what they are
 * given, what they send, in which order they have it back, and whether they are
 * told when nobody looks.
 *
 * The sockets are real ones, with rings that are mapped as a program maps them.
 * What the kernel looks up for a program that redirects is given to it, so that
 * a program that returns a number does.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/if_xdp.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <net/xdp_sock.h>
#include <net/xdp_sock_drv.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"
#include "netvsc_xdp.h"

#define XSK_CHUNK	2048
#define XSK_FRAMES	1024
#define XSK_BYTES	(XSK_CHUNK * XSK_FRAMES)
#define XSK_LEN		100
#define XSK_LONG	1500

/* Entries of a ring, in the memory of the program that the test is. */
struct xsk_ring {
	unsigned long base;
	struct xdp_ring_offset at;
};

/**
 * struct xsk_own - a socket
 * @test: the test that it is of
 * @sock: the socket
 * @file: the same, as a program has it
 * @memory: where its frames are, in the test's address space
 * @fill: buffers for received frames
 * @done: frames that have been sent
 * @rx: received frames
 * @tx: frames to be sent
 */
struct xsk_own {
	struct kunit *test;
	struct socket *sock;
	struct file *file;
	unsigned long memory;
	struct xsk_ring fill;
	struct xsk_ring done;
	struct xsk_ring rx;
	struct xsk_ring tx;
};

static struct fake_nic *xsk_nic(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

static struct netvsc *xsk_nv(struct kunit *test)
{
	return xsk_nic(test)->nv;
}

static struct netvsc_channel *xsk_channel(struct kunit *test)
{
	return fake_nic_channel(xsk_nic(test), 0);
}

#define xsk_stat(test, field)	u64_stats_read(&xsk_nv(test)->stats[0]->field)

/* What a program does to its memory; also while frames are under way. */

static void xsk_read(struct xsk_own *own, unsigned long from, void *to,
		     size_t len)
{
	KUNIT_EXPECT_EQ(own->test, 0,
			copy_from_user_nofault(to, (const void __user *)from,
					       len));
}

static void xsk_write(struct xsk_own *own, unsigned long to, const void *from,
		      size_t len)
{
	KUNIT_EXPECT_EQ(own->test, 0,
			copy_to_user_nofault((void __user *)to, from, len));
}

static u32 xsk_word(struct xsk_own *own, const struct xsk_ring *ring, u64 at)
{
	u32 word = 0;

	xsk_read(own, ring->base + at, &word, sizeof(word));

	return word;
}

static u32 xsk_producer(struct xsk_own *own, const struct xsk_ring *ring)
{
	return xsk_word(own, ring, ring->at.producer);
}

static unsigned long xsk_entry(const struct xsk_ring *ring, u32 number,
			       size_t bytes)
{
	return ring->base + ring->at.desc + number % XSK_FRAMES * bytes;
}

static void xsk_put(struct xsk_own *own, const struct xsk_ring *ring,
		    const void *entry, size_t bytes)
{
	u32 producer = xsk_producer(own, ring);

	xsk_write(own, xsk_entry(ring, producer, bytes), entry, bytes);
	producer++;
	xsk_write(own, ring->base + ring->at.producer, &producer,
		  sizeof(producer));
}

/* Buffers for received frames; the first @num of the memory. */
static void xsk_fill(struct xsk_own *own, u32 num)
{
	u64 address;

	for (address = 0; num; num--, address += XSK_CHUNK)
		xsk_put(own, &own->fill, &address, sizeof(address));
}

/* Where a frame to be sent stands: in the upper half, by turns. */
static u64 xsk_address(u32 frame)
{
	return (XSK_FRAMES / 2 + frame % (XSK_FRAMES / 2)) * XSK_CHUNK;
}

static void xsk_send(struct xsk_own *own, u32 frame, u32 len)
{
	struct xdp_desc desc = { .addr = xsk_address(frame), .len = len };
	u8 type[] = { frame, frame >> 8, 0x88, 0xb5 };

	xsk_write(own, own->memory + desc.addr + 10, type, sizeof(type));
	xsk_put(own, &own->tx, &desc, sizeof(desc));
}

/* What has been sent, in this order, and no more. */
static void xsk_expect_done(struct xsk_own *own, u32 num)
{
	u64 address;
	u32 i;

	KUNIT_EXPECT_EQ(own->test, num, xsk_producer(own, &own->done));
	for (i = 0; i < num; i++) {
		xsk_read(own, xsk_entry(&own->done, i, sizeof(address)),
			 &address, sizeof(address));
		KUNIT_EXPECT_EQ(own->test, xsk_address(i), address);
	}
}

/* Whether nobody looks into the ring until the socket says something. */
static bool xsk_needs_wakeup(struct xsk_own *own)
{
	return xsk_word(own, &own->tx, own->tx.at.flags) &
	       XDP_RING_NEED_WAKEUP;
}

/* Opening */

static void xsk_map(struct xsk_own *own, struct xsk_ring *ring,
		    const struct xdp_ring_offset *at, size_t bytes,
		    unsigned long where)
{
	ring->at = *at;
	ring->base = kunit_vm_mmap(own->test, own->file, 0,
				   at->desc + XSK_FRAMES * bytes,
				   PROT_READ | PROT_WRITE, MAP_SHARED, where);
	KUNIT_ASSERT_NE(own->test, 0, ring->base);
}

static void xsk_map_rings(struct xsk_own *own)
{
	struct xdp_mmap_offsets at;
	int len = sizeof(at), err;

	/* The kernel answers to a program, which has room for that. */
	xsk_write(own, own->memory + sizeof(at), &len, sizeof(len));
	err = own->sock->ops->getsockopt(own->sock, SOL_XDP, XDP_MMAP_OFFSETS,
					 (char __user *)own->memory,
					 (int __user *)(own->memory +
							sizeof(at)));
	KUNIT_ASSERT_EQ(own->test, 0, err);
	xsk_read(own, own->memory, &at, sizeof(at));
	xsk_map(own, &own->rx, &at.rx, sizeof(struct xdp_desc),
		XDP_PGOFF_RX_RING);
	xsk_map(own, &own->tx, &at.tx, sizeof(struct xdp_desc),
		XDP_PGOFF_TX_RING);
	xsk_map(own, &own->fill, &at.fr, sizeof(u64),
		XDP_UMEM_PGOFF_FILL_RING);
	xsk_map(own, &own->done, &at.cr, sizeof(u64),
		XDP_UMEM_PGOFF_COMPLETION_RING);
}

static void xsk_option(struct xsk_own *own, int name, void *value,
		       unsigned int bytes)
{
	KUNIT_ASSERT_EQ(own->test, 0,
			own->sock->ops->setsockopt(own->sock, SOL_XDP, name,
						   KERNEL_SOCKPTR(value),
						   bytes));
}

/* The NIC goes first: a socket that goes by itself is dealt with elsewhere. */
static void xsk_end(void *ctx)
{
	struct xsk_own *own = ctx;
	struct fake_nic *nic = xsk_nic(own->test);

	if (nic->probed)
		fake_nic_remove(nic);
	fput(own->file);
}

static void xsk_make_memory(struct xsk_own *own)
{
	const bool had = current->mm;

	own->memory = kunit_vm_mmap(own->test, NULL, 0, XSK_BYTES,
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
				    0);
	KUNIT_ASSERT_NE(own->test, 0, own->memory);
	/* KUnit has attached an address space, and would lose it. */
	if (!had)
		mmdrop(current->mm);
}

/* A socket that has all but a device. */
static struct xsk_own *xsk_open(struct kunit *test)
{
	static const int rings[] = { XDP_UMEM_FILL_RING, XDP_RX_RING,
				     XDP_UMEM_COMPLETION_RING, XDP_TX_RING };
	struct xdp_umem_reg memory = { .len = XSK_BYTES,
				       .chunk_size = XSK_CHUNK };
	struct xsk_own *own;
	int size = XSK_FRAMES;
	unsigned int i;

	own = kunit_kzalloc(test, sizeof(*own), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, own);
	own->test = test;
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_XDP, SOCK_RAW,
						  0, &own->sock));
	own->file = sock_alloc_file(own->sock, 0, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(own->file));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, xsk_end, own));
	xsk_make_memory(own);
	memory.addr = own->memory;
	xsk_option(own, XDP_UMEM_REG, &memory, sizeof(memory));
	for (i = 0; i < ARRAY_SIZE(rings); i++)
		xsk_option(own, rings[i], &size, sizeof(size));
	xsk_map_rings(own);

	return own;
}

static int xsk_bind(struct xsk_own *own, u16 flags)
{
	struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_ZEROCOPY | flags,
		.sxdp_ifindex = xsk_nv(own->test)->netdev->ifindex,
	};

	return kernel_bind(own->sock, (struct sockaddr *)&address,
			   sizeof(address));
}

/* One that is bound to the first queue, and asks to be told. */
static struct xsk_own *xsk_bound(struct kunit *test)
{
	struct xsk_own *own = xsk_open(test);

	KUNIT_ASSERT_EQ(test, 0, xsk_bind(own, XDP_USE_NEED_WAKEUP));
	KUNIT_ASSERT_NOT_NULL(test, rcu_access_pointer(xsk_channel(test)->xsk));
	/* It is known to the kernel only now that it is bound. */
	fake_nic_poll(test->priv, 0);

	return own;
}

static int xsk_setup(struct kunit *test, struct xsk_buff_pool *pool)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_XSK_POOL };
	int err;

	bpf.xsk.pool = pool;
	bpf.xsk.queue_id = 0;
	rtnl_lock();
	err = netvsc_bpf(xsk_nv(test)->netdev, &bpf);
	rtnl_unlock();

	return err;
}

static struct xsk_buff_pool *xsk_pool(struct kunit *test)
{
	return xsk_get_pool_from_qid(xsk_nv(test)->netdev, 0);
}

static int xsk_wakeup(struct kunit *test)
{
	struct net_device *dev = xsk_nv(test)->netdev;
	int err;

	rcu_read_lock();
	err = dev->netdev_ops->ndo_xsk_wakeup(dev, 0, XDP_WAKEUP_TX);
	rcu_read_unlock();

	return err;
}

static void xsk_expect_none(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, xsk_nv(test)->xsk[0]);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(xsk_channel(test)->xsk));
	KUNIT_EXPECT_EQ(test, -ENETDOWN, xsk_wakeup(test));
}

static int xsk_reconfigure(struct kunit *test)
{
	struct netvsc *nv = xsk_nv(test);
	int err;

	rtnl_lock();
	err = netvsc_reconfigure(nv, &nv->config);
	rtnl_unlock();

	return err;
}

static int xsk_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));

	return 0;
}

/* Coming and going */

static int xsk_register_fails(struct netvsc_channel *ch, struct netvsc_xsk *xsk)
{
	return -ENOMEM;
}

/* Sockets that the channel cannot serve are not bound, and can be later. */
static void xsk_refused(struct kunit *test)
{
	struct xsk_own *own = xsk_open(test);

	kunit_activate_static_stub(test, netvsc_xsk_register,
				   xsk_register_fails);
	KUNIT_EXPECT_EQ(test, -ENOMEM, xsk_bind(own, 0));
	KUNIT_EXPECT_NULL(test, xsk_pool(test));
	xsk_expect_none(test);
	kunit_deactivate_static_stub(test, netvsc_xsk_register);
	KUNIT_EXPECT_EQ(test, 0, xsk_bind(own, 0));
	KUNIT_EXPECT_NOT_NULL(test, rcu_access_pointer(xsk_channel(test)->xsk));
}

/* One allocation after the other fails: the driver says so, and has nothing. */
static void xsk_scarce_memory(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct xsk_buff_pool *pool = xsk_pool(test);
	unsigned int nth, left = 0, refused = 0;
	int err;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "no CONFIG_FAULT_INJECTION");
	for (nth = 1; !left; nth++) {
		KUNIT_ASSERT_EQ(test, 0, xsk_setup(test, NULL));
		fake_fail_at(nth);
		err = xsk_setup(test, pool);
		left = fake_fail_left();
		fake_fail_at(0);
		if (!err)
			continue;
		refused++;
		KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, err, "allocation %u", nth);
		KUNIT_EXPECT_NULL(test, pool->dma_pages);
		xsk_expect_none(test);
	}
	KUNIT_EXPECT_GT(test, refused, 0);
	xsk_send(own, 0, XSK_LEN);
	fake_nic_poll(test->priv, 0);
	xsk_expect_done(own, 1);
	fake_complete_all(test->priv);
}

/* A queue has the sockets of one memory; they go, and the memory is free. */
static void xsk_leaves(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct xsk_buff_pool *pool = xsk_pool(test);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, -EBUSY, xsk_setup(test, pool));
	KUNIT_EXPECT_EQ(test, 0, xsk_wakeup(test));
	xsk_fill(own, 8);
	fake_nic_attach(xsk_nic(test), fake_prog(test, XDP_DROP));
	fake_nic_receive(test->priv, 0, XSK_LEN);
	/* What the driver has taken, and not used, is given back. */
	KUNIT_EXPECT_EQ(test, 0, pool->free_list_cnt);
	KUNIT_EXPECT_EQ(test, 0, xsk_setup(test, NULL));
	KUNIT_EXPECT_EQ(test, 8, pool->free_list_cnt);
	KUNIT_EXPECT_NULL(test, pool->dma_pages);
	xsk_expect_none(test);
	fake_nic_attach(xsk_nic(test), NULL);
}

/* They belong to a queue number, whichever channel serves it, if any does. */
static void xsk_kept(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct netvsc_xsk *xsk = xsk_nv(test)->xsk[0];
	struct fake_host *host = test->priv;

	KUNIT_ASSERT_EQ(test, 0, xsk_reconfigure(test));
	KUNIT_EXPECT_PTR_EQ(test, xsk,
			    rcu_access_pointer(xsk_channel(test)->xsk));
	xsk_send(own, 0, XSK_LEN);
	fake_nic_poll(host, 0);
	xsk_expect_done(own, 1);
	fake_complete_all(host);

	/* Down, they wait. */
	fake_nic_close(xsk_nic(test));
	KUNIT_EXPECT_EQ(test, -ENETDOWN, xsk_wakeup(test));
	xsk_send(own, 1, XSK_LEN);
	fake_nic_poll(host, 0);
	xsk_expect_done(own, 1);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(xsk_nic(test)));
	fake_nic_poll(host, 0);
	xsk_expect_done(own, 2);
	fake_complete_all(host);
}

/* Without a session there is no channel; they are served by the next one's. */
static void xsk_waits_for_channel(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct xsk_own *own = xsk_open(test);

	host->silent_nvsp = NVSP_MSG_INIT;
	KUNIT_ASSERT_NE(test, 0, xsk_reconfigure(test));
	KUNIT_ASSERT_EQ(test, NETVSC_DOWN, xsk_nv(test)->state);
	KUNIT_EXPECT_EQ(test, 0, xsk_bind(own, 0));
	KUNIT_EXPECT_NOT_NULL(test, xsk_nv(test)->xsk[0]);
	KUNIT_EXPECT_EQ(test, -ENETDOWN, xsk_wakeup(test));
	host->silent_nvsp = 0;
	KUNIT_ASSERT_EQ(test, 0, xsk_reconfigure(test));
	KUNIT_EXPECT_NOT_NULL(test, rcu_access_pointer(xsk_channel(test)->xsk));
	xsk_send(own, 0, XSK_LEN);
	fake_nic_poll(host, 0);
	xsk_expect_done(own, 1);
	fake_complete_all(host);

	/* They can go without one, too. */
	host->silent_nvsp = NVSP_MSG_INIT;
	KUNIT_ASSERT_NE(test, 0, xsk_reconfigure(test));
	KUNIT_EXPECT_EQ(test, 0, xsk_setup(test, NULL));
	KUNIT_EXPECT_NULL(test, xsk_nv(test)->xsk[0]);
}

/* Receiving */

static void xsk_attach(struct kunit *test, u32 act)
{
	KUNIT_ASSERT_EQ(test, 0, fake_nic_attach(xsk_nic(test),
						 fake_prog(test, act)));
}

/* Receives a frame that the program redirects to the socket, or to nobody. */
static void xsk_redirect(struct kunit *test, struct xsk_own *own, u32 slot)
{
	struct bpf_net_context room, *ctx;
	struct bpf_redirect_info *ri;

	ctx = bpf_net_ctx_set(&room);
	ri = bpf_net_ctx_get_ri();
	ri->map_type = BPF_MAP_TYPE_XSKMAP;
	ri->tgt_value = own->sock->sk;
	fake_nic_receive(test->priv, slot, XSK_LEN);
	bpf_net_ctx_clear(ctx);
}

static void xsk_expect_received(struct xsk_own *own, u32 number)
{
	u8 data[XSK_LEN] = {};
	struct xdp_desc desc = {};
	u32 i;

	KUNIT_EXPECT_EQ(own->test, number + 1, xsk_producer(own, &own->rx));
	xsk_read(own, xsk_entry(&own->rx, number, sizeof(desc)), &desc,
		 sizeof(desc));
	KUNIT_ASSERT_EQ(own->test, XSK_LEN, desc.len);
	KUNIT_ASSERT_LT(own->test, desc.addr, XSK_BYTES - XSK_LEN);
	xsk_read(own, own->memory + desc.addr, data, sizeof(data));
	KUNIT_EXPECT_EQ(own->test, 0x88, data[12]);
	KUNIT_EXPECT_EQ(own->test, 0xb5, data[13]);
	for (i = 14; i < XSK_LEN; i++)
		KUNIT_EXPECT_EQ(own->test, i, data[i]);
}

static void xsk_received(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	u32 i;

	xsk_attach(test, XDP_REDIRECT);
	xsk_fill(own, 4);
	for (i = 0; i < 4; i++) {
		xsk_redirect(test, own, i);
		xsk_expect_received(own, i);
	}
	KUNIT_EXPECT_EQ(test, 4, xsk_stat(test, rx.xsk));
	KUNIT_EXPECT_EQ(test, 4, xsk_stat(test, rx.xdp_redirect));
	KUNIT_EXPECT_EQ(test, 4, xsk_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 4 * XSK_LEN, xsk_stat(test, rx.bytes));
	fake_nic_attach(xsk_nic(test), NULL);
}

/* A target that takes none: the frame is lost, and its buffer is not. */
static void xsk_not_taken(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test), *other = xsk_open(test);
	struct xsk_buff_pool *pool = xsk_pool(test);

	xsk_attach(test, XDP_REDIRECT);
	xsk_fill(own, 4);
	xsk_redirect(test, other, 0);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xdp_failed));
	KUNIT_EXPECT_EQ(test, 0, xsk_stat(test, rx.xsk));
	KUNIT_EXPECT_EQ(test, 0, xsk_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 1, pool->free_list_cnt);
	xsk_redirect(test, own, 1);
	xsk_expect_received(own, 0);
	fake_nic_attach(xsk_nic(test), NULL);
}

/* The next frame has the buffer of one that is not redirected. */
static void xsk_verdicts(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;

	xsk_fill(own, 1);
	xsk_attach(test, XDP_DROP);
	fake_nic_receive(host, 0, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xdp_drop));
	xsk_attach(test, XDP_PASS);
	fake_nic_receive(host, 1, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.packets));
	xsk_attach(test, XDP_ABORTED);
	fake_nic_receive(host, 2, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xdp_aborted));
	xsk_attach(test, 77);
	fake_nic_receive(host, 3, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 2, xsk_stat(test, rx.xdp_aborted));
	xsk_attach(test, XDP_TX);
	fake_nic_receive(host, 4, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xdp_tx));
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 99, fake_frame_data(host, 0)[99]);
	fake_complete_all(host);
	KUNIT_EXPECT_EQ(test, 0, xsk_stat(test, rx.xsk_copied));
	xsk_attach(test, XDP_REDIRECT);
	xsk_redirect(test, own, 5);
	xsk_expect_received(own, 0);
	/* It was the only one. */
	xsk_attach(test, XDP_DROP);
	fake_nic_receive(host, 6, XSK_LEN);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xsk_copied));
	KUNIT_EXPECT_EQ(test, 2, xsk_stat(test, rx.xdp_drop));
	fake_nic_attach(xsk_nic(test), NULL);
}

/* One byte more than a buffer takes goes the other way, and meets the program. */
static void xsk_long(struct kunit *test)
{
	const u32 max = XSK_CHUNK - XDP_PACKET_HEADROOM;
	struct xsk_own *own = xsk_bound(test);

	xsk_fill(own, 1);
	xsk_attach(test, XDP_DROP);
	fake_nic_receive(test->priv, 0, max);
	KUNIT_EXPECT_EQ(test, 0, xsk_stat(test, rx.xsk_copied));
	fake_nic_receive(test->priv, 1, max + 1);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, rx.xsk_copied));
	KUNIT_EXPECT_EQ(test, 2, xsk_stat(test, rx.xdp_drop));
	fake_nic_attach(xsk_nic(test), NULL);
}

/* Without a section, what is sent back is dropped, and is counted. */
static void xsk_send_back_full(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;
	u32 i, num = 3 * NETVSC_TX_SLOTS;

	xsk_fill(own, 1);
	xsk_attach(test, XDP_TX);
	for (i = 0; i < num; i++)
		fake_nic_receive(host, i % 8, XSK_LEN);
	KUNIT_EXPECT_GT(test, xsk_stat(test, rx.xdp_failed), 0);
	KUNIT_EXPECT_EQ(test, num, xsk_stat(test, rx.xdp_tx) +
				   xsk_stat(test, rx.xdp_failed));
	KUNIT_EXPECT_EQ(test, 0, xsk_stat(test, rx.xsk_copied));
	/* What a socket sends can be listed. */
	i = host->num_frames;
	xsk_send(own, 0, XSK_LEN);
	fake_nic_poll(host, 0);
	KUNIT_ASSERT_EQ(test, i + 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[i].section);
	xsk_expect_done(own, 0);
	fake_complete_all(host);
	xsk_expect_done(own, 1);
	fake_nic_attach(xsk_nic(test), NULL);
}

/* Sending */

/* Short frames share a message, and are done with when that is made. */
static void xsk_sent_copied(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;

	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
	xsk_send(own, 0, XSK_LEN);
	xsk_send(own, 1, XSK_LEN);
	fake_nic_poll(host, 0);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_ASSERT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	KUNIT_EXPECT_EQ(test, 0x88, fake_frame_data(host, 0)[12]);
	xsk_expect_done(own, 2);
	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
	fake_complete_all(host);
	xsk_expect_done(own, 2);
	KUNIT_EXPECT_EQ(test, 2, xsk_stat(test, xmit.xsk));
	KUNIT_EXPECT_EQ(test, 2, xsk_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, 2 * XSK_LEN, xsk_stat(test, done.bytes));
}

/* Has the next frames listed where they are: each is a message of its own. */
static void xsk_list_all(struct kunit *test)
{
	WRITE_ONCE(xsk_nv(test)->tx_copybreak, 0);
}

static void xsk_complete(struct fake_host *host, u32 frame)
{
	fake_complete_rndis(host, 0, host->frame[frame].xid,
			    NVSP_STATUS_SUCCESS);
}

/* Completed in any order, they are given back in that in which they came. */
static void xsk_sent_listed(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;
	u32 i;

	xsk_list_all(test);
	for (i = 0; i < 4; i++)
		xsk_send(own, i, 1000);
	fake_nic_poll(host, 0);
	KUNIT_ASSERT_EQ(test, 4, host->num_frames);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE,
				host->frame[i].section);
		KUNIT_EXPECT_EQ(test, 2, host->frame[i].ranges);
		KUNIT_EXPECT_GE(test, host->frame[i].listed_bytes, 1000);
	}
	xsk_expect_done(own, 0);
	xsk_complete(host, 2);
	xsk_complete(host, 1);
	xsk_expect_done(own, 0);
	xsk_complete(host, 0);
	xsk_expect_done(own, 3);
	xsk_complete(host, 3);
	xsk_expect_done(own, 4);
	host->num_frames = 0;
	KUNIT_EXPECT_EQ(test, 4, xsk_stat(test, xmit.xsk));
	KUNIT_EXPECT_EQ(test, 4, xsk_stat(test, done.packets));
}

/* In an isolated guest the host does not see the sockets' memory. */
static void xsk_sent_isolated(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const u32 num = XSK_FRAMES - 1;
	struct xsk_own *own;
	u32 i;

	fake_nic_remove(xsk_nic(test));
	host->memory = host->isolated;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(xsk_nic(test)));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(xsk_nic(test)));
	own = xsk_bound(test);
	xsk_list_all(test);
	xsk_send(own, 0, 1000);
	fake_nic_poll(host, 0);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	xsk_expect_done(own, 1);
	fake_complete_all(host);

	/* Without sections the others wait for a completion, and not for us. */
	for (i = 1; i < num; i++)
		xsk_send(own, i, XSK_LONG);
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_LT(test, xsk_stat(test, xmit.xsk), num);
	KUNIT_EXPECT_FALSE(test, xsk_needs_wakeup(own));
	while (host->num_frames)
		fake_complete_all(host);
	xsk_expect_done(own, num);
	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
}

/* What the link does not take is given back, and counted. */
static void xsk_sent_too_long(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;

	xsk_send(own, 0, 1519);
	xsk_send(own, 1, XSK_LEN);
	fake_nic_poll(host, 0);
	xsk_expect_done(own, 2);
	KUNIT_EXPECT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, xmit.too_big));
	KUNIT_EXPECT_EQ(test, 1, xsk_stat(test, xmit.xsk));
	fake_complete_all(host);
}

/* More than one poll takes, or the host; none is lost, none is sent twice. */
static void xsk_sent_many(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;
	const u32 num = XSK_FRAMES / 2;
	u32 i;

	for (i = 0; i < num; i++)
		xsk_send(own, i, XSK_LEN);
	/* The others are left to another poll, without anybody's doing. */
	fake_nic_poll_once(host, 0);
	KUNIT_EXPECT_LT(test, xsk_producer(own, &own->done), num);
	KUNIT_EXPECT_FALSE(test, xsk_needs_wakeup(own));
	fake_nic_poll(host, 0);
	xsk_expect_done(own, num);
	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
	fake_complete_all(host);
	KUNIT_EXPECT_EQ(test, num, xsk_stat(test, done.packets));
}

static void xsk_sent_full(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;
	const u32 num = NETVSC_TX_SLOTS + 200;
	u32 i;

	xsk_list_all(test);
	host->deaf = true;
	for (i = 0; i < num; i++)
		xsk_send(own, i, 1000);
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_LT(test, xsk_stat(test, xmit.xsk), num);
	KUNIT_EXPECT_FALSE(test, xsk_needs_wakeup(own));
	host->deaf = false;
	fake_host_run(host, 0);
	while (host->num_frames)
		fake_complete_all(host);
	fake_nic_poll(host, 0);
	while (host->num_frames)
		fake_complete_all(host);
	xsk_expect_done(own, num);
	KUNIT_EXPECT_EQ(test, num, xsk_stat(test, xmit.xsk));
	KUNIT_EXPECT_EQ(test, num, xsk_stat(test, done.packets));
	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
}

/* Who puts a frame into the ring at a bad moment, or NULL. */
static struct xsk_own *xsk_late;

#define XSK_BUDGET	256

static void xsk_signalled_late(struct nvb_channel *ch)
{
	struct kunit *test = kunit_get_current_test();
	struct xsk_own *own = xsk_late;

	if (own && xsk_stat(test, xmit.xsk) > XSK_BUDGET) {
		xsk_late = NULL;
		xsk_send(own, XSK_BUDGET + 1, XSK_LEN);
	}
	fake_host_run(test->priv, 0);
}

/* What comes while frames are sent is seen before anybody has to wake us up. */
static void xsk_wakeup_late(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	u32 i;

	/* One more than a poll takes: there is no flag before the next. */
	for (i = 0; i < XSK_BUDGET + 1; i++)
		xsk_send(own, i, XSK_LEN);
	xsk_late = own;
	kunit_activate_static_stub(test, nvb_channel_signal,
				   xsk_signalled_late);
	fake_nic_poll(test->priv, 0);
	KUNIT_EXPECT_NULL(test, xsk_late);
	xsk_late = NULL;
	xsk_expect_done(own, XSK_BUDGET + 2);
	KUNIT_EXPECT_TRUE(test, xsk_needs_wakeup(own));
	fake_complete_all(test->priv);
}

/* In place of what sets the flag; a frame comes before that is visible. */
static bool xsk_tell_late(struct netvsc_xsk *xsk, bool awake)
{
	struct kunit *test = kunit_get_current_test();
	struct xsk_own *own = xsk_late;

	xsk_late = NULL;
	if (own)
		xsk_send(own, 1, XSK_LEN);
	if (awake)
		xsk_clear_tx_need_wakeup(xsk_pool(test));
	else
		xsk_set_tx_need_wakeup(xsk_pool(test));

	return true;
}

/*
 * A program that sees no flag wakes nobody up. So the ring has to be looked at
 * after the flag is set, and what was seen before does not count.
 */
static void xsk_wakeup_order(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);

	xsk_send(own, 0, XSK_LEN);
	xsk_late = own;
	kunit_activate_static_stub(test, netvsc_xsk_tell, xsk_tell_late);
	fake_nic_poll(test->priv, 0);
	KUNIT_EXPECT_NULL(test, xsk_late);
	xsk_expect_done(own, 2);
	fake_complete_all(test->priv);
}

/* A socket one of whose frames is with the host. */
static struct xsk_own *xsk_unfinished(struct kunit *test)
{
	struct xsk_own *own = xsk_bound(test);
	struct fake_host *host = test->priv;

	xsk_list_all(test);
	xsk_send(own, 0, 1000);
	fake_nic_poll(host, 0);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);

	return own;
}

/* A host that keeps a frame in the sockets' memory loses its channels. */
static void xsk_leaves_unfinished(struct kunit *test)
{
	struct xsk_own *own = xsk_unfinished(test);
	struct fake_host *host = test->priv;

	/* Of a host that was silent less is expected, and it is over sooner. */
	xsk_nv(test)->nvsp.silent = true;
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, NVSP_MSG_INIT));
	KUNIT_EXPECT_EQ(test, 0, xsk_setup(test, NULL));
	KUNIT_EXPECT_EQ(test, 2, fake_seen(host, NVSP_MSG_INIT));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, xsk_nv(test)->state);
	xsk_expect_done(own, 1);
	xsk_expect_none(test);
	host->num_frames = 0;
}

/* A host that takes its time: what it does while somebody waits for it. */
static int xsk_finish_late(void *ctx)
{
	struct xsk_own *own = ctx;
	struct fake_host *host = own->test->priv;

	/* In the name of the test, or there would be no host. */
	current->kunit_test = own->test;
	msleep(200);
	/* A frame that came too late stays where it is. */
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_EQ(own->test, 1, host->num_frames);
	fake_complete_all(host);
	current->kunit_test = NULL;

	return 0;
}

static void xsk_leaves_late(struct kunit *test)
{
	struct xsk_own *own = xsk_unfinished(test);
	struct fake_host *host = test->priv;
	struct task_struct *task;

	xsk_send(own, 1, 1000);
	task = kthread_create(xsk_finish_late, own, "xsk_host");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	KUNIT_EXPECT_EQ(test, 0, xsk_setup(test, NULL));
	kthread_stop_put(task);
	/* It lost nothing by that. */
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, NVSP_MSG_INIT));
	xsk_expect_done(own, 1);
	xsk_expect_none(test);
}

/* One that has gone is not waited for, and what it had comes to nothing. */
static void xsk_leaves_gone(struct kunit *test)
{
	struct xsk_own *own = xsk_unfinished(test);
	struct fake_host *host = test->priv;

	fake_host_rescind(host);
	KUNIT_EXPECT_EQ(test, 0, xsk_setup(test, NULL));
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, NVSP_MSG_INIT));
	xsk_expect_done(own, 0);
	xsk_expect_none(test);
	fake_nic_remove(xsk_nic(test));
	KUNIT_EXPECT_EQ(test, 0, host->gpadls);
}

static struct kunit_case xsk_cases[] = {
	KUNIT_CASE(xsk_refused),
	KUNIT_CASE_SLOW(xsk_scarce_memory),
	KUNIT_CASE(xsk_leaves),
	KUNIT_CASE(xsk_kept),
	KUNIT_CASE(xsk_waits_for_channel),
	KUNIT_CASE(xsk_received),
	KUNIT_CASE(xsk_not_taken),
	KUNIT_CASE(xsk_verdicts),
	KUNIT_CASE(xsk_long),
	KUNIT_CASE(xsk_send_back_full),
	KUNIT_CASE(xsk_sent_copied),
	KUNIT_CASE(xsk_sent_listed),
	KUNIT_CASE(xsk_sent_isolated),
	KUNIT_CASE(xsk_sent_too_long),
	KUNIT_CASE(xsk_sent_many),
	KUNIT_CASE(xsk_sent_full),
	KUNIT_CASE(xsk_wakeup_late),
	KUNIT_CASE(xsk_wakeup_order),
	KUNIT_CASE(xsk_leaves_unfinished),
	KUNIT_CASE(xsk_leaves_late),
	KUNIT_CASE(xsk_leaves_gone),
	{ }
};

static struct kunit_suite xsk_suite = {
	.name = "hv_netvsc_xsk",
	.init = xsk_init,
	.test_cases = xsk_cases,
};

kunit_test_suite(xsk_suite);
