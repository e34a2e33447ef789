/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The synthetic interrupt controller, seen from the host's side: messages and
 * event flags to a virtual processor, connections from the guest.
 */
#ifndef HVHOST_SYNIC_H
#define HVHOST_SYNIC_H

#include <stddef.h>
#include <stdint.h>

#include "loop.h"

#define SYNIC_SINT_VMBUS 2
#define SYNIC_MESSAGE_MAX 240

/* Hypercall results (low 16 bits of RAX). */
enum hv_status {
	HV_STATUS_SUCCESS = 0x00,
	HV_STATUS_INVALID_HYPERCALL_CODE = 0x02,
	HV_STATUS_INVALID_HYPERCALL_INPUT = 0x03,
	HV_STATUS_INVALID_ALIGNMENT = 0x04,
	HV_STATUS_INVALID_PARAMETER = 0x05,
	HV_STATUS_INVALID_CONNECTION_ID = 0x12,
	HV_STATUS_INSUFFICIENT_BUFFERS = 0x13,
};

/*
 * Queues a message for the slot of (vp, sint). Messages of one slot arrive in
 * order; one that finds its slot occupied waits for the guest's end of message.
 * payload is copied; len <= SYNIC_MESSAGE_MAX. With the host lock held.
 */
void synic_post_message(unsigned int vp, unsigned int sint, uint32_t type,
			const void *payload, size_t len);

/* Sets an event flag of (vp, sint) and raises the interrupt. */
void synic_signal_event(unsigned int vp, unsigned int sint, unsigned int flag);

/* Drops every message not yet written (the guest unloaded or reset). */
void synic_drop_messages(void);

/*
 * Connects a guest connection id to a handler: HvSignalEvent on that id runs
 * fn(ctx) on the service thread. The number of signals is added to *signals.
 * Returns 0 or -errno.
 */
int synic_connect_event(uint32_t connection_id, loop_fn fn, void *ctx,
			uint64_t *signals);
void synic_disconnect_event(uint32_t connection_id);

/*
 * HvPostMessage from the guest ends here, with the host lock held. Implemented
 * by the VMBus server.
 */
enum hv_status vmbus_post(uint32_t connection_id, uint32_t type,
			  const void *payload, size_t len);

/* Number of virtual processors of this machine. */
unsigned int synic_vp_count(void);

#endif
