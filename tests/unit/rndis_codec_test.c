// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of rndis_codec.c: golden vectors both ways, every truncated length,
 * lying lengths, noise, and memory that changes while it is decoded.
 *
 * What is decoded stands in a heap block of its exact size, so that the
 * address sanitizer sees every byte read too far.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "ktap.h"
#include "rndis_codec.h"

#define LE32(x)		(x) & 0xff, (x) >> 8 & 0xff, (x) >> 16 & 0xff, \
			(x) >> 24 & 0xff
#define SIZE(a)		(sizeof(a) / sizeof((a)[0]))

void (*kshim_at_barrier)(void);

/* Call @decode on the first @len bytes of @msg, alone in memory. */
#define ALONE(ret, msg, len, decode)					\
do {									\
	u32 alone_len = (len);						\
	u8 *alone = malloc(alone_len ? alone_len : 1);			\
	const u8 *start = alone_len ? alone : alone + 1;		\
									\
	memcpy(alone, msg, alone_len);					\
	ret = decode;							\
	free(alone);							\
} while (0)

static int decode(const void *msg, u32 len, struct rndis_rx_frame *frame)
{
	int ret;

	ALONE(ret, msg, len, rndis_rx_decode(start, alone_len, frame));
	return ret;
}

static int parse(const void *msg, u32 len, struct rndis_control *ctl)
{
	int ret;

	ALONE(ret, msg, len, rndis_parse_control(start, alone_len, ctl));
	return ret;
}

static void put32(u8 *to, u32 value)
{
	value = cpu_to_le32(value);
	memcpy(to, &value, sizeof(value));
}

/* Data packets to the host */

static void tx_plain(void)
{
	static const u8 golden[] = {
		LE32(1), LE32(44 + 60),
		LE32(36), LE32(60), LE32(0), LE32(0), LE32(0),
		LE32(0), LE32(0), LE32(0), LE32(0),
	};
	struct rndis_tx_meta meta = { .data_len = 60 };
	u8 to[RNDIS_TX_HEADER_MAX];

	EXPECT_EQ(rndis_tx_header_len(&meta), sizeof(golden));
	EXPECT_EQ(rndis_tx_encode(to, &meta), sizeof(golden));
	EXPECT_BYTES(to, golden, sizeof(golden));
}

static void tx_one(const struct rndis_tx_meta *meta, u32 type, u32 value)
{
	const u8 golden[] = {
		LE32(1), LE32(60 + 1514),
		LE32(52), LE32(1514), LE32(0), LE32(0), LE32(0),
		LE32(36), LE32(16), LE32(0), LE32(0),
		LE32(16), LE32(type), LE32(12), LE32(value),
	};
	u8 *to = malloc(sizeof(golden));

	EXPECT_EQ(rndis_tx_header_len(meta), sizeof(golden));
	EXPECT_EQ(rndis_tx_encode(to, meta), sizeof(golden));
	EXPECT_BYTES(to, golden, sizeof(golden));
	free(to);
}

static void tx_each_ppi(void)
{
	struct rndis_tx_meta csum = {
		.data_len = 1514, .has_csum = true, .csum = 0x00220005,
	};
	struct rndis_tx_meta lso = {
		.data_len = 1514, .has_lso = true, .lso = 0x422005a8,
	};
	struct rndis_tx_meta vlan = {
		.data_len = 1514, .has_vlan = true, .vlan = 0x0645,
	};
	struct rndis_tx_meta hash = {
		.data_len = 1514, .has_hash = true, .hash = 0xdeadbeef,
	};

	tx_one(&csum, 0, 0x00220005);
	tx_one(&lso, 2, 0x422005a8);
	tx_one(&vlan, 6, 0x0645);
	tx_one(&hash, 8, 0xdeadbeef);
}

static void tx_all_ppis(void)
{
	static const u8 golden[] = {
		LE32(1), LE32(108 + 66),
		LE32(100), LE32(66), LE32(0), LE32(0), LE32(0),
		LE32(36), LE32(64), LE32(0), LE32(0),
		LE32(16), LE32(8), LE32(12), LE32(4),
		LE32(16), LE32(6), LE32(12), LE32(3),
		LE32(16), LE32(2), LE32(12), LE32(2),
		LE32(16), LE32(0), LE32(12), LE32(1),
	};
	struct rndis_tx_meta meta = {
		.data_len = 66,
		.has_csum = true, .csum = 1,
		.has_lso = true, .lso = 2,
		.has_vlan = true, .vlan = 3,
		.has_hash = true, .hash = 4,
	};
	u8 to[RNDIS_TX_HEADER_MAX];

	EXPECT_EQ(sizeof(golden), RNDIS_TX_HEADER_MAX);
	EXPECT_EQ(rndis_tx_encode(to, &meta), sizeof(golden));
	EXPECT_BYTES(to, golden, sizeof(golden));
}

static void words(void)
{
	u32 tci;

	EXPECT_EQ(rndis_csum_word(false, false, 34), 0x00220005);
	EXPECT_EQ(rndis_csum_word(false, true, 34), 0x00220009);
	EXPECT_EQ(rndis_csum_word(true, false, 54), 0x00360006);
	EXPECT_EQ(rndis_csum_word(true, true, 0), 0x0000000a);
	EXPECT_EQ(rndis_lso_word(false, 1448, 34), 0x422005a8);
	EXPECT_EQ(rndis_lso_word(true, 1428, 54), 0xc3600594);
	EXPECT_EQ(rndis_vlan_word(0xa064), 0x0645);
	EXPECT_EQ(rndis_vlan_word(0x1fff), 0xfff8);
	EXPECT_EQ(rndis_vlan_tci(0xffff0645), 0xa064);
	for (tci = 0; tci <= 0xffff; tci++)
		EXPECT_EQ(rndis_vlan_tci(rndis_vlan_word(tci)), tci);
}

