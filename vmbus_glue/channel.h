/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VMBus channel: opening, closing, interrupts, subchannels, rescind.
 *
 * A NIC has one primary channel and, on request, subchannels, which VMBus can
 * close only together with the primary. nvb_channel_close() of a subchannel
 * therefore ends our use of it; the host learns of it when the primary is
 * closed. Close the subchannels first, then the primary.
 */
#ifndef VMBUS_GLUE_CHANNEL_H
#define VMBUS_GLUE_CHANNEL_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "ring.h"

struct vmbus_channel;

/* The smallest ring, per direction, that nvb_channel_open() falls back to. */
#define NVB_RING_MIN_BYTES	(64 * 1024)

/**
 * struct nvb_channel - a VMBus channel and its two rings
 * @vmbus: the kernel's channel; stays set when the primary is closed, since
 *	buffers are still unshared by it; NULL when a subchannel is closed
 * @irq: called in hard interrupt context when the host signals
 * @ctx: argument of @irq
 * @ring_bytes: bytes of each ring, as granted
 * @open: the channel is open
 * @on_sub: called in process context for each new subchannel
 * @sub_ctx: argument of @on_sub
 * @sub_running: calls of @on_sub in progress
 * @sub_idle: woken when @sub_running goes to 0
 * @out: the ring towards the host
 * @in: the ring from the host; owned by whoever polls the channel
 *
 * Zero it before the first use.
 */
struct nvb_channel {
	struct vmbus_channel *vmbus;
	void (*irq)(void *ctx);
	void *ctx;
	u32 ring_bytes;
	bool open;

	void (*on_sub)(void *ctx, struct vmbus_channel *sub);
	void *sub_ctx;
	unsigned int sub_running;
	wait_queue_head_t sub_idle;

	struct nvb_ring_out out ____cacheline_aligned_in_smp;
	struct nvb_ring_in in ____cacheline_aligned_in_smp;
};

int nvb_channel_open(struct nvb_channel *ch, struct vmbus_channel *vmbus,
		     u32 ring_bytes, void (*irq)(void *ctx), void *ctx);
void nvb_channel_close(struct nvb_channel *ch);
void nvb_channel_signal(struct nvb_channel *ch);
bool nvb_channel_rescinded(const struct nvb_channel *ch);
int nvb_channel_wait(const struct nvb_channel *ch, struct completion *done,
		     unsigned int timeout_ms);

void nvb_channel_on_subchannel(struct nvb_channel *primary,
			       void (*cb)(void *ctx,
					  struct vmbus_channel *sub),
			       void *ctx);
void nvb_channel_no_subchannels(struct nvb_channel *primary);

u16 nvb_channel_subindex(const struct vmbus_channel *vmbus);
int nvb_channel_cpu(const struct vmbus_channel *vmbus);
int nvb_channel_node(const struct vmbus_channel *vmbus);
bool nvb_gpadl_before_close(void);
u32 nvb_vmbus_version(void);

#endif /* VMBUS_GLUE_CHANNEL_H */
