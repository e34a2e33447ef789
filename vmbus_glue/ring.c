// SPDX-License-Identifier: GPL-2.0
/*
 * Reader and writer of a VMBus ring; see ring.h for the picture.
 *
 * The rules of signalling. A writer signals only when the ring went from
 * empty to non-empty with what it just published, and the reader has not
 * masked itself. A reader signals only when the writer waits for room and
 * what was just consumed made enough of it. Hosts slow down guests that
 * signal more often than this; guests that signal less hang.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include <asm/barrier.h>
#include <asm/byteorder.h>

#include "ring.h"

/* One 8-byte unit is never used: full and empty would look the same. */
#define NVB_RING_RESERVE	8
/* len8 has 16 bits. */
#define NVB_MAX_PACKET_BYTES	(U16_MAX * 8)

static u32 nvb_ring_load(const __le32 *shared)
{
	return le32_to_cpu(READ_ONCE(*shared));
}

static void nvb_ring_store(__le32 *shared, u32 value)
{
	WRITE_ONCE(*shared, cpu_to_le32(value));
}

static bool nvb_ring_index_ok(u32 index, u32 size)
{
	return index < size && IS_ALIGNED(index, 8);
}

static u32 nvb_ring_used(u32 write, u32 read, u32 size)
{
	return write >= read ? write - read : size - read + write;
}

static u32 nvb_ring_advance(u32 index, u32 bytes, u32 size)
{
	index += bytes;
	return index >= size ? index - size : index;
}

static bool nvb_ring_size_ok(u32 size)
{
	return size && size <= S32_MAX && IS_ALIGNED(size, 4096);
}

static void nvb_count(u64 *counter)
{
	if (counter)
		++*counter;
}

/**
 * nvb_out_init() - start writing a freshly opened, empty ring
 * @out: the ring
 * @ctrl: its control page
 * @data: its data area, mapped twice in a row
 * @size: bytes of the data area, once
 * @counters: the kernel's counters to keep in step; any may be NULL
 *
 * Context: Any.
 * Return: 0, or -EINVAL if @size is no ring's size.
 */
int nvb_out_init(struct nvb_ring_out *out, struct nvb_ring_ctrl *ctrl,
		 void *data, u32 size, const struct nvb_ring_counters *counters)
{
	if (!nvb_ring_size_ok(size))
		return -EINVAL;

	memset(out, 0, sizeof(*out));
	spin_lock_init(&out->lock);
	out->ctrl = ctrl;
	out->data = data;
	out->size = size;
	out->counters = *counters;
	return 0;
}

/**
 * nvb_out_stop() - let every later claim fail
 * @out: the ring
 *
 * Packets that were committed and not published stay unpublished.
 *
 * Context: Holding @out->lock, or nobody else uses the ring any more.
 */
void nvb_out_stop(struct nvb_ring_out *out)
{
	out->dead = true;
	out->claimed = 0;
	out->write_index = out->published;
}

/* Room by the index that was last seen: a lower bound of what there is. */
static u32 nvb_out_room(const struct nvb_ring_out *out)
{
	return out->size - NVB_RING_RESERVE -
	       nvb_ring_used(out->write_index, out->read_index, out->size);
}

/*
 * The claims that follow write over what the host has read. The index that
 * permits it decides by a branch, and stores do not overtake a branch.
 */
static bool nvb_out_refresh(struct nvb_ring_out *out)
{
	u32 read;

	if (out->dead)
		return false;

	read = nvb_ring_load(&out->ctrl->read_index);
	if (!nvb_ring_index_ok(read, out->size)) {
		out->dead = true;
		return false;
	}
	out->read_index = read;
	return true;
}

static bool nvb_out_has_room(struct nvb_ring_out *out, u32 bytes)
{
	if (bytes <= nvb_out_room(out))
		return true;
	return nvb_out_refresh(out) && bytes <= nvb_out_room(out);
}

static void nvb_out_count_full(struct nvb_ring_out *out)
{
	out->full_events++;
	nvb_count(out->counters.out_full_total);
	if (!out->full) {
		out->full = true;
		nvb_count(out->counters.out_full_first);
	}
}

/* Everything of a packet behind its descriptor that its sender leaves out. */
static void nvb_out_frame(const struct nvb_ring_out *out, u8 *ext, u32 ext_len,
			  u32 payload_len)
{
	u8 *payload = ext + ALIGN(ext_len, 8);
	struct nvb_trailer *trailer;

	if (!IS_ALIGNED(ext_len, 8))
		memset(payload - 8, 0, 8);
	trailer = (struct nvb_trailer *)(payload + ALIGN(payload_len, 8));
	if (!IS_ALIGNED(payload_len, 8))
		memset((u8 *)trailer - 8, 0, 8);
	trailer->reserved = 0;
	trailer->offset = cpu_to_le32(out->write_index);
}

