// SPDX-License-Identifier: GPL-2.0
/* The length of all headers of a TCP packet. */
#include <linux/tcp.h>

static inline int probe_skb_tcp_all_headers(const struct sk_buff *skb)
{
	return skb_tcp_all_headers(skb);
}
