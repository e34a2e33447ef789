// SPDX-License-Identifier: GPL-2.0
/*
 * A VMBus channel: opening, closing, interrupts, subchannels, rescind.
 */
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

#include "channel.h"
#include "compat.h"

/* How late a waiter may learn that its channel has been rescinded. */
#define NVB_WAIT_SLICE_MS	20

/*
 * Guards nvb_channel.on_sub and .sub_running, and a primary channel's pointer
 * to its nvb_channel. Innermost, process context; held for no longer than
 * looking at them takes.
 */
static DEFINE_SPINLOCK(nvb_sub_lock);

/* ring.h describes the control page anew; it must be the kernel's. */
static_assert(offsetof(struct hv_ring_buffer, write_index) ==
	      offsetof(struct nvb_ring_ctrl, write_index));
static_assert(offsetof(struct hv_ring_buffer, read_index) ==
	      offsetof(struct nvb_ring_ctrl, read_index));
static_assert(offsetof(struct hv_ring_buffer, interrupt_mask) ==
	      offsetof(struct nvb_ring_ctrl, interrupt_mask));
static_assert(offsetof(struct hv_ring_buffer, pending_send_sz) ==
	      offsetof(struct nvb_ring_ctrl, pending_send_size));
static_assert(offsetof(struct hv_ring_buffer, feature_bits) ==
	      offsetof(struct nvb_ring_ctrl, feature_bits));

/* VMBus calls this with the channel's sched_lock held, in hard interrupt. */
static void nvb_channel_isr(void *context)
{
	struct nvb_channel *ch = context;

	/* Pairs with nvb_channel_go_live(): the rings are set up. */
	if (smp_load_acquire(&ch->open))
		ch->irq(ch->ctx);
}

static int nvb_channel_open_rings(struct nvb_channel *ch, u32 bytes)
{
	int ret;

	for (;;) {
		u32 ring = VMBUS_RING_SIZE(bytes);

		ret = vmbus_open(ch->vmbus, ring, ring, NULL, 0,
				 nvb_channel_isr, ch);
		if (!ret)
			ch->ring_bytes = ring;
		/* Both rings are one contiguous piece of memory. */
		if (ret != -ENOMEM || bytes / 2 < NVB_RING_MIN_BYTES)
			return ret;
		bytes /= 2;
	}
}

static int nvb_channel_init_rings(struct nvb_channel *ch, u8 *copy)
{
	struct vmbus_channel *vmbus = ch->vmbus;
	struct nvb_ring_counters counters = {
		.out_full_total = &vmbus->out_full_total,
		.out_full_first = &vmbus->out_full_first,
		.out_signals = &vmbus->intr_out_empty,
		.in_signals = &vmbus->intr_in_full,
	};
	int ret;

	ret = nvb_out_init(&ch->out, (void *)vmbus->outbound.ring_buffer,
			   hv_get_ring_buffer(&vmbus->outbound),
			   vmbus->outbound.ring_datasize, &counters);
	if (ret)
		return ret;
	return nvb_in_init(&ch->in, (void *)vmbus->inbound.ring_buffer,
			   hv_get_ring_buffer(&vmbus->inbound),
			   vmbus->inbound.ring_datasize, copy, &counters);
}

/*
 * The host may have written and signalled since it opened the channel, before
 * the interrupt handler would listen: look once, as if it had.
 */
static void nvb_channel_go_live(struct nvb_channel *ch)
{
	/* Pairs with nvb_channel_isr(). */
	smp_store_release(&ch->open, true);
	/* A signal that came before this is made up for by what follows. */
	smp_mb();
	if (nvb_in_empty(&ch->in))
		return;

	local_bh_disable();
	local_irq_disable();
	ch->irq(ch->ctx);
	local_irq_enable();
	local_bh_enable();
}

/*
 * VMBus does not close a subchannel by itself, so take our callback out of it
 * under the lock that VMBus calls it with: once this is done, the interrupt
 * handler is not running, and will not run, with our context.
 */
static void nvb_channel_detach_irq(struct vmbus_channel *vmbus)
{
	unsigned long flags;

	spin_lock_irqsave(&vmbus->sched_lock, flags);
	vmbus->onchannel_callback = NULL;
	spin_unlock_irqrestore(&vmbus->sched_lock, flags);
}

