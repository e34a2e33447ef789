// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of an isolated guest, as its host has it: the host sees what has
 * been made visible, and a test fails when it is to read anything else.
 */
#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/string.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

/* What memory holds when it has just become visible: not what it held. */
#define FAKE_SCRAMBLED	0x5a

static u64 fake_pfn(void *va)
{
	return virt_to_phys(va) / PAGE_SIZE;
}

static void fake_memory_add(struct fake_memory *memory, u64 pfn, u32 pages)
{
	u32 i;

	for (i = 0; i < FAKE_VISIBLE; i++) {
		if (memory->visible[i].pages)
			continue;
		memory->visible[i].pfn = pfn;
		memory->visible[i].pages = pages;
		return;
	}
}

static bool fake_memory_del(struct fake_memory *memory, u64 pfn, u32 pages)
{
	u32 i;

	for (i = 0; i < FAKE_VISIBLE; i++) {
		if (memory->visible[i].pfn != pfn ||
		    memory->visible[i].pages != pages)
			continue;
		memory->visible[i].pages = 0;
		return true;
	}

	return false;
}

static bool fake_memory_has(const struct fake_memory *memory, u64 pfn)
{
	u32 i;

	for (i = 0; i < FAKE_VISIBLE; i++) {
		if (pfn >= memory->visible[i].pfn &&
		    pfn - memory->visible[i].pfn < memory->visible[i].pages)
			return true;
	}

	return false;
}

/* What the driver calls instead of its own functions. */

static struct fake_host *fake_memory_host(void)
{
	struct kunit *test = kunit_get_current_test();

	return test->priv;
}

static bool fake_isolated(void)
{
	return fake_memory_host()->memory;
}

static int fake_show(void *va, u32 bytes)
{
	struct fake_host *host = fake_memory_host();
	struct fake_memory *memory = host->isolated;

	KUNIT_EXPECT_NULL(host->test, memchr_inv(va, 0, bytes));
	if (++memory->shown == memory->fail_show)
		return -EIO;
	fake_memory_add(memory, fake_pfn(va), bytes / PAGE_SIZE);
	memset(va, FAKE_SCRAMBLED, bytes);

	return 0;
}

static int fake_hide(void *va, u32 bytes)
{
	struct fake_host *host = fake_memory_host();
	struct fake_memory *memory = host->isolated;

	memory->hidden++;
	if (memory->fail_hide != ~0U && memory->hidden != memory->fail_hide) {
		fake_memory_del(memory, fake_pfn(va), bytes / PAGE_SIZE);
		return 0;
	}
	memory->kept[memory->num_kept].va = va;
	memory->kept[memory->num_kept++].bytes = bytes;

	return -EIO;
}

/**
 * fake_memory_at() - where the host reads a page that was listed for it
 * @host: the host
 * @pfn: number of the page
 * @offset: in it
 *
 * Context: Any.
 * Return: a pointer. The test fails if the host cannot see the page.
 */
const u8 *fake_memory_at(struct fake_host *host, u64 pfn, u32 offset)
{
	if (host->memory) {
		host->memory->looked++;
		KUNIT_EXPECT_TRUE_MSG(host->test,
				      fake_memory_has(host->memory, pfn),
				      "page %#llx is hidden", pfn);
	}

	return phys_to_virt(pfn * 4096 + offset);
}

/**
 * fake_memory_list() - read all that a packet lists
 * @host: the host of an isolated guest
 * @pkt: the packet
 *
 * Context: Any.
 */
void fake_memory_list(struct fake_host *host, const struct fake_packet *pkt)
{
	const __le32 *ext = (const __le32 *)pkt->ext;
	u32 ranges = le32_to_cpu(ext[1]), room = FAKE_LISTED_BYTES;
	struct fake_memory *memory = host->memory;
	u8 *to = memory->listed;
	const __le32 *word = ext + 2;

	while (ranges--) {
		u32 len = le32_to_cpu(*word++), offset = le32_to_cpu(*word++);

		while (len) {
			u32 part = min(len, 4096 - offset);
			u64 pfn = le64_to_cpu(*(const __le64 *)word);
			const u8 *from = fake_memory_at(host, pfn, offset);

			KUNIT_ASSERT_LE(host->test, part, room);
			memcpy(to, from, part);
			memory->last_offset = offset + part;
			memory->last = from + part;
			to += part;
			room -= part;
			len -= part;
			offset = 0;
			word += 2;
		}
	}
}

/**
 * fake_memory_visible() - how much the host can see
 * @host: the host of an isolated guest
 *
 * Context: Any.
 * Return: pieces of memory.
 */
u32 fake_memory_visible(const struct fake_host *host)
{
	u32 i, n = 0;

	for (i = 0; i < FAKE_VISIBLE; i++)
		n += !!host->memory->visible[i].pages;

	return n;
}

static void fake_memory_end(void *arg)
{
	struct fake_memory *memory = arg;
	u32 i;

	for (i = 0; i < memory->num_kept; i++)
		free_pages((unsigned long)memory->kept[i].va,
			   get_order(memory->kept[i].bytes));
}

/**
 * fake_memory_init() - be ready for a guest that is isolated
 * @host: the host, which is being made
 *
 * Context: Process context, of the test.
 * Return: what becomes @host->memory of the host of an isolated guest.
 */
struct fake_memory *fake_memory_init(struct fake_host *host)
{
	struct kunit *test = host->test;
	struct fake_memory *memory;

	memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   fake_memory_end,
							   memory));
	kunit_activate_static_stub(test, nvb_guest_isolated, fake_isolated);
	kunit_activate_static_stub(test, nvb_memory_show, fake_show);
	kunit_activate_static_stub(test, nvb_memory_hide, fake_hide);

	return memory;
}
