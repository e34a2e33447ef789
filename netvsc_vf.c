// SPDX-License-Identifier: GPL-2.0
/*
 * SR-IOV: the virtual function (VF) of a network card that a host puts beneath
 * a synthetic NIC.
 *
 * Two things come from the host, in any order and minutes apart: the
 * association, a message that there is a VF and what its serial is, and the
 * function itself, on a PCI bus. Once the function has a network interface that
 * fits, that becomes the lower one of ours, and is made like it. When both are
 * there, and the VF is up and has a carrier, the host is asked to move the data
 * path. From then on frames go out by the VF; whatever it receives is received
 * by our interface at any time.
 *
 * Back to the synthetic path it goes the other way round: first no frame is
 * sent by the VF any more, then the host is told.
 *
 * User space wants to name the interface before it is up, so it is given
 * NETVSC_VF_NAMING before it is taken over; one that is there before ours has
 * its name already.
 *
 * Everything about interfaces is under RTNL. Notifiers may be called with the
 * VF's own lock held, where it has one, and therefore do nothing that would
 * take it: that is left to the work item.
 */
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "vmbus_glue/compat.h"
#include "vmbus_glue/pages.h"
#include "kunit/visible.h"
#include "netvsc.h"
#include "netvsc_trace.h"

/* From the registration of a VF until it is taken over. */
#define NETVSC_VF_NAMING	(HZ / 10)
/* Between looks at a VF that is asleep. */
#define NETVSC_VF_ASLEEP	HZ
/* Between attempts at a data path that the host did not move; then doubled. */
#define NETVSC_VF_RETRY		(60 * HZ)
#define NETVSC_VF_MAX_RETRY	(960 * HZ)

/* The NICs that can have a VF; under RTNL. */
static LIST_HEAD(netvsc_vf_nics);

static struct netvsc *netvsc_vf_nic(struct netvsc_vf *vf)
{
	return container_of(vf, struct netvsc, vf);
}

/* Pairing */

/**
 * netvsc_vf_identify() - by what an interface is known, if it can be a VF
 * @dev: the interface; being registered, or registered
 * @id: filled in
 *
 * Interfaces on top of a VF have its address, and no PCI device. Before it is
 * registered an interface has no permanent address yet.
 *
 * Context: Process context, holding RTNL.
 * Return: whether it can be a VF.
 */
VISIBLE_IF_KUNIT bool netvsc_vf_identify(const struct net_device *dev,
					 struct netvsc_vf_id *id)
{
	const struct device *parent = dev->dev.parent;
	const struct pci_slot *slot;

	KUNIT_STATIC_STUB_REDIRECT(netvsc_vf_identify, dev, id);

	if (!parent || !dev_is_pci(parent) || dev->type != ARPHRD_ETHER ||
	    dev->addr_len != ETH_ALEN || is_vlan_dev(dev) ||
	    netif_is_bond_master(dev))
		return false;

	ether_addr_copy(id->address, is_zero_ether_addr(dev->perm_addr) ?
				     dev->dev_addr : dev->perm_addr);
	slot = to_pci_dev(parent)->slot;
	id->has_serial = slot && !kstrtou32(pci_slot_name(slot), 10,
					    &id->serial);

	return true;
}

/**
 * netvsc_vf_rank() - how well a VF and a NIC fit
 * @nv: the NIC
 * @id: of the VF
 *
 * A card may give several VFs with one serial, each for another NIC, so the
 * serial alone says nothing. The association may be yet to come, so the address
 * alone has to do.
 *
 * Context: Process context, holding RTNL.
 * Return: how well.
 */
VISIBLE_IF_KUNIT enum netvsc_vf_match
netvsc_vf_rank(const struct netvsc *nv, const struct netvsc_vf_id *id)
{
	const struct netvsc_vf *vf = &nv->vf;

	if (!ether_addr_equal(id->address, nv->netdev->perm_addr))
		return NETVSC_VF_OTHER;
	if (id->has_serial && READ_ONCE(vf->allocated) &&
	    READ_ONCE(vf->serial) == id->serial)
		return NETVSC_VF_SERIAL;

	return NETVSC_VF_ADDRESS;
}

/* The NIC that an interface belongs beneath, or NULL. */
static struct netvsc *netvsc_vf_owner(const struct net_device *dev)
{
	enum netvsc_vf_match rank, best = NETVSC_VF_OTHER;
	struct netvsc *owner = NULL;
	struct netvsc_vf_id id;
	struct netvsc_vf *vf;

	if (list_empty(&netvsc_vf_nics) || !netvsc_vf_identify(dev, &id))
		return NULL;

	list_for_each_entry(vf, &netvsc_vf_nics, node) {
		rank = netvsc_vf_rank(netvsc_vf_nic(vf), &id);
		if (rank > best) {
			best = rank;
			owner = netvsc_vf_nic(vf);
		}
	}

	return owner;
}

/* The NIC that an interface is beneath, or NULL. */
static struct netvsc *netvsc_vf_above(const struct net_device *dev)
{
	struct netvsc_vf *vf;

