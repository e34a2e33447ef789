// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of vmbus_glue/ring.c: what stands in the ring, when the other side is
 * signalled, wrap, full, and a host that lies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktap.h"
#include "vmbus_glue/ring.h"

#define RING_BYTES	4096U

void (*kshim_at_barrier)(void);

/* A ring as the VMBus core maps it: the data twice in a row. */
static struct nvb_ring_ctrl ctrl;
static u8 *data;
static u8 copy[NVB_IN_COPY_BYTES] __attribute__((aligned(8)));
static struct nvb_ring_out out;
static struct nvb_ring_in in;
static u64 full_total, full_first, out_signals, in_signals;

static const struct nvb_ring_counters counters = {
	.out_full_total = &full_total,
	.out_full_first = &full_first,
	.out_signals = &out_signals,
	.in_signals = &in_signals,
};

static void map_ring(void)
{
	int fd = memfd_create("ring", 0);
	u8 *half;

	data = mmap(NULL, 2 * RING_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || ftruncate(fd, RING_BYTES) || data == MAP_FAILED) {
		perror("a ring's memory");
		exit(2);
	}
	for (half = data; half < data + 2 * RING_BYTES; half += RING_BYTES) {
		if (mmap(half, RING_BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
			perror("a ring's memory");
			exit(2);
		}
	}
	close(fd);
}

/* Both ends on one ring: what @out writes, @in reads. */
static void fresh(void)
{
	kshim_at_barrier = NULL;
	memset(&ctrl, 0, sizeof(ctrl));
	ctrl.feature_bits = cpu_to_le32(NVB_FEATURE_PENDING_SEND_SIZE);
	memset(data, 0xee, RING_BYTES);
	full_total = 0;
	full_first = 0;
	out_signals = 0;
	in_signals = 0;
	EXPECT_EQ(nvb_out_init(&out, &ctrl, data, RING_BYTES, &counters), 0);
	EXPECT_EQ(nvb_in_init(&in, &ctrl, data, RING_BYTES, copy, &counters),
		  0);
}

/* Write one packet of the given payload, every byte of it @fill. */
static bool put(u32 payload_len, u8 fill)
{
	u8 *to = nvb_out_claim(&out, NVB_PACKET_INBAND, 0, fill, 0,
			       payload_len);

	if (!to)
		return false;
	memset(to, fill, payload_len);
	nvb_out_commit(&out);
	return true;
}

/* Place both ends of an empty ring at @index. */
static void seek(u32 index)
{
	out.write_index = index;
	out.published = index;
	out.read_index = index;
	in.read_index = index;
	in.published = index;
	in.write_index = index;
	ctrl.write_index = cpu_to_le32(index);
	ctrl.read_index = cpu_to_le32(index);
}

static void init_sizes(void)
{
	fresh();
	EXPECT_EQ(nvb_out_init(&out, &ctrl, data, 0, &counters), -EINVAL);
	EXPECT_EQ(nvb_out_init(&out, &ctrl, data, 4095, &counters), -EINVAL);
	EXPECT_EQ(nvb_out_init(&out, &ctrl, data, 0x80000000, &counters),
		  -EINVAL);
	EXPECT_EQ(nvb_in_init(&in, &ctrl, data, 0, copy, &counters), -EINVAL);
	EXPECT_EQ(nvb_in_init(&in, &ctrl, data, 100, copy, &counters),
		  -EINVAL);
}

static void out_layout(void)
{
	static const u8 golden[] = {
		0x09, 0x00, 0x04, 0x00, 0x06, 0x00, 0x01, 0x00,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		'e', 'x', 't', 'e', 'n', 's', 'i', 'o',
		'n', '!', 0, 0, 0, 0, 0, 0,
		'p', 'a', 'y', 'l', 'o', 'a', 'd', '-',
		'b', 'y', 't', 'e', 's', 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
	};
	u8 *to;

	fresh();
	to = nvb_out_claim(&out, NVB_PACKET_GPA_DIRECT,
			   NVB_FLAG_COMPLETION_REQUESTED,
			   0x1122334455667788ULL, 10, 13);
	EXPECT(to == data + 16);
	memcpy(to, "extension!", 10);
	memcpy(to + 16, "payload-bytes", 13);
	nvb_out_commit(&out);
	EXPECT_EQ(ctrl.write_index, 0);
	EXPECT_EQ(nvb_out_publish(&out), true);
	EXPECT_EQ(le32_to_cpu(ctrl.write_index), sizeof(golden));
	EXPECT_BYTES(data, golden, sizeof(golden));
	EXPECT_EQ(nvb_out_bytes(10, 13), sizeof(golden));
	EXPECT_EQ(data[sizeof(golden)], 0xee);
	EXPECT_EQ(out.messages, 1);
}

static void out_trailer_tells_the_start(void)
{
	static const u8 trailer[8] = { 0, 0, 0, 0, 0x20, 0, 0, 0 };

	fresh();
	EXPECT(put(8, 1));
	EXPECT(put(8, 2));
	EXPECT_BYTES(data + 32 + 24, trailer, sizeof(trailer));
}

static void out_claim_can_be_forgotten(void)
{
	fresh();
	EXPECT(nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 1, 0, 100) != NULL);
	EXPECT(nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 2, 0, 8) != NULL);
	nvb_out_commit(&out);
	nvb_out_commit(&out);
	EXPECT_EQ(out.messages, 1);
	nvb_out_publish(&out);
	EXPECT_EQ(le32_to_cpu(ctrl.write_index), 32);
}

