// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool. Everything here runs under RTNL.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"

static void netvsc_get_drvinfo(struct net_device *dev,
			       struct ethtool_drvinfo *info)
{
	struct netvsc *nv = netdev_priv(dev);

	strscpy(info->driver, NETVSC_DRIVER_NAME, sizeof(info->driver));
	strscpy(info->version, NETVSC_VERSION, sizeof(info->version));
	/* What monitoring knows; the session's versions are in debugfs. */
	strscpy(info->fw_version, "N/A", sizeof(info->fw_version));
	strscpy(info->bus_info, dev_name(nv->dev), sizeof(info->bus_info));
}

/* By which queue the host wants to receive, 32 bits for each hash. */
#define NETVSC_REGS_VERSION	1

static int netvsc_get_regs_len(struct net_device *dev)
{
	return NVSP_INDIRECTION_ENTRIES * sizeof(u32);
}

/* A host that has expressed no wish is sent to by all queues in turn. */
static void netvsc_get_regs(struct net_device *dev, struct ethtool_regs *regs,
			    void *to)
{
	struct netvsc *nv = netdev_priv(dev);
	u32 *table = to, queues = dev->real_num_tx_queues, i;
	/* Pairs with the release in netvsc_send_table(). */
	bool valid = smp_load_acquire(&nv->send_table_valid);

	regs->version = NETVSC_REGS_VERSION;
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		table[i] = valid ? READ_ONCE(nv->send_table[i]) : i % queues;
}

/* Not renamed: test suites look these two up among the module's symbols. */
static u32 netvsc_get_msglevel(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	return nv->msg_enable;
}

static void netvsc_set_msglevel(struct net_device *dev, u32 level)
{
	struct netvsc *nv = netdev_priv(dev);

	nv->msg_enable = level;
}

static int netvsc_get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;

	return netvsc_stats_count(netdev_priv(dev));
}

static void netvsc_get_strings(struct net_device *dev, u32 set,
			       u8 *to)
{
	if (set == ETH_SS_STATS)
		netvsc_stats_names(netdev_priv(dev), to);
}

static void netvsc_get_stats(struct net_device *dev,
			     struct ethtool_stats *stats, u64 *to)
{
	netvsc_stats_values(netdev_priv(dev), to);
}

static void netvsc_get_channels(struct net_device *dev,
				struct ethtool_channels *channels)
{
	struct netvsc *nv = netdev_priv(dev);

	/* Channels stay open when CPUs go offline. */
	channels->max_combined = max(netvsc_max_channels(nv),
				     nv->resources->num_queues);
	channels->combined_count = nv->resources->num_queues;
}

static int netvsc_set_channels(struct net_device *dev,
			       struct ethtool_channels *channels)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_config config = nv->config;

	if (channels->rx_count || channels->tx_count || channels->other_count ||
	    !channels->combined_count ||
	    channels->combined_count > netvsc_max_channels(nv))
		return -EINVAL;
	if (nv->nvsp.version < NVSP_VERSION_5)
		return -EOPNOTSUPP;

	config.channels = channels->combined_count;

	return netvsc_reconfigure(nv, &config);
}

/* The rings of the host are its receive slots and our send sections. */
static void netvsc_get_ringparam(struct net_device *dev,
				 struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kring,
				 struct netlink_ext_ack *ack)
{
	struct netvsc *nv = netdev_priv(dev);
	const struct nvsp *s = &nv->nvsp;

	if (s->recv.slot_size) {
		ring->rx_max_pending = NETVSC_MAX_RECV_BYTES /
				       s->recv.slot_size;
		ring->rx_pending = s->recv.num_slots;
	}
	if (s->send.section_size) {
		ring->tx_max_pending = NETVSC_MAX_SEND_BYTES /
				       s->send.section_size;
		ring->tx_pending = s->send.num_sections;
	}
}

static int netvsc_set_ringparam(struct net_device *dev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kring,
				struct netlink_ext_ack *ack)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_config config = nv->config;
	const struct nvsp *s = &nv->nvsp;
	u32 rx, tx;

	if (ring->rx_mini_pending || ring->rx_jumbo_pending)
		return -EINVAL;
	if (!s->recv.slot_size || !s->send.section_size)
		return -EOPNOTSUPP;

	rx = clamp_t(u32, ring->rx_pending, NETVSC_MIN_RECV_SLOTS,
		     NETVSC_MAX_RECV_BYTES / s->recv.slot_size);
	tx = clamp_t(u32, ring->tx_pending, NETVSC_MIN_SEND_SLOTS,
		     NETVSC_MAX_SEND_BYTES / s->send.section_size);
	if (rx == s->recv.num_slots && tx == s->send.num_sections)
		return 0;

	if (rx != s->recv.num_slots)
		config.recv_bytes = PAGE_ALIGN(rx * s->recv.slot_size);
	if (tx != s->send.num_sections)
		config.send_bytes = PAGE_ALIGN(tx * s->send.section_size);

	return netvsc_reconfigure(nv, &config);
}

