// SPDX-License-Identifier: GPL-2.0
/*
 * Rings. Who reads a ring owns its read index and interrupt mask, who writes it
 * its write index and pending send size; all four are words of the control page.
 * Each side publishes its own word first and looks at the other's after a full
 * barrier, so that at least one of two that meet sees the other.
 */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include "guest_mem.h"
#include "log.h"
#include "vmbus_proto.h"

#define DESCRIPTOR_BYTES ((uint32_t)sizeof(struct ring_descriptor))
#define TRAILER_BYTES ((uint32_t)sizeof(struct ring_trailer))
#define GAP 8u			/* never filled: full must not look like empty */

static struct ring_control *control(const struct ring_mem *mem)
{
	return (struct ring_control *)mem->control;
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void full_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool index_valid(const struct ring_mem *mem, uint32_t index)
{
	return index < mem->size && index % 8 == 0;
}

static uint32_t bytes_used(const struct ring_mem *mem, uint32_t write,
			   uint32_t read)
{
	return write >= read ? write - read : mem->size - read + write;
}

static uint32_t bytes_free(const struct ring_mem *mem, uint32_t write,
			   uint32_t read)
{
	return mem->size - GAP - bytes_used(mem, write, read);
}

static uint32_t advance(const struct ring_mem *mem, uint32_t index,
			uint32_t bytes)
{
	index += bytes;
	return index >= mem->size ? index - mem->size : index;
}

static uint32_t align8(uint32_t bytes)
{
	return (bytes + 7) & ~7u;
}

/* The part of a copy that stays within one page. */
static uint32_t piece(uint32_t index, uint32_t len)
{
	uint32_t room = HV_PAGE_SIZE - index % HV_PAGE_SIZE;

	return len < room ? len : room;
}

static void copy_from(const struct ring_mem *mem, uint32_t index, uint8_t *to,
		      uint32_t len)
{
	while (len) {
		uint32_t n = piece(index, len);

		memcpy(to, mem->data[index / HV_PAGE_SIZE] + index % HV_PAGE_SIZE,
		       n);
		index = advance(mem, index, n);
		to += n;
		len -= n;
	}
}

/* Returns the index behind what was copied. */
static uint32_t copy_to(const struct ring_mem *mem, uint32_t index,
			const void *from, uint32_t len)
{
	const uint8_t *bytes = from;

	while (len) {
		uint32_t n = piece(index, len);

		memcpy(mem->data[index / HV_PAGE_SIZE] + index % HV_PAGE_SIZE,
		       bytes, n);
		index = advance(mem, index, n);
		bytes += n;
		len -= n;
	}
	return index;
}

static uint32_t copy_padding(const struct ring_mem *mem, uint32_t index,
			     uint32_t len)
{
	static const uint8_t zeros[8];

	return copy_to(mem, index, zeros, align8(len) - len);
}

static int mem_init(struct ring_mem *mem, uint8_t **pages, size_t page_count)
{
	if (page_count < 2 || page_count > UINT32_MAX / HV_PAGE_SIZE)
		return -EINVAL;
	mem->control = pages[0];
	mem->data = pages + 1;
	mem->size = (uint32_t)(page_count - 1) * HV_PAGE_SIZE;
	return 0;
}

int ring_in_init(struct ring_in *ring, uint8_t **pages, size_t page_count)
{
	struct ring_control *shared;

	memset(ring, 0, sizeof(*ring));
	if (mem_init(&ring->mem, pages, page_count))
		return -EINVAL;
	shared = control(&ring->mem);
	ring->read_index = load(&shared->read_index);
	if (!index_valid(&ring->mem, ring->read_index))
		return -EINVAL;
	ring->published = ring->read_index;
	ring->write_seen = ring->read_index;
	ring->masked = true;
	store(&shared->interrupt_mask, 1);
	return 0;
}

int ring_out_init(struct ring_out *ring, uint8_t **pages, size_t page_count)
{
	struct ring_control *shared;

	memset(ring, 0, sizeof(*ring));
	if (mem_init(&ring->mem, pages, page_count))
		return -EINVAL;
	shared = control(&ring->mem);
	ring->write_index = load(&shared->write_index);
	if (!index_valid(&ring->mem, ring->write_index))
		return -EINVAL;
	ring->published = ring->write_index;
	store(&shared->pending_send_size, 0);
	store(&shared->feature_bits, RING_FEATURE_PENDING_SIZE);
	return 0;
}

static int in_corrupt(struct ring_in *ring)
{
	ring->dead = true;
	return -EPROTO;
}

/* What a descriptor says must hold together, and fit into what was written. */
static const char *descriptor_flaw(const struct ring_descriptor *desc,
				   uint32_t available)
{
	uint32_t length = desc->length8 * 8u;

	if (desc->type != RING_PACKET_INBAND &&
	    desc->type != RING_PACKET_TRANSFER_PAGES &&
	    desc->type != RING_PACKET_GPA_DIRECT &&
	    desc->type != RING_PACKET_COMPLETION)
		return "unknown packet type";
	if (desc->flags & ~RING_FLAG_COMPLETION_REQUESTED)
		return "unknown flag bits";
	if (desc->data_offset8 < 2)
		return "data inside the descriptor";
	if (desc->length8 < desc->data_offset8)
		return "data begin behind the end";
	if (length + TRAILER_BYTES > available)
		return "longer than what was written";
	if (length > RING_PACKET_MAX)
		return "longer than any packet may be";
	if ((desc->type == RING_PACKET_TRANSFER_PAGES ||
	     desc->type == RING_PACKET_GPA_DIRECT) && desc->data_offset8 < 3)
		return "no room for its ranges";
	return NULL;
}

static int take_packet(struct ring_in *ring, struct ring_packet *packet,
		       uint32_t available)
{
	struct ring_descriptor desc;
	uint32_t data, length, range_count;
	const char *flaw;

	copy_from(&ring->mem, ring->read_index, packet->bytes, DESCRIPTOR_BYTES);
	memcpy(&desc, packet->bytes, sizeof(desc));
	flaw = descriptor_flaw(&desc, available);
	if (flaw) {
		rule_broken("ring-packet",
			    "%s: type %u, data at 8 * %u, length 8 * %u, flags 0x%x, %u bytes there",
			    flaw, desc.type, desc.data_offset8, desc.length8,
			    desc.flags, available);
		return in_corrupt(ring);
	}
	data = desc.data_offset8 * 8u;
	length = desc.length8 * 8u;
	copy_from(&ring->mem,
		  advance(&ring->mem, ring->read_index, DESCRIPTOR_BYTES),
		  packet->bytes + DESCRIPTOR_BYTES, length - DESCRIPTOR_BYTES);
	if (desc.type == RING_PACKET_GPA_DIRECT) {
		memcpy(&range_count, packet->bytes + DESCRIPTOR_BYTES + 4, 4);
		if (!range_count) {
			rule_broken("ring-packet", "GPA-direct without ranges");
			return in_corrupt(ring);
		}
	}
	packet->type = desc.type;
	packet->flags = desc.flags;
	packet->transaction_id = desc.transaction_id;
	packet->extra = packet->bytes + DESCRIPTOR_BYTES;
	packet->extra_len = data - DESCRIPTOR_BYTES;
	packet->payload = packet->bytes + data;
	packet->payload_len = length - data;
	ring->read_index = advance(&ring->mem, ring->read_index,
				   length + TRAILER_BYTES);
	ring->packets++;
	ring->bytes += length + TRAILER_BYTES;
	return 1;
}

int ring_in_read(struct ring_in *ring, struct ring_packet *packet)
{
	struct ring_control *shared = control(&ring->mem);
	uint32_t write, available;

	if (ring->dead)
		return -EPROTO;
	if (!ring->masked && !ring->meddled &&
	    load(&shared->interrupt_mask)) {
		rule_broken("ring-interrupt-mask",
			    "the guest wrote the host's interrupt mask");
		return in_corrupt(ring);
	}
	write = load(&shared->write_index);
	if (!index_valid(&ring->mem, write)) {
		rule_broken("ring-index", "write index %u of a ring of %u bytes",
			    write, ring->mem.size);
		return in_corrupt(ring);
	}
	available = bytes_used(&ring->mem, write, ring->read_index);
	if (!available)
		return 0;
	if (write != ring->write_seen) {
		ring->write_seen = write;
		ring->publishes++;
	}
	if (available < DESCRIPTOR_BYTES) {
		rule_broken("ring-index", "%u bytes written are no packet",
			    available);
		return in_corrupt(ring);
	}
	return take_packet(ring, packet, available);
}

bool ring_in_pending(const struct ring_in *ring)
{
	return !ring->dead &&
	       load(&control(&ring->mem)->write_index) != ring->read_index;
}

bool ring_in_commit(struct ring_in *ring)
{
	struct ring_control *shared = control(&ring->mem);
	uint32_t before = ring->published, pending, write;

	if (ring->dead || before == ring->read_index)
		return false;
	store(&shared->read_index, ring->read_index);
	ring->published = ring->read_index;
	full_barrier();
	pending = load(&shared->pending_send_size) & ~7u;
	if (!pending)
		return false;
	write = load(&shared->write_index);
	if (!index_valid(&ring->mem, write))
		return false;	/* the next read finds it out */
	return bytes_free(&ring->mem, write, before) < pending &&
	       bytes_free(&ring->mem, write, ring->read_index) >= pending;
}

bool ring_in_mask(struct ring_in *ring, bool masked)
{
	if (ring->dead)
		return false;
	ring->masked = masked;
	store(&control(&ring->mem)->interrupt_mask, masked);
	if (masked)
		return false;
	full_barrier();
	return ring_in_pending(ring);
}

uint32_t ring_packet_bytes(uint32_t extra_len, uint32_t payload_len)
{
	return DESCRIPTOR_BYTES + align8(extra_len) + align8(payload_len) +
	       TRAILER_BYTES;
}

uint32_t ring_out_space(struct ring_out *ring)
{
	uint32_t read;

	if (ring->dead)
		return 0;
	read = load(&control(&ring->mem)->read_index);
	if (!index_valid(&ring->mem, read)) {
		rule_broken("ring-index", "read index %u of a ring of %u bytes",
			    read, ring->mem.size);
		ring->dead = true;
		return 0;
	}
	return bytes_free(&ring->mem, ring->write_index, read);
}

void ring_out_want(struct ring_out *ring, uint32_t bytes)
{
	uint32_t least = (ring->mem.size - GAP) / 4;

	if (ring->dead)
		return;
	/* A guest that woke us for each few bytes would cost more than it gives. */
	if (bytes && bytes < least)
		bytes = least;
	ring->wanted = bytes;
	store(&control(&ring->mem)->pending_send_size, bytes);
	full_barrier();
}

/* 0 if there is room; else the guest was asked to tell when there is. */
static int make_room(struct ring_out *ring, uint32_t bytes)
{
	if (bytes > ring->mem.size - GAP)
		return -EMSGSIZE;
	if (ring_out_space(ring) < bytes) {
		if (ring->dead)
			return -EPROTO;
		ring->wait_count++;
		ring_out_want(ring, bytes);
		if (ring_out_space(ring) < bytes)
			return ring->dead ? -EPROTO : -EAGAIN;
	}
	if (ring->wanted)
		ring_out_want(ring, 0);
	return ring->dead ? -EPROTO : 0;
}

int ring_out_write(struct ring_out *ring, uint16_t type, uint16_t flags,
		   uint64_t transaction_id, const void *extra, uint32_t extra_len,
		   const void *payload, uint32_t payload_len)
{
	struct ring_descriptor desc = {
		.type = type,
		.flags = flags,
		.transaction_id = transaction_id,
	};
	struct ring_trailer trailer = { .start = ring->write_index };
	uint32_t length, index;
	int err;

	if (extra_len > RING_PACKET_MAX || payload_len > RING_PACKET_MAX)
		return -EMSGSIZE;
	if (ring->meddler)
		return ring->meddler->write(ring, type, flags, transaction_id,
					    extra, extra_len, payload,
					    payload_len);
	length = ring_packet_bytes(extra_len, payload_len) - TRAILER_BYTES;
	if (length > RING_PACKET_MAX)
		return -EMSGSIZE;
	err = make_room(ring, length + TRAILER_BYTES);
	if (err)
		return err;
	desc.data_offset8 = (uint16_t)((DESCRIPTOR_BYTES + align8(extra_len)) / 8);
	desc.length8 = (uint16_t)(length / 8);
	index = copy_to(&ring->mem, ring->write_index, &desc, sizeof(desc));
	index = copy_to(&ring->mem, index, extra, extra_len);
	index = copy_padding(&ring->mem, index, extra_len);
	index = copy_to(&ring->mem, index, payload, payload_len);
	index = copy_padding(&ring->mem, index, payload_len);
	ring->write_index = copy_to(&ring->mem, index, &trailer, sizeof(trailer));
	ring->packets++;
	return 0;
}

uint32_t ring_packet_build(uint8_t *to, uint32_t write_index, uint16_t type,
			   uint16_t flags, uint64_t transaction_id,
			   const void *extra, uint32_t extra_len,
			   const void *payload, uint32_t payload_len)
{
	const struct ring_trailer trailer = { .start = write_index };
	const uint32_t bytes = ring_packet_bytes(extra_len, payload_len);
	const uint32_t data = DESCRIPTOR_BYTES + align8(extra_len);
	const struct ring_descriptor desc = {
		.type = type,
		.data_offset8 = (uint16_t)(data / 8),
		.length8 = (uint16_t)((bytes - TRAILER_BYTES) / 8),
		.flags = flags,
		.transaction_id = transaction_id,
	};

	memset(to, 0, bytes);
	memcpy(to, &desc, sizeof(desc));
	if (extra_len)
		memcpy(to + DESCRIPTOR_BYTES, extra, extra_len);
	if (payload_len)
		memcpy(to + data, payload, payload_len);
	memcpy(to + bytes - TRAILER_BYTES, &trailer, sizeof(trailer));
	return bytes;
}

int ring_out_append(struct ring_out *ring, const uint8_t *bytes, uint32_t len)
{
	if (ring_out_space(ring) < len)
		return -EAGAIN;
	ring->write_index = copy_to(&ring->mem, ring->write_index, bytes, len);
	ring->packets++;
	return 0;
}

void ring_out_poke(struct ring_out *ring, uint32_t index, const uint8_t *bytes,
		   uint32_t len)
{
	if (!ring->dead && len <= ring->mem.size)
		copy_to(&ring->mem, index % ring->mem.size, bytes, len);
}

bool ring_out_publish(struct ring_out *ring)
{
	struct ring_control *shared = control(&ring->mem);
	uint32_t before = ring->published;

	if (ring->dead || before == ring->write_index)
		return false;
	store(&shared->write_index, ring->write_index);
	ring->published = ring->write_index;
	ring->batches++;
	if (ring->meddler)
		ring->meddler->published(ring);
	full_barrier();
	return !load(&shared->interrupt_mask) &&
	       load(&shared->read_index) == before;
}

bool ring_out_unread(const struct ring_out *ring)
{
	struct ring_control *shared = control(&ring->mem);

	return !ring->dead && !load(&shared->interrupt_mask) &&
	       load(&shared->read_index) != ring->published;
}
