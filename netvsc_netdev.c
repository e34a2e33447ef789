// SPDX-License-Identifier: GPL-2.0
/*
 * The interface as the network stack sees it: opening, MTU, address, receive
 * mode, features, choice of queue, link.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/flow_dissector.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_trace.h"
#include "netvsc_xsk.h"

/*
 * How long a change of the network behind the link is shown as a link that is
 * down. User space hears of a link that comes back sooner as of nothing.
 */
#define NETVSC_LINK_DOWN_TIME	(2 * HZ)
/* The same for a link that was down for less time than it took to see it. */
#define NETVSC_LINK_FLAP_TIME	(HZ / 2)
/* The link of the interface changes no more often than this. */
#define NETVSC_LINK_PACE	(HZ / 4)

/* What is offered only if the host can do it. */
#define NETVSC_HOST_FEATURES	(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
				 NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_LRO)

/* The stack's own limit, and the least with which it works. */
#define NETVSC_TSO_MAX		65536
#define NETVSC_TSO_MIN		8192

static int netvsc_open(struct net_device *dev)
{
	int err = netvsc_up(netdev_priv(dev));

	if (err)
		netdev_err(dev, "cannot be opened: %d\n", err);
	else
		netvsc_vf_open(netdev_priv(dev));

	return err;
}

static int netvsc_stop(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	netvsc_vf_close(nv);
	mutex_lock(&nv->lock);
	if (nv->state == NETVSC_RUNNING)
		netvsc_stop_traffic(nv);
	mutex_unlock(&nv->lock);

	return 0;
}

/**
 * netvsc_packet_filter() - what the host has to deliver
 * @dev: the interface
 *
 * Hosts have no list of multicast addresses: all or none.
 *
 * Context: Any.
 * Return: RNDIS_FILTER_*.
 */
u32 netvsc_packet_filter(const struct net_device *dev)
{
	unsigned int flags = READ_ONCE(dev->flags);
	u32 filter = RNDIS_FILTER_DIRECTED;

	if (flags & IFF_PROMISC)
		return RNDIS_FILTER_PROMISCUOUS;
	if (flags & IFF_BROADCAST)
		filter |= RNDIS_FILTER_BROADCAST;
	if ((flags & IFF_ALLMULTI) || !netdev_mc_empty(dev))
		filter |= RNDIS_FILTER_ALL_MULTICAST;

	return filter;
}

static void netvsc_set_rx_mode(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	netvsc_vf_set_addresses(nv);
	schedule_work(&nv->rx_mode_work);
}

static void netvsc_change_rx_flags(struct net_device *dev, int change)
{
	netvsc_vf_set_flags(netdev_priv(dev));
}

/**
 * netvsc_rx_mode_work() - bring the packet filter in line with the interface
 * @work: &netvsc.rx_mode_work
 *
 * Context: Process context.
 */
void netvsc_rx_mode_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(work, struct netvsc, rx_mode_work);
	u32 filter;
	int err;

	mutex_lock(&nv->lock);
	filter = netvsc_packet_filter(nv->netdev);
	if (nv->state == NETVSC_RUNNING && filter != nv->filter) {
		err = rndis_filter_set_packet_filter(&nv->rndis, filter);
		netvsc_note_setting(nv, NETVSC_UNSETTLED_FILTER, err);
		if (!err)
			nv->filter = filter;
		else if (err != -ENODEV)
			netdev_err(nv->netdev, "cannot set the packet filter: %d\n",
				   err);
	}
	mutex_unlock(&nv->lock);
}

/* What the host is told only matters above the standard size. */
static int netvsc_tell_mtu(struct netvsc *nv, u32 mtu)
{
	struct netvsc_config config = nv->config;

	config.mtu = mtu;
	if (netvsc_frame_bytes(mtu) != netvsc_frame_bytes(nv->config.mtu) ||
	    mtu > nv->host_mtu)
		return netvsc_reconfigure(nv, &config);

	nv->config.mtu = mtu;
	nv->resources->config.mtu = mtu;

	return 0;
}