/* Data packets from the host */

#define RX_PACKET(msg_len, data_off, data_len, ppi_off, ppi_len)	\
	LE32(1), LE32(msg_len), LE32(data_off), LE32(data_len),		\
	LE32(0), LE32(0), LE32(0), LE32(ppi_off), LE32(ppi_len),	\
	LE32(0), LE32(0)

/* All items that hosts send, and one that nobody knows. */
static const u8 rx_full[] = {
	RX_PACKET(156, 144, 4, 36, 104),
	LE32(16), LE32(0), LE32(12), LE32(0x28),
	LE32(16), LE32(6), LE32(12), LE32(0x0645),
	LE32(16), LE32(8), LE32(12), LE32(0xcafebabe),
	LE32(16), LE32(9), LE32(12), LE32(0x201),
	LE32(24), LE32(77), LE32(12), LE32(1), LE32(2), LE32(3),
	LE32(16), LE32(0x80000001), LE32(12), 1, 3, 0x34, 0x12,
	LE32(0),
	0xde, 0xad, 0xbe, 0xef,
};

static void rx_all_ppis(void)
{
	struct rndis_rx_frame frame;

	EXPECT_EQ(sizeof(rx_full), 156);
	EXPECT_EQ(decode(rx_full, sizeof(rx_full), &frame), 0);
	EXPECT_EQ(frame.data_offset, 152);
	EXPECT_EQ(frame.data_len, 4);
	EXPECT_EQ(frame.flags, RNDIS_RX_HAS_CSUM | RNDIS_RX_HAS_VLAN |
		  RNDIS_RX_HAS_HASH_VALUE | RNDIS_RX_HAS_HASH_INFO |
		  RNDIS_RX_HAS_PACKET_ID);
	EXPECT_EQ(frame.csum, RNDIS_RX_CSUM_TCP_OK | RNDIS_RX_CSUM_IP_OK);
	EXPECT_EQ(rndis_vlan_tci(frame.vlan), 0xa064);
	EXPECT_EQ(frame.hash_value, 0xcafebabe);
	EXPECT_EQ(frame.hash_info, NDIS_HASH_TOEPLITZ | NDIS_HASH_TCP_IPV4);
	EXPECT_EQ(frame.packet_flags, RNDIS_PACKET_ID_PIECE |
		  RNDIS_PACKET_ID_FIRST);
	EXPECT_EQ(frame.packet_id, 0x1234);
}

/* As a slot of 1806 bytes looks: the frame behind 256 bytes of room. */
static void rx_slot(void)
{
	u8 slot[1806] = {
		RX_PACKET(1806, 248, 1514, 36, 16),
		LE32(16), LE32(0), LE32(12), LE32(0),
	};
	struct rndis_rx_frame frame;

	EXPECT_EQ(decode(slot, sizeof(slot), &frame), 0);
	EXPECT_EQ(frame.data_offset, 256);
	EXPECT_EQ(frame.data_len, 1514);
	EXPECT_EQ(frame.flags, RNDIS_RX_HAS_CSUM);
	EXPECT_EQ(frame.vlan | frame.hash_value | frame.hash_info |
		  frame.packet_flags | frame.packet_id, 0);
}

static void rx_without_ppis(void)
{
	/* Without a length, the offset means nothing. */
	const u8 msg[] = { RX_PACKET(45, 36, 1, 0xffffffff, 0), 0x55 };
	struct rndis_rx_frame frame;

	EXPECT_EQ(decode(msg, sizeof(msg), &frame), 0);
	EXPECT_EQ(frame.data_offset, 44);
	EXPECT_EQ(frame.flags, 0);
}

static void rx_at_any_alignment(void)
{
	struct rndis_rx_frame frame;
	u8 *block = malloc(sizeof(rx_full) + 7);
	u32 i;

	for (i = 0; i < 8; i++) {
		memmove(block + i, rx_full, sizeof(rx_full));
		EXPECT_EQ(rndis_rx_decode(block + i, sizeof(rx_full), &frame),
			  0);
		EXPECT_EQ(frame.hash_value, 0xcafebabe);
	}
	free(block);
}

static void rx_every_truncation(void)
{
	struct rndis_rx_frame frame;
	u32 len;

	for (len = 0; len < sizeof(rx_full); len++)
		EXPECT_EQ(decode(rx_full, len, &frame), -EBADMSG);

	/* The same, with the message saying that it is as short as that. */
	for (len = 0; len < sizeof(rx_full); len++) {
		u8 msg[sizeof(rx_full)];

		memcpy(msg, rx_full, sizeof(msg));
		put32(msg + 4, len);
		EXPECT_EQ(decode(msg, sizeof(msg), &frame), -EBADMSG);
		if (len >= 8)
			EXPECT_EQ(decode(msg, len, &frame), -EBADMSG);
	}
}

/* Decode a good message in which the word at @offset is @value. */
static int rx_with(u32 offset, u32 value)
{
	struct rndis_rx_frame frame;
	u8 msg[sizeof(rx_full)];
	int ret;

	memcpy(msg, rx_full, sizeof(msg));
	put32(msg + offset, value);
	ret = decode(msg, sizeof(msg), &frame);
	if (!ret)
		EXPECT(frame.data_offset <= sizeof(msg) &&
		       frame.data_len <= sizeof(msg) - frame.data_offset);
	return ret;
}

static void rx_hostile_header(void)
{
	static const u32 types[] = { 0, 2, 7, 0x80000001, 0xffffffff };
	static const u32 lengths[] = { 0, 7, 8, 43, 44, 157, 0xffffffff };
	u32 i;

	for (i = 0; i < SIZE(types); i++)
		EXPECT_EQ(rx_with(0, types[i]), -ENOMSG);
	for (i = 0; i < SIZE(lengths); i++)
		EXPECT_EQ(rx_with(4, lengths[i]), -EBADMSG);
}

