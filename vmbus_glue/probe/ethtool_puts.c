// SPDX-License-Identifier: GPL-2.0
/* Copying one name of ethtool's string sets. */
#include <linux/ethtool.h>

static inline void probe_ethtool_puts(u8 **data)
{
	ethtool_puts(data, "name");
}