/**
 * nvb_out_claim() - begin a packet, to be built in place
 * @out: the ring
 * @type: enum nvb_packet_type
 * @flags: NVB_FLAG_*
 * @trans_id: transaction id
 * @ext_len: bytes between descriptor and payload
 * @payload_len: bytes of payload
 *
 * The caller fills in both parts, whole, without reading any of it back, and
 * calls nvb_out_commit(); or it claims again, which forgets this claim. The
 * host can see what is written, but has not been told of it.
 *
 * Context: Holding @out->lock.
 * Return: where the @ext_len bytes go, followed, at the next multiple of 8,
 * by the payload; NULL if there is no room, the packet is too long for any
 * ring, or the ring is dead.
 */
void *nvb_out_claim(struct nvb_ring_out *out, u16 type, u16 flags,
		    u64 trans_id, u32 ext_len, u32 payload_len)
{
	struct nvb_desc *desc;
	u32 offset, bytes;

	out->claimed = 0;
	if (out->dead || ext_len > NVB_MAX_PACKET_BYTES / 2 ||
	    payload_len > NVB_MAX_PACKET_BYTES / 2 - sizeof(*desc))
		return NULL;

	bytes = nvb_out_bytes(ext_len, payload_len);
	if (!nvb_out_has_room(out, bytes)) {
		nvb_out_count_full(out);
		return NULL;
	}

	offset = sizeof(*desc) + ALIGN(ext_len, 8);
	desc = (struct nvb_desc *)(out->data + out->write_index);
	desc->type = cpu_to_le16(type);
	desc->offset8 = cpu_to_le16(offset / 8);
	desc->len8 = cpu_to_le16((bytes - sizeof(struct nvb_trailer)) / 8);
	desc->flags = cpu_to_le16(flags);
	desc->trans_id = cpu_to_le64(trans_id);
	nvb_out_frame(out, (u8 *)(desc + 1), ext_len, payload_len);
	out->claimed = bytes;
	return desc + 1;
}

/**
 * nvb_out_commit() - end the packet that was claimed
 * @out: the ring
 *
 * The host sees the packet with the next nvb_out_publish().
 *
 * Context: Holding @out->lock, since the claim.
 */
void nvb_out_commit(struct nvb_ring_out *out)
{
	if (!out->claimed)
		return;

	out->write_index = nvb_ring_advance(out->write_index, out->claimed,
					    out->size);
	out->claimed = 0;
	out->full = false;
	out->messages++;
}

/**
 * nvb_out_publish() - show the host all packets committed so far
 * @out: the ring
 *
 * Context: Holding @out->lock.
 * Return: true if the host must be signalled; the caller may do so after it
 * has released the lock.
 */
bool nvb_out_publish(struct nvb_ring_out *out)
{
	u32 before = out->published;

	if (out->dead || before == out->write_index)
		return false;

	/* The packets are there before the index that covers them. */
	virt_wmb();
	nvb_ring_store(&out->ctrl->write_index, out->write_index);
	out->published = out->write_index;

	/*
	 * Pairs with the barrier of a host that unmasks, then looks for more:
	 * either it sees the new index, or its mask and its read index, as
	 * they are read here, say that it went to sleep before.
	 */
	virt_mb();
	if (nvb_ring_load(&out->ctrl->interrupt_mask))
		return false;

	/* A mask of 0 speaks for the read index that went before it. */
	virt_rmb();
	if (nvb_ring_load(&out->ctrl->read_index) != before)
		return false;

	out->signals++;
	nvb_count(out->counters.out_signals);
	return true;
}

/**
 * nvb_out_free() - the room in a ring
 * @out: the ring
 *
 * Reads the host's index, which costs a cache miss; a claim does so only
 * when it has to.
 *
 * Context: Holding @out->lock.
 * Return: bytes, to compare with nvb_out_bytes(); 0 if the ring is dead.
 */
u32 nvb_out_free(struct nvb_ring_out *out)
{
	return nvb_out_refresh(out) ? nvb_out_room(out) : 0;
}

/**
 * nvb_out_free_percent() - the part of a ring that is free
 * @out: the ring
 *
 * Context: Holding @out->lock.
 * Return: 0 to 100; 0 if the ring is dead.
 */
