// SPDX-License-Identifier: GPL-2.0
/*
 * XDP: what becomes of a frame after each verdict, of its buffer, and of frames
 * that are redirected to the interface.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/unaligned.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"
#include "netvsc_xdp.h"

#define XDP_TEST_XID	0x1000
#define XDP_TEST_LEN	100
#define XDP_TEST_FRAMES	16
#define XDP_TEST_MANY	(256 * XDP_TEST_FRAMES)

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
	struct fake_host *host = test->priv;

	return fake_nic_attach(host->suite, prog);
}

static void xdp_unset(void *arg)
{
	struct kunit *test = arg;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	if (nic->probed)
		xdp_set(test, NULL);
}

static struct bpf_prog *xdp_prog(struct kunit *test, u32 act, bool frags)
{
	struct bpf_prog *prog = fake_prog(test, act);

	prog->aux->xdp_has_frags = frags;

	return prog;
}

/* The same, attached until the test is over. */
static struct bpf_prog *xdp_attach_to(struct kunit *test, u32 act, bool frags)
{
	struct bpf_prog *prog = xdp_prog(test, act, frags);

	KUNIT_ASSERT_EQ(test, 0, xdp_set(test, prog));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, xdp_unset,
							   test));

	return prog;
}

static struct bpf_prog *xdp_attach(struct kunit *test, u32 act)
{
	return xdp_attach_to(test, act, false);
}

static void xdp_receive(struct kunit *test, u32 slot)
{
	fake_nic_receive(test->priv, slot, XDP_TEST_LEN);
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
	data = fake_frame_data(host, 0);
	KUNIT_EXPECT_EQ(test, 0, data[0]);
	KUNIT_EXPECT_EQ(test, 0x88, data[12]);
	KUNIT_EXPECT_EQ(test, XDP_TEST_LEN - 1, data[XDP_TEST_LEN - 1]);
	xdp_receive(test, 1);
	KUNIT_EXPECT_PTR_EQ(test, spare, xdp_spare(test));
	fake_complete_all(host);
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
		fake_complete_all(host);
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

/* A host that goes on coalescing: no program that could not have the frames. */
static void xdp_linear_refused(struct kunit *test)
{
	struct net_device *dev = xdp_nv(test)->netdev;
	struct fake_host *host = test->priv;

	host->refuse_oid = OID_TCP_OFFLOAD_PARAMETERS;
	KUNIT_EXPECT_EQ(test, -EIO, xdp_set(test, xdp_prog(test, XDP_DROP,
							   false)));
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_LRO);
	KUNIT_EXPECT_FALSE(test, xdp_nv(test)->xdp_linear);
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.packets));
	/* It is no matter to one that can have them in several buffers. */
	xdp_attach_to(test, XDP_DROP, true);
	xdp_receive(test, 1);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.xdp_drop));
}

/* Frames in pieces */

#define XDP_PIECE_LEN		1900
#define XDP_PIECE(flags)	(9U << 16 | (flags) << 8 | RNDIS_PACKET_ID_VERSION)
#define XDP_FIRST		XDP_PIECE(RNDIS_PACKET_ID_PIECE | \
					  RNDIS_PACKET_ID_FIRST)
#define XDP_MORE		XDP_PIECE(RNDIS_PACKET_ID_PIECE)
#define XDP_LAST		XDP_PIECE(RNDIS_PACKET_ID_PIECE | \
					  RNDIS_PACKET_ID_LAST)

static const u32 xdp_whole[] = { XDP_FIRST, XDP_MORE, XDP_LAST };

#define XDP_WHOLE_LEN		(3 * XDP_PIECE_LEN)

static void xdp_put_piece(struct fake_host *host, u32 number, u32 piece, u32 len)
{
	const u32 word[] = { 1, 60 + len, 52, len, 0, 0, 0, 36, 16, 0, 0,
			     16, RNDIS_PPI_PACKET_ID, 12, piece };
	u8 *slot = host->recv + number * FAKE_SLOT_BYTES;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(word); i++)
		put_unaligned_le32(word[i], slot + 4 * i);
	memset(slot + 60, number, len);
	put_unaligned_be16(0x88b5, slot + 60 + 2 * ETH_ALEN);
}

