/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host can be told to do wrong. A fault is data that stands in the
 * object which misbehaves, all zero in a good host; the code that it changes
 * asks here, so that the list of faults and the places they touch are one.
 */
#ifndef HVHOST_FAULTS_H
#define HVHOST_FAULTS_H

#include <stdbool.h>

struct channel_faults {
	bool silence;		/* never service it: packets stay in the ring */
};

static inline bool fault_silences(const struct channel_faults *faults)
{
	return faults->silence;
}

#endif