	list_for_each_entry(vf, &netvsc_vf_nics, node) {
		if (rcu_access_pointer(vf->dev) == dev)
			return netvsc_vf_nic(vf);
	}

	return NULL;
}

/* An interface, of whatever namespace, that belongs beneath this NIC. */
static struct net_device *netvsc_vf_find(const struct netvsc *nv)
{
	struct net_device *dev;
	struct net *net;

	ASSERT_RTNL();

	/* The list of namespaces has a lock of its own. */
	rcu_read_lock();
	for_each_net_rcu(net) {
		for_each_netdev_rcu(net, dev) {
			if (dev->reg_state == NETREG_REGISTERED &&
			    netvsc_vf_owner(dev) == nv) {
				rcu_read_unlock();
				return dev;
			}
		}
	}
	rcu_read_unlock();

	return NULL;
}

/* The data path */

/* Whether the VF can carry frames: the VF, or NULL. */
static struct net_device *netvsc_vf_wanted(struct netvsc *nv)
{
	struct net_device *dev = rtnl_dereference(nv->vf.dev);
	struct netvsc_vf *vf = &nv->vf;

	if (!dev || !vf->ready || vf->no_xdp || nv->state != NETVSC_RUNNING ||
	    !READ_ONCE(vf->allocated) || READ_ONCE(vf->refused) ||
	    !netif_running(dev) || !netif_carrier_ok(dev))
		return NULL;
	if (!netif_device_present(dev)) {
		/* Nobody is told when it is back. */
		schedule_delayed_work(&vf->setup_work, NETVSC_VF_ASLEEP);
		return NULL;
	}

	return dev;
}

/* Nobody has begun to send by the VF since. */
static void netvsc_vf_unpath(struct netvsc_vf *vf)
{
	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(vf->path, NULL);
	spin_unlock_bh(&vf->lock);
}

static void netvsc_vf_to_synthetic(struct netvsc *nv)
{
	struct netvsc_vf *vf = &nv->vf;

	lockdep_assert_held(&nv->lock);

	netvsc_vf_unpath(vf);
	if (!vf->told)
		return;
	vf->told = false;
	nvsp_switch_data_path(&nv->nvsp, false);
	trace_vf_path(nv->dev, false);
	/* Azure's documentation has its readers look for these words. */
	if (net_ratelimit())
		netdev_info(nv->netdev, "Data path switched from VF\n");
}

/* Frames of a burst that began on the synthetic path do not wait for more. */
static void netvsc_vf_settle_queues(struct netvsc *nv)
{
	struct netvsc_resources *res = nv->resources;
	u32 i;

	for (i = 0; i < res->num_queues; i++)
		netvsc_tx_settle(res->queue[i]);
}

/*
 * The host had its chance; another comes later, and ever later. If it has spoken
 * of its VF since, which @said tells, that is one, and news_work takes it.
 */
static void netvsc_vf_not_moved(struct netvsc *nv, u32 said, int err)
{
	struct netvsc_vf *vf = &nv->vf;

	if (err == -ENODEV)
		return;

	/* A host that goes on speaking of its VF can have this again and again. */
	if (net_ratelimit())
		netdev_warn(nv->netdev, "host does not move the data path to the VF: %d\n",
			    err);
	spin_lock_bh(&vf->lock);
	vf->refused = vf->said == said;
	spin_unlock_bh(&vf->lock);
	schedule_delayed_work(&vf->setup_work, READ_ONCE(vf->retry));
	WRITE_ONCE(vf->retry, min_t(unsigned long, 2 * vf->retry,
				    NETVSC_VF_MAX_RETRY));
}

static void netvsc_vf_to_vf(struct netvsc *nv, struct net_device *dev)
{
	struct netvsc_vf *vf = &nv->vf;
	u32 backs = READ_ONCE(vf->backs), said = READ_ONCE(vf->said);
	bool moved = false;
	int err;

	lockdep_assert_held(&nv->lock);

	err = nvsp_switch_data_path(&nv->nvsp, true);
	if (err) {
		vf->told = false;
		netvsc_vf_not_moved(nv, said, err);
		return;
	}

	spin_lock_bh(&vf->lock);
	/* The host may have changed its mind since. */
	vf->told = vf->backs == backs;
	if (vf->told && vf->allocated) {
		rcu_assign_pointer(vf->path, dev);
		moved = true;
	}
	spin_unlock_bh(&vf->lock);
	if (!moved)
		return;
	trace_vf_path(nv->dev, true);
	netvsc_vf_settle_queues(nv);
	if (net_ratelimit())
		netdev_info(nv->netdev, "Data path switched to VF: %s\n",
			    dev->name);
}

/* The host has another chance. */
static void netvsc_vf_forgive(struct netvsc_vf *vf)
{
	spin_lock_bh(&vf->lock);
	vf->refused = false;
	spin_unlock_bh(&vf->lock);
}

/**
 * netvsc_vf_leave_path() - have frames go by the synthetic path
 * @nv: the NIC, connected
 *
 * Context: Process context, holding RTNL and @nv->lock. Waits for the host as
 * long as nvsp_switch_data_path().
 */
