/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every counter of the driver is declared once, in NETVSC_COUNTERS() below.
 *
 * The list makes the fields of three structures, one for each context that
 * writes counters without a lock, and the rows of the table from which
 * `ethtool -S` and the interface statistics are read. Counters belong to a
 * queue number and live as long as the net_device, so that no reconfiguration
 * ever loses one or makes one go backwards.
 */
#ifndef NETVSC_STATS_H
#define NETVSC_STATS_H

#include <linux/types.h>
#include <linux/u64_stats_sync.h>

struct net_device;
struct netdev_stat_ops;
struct netvsc;
struct rtnl_link_stats64;

/*
 * X(writer, field, view, name, link)
 *
 * writer: xmit - the transmit path, under the lock of the transmit queue;
 *	   done - the completion half of the NAPI poll;
 *	   rx   - the receive half of the NAPI poll.
 * view:   TOTAL - `ethtool -S` shows the sum over all queues as "name";
 *	   TXQ, RXQ - it shows each queue as "tx_queue_N_name", "rx_queue_N_name";
 *	   EXTRA - as TOTAL, after everything that monitoring knows by its place;
 *	   TXQ_EXTRA, RXQ_EXTRA - as TXQ and RXQ, after those;
 *	   HIDDEN - for the interface statistics only.
 * link:   the field of struct rtnl_link_stats64 that the counter is added to.
 *
 * Names and order of the rows up to the EXTRA ones are what existing
 * monitoring expects of a driver called hv_netvsc.
 */
#define NETVSC_COUNTERS(X)						\
	X(xmit, scattered,	TOTAL, "tx_scattered",		NONE)	\
	X(xmit, no_memory,	TOTAL, "tx_no_memory",		TX_DROPPED) \
	X(xmit, no_space,	TOTAL, "tx_no_space",		NONE)	\
	X(xmit, too_big,	TOTAL, "tx_too_big",		TX_DROPPED) \
	X(xmit, busy,		TOTAL, "tx_busy",		NONE)	\
	X(xmit, send_full,	TOTAL, "tx_send_full",		NONE)	\
	X(rx,   comp_busy,	TOTAL, "rx_comp_busy",		NONE)	\
	X(rx,   no_memory,	TOTAL, "rx_no_memory",		RX_DROPPED) \
	X(xmit, stop,		TOTAL, "stop_queue",		NONE)	\
	X(done, wake,		TOTAL, "wake_queue",		NONE)	\
	X(xmit, vlan_error,	TOTAL, "vlan_error",		TX_DROPPED) \
	X(done, packets,	TXQ,   "packets",		TX_PACKETS) \
	X(done, bytes,		TXQ,   "bytes",			TX_BYTES) \
	X(xmit, xdp_xmit,	TXQ,   "xdp_xmit",		NONE)	\
	X(rx,   packets,	RXQ,   "packets",		RX_PACKETS) \
	X(rx,   bytes,		RXQ,   "bytes",			RX_BYTES) \
	X(rx,   xdp_drop,	RXQ,   "xdp_drop",		NONE)	\
	X(rx,   xdp_redirect,	RXQ,   "xdp_redirect",		NONE)	\
	X(rx,   xdp_tx,		RXQ,   "xdp_tx",		NONE)	\
	X(rx,   multicast,	HIDDEN, "multicast",		MULTICAST) \
	X(xmit, linearized,	EXTRA, "tx_linearized",		NONE)	\
	X(xmit, head_copied,	EXTRA, "tx_head_copied",	NONE)	\
	X(xmit, copied,		EXTRA, "tx_copied",		NONE)	\
	X(xmit, stolen,		EXTRA, "tx_sections_stolen",	NONE)	\
	X(xmit, timeout,	EXTRA, "tx_timeout",		NONE)	\
	X(xmit, sw_csum,	EXTRA, "tx_sw_csum",		NONE)	\
	X(xmit, not_ready,	EXTRA, "tx_not_ready",		TX_DROPPED) \
	X(xmit, bad_csum,	EXTRA, "tx_csum_failed",	TX_DROPPED) \
	X(done, refused,	EXTRA, "tx_host_refused",	TX_ERRORS) \
	X(done, lost,		EXTRA, "tx_lost_at_close",	TX_DROPPED) \
	X(done, bad_completion,	EXTRA, "bad_completions",	NONE)	\
	X(rx,   bad_packet,	EXTRA, "rx_bad_vmbus_packet",	NONE)	\
	X(rx,   bad_range,	EXTRA, "rx_bad_range",		RX_ERRORS) \
	X(rx,   bad_rndis,	EXTRA, "rx_bad_rndis",		RX_ERRORS) \
	X(rx,   bad_length,	EXTRA, "rx_bad_length",		RX_ERRORS) \
	X(rx,   piece,		EXTRA, "rx_unasked_rsc",	RX_ERRORS) \
	X(rx,   not_running,	EXTRA, "rx_not_running",	RX_DROPPED) \
	X(rx,   csum_bad,	EXTRA, "rx_csum_bad",		NONE)	\
	X(rx,   ring_broken,	EXTRA, "rx_ring_broken",	NONE)	\
	X(rx,   coalesced,	EXTRA, "rx_rsc",		NONE)	\
	X(rx,   bad_rsc,	EXTRA, "rx_bad_rsc",		RX_ERRORS) \
	X(xmit, bounced,	EXTRA, "tx_bounced",		NONE)	\
	X(rx,   xdp_aborted,	EXTRA, "rx_xdp_aborted",	RX_DROPPED) \
	X(rx,   xdp_failed,	EXTRA, "rx_xdp_failed",		RX_DROPPED) \
	X(rx,   xdp_too_long,	EXTRA, "rx_xdp_too_long",	RX_DROPPED) \
	X(xmit, xdp_refused,	EXTRA, "tx_xdp_refused",	NONE)	\
	X(xmit, xsk,		TXQ_EXTRA, "xsk_xmit",	NONE)	\
	X(rx,   xsk,		RXQ_EXTRA, "xsk_redirect",	NONE)	\
	X(rx,   xsk_copied,	EXTRA, "rx_xsk_copied",		NONE)

