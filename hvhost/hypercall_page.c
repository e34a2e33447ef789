// SPDX-License-Identifier: GPL-2.0
/* The hypercall page of an isolated guest. */
#include "hypercall_page.h"

#include <cpuid.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "guest_mem.h"
#include "hypercall.h"

#define MSR_HYPERCALL 0x40000001u
#define MSR_ENABLE UINT64_C(1)

static uint64_t msr_value;

/* As the processor has it: KVM would have to mend the wrong one. */
static uint8_t vmcall_byte(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(0, &eax, &ebx, &ecx, &edx) &&
	    ebx == signature_INTEL_ebx)
		return 0xc1;		/* vmcall */
	return 0xd9;			/* vmmcall */
}

static void write_page(uint8_t *page)
{
	const uint8_t code[] = {
		/* cmp $HYPERCALL_MODIFY_VISIBILITY, %cx */
		0x66, 0x81, 0xf9, HYPERCALL_MODIFY_VISIBILITY, 0,
		0x74, 4,			/* je out */
		0x0f, 0x01, vmcall_byte(),	/* vmcall */
		0xc3,				/* ret */
		0xe6, HYPERCALL_PORT,		/* out: out %al, $port */
		0xc3,				/* ret */
	};

	memcpy(page, code, sizeof(code));
}

int hypercall_page_claim(int vm_fd)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR,
		.args[0] = KVM_MSR_EXIT_REASON_FILTER,
	};
	uint64_t denied = 0;		/* KVM reads words */
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_ALLOW,
		.ranges[0] = {
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.base = MSR_HYPERCALL,
			.nmsrs = 1,
			.bitmap = (uint8_t *)&denied,
		},
	};

	if (ioctl(vm_fd, KVM_ENABLE_CAP, &cap) ||
	    ioctl(vm_fd, KVM_X86_SET_MSR_FILTER, &filter))
		return -errno;
	return 0;
}

bool hypercall_page_msr(struct kvm_run *run, bool write)
{
	uint8_t *page;

	if (run->msr.index != MSR_HYPERCALL)
		return false;
	run->msr.error = 0;
	if (!write) {
		run->msr.data = msr_value;
		return true;
	}
	msr_value = run->msr.data;
	if (!(msr_value & MSR_ENABLE))
		return true;
	page = guest_ptr(msr_value & ~(uint64_t)(HV_PAGE_SIZE - 1),
			 HV_PAGE_SIZE);
	if (page)
		write_page(page);
	else
		run->msr.error = 1;
	return true;
}

bool hypercall_page_call(int vcpu_fd)
{
	struct kvm_regs regs;
	__u64 params[2];

	if (ioctl(vcpu_fd, KVM_GET_REGS, &regs))
		return false;
	params[0] = regs.rdx;
	params[1] = regs.r8;
	regs.rax = hypercall(regs.rcx, params);
	return !ioctl(vcpu_fd, KVM_SET_REGS, &regs);
}
