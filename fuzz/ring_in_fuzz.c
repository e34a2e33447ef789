// SPDX-License-Identifier: GPL-2.0
/* links: ring */
/*
 * The reader of a ring, with a host at the other end that writes packets,
 * moves indices and rewrites the ring, also while the reader reads.
 *
 * Input: operations of host and guest, one byte each with its arguments.
 *
 * Whatever the host does, the reader reads each byte of a packet once, never
 * past what the write index covers, advances by what it read, writes nothing
 * but its own two words, gives out packets that lie in its copy and are what
 * was read, and stays dead once it is. As long as the host keeps to the rules,
 * every packet arrives, whole and in order, and the host is signalled when,
 * and only when, it has to be.
 */
#include "fuzz.h"
#include "vmbus_glue/ring.h"

#define RING_BYTES	8192
#define STEPS_MAX	200
#define PACKETS_MAX	512

/* Words of the control page. */
#define WRITE_INDEX	0
#define READ_INDEX	4
#define MASK		8
#define PENDING		12
#define FEATURES	64

/* A packet that the host has written: all that its bytes follow from. */
struct sent {
	u32 ext_len;
	u32 payload_len;
	u32 type;
	u32 seed;
};

void (*kshim_at_barrier)(void);

static struct shared ctrl, ring;
static struct nvb_ring_in in;
static u8 *copy;

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

static u8 pattern(u32 seed, u32 i)
{
	return seed * 31 + i * 7 + (i >> 8);
}

static void put_byte(u32 *at, u8 byte)
{
	ring.bytes[*at] = byte;
	if (++*at == RING_BYTES)
		*at = 0;
}

static void put(u32 *at, const void *from, u32 len)
{
	const u8 *bytes = from;

	while (len--)
		put_byte(at, *bytes++);
}

/* Appends a packet if there is room, which a host has to look after. */
static void host_write(struct fuzz_in *from)
{
	struct sent one = {
		.ext_len = fuzz_size(from) & ~7u,
		.payload_len = (fuzz_u8(from) & ~7u),
		.type = fuzz_u8(from),
		.seed = fuzz_u8(from),
	};
	u32 len = 16 + one.ext_len + one.payload_len, i;
	u32 at = word(WRITE_INDEX), start = at;
	u16 head[4] = { one.type, (16 + one.ext_len) / 8, len / 8, one.seed };
	u64 id = 0x0123456789abcdefULL * (one.seed + 1);
	u8 trailer[8] = {};

	if (!honest || sent_tail == PACKETS_MAX ||
	    len + 8 >= RING_BYTES - used(at, word(READ_INDEX)))
		return;
	put(&at, head, sizeof(head));
	put(&at, &id, sizeof(id));
	for (i = 0; i < len - 16; i++)
		put_byte(&at, pattern(one.seed, i));
	trailer[4] = start;
	trailer[5] = start >> 8;
	put(&at, trailer, sizeof(trailer));
	set_word(WRITE_INDEX, at);
	sent[sent_tail++] = one;
}

static void check_honest(const struct nvb_packet *pkt, int ret)
{
	const struct sent *one = &sent[sent_head];
	u32 i, len;

	if (sent_head == sent_tail) {
		FUZZ_ASSERT(ret == 0);
		return;
	}
	sent_head++;
	len = one->ext_len + one->payload_len;
	if (len > NVB_IN_COPY_BYTES) {
		FUZZ_ASSERT(ret == -EMSGSIZE);
		return;
	}
	FUZZ_ASSERT(ret == 1);
	FUZZ_ASSERT(pkt->type == one->type && pkt->flags == one->seed);
	FUZZ_ASSERT(pkt->trans_id == 0x0123456789abcdefULL * (one->seed + 1));
	FUZZ_ASSERT(pkt->ext_len == one->ext_len);
	FUZZ_ASSERT(pkt->payload_len == one->payload_len);
	for (i = 0; i < len; i++)
		FUZZ_ASSERT(((const u8 *)pkt->ext)[i] == pattern(one->seed, i));
}

