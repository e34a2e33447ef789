// SPDX-License-Identifier: GPL-2.0
/* A pool may know the NAPI that uses it, and does without locks for that. */
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

static inline void probe_page_pool_napi(struct page_pool_params *params,
					struct napi_struct *napi)
{
	params->napi = napi;
}