static void rx_hostile_data(void)
{
	static const u32 offsets[] = { 0, 8, 35, 145, 148, 149, 0x7fffffff,
				       0xfffffff8, 0xffffffff };
	static const u32 lengths[] = { 0, 5, 0x7fffffff, 0xffffff70,
				       0xfffffffc, 0xffffffff };
	u32 i;

	EXPECT_EQ(rx_with(8, 36), 0);
	EXPECT_EQ(rx_with(8, 143), 0);
	EXPECT_EQ(rx_with(12, 1), 0);
	for (i = 0; i < SIZE(offsets); i++)
		EXPECT_EQ(rx_with(8, offsets[i]), -EBADMSG);
	for (i = 0; i < SIZE(lengths); i++)
		EXPECT_EQ(rx_with(12, lengths[i]), -EBADMSG);
}

static void rx_hostile_ppi_area(void)
{
	static const u32 offsets[] = { 0, 32, 35, 45, 48, 149, 0xffffff98,
				       0xffffffff };
	static const u32 lengths[] = { 1, 11, 12, 15, 17, 27, 103, 105, 108,
				       113, 0x7fffffff, 0xffffffdc,
				       0xffffffff };
	u32 i;

	for (i = 0; i < SIZE(offsets); i++)
		EXPECT_EQ(rx_with(28, offsets[i]), -EBADMSG);
	for (i = 0; i < SIZE(lengths); i++)
		EXPECT_EQ(rx_with(32, lengths[i]), -EBADMSG);
	/* Fewer items, whole ones, are fine. */
	EXPECT_EQ(rx_with(32, 0), 0);
	EXPECT_EQ(rx_with(32, 16), 0);
	EXPECT_EQ(rx_with(32, 88), 0);
}

static void rx_hostile_ppi(void)
{
	static const u32 sizes[] = { 0, 1, 4, 8, 11, 12, 13, 14, 15, 17, 18,
				     108, 0x7ffffff0, 0x80000000, 0xfffffff0,
				     0xffffffff };
	static const u32 offsets[] = { 0, 4, 8, 11, 13, 16, 17, 0x7fffffff,
				       0xfffffff4, 0xffffffff };
	u32 item, i;

	/* The first item, one in the middle, the last. */
	static const u32 items[] = { 44, 76, 132 };

	for (item = 0; item < SIZE(items); item++) {
		for (i = 0; i < SIZE(sizes); i++)
			EXPECT_EQ(rx_with(items[item], sizes[i]), -EBADMSG);
		for (i = 0; i < SIZE(offsets); i++)
			EXPECT_EQ(rx_with(items[item] + 8, offsets[i]),
				  -EBADMSG);
	}
	/* An item that nobody knows is bounded too; its data is not read. */
	EXPECT_EQ(rx_with(108 + 8, 24), 0);
	EXPECT_EQ(rx_with(108 + 8, 25), -EBADMSG);
	EXPECT_EQ(rx_with(108 + 8, 0), -EBADMSG);
	/* Pieces of a segment have one form only. */
	EXPECT_EQ(rx_with(132 + 12, 0x12340302), -EBADMSG);
}

/* An odd size is refused even where the next item would be found. */
static void rx_unaligned_ppi(void)
{
	u8 msg[] = {
		RX_PACKET(78, 69, 1, 36, 33),
		LE32(17), LE32(77), LE32(12), LE32(0), 0,
		LE32(16), LE32(0), LE32(12), LE32(0x28),
		0x55,
	};
	struct rndis_rx_frame frame;

	EXPECT_EQ(sizeof(msg), 78);
	EXPECT_EQ(decode(msg, sizeof(msg), &frame), -EBADMSG);
}

static void rx_longest_ppi_area(void)
{
	u32 ppi_len = RNDIS_RX_PPI_MAX_BYTES;
	u8 msg[44 + RNDIS_RX_PPI_MAX_BYTES + 16 + 1] = { 0 };
	struct rndis_rx_frame frame;
	u32 i;

	for (i = 0; i < ppi_len / 16 + 1; i++) {
		put32(msg + 44 + 16 * i, 16);
		put32(msg + 44 + 16 * i + 8, 12);
		put32(msg + 44 + 16 * i + 12, i);
	}
	put32(msg, 1);
	put32(msg + 4, sizeof(msg));
	put32(msg + 8, sizeof(msg) - 9);
	put32(msg + 12, 1);
	put32(msg + 28, 36);
	put32(msg + 32, ppi_len);
	EXPECT_EQ(decode(msg, sizeof(msg), &frame), 0);
	EXPECT_EQ(frame.csum, ppi_len / 16 - 1);

	/* Four bytes are left for the last item. */
	put32(msg + 44 + 4, 77);
	put32(msg + 44, 28);
	for (i = 28; i < ppi_len; i += 16) {
		put32(msg + 44 + i, 16);
		put32(msg + 44 + i + 4, 77);
		put32(msg + 44 + i + 8, 12);
	}
	EXPECT_EQ(decode(msg, sizeof(msg), &frame), -EBADMSG);
	put32(msg + 32, ppi_len + 16);
	EXPECT_EQ(decode(msg, sizeof(msg), &frame), -EBADMSG);
}

/* The header alone tells what is no data packet, if it is as long as it says. */
static void rx_other_types(void)
{
	static const u8 good[] = { LE32(7), LE32(8) };
	static const u8 long_[] = { LE32(7), LE32(9) };
	static const u8 short_[] = { LE32(7), LE32(7) };
	static const u8 packet[] = { LE32(1), LE32(8) };
	struct rndis_rx_frame frame;
	u32 len;

	EXPECT_EQ(decode(good, sizeof(good), &frame), -ENOMSG);
	for (len = 0; len < sizeof(good); len++)
		EXPECT_EQ(decode(good, len, &frame), -EBADMSG);
	EXPECT_EQ(decode(long_, sizeof(long_), &frame), -EBADMSG);
	EXPECT_EQ(decode(short_, sizeof(short_), &frame), -EBADMSG);
	EXPECT_EQ(decode(packet, sizeof(packet), &frame), -EBADMSG);
}

