/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory shared with a hostile host, for sources of the driver in user space.
 *
 * Included before everything else, it replaces the few means by which the
 * driver reads and writes what the host can change. A decoder is given an
 * address at which there is nothing: the address sanitizer ends the run at any
 * access to it that does not go by READ_ONCE(), WRITE_ONCE() or memcpy(). Those
 * find the bytes elsewhere, check where they are, note what has been read, and
 * let the host change what it likes afterwards.
 */
#ifndef FUZZ_SHARED_H
#define FUZZ_SHARED_H

#include "kshim.h"

void shared_fetch(void *to, const void *from, size_t len);
void shared_store(void *to, const void *from, size_t len);
void *shared_copy(void *to, const void *from, size_t len);

#undef READ_ONCE
#define READ_ONCE(x)							\
({									\
	union {								\
		typeof(x) value;					\
		u8 bytes[sizeof(x)];					\
	} once;								\
									\
	shared_fetch(once.bytes, &(x), sizeof(x));			\
	once.value;							\
})

#undef WRITE_ONCE
#define WRITE_ONCE(x, val)						\
do {									\
	typeof(x) once = (val);						\
									\
	shared_store(&(x), &once, sizeof(once));			\
} while (0)

#undef virt_store_release
#define virt_store_release(p, v)	WRITE_ONCE(*(p), v)

#define memcpy(to, from, len)		shared_copy(to, from, len)

/**
 * struct shared - a piece of memory that the host can change
 * @address: what the driver is given; nothing is there
 * @bytes: what the host sees, @size bytes
 * @seen: what the driver has seen
 * @read: the call of shared_begin() since which a byte has been read
 * @size: bytes
 * @span: bytes that may be read in one go; more than @size if it is mapped
 *	twice in a row
 * @again: words that are read more than once by their nature
 * @writable: for each word, by a bit of its own, whether the driver may write
 */
struct shared {
	u8 *address;
	u8 *bytes;
	u8 *seen;
	u32 *read;
	u32 size;
	u32 span;
	bool again;
	u32 writable;
};

void shared_create(struct shared *s, u32 room, bool twice);
void shared_fill(struct shared *s, const u8 *from, u32 size);
void shared_begin(void);
void shared_chaos(const u8 *at, u32 len);

#endif /* FUZZ_SHARED_H */