/* A packet that was taken lies in the copy, and is what was read. */
static void check_packet(const struct nvb_packet *pkt, u32 before)
{
	const u8 *ext = pkt->ext;
	u32 i, len = pkt->ext_len + pkt->payload_len;
	u32 words = 0, at;

	FUZZ_ASSERT(ext == copy && pkt->payload == copy + pkt->ext_len);
	FUZZ_ASSERT(pkt->ext_len % 8 == 0 && pkt->payload_len % 8 == 0);
	FUZZ_ASSERT((u64)pkt->ext_len + pkt->payload_len <= NVB_IN_COPY_BYTES);
	FUZZ_ASSERT(used(in.read_index, before) == 16 + len + 8);
	for (i = 0; i < 4; i++)
		words |= (u32)ring.seen[(before + 2 + i) % RING_BYTES] << 8 * i;
	for (i = 0; i < len; i++) {
		at = before + 16 + i;
		FUZZ_ASSERT(ext[i] == ring.seen[at % RING_BYTES]);
	}
	FUZZ_ASSERT((words & 0xffff) * 8 == 16 + pkt->ext_len);
	FUZZ_ASSERT((words >> 16) * 8 == 16 + len);
}

static void guest_next(void)
{
	u32 before = in.read_index, known = in.write_index, waiting, step;
	bool was_dead = in.dead;
	struct nvb_packet pkt;
	int ret;

	shared_begin();
	memset(&pkt, 0xa5, sizeof(pkt));
	ret = nvb_in_next(&in, &pkt);
	step = used(in.read_index, before);
	/* Only when all that was known had been read is more asked for. */
	waiting = used(known != before ? known : in.write_index, before);

	FUZZ_ASSERT(in.read_index < RING_BYTES && in.read_index % 8 == 0);
	FUZZ_ASSERT(in.write_index < RING_BYTES && in.write_index % 8 == 0);
	FUZZ_ASSERT(step <= waiting);
	FUZZ_ASSERT(ret == 1 || ret == 0 || ret == -EMSGSIZE || ret == -EPROTO);
	FUZZ_ASSERT(!was_dead || ret == -EPROTO);
	FUZZ_ASSERT(in.dead == (ret == -EPROTO));
	FUZZ_ASSERT((ret == 1 || ret == -EMSGSIZE) == !!step);
	if (ret == 1)
		check_packet(&pkt, before);
	if (ret == -EMSGSIZE)
		FUZZ_ASSERT(step > NVB_IN_COPY_BYTES);
	if (honest)
		check_honest(&pkt, ret);
}

static void guest_publish(void)
{
	u32 write = word(WRITE_INDEX), pending = word(PENDING) & ~7u;
	u32 before = RING_BYTES - used(write, word(READ_INDEX)), now;
	bool moved = in.published != in.read_index, dead = in.dead, signal;

	shared_begin();
	signal = nvb_in_publish(&in);
	now = RING_BYTES - used(write, in.read_index);
	FUZZ_ASSERT(!signal || (moved && !dead));
	if (dead)
		return;
	FUZZ_ASSERT(in.published == in.read_index);
	FUZZ_ASSERT(!nvb_in_consumed(&in));
	if (!honest)
		return;
	FUZZ_ASSERT(word(READ_INDEX) == in.read_index);
	FUZZ_ASSERT(signal == ((word(FEATURES) & 1) && pending && moved &&
			       before <= pending && now > pending));
}

static void guest_unmask(void)
{
	bool more = nvb_in_unmask(&in);

	if (!honest)
		return;
	FUZZ_ASSERT(!word(MASK));
	FUZZ_ASSERT(more == (word(WRITE_INDEX) != in.read_index));
}

/* The host breaks the rules: from here on only the guest's own hold. */
static void host_attack(struct fuzz_in *from)
{
	u32 what = fuzz_u8(from), at;

	honest = false;
	switch (what % 4) {
	case 0:
		set_word(WRITE_INDEX, fuzz_u16(from) & (what & 4 ? ~0 : ~7));
		break;
	case 1:
		set_word(what & 4 ? READ_INDEX : PENDING, fuzz_u32(from));
		break;
	case 2:
		/* A descriptor at the reader's next look. */
		at = (in.read_index + (what >> 4)) % RING_BYTES;
		ring.bytes[at] = fuzz_u8(from);
		ring.bytes[(at + 1) % RING_BYTES] = fuzz_u8(from);
		break;
	default:
		fuzz_chaos(from);
		break;
	}
}

