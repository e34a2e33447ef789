// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that messages to the host list by their physical addresses.
 *
 * A guest is isolated when the host cannot see its memory, but for what the
 * guest makes visible: it is encrypted, or a more privileged part of the
 * machine keeps the host away. The VMBus core does that for what is shared by
 * a GPADL, rings included; what is listed in a packet is ours to deal with.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/hyperv.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/string.h>

#include "buffer.h"
#include "compat.h"
#include "pages.h"

/**
 * nvb_guest_isolated() - whether the guest's memory is hidden from the host
 *
 * Context: Any.
 * Return: true if the host sees only what has been made visible to it.
 */
bool nvb_guest_isolated(void)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_guest_isolated);

	return nvb_isolation_supported();
}

/**
 * nvb_memory_hidden() - whether pages must be made visible for a channel
 * @vmbus: the kernel's channel
 *
 * Not all that an isolated guest talks to is the host: a device inside of the
 * isolated part of the machine sees the memory as it is.
 *
 * Context: Any.
 * Return: true if whoever is at the other end sees only what has been made
 * visible.
 */
bool nvb_memory_hidden(const struct vmbus_channel *vmbus)
{
	return nvb_guest_isolated() && !nvb_external_memory_confidential(vmbus);
}

/**
 * nvb_memory_show() - make memory visible to the host
 * @memory: whole pages of the kernel's linear map
 * @bytes: its size
 *
 * Context: Process context.
 * Return: 0; otherwise nothing is known of what the host can see.
 */
int nvb_memory_show(void *memory, u32 bytes)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_memory_show, memory, bytes);

	return set_memory_decrypted((unsigned long)memory, bytes / PAGE_SIZE);
}

/**
 * nvb_memory_hide() - take memory out of the host's sight
 * @memory: whole pages of the kernel's linear map
 * @bytes: its size
 *
 * Context: Process context.
 * Return: 0, or a negative errno: the host may still see it.
 */
int nvb_memory_hide(void *memory, u32 bytes)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_memory_hide, memory, bytes);

	return set_memory_encrypted((unsigned long)memory, bytes / PAGE_SIZE);
}

/* Memory that the host may see is given to nobody else. */
static void nvb_pages_release(void *memory, u32 bytes, bool visible)
{
	if (visible && nvb_memory_hide(memory, bytes))
		nvb_leak(bytes);
	else
		free_pages((unsigned long)memory, get_order(bytes));
}

/**
 * nvb_pages_alloc() - get memory that can be listed in messages
 * @pages: all zero
 * @bytes: its size; rounded up to a power of two of pages
 * @node: where the memory should be
 * @hidden: the host cannot see it as it is: nvb_memory_hidden()
 *
 * The memory is zero: nothing that was in it before is shown.
 *
 * Context: Process context.
 * Return: 0, or -ENOMEM, also if it cannot be made visible.
 */
int nvb_pages_alloc(struct nvb_pages *pages, u32 bytes, int node, bool hidden)
{
	unsigned int order = get_order(bytes);
	struct page *page;
	void *memory;

	page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN,
				order);
	if (!page)
		return -ENOMEM;

	bytes = PAGE_SIZE << order;
	memory = page_address(page);
	pages->va = memory;
	if (hidden) {
		if (nvb_memory_show(memory, bytes))
			goto err_release;
		pages->va = nvb_shared_alias(memory, bytes);
		if (!pages->va)
			goto err_release;
		/* What is read there now need not be what was written. */
		memset(pages->va, 0, bytes);
	}
	pages->phys = virt_to_phys(memory);
	pages->bytes = bytes;
	pages->memory = memory;
	pages->visible = hidden;

	return 0;

err_release:
	pages->va = NULL;
	nvb_pages_release(memory, bytes, true);
	return -ENOMEM;
}

/**
 * nvb_pages_free() - give the memory back
 * @pages: the memory, which no message lists any more; all zero afterwards.
 *	Nothing is done without memory
 *
 * Memory that cannot be hidden again is counted and lost.
 *
 * Context: Process context.
 */
void nvb_pages_free(struct nvb_pages *pages)
{
	if (!pages->memory)
		return;

	if (pages->va != pages->memory)
		nvb_shared_unalias(pages->va);
	nvb_pages_release(pages->memory, pages->bytes, pages->visible);
	memset(pages, 0, sizeof(*pages));
}
