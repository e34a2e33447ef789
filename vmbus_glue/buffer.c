// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers that the host reads or writes by a GPADL.
 *
 * Where guest memory is encrypted, a buffer has to be made visible to the
 * host as long as it is shared. The VMBus core does that with the GPADL; on
 * some kernels the guest must also use an alias of the memory, which compat.h
 * makes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "buffer.h"
#include "channel.h"
#include "compat.h"
#include "kunit/visible.h"

struct nvb_gpadl {
	struct nvb_vmbus_gpadl record;
	struct vmbus_channel *vmbus;
};

static atomic_long_t nvb_leaked_bytes;

/**
 * nvb_leak() - lose memory that the host may still reach
 * @bytes: its size
 *
 * The caller forgets it: it is given to nobody else.
 *
 * Context: Any.
 */
void nvb_leak(u32 bytes)
{
	atomic_long_add(bytes, &nvb_leaked_bytes);
	pr_warn_once("memory that the host may still reach is not freed: %u bytes\n",
		     bytes);
}

/**
 * nvb_buffer_alloc() - get memory for a buffer, shared with nobody yet
 * @buf: the buffer, all zero
 * @bytes: its size; rounded up to whole pages
 * @node: where the memory should be
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int nvb_buffer_alloc(struct nvb_buffer *buf, u32 bytes, int node)
{
	if (!bytes || bytes > S32_MAX)
		return -ENOMEM;

	bytes = PAGE_ALIGN(bytes);
	buf->pages = vzalloc_node(bytes, node);
	if (!buf->pages)
		return -ENOMEM;
	buf->va = buf->pages;
	buf->bytes = bytes;
	return 0;
}

/* The VMBus core, for which a suite can stand in. */
VISIBLE_IF_KUNIT int nvb_core_share(struct vmbus_channel *vmbus, void *pages,
				    u32 bytes, struct nvb_vmbus_gpadl *record)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_core_share, vmbus, pages, bytes, record);

	return nvb_gpadl_establish(vmbus, pages, bytes, record);
}

VISIBLE_IF_KUNIT int nvb_core_unshare(struct vmbus_channel *vmbus,
				      struct nvb_vmbus_gpadl *record)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_core_unshare, vmbus, record);

	return nvb_gpadl_teardown(vmbus, record);
}

/**
 * nvb_buffer_share() - let the host reach the start of a buffer
 * @buf: the buffer, allocated and not shared
 * @primary: the channel, not necessarily open; a GPADL belongs to the channel
 *	that was offered, and outlasts its closing
 * @bytes: how much, a multiple of the page size, at most @buf->bytes
 *
 * Context: Process context. Waits for the host as long as the VMBus core
 * does.
 * Return: 0, -EINVAL, -ENOMEM, or what the VMBus core returned. If the buffer
 * is not shared in the end but the host may have seen part of it,
 * @buf->host_may_reach is set.
 */
int nvb_buffer_share(struct nvb_buffer *buf, struct nvb_channel *primary,
		     u32 bytes)
{
	struct nvb_gpadl *gpadl;
	void *alias;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(nvb_buffer_share, buf, primary, bytes);

	if (!buf->pages || buf->gpadl || !bytes || bytes > buf->bytes ||
	    !PAGE_ALIGNED(bytes))
		return -EINVAL;

	gpadl = kzalloc(sizeof(*gpadl), GFP_KERNEL);
	if (!gpadl)
		return -ENOMEM;

	ret = nvb_core_share(primary->vmbus, buf->pages, bytes, &gpadl->record);
	if (ret)
		goto err_free;

	alias = nvb_shared_alias(buf->pages, bytes);
	if (!alias) {
		ret = -ENOMEM;
		goto err_teardown;
	}

	gpadl->vmbus = primary->vmbus;
	buf->va = alias;
	buf->gpadl = gpadl;
	buf->shared_bytes = bytes;
	return 0;

err_teardown:
	if (nvb_core_unshare(primary->vmbus, &gpadl->record))
		buf->host_may_reach = true;
err_free:
	if (nvb_gpadl_decrypted(&gpadl->record))
		buf->host_may_reach = true;
	kfree(gpadl);
	return ret;
}

/**
 * nvb_buffer_unshare() - take a buffer back from the host
 * @buf: the buffer; does nothing if it is not shared. While the host uses it
 *	nvb_gpadl_before_close() tells whether that must be before the channel
 *	is closed or afterwards; the channel may have been opened anew since
 *
 * Context: Process context. Waits for the host as long as the VMBus core
 * does, and not for one that rescinded the channel.
 */
void nvb_buffer_unshare(struct nvb_buffer *buf)
{
	KUNIT_STATIC_STUB_REDIRECT(nvb_buffer_unshare, buf);

	if (!buf->gpadl)
		return;

	if (buf->va != buf->pages)
		nvb_shared_unalias(buf->va);
	buf->va = buf->pages;

	/* A failed teardown leaves the host's hand on the pages. */
	if (nvb_core_unshare(buf->gpadl->vmbus, &buf->gpadl->record) ||
	    nvb_gpadl_decrypted(&buf->gpadl->record))
		buf->host_may_reach = true;

	kfree(buf->gpadl);
	buf->gpadl = NULL;
	buf->shared_bytes = 0;
}

/**
 * nvb_buffer_free() - give a buffer's memory back
 * @buf: the buffer; all zero afterwards
 *
 * Memory that the host may still reach is not given to anyone else: it is
 * counted and lost.
 *
 * Context: Process context.
 */
void nvb_buffer_free(struct nvb_buffer *buf)
{
	if (buf->host_may_reach || buf->gpadl)
		nvb_leak(buf->bytes);
	else
		vfree(buf->pages);
	memset(buf, 0, sizeof(*buf));
}

/**
 * nvb_buffer_gpadl() - the number by which the host knows a buffer
 * @buf: the buffer
 *
 * Context: Any.
 * Return: the GPADL's handle; 0 if the buffer is not shared.
 */
u32 nvb_buffer_gpadl(const struct nvb_buffer *buf)
{
	return buf->gpadl ? nvb_gpadl_handle(&buf->gpadl->record) : 0;
}

/**
 * nvb_buffer_leaked() - memory that could not be freed
 *
 * Context: Any.
 * Return: bytes, since the module was loaded.
 */
unsigned long nvb_buffer_leaked(void)
{
	return atomic_long_read(&nvb_leaked_bytes);
}
