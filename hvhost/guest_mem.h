/* SPDX-License-Identifier: GPL-2.0 */
/* Guest physical memory, as the host's devices see it. */
#ifndef HVHOST_GUEST_MEM_H
#define HVHOST_GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>

#define HV_PAGE_SIZE 4096u
#define HV_PAGE_SHIFT 12

/*
 * Pointer to len bytes of guest RAM at gpa, contiguous for the whole length, or
 * NULL if any byte of it is not RAM.
 */
void *guest_ptr(uint64_t gpa, size_t len);

#endif
