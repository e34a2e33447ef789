// SPDX-License-Identifier: GPL-2.0
/*
 * ttyS0: a 16550A of which only the transmitter has a wire. It sends at once,
 * so its holding register is always empty, and says so by interrupt if asked.
 */
#include "ports.h"

#include "vm.h"

#define SERIAL_BASE 0x3f8
#define SERIAL_IRQ 4

enum serial_register {
	REG_DATA = 0,			/* divisor, low byte, if LCR_DLAB */
	REG_IER = 1,			/* divisor, high byte, if LCR_DLAB */
	REG_IIR = 2,			/* read; FCR on write */
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
	REG_MSR = 6,
	REG_SCRATCH = 7,
	REG_COUNT = 8,
};

#define IER_IMPLEMENTED 0x0f
#define IER_TX_EMPTY 0x02
#define IIR_NONE 0x01
#define IIR_TX_EMPTY 0x02
#define IIR_FIFOS 0xc0
#define FCR_ENABLE 0x01
#define LCR_DLAB 0x80
#define MCR_LOOPBACK 0x10
#define LSR_TX_EMPTY 0x60		/* holding and shift register */
#define MSR_CONNECTED 0xb0		/* CTS, DSR, DCD */

static struct {
	FILE *out;
	uint8_t ier, fcr, lcr, mcr, scratch;
	uint8_t divisor[2];
	bool tx_empty_event;		/* not yet seen in IIR */
	bool line;
} serial;

void serial_set_output(FILE *out)
{
	serial.out = out;
}

static void update_line(void)
{
	bool line = serial.tx_empty_event && serial.ier & IER_TX_EMPTY;

	if (line == serial.line)
		return;
	serial.line = line;
	vm_irq_line(SERIAL_IRQ, line);
}

static void send(uint8_t value)
{
	if (!(serial.mcr & MCR_LOOPBACK) && serial.out)
		putc(value, serial.out);
	serial.tx_empty_event = true;
}

static void set_ier(uint8_t value)
{
	value &= IER_IMPLEMENTED;
	if (value & ~serial.ier & IER_TX_EMPTY)
		serial.tx_empty_event = true;
	serial.ier = value;
}

static void serial_write(unsigned int offset, uint8_t value)
{
	bool dlab = serial.lcr & LCR_DLAB;

	switch (offset) {
	case REG_DATA:
		if (dlab)
			serial.divisor[0] = value;
		else
			send(value);
		break;
	case REG_IER:
		if (dlab)
			serial.divisor[1] = value;
		else
			set_ier(value);
		break;
	case REG_IIR:
		serial.fcr = value;
		break;
	case REG_LCR:
		serial.lcr = value;
		break;
	case REG_MCR:
		serial.mcr = value;
		break;
	case REG_SCRATCH:
		serial.scratch = value;
		break;
	}
	update_line();
}

static uint8_t read_iir(void)
{
	uint8_t value = serial.fcr & FCR_ENABLE ? IIR_FIFOS : 0;

	if (!serial.line)
		return value | IIR_NONE;
	serial.tx_empty_event = false;	/* reading it is the answer to it */
	update_line();
	return value | IIR_TX_EMPTY;
}

/* In loopback the modem's inputs are its outputs, in another order. */
static uint8_t read_msr(void)
{
	uint8_t mcr = serial.mcr;

	if (!(mcr & MCR_LOOPBACK))
		return MSR_CONNECTED;
	return (uint8_t)((mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 4) << 4 |
			 (mcr & 8) << 4);
}

static uint8_t serial_read(unsigned int offset)
{
	bool dlab = serial.lcr & LCR_DLAB;

	switch (offset) {
	case REG_DATA:
		return dlab ? serial.divisor[0] : 0;
	case REG_IER:
		return dlab ? serial.divisor[1] : serial.ier;
	case REG_IIR:
		return read_iir();
	case REG_LCR:
		return serial.lcr;
	case REG_MCR:
		return serial.mcr;
	case REG_LSR:
		return LSR_TX_EMPTY;
	case REG_MSR:
		return read_msr();
	default:
		return serial.scratch;
	}
}

const struct port_device serial_port = {
	.first = SERIAL_BASE,
	.count = REG_COUNT,
	.write_byte = serial_write,
	.read_byte = serial_read,
};
