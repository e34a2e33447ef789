/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMBus server: it offers channels, keeps their life, and hands each one's
 * rings to the device behind it. Everything here runs with the host lock held.
 */
#ifndef HVHOST_VMBUS_H
#define HVHOST_VMBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults.h"
#include "gpadl.h"
#include "guid.h"
#include "loop.h"
#include "ring.h"

struct vmbus_channel;

/*
 * What a device does when the guest acts on one of its channels. A channel must
 * not be freed inside any of them but ->released(), and there only if the device
 * did not ask for a new offer by vmbus_channel_add().
 */
struct vmbus_channel_ops {
	/* The guest opened it; rings are ready. 0, or -errno to refuse. */
	int (*open)(struct vmbus_channel *channel);
	/*
	 * The guest closed it (or unloaded, or the host rescinds it): rings and
	 * buffers are gone after; every GPADL mapping must be dropped here.
	 */
	void (*close)(struct vmbus_channel *channel);
	/*
	 * The guest signalled, or the service task was asked for. Called once
	 * after each open as well; then the ring is still masked, so the device
	 * must unmask it (ring_in_mask()) when it found it empty.
	 */
	void (*service)(struct vmbus_channel *channel);
	/*
	 * The guest let go of the rel-id, so the device may offer it anew. When a
	 * guest disconnects as a whole, that goes for rescinded channels and all
	 * subchannels; other primary channels are just offered again when the
	 * guest comes back. May be NULL.
	 */
	void (*released)(struct vmbus_channel *channel);
};

/*
 * One who meddles with what the host tells the guest of a channel (attack.h). It
 * is asked with the host lock held, and must not rescind anything in there.
 */
struct vmbus_meddler {
	/*
	 * A message about the channel is to be sent; it may be changed, but not
	 * its length. How often it is sent, 0 to leave it out.
	 */
	unsigned int (*message)(struct vmbus_channel *channel, void *message,
				size_t len);
	/* An interrupt is due; false to leave it out. */
	bool (*signal)(struct vmbus_channel *channel);
};

enum vmbus_channel_state {
	VMBUS_CHANNEL_UNOFFERED,	/* known to the host alone */
	VMBUS_CHANNEL_OFFERED,
	VMBUS_CHANNEL_OPEN,
	VMBUS_CHANNEL_RESCINDED,	/* until the guest releases the rel-id */
};

/* How well the guest keeps to the rules of signalling; none breaks anything. */
struct vmbus_signal_stats {
	uint64_t masked;	/* came although the host polls */
	uint64_t empty;		/* came, but nothing was there to do */
	uint64_t repeated;	/* several came for one service */
};

/* Of all former openings; the rings count for the present one. */
struct vmbus_traffic {
	uint64_t packets_from_guest;
	uint64_t packets_to_guest;
	uint64_t batches_to_guest;	/* times that packets were published */
	uint64_t ring_full;		/* times that space had to be waited for */
};

struct vmbus_channel {
	/* Filled in by the device before vmbus_channel_add(). */
	const struct vmbus_channel_ops *ops;
	void *device;			/* the device's own */
	struct guid interface_id;
	struct guid instance_id;
	uint16_t subchannel_index;	/* 0: primary */

	/* Kept by the server; the rest of it zeroed by the device. */
	enum vmbus_channel_state state;
	uint32_t relid;			/* 0: none yet */
	uint32_t connection_id;
	uint32_t target_vp;
	struct ring_out to_guest;	/* valid while open */
	struct ring_in from_guest;
	uint64_t signals_from_guest;
	uint64_t signals_to_guest;
	uint64_t signals_seen;
	struct vmbus_signal_stats stray_signals;
	struct vmbus_traffic traffic;
	uint64_t opens;
	bool known;			/* in the server's list */
	bool wanted;			/* offer it as soon as may be */
	bool close_owed;		/* rescinded while the guest had it open */
	bool dead;			/* a ring is corrupt: not serviced any more */
	struct channel_faults faults;
	const struct vmbus_meddler *meddler;	/* or NULL */
	struct gpadl_map ring_map;
	struct loop_task service_task;
	struct loop_timer unstick_timer;
	struct vmbus_channel *next;	/* of the server */
};

struct vmbus_config {
	uint32_t max_version;		/* e.g. 0x00050003 */
	bool fresh_relids;		/* none is used twice before all have been */
};

void vmbus_init(const struct vmbus_config *config);

/* The guest is gone, without a word: nothing of its connection stays. */
void vmbus_reset(void);

/*
 * Makes the channel known; it is offered at once if the guest has asked for
 * offers, else when it does. Also offers anew a channel whose rel-id was
 * released; if it is rescinded but not released yet, the offer follows the
 * release. 0, or -EBUSY (it is offered), -ENOSPC (no rel-id is left).
 */
int vmbus_channel_add(struct vmbus_channel *channel);

/*
 * Takes the offer back (of a primary: first those of its subchannels);
 * ->released() follows when the guest let go, at once if it never saw the offer.
 */
void vmbus_channel_rescind(struct vmbus_channel *channel);

/* Forgets a channel that is not offered (or was released). */
void vmbus_channel_remove(struct vmbus_channel *channel);

/* Raises the channel's event flag at its target processor. */
void vmbus_channel_signal(struct vmbus_channel *channel);

/* Runs ->service() from the service thread soon, as a signal would. */
void vmbus_channel_kick(struct vmbus_channel *channel);

/* Fault: while on, the channel is not serviced, whatever the guest does. */
void vmbus_channel_silence(struct vmbus_channel *channel, bool on);

/* A complete GPADL of this channel, or NULL. */
struct gpadl *vmbus_gpadl_find(struct vmbus_channel *channel, uint32_t id);

#endif
