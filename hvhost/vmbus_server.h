/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the VMBus server share among themselves. */
#ifndef HVHOST_VMBUS_SERVER_H
#define HVHOST_VMBUS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vmbus.h"
#include "vmbus_proto.h"

struct vmbus_server {
	uint32_t max_version;
	bool fresh_relids;
	uint32_t last_relid;		/* that was given out */
	uint32_t version;		/* agreed; 0: not connected */
	uint32_t message_vp;		/* where the guest wants its messages */
	bool offers_requested;
	struct vmbus_channel *channels;	/* in the order of offering */
	struct gpadl *gpadls;		/* of all channels */
	uint64_t contacts;
	uint64_t received[VMBUS_MESSAGE_COUNT];
	uint64_t sent[VMBUS_MESSAGE_COUNT];
};

extern struct vmbus_server vmbus_server;

/* Posts a message; it begins with a struct vmbus_header. */
void vmbus_send(const void *message, size_t len);
/* The same for one about a channel, with which someone may meddle; or NULL. */
void vmbus_send_about(struct vmbus_channel *channel, const void *message,
		      size_t len);

/* vmbus_channel.c */
struct vmbus_channel *vmbus_channel_find(uint32_t relid);
/* Whether anybody meddles with any channel. */
bool vmbus_channels_meddled(void);
void vmbus_channels_offer(void);
/* The guest is gone: closes all channels, and lets go of what it held. */
void vmbus_channels_reset(void);
void vmbus_channels_counters(FILE *out);
void vmbus_on_open(const void *message, size_t len);
void vmbus_on_close(const void *message, size_t len);
void vmbus_on_relid_released(const void *message, size_t len);
void vmbus_on_modify(const void *message, size_t len);

/* vmbus_gpadl.c */
/* Forgets the lists of a channel, or of all (rel-id 0). */
void vmbus_gpadls_drop(uint32_t relid);
void vmbus_on_gpadl_header(const void *message, size_t len);
void vmbus_on_gpadl_body(const void *message, size_t len);
void vmbus_on_gpadl_teardown(const void *message, size_t len);

#endif
