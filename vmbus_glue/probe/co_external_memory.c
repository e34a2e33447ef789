// SPDX-License-Identifier: GPL-2.0
/* Channels can lead to devices that see the memory of an isolated guest. */
#include <linux/hyperv.h>

static inline bool
probe_co_external_memory(const struct vmbus_channel *channel)
{
	return channel->co_external_memory;
}