/* A packet of the first slots, with pieces of @len bytes. */
static void xdp_write_slots(struct kunit *test, u32 num, u32 len)
{
	const __le32 msg[] = { cpu_to_le32(107), 0, cpu_to_le32(~0U), 0 };
	struct fake_host *host = test->priv;
	__le32 *ext = kunit_kcalloc(test, 2 + 2 * num, sizeof(*ext), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, ext);
	ext[0] = cpu_to_le32(NVSP_RECV_BUFFER_ID);
	ext[1] = cpu_to_le32(num);
	for (i = 0; i < num; i++) {
		ext[2 + 2 * i] = cpu_to_le32(60 + len);
		ext[3 + 2 * i] = cpu_to_le32(i * FAKE_SLOT_BYTES);
	}
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_XFER_PAGES,
			XDP_TEST_XID, ext, 8 + 8 * num, msg, sizeof(msg));
}

/* One packet with pieces of @len bytes, each full of its own number. */
static void xdp_pieces(struct kunit *test, const u32 *piece, u32 num, u32 len)
{
	u32 i;

	for (i = 0; i < num; i++)
		xdp_put_piece(test->priv, i, piece[i], len);
	xdp_write_slots(test, num, len);
	fake_nic_poll(test->priv, 0);
}

/* What the stack was given: the length, and a byte in the middle of each piece. */
struct xdp_seen {
	struct packet_type tap;
	u32 frames;
	u32 len;
	u8 middle[3];
};

static int xdp_tap(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *tap, struct net_device *orig)
{
	struct xdp_seen *seen = tap->af_packet_priv;
	u32 i, part = (skb->len + ETH_HLEN) / 3;

	seen->frames++;
	seen->len = skb->len;
	for (i = 0; i < 3; i++)
		skb_copy_bits(skb, i * part + part / 2 - ETH_HLEN,
			      &seen->middle[i], 1);
	kfree_skb(skb);

	return 0;
}

static void xdp_pieces_seen(struct kunit *test, struct xdp_seen *seen, u32 len)
{
	memset(seen, 0xff, sizeof(*seen));
	seen->frames = 0;
	memset(&seen->tap, 0, sizeof(seen->tap));
	seen->tap.type = htons(ETH_P_ALL);
	seen->tap.dev = xdp_nv(test)->netdev;
	seen->tap.func = xdp_tap;
	seen->tap.af_packet_priv = seen;
	xdp_nv(test)->netdev->features &= ~NETIF_F_GRO;
	dev_add_pack(&seen->tap);
	xdp_pieces(test, xdp_whole, ARRAY_SIZE(xdp_whole), len);
	dev_remove_pack(&seen->tap);
}

/* In several buffers, or in one when it is short: none of it is missing. */
static void xdp_pieces_pass(struct kunit *test)
{
	static const u32 len[] = { XDP_PIECE_LEN, 100 };
	struct xdp_seen seen;
	unsigned int i, n;

	xdp_attach_to(test, XDP_PASS, true);
	for (i = 0; i < ARRAY_SIZE(len); i++) {
		xdp_pieces_seen(test, &seen, len[i]);
		KUNIT_EXPECT_EQ(test, 1, seen.frames);
		KUNIT_EXPECT_EQ(test, 3 * len[i] - ETH_HLEN, seen.len);
		for (n = 0; n < 3; n++)
			KUNIT_EXPECT_EQ(test, n, seen.middle[n]);
		KUNIT_EXPECT_EQ(test, i + 1, xdp_stat(test, rx.coalesced));
		KUNIT_EXPECT_EQ(test, i + 1, xdp_stat(test, rx.packets));
	}
	KUNIT_EXPECT_EQ(test, XDP_WHOLE_LEN + 300, xdp_stat(test, rx.bytes));
}

