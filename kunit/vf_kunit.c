// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual functions: which interface fits which NIC, in which order things come,
 * when frames go by the VF and when not, and what is done to it. The VF is an
 * interface of this file that is taken for one.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/kmod.h>
#include <linux/kmsg_dump.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"

#define VF_SERIAL	7
/* How often a host does not move the data path; many times what may be said. */
#define VF_FLOOD	200

/**
 * struct vf_card - an interface that is taken for a VF
 * @serial: by which the host knows it
 * @sent: frames that it was given
 * @speed: of its link, in Mbit/s
 * @xdp_takes: of redirected frames, how many it takes, or a negative errno
 * @refuse_open: it cannot be opened
 * @refuse_mtu: it takes no other MTU
 * @refuse_mac: nor address
 * @refuse_xdp: nor program
 * @prog: the program that it has
 * @features: that were set
 */
struct vf_card {
	u32 serial;
	u32 sent;
	u32 speed;
	int xdp_takes;
	bool refuse_open;
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
	const struct vf_card *card = netdev_priv(dev);

	return card->refuse_open ? -EIO : 0;
}

static int vf_card_down(struct net_device *dev)
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

/* Frames that it does not take stay the caller's. */
static int vf_card_xdp_xmit(struct net_device *dev, int n,
			    struct xdp_frame **frames, u32 flags)
{
	struct vf_card *card = netdev_priv(dev);

	if (card->xdp_takes > 0)
		card->sent += card->xdp_takes;

	return card->xdp_takes;
}

/* A driver that knows nothing of XDP. */
static const struct net_device_ops vf_plain_ops = {
	.ndo_open = vf_card_up,
	.ndo_stop = vf_card_down,
	.ndo_start_xmit = vf_card_xmit,
};

static const struct net_device_ops vf_card_ops = {
	.ndo_open = vf_card_up,
	.ndo_stop = vf_card_down,
	.ndo_start_xmit = vf_card_xmit,
	.ndo_change_mtu = vf_card_mtu,
	.ndo_set_mac_address = vf_card_mac,
	.ndo_bpf = vf_card_bpf,
	.ndo_set_features = vf_card_features,
	.ndo_xdp_xmit = vf_card_xdp_xmit,
};

static int vf_card_get_link(struct net_device *dev,
			    struct ethtool_link_ksettings *cmd)
{
	const struct vf_card *card = netdev_priv(dev);

	cmd->base.speed = card->speed;

	return 0;
}

static int vf_card_set_link(struct net_device *dev,
			    const struct ethtool_link_ksettings *cmd)
{
	struct vf_card *card = netdev_priv(dev);

	card->speed = cmd->base.speed;

	return 0;
}

