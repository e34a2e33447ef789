/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the NIC share among themselves.
 *
 *	netvsp.c		NICs and their channels: life, service
 *	netvsp_nvsp.c		NVSP: the session, subchannels, completions
 *	netvsp_control.c	RNDIS control messages and indications
 *	netvsp_tx.c		data from the guest
 *	netvsp_rx.c		data to the guest
 *	netvsp_commands.c	commands at run time, counters
 *	netvsp_attack.c		attacks on the guest
 *	netvsp_silence.c	a NIC that falls silent
 *	netvsp_vf.c		the virtual function
 *
 * A NIC is a primary channel and up to 63 subchannels. The session (version,
 * buffers, what was set by OIDs) belongs to the primary channel and lasts from
 * its opening to its closing. All of it runs with the host lock held.
 */
#ifndef HVHOST_NETVSP_NIC_H
#define HVHOST_NETVSP_NIC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend.h"
#include "gpadl.h"
#include "loop.h"
#include "netvsp_options.h"
#include "netvsp_vf.h"
#include "nvsp_proto.h"
#include "oid.h"
#include "pcap.h"
#include "rndis.h"
#include "rndis_proto.h"
#include "rx_slots.h"
#include "toeplitz.h"
#include "vmbus.h"
#include "withheld.h"

#define NETVSP_NICS_MAX 16u

/* Ranges of one received frame in pieces, and so of a packet, at most. */
#define NETVSP_PACKET_RANGES_MAX 562u

/* What one message may carry; more than any driver puts there. */
#define NETVSP_TX_BYTES_MAX (1u << 20)

/* Buckets: 1, 2-4, 5-16, 17-64, 65-256, more. */
#define NETVSP_BUCKETS 6u

struct netvsp_traffic {
	uint64_t frames;
	uint64_t bytes;
	uint64_t messages;		/* NVSP messages that carried them */
	uint64_t per_message[NETVSP_BUCKETS];	/* frames, or ranges */
	uint64_t csum;			/* frames with this information */
	uint64_t lso;			/* to the guest: coalesced ones */
	uint64_t vlan;
	uint64_t hash;
};

struct netvsp_channel_counters {
	struct netvsp_traffic tx;	/* from the guest */
	struct netvsp_traffic rx;	/* to the guest */
	uint64_t tx_sections;		/* messages in a send section alone, */
	uint64_t tx_direct;		/* in guest pages alone, */
	uint64_t tx_combined;		/* and in both */
	uint64_t nvsp_messages;
	uint64_t tx_completions;
	uint64_t rx_completions;
	uint64_t rx_completion_publishes;	/* that brought some of them */
	uint64_t ring_bytes;		/* of packets from the guest */
	uint64_t publishes;		/* that the host saw, see ring.h */
	uint64_t services;
	uint64_t refused;		/* frames for which there was no buffer */
	uint64_t ring_full;		/* packets that had to wait for space */
};

/* A completion that waits for space in the ring; no packet is read meanwhile. */
struct owed_completion {
	bool owed;
	uint64_t transaction_id;
	uint32_t len;
	uint8_t payload[NVSP_MESSAGE_BYTES_V61];
};

/* Frames of this loop turn, in slots already, to be told to the guest. */
struct rx_batch {
	uint32_t count;			/* ranges */
	uint32_t first;			/* slot: names the packet */
	uint32_t last;
	struct vmbus_transfer_range ranges[NETVSP_PACKET_RANGES_MAX];
};

struct netvsp_channel {
	struct vmbus_channel vmbus;
	struct netvsp_nic *nic;
	unsigned int index;		/* 0: primary */
	bool open;
	bool stopped;			/* for good: it must be closed */
	bool due;			/* the service delay is over */
	uint32_t slots_taken;		/* receive slots with the guest */
	uint64_t completion_publish;	/* the last that brought one */
	struct owed_completion owed;
	struct withheld withheld;	/* and these are owed too, on purpose */
	struct rx_batch batch;
	struct loop_task flush;
	struct loop_timer delay;
	struct netvsp_channel_counters counters;
};