static void xdp_pieces_drop(struct kunit *test)
{
	u32 i;

	xdp_attach_to(test, XDP_DROP, true);
	for (i = 0; i < 5; i++)
		xdp_pieces(test, xdp_whole, ARRAY_SIZE(xdp_whole),
			   XDP_PIECE_LEN);
	KUNIT_EXPECT_EQ(test, 5, xdp_stat(test, rx.xdp_drop));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.packets));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.bad_rsc));
}

/* A program for one buffer has what fits, as a whole, and nothing else. */
static void xdp_pieces_linear(struct kunit *test)
{
	struct xdp_seen seen;

	xdp_attach(test, XDP_PASS);
	xdp_pieces_seen(test, &seen, 100);
	KUNIT_EXPECT_EQ(test, 1, seen.frames);
	KUNIT_EXPECT_EQ(test, 300 - ETH_HLEN, seen.len);
	KUNIT_EXPECT_EQ(test, 2, seen.middle[2]);
	xdp_pieces_seen(test, &seen, XDP_PIECE_LEN);
	KUNIT_EXPECT_EQ(test, 0, seen.frames);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.xdp_too_long));
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.packets));
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, rx.packets));
}

/* Beginnings of frames that come to no end, and what follows them. */
static void xdp_pieces_broken(struct kunit *test)
{
	static const u32 cut[] = { XDP_FIRST, XDP_MORE };
	static const u32 anew[] = { XDP_FIRST, XDP_FIRST, XDP_LAST };

	xdp_attach_to(test, XDP_DROP, true);
	xdp_pieces(test, cut, ARRAY_SIZE(cut), XDP_PIECE_LEN);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.bad_rsc));
	KUNIT_EXPECT_EQ(test, 0, xdp_stat(test, rx.xdp_drop));
	xdp_pieces(test, anew, ARRAY_SIZE(anew), XDP_PIECE_LEN);
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, rx.bad_rsc));
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.xdp_drop));
	/* Without a program nothing is left of them either. */
	KUNIT_EXPECT_EQ(test, 0, xdp_set(test, NULL));
	xdp_receive(test, 0);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.packets));
}

/* Pieces of a frame, frames of a packet, and packets: more than a poll takes. */
#define XDP_CHAIN		37
#define XDP_CHAINS		10
#define XDP_CHAIN_PACKETS	3

/* The channel is closed, by no poll, when a poll has been cut off in a frame. */
static void xdp_pieces_closed(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_channel *ch = fake_nic_channel(host->suite, 0);
	u32 i, at, piece;

	xdp_attach_to(test, XDP_DROP, true);
	for (i = 0; i < XDP_CHAIN * XDP_CHAINS; i++) {
		at = i % XDP_CHAIN;
		piece = !at ? XDP_FIRST : at == XDP_CHAIN - 1 ? XDP_LAST :
								XDP_MORE;
		xdp_put_piece(host, i, piece, 1700);
	}
	for (i = 0; i < XDP_CHAIN_PACKETS; i++)
		xdp_write_slots(test, XDP_CHAIN * XDP_CHAINS, 1700);
	fake_nic_poll_once(host, 0);
	KUNIT_ASSERT_TRUE(test, ch->rx.xdp.chain);
	KUNIT_EXPECT_GT(test, ch->rx.xdp.frags, 0);
	KUNIT_EXPECT_GT(test, xdp_stat(test, rx.xdp_drop), 0);
	fake_host_rescind(host);
	fake_nic_remove(host->suite);
	KUNIT_EXPECT_EQ(test, 0, host->gpadls);
}

static void xdp_long_mtu(struct kunit *test)
{
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, dev_set_mtu(xdp_nv(test)->netdev, 9000));
	rtnl_unlock();
}