void netvsc_vf_leave_path(struct netvsc *nv)
{
	ASSERT_RTNL();

	netvsc_vf_to_synthetic(nv);
}

/**
 * netvsc_vf_update_path() - have frames go as they should by now
 * @nv: the NIC
 *
 * Context: Process context, holding RTNL. Waits for the host as long as
 * nvsp_switch_data_path().
 */
void netvsc_vf_update_path(struct netvsc *nv)
{
	struct netvsc_vf *vf = &nv->vf;
	struct net_device *dev;

	ASSERT_RTNL();

	mutex_lock(&nv->lock);
	dev = netvsc_vf_wanted(nv);
	if (!dev)
		netvsc_vf_to_synthetic(nv);
	else if (!vf->told || rcu_access_pointer(vf->path) != dev)
		netvsc_vf_to_vf(nv, dev);
	mutex_unlock(&nv->lock);
}

/**
 * netvsc_vf_new_session() - a host has not said anything of a VF yet
 * @nv: the NIC, about to be connected
 *
 * Context: Process context, holding @nv->lock.
 */
void netvsc_vf_new_session(struct netvsc *nv)
{
	struct netvsc_vf *vf = &nv->vf;

	lockdep_assert_held(&nv->lock);

	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(vf->path, NULL);
	vf->told = false;
	vf->allocated = false;
	vf->refused = false;
	vf->retry = NETVSC_VF_RETRY;
	spin_unlock_bh(&vf->lock);
}

/**
 * netvsc_vf_session_ready() - frames flow, and may do so by the VF
 * @nv: the NIC, running
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_session_ready(struct netvsc *nv)
{
	/* What waits for RTNL comes after what holds it. */
	if (rtnl_dereference(nv->vf.dev))
		schedule_work(&nv->vf.news_work);
}

/**
 * netvsc_vf_association() - the host says whether there is a VF
 * @nv: the NIC
 * @allocated: whether there is
 * @serial: its serial
 *
 * Said again, it is another chance for a host that did not move the data path.
 *
 * Context: NAPI poll.
 */
void netvsc_vf_association(struct netvsc *nv, bool allocated, u32 serial)
{
	struct netvsc_vf *vf = &nv->vf;

	trace_vf_association(nv->dev, allocated, serial);
	spin_lock_bh(&vf->lock);
	vf->allocated = allocated;
	if (allocated) {
		vf->serial = serial;
		vf->said++;
		vf->refused = false;
		WRITE_ONCE(vf->retry, NETVSC_VF_RETRY);
	} else {
		RCU_INIT_POINTER(vf->path, NULL);
	}
	spin_unlock_bh(&vf->lock);
	schedule_work(&vf->news_work);
}

/**
 * netvsc_vf_taken_back() - the host has moved the data path off the VF
 * @nv: the NIC
 *
 * It does so before the VF goes, or when it cannot use it, and then also just
 * after it has completed our request.
 *
 * Context: NAPI poll.
 */
void netvsc_vf_taken_back(struct netvsc *nv)
{
	struct netvsc_vf *vf = &nv->vf;

	trace_vf_path(nv->dev, false);
	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(vf->path, NULL);
	vf->backs++;
	vf->told = false;
	vf->refused = true;
	spin_unlock_bh(&vf->lock);
	schedule_delayed_work(&vf->setup_work, READ_ONCE(vf->retry));
}

/* Receiving and sending */

/* In place of the stack: what a VF receives is received by the NIC above it. */
static rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);
	struct netvsc_vf_stats *stats;
	struct netvsc *nv;

	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	nv = rcu_dereference(skb->dev->rx_handler_data);
	skb->dev = nv->netdev;

	stats = this_cpu_ptr(nv->vf.stats);
	u64_stats_update_begin(&stats->rx_sync);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_add(&stats->rx_bytes, skb->len);
	u64_stats_update_end(&stats->rx_sync);

	return RX_HANDLER_ANOTHER;
}

static void netvsc_vf_count_sent(struct netvsc *nv, u32 packets, u32 bytes,
				 u32 dropped)
{
	struct netvsc_vf_stats *stats = this_cpu_ptr(nv->vf.stats);

	u64_stats_update_begin(&stats->tx_sync);
	u64_stats_add(&stats->tx_packets, packets);
	u64_stats_add(&stats->tx_bytes, bytes);
	if (unlikely(dropped))
		u64_stats_add(&stats->tx_dropped, dropped);
	u64_stats_update_end(&stats->tx_sync);
}

/**
 * netvsc_vf_xmit() - send a frame by the VF
 * @nv: the NIC
 * @via: the VF
 * @skb: the frame
 *
 * It waits in the queues of the VF, if it has to, and not in those of the NIC.
 *
 * Context: Under the lock of a transmit queue of the NIC, softirqs disabled.
 * Return: NETDEV_TX_OK
 */
netdev_tx_t netvsc_vf_xmit(struct netvsc *nv, struct net_device *via,
			   struct sk_buff *skb)
{
	u32 bytes;
	int ret;

