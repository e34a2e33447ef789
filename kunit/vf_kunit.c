// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual functions: which interface fits which NIC, in which order things come,
 * when frames go by the VF and when not, and what is done to it. The VF is an
 * interface of this file that is taken for one.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"

#define VF_SERIAL	7

/**
 * struct vf_card - an interface that is taken for a VF
 * @serial: by which the host knows it
 * @sent: frames that it was given
 * @refuse_mtu: it takes no other MTU
 * @refuse_mac: nor address
 * @refuse_xdp: nor program
 * @prog: the program that it has
 * @features: that were set
 */
struct vf_card {
	u32 serial;
	u32 sent;
	bool refuse_mtu;
	bool refuse_mac;
	bool refuse_xdp;
	struct bpf_prog *prog;
	netdev_features_t features;
};

static struct fake_nic *vf_nic(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

static struct netvsc *vf_nv(struct kunit *test)
{
	return vf_nic(test)->nv;
}

/* The interface */

static int vf_card_up(struct net_device *dev)
{
	return 0;
}

static netdev_tx_t vf_card_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vf_card *card = netdev_priv(dev);

	card->sent++;
	dev_kfree_skb_any(skb);

	return NETDEV_TX_OK;
}

static int vf_card_mtu(struct net_device *dev, int mtu)
{
	const struct vf_card *card = netdev_priv(dev);

	if (card->refuse_mtu)
		return -EINVAL;
	dev->mtu = mtu;

	return 0;
}

static int vf_card_mac(struct net_device *dev, void *address)
{
	const struct vf_card *card = netdev_priv(dev);

	return card->refuse_mac ? -EOPNOTSUPP : eth_mac_addr(dev, address);
}

static int vf_card_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct vf_card *card = netdev_priv(dev);

	if (card->refuse_xdp)
		return -EOPNOTSUPP;
	if (card->prog)
		bpf_prog_put(card->prog);
	card->prog = bpf->prog;

	return 0;
}

static int vf_card_features(struct net_device *dev, netdev_features_t features)
{
	struct vf_card *card = netdev_priv(dev);

	card->features = features;

	return 0;
}

static const struct net_device_ops vf_card_ops = {
	.ndo_open = vf_card_up,
	.ndo_stop = vf_card_up,
	.ndo_start_xmit = vf_card_xmit,
	.ndo_change_mtu = vf_card_mtu,
	.ndo_set_mac_address = vf_card_mac,
	.ndo_bpf = vf_card_bpf,
	.ndo_set_features = vf_card_features,
};

static bool vf_identify(const struct net_device *dev, struct netvsc_vf_id *id)
{
	const struct vf_card *card = netdev_priv(dev);

	if (dev->netdev_ops != &vf_card_ops)
		return false;
	ether_addr_copy(id->address, is_zero_ether_addr(dev->perm_addr) ?
				     dev->dev_addr : dev->perm_addr);
	id->serial = card->serial;
	id->has_serial = true;

	return true;
}

/* Without the work item that would tell of it, in another task. */
static void vf_carrier(struct net_device *dev, bool on)
{
	rtnl_lock();
	if (on)
		clear_bit(__LINK_STATE_NOCARRIER, &dev->state);
	else
		set_bit(__LINK_STATE_NOCARRIER, &dev->state);
	netdev_state_change(dev);
	rtnl_unlock();
}

static void vf_unplug(void *ctx)
{
	struct net_device *dev = ctx;

	if (dev->reg_state == NETREG_REGISTERED)
		unregister_netdev(dev);
	free_netdev(dev);
}

/* An interface with the address of the NIC, or with another one. */
static struct net_device *vf_make(struct kunit *test, const u8 *address,
				  u32 serial)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct vf_card));
	struct vf_card *card;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	card = netdev_priv(dev);
	card->serial = serial;
	dev->netdev_ops = &vf_card_ops;
	dev->hw_features = NETIF_F_SG | NETIF_F_RXCSUM | NETIF_F_NTUPLE;
	dev->features = dev->hw_features;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->max_mtu = 9000;
	dev->needed_headroom = 24;
	eth_hw_addr_set(dev, address);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vf_unplug,
							   dev));

	return dev;
}

