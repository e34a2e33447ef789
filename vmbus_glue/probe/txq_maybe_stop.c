// SPDX-License-Identifier: GPL-2.0
/* The helpers that stop a transmit queue, with their barriers. */
#include <linux/netdevice.h>
#if __has_include(<net/netdev_queues.h>)
#include <net/netdev_queues.h>
#endif

static inline int probe_txq_maybe_stop(struct netdev_queue *txq)
{
	return netif_txq_maybe_stop(txq, 1, 2, 3);
}
