// SPDX-License-Identifier: GPL-2.0
#include "gpadl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "visibility.h"

/* Range data: a word with the byte count (low) and offset (high), then PFNs. */
#define WORD_BYTES sizeof(uint64_t)

struct gpadl *gpadl_new(uint32_t relid, uint32_t id, uint16_t byte_count,
			uint16_t range_count)
{
	struct gpadl *gpadl = calloc(1, sizeof(*gpadl));

	if (!gpadl)
		return NULL;
	gpadl->id = id;
	gpadl->channel_relid = relid;
	gpadl->range_count = range_count;
	gpadl->bytes_wanted = byte_count;
	gpadl->words = calloc(byte_count / WORD_BYTES + 1, WORD_BYTES);
	if (!gpadl->words) {
		free(gpadl);
		return NULL;
	}
	return gpadl;
}

bool gpadl_feed(struct gpadl *gpadl, const void *data, size_t len)
{
	size_t room = gpadl->bytes_wanted - gpadl->bytes_seen;

	if (len > room)
		len = room;
	memcpy((uint8_t *)gpadl->words + gpadl->bytes_seen, data, len);
	gpadl->bytes_seen += len;
	return gpadl->bytes_seen == gpadl->bytes_wanted;
}

/* Reads one range at words; returns the words it takes, 0 if it is not sound. */
static size_t parse_range(struct gpadl_range *range, const uint64_t *words,
			  size_t count)
{
	if (!count)
		return 0;
	range->byte_count = (uint32_t)words[0];
	range->byte_offset = (uint32_t)(words[0] >> 32);
	if (!range->byte_count || range->byte_offset >= HV_PAGE_SIZE)
		return 0;
	range->page_count = ((uint64_t)range->byte_offset + range->byte_count +
			     HV_PAGE_SIZE - 1) / HV_PAGE_SIZE;
	if (range->page_count > count - 1)
		return 0;
	range->pfns = words + 1;
	return 1 + range->page_count;
}

int gpadl_parse(struct gpadl *gpadl)
{
	size_t left = gpadl->bytes_wanted / WORD_BYTES;
	const uint64_t *words = gpadl->words;
	unsigned int i;

	if (!gpadl->range_count || gpadl->ranges)
		return -EINVAL;
	gpadl->ranges = calloc(gpadl->range_count, sizeof(*gpadl->ranges));
	if (!gpadl->ranges)
		return -ENOMEM;
	for (i = 0; i < gpadl->range_count; i++) {
		size_t used = parse_range(&gpadl->ranges[i], words, left);

		if (!used)
			return -EINVAL;
		words += used;
		left -= used;
	}
	gpadl->complete = true;
	return 0;
}

void gpadl_free(struct gpadl *gpadl)
{
	if (!gpadl)
		return;
	free(gpadl->ranges);
	free(gpadl->words);
	free(gpadl);
}

static int map_pages(const struct gpadl_range *range, uint8_t **pages)
{
	size_t i;

	for (i = 0; i < range->page_count; i++) {
		uint64_t pfn = range->pfns[i];

		if (pfn > UINT64_MAX >> HV_PAGE_SHIFT)
			return -EFAULT;
		pages[i] = guest_visible_ptr(pfn << HV_PAGE_SHIFT,
					     HV_PAGE_SIZE, "GPADL");
		if (!pages[i])
			return -EFAULT;
	}
	return 0;
}

int gpadl_map(struct gpadl *gpadl, struct gpadl_map *map)
{
	const struct gpadl_range *range;
	uint8_t **pages;
	int err;

	memset(map, 0, sizeof(*map));
	if (!gpadl->complete || gpadl->teardown_pending ||
	    gpadl->range_count != 1)
		return -EINVAL;
	range = &gpadl->ranges[0];
	if (range->byte_offset || range->byte_count % HV_PAGE_SIZE)
		return -EINVAL;
	pages = calloc(range->page_count, sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	err = map_pages(range, pages);
	if (err) {
		free(pages);
		return err;
	}
	gpadl->users++;
	map->gpadl = gpadl;
	map->length = range->byte_count;
	map->pages = pages;
	return 0;
}

void gpadl_unmap(struct gpadl_map *map)
{
	struct gpadl *gpadl = map->gpadl;

	if (!gpadl)
		return;
	free(map->pages);
	memset(map, 0, sizeof(*map));
	if (!--gpadl->users && gpadl->idle)
		gpadl->idle(gpadl);
}

static bool in_bounds(const struct gpadl_map *map, size_t offset, size_t len)
{
	return offset <= map->length && len <= map->length - offset;
}

/* Where offset is, and in *len how much of len is in the same page. */
static uint8_t *locate(const struct gpadl_map *map, size_t offset, size_t *len)
{
	size_t in_page = offset % HV_PAGE_SIZE;

	if (*len > HV_PAGE_SIZE - in_page)
		*len = HV_PAGE_SIZE - in_page;
	return map->pages[offset / HV_PAGE_SIZE] + in_page;
}

bool gpadl_read(const struct gpadl_map *map, size_t offset, void *to, size_t len)
{
	uint8_t *bytes = to;

	if (!in_bounds(map, offset, len))
		return false;
	while (len) {
		size_t n = len;
		const uint8_t *at = locate(map, offset, &n);

		memcpy(bytes, at, n);
		bytes += n;
		offset += n;
		len -= n;
	}
	return true;
}

bool gpadl_write(const struct gpadl_map *map, size_t offset, const void *from, size_t len)
{
	const uint8_t *bytes = from;

	if (!in_bounds(map, offset, len))
		return false;
	while (len) {
		size_t n = len;
		uint8_t *at = locate(map, offset, &n);

		memcpy(at, bytes, n);
		bytes += n;
		offset += n;
		len -= n;
	}
	return true;
}
