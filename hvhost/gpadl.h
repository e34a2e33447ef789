/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest physical address descriptor lists: memory that the guest shares with a
 * device, handed over in a header message and as many bodies as it takes.
 */
#ifndef HVHOST_GPADL_H
#define HVHOST_GPADL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gpadl_range {
	uint32_t byte_count;
	uint32_t byte_offset;		/* in the first page */
	size_t page_count;
	const uint64_t *pfns;
};

struct gpadl {
	uint32_t id;
	uint32_t channel_relid;
	uint16_t range_count;		/* as announced */
	size_t bytes_wanted;
	size_t bytes_seen;
	uint64_t *words;		/* the range data as it came */
	struct gpadl_range *ranges;	/* parsed when complete */
	bool complete;
	unsigned int users;		/* mappings a device holds */
	bool teardown_pending;		/* TORNDOWN is owed once users is 0 */
	void (*idle)(struct gpadl *gpadl);	/* users fell to 0; may free it */
	struct gpadl *next;
};

/* A GPADL of one range mapped for byte access by the host. */
struct gpadl_map {
	struct gpadl *gpadl;		/* NULL: nothing is mapped */
	size_t length;			/* bytes */
	uint8_t **pages;		/* one host pointer per guest page */
};

/*
 * The messages: a list is made for byte_count bytes of range data, fed with
 * what the header and the bodies carry (true once all of it came; what is too
 * much is ignored), and then parsed: 0, or -EINVAL if the ranges are not sound.
 */
struct gpadl *gpadl_new(uint32_t relid, uint32_t id, uint16_t byte_count,
			uint16_t range_count);
bool gpadl_feed(struct gpadl *gpadl, const void *data, size_t len);
int gpadl_parse(struct gpadl *gpadl);
void gpadl_free(struct gpadl *gpadl);

/* 0, or -errno if it is not one page-aligned range of RAM of whole pages. */
int gpadl_map(struct gpadl *gpadl, struct gpadl_map *map);
/* Does nothing to a map that is not mapped. */
void gpadl_unmap(struct gpadl_map *map);

/* Copies; false if out of bounds. */
bool gpadl_read(const struct gpadl_map *map, size_t offset, void *to, size_t len);
bool gpadl_write(const struct gpadl_map *map, size_t offset, const void *from, size_t len);

#endif