/* What the guest agreed on; zero while the primary channel is closed. */
struct nvsp_session {
	uint32_t version;		/* 0: none yet */
	bool have_config;
	bool have_ndis_version;
	bool ready;			/* RNDIS may flow */
	bool rndis_initialized;
	uint64_t caps;
	uint16_t receive_buffer_id;
	uint32_t slot_size;
	struct gpadl_map receive_buffer;
	struct gpadl_map send_buffer;
	struct rx_slots slots;
	unsigned int subchannels;	/* granted */
	bool offers_due;		/* they are still to be offered */
	bool table_due;			/* the send table is to be sent */
	uint32_t table[NVSP_TABLE_ENTRIES];
	bool data_path_due;		/* "the data path is synthetic" is too */
	uint16_t packet_id;		/* of the last coalesced frame */
};

/* A request of the guest, or an indication: both wait for a control slot. */
struct control_item {
	struct control_item *next;
	bool is_indication;
	uint32_t len;
	uint8_t bytes[];		/* the RNDIS message */
};

struct control_queue {
	struct control_item *first;
	struct control_item **end;
	uint32_t request_bytes;
	uint32_t indications;
};

struct failure_count {
	const char *name;		/* static */
	uint64_t count;
};

#define NETVSP_FAILURES_MAX 48u

struct netvsp_nic {
	unsigned int index;
	struct netvsp_options options;
	struct backend *backend;
	struct pcap_file *pcap;
	struct netvsp_channel *channels;	/* options.queues of them */
	struct nvsp_session session;
	struct oid_state oid;
	struct toeplitz toeplitz;	/* of oid.rss.key */
	struct control_queue control;
	bool silent;			/* fault: nothing is answered */
	struct nic_faults faults;
	struct netvsp_attack *attack;	/* fault: what is told is wrong; or NULL */
	struct netvsp_vf *vf;		/* its virtual function, or NULL */
	bool leaving;			/* to be rescinded once it is idle */
	unsigned int leave_looks;	/* since then */
	unsigned int leave_idle;	/* of these, idle without a break */
	struct loop_timer leave;
	bool running;			/* the back end may offer frames */
	bool refused;			/* it did, in vain: it must be resumed */
	uint64_t unwanted;		/* frames that the filter kept out */
	struct loop_task resume;
	uint8_t *tx_bytes;		/* a message gathered from guest memory */
	struct ring_packet packet;	/* the one being handled */
	struct failure_count failures[NETVSP_FAILURES_MAX];
};

/* netvsp.c */
extern struct netvsp_nic *netvsp_nics[NETVSP_NICS_MAX];
extern unsigned int netvsp_nic_count;

static inline struct netvsp_channel *netvsp_primary(struct netvsp_nic *nic)
{
	return &nic->channels[0];
}

/* Channels that are open, the primary included. */
unsigned int netvsp_open_channels(const struct netvsp_nic *nic);

/*
 * The guest broke a rule beyond repair: the channel stays open, but nothing on
 * it is answered until it is closed.
 */
