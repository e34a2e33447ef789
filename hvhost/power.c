// SPDX-License-Identifier: GPL-2.0
/* ACPI's sleep and reset registers: the two ways out for a guest (main.c). */
#include "ports.h"

#include "acpi.h"
#include "control.h"
#include "log.h"
#include "loop.h"
#include "vm.h"

#define OFFSET(port) ((port) - ACPI_PORT_SLEEP_CONTROL)

static void power_write(unsigned int offset, uint8_t value)
{
	if (offset == OFFSET(ACPI_PORT_SLEEP_CONTROL) &&
	    value & ACPI_SLEEP_ENABLE) {
		/* Soft off is the only state that the DSDT offers. */
		log_line("vm", "guest powers off");
		loop_stop(control_guest_status());
	} else if (offset == OFFSET(ACPI_PORT_RESET) &&
		   value == ACPI_RESET_VALUE) {
		log_line("vm", "guest resets");
		loop_stop(STATUS_GUEST_RESET);
	}
}

static uint8_t power_read(unsigned int offset)
{
	return 0;
}

const struct port_device power_ports = {
	.first = ACPI_PORT_SLEEP_CONTROL,
	.count = OFFSET(ACPI_PORT_RESET) + 1,
	.write_byte = power_write,
	.read_byte = power_read,
};
