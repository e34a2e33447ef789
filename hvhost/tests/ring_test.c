// SPDX-License-Identifier: GPL-2.0
/* links: ring */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_log.h"
#include "test.h"
#include "vmbus_proto.h"

#define PAGE 4096u
#define DATA_PAGES 2u
#define SIZE (DATA_PAGES * PAGE)

/*
 * The pages lie in memory in reverse order, with gaps, so that a copy which
 * runs over a page's end by mistake is found out.
 */
static uint8_t memory[2 * (DATA_PAGES + 1)][PAGE] __attribute__((aligned(4096)));
static uint8_t *pages[DATA_PAGES + 1];
static struct ring_control *shared;
static struct ring_in in;
static struct ring_out out;
static struct ring_packet packet;

static void set_up(void)
{
	unsigned int i;

	memset(memory, 0xee, sizeof(memory));
	for (i = 0; i <= DATA_PAGES; i++) {
		pages[i] = memory[2 * (DATA_PAGES - i)];
		memset(pages[i], 0, PAGE);
	}
	shared = (struct ring_control *)pages[0];
	fake_log_reset();
}

static void set_up_in(void)
{
	set_up();
	CHECK_EQ(ring_in_init(&in, pages, DATA_PAGES + 1), 0);
}

static void set_up_out(void)
{
	set_up();
	CHECK_EQ(ring_out_init(&out, pages, DATA_PAGES + 1), 0);
}

static bool gaps_untouched(void)
{
	unsigned int i, k;

	for (i = 1; i < 2 * (DATA_PAGES + 1); i += 2)
		for (k = 0; k < PAGE; k++)
			if (memory[i][k] != 0xee)
				return false;
	return true;
}

/* The test's own idea of the ring's bytes, one at a time. */
static uint8_t *ring_byte(uint32_t index)
{
	index %= SIZE;
	return &pages[1 + index / PAGE][index % PAGE];
}

static void guest_put(const void *from, uint32_t len)
{
	const uint8_t *bytes = from;
	uint32_t i;

	for (i = 0; i < len; i++)
		*ring_byte(shared->write_index + i) = bytes[i];
	shared->write_index = (shared->write_index + len) % SIZE;
}

static void guest_get(void *to, uint32_t len)
{
	uint8_t *bytes = to;
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = *ring_byte(shared->read_index + i);
	shared->read_index = (shared->read_index + len) % SIZE;
}

/* A packet of the guest: in-band, with payload_len (multiple of 8) bytes. */
static void guest_send(uint64_t id, uint32_t payload_len)
{
	struct ring_descriptor desc = {
		.type = RING_PACKET_INBAND,
		.data_offset8 = 2,
		.length8 = (uint16_t)(2 + payload_len / 8),
		.flags = 1,
		.transaction_id = id,
	};
	struct ring_trailer trailer = { .start = shared->write_index };
	uint32_t end = shared->write_index, i;
	uint8_t byte;

	guest_put(&desc, sizeof(desc));
	for (i = 0; i < payload_len; i++) {
		byte = (uint8_t)(id + i);
		guest_put(&byte, 1);
	}
	guest_put(&trailer, sizeof(trailer));
	/* Visible all at once would be right; the test has one thread. */
	CHECK(shared->write_index != end);
}

static bool payload_is(uint64_t id, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		if (packet.payload[i] != (uint8_t)(id + i))
			return false;
	return packet.payload_len == len;
}

static void in_starts_masked(void)
{
	set_up_in();
	CHECK_EQ(shared->interrupt_mask, 1);
	CHECK(in.masked);
	CHECK_EQ(in.mem.size, SIZE);
	CHECK_EQ(ring_in_read(&in, &packet), 0);
	CHECK(!ring_in_commit(&in));
}