static const struct ethtool_ops vf_card_ethtool_ops = {
	.get_link_ksettings = vf_card_get_link,
	.set_link_ksettings = vf_card_set_link,
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

/* What a user does to the NIC */

static int vf_change_mtu(struct kunit *test, int mtu)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(vf_nv(test)->netdev, mtu);
	rtnl_unlock();

	return err;
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

static rx_handler_result_t vf_take_all(struct sk_buff **skb)
{
	return RX_HANDLER_PASS;
}

/* Somebody else has the interface, or there is no memory: it is tried again. */
static void vf_not_free(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_make(test, host->mac, VF_SERIAL);

	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, netdev_rx_handler_register(dev, vf_take_all,
							    NULL));
	KUNIT_ASSERT_EQ(test, 0, register_netdevice(dev));
	rtnl_unlock();
	vf_associate(test, true);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	KUNIT_EXPECT_FALSE(test, vf_has_upper(dev));
	rtnl_lock();
	KUNIT_EXPECT_TRUE(test, rcu_access_pointer(dev->rx_handler) ==
				vf_take_all);
	netdev_rx_handler_unregister(dev);
	rtnl_unlock();

	if (IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		fake_fail_at(1);
		vf_setup(test);
		KUNIT_EXPECT_EQ(test, 0, fake_fail_left());
		fake_fail_at(0);
		KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
		KUNIT_EXPECT_NULL(test, rcu_access_pointer(dev->rx_handler));
	}
	vf_news(test);
	/* The first turn has it join, the second sets it up. */
	vf_setup(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	vf_expect_path(test, dev, 1, 1);
}

/* What a VF does not want is said, and it is used all the same. */
static void vf_unwilling(struct kunit *test)
{
	struct net_device *dev;
	struct vf_card *card;

	KUNIT_ASSERT_EQ(test, 0, vf_change_mtu(test, 1400));
	KUNIT_ASSERT_EQ(test, 0, vf_change_mac(test, 0x55));
	vf_associate(test, true);
	dev = vf_plug(test);
	card = netdev_priv(dev);
	card->refuse_mtu = true;
	card->refuse_mac = true;
	card->refuse_open = true;
	vf_setup(test);
	KUNIT_EXPECT_EQ(test, 1500, dev->mtu);
	KUNIT_EXPECT_NE(test, 0x55, dev->dev_addr[5]);
	/* Unless it cannot be opened. */
	KUNIT_EXPECT_FALSE(test, netif_running(dev));
	vf_expect_path(test, NULL, 0, 0);
	card->refuse_open = false;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, dev_open(dev, NULL));
	rtnl_unlock();
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

/* No answer, but an association once more. */
static bool vf_speak_at_switch(struct fake_host *host, u32 type,
			       const struct fake_packet *pkt)
{
	if (type != NVSP_MSG_SWITCH_DATA_PATH)
		return false;
	if (host->vf_path)
		vf_associate(host->test, true);

	return true;
}

/* It speaks of its VF while it is waited for: another chance, and at once. */
static void vf_said_meanwhile(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;

	host->on_nvsp = vf_speak_at_switch;
	vf_associate(test, true);
	dev = vf_plug(test);
	/* Coming up and being set up are an occasion each. */
	vf_setup(test);
	vf_expect_path(test, NULL, 0, 4);
	host->on_nvsp = NULL;
	vf_news(test);
	vf_expect_path(test, dev, 1, 5);
}

/* Lines of the kernel's log that speak of the data path. */
static u32 vf_count_lines(void)
{
	struct kmsg_dump_iter iter;
	char line[256];
	u32 num = 0;
	size_t len;

	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = 0;
		num += !!strstr(line, "data path");
	}

	return num;
}

/* Nor does a host fill the log by having its VF refused again and again. */
static void vf_no_flood(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const u32 before = vf_count_lines();
	unsigned long began = jiffies;
	u32 i, windows;

	host->silent_nvsp = NVSP_MSG_SWITCH_DATA_PATH;
	vf_associate(test, true);
	vf_plug(test);
	vf_setup(test);
	for (i = 1; i < VF_FLOOD; i++) {
		vf_associate(test, true);
		vf_news(test);
	}
	/* It was asked each time, and told to move it back. */
	vf_expect_path(test, NULL, 0, 2 * VF_FLOOD);
	/* net_ratelimit() lets 10 pass in 5 s, and an interval may be over. */
	windows = 2 + (jiffies - began) / (5 * HZ);
	KUNIT_EXPECT_LE(test, vf_count_lines() - before, 10 * windows);
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

/* The NIC carries its frames itself, and another VF is taken as the first. */
static void vf_expect_without(struct kunit *test, u32 asked)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;

	vf_news(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	vf_expect_path(test, NULL, 0, asked);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, vf_nv(test)->state);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);

	vf_associate(test, true);
	dev = vf_plug(test);
	vf_setup(test);
	vf_expect_path(test, dev, 1, asked + 1);
}

