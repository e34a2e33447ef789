/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private types of the driver, by lifetime:
 *
 *	struct netvsc		as long as the net_device
 *	struct netvsc_resources	as long as one configuration: buffers, channels
 *	struct netvsc_channel	as long as its configuration; open or not
 *
 * Locks, outermost first:
 *
 *	RTNL			configuration, opening and closing
 *	netvsc.lock		the session with the host and the life cycle;
 *				held while the host is waited for, which is
 *				bounded everywhere
 *	netvsc.subchannel_lock	which subchannels are open
 *	transmit queue lock	everything marked xmit in struct netvsc_channel
 *	nvb_ring_out.lock	the ring towards the host
 *	netvsc.link_lock	link events that wait for their work item
 *	netvsc.vf.lock		what the host says of a virtual function
 *
 * The NAPI poll of a channel owns everything marked done or rx.
 */
#ifndef NETVSC_H
#define NETVSC_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "netvsc_bounce.h"
#include "netvsc_rsc.h"
#include "netvsc_stats.h"
#include "netvsc_tx_pace.h"
#include "netvsc_vf.h"
#include "netvsc_xdp.h"
#include "nvsp.h"
#include "rndis_filter.h"
#include "vmbus_glue/buffer.h"
#include "vmbus_glue/channel.h"
#include "vmbus_glue/compat.h"

struct bpf_prog;
struct dentry;
struct device;
struct page_pool;
struct vmbus_channel;
struct xdp_frame;

#define NETVSC_DRIVER_NAME	"hv_netvsc"

#define NETVSC_MAX_CHANNELS	64
/* So many channels, or more on a large machine, if host and CPUs allow. */
#define NETVSC_DEFAULT_CHANNELS	16

#define NETVSC_DEFAULT_RECV_BYTES	(16 * 1024 * 1024)
#define NETVSC_MAX_RECV_BYTES		(31 * 1024 * 1024)
#define NETVSC_DEFAULT_SEND_BYTES	(1024 * 1024)
#define NETVSC_MAX_SEND_BYTES		(15 * 1024 * 1024)
/*
 * The fewest slots that a user may ask for. Of the receive slots a host keeps
 * 16 for control messages, and every queue needs one of the others.
 */
#define NETVSC_MIN_SEND_SLOTS	10
#define NETVSC_MIN_RECV_SLOTS	(16 + NETVSC_MAX_CHANNELS)

#define NETVSC_MIN_MTU		ETH_MIN_MTU
#define NETVSC_MAX_MTU		(U16_MAX - ETH_HLEN)

/* Ring of one direction, in the 4 KiB units of the module parameter. */
#define NETVSC_RING_UNIT	4096
#define NETVSC_DEFAULT_RING	128
#define NETVSC_MIN_RING		64
#define NETVSC_MAX_RING		4096

/* How long frames on their way may take to leave before a channel closes. */
#define NETVSC_DRAIN_MS		5000
/* How long frames are still taken after the host was told to stop. */
#define NETVSC_LINGER_MS	500

/*
 * Messages to the host that can be under way per channel; each holds one long
 * frame or several short ones. A host takes up to 1024.
 */
#define NETVSC_TX_SLOTS		512
/* A queue that ran out of slots goes on when it has this many again. */
#define NETVSC_TX_WAKE_SLOTS	32
/*
 * Received frames whose slots may be on their way back to the host without the
 * host having been told: what is sent next tells it too, or a timer does.
 */
#define NETVSC_RX_HOLD		32
/* Where the RNDIS header of one message is built when no section is used. */
#define NETVSC_TX_HEADER_BYTES	256
/* Frame headers that fit behind the RNDIS header in there. */
#define NETVSC_TX_HEAD_MAX	(NETVSC_TX_HEADER_BYTES - RNDIS_TX_HEADER_MAX)
#define NETVSC_HV_PAGE_BYTES	4096
#define NETVSC_TX_HEADERS_PER_PAGE \
	(NETVSC_HV_PAGE_BYTES / NETVSC_TX_HEADER_BYTES)

/*
 * Ranges and pages of one GPA-direct packet, the header's included. Every
 * guest driver keeps to 32, and no host is known to take more than 34.
 */