static struct net_device *vf_plug(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_make(test, host->mac, VF_SERIAL);

	KUNIT_ASSERT_EQ(test, 0, register_netdev(dev));

	return dev;
}

/* What the work items would do */

static void vf_setup(struct kunit *test)
{
	netvsc_vf_setup_work(&vf_nv(test)->vf.setup_work.work);
}

static void vf_news(struct kunit *test)
{
	netvsc_vf_news_work(&vf_nv(test)->vf.news_work);
}

/* What the host says */

static void vf_associate(struct kunit *test, bool allocated)
{
	fake_tell(test->priv, NVSP_MSG_SEND_VF_ASSOCIATION, allocated,
		  VF_SERIAL);
}

static void vf_take_back(struct kunit *test)
{
	fake_tell(test->priv, NVSP_MSG_SWITCH_DATA_PATH, 0, 0);
}

/* Where frames go, and where the host believes that they go. */
static void vf_expect_path(struct kunit *test, const struct net_device *dev,
			   u32 host_path, u32 asked)
{
	struct fake_host *host = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, dev,
			    (const struct net_device *)
			    rcu_access_pointer(vf_nv(test)->vf.path));
	KUNIT_EXPECT_EQ(test, host_path, host->vf_path);
	KUNIT_EXPECT_EQ(test, asked, host->vf_asked);
}

static bool vf_joined(struct kunit *test, const struct net_device *dev)
{
	return rcu_access_pointer(vf_nv(test)->vf.dev) == dev;
}

static bool vf_has_upper(struct net_device *dev)
{
	bool has;

	rtnl_lock();
	has = netdev_has_any_upper_dev(dev);
	rtnl_unlock();

	return has;
}

static int vf_suite_init(struct kunit *test)
{
	struct fake_nic *nic = fake_nic_alloc(test);

	kunit_activate_static_stub(test, netvsc_vf_identify, vf_identify);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));

	return 0;
}

/* With a VF that carries frames: the host has been asked once. */
static struct net_device *vf_in_use(struct kunit *test)
{
	struct net_device *dev;

	vf_associate(test, true);
	dev = vf_plug(test);
	vf_setup(test);
	vf_expect_path(test, dev, 1, 1);

	return dev;
}

/* Pairing */

struct vf_rank_case {
	const char *name;
	bool same_address;
	bool has_serial;
	u32 serial;
	bool allocated;
	enum netvsc_vf_match rank;
};

static const struct vf_rank_case vf_ranks[] = {
	{ "all fits", true, true, 7, true, NETVSC_VF_SERIAL },
	{ "another serial", true, true, 8, true, NETVSC_VF_ADDRESS },
	{ "no serial", true, false, 7, true, NETVSC_VF_ADDRESS },
	{ "no association", true, true, 7, false, NETVSC_VF_ADDRESS },
	{ "another address", false, true, 7, true, NETVSC_VF_OTHER },
	{ "nothing fits", false, true, 8, true, NETVSC_VF_OTHER },
	{ "nothing known", false, false, 0, false, NETVSC_VF_OTHER },
};

static void vf_rank_desc(const struct vf_rank_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vf_rank, vf_ranks, vf_rank_desc);

static void vf_ranking(struct kunit *test)
{
	const struct vf_rank_case *one = test->param_value;
	struct netvsc_vf_id id = {
		.serial = one->serial,
		.has_serial = one->has_serial,
	};
	struct fake_host *host = test->priv;

	ether_addr_copy(id.address, host->mac);
	if (!one->same_address)
		id.address[5] ^= 1;
	vf_associate(test, one->allocated);
	KUNIT_EXPECT_EQ(test, one->rank, netvsc_vf_rank(vf_nv(test), &id));
}

