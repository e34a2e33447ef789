// SPDX-License-Identifier: GPL-2.0
/*
 * The module, the VMBus driver, and the life cycle of a device.
 */
#include <linux/ethtool.h>
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "kunit/visible.h"
#include "netvsc.h"

#define CREATE_TRACE_POINTS
#include "netvsc_trace.h"

/**
 * netvsc_trace_name() - how a device is called in a trace
 * @dev: the VMBus device
 *
 * Context: Any.
 * Return: the name of its interface; its own before there is one.
 */
const char *netvsc_trace_name(const struct device *dev)
{
	const struct netvsc *nv = dev_get_drvdata(dev);

	if (!nv || nv->netdev->reg_state != NETREG_REGISTERED)
		return dev_name(dev);

	return nv->netdev->name;
}

static unsigned int ring_size = NETVSC_DEFAULT_RING;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "Size of each ring of a channel, in 4 KiB pages (64 to 4096, default 128)");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "Message level at load: number of NETIF_MSG bits to set, -1 for the default");

/* What may follow each state. */
static const u8 netvsc_next_states[NETVSC_NUM_STATES] = {
	[NETVSC_DOWN]		= BIT(NETVSC_CONNECTING) | BIT(NETVSC_ASLEEP) |
				  BIT(NETVSC_GONE),
	[NETVSC_CONNECTING]	= BIT(NETVSC_READY) | BIT(NETVSC_CLOSING) |
				  BIT(NETVSC_DOWN),
	[NETVSC_READY]		= BIT(NETVSC_RUNNING) | BIT(NETVSC_CLOSING),
	[NETVSC_RUNNING]	= BIT(NETVSC_READY),
	[NETVSC_CLOSING]	= BIT(NETVSC_DOWN),
	[NETVSC_ASLEEP]		= BIT(NETVSC_DOWN) | BIT(NETVSC_GONE),
	[NETVSC_GONE]		= 0,
};

/* Whether a device in one state may come into another. */
VISIBLE_IF_KUNIT bool netvsc_state_follows(enum netvsc_state from,
					   enum netvsc_state to)
{
	return netvsc_next_states[from] & BIT(to);
}

/**
 * netvsc_set_state() - the one place where a device changes its state
 * @nv: the device
 * @to: the new state
 *
 * Context: Process context, holding @nv->lock.
 */
void netvsc_set_state(struct netvsc *nv, enum netvsc_state to)
{
	lockdep_assert_held(&nv->lock);

	WARN_ON_ONCE(!netvsc_state_follows(nv->state, to));
	trace_state_change(nv->dev, nv->state, to);
	WRITE_ONCE(nv->state, to);
}

/* Tells the stack which NAPI serves which queue. */
static void netvsc_map_queues(struct netvsc *nv)
{
	const struct netvsc_resources *res = nv->resources;
	struct napi_struct *napi;
	u32 i;

	ASSERT_RTNL();

	for (i = 0; i < NETVSC_MAX_CHANNELS; i++) {
		napi = i < res->num_queues ? &res->queue[i]->napi : NULL;
		netif_queue_set_napi(nv->netdev, i, NETDEV_QUEUE_TYPE_RX, napi);
		netif_queue_set_napi(nv->netdev, i, NETDEV_QUEUE_TYPE_TX, napi);
	}
}

static void netvsc_unmap_queues(struct netvsc *nv)
{
	u32 i;

	ASSERT_RTNL();

	for (i = 0; i < NETVSC_MAX_CHANNELS; i++) {
		netif_queue_set_napi(nv->netdev, i, NETDEV_QUEUE_TYPE_RX, NULL);
		netif_queue_set_napi(nv->netdev, i, NETDEV_QUEUE_TYPE_TX, NULL);
	}
}

/*
 * Connects a device that a failure, or sleep, has left down. Its host may be
 * another one by now.
 */
static int netvsc_recover(struct netvsc *nv)
{
	int err;

	ASSERT_RTNL();

	if (nv->state == NETVSC_ASLEEP)
		return -ENETDOWN;
	if (nv->state != NETVSC_DOWN)
		return 0;

	mutex_lock(&nv->lock);
	err = netvsc_connect(nv, nv->resources);
	mutex_unlock(&nv->lock);
	if (err)
		return err;
	netvsc_map_queues(nv);
	netvsc_refit(nv);

	return 0;
}

/**
 * netvsc_up() - let frames flow, with a new session if there is none
 * @nv: the device, ready or down
 *
 * Context: Process context, holding RTNL. Waits as long as netvsc_connect(),
 * and RNDIS_TIMEOUT_MS for the packet filter.
 * Return: 0 or a negative errno.
 */
