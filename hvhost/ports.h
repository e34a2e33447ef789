/* SPDX-License-Identifier: GPL-2.0 */
/* I/O ports: which device answers where. */
#ifndef HVHOST_PORTS_H
#define HVHOST_PORTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PORT_HOST 0x510u		/* console and ask port, 16 ports */

/*
 * A device on consecutive ports. All calls come with the host lock held.
 * Either it takes bytes, one at a time; or whole accesses: count items of size
 * bytes at data, all for the same port.
 */
struct port_device {
	uint16_t first;
	uint16_t count;
	void (*write_byte)(unsigned int offset, uint8_t value);
	uint8_t (*read_byte)(unsigned int offset);
	void (*write)(unsigned int offset, unsigned int size,
		      const uint8_t *data, uint32_t count);
	void (*read)(unsigned int offset, unsigned int size, uint8_t *data,
		     uint32_t count);
};

extern const struct port_device serial_port;	/* serial.c */
extern const struct port_device cmos_ports;	/* cmos.c */
extern const struct port_device power_ports;	/* power.c */
extern const struct port_device host_ports;	/* host_port.c */

/* Where their output goes. */
void serial_set_output(FILE *out);
void host_port_set_output(FILE *out);

/* One access of a vCPU, as KVM reports it. Unclaimed ports read all ones. */
void ports_access(uint16_t port, bool is_write, unsigned int size,
		  uint8_t *data, uint32_t count);

#endif
