// SPDX-License-Identifier: GPL-2.0
/* I/O port dispatch. */
#include "ports.h"

#include <stddef.h>
#include <string.h>

static const struct port_device *const devices[] = {
	&serial_port,
	&cmos_ports,
	&power_ports,
	&host_ports,
};

static const struct port_device *find_device(uint16_t port)
{
	size_t i;

	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (port >= devices[i]->first &&
		    port - devices[i]->first < devices[i]->count)
			return devices[i];
	return NULL;
}

/* A wide access is one to each of the ports that it covers. */
static void access_bytes(const struct port_device *device, unsigned int offset,
			 bool is_write, unsigned int size, uint8_t *data)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		bool there = offset + i < device->count;

		if (is_write && there)
			device->write_byte(offset + i, data[i]);
		else if (!is_write)
			data[i] = there ? device->read_byte(offset + i) : 0xff;
	}
}

void ports_access(uint16_t port, bool is_write, unsigned int size,
		  uint8_t *data, uint32_t count)
{
	const struct port_device *device = find_device(port);
	unsigned int offset = device ? port - device->first : 0;
	uint32_t i;

	if (!device) {
		if (!is_write)
			memset(data, 0xff, (size_t)size * count);
	} else if (device->write_byte) {
		for (i = 0; i < count; i++)
			access_bytes(device, offset, is_write, size,
				     data + (size_t)i * size);
	} else if (is_write) {
		device->write(offset, size, data, count);
	} else {
		device->read(offset, size, data, count);
	}
}