#define NETVSC_TX_MAX_RANGES	32
#define NETVSC_TX_MAX_PAGES	32
/* Room in the ring with which a queue that waited for it goes on. */
#define NETVSC_TX_RING_ROOM	(4 * NETVSC_HV_PAGE_BYTES)
#define NETVSC_NO_SECTION	U16_MAX
/* Frames up to this are freed by the poll, the buffers of others at once. */
#define NETVSC_TX_SHORT		512
/* Sections that are taken from another channel at a time. */
#define NETVSC_TX_STASH		8
/* Copied frames in one message, if neither host nor user wants fewer. */
#define NETVSC_TX_MAX_AGGR	64
/* Frames in one message begin at multiples of this, or of the host's wish. */
#define NETVSC_TX_AGGR_ALIGN	8
/* Frames up to this are copied, which costs the host less than listing. */
#define NETVSC_TX_COPYBREAK	8192
/* How long a short frame in a stream of such may wait for the next one. */
#define NETVSC_TX_HOLD_US	80
#define NETVSC_TX_MAX_HOLD_US	1000
/*
 * What BQL always lets a queue give to the host: a large frame that is with
 * the host, and one behind it. The host works in batches; with less it would
 * run dry, and each frame cost a signal and an interrupt of its own.
 */
#define NETVSC_TX_MIN_LIMIT	(2 * 65536)
/* So many times a queue may be found standing still, before a new session. */
#define NETVSC_TX_PATIENCE	3
/* Between attempts at that. Each holds RTNL while it waits for the host. */
#define NETVSC_RESET_RETRY_MS	15000

/* Settings that the host may know or not. */
#define NETVSC_UNSETTLED_RSS		BIT(0)
#define NETVSC_UNSETTLED_OFFLOADS	BIT(1)
#define NETVSC_UNSETTLED_MAC		BIT(2)
#define NETVSC_UNSETTLED_FILTER		BIT(3)

/*
 * Pages of a channel's pool, and how many that are not in use it keeps beside
 * those at hand. Getting and clearing one costs more than all that is done
 * with a frame in it, so a page is for many frames. Without memory of that
 * order, frames do without the pool.
 */
#define NETVSC_POOL_ORDER	3
#define NETVSC_POOL_PAGES	32

/* Packets that a channel can owe the host before it needs more memory. */
#define NETVSC_RX_OWED		256

struct netvsc_channel;
struct netvsc_xsk;

/* Whose frame a slot holds; several that have been copied are nobody's. */
enum netvsc_tx_kind {
	NETVSC_TX_SKB,		/* the stack's */
	NETVSC_TX_XDP,		/* without an sk_buff */
	NETVSC_TX_XSK,		/* in the memory of an AF_XDP socket */
};

/**
 * struct netvsc_tx_slot - a message to the host that waits for its completion
 * @skb: the frame in it, or the last of them
 * @xdpf: instead of @skb, the frame without an sk_buff that is listed in it
 * @xsk: instead, number of the frame of a socket that is
 * @bytes: what BQL was told
 * @packets: frames on the wire, after segmentation
 * @wire_bytes: their bytes
 * @generation: counts the uses of this slot; written by the NAPI poll only
 * @section: section of the send buffer in use, or NETVSC_NO_SECTION
 * @frames: frames in it
 * @live: the message is in the ring and the transmit path has finished with
 *	the slot and the frame; only then may a completion touch them
 * @kind: enum netvsc_tx_kind: which of @skb, @xdpf and @xsk is valid
 */
struct netvsc_tx_slot {
	union {
		struct sk_buff *skb;
		struct xdp_frame *xdpf;
		u32 xsk;
	};
	u32 bytes;
	u32 packets;
	u32 wire_bytes;
	u32 generation;
	u16 section;
	u8 frames;
	bool live;
	u8 kind;
};

/**
 * struct netvsc_tx_open - a message that still takes frames
 * @start: its section
 * @used: bytes of the section that are written
 * @last: where the last frame's RNDIS header begins
 * @frames: frames in it; 0: no message is open
 * @slot: its slot
 */
