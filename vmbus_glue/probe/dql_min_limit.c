// SPDX-License-Identifier: GPL-2.0
/* The setter of the lower bound of a transmit queue's byte limit. */
#include <linux/netdevice.h>

static inline void probe_dql_min_limit(struct netdev_queue *txq)
{
	netdev_queue_set_dql_min_limit(txq, 1);
}
