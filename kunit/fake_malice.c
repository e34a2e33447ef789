// SPDX-License-Identifier: GPL-2.0
/*
 * Tampers with what the fake host says.
 */
#include <linux/bitfield.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "fake_malice.h"

#define FAKE_NOISE_WORDS	24

/* What is done to a packet. */
enum fake_act {
	FAKE_ACT_WORD,		/* a word of it becomes another number */
	FAKE_ACT_BIT,		/* a bit of it is turned */
	FAKE_ACT_TYPE,
	FAKE_ACT_OFFSET,
	FAKE_ACT_LENGTH,
	FAKE_ACT_FLAGS,
	FAKE_ACT_ID,
	FAKE_ACT_LOSE,
	FAKE_ACT_TWICE,
	FAKE_ACT_LATE,		/* comes behind the next packet, wherever that is */
	FAKE_ACT_ELSEWHERE,	/* comes on another channel */
};

/* A ring that cannot be read is the end of a session: seldom. */
static const u8 fake_acts[] = {
	FAKE_ACT_WORD, FAKE_ACT_WORD, FAKE_ACT_WORD, FAKE_ACT_WORD,
	FAKE_ACT_WORD, FAKE_ACT_BIT, FAKE_ACT_BIT, FAKE_ACT_TYPE,
	FAKE_ACT_OFFSET, FAKE_ACT_LENGTH, FAKE_ACT_FLAGS, FAKE_ACT_ID,
	FAKE_ACT_ID, FAKE_ACT_ID, FAKE_ACT_ID, FAKE_ACT_LOSE, FAKE_ACT_LOSE,
	FAKE_ACT_TWICE, FAKE_ACT_TWICE, FAKE_ACT_TWICE, FAKE_ACT_LATE,
	FAKE_ACT_LATE, FAKE_ACT_ELSEWHERE, FAKE_ACT_ELSEWHERE,
};

/* Numbers at which arithmetic goes wrong. */
static const u32 fake_numbers[] = {
	0, 1, 2, 3, 7, 8, 12, 16, 28, 36, 44, 52, 0xff, 0x100, 0x7ff, 0x800,
	0x801, 0xfff, 0x1000, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
	0xfffffff0, 0xfffffff8, 0xffffffff,
};

/* Packet types that hosts use, and some that none does. */
static const u16 fake_types[] = { 0, 6, 7, 8, 9, 10, 11, 12, 0xffff };

/* First words of messages: NVSP types, and beyond. */
static const u32 fake_messages[] = {
	2, 102, 105, 107, 108, 128, 129, 130, 132, 133, 134, 0, 99, 135, ~0U,
};

/* Types of RNDIS messages: from the host, from the driver, and of nobody. */
static const u32 fake_rndis[] = {
	1, 7, 8, 0x80000002, 0x80000004, 0x80000005, 0x80000006, 0x80000008, 0,
	0x80000003,
};

/**
 * fake_malice_alloc() - make one that does nothing yet
 * @host: whose messages it is for
 *
 * Context: Process context, of the test.
 * Return: the malice, freed with the test.
 */
struct fake_malice *fake_malice_alloc(struct fake_host *host)
{
	struct fake_malice *malice;
	u32 i;