/* A card gives several VFs by one serial; only one is this NIC's. */
static void vf_several(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *other, *dev, *third;
	u8 address[ETH_ALEN];

	ether_addr_copy(address, host->mac);
	address[5] ^= 1;
	vf_associate(test, true);
	other = vf_make(test, address, VF_SERIAL);
	KUNIT_ASSERT_EQ(test, 0, register_netdev(other));
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	KUNIT_EXPECT_FALSE(test, other->flags & IFF_SLAVE);
	dev = vf_plug(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	third = vf_plug(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_EXPECT_FALSE(test, vf_has_upper(third));
}

/* Which of the two comes first does not matter, nor how late the other is. */
static void vf_association_first(struct kunit *test)
{
	struct net_device *dev;

	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, NULL, 0, 0);
	dev = vf_plug(test);
	/* User space has its time to name it. */
	vf_news(test);
	vf_expect_path(test, NULL, 0, 0);
	KUNIT_EXPECT_FALSE(test, netif_running(dev));
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, netif_running(dev));
	vf_expect_path(test, dev, 1, 1);
}

static void vf_function_first(struct kunit *test)
{
	struct net_device *dev = vf_plug(test);

	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_EXPECT_TRUE(test, netif_running(dev));
	vf_expect_path(test, NULL, 0, 0);
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 1);
	/* Said again, it changes nothing. */
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 1);
}

static void vf_wrong_serial(struct kunit *test)
{
	struct net_device *dev;

	fake_tell(test->priv, NVSP_MSG_SEND_VF_ASSOCIATION, 1, VF_SERIAL + 1);
	dev = vf_plug(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	vf_expect_path(test, dev, 1, 1);
}

/* No part of the kernel is to give it addresses; it is known as ours. */
static void vf_is_slave(struct kunit *test)
{
	struct net_device *dev = vf_plug(test);

	KUNIT_EXPECT_TRUE(test, dev->flags & IFF_SLAVE);
	KUNIT_EXPECT_TRUE(test, dev->priv_flags & IFF_NO_ADDRCONF);
	rtnl_lock();
	KUNIT_EXPECT_PTR_EQ(test, vf_nv(test)->netdev,
			    netdev_master_upper_dev_get(dev));
	rtnl_unlock();
	unregister_netdev(dev);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	KUNIT_EXPECT_FALSE(test, vf_has_upper(dev));
}

/* A driver that comes later than the VF takes it over at once, and anew. */
static void vf_there_before(struct kunit *test)
{
	struct fake_nic *nic = vf_nic(test);
	struct net_device *dev;

	fake_nic_remove(nic);
	dev = vf_plug(test);
	KUNIT_EXPECT_FALSE(test, dev->flags & IFF_SLAVE);
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, dev_open(dev, NULL));
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_EXPECT_TRUE(test, nic->nv->vf.ready);
	KUNIT_EXPECT_FALSE(test, netif_running(dev));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_TRUE(test, netif_running(dev));

	fake_nic_remove(nic);
	KUNIT_EXPECT_FALSE(test, netif_running(dev));
	KUNIT_EXPECT_FALSE(test, dev->flags & IFF_SLAVE);
	KUNIT_EXPECT_FALSE(test, dev->priv_flags & IFF_NO_ADDRCONF);
	KUNIT_EXPECT_FALSE(test, vf_has_upper(dev));
}

/* The data path */

static void vf_link(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);

	vf_carrier(dev, false);
	vf_expect_path(test, NULL, 0, 2);
	vf_carrier(dev, false);
	vf_expect_path(test, NULL, 0, 2);
	vf_carrier(dev, true);
	vf_expect_path(test, dev, 1, 3);
}

/* The host is told before the VF is down, or gone. */
static u32 vf_running_when_told;