int netvsc_up(struct netvsc *nv)
{
	int err;

	err = netvsc_recover(nv);
	if (err)
		return err;

	mutex_lock(&nv->lock);
	err = netvsc_start_traffic(nv);
	if (!err && nv->unsettled)
		schedule_delayed_work(&nv->reset_work, 0);
	mutex_unlock(&nv->lock);

	return err;
}

/*
 * Connects, with traffic if the interface is up. A host may agree to less than
 * what the user asks for; then there is no session.
 */
static int netvsc_begin(struct netvsc *nv, struct netvsc_resources *res,
			u32 least_mtu)
{
	int err;

	err = netvsc_connect(nv, res);
	if (err)
		return err;
	if (nv->host_mtu < least_mtu) {
		netdev_err(nv->netdev, "host allows an MTU of %u\n",
			   nv->host_mtu);
		netvsc_disconnect_to_connect(nv);
		return -ERANGE;
	}

	netvsc_map_queues(nv);
	if (!netif_running(nv->netdev))
		return 0;
	err = netvsc_start_traffic(nv);
	if (err) {
		netvsc_unmap_queues(nv);
		netvsc_disconnect(nv);
	}

	return err;
}

/*
 * From @old to @new; afterwards one of them is in force, or none. A host that
 * does not answer may be at odds with the new one alone, so the old one is tried
 * all the same, but with little patience.
 */
static int netvsc_exchange(struct netvsc *nv, struct netvsc_resources *old,
			   struct netvsc_resources *new)
{
	int err, err_old;

	netvsc_disconnect_to_connect(nv);
	netvsc_resources_move(new, old);
	err = netvsc_begin(nv, new, new->config.mtu);
	if (!err)
		return 0;

	netvsc_resources_move(old, new);
	err_old = netvsc_begin(nv, old, 0);
	/* A host that has gone is about to take the device with it. */
	if (err_old && err_old != -ENODEV)
		netdev_err(nv->netdev, "not connected any more, the new configuration failed with %d, the old one with %d\n",
			   err, err_old);

	return err;
}

/*
 * Frames that wait before queues that are about to go would be lost; with the
 * device still at work hardly any wait there.
 */
static void netvsc_leave_queues(struct netvsc *nv, u32 old, u32 new)
{
	if (new < old && nv->state == NETVSC_RUNNING)
		netif_set_real_num_tx_queues(nv->netdev, new);
}

/**
 * netvsc_reconfigure() - change what the session with the host is set up for
 * @nv: the device
 * @config: the new configuration
 *
 * A device that is down may find another host than it had.
 *
 * Memory comes first, while the old configuration runs. From closing it on,
 * a failure brings the old one back; should that fail too, the interface
 * stays without a carrier. While it is up this is tried again from time to
 * time; opening it or reconfiguring it does so at once.
 *
 * Context: Process context, holding RTNL. A host that is silent throughout is
 * waited for 16 s; one that falls silent in the middle, 90 s at most.
 * Return: 0, or a negative errno.
 */
int netvsc_reconfigure(struct netvsc *nv, const struct netvsc_config *config)
{
	struct netvsc_resources *old, *new;
	bool was_down, refit;
	int err;

	ASSERT_RTNL();

	mutex_lock(&nv->lock);
	was_down = nv->state == NETVSC_DOWN;
	old = nv->resources;
	new = netvsc_resources_alloc(nv, config, old);
	if (!new) {
		mutex_unlock(&nv->lock);
		return -ENOMEM;
	}

	netvsc_leave_queues(nv, old->num_queues, new->num_channels);
	netif_device_detach(nv->netdev);
	if (nv->state == NETVSC_RUNNING)
		netvsc_stop_traffic(nv);
	netvsc_unmap_queues(nv);

	err = netvsc_exchange(nv, old, new);
	if (!err)
		nv->config = *config;
	if (nv->state != NETVSC_RUNNING)
		netif_carrier_off(nv->netdev);
	if (nv->state == NETVSC_DOWN && netif_running(nv->netdev))
		schedule_delayed_work(&nv->reset_work,
				      msecs_to_jiffies(NETVSC_RESET_RETRY_MS));
	netif_device_attach(nv->netdev);
	netvsc_resources_free(nv->resources == new ? old : new);
	refit = was_down && nv->state != NETVSC_DOWN;
	mutex_unlock(&nv->lock);
	if (refit)
		netvsc_refit(nv);

	return err;
}