struct netvsc_tx_open {
	u8 *start;
	u32 used;
	u32 last;
	u16 slot;
	u8 frames;
};

/**
 * struct netvsc_tx_batch - what one poll has completed
 * @frames: frames
 * @bytes: what BQL was told of them
 * @packets: frames on the wire
 * @wire_bytes: their bytes
 * @refused: messages that the host did not send
 */
struct netvsc_tx_batch {
	u32 frames;
	u32 bytes;
	u32 packets;
	u32 wire_bytes;
	u32 refused;
};

/**
 * struct netvsc_free_list - indices that pass from one context to another
 * @item: the indices, a power of two of them
 * @mask: their number - 1
 *
 * The transmit path takes at a head, the NAPI poll returns at a tail; both
 * count up for ever and live with the other fields of their writer.
 */
struct netvsc_free_list {
	u16 *item;
	u32 mask;
};

/**
 * struct netvsc_rx_segment - a frame whose payload is put into pages
 * @skb: the frame; NULL if there is none, or there was no memory for it
 * @room: where the next byte goes
 * @room_bytes: bytes there
 * @first: what came with its first piece
 */
struct netvsc_rx_segment {
	struct sk_buff *skb;
	u8 *room;
	u32 room_bytes;
	struct rndis_rx_frame first;
};

/**
 * struct netvsc_rx - the receive half of a channel, owned by its NAPI poll
 * @pkt: the packet whose ranges are being delivered
 * @next_range: the first that has not been
 * @num_ranges: its ranges; 0: no packet is being delivered
 * @owed: transaction ids of packets whose slots go back to the host with the
 *	next batch of receive completions
 * @owed_mask: entries in @owed - 1
 * @owed_max: entries that it may grow to
 * @owed_head: the oldest
 * @owed_tail: one past the newest
 * @held: slots whose return has been written since the host was last told
 * @room_wanted: the host has been asked for a signal when its ring has room
 * @parked: @pkt has not been looked at yet
 * @broken: the ring from the host is corrupt
 * @rsc: pieces of a coalesced frame, in the current packet
 * @seg: the frame that they make
 * @pool: memory for frames; NULL where the kernel has no such pools
 * @xdp: what XDP programs are run on
 */
struct netvsc_rx {
	struct nvb_packet pkt;
	u32 next_range;
	u32 num_ranges;
	u64 *owed;
	u32 owed_mask;
	u32 owed_max;
	u32 owed_head;
	u32 owed_tail;
	u32 held;
	bool room_wanted;
	bool parked;
	bool broken;
	struct netvsc_rsc rsc;
	struct netvsc_rx_segment seg;
	struct page_pool *pool;
	struct netvsc_xdp xdp;
};

/**
 * struct netvsc_channel - a VMBus channel, its transmit and receive queue
 * @nv: the device
 * @txq: the transmit queue
 * @stats: counters of this queue number
 * @recv_base: receive buffer
 * @recv_bytes: its size
 * @recv_slot: bytes of a slot in it
 * @section_bytes: bytes of a section of the send buffer, 0 without one
 * @send_base: send buffer
 * @slot: messages under way, NETVSC_TX_SLOTS
 * @bounce: where frames are copied that the host cannot see; NULL when it can
 * @header_page: memory for their RNDIS headers; not with @bounce
 * @free_slot: the others
 * @free_section: sections of the send buffer that this channel may use
 * @aggr_frames: frames that one message may hold
 * @aggr_bytes: bytes that one message with several frames may have
 * @aggr_align: what frames in it are aligned to
 * @index: number of the channel at the host
 * @queue: number of its queues here
 * @open: the VMBus channel is open and NAPI is enabled
 * @tx_up: the NAPI poll may wake the transmit queue
 *
 * @slot_head: next of @free_slot to take
 * @section_head: next of @free_section to take; another channel takes some
 *	under the lock of this transmit queue
 * @msg: the message that takes short frames
 * @unposted: the NAPI poll has to post @msg, and to publish the ring
 * @pace_armed: @pace_timer will post @msg and publish the ring
 * @pace: whether they wait for that
 * @ring_wait: the transmit queue waits for room in the ring; written under
 *	the lock of the ring
 * @stash: sections taken from other channels, to be used first
 * @stash_len: entries in it
 * @stuck_tail: @slot_tail when the queue was last found standing still
 * @stuck_times: how often it was since something was completed
 *
 * @slot_tail: where the next slot is returned
 * @section_tail: where the next section is returned
 * @poll_cpu: where @napi is polling, or -1
 *
 * @rx: receive half
 * @xsk: the AF_XDP sockets of the queue; written under RTNL
 * @hold_timer: tells the host what @rx.held counts
 * @pace_timer: ends the wait of frames to be sent
 * @napi: polls the channel
 *
 * @vmbus: the channel proper
 */