static void step(struct fuzz_in *from)
{
	switch (fuzz_u8(from) % 12) {
	case 0:
	case 1:
	case 2:
		host_write(from);
		break;
	case 3:
		set_word(PENDING, fuzz_u16(from));
		set_word(FEATURES, !(fuzz_u8(from) & 1));
		break;
	case 4:
		host_attack(from);
		break;
	case 5:
	case 6:
	case 7:
		guest_next();
		break;
	case 8:
		guest_publish();
		break;
	case 9:
		nvb_in_mask(&in);
		FUZZ_ASSERT(word(MASK) == 1);
		break;
	case 10:
		guest_unmask();
		break;
	default:
		if (nvb_in_empty(&in) && honest)
			FUZZ_ASSERT(word(WRITE_INDEX) == in.read_index);
		break;
	}
	FUZZ_ASSERT(nvb_in_consumed(&in) < RING_BYTES);
}

static void fresh(u32 start)
{
	const struct nvb_ring_counters counters = {};

	memset(ctrl.bytes, 0, ctrl.size);
	shared_chaos(NULL, 0);
	FUZZ_ASSERT(!nvb_in_init(&in, (void *)ctrl.address, ring.address,
				 RING_BYTES, copy, &counters));
	/* As if that much had been read and written before. */
	set_word(WRITE_INDEX, start);
	set_word(READ_INDEX, start);
	in.read_index = start;
	in.published = start;
	in.write_index = start;
	sent_head = 0;
	sent_tail = 0;
	honest = true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in from = { data, data + size };
	u32 steps = 0;

	if (!copy) {
		shared_create(&ctrl, 68, false);
		shared_create(&ring, RING_BYTES, true);
		ctrl.again = true;
		ctrl.writable = BIT(READ_INDEX / 4) | BIT(MASK / 4);
		copy = malloc(NVB_IN_COPY_BYTES);
	}
	fresh(fuzz_u16(&from) % RING_BYTES & ~7u);
	while (from.at < from.end && steps++ < STEPS_MAX)
		step(&from);
	/* Nothing that is left makes it read for ever. */
	for (steps = 0; !nvb_in_empty(&in) && steps < RING_BYTES; steps++) {
		if (in.dead)
			break;
		guest_next();
	}
	FUZZ_ASSERT(steps < RING_BYTES);
	nvb_in_stop(&in);
	honest = false;
	guest_next();
	return 0;
}

static void put_write(struct fuzz_out *out)
{
	fuzz_put8(out, 0);
	fuzz_put16(out, fuzz_random(out, 0x10000));
	fuzz_put8(out, fuzz_random(out, 256));
	fuzz_put8(out, 6 + fuzz_random(out, 6));
	fuzz_put8(out, fuzz_random(out, 256));
}

static void put_attack(struct fuzz_out *out)
{
	u32 what = fuzz_random(out, 256);

	fuzz_put8(out, 4);
	fuzz_put8(out, what);
	if (what % 4 == 0 || what % 4 == 2)
		fuzz_put16(out, fuzz_random(out, what % 4 ? 300 : 0x2100));
	else if (what % 4 == 1)
		fuzz_put32(out, fuzz_random(out, 0x2100));
	else
		fuzz_put_chaos(out);
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 steps = 4 + fuzz_random(out, 40);

	fuzz_put16(out, fuzz_random(out, RING_BYTES));
	while (steps--) {
		switch (fuzz_random(out, 8)) {
		case 0:
		case 1:
		case 2:
			put_write(out);
			break;
		case 3:
			if (fuzz_chance(out, 3))
				put_attack(out);
			break;
		case 4:
			fuzz_put8(out, 3);
			fuzz_put16(out, fuzz_random(out, RING_BYTES));
			fuzz_put8(out, fuzz_random(out, 2));
			break;
		default:
			fuzz_put8(out, 5 + fuzz_random(out, 7));
			break;
		}
	}
}