/* What fits into no section is listed in any case. */
static int netvsc_get_tunable(struct net_device *dev,
			      const struct ethtool_tunable *tunable, void *data)
{
	struct netvsc *nv = netdev_priv(dev);

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	*(u32 *)data = nv->tx_copybreak;

	return 0;
}

static int netvsc_set_tunable(struct net_device *dev,
			      const struct ethtool_tunable *tunable,
			      const void *data)
{
	struct netvsc *nv = netdev_priv(dev);

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	WRITE_ONCE(nv->tx_copybreak, *(const u32 *)data);

	return 0;
}

static void netvsc_get_coalesce(struct net_device *dev,
				struct nvb_coalesce *coalesce)
{
	struct netvsc *nv = netdev_priv(dev);

	coalesce->adaptive_tx = nv->tx_hold_ns;
	coalesce->tx_aggr_time_usecs = nv->tx_hold_us;
	coalesce->tx_aggr_max_bytes = netvsc_aggr_bytes(nv);
	coalesce->tx_aggr_max_frames = netvsc_aggr_frames(nv);
}

/* A value that does not change is no wish: more may be allowed later. */
static u32 netvsc_aggr_wish(u32 value, u32 now, u32 wish)
{
	return value == now ? wish : value;
}

/* Under the lock of the session, whose limits it compares with. */
static int netvsc_set_aggregation(struct netvsc *nv,
				  const struct nvb_coalesce *coalesce,
				  struct netlink_ext_ack *ack)
{
	u32 bytes, frames, most;

	lockdep_assert_held(&nv->lock);

	bytes = netvsc_aggr_wish(coalesce->tx_aggr_max_bytes,
				 netvsc_aggr_bytes(nv), nv->tx_aggr_bytes);
	frames = netvsc_aggr_wish(coalesce->tx_aggr_max_frames,
				  netvsc_aggr_frames(nv), nv->tx_aggr_frames);
	most = min_t(u32, nv->rndis.max_packets, NETVSC_TX_MAX_AGGR);
	if (frames > max_t(u32, most, 1)) {
		NL_SET_ERR_MSG_MOD(ack, "the host does not take so many frames in a message");
		return -ERANGE;
	}
	if (bytes > nv->nvsp.send.section_size) {
		NL_SET_ERR_MSG_MOD(ack, "a section of the send buffer is not so long");
		return -ERANGE;
	}

	nv->tx_aggr_bytes = bytes;
	nv->tx_aggr_frames = frames;
	netvsc_apply_aggregation(nv);

	return 0;
}

static int netvsc_set_coalesce(struct net_device *dev,
			       const struct nvb_coalesce *coalesce,
			       struct netlink_ext_ack *ack)
{
	u32 hold_us = coalesce->tx_aggr_time_usecs;
	struct netvsc *nv = netdev_priv(dev);
	int err;

	if (hold_us > NETVSC_TX_MAX_HOLD_US) {
		NL_SET_ERR_MSG_MOD(ack, "frames do not wait longer than a millisecond");
		return -ERANGE;
	}

	mutex_lock(&nv->lock);
	err = netvsc_set_aggregation(nv, coalesce, ack);
	mutex_unlock(&nv->lock);
	if (err)
		return err;

	nv->tx_hold_us = hold_us;
	WRITE_ONCE(nv->tx_hold_ns,
		   coalesce->adaptive_tx ? hold_us * NSEC_PER_USEC : 0);

	return 0;
}

static u32 netvsc_get_rx_ring_count(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	return nv->resources->num_queues;
}

/* Of the flows whose ports can be hashed: the types of hash that do so. */
static u32 netvsc_hash_with_ports(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return NDIS_HASH_TCP_IPV4;
	case TCP_V6_FLOW:
		return NDIS_HASH_TCP_IPV6;
	case UDP_V4_FLOW:
		return NDIS_HASH_UDP_IPV4;
	case UDP_V6_FLOW:
		return NDIS_HASH_UDP_IPV6;
	default:
		return 0;
	}
}

#define NETVSC_HASH_ADDRESSES	(RXH_IP_SRC | RXH_IP_DST)
#define NETVSC_HASH_PORTS	(RXH_L4_B_0_1 | RXH_L4_B_2_3)