/* The VF goes while the NIC sleeps; the host says so, or forgets about it. */
static void vf_gone_in_sleep(struct kunit *test)
{
	struct fake_nic *nic = vf_nic(test);
	const u32 host_max = nic->nv->netdev->tso_max_size;
	struct net_device *dev = vf_in_use(test);
	u32 said;

	KUNIT_ASSERT_EQ(test, 0, netvsc_fall_asleep(nic->hv_dev));
	vf_expect_path(test, NULL, 0, 2);
	said = nic->host->num_nvsp;
	unregister_netdev(dev);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	KUNIT_EXPECT_FALSE(test, vf_has_upper(dev));
	KUNIT_EXPECT_EQ(test, 0, nic->nv->netdev->needed_headroom);
	KUNIT_EXPECT_EQ(test, host_max, nic->nv->netdev->tso_max_size);
	/* Nor do the work items talk to a host that is not there. */
	vf_news(test);
	vf_setup(test);
	KUNIT_EXPECT_EQ(test, said, nic->host->num_nvsp);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	vf_expect_without(test, 2);
}

/* Another is there at once, or the host still speaks of the one that went. */
static void vf_exchanged_in_sleep(struct kunit *test)
{
	struct fake_nic *nic = vf_nic(test);
	struct net_device *dev = vf_in_use(test);

	KUNIT_ASSERT_EQ(test, 0, netvsc_fall_asleep(nic->hv_dev));
	unregister_netdev(dev);
	dev = vf_plug(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	vf_expect_path(test, NULL, 0, 2);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	vf_associate(test, true);
	vf_news(test);
	/* The NIC counts as up all the time, so the VF is. */
	KUNIT_EXPECT_TRUE(test, netif_running(dev));
	vf_expect_path(test, dev, 1, 3);

	KUNIT_ASSERT_EQ(test, 0, netvsc_fall_asleep(nic->hv_dev));
	unregister_netdev(dev);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	vf_associate(test, true);
	vf_expect_without(test, 4);
}

/* Namespaces */

static void vf_put_net(void *net)
{
	put_net(net);
}

/* A namespace that is not the first, within two seconds; or NULL. */
static struct net *vf_find_net(void)
{
	struct net *one, *net = NULL;
	int tries;

	for (tries = 0; !net && tries < 100; tries++) {
		msleep(20);
		rcu_read_lock();
		for_each_net_rcu(one) {
			if (!net_eq(one, &init_net) && !net)
				net = maybe_get_net(one);
		}
		rcu_read_unlock();
	}

	return net;
}

/*
 * A namespace that nobody else has: of a program that makes one, and ends; on a
 * busy machine perhaps before it is found. It goes with vf_delete().
 */
static struct net *vf_make_net(struct kunit *test)
{
	static const char * const argv[] = { "/bin/unshare", "-n",
					     "/bin/sleep", "1", NULL };
	static const char * const envp[] = { "PATH=/bin", NULL };
	struct net *net = NULL;
	int tries;

	for (tries = 0; !net && tries < 5; tries++) {
		KUNIT_ASSERT_EQ(test, 0,
				call_usermodehelper(argv[0], (char **)argv,
						    (char **)envp,
						    UMH_WAIT_EXEC));
		net = vf_find_net();
	}
	KUNIT_ASSERT_NOT_NULL(test, net);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vf_put_net,
							   net));
	for (tries = 0; tries < 1000; tries++) {
		if (refcount_read(&net->ns.count) == 1)
			return net;
		msleep(20);
	}
	KUNIT_FAIL_AND_ABORT(test, "somebody keeps the namespace");

	return NULL;
}

static bool vf_net_listed(const struct net *net)
{
	bool listed = false;
	struct net *one;

	rcu_read_lock();
	for_each_net_rcu(one)
		listed |= one == net;
	rcu_read_unlock();

	return listed;
}

/* Holding RTNL: the namespace is on its way out, and waits for that lock. */
static void vf_delete(struct kunit *test, struct net *net)
{
	int tries;

	ASSERT_RTNL();
	kunit_release_action(test, vf_put_net, net);
	for (tries = 0; vf_net_listed(net) && tries < 1000; tries++)
		msleep(20);
	KUNIT_EXPECT_FALSE(test, vf_net_listed(net));
}

static void vf_move(struct kunit *test, struct net_device *dev, struct net *net)
{
	KUNIT_ASSERT_EQ(test, 0, dev_change_net_namespace(dev, net, "eth%d"));
}