	/* The stack may go on with its own, and changes what we hand on. */
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		netvsc_vf_count_sent(nv, 0, 0, 1);
		return NETDEV_TX_OK;
	}
	bytes = skb->len;
	skb->dev = via;
	ret = dev_queue_xmit(skb);
	if (likely(ret == NET_XMIT_SUCCESS || ret == NET_XMIT_CN))
		netvsc_vf_count_sent(nv, 1, bytes, 0);
	else
		netvsc_vf_count_sent(nv, 0, 0, 1);

	return NETDEV_TX_OK;
}

/**
 * netvsc_vf_bypassed() - a frame did not go by the VF, which is in use
 * @nv: the NIC
 *
 * Of a link that is down the kernel tells once in a second, and until then the
 * host gives the VF what is for us.
 *
 * Context: As netvsc_vf_xmit(), but from any interrupt context.
 */
void netvsc_vf_bypassed(struct netvsc *nv)
{
	/* That was netpoll, which always does. */
	if (!irqs_disabled())
		schedule_work(&nv->vf.news_work);
}

/**
 * netvsc_vf_select_queue() - choose a queue as the VF does
 * @via: the VF
 * @skb: a frame that will go that way
 *
 * So a flow's queue is the same with both, which is remembered with its socket.
 *
 * Context: Any, in an RCU read section.
 * Return: a queue of @via.
 */
u16 netvsc_vf_select_queue(struct net_device *via, struct sk_buff *skb)
{
	const struct net_device_ops *ops = via->netdev_ops;

	if (ops->ndo_select_queue)
		return ops->ndo_select_queue(via, skb, NULL);

	return netdev_pick_tx(via, skb, NULL);
}

/**
 * netvsc_vf_xdp_xmit() - send redirected frames by the VF
 * @nv: the NIC
 * @via: the VF
 * @n: how many
 * @frames: the frames
 * @flags: XDP_XMIT_*
 *
 * Context: Softirq.
 * Return: frames sent, or a negative errno; -EOPNOTSUPP: the VF takes no such
 * frames, and none was touched.
 */
int netvsc_vf_xdp_xmit(struct netvsc *nv, struct net_device *via, int n,
		       struct xdp_frame **frames, u32 flags)
{
	u32 bytes = 0;
	int i, sent;

	if (!via->netdev_ops->ndo_xdp_xmit)
		return -EOPNOTSUPP;
	for (i = 0; i < n; i++) {
		if (xdp_frame_has_frags(frames[i]))
			return -EOPNOTSUPP;
		bytes += frames[i]->len;
	}
	sent = via->netdev_ops->ndo_xdp_xmit(via, n, frames, flags);
	/* What it does not take are the last ones, and hardly ever any. */
	if (likely(sent == n))
		netvsc_vf_count_sent(nv, n, bytes, 0);
	else
		netvsc_vf_count_sent(nv, max(sent, 0), 0, n - max(sent, 0));

	return sent == -EOPNOTSUPP ? -ENXIO : sent;
}

/* Settings */

/* The VF, once it is set up like the NIC. */
static struct net_device *netvsc_vf_ready(const struct netvsc *nv)
{
	ASSERT_RTNL();

	return nv->vf.ready ? rtnl_dereference(nv->vf.dev) : NULL;
}

/**
 * netvsc_vf_open() - the NIC is up, so is its VF
 * @nv: the NIC
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_open(struct netvsc *nv)
{
	struct net_device *dev = netvsc_vf_ready(nv);
	int err;

	if (!dev)
		return;
	err = dev_open(dev, NULL);
	if (err)
		netdev_warn(nv->netdev, "VF %s cannot be opened: %d\n",
			    dev->name, err);
}

/**
 * netvsc_vf_close() - the NIC goes down, so does its VF
 * @nv: the NIC, still up
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_close(struct netvsc *nv)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	if (dev)
		dev_close(dev);
}

/**
 * netvsc_vf_set_mtu() - give the VF an MTU
 * @nv: the NIC
 * @mtu: bytes
 *
 * Context: Process context, holding RTNL.
 * Return: 0, also without a VF, or a negative errno.
 */
int netvsc_vf_set_mtu(struct netvsc *nv, u32 mtu)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	return dev ? dev_set_mtu(dev, mtu) : 0;
}

/**
 * netvsc_vf_set_mac() - give the VF an address
 * @nv: the NIC
 * @address: the address
 *
 * Context: Process context, holding RTNL.
 * Return: 0, also without a VF, or a negative errno.
 */
int netvsc_vf_set_mac(struct netvsc *nv, const u8 *address)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	if (!dev || ether_addr_equal(dev->dev_addr, address))
		return 0;

	return nvb_set_mac_address(dev, address);
}

static void netvsc_vf_mirror_features(struct netvsc *nv, struct net_device *dev,
				      netdev_features_t features)
{
	const netdev_features_t both = nv->netdev->hw_features &
				       dev->hw_features;

	nvb_lock_ops(dev);
	dev->wanted_features &= ~both;
	dev->wanted_features |= features & both;
	netdev_update_features(dev);
	nvb_unlock_ops(dev);
}

