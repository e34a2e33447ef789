// SPDX-License-Identifier: GPL-2.0
/*
 * What the network stack and ethtool may ask for: what is refused and why, what
 * the host is told, and that a refusal leaves all as it was.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

static int ops_init(struct kunit *test)
{
	fake_nic_alloc(test);

	return 0;
}

static struct fake_nic *ops_nic(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

/* A device that nobody has set up yet. */
static struct net_device *ops_probe(struct kunit *test)
{
	struct fake_nic *nic = ops_nic(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));

	return nic->nv->netdev;
}

static struct net_device *ops_open(struct kunit *test)
{
	struct net_device *dev = ops_probe(test);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(ops_nic(test)));

	return dev;
}

/* A device whose session neither this nor the next configuration brings back. */
static struct net_device *ops_down(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = ops_open(test);

	host->refuse = NVSP_MSG_SEND_RECV_BUFFER;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -EIO, dev_set_mtu(dev, 4000));
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, NETVSC_DOWN, ops_nic(test)->nv->state);

	return dev;
}

static u32 ops_sessions(struct kunit *test)
{
	return fake_seen(test->priv, NVSP_MSG_INIT);
}

/* MTU and address */

static int ops_set_mtu(struct net_device *dev, int mtu)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(dev, mtu);
	rtnl_unlock();

	return err;
}

static void ops_mtu(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct netvsc *nv = ops_nic(test)->nv;

	/* No smaller frame than the standard one is agreed on. */
	KUNIT_EXPECT_EQ(test, 0, ops_set_mtu(dev, 1400));
	KUNIT_EXPECT_EQ(test, 1, ops_sessions(test));
	KUNIT_EXPECT_EQ(test, 1400, nv->config.mtu);
	KUNIT_EXPECT_EQ(test, 0, ops_set_mtu(dev, 9000));
	KUNIT_EXPECT_EQ(test, 2, ops_sessions(test));
	KUNIT_EXPECT_EQ(test, -ERANGE, ops_set_mtu(dev, 9001));
	KUNIT_EXPECT_EQ(test, 9000, dev->mtu);
	KUNIT_EXPECT_EQ(test, 9000, nv->config.mtu);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
}

/* A host that allows less than the standard size from the start. */
static void ops_small_mtu(struct kunit *test)
{
	struct fake_host *host = test->priv;

	host->mtu = 1280;
	KUNIT_EXPECT_EQ(test, 1280, ops_probe(test)->mtu);
	KUNIT_EXPECT_EQ(test, 1280, ops_nic(test)->nv->config.mtu);
}

static int ops_set_mac(struct net_device *dev, const u8 *mac)
{
	struct sockaddr_storage ss = { .ss_family = dev->type };
	struct sockaddr *sa = (struct sockaddr *)&ss;
	int err;

	ether_addr_copy(sa->sa_data, mac);
	rtnl_lock();
	err = dev->netdev_ops->ndo_set_mac_address(dev, sa);
	rtnl_unlock();

	return err;
}

static void ops_address(struct kunit *test)
{
	static const u8 multicast[ETH_ALEN] = { 1, 0, 0x5e, 1, 2, 3 };
	static const u8 mac[ETH_ALEN] = { 2, 0xab, 0xcd, 1, 2, 3 };
	static const u8 other[ETH_ALEN] = { 2, 0xab, 0xcd, 1, 2, 4 };
	const u32 oid = OID_GEN_RNDIS_CONFIG_PARAMETER;
	struct fake_host *host = test->priv;
	struct net_device *dev = ops_probe(test);

	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL, ops_set_mac(dev, multicast));
	KUNIT_EXPECT_EQ(test, 0, ops_set_mac(dev, host->mac));
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host, oid));
	KUNIT_EXPECT_EQ(test, 0, ops_set_mac(dev, mac));
	KUNIT_EXPECT_EQ(test, 1, fake_asked(host, oid));
	KUNIT_EXPECT_MEMEQ(test, mac, dev->dev_addr, ETH_ALEN);
	host->refuse_oid = oid;
	KUNIT_EXPECT_EQ(test, -EIO, ops_set_mac(dev, other));
	KUNIT_EXPECT_MEMEQ(test, mac, dev->dev_addr, ETH_ALEN);
}

