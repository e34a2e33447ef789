/* SPDX-License-Identifier: GPL-2.0 */
/* The virtual machine: its KVM objects, RAM and interrupt routing. */
#ifndef HVHOST_VM_H
#define HVHOST_VM_H

#include <stdbool.h>
#include <stdint.h>

#define VM_CPUS_MAX 8
#define VM_GSI_IOAPIC_PINS 24
/* The VMBus interrupt of each vCPU, behind the IOAPIC's pins. */
#define VM_GSI_VMBUS(vp) (VM_GSI_IOAPIC_PINS + (vp))

/* Exit statuses beside the guest's own. */
#define STATUS_ERROR 1			/* usage, environment */
#define STATUS_GUEST_DIED 120		/* reset, panic, triple fault */
#define STATUS_RULE_BROKEN 121
#define STATUS_INTERRUPTED 122		/* SIGTERM, SIGINT */
/* No exit status, but what the service loop ends with when the guest resets. */
#define STATUS_GUEST_RESET 256

struct vm {
	int kvm_fd;
	int fd;
	uint8_t *ram;			/* from guest physical address 0 */
	uint64_t ram_size;
	unsigned int cpu_count;
};

extern struct vm vm;

/*
 * Opens /dev/kvm, makes sure that it can do what a Hyper-V host needs, and
 * creates the machine without its vCPUs. 0, or -errno having complained.
 */
int vm_create(unsigned int cpus, uint64_t ram_size);

/*
 * Puts another machine in its place, with the same RAM and what is in it. The
 * vCPUs and the SynIC must be gone. 0, or -errno having complained.
 */
int vm_replace(void);

/*
 * Connects the IOAPIC's pins, and each vCPU's VMBus interrupt. After the vCPUs
 * were created: KVM reports the end of a message only for a route that it saw
 * when the SynIC was there. 0, or -errno having complained.
 */
int vm_route_interrupts(void);

/* Sets the level of an IOAPIC pin. */
void vm_irq_line(unsigned int gsi, bool level);

/* Delivers the message that a device writes to raise an interrupt. */
void vm_signal_msi(uint64_t address, uint32_t data);

#endif
