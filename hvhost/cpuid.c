// SPDX-License-Identifier: GPL-2.0
/* CPUID of the guest. */
#include "cpuid.h"

#include <cpuid.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define ENTRIES_MAX 256

#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_HYPERVISOR_MASK 0xffff0000u

/* Leaf 1, ECX */
#define CPU_FMA (1u << 12)
#define CPU_X2APIC (1u << 21)
#define CPU_TSC_DEADLINE (1u << 24)
#define CPU_XSAVE (1u << 26)
#define CPU_OSXSAVE (1u << 27)
#define CPU_AVX (1u << 28)
#define CPU_F16C (1u << 29)
#define CPU_HYPERVISOR (1u << 31)
/* Leaf 1, EDX */
#define CPU_HTT (1u << 28)

/* Leaf 7: all that needs state which only XSAVE keeps. */
#define CPU7_EBX_AVX2 (1u << 5)
#define CPU7_EBX_AVX512 (1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | \
			 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31)
#define CPU7_ECX_PKU (1u << 3 | 1u << 4)
#define CPU7_ECX_SHSTK (1u << 7)
#define CPU7_ECX_VECTOR_AES (1u << 9 | 1u << 10)
#define CPU7_ECX_AVX512 (1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14)
#define CPU7_EDX_AVX512 (1u << 2 | 1u << 3 | 1u << 8 | 1u << 23)
#define CPU7_EDX_IBT (1u << 20)
#define CPU7_EDX_AMX (1u << 22 | 1u << 24 | 1u << 25)

/* Leaf 0x80000001, ECX */
#define CPUX_XOP (1u << 11)
#define CPUX_FMA4 (1u << 16)
#define CPUX_TOPOLOGY (1u << 22)

/* Leaf 0x40000003: what the partition may use. */
#define HV_VP_RUNTIME (1u << 0)
#define HV_REFERENCE_COUNTER (1u << 1)
#define HV_SYNIC (1u << 2)
#define HV_SYNTHETIC_TIMERS (1u << 3)
#define HV_APIC_MSRS (1u << 4)
#define HV_HYPERCALL_MSRS (1u << 5)
#define HV_VP_INDEX (1u << 6)
#define HV_REFERENCE_TSC (1u << 9)
#define HV_FREQUENCY_MSRS (1u << 11)
#define HV_EBX_POST_MESSAGES (1u << 4)
#define HV_EBX_SIGNAL_EVENTS (1u << 5)
#define HV_EBX_ISOLATION (1u << 22)
#define HV_EDX_FREQUENCY_MSRS (1u << 8)
#define HV_EDX_DIRECT_TIMERS (1u << 19)
/* Leaf 0x40000004: what the guest had better do. */
#define HV_HINT_APIC_MSRS (1u << 3)
#define HV_HINT_RELAXED_TIMING (1u << 5)
#define HV_HINT_NO_AUTO_EOI (1u << 9)

/*
 * Leaf 0x4000000c, EBX: isolation by the hypervisor itself. The guest runs
 * without a paravisor, and shared memory has no addresses of its own.
 */
#define HV_ISOLATION_VBS 1u

struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[ENTRIES_MAX];
};

/* Hyper-V's leaves: the frequency MSRs spare us PIT, HPET and PM timer. */
static const struct kvm_cpuid_entry2 hyperv_leaves[] = {
	{ .function = 0x40000000, .eax = 0x40000006,
	  .ebx = 0x7263694d, .ecx = 0x666f736f, .edx = 0x76482074 },
	{ .function = 0x40000001, .eax = 0x31237648 },		/* Hv#1 */
	{ .function = 0x40000002, .eax = 20348, .ebx = 10 << 16 },
	{ .function = 0x40000003,
	  .eax = HV_VP_RUNTIME | HV_REFERENCE_COUNTER | HV_SYNIC |
		 HV_SYNTHETIC_TIMERS | HV_APIC_MSRS | HV_HYPERCALL_MSRS |
		 HV_VP_INDEX | HV_REFERENCE_TSC | HV_FREQUENCY_MSRS,
	  .ebx = HV_EBX_POST_MESSAGES | HV_EBX_SIGNAL_EVENTS,
	  .edx = HV_EDX_FREQUENCY_MSRS | HV_EDX_DIRECT_TIMERS },
	{ .function = 0x40000004,
	  .eax = HV_HINT_APIC_MSRS | HV_HINT_RELAXED_TIMING |
		 HV_HINT_NO_AUTO_EOI,
	  .ebx = 0xffffffff },		/* never report long spins */
	{ .function = 0x40000005, .eax = 64, .ebx = 64 },
	{ .function = 0x40000006 },
};

bool cpuid_host_is_tcg(void)
{
	unsigned int eax, ebx, ecx, edx;
	char signature[12];

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & CPU_HYPERVISOR))
		return false;
	__cpuid(LEAF_HYPERVISOR, eax, ebx, ecx, edx);
	memcpy(signature, &ebx, 4);
	memcpy(signature + 4, &ecx, 4);
	memcpy(signature + 8, &edx, 4);
	return !memcmp(signature, "TCGTCGTCGTCG", sizeof(signature));
}

