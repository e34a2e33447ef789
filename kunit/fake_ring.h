/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VMBus ring in plain memory, and the host's end of it.
 *
 * The end is written from the layout of a ring alone: it shares no code with
 * vmbus_glue/ring.c, so that the two cannot be wrong in the same way.
 */
#ifndef KUNIT_FAKE_RING_H
#define KUNIT_FAKE_RING_H

#include <kunit/test.h>
#include <linux/types.h>

#include "vmbus_glue/ring.h"

struct fake_malice;

/**
 * struct fake_ring - a ring
 * @test: the test that it belongs to
 * @ctrl: control page; no byte more than the driver may touch
 * @data: data area, mapped twice in a row
 * @bytes: size of the data area
 * @malice: what tampers with packets to the driver, or NULL
 */
struct fake_ring {
	struct kunit *test;
	struct nvb_ring_ctrl *ctrl;
	u8 *data;
	u32 bytes;
	struct fake_malice *malice;
};

/**
 * struct fake_packet - a packet as the host sees it, where it is in the ring
 * @ext: what stands between descriptor and payload
 * @payload: the payload
 * @trans_id: transaction id
 * @ext_len: bytes of @ext
 * @payload_len: bytes of @payload, with the padding to 8
 * @type: enum nvb_packet_type
 * @flags: NVB_FLAG_*
 */
struct fake_packet {
	u8 *ext;
	u8 *payload;
	u64 trans_id;
	u32 ext_len;
	u32 payload_len;
	u16 type;
	u16 flags;
};

struct fake_ring *fake_ring_alloc(struct kunit *test, u32 bytes);
u32 fake_ring_room(const struct fake_ring *ring);
void fake_ring_seek(struct fake_ring *ring, u32 index);
bool fake_ring_peek(struct fake_ring *ring, struct fake_packet *pkt);
bool fake_ring_take(struct fake_ring *ring, struct fake_packet *pkt);
u32 fake_ring_write_raw(struct fake_ring *ring, const void *desc, u32 len8);
u32 fake_ring_write(struct fake_ring *ring, u16 type, u64 trans_id,
		    const void *ext, u32 ext_len, const void *payload,
		    u32 payload_len);

#endif /* KUNIT_FAKE_RING_H */