static bool vf_see_switch(struct fake_host *host, u32 type,
			  const struct fake_packet *pkt)
{
	struct fake_nic *nic = host->suite;
	struct net_device *dev = rcu_dereference_raw(nic->nv->vf.dev);

	if (type == NVSP_MSG_SWITCH_DATA_PATH && !host->vf_path) {
		vf_running_when_told += dev && netif_running(dev);
		KUNIT_EXPECT_NULL(host->test,
				  rcu_access_pointer(nic->nv->vf.path));
	}

	return false;
}

static void vf_downs(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct fake_host *host = test->priv;

	host->on_nvsp = vf_see_switch;
	vf_running_when_told = 0;
	rtnl_lock();
	dev_close(dev);
	rtnl_unlock();
	vf_expect_path(test, NULL, 0, 2);
	KUNIT_EXPECT_EQ(test, 1, vf_running_when_told);
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, dev_open(dev, NULL));
	rtnl_unlock();
	vf_expect_path(test, dev, 1, 3);

	fake_nic_close(vf_nic(test));
	KUNIT_EXPECT_FALSE(test, netif_running(dev));
	vf_expect_path(test, NULL, 0, 4);
	KUNIT_EXPECT_EQ(test, 2, vf_running_when_told);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(vf_nic(test)));
	KUNIT_EXPECT_TRUE(test, netif_running(dev));
	vf_news(test);
	vf_expect_path(test, dev, 1, 5);

	unregister_netdev(dev);
	vf_expect_path(test, NULL, 0, 6);
	KUNIT_EXPECT_EQ(test, 3, vf_running_when_told);
}

static void vf_dissociated(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);

	/* As a host takes a VF away: path, association, function. */
	vf_take_back(test);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(vf_nv(test)->vf.path));
	vf_associate(test, false);
	vf_news(test);
	vf_setup(test);
	KUNIT_EXPECT_EQ(test, 1, ((struct fake_host *)test->priv)->vf_asked);
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 2);

	/* Without a word about the path; then the host is told. */
	vf_associate(test, false);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(vf_nv(test)->vf.path));
	vf_news(test);
	vf_expect_path(test, NULL, 0, 3);

	/* Gone and back again, before anybody looks. */
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 4);
	vf_associate(test, false);
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 5);
}

/* A host that takes it back is asked again, but not at once. */
static void vf_taken_back(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct fake_host *host = test->priv;

	vf_take_back(test);
	host->vf_path = 0;
	vf_news(test);
	vf_expect_path(test, NULL, 0, 1);
	vf_setup(test);
	vf_expect_path(test, dev, 1, 2);
}

static void vf_refused(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;

	host->refuse_vf = true;
	vf_associate(test, true);
	dev = vf_plug(test);
	vf_setup(test);
	vf_expect_path(test, NULL, 0, 1);
	vf_news(test);
	vf_expect_path(test, NULL, 0, 1);
	host->refuse_vf = false;
	vf_carrier(dev, true);
	vf_expect_path(test, dev, 1, 2);
}

/*
 * Of a host that says nothing, nobody knows whether it moves the data path, so
 * it is told to move it back, by a message for which nobody waits.
 */
static void vf_silent(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;
	u32 timeouts;

	host->silent_nvsp = NVSP_MSG_SWITCH_DATA_PATH;
	vf_associate(test, true);
	dev = vf_plug(test);
	timeouts = host->timeouts;
	vf_setup(test);
	vf_expect_path(test, NULL, 0, 2);
	KUNIT_EXPECT_EQ(test, timeouts + 1, host->timeouts);
	KUNIT_EXPECT_LE(test, host->last_wait_ms, 10000);
	vf_news(test);
	vf_expect_path(test, NULL, 0, 2);
	KUNIT_EXPECT_EQ(test, 2 * 60 * HZ, vf_nv(test)->vf.retry);

	/* It speaks again, and has another chance. */
	host->silent_nvsp = 0;
	vf_setup(test);
	vf_expect_path(test, dev, 1, 3);

	/* On the way back it is not waited for twice. */
	host->silent_nvsp = NVSP_MSG_SWITCH_DATA_PATH;
	timeouts = host->timeouts;
	vf_carrier(dev, false);
	vf_expect_path(test, NULL, 0, 4);
	KUNIT_EXPECT_EQ(test, timeouts + 1, host->timeouts);
	vf_carrier(dev, false);
	KUNIT_EXPECT_EQ(test, timeouts + 1, host->timeouts);
}