static bool is_dropped(uint32_t leaf, bool hide_xsave)
{
	switch (leaf) {
	case 0xb:		/* topology: ours is added */
	case 0x1f:
	case 0x80000026:
		return true;
	case 0xd:		/* XSAVE areas */
	case 0x14:		/* processor trace */
	case 0x1d:		/* AMX */
	case 0x1e:
	case 0x24:		/* AVX10 */
		return hide_xsave;
	default:
		/* Two hypervisors at once, and Linux takes the last: KVM. */
		return (leaf & LEAF_HYPERVISOR_MASK) == LEAF_HYPERVISOR;
	}
}

static void adjust_leaf_7(struct kvm_cpuid_entry2 *entry)
{
	if (entry->index) {		/* AVX-VNNI and younger */
		entry->eax = 0;
		entry->edx = 0;
		return;
	}
	entry->ebx &= ~(CPU7_EBX_AVX2 | CPU7_EBX_AVX512);
	entry->ecx &= ~(CPU7_ECX_PKU | CPU7_ECX_SHSTK | CPU7_ECX_VECTOR_AES |
			CPU7_ECX_AVX512);
	entry->edx &= ~(CPU7_EDX_AVX512 | CPU7_EDX_IBT | CPU7_EDX_AMX);
}

static void adjust(struct kvm_cpuid_entry2 *entry, unsigned int apic_id,
		   bool hide_xsave)
{
	switch (entry->function) {
	case 1:
		entry->ebx = (entry->ebx & 0xffff) | apic_id << 24 | 1u << 16;
		entry->ecx |= CPU_HYPERVISOR | CPU_X2APIC | CPU_TSC_DEADLINE;
		entry->edx &= ~CPU_HTT;
		if (hide_xsave)
			entry->ecx &= ~(CPU_XSAVE | CPU_OSXSAVE | CPU_AVX |
					CPU_FMA | CPU_F16C);
		break;
	case 4:		/* caches: shared with no other CPU, one core */
	case 0x8000001d:
		entry->eax &= 0x3fff;
		break;
	case 7:
		if (hide_xsave)
			adjust_leaf_7(entry);
		break;
	case 0x80000001:
		entry->ecx &= ~CPUX_TOPOLOGY;
		if (hide_xsave)
			entry->ecx &= ~(CPUX_XOP | CPUX_FMA4);
		break;
	case 0x80000008:
		entry->ecx = 0;		/* one core */
		break;
	}
}

static void append(struct cpuid_table *table,
		   const struct kvm_cpuid_entry2 *entry)
{
	if (table->head.nent < ENTRIES_MAX)
		table->entries[table->head.nent++] = *entry;
}

/* Extended topology: one thread in a core, one core in a package. */
static void append_topology(struct cpuid_table *table, unsigned int apic_id)
{
	static const uint32_t level_type[] = { 1, 2, 0 };
	uint32_t level;

	for (level = 0; level < 3; level++) {
		struct kvm_cpuid_entry2 entry = {
			.function = 0xb,
			.index = level,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.ebx = level_type[level] != 0,
			.ecx = level | level_type[level] << 8,
			.edx = apic_id,
		};

		append(table, &entry);
	}
}

static void append_hyperv(struct cpuid_table *table, bool isolated)
{
	struct kvm_cpuid_entry2 isolation = {
		.function = 0x4000000c, .ebx = HV_ISOLATION_VBS,
	};
	struct kvm_cpuid_entry2 entry;
	size_t i;

	for (i = 0; i < sizeof(hyperv_leaves) / sizeof(hyperv_leaves[0]); i++) {
		entry = hyperv_leaves[i];
		if (isolated && entry.function == LEAF_HYPERVISOR)
			entry.eax = isolation.function;
		if (isolated && entry.function == 0x40000003)
			entry.ebx |= HV_EBX_ISOLATION;
		append(table, &entry);
	}
	if (isolated)
		append(table, &isolation);
}

int cpuid_setup(int kvm_fd, int vcpu_fd, unsigned int apic_id, bool hide_xsave,
		bool isolated)
{
	struct cpuid_table *table = calloc(1, sizeof(*table));
	uint32_t i, count;
	int err = 0;

	if (!table)
		return -ENOMEM;
	table->head.nent = ENTRIES_MAX;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &table->head))
		goto fail;
	count = table->head.nent;
	table->head.nent = 0;
	for (i = 0; i < count; i++) {
		struct kvm_cpuid_entry2 entry = table->entries[i];

		if (is_dropped(entry.function, hide_xsave))
			continue;
		adjust(&entry, apic_id, hide_xsave);
		append(table, &entry);
	}
	append_topology(table, apic_id);
	append_hyperv(table, isolated);
	if (ioctl(vcpu_fd, KVM_SET_CPUID2, &table->head))
		goto fail;
	free(table);
	return 0;
fail:
	err = -errno;
	free(table);
	return err;
}
