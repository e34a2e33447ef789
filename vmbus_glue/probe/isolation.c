// SPDX-License-Identifier: GPL-2.0
/* Guests can be isolated from the host. */
#include <linux/hyperv.h>
#include <asm/mshyperv.h>

static inline bool probe_isolation(void)
{
	return hv_is_isolation_supported();
}