static int ops_set_features(struct net_device *dev, netdev_features_t features)
{
	int err;

	rtnl_lock();
	err = dev->netdev_ops->ndo_set_features(dev, features);
	rtnl_unlock();

	return err;
}

/* Without a session there is nobody to ask, and nothing to remember. */
static void ops_without_session(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 2, 0xab, 0xcd, 1, 2, 3 };
	struct net_device *dev = ops_down(test);
	struct ethtool_rxfh_param rxfh = {};
	struct netvsc *nv = ops_nic(test)->nv;

	fake_nic_close(ops_nic(test));
	KUNIT_EXPECT_EQ(test, -ENETDOWN, ops_set_mac(dev, mac));
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -ENETDOWN,
			dev->ethtool_ops->set_rxfh(dev, &rxfh, NULL));
	rtnl_unlock();
	/* This the host is told when there is one. */
	KUNIT_EXPECT_EQ(test, 0, ops_set_features(dev, dev->features &
						  ~NETIF_F_LRO));
	KUNIT_EXPECT_FALSE(test, nv->rsc_wanted);
}

/* Features */

static void ops_coalescing(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = ops_open(test);
	netdev_features_t off = dev->features & ~NETIF_F_LRO;
	struct netvsc *nv = ops_nic(test)->nv;

	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_ON, host->offload.rsc_ipv4);
	KUNIT_EXPECT_EQ(test, 0, ops_set_features(dev, off));
	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_OFF, host->offload.rsc_ipv4);
	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_OFF, host->offload.rsc_ipv6);
	host->refuse_oid = OID_TCP_OFFLOAD_PARAMETERS;
	KUNIT_EXPECT_EQ(test, -EIO, ops_set_features(dev, dev->features));
	KUNIT_EXPECT_FALSE(test, nv->rsc_wanted);
	host->refuse_oid = 0;
	KUNIT_EXPECT_EQ(test, 0, ops_set_features(dev, dev->features));
	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_ON, host->offload.rsc_ipv6);

	/* Coalesced frames without receive checksums would not be believed. */
	off = dev->netdev_ops->ndo_fix_features(dev, dev->features &
						~NETIF_F_RXCSUM);
	KUNIT_EXPECT_EQ(test, 0, off & NETIF_F_LRO);
	off = dev->netdev_ops->ndo_fix_features(dev, dev->features);
	KUNIT_EXPECT_NE(test, 0, off & NETIF_F_LRO);
}

#define OPS_IP4		(NETIF_F_IP_CSUM | NETIF_F_TSO)
#define OPS_IP6		(NETIF_F_IPV6_CSUM | NETIF_F_TSO6)

struct ops_caps_case {
	const char *name;
	u32 csum4;
	u32 csum6;
	u32 lso_bytes;
	u32 lso6_flags;
	netdev_features_t features;
	u32 tso_max;
};

static const struct ops_caps_case ops_caps_cases[] = {
	{ "all", 0x155, 0x55, 62780, 5, OPS_IP4 | OPS_IP6, 62780 },
	{ "nothing", 0, 0, 62780, 5, 0, 65536 },
	{ "no TCP", 0x145, 0x45, 62780, 5, 0, 65536 },
	{ "no TCP options", 0x151, 0x51, 62780, 5, 0, 65536 },
	{ "IPv4 alone", 0x155, 0, 62780, 5, OPS_IP4, 62780 },
	{ "IPv6 alone", 0, 0x55, 62780, 5, OPS_IP6, 62780 },
	{ "segments too short", 0x155, 0x55, 8191, 5,
	  NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM, 65536 },
	{ "segments short enough", 0x155, 0x55, 8192, 5, OPS_IP4 | OPS_IP6,
	  8192 },
	{ "longer than the stack's", 0x155, 0x55, 1 << 20, 5,
	  OPS_IP4 | OPS_IP6, 65536 },
	{ "IPv6 without extensions", 0x155, 0x55, 62780, 4,
	  OPS_IP4 | NETIF_F_IPV6_CSUM, 62780 },
	{ "IPv6 without TCP options", 0x155, 0x55, 62780, 1,
	  OPS_IP4 | NETIF_F_IPV6_CSUM, 62780 },
};

static void ops_caps_desc(const struct ops_caps_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ops_caps, ops_caps_cases, ops_caps_desc);

