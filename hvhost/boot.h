/* SPDX-License-Identifier: GPL-2.0 */
/* Puts a Linux kernel into guest RAM, and a CPU at its door. */
#ifndef HVHOST_BOOT_H
#define HVHOST_BOOT_H

#include <stdint.h>

struct boot_request {
	const char *kernel;		/* bzImage or ELF file */
	const char *initrd;		/* NULL: none */
	const char *command_line;
	uint64_t ram_size;
	unsigned int cpus;
};

/*
 * Loads kernel, initrd, ACPI tables and all that the 64-bit boot protocol
 * wants. Returns 0 and the entry point; or -errno, having complained.
 */
int boot_load(const struct boot_request *request, uint64_t *entry);

/* Sets a vCPU to 64-bit mode at the entry point. Returns 0 or -errno. */
int boot_set_registers(int vcpu_fd, uint64_t entry);

#endif
