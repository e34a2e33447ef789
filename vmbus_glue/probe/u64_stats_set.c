// SPDX-License-Identifier: GPL-2.0
/* The setter of a statistics counter. */
#include <linux/u64_stats_sync.h>

static inline void probe_u64_stats_set(u64_stats_t *counter)
{
	u64_stats_set(counter, 1);
}
