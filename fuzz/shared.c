// SPDX-License-Identifier: GPL-2.0
/*
 * Memory shared with a hostile host: see shared.h.
 */
#include <stdlib.h>

#include <sanitizer/asan_interface.h>

#include "fuzz.h"

#undef memcpy

#define SHARED_MAX	4

static struct shared *shared_all[SHARED_MAX];
static u32 shared_count;
static u32 shared_call;

/* What the host does: 4 bytes for each of its chances, at most. */
static const u8 *chaos_at, *chaos_end;

/**
 * shared_create() - a piece of shared memory, for the life of the process
 * @s: the piece; empty afterwards
 * @room: the most bytes that it will have
 * @twice: it is mapped twice in a row, as the data of a ring
 */
void shared_create(struct shared *s, u32 room, bool twice)
{
	u32 span = twice ? 2 * room : room;

	FUZZ_ASSERT(shared_count < SHARED_MAX);
	memset(s, 0, sizeof(*s));
	s->address = malloc(span + 8);
	s->bytes = calloc(1, room);
	s->seen = calloc(1, room);
	s->read = calloc(room, sizeof(*s->read));
	FUZZ_ASSERT(s->address && s->bytes && s->seen && s->read);
	ASAN_POISON_MEMORY_REGION(s->address, span + 8);
	s->size = room;
	s->span = span;
	shared_all[shared_count++] = s;
}

/**
 * shared_fill() - give a piece of memory, mapped once, its contents
 * @s: the piece
 * @from: contents
 * @size: bytes, at most what it was created with
 */
void shared_fill(struct shared *s, const u8 *from, u32 size)
{
	memcpy(s->bytes, from, size);
	memcpy(s->seen, from, size);
	s->size = size;
	s->span = size;
}

/**
 * shared_begin() - from here on, nothing may be read twice
 */
void shared_begin(void)
{
	shared_call++;
}

/**
 * shared_chaos() - what the host does while the driver reads
 * @at: its doings; for each read one byte, of which most values mean none
 * @len: bytes; nothing more happens when they are used up
 */
void shared_chaos(const u8 *at, u32 len)
{
	chaos_at = at;
	chaos_end = len ? at + len : at;
}

static void chaos_step(const struct shared *s, u32 offset)
{
	u32 where;
	u8 what;

	if (chaos_at == chaos_end || *chaos_at++ < 0xc0)
		return;
	if (chaos_end - chaos_at < 2)
		return;
	/* Around of what has just been read, where it hurts most. */
	where = offset + (int8_t)chaos_at[0];
	what = chaos_at[1];
	chaos_at += 2;
	if (where < s->size)
		s->bytes[where] = what;
}

static struct shared *shared_find(const void *p, u32 *offset)
{
	const u8 *at = p;
	u32 i;

	for (i = 0; i < shared_count; i++) {
		struct shared *s = shared_all[i];

		if (at >= s->address && at < s->address + s->span + 8) {
			*offset = at - s->address;
			return s;
		}
	}
	return NULL;
}

static void shared_note(struct shared *s, u32 at)
{
	FUZZ_ASSERT(s->again || s->read[at] != shared_call);
	s->read[at] = shared_call;
	s->seen[at] = s->bytes[at];
}

static void shared_get(struct shared *s, u32 offset, u8 *to, size_t len)
{
	u32 at, i;

	FUZZ_ASSERT(offset <= s->span && len <= s->span - offset);
	for (i = 0; i < len; i++) {
		at = offset + i;
		if (at >= s->size)
			at -= s->size;
		shared_note(s, at);
		to[i] = s->bytes[at];
	}
	chaos_step(s, offset);
}

/**
 * shared_fetch() - READ_ONCE()
 * @to: private memory
 * @from: memory of any kind
 * @len: bytes
 */
void shared_fetch(void *to, const void *from, size_t len)
{
	struct shared *s;
	u32 offset;

	s = shared_find(from, &offset);
	if (!s) {
		memcpy(to, from, len);
		return;
	}
	FUZZ_ASSERT(offset % len == 0);
	shared_get(s, offset, to, len);
}

/**
 * shared_store() - WRITE_ONCE()
 * @to: memory of any kind
 * @from: private memory
 * @len: bytes
 */
void shared_store(void *to, const void *from, size_t len)
{
	struct shared *s;
	u32 offset;

	s = shared_find(to, &offset);
	if (!s) {
		memcpy(to, from, len);
		return;
	}
	FUZZ_ASSERT(len == 4 && offset % 4 == 0 && offset / 4 < 32);
	FUZZ_ASSERT(s->writable & BIT(offset / 4));
	memcpy(s->bytes + offset, from, len);
}

/**
 * shared_copy() - memcpy(), which may read shared memory, but not write it
 * @to: private memory
 * @from: memory of any kind
 * @len: bytes
 *
 * Return: @to.
 */
void *shared_copy(void *to, const void *from, size_t len)
{
	struct shared *s;
	u32 offset;

	s = shared_find(from, &offset);
	if (s)
		shared_get(s, offset, to, len);
	else
		memcpy(to, from, len);
	return to;
}
