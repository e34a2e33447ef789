/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Malice: tampers with what the fake host says, by seed.
 *
 * It stands where packets enter a ring and where messages enter the receive
 * buffer. What the host believes itself stays true, so that after it the host can
 * be honest again.
 */
#ifndef KUNIT_FAKE_MALICE_H
#define KUNIT_FAKE_MALICE_H

#include <linux/prandom.h>
#include <linux/types.h>

#include "fake_host.h"

/* The longest packet that is kept for later, or repeated; and its place. */
#define FAKE_MALICE_BYTES	1024
#define FAKE_MALICE_XIDS	16

/**
 * struct fake_malice - what tampers with a host's messages
 * @random: where chance comes from
 * @host: the host
 * @rate: one in so many packets or messages is tampered with; 0: none
 * @acts: of malice so far
 * @xid: transaction ids of packets that went by
 * @num_xids: how many went by
 * @late: a packet that has been kept back
 * @late_bytes: bytes of it; 0: none
 */
struct fake_malice {
	struct rnd_state random;
	struct fake_host *host;
	u32 rate;
	u32 acts;
	u64 xid[FAKE_MALICE_XIDS];
	u32 num_xids;
	u8 late[FAKE_MALICE_BYTES];
	u32 late_bytes;
};

struct fake_malice *fake_malice_alloc(struct fake_host *host);
void fake_malice_begin(struct fake_malice *malice, u64 seed, u32 rate);
void fake_malice_end(struct fake_malice *malice);
u32 fake_malice_below(struct fake_malice *malice, u32 limit);
u32 fake_malice_number(struct fake_malice *malice);
void fake_malice_noise(struct fake_malice *malice);
void fake_malice_indices(struct fake_malice *malice);
u32 fake_malice_tamper(struct fake_malice *malice, struct fake_ring *ring,
		       u8 *packet, u32 bytes);
void fake_malice_spoil(struct fake_malice *malice, u8 *message, u32 bytes);

#endif /* KUNIT_FAKE_MALICE_H */