static void vf_expect_home(struct kunit *test, const struct net_device *dev)
{
	bool home = false;
	int tries;

	for (tries = 0; !home && tries < 1000; tries++) {
		msleep(20);
		rtnl_lock();
		home = net_eq(dev_net(dev), &init_net);
		rtnl_unlock();
	}
	KUNIT_EXPECT_TRUE(test, home);
}

/*
 * What the deletion of a namespace does is done by another task, which has no
 * stubs: the VF has to look like one to the driver itself.
 */
static struct net_device *vf_plug_pci(struct kunit *test, struct pci_dev *pci,
				      bool in_use)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_make(test, host->mac, VF_SERIAL);

	SET_NETDEV_DEV(dev, &pci->dev);
	KUNIT_ASSERT_EQ(test, 0, register_netdev(dev));
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	if (in_use) {
		vf_associate(test, true);
		vf_setup(test);
		vf_expect_path(test, dev, 1, host->vf_asked);
	}

	return dev;
}

static void vf_put_pci(void *pci)
{
	pci_dev_put(pci);
}

static struct pci_dev *vf_pci(struct kunit *test)
{
	struct pci_dev *pci = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, NULL);

	if (!pci)
		kunit_skip(test, "no PCI device");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vf_put_pci,
							   pci));
	kunit_deactivate_static_stub(test, netvsc_vf_identify);

	return pci;
}

/* Somebody has put the VF alone into a namespace that goes. */
static void vf_deleted_alone(struct kunit *test)
{
	struct pci_dev *pci = vf_pci(test);
	struct net *net = vf_make_net(test);
	struct net_device *dev = vf_plug_pci(test, pci, true);

	rtnl_lock();
	vf_move(test, dev, net);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	vf_delete(test, net);
	rtnl_unlock();
	vf_expect_path(test, NULL, 0, 2);
	vf_expect_home(test, dev);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	vf_setup(test);
	vf_expect_path(test, dev, 1, 3);

	/* The function goes first, out of a namespace that is no more. */
	net = vf_make_net(test);
	rtnl_lock();
	vf_move(test, dev, net);
	vf_delete(test, net);
	unregister_netdevice(dev);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	rtnl_unlock();
	vf_setup(test);
	vf_expect_path(test, NULL, 0, 4);
	dev = vf_plug_pci(test, pci, true);
	vf_expect_path(test, dev, 1, 5);
}

/* The NIC, which is down, and its VF, in a namespace that goes. */
static struct net_device *vf_deleted_both(struct kunit *test,
					  struct pci_dev *pci)
{
	struct net_device *dev = vf_plug_pci(test, pci, false);
	struct net *net = vf_make_net(test);

	rtnl_lock();
	vf_move(test, vf_nv(test)->netdev, net);
	rtnl_unlock();
	/* The VF follows. */
	vf_setup(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_EXPECT_PTR_EQ(test, net, dev_net(dev));
	rtnl_lock();
	vf_delete(test, net);

	return dev;
}

static void vf_expect_both_home(struct kunit *test, struct net_device *dev)
{
	vf_expect_home(test, vf_nv(test)->netdev);
	vf_expect_home(test, dev);
	vf_setup(test);
	vf_setup(test);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, dev));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(vf_nic(test)));
	vf_associate(test, true);
	vf_news(test);
	KUNIT_EXPECT_TRUE(test, netif_running(dev));
	vf_expect_path(test, dev, 1, ((struct fake_host *)test->priv)->vf_asked);
}

static void vf_deleted_with_nic(struct kunit *test)
{
	struct pci_dev *pci = vf_pci(test);
	struct net_device *dev;

	fake_nic_close(vf_nic(test));
	dev = vf_deleted_both(test, pci);
	rtnl_unlock();
	vf_expect_both_home(test, dev);
}

