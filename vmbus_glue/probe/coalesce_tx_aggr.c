// SPDX-License-Identifier: GPL-2.0
/* ethtool's coalescing parameters have transmit aggregation. */
#include <linux/ethtool.h>

static inline u32 probe_coalesce_tx_aggr(struct ethtool_ops *ops,
		const struct kernel_ethtool_coalesce *kernel_coalesce)
{
	ops->supported_coalesce_params = ETHTOOL_COALESCE_TX_AGGR_MAX_BYTES |
					 ETHTOOL_COALESCE_TX_AGGR_MAX_FRAMES |
					 ETHTOOL_COALESCE_TX_AGGR_TIME_USECS;
	return kernel_coalesce->tx_aggr_max_bytes +
	       kernel_coalesce->tx_aggr_max_frames +
	       kernel_coalesce->tx_aggr_time_usecs;
}