static void out_signals_when_the_ring_was_empty(void)
{
	fresh();
	EXPECT_EQ(nvb_out_publish(&out), false);
	EXPECT(put(8, 1));
	EXPECT(put(8, 2));
	EXPECT_EQ(nvb_out_publish(&out), true);
	EXPECT_EQ(nvb_out_publish(&out), false);

	/* Not while the first two wait, nor when one of them does. */
	EXPECT(put(8, 3));
	EXPECT_EQ(nvb_out_publish(&out), false);
	ctrl.read_index = cpu_to_le32(32);
	EXPECT(put(8, 4));
	EXPECT_EQ(nvb_out_publish(&out), false);

	ctrl.read_index = cpu_to_le32(4 * 32);
	EXPECT(put(8, 5));
	EXPECT_EQ(nvb_out_publish(&out), true);
	EXPECT_EQ(out.signals, 2);
	EXPECT_EQ(out_signals, 2);
	EXPECT_EQ(out.messages, 5);
}

static void out_does_not_signal_a_masked_host(void)
{
	fresh();
	ctrl.interrupt_mask = cpu_to_le32(1);
	EXPECT(put(8, 1));
	EXPECT_EQ(nvb_out_publish(&out), false);
	EXPECT_EQ(le32_to_cpu(ctrl.write_index), 32);
	EXPECT_EQ(out.signals, 0);
}

static void host_reads_old_and_sleeps(void)
{
	ctrl.read_index = cpu_to_le32(32);
	ctrl.interrupt_mask = 0;
}

static void out_signals_a_host_that_went_to_sleep(void)
{
	fresh();
	EXPECT(put(8, 1));
	nvb_out_publish(&out);
	ctrl.interrupt_mask = cpu_to_le32(1);

	/* It reads up to the old index, unmasks, and misses the new one. */
	kshim_at_barrier = host_reads_old_and_sleeps;
	EXPECT(put(8, 2));
	EXPECT_EQ(nvb_out_publish(&out), true);
}

static void host_reads_all(void)
{
	ctrl.read_index = ctrl.write_index;
}

static void out_does_not_signal_a_host_that_saw_it(void)
{
	fresh();
	kshim_at_barrier = host_reads_all;
	EXPECT(put(8, 1));
	EXPECT_EQ(nvb_out_publish(&out), false);
}

