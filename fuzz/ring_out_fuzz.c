// SPDX-License-Identifier: GPL-2.0
/* links: ring */
/*
 * The writer of a ring, with a host at the other end that reads it, or only
 * pretends to.
 *
 * Input: operations of guest and host, one byte each with its arguments.
 *
 * Whatever the host writes into its words, a claim lies inside of the ring and
 * outside of everything that the last valid read index leaves to the host, and
 * an index that is none stops the ring for good. As long as the host keeps to
 * the rules, it finds every packet that was published, whole and in order, and
 * is signalled when, and only when, it has to be.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "vmbus_glue/ring.h"

#define RING_BYTES	4096
#define STEPS_MAX	200
#define PACKETS_MAX	512

#define WRITE_INDEX	0
#define READ_INDEX	4
#define MASK		8
#define PENDING		12

/* A packet as it was claimed: all that its bytes follow from. */
struct sent {
	u32 start;
	u32 ext_len;
	u32 payload_len;
	u32 seed;
};

void (*kshim_at_barrier)(void);

static struct shared ctrl;
static struct nvb_ring_out out;
static u8 *data;

static struct sent sent[PACKETS_MAX];
static u32 sent_head, sent_tail;
static bool honest;

static u32 word(u32 offset)
{
	return fuzz_get32(ctrl.bytes + offset);
}

static void set_word(u32 offset, u32 value)
{
	value = cpu_to_le32(value);
	memcpy(ctrl.bytes + offset, &value, sizeof(value));
}

static u32 used(u32 write, u32 read)
{
	return (write + RING_BYTES - read) % RING_BYTES;
}

static u32 bytes_of(u32 ext_len, u32 payload_len)
{
	return 16 + (ext_len + 7) / 8 * 8 + (payload_len + 7) / 8 * 8 + 8;
}

static u8 pattern(u32 seed, u32 i)
{
	return seed * 29 + i * 11 + (i >> 8);
}

