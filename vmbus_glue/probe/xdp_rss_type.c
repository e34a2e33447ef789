// SPDX-License-Identifier: GPL-2.0
/* XDP has names for the ways in which a hash is made. */
#include <net/xdp.h>

static inline enum xdp_rss_hash_type probe_xdp_rss_type(void)
{
	return XDP_RSS_TYPE_L4_IPV4_TCP;
}