/* The one item of a packet, decoded. */
static int rx_item(u32 type, u32 value, struct rndis_rx_frame *frame)
{
	const u8 msg[] = {
		RX_PACKET(61, 52, 1, 36, 16),
		LE32(16), LE32(type), LE32(12), LE32(value), 0x55,
	};

	return decode(msg, sizeof(msg), frame);
}

static void rx_values(void)
{
	static const u32 values[] = { 0, 1, 0x7fffffff, 0x80000000,
				      0xfffffffe, 0xffffffff };
	struct rndis_rx_frame frame;
	u32 i;

	for (i = 0; i < SIZE(values); i++) {
		EXPECT_EQ(rx_item(RNDIS_PPI_CSUM, values[i], &frame), 0);
		EXPECT_EQ(frame.flags, RNDIS_RX_HAS_CSUM);
		EXPECT_EQ(frame.csum, values[i]);
		EXPECT_EQ(rx_item(RNDIS_PPI_HASH_VALUE, values[i], &frame), 0);
		EXPECT_EQ(frame.flags, RNDIS_RX_HAS_HASH_VALUE);
		EXPECT_EQ(frame.hash_value, values[i]);
		EXPECT_EQ(rx_item(RNDIS_PPI_HASH_INFO, values[i], &frame), 0);
		EXPECT_EQ(frame.flags, RNDIS_RX_HAS_HASH_INFO);
		EXPECT_EQ(frame.hash_info, values[i]);
	}
}

/* All ones are no tag; whatever else stands in the upper half is one. */
static void rx_vlan(void)
{
	struct rndis_rx_frame frame;

	EXPECT_EQ(rx_item(RNDIS_PPI_VLAN, 0, &frame), 0);
	EXPECT_EQ(frame.flags, RNDIS_RX_HAS_VLAN);
	EXPECT_EQ(rx_item(RNDIS_PPI_VLAN, 0xfffffffe, &frame), 0);
	EXPECT_EQ(frame.flags, RNDIS_RX_HAS_VLAN);
	EXPECT_EQ(rx_item(RNDIS_PPI_VLAN, 0xffffffff, &frame), 0);
	EXPECT_EQ(frame.flags, 0);
	EXPECT_EQ(frame.vlan, 0);
}

static void rx_packet_ids(void)
{
	struct rndis_rx_frame frame;
	u32 byte;

	for (byte = 0; byte < 256; byte++) {
		EXPECT_EQ(rx_item(RNDIS_PPI_PACKET_ID, 0xffff0100 | byte,
				  &frame), byte == 1 ? 0 : -EBADMSG);
		EXPECT_EQ(rx_item(RNDIS_PPI_PACKET_ID, byte << 8 | 1, &frame),
			  0);
		EXPECT_EQ(frame.flags, RNDIS_RX_HAS_PACKET_ID);
		EXPECT_EQ(frame.packet_flags, byte);
		EXPECT_EQ(frame.packet_id, 0);
	}
	EXPECT_EQ(rx_item(RNDIS_PPI_PACKET_ID, 0xffff0001, &frame), 0);
	EXPECT_EQ(frame.packet_flags, 0);
	EXPECT_EQ(frame.packet_id, 0xffff);
	/* The public item of that number is another. */
	EXPECT_EQ(rx_item(1, 0xffff0001, &frame), 0);
	EXPECT_EQ(frame.flags, 0);
}

static void rx_noise(void)
{
	struct rndis_rx_frame frame;
	u8 msg[sizeof(rx_full)];
	int round, good = 0, n;

	srand(3);
	for (round = 0; round < 300000; round++) {
		memcpy(msg, rx_full, sizeof(msg));
		for (n = rand() % 4; n >= 0; n--) {
			u32 at = rand() % (sizeof(msg) / 4) * 4;

			put32(msg + at, rand() % 2 ? rand() % 200 :
			      (u32)rand() << rand() % 32);
		}
		if (rndis_rx_decode(msg, sizeof(msg), &frame))
			continue;
		good++;
		EXPECT(frame.data_len && frame.data_offset >= 44 &&
		       frame.data_offset <= sizeof(msg) &&
		       frame.data_len <= sizeof(msg) - frame.data_offset);
	}
	/* Some of the noise hits nothing that matters. */
	EXPECT(good > 1000 && good < 300000);
}

static struct {
	u8 *msg;
	int stop;
} changing;

static void *keep_changing(void *arg)
{
	unsigned int seed = 4;

	while (!__atomic_load_n(&changing.stop, __ATOMIC_RELAXED)) {
		u32 at = 4 * (1 + rand_r(&seed) % (sizeof(rx_full) / 4 - 1));
		u32 value = rand_r(&seed) % 3 ? rand_r(&seed) : 0xffffffff;
		u32 good;

		memcpy(&good, rx_full + at, sizeof(good));
		__atomic_store_n((u32 *)(changing.msg + at), value,
				 __ATOMIC_RELAXED);
		__atomic_store_n((u32 *)(changing.msg + at), good,
				 __ATOMIC_RELAXED);
	}
	return NULL;
}

/* What was checked is what is used, however the memory changes. */
static void rx_changing_memory(void)
{
	struct rndis_rx_frame frame;
	pthread_t host;
	int i, good = 0;

	changing.msg = malloc(sizeof(rx_full));
	changing.stop = 0;
	memcpy(changing.msg, rx_full, sizeof(rx_full));
	if (pthread_create(&host, NULL, keep_changing, NULL)) {
		EXPECT(!"a second thread");
		return;
	}
	for (i = 0; i < 1000000; i++) {
		if (rndis_rx_decode(changing.msg, sizeof(rx_full), &frame))
			continue;
		good++;
		EXPECT(frame.data_len && frame.data_offset >= 44 &&
		       frame.data_offset <= sizeof(rx_full) &&
		       frame.data_len <= sizeof(rx_full) - frame.data_offset);
	}
	__atomic_store_n(&changing.stop, 1, __ATOMIC_RELAXED);
	pthread_join(host, NULL);
	free(changing.msg);
	EXPECT(good > 0);
}

