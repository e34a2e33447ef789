// SPDX-License-Identifier: GPL-2.0
/* The record tells whether the pages could be made private again. */
#include <linux/hyperv.h>

static inline bool probe_vmbus_gpadl_decrypted(struct vmbus_gpadl *gpadl)
{
	return gpadl->decrypted;
}