static void out_fills_to_the_last_unit(void)
{
	fresh();
	EXPECT_EQ(nvb_out_free(&out), RING_BYTES - 8);
	EXPECT_EQ(nvb_out_free_percent(&out), 99);
	EXPECT(!put(RING_BYTES - 24, 1));
	EXPECT(put(RING_BYTES - 8 - 24, 1));
	EXPECT_EQ(nvb_out_free(&out), 0);
	EXPECT_EQ(nvb_out_free_percent(&out), 0);
	EXPECT(!put(0, 2));
	EXPECT_EQ(out.full_events, 2);

	/* The same when the room is seen only on a second look. */
	nvb_out_publish(&out);
	ctrl.read_index = ctrl.write_index;
	EXPECT(put(RING_BYTES - 8 - 24, 3));
	EXPECT_EQ(nvb_out_free(&out), 0);
}

static void out_counts_full_as_the_kernel_does(void)
{
	fresh();
	while (put(200, 1))
		;
	EXPECT(!put(200, 1));
	EXPECT(!put(200, 1));
	EXPECT_EQ(out.full_events, 3);
	EXPECT_EQ(full_total, 3);
	EXPECT_EQ(full_first, 1);

	nvb_out_publish(&out);
	ctrl.read_index = ctrl.write_index;
	EXPECT(put(200, 1));
	while (put(200, 1))
		;
	EXPECT_EQ(full_total, 4);
	EXPECT_EQ(full_first, 2);
}

static void out_refreshes_only_when_it_must(void)
{
	fresh();
	EXPECT(put(200, 1));
	nvb_out_publish(&out);
	/* With room by the old index, a bad new one is not looked at. */
	ctrl.read_index = cpu_to_le32(RING_BYTES);
	EXPECT(put(200, 1));
	EXPECT(!out.dead);
	while (put(200, 1))
		;
	EXPECT(out.dead);
}

static void out_survives_bad_read_indices(void)
{
	static const u32 bad[] = { RING_BYTES, RING_BYTES + 8, 4, 1,
				   0xfffffff8, 0xffffffff };
	u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fresh();
		ctrl.read_index = cpu_to_le32(bad[i]);
		EXPECT_EQ(nvb_out_free(&out), 0);
		EXPECT(!put(8, 1));
		EXPECT_EQ(nvb_out_publish(&out), false);
		EXPECT_EQ(nvb_out_want(&out, 8), false);
		EXPECT_EQ(out.full_events, 0);

		/* Nor does it get what was ready before. */
		fresh();
		EXPECT(put(8, 1));
		ctrl.read_index = cpu_to_le32(bad[i]);
		EXPECT_EQ(nvb_out_free_percent(&out), 0);
		EXPECT_EQ(nvb_out_publish(&out), false);
		EXPECT_EQ(ctrl.write_index, 0);
	}
}

static void out_refuses_what_no_ring_holds(void)
{
	fresh();
	EXPECT(!nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 0, U32_MAX, 8));
	EXPECT(!nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 0, 8, U32_MAX));
	EXPECT(!nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 0, U32_MAX,
			      U32_MAX));
	EXPECT_EQ(out.full_events, 0);
	EXPECT(!nvb_out_claim(&out, NVB_PACKET_INBAND, 0, 0, 0, RING_BYTES));
	EXPECT_EQ(out.full_events, 1);
	EXPECT(put(8, 1));
}

static void host_makes_room(void)
{
	ctrl.read_index = ctrl.write_index;
}