static bool ops_answer_caps(struct fake_host *host,
			    const struct fake_control *control)
{
	const struct ops_caps_case *one = host->test->param_value;
	const __le32 eth = cpu_to_le32(NDIS_ENCAPSULATION_802_3);
	struct ndis_offload info = {
		.hdr.type = NDIS_OBJECT_OFFLOAD,
		.hdr.revision = 3,
		.hdr.size = cpu_to_le16(NDIS_OFFLOAD_SIZE_REV3),
		.csum.ipv4_tx_encapsulation = eth,
		.csum.ipv4_tx_flags = cpu_to_le32(one->csum4),
		.csum.ipv6_tx_encapsulation = eth,
		.csum.ipv6_tx_flags = cpu_to_le32(one->csum6),
		.lso_v2.ipv4_encapsulation = eth,
		.lso_v2.ipv4_max_size = cpu_to_le32(one->lso_bytes),
		.lso_v2.ipv4_min_segments = cpu_to_le32(2),
		.lso_v2.ipv6_encapsulation = eth,
		.lso_v2.ipv6_max_size = cpu_to_le32(one->lso_bytes),
		.lso_v2.ipv6_min_segments = cpu_to_le32(2),
		.lso_v2.ipv6_flags = cpu_to_le32(one->lso6_flags),
	};

	if (control->oid != OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES)
		return false;
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, control->request_id, 0,
		    &info, sizeof(info));

	return true;
}

/* What the host can compute, and what the stack may leave to it. */
static void ops_capabilities(struct kunit *test)
{
	const netdev_features_t all = OPS_IP4 | OPS_IP6 | NETIF_F_LRO;
	const struct ops_caps_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct net_device *dev;

	host->on_control = ops_answer_caps;
	dev = ops_probe(test);
	KUNIT_EXPECT_EQ(test, one->features, dev->hw_features & all);
	KUNIT_EXPECT_EQ(test, one->features, dev->features & all);
	KUNIT_EXPECT_EQ(test, one->tso_max, dev->tso_max_size);
	KUNIT_EXPECT_EQ(test, 0, ops_set_features(dev, dev->features |
						  NETIF_F_LRO));
	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_OFF, host->offload.rsc_ipv4);
}

/* The name that the host has given it */

static bool ops_answer_name(struct fake_host *host,
			    const struct fake_control *control)
{
	static const char * const names[] = { "ext", "Network Adapter", "" };
	const char *name = names[ops_sessions(host->test) - 1];
	__le16 utf16[16];
	u32 i;

	if (control->oid != OID_GEN_FRIENDLY_NAME)
		return false;
	for (i = 0; name[i]; i++)
		utf16[i] = cpu_to_le16(name[i]);
	fake_complete_rndis(host, 0, control->xid, NVSP_STATUS_SUCCESS);
	fake_answer(host, RNDIS_MSG_QUERY_COMPLETE, control->request_id, 0,
		    utf16, 2 * i);

	return true;
}

static void ops_get_alias(struct net_device *dev, char *to)
{
	const struct dev_ifalias *alias;

	rcu_read_lock();
	alias = rcu_dereference(dev->ifalias);
	strscpy(to, alias ? alias->ifalias : "", IFALIASZ);
	rcu_read_unlock();
}

static void ops_alias(struct kunit *test)
{
	static const char * const aliases[] = { "ext", "", "" };
	struct fake_host *host = test->priv;
	char alias[IFALIASZ];
	unsigned int i;

	host->on_control = ops_answer_name;
	for (i = 0; i < ARRAY_SIZE(aliases); i++) {
		ops_get_alias(ops_probe(test), alias);
		KUNIT_EXPECT_STREQ(test, aliases[i], alias);
		fake_nic_remove(ops_nic(test));
	}
}

/* Choice of the queue */

static u16 ops_queue(struct kunit *test, struct net_device *dev, u32 hash,
		     struct net_device *sb_dev)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	u16 queue;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->dev = dev;
	skb_set_hash(skb, hash, PKT_HASH_TYPE_L4);
	local_bh_disable();
	queue = dev->netdev_ops->ndo_select_queue(dev, skb, sb_dev);
	local_bh_enable();
	kfree_skb(skb);

	return queue;
}