/**
 * netvsc_vf_set_features() - switch on and off what both can do
 * @nv: the NIC
 * @features: that are on
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_set_features(struct netvsc *nv, netdev_features_t features)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	if (dev)
		netvsc_vf_mirror_features(nv, dev, features);
}

static void netvsc_vf_mirror_flags(struct netvsc *nv, struct net_device *dev,
				   unsigned int flags)
{
	struct netvsc_vf *vf = &nv->vf;
	bool promisc = flags & IFF_PROMISC, allmulti = flags & IFF_ALLMULTI;

	if (promisc != vf->promisc) {
		vf->promisc = promisc;
		dev_set_promiscuity(dev, promisc ? 1 : -1);
	}
	if (allmulti != vf->allmulti) {
		vf->allmulti = allmulti;
		dev_set_allmulti(dev, allmulti ? 1 : -1);
	}
}

/**
 * netvsc_vf_set_flags() - the NIC has, or has not, to receive everything
 * @nv: the NIC
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_set_flags(struct netvsc *nv)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	if (dev)
		netvsc_vf_mirror_flags(nv, dev, nv->netdev->flags);
}

/**
 * netvsc_vf_set_addresses() - the addresses that the NIC receives have changed
 * @nv: the NIC
 *
 * Context: Any but hard interrupt, holding the NIC's lock of addresses.
 */
void netvsc_vf_set_addresses(struct netvsc *nv)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = rcu_dereference(nv->vf.dev);
	if (dev) {
		dev_uc_sync(dev, nv->netdev);
		dev_mc_sync(dev, nv->netdev);
	}
	rcu_read_unlock();
}

/* A VF that does not run the NIC's program would lead frames past it. */
static void netvsc_vf_mirror_xdp(struct netvsc *nv, struct net_device *dev,
				 struct bpf_prog *prog)
{
	struct netvsc_vf *vf = &nv->vf;
	int err = nvb_xdp_propagate(dev, prog);

	vf->no_xdp = err && (prog || vf->has_prog);
	if (!err)
		vf->has_prog = prog;
	if (vf->no_xdp)
		netdev_warn(nv->netdev, "VF %s does not take the XDP program (%d), so it is not used\n",
			    dev->name, err);
}

/**
 * netvsc_vf_set_xdp() - have the VF run a program
 * @nv: the NIC
 * @prog: the program, or NULL
 *
 * If it does not, the data path is synthetic while the program is there.
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_set_xdp(struct netvsc *nv, struct bpf_prog *prog)
{
	struct net_device *dev = netvsc_vf_ready(nv);

	if (!dev)
		return;
	netvsc_vf_mirror_xdp(nv, dev, prog);
	netvsc_vf_update_path(nv);
}

/**
 * netvsc_vf_set_limits() - the longest frames that both ways can segment
 * @nv: the NIC; its limits have changed, or its VF has come or gone
 *
 * Frames begin with the room that the VF needs, lest each is copied.
 *
 * Context: Process context, holding RTNL once the interface is registered.
 */
void netvsc_vf_set_limits(struct netvsc *nv)
{
	struct net_device *dev = rcu_dereference_protected(nv->vf.dev, true);
	u32 now = nvb_tso_max_size(nv->netdev), size = nv->tso_max;

	if (dev)
		size = min(size, nvb_tso_max_size(dev));
	WRITE_ONCE(nv->netdev->needed_headroom, dev ? dev->needed_headroom : 0);
	if (size > now)
		nvb_raise_tso_max_size(nv->netdev, now, size);
	else
		netif_set_tso_max_size(nv->netdev, size);
}

/**
 * netvsc_vf_get_link() - ask the VF for the settings of its link
 * @nv: the NIC
 * @cmd: filled in
 *
 * Context: Process context, holding RTNL.
 * Return: 0, -ENODEV without a VF, or another negative errno.
 */
int netvsc_vf_get_link(struct netvsc *nv, struct ethtool_link_ksettings *cmd)
{
	struct net_device *dev = netvsc_vf_ready(nv);
	int err;

	if (!dev)
		return -ENODEV;
	nvb_lock_ops(dev);
	err = __ethtool_get_link_ksettings(dev, cmd);
	nvb_unlock_ops(dev);

	return err;
}

/**
 * netvsc_vf_set_link() - change the settings of the VF's link
 * @nv: the NIC
 * @cmd: the settings
 *
 * Context: Process context, holding RTNL.
 * Return: 0, -ENODEV without a VF, or another negative errno.
 */
int netvsc_vf_set_link(struct netvsc *nv,
		       const struct ethtool_link_ksettings *cmd)
{
	struct net_device *dev = netvsc_vf_ready(nv);
	int err;

	if (!dev)
		return -ENODEV;
	if (!dev->ethtool_ops->set_link_ksettings)
		return -EOPNOTSUPP;
	nvb_lock_ops(dev);
	err = dev->ethtool_ops->set_link_ksettings(dev, cmd);
	nvb_unlock_ops(dev);

	return err;
}