/* Sent back as one: copied, listed where it is, or too long for the link. */
static void xdp_pieces_tx(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const u8 *data;

	xdp_attach_to(test, XDP_TX, true);
	xdp_pieces(test, xdp_whole, ARRAY_SIZE(xdp_whole), XDP_PIECE_LEN);
	KUNIT_EXPECT_EQ(test, 1, xdp_stat(test, rx.xdp_failed));
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);

	xdp_long_mtu(test);
	WRITE_ONCE(xdp_nv(test)->tx_copybreak, FAKE_SECTION_BYTES);
	xdp_pieces(test, xdp_whole, ARRAY_SIZE(xdp_whole), XDP_PIECE_LEN);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_ASSERT_NE(test, NVSP_SECTION_NONE, host->frame[0].section);
	data = fake_frame_data(host, 0);
	KUNIT_EXPECT_EQ(test, 0, data[100]);
	KUNIT_EXPECT_EQ(test, 1, data[XDP_PIECE_LEN]);
	KUNIT_EXPECT_EQ(test, 2, data[XDP_WHOLE_LEN - 1]);
	fake_complete_all(host);

	WRITE_ONCE(xdp_nv(test)->tx_copybreak, 100);
	xdp_pieces(test, xdp_whole, ARRAY_SIZE(xdp_whole), XDP_PIECE_LEN);
	KUNIT_ASSERT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[0].section);
	KUNIT_EXPECT_GE(test, host->frame[0].ranges, 3);
	KUNIT_EXPECT_GE(test, host->frame[0].listed_bytes, XDP_WHOLE_LEN);
	/* The host has the buffer: the next frame has another. */
	KUNIT_EXPECT_NULL(test, xdp_spare(test));
	fake_complete_all(host);
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, rx.xdp_tx));
	KUNIT_EXPECT_EQ(test, 2, xdp_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, 2 * XDP_WHOLE_LEN, xdp_stat(test, done.bytes));
}

/* What a program may ask of a frame */

static const u32 xdp_hash_types[][2] = {
	{ 0, XDP_RSS_TYPE_NONE },
	{ NDIS_HASH_IPV4, XDP_RSS_TYPE_L3_IPV4 },
	{ NDIS_HASH_TCP_IPV4, XDP_RSS_TYPE_L4_IPV4_TCP },
	{ NDIS_HASH_UDP_IPV4, XDP_RSS_TYPE_L4_IPV4_UDP },
	{ NDIS_HASH_IPV6, XDP_RSS_TYPE_L3_IPV6 },
	{ NDIS_HASH_TCP_IPV6, XDP_RSS_TYPE_L4_IPV6_TCP },
	{ NDIS_HASH_UDP_IPV6, XDP_RSS_TYPE_L4_IPV6_UDP },
	{ NDIS_HASH_TCP_IPV4 | NDIS_HASH_IPV4, XDP_RSS_TYPE_NONE },
	{ ~0U, XDP_RSS_TYPE_NONE },
};

static void xdp_asks_hash(struct kunit *test)
{
	struct net_device *dev = xdp_nv(test)->netdev;
	const struct xdp_metadata_ops *ops = dev->xdp_metadata_ops;
	struct fake_host *host = test->priv;
	struct rndis_rx_frame frame = { .hash_value = 0x1234 };
	struct netvsc_xdp_buff buff = {
		.xdp.rxq = &fake_nic_channel(host->suite, 0)->rx.xdp.rxq,
		.frame = &frame,
	};
	const struct xdp_md *ctx = (const void *)&buff;
	enum xdp_rss_hash_type type;
	unsigned int i;
	u32 hash = 0;

	KUNIT_EXPECT_EQ(test, -ENODATA, ops->xmo_rx_hash(ctx, &hash, &type));
	frame.flags = RNDIS_RX_HAS_HASH_VALUE;
	for (i = 0; i < ARRAY_SIZE(xdp_hash_types); i++) {
		frame.hash_info = xdp_hash_types[i][0];
		hash = 0;
		KUNIT_EXPECT_EQ(test, 0, ops->xmo_rx_hash(ctx, &hash, &type));
		KUNIT_EXPECT_EQ(test, 0x1234, hash);
		KUNIT_EXPECT_EQ_MSG(test, xdp_hash_types[i][1], type,
				    "%#x", xdp_hash_types[i][0]);
	}
	/* The user does not want to hear of it. */
	dev->features &= ~NETIF_F_RXHASH;
	KUNIT_EXPECT_EQ(test, -ENODATA, ops->xmo_rx_hash(ctx, &hash, &type));
}

