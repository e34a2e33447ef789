/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an isolated guest lets its host see. Without isolation that is all.
 *
 * The hypervisor is trusted by such a guest and sees everything; what plays the
 * host here, VMBus and its devices, asks for memory by guest_visible_ptr().
 */
#ifndef HVHOST_VISIBILITY_H
#define HVHOST_VISIBILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on the guest is isolated, and shows nothing. Returns 0 or -errno. */
int visibility_enforce(uint64_t ram_size);

bool visibility_enforced(void);

/* The guest shows a page, or hides it. False if it has no such page. */
bool visibility_set(uint64_t pfn, bool visible);

/*
 * As guest_ptr(), but NULL for what the guest does not show, which breaks the
 * rule "memory-hidden"; what says in one word who wanted to look.
 */
void *guest_visible_ptr(uint64_t gpa, size_t len, const char *what);

#endif