static void out_wants_room(void)
{
	fresh();
	EXPECT_EQ(nvb_out_want(&out, 100), true);
	EXPECT_EQ(ctrl.pending_send_size, 0);

	while (put(200, 1))
		;
	nvb_out_publish(&out);
	EXPECT_EQ(nvb_out_want(&out, 1001), false);
	EXPECT_EQ(le32_to_cpu(ctrl.pending_send_size), 1008);

	/* Room that comes while the wish is stated is seen. */
	kshim_at_barrier = host_makes_room;
	EXPECT_EQ(nvb_out_want(&out, 1001), true);
	EXPECT_EQ(ctrl.pending_send_size, 0);

	ctrl.pending_send_size = cpu_to_le32(8);
	EXPECT_EQ(nvb_out_want(&out, 0), true);
	EXPECT_EQ(ctrl.pending_send_size, 0);
}

static void out_stopped(void)
{
	fresh();
	EXPECT(put(8, 1));
	nvb_out_stop(&out);
	EXPECT_EQ(nvb_out_publish(&out), false);
	EXPECT_EQ(ctrl.write_index, 0);
	EXPECT(!put(8, 2));
	EXPECT_EQ(nvb_out_free(&out), 0);
	EXPECT_EQ(nvb_out_want(&out, 8), false);
	EXPECT_EQ(ctrl.pending_send_size, 0);
}

static void in_takes_packets(void)
{
	struct nvb_packet pkt;
	u8 *to;

	fresh();
	EXPECT(nvb_in_empty(&in));
	EXPECT_EQ(nvb_in_next(&in, &pkt), 0);

	to = nvb_out_claim(&out, NVB_PACKET_XFER_PAGES,
			   NVB_FLAG_COMPLETION_REQUESTED, 0xabcdef, 16, 5);
	memcpy(to, "0123456789abcdef" "hello", 21);
	nvb_out_commit(&out);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 0);
	nvb_out_publish(&out);
	EXPECT(!nvb_in_empty(&in));
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	EXPECT_EQ(pkt.type, NVB_PACKET_XFER_PAGES);
	EXPECT_EQ(pkt.flags, NVB_FLAG_COMPLETION_REQUESTED);
	EXPECT_EQ(pkt.trans_id, 0xabcdef);
	EXPECT_EQ(pkt.ext_len, 16);
	EXPECT_EQ(pkt.payload_len, 8);
	EXPECT_BYTES(pkt.ext, "0123456789abcdef", 16);
	EXPECT_BYTES(pkt.payload, "hello\0\0\0", 8);

	/* The copy is private. */
	memset(data, 0x55, RING_BYTES);
	EXPECT_BYTES(pkt.payload, "hello\0\0\0", 8);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 0);
	EXPECT_EQ(in.packets, 1);
}

static void in_and_out_wrap_at_every_offset(void)
{
	struct nvb_packet pkt;
	u32 index, i;

	for (index = 0; index < RING_BYTES; index += 8) {
		fresh();
		seek(index);
		EXPECT(put(333, index / 8 & 0xff));
		EXPECT_EQ(nvb_out_publish(&out), true);
		EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
		EXPECT_EQ(pkt.payload_len, 336);
		for (i = 0; i < 333; i++)
			EXPECT_EQ(((const u8 *)pkt.payload)[i],
				  index / 8 & 0xff);
		EXPECT_EQ(nvb_in_next(&in, &pkt), 0);
		EXPECT_EQ(nvb_in_publish(&in), false);
		EXPECT_EQ(ctrl.read_index, ctrl.write_index);
	}
}

/* Random lengths and batches, many laps; order, content and room must hold. */
static void in_and_out_many_laps(void)
{
	struct nvb_packet pkt;
	u64 sent = 0, received = 0;
	int round, ret;

	fresh();
	srand(1);
	for (round = 0; round < 20000; round++) {
		int n = rand() % 5;

		while (n-- && put(8 + rand() % 700, sent & 0xff))
			sent++;
		nvb_out_publish(&out);
		for (n = rand() % 5; n--;) {
			ret = nvb_in_next(&in, &pkt);
			EXPECT(ret >= 0);
			if (ret <= 0)
				break;
			EXPECT_EQ(pkt.trans_id, received & 0xff);
			EXPECT_EQ(*(const u8 *)pkt.payload, received & 0xff);
			received++;
		}
		if (rand() % 2)
			nvb_in_publish(&in);
	}
	while (nvb_in_next(&in, &pkt) == 1)
		received++;
	nvb_in_publish(&in);
	EXPECT_EQ(received, sent);
	EXPECT_EQ(out.messages, in.packets);
	EXPECT(sent > 20000);
	EXPECT_EQ(nvb_out_free(&out), RING_BYTES - 8);
}