static void ops_queues(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct netvsc *nv = ops_nic(test)->nv;
	u32 i;

	/* The host has no wish: the stack chooses, by the hash. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, i, ops_queue(test, dev, i << 30, NULL));
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		nv->send_table[i] = 2;
	nv->send_table[7] = 4;
	nv->send_table_valid = true;
	KUNIT_EXPECT_EQ(test, 2, ops_queue(test, dev, 0, NULL));
	KUNIT_EXPECT_EQ(test, 2, ops_queue(test, dev, 3U << 30, NULL));
	/* A queue that is not there is no wish either. */
	KUNIT_EXPECT_EQ(test, 3, ops_queue(test, dev, 3U << 30 | 7, NULL));
	/* An upper device that brings its own map. */
	KUNIT_EXPECT_EQ(test, 3, ops_queue(test, dev, 3U << 30, dev));
}

/* Flows that differ in one port alone. */
struct ops_flow_case {
	const char *name;
	u16 proto;
	u8 ip_proto;
	u8 ip_bytes;
	bool same;
};

static const struct ops_flow_case ops_flow_cases[] = {
	{ "UDP over IPv4", ETH_P_IP, IPPROTO_UDP, 28, true },
	{ "TCP over IPv4", ETH_P_IP, IPPROTO_TCP, 40, false },
	{ "UDP over IPv6", ETH_P_IPV6, IPPROTO_UDP, 48, true },
	{ "TCP over IPv6", ETH_P_IPV6, IPPROTO_TCP, 60, false },
	{ "ESP over IPv4", ETH_P_IP, IPPROTO_ESP, 28, false },
	{ "no IP", ETH_P_802_EX1, 0, 28, true },
	{ "IPv4 that is cut", ETH_P_IP, IPPROTO_UDP, 12, true },
};

static void ops_flow_desc(const struct ops_flow_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ops_flow, ops_flow_cases, ops_flow_desc);

static struct sk_buff *ops_flow_frame(struct kunit *test,
				      const struct ops_flow_case *one, u8 port)
{
	bool ipv6 = one->proto == ETH_P_IPV6;
	struct sk_buff *skb = alloc_skb(ETH_HLEN + one->ip_bytes, GFP_KERNEL);
	u8 *ip;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reset_mac_header(skb);
	skb_put_zero(skb, ETH_HLEN);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = htons(one->proto);
	ip = skb_put_zero(skb, one->ip_bytes);
	ip[0] = ipv6 ? 0x60 : 0x45;
	if (one->ip_bytes < 28)
		return skb;
	ip[ipv6 ? 6 : 9] = one->ip_proto;
	ip[ipv6 ? 5 : 3] = one->ip_bytes - (ipv6 ? 40 : 0);
	/* For ESP, of the word by which its flows differ. */
	ip[(ipv6 ? 40 : 20) + 1] = port;
	if (one->ip_proto == IPPROTO_TCP)
		ip[(ipv6 ? 40 : 20) + 12] = 5 << 4;

	return skb;
}

static u32 ops_flow_hash(struct kunit *test, u8 port)
{
	struct net_device *dev = ops_nic(test)->nv->netdev;
	struct sk_buff *skb = ops_flow_frame(test, test->param_value, port);
	u16 queue;
	u32 hash;

	skb->dev = dev;
	local_bh_disable();
	queue = dev->netdev_ops->ndo_select_queue(dev, skb, NULL);
	local_bh_enable();
	KUNIT_EXPECT_LT(test, queue, dev->real_num_tx_queues);
	hash = skb_get_hash(skb);
	kfree_skb(skb);

	return hash;
}

/* A user who wants UDP spread by addresses alone has it so in both directions. */
static void ops_without_ports(struct kunit *test)
{
	const struct ops_flow_case *one = test->param_value;

	ops_open(test);
	ops_nic(test)->nv->rss.without_ports = NDIS_HASH_UDP_IPV4 |
					       NDIS_HASH_UDP_IPV6;
	if (one->same)
		KUNIT_EXPECT_EQ(test, ops_flow_hash(test, 7),
				ops_flow_hash(test, 8));
	else
		KUNIT_EXPECT_NE(test, ops_flow_hash(test, 7),
				ops_flow_hash(test, 8));
}

static void ops_one_queue(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;

	host->subchannels = 0;
	dev = ops_open(test);
	KUNIT_EXPECT_EQ(test, 0, ops_queue(test, dev, 3U << 30, NULL));
}

/* The stack's watchdog */

