// SPDX-License-Identifier: GPL-2.0
/* Compiles with any kernel, or else the answers mean nothing. */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/netdevice.h>

static inline bool probe_self_yes(struct vmbus_channel *channel)
{
	return channel->rescind;
}