/* Whether there is still something that only the host can bring in order. */
static bool netvsc_behind(struct netvsc *nv)
{
	bool behind;

	mutex_lock(&nv->lock);
	behind = nv->state != NETVSC_RUNNING || nv->unsettled;
	mutex_unlock(&nv->lock);

	return behind;
}

static int netvsc_catch_up_locked(struct netvsc *nv)
{
	int err;

	mutex_lock(&nv->lock);
	err = netvsc_catch_up(nv);
	mutex_unlock(&nv->lock);

	return err;
}

/**
 * netvsc_reset_work() - make the session with the host anew, as it was
 * @work: &netvsc.reset_work
 *
 * With a session that is as it should be, this tells the host what it has not
 * confirmed. A host that was stuck may not answer this either. Nobody else
 * would try again, so this does, until the user sets the interface down.
 *
 * Context: Process context.
 */
void netvsc_reset_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(to_delayed_work(work), struct netvsc,
					 reset_work);
	bool stuck;
	int err = 0;

	rtnl_lock();
	stuck = xchg(&nv->stuck, false);
	if (!netif_running(nv->netdev) ||
	    READ_ONCE(nv->state) == NETVSC_ASLEEP)
		goto out;
	if (READ_ONCE(nv->state) != NETVSC_RUNNING) {
		err = netvsc_up(nv);
	} else if (stuck) {
		netdev_err(nv->netdev, "the host completes nothing, starting over\n");
		err = netvsc_reconfigure(nv, &nv->config);
	} else {
		netvsc_catch_up_locked(nv);
	}
	if (err)
		netdev_err(nv->netdev, "starting over failed: %d\n", err);
	if (netvsc_behind(nv))
		schedule_delayed_work(&nv->reset_work,
				      msecs_to_jiffies(NETVSC_RESET_RETRY_MS));
out:
	rtnl_unlock();
}

static void netvsc_set_ifalias(struct netvsc *nv)
{
	char name[IFALIASZ];

	if (rndis_filter_query_name(&nv->rndis, name, sizeof(name)))
		return;
	/* What a host calls a NIC to which nobody has given a name. */
	if (!name[0] || !strcmp(name, "Network Adapter"))
		return;
	dev_set_alias(nv->netdev, name, strlen(name));
}

/* What is asked once in a device's life. */
static int netvsc_identify(struct netvsc *nv)
{
	u8 mac[ETH_ALEN];
	int err;

	err = rndis_filter_query_mac(&nv->rndis, mac);
	if (err) {
		dev_err(nv->dev, "host gives no valid MAC address: %d\n", err);
		return err;
	}
	eth_hw_addr_set(nv->netdev, mac);
	netvsc_set_ifalias(nv);
	netvsc_set_hw_features(nv);

	if (nv->nvsp.version < NVSP_VERSION_2)
		nv->netdev->max_mtu = ETH_DATA_LEN;
	if (nv->host_mtu < nv->config.mtu) {
		nv->config.mtu = nv->host_mtu;
		nv->resources->config.mtu = nv->host_mtu;
		nv->netdev->mtu = nv->host_mtu;
	}

	return 0;
}

static void netvsc_default_config(struct netvsc *nv)
{
	struct netvsc_config *config = &nv->config;

	config->ring_bytes = clamp_t(unsigned int, ring_size, NETVSC_MIN_RING,
				     NETVSC_MAX_RING) * NETVSC_RING_UNIT;
	config->recv_bytes = NETVSC_DEFAULT_RECV_BYTES;
	config->send_bytes = NETVSC_DEFAULT_SEND_BYTES;
	config->mtu = ETH_DATA_LEN;
	config->channels = clamp_t(u32, netif_get_num_default_rss_queues(),
				   NETVSC_DEFAULT_CHANNELS,
				   NETVSC_MAX_CHANNELS);
}

static int netvsc_init(struct netvsc *nv, struct net_device *netdev,
		       struct hv_device *hv_dev)
{
	int err;