/**
 * nvb_channel_open() - open a channel and start its interrupts
 * @ch: the channel, zeroed or closed before
 * @vmbus: the kernel's channel, as offered
 * @ring_bytes: memory for each direction; halved until it can be had, down to
 *	NVB_RING_MIN_BYTES; @ch->ring_bytes tells the result
 * @irq: called in hard interrupt context when the host signals, possibly
 *	before this function returns
 * @ctx: argument of @irq
 *
 * Context: Process context. Waits for the host as long as the VMBus core
 * does, and no longer than until a rescind.
 * Return: 0, or a negative error, with nothing left open.
 */
int nvb_channel_open(struct nvb_channel *ch, struct vmbus_channel *vmbus,
		     u32 ring_bytes, void (*irq)(void *ctx), void *ctx)
{
	u8 *copy;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(nvb_channel_open, ch, vmbus, ring_bytes, irq,
				   ctx);

	/* The host of a resumed guest may not have the device any more. */
	if (vmbus->offermsg.child_relid == INVALID_RELID)
		return -ENODEV;

	copy = kmalloc_node(NVB_IN_COPY_BYTES, GFP_KERNEL,
			    nvb_channel_node(vmbus));
	if (!copy)
		return -ENOMEM;

	ch->vmbus = vmbus;
	ch->irq = irq;
	ch->ctx = ctx;
	ch->open = false;
	init_waitqueue_head(&ch->sub_idle);

	set_channel_read_mode(vmbus, HV_CALL_ISR);
	ret = nvb_channel_open_rings(ch, ring_bytes);
	if (ret)
		goto err_free;
	ret = nvb_channel_init_rings(ch, copy);
	if (ret)
		goto err_close;

	nvb_channel_go_live(ch);
	return 0;

err_close:
	vmbus_close(vmbus);
err_free:
	nvb_channel_detach_irq(vmbus);
	ch->vmbus = NULL;
	kfree(copy);
	return ret;
}

/**
 * nvb_channel_close() - stop using a channel
 * @ch: the channel; does nothing if it is not open
 *
 * Nobody may poll the channel any more; whoever still sends finds the ring
 * dead. Closing the primary closes the subchannels as well, as far as the
 * host is concerned, so they must have been closed here first.
 *
 * Context: Process context. No interrupt handler of @ch runs afterwards.
 */
void nvb_channel_close(struct nvb_channel *ch)
{
	struct vmbus_channel *vmbus = ch->vmbus;

	KUNIT_STATIC_STUB_REDIRECT(nvb_channel_close, ch);

	if (!ch->open)
		return;

	spin_lock_bh(&ch->out.lock);
	nvb_out_stop(&ch->out);
	spin_unlock_bh(&ch->out.lock);

	WRITE_ONCE(ch->open, false);
	nvb_channel_detach_irq(vmbus);
	nvb_in_stop(&ch->in);
	if (vmbus->primary_channel) {
		ch->vmbus = NULL;
	} else {
		nvb_channel_no_subchannels(ch);
		vmbus_close(vmbus);
	}
	kfree(ch->in.copy);
	ch->in.copy = NULL;
}

/**
 * nvb_channel_signal() - tell the host to look at the channel
 * @ch: the channel
 *
 * To be called exactly when nvb_out_publish() or nvb_in_publish() say so:
 * a host throttles guests that signal more often.
 *
 * Context: Any, while the channel is open.
 */
void nvb_channel_signal(struct nvb_channel *ch)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_channel_signal, ch);

	vmbus_setevent(ch->vmbus);
}

/**
 * nvb_channel_rescinded() - whether the host has taken the channel away
 * @ch: the channel
 *
 * A closed subchannel counts as rescinded.
 *
 * Context: Any.
 * Return: true if nothing more can be expected from the host.
 */
bool nvb_channel_rescinded(const struct nvb_channel *ch)
{
	return !ch->vmbus || READ_ONCE(ch->vmbus->rescind);
}

/**
 * nvb_channel_wait() - wait for an answer of the host
 * @ch: the channel that it must come through
 * @done: completed when it came
 * @timeout_ms: how long at most, in milliseconds
 *
 * The time is the clock's: slices take longer than they are meant to, and more so
 * on a busy machine. One whole slice comes after its end, in which a guest that was
 * not run until then hears what has come meanwhile.
 *
 * Context: Process context.
 * Return: 0 when it came, -ENODEV soon after the channel was rescinded,
 * -ETIMEDOUT.
 */
int nvb_channel_wait(const struct nvb_channel *ch, struct completion *done,
		     unsigned int timeout_ms)
{
	unsigned long slice = msecs_to_jiffies(min_t(unsigned int, timeout_ms,
						     NVB_WAIT_SLICE_MS));
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	bool last;

	KUNIT_STATIC_STUB_REDIRECT(nvb_channel_wait, ch, done, timeout_ms);

	do {
		last = time_after_eq(jiffies, end);
		if (wait_for_completion_timeout(done, slice))
			return 0;
		if (nvb_channel_rescinded(ch))
			return -ENODEV;
	} while (!last);

	return -ETIMEDOUT;
}