static void in_reads_packets(void)
{
	uint64_t id;

	set_up_in();
	guest_send(5, 32);
	guest_send(6, 0);
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK_EQ(packet.type, RING_PACKET_INBAND);
	CHECK_EQ(packet.flags, 1);
	CHECK_EQ(packet.transaction_id, 5);
	CHECK_EQ(packet.extra_len, 0);
	CHECK(payload_is(5, 32));
	CHECK_EQ(shared->read_index, 0);
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	id = packet.transaction_id;
	CHECK_EQ(id, 6);
	CHECK_EQ(packet.payload_len, 0);
	CHECK_EQ(ring_in_read(&in, &packet), 0);
	ring_in_commit(&in);
	CHECK_EQ(shared->read_index, shared->write_index);
	CHECK_EQ(in.packets, 2);
	CHECK_EQ(in.bytes, 16 + 32 + 8 + 16 + 8);
	CHECK_EQ(rules_since(), 0);
}

/* However often the guest publishes between two reads, the host sees one. */
static void in_counts_what_it_saw_published(void)
{
	set_up_in();
	CHECK_EQ(ring_in_read(&in, &packet), 0);
	CHECK_EQ(in.publishes, 0);
	guest_send(1, 0);
	guest_send(2, 0);
	guest_send(3, 0);
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK_EQ(in.publishes, 1);
	guest_send(4, 0);
	while (ring_in_read(&in, &packet) == 1)
		;
	CHECK_EQ(in.packets, 4);
	CHECK_EQ(in.publishes, 2);
}

static void in_extra_parts(void)
{
	struct ring_descriptor desc = {
		.type = RING_PACKET_GPA_DIRECT,
		.data_offset8 = 5,
		.length8 = 6,
		.transaction_id = 77,
	};
	uint32_t extra[6] = { 0, 1, 1234, 56, 0x1000, 0 };
	uint64_t payload = 0x1122334455667788, trailer = 0;

	set_up_in();
	guest_put(&desc, sizeof(desc));
	guest_put(extra, sizeof(extra));
	guest_put(&payload, sizeof(payload));
	guest_put(&trailer, sizeof(trailer));
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK_EQ(packet.extra_len, sizeof(extra));
	CHECK_MEM(packet.extra, extra, sizeof(extra));
	CHECK_EQ(packet.payload_len, 8);
	CHECK_MEM(packet.payload, &payload, 8);
}

/* Every possible position of the ring's end inside a packet. */
static void in_wraps_anywhere(void)
{
	uint32_t start;
	unsigned int i;

	for (start = 0; start < SIZE; start += 8) {
		set_up();
		shared->read_index = shared->write_index = start;
		if (ring_in_init(&in, pages, DATA_PAGES + 1)) {
			CHECK(false);
			return;
		}
		for (i = 0; i < 3; i++)
			guest_send(start + i, 2000);
		for (i = 0; i < 3; i++) {
			CHECK_EQ(ring_in_read(&in, &packet), 1);
			CHECK_EQ(packet.transaction_id, start + i);
			CHECK(payload_is(start + i, 2000));
		}
		CHECK_EQ(ring_in_read(&in, &packet), 0);
		CHECK_EQ(in.read_index, shared->write_index);
	}
	CHECK_EQ(rules_since(), 0);
}

static void in_largest_packet(void)
{
	set_up_in();
	guest_send(9, SIZE - 8 - 24);	/* fills all but the gap */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(payload_is(9, SIZE - 8 - 24));
	CHECK_EQ(ring_in_read(&in, &packet), 0);
}

static void check_corrupt(const char *rule)
{
	CHECK_EQ(ring_in_read(&in, &packet), -EPROTO);
	CHECK_STR(last_rule, rule);
	CHECK_EQ(rules_since(), 1);
	/* It stays dead, without naming the rule again. */
	shared->write_index = 0;
	CHECK_EQ(ring_in_read(&in, &packet), -EPROTO);
	CHECK(!ring_in_mask(&in, false));
	CHECK(!ring_in_commit(&in));
	CHECK_EQ(rules_since(), 0);
}

static void in_corrupt_indices(void)
{
	static const uint32_t bad[] = { SIZE, SIZE + 8, 0xfffffff8, 4, 12, 8 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_up_in();
		shared->write_index = bad[i];	/* the last: 8 bytes, no packet */
		check_corrupt("ring-index");
	}
}

