// SPDX-License-Identifier: GPL-2.0
/* A fragment is filled in at once. */
#include <linux/skbuff.h>

static inline void probe_frag_fill(skb_frag_t *frag, struct page *page)
{
	skb_frag_fill_page_desc(frag, page, 0, 0);
}