/* Coming and going */

/* Makes a VF like its NIC. What it refuses is said, and left at that. */
static void netvsc_vf_setup(struct netvsc *nv, struct net_device *dev)
{
	struct net_device *upper = nv->netdev;
	struct netvsc_vf *vf = &nv->vf;
	struct bpf_prog *prog = rtnl_dereference(nv->xdp_prog);
	int err;

	vf->ready = true;
	err = netvsc_vf_set_mtu(nv, upper->mtu);
	if (err)
		netdev_warn(upper, "VF %s does not take the MTU %u: %d\n",
			    dev->name, upper->mtu, err);
	err = netvsc_vf_set_mac(nv, upper->dev_addr);
	if (err)
		netdev_warn(upper, "VF %s does not take the address %pM: %d\n",
			    dev->name, upper->dev_addr, err);
	netif_addr_lock_bh(upper);
	netvsc_vf_set_addresses(nv);
	netif_addr_unlock_bh(upper);
	netvsc_vf_set_flags(nv);
	netvsc_vf_set_features(nv, upper->features);
	if (prog || vf->has_prog)
		netvsc_vf_mirror_xdp(nv, dev, prog);
	if (netif_running(upper))
		netvsc_vf_open(nv);
}

static void netvsc_vf_set_slave(struct net_device *dev, bool on)
{
	if (on)
		dev->flags |= IFF_SLAVE;
	else
		dev->flags &= ~IFF_SLAVE;
	nvb_set_no_addrconf(dev, on);
}

static int netvsc_vf_join(struct netvsc *nv, struct net_device *dev)
{
	struct netvsc_vf *vf = &nv->vf;
	int err;

	err = netdev_rx_handler_register(dev, netvsc_vf_receive, nv);
	if (err)
		goto err_say;
	err = netdev_master_upper_dev_link(dev, nv->netdev, NULL, NULL, NULL);
	if (err)
		goto err_unregister;

	netvsc_vf_set_slave(dev, true);
	nvb_allow_live_rename(dev);
	dev_hold(dev);
	vf->ready = false;
	vf->no_xdp = false;
	rcu_assign_pointer(vf->dev, dev);
	netvsc_vf_set_limits(nv);
	call_netdevice_notifiers(NETDEV_JOIN, dev);
	netdev_info(nv->netdev, "VF %s is beneath it\n", dev->name);

	return 0;

err_unregister:
	netdev_rx_handler_unregister(dev);
err_say:
	netdev_err(nv->netdev, "VF %s cannot be used: %d\n", dev->name, err);
	return err;
}

/* Undoes what was done to a VF that stays, without us. */
static void netvsc_vf_restore(struct netvsc *nv, struct net_device *dev)
{
	netvsc_vf_mirror_flags(nv, dev, 0);
	if (nv->vf.has_prog)
		nvb_xdp_propagate(dev, NULL);
	nv->vf.has_prog = false;
}

/*
 * A VF that changes its namespace, and no other, will be here again: it keeps
 * what only its own lock allows to change.
 */
static void netvsc_vf_leave(struct netvsc *nv, struct net_device *dev)
{
	struct netvsc_vf *vf = &nv->vf;

	mutex_lock(&nv->lock);
	netvsc_vf_to_synthetic(nv);
	mutex_unlock(&nv->lock);
	vf->ready = false;
	RCU_INIT_POINTER(vf->dev, NULL);
	dev_uc_unsync(dev, nv->netdev);
	dev_mc_unsync(dev, nv->netdev);
	netdev_upper_dev_unlink(dev, nv->netdev);
	/* Waits for those who still send or receive by it. */
	netdev_rx_handler_unregister(dev);
	netvsc_vf_set_limits(nv);
	netdev_info(nv->netdev, "VF %s has gone\n", dev->name);
	dev_put(dev);
}

/* Has a VF that may be anywhere join, where the NIC is. */
static void netvsc_vf_gather(struct netvsc *nv)
{
	struct net_device *dev = rtnl_dereference(nv->vf.dev);
	struct net *net = dev_net(nv->netdev);
	int err;

	if (!dev)
		dev = netvsc_vf_find(nv);
	if (!dev)
		return;
	if (!net_eq(dev_net(dev), net)) {
		/* It leaves, and joins again by the notifier. */
		err = dev_change_net_namespace(dev, net, "eth%d");
		if (err)
			netdev_err(nv->netdev, "VF %s cannot come into its namespace: %d\n",
				   dev->name, err);
	} else if (!rcu_access_pointer(nv->vf.dev)) {
		netvsc_vf_join(nv, dev);
	}
}

static bool netvsc_vf_listed(const struct netvsc *nv)
{
	return !list_empty(&nv->vf.node);
}

/**
 * netvsc_vf_setup_work() - take a VF over, or try again with one
 * @work: &netvsc_vf.setup_work
 *
 * Context: Process context.
 */