/* The function goes while the namespace does, and comes again before it is gone. */
static void vf_unplugged_while_deleted(struct kunit *test)
{
	struct pci_dev *pci = vf_pci(test);
	struct fake_host *host = test->priv;
	struct net_device *dev, *next;

	fake_nic_close(vf_nic(test));
	dev = vf_deleted_both(test, pci);
	unregister_netdevice(dev);
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	KUNIT_EXPECT_FALSE(test, netdev_has_any_upper_dev(dev));
	next = vf_make(test, host->mac, VF_SERIAL);
	SET_NETDEV_DEV(next, &pci->dev);
	strscpy(next->name, "vf%d", IFNAMSIZ);
	KUNIT_EXPECT_EQ(test, 0, register_netdevice(next));
	/* Not beneath it, as they are in different namespaces. */
	KUNIT_EXPECT_TRUE(test, vf_joined(test, NULL));
	rtnl_unlock();
	vf_expect_both_home(test, next);
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
	fake_complete_all(host);
}

/* The VF has received a frame. */
static rx_handler_result_t vf_give(struct sk_buff **skb)
{
	rx_handler_result_t result;

	local_bh_disable();
	rcu_read_lock();
	result = rcu_dereference((*skb)->dev->rx_handler)(skb);
	rcu_read_unlock();
	local_bh_enable();

	return result;
}

static void vf_receive(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct sk_buff *skb = vf_frame(test);
	struct netvsc_vf_totals totals;

	skb->dev = dev;
	KUNIT_EXPECT_EQ(test, RX_HANDLER_ANOTHER, vf_give(&skb));
	KUNIT_EXPECT_PTR_EQ(test, vf_nv(test)->netdev, skb->dev);
	kfree_skb(skb);
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, 1, totals.rx_packets);
	KUNIT_EXPECT_EQ(test, 60, totals.rx_bytes);
}

/* There is no memory for a frame that somebody else has, too. */
static void vf_scarce_memory(struct kunit *test)
{
	struct net_device *dev = vf_in_use(test);
	struct vf_card *card = netdev_priv(dev);
	struct netvsc_vf_totals totals;
	struct sk_buff *skb;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "no CONFIG_FAULT_INJECTION");
	skb = skb_get(vf_frame(test));
	fake_fail_at(1);
	vf_send(test, skb, false);
	KUNIT_EXPECT_EQ(test, 0, fake_fail_left());
	KUNIT_EXPECT_EQ(test, 0, card->sent);
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&skb->users));

	skb->dev = dev;
	skb_get(skb);
	fake_fail_at(1);
	KUNIT_EXPECT_EQ(test, RX_HANDLER_CONSUMED, vf_give(&skb));
	KUNIT_EXPECT_EQ(test, 0, fake_fail_left());
	fake_fail_at(0);
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&skb->users));
	kfree_skb(skb);
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, 1, totals.tx_dropped);
	KUNIT_EXPECT_EQ(test, 0, totals.tx_packets);
	KUNIT_EXPECT_EQ(test, 0, totals.rx_packets);
}

/* One that the VF has no place for is counted as dropped. */
static void vf_no_place(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = vf_make(test, host->mac, VF_SERIAL);
	struct rtnl_link_stats64 link = {};
	struct vf_card *card = netdev_priv(dev);
	struct netvsc_vf_totals totals;

	dev->priv_flags |= IFF_NO_QUEUE;
	KUNIT_ASSERT_EQ(test, 0, register_netdev(dev));
	vf_associate(test, true);
	vf_setup(test);
	vf_expect_path(test, dev, 1, 1);
	netif_stop_queue(dev);
	vf_send(test, vf_frame(test), false);
	netif_wake_queue(dev);
	KUNIT_EXPECT_EQ(test, 0, card->sent);
	vf_send(test, vf_frame(test), false);
	KUNIT_EXPECT_EQ(test, 1, card->sent);
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, 1, totals.tx_packets);
	KUNIT_EXPECT_EQ(test, 60, totals.tx_bytes);
	KUNIT_EXPECT_EQ(test, 1, totals.tx_dropped);
	netvsc_stats_get64(vf_nv(test)->netdev, &link);
	KUNIT_EXPECT_EQ(test, 1, link.tx_dropped);
}

