// SPDX-License-Identifier: GPL-2.0
/* links: rndis_codec */
/*
 * What the driver writes for the host, read by a parser that knows the
 * protocol and not the driver.
 *
 * Input: a choice, bytes of room, then the arguments.
 *
 * Every builder writes exactly the bytes that it says, or nothing when there
 * is no room; the bytes behind are untouched; and what is read back is what
 * was asked for.
 */
#include "fuzz.h"
#include "rndis_codec.h"

#define ROOM_MAX	2048
#define BEHIND		16
#define SENTINEL	0x5e

/* Alone in memory, with sentinels behind @room bytes. */
static u8 *paper(u32 room)
{
	u8 *to = malloc(room + BEHIND);

	FUZZ_ASSERT(to);
	memset(to, SENTINEL, room + BEHIND);
	return to;
}

static void untouched(const u8 *to, u32 from, u32 end)
{
	while (from < end)
		FUZZ_ASSERT(to[from++] == SENTINEL);
}

/* The result of a builder: what it needs, or -ENOSPC and an empty paper. */
static bool built(const u8 *to, u32 room, int ret, u32 need)
{
	if (need > room) {
		FUZZ_ASSERT(ret == -ENOSPC);
		untouched(to, 0, room + BEHIND);
		return false;
	}
	FUZZ_ASSERT(ret == (int)need);
	untouched(to, need, room + BEHIND);
	return true;
}

static bool take_ppi(const u8 *to, u32 *at, u32 type, u32 value)
{
	FUZZ_ASSERT(fuzz_get32(to + *at) == 16);
	FUZZ_ASSERT(fuzz_get32(to + *at + 4) == type);
	FUZZ_ASSERT(fuzz_get32(to + *at + 8) == 12);
	FUZZ_ASSERT(fuzz_get32(to + *at + 12) == value);
	*at += 16;
	return true;
}

/* Items in any order, each at most once. */
static void check_ppis(const u8 *to, u32 at, u32 end,
		       struct rndis_tx_meta *left)
{
	while (at < end) {
		u32 type = fuzz_get32(to + at + 4);

		if (type == 0 && left->has_csum)
			left->has_csum = !take_ppi(to, &at, 0, left->csum);
		else if (type == 2 && left->has_lso)
			left->has_lso = !take_ppi(to, &at, 2, left->lso);
		else if (type == 6 && left->has_vlan)
			left->has_vlan = !take_ppi(to, &at, 6, left->vlan);
		else if (type == 8 && left->has_hash)
			left->has_hash = !take_ppi(to, &at, 8, left->hash);
		else
			FUZZ_ASSERT(!"an item that was not asked for");
	}
	FUZZ_ASSERT(at == end);
	FUZZ_ASSERT(!left->has_csum && !left->has_lso && !left->has_vlan &&
		    !left->has_hash);
}

static void data_packet(struct fuzz_in *in)
{
	u32 has = fuzz_u8(in), header, bytes;
	struct rndis_tx_meta meta = {
		.data_len = fuzz_u32(in) & 0xfffff,
		.has_csum = has & 1,
		.has_lso = has & 2,
		.has_vlan = has & 4,
		.has_hash = has & 8,
		.csum = fuzz_u32(in),
		.lso = fuzz_u32(in),
		.vlan = fuzz_u32(in),
		.hash = fuzz_u32(in),
	};
	u8 *to;

	header = rndis_tx_header_len(&meta);
	FUZZ_ASSERT(header <= RNDIS_TX_HEADER_MAX && header % 4 == 0);
	to = paper(header);
	FUZZ_ASSERT(rndis_tx_encode(to, &meta) == header);
	untouched(to, header, header + BEHIND);

	FUZZ_ASSERT(fuzz_get32(to) == 1);
	FUZZ_ASSERT(fuzz_get32(to + 4) == header + meta.data_len);
	FUZZ_ASSERT(fuzz_get32(to + 8) + 8 == header);
	FUZZ_ASSERT(fuzz_get32(to + 12) == meta.data_len);
	FUZZ_ASSERT(!fuzz_get64(to + 16) && !fuzz_get32(to + 24));
	FUZZ_ASSERT(fuzz_get32(to + 32) == header - 44);
	FUZZ_ASSERT(fuzz_get32(to + 28) == (header > 44 ? 36 : 0));
	FUZZ_ASSERT(!fuzz_get64(to + 36));
	check_ppis(to, 44, header, &meta);

	bytes = fuzz_u32(in);
	rndis_tx_set_length(to, bytes);
	FUZZ_ASSERT(fuzz_get32(to + 4) == bytes && fuzz_get32(to) == 1);
	FUZZ_ASSERT(fuzz_get32(to + 8) + 8 == header);
	free(to);
}