static int netvsc_change_mtu(struct net_device *dev, int mtu)
{
	struct netvsc *nv = netdev_priv(dev);
	int err;

	if (!netvsc_xdp_allows_mtu(nv, mtu)) {
		netdev_err(dev, "the XDP program allows an MTU of at most %zu\n",
			   NETVSC_XDP_LINEAR_MTU);
		return -EINVAL;
	}
	err = netvsc_vf_set_mtu(nv, mtu);
	if (err) {
		netdev_err(dev, "its VF does not take the MTU %d: %d\n", mtu,
			   err);
		return err;
	}
	err = netvsc_tell_mtu(nv, mtu);
	if (err) {
		netvsc_vf_set_mtu(nv, dev->mtu);
		return err;
	}
	WRITE_ONCE(dev->mtu, mtu);

	return 0;
}

static int netvsc_tell_address(struct netvsc *nv, const u8 *address)
{
	int err = -ENETDOWN;

	mutex_lock(&nv->lock);
	if (nv->state == NETVSC_READY || nv->state == NETVSC_RUNNING) {
		err = rndis_filter_set_mac(&nv->rndis, address);
		netvsc_note_setting(nv, NETVSC_UNSETTLED_MAC, err);
	}
	mutex_unlock(&nv->lock);

	return err;
}

static int netvsc_set_mac_address(struct net_device *dev, void *address)
{
	struct netvsc *nv = netdev_priv(dev);
	struct sockaddr *sa = address;
	int err;

	err = eth_prepare_mac_addr_change(dev, address);
	if (err)
		return err;
	if (ether_addr_equal(dev->dev_addr, sa->sa_data))
		return 0;

	err = netvsc_vf_set_mac(nv, sa->sa_data);
	if (err) {
		netdev_err(dev, "its VF does not take the address %pM: %d\n",
			   sa->sa_data, err);
		return err;
	}
	err = netvsc_tell_address(nv, sa->sa_data);
	if (err) {
		netdev_err(dev, "host did not take the address %pM: %d\n",
			   sa->sa_data, err);
		netvsc_vf_set_mac(nv, dev->dev_addr);
		return err;
	}
	eth_commit_mac_addr_change(dev, address);

	return 0;
}

/*
 * Flows of which the user does not want the ports to count: the frame gets a
 * hash of its addresses, by which its queue is chosen, and which the host is
 * told.
 */
static void netvsc_hash_addresses(struct sk_buff *skb, u32 without_ports)
{
	struct flow_keys flow;
	bool ipv6, udp;
	u32 type;

	if (!skb_flow_dissect_flow_keys(skb, &flow, 0))
		return;
	ipv6 = flow.basic.n_proto == htons(ETH_P_IPV6);
	udp = flow.basic.ip_proto == IPPROTO_UDP;
	if ((!ipv6 && flow.basic.n_proto != htons(ETH_P_IP)) ||
	    (!udp && flow.basic.ip_proto != IPPROTO_TCP))
		return;
	if (ipv6)
		type = udp ? NDIS_HASH_UDP_IPV6 : NDIS_HASH_TCP_IPV6;
	else
		type = udp ? NDIS_HASH_UDP_IPV4 : NDIS_HASH_TCP_IPV4;
	if (!(type & without_ports))
		return;

	flow.ports.ports = 0;
	flow.tags.flow_label = 0;
	__skb_set_sw_hash(skb, flow_hash_from_keys(&flow), false);
}

/* Where the VF would send it, as far as there are as many queues here. */
static bool netvsc_select_vf_queue(struct netvsc *nv, struct sk_buff *skb,
				   u32 queues, u16 *queue)
{
	struct net_device *via;

	rcu_read_lock();
	via = netvsc_vf_path(&nv->vf);
	if (via)
		*queue = netvsc_vf_select_queue(via, skb) % queues;
	rcu_read_unlock();

	return via;
}

/*
 * XPS is the administrator's wish and comes first. Else, as far as the host has
 * expressed a wish that covers all queues, it chooses; its table is too short
 * for more queues than it has entries.
 */
static u16 netvsc_select_queue(struct net_device *dev, struct sk_buff *skb,
			       struct net_device *sb_dev)
{
	struct netvsc *nv = netdev_priv(dev);
	u32 queues = READ_ONCE(dev->real_num_tx_queues);
	u32 without_ports = READ_ONCE(nv->rss.without_ports);
	u16 queue;

