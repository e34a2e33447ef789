/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SR-IOV: the virtual function of a network card that a host puts beneath a
 * synthetic NIC, to carry its frames.
 */
#ifndef NETVSC_VF_H
#define NETVSC_VF_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

struct bpf_prog;
struct ethtool_link_ksettings;
struct netvsc;
struct sk_buff;

/**
 * struct netvsc_vf_stats - what one CPU has carried by VFs
 * @rx_sync: guards what is received
 * @rx_packets: frames
 * @rx_bytes: their bytes
 * @tx_sync: guards what is sent
 * @tx_packets: frames that the VF took
 * @tx_bytes: their bytes
 * @tx_dropped: frames that it did not take
 */
struct netvsc_vf_stats {
	struct u64_stats_sync rx_sync;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	struct u64_stats_sync tx_sync;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t tx_dropped;
};

/* The same, added up. */
struct netvsc_vf_totals {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
};

/**
 * struct netvsc_vf_id - by what a VF is known
 * @address: its permanent MAC address
 * @serial: its number at the host, as the PCI slot is called
 * @has_serial: the slot is called by a number
 */
struct netvsc_vf_id {
	u8 address[ETH_ALEN];
	u32 serial;
	bool has_serial;
};

/* How well a VF and a NIC fit. */
enum netvsc_vf_match {
	NETVSC_VF_OTHER,	/* not at all */
	NETVSC_VF_ADDRESS,	/* the same address */
	NETVSC_VF_SERIAL,	/* and the serial that the host has named */
};

/**
 * struct netvsc_vf - the VF of a NIC, and what the host says of it
 * @path: the VF while frames are sent by it, else NULL; changed under @lock
 * @stats: counters, by CPU
 * @dev: the VF that is beneath this NIC, or NULL; changed under RTNL
 * @node: in the list of NICs that can have a VF; under RTNL
 * @ready: @dev is set up like the NIC; under RTNL
 * @no_xdp: @dev does not run the NIC's program, so that it may not carry
 *	frames; under RTNL
 * @has_prog: @dev has a program because the NIC has; under RTNL
 * @promisc: @dev is promiscuous because the NIC is; under RTNL
 * @allmulti: likewise with all multicast addresses
 * @retry: between attempts at what the host did not do, in jiffies
 * @told: the host has been told to use the VF, and has said so; under the lock
 *	of the session and @lock
 * @lock: protects all below and @path; taken in softirq
 * @allocated: the host says that there is a VF
 * @refused: the host took the data path back, or did not move it in time
 * @serial: what it calls the VF
 * @said: how often it has said that there is one
 * @backs: how often it has taken the data path back
 * @setup_work: finds a VF, makes it like the NIC, and tries again
 * @news_work: deals with what the host says
 */
struct netvsc_vf {
	struct net_device __rcu *path;
	struct netvsc_vf_stats __percpu *stats;
	struct net_device __rcu *dev;

	struct list_head node;
	bool ready;
	bool no_xdp;
	bool has_prog;
	bool promisc;
	bool allmulti;
	unsigned long retry;
	bool told;

	spinlock_t lock; /* see above */
	bool allocated;
	bool refused;
	u32 serial;
	u32 said;
	u32 backs;

	struct delayed_work setup_work;
	struct work_struct news_work;
};

/**
 * netvsc_vf_path() - where a frame goes
 * @vf: of the NIC
 *
 * A link that is down is seen here sooner than by those who are told of it.
 * netpoll cannot be brought into the queues of another device.
 *
 * Context: Any, in an RCU read section or with softirqs disabled.
 * Return: the VF, or NULL for the synthetic path.
 */
static inline struct net_device *netvsc_vf_path(const struct netvsc_vf *vf)
{
	struct net_device *dev = rcu_dereference_check(vf->path,
						       rcu_read_lock_bh_held());

	if (likely(dev) && unlikely(!netif_carrier_ok(dev) || irqs_disabled()))
		return NULL;

	return dev;
}

int netvsc_vf_init(struct netvsc *nv);
void netvsc_vf_exit(struct netvsc *nv);
void netvsc_vf_start(struct netvsc *nv);
void netvsc_vf_stop(struct netvsc *nv);
void netvsc_vf_cancel(struct netvsc *nv);
int netvsc_vf_register_notifier(void);
void netvsc_vf_unregister_notifier(void);

void netvsc_vf_new_session(struct netvsc *nv);
void netvsc_vf_session_ready(struct netvsc *nv);
void netvsc_vf_leave_path(struct netvsc *nv);
void netvsc_vf_update_path(struct netvsc *nv);
void netvsc_vf_association(struct netvsc *nv, bool allocated, u32 serial);
void netvsc_vf_taken_back(struct netvsc *nv);

netdev_tx_t netvsc_vf_xmit(struct netvsc *nv, struct net_device *via,
			   struct sk_buff *skb);
void netvsc_vf_bypassed(struct netvsc *nv);
u16 netvsc_vf_select_queue(struct net_device *via, struct sk_buff *skb);
int netvsc_vf_xdp_xmit(struct netvsc *nv, struct net_device *via, int n,
		       struct xdp_frame **frames, u32 flags);

void netvsc_vf_open(struct netvsc *nv);
void netvsc_vf_close(struct netvsc *nv);
int netvsc_vf_set_mtu(struct netvsc *nv, u32 mtu);
int netvsc_vf_set_mac(struct netvsc *nv, const u8 *address);
void netvsc_vf_set_features(struct netvsc *nv, netdev_features_t features);
void netvsc_vf_set_flags(struct netvsc *nv);
void netvsc_vf_set_addresses(struct netvsc *nv);
void netvsc_vf_set_xdp(struct netvsc *nv, struct bpf_prog *prog);
void netvsc_vf_set_limits(struct netvsc *nv);
int netvsc_vf_get_link(struct netvsc *nv, struct ethtool_link_ksettings *cmd);
int netvsc_vf_set_link(struct netvsc *nv,
		       const struct ethtool_link_ksettings *cmd);

void netvsc_vf_add_stats(const struct netvsc *nv, unsigned int cpu,
			 struct netvsc_vf_totals *to);
void netvsc_vf_sum_stats(const struct netvsc *nv, struct netvsc_vf_totals *to);

#endif /* NETVSC_VF_H */