static void in_corrupt_mask(void)
{
	set_up_in();
	CHECK(!ring_in_mask(&in, false));
	CHECK_EQ(shared->interrupt_mask, 0);
	guest_send(1, 8);
	shared->interrupt_mask = 1;
	check_corrupt("ring-interrupt-mask");
}

static void in_corrupt_descriptors(void)
{
	static const struct ring_descriptor bad[] = {
		{ .type = 0, .data_offset8 = 2, .length8 = 3 },
		{ .type = 8, .data_offset8 = 2, .length8 = 3 },
		{ .type = 6, .data_offset8 = 1, .length8 = 3 },
		{ .type = 6, .data_offset8 = 4, .length8 = 3 },
		{ .type = 6, .data_offset8 = 2, .length8 = 3, .flags = 2 },
		{ .type = 6, .data_offset8 = 2, .length8 = 8 },	/* one too long */
		{ .type = 6, .data_offset8 = 2, .length8 = 0xffff },
		{ .type = 7, .data_offset8 = 2, .length8 = 3 },
		{ .type = 9, .data_offset8 = 2, .length8 = 3 },
		{ .type = 9, .data_offset8 = 3, .length8 = 3 },	/* no ranges */
	};
	uint64_t zeros[6] = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_up_in();
		guest_put(&bad[i], sizeof(bad[i]));
		guest_put(zeros, sizeof(zeros));
		check_corrupt("ring-packet");
	}
	/* The longest that fits is fine. */
	set_up_in();
	guest_put(&(struct ring_descriptor){ .type = 6, .data_offset8 = 2,
					     .length8 = 7 }, 16);
	guest_put(zeros, sizeof(zeros));
	CHECK_EQ(ring_in_read(&in, &packet), 1);
}

static void in_bad_initial_index(void)
{
	set_up();
	shared->read_index = SIZE;
	CHECK_EQ(ring_in_init(&in, pages, DATA_PAGES + 1), -EINVAL);
	shared->read_index = 3;
	CHECK_EQ(ring_in_init(&in, pages, DATA_PAGES + 1), -EINVAL);
	shared->read_index = 0;
	CHECK_EQ(ring_in_init(&in, pages, 1), -EINVAL);
	CHECK_EQ(ring_in_init(&in, pages, 0), -EINVAL);
	shared->write_index = SIZE;
	CHECK_EQ(ring_out_init(&out, pages, DATA_PAGES + 1), -EINVAL);
}

static void in_unmask_sees_late_packets(void)
{
	set_up_in();
	CHECK_EQ(ring_in_read(&in, &packet), 0);
	guest_send(3, 8);
	CHECK(ring_in_mask(&in, false));
	CHECK_EQ(shared->interrupt_mask, 0);
	ring_in_mask(&in, true);
	CHECK_EQ(shared->interrupt_mask, 1);
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(!ring_in_mask(&in, false));
}

/* The guest is told about space only when it asked, and only when it crosses. */
static void in_commit_signals_waiting_guest(void)
{
	unsigned int i;

	set_up_in();
	for (i = 0; i < 8; i++)
		guest_send(i, 1000 - 24);	/* 8000 of 8184 bytes */
	shared->pending_send_size = 3000 | 5;	/* low bits do not count */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(!ring_in_commit(&in));		/* 1184 free */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(!ring_in_commit(&in));		/* 2184 */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(ring_in_commit(&in));		/* 3184: crossed */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(!ring_in_commit(&in));		/* was enough before */
	shared->pending_send_size = 5184;	/* exactly what is free next */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(ring_in_commit(&in));
	shared->pending_send_size = 7;		/* rounds to none */
	CHECK_EQ(ring_in_read(&in, &packet), 1);
	CHECK(!ring_in_commit(&in));
	CHECK(!ring_in_commit(&in));
}

