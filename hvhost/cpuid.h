/* SPDX-License-Identifier: GPL-2.0 */
/* What the guest's CPUs say that they are: the real ones, on Hyper-V. */
#ifndef HVHOST_CPUID_H
#define HVHOST_CPUID_H

#include <stdbool.h>

/* True if this very program runs on QEMU's emulated CPU. */
bool cpuid_host_is_tcg(void);

/*
 * Gives a vCPU its CPUID leaves: what KVM can do, one core per package, and the
 * hypervisor leaves of Hyper-V. Returns 0 or -errno. isolated: the guest is one
 * whose memory is kept from the host by the hypervisor (VBS).
 */
int cpuid_setup(int kvm_fd, int vcpu_fd, unsigned int apic_id, bool hide_xsave,
		bool isolated);

#endif
