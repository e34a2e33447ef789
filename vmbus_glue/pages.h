/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that messages to the host list by their physical addresses.
 *
 * Where the host cannot see the guest's memory, such pages are made visible to
 * it for as long as they exist.
 */
#ifndef VMBUS_GLUE_PAGES_H
#define VMBUS_GLUE_PAGES_H

#include <linux/types.h>

struct vmbus_channel;

/**
 * struct nvb_pages - memory for messages to the host
 * @va: where the guest writes it, page-aligned; NULL when there is none
 * @phys: physical address by which the host knows it; all of it is in a row
 * @bytes: its size
 * @memory: what was allocated
 * @visible: it was made visible to the host
 *
 * All zero is the state without memory. The structure may be moved.
 */
struct nvb_pages {
	void *va;
	u64 phys;
	u32 bytes;

	void *memory;
	bool visible;
};

bool nvb_guest_isolated(void);
bool nvb_memory_hidden(const struct vmbus_channel *vmbus);

int nvb_pages_alloc(struct nvb_pages *pages, u32 bytes, int node,
		    bool hidden);
void nvb_pages_free(struct nvb_pages *pages);

int nvb_memory_show(void *memory, u32 bytes);
int nvb_memory_hide(void *memory, u32 bytes);

#endif /* VMBUS_GLUE_PAGES_H */
