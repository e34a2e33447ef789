// SPDX-License-Identifier: GPL-2.0
/* A VMBus driver's remove function returns nothing. */
#include <linux/hyperv.h>

static inline void probe_hv_remove_void(struct hv_driver *driver,
					void (*remove)(struct hv_device *))
{
	driver->remove = remove;
}
