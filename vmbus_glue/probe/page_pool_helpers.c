// SPDX-License-Identifier: GPL-2.0
/* Where the functions of page pools are declared. */
#if !__has_include(<net/page_pool/helpers.h>)
#error "in net/page_pool.h"
#endif