static void out_set_up(void)
{
	set_up();
	shared->pending_send_size = 55;
	CHECK_EQ(ring_out_init(&out, pages, DATA_PAGES + 1), 0);
	CHECK_EQ(shared->pending_send_size, 0);
	CHECK_EQ(shared->feature_bits, 1);
	CHECK_EQ(ring_out_space(&out), SIZE - 8);
}

static void out_packet_layout(void)
{
	static const char payload[] = "thirteen char";	/* 14 bytes */
	uint32_t extra[4] = { 1, 2, 3, 4 };
	struct ring_descriptor desc;
	struct ring_trailer trailer;
	uint8_t bytes[32];

	set_up();
	shared->write_index = shared->read_index = 4000;
	CHECK_EQ(ring_out_init(&out, pages, DATA_PAGES + 1), 0);
	memset(pages[1], 0xff, PAGE);
	memset(pages[2], 0xff, PAGE);
	CHECK_EQ(ring_packet_bytes(16, 14), 16 + 16 + 16 + 8);
	CHECK_EQ(ring_out_write(&out, RING_PACKET_TRANSFER_PAGES, 1, 0xabcd,
				extra, sizeof(extra), payload, 14), 0);
	CHECK_EQ(shared->write_index, 4000);
	CHECK(ring_out_publish(&out));
	CHECK_EQ(shared->write_index, 4056);
	guest_get(&desc, sizeof(desc));
	CHECK_EQ(desc.type, 7);
	CHECK_EQ(desc.data_offset8, 4);
	CHECK_EQ(desc.length8, 6);
	CHECK_EQ(desc.flags, 1);
	CHECK_EQ(desc.transaction_id, 0xabcd);
	guest_get(bytes, sizeof(bytes));
	CHECK_MEM(bytes, extra, 16);
	CHECK_MEM(bytes + 16, payload, 14);
	CHECK_EQ(bytes[30] | bytes[31], 0);
	guest_get(&trailer, sizeof(trailer));
	CHECK_EQ(trailer.reserved, 0);
	CHECK_EQ(trailer.start, 4000);
}

static void out_wraps_anywhere(void)
{
	uint8_t payload[1500], back[1504];
	struct ring_descriptor desc;
	uint64_t trailer;
	uint32_t start, i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	for (start = 0; start < SIZE; start += 8) {
		set_up();
		shared->read_index = shared->write_index = start;
		CHECK_EQ(ring_out_init(&out, pages, DATA_PAGES + 1), 0);
		CHECK_EQ(ring_out_write(&out, 6, 0, start, NULL, 0, payload,
					sizeof(payload)), 0);
		ring_out_publish(&out);
		guest_get(&desc, sizeof(desc));
		guest_get(back, sizeof(back));
		guest_get(&trailer, sizeof(trailer));
		CHECK_EQ(desc.transaction_id, start);
		CHECK_MEM(back, payload, sizeof(payload));
		CHECK_EQ(trailer, (uint64_t)start << 32);
		CHECK_EQ(shared->read_index, shared->write_index);
		CHECK(gaps_untouched());
	}
}

/* Only from empty to not empty, and only if the guest has not masked. */
static void out_signals(void)
{
	uint64_t word = 1;

	set_up_out();
	CHECK(!ring_out_publish(&out));
	CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, &word, 8), 0);
	CHECK_EQ(ring_out_write(&out, 6, 0, 2, NULL, 0, &word, 8), 0);
	CHECK(ring_out_publish(&out));
	CHECK(!ring_out_publish(&out));
	CHECK(ring_out_unread(&out));
	CHECK_EQ(ring_out_write(&out, 6, 0, 3, NULL, 0, &word, 8), 0);
	CHECK(!ring_out_publish(&out));		/* was not empty */
	shared->read_index = shared->write_index;
	CHECK(!ring_out_unread(&out));
	shared->interrupt_mask = 1;
	CHECK_EQ(ring_out_write(&out, 6, 0, 4, NULL, 0, &word, 8), 0);
	CHECK(!ring_out_publish(&out));		/* masked */
	CHECK(!ring_out_unread(&out));
	CHECK_EQ(out.packets, 4);
	CHECK_EQ(out.batches, 3);
}