static void ops_watchdog(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct netvsc *nv = ops_nic(test)->nv;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, i > 2, nv->stuck);
		local_bh_disable();
		dev->netdev_ops->ndo_tx_timeout(dev, 1);
		local_bh_enable();
	}
	KUNIT_EXPECT_TRUE(test, nv->stuck);
	flush_delayed_work(&nv->reset_work);

	/* A queue that is being taken down is nobody's. */
	nv->stuck = false;
	fake_nic_close(ops_nic(test));
	local_bh_disable();
	for (i = 0; i < 4; i++)
		dev->netdev_ops->ndo_tx_timeout(dev, 1);
	local_bh_enable();
	KUNIT_EXPECT_FALSE(test, nv->stuck);
}

/* The link. Its work item talks to nobody, so it may run where it does. */

static bool ops_link(struct kunit *test, u32 status)
{
	struct netvsc *nv = ops_nic(test)->nv;
	__le32 detail = cpu_to_le32(1);

	fake_indicate(test->priv, status, &detail, sizeof(detail));
	flush_delayed_work(&nv->link_work);

	return netif_carrier_ok(nv->netdev);
}

static void ops_link_events(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct netvsc *nv = ops_nic(test)->nv;

	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(dev));
	KUNIT_EXPECT_TRUE(test, ops_link(test, RNDIS_STATUS_MEDIA_CONNECT));
	KUNIT_EXPECT_FALSE(test, ops_link(test, RNDIS_STATUS_MEDIA_DISCONNECT));
	KUNIT_EXPECT_FALSE(test, ops_link(test, RNDIS_STATUS_NETWORK_CHANGE));
	KUNIT_EXPECT_TRUE(test, ops_link(test, RNDIS_STATUS_MEDIA_CONNECT));

	/* Another network behind it: down for a while, then up. */
	KUNIT_EXPECT_FALSE(test, ops_link(test, RNDIS_STATUS_NETWORK_CHANGE));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&nv->link_work));
	flush_delayed_work(&nv->link_work);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(dev));

	/* While it is down nothing is shown, but nothing is forgotten. */
	fake_nic_close(ops_nic(test));
	ops_link(test, RNDIS_STATUS_MEDIA_DISCONNECT);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(ops_nic(test)));
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(dev));
}

static void ops_link_mode(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct netvsc *nv = ops_nic(test)->nv;
	struct ethtool_link_ksettings cmd = {};
	__le32 speed = cpu_to_le32(400000000);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, ops->get_link_ksettings(dev, &cmd));
	KUNIT_EXPECT_EQ(test, 10000, cmd.base.speed);
	KUNIT_EXPECT_EQ(test, DUPLEX_FULL, cmd.base.duplex);
	KUNIT_EXPECT_EQ(test, PORT_OTHER, cmd.base.port);
	rtnl_unlock();
	fake_indicate(test->priv, RNDIS_STATUS_LINK_SPEED_CHANGE, &speed, 4);
	flush_delayed_work(&nv->link_work);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, ops->get_link_ksettings(dev, &cmd));
	KUNIT_EXPECT_EQ(test, 40000, cmd.base.speed);

	/* What the user says counts more, if it makes sense. */
	cmd.base.speed = 1000;
	cmd.base.duplex = DUPLEX_HALF;
	KUNIT_EXPECT_EQ(test, 0, ops->set_link_ksettings(dev, &cmd));
	KUNIT_EXPECT_EQ(test, 0, ops->get_link_ksettings(dev, &cmd));
	KUNIT_EXPECT_EQ(test, 1000, cmd.base.speed);
	KUNIT_EXPECT_EQ(test, DUPLEX_HALF, cmd.base.duplex);
	cmd.base.autoneg = AUTONEG_ENABLE;
	KUNIT_EXPECT_EQ(test, -EINVAL, ops->set_link_ksettings(dev, &cmd));
	rtnl_unlock();
}

static void ops_no_link_mode(struct kunit *test)
{
	struct net_device *dev = ops_probe(test);
	struct ethtool_link_ksettings cmd = {};

	rtnl_lock();
	dev->ethtool_ops->get_link_ksettings(dev, &cmd);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, (u32)SPEED_UNKNOWN, cmd.base.speed);
	KUNIT_EXPECT_EQ(test, DUPLEX_UNKNOWN, cmd.base.duplex);
}

/* The rest of ethtool */