struct netvsc_channel {
	/* Written while nothing flows. */
	struct netvsc *nv;
	struct netdev_queue *txq;
	struct netvsc_queue_stats *stats;
	u8 *recv_base;
	u8 *send_base;
	u32 recv_bytes;
	u32 recv_slot;
	u32 section_bytes;
	u16 index;
	u16 queue;
	bool open;
	bool tx_up;
	struct netvsc_free_list free_slot;
	struct netvsc_free_list free_section;
	u32 aggr_frames;
	u32 aggr_bytes;
	u32 aggr_align;
	struct netvsc_tx_slot *slot;
	struct netvsc_bounce *bounce;
	u8 *header_page[NETVSC_TX_SLOTS / NETVSC_TX_HEADERS_PER_PAGE];

	/* xmit */
	u32 slot_head ____cacheline_aligned_in_smp;
	u32 section_head;
	struct netvsc_tx_open msg;
	bool unposted;
	bool pace_armed;
	struct netvsc_tx_pace pace;
	bool ring_wait;
	u8 stash_len;
	u16 stash[NETVSC_TX_STASH];
	u32 stuck_tail;
	u32 stuck_times;

	/* done */
	u32 slot_tail ____cacheline_aligned_in_smp;
	u32 section_tail;
	int poll_cpu;

	/* rx */
	struct netvsc_rx rx ____cacheline_aligned_in_smp;
	struct netvsc_xsk __rcu *xsk;
	struct timer_list hold_timer;
	struct hrtimer pace_timer;
	struct napi_struct napi ____cacheline_aligned_in_smp;

	struct nvb_channel vmbus ____cacheline_aligned_in_smp;
};

/* Each writer on cache lines of its own. */
static_assert(offsetof(struct netvsc_channel, slot_head) %
	      SMP_CACHE_BYTES == 0);
static_assert(offsetof(struct netvsc_channel, slot_tail) -
	      offsetof(struct netvsc_channel, slot_head) >= SMP_CACHE_BYTES);
static_assert(offsetof(struct netvsc_channel, rx) -
	      offsetof(struct netvsc_channel, slot_tail) >= SMP_CACHE_BYTES);

/**
 * struct netvsc_config - what a session with the host is set up for
 * @ring_bytes: each ring of each channel
 * @recv_bytes: receive buffer
 * @send_bytes: send buffer
 * @mtu: longest payload of a frame
 * @channels: channels wanted
 */
struct netvsc_config {
	u32 ring_bytes;
	u32 recv_bytes;
	u32 send_bytes;
	u32 mtu;
	u32 channels;
};

/**
 * struct netvsc_resources - the memory that a configuration needs
 * @config: the configuration
 * @recv: receive buffer
 * @send: send buffer
 * @num_channels: entries of @channel
 * @num_queues: channels that are open; they are queue 0 and following
 * @channel: by the host's number
 * @queue: by our number
 */
struct netvsc_resources {
	struct netvsc_config config;
	struct nvb_buffer recv;
	struct nvb_buffer send;
	u32 num_channels;
	u32 num_queues;
	struct netvsc_channel *channel[NETVSC_MAX_CHANNELS];
	struct netvsc_channel *queue[NETVSC_MAX_CHANNELS];
};

/**
 * struct netvsc_rss - how received frames are spread
 * @key: Toeplitz key
 * @table: queue numbers
 * @entries: of @table, as the host has it; 0 when the host cannot spread
 * @queues: that there are; @table may name more, see netvsc_rss_queue()
 * @hash_types: NDIS_HASH_*, by which frames can be spread
 * @without_ports: of the hashes that take ports in, those that the user does
 *	not want; kept across sessions, and heeded by the choice of a transmit
 *	queue as well
 */