VISIBLE_IF_KUNIT void netvsc_vf_setup_work(struct work_struct *work)
{
	struct netvsc_vf *vf = container_of(to_delayed_work(work),
					    struct netvsc_vf, setup_work);
	struct netvsc *nv = netvsc_vf_nic(vf);
	struct net_device *before, *dev;

	rtnl_lock();
	if (!netvsc_vf_listed(nv))
		goto out;
	/* Opening the VF is the first attempt, so not after that. */
	netvsc_vf_forgive(vf);
	before = rtnl_dereference(vf->dev);
	netvsc_vf_gather(nv);
	dev = rtnl_dereference(vf->dev);
	if (!dev)
		goto out;
	if (before && !vf->ready && net_eq(dev_net(dev), dev_net(nv->netdev)))
		netvsc_vf_setup(nv, dev);
	else if (!vf->ready)
		schedule_delayed_work(&vf->setup_work, NETVSC_VF_NAMING);
	netvsc_vf_update_path(nv);
out:
	rtnl_unlock();
}

/**
 * netvsc_vf_news_work() - deal with what the host says
 * @work: &netvsc_vf.news_work
 *
 * A VF that could not join is tried again.
 *
 * Context: Process context.
 */
VISIBLE_IF_KUNIT void netvsc_vf_news_work(struct work_struct *work)
{
	struct netvsc_vf *vf = container_of(work, struct netvsc_vf, news_work);
	struct netvsc *nv = netvsc_vf_nic(vf);

	rtnl_lock();
	if (netvsc_vf_listed(nv)) {
		if (!rtnl_dereference(vf->dev))
			schedule_delayed_work(&vf->setup_work, 0);
		netvsc_vf_update_path(nv);
	}
	rtnl_unlock();
}

/* Sooner than it may have been put off to. */
static void netvsc_vf_hurry(struct netvsc_vf *vf, unsigned long delay)
{
	cancel_delayed_work(&vf->setup_work);
	schedule_delayed_work(&vf->setup_work, delay);
}

/* Before an interface is there, so that nobody gives it addresses. */
static void netvsc_vf_announced(struct net_device *dev)
{
	if (!netvsc_vf_owner(dev))
		return;
	netvsc_vf_set_slave(dev, true);
	nvb_allow_live_rename(dev);
}

static void netvsc_vf_appeared(struct net_device *dev)
{
	struct netvsc *nv = netvsc_vf_owner(dev);

	if (!nv || rcu_access_pointer(nv->vf.dev))
		return;
	if (!net_eq(dev_net(dev), dev_net(nv->netdev)))
		netvsc_vf_hurry(&nv->vf, 0);
	else if (!netvsc_vf_join(nv, dev))
		netvsc_vf_hurry(&nv->vf, NETVSC_VF_NAMING);
}

static void netvsc_vf_gone(struct netvsc *nv, struct net_device *dev)
{
	/* The kernel knows nothing of a program that we have put there. */
	if (dev->reg_state != NETREG_REGISTERED)
		netvsc_vf_restore(nv, dev);
	netvsc_vf_leave(nv, dev);
}

/* A link that comes back is a reason to ask the host again. */
static void netvsc_vf_changed(struct netvsc *nv, struct net_device *dev)
{
	struct netvsc_vf *vf = &nv->vf;

	if (netif_running(dev) && netif_carrier_ok(dev) && !vf->told)
		netvsc_vf_forgive(vf);
	netvsc_vf_update_path(nv);
}

static void netvsc_vf_going_down(struct netvsc *nv)
{
	mutex_lock(&nv->lock);
	netvsc_vf_to_synthetic(nv);
	mutex_unlock(&nv->lock);
}

/* What happens to a VF that is beneath a NIC. */
static void netvsc_vf_event(struct netvsc *nv, struct net_device *dev,
			    unsigned long event)
{
	switch (event) {
	case NETDEV_UNREGISTER:
		netvsc_vf_gone(nv, dev);
		break;
	case NETDEV_GOING_DOWN:
		netvsc_vf_going_down(nv);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		netvsc_vf_changed(nv, dev);
		break;
	}
}

static int netvsc_vf_notify(struct notifier_block *block, unsigned long event,
			    void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct netvsc *nv;

	if (list_empty(&netvsc_vf_nics))
		return NOTIFY_DONE;

	if (dev->netdev_ops == &netvsc_netdev_ops) {
		/* It has changed its namespace; the VF follows. */
		nv = netdev_priv(dev);
		if (event == NETDEV_REGISTER && netvsc_vf_listed(nv))
			netvsc_vf_hurry(&nv->vf, 0);
		return NOTIFY_DONE;
	}

	nv = netvsc_vf_above(dev);
	if (nv)
		netvsc_vf_event(nv, dev, event);
	else if (event == NETDEV_POST_INIT)
		netvsc_vf_announced(dev);
	else if (event == NETDEV_REGISTER)
		netvsc_vf_appeared(dev);

	return NOTIFY_DONE;
}

static struct notifier_block netvsc_vf_notifier = {
	.notifier_call = netvsc_vf_notify,
};