/* Control messages to the host */

/* Build into every room that is too small, then into one that is not. */
#define EXPECT_BUILT(golden, build)					\
do {									\
	u32 room;							\
									\
	for (room = 0; room <= sizeof(golden); room++) {		\
		u8 *to = malloc(room ? room : 1);			\
		int ret = build;					\
									\
		if (room < sizeof(golden)) {				\
			EXPECT_EQ(ret, -ENOSPC);			\
		} else {						\
			EXPECT_EQ(ret, (int)sizeof(golden));		\
			EXPECT_BYTES(to, golden, sizeof(golden));	\
		}							\
		free(to);						\
	}								\
} while (0)

static void build_requests(void)
{
	static const u8 init[] = {
		LE32(2), LE32(24), LE32(7), LE32(1), LE32(0), LE32(0x4000),
	};
	static const u8 halt[] = { LE32(3), LE32(12), LE32(9) };
	static const u8 query[] = {
		LE32(4), LE32(28), LE32(0x10002), LE32(0x01010101), LE32(0),
		LE32(20), LE32(0),
	};
	static const u8 query_info[] = {
		LE32(4), LE32(32), LE32(5), LE32(0x00010106), LE32(4),
		LE32(20), LE32(0), 'i', 'n', 'f', 'o',
	};
	static const u8 set[] = {
		LE32(5), LE32(32), LE32(3), LE32(0x0001010e), LE32(4),
		LE32(20), LE32(0), LE32(0x2d),
	};
	static const u8 keepalive[] = {
		LE32(0x80000008), LE32(16), LE32(0x55), LE32(0),
	};
	static const u8 filter[] = { LE32(0x2d) };

	EXPECT_BUILT(init, rndis_build_init(to, room, 7, 0x4000));
	EXPECT_BUILT(halt, rndis_build_halt(to, room, 9));
	EXPECT_BUILT(query, rndis_build_query(to, room, 0x10002,
					      OID_802_3_PERMANENT_ADDRESS,
					      NULL, 0));
	EXPECT_BUILT(query_info,
		     rndis_build_query(to, room, 5, OID_GEN_MAXIMUM_FRAME_SIZE,
				       "info", 4));
	EXPECT_BUILT(set, rndis_build_set(to, room, 3,
					  OID_GEN_CURRENT_PACKET_FILTER,
					  filter, sizeof(filter)));
	EXPECT_BUILT(keepalive,
		     rndis_build_keepalive_complete(to, room, 0x55, 0));
	EXPECT_EQ(rndis_build_set((u8[64]){ 0 }, 64, 1, 1, filter, U32_MAX),
		  -ENOSPC);
}

static void build_rss(void)
{
	static const u8 key[NDIS_RSS_KEY_BYTES] = { 0x6d, 0x5a, [39] = 0xfa };
	static const u32 table[2] = { 0, 3 };
	static const u8 on[] = {
		0x89, 2, 40, 0, 0, 0, 0, 0, LE32(0x1201),
		8, 0, 0, 0, LE32(40), 40, 0, 0, 0, LE32(48),
		LE32(0), LE32(0), LE32(0),
		LE32(0), LE32(3),
		0x6d, 0x5a, [48 + 39] = 0xfa,
	};
	static const u8 off[] = {
		0x89, 2, 40, 0, 0x10, 0, 0, 0, LE32(0),
		8, 0, 0, 0, LE32(40), 40, 0, 0, 0, LE32(48),
		LE32(0), LE32(0), LE32(0),
		LE32(0), LE32(3),
		0x6d, 0x5a, [48 + 39] = 0xfa,
	};
	struct rndis_rss_config rss = {
		.hash_types = NDIS_HASH_TCP_IPV4 | NDIS_HASH_TCP_IPV6,
		.key = key, .table = table, .num_entries = 2,
	};
	static u8 big[RNDIS_RSS_PARAMS_MAX_BYTES];
	static u32 big_table[NDIS_RSS_MAX_ENTRIES + 1];

	EXPECT_BUILT(on, rndis_build_rss_params(to, room, &rss));
	rss.hash_types = 0;
	EXPECT_BUILT(off, rndis_build_rss_params(to, room, &rss));

	rss.table = big_table;
	rss.num_entries = NDIS_RSS_MAX_ENTRIES;
	EXPECT(rndis_build_rss_params(big, sizeof(big), &rss) > 1000);
	rss.num_entries = NDIS_RSS_MAX_ENTRIES + 1;
	EXPECT_EQ(rndis_build_rss_params(big, sizeof(big), &rss), -EINVAL);
	rss.num_entries = 0;
	EXPECT_EQ(rndis_build_rss_params(big, sizeof(big), &rss), -EINVAL);
}

static void build_config(void)
{
	static const u8 golden[] = {
		LE32(20), LE32(6), LE32(2), LE32(26), LE32(4),
		'M', 0, 'A', 0, 'C', 0, '0', 0, '1', 0,
	};

	EXPECT_BUILT(golden, rndis_build_config_param(to, room, "MAC", "01"));
}

/* Control messages from the host */

static const u8 init_complete[] = {
	LE32(0x80000002), LE32(52), LE32(7), LE32(0), LE32(1), LE32(0),
	LE32(1), LE32(0), LE32(8), LE32(0xefffffff), LE32(3), LE32(0), LE32(0),
};

static const u8 query_complete[] = {
	LE32(0x80000004), LE32(30), LE32(0x10002), LE32(0), LE32(6), LE32(16),
	0x00, 0x15, 0x5d, 0x01, 0x02, 0x03,
};