struct netvsc_rss {
	u8 key[NDIS_RSS_KEY_BYTES];
	u32 table[NDIS_RSS_MAX_ENTRIES];
	u32 entries;
	u32 queues;
	u32 hash_types;
	u32 without_ports;
};

/*
 * The life of a device. Every change is made by netvsc_set_state(), which
 * knows what may follow what.
 */
enum netvsc_state {
	NETVSC_DOWN,		/* no channel is open */
	NETVSC_CONNECTING,	/* channels open, nothing agreed yet */
	NETVSC_READY,		/* all is agreed with the host */
	NETVSC_RUNNING,		/* frames flow */
	NETVSC_CLOSING,		/* on the way back to DOWN */
	NETVSC_ASLEEP,		/* as DOWN, until the machine wakes up */
	NETVSC_GONE,		/* the device is being removed */
	NETVSC_NUM_STATES,
};

/* The frame size that the host is told: it never needs to be below this. */
static inline u32 netvsc_frame_bytes(u32 mtu)
{
	return max_t(u32, mtu, ETH_DATA_LEN) + ETH_HLEN;
}

/* Link events that the work item has not seen yet. */
#define NETVSC_LINK_CHANGED	BIT(0)	/* it was down in the meantime */
#define NETVSC_LINK_MOVED	BIT(1)	/* there is another network behind it */

/**
 * struct netvsc - a synthetic NIC
 * @netdev: the interface
 * @dev: the VMBus device
 * @primary: its channel, as the kernel sees it
 * @node: memory node of the device
 * @queue: where the transmit path finds its channel; NULL while nothing may
 *	be transmitted. Changed with the transmit queues stopped
 * @vf: virtual function of SR-IOV
 * @receiving: received frames go up the stack
 * @xdp_prog: the program that received frames are given to; written under RTNL
 * @xdp_linear: it takes frames in one buffer only
 * @xsk: AF_XDP sockets by queue, also of queues that there are not at the
 *	moment; under RTNL
 * @send_table: queue by the host's wish, for the low bits of a flow's hash
 * @send_table_valid: the host has expressed one
 * @tx_csum_udp: wherever it completes TCP's, the host completes UDP's too
 * @tx_csum_udp4: the host completes UDP checksums of IPv4
 * @tx_csum_udp6: likewise of IPv6
 * @tx_copybreak: longer frames are listed, not copied
 * @tx_aggr_frames: most frames in a message by the user's wish; 0: no wish
 * @tx_aggr_bytes: most bytes of such a message; likewise
 * @tx_hold_us: how long a frame of a stream may wait for the next one
 * @tx_hold_ns: the same in nanoseconds; 0: the user does not want it
 * @rsc_offered: the host can coalesce received segments
 * @rsc_wanted: it is asked to
 * @msg_enable: NETIF_MSG_*
 * @stats: counters by queue number, kept as long as the device
 * @lock: the session with the host; see the top of this file
 * @state: where in its life the device is; written under @lock
 * @resources: the configuration in force; changed under RTNL and @lock
 * @config: what the user wants, also while it cannot be had
 * @nvsp: NVSP session
 * @rndis: RNDIS session
 * @offload: what the host can compute
 * @rss: under RTNL
 * @host_channels: that the host allows
 * @host_mtu: that the host allows
 * @tso_max: longest frame that the host cuts into segments
 * @filter: packet filter that the host has
 * @ethtool_speed: what a user says the link does
 * @ethtool_duplex: likewise
 * @subchannel_lock: see the top of this file
 * @subchannels_wanted: under @subchannel_lock; offers are taken if not 0
 * @subchannels_granted: under @subchannel_lock; offers to come
 * @subchannels_seen: under @subchannel_lock; offers dealt with
 * @subchannels_done: all of them are
 * @rx_mode_work: sets the packet filter
 * @stuck: a transmit queue is, and only a new session helps
 * @unsettled: NETVSC_UNSETTLED_*, under @lock: settings that the host has not
 *	confirmed, and may take as late as it likes
 * @reset_work: makes the session anew when a transmit queue is stuck, or when
 *	it was lost; tells the host again what it has not confirmed
 * @link_work: brings link events to the network stack
 * @link_lock: protects all below; taken in softirq
 * @link_told: the host has said so on its own in this session
 * @link_up: what the host said last
 * @link_events: NETVSC_LINK_*
 * @link_next: when @link_work may run again, in jiffies
 * @link_speed: in units of 100 bit/s
 * @debugfs: its directory there
 */