	if (queues == 1)
		return 0;
	if (rcu_access_pointer(nv->vf.path) &&
	    netvsc_select_vf_queue(nv, skb, queues, &queue))
		return queue;
	if (unlikely(without_ports))
		netvsc_hash_addresses(skb, without_ports);
	/* Pairs with the release in netvsc_send_table(). */
	if (queues > NVSP_INDIRECTION_ENTRIES || sb_dev || nvb_has_xps(dev) ||
	    !smp_load_acquire(&nv->send_table_valid))
		return netdev_pick_tx(dev, skb, sb_dev);

	queue = READ_ONCE(nv->send_table[skb_get_hash(skb) %
					 NVSP_INDIRECTION_ENTRIES]);
	if (unlikely(queue >= queues))
		return netdev_pick_tx(dev, skb, sb_dev);

	return queue;
}

/* Every queue that the host holds up for long is one call. */
static void netvsc_tx_timeout(struct net_device *dev, unsigned int queue)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_channel *ch = READ_ONCE(nv->queue[queue]);

	if (ch && netvsc_tx_stuck(ch)) {
		WRITE_ONCE(nv->stuck, true);
		schedule_delayed_work(&nv->reset_work, 0);
	}
}

/*
 * What a host after a hibernation may not do any more (see netvsc_refit()), and
 * what does not go together: headers of a coalesced frame are true only with the
 * host's word for them, and not every XDP program takes frames of that length.
 */
static netdev_features_t netvsc_fix_features(struct net_device *dev,
					     netdev_features_t features)
{
	const struct netvsc *nv = netdev_priv(dev);

	features &= ~(NETVSC_HOST_FEATURES & ~dev->hw_features);
	if (!(features & NETIF_F_RXCSUM) || nv->xdp_linear)
		features &= ~NETIF_F_LRO;

	return features;
}

/*
 * Only coalescing needs the host, if it can do that. Without a session it is
 * told when there is one again. If it refuses, or does not answer, the setting
 * stays as it was.
 */
static int netvsc_set_features(struct net_device *dev,
			       netdev_features_t features)
{
	struct netvsc *nv = netdev_priv(dev);
	bool want = features & NETIF_F_LRO;
	int err = 0;

	mutex_lock(&nv->lock);
	if (nv->rsc_offered && want != nv->rsc_wanted) {
		nv->rsc_wanted = want;
		if (nv->state == NETVSC_READY || nv->state == NETVSC_RUNNING)
			err = netvsc_apply_offloads(nv);
		netvsc_note_setting(nv, NETVSC_UNSETTLED_OFFLOADS, err);
		if (err)
			nv->rsc_wanted = !want;
	}
	mutex_unlock(&nv->lock);
	if (err)
		netdev_err(dev, "host does not turn coalescing %s: %d\n",
			   want ? "on" : "off", err);
	else
		netvsc_vf_set_features(nv, features);

	return err;
}

const struct net_device_ops netvsc_netdev_ops = {
	.ndo_open = netvsc_open,
	.ndo_stop = netvsc_stop,
	.ndo_start_xmit = netvsc_start_xmit,
	.ndo_select_queue = netvsc_select_queue,
	.ndo_tx_timeout = netvsc_tx_timeout,
	.ndo_features_check = netvsc_features_check,
	.ndo_change_rx_flags = netvsc_change_rx_flags,
	.ndo_set_rx_mode = netvsc_set_rx_mode,
	.ndo_set_mac_address = netvsc_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = netvsc_change_mtu,
	.ndo_fix_features = netvsc_fix_features,
	.ndo_set_features = netvsc_set_features,
	.ndo_get_stats64 = netvsc_stats_get64,
	.ndo_bpf = netvsc_bpf,
	.ndo_xdp_xmit = netvsc_xdp_xmit,
	.ndo_xsk_wakeup = netvsc_xsk_wakeup,
};

/**
 * netvsc_netdev_init() - everything of the interface that needs no host
 * @nv: the device
 *
 * Context: Process context, before registration.
 */
void netvsc_netdev_init(struct netvsc *nv)
{
	struct net_device *dev = nv->netdev;
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		netdev_queue_set_dql_min_limit(netdev_get_tx_queue(dev, i),
					       NETVSC_TX_MIN_LIMIT);
	dev->netdev_ops = &netvsc_netdev_ops;
	dev->ethtool_ops = &netvsc_ethtool_ops;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	nvb_set_stat_ops(dev, &netvsc_stat_ops);
	netvsc_xdp_netdev_init(dev);
	/* A VF has the same ones, and they are taken one in the other. */
	netdev_lockdep_set_classes(dev);
	dev->min_mtu = NETVSC_MIN_MTU;
	dev->max_mtu = NETVSC_MAX_MTU;
}