static void vf_host_gone(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct fake_host *host = test->priv;

	host->gone_at = NVSP_MSG_SWITCH_DATA_PATH;
	vf_carrier(dev, false);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(vf_nv(test)->vf.path));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	vf_carrier(dev, true);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(vf_nv(test)->vf.path));
}

/* In a new session the host says anew that there is a VF. */
static void vf_new_session(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct netvsc *nv = vf_nv(test);

	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, netvsc_reconfigure(nv, &nv->config));
	rtnl_unlock();
	vf_expect_path(test, NULL, 0, 2);
	vf_news(test);
	vf_expect_path(test, NULL, 0, 2);
	vf_associate(test, true);
	vf_news(test);
	vf_expect_path(test, dev, 1, 3);
}

static void vf_sleep(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct fake_nic *nic = vf_nic(test);

	netvsc_fall_asleep(nic->hv_dev);
	vf_expect_path(test, NULL, 0, 2);
	vf_carrier(dev, true);
	vf_expect_path(test, NULL, 0, 2);
	netvsc_wake_up(nic->hv_dev);
	vf_associate(test, true);
	/* The card's driver may wake up later than this one. */
	netif_device_detach(dev);
	vf_news(test);
	vf_expect_path(test, NULL, 0, 2);
	netif_device_attach(dev);
	vf_setup(test);
	vf_expect_path(test, dev, 1, 3);
}

/* Frames */

static struct sk_buff *vf_frame(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 32);
	memset(skb_put(skb, 60), 0, 60);
	skb->data[12] = 0x88;
	skb->data[13] = 0xb5;
	skb->protocol = htons(ETH_P_802_EX1);
	skb->dev = vf_nv(test)->netdev;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);

	return skb;
}

static void vf_send(struct kunit *test, struct sk_buff *skb, bool more)
{
	struct net_device *dev = vf_nv(test)->netdev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);

	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	skb_set_queue_mapping(skb, 0);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
			netdev_start_xmit(skb, dev, txq, more));
	__netif_tx_unlock(txq);
	local_bh_enable();
}

static void vf_transmit(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc_vf_totals totals;
	struct rtnl_link_stats64 link = {};
	struct net_device *dev;
	struct vf_card *card;
	struct sk_buff *skb;

	/* The first frame of a burst is on the synthetic path. */
	vf_associate(test, true);
	dev = vf_plug(test);
	card = netdev_priv(dev);
	vf_send(test, vf_frame(test), true);
	KUNIT_EXPECT_EQ(test, 0, host->num_frames);
	vf_setup(test);
	vf_expect_path(test, dev, 1, 1);
	KUNIT_EXPECT_EQ(test, 1, host->num_frames);

	vf_send(test, vf_frame(test), false);
	KUNIT_EXPECT_EQ(test, 1, card->sent);
	KUNIT_EXPECT_EQ(test, 1, host->num_frames);
	/* One that somebody else has, too, is left as it is. */
	skb = skb_get(vf_frame(test));
	vf_send(test, skb, false);
	KUNIT_EXPECT_EQ(test, 2, card->sent);
	KUNIT_EXPECT_PTR_EQ(test, vf_nv(test)->netdev, skb->dev);
	kfree_skb(skb);

	/* Its link is down, and nobody has been told yet. */
	set_bit(__LINK_STATE_NOCARRIER, &dev->state);
	vf_send(test, vf_frame(test), true);
	KUNIT_EXPECT_EQ(test, 2, card->sent);
	KUNIT_EXPECT_EQ(test, 2, host->num_frames);
	clear_bit(__LINK_STATE_NOCARRIER, &dev->state);

	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, 2, totals.tx_packets);
	KUNIT_EXPECT_EQ(test, 120, totals.tx_bytes);
	KUNIT_EXPECT_EQ(test, 0, totals.tx_dropped);
	netvsc_stats_get64(vf_nv(test)->netdev, &link);
	KUNIT_EXPECT_EQ(test, 2, link.tx_packets);
	KUNIT_EXPECT_EQ(test, 120, link.tx_bytes);
	while (host->num_frames) {
		host->num_frames--;
		fake_complete_rndis(host, 0, host->frame[host->num_frames].xid,
				    NVSP_STATUS_SUCCESS);
	}
}