static u8 *map_twice(void)
{
	int fd = memfd_create("ring", 0);
	u8 *at;
	u32 i;

	/* A page that nobody may touch on either side. */
	at = mmap(NULL, 2 * RING_BYTES + 8192, PROT_NONE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FUZZ_ASSERT(fd >= 0 && !ftruncate(fd, RING_BYTES));
	FUZZ_ASSERT(at != MAP_FAILED);
	at += 4096;
	for (i = 0; i < 2; i++)
		FUZZ_ASSERT(mmap(at + i * RING_BYTES, RING_BYTES,
				 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
				 fd, 0) != MAP_FAILED);
	close(fd);
	return at;
}

static void check_refused(u32 ext_len, u32 payload_len)
{
	u32 room = RING_BYTES - 8 - used(out.write_index, word(READ_INDEX));

	FUZZ_ASSERT(!out.claimed);
	if (honest)
		FUZZ_ASSERT(out.dead ||
			    bytes_of(ext_len, payload_len) > room);
}

static u8 *claim(struct sent *one, struct fuzz_in *from)
{
	u32 bytes, write = out.write_index;
	bool was_dead = out.dead;
	u8 *ext;

	one->start = write;
	one->ext_len = fuzz_size(from);
	one->payload_len = fuzz_u8(from);
	one->seed = fuzz_u8(from);
	bytes = bytes_of(one->ext_len, one->payload_len);
	ext = nvb_out_claim(&out, one->seed, one->seed & 1,
			    0x1122334455667788ULL + one->seed, one->ext_len,
			    one->payload_len);
	FUZZ_ASSERT(out.write_index == write);
	if (!ext) {
		check_refused(one->ext_len, one->payload_len);
		return NULL;
	}
	FUZZ_ASSERT(!was_dead && !out.dead);
	FUZZ_ASSERT(ext == data + write + 16 && out.claimed == bytes);
	FUZZ_ASSERT(out.read_index < RING_BYTES && out.read_index % 8 == 0);
	FUZZ_ASSERT(bytes < RING_BYTES - used(write, out.read_index));
	return ext;
}

static void guest_write(struct fuzz_in *from)
{
	struct sent one;
	u32 i, payload;
	u8 *ext;

	if (sent_tail == PACKETS_MAX)
		return;
	ext = claim(&one, from);
	if (!ext)
		return;
	for (i = 0; i < one.ext_len; i++)
		ext[i] = pattern(one.seed, i);
	payload = (one.ext_len + 7) / 8 * 8;
	for (i = 0; i < one.payload_len; i++)
		ext[payload + i] = pattern(one.seed, i + 1);
	nvb_out_commit(&out);
	FUZZ_ASSERT(!out.claimed && out.write_index < RING_BYTES);
	FUZZ_ASSERT(used(out.write_index, one.start) ==
		    bytes_of(one.ext_len, one.payload_len));
	sent[sent_tail++] = one;
}

static void guest_publish(void)
{
	u32 before = out.published, write = out.write_index;
	bool dead = out.dead, signal;

	signal = nvb_out_publish(&out);
	FUZZ_ASSERT(!signal || (!dead && before != write));
	if (dead)
		return;
	FUZZ_ASSERT(out.published == write && !nvb_out_pending(&out));
	if (honest) {
		FUZZ_ASSERT(word(WRITE_INDEX) == write);
		FUZZ_ASSERT(signal == (before != write && !word(MASK) &&
				       word(READ_INDEX) == before));
	}
}

static void guest_free(void)
{
	u32 room = nvb_out_free(&out), percent = nvb_out_free_percent(&out);

	FUZZ_ASSERT(room <= RING_BYTES - 8 && percent <= 100);
	if (honest && !out.dead)
		FUZZ_ASSERT(room == RING_BYTES - 8 -
			    used(out.write_index, word(READ_INDEX)));
}

static void guest_want(u32 bytes)
{
	bool room = nvb_out_want(&out, bytes);

	if (!honest || out.dead)
		return;
	bytes = (bytes + 7) & ~7u;
	FUZZ_ASSERT(room == (bytes <= RING_BYTES - 8 - used(out.write_index,
							    word(READ_INDEX))));
	FUZZ_ASSERT(word(PENDING) == (room ? 0 : bytes));
}

static void check_padding(const u8 *at, u32 len)
{
	while (len--)
		FUZZ_ASSERT(!*at++);
}

/* The host takes one packet, if it has been told of one. */
static void host_read(void)
{
	u32 read = word(READ_INDEX), ext, payload, i;
	const struct sent *one = &sent[sent_head];
	const u8 *at = data + read;

	if (!honest || read == word(WRITE_INDEX))
		return;
	FUZZ_ASSERT(sent_head < sent_tail && one->start == read);
	ext = (one->ext_len + 7) / 8 * 8;
	payload = (one->payload_len + 7) / 8 * 8;
	FUZZ_ASSERT(fuzz_get16(at) == one->seed);
	FUZZ_ASSERT(fuzz_get16(at + 2) * 8 == 16 + ext);
	FUZZ_ASSERT(fuzz_get16(at + 4) * 8 == 16 + ext + payload);
	FUZZ_ASSERT(fuzz_get16(at + 6) == (one->seed & 1));
	FUZZ_ASSERT(fuzz_get64(at + 8) == 0x1122334455667788ULL + one->seed);
	at += 16;
	for (i = 0; i < one->ext_len; i++)
		FUZZ_ASSERT(at[i] == pattern(one->seed, i));
	check_padding(at + i, ext - i);
	at += ext;
	for (i = 0; i < one->payload_len; i++)
		FUZZ_ASSERT(at[i] == pattern(one->seed, i + 1));
	check_padding(at + i, payload - i);
	at += payload;
	FUZZ_ASSERT(!fuzz_get32(at) && fuzz_get32(at + 4) == read);
	sent_head++;
	set_word(READ_INDEX, (at + 8 - data) % RING_BYTES);
}

/* The host breaks the rules: from here on only the guest's own hold. */
static void host_attack(struct fuzz_in *from)
{
	u32 what = fuzz_u8(from);

	honest = false;
	if (what & 1)
		fuzz_chaos(from);
	else
		set_word(what & 2 ? READ_INDEX : 4 * (what >> 2 & 3),
			 what & 0x80 ? fuzz_u32(from) :
				       fuzz_u16(from) % RING_BYTES & ~7u);
}

static void step(struct fuzz_in *from)
{
	struct sent one;

	switch (fuzz_u8(from) % 12) {
	case 0:
	case 1:
	case 2:
		guest_write(from);
		break;
	case 3:
		/* Claimed, and thought better of. */
		claim(&one, from);
		break;
	case 4:
	case 5:
		guest_publish();
		break;
	case 6:
		guest_free();
		break;
	case 7:
		guest_want(fuzz_u16(from) % RING_BYTES);
		break;
	case 8:
		set_word(MASK, fuzz_u8(from) & 1);
		break;
	case 9:
		host_attack(from);
		break;
	default:
		host_read();
		break;
	}
	FUZZ_ASSERT(out.write_index < RING_BYTES && out.write_index % 8 == 0);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const struct nvb_ring_counters counters = {};
	struct fuzz_in from = { input, input + size };
	u32 steps = 0, start;

	if (!data) {
		shared_create(&ctrl, 68, false);
		ctrl.again = true;
		ctrl.writable = BIT(WRITE_INDEX / 4) | BIT(PENDING / 4);
		data = map_twice();
	}
	memset(ctrl.bytes, 0, ctrl.size);
	shared_chaos(NULL, 0);
	FUZZ_ASSERT(!nvb_out_init(&out, (void *)ctrl.address, data, RING_BYTES,
				  &counters));
	/* As if that much had been written and read before. */
	start = fuzz_u16(&from) % RING_BYTES & ~7u;
	set_word(WRITE_INDEX, start);
	set_word(READ_INDEX, start);
	out.write_index = start;
	out.published = start;
	out.read_index = start;
	sent_head = 0;
	sent_tail = 0;
	honest = true;

	while (from.at < from.end && steps++ < STEPS_MAX)
		step(&from);
	guest_publish();
	while (honest && !out.dead && sent_head < sent_tail)
		host_read();
	nvb_out_stop(&out);
	FUZZ_ASSERT(!nvb_out_claim(&out, 0, 0, 0, 0, 8));
	return 0;
}

void fuzz_generate(struct fuzz_out *to)
{
	u32 steps = 4 + fuzz_random(to, 40);

	fuzz_put16(to, fuzz_random(to, RING_BYTES));
	while (steps--) {
		u32 op = fuzz_random(to, 12);

		if (op == 9 && !fuzz_chance(to, 4))
			op = 10;
		fuzz_put8(to, op);
		if (op <= 3) {
			fuzz_put16(to, fuzz_random(to, 0x10000));
			fuzz_put16(to, fuzz_random(to, 0x10000));
		} else if (op == 7) {
			fuzz_put16(to, fuzz_random(to, RING_BYTES));
		} else if (op == 8) {
			fuzz_put8(to, fuzz_chance(to, 3));
		} else if (op == 9) {
			fuzz_put8(to, fuzz_random(to, 256));
			fuzz_put32(to, fuzz_random(to, RING_BYTES));
		}
	}
}