struct netvsc {
	struct net_device *netdev;
	struct device *dev;
	struct vmbus_channel *primary;
	int node;
	struct netvsc_channel *queue[NETVSC_MAX_CHANNELS];
	struct netvsc_vf vf;
	bool receiving;
	bool send_table_valid;
	bool tx_csum_udp;
	bool tx_csum_udp4;
	bool tx_csum_udp6;
	bool rsc_offered;
	bool rsc_wanted;
	bool xdp_linear;
	struct bpf_prog __rcu *xdp_prog;
	struct netvsc_xsk *xsk[NETVSC_MAX_CHANNELS];
	u16 send_table[NVSP_INDIRECTION_ENTRIES];
	u32 tx_copybreak;
	u32 tx_aggr_frames;
	u32 tx_aggr_bytes;
	u32 tx_hold_us;
	u32 tx_hold_ns;
	u32 msg_enable;
	struct netvsc_queue_stats *stats[NETVSC_MAX_CHANNELS];

	struct mutex lock; /* see above */
	enum netvsc_state state;
	struct netvsc_resources *resources;
	struct netvsc_config config;
	struct nvsp nvsp;
	struct rndis_filter rndis;
	struct rndis_offload_caps offload;
	struct netvsc_rss rss;
	u32 host_channels;
	u32 host_mtu;
	u32 tso_max;
	u32 filter;
	u32 ethtool_speed;
	u8 ethtool_duplex;

	struct mutex subchannel_lock; /* see above */
	u32 subchannels_wanted;
	u32 subchannels_granted;
	u32 subchannels_seen;
	struct completion subchannels_done;

	struct work_struct rx_mode_work;
	bool stuck;
	u32 unsettled;
	struct delayed_work reset_work;
	struct delayed_work link_work;
	spinlock_t link_lock; /* see above */
	bool link_told;
	bool link_up;
	u32 link_events;
	unsigned long link_next;
	u32 link_speed;

	struct dentry *debugfs;
};

/* netvsc_drv.c */
void netvsc_set_state(struct netvsc *nv, enum netvsc_state to);
int netvsc_up(struct netvsc *nv);
int netvsc_reconfigure(struct netvsc *nv, const struct netvsc_config *config);
void netvsc_reset_work(struct work_struct *work);

/* netvsc_session.c */
u32 netvsc_max_channels(const struct netvsc *nv);
struct netvsc_resources *
netvsc_resources_alloc(struct netvsc *nv, const struct netvsc_config *config,
		       const struct netvsc_resources *old);
void netvsc_resources_free(struct netvsc_resources *res);
void netvsc_resources_move(struct netvsc_resources *to,
			   struct netvsc_resources *from);
int netvsc_connect(struct netvsc *nv, struct netvsc_resources *res);
void netvsc_disconnect(struct netvsc *nv);
void netvsc_disconnect_to_connect(struct netvsc *nv);
int netvsc_start_traffic(struct netvsc *nv);
void netvsc_stop_traffic(struct netvsc *nv);
u32 netvsc_rss_queue(const struct netvsc *nv, u32 entry);
int netvsc_apply_rss(struct netvsc *nv);
void netvsc_note_setting(struct netvsc *nv, u32 what, int err);
int netvsc_catch_up(struct netvsc *nv);
void netvsc_apply_aggregation(struct netvsc *nv);
u32 netvsc_aggr_frames(const struct netvsc *nv);
u32 netvsc_aggr_bytes(const struct netvsc *nv);
int netvsc_apply_offloads(struct netvsc *nv);

/* netvsc_channel.c */
struct netvsc_channel *netvsc_channel_alloc(struct netvsc *nv, u32 index,
					    int node);