/*
 * What netlink shows of a queue (qstats), as sums of the counters above.
 *
 * X(writer, field, standard): @standard is the field of struct
 * netdev_queue_stats_rx or _tx.
 */
#define NETVSC_RX_QSTATS(X)						\
	X(rx,   packets,	packets)				\
	X(rx,   bytes,		bytes)					\
	X(rx,   no_memory,	alloc_fail)				\
	X(rx,   csum_bad,	csum_bad)				\
	X(rx,   bad_range,	hw_drops)				\
	X(rx,   bad_rndis,	hw_drops)				\
	X(rx,   bad_length,	hw_drops)				\
	X(rx,   piece,		hw_drops)				\
	X(rx,   bad_rsc,	hw_drops)				\
	X(rx,   not_running,	hw_drops)

#define NETVSC_TX_QSTATS(X)						\
	X(done, packets,	packets)				\
	X(done, bytes,		bytes)					\
	X(done, refused,	hw_drop_errors)				\
	X(done, refused,	hw_drops)				\
	X(done, lost,		hw_drops)				\
	X(xmit, stop,		stop)					\
	X(done, wake,		wake)

/* Keeps a field in the structure of its writer, leaves it out of the others. */
#define NETVSC_ONLY_xmit_xmit(decl)	decl
#define NETVSC_ONLY_xmit_done(decl)
#define NETVSC_ONLY_xmit_rx(decl)
#define NETVSC_ONLY_done_xmit(decl)
#define NETVSC_ONLY_done_done(decl)	decl
#define NETVSC_ONLY_done_rx(decl)
#define NETVSC_ONLY_rx_xmit(decl)
#define NETVSC_ONLY_rx_done(decl)
#define NETVSC_ONLY_rx_rx(decl)		decl

#define NETVSC_FIELD_xmit(writer, field, view, name, link) \
	NETVSC_ONLY_xmit_##writer(u64_stats_t field;)
#define NETVSC_FIELD_done(writer, field, view, name, link) \
	NETVSC_ONLY_done_##writer(u64_stats_t field;)
#define NETVSC_FIELD_rx(writer, field, view, name, link) \
	NETVSC_ONLY_rx_##writer(u64_stats_t field;)

struct netvsc_xmit_stats {
	struct u64_stats_sync sync;
	NETVSC_COUNTERS(NETVSC_FIELD_xmit)
};

struct netvsc_done_stats {
	struct u64_stats_sync sync;
	NETVSC_COUNTERS(NETVSC_FIELD_done)
};

struct netvsc_rx_stats {
	struct u64_stats_sync sync;
	NETVSC_COUNTERS(NETVSC_FIELD_rx)
};

/* The counters of one queue, each writer on cache lines of its own. */
struct netvsc_queue_stats {
	struct netvsc_xmit_stats xmit ____cacheline_aligned_in_smp;
	struct netvsc_done_stats done ____cacheline_aligned_in_smp;
	struct netvsc_rx_stats rx ____cacheline_aligned_in_smp;
};

/* Adds to one counter; the caller is the only writer of the group. */
#define netvsc_stat_add(group, field, n)			\
	do {							\
		typeof(group) _g = (group);			\
								\
		u64_stats_update_begin(&_g->sync);		\
		u64_stats_add(&_g->field, (n));			\
		u64_stats_update_end(&_g->sync);		\
	} while (0)

#define netvsc_stat_inc(group, field)	netvsc_stat_add(group, field, 1)

extern const struct netdev_stat_ops netvsc_stat_ops;

int netvsc_stats_alloc_queue(struct netvsc *nv, unsigned int queue, int node);
void netvsc_stats_free(struct netvsc *nv);
const char *netvsc_stats_name(u16 offset);
void netvsc_stats_get64(struct net_device *dev, struct rtnl_link_stats64 *to);
int netvsc_stats_count(struct netvsc *nv);
void netvsc_stats_names(struct netvsc *nv, u8 *to);
void netvsc_stats_values(struct netvsc *nv, u64 *to);

#endif /* NETVSC_STATS_H */
