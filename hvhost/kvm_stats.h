/* SPDX-License-Identifier: GPL-2.0 */
/* KVM's own statistics: among them the exits that it handled itself. */
#ifndef HVHOST_KVM_STATS_H
#define HVHOST_KVM_STATS_H

#include <stdio.h>

/* Writes a vCPU's counts that are not zero as a JSON object. */
void kvm_stats_write(int vcpu_fd, FILE *out);

#endif
