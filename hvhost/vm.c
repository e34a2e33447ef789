// SPDX-License-Identifier: GPL-2.0
/* The virtual machine. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest_mem.h"
#include "log.h"
#include "synic.h"

/* Pages that KVM needs for itself on Intel, away from RAM and devices. */
#define IDENTITY_MAP_GPA 0xfffbc000ull
#define TSS_GPA 0xfffbd000ul

struct vm vm = { .kvm_fd = -1, .fd = -1 };

static const struct {
	int cap;
	const char *what;
} needs[] = {
	{ KVM_CAP_IRQCHIP, "in-kernel interrupt controllers" },
	{ KVM_CAP_USER_MEMORY, "user memory" },
	{ KVM_CAP_IRQ_ROUTING, "interrupt routing" },
	{ KVM_CAP_SIGNAL_MSI, "message-signalled interrupts" },
	{ KVM_CAP_IRQFD, "irqfd" },
	{ KVM_CAP_IRQFD_RESAMPLE, "irqfd with resample" },
	{ KVM_CAP_IMMEDIATE_EXIT, "immediate exit" },
	{ KVM_CAP_HYPERV, "Hyper-V MSRs" },
	{ KVM_CAP_HYPERV_SYNIC2, "the Hyper-V SynIC" },
	{ KVM_CAP_HYPERV_VP_INDEX, "Hyper-V VP indices" },
};

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa > vm.ram_size || len > vm.ram_size - gpa)
		return NULL;
	return vm.ram + gpa;
}

unsigned int synic_vp_count(void)
{
	return vm.cpu_count;
}

static int open_kvm(void)
{
	size_t i;
	int err;

	vm.kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm.kvm_fd < 0) {
		err = -errno;
		complain("/dev/kvm: %s", strerror(errno));
		return err;
	}
	if (ioctl(vm.kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		complain("/dev/kvm: not the API version that is needed");
		return -EINVAL;
	}
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (ioctl(vm.kvm_fd, KVM_CHECK_EXTENSION, needs[i].cap) > 0)
			continue;
		complain("/dev/kvm: this KVM lacks %s", needs[i].what);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int create_ram(void)
{
	void *ram = mmap(NULL, vm.ram_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ram == MAP_FAILED)
		return -errno;
	vm.ram = ram;
	return 0;
}

static int map_ram(void)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = vm.ram_size,
		.userspace_addr = (uintptr_t)vm.ram,
	};

	if (ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region))
		return -errno;
	return 0;
}

/* One table for all: setting it replaces the routes that KVM starts with. */
static int set_routes(void)
{
	struct kvm_irq_routing *table;
	unsigned int i, count = VM_GSI_IOAPIC_PINS + vm.cpu_count;
	int err = 0;

	table = calloc(1, sizeof(*table) + count * sizeof(table->entries[0]));
	if (!table)
		return -ENOMEM;
	table->nr = count;
	for (i = 0; i < VM_GSI_IOAPIC_PINS; i++) {
		table->entries[i].gsi = i;
		table->entries[i].type = KVM_IRQ_ROUTING_IRQCHIP;
		table->entries[i].u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		table->entries[i].u.irqchip.pin = i;
	}
	for (i = 0; i < vm.cpu_count; i++) {
		struct kvm_irq_routing_entry *entry =
			&table->entries[VM_GSI_VMBUS(i)];

		entry->gsi = VM_GSI_VMBUS(i);
		entry->type = KVM_IRQ_ROUTING_HV_SINT;
		entry->u.hv_sint.vcpu = i;
		entry->u.hv_sint.sint = SYNIC_SINT_VMBUS;
	}
	if (ioctl(vm.fd, KVM_SET_GSI_ROUTING, table))
		err = -errno;
	free(table);
	return err;
}

static int create_machine(void)
{
	uint64_t identity_map = IDENTITY_MAP_GPA;

	vm.fd = ioctl(vm.kvm_fd, KVM_CREATE_VM, 0);
	if (vm.fd < 0 ||
	    ioctl(vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map) ||
	    ioctl(vm.fd, KVM_SET_TSS_ADDR, TSS_GPA) ||
	    ioctl(vm.fd, KVM_CREATE_IRQCHIP, 0))
		return -errno;
	return map_ram();
}

int vm_create(unsigned int cpus, uint64_t ram_size)
{
	int err;

	vm.cpu_count = cpus;
	vm.ram_size = ram_size;
	err = open_kvm();
	if (err)
		return err;
	err = create_ram();
	if (!err)
		err = create_machine();
	if (err)
		complain("cannot create the virtual machine: %s",
			 strerror(-err));
	return err;
}

int vm_replace(void)
{
	int err;

	close(vm.fd);
	err = create_machine();
	if (err)
		complain("cannot create the virtual machine anew: %s",
			 strerror(-err));
	return err;
}

int vm_route_interrupts(void)
{
	int err = set_routes();

	if (err)
		complain("cannot route interrupts: %s", strerror(-err));
	return err;
}

void vm_irq_line(unsigned int gsi, bool level)
{
	struct kvm_irq_level line = { .irq = gsi, .level = level };

	if (ioctl(vm.fd, KVM_IRQ_LINE, &line))
		log_line("vm", "IRQ line %u: %s", gsi, strerror(errno));
}

void vm_signal_msi(uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = address >> 32,
		.data = data,
	};

	if (ioctl(vm.fd, KVM_SIGNAL_MSI, &msi) < 0)
		log_line("vm", "MSI %#x to %#llx: %s", data,
			 (unsigned long long)address, strerror(errno));
}