static const u8 set_complete[] = {
	LE32(0x80000005), LE32(16), LE32(3), LE32(0xc00000bb),
};

static const u8 indicate[] = {
	LE32(7), LE32(24), LE32(0x40010018), LE32(4), LE32(12), LE32(2),
};

static const u8 indicate_plain[] = {
	LE32(7), LE32(20), LE32(0x4001000c), LE32(0), LE32(0),
};

static const u8 reset_complete[] = {
	LE32(0x80000006), LE32(16), LE32(0), LE32(1),
};

static const u8 keepalive[] = { LE32(8), LE32(12), LE32(0x55) };

static const u8 keepalive_complete[] = {
	LE32(0x80000008), LE32(16), LE32(0x56), LE32(0),
};

static void parse_golden(void)
{
	struct rndis_control ctl;

	EXPECT_EQ(parse(init_complete, sizeof(init_complete), &ctl), 0);
	EXPECT_EQ(ctl.type, RNDIS_MSG_INIT_COMPLETE);
	EXPECT_EQ(ctl.request_id, 7);
	EXPECT_EQ(ctl.status, 0);
	EXPECT_EQ(ctl.init.major, 1);
	EXPECT_EQ(ctl.init.minor, 0);
	EXPECT_EQ(ctl.init.max_packets, 8);
	EXPECT_EQ(ctl.init.max_transfer, 0xefffffff);
	EXPECT_EQ(ctl.init.alignment, 8);

	EXPECT_EQ(parse(query_complete, sizeof(query_complete), &ctl), 0);
	EXPECT_EQ(ctl.request_id, 0x10002);
	EXPECT_EQ(ctl.info_offset, 24);
	EXPECT_EQ(ctl.info_len, 6);

	EXPECT_EQ(parse(set_complete, sizeof(set_complete), &ctl), 0);
	EXPECT_EQ(ctl.request_id, 3);
	EXPECT_EQ(ctl.status, RNDIS_STATUS_NOT_SUPPORTED);

	EXPECT_EQ(parse(indicate, sizeof(indicate), &ctl), 0);
	EXPECT_EQ(ctl.status, RNDIS_STATUS_NETWORK_CHANGE);
	EXPECT_EQ(ctl.info_offset, 20);
	EXPECT_EQ(ctl.info_len, 4);
	EXPECT_EQ(parse(indicate_plain, sizeof(indicate_plain), &ctl), 0);
	EXPECT_EQ(ctl.status, RNDIS_STATUS_MEDIA_DISCONNECT);
	EXPECT_EQ(ctl.info_len, 0);

	EXPECT_EQ(parse(reset_complete, sizeof(reset_complete), &ctl), 0);
	EXPECT_EQ(ctl.status, 0);
	EXPECT_EQ(parse(keepalive, sizeof(keepalive), &ctl), 0);
	EXPECT_EQ(ctl.request_id, 0x55);
	EXPECT_EQ(parse(keepalive_complete, sizeof(keepalive_complete), &ctl),
		  0);
	EXPECT_EQ(ctl.request_id, 0x56);
}

/* @fixed: bytes that must be there for a message to be understood. */
static void truncate_control(const u8 *golden, u32 total, u32 fixed)
{
	struct rndis_control ctl;
	u8 msg[64];
	u32 len;

	for (len = 0; len < total; len++) {
		EXPECT_EQ(parse(golden, len, &ctl), -EBADMSG);
		memcpy(msg, golden, total);
		put32(msg + 4, len);
		EXPECT_EQ(parse(msg, total, &ctl), len < fixed ? -EBADMSG : 0);
		EXPECT_EQ(parse(msg, len, &ctl), len < fixed ? -EBADMSG : 0);
	}
}

static void parse_every_truncation(void)
{
	truncate_control(init_complete, sizeof(init_complete), 44);
	truncate_control(query_complete, sizeof(query_complete), 30);
	truncate_control(set_complete, sizeof(set_complete), 16);
	truncate_control(indicate, sizeof(indicate), 24);
	truncate_control(indicate_plain, sizeof(indicate_plain), 20);
	truncate_control(reset_complete, sizeof(reset_complete), 16);
	truncate_control(keepalive, sizeof(keepalive), 12);
	truncate_control(keepalive_complete, sizeof(keepalive_complete), 16);
}

static int parse_with(const u8 *golden, u32 len, u32 offset, u32 value,
		      struct rndis_control *ctl)
{
	u8 msg[64];

	memcpy(msg, golden, len);
	put32(msg + offset, value);
	return parse(msg, len, ctl);
}

#define PARSE_WITH(golden, offset, value, ctl) \
	parse_with(golden, sizeof(golden), offset, value, ctl)

static void parse_hostile_info(void)
{
	static const u32 lengths[] = { 7, 0x7fffffff, 0xfffffff0, 0xffffffff };
	static const u32 offsets[] = { 0, 8, 15, 17, 22, 0xfffffff0,
				       0xffffffff };
	struct rndis_control ctl;
	u32 i;

	for (i = 0; i < SIZE(lengths); i++)
		EXPECT_EQ(PARSE_WITH(query_complete, 16, lengths[i], &ctl),
			  -EBADMSG);
	for (i = 0; i < SIZE(offsets); i++) {
		EXPECT_EQ(PARSE_WITH(query_complete, 20, offsets[i], &ctl),
			  -EBADMSG);
		EXPECT_EQ(PARSE_WITH(indicate, 16, offsets[i], &ctl),
			  -EBADMSG);
	}
	/* A failed query has no information, whatever it says. */
	EXPECT_EQ(PARSE_WITH(query_complete, 12, RNDIS_STATUS_FAILURE, &ctl),
		  0);
	EXPECT_EQ(ctl.info_len, 0);
	EXPECT_EQ(PARSE_WITH(query_complete, 16, 0, &ctl), 0);
	EXPECT_EQ(ctl.info_len, 0);
}

