// SPDX-License-Identifier: GPL-2.0
/* Formatting one name of ethtool's string sets. */
#include <linux/ethtool.h>

static inline void probe_ethtool_sprintf(u8 **data)
{
	ethtool_sprintf(data, "%d", 1);
}
