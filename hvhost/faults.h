/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host can be told to do wrong. A fault is data that stands in the
 * object which misbehaves, all zero in a good host; the code that it changes
 * asks here, so that the list of faults and the places they touch are one.
 * Attacks, which change what is told, are apart from this: attack.h.
 */
#ifndef HVHOST_FAULTS_H
#define HVHOST_FAULTS_H

#include <stdbool.h>

struct channel_faults {
	bool silence;		/* never service it: packets stay in the ring */
};

/* What a NIC keeps back for as long as it is told to. */
enum nic_withholding {
	WITHHOLD_COMPLETIONS = 1 << 0,	/* of data from the guest: owed */
	WITHHOLD_RING = 1 << 1,		/* the guest's rings are not read */
	WITHHOLD_RX = 1 << 2,		/* frames for the guest are refused */
};

struct silence_step;

struct nic_faults {
	unsigned int withheld;		/* enum nic_withholding */
	const struct silence_step *silent_at;	/* netvsp_silence.c; or NULL */
};

static inline bool fault_silences(const struct channel_faults *faults)
{
	return faults->silence;
}

static inline bool fault_withholds(const struct nic_faults *faults,
				   enum nic_withholding what)
{
	return faults->withheld & what;
}

#endif