void netvsp_fatal(struct netvsp_channel *channel, const char *rule,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same without blame: the guest took its buffers back. */
void netvsp_channel_stop(struct netvsp_channel *channel);

/* Counts what went wrong; name is a string that lives on. */
void netvsp_count_failure(struct netvsp_nic *nic, const char *name);

/*
 * Takes the NIC away: at once, or after what is under way came to its end. A
 * guest may wait for ever for a packet that nobody will complete.
 */
void netvsp_nic_rescind(struct netvsp_nic *nic, bool now);

/* To be called when what decides about it changed: tells the back end. */
void netvsp_update_running(struct netvsp_nic *nic);
/* Begins or ends to withhold what the bits of enum nic_withholding name. */
void netvsp_withhold(struct netvsp_nic *nic, unsigned int what, bool on);
/* There are buffers again: a back end that was refused may try once more. */
void netvsp_resume(struct netvsp_nic *nic);

unsigned int netvsp_bucket(uint32_t count);

/* netvsp_nvsp.c */
void nvsp_session_end(struct netvsp_nic *nic);
void nvsp_handle_packet(struct netvsp_channel *channel,
			const struct ring_packet *packet);
/* Bytes to which messages to the guest are padded. */
uint32_t nvsp_message_bytes(const struct netvsp_nic *nic);
/* Writes what waits for space in the ring; false if there still is none. */
bool nvsp_settle(struct netvsp_channel *channel);
/* Whether completions keep the channel from being read for now. */
bool nvsp_blocked(const struct netvsp_channel *channel);
/* Offers what was granted; not before the guest could see the grant. */
void nvsp_offer_subchannels(struct netvsp_nic *nic);
/* A subchannel was opened: the table follows the last one. */
void nvsp_subchannel_opened(struct netvsp_nic *nic);

/* netvsp_control.c */
/* Takes a control message; false if too many bytes wait already. */
bool netvsp_control_queue(struct netvsp_nic *nic, const uint8_t *bytes,
			  uint32_t len);
/* Handles what waits, as long as control slots and ring space last. */
void netvsp_control_run(struct netvsp_nic *nic);
void netvsp_control_clear(struct netvsp_nic *nic);
/* Tells the guest; 0, -ENOTCONN (no RNDIS session), -EBUSY, -ENOMEM. */
int netvsp_indicate(struct netvsp_nic *nic, uint32_t status,
		    const void *buffer, uint32_t len);

/* netvsp_tx.c */
/* A message with RNDIS data or control; the status of its completion. */
enum nvsp_status netvsp_transmit(struct netvsp_channel *channel,
				 const struct ring_packet *packet,
				 bool *control);

/* netvsp_rx.c */
bool netvsp_receive(void *nic, struct frame *frame);
/* Tells the guest what is in the batch; false if the ring has no space. */
bool netvsp_rx_flush(struct netvsp_channel *channel);
void netvsp_rx_flush_task(void *channel, uint32_t events);
/* The guest is done with a packet. */
void netvsp_rx_completed(struct netvsp_channel *channel,
			 uint64_t transaction_id);
/* The channel is closed: its slots are free again. */
void netvsp_rx_close(struct netvsp_channel *channel);
/* Offloads were agreed anew: whether the back end may coalesce. */
void netvsp_rx_update_rsc(struct netvsp_nic *nic);

/* netvsp_attack.c; all but the first two do nothing without an attack */
/* what: a seed or a name; mask: which of its attacks. 0, -EINVAL, -ENOMEM. */
int netvsp_attack_begin(struct netvsp_nic *nic, const char *what,
			uint32_t mask);
void netvsp_attack_end(struct netvsp_nic *nic);
void netvsp_attack_status(const struct netvsp_nic *nic, FILE *out);
void netvsp_attack_opened(struct netvsp_channel *channel);
/* A packet of the guest, which is about to be handled. */
void netvsp_attack_learn(struct netvsp_channel *channel,
			 const struct ring_packet *packet);
/* A frame: before its head is built, and when it is in its slot. */
void netvsp_attack_frame(struct netvsp_channel *channel,
			 struct rndis_ppis *ppis);
void netvsp_attack_frame_slot(struct netvsp_channel *channel, size_t offset);
/* A control message is in its slot. */
void netvsp_attack_control_slot(struct netvsp_channel *channel, size_t offset,
				uint32_t type);

/* netvsp_silence.c */
/* In place of an NVSP message: the granted subchannels are to be offered. */
#define NETVSP_STEP_OFFERS UINT32_MAX

/* The NIC answers nothing from now on; or it speaks again. */
void netvsp_silence(struct netvsp_nic *nic, bool on);
/* It falls silent when the guest comes to that step; false: no such step. */
bool netvsp_silence_at(struct netvsp_nic *nic, const char *name);
void netvsp_silence_steps(FILE *out);
/*
 * To be asked before a message is handled: true if it is the one at which the
 * NIC has just fallen silent. An RNDIS message has the body of its type.
 */
bool netvsp_silent_at_nvsp(struct netvsp_nic *nic, uint32_t type);
bool netvsp_silent_at_rndis(struct netvsp_nic *nic, uint32_t type,
			    const uint8_t *body);

/* netvsp_commands.c */
void netvsp_commands_register(void);

#endif
