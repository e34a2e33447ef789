/* SPDX-License-Identifier: GPL-2.0 */
/* The Toeplitz hash, as NDIS receive-side scaling uses it. */
#ifndef HVHOST_TOEPLITZ_H
#define HVHOST_TOEPLITZ_H

#include <stddef.h>
#include <stdint.h>

#define TOEPLITZ_KEY_BYTES 40u
/* Two IPv6 addresses and two ports. */
#define TOEPLITZ_INPUT_MAX 36u

/* A key made ready: the 32 bits of it that each bit of the input selects. */
struct toeplitz {
	uint32_t window[TOEPLITZ_INPUT_MAX * 8];
};

void toeplitz_init(struct toeplitz *toeplitz, const uint8_t *key);

/*
 * Hash of the input: source address, destination address and, if they take
 * part, source and destination port, all as they are in the packet. len is at
 * most TOEPLITZ_INPUT_MAX.
 */
uint32_t toeplitz_hash(const struct toeplitz *toeplitz, const uint8_t *input,
		       size_t len);

#endif
