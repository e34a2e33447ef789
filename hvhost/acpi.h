/* SPDX-License-Identifier: GPL-2.0 */
/* ACPI tables of a hardware-reduced machine with a VMBus. */
#ifndef HVHOST_ACPI_H
#define HVHOST_ACPI_H

#include <stdint.h>

/* I/O ports that the FADT names. */
#define ACPI_PORT_SLEEP_CONTROL 0x600
#define ACPI_PORT_SLEEP_STATUS 0x601
#define ACPI_PORT_RESET 0x604

#define ACPI_RESET_VALUE 1
#define ACPI_SLEEP_ENABLE 0x20		/* in the sleep control register */

/* Writes the tables into guest RAM; returns the RSDP's address, 0: no room. */
uint64_t acpi_write_tables(unsigned int cpus);

#endif
