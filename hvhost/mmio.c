// SPDX-License-Identifier: GPL-2.0
#include "mmio.h"

#include <stddef.h>
#include <string.h>

static struct mmio_window *windows;

void mmio_map(struct mmio_window *window, uint64_t base)
{
	mmio_unmap(window);
	window->base = base;
	window->mapped = true;
	window->next = windows;
	windows = window;
}

void mmio_unmap(struct mmio_window *window)
{
	struct mmio_window **at;

	if (!window->mapped)
		return;
	for (at = &windows; *at != window; at = &(*at)->next)
		;
	*at = window->next;
	window->mapped = false;
}

static struct mmio_window *find(uint64_t address, unsigned int size)
{
	struct mmio_window *window;

	for (window = windows; window; window = window->next)
		if (address >= window->base &&
		    address - window->base <= window->size - size)
			return window;
	return NULL;
}

void mmio_access(uint64_t address, bool is_write, unsigned int size,
		 uint8_t *data)
{
	struct mmio_window *window = find(address, size);
	uint64_t value = 0;

	if (!window) {
		if (!is_write)
			memset(data, 0xff, size);
		return;
	}
	address -= window->base;
	if (is_write) {
		memcpy(&value, data, size);
		window->write(window->ctx, address, size, value);
		return;
	}
	value = window->read(window->ctx, address, size);
	memcpy(data, &value, size);
}
