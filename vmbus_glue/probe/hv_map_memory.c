// SPDX-License-Identifier: GPL-2.0
/* Shared memory needs an alias above the isolation boundary. */
#include <linux/hyperv.h>
#include <asm/mshyperv.h>

static inline void *probe_hv_map_memory(void *addr)
{
	return hv_isolation_type_snp() ? hv_map_memory(addr, 4096) : addr;
}