static void in_survives_bad_write_indices(void)
{
	static const u32 bad[] = { RING_BYTES, RING_BYTES + 8, 4, 1, 23,
				   0xfffffff8, 0xffffffff };
	struct nvb_packet pkt;
	u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fresh();
		ctrl.write_index = cpu_to_le32(bad[i]);
		EXPECT(!nvb_in_empty(&in));
		EXPECT_EQ(nvb_in_next(&in, &pkt), -EPROTO);
		/* For good, even when the host repents; counted once. */
		ctrl.write_index = 0;
		EXPECT_EQ(nvb_in_next(&in, &pkt), -EPROTO);
		EXPECT(nvb_in_empty(&in));
		EXPECT_EQ(nvb_in_publish(&in), false);
		EXPECT_EQ(nvb_in_unmask(&in), false);
		EXPECT_EQ(in.corrupt, 1);
		nvb_in_mask(&in);
		EXPECT_EQ(le32_to_cpu(ctrl.interrupt_mask), 1);
	}
}

/* A packet of 64 bytes, its descriptor as given, in a ring of @waiting. */
static int next_of(u16 offset8, u16 len8, u32 waiting)
{
	struct nvb_desc desc = {
		.type = cpu_to_le16(NVB_PACKET_INBAND),
		.offset8 = cpu_to_le16(offset8),
		.len8 = cpu_to_le16(len8),
	};
	struct nvb_packet pkt;

	fresh();
	memcpy(data, &desc, sizeof(desc));
	ctrl.write_index = cpu_to_le32(waiting);
	return nvb_in_next(&in, &pkt);
}

static void in_survives_bad_descriptors(void)
{
	u32 waiting;

	EXPECT_EQ(next_of(2, 7, 64), 1);
	EXPECT_EQ(next_of(2, 2, 64), 1);
	EXPECT_EQ(next_of(7, 7, 64), 1);

	EXPECT_EQ(next_of(0, 7, 64), -EPROTO);
	EXPECT_EQ(next_of(1, 7, 64), -EPROTO);
	EXPECT_EQ(next_of(8, 7, 64), -EPROTO);
	EXPECT_EQ(next_of(0xffff, 7, 64), -EPROTO);
	EXPECT_EQ(next_of(2, 0, 64), -EPROTO);
	EXPECT_EQ(next_of(2, 1, 64), -EPROTO);
	EXPECT_EQ(next_of(2, 8, 64), -EPROTO);
	EXPECT_EQ(next_of(2, 0xffff, 64), -EPROTO);
	EXPECT_EQ(next_of(0xffff, 0xffff, 64), -EPROTO);
	EXPECT_EQ(next_of(0, 0, 64), -EPROTO);

	/* Every length that the index might cover too little of. */
	for (waiting = 8; waiting < 64; waiting += 8)
		EXPECT_EQ(next_of(2, 7, waiting), -EPROTO);
	EXPECT_EQ(in.corrupt, 1);
}