void netvsc_channel_free(struct netvsc_channel *ch);
int netvsc_channel_open(struct netvsc_channel *ch, struct vmbus_channel *vmbus,
			u16 queue, u32 ring_bytes);
void netvsc_channel_quiesce(struct netvsc_channel *ch);
void netvsc_channel_close(struct netvsc_channel *ch);
bool netvsc_channel_sent(struct netvsc_channel *ch);
bool netvsc_channel_read(struct netvsc_channel *ch);
int netvsc_channel_set_recv(struct netvsc_channel *ch, void *base, u32 slot,
			    u32 num);
void netvsc_channel_set_send(struct netvsc_channel *ch, void *base,
			     u32 section_bytes, u32 total, u32 first, u32 num);

/* netvsc_netdev.c */
extern const struct net_device_ops netvsc_netdev_ops;
void netvsc_set_hw_features(struct netvsc *nv);
void netvsc_refit(struct netvsc *nv);
void netvsc_refit_mtu(struct netvsc *nv);
void netvsc_netdev_init(struct netvsc *nv);
void netvsc_link_event(struct netvsc *nv, enum rndis_link_event event,
		       u32 speed);
u32 netvsc_packet_filter(const struct net_device *dev);
void netvsc_rx_mode_work(struct work_struct *work);
void netvsc_link_work(struct work_struct *work);

/* netvsc_tx_plan.c */
netdev_features_t netvsc_features_check(struct sk_buff *skb,
					struct net_device *dev,
					netdev_features_t features);

/* netvsc_tx.c */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *dev);
bool netvsc_tx_is_xdp(const struct netvsc_channel *ch,
		      const struct nvb_packet *pkt);
int netvsc_tx_complete(struct netvsc_channel *ch, const struct nvb_packet *pkt,
		       int budget, struct netvsc_tx_batch *batch);
void netvsc_tx_finish(struct netvsc_channel *ch,
		      const struct netvsc_tx_batch *batch, int budget);
enum hrtimer_restart netvsc_tx_held(struct hrtimer *timer);
void netvsc_tx_post_late(struct netvsc_channel *ch);
void netvsc_tx_settle(struct netvsc_channel *ch);
bool netvsc_tx_stuck(struct netvsc_channel *ch);
void netvsc_tx_drop_all(struct netvsc_channel *ch);
u32 netvsc_tx_slots_free(const struct netvsc_channel *ch);

/* netvsc_rx.c */
void netvsc_rx_interrupt(void *ctx);
void netvsc_rx_hold_expired(struct timer_list *timer);
int netvsc_poll(struct napi_struct *napi, int budget);
void netvsc_rx_reset(struct netvsc_channel *ch);
void netvsc_rx_count_drop(struct netvsc_channel *ch, u16 offset);

#define netvsc_rx_dropped(ch, counter)					\
	netvsc_rx_count_drop(ch, offsetof(struct netvsc_queue_stats,	\
					  rx.counter))

/* netvsc_skb.c */
struct sk_buff *netvsc_skb_copy(struct netvsc_channel *ch, const u8 *data,
				u32 len);
bool netvsc_skb_begin(struct netvsc_channel *ch, struct netvsc_rx_segment *seg,
		      const u8 *data, u32 len, bool more);
bool netvsc_skb_append(struct netvsc_channel *ch, struct netvsc_rx_segment *seg,
		       const u8 *data, u32 len, bool more);
void netvsc_skb_drop(struct netvsc_rx_segment *seg,
		     enum nvb_drop_reason reason);
bool netvsc_skb_settle(struct sk_buff *skb, u32 csum);

/* netvsc_xdp.c, netvsc_xdp_tx.c: see netvsc_xdp.h; netvsc_xsk.c: netvsc_xsk.h */

/* netvsc_ethtool.c */
extern const struct ethtool_ops netvsc_ethtool_ops;

/* netvsc_debugfs.c */
void netvsc_debugfs_init(void);
void netvsc_debugfs_exit(void);
void netvsc_debugfs_add(struct netvsc *nv);
void netvsc_debugfs_remove(struct netvsc *nv);

#endif /* NETVSC_H */
