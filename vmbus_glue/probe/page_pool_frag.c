// SPDX-License-Identifier: GPL-2.0
/* Pools of pages, cut into pieces to which the stack gives back sk_buffs. */
#include <linux/skbuff.h>
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

#ifndef CONFIG_PAGE_POOL
#error "pools are not compiled in"
#endif

static inline struct sk_buff *probe_page_pool_frag(struct page_pool *pool,
						   unsigned int *offset,
						   gfp_t gfp)
{
	struct page *page = page_pool_alloc_frag(pool, offset, 1024, gfp);
	struct sk_buff *skb = napi_build_skb(page_address(page), 1024);

	skb_mark_for_recycle(skb);
	return skb;
}