static int netvsc_get_hash_fields(struct net_device *dev,
				  struct ethtool_rxfh_fields *fields)
{
	u32 with_ports = netvsc_hash_with_ports(fields->flow_type);
	struct netvsc *nv = netdev_priv(dev);

	fields->data = 0;
	if (with_ports || fields->flow_type == IPV4_FLOW ||
	    fields->flow_type == IPV6_FLOW)
		fields->data = NETVSC_HASH_ADDRESSES;
	if (with_ports & ~nv->rss.without_ports)
		fields->data |= NETVSC_HASH_PORTS;

	return 0;
}

/* Tells the host how to spread, and notes whether it has said something to it. */
static int netvsc_tell_rss(struct netvsc *nv)
{
	int err = netvsc_apply_rss(nv);

	netvsc_note_setting(nv, NETVSC_UNSETTLED_RSS, err);

	return err;
}

/*
 * After a failure, with what was in force before: the host is told of it. One
 * that did not answer is, when it does.
 */
static void netvsc_untell_rss(struct netvsc *nv, int err)
{
	if (!(nv->unsettled & NETVSC_UNSETTLED_RSS) && err != -ENODEV)
		netvsc_apply_rss(nv);
}

static int netvsc_exchange_hash_types(struct netvsc *nv, u32 without_ports)
{
	u32 old = nv->rss.without_ports;
	int err;

	lockdep_assert_held(&nv->lock);

	WRITE_ONCE(nv->rss.without_ports, without_ports);
	if (nv->state != NETVSC_READY && nv->state != NETVSC_RUNNING)
		return 0;
	err = netvsc_tell_rss(nv);
	if (err) {
		WRITE_ONCE(nv->rss.without_ports, old);
		netvsc_untell_rss(nv, err);
	}

	return err;
}

static int netvsc_set_hash_fields(struct net_device *dev,
				  const struct ethtool_rxfh_fields *fields,
				  struct netlink_ext_ack *ack)
{
	u32 with_ports = netvsc_hash_with_ports(fields->flow_type);
	struct netvsc *nv = netdev_priv(dev);
	u32 without;
	int err = 0;

	if (!with_ports)
		return -EOPNOTSUPP;
	if (fields->data != NETVSC_HASH_ADDRESSES &&
	    fields->data != (NETVSC_HASH_ADDRESSES | NETVSC_HASH_PORTS)) {
		NL_SET_ERR_MSG_MOD(ack, "addresses are hashed, with or without ports");
		return -EINVAL;
	}

	without = nv->rss.without_ports & ~with_ports;
	if (!(fields->data & NETVSC_HASH_PORTS))
		without |= with_ports;
	mutex_lock(&nv->lock);
	if (without != nv->rss.without_ports)
		err = netvsc_exchange_hash_types(nv, without);
	mutex_unlock(&nv->lock);

	return err;
}

static u32 netvsc_get_rxfh_key_size(struct net_device *dev)
{
	return NDIS_RSS_KEY_BYTES;
}

static u32 netvsc_get_rxfh_indir_size(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	return nv->rss.entries;
}

static int netvsc_get_rxfh(struct net_device *dev,
			   struct ethtool_rxfh_param *rxfh)
{
	struct netvsc *nv = netdev_priv(dev);
	u32 i;

	rxfh->hfunc = ETH_RSS_HASH_TOP;
	for (i = 0; rxfh->indir && i < nv->rss.entries; i++)
		rxfh->indir[i] = netvsc_rss_queue(nv, i);
	if (rxfh->key)
		memcpy(rxfh->key, nv->rss.key, sizeof(nv->rss.key));

	return 0;
}

static int netvsc_exchange_rss(struct netvsc *nv,
			       const struct ethtool_rxfh_param *rxfh)
{
	struct netvsc_rss *old;
	int err;

	old = kmemdup(&nv->rss, sizeof(nv->rss), GFP_KERNEL);
	if (!old)
		return -ENOMEM;

	if (rxfh->indir)
		memcpy(nv->rss.table, rxfh->indir,
		       nv->rss.entries * sizeof(*rxfh->indir));
	if (rxfh->key)
		memcpy(nv->rss.key, rxfh->key, sizeof(nv->rss.key));
	err = netvsc_tell_rss(nv);
	if (err) {
		nv->rss = *old;
		netvsc_untell_rss(nv, err);
	}
	kfree(old);

	return err;
}

