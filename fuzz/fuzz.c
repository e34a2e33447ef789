// SPDX-License-Identifier: GPL-2.0
/*
 * What all fuzz targets have in common: see fuzz.h.
 */
#include "fuzz.h"

/**
 * fuzz_u8() - the next byte of the input
 * @in: the input
 *
 * Return: the byte, 0 if there is none.
 */
u8 fuzz_u8(struct fuzz_in *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/**
 * fuzz_u16() - the next two bytes of the input
 * @in: the input
 *
 * Return: a number.
 */
u16 fuzz_u16(struct fuzz_in *in)
{
	u16 low = fuzz_u8(in);

	return low | fuzz_u8(in) << 8;
}

/**
 * fuzz_u32() - the next four bytes of the input
 * @in: the input
 *
 * Return: a number.
 */
u32 fuzz_u32(struct fuzz_in *in)
{
	u32 low = fuzz_u16(in);

	return low | (u32)fuzz_u16(in) << 16;
}

/**
 * fuzz_size() - the size of a packet's part
 * @in: the input
 *
 * Return: bytes below 5000; mostly few, which are as good and much faster.
 */
u32 fuzz_size(struct fuzz_in *in)
{
	u32 size = fuzz_u16(in);

	return size < 0xe000 ? size % 128 : size % 5000;
}

/**
 * fuzz_bytes() - a piece of the input
 * @in: the input
 * @want: bytes, at most
 * @got: set to how many there are
 *
 * Return: where they are.
 */
const u8 *fuzz_bytes(struct fuzz_in *in, u32 want, u32 *got)
{
	const u8 *at = in->at;

	*got = in->end - at < want ? in->end - at : want;
	in->at += *got;
	return at;
}

/**
 * fuzz_chaos() - let the next piece of the input, behind its length, be what
 * the host does
 * @in: the input
 */
void fuzz_chaos(struct fuzz_in *in)
{
	const u8 *at;
	u32 len;

	at = fuzz_bytes(in, fuzz_u8(in), &len);
	shared_chaos(at, len);
}

/**
 * fuzz_get16() - a little-endian number
 * @at: where, aligned or not
 *
 * Return: the number.
 */
u16 fuzz_get16(const u8 *at)
{
	return at[0] | at[1] << 8;
}

/**
 * fuzz_get32() - a little-endian number
 * @at: where, aligned or not
 *
 * Return: the number.
 */
u32 fuzz_get32(const u8 *at)
{
	return fuzz_get16(at) | (u32)fuzz_get16(at + 2) << 16;
}

/**
 * fuzz_get64() - a little-endian number
 * @at: where, aligned or not
 *
 * Return: the number.
 */
u64 fuzz_get64(const u8 *at)
{
	return fuzz_get32(at) | (u64)fuzz_get32(at + 4) << 32;
}

/**
 * fuzz_block() - bytes alone in memory, so that none can be read beside them
 * @from: the bytes
 * @len: how many
 *
 * Return: a block for free().
 */
u8 *fuzz_block(const u8 *from, u32 len)
{
	u8 *block = malloc(len);

	FUZZ_ASSERT(block || !len);
	if (len)
		memcpy(block, from, len);
	return block;
}

/**
 * fuzz_random() - a pseudo-random number
 * @out: the input in the making
 * @below: what it is smaller than; not 0
 *
 * Return: the number.
 */
u32 fuzz_random(struct fuzz_out *out, u32 below)
{
	/* Knuth's multiplier for 64 bits; the high bits are the good ones. */
	out->state = out->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (out->state >> 32) % below;
}

/**
 * fuzz_chance() - toss a coin
 * @out: the input in the making
 * @one_in: how rarely the answer is true
 *
 * Return: whether.
 */
bool fuzz_chance(struct fuzz_out *out, u32 one_in)
{
	return !fuzz_random(out, one_in);
}

/**
 * fuzz_put8() - append a byte
 * @out: the input in the making
 * @value: the byte
 */
void fuzz_put8(struct fuzz_out *out, u8 value)
{
	if (out->len < out->room)
		out->at[out->len++] = value;
}

/**
 * fuzz_put16() - append a number of 16 bits
 * @out: the input in the making
 * @value: the number
 */
void fuzz_put16(struct fuzz_out *out, u16 value)
{
	fuzz_put8(out, value);
	fuzz_put8(out, value >> 8);
}

/**
 * fuzz_put32() - append a number of 32 bits
 * @out: the input in the making
 * @value: the number
 */
void fuzz_put32(struct fuzz_out *out, u32 value)
{
	fuzz_put16(out, value);
	fuzz_put16(out, value >> 16);
}

/**
 * fuzz_put_random() - append noise
 * @out: the input in the making
 * @len: bytes of it
 */
void fuzz_put_random(struct fuzz_out *out, u32 len)
{
	while (len--)
		fuzz_put8(out, fuzz_random(out, 256));
}

/**
 * fuzz_patch32() - set a number of 32 bits
 * @out: the input in the making
 * @offset: where
 * @value: the number
 */
void fuzz_patch32(struct fuzz_out *out, u32 offset, u32 value)
{
	u32 i;

	for (i = 0; i < 4 && offset + i < out->len; i++)
		out->at[offset + i] = value >> 8 * i;
}

/**
 * fuzz_put_chaos() - append what fuzz_chaos() takes: mostly nothing
 * @out: the input in the making
 */
void fuzz_put_chaos(struct fuzz_out *out)
{
	u32 steps = fuzz_chance(out, 3) ? 1 + fuzz_random(out, 20) : 0;
	u32 start = out->len;

	fuzz_put8(out, 0);
	while (steps--) {
		if (!fuzz_chance(out, 3)) {
			fuzz_put8(out, 0);
			continue;
		}
		fuzz_put8(out, 0xff);
		fuzz_put8(out, fuzz_random(out, 64) - 32);
		fuzz_put8(out, fuzz_random(out, 256));
	}
	if (start < out->len)
		out->at[start] = out->len - start - 1;
}

/* A number of the kind that lengths, offsets and types are confused by. */
static u32 bent_value(struct fuzz_out *out, u32 old)
{
	static const u32 odd[] = {
		0, 1, 2, 3, 4, 7, 8, 11, 12, 15, 16, 20, 35, 36, 40, 44, 48,
		255, 256, 512, 513, 0x7fff, 0x8000, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xfffffff7,
		0xfffffffc, 0xffffffff,
	};

	switch (fuzz_random(out, 5)) {
	case 0:
		return old + fuzz_random(out, 17) - 8;
	case 1:
		return out->len - fuzz_random(out, 64);
	case 2:
		return 0u - old;
	case 3:
		return old ^ 1u << fuzz_random(out, 32);
	default:
		return odd[fuzz_random(out, sizeof(odd) / sizeof(odd[0]))];
	}
}

static void bend(struct fuzz_out *out)
{
	u32 offset, i, old = 0;

	if (out->len < 4)
		return;
	offset = fuzz_random(out, out->len - 3);
	for (i = 0; i < 4; i++)
		old |= (u32)out->at[offset + i] << 8 * i;
	fuzz_patch32(out, offset, bent_value(out, old));
}

/* Called by libFuzzer; replaces blind changes by ones that make sense. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	struct fuzz_out out = {
		.at = data,
		.len = size,
		.room = max_size,
		.state = seed,
	};
	u32 choice = fuzz_random(&out, 8), bends;

	if (choice > 2)
		return LLVMFuzzerMutate(data, size, max_size);
	if (choice == 0) {
		out.len = 0;
		fuzz_generate(&out);
	}
	if (choice || fuzz_chance(&out, 2)) {
		for (bends = 1 + fuzz_random(&out, 3); bends; bends--)
			bend(&out);
	}
	return out.len ? out.len : LLVMFuzzerMutate(data, size, max_size);
}