static void ops_about(struct kunit *test)
{
	struct net_device *dev = ops_probe(test);
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_drvinfo info = {};
	struct netvsc *nv = ops_nic(test)->nv;
	u64 *values;
	u8 *names;
	int n;

	rtnl_lock();
	ops->get_drvinfo(dev, &info);
	KUNIT_EXPECT_STREQ(test, "hv_netvsc", info.driver);
	KUNIT_EXPECT_NE(test, 0, info.version[0]);
	KUNIT_EXPECT_STREQ(test, "N/A", info.fw_version);
	KUNIT_EXPECT_STREQ(test, "fake_nic", info.bus_info);
	ops->set_msglevel(dev, 0x55);
	KUNIT_EXPECT_EQ(test, 0x55, ops->get_msglevel(dev));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			ops->get_sset_count(dev, ETH_SS_TEST));
	n = ops->get_sset_count(dev, ETH_SS_STATS);
	KUNIT_EXPECT_EQ(test, netvsc_stats_count(nv), n);
	names = kunit_kzalloc(test, n * ETH_GSTRING_LEN, GFP_KERNEL);
	values = kunit_kzalloc(test, n * sizeof(u64), GFP_KERNEL);
	if (names && values) {
		ops->get_strings(dev, ETH_SS_TEST, names);
		KUNIT_EXPECT_EQ(test, 0, names[0]);
		ops->get_strings(dev, ETH_SS_STATS, names);
		KUNIT_EXPECT_STREQ(test, "tx_scattered", (char *)names);
		ops->get_ethtool_stats(dev, NULL, values);
	}
	rtnl_unlock();
}

static int ops_set_channels(struct net_device *dev,
			    struct ethtool_channels channels)
{
	int err;

	rtnl_lock();
	err = dev->ethtool_ops->set_channels(dev, &channels);
	rtnl_unlock();

	return err;
}

#define OPS_CHANNELS(n, ...) ((struct ethtool_channels) { \
				.combined_count = n, ##__VA_ARGS__ })

static void ops_channels(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct ethtool_channels now = {};

	KUNIT_EXPECT_EQ(test, -EINVAL, ops_set_channels(dev, OPS_CHANNELS(0)));
	KUNIT_EXPECT_EQ(test, -EINVAL, ops_set_channels(dev, OPS_CHANNELS(5)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			ops_set_channels(dev, OPS_CHANNELS(2, .rx_count = 1)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			ops_set_channels(dev, OPS_CHANNELS(2, .tx_count = 1)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			ops_set_channels(dev, OPS_CHANNELS(2,
							   .other_count = 1)));
	KUNIT_EXPECT_EQ(test, 1, ops_sessions(test));
	KUNIT_EXPECT_EQ(test, 0, ops_set_channels(dev, OPS_CHANNELS(2)));
	rtnl_lock();
	dev->ethtool_ops->get_channels(dev, &now);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, 4, now.max_combined);
	KUNIT_EXPECT_EQ(test, 2, now.combined_count);
	KUNIT_EXPECT_EQ(test, 2, dev->real_num_rx_queues);
}

static bool ops_refuse_once(struct fake_host *host, u32 type,
			    const struct fake_packet *pkt)
{
	const __le32 answer[7] = { cpu_to_le32(102), cpu_to_le32(2) };

	if (type != NVSP_MSG_SEND_RECV_BUFFER)
		return false;
	host->on_nvsp = NULL;
	fake_complete(host, 0, pkt->trans_id, answer, sizeof(answer));

	return true;
}

/* Fewer channels fail half way: as many as before are back, and work. */
static void ops_channels_in_vain(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev = ops_open(test);
	struct netvsc *nv = ops_nic(test)->nv;
	u32 i;

	host->on_nvsp = ops_refuse_once;
	KUNIT_EXPECT_EQ(test, -EIO, ops_set_channels(dev, OPS_CHANNELS(2)));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_EQ(test, 4, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 4, dev->real_num_tx_queues);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_NOT_NULL(test, nv->queue[i]);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(dev));
}

static void ops_channels_of_old_hosts(struct kunit *test)
{
	struct fake_host *host = test->priv;

	host->version = NVSP_VERSION_4;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			ops_set_channels(ops_probe(test), OPS_CHANNELS(1)));
}