static void parse_hostile_init(void)
{
	struct rndis_control ctl;

	EXPECT_EQ(PARSE_WITH(init_complete, 40, 12, &ctl), 0);
	EXPECT_EQ(ctl.init.alignment, 4096);
	EXPECT_EQ(PARSE_WITH(init_complete, 40, 0, &ctl), 0);
	EXPECT_EQ(ctl.init.alignment, 1);
	EXPECT_EQ(PARSE_WITH(init_complete, 40, 13, &ctl), -EBADMSG);
	EXPECT_EQ(PARSE_WITH(init_complete, 40, 32, &ctl), -EBADMSG);
	EXPECT_EQ(PARSE_WITH(init_complete, 40, 0xffffffff, &ctl), -EBADMSG);
	EXPECT_EQ(PARSE_WITH(init_complete, 32, 0, &ctl), 0);
	EXPECT_EQ(ctl.init.max_packets, 1);
}

static void parse_other_types(void)
{
	static const u32 types[] = { 0, 1, 2, 3, 4, 5, 6, 9, 0x80000001,
				     0x80000003, 0x80000007, 0xffffffff };
	struct rndis_control ctl;
	u32 i;

	for (i = 0; i < SIZE(types); i++)
		EXPECT_EQ(PARSE_WITH(init_complete, 0, types[i], &ctl),
			  -EOPNOTSUPP);
}

static void parse_number(void)
{
	static const u8 info[] = { LE32(0x12345678), 0xff };
	u32 len, value;
	int ret;

	for (len = 0; len <= sizeof(info); len++) {
		value = 1;
		ALONE(ret, info, len, rndis_parse_u32(start, alone_len,
						      &value));
		EXPECT_EQ(ret, len < 4 ? -EBADMSG : 0);
		EXPECT_EQ(value, len < 4 ? 1 : 0x12345678);
	}
}

/* Revision 3, every field with a value of its own. */
static const u8 offload[] = {
	0xa7, 3, 156, 0,
	LE32(2), LE32(0x155), LE32(2), LE32(0x111), LE32(2), LE32(0x55),
	LE32(2), LE32(0x44),
	LE32(0), LE32(0), LE32(0), LE32(0),
	LE32(0), LE32(0), LE32(0), LE32(0), LE32(0), LE32(0), LE32(0),
	LE32(2), LE32(62780), LE32(2), LE32(2), LE32(62781), LE32(3),
	LE32(0x05),
	LE32(0),
	LE32(0), LE32(0), LE32(0), LE32(0), LE32(0), LE32(0), LE32(0),
	LE32(0),
	1, 1, 0, 0, LE32(0), LE32(0),
};

static int parse_offload(const void *info, u32 len,
			 struct rndis_offload_caps *caps)
{
	int ret;

	ALONE(ret, info, len, rndis_parse_offload(start, alone_len, caps));
	return ret;
}

static void offload_golden(void)
{
	struct rndis_offload_caps caps;

	EXPECT_EQ(sizeof(offload), NDIS_OFFLOAD_SIZE_REV3);
	EXPECT_EQ(parse_offload(offload, sizeof(offload), &caps), 0);
	EXPECT_EQ(caps.tx_csum_ipv4, 0x155);
	EXPECT_EQ(caps.rx_csum_ipv4, 0x111);
	EXPECT_EQ(caps.tx_csum_ipv6, 0x55);
	EXPECT_EQ(caps.rx_csum_ipv6, 0x44);
	EXPECT_EQ(caps.lso_v2_ipv4_max, 62780);
	EXPECT_EQ(caps.lso_v2_ipv4_min_segments, 2);
	EXPECT_EQ(caps.lso_v2_ipv6_max, 62781);
	EXPECT_EQ(caps.lso_v2_ipv6_min_segments, 3);
	EXPECT_EQ(caps.lso_v2_ipv6_flags, 5);
	EXPECT_EQ(caps.rsc_ipv4, true);
	EXPECT_EQ(caps.rsc_ipv6, true);
}

static void offload_other_revisions(void)
{
	struct rndis_offload_caps caps;
	u8 info[300] = { 0 };
	u32 len;

	memcpy(info, offload, sizeof(offload));
	info[1] = 1;
	info[2] = NDIS_OFFLOAD_SIZE_REV1;
	EXPECT_EQ(parse_offload(info, NDIS_OFFLOAD_SIZE_REV1, &caps), 0);
	EXPECT_EQ(caps.lso_v2_ipv6_max, 62781);
	EXPECT_EQ(caps.rsc_ipv4, false);

	/* Longer ones, of the future, are cut. */
	info[1] = 9;
	info[2] = 300 & 0xff;
	info[3] = 300 >> 8;
	EXPECT_EQ(parse_offload(info, 300, &caps), 0);
	EXPECT_EQ(caps.rsc_ipv6, true);

	for (len = 0; len < sizeof(offload); len++)
		EXPECT_EQ(parse_offload(offload, len, &caps), -EBADMSG);
}

