/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reader and writer of a VMBus ring.
 *
 * A channel has two rings. Each is one control page, shared with the host,
 * and a data area that the VMBus core maps twice in a row, so that a packet
 * is contiguous in virtual memory from its first byte even where it wraps.
 * Indices are byte offsets into the data area and multiples of 8.
 *
 *	| descriptor 16 | ext, 8-aligned | payload | zeroes to 8 | trailer 8 |
 *	^ packet start  ^ byte 16        ^ byte 8 * offset8      ^ 8 * len8
 *
 * Both sides here keep their own indices and publish them; nothing that the
 * host writes is used before it has been read once and checked. The kernel's
 * own packet functions keep indices of their own: never use them on a channel
 * that is driven by this code.
 *
 * Nothing in here knows a VMBus channel: signalling the host is the caller's
 * part, told by the return values.
 */
#ifndef VMBUS_GLUE_RING_H
#define VMBUS_GLUE_RING_H

#include <linux/build_bug.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* The start of a ring's control page. */
struct nvb_ring_ctrl {
	__le32 write_index;
	__le32 read_index;
	__le32 interrupt_mask;		/* the reader wants no signals */
	__le32 pending_send_size;	/* the writer waits for room */
	__le32 reserved[12];
	__le32 feature_bits;
} /* WIRE */;
static_assert(sizeof(struct nvb_ring_ctrl) == 68);

#define NVB_FEATURE_PENDING_SEND_SIZE	0x1

enum nvb_packet_type {
	NVB_PACKET_INBAND		= 6,
	NVB_PACKET_XFER_PAGES		= 7,	/* from the host */
	NVB_PACKET_GPA_DIRECT		= 9,	/* to the host */
	NVB_PACKET_COMPLETION		= 11,
};

#define NVB_FLAG_COMPLETION_REQUESTED	0x1

struct nvb_desc {
	__le16 type;
	__le16 offset8;			/* of the payload, in 8 bytes */
	__le16 len8;			/* without the trailer, in 8 bytes */
	__le16 flags;
	__le64 trans_id;
} /* WIRE */;
static_assert(sizeof(struct nvb_desc) == 16);

struct nvb_trailer {
	__le32 reserved;
	__le32 offset;			/* the index where it began */
} /* WIRE */;
static_assert(sizeof(struct nvb_trailer) == 8);

/* ext of NVB_PACKET_XFER_PAGES: this and range_count ranges. */
struct nvb_xfer_hdr {
	__le16 buffer_id;
	__le16 reserved;
	__le32 range_count;
} /* WIRE */;
static_assert(sizeof(struct nvb_xfer_hdr) == 8);

struct nvb_xfer_range {
	__le32 byte_count;
	__le32 byte_offset;
} /* WIRE */;
static_assert(sizeof(struct nvb_xfer_range) == 8);

/*
 * ext of NVB_PACKET_GPA_DIRECT: this, then for each range struct
 * nvb_gpa_range and one __le64 page number for every 4 KiB page that it
 * touches, whatever the size of the guest's own pages.
 */
struct nvb_gpa_hdr {
	__le32 reserved;
	__le32 range_count;
} /* WIRE */;
static_assert(sizeof(struct nvb_gpa_hdr) == 8);

struct nvb_gpa_range {
	__le32 byte_count;
	__le32 byte_offset;		/* below 4096 */
	__le64 pfn[];
} /* WIRE */;
static_assert(sizeof(struct nvb_gpa_range) == 8);

/* Per-channel counters of the kernel that its sysfs files show. */
struct nvb_ring_counters {
	u64 *out_full_total;
	u64 *out_full_first;
	u64 *out_signals;
	u64 *in_signals;
};

/**
 * struct nvb_ring_out - the ring towards the host
 * @lock: serialises everyone who writes to this channel; take it with
 *	spin_lock_bh(), from softirq context with spin_lock()
 * @ctrl: control page, shared with the host
 * @data: data area, mapped twice
 * @size: bytes of the data area
 * @write_index: end of what has been committed
 * @published: the write index that the host has been told
 * @read_index: the host's read index as it was last seen to be valid
 * @claimed: bytes, with its trailer, of the packet being built, or 0
 * @full: the last claim found no room
 * @dead: the host's index was out of bounds, or the ring is stopped; every
 *	claim fails
 * @counters: the kernel's counters to be kept in step
 * @messages: packets committed
 * @signals: publications after which the host had to be signalled
 * @full_events: claims that found no room
 */
struct nvb_ring_out {
	spinlock_t lock;
	struct nvb_ring_ctrl *ctrl;
	u8 *data;
	u32 size;
	u32 write_index;
	u32 published;
	u32 read_index;
	u32 claimed;
	bool full;
	bool dead;
	struct nvb_ring_counters counters;
	u64 messages;
	u64 signals;
	u64 full_events;
};

/*
 * Room for the longest packet that a host sends: with RSC agreed, 562 ranges,
 * and any NVSP message.
 */
#define NVB_IN_MAX_RANGES	562
#define NVB_IN_MAX_PAYLOAD	128
#define NVB_IN_COPY_BYTES	(sizeof(struct nvb_xfer_hdr) + \
				 NVB_IN_MAX_RANGES * \
				 sizeof(struct nvb_xfer_range) + \
				 NVB_IN_MAX_PAYLOAD)

