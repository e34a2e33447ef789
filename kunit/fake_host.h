/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host for the driver in one task: no thread, no timer, no VMBus.
 *
 * It takes the place of what the driver calls to open and signal channels, to
 * share memory and to wait. When the driver signals, the host reads the ring at
 * once, in the task of the test, and has answered when the driver gets to its
 * wait; a wait for what has not come is over at once, as if it had timed out.
 * Hooks let a test answer otherwise, or not at all.
 */
#ifndef KUNIT_FAKE_HOST_H
#define KUNIT_FAKE_HOST_H

#include <kunit/test.h>
#include <linux/hyperv.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "fake_ring.h"
#include "netvsc.h"

#define FAKE_CHANNELS		4
#define FAKE_RING_BYTES		(16 * 4096)
#define FAKE_SLOT_BYTES		2048
#define FAKE_SECTION_BYTES	6144
#define FAKE_FRAMES		1024
#define FAKE_LOG		64
#define FAKE_INFO_BYTES		4096
#define FAKE_VISIBLE		1024
/* Ranges of a packet, all together. */
#define FAKE_LISTED_BYTES	(80 * 1024)

struct bpf_prog;
struct fake_host;

/**
 * struct fake_memory - the guest's memory, as the host of an isolated one has it
 * @visible: what the host can see: first page and number of pages; 0: unused
 * @looked: pages of which it wanted to know that
 * @shown: calls that made memory visible
 * @hidden: calls that took it out of sight
 * @fail_show: the call that fails, counted from 1; 0: none
 * @fail_hide: likewise; ~0: all
 * @kept: memory that could not be hidden; freed with the test
 * @num_kept: entries of it
 * @listed: the ranges of the last packet with frames, one behind the other
 * @last: where the last of them ends
 * @last_offset: where that is in its page
 */
struct fake_memory {
	struct {
		u64 pfn;
		u32 pages;
	} visible[FAKE_VISIBLE];
	u32 looked;
	u32 shown;
	u32 hidden;
	u32 fail_show;
	u32 fail_hide;
	struct {
		void *va;
		u32 bytes;
	} kept[FAKE_VISIBLE];
	u32 num_kept;
	const u8 *last;
	u32 last_offset;
	u8 listed[FAKE_LISTED_BYTES];
};

/**
 * struct fake_channel - a channel as the host has it
 * @vmbus: what the kernel would have made of the host's offer
 * @driver: what the driver has made of it; NULL while it is not open
 * @to_host: ring
 * @from_host: ring
 */
struct fake_channel {
	struct vmbus_channel *vmbus;
	struct nvb_channel *driver;
	struct fake_ring *to_host;
	struct fake_ring *from_host;
};

/**
 * struct fake_frame - a message with frames that the driver has sent
 * @xid: its transaction id
 * @channel: where
 * @section: of the send buffer, or NVSP_SECTION_NONE
 * @section_bytes: bytes of it
 * @ranges: listed ranges
 * @listed_bytes: bytes in them
 */
struct fake_frame {
	u64 xid;
	u32 channel;
	u32 section;
	u32 section_bytes;
	u32 ranges;
	u32 listed_bytes;
};

/* A control message that the driver has sent. */
struct fake_control {
	u64 xid;
	u32 type;
	u32 request_id;
	u32 oid;
	u32 info_bytes;
	u8 info[FAKE_INFO_BYTES];
};

/**
 * struct fake_host - the host
 * @test: the test that it belongs to
 * @channel: channels; the first is the primary
 * @suite: of the suite
 * @deliver: lets the driver read a channel's ring
 * @on_nvsp: a message; returns true if it has been dealt with
 * @on_control: a control message, before its receipt; likewise
 * @on_share: error of sharing a buffer
 * @on_open: error of opening a channel
 * @version: newest NVSP version that it speaks
 * @refuse: NVSP message that is answered by a status of failure
 * @silent_nvsp: NVSP message that is not answered
 * @refuse_vf: it takes the data path back as soon as it has moved it to the VF
 * @vf_path: where the data path is, as far as the driver has asked
 * @vf_asked: how often it has
 * @refuse_oid: object whose query or set fails; ~0: initialising does
 * @silent_oid: the same, without an answer
 * @gone_at: NVSP message at which the channel is rescinded; ~0: any control
 *	message
 * @subchannels: that it grants
 * @rss_queues: queues that it says it has; 0: it does not know RSS
 * @rss_entries: entries of the table
 * @recv_slots: slots that it says the receive buffer has; 0: those that fit
 * @section_bytes: of a section of the send buffer
 * @max_packets: RNDIS packets in one message
 * @alignment: exponent of their alignment
 * @mtu: that it allows
 * @mac: permanent address
 * @deaf: it reads no ring
 * @memory: of an isolated guest; NULL, as it is at first, for another
 * @isolated: what @memory is set to for that
 * @malice: what tampers with its messages, or NULL
 * @recv: receive buffer that was shared with it, or NULL
 * @recv_bytes: its size
 * @send: send buffer
 * @send_bytes: its size
 * @gpadls: buffers shared at the moment
 * @shares: how often one was
 * @signals: from the driver
 * @waits: calls of the driver that waited
 * @timeouts: of them in vain
 * @waited_ms: how long these would have taken
 * @last_wait_ms: bound of the last wait
 * @nvsp_log: types of NVSP messages
 * @num_nvsp: entries of it
 * @oid_log: objects queried and set, 0 for an initialisation, 1 for halt
 * @num_oids: entries of it
 * @control: the last control message
 * @filter: packet filter
 * @offload: offload parameters
 * @rss_info: RSS parameters
 * @rss_bytes: bytes of them
 * @frame: messages with frames that have not been completed
 * @num_frames: entries of it
 * @returned: receive completions of the driver, by channel
 * @returned_id: id of the last of them
 */