static void words(struct fuzz_in *in)
{
	u32 tci = fuzz_u16(in), mss = fuzz_u32(in) & 0xfffff, word;
	u32 l4 = fuzz_u16(in) & 0x3ff, how = fuzz_u8(in);

	word = rndis_vlan_word(tci);
	FUZZ_ASSERT((word & 7) == tci >> 13);
	FUZZ_ASSERT((word >> 3 & 1) == (tci >> 12 & 1));
	FUZZ_ASSERT(word >> 4 == (tci & 0xfff));
	FUZZ_ASSERT(rndis_vlan_tci(word) == tci);

	word = rndis_lso_word(how & 1, mss, l4);
	FUZZ_ASSERT((word & 0xfffff) == mss && (word >> 20 & 0x3ff) == l4);
	FUZZ_ASSERT((word >> 30 & 1) && word >> 31 == (how & 1));

	word = rndis_csum_word(how & 1, how & 2, l4);
	FUZZ_ASSERT((word & 3) == (how & 1 ? 2 : 1));
	FUZZ_ASSERT((word & 0xc) == (how & 2 ? 8 : 4));
	FUZZ_ASSERT((word >> 16 & 0x3ff) == l4);
}

static void plain(struct fuzz_in *in, u8 *to, u32 room)
{
	u32 id = fuzz_u32(in), value = fuzz_u32(in);

	switch (fuzz_u8(in) % 3) {
	case 0:
		if (!built(to, room, rndis_build_init(to, room, id, value), 24))
			return;
		FUZZ_ASSERT(fuzz_get32(to) == 2 && fuzz_get32(to + 4) == 24);
		FUZZ_ASSERT(fuzz_get32(to + 12) == 1 && !fuzz_get32(to + 16));
		FUZZ_ASSERT(fuzz_get32(to + 20) == value);
		break;
	case 1:
		if (!built(to, room, rndis_build_halt(to, room, id), 12))
			return;
		FUZZ_ASSERT(fuzz_get32(to) == 3 && fuzz_get32(to + 4) == 12);
		break;
	default:
		if (!built(to, room, rndis_build_keepalive_complete(to, room,
								    id, value),
			   16))
			return;
		FUZZ_ASSERT(fuzz_get32(to) == 0x80000008);
		FUZZ_ASSERT(fuzz_get32(to + 4) == 16);
		FUZZ_ASSERT(fuzz_get32(to + 12) == value);
		break;
	}
	FUZZ_ASSERT(fuzz_get32(to + 8) == id);
}

static void object(struct fuzz_in *in, u8 *to, u32 room)
{
	bool set = fuzz_u8(in) & 1;
	u32 id = fuzz_u32(in), oid = fuzz_u32(in), len;
	const u8 *info = fuzz_bytes(in, ROOM_MAX, &len);
	int ret;

	ret = set ? rndis_build_set(to, room, id, oid, info, len) :
		    rndis_build_query(to, room, id, oid, info, len);
	if (!built(to, room, ret, 28 + len))
		return;
	FUZZ_ASSERT(fuzz_get32(to) == (set ? 5 : 4));
	FUZZ_ASSERT(fuzz_get32(to + 4) == 28 + len);
	FUZZ_ASSERT(fuzz_get32(to + 8) == id && fuzz_get32(to + 12) == oid);
	FUZZ_ASSERT(fuzz_get32(to + 16) == len && fuzz_get32(to + 20) == 20);
	FUZZ_ASSERT(!fuzz_get32(to + 24) && !memcmp(to + 28, info, len));
}