static int ops_set_ring(struct net_device *dev, struct ethtool_ringparam ring)
{
	int err;

	rtnl_lock();
	err = dev->ethtool_ops->set_ringparam(dev, &ring, NULL, NULL);
	rtnl_unlock();

	return err;
}

static struct ethtool_ringparam ops_ring(struct net_device *dev)
{
	struct ethtool_ringparam ring = {};

	rtnl_lock();
	dev->ethtool_ops->get_ringparam(dev, &ring, NULL, NULL);
	rtnl_unlock();

	return ring;
}

static void ops_rings(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	struct ethtool_ringparam ring = ops_ring(dev), want = ring;
	struct netvsc *nv = ops_nic(test)->nv;

	KUNIT_EXPECT_EQ(test, nv->nvsp.recv.num_slots, ring.rx_pending);
	KUNIT_EXPECT_EQ(test, nv->nvsp.send.num_sections, ring.tx_pending);
	KUNIT_EXPECT_EQ(test, NETVSC_MAX_RECV_BYTES / FAKE_SLOT_BYTES,
			ring.rx_max_pending);
	KUNIT_EXPECT_EQ(test, 0, ops_set_ring(dev, want));
	want.rx_mini_pending = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, ops_set_ring(dev, want));
	want.rx_mini_pending = 0;
	want.rx_jumbo_pending = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, ops_set_ring(dev, want));
	KUNIT_EXPECT_EQ(test, 1, ops_sessions(test));

	want = ring;
	want.rx_pending = 1000;
	KUNIT_EXPECT_EQ(test, 0, ops_set_ring(dev, want));
	KUNIT_EXPECT_EQ(test, 1000, ops_ring(dev).rx_pending);
	KUNIT_EXPECT_EQ(test, ring.tx_pending, ops_ring(dev).tx_pending);
	want.tx_pending = 64;
	KUNIT_EXPECT_EQ(test, 0, ops_set_ring(dev, want));
	KUNIT_EXPECT_EQ(test, 1000, ops_ring(dev).rx_pending);
	KUNIT_EXPECT_EQ(test, 64, ops_ring(dev).tx_pending);
	KUNIT_EXPECT_EQ(test, 3, ops_sessions(test));
}

static void ops_rings_without_sections(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct net_device *dev;
	struct ethtool_ringparam ring;

	host->refuse = NVSP_MSG_SEND_SEND_BUFFER;
	dev = ops_probe(test);
	ring = ops_ring(dev);
	KUNIT_EXPECT_EQ(test, 0, ring.tx_pending);
	KUNIT_EXPECT_EQ(test, 0, ring.tx_max_pending);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, ops_set_ring(dev, ring));
}

static void ops_tunables(struct kunit *test)
{
	struct ethtool_tunable tunable = { .id = ETHTOOL_RX_COPYBREAK };
	struct net_device *dev = ops_probe(test);
	const struct ethtool_ops *ops = dev->ethtool_ops;
	u32 value = 300;

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			ops->set_tunable(dev, &tunable, &value));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			ops->get_tunable(dev, &tunable, &value));
	tunable.id = ETHTOOL_TX_COPYBREAK;
	KUNIT_EXPECT_EQ(test, 0, ops->set_tunable(dev, &tunable, &value));
	value = 0;
	KUNIT_EXPECT_EQ(test, 0, ops->get_tunable(dev, &tunable, &value));
	KUNIT_EXPECT_EQ(test, 300, value);
	rtnl_unlock();
}

static int ops_set_aggregation(struct net_device *dev, u32 frames, u32 bytes,
			       u32 us, bool adaptive)
{
	struct ethtool_coalesce coalesce = {
		.use_adaptive_tx_coalesce = adaptive,
	};
	struct kernel_ethtool_coalesce kernel = {
		.tx_aggr_max_frames = frames,
		.tx_aggr_max_bytes = bytes,
		.tx_aggr_time_usecs = us,
	};
	int err;

	rtnl_lock();
	err = dev->ethtool_ops->set_coalesce(dev, &coalesce, &kernel, NULL);
	rtnl_unlock();

	return err;
}