static void offload_hostile(void)
{
	struct rndis_offload_caps caps;
	u8 info[sizeof(offload)];
	u32 size;

	for (size = 0; size < NDIS_OFFLOAD_SIZE_REV1; size++) {
		memcpy(info, offload, sizeof(info));
		info[2] = size;
		EXPECT_EQ(parse_offload(info, sizeof(info), &caps), -EBADMSG);
	}
	memcpy(info, offload, sizeof(info));
	info[3] = 0xff;
	EXPECT_EQ(parse_offload(info, sizeof(info), &caps), -EBADMSG);
	memcpy(info, offload, sizeof(info));
	info[0] = NDIS_OBJECT_DEFAULT;
	EXPECT_EQ(parse_offload(info, sizeof(info), &caps), -EBADMSG);
	memcpy(info, offload, sizeof(info));
	info[1] = 0;
	EXPECT_EQ(parse_offload(info, sizeof(info), &caps), -EBADMSG);

	/* What works with other encapsulations only does not work for us. */
	memcpy(info, offload, sizeof(info));
	put32(info + 4, 1);
	put32(info + 28, 4);
	put32(info + 80, 0);
	put32(info + 92, 0xfffffffd);
	EXPECT_EQ(parse_offload(info, sizeof(info), &caps), 0);
	EXPECT_EQ(caps.tx_csum_ipv4, 0);
	EXPECT_EQ(caps.rx_csum_ipv4, 0x111);
	EXPECT_EQ(caps.rx_csum_ipv6, 0);
	EXPECT_EQ(caps.lso_v2_ipv4_max, 0);
	EXPECT_EQ(caps.lso_v2_ipv6_max, 0);
	EXPECT_EQ(caps.lso_v2_ipv6_flags, 0);
}

static int parse_rss(const void *info, u32 len, struct rndis_rss_caps *caps)
{
	int ret;

	ALONE(ret, info, len, rndis_parse_rss_caps(start, alone_len, caps));
	return ret;
}

static void rss_caps(void)
{
	u8 info[] = {
		0x88, 2, 18, 0, LE32(0x301), LE32(1), LE32(16), 0x80, 0,
	};
	struct rndis_rss_caps caps;
	u32 len;

	EXPECT_EQ(parse_rss(info, sizeof(info), &caps), 0);
	EXPECT_EQ(caps.flags, NDIS_HASH_TOEPLITZ | NDIS_RSS_CAP_TCP_IPV4 |
		  NDIS_RSS_CAP_TCP_IPV6);
	EXPECT_EQ(caps.num_queues, 16);
	EXPECT_EQ(caps.num_entries, 128);
	for (len = 0; len < sizeof(info); len++)
		EXPECT_EQ(parse_rss(info, len, &caps), -EBADMSG);

	/* The table's size: none said, too large. */
	info[16] = 0;
	EXPECT_EQ(parse_rss(info, sizeof(info), &caps), 0);
	EXPECT_EQ(caps.num_entries, NDIS_RSS_DEFAULT_ENTRIES);
	info[17] = 0xff;
	EXPECT_EQ(parse_rss(info, sizeof(info), &caps), 0);
	EXPECT_EQ(caps.num_entries, NDIS_RSS_MAX_ENTRIES);

	/* Revision 1 ends before it. */
	info[1] = 1;
	info[2] = 16;
	EXPECT_EQ(parse_rss(info, 16, &caps), 0);
	EXPECT_EQ(caps.num_entries, NDIS_RSS_DEFAULT_ENTRIES);
	info[2] = 15;
	EXPECT_EQ(parse_rss(info, 16, &caps), -EBADMSG);
}

static bool name_is(const u16 *units, u32 len, u32 room, const char *expected)
{
	u8 *info = malloc(len), *to = malloc(room);
	bool same;

	memcpy(info, units, len);
	rndis_parse_name(info, len, (char *)to, room);
	same = !strcmp((char *)to, expected);
	free(info);
	free(to);
	return same;
}

static void parse_name(void)
{
	static const u16 plain[] = { 'e', 0xe9, 0x20ac, 0xd83d, 0xde00, 0 };
	static const u16 broken[] = { 0xde00, 'x', 0xd83d, 'y', 0xd83d };
	static const u16 control[] = { 'a', 0x1b, 'b' };

	EXPECT(name_is(plain, 12, 64, "e\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	EXPECT(name_is(plain, 10, 64, "e\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	/* Cut at a character, and half a unit is none. */
	EXPECT(name_is(plain, 10, 10, "e\xc3\xa9\xe2\x82\xac"));
	EXPECT(name_is(plain, 10, 3, "e"));
	EXPECT(name_is(plain, 10, 1, ""));
	EXPECT(name_is(plain, 3, 64, "e"));
	EXPECT(name_is(broken, 10, 64, "\xef\xbf\xbdx\xef\xbf\xbdy\xef\xbf\xbd"));
	EXPECT(name_is(control, 6, 64, "a"));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(parse_name),
	KTAP_CASE(tx_plain),
	KTAP_CASE(tx_each_ppi),
	KTAP_CASE(tx_all_ppis),
	KTAP_CASE(words),
	KTAP_CASE(rx_all_ppis),
	KTAP_CASE(rx_slot),
	KTAP_CASE(rx_without_ppis),
	KTAP_CASE(rx_at_any_alignment),
	KTAP_CASE(rx_every_truncation),
	KTAP_CASE(rx_hostile_header),
	KTAP_CASE(rx_hostile_data),
	KTAP_CASE(rx_hostile_ppi_area),
	KTAP_CASE(rx_hostile_ppi),
	KTAP_CASE(rx_unaligned_ppi),
	KTAP_CASE(rx_longest_ppi_area),
	KTAP_CASE(rx_other_types),
	KTAP_CASE(rx_values),
	KTAP_CASE(rx_vlan),
	KTAP_CASE(rx_packet_ids),
	KTAP_CASE(rx_noise),
	KTAP_CASE(rx_changing_memory),
	KTAP_CASE(build_requests),
	KTAP_CASE(build_rss),
	KTAP_CASE(build_config),
	KTAP_CASE(parse_golden),
	KTAP_CASE(parse_every_truncation),
	KTAP_CASE(parse_hostile_info),
	KTAP_CASE(parse_hostile_init),
	KTAP_CASE(parse_other_types),
	KTAP_CASE(parse_number),
	KTAP_CASE(offload_golden),
	KTAP_CASE(offload_other_revisions),
	KTAP_CASE(offload_hostile),
	KTAP_CASE(rss_caps),
};

int main(void)
{
	return ktap_run(cases, SIZE(cases));
}
