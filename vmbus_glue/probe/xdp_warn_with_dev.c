// SPDX-License-Identifier: GPL-2.0
/* A verdict that is none is reported with the device and the program. */
#include <linux/filter.h>

static inline void probe_xdp_warn_with_dev(struct net_device *dev,
					   struct bpf_prog *prog)
{
	bpf_warn_invalid_xdp_action(dev, prog, 0);
}