	nv->netdev = netdev;
	nv->dev = &hv_dev->device;
	nv->primary = hv_dev->channel;
	nv->node = nvb_channel_node(hv_dev->channel);
	nv->state = NETVSC_DOWN;
	nv->host_channels = 1;
	nv->tx_copybreak = NETVSC_TX_COPYBREAK;
	nv->tx_hold_us = NETVSC_TX_HOLD_US;
	nv->tx_hold_ns = NETVSC_TX_HOLD_US * NSEC_PER_USEC;
	nv->rsc_wanted = true;
	nv->ethtool_speed = SPEED_UNKNOWN;
	nv->ethtool_duplex = DUPLEX_UNKNOWN;
	nv->msg_enable = netif_msg_init(debug, NETIF_MSG_DRV | NETIF_MSG_PROBE |
					       NETIF_MSG_LINK | NETIF_MSG_IFUP |
					       NETIF_MSG_IFDOWN |
					       NETIF_MSG_RX_ERR |
					       NETIF_MSG_TX_ERR);
	mutex_init(&nv->lock);
	mutex_init(&nv->subchannel_lock);
	spin_lock_init(&nv->link_lock);
	nv->link_next = jiffies;
	init_completion(&nv->subchannels_done);
	INIT_WORK(&nv->rx_mode_work, netvsc_rx_mode_work);
	INIT_DELAYED_WORK(&nv->reset_work, netvsc_reset_work);
	INIT_DELAYED_WORK(&nv->link_work, netvsc_link_work);
	netvsc_default_config(nv);
	netdev_rss_key_fill(nv->rss.key, sizeof(nv->rss.key));
	err = netvsc_vf_init(nv);
	if (err)
		return err;

	return rndis_filter_create(&nv->rndis, nvb_memory_hidden(nv->primary));
}

static int netvsc_register(struct netvsc *nv)
{
	int err;

	rtnl_lock();
	err = register_netdevice(nv->netdev);
	if (!err) {
		netvsc_map_queues(nv);
		netvsc_vf_start(nv);
	}
	rtnl_unlock();

	return err;
}

/* Ends the session for good; no work item runs afterwards. */
static void netvsc_retire(struct netvsc *nv)
{
	mutex_lock(&nv->lock);
	netvsc_disconnect(nv);
	netvsc_set_state(nv, NETVSC_GONE);
	mutex_unlock(&nv->lock);
	cancel_work_sync(&nv->rx_mode_work);
	cancel_delayed_work_sync(&nv->reset_work);
	cancel_delayed_work_sync(&nv->link_work);
	netvsc_vf_cancel(nv);
}

static void netvsc_release(struct netvsc *nv)
{
	if (nv->resources)
		netvsc_resources_free(nv->resources);
	rndis_filter_destroy(&nv->rndis);
	netvsc_vf_exit(nv);
	netvsc_stats_free(nv);
	free_netdev(nv->netdev);
}

static int netvsc_first_connect(struct netvsc *nv)
{
	int err;

	nv->resources = netvsc_resources_alloc(nv, &nv->config, NULL);
	if (!nv->resources)
		return -ENOMEM;

	mutex_lock(&nv->lock);
	err = netvsc_connect(nv, nv->resources);
	if (!err)
		err = netvsc_identify(nv);
	mutex_unlock(&nv->lock);

	return err;
}

VISIBLE_IF_KUNIT int netvsc_probe(struct hv_device *hv_dev,
				  const struct hv_vmbus_device_id *id)
{
	struct net_device *netdev;
	struct netvsc *nv;
	int err;

	netdev = alloc_etherdev_mq(sizeof(*nv), NETVSC_MAX_CHANNELS);
	if (!netdev)
		return -ENOMEM;

	netif_carrier_off(netdev);
	SET_NETDEV_DEV(netdev, &hv_dev->device);
	nv = netdev_priv(netdev);
	err = netvsc_init(nv, netdev, hv_dev);
	if (err)
		goto err_release;
	netvsc_netdev_init(nv);
	hv_set_drvdata(hv_dev, nv);

	err = netvsc_first_connect(nv);
	if (err) {
		/* What the host did not answer has been said. */
		if (err != -ETIMEDOUT)
			dev_err(nv->dev, "no session with the host: %d\n",
				err);
		goto err_retire;
	}
	err = netvsc_register(nv);
	if (err) {
		dev_err(nv->dev, "cannot register the interface: %d\n", err);
		goto err_retire;
	}
	netvsc_debugfs_add(nv);
	netdev_info(netdev, "NVSP %s, %u of at most %u channels\n",
		    nvsp_version_name(&nv->nvsp),
		    nv->resources->num_queues, netvsc_max_channels(nv));

	return 0;

err_retire:
	hv_set_drvdata(hv_dev, NULL);
	netvsc_retire(nv);
err_release:
	netvsc_release(nv);
	return err;
}