u32 nvb_out_free_percent(struct nvb_ring_out *out)
{
	/* In units of 8 bytes, the product fits for any ring's size. */
	return nvb_out_free(out) / 8 * 100 / (out->size / 8);
}

/**
 * nvb_out_want() - ask the host for a signal when there is room
 * @out: the ring
 * @bytes: how much, by nvb_out_bytes(); 0 withdraws the wish
 *
 * Context: Holding @out->lock.
 * Return: true if there is room already, in which case no signal will come.
 */
bool nvb_out_want(struct nvb_ring_out *out, u32 bytes)
{
	if (out->dead)
		return false;

	bytes = ALIGN(bytes, 8);
	nvb_ring_store(&out->ctrl->pending_send_size, bytes);
	if (!bytes)
		return true;

	/*
	 * Pairs with the barrier of a host that moves its read index, then
	 * looks for our wish: one of the two sees the other.
	 */
	virt_mb();
	if (nvb_out_free(out) < bytes)
		return false;
	nvb_ring_store(&out->ctrl->pending_send_size, 0);
	return true;
}

/**
 * nvb_in_init() - start reading a freshly opened ring
 * @in: the ring
 * @ctrl: its control page
 * @data: its data area, mapped twice in a row
 * @size: bytes of the data area, once
 * @copy: NVB_IN_COPY_BYTES, aligned to 8, that live as long as @in is used
 * @counters: the kernel's counters to keep in step; any may be NULL
 *
 * The host may have written packets already.
 *
 * Context: Any.
 * Return: 0, or -EINVAL if @size is no ring's size.
 */
int nvb_in_init(struct nvb_ring_in *in, struct nvb_ring_ctrl *ctrl,
		const void *data, u32 size, u8 *copy,
		const struct nvb_ring_counters *counters)
{
	if (!nvb_ring_size_ok(size))
		return -EINVAL;

	memset(in, 0, sizeof(*in));
	in->ctrl = ctrl;
	in->data = data;
	in->size = size;
	in->copy = copy;
	in->counters = *counters;
	return 0;
}

/**
 * nvb_in_stop() - let the ring look dead, its memory may go away
 * @in: the ring
 *
 * Context: When reader and interrupt have been stopped.
 */
void nvb_in_stop(struct nvb_ring_in *in)
{
	WRITE_ONCE(in->dead, true);
	in->ctrl = NULL;
}

static int nvb_in_corrupt(struct nvb_ring_in *in)
{
	WRITE_ONCE(in->dead, true);
	in->corrupt++;
	return -EPROTO;
}

/* Bytes that wait to be read, or -EPROTO. */
static int nvb_in_waiting(struct nvb_ring_in *in)
{
	u32 write;

	if (in->write_index != in->read_index)
		return nvb_ring_used(in->write_index, in->read_index, in->size);

	write = nvb_ring_load(&in->ctrl->write_index);
	if (!nvb_ring_index_ok(write, in->size))
		return nvb_in_corrupt(in);

	/* What the index covers is read after the index. */
	virt_rmb();
	in->write_index = write;
	return nvb_ring_used(write, in->read_index, in->size);
}

/*
 * The descriptor is fetched word by word, each exactly once: a copy that the
 * compiler might fold back into reads of shared memory could change between
 * check and use.
 */
static void nvb_in_fetch_desc(const u8 *from, struct nvb_desc *desc)
{
	const u64 *words = (const u64 *)from;
	u64 copy[2];

	static_assert(sizeof(copy) == sizeof(*desc));
	copy[0] = READ_ONCE(words[0]);
	copy[1] = READ_ONCE(words[1]);
	memcpy(desc, copy, sizeof(*desc));
}

/**
 * nvb_in_next() - take the next packet
 * @in: the ring
 * @pkt: filled in if the result is 1; valid until the next call
 *
 * The packet is copied out of shared memory once. Its room goes back to the
 * host with nvb_in_publish().
 *
 * Context: The reader's.
 * Return: 1, or 0 if there is none, or -EMSGSIZE if a packet longer than any
 * that a host should send was skipped (go on with the next), or -EPROTO if
 * the ring is corrupt or stopped (read no more).
 */
