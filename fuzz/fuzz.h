/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all fuzz targets have in common: assertions, input taken apart, and
 * the making of messages that are plausible and then bent.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "shared.h"

#define FUZZ_ASSERT(cond)						\
do {									\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s() expects: %s\n", __FILE__,	\
			__LINE__, __func__, #cond);			\
		abort();						\
	}								\
} while (0)

/**
 * struct fuzz_in - input that has not been used yet
 * @at: the next byte
 * @end: behind the last; from there on everything reads as 0
 */
struct fuzz_in {
	const u8 *at;
	const u8 *end;
};

u8 fuzz_u8(struct fuzz_in *in);
u16 fuzz_u16(struct fuzz_in *in);
u32 fuzz_u32(struct fuzz_in *in);
u32 fuzz_size(struct fuzz_in *in);
const u8 *fuzz_bytes(struct fuzz_in *in, u32 want, u32 *got);
void fuzz_chaos(struct fuzz_in *in);

u16 fuzz_get16(const u8 *at);
u32 fuzz_get32(const u8 *at);
u64 fuzz_get64(const u8 *at);
u8 *fuzz_block(const u8 *from, u32 len);

/**
 * struct fuzz_out - a plausible input in the making
 * @at: the first byte
 * @len: bytes so far; what does not fit is left out
 * @room: bytes at @at
 * @state: of the pseudo-random numbers
 */
struct fuzz_out {
	u8 *at;
	u32 len;
	u32 room;
	u64 state;
};

u32 fuzz_random(struct fuzz_out *out, u32 below);
bool fuzz_chance(struct fuzz_out *out, u32 one_in);
void fuzz_put8(struct fuzz_out *out, u8 value);
void fuzz_put16(struct fuzz_out *out, u16 value);
void fuzz_put32(struct fuzz_out *out, u32 value);
void fuzz_put_random(struct fuzz_out *out, u32 len);
void fuzz_patch32(struct fuzz_out *out, u32 offset, u32 value);
void fuzz_put_chaos(struct fuzz_out *out);

/* Of each target: a plausible input from nothing but random numbers. */
void fuzz_generate(struct fuzz_out *out);

/* What libFuzzer calls, and what it offers. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size);

#endif /* FUZZ_FUZZ_H */
