/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as rndis_codec.c, nvsp_codec.c, netvsc_rsc.c,
 * netvsc_tx_pace.h and vmbus_glue/ring.c ask for, so that the very same sources
 * run in user space. The Makefile makes a header of each kernel name that they
 * include out of this one; fuzz/shared.h replaces the means of reading shared
 * memory.
 */
#ifndef TESTS_UNIT_KSHIM_H
#define TESTS_UNIT_KSHIM_H

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;

#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX
#define S32_MAX			INT32_MAX

#define cpu_to_le16(x)		htole16(x)
#define cpu_to_le32(x)		htole32(x)
#define cpu_to_le64(x)		htole64(x)
#define le16_to_cpu(x)		le16toh(x)
#define le32_to_cpu(x)		le32toh(x)
#define le64_to_cpu(x)		le64toh(x)

#define BIT(n)			(1U << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(h, l)		((U32_MAX >> (31 - (h))) & (U32_MAX << (l)))
#define FIELD_PREP(mask, val)	(((u32)(val) << __builtin_ctz(mask)) & (mask))
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctz(mask))

#undef static_assert
#define static_assert(expr, ...) _Static_assert(expr, #expr)
#define __packed		__attribute__((__packed__))

#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a)	(!((x) & ((a) - 1)))

#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile typeof(x) *)&(x) = (val))
#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "=r"(var) : "0"(var))
#define barrier_data(ptr)	__asm__ volatile("" : : "r"(ptr) : "memory")

/*
 * What the other side of a ring does at the moment of a full barrier, the
 * only one at which the two sides can miss each other.
 */
extern void (*kshim_at_barrier)(void);

static inline void virt_mb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (kshim_at_barrier)
		kshim_at_barrier();
}

#define virt_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define virt_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define virt_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

typedef struct {
	int unused;
} spinlock_t;

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->unused = 0;
}

#endif /* TESTS_UNIT_KSHIM_H */
