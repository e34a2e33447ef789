/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel as nvsp.c and rndis_filter.c need it, for one thread that plays
 * the guest, and the host whenever the guest waits.
 */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include <stdio.h>
#include <stdlib.h>

#include "shared.h"

/* Neither is of use here; their names keep the real ones out. */
#define VMBUS_GLUE_COMPAT_H
#define NETVSC_TRACE_H

static inline void session_trace(const void *dev, ...)
{
}

#define trace_nvsp_send		session_trace
#define trace_nvsp_send_pkt	session_trace
#define trace_rndis_send	session_trace
#define trace_rndis_recv	session_trace

#undef GENMASK
#undef FIELD_PREP
#undef FIELD_GET
#define GENMASK(h, l)		((~0U >> (31 - (h))) & (~0U << (l)))
#define GENMASK_ULL(h, l)	((~0ULL >> (63 - (h))) & (~0ULL << (l)))
#define FIELD_PREP(mask, val) \
	(((typeof(mask))(val) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, reg) \
	((typeof(mask))(((reg) & (mask)) >> __builtin_ctzll(mask)))

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define WARN_ON_ONCE(cond)	((cond) ? (abort(), 1) : 0)
#define ____cacheline_aligned_in_smp

#define ETH_ALEN		6
#define GFP_KERNEL		0
#define kzalloc(len, gfp)	calloc(1, len)
#define kfree(p)		free(p)
#define NUMA_NO_NODE		(-1)

bool is_valid_ether_addr(const u8 *mac);

struct device {
	int unused;
};

#define dev_err(dev, ...)	session_log(__VA_ARGS__)
#define dev_warn(dev, ...)	session_log(__VA_ARGS__)

/* Formats that the compiler checks, and that nobody reads. */
static inline void __attribute__((__format__(__printf__, 1, 2)))
session_log(const char *format, ...)
{
}

/* Time stands still, but for those who sleep. */
extern unsigned long jiffies;

#define msecs_to_jiffies(ms)	(ms)
#define jiffies_to_msecs(n)	(n)
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define usleep_range(from, to)	(jiffies += 1000)

typedef struct {
	int unused;
} wait_queue_head_t;

struct completion {
	u32 done;
};

#define init_completion(c)	((c)->done = 0)
#define reinit_completion(c)	((c)->done = 0)
#define complete(c)		((c)->done++)
#define complete_all(c)		((c)->done = 1 << 30)

/* One thread: a lock that is taken twice, or held while it waits, is an error. */
extern u32 session_locks;

static inline void spin_lock_bh(spinlock_t *lock)
{
	if (lock->unused++)
		abort();
	session_locks++;
}

static inline void spin_unlock_bh(spinlock_t *lock)
{
	if (--lock->unused)
		abort();
	session_locks--;
}

#define lockdep_assert_held(lock)	((lock)->unused == 1 ? (void)0 : abort())

#endif /* FUZZ_SESSION_H */