static void out_full(void)
{
	uint8_t payload[1000] = { 0 };
	unsigned int i;

	set_up_out();
	for (i = 0; i < 7; i++)
		CHECK_EQ(ring_out_write(&out, 6, 0, i, NULL, 0, payload, 1000), 0);
	ring_out_publish(&out);
	CHECK_EQ(ring_out_space(&out), SIZE - 8 - 7 * 1024);
	/* The rest exactly, and not a byte more. */
	CHECK_EQ(ring_out_write(&out, 6, 0, 7, NULL, 0, payload, 1000 - 7), -EAGAIN);
	CHECK_EQ(ring_out_write(&out, 6, 0, 7, NULL, 0, payload, 1000 - 8), 0);
	CHECK_EQ(ring_out_space(&out), 0);
	CHECK_EQ(shared->pending_send_size, 0);	/* the write took it back */
	CHECK_EQ(ring_out_write(&out, 6, 0, 8, NULL, 0, NULL, 0), -EAGAIN);
	ring_out_publish(&out);
	/* At least a quarter, however small the need. */
	CHECK_EQ(shared->pending_send_size, (SIZE - 8) / 4);
	CHECK_EQ(out.wait_count, 2);
	shared->read_index = 3 * 1024;
	CHECK_EQ(ring_out_write(&out, 6, 0, 8, NULL, 0, NULL, 0), 0);
	CHECK_EQ(shared->pending_send_size, 0);
	ring_out_want(&out, 6000);
	CHECK_EQ(shared->pending_send_size, 6000);
	ring_out_want(&out, 0);
	CHECK_EQ(shared->pending_send_size, 0);
}

static void out_too_large(void)
{
	static uint8_t payload[RING_PACKET_MAX];

	set_up_out();
	CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, payload, SIZE - 8 - 24), 0);
	set_up_out();
	CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, payload, SIZE - 8 - 23),
		 -EMSGSIZE);
	CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, payload,
				RING_PACKET_MAX - 15), -EMSGSIZE);
	CHECK_EQ(ring_out_write(&out, 6, 0, 1, payload, 0xfffffff8, payload, 8),
		 -EMSGSIZE);
	CHECK_EQ(shared->pending_send_size, 0);
}

static void out_corrupt_read_index(void)
{
	static const uint32_t bad[] = { SIZE, 4, 0xffffffff };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		set_up_out();
		shared->read_index = bad[i];
		CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, "", 0), -EPROTO);
		CHECK_STR(last_rule, "ring-index");
		CHECK_EQ(rules_since(), 1);
		CHECK_EQ(ring_out_space(&out), 0);
		CHECK_EQ(ring_out_write(&out, 6, 0, 1, NULL, 0, "", 0), -EPROTO);
		CHECK(!ring_out_publish(&out));
		CHECK_EQ(rules_since(), 0);
	}
}

/* Random traffic against the test's own reader and writer. */
static unsigned int meddled_writes, meddled_publishes;

static int meddle_write(struct ring_out *ring, uint16_t type, uint16_t flags,
			uint64_t id, const void *extra, uint32_t extra_len,
			const void *payload, uint32_t len)
{
	uint8_t bytes[256];
	uint32_t bytes_len = ring_packet_build(bytes, ring->write_index, type,
					       flags, id + 1, extra, extra_len,
					       payload, len);

	meddled_writes++;
	CHECK(ring->meddler_ctx == &meddled_writes);
	return ring_out_append(ring, bytes, bytes_len);
}

static void meddle_publish(struct ring_out *ring)
{
	meddled_publishes++;
	CHECK_EQ(shared->write_index, ring->write_index);
}

