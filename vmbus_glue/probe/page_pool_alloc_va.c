// SPDX-License-Identifier: GPL-2.0
/* A pool that finds out by itself whether a piece is worth cutting. */
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

static inline void *probe_page_pool_alloc_va(struct page_pool *pool,
					     unsigned int *bytes, gfp_t gfp)
{
	return page_pool_alloc_va(pool, bytes, gfp);
}