/**
 * struct nvb_ring_in - the ring from the host, owned by one reader
 * @ctrl: control page, shared with the host
 * @data: data area, mapped twice
 * @size: bytes of the data area
 * @read_index: start of the next packet
 * @published: the read index that the host has been told
 * @write_index: the host's write index as it was last seen to be valid
 * @copy: private copy of the current packet's ext and payload
 * @dead: the ring is corrupt or stopped; nothing is read from it any more
 * @counters: the kernel's counters to be kept in step
 * @packets: packets delivered
 * @signals: publications after which the host had to be signalled
 * @oversized: packets skipped because @copy could not hold them
 * @corrupt: times that the ring was found to be corrupt
 */
struct nvb_ring_in {
	struct nvb_ring_ctrl *ctrl;
	const u8 *data;
	u32 size;
	u32 read_index;
	u32 published;
	u32 write_index;
	u8 *copy;
	bool dead;
	struct nvb_ring_counters counters;
	u64 packets;
	u64 signals;
	u64 oversized;
	u64 corrupt;
};

/**
 * struct nvb_packet - one packet from the host, in private memory
 * @ext: what stands between descriptor and payload, 8-aligned
 * @payload: the payload, 8-aligned
 * @trans_id: transaction id
 * @ext_len: bytes of @ext
 * @payload_len: bytes of @payload, the padding to 8 included
 * @type: enum nvb_packet_type, unchecked
 * @flags: NVB_FLAG_*, unchecked
 *
 * Valid until the next nvb_in_next() on the same ring.
 */
struct nvb_packet {
	const void *ext;
	const void *payload;
	u64 trans_id;
	u32 ext_len;
	u32 payload_len;
	u16 type;
	u16 flags;
};

int nvb_out_init(struct nvb_ring_out *out, struct nvb_ring_ctrl *ctrl,
		 void *data, u32 size,
		 const struct nvb_ring_counters *counters);
void nvb_out_stop(struct nvb_ring_out *out);
void *nvb_out_claim(struct nvb_ring_out *out, u16 type, u16 flags,
		    u64 trans_id, u32 ext_len, u32 payload_len);
void nvb_out_commit(struct nvb_ring_out *out);
bool nvb_out_publish(struct nvb_ring_out *out);
u32 nvb_out_free(struct nvb_ring_out *out);
u32 nvb_out_free_percent(struct nvb_ring_out *out);
bool nvb_out_want(struct nvb_ring_out *out, u32 bytes);

/**
 * nvb_out_pending() - whether the host has not been shown everything yet
 * @out: the ring
 *
 * Context: Any; without @out->lock the answer is only a hint.
 * Return: true if nvb_out_publish() has something to publish.
 */
static inline bool nvb_out_pending(const struct nvb_ring_out *out)
{
	return READ_ONCE(out->write_index) != READ_ONCE(out->published);
}

/**
 * nvb_out_used() - what is in the ring, by the last that was seen of the host
 * @out: the ring
 *
 * Context: Any; without @out->lock the answer is only a hint.
 * Return: bytes, those included that the host has not been shown.
 */
static inline u32 nvb_out_used(const struct nvb_ring_out *out)
{
	u32 write = READ_ONCE(out->write_index);
	u32 read = READ_ONCE(out->read_index);

	return write >= read ? write - read : out->size - read + write;
}

/**
 * nvb_out_idle() - whether the host has read all that it has been shown
 * @out: the ring
 *
 * Only then may publishing more call for a signal.
 *
 * Context: Any; only a hint.
 * Return: true if it has.
 */
static inline bool nvb_out_idle(const struct nvb_ring_out *out)
{
	return le32_to_cpu(READ_ONCE(out->ctrl->read_index)) ==
	       READ_ONCE(out->published);
}

/**
 * nvb_out_bytes() - the room that a packet takes in a ring
 * @ext_len: bytes between descriptor and payload
 * @payload_len: bytes of payload
 *
 * Context: Any.
 * Return: bytes, to be compared with nvb_out_free() or given to
 * nvb_out_want().
 */
static inline u32 nvb_out_bytes(u32 ext_len, u32 payload_len)
{
	return sizeof(struct nvb_desc) + ALIGN(ext_len, 8) +
	       ALIGN(payload_len, 8) + sizeof(struct nvb_trailer);
}

int nvb_in_init(struct nvb_ring_in *in, struct nvb_ring_ctrl *ctrl,
		const void *data, u32 size, u8 *copy,
		const struct nvb_ring_counters *counters);
void nvb_in_stop(struct nvb_ring_in *in);
int nvb_in_next(struct nvb_ring_in *in, struct nvb_packet *pkt);

/**
 * nvb_in_consumed() - what has been read and not given back to the host
 * @in: the ring
 *
 * Context: The reader's.
 * Return: bytes.
 */
static inline u32 nvb_in_consumed(const struct nvb_ring_in *in)
{
	u32 read = in->read_index;

	if (read < in->published)
		read += in->size;
	return read - in->published;
}

bool nvb_in_publish(struct nvb_ring_in *in);
void nvb_in_mask(struct nvb_ring_in *in);
bool nvb_in_unmask(struct nvb_ring_in *in);
bool nvb_in_empty(const struct nvb_ring_in *in);

#endif /* VMBUS_GLUE_RING_H */
