/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completions that a channel owes to the guest while the host is told to
 * withhold them: a queue, first in, first out, with a limit.
 */
#ifndef HVHOST_WITHHELD_H
#define HVHOST_WITHHELD_H

#include <stdbool.h>
#include <stdint.h>

/* More than any guest has under way; who sends more is not read any more. */
#define WITHHELD_MAX 65536u

struct withheld_completion {
	uint64_t transaction_id;
	uint32_t status;
};

struct withheld {
	struct withheld_completion *items;	/* a ring of room entries */
	uint32_t room;			/* 0, or a power of two */
	uint32_t first;
	uint32_t count;
};

/* Makes sure of room for one more; false at the limit, or without memory. */
bool withheld_reserve(struct withheld *withheld);
/* Appends; there was room, as withheld_reserve() has said. */
void withheld_put(struct withheld *withheld, uint64_t transaction_id,
		  uint32_t status);
/* The oldest, or NULL; withheld_drop() ends it. */
const struct withheld_completion *withheld_first(const struct withheld *withheld);
void withheld_drop(struct withheld *withheld);
void withheld_clear(struct withheld *withheld);

#endif