/* The queue is the one that the VF would choose. */
static void vf_queue(struct kunit *test)
{
	struct net_device *upper = vf_nv(test)->netdev;
	struct sk_buff *skb = vf_frame(test);

	vf_in_use(test);
	skb_record_rx_queue(skb, 1);
	KUNIT_ASSERT_GT(test, upper->real_num_tx_queues, 1);
	/* It has one only. */
	KUNIT_EXPECT_EQ(test, 0,
			upper->netdev_ops->ndo_select_queue(upper, skb, NULL));
	kfree_skb(skb);
}

#define VF_REDIRECTED	4

static int vf_redirect(struct kunit *test, struct xdp_frame *frame, u32 flags)
{
	struct xdp_frame *frames[VF_REDIRECTED];
	int i, sent;

	for (i = 0; i < VF_REDIRECTED; i++) {
		frame[i].len = 100 + i;
		frame[i].flags = flags;
		frames[i] = &frame[i];
	}
	local_bh_disable();
	sent = netvsc_xdp_xmit(vf_nv(test)->netdev, VF_REDIRECTED, frames,
			       XDP_XMIT_FLUSH);
	local_bh_enable();

	return sent;
}

/* A VF that does not take them leaves them to the synthetic path. */
static void vf_redirected_past(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct fake_host *host = test->priv;
	struct xdp_frame *frame;
	struct net_device *dev;

	KUNIT_ASSERT_NOT_NULL(test, page);
	frame = page_address(page);
	frame->data = page_address(page) + XDP_PACKET_HEADROOM;
	frame->len = 60;
	frame->headroom = XDP_PACKET_HEADROOM - sizeof(*frame);
	frame->frame_sz = PAGE_SIZE;
	frame->mem.type = MEM_TYPE_PAGE_ORDER0;
	dev = vf_in_use(test);
	dev->netdev_ops = &vf_plain_ops;
	host->num_frames = 0;
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, 1, netvsc_xdp_xmit(vf_nv(test)->netdev, 1, &frame,
						 XDP_XMIT_FLUSH));
	local_bh_enable();
	dev->netdev_ops = &vf_card_ops;
	KUNIT_EXPECT_EQ(test, 1, host->num_frames);
	KUNIT_EXPECT_EQ(test, 0, ((struct vf_card *)netdev_priv(dev))->sent);
	fake_complete_all(host);
}

/* Redirected frames: all go, some, or none; what becomes of those is counted. */
static void vf_redirected(struct kunit *test)
{
	struct xdp_frame frame[VF_REDIRECTED] = {};
	struct net_device *dev = vf_in_use(test);
	struct vf_card *card = netdev_priv(dev);
	struct netvsc_vf_totals totals;

	card->xdp_takes = VF_REDIRECTED;
	KUNIT_EXPECT_EQ(test, VF_REDIRECTED, vf_redirect(test, frame, 0));
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, VF_REDIRECTED, totals.tx_packets);
	KUNIT_EXPECT_EQ(test, 406, totals.tx_bytes);
	KUNIT_EXPECT_EQ(test, 0, totals.tx_dropped);
	card->xdp_takes = 1;
	KUNIT_EXPECT_EQ(test, 1, vf_redirect(test, frame, 0));
	card->xdp_takes = -ENXIO;
	KUNIT_EXPECT_EQ(test, -ENXIO, vf_redirect(test, frame, 0));
	/* That would have them sent by the synthetic path, and it may be late. */
	card->xdp_takes = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, -ENXIO, vf_redirect(test, frame, 0));
	netvsc_vf_sum_stats(vf_nv(test), &totals);
	KUNIT_EXPECT_EQ(test, VF_REDIRECTED + 1, totals.tx_packets);
	KUNIT_EXPECT_EQ(test, 3 * VF_REDIRECTED - 1, totals.tx_dropped);
}

/* What is done to the NIC is done to the VF */

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

static int vf_get_link(struct kunit *test, struct ethtool_link_ksettings *cmd)
{
	int err;

	memset(cmd, 0, sizeof(*cmd));
	rtnl_lock();
	err = __ethtool_get_link_ksettings(vf_nv(test)->netdev, cmd);
	rtnl_unlock();

	return err;
}