static struct nvb_channel *nvb_sub_begin(struct vmbus_channel *primary)
{
	struct nvb_channel *ch;

	spin_lock(&nvb_sub_lock);
	ch = get_per_channel_state(primary);
	if (ch)
		ch->sub_running++;
	spin_unlock(&nvb_sub_lock);
	return ch;
}

/* The wake-up is inside the lock, so that the waiter outlives it. */
static void nvb_sub_end(struct nvb_channel *ch)
{
	spin_lock(&nvb_sub_lock);
	if (!--ch->sub_running)
		wake_up_all(&ch->sub_idle);
	spin_unlock(&nvb_sub_lock);
}

static bool nvb_sub_is_idle(struct nvb_channel *ch)
{
	bool idle;

	spin_lock(&nvb_sub_lock);
	idle = !ch->sub_running;
	spin_unlock(&nvb_sub_lock);
	return idle;
}

static void nvb_sub_created(struct vmbus_channel *sub)
{
	struct nvb_channel *ch = nvb_sub_begin(sub->primary_channel);

	if (!ch)
		return;
	ch->on_sub(ch->sub_ctx, sub);
	nvb_sub_end(ch);
}

/**
 * nvb_channel_on_subchannel() - hear of subchannels as the host offers them
 * @primary: the primary channel, open
 * @cb: called for each; may open it and sleep
 * @ctx: first argument of @cb
 *
 * Calls for several subchannels may run at the same time.
 *
 * Context: Process context.
 */
void nvb_channel_on_subchannel(struct nvb_channel *primary,
			       void (*cb)(void *ctx,
					  struct vmbus_channel *sub),
			       void *ctx)
{
	spin_lock(&nvb_sub_lock);
	primary->on_sub = cb;
	primary->sub_ctx = ctx;
	set_per_channel_state(primary->vmbus, primary);
	spin_unlock(&nvb_sub_lock);

	vmbus_set_sc_create_callback(primary->vmbus, nvb_sub_created);
}

/**
 * nvb_channel_no_subchannels() - undo nvb_channel_on_subchannel()
 * @primary: the primary channel
 *
 * Context: Process context. Waits for calls in progress: hold no lock that
 * the callback takes.
 */
void nvb_channel_no_subchannels(struct nvb_channel *primary)
{
	vmbus_set_sc_create_callback(primary->vmbus, NULL);

	spin_lock(&nvb_sub_lock);
	set_per_channel_state(primary->vmbus, NULL);
	spin_unlock(&nvb_sub_lock);

	wait_event(primary->sub_idle, nvb_sub_is_idle(primary));
}

/**
 * nvb_channel_subindex() - which of a NIC's channels one is
 * @vmbus: the kernel's channel
 *
 * Context: Any.
 * Return: 0 for the primary; as told by the host and unchecked for others.
 */
u16 nvb_channel_subindex(const struct vmbus_channel *vmbus)
{
	return vmbus->offermsg.offer.sub_channel_index;
}

/**
 * nvb_channel_cpu() - the CPU that takes a channel's interrupts
 * @vmbus: the kernel's channel
 *
 * Context: Any. The administrator may change it at any time.
 * Return: a CPU's number.
 */
int nvb_channel_cpu(const struct vmbus_channel *vmbus)
{
	return READ_ONCE(vmbus->target_cpu);
}

/**
 * nvb_channel_node() - the memory node near a channel's interrupts
 * @vmbus: the kernel's channel
 *
 * Context: Any.
 * Return: a node's number, for allocations.
 */
int nvb_channel_node(const struct vmbus_channel *vmbus)
{
	return cpu_to_node(nvb_channel_cpu(vmbus));
}

/**
 * nvb_gpadl_before_close() - the order of tearing down that this host needs
 *
 * Hosts before Windows 10 lose a GPADL's teardown after the channel has been
 * closed; later ones do not finish it before.
 *
 * Context: Any.
 * Return: true if buffers must be unshared before the channel is closed.
 */
bool nvb_gpadl_before_close(void)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_gpadl_before_close);

	return vmbus_proto_version < VERSION_WIN10;
}

/**
 * nvb_vmbus_version() - the version of VMBus that was agreed with the host
 *
 * Context: Any.
 * Return: major version in the high 16 bits, minor in the low.
 */
u32 nvb_vmbus_version(void)
{
	return vmbus_proto_version;
}