static void in_skips_oversized_packets(void)
{
	static u8 big_copy[2 * 16384];
	static struct nvb_ring_ctrl big_ctrl;
	struct nvb_desc desc = {
		.type = cpu_to_le16(NVB_PACKET_INBAND),
		.offset8 = cpu_to_le16(2),
		.len8 = cpu_to_le16((16 + NVB_IN_COPY_BYTES + 8) / 8),
	};
	struct nvb_packet pkt;
	u32 bytes = 16 + NVB_IN_COPY_BYTES + 8 + 8;

	fresh();
	EXPECT_EQ(NVB_IN_COPY_BYTES % 8, 0);
	EXPECT_EQ(nvb_in_init(&in, &big_ctrl, big_copy, 16384, copy,
			      &counters), 0);
	memcpy(big_copy, &desc, sizeof(desc));
	/* The longest that fits comes after it. */
	desc.len8 = cpu_to_le16((16 + NVB_IN_COPY_BYTES) / 8);
	memcpy(big_copy + bytes, &desc, sizeof(desc));
	big_ctrl.write_index = cpu_to_le32(2 * bytes - 8);

	EXPECT_EQ(nvb_in_next(&in, &pkt), -EMSGSIZE);
	EXPECT_EQ(in.oversized, 1);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	EXPECT_EQ(pkt.payload_len, NVB_IN_COPY_BYTES);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 0);
}

/* Read one of two packets of 1024 bytes while the host wants @pending. */
static bool publish_with(u32 pending)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(1000, 1));
	EXPECT(put(1000, 2));
	nvb_out_publish(&out);
	ctrl.pending_send_size = cpu_to_le32(pending);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	return nvb_in_publish(&in);
}

static void in_signals_a_host_that_waits_for_room(void)
{
	/* Free before: 2048, after: 3072. */
	EXPECT_EQ(publish_with(0), false);
	EXPECT_EQ(publish_with(1000), false);
	EXPECT_EQ(publish_with(2040), false);
	EXPECT_EQ(publish_with(2048), true);
	EXPECT_EQ(publish_with(3064), true);
	EXPECT_EQ(in.signals, 1);
	EXPECT_EQ(in_signals, 1);
	EXPECT_EQ(publish_with(3072), false);
	EXPECT_EQ(publish_with(0xfffffff8), false);
	/* The low bits are not part of the wish. */
	EXPECT_EQ(publish_with(7), false);
	EXPECT_EQ(publish_with(2055), true);
	EXPECT_EQ(publish_with(3079), false);
}

static void in_publish_needs_the_feature(void)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(3000, 1));
	nvb_out_publish(&out);
	ctrl.feature_bits = 0;
	ctrl.pending_send_size = cpu_to_le32(2048);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	EXPECT_EQ(nvb_in_publish(&in), false);
	EXPECT_EQ(ctrl.read_index, ctrl.write_index);
}

static void host_wants_room_late(void)
{
	ctrl.pending_send_size = cpu_to_le32(2048);
}

static void in_sees_a_wish_stated_meanwhile(void)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(3000, 1));
	nvb_out_publish(&out);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	kshim_at_barrier = host_wants_room_late;
	EXPECT_EQ(nvb_in_publish(&in), true);
	EXPECT_EQ(nvb_in_publish(&in), false);
}

static void in_publish_with_a_bad_write_index(void)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(3000, 1));
	nvb_out_publish(&out);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	ctrl.pending_send_size = cpu_to_le32(2048);
	ctrl.write_index = cpu_to_le32(0x12345678);
	EXPECT_EQ(nvb_in_publish(&in), false);
}

static void in_keeps_the_room_until_published(void)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(3000, 1));
	nvb_out_publish(&out);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	EXPECT_EQ(ctrl.read_index, 0);
	EXPECT(!put(3000, 2));
	nvb_in_publish(&in);
	EXPECT(put(3000, 2));
}

static void host_sends_late(void)
{
	kshim_at_barrier = NULL;
	put(8, 1);
	/* It still sees the mask that was there before. */
	nvb_out_publish(&out);
}

