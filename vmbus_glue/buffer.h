/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers that the host reads or writes by a GPADL.
 *
 * Allocation and sharing are apart, so that a reconfiguration can allocate
 * what it needs before it tears anything down.
 */
#ifndef VMBUS_GLUE_BUFFER_H
#define VMBUS_GLUE_BUFFER_H

#include <linux/types.h>

struct nvb_channel;
struct nvb_gpadl;

/**
 * struct nvb_buffer - memory that is, or will be, shared with the host
 * @va: where the guest reads and writes it, page-aligned; NULL when there is
 *	none. Changes with nvb_buffer_share() and nvb_buffer_unshare() where
 *	shared memory needs an address of its own
 * @bytes: its size
 * @host_may_reach: the pages could not be taken back from the host, or not
 *	be made private again
 * @shared_bytes: how much of it is shared, 0 if nothing is
 * @pages: what was allocated
 * @gpadl: the kernel's record of the GPADL; NULL while not shared
 *
 * All zero is the state without memory. The structure may be moved.
 */
struct nvb_buffer {
	void *va;
	u32 bytes;
	bool host_may_reach;
	u32 shared_bytes;

	void *pages;
	struct nvb_gpadl *gpadl;
};

int nvb_buffer_alloc(struct nvb_buffer *buf, u32 bytes, int node);
int nvb_buffer_share(struct nvb_buffer *buf, struct nvb_channel *primary,
		     u32 bytes);
void nvb_buffer_unshare(struct nvb_buffer *buf);
void nvb_buffer_free(struct nvb_buffer *buf);
u32 nvb_buffer_gpadl(const struct nvb_buffer *buf);
void nvb_leak(u32 bytes);
unsigned long nvb_buffer_leaked(void);

#endif /* VMBUS_GLUE_BUFFER_H */