	malice = kunit_kzalloc(host->test, sizeof(*malice), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(host->test, malice);
	malice->host = host;
	host->malice = malice;
	for (i = 0; i < FAKE_CHANNELS; i++)
		host->channel[i].from_host->malice = malice;

	return malice;
}

/**
 * fake_malice_begin() - tamper from now on
 * @malice: after fake_malice_alloc()
 * @seed: the same makes the same
 * @rate: one in so many messages
 *
 * Context: Any.
 */
void fake_malice_begin(struct fake_malice *malice, u64 seed, u32 rate)
{
	u32 i;

	prandom_seed_state(&malice->random, seed);
	/* What neighbouring seeds say first is alike. */
	for (i = 0; i < 8; i++)
		prandom_u32_state(&malice->random);
	malice->rate = rate;
	malice->acts = 0;
	malice->num_xids = 0;
	malice->late_bytes = 0;
}

/**
 * fake_malice_end() - let the host be honest again
 * @malice: after fake_malice_begin()
 *
 * Context: Any.
 */
void fake_malice_end(struct fake_malice *malice)
{
	malice->rate = 0;
	malice->late_bytes = 0;
}

/**
 * fake_malice_below() - a number by chance
 * @malice: after fake_malice_begin()
 * @limit: it is lower; not 0
 *
 * Context: Any.
 * Return: the number.
 */
u32 fake_malice_below(struct fake_malice *malice, u32 limit)
{
	return prandom_u32_state(&malice->random) % limit;
}

/**
 * fake_malice_number() - a number that may do harm
 * @malice: after fake_malice_begin()
 *
 * Context: Any.
 * Return: the number.
 */
u32 fake_malice_number(struct fake_malice *malice)
{
	u32 which = fake_malice_below(malice, ARRAY_SIZE(fake_numbers) + 4);

	return which < ARRAY_SIZE(fake_numbers) ? fake_numbers[which] :
						  prandom_u32_state(&malice->random);
}

static bool fake_malice_is_due(struct fake_malice *malice)
{
	if (!malice->rate || fake_malice_below(malice, malice->rate))
		return false;
	malice->acts++;

	return true;
}

/* A word becomes another number, or one near to what it was. */
static void fake_malice_word(struct fake_malice *malice, u8 *from, u32 bytes)
{
	u8 *at = from + 4 * fake_malice_below(malice, bytes / 4);
	u32 value = get_unaligned_le32(at);

	if (fake_malice_below(malice, 2))
		value = fake_malice_number(malice);
	else
		value += fake_malice_below(malice, 17) - 8;
	put_unaligned_le32(value, at);
}

static void fake_malice_bit(struct fake_malice *malice, u8 *from, u32 bytes)
{
	from[fake_malice_below(malice, bytes)] ^=
		BIT(fake_malice_below(malice, 8));
}

/*
 * An id that the driver knows, one of which one part is another, or any. The parts
 * are the driver's own, see nvsp.h.
 */
static u64 fake_malice_xid(struct fake_malice *malice)
{
	u32 known = min_t(u32, malice->num_xids, FAKE_MALICE_XIDS);
	u32 number = fake_malice_number(malice);
	u64 xid = 0;

	if (known)
		xid = malice->xid[fake_malice_below(malice, known)];
	switch (fake_malice_below(malice, 8)) {
	case 0:
		return xid + 1;
	case 1:
		return xid ^ BIT_ULL(fake_malice_below(malice, 64));
	case 2:
		return (u64)number << 32 | fake_malice_number(malice);
	case 3:
	case 4:
		return (xid & ~NVSP_XID_INDEX) |
		       FIELD_PREP(NVSP_XID_INDEX, number & 0xffff);
	case 5:
		return (xid & ~NVSP_XID_GENERATION) |
		       FIELD_PREP(NVSP_XID_GENERATION, number);
	case 6:
		return (xid & ~NVSP_XID_KIND) |
		       FIELD_PREP(NVSP_XID_KIND, number & 7);
	default:
		return xid;
	}
}

static void fake_malice_remember(struct fake_malice *malice, const u8 *packet)
{
	malice->xid[malice->num_xids++ % FAKE_MALICE_XIDS] =
		get_unaligned_le64(packet + 8);
}

/* Puts a packet behind what has just been written, or on another channel. */
static void fake_malice_elsewhere(struct fake_malice *malice, const u8 *packet,
				  u32 bytes)
{
	u32 channel = fake_malice_below(malice, FAKE_CHANNELS);
	struct fake_ring *ring = malice->host->channel[channel].from_host;

	if (malice->host->channel[channel].driver &&
	    fake_ring_room(ring) >= bytes + FAKE_MALICE_BYTES)
		fake_ring_write_raw(ring, packet, bytes / 8);
}

/* Changes a packet's descriptor. */
static void fake_malice_descriptor(struct fake_malice *malice, u8 *packet,
				   enum fake_act act)
{
	u32 which = fake_malice_below(malice, ARRAY_SIZE(fake_types));