static bool netvsc_can_csum(const struct rndis_offload_caps *caps, bool ipv6)
{
	u32 flags = ipv6 ? caps->tx_csum_ipv6 : caps->tx_csum_ipv4;

	/* TCP with options, since every segment has some. */
	if (ipv6)
		return FIELD_GET(NDIS_CSUM_IPV6_TCP, flags) &&
		       FIELD_GET(NDIS_CSUM_IPV6_TCP_OPTIONS, flags);

	return FIELD_GET(NDIS_CSUM_IPV4_TCP, flags) &&
	       FIELD_GET(NDIS_CSUM_IPV4_TCP_OPTIONS, flags);
}

static netdev_features_t netvsc_ipv4_features(struct netvsc *nv)
{
	const struct rndis_offload_caps *caps = &nv->offload;

	if (!netvsc_can_csum(caps, false))
		return 0;

	nv->tx_csum_udp4 = FIELD_GET(NDIS_CSUM_IPV4_UDP, caps->tx_csum_ipv4);
	if (caps->lso_v2_ipv4_max < NETVSC_TSO_MIN)
		return NETIF_F_IP_CSUM;
	nv->tso_max = min(nv->tso_max, caps->lso_v2_ipv4_max);

	return NETIF_F_IP_CSUM | NETIF_F_TSO;
}

static netdev_features_t netvsc_ipv6_features(struct netvsc *nv)
{
	const struct rndis_offload_caps *caps = &nv->offload;

	if (!netvsc_can_csum(caps, true))
		return 0;

	nv->tx_csum_udp6 = FIELD_GET(NDIS_CSUM_IPV6_UDP, caps->tx_csum_ipv6);
	if (caps->lso_v2_ipv6_max < NETVSC_TSO_MIN ||
	    !FIELD_GET(NDIS_LSO_V2_IPV6_EXT_HEADERS, caps->lso_v2_ipv6_flags) ||
	    !FIELD_GET(NDIS_LSO_V2_IPV6_TCP_OPTIONS, caps->lso_v2_ipv6_flags))
		return NETIF_F_IPV6_CSUM;
	nv->tso_max = min(nv->tso_max, caps->lso_v2_ipv6_max);

	return NETIF_F_IPV6_CSUM | NETIF_F_TSO6;
}

/* Turns what the host can compute into features, and says which. */
static netdev_features_t netvsc_host_features(struct netvsc *nv)
{
	netdev_features_t features = NETIF_F_RXCSUM | NETIF_F_SG |
				     NETIF_F_RXHASH;

	nv->tx_csum_udp4 = false;
	nv->tx_csum_udp6 = false;
	nv->tso_max = NETVSC_TSO_MAX;
	features |= netvsc_ipv4_features(nv);
	features |= netvsc_ipv6_features(nv);
	nv->tx_csum_udp =
		(nv->tx_csum_udp4 || !(features & NETIF_F_IP_CSUM)) &&
		(nv->tx_csum_udp6 || !(features & NETIF_F_IPV6_CSUM));

	return features;
}

/**
 * netvsc_set_hw_features() - offer what the host can compute
 * @nv: the device, connected for the first time
 *
 * VLAN tags always travel beside the frame, so that is not for the user to
 * change.
 *
 * Context: Process context, before registration.
 */
void netvsc_set_hw_features(struct netvsc *nv)
{
	struct net_device *dev = nv->netdev;

	dev->hw_features = netvsc_host_features(nv);
	dev->vlan_features = dev->hw_features | NETIF_F_HIGHDMA;
	if (nv->rsc_offered)
		dev->hw_features |= NETIF_F_LRO;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA |
			NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX;
	netvsc_vf_set_limits(nv);
}

static void netvsc_refit_features(struct netvsc *nv)
{
	struct net_device *dev = nv->netdev;
	netdev_features_t can = netvsc_host_features(nv);

	if (nv->rsc_offered)
		can |= NETIF_F_LRO;
	netvsc_vf_set_limits(nv);
	if (!((dev->hw_features ^ can) & NETVSC_HOST_FEATURES))
		return;

	netdev_info(dev, "the host's offloads are others than before\n");
	dev->hw_features &= ~NETVSC_HOST_FEATURES;
	dev->hw_features |= can & NETVSC_HOST_FEATURES;
	netdev_update_features(dev);
}

