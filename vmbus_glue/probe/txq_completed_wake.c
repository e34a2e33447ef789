// SPDX-License-Identifier: GPL-2.0
/* The helper that wakes a transmit queue after completions. */
#include <linux/netdevice.h>
#if __has_include(<net/netdev_queues.h>)
#include <net/netdev_queues.h>
#endif

static inline int probe_txq_completed_wake(struct netdev_queue *txq)
{
	return __netif_txq_completed_wake(txq, 1, 64, 1, 2, false);
}