int nvb_in_next(struct nvb_ring_in *in, struct nvb_packet *pkt)
{
	struct nvb_desc desc;
	u32 waiting, offset, len;
	const u8 *from;
	int ret;

	if (in->dead)
		return -EPROTO;
	ret = nvb_in_waiting(in);
	if (ret <= 0)
		return ret;
	waiting = ret;
	if (waiting < sizeof(desc) + sizeof(struct nvb_trailer))
		return nvb_in_corrupt(in);

	from = in->data + in->read_index;
	nvb_in_fetch_desc(from, &desc);
	offset = le16_to_cpu(desc.offset8) * 8;
	len = le16_to_cpu(desc.len8) * 8;
	if (offset < sizeof(desc) || len < offset ||
	    len > waiting - sizeof(struct nvb_trailer))
		return nvb_in_corrupt(in);

	/* nvb_in_empty() may be looking on from elsewhere. */
	WRITE_ONCE(in->read_index,
		   nvb_ring_advance(in->read_index,
				    len + sizeof(struct nvb_trailer),
				    in->size));
	if (len - sizeof(desc) > NVB_IN_COPY_BYTES) {
		in->oversized++;
		return -EMSGSIZE;
	}

	memcpy(in->copy, from + sizeof(desc), len - sizeof(desc));
	/* From here on the copy is used, not what it was copied from. */
	barrier_data(in->copy);

	pkt->ext = in->copy;
	pkt->payload = in->copy + offset - sizeof(desc);
	pkt->trans_id = le64_to_cpu(desc.trans_id);
	pkt->ext_len = offset - sizeof(desc);
	pkt->payload_len = len - offset;
	pkt->type = le16_to_cpu(desc.type);
	pkt->flags = le16_to_cpu(desc.flags);
	in->packets++;
	return 1;
}

/**
 * nvb_in_publish() - give the room of all packets read back to the host
 * @in: the ring
 *
 * Context: The reader's.
 * Return: true if the host must be signalled, since it waits for room.
 */
bool nvb_in_publish(struct nvb_ring_in *in)
{
	u32 pending, write, before, now;

	if (in->dead || in->published == in->read_index)
		return false;

	before = in->published;
	/* The host may write there as soon as it sees the index. */
	virt_store_release(&in->ctrl->read_index, cpu_to_le32(in->read_index));
	in->published = in->read_index;

	/*
	 * Pairs with the barrier of a host that states its wish, then looks
	 * at our index again: one of the two sees the other.
	 */
	virt_mb();
	if (!(nvb_ring_load(&in->ctrl->feature_bits) &
	      NVB_FEATURE_PENDING_SEND_SIZE))
		return false;
	pending = nvb_ring_load(&in->ctrl->pending_send_size) & ~7U;
	if (!pending)
		return false;

	/* The write index that the host had when it stated its wish. */
	virt_rmb();
	write = nvb_ring_load(&in->ctrl->write_index);
	if (!nvb_ring_index_ok(write, in->size))
		return false;

	/* Only the step that crosses the mark is worth a signal. */
	now = in->size - nvb_ring_used(write, in->read_index, in->size);
	before = in->size - nvb_ring_used(write, before, in->size);
	if (before > pending || now <= pending)
		return false;

	in->signals++;
	nvb_count(in->counters.in_signals);
	return true;
}

/**
 * nvb_in_mask() - tell the host that no signals are wanted
 * @in: the ring; may be corrupt
 *
 * Context: The reader's, or the channel's interrupt.
 */
void nvb_in_mask(struct nvb_ring_in *in)
{
	if (!in->ctrl)
		return;

	nvb_ring_store(&in->ctrl->interrupt_mask, 1);
	/* The mask is there before the ring is looked at. */
	virt_mb();
}

/**
 * nvb_in_unmask() - ask for signals again
 * @in: the ring
 *
 * Publish what has been read first: the host takes a ring whose packets have
 * all been read, but not given back, for one that needs no signal.
 *
 * Context: The reader's, or that of one that has just finished, while the next
 * may have begun.
 * Return: true if packets arrived before the mask was seen to be gone; no
 * signal may come for them, so poll again.
 */
bool nvb_in_unmask(struct nvb_ring_in *in)
{
	if (in->dead)
		return false;

	nvb_ring_store(&in->ctrl->interrupt_mask, 0);
	/*
	 * Pairs with the barrier of a host that moves its write index, then
	 * looks at the mask: one of the two sees the other.
	 */
	virt_mb();
	return !nvb_in_empty(in);
}

/**
 * nvb_in_empty() - whether nothing waits to be read
 * @in: the ring
 *
 * Context: The reader's; elsewhere, while the ring is open, the answer is only
 * a hint.
 * Return: true if nothing waits, or the ring is dead.
 */
bool nvb_in_empty(const struct nvb_ring_in *in)
{
	return READ_ONCE(in->dead) ||
	       nvb_ring_load(&in->ctrl->write_index) ==
	       READ_ONCE(in->read_index);
}