static int netvsc_set_rxfh(struct net_device *dev,
			   struct ethtool_rxfh_param *rxfh,
			   struct netlink_ext_ack *ack)
{
	struct netvsc *nv = netdev_priv(dev);
	int err;
	u32 i;

	/* ETH_RSS_HASH_NO_CHANGE is 0. */
	if (rxfh->hfunc & ~ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	for (i = 0; rxfh->indir && i < nv->rss.entries; i++) {
		if (rxfh->indir[i] >= nv->resources->num_queues)
			return -EINVAL;
	}

	mutex_lock(&nv->lock);
	if (nv->state == NETVSC_READY || nv->state == NETVSC_RUNNING)
		err = netvsc_exchange_rss(nv, rxfh);
	else
		err = -ENETDOWN;
	mutex_unlock(&nv->lock);

	return err;
}

/* The host's word, unless the user has said something else. */
static int netvsc_get_link_mode(struct net_device *dev,
				struct ethtool_link_ksettings *cmd)
{
	struct netvsc *nv = netdev_priv(dev);
	u32 speed;
	int err;

	err = netvsc_vf_get_link(nv, cmd);
	if (err != -ENODEV)
		return err;

	spin_lock_bh(&nv->link_lock);
	speed = nv->link_speed;
	spin_unlock_bh(&nv->link_lock);

	cmd->base.port = PORT_OTHER;
	if (nv->ethtool_speed != SPEED_UNKNOWN) {
		cmd->base.speed = nv->ethtool_speed;
		cmd->base.duplex = nv->ethtool_duplex;
	} else if (speed && netif_carrier_ok(dev)) {
		cmd->base.speed = speed / (1000000 / RNDIS_LINK_SPEED_BPS);
		cmd->base.duplex = DUPLEX_FULL;
	} else {
		cmd->base.speed = SPEED_UNKNOWN;
		cmd->base.duplex = DUPLEX_UNKNOWN;
	}

	return 0;
}

static int netvsc_set_link_mode(struct net_device *dev,
				const struct ethtool_link_ksettings *cmd)
{
	struct netvsc *nv = netdev_priv(dev);
	u8 *duplex = &nv->ethtool_duplex;
	u32 *speed = &nv->ethtool_speed;
	int err;

	err = netvsc_vf_set_link(nv, cmd);
	if (err != -ENODEV)
		return err;

	return ethtool_virtdev_set_link_ksettings(dev, cmd, speed, duplex);
}

NVB_WRAP_GET_RINGPARAM(netvsc_get_ringparam);
NVB_WRAP_SET_RINGPARAM(netvsc_set_ringparam);
NVB_WRAP_COALESCE(netvsc_get_coalesce, netvsc_set_coalesce);
NVB_WRAP_GET_RXFH(netvsc_get_rxfh);
NVB_WRAP_SET_RXFH(netvsc_set_rxfh);
NVB_WRAP_SET_HASH_FIELDS(netvsc_set_hash_fields);
NVB_WRAP_GET_HASH_FIELDS(netvsc_get_hash_fields, netvsc_get_rx_ring_count);

const struct ethtool_ops netvsc_ethtool_ops = {
	NVB_COALESCE_OPS(netvsc_get_coalesce, netvsc_set_coalesce)
	NVB_HASH_FIELDS_OPS(netvsc_get_hash_fields, netvsc_set_hash_fields)
	NVB_RX_RING_COUNT_OPS(netvsc_get_hash_fields, netvsc_get_rx_ring_count)
	.get_regs = netvsc_get_regs,
	.get_regs_len = netvsc_get_regs_len,
	.get_tunable = netvsc_get_tunable,
	.set_tunable = netvsc_set_tunable,
	.get_drvinfo = netvsc_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.set_msglevel = netvsc_set_msglevel,
	.get_msglevel = netvsc_get_msglevel,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = netvsc_get_sset_count,
	.get_strings = netvsc_get_strings,
	.get_ethtool_stats = netvsc_get_stats,
	.get_channels = netvsc_get_channels,
	.set_channels = netvsc_set_channels,
	.get_ringparam = NVB_RINGPARAM(netvsc_get_ringparam),
	.set_ringparam = NVB_RINGPARAM(netvsc_set_ringparam),
	.get_rxfh = NVB_RXFH(netvsc_get_rxfh),
	.set_rxfh = NVB_RXFH(netvsc_set_rxfh),
	.get_rxfh_indir_size = netvsc_get_rxfh_indir_size,
	.get_rxfh_key_size = netvsc_get_rxfh_key_size,
	.get_link_ksettings = netvsc_get_link_mode,
	.set_link_ksettings = netvsc_set_link_mode,
};
