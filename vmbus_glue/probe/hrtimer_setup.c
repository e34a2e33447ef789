// SPDX-License-Identifier: GPL-2.0
/* A timer is set up with its function in one call. */
#include <linux/hrtimer.h>

static inline void probe_hrtimer_setup(struct hrtimer *timer,
		enum hrtimer_restart (*fn)(struct hrtimer *))
{
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}
