// SPDX-License-Identifier: GPL-2.0
/* The VMBus core keeps a record of a GPADL, not only a number. */
#include <linux/hyperv.h>

static inline int probe_vmbus_gpadl(struct vmbus_channel *channel,
				    struct vmbus_gpadl *gpadl)
{
	return vmbus_teardown_gpadl(channel, gpadl);
}