static void rss(struct fuzz_in *in, u8 *to, u32 room)
{
	struct rndis_rss_config config = { .hash_types = fuzz_u32(in) & ~255 };
	u32 entries = fuzz_u16(in) % 300, i, len, end = 40 + 4 * entries;
	u8 key[40] = {};
	u32 table[300];
	const u8 *from;
	int ret;

	from = fuzz_bytes(in, sizeof(key), &len);
	memcpy(key, from, len);
	for (i = 0; i < entries; i++)
		table[i] = fuzz_u8(in);
	config.num_entries = entries;
	config.table = table;
	config.key = key;

	ret = rndis_build_rss_params(to, room, &config);
	if (!entries || entries > 256) {
		FUZZ_ASSERT(ret == -EINVAL);
		untouched(to, 0, room + BEHIND);
		return;
	}
	if (!built(to, room, ret, end + 40))
		return;
	FUZZ_ASSERT(end + 40 <= RNDIS_RSS_PARAMS_MAX_BYTES);
	FUZZ_ASSERT(to[0] == 0x89 && to[1] == 2 && fuzz_get16(to + 2) == 40);
	FUZZ_ASSERT(fuzz_get16(to + 4) == (config.hash_types ? 0 : 16));
	FUZZ_ASSERT(fuzz_get32(to + 8) ==
		    (config.hash_types ? config.hash_types | 1 : 0));
	FUZZ_ASSERT(fuzz_get16(to + 12) == 4 * entries);
	FUZZ_ASSERT(fuzz_get32(to + 16) == 40);
	FUZZ_ASSERT(fuzz_get16(to + 20) == 40 && fuzz_get32(to + 24) == end);
	for (i = 0; i < entries; i++)
		FUZZ_ASSERT(fuzz_get32(to + 40 + 4 * i) == table[i]);
	FUZZ_ASSERT(!memcmp(to + end, key, sizeof(key)));
}

static void text(struct fuzz_in *in, char *to, u32 room)
{
	u32 len, i;
	const u8 *from = fuzz_bytes(in, fuzz_u8(in) % room, &len);

	for (i = 0; i < len; i++)
		to[i] = from[i] & 0x7f ? from[i] & 0x7f : '0';
	to[len] = '\0';
}

static void check_text(const u8 *at, u32 bytes, const char *expected)
{
	u32 i;

	FUZZ_ASSERT(bytes == 2 * strlen(expected));
	for (i = 0; i < bytes / 2; i++)
		FUZZ_ASSERT(fuzz_get16(at + 2 * i) == (u8)expected[i]);
}

static void parameter(struct fuzz_in *in, u8 *to, u32 room)
{
	char name[64], value[64];
	u32 names, values;
	int ret;

	text(in, name, sizeof(name));
	text(in, value, sizeof(value));
	ret = rndis_build_config_param(to, room, name, value);
	names = 2 * strlen(name);
	values = 2 * strlen(value);
	if (!built(to, room, ret, 20 + names + values))
		return;
	FUZZ_ASSERT(fuzz_get32(to) == 20 && fuzz_get32(to + 8) == 2);
	FUZZ_ASSERT(fuzz_get32(to + 12) == 20 + names);
	check_text(to + 20, fuzz_get32(to + 4), name);
	check_text(to + 20 + names, fuzz_get32(to + 16), value);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, data + size };
	u32 choice = fuzz_u8(&in) % 6, room = fuzz_u16(&in) % ROOM_MAX;
	u8 *to = paper(room);

	if (choice == 0)
		data_packet(&in);
	else if (choice == 1)
		words(&in);
	else if (choice == 2)
		plain(&in, to, room);
	else if (choice == 3)
		object(&in, to, room);
	else if (choice == 4)
		rss(&in, to, room);
	else
		parameter(&in, to, room);
	free(to);
	return 0;
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 choice = fuzz_random(out, 6);
	/* What is needed lies on either side of the room. */
	static const u32 typical[] = { 0, 0, 12, 28, 96, 20 };
	u32 bytes = fuzz_random(out, 48);

	fuzz_put8(out, choice);
	fuzz_put16(out, typical[choice] + fuzz_random(out, 128));
	fuzz_put_random(out, bytes);
}
