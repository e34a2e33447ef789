// SPDX-License-Identifier: GPL-2.0
/* Why a frame is dropped can be said when it is freed. */
#include <linux/skbuff.h>

static inline void probe_drop_reason(struct sk_buff *skb)
{
	static const enum skb_drop_reason reasons[] = {
		SKB_DROP_REASON_DEV_HDR,
		SKB_DROP_REASON_DEV_READY,
		SKB_DROP_REASON_NOMEM,
		SKB_DROP_REASON_PKT_TOO_BIG,
		SKB_DROP_REASON_SKB_CSUM,
	};

	kfree_skb_reason(skb, reasons[0]);
}
