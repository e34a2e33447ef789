// SPDX-License-Identifier: GPL-2.0
/*
 * Frames are returned in bulk. Of about the same age: whoever redirects frames
 * frees those that could not be sent, which was the driver's part before.
 */
#include <net/xdp.h>

static inline void probe_xdp_return_bulk(struct xdp_frame *frame,
					 struct xdp_frame_bulk *bulk)
{
	xdp_frame_bulk_init(bulk);
	xdp_return_frame_bulk(frame, bulk);
	xdp_flush_frame_bulk(bulk);
}