static void in_masks_and_unmasks(void)
{
	struct nvb_packet pkt;

	fresh();
	nvb_in_mask(&in);
	EXPECT_EQ(le32_to_cpu(ctrl.interrupt_mask), 1);
	EXPECT_EQ(nvb_in_unmask(&in), false);
	EXPECT_EQ(ctrl.interrupt_mask, 0);

	nvb_in_mask(&in);
	kshim_at_barrier = host_sends_late;
	EXPECT_EQ(nvb_in_unmask(&in), true);
	EXPECT_EQ(nvb_in_next(&in, &pkt), 1);
	EXPECT_EQ(nvb_in_publish(&in), false);
	EXPECT_EQ(nvb_in_unmask(&in), false);
}

static void in_stopped(void)
{
	struct nvb_packet pkt;

	fresh();
	EXPECT(put(8, 1));
	nvb_out_publish(&out);
	nvb_in_stop(&in);
	EXPECT_EQ(nvb_in_next(&in, &pkt), -EPROTO);
	EXPECT(nvb_in_empty(&in));
	EXPECT_EQ(nvb_in_publish(&in), false);
	EXPECT_EQ(nvb_in_unmask(&in), false);
	nvb_in_mask(&in);
	EXPECT_EQ(ctrl.interrupt_mask, 0);
	EXPECT_EQ(in.corrupt, 0);
}

/* Whatever stands in the ring, the reader ends and stays inside. */
static void in_survives_noise(void)
{
	struct nvb_packet pkt;
	int round, i, ret;
	u32 taken;

	srand(2);
	for (round = 0; round < 20000; round++) {
		fresh();
		for (i = 0; i < RING_BYTES; i += 8) {
			u64 word = rand() % 4 ? rand() % 64 : rand();

			word |= (u64)(rand() % 40) << 16;
			word |= (u64)(rand() % 100) << 32;
			memcpy(data + i, &word, sizeof(word));
		}
		ctrl.write_index = cpu_to_le32(rand() % RING_BYTES & ~7);
		ctrl.pending_send_size = cpu_to_le32(rand());
		taken = 0;
		do {
			ret = nvb_in_next(&in, &pkt);
			taken++;
		} while (ret == 1 || ret == -EMSGSIZE);
		EXPECT(taken <= RING_BYTES / 24 + 1);
		EXPECT(ret == 0 || ret == -EPROTO);
		nvb_in_publish(&in);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(init_sizes),
	KTAP_CASE(out_layout),
	KTAP_CASE(out_trailer_tells_the_start),
	KTAP_CASE(out_claim_can_be_forgotten),
	KTAP_CASE(out_signals_when_the_ring_was_empty),
	KTAP_CASE(out_does_not_signal_a_masked_host),
	KTAP_CASE(out_signals_a_host_that_went_to_sleep),
	KTAP_CASE(out_does_not_signal_a_host_that_saw_it),
	KTAP_CASE(out_fills_to_the_last_unit),
	KTAP_CASE(out_counts_full_as_the_kernel_does),
	KTAP_CASE(out_refreshes_only_when_it_must),
	KTAP_CASE(out_survives_bad_read_indices),
	KTAP_CASE(out_refuses_what_no_ring_holds),
	KTAP_CASE(out_wants_room),
	KTAP_CASE(out_stopped),
	KTAP_CASE(in_takes_packets),
	KTAP_CASE(in_and_out_wrap_at_every_offset),
	KTAP_CASE(in_and_out_many_laps),
	KTAP_CASE(in_survives_bad_write_indices),
	KTAP_CASE(in_survives_bad_descriptors),
	KTAP_CASE(in_skips_oversized_packets),
	KTAP_CASE(in_signals_a_host_that_waits_for_room),
	KTAP_CASE(in_publish_needs_the_feature),
	KTAP_CASE(in_sees_a_wish_stated_meanwhile),
	KTAP_CASE(in_publish_with_a_bad_write_index),
	KTAP_CASE(in_keeps_the_room_until_published),
	KTAP_CASE(in_masks_and_unmasks),
	KTAP_CASE(in_stopped),
	KTAP_CASE(in_survives_noise),
};

int main(void)
{
	map_ring();
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