static void vf_receive(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct sk_buff *skb = vf_frame(test);
	struct netvsc_vf_totals totals;

	skb->dev = dev;
	local_bh_disable();
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, RX_HANDLER_ANOTHER,
			rcu_dereference(dev->rx_handler)(&skb));
	rcu_read_unlock();
	local_bh_enable();
	KUNIT_EXPECT_PTR_EQ(test, vf_nv(test)->netdev, skb->dev);
	kfree_skb(skb);
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, 1, totals.rx_packets);
	KUNIT_EXPECT_EQ(test, 60, totals.rx_bytes);
}

/* What is done to the NIC is done to the VF */

static int vf_change_mtu(struct kunit *test, int mtu)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(vf_nv(test)->netdev, mtu);
	rtnl_unlock();

	return err;
}

static void vf_mtu(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_in_use(test);
	struct vf_card *card = netdev_priv(dev);

	KUNIT_EXPECT_EQ(test, 0, vf_change_mtu(test, 1400));
	KUNIT_EXPECT_EQ(test, 1400, dev->mtu);
	card->refuse_mtu = true;
	KUNIT_EXPECT_EQ(test, -EINVAL, vf_change_mtu(test, 1300));
	KUNIT_EXPECT_EQ(test, 1400, vf_nv(test)->netdev->mtu);
	card->refuse_mtu = false;
	/* The host does not: both are as before. */
	host->mtu = 1500;
	KUNIT_EXPECT_NE(test, 0, vf_change_mtu(test, 4000));
	KUNIT_EXPECT_EQ(test, 1400, dev->mtu);
	KUNIT_EXPECT_EQ(test, 1400, vf_nv(test)->netdev->mtu);
	/* One that comes later is made like it. */
	unregister_netdev(dev);
	dev = vf_plug(test);
	vf_setup(test);
	KUNIT_EXPECT_EQ(test, 1400, dev->mtu);
}

static int vf_change_mac(struct kunit *test, u8 last)
{
	u8 address[ETH_ALEN];
	int err;

	ether_addr_copy(address, vf_nv(test)->netdev->dev_addr);
	address[5] = last;
	rtnl_lock();
	err = nvb_set_mac_address(vf_nv(test)->netdev, address);
	rtnl_unlock();

	return err;
}

static void vf_mac(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_in_use(test);
	struct vf_card *card = netdev_priv(dev);

	KUNIT_EXPECT_EQ(test, 0, vf_change_mac(test, 0x55));
	KUNIT_EXPECT_EQ(test, 0x55, dev->dev_addr[5]);
	card->refuse_mac = true;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, vf_change_mac(test, 0x56));
	KUNIT_EXPECT_EQ(test, 0x55, vf_nv(test)->netdev->dev_addr[5]);
	card->refuse_mac = false;
	host->refuse_oid = OID_GEN_RNDIS_CONFIG_PARAMETER;
	KUNIT_EXPECT_NE(test, 0, vf_change_mac(test, 0x57));
	KUNIT_EXPECT_EQ(test, 0x55, vf_nv(test)->netdev->dev_addr[5]);
	KUNIT_EXPECT_EQ(test, 0x55, dev->dev_addr[5]);
	host->refuse_oid = 0;
	/* They belong together by the permanent one. */
	unregister_netdev(dev);
	dev = vf_plug(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_EXPECT_EQ(test, 0x55, dev->dev_addr[5]);
}