/**
 * netvsc_refit() - keep to what the host of a new session can do
 * @nv: the device, connected again
 *
 * After a hibernation the host may be another one. What it cannot do is
 * switched off; what the user wants comes back with a host that can.
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_refit(struct netvsc *nv)
{
	ASSERT_RTNL();

	netvsc_refit_features(nv);
	netvsc_refit_mtu(nv);
}

/**
 * netvsc_refit_mtu() - keep to the MTU that the host of a new session allows
 * @nv: the device, connected again
 *
 * Nobody can change the MTU of an interface that is detached, so this has to be
 * called again when it is back.
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_refit_mtu(struct netvsc *nv)
{
	struct net_device *dev = nv->netdev;

	ASSERT_RTNL();

	/* Not what the interface has: that may be about to change. */
	if (nv->host_mtu >= nv->config.mtu || !netif_device_present(dev))
		return;

	netdev_warn(dev, "host allows an MTU of %u by now\n", nv->host_mtu);
	/* It is in force already, so this leads to no reconfiguration. */
	nv->config.mtu = nv->host_mtu;
	nv->resources->config.mtu = nv->host_mtu;
	dev_set_mtu(dev, nv->host_mtu);
}

/**
 * netvsc_link_event() - the host says that something happened to the link
 * @nv: the device
 * @event: what
 * @speed: in units of 100 bit/s, for RNDIS_LINK_SPEED
 *
 * The first event is dealt with at once, and those that follow fast run
 * together: what counts is how the link is now, and whether it was ever down.
 *
 * Context: NAPI poll.
 */
void netvsc_link_event(struct netvsc *nv, enum rndis_link_event event,
		       u32 speed)
{
	unsigned long wait = 0;

	trace_link_event(nv->dev, event, speed);
	spin_lock(&nv->link_lock);
	switch (event) {
	case RNDIS_LINK_UP:
		nv->link_up = true;
		nv->link_told = true;
		break;
	case RNDIS_LINK_DOWN:
		nv->link_up = false;
		nv->link_told = true;
		nv->link_events |= NETVSC_LINK_CHANGED;
		break;
	case RNDIS_LINK_NETWORK_CHANGE:
		nv->link_events |= NETVSC_LINK_MOVED;
		break;
	case RNDIS_LINK_SPEED:
		nv->link_speed = speed;
		break;
	}
	if (time_before(jiffies, nv->link_next))
		wait = nv->link_next - jiffies;
	spin_unlock(&nv->link_lock);
	schedule_delayed_work(&nv->link_work, wait);
}

/* Tells the neighbours where we are, since they may be new. */
static void netvsc_link_is_up(struct net_device *dev)
{
	netif_carrier_on(dev);
	call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, dev);
	call_netdevice_notifiers(NETDEV_RESEND_IGMP, dev);
}

/**
 * netvsc_link_work() - show the network stack what became of the link
 * @work: &netvsc.link_work
 *
 * Context: Process context.
 */
void netvsc_link_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(to_delayed_work(work), struct netvsc,
					 link_work);
	struct net_device *dev = nv->netdev;
	u32 events;
	bool up;

	rtnl_lock();
	spin_lock_bh(&nv->link_lock);
	up = nv->link_up;
	events = nv->link_events;
	nv->link_events = 0;
	nv->link_next = jiffies + NETVSC_LINK_PACE;
	spin_unlock_bh(&nv->link_lock);

	/* Otherwise netvsc_start_traffic() will look. */
	if (READ_ONCE(nv->state) != NETVSC_RUNNING)
		goto out;
	if (!netif_carrier_ok(dev)) {
		if (up)
			netvsc_link_is_up(dev);
	} else if (!up || events) {
		netif_carrier_off(dev);
		if (up)
			schedule_delayed_work(&nv->link_work,
					      events & NETVSC_LINK_MOVED ?
					      NETVSC_LINK_DOWN_TIME :
					      NETVSC_LINK_FLAP_TIME);
	}
out:
	rtnl_unlock();
}
