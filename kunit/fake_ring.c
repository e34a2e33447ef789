// SPDX-License-Identifier: GPL-2.0
/*
 * A VMBus ring in plain memory, and the host's end of it.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fake_malice.h"
#include "fake_ring.h"

#define FAKE_RING_MAX_PAGES	64

static void fake_ring_defer(struct kunit *test, kunit_action_t *undo, void *arg)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, undo, arg));
}

static void fake_ring_free_page(void *page)
{
	__free_page(page);
}

static void fake_ring_unmap(void *va)
{
	vunmap(va);
}

/**
 * fake_ring_alloc() - make a ring
 * @test: frees it in the end; fails at once without memory
 * @bytes: size of the data area, a multiple of the page size
 *
 * Context: Process context, of the test.
 * Return: an empty ring, whose host knows all features.
 */
struct fake_ring *fake_ring_alloc(struct kunit *test, u32 bytes)
{
	struct page *page[2 * FAKE_RING_MAX_PAGES];
	u32 i, num = bytes / PAGE_SIZE;
	struct fake_ring *ring;

	KUNIT_ASSERT_LE(test, num, FAKE_RING_MAX_PAGES);
	ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	ring->ctrl = kunit_kzalloc(test, sizeof(*ring->ctrl), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->ctrl);
	for (i = 0; i < num; i++) {
		page[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
		fake_ring_defer(test, fake_ring_free_page, page[i]);
		page[num + i] = page[i];
	}
	ring->data = vmap(page, 2 * num, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->data);
	fake_ring_defer(test, fake_ring_unmap, ring->data);
	ring->test = test;
	ring->bytes = bytes;
	ring->ctrl->feature_bits = cpu_to_le32(NVB_FEATURE_PENDING_SEND_SIZE);

	return ring;
}

/**
 * fake_ring_seek() - let an empty ring continue somewhere else
 * @ring: the ring, not used by the driver yet
 * @index: both indices
 *
 * Context: Any.
 */
void fake_ring_seek(struct fake_ring *ring, u32 index)
{
	ring->ctrl->write_index = cpu_to_le32(index);
	ring->ctrl->read_index = cpu_to_le32(index);
}

static u32 fake_ring_get(__le32 *from)
{
	return le32_to_cpu(READ_ONCE(*from));
}

/**
 * fake_ring_room() - what can still be written
 * @ring: the ring
 *
 * Context: Any.
 * Return: bytes.
 */
u32 fake_ring_room(const struct fake_ring *ring)
{
	u32 read = fake_ring_get(&ring->ctrl->read_index);
	u32 write = fake_ring_get(&ring->ctrl->write_index);

	return ring->bytes - 8 - (write + ring->bytes - read) % ring->bytes;
}

/**
 * fake_ring_peek() - look at the next packet of the driver's
 * @ring: the ring towards the host
 * @pkt: filled in if there is one
 *
 * What the driver must keep to is checked: descriptor and trailer.
 *
 * Context: Any.
 * Return: false if the ring is empty.
 */
bool fake_ring_peek(struct fake_ring *ring, struct fake_packet *pkt)
{
	u32 read = fake_ring_get(&ring->ctrl->read_index);
	u32 write = fake_ring_get(&ring->ctrl->write_index);
	u32 used = (write + ring->bytes - read) % ring->bytes;
	const u8 *at = ring->data + read;
	u32 offset, len, trailer;

	KUNIT_EXPECT_LT(ring->test, write, ring->bytes);
	KUNIT_EXPECT_EQ(ring->test, 0, write % 8);
	if (!used)
		return false;

	pkt->type = at[0] | at[1] << 8;
	offset = (at[2] | at[3] << 8) * 8;
	len = (at[4] | at[5] << 8) * 8;
	pkt->flags = at[6] | at[7] << 8;
	memcpy(&pkt->trans_id, at + 8, 8);
	pkt->trans_id = le64_to_cpu((__force __le64)pkt->trans_id);
	KUNIT_EXPECT_GE(ring->test, offset, 16);
	KUNIT_EXPECT_GE(ring->test, len, offset);
	KUNIT_EXPECT_LE(ring->test, len + 8, used);
	pkt->ext = ring->data + read + 16;
	pkt->ext_len = offset - 16;
	pkt->payload = ring->data + read + offset;
	pkt->payload_len = len - offset;
	memcpy(&trailer, at + len, 4);
	KUNIT_EXPECT_EQ(ring->test, 0, trailer);
	memcpy(&trailer, at + len + 4, 4);
	KUNIT_EXPECT_EQ(ring->test, read,
			le32_to_cpu((__force __le32)trailer));

	return true;
}

/**
 * fake_ring_take() - take the next packet of the driver's
 * @ring: the ring towards the host
 * @pkt: filled in if there is one; stays readable until it is overwritten
 *
 * Context: Any.
 * Return: false if the ring is empty.
 */
bool fake_ring_take(struct fake_ring *ring, struct fake_packet *pkt)
{
	u32 read = fake_ring_get(&ring->ctrl->read_index);

	if (!fake_ring_peek(ring, pkt))
		return false;
	read += 16 + pkt->ext_len + pkt->payload_len + 8;
	WRITE_ONCE(ring->ctrl->read_index, cpu_to_le32(read % ring->bytes));

	return true;
}

/**
 * fake_ring_write_raw() - write to the driver what need not be a packet
 * @ring: the ring from the host
 * @desc: bytes, a descriptor first
 * @len8: how many, in units of 8
 *
 * Context: Any. There must be room.
 * Return: where they begin.
 */
u32 fake_ring_write_raw(struct fake_ring *ring, const void *desc, u32 len8)
{
	u32 write = fake_ring_get(&ring->ctrl->write_index);

	memcpy(ring->data + write, desc, 8 * len8);
	WRITE_ONCE(ring->ctrl->write_index,
		   cpu_to_le32((write + 8 * len8) % ring->bytes));

	return write;
}

/**
 * fake_ring_write() - write a packet to the driver
 * @ring: the ring from the host
 * @type: enum nvb_packet_type
 * @trans_id: transaction id
 * @ext: what stands between descriptor and payload
 * @ext_len: bytes of it
 * @payload: payload
 * @payload_len: bytes of it
 *
 * Context: Any. There must be room.
 * Return: where the packet begins.
 */
u32 fake_ring_write(struct fake_ring *ring, u16 type, u64 trans_id,
		    const void *ext, u32 ext_len, const void *payload,
		    u32 payload_len)
{
	u32 offset = 16 + ALIGN(ext_len, 8), len = offset + ALIGN(payload_len, 8);
	u32 write = fake_ring_get(&ring->ctrl->write_index);
	u8 *at = ring->data + write;
	__le64 id = cpu_to_le64(trans_id);

	/* A driver that has given up a ring does not empty it. */
	if (ring->malice && fake_ring_room(ring) < len + FAKE_MALICE_BYTES)
		return write;
	memset(at, 0, len + 8);
	at[0] = type;
	at[1] = type >> 8;
	at[2] = offset / 8;
	at[3] = offset / 8 >> 8;
	at[4] = len / 8;
	at[5] = len / 8 >> 8;
	memcpy(at + 8, &id, 8);
	memcpy(at + 16, ext, ext_len);
	memcpy(at + offset, payload, payload_len);
	len += 8;
	if (ring->malice)
		len = fake_malice_tamper(ring->malice, ring, at, len);
	WRITE_ONCE(ring->ctrl->write_index,
		   cpu_to_le32((write + len) % ring->bytes));

	return write;
}