struct fake_host {
	struct kunit *test;
	struct fake_channel channel[FAKE_CHANNELS];
	void *suite;
	void (*deliver)(struct fake_host *host, u32 channel);

	bool (*on_nvsp)(struct fake_host *host, u32 type,
			const struct fake_packet *pkt);
	bool (*on_control)(struct fake_host *host,
			   const struct fake_control *control);
	int on_share;
	int on_open[FAKE_CHANNELS];

	u32 version;
	u32 refuse;
	u32 silent_nvsp;
	bool refuse_vf;
	u32 vf_path;
	u32 vf_asked;
	u32 refuse_oid;
	u32 silent_oid;
	u32 gone_at;
	u32 subchannels;
	u32 rss_queues;
	u32 rss_entries;
	u32 recv_slots;
	u32 section_bytes;
	u32 max_packets;
	u32 alignment;
	u32 mtu;
	u8 mac[ETH_ALEN];
	bool deaf;
	struct fake_memory *memory;
	struct fake_memory *isolated;
	struct fake_malice *malice;

	u8 *recv;
	u32 recv_bytes;
	u8 *send;
	u32 send_bytes;
	u32 gpadls;
	u32 shares;

	u32 signals;
	u32 waits;
	u32 timeouts;
	u32 waited_ms;
	u32 last_wait_ms;
	u32 nvsp_log[FAKE_LOG];
	u32 num_nvsp;
	u32 oid_log[FAKE_LOG];
	u32 num_oids;
	struct fake_control control;
	u32 filter;
	struct ndis_offload_params offload;
	u8 rss_info[FAKE_INFO_BYTES];
	u32 rss_bytes;
	struct fake_frame frame[FAKE_FRAMES];
	u32 num_frames;
	u32 returned[FAKE_CHANNELS];
	u64 returned_id;
};

struct fake_host *fake_host_alloc(struct kunit *test);
void fake_host_run(struct fake_host *host, u32 channel);
void fake_host_rescind(struct fake_host *host);

void fake_complete(struct fake_host *host, u32 channel, u64 xid,
		   const void *payload, u32 len);
void fake_complete_rndis(struct fake_host *host, u32 channel, u64 xid,
			 u32 status);
void fake_complete_all(struct fake_host *host);
u32 fake_frame_word(const struct fake_host *host, u32 frame, u32 at, u32 word);
u32 fake_frame_item(const struct fake_host *host, u32 frame, u32 type);
const u8 *fake_frame_data(const struct fake_host *host, u32 frame);
void fake_tell(struct fake_host *host, u32 type, u32 word, u32 more);
void fake_receive(struct fake_host *host, u32 channel, u64 xid, u32 slot,
		  const void *message, u32 len);
void fake_answer(struct fake_host *host, u32 type, u32 request_id, u32 status,
		 const void *info, u32 info_len);
void fake_indicate(struct fake_host *host, u32 status, const void *info,
		   u32 info_len);

struct fake_memory *fake_memory_init(struct fake_host *host);
const u8 *fake_memory_at(struct fake_host *host, u64 pfn, u32 offset);
void fake_memory_list(struct fake_host *host, const struct fake_packet *pkt);
u32 fake_memory_visible(const struct fake_host *host);

/*
 * Lets the @nth allocation of this task from now on fail, once; 0: none. It has
 * to be permitted, in debugfs, for allocations that may sleep.
 */
static inline void fake_fail_at(unsigned int nth)
{
#ifdef CONFIG_FAULT_INJECTION
	WRITE_ONCE(current->fail_nth, nth);
#endif
}

/* What is left of that; 0 when it has failed. */
static inline unsigned int fake_fail_left(void)
{
#ifdef CONFIG_FAULT_INJECTION
	return READ_ONCE(current->fail_nth);
#else
	return 0;
#endif
}

u32 fake_packet_type(const struct fake_packet *pkt);
u32 fake_seen(const struct fake_host *host, u32 nvsp_type);
u32 fake_asked(const struct fake_host *host, u32 oid);

/**
 * struct fake_nic - the driver's device on a fake host
 * @host: the host
 * @hv_dev: what VMBus would probe the driver with
 * @nv: the device
 * @probed: it is there
 */
struct fake_nic {
	struct fake_host *host;
	struct hv_device *hv_dev;
	struct netvsc *nv;
	bool probed;
};

struct fake_nic *fake_nic_alloc(struct kunit *test);
int fake_nic_probe(struct fake_nic *nic);
void fake_nic_remove(struct fake_nic *nic);
int fake_nic_open(struct fake_nic *nic);
void fake_nic_close(struct fake_nic *nic);
void fake_nic_deafen(struct fake_host *host, u32 channel);
void fake_nic_poll(struct fake_host *host, u32 channel);
void fake_nic_poll_once(struct fake_host *host, u32 channel);
void fake_nic_receive(struct fake_host *host, u32 slot, u32 len);
struct netvsc_channel *fake_nic_channel(struct fake_nic *nic, u32 channel);

struct bpf_prog *fake_prog(struct kunit *test, u32 act);
int fake_nic_attach(struct fake_nic *nic, struct bpf_prog *prog);

#endif /* KUNIT_FAKE_HOST_H */