/**
 * netvsc_vf_register_notifier() - hear of interfaces from now on
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int netvsc_vf_register_notifier(void)
{
	return register_netdevice_notifier(&netvsc_vf_notifier);
}

/**
 * netvsc_vf_unregister_notifier() - the opposite
 *
 * Context: Process context.
 */
void netvsc_vf_unregister_notifier(void)
{
	unregister_netdevice_notifier(&netvsc_vf_notifier);
}

/**
 * netvsc_vf_init() - prepare a NIC for having a VF
 * @nv: the NIC
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int netvsc_vf_init(struct netvsc *nv)
{
	struct netvsc_vf *vf = &nv->vf;
	struct netvsc_vf_stats *stats;
	unsigned int cpu;

	INIT_LIST_HEAD(&vf->node);
	spin_lock_init(&vf->lock);
	INIT_DELAYED_WORK(&vf->setup_work, netvsc_vf_setup_work);
	INIT_WORK(&vf->news_work, netvsc_vf_news_work);
	vf->retry = NETVSC_VF_RETRY;
	vf->stats = alloc_percpu(struct netvsc_vf_stats);
	if (!vf->stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(vf->stats, cpu);
		u64_stats_init(&stats->rx_sync);
		u64_stats_init(&stats->tx_sync);
	}

	return 0;
}

/**
 * netvsc_vf_exit() - the opposite of netvsc_vf_init()
 * @nv: the NIC, after netvsc_vf_cancel()
 *
 * Context: Process context.
 */
void netvsc_vf_exit(struct netvsc *nv)
{
	free_percpu(nv->vf.stats);
}

/**
 * netvsc_vf_start() - let the NIC have a VF
 * @nv: the NIC, registered
 *
 * One that is there already has its name, and may have addresses by which
 * nothing is reached any more: it begins anew.
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_start(struct netvsc *nv)
{
	struct net_device *dev;

	ASSERT_RTNL();

	if (nvb_guest_isolated())
		return;
	list_add_tail(&nv->vf.node, &netvsc_vf_nics);
	dev = netvsc_vf_find(nv);
	if (!dev)
		return;
	dev_close(dev);
	netvsc_vf_gather(nv);
	dev = rtnl_dereference(nv->vf.dev);
	if (dev)
		netvsc_vf_setup(nv, dev);
}

/**
 * netvsc_vf_stop() - take the VF from the NIC, and give it none any more
 * @nv: the NIC, still registered
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_vf_stop(struct netvsc *nv)
{
	struct net_device *dev = rtnl_dereference(nv->vf.dev);

	ASSERT_RTNL();

	if (dev) {
		dev_close(dev);
		netvsc_vf_restore(nv, dev);
		netvsc_vf_leave(nv, dev);
		netvsc_vf_set_slave(dev, false);
	}
	list_del_init(&nv->vf.node);
}

/**
 * netvsc_vf_cancel() - no work item runs afterwards
 * @nv: the NIC, after netvsc_vf_stop() and the end of its session
 *
 * Context: Process context, not holding RTNL.
 */
void netvsc_vf_cancel(struct netvsc *nv)
{
	cancel_work_sync(&nv->vf.news_work);
	cancel_delayed_work_sync(&nv->vf.setup_work);
}

/* Statistics */

/**
 * netvsc_vf_add_stats() - what a CPU has carried by VFs
 * @nv: the NIC
 * @cpu: the CPU
 * @to: to be added to
 *
 * Context: Any but hard interrupt.
 */
void netvsc_vf_add_stats(const struct netvsc *nv, unsigned int cpu,
			 struct netvsc_vf_totals *to)
{
	const struct netvsc_vf_stats *stats = per_cpu_ptr(nv->vf.stats, cpu);
	struct netvsc_vf_totals one;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->rx_sync);
		one.rx_packets = u64_stats_read(&stats->rx_packets);
		one.rx_bytes = u64_stats_read(&stats->rx_bytes);
	} while (u64_stats_fetch_retry(&stats->rx_sync, start));
	do {
		start = u64_stats_fetch_begin(&stats->tx_sync);
		one.tx_packets = u64_stats_read(&stats->tx_packets);
		one.tx_bytes = u64_stats_read(&stats->tx_bytes);
		one.tx_dropped = u64_stats_read(&stats->tx_dropped);
	} while (u64_stats_fetch_retry(&stats->tx_sync, start));

	to->rx_packets += one.rx_packets;
	to->rx_bytes += one.rx_bytes;
	to->tx_packets += one.tx_packets;
	to->tx_bytes += one.tx_bytes;
	to->tx_dropped += one.tx_dropped;
}

/**
 * netvsc_vf_sum_stats() - what all CPUs have carried by VFs
 * @nv: the NIC
 * @to: filled in
 *
 * Context: Any but hard interrupt.
 */
void netvsc_vf_sum_stats(const struct netvsc *nv, struct netvsc_vf_totals *to)
{
	unsigned int cpu;

	memset(to, 0, sizeof(*to));
	for_each_possible_cpu(cpu)
		netvsc_vf_add_stats(nv, cpu, to);
}