static bool vf_has_group(struct net_device *dev, const u8 *group)
{
	struct netdev_hw_addr *one;
	bool has = false;

	netif_addr_lock_bh(dev);
	netdev_for_each_mc_addr(one, dev)
		has |= ether_addr_equal(one->addr, group);
	netif_addr_unlock_bh(dev);

	return has;
}

static void vf_flags(struct kunit *test)
{
	static const u8 group[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0x12, 0x34 };
	struct net_device *upper = vf_nv(test)->netdev;
	struct net_device *dev = vf_in_use(test);

	rtnl_lock();
	dev_set_promiscuity(upper, 1);
	KUNIT_EXPECT_EQ(test, 1, dev->promiscuity);
	dev_set_promiscuity(upper, 1);
	KUNIT_EXPECT_EQ(test, 1, dev->promiscuity);
	dev_set_promiscuity(upper, -2);
	KUNIT_EXPECT_EQ(test, 0, dev->promiscuity);
	dev_set_allmulti(upper, 1);
	KUNIT_EXPECT_EQ(test, 1, dev->allmulti);
	KUNIT_EXPECT_EQ(test, 0, dev_mc_add(upper, group));
	KUNIT_EXPECT_TRUE(test, vf_has_group(dev, group));
	rtnl_unlock();
	unregister_netdev(dev);
	dev = vf_plug(test);
	KUNIT_EXPECT_FALSE(test, vf_has_group(dev, group));
	vf_setup(test);
	KUNIT_EXPECT_EQ(test, 1, dev->allmulti);
	KUNIT_EXPECT_TRUE(test, vf_has_group(dev, group));
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, dev_mc_del(upper, group));
	KUNIT_EXPECT_FALSE(test, vf_has_group(dev, group));
	dev_set_allmulti(upper, -1);
	KUNIT_EXPECT_EQ(test, 0, dev->allmulti);
	rtnl_unlock();
}

static void vf_features(struct kunit *test)
{
	struct net_device *upper = vf_nv(test)->netdev;
	struct net_device *dev = vf_in_use(test);

	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_SG);
	rtnl_lock();
	upper->wanted_features &= ~NETIF_F_SG;
	netdev_update_features(upper);
	rtnl_unlock();
	KUNIT_EXPECT_FALSE(test, upper->features & NETIF_F_SG);
	KUNIT_EXPECT_FALSE(test, dev->features & NETIF_F_SG);
	/* What is the VF's alone stays. */
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_NTUPLE);
	unregister_netdev(dev);
	dev = vf_plug(test);
	vf_setup(test);
	KUNIT_EXPECT_FALSE(test, dev->features & NETIF_F_SG);
	rtnl_lock();
	upper->wanted_features |= NETIF_F_SG;
	netdev_update_features(upper);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_SG);
}

static void vf_limits(struct kunit *test)
{
	struct net_device *upper = vf_nv(test)->netdev;
	const u32 host_max = upper->tso_max_size;
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_make(test, host->mac, VF_SERIAL);

	netif_set_tso_max_size(dev, 16384);
	KUNIT_ASSERT_GT(test, host_max, 16384);
	KUNIT_ASSERT_EQ(test, 0, register_netdev(dev));
	KUNIT_EXPECT_EQ(test, 16384, upper->tso_max_size);
	KUNIT_EXPECT_EQ(test, 16384, upper->gso_max_size);
	KUNIT_EXPECT_EQ(test, 24, upper->needed_headroom);
	unregister_netdev(dev);
	KUNIT_EXPECT_EQ(test, host_max, upper->tso_max_size);
	KUNIT_EXPECT_EQ(test, host_max, upper->gso_max_size);
	KUNIT_EXPECT_EQ(test, 0, upper->needed_headroom);
}

