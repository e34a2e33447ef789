// SPDX-License-Identifier: GPL-2.0
/* Behind a buffer of an AF_XDP socket is room for the driver. */
#include <net/xdp_sock_drv.h>

static inline void probe_xsk_priv(void)
{
	XSK_CHECK_PRIV_TYPE(struct xdp_buff);
	BUILD_BUG_ON(!XSK_PRIV_MAX);
}
