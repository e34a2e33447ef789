// SPDX-License-Identifier: GPL-2.0
#include "toeplitz.h"

#include <assert.h>
#include <stdbool.h>

/*
 * The window of the last input bit must end inside the key; a 40-byte key has
 * just enough bits for the longest input.
 */
static_assert(TOEPLITZ_INPUT_MAX * 8 + 32 <= TOEPLITZ_KEY_BYTES * 8,
	      "the key is too short for the input");

static bool key_bit(const uint8_t *key, unsigned int bit)
{
	return key[bit / 8] & 0x80 >> bit % 8;
}

void toeplitz_init(struct toeplitz *toeplitz, const uint8_t *key)
{
	uint32_t window = 0;
	unsigned int bit;

	for (bit = 0; bit < 31; bit++)
		window = window << 1 | key_bit(key, bit);
	for (bit = 0; bit < TOEPLITZ_INPUT_MAX * 8; bit++) {
		window = window << 1 | key_bit(key, bit + 31);
		toeplitz->window[bit] = window;
	}
}

uint32_t toeplitz_hash(const struct toeplitz *toeplitz, const uint8_t *input,
		       size_t len)
{
	uint32_t hash = 0;
	size_t i;

	assert(len <= TOEPLITZ_INPUT_MAX);
	for (i = 0; i < len; i++) {
		uint32_t rest = (uint32_t)input[i] << 24;

		while (rest) {
			unsigned int bit = __builtin_clz(rest);

			hash ^= toeplitz->window[i * 8 + bit];
			rest &= ~(0x80000000u >> bit);
		}
	}
	return hash;
}
