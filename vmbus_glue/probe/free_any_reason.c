// SPDX-License-Identifier: GPL-2.0
/* It can be said in any context. */
#include <linux/netdevice.h>

static inline void probe_free_any_reason(struct sk_buff *skb,
					 enum skb_drop_reason reason)
{
	dev_kfree_skb_any_reason(skb, reason);
}
