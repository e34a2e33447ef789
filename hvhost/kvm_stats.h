/* SPDX-License-Identifier: GPL-2.0 */
/* KVM's own statistics: among them the exits that it handled itself. */
#ifndef HVHOST_KVM_STATS_H
#define HVHOST_KVM_STATS_H

#include <stdio.h>

/*
 * A descriptor to read a vCPU's statistics from, or -1 if KVM has none. To be
 * opened before the vCPU runs: while it does, no other ioctl gets through.
 */
int kvm_stats_open(int vcpu_fd);

/* Writes the counts that are not zero as a JSON object; {} for -1. */
void kvm_stats_write(int stats_fd, FILE *out);

#endif
