/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is not RAM: which device answers at which address. */
#ifndef HVHOST_MMIO_H
#define HVHOST_MMIO_H

#include <stdbool.h>
#include <stdint.h>

/* A device's window; it belongs to the device and lives as long as it is mapped. */
struct mmio_window {
	uint64_t base;
	uint64_t size;
	/* One access of 1, 2, 4 or 8 bytes that lies in the window as a whole. */
	void (*write)(void *ctx, uint64_t offset, unsigned int size,
		      uint64_t value);
	uint64_t (*read)(void *ctx, uint64_t offset, unsigned int size);
	void *ctx;
	bool mapped;			/* kept by mmio_map() and mmio_unmap() */
	struct mmio_window *next;
};

/* The window answers at base from now on, which must be free; or no more. */
void mmio_map(struct mmio_window *window, uint64_t base);
void mmio_unmap(struct mmio_window *window);

/*
 * One access of a vCPU, as KVM reports it, with the host lock held. Where nobody
 * answers, writes are lost and reads find all ones.
 */
void mmio_access(uint64_t address, bool is_write, unsigned int size,
		 uint8_t *data);

#endif