VISIBLE_IF_KUNIT void netvsc_remove(struct hv_device *hv_dev)
{
	struct netvsc *nv = hv_get_drvdata(hv_dev);

	/* Whoever waits for a host that has gone may hold RTNL. */
	if (hv_dev->channel->rescind) {
		nvsp_abort(&nv->nvsp);
		rndis_filter_abort(&nv->rndis);
	}

	netvsc_debugfs_remove(nv);
	rtnl_lock();
	netvsc_vf_stop(nv);
	rtnl_unlock();
	unregister_netdev(nv->netdev);
	netvsc_retire(nv);
	hv_set_drvdata(hv_dev, NULL);
	netvsc_release(nv);
}

NVB_WRAP_HV_REMOVE(netvsc_remove);

/**
 * netvsc_fall_asleep() - end the session, since VMBus is about to be left
 * @hv_dev: the device
 *
 * For hibernation: before the memory's image is made, before the machine goes
 * off, and in the kernel that gives way to the image. Memory and configuration
 * stay, but the host is about to forget which of it is shared. Nobody can
 * reconfigure the interface until it wakes up again.
 *
 * Context: Process context, while user space is frozen; interrupts of VMBus
 * still come. Every wait for the host is bounded.
 * Return: 0.
 */
VISIBLE_IF_KUNIT int netvsc_fall_asleep(struct hv_device *hv_dev)
{
	struct netvsc *nv = hv_get_drvdata(hv_dev);

	rtnl_lock();
	mutex_lock(&nv->lock);
	netif_device_detach(nv->netdev);
	if (nv->state == NETVSC_RUNNING)
		netvsc_stop_traffic(nv);
	netvsc_unmap_queues(nv);
	netvsc_disconnect(nv);
	netvsc_set_state(nv, NETVSC_ASLEEP);
	mutex_unlock(&nv->lock);
	rtnl_unlock();

	return 0;
}

/**
 * netvsc_wake_up() - make the session anew, as the user has set it up
 * @hv_dev: the device, after netvsc_fall_asleep()
 *
 * The host may be another one, or not want us. That does not keep the machine
 * from waking up: the interface then has no carrier, and goes on trying.
 *
 * Context: Process context, while user space is frozen. Every wait for the
 * host is bounded.
 * Return: 0.
 */
VISIBLE_IF_KUNIT int netvsc_wake_up(struct hv_device *hv_dev)
{
	struct netvsc *nv = hv_get_drvdata(hv_dev);
	struct net_device *dev = nv->netdev;
	int err;

	rtnl_lock();
	mutex_lock(&nv->lock);
	netvsc_set_state(nv, NETVSC_DOWN);
	mutex_unlock(&nv->lock);

	err = netif_running(dev) ? netvsc_up(nv) : netvsc_recover(nv);
	if (err)
		netdev_err(dev, "no session with the host after sleep: %d\n",
			   err);
	if (nv->state != NETVSC_RUNNING)
		netif_carrier_off(dev);
	netif_device_attach(dev);
	if (!err)
		netvsc_refit_mtu(nv);
	if (err && netif_running(dev))
		schedule_delayed_work(&nv->reset_work,
				      msecs_to_jiffies(NETVSC_RESET_RETRY_MS));
	rtnl_unlock();

	return 0;
}

static const struct hv_vmbus_device_id netvsc_id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, netvsc_id_table);

static struct hv_driver netvsc_driver = {
	.name = NETVSC_DRIVER_NAME,
	.id_table = netvsc_id_table,
	.probe = netvsc_probe,
	.remove = NVB_HV_REMOVE(netvsc_remove),
	.suspend = netvsc_fall_asleep,
	.resume = netvsc_wake_up,
	.driver = {
		/* Interface names follow the order of the devices. */
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static int __init netvsc_module_init(void)
{
	int err;

	if (ring_size < NETVSC_MIN_RING || ring_size > NETVSC_MAX_RING)
		pr_info("ring_size %u is out of range, the nearest is used\n",
			ring_size);

	netvsc_debugfs_init();
	err = netvsc_vf_register_notifier();
	if (err)
		goto err_debugfs;
	err = nvb_driver_register(&netvsc_driver);
	if (err)
		goto err_notifier;

	return 0;

err_notifier:
	netvsc_vf_unregister_notifier();
err_debugfs:
	netvsc_debugfs_exit();
	return err;
}
module_init(netvsc_module_init);

static void __exit netvsc_module_exit(void)
{
	vmbus_driver_unregister(&netvsc_driver);
	netvsc_vf_unregister_notifier();
	netvsc_debugfs_exit();
}
module_exit(netvsc_module_exit);

MODULE_DESCRIPTION("Microsoft Hyper-V network driver");
MODULE_VERSION(NETVSC_VERSION);
MODULE_LICENSE("GPL");