	switch (act) {
	case FAKE_ACT_TYPE:
		put_unaligned_le16(fake_types[which], packet);
		break;
	case FAKE_ACT_OFFSET:
		put_unaligned_le16(fake_malice_number(malice), packet + 2);
		break;
	case FAKE_ACT_LENGTH:
		put_unaligned_le16(fake_malice_number(malice), packet + 4);
		break;
	case FAKE_ACT_FLAGS:
		put_unaligned_le16(fake_malice_number(malice), packet + 6);
		break;
	default:
		put_unaligned_le64(fake_malice_xid(malice), packet + 8);
		break;
	}
}

/* Does one thing to a packet; returns its bytes, 0 if it is not there. */
static u32 fake_malice_act(struct fake_malice *malice, u8 *packet, u32 bytes)
{
	enum fake_act act =
		fake_acts[fake_malice_below(malice, ARRAY_SIZE(fake_acts))];

	switch (act) {
	case FAKE_ACT_WORD:
		fake_malice_word(malice, packet + 8, bytes - 16);
		return bytes;
	case FAKE_ACT_BIT:
		fake_malice_bit(malice, packet, bytes - 8);
		return bytes;
	case FAKE_ACT_LOSE:
		return 0;
	case FAKE_ACT_TWICE:
		if (2 * bytes > FAKE_MALICE_BYTES)
			return bytes;
		memcpy(packet + bytes, packet, bytes);
		return 2 * bytes;
	case FAKE_ACT_LATE:
		if (bytes > FAKE_MALICE_BYTES / 2)
			return 0;
		memcpy(malice->late, packet, bytes);
		malice->late_bytes = bytes;
		return 0;
	case FAKE_ACT_ELSEWHERE:
		fake_malice_elsewhere(malice, packet, bytes);
		return 0;
	default:
		fake_malice_descriptor(malice, packet, act);
		return bytes;
	}
}

/**
 * fake_malice_tamper() - have a look at a packet before the driver has
 * @malice: the malice
 * @ring: where it is written
 * @packet: the packet; FAKE_MALICE_BYTES of room behind it
 * @bytes: bytes of it, with its trailer
 *
 * Context: Any.
 * Return: bytes that are there now.
 */
u32 fake_malice_tamper(struct fake_malice *malice, struct fake_ring *ring,
		       u8 *packet, u32 bytes)
{
	u32 late = malice->late_bytes;

	if (!malice->rate)
		return bytes;
	fake_malice_remember(malice, packet);
	malice->late_bytes = 0;
	if (fake_malice_is_due(malice))
		bytes = fake_malice_act(malice, packet, bytes);
	if (!late || malice->late_bytes)
		return bytes;
	memcpy(packet + bytes, malice->late, late);

	return bytes + late;
}

/**
 * fake_malice_spoil() - have a look at a message in the receive buffer
 * @malice: the malice
 * @message: the message
 * @bytes: bytes of it
 *
 * Context: Any.
 */
void fake_malice_spoil(struct fake_malice *malice, u8 *message, u32 bytes)
{
	u32 times, which = fake_malice_below(malice, ARRAY_SIZE(fake_rndis));

	if (bytes < 8 || !fake_malice_is_due(malice))
		return;
	if (!fake_malice_below(malice, 8))
		put_unaligned_le32(fake_rndis[which], message);
	/* The head is where lengths and offsets are. */
	for (times = fake_malice_below(malice, 3) + 1; times; times--)
		fake_malice_word(malice, message,
				 fake_malice_below(malice, 4) ?
				 min(bytes, 64U) : bytes);
}

/**
 * fake_malice_noise() - say what nobody has asked for
 * @malice: the malice
 *
 * Context: Any that the driver's poll may be called from.
 */
void fake_malice_noise(struct fake_malice *malice)
{
	u32 channel = fake_malice_below(malice, FAKE_CHANNELS);
	struct fake_channel *own = &malice->host->channel[channel];
	const __le32 done[] = {
		cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		cpu_to_le32(fake_malice_below(malice, 3)),
	};
	__le32 word[FAKE_NOISE_WORDS];
	u32 i, ext, len;

	if (!own->driver)
		return;
	for (i = 0; i < FAKE_NOISE_WORDS; i++)
		word[i] = cpu_to_le32(fake_malice_number(malice));
	ext = fake_malice_below(malice, 4) ? 0 :
	      8 * fake_malice_below(malice, FAKE_NOISE_WORDS / 2);
	len = 4 * fake_malice_below(malice, FAKE_NOISE_WORDS);
	i = fake_malice_below(malice, ARRAY_SIZE(fake_messages));
	word[0] = cpu_to_le32(fake_messages[i]);
	i = fake_malice_below(malice, ARRAY_SIZE(fake_types));
	malice->acts++;
	if (fake_malice_below(malice, 2))
		fake_ring_write(own->from_host, fake_types[i],
				fake_malice_xid(malice), word, ext, word, len);
	else
		fake_ring_write(own->from_host, NVB_PACKET_COMPLETION,
				fake_malice_xid(malice), NULL, 0, done,
				sizeof(done));
	malice->host->deliver(malice->host, channel);
}

/**
 * fake_malice_indices() - write nonsense to the control pages of a channel
 * @malice: the malice
 *
 * The driver has a look at it; then the host has its own indices again.
 *
 * Context: Any that the driver's poll may be called from.
 */
void fake_malice_indices(struct fake_malice *malice)
{
	u32 channel = fake_malice_below(malice, FAKE_CHANNELS);
	struct fake_channel *own = &malice->host->channel[channel];
	struct nvb_ring_ctrl *in = own->from_host->ctrl;
	struct nvb_ring_ctrl *out = own->to_host->ctrl;
	__le32 write = READ_ONCE(in->write_index);

	if (!own->driver)
		return;
	malice->acts++;
	WRITE_ONCE(in->write_index, cpu_to_le32(fake_malice_number(malice)));
	WRITE_ONCE(in->pending_send_size,
		   cpu_to_le32(fake_malice_number(malice)));
	WRITE_ONCE(out->interrupt_mask,
		   cpu_to_le32(fake_malice_number(malice)));
	malice->host->deliver(malice->host, channel);
	/* A driver that went along with it has read further than there was. */
	if (READ_ONCE(in->read_index) != write)
		write = READ_ONCE(in->read_index);
	WRITE_ONCE(in->write_index, write);
	WRITE_ONCE(in->pending_send_size, 0);
	WRITE_ONCE(out->interrupt_mask, 0);
}