/* What is built and appended is what would have been written. */
static void out_is_meddled_with(void)
{
	static const struct ring_meddler meddler = {
		meddle_write, meddle_publish,
	};
	uint8_t plain[64];

	set_up_out();
	CHECK_EQ(ring_out_write(&out, 6, 1, 8, "12345678", 8, "abc", 3), 0);
	memcpy(plain, pages[1], 40);
	set_up_out();
	out.meddler = &meddler;
	out.meddler_ctx = &meddled_writes;
	CHECK_EQ(ring_out_write(&out, 6, 1, 7, "12345678", 8, "abc", 3), 0);
	CHECK_MEM(pages[1], plain, 40);
	CHECK_EQ(meddled_writes, 1);
	CHECK(ring_out_publish(&out));
	CHECK_EQ(meddled_publishes, 1);
	CHECK(!ring_out_publish(&out));
	CHECK_EQ(meddled_publishes, 1);
	/* Over the end of a page, and of the ring. */
	ring_out_poke(&out, SIZE - 4, (const uint8_t *)"ABCDEFGH", 8);
	CHECK_MEM(pages[DATA_PAGES] + PAGE - 4, "ABCD", 4);
	CHECK_MEM(pages[1], "EFGH", 4);
	CHECK(gaps_untouched());
}

static void out_append_needs_room(void)
{
	static uint8_t bytes[SIZE];

	set_up_out();
	CHECK_EQ(ring_out_append(&out, bytes, SIZE - 16), 0);
	CHECK_EQ(ring_out_append(&out, bytes, 16), -EAGAIN);
	CHECK_EQ(ring_out_append(&out, bytes, 8), 0);
	CHECK_EQ(ring_out_append(&out, bytes, 8), -EAGAIN);
	CHECK(gaps_untouched());
}

static void random_traffic(void)
{
	uint64_t sent = 0, got = 0;
	unsigned int i;

	set_up_in();
	srand(20260101);
	for (i = 0; i < 20000; i++) {
		uint32_t len = (uint32_t)(rand() % 200) * 8;
		uint32_t used = (shared->write_index + SIZE - in.read_index) % SIZE;

		if (rand() % 2 && used + len + 24 <= SIZE - 8)
			guest_send(sent++, len);
		if (rand() % 2 && ring_in_read(&in, &packet) == 1) {
			CHECK_EQ(packet.transaction_id, got);
			CHECK(payload_is(got, packet.payload_len));
			got++;
		}
		if (rand() % 4 == 0)
			ring_in_commit(&in);
	}
	CHECK(got > 5000);
	CHECK_EQ(rules_since(), 0);
}

/* Random bytes in place of packets: never a crash, always a verdict. */
static void random_garbage(void)
{
	unsigned int i, k, verdicts = 0;

	srand(7);
	for (i = 0; i < 20000; i++) {
		set_up_in();
		for (k = 0; k < 64; k++)
			pages[1][k] = (uint8_t)(rand() % 12);
		shared->write_index = (uint32_t)rand() % (SIZE / 8) * 8;
		while ((k = (unsigned int)ring_in_read(&in, &packet)) == 1)
			verdicts++;
		verdicts += in.dead;
	}
	CHECK(verdicts > 15000);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(in_starts_masked),
		TEST_CASE(in_reads_packets),
		TEST_CASE(in_counts_what_it_saw_published),
		TEST_CASE(in_extra_parts),
		TEST_CASE(in_wraps_anywhere),
		TEST_CASE(in_largest_packet),
		TEST_CASE(in_corrupt_indices),
		TEST_CASE(in_corrupt_mask),
		TEST_CASE(in_corrupt_descriptors),
		TEST_CASE(in_bad_initial_index),
		TEST_CASE(in_unmask_sees_late_packets),
		TEST_CASE(in_commit_signals_waiting_guest),
		TEST_CASE(out_set_up),
		TEST_CASE(out_packet_layout),
		TEST_CASE(out_wraps_anywhere),
		TEST_CASE(out_signals),
		TEST_CASE(out_full),
		TEST_CASE(out_too_large),
		TEST_CASE(out_corrupt_read_index),
		TEST_CASE(out_is_meddled_with),
		TEST_CASE(out_append_needs_room),
		TEST_CASE(random_traffic),
		TEST_CASE(random_garbage),
	};

	return test_run(cases, TEST_COUNT(cases));
}