static void ops_aggregation(struct kunit *test)
{
	struct kernel_ethtool_coalesce kernel = {};
	struct net_device *dev = ops_open(test);
	struct ethtool_coalesce coalesce = {};
	struct netvsc *nv = ops_nic(test)->nv;

	KUNIT_EXPECT_EQ(test, -ERANGE,
			ops_set_aggregation(dev, 9, 4000, 80, true));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			ops_set_aggregation(dev, 8, 6145, 80, true));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			ops_set_aggregation(dev, 8, 4000, 1001, true));
	KUNIT_EXPECT_EQ(test, 0, nv->tx_aggr_bytes);
	KUNIT_EXPECT_EQ(test, 0, ops_set_aggregation(dev, 3, 4000, 50, true));
	rtnl_lock();
	dev->ethtool_ops->get_coalesce(dev, &coalesce, &kernel, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, 3, kernel.tx_aggr_max_frames);
	KUNIT_EXPECT_EQ(test, 4000, kernel.tx_aggr_max_bytes);
	KUNIT_EXPECT_EQ(test, 50, kernel.tx_aggr_time_usecs);
	KUNIT_EXPECT_TRUE(test, coalesce.use_adaptive_tx_coalesce);
	KUNIT_EXPECT_EQ(test, 3, nv->resources->queue[3]->aggr_frames);
	KUNIT_EXPECT_EQ(test, 50000, nv->tx_hold_ns);
	KUNIT_EXPECT_EQ(test, 0, ops_set_aggregation(dev, 3, 4000, 50, false));
	KUNIT_EXPECT_EQ(test, 0, nv->tx_hold_ns);
	KUNIT_EXPECT_EQ(test, 50, nv->tx_hold_us);
}

static void ops_spreading(struct kunit *test)
{
	struct net_device *dev = ops_open(test);
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXRINGS };
	struct netvsc *nv = ops_nic(test)->nv;
	struct ethtool_rxfh_param rxfh = {};
	u8 key[NDIS_RSS_KEY_BYTES];
	u32 table[128];

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, ops->get_rxnfc(dev, &info, NULL));
	KUNIT_EXPECT_EQ(test, 4, info.data);
	info.cmd = ETHTOOL_GRXCLSRLCNT;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, ops->get_rxnfc(dev, &info, NULL));
	KUNIT_EXPECT_EQ(test, sizeof(key), ops->get_rxfh_key_size(dev));
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(table),
			ops->get_rxfh_indir_size(dev));
	KUNIT_EXPECT_EQ(test, 0, ops->get_rxfh(dev, &rxfh));
	KUNIT_EXPECT_EQ(test, ETH_RSS_HASH_TOP, rxfh.hfunc);
	rxfh.indir = table;
	rxfh.key = key;
	KUNIT_EXPECT_EQ(test, 0, ops->get_rxfh(dev, &rxfh));
	KUNIT_EXPECT_MEMEQ(test, key, nv->rss.key, sizeof(key));
	KUNIT_EXPECT_EQ(test, 3, table[127]);
	rxfh.hfunc = ETH_RSS_HASH_XOR;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, ops->set_rxfh(dev, &rxfh, NULL));
	rtnl_unlock();
}

static struct kunit_case ops_kunit_cases[] = {
	KUNIT_CASE(ops_mtu),
	KUNIT_CASE(ops_small_mtu),
	KUNIT_CASE(ops_address),
	KUNIT_CASE(ops_without_session),
	KUNIT_CASE(ops_coalescing),
	KUNIT_CASE_PARAM(ops_capabilities, ops_caps_gen_params),
	KUNIT_CASE(ops_alias),
	KUNIT_CASE(ops_queues),
	KUNIT_CASE_PARAM(ops_without_ports, ops_flow_gen_params),
	KUNIT_CASE(ops_one_queue),
	KUNIT_CASE(ops_watchdog),
	KUNIT_CASE(ops_link_events),
	KUNIT_CASE(ops_link_mode),
	KUNIT_CASE(ops_no_link_mode),
	KUNIT_CASE(ops_about),
	KUNIT_CASE(ops_channels),
	KUNIT_CASE(ops_channels_in_vain),
	KUNIT_CASE(ops_channels_of_old_hosts),
	KUNIT_CASE(ops_rings),
	KUNIT_CASE(ops_rings_without_sections),
	KUNIT_CASE(ops_tunables),
	KUNIT_CASE(ops_aggregation),
	KUNIT_CASE(ops_spreading),
	{ }
};

static struct kunit_suite ops_suite = {
	.name = "hv_netvsc_ops",
	.init = ops_init,
	.test_cases = ops_kunit_cases,
};

kunit_test_suite(ops_suite);