static int vf_set_link(struct kunit *test,
		       const struct ethtool_link_ksettings *cmd)
{
	struct net_device *dev = vf_nv(test)->netdev;
	int err;

	rtnl_lock();
	err = dev->ethtool_ops->set_link_ksettings(dev, cmd);
	rtnl_unlock();

	return err;
}

/* The link that one asks for is the VF's, once it is set up. */
static void vf_ethtool(struct kunit *test)
{
	struct ethtool_link_ksettings cmd;
	struct net_device *dev = vf_plug(test);
	struct vf_card *card = netdev_priv(dev);

	card->speed = 40000;
	KUNIT_EXPECT_EQ(test, 0, vf_get_link(test, &cmd));
	KUNIT_EXPECT_EQ(test, 10000, cmd.base.speed);
	vf_setup(test);
	/* It says nothing of it. */
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, vf_get_link(test, &cmd));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, vf_set_link(test, &cmd));
	dev->ethtool_ops = &vf_card_ethtool_ops;
	KUNIT_EXPECT_EQ(test, 0, vf_get_link(test, &cmd));
	KUNIT_EXPECT_EQ(test, 40000, cmd.base.speed);
	cmd.base.speed = 25000;
	KUNIT_EXPECT_EQ(test, 0, vf_set_link(test, &cmd));
	KUNIT_EXPECT_EQ(test, 25000, card->speed);
	unregister_netdev(dev);
	KUNIT_EXPECT_EQ(test, 0, vf_get_link(test, &cmd));
	KUNIT_EXPECT_EQ(test, 10000, cmd.base.speed);
}

static void vf_attach(struct kunit *test, struct bpf_prog *prog)
{
	KUNIT_EXPECT_EQ(test, 0, fake_nic_attach(vf_nic(test), prog));
}

/* No frame is led past the program, whatever the VF can do. */
static void vf_xdp(struct kunit *test)
{
	struct bpf_prog *prog = fake_prog(test, XDP_PASS);
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
	KUNIT_CASE(vf_not_free),
	KUNIT_CASE(vf_unwilling),
	KUNIT_CASE(vf_is_slave),
	KUNIT_CASE(vf_there_before),
	KUNIT_CASE(vf_link),
	KUNIT_CASE(vf_downs),
	KUNIT_CASE(vf_dissociated),
	KUNIT_CASE(vf_taken_back),
	KUNIT_CASE(vf_refused),
	KUNIT_CASE(vf_silent),
	KUNIT_CASE(vf_said_meanwhile),
	KUNIT_CASE(vf_no_flood),
	KUNIT_CASE(vf_host_gone),
	KUNIT_CASE(vf_new_session),
	KUNIT_CASE(vf_sleep),
	KUNIT_CASE(vf_gone_in_sleep),
	KUNIT_CASE(vf_exchanged_in_sleep),
	KUNIT_CASE(vf_deleted_alone),
	KUNIT_CASE(vf_deleted_with_nic),
	KUNIT_CASE(vf_unplugged_while_deleted),
	KUNIT_CASE(vf_transmit),
	KUNIT_CASE(vf_receive),
	KUNIT_CASE(vf_scarce_memory),
	KUNIT_CASE(vf_no_place),
	KUNIT_CASE(vf_queue),
	KUNIT_CASE(vf_redirected),
	KUNIT_CASE(vf_redirected_past),
	KUNIT_CASE(vf_mtu),
	KUNIT_CASE(vf_mac),
	KUNIT_CASE(vf_flags),
	KUNIT_CASE(vf_features),
	KUNIT_CASE(vf_limits),
	KUNIT_CASE(vf_ethtool),
	KUNIT_CASE(vf_xdp),
	{ }
};

static struct kunit_suite vf_suite = {
	.name = "hv_netvsc_vf",
	.init = vf_suite_init,
	.test_cases = vf_kunit_cases,
};

kunit_test_suite(vf_suite);
