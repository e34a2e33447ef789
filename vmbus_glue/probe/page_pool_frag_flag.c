// SPDX-License-Identifier: GPL-2.0
/* A pool must be told that its pages are cut into pieces. */
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

static inline unsigned int probe_page_pool_frag_flag(void)
{
	return PP_FLAG_PAGE_FRAG;
}
