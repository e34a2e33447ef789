/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypercall page of an isolated guest. KVM makes one itself, but keeps the
 * call by which such a guest shows its memory from us, and says that there is
 * none. So for this guest the page is ours: that call comes to a port.
 */
#ifndef HVHOST_HYPERCALL_PAGE_H
#define HVHOST_HYPERCALL_PAGE_H

#include <linux/kvm.h>
#include <stdbool.h>

/* Where the page writes to have us look at the registers. */
#define HYPERCALL_PORT 0xe4

/* Lets writes to the MSR that places the page come to us. 0 or -errno. */
int hypercall_page_claim(int vm_fd);

/* Such an access, in run->msr; false if it is to another MSR. */
bool hypercall_page_msr(struct kvm_run *run, bool write);

/* A vCPU has written to HYPERCALL_PORT; false if it cannot be asked why. */
bool hypercall_page_call(int vcpu_fd);

#endif