static void xdp_asks_tag(struct kunit *test)
{
	struct rndis_rx_frame frame = { .vlan = 0x123d };
	struct netvsc_xdp_buff buff = { .frame = &frame };
	const struct xdp_md *ctx = (const void *)&buff;
	const struct xdp_metadata_ops *ops =
		xdp_nv(test)->netdev->xdp_metadata_ops;
	__be16 protocol;
	u16 tci;

	KUNIT_EXPECT_EQ(test, -ENODATA,
			ops->xmo_rx_vlan_tag(ctx, &protocol, &tci));
	frame.flags = RNDIS_RX_HAS_VLAN;
	KUNIT_EXPECT_EQ(test, 0, ops->xmo_rx_vlan_tag(ctx, &protocol, &tci));
	KUNIT_EXPECT_EQ(test, ETH_P_8021Q, ntohs(protocol));
	KUNIT_EXPECT_EQ(test, 0xb123, tci);
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
	KUNIT_EXPECT_EQ(test, 0xa0, fake_frame_data(host, 0)[59]);
	for (i = 0; i < XDP_TEST_FRAMES; i++)
		bytes += 60 + i;
	fake_complete_all(host);
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
	fake_complete_all(host);
	xdp_let_go(test, page, 3);
	KUNIT_EXPECT_EQ(test, 3, xdp_stat(test, done.packets));
	KUNIT_EXPECT_EQ(test, 2060, xdp_stat(test, done.bytes));
}

/* A tag that is in a frame goes beside it, in a copy as in a list. */
static void xdp_xmit_tag(struct kunit *test)
{
	const struct rndis_tx_meta tagged = { .has_vlan = true };
	struct fake_host *host = test->priv;
	struct page *page[2];
	u32 i;

	WRITE_ONCE(xdp_nv(test)->tx_copybreak, 100);
	for (i = 0; i < 2; i++) {
		struct xdp_frame *xdpf;

		page[i] = xdp_make(test, i ? 1000 : 100, 0x11);
		xdpf = page_address(page[i]);
		put_unaligned_be32(0x81004123, xdpf->data + 12);
		put_unaligned_be16(0x88b5, xdpf->data + 16);
	}
	KUNIT_EXPECT_EQ(test, 2, xdp_xmit(test, page, 2, XDP_XMIT_FLUSH));
	KUNIT_ASSERT_EQ(test, 2, host->num_frames);
	KUNIT_EXPECT_EQ(test, 0x1232, fake_frame_item(host, 0, 6));
	KUNIT_EXPECT_EQ(test, 96, fake_frame_word(host, 0, 0, 3));
	KUNIT_EXPECT_EQ(test, 0x11111111,
			get_unaligned_be32(fake_frame_data(host, 0) + 8));
	KUNIT_EXPECT_EQ(test, 0x88b51111,
			get_unaligned_be32(fake_frame_data(host, 0) + 12));
	KUNIT_EXPECT_EQ(test, NVSP_SECTION_NONE, host->frame[1].section);
	KUNIT_EXPECT_EQ(test, rndis_tx_header_len(&tagged) + 996,
			host->frame[1].listed_bytes);
	fake_complete_all(host);
	xdp_let_go(test, page, 2);
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
		fake_complete_all(host);
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
	KUNIT_CASE(xdp_linear_refused),
	KUNIT_CASE(xdp_pieces_pass),
	KUNIT_CASE(xdp_pieces_drop),
	KUNIT_CASE(xdp_pieces_linear),
	KUNIT_CASE(xdp_pieces_broken),
	KUNIT_CASE(xdp_pieces_closed),
	KUNIT_CASE(xdp_pieces_tx),
	KUNIT_CASE(xdp_asks_hash),
	KUNIT_CASE(xdp_asks_tag),
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
	KUNIT_CASE(xdp_xmit_tag),
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
