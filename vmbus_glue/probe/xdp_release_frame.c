// SPDX-License-Identifier: GPL-2.0
/*
 * An XDP frame that becomes an sk_buff leaves its pool, with its whole page, so
 * that other frames must not be in that page.
 */
#include <net/xdp.h>

static inline void probe_xdp_release_frame(struct xdp_frame *frame)
{
	xdp_release_frame(frame);
}