static void vf_prog_destroy(void *prog)
{
	bpf_prog_destroy(prog);
}

static struct bpf_prog *vf_prog(struct kunit *test)
{
	struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, XDP_PASS);
	struct sock_fprog_kern filter = { .len = 1, .filter = &insn };
	struct bpf_prog *prog;

	KUNIT_ASSERT_EQ(test, 0, bpf_prog_create(&prog, &filter));
	/* A program of this kind has no references. */
	atomic64_set(&prog->aux->refcnt, 1000);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   vf_prog_destroy,
							   prog));

	return prog;
}

static void vf_attach(struct kunit *test, struct bpf_prog *prog)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG, .prog = prog };

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, netvsc_bpf(vf_nv(test)->netdev, &bpf));
	rtnl_unlock();
}

/* No frame is led past the program, whatever the VF can do. */
static void vf_xdp(struct kunit *test)
{
	struct bpf_prog *prog = vf_prog(test);
	struct net_device *dev = vf_in_use(test);
	struct vf_card *card = netdev_priv(dev);
	const s64 refs = atomic64_read(&prog->aux->refcnt);

	vf_attach(test, prog);
	KUNIT_EXPECT_PTR_EQ(test, prog, card->prog);
	vf_expect_path(test, dev, 1, 1);
	vf_attach(test, NULL);
	KUNIT_EXPECT_NULL(test, card->prog);

	card->refuse_xdp = true;
	vf_attach(test, prog);
	vf_expect_path(test, NULL, 0, 2);
	vf_setup(test);
	vf_expect_path(test, NULL, 0, 2);
	vf_attach(test, NULL);
	vf_expect_path(test, dev, 1, 3);
	card->refuse_xdp = false;

	/* One that comes later, and one that goes. */
	vf_attach(test, prog);
	unregister_netdev(dev);
	KUNIT_EXPECT_NULL(test, card->prog);
	dev = vf_plug(test);
	card = netdev_priv(dev);
	vf_setup(test);
	KUNIT_EXPECT_PTR_EQ(test, prog, card->prog);
	vf_attach(test, NULL);
	KUNIT_EXPECT_NULL(test, card->prog);
	/* The NIC gives back three references that it was not given. */
	KUNIT_EXPECT_EQ(test, refs - 3, atomic64_read(&prog->aux->refcnt));
}

static struct kunit_case vf_kunit_cases[] = {
	KUNIT_CASE_PARAM(vf_ranking, vf_rank_gen_params),
	KUNIT_CASE(vf_several),
	KUNIT_CASE(vf_association_first),
	KUNIT_CASE(vf_function_first),
	KUNIT_CASE(vf_wrong_serial),
	KUNIT_CASE(vf_is_slave),
	KUNIT_CASE(vf_there_before),
	KUNIT_CASE(vf_link),
	KUNIT_CASE(vf_downs),
	KUNIT_CASE(vf_dissociated),
	KUNIT_CASE(vf_taken_back),
	KUNIT_CASE(vf_refused),
	KUNIT_CASE(vf_silent),
	KUNIT_CASE(vf_host_gone),
	KUNIT_CASE(vf_new_session),
	KUNIT_CASE(vf_sleep),
	KUNIT_CASE(vf_transmit),
	KUNIT_CASE(vf_receive),
	KUNIT_CASE(vf_mtu),
	KUNIT_CASE(vf_mac),
	KUNIT_CASE(vf_flags),
	KUNIT_CASE(vf_features),
	KUNIT_CASE(vf_limits),
	KUNIT_CASE(vf_xdp),
	{ }
};

static struct kunit_suite vf_suite = {
	.name = "hv_netvsc_vf",
	.init = vf_suite_init,
	.test_cases = vf_kunit_cases,
};

kunit_test_suite(vf_suite);
