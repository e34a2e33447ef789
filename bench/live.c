// SPDX-License-Identifier: GPL-2.0
/*
 * live - from the kernel's allocation events to what a module still holds
 *
 *	live MODULE < trace
 *
 * Reads text of tracefs with the events kmalloc, kmem_cache_alloc, mm_page_alloc
 * and alloc_vmap_area, each with its stack, and kfree, kmem_cache_free,
 * mm_page_free and free_vmap_area_noflush. Keeps the allocations in whose stack
 * a function of the module stands, until they are freed, and prints them by place:
 *
 *	BYTES COUNT ORDER PLACE ALLOCATOR
 *
 * ORDER is that of the largest page allocation, -1 for an object; PLACE the
 * innermost function of the module, ALLOCATOR the chain of functions below it.
 * Pages of slab caches and of per-CPU areas are left out, they are counted by
 * object or are everybody's; those of a large kmalloc are counted as the object,
 * and their order is kept. Memory of vmalloc is counted as its area: the kernel
 * tells of few of its pages, if of any. Other areas map what is counted elsewhere.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MAX	16
#define TABLE_SIZE	(1u << 20)	/* a power of two, far more than live ones */
#define PLACES_MAX	2048
#define PLACE_LEN	192
#define PAGE_BYTES	4096

enum kind { NONE, OBJECT, PAGES, AREA };

struct event {
	enum kind kind;
	uint64_t key;
	uint64_t bytes;
	int order;
};

struct live {
	enum kind kind;			/* NONE: free, or no longer used */
	bool used;
	uint64_t key;
	uint64_t bytes;
	int place;
};

struct place {
	char name[PLACE_LEN];
	uint64_t bytes;
	uint64_t count;
	int order;
};

static struct event last[CPUS_MAX];
static struct live table[TABLE_SIZE];
static struct place places[PLACES_MAX];
static int place_count;
static const char *module_tag;

/* The entry of a key; the free one for it if there is none. */
static struct live *find(enum kind kind, uint64_t key)
{
	uint64_t at = (key * 0x9e3779b97f4a7c15ull) >> 44;
	unsigned int looks;

	for (looks = 0; looks < TABLE_SIZE; looks++, at++) {
		struct live *entry = &table[at % TABLE_SIZE];

		if (!entry->used)
			return entry;
		if (entry->key == key &&
		    (entry->kind == kind || entry->kind == NONE))
			return entry;
	}
	fputs("live: too many allocations\n", stderr);
	exit(1);
}

static void forget(enum kind kind, uint64_t key)
{
	struct live *entry = find(kind, key);

	if (entry->used && entry->kind == kind)
		entry->kind = NONE;
}

/* name is shorter than PLACE_LEN */
static int find_place(const char *name)
{
	int i;

	for (i = 0; i < place_count; i++)
		if (!strcmp(places[i].name, name))
			return i;
	if (place_count == PLACES_MAX) {
		fputs("live: too many places\n", stderr);
		exit(1);
	}
	strcpy(places[i].name, name);
	places[i].order = -1;
	place_count++;
	return i;
}

/* What a stack says of its event. */
struct stack {
	bool of_module;
	bool skip;			/* counted elsewhere */
	bool large;			/* the pages of a large object */
	bool vmalloc;
	char place[80];
	char chain[100];
};

static bool has(const char *text, const char *part)
{
	return strstr(text, part);
}

/* "function+0x10/0x40 [module]"; they come from the allocator outwards. */
static void add_frame(struct stack *stack, char *name)
{
	size_t len;

	name[strcspn(name, "\n")] = '\0';
	if (has(name, "trace_event_raw_event"))
		return;
	if (has(name, "allocate_slab") || has(name, "new_slab") ||
	    has(name, "pcpu_"))
		stack->skip = true;
	if (has(name, "kmalloc_large"))
		stack->large = true;
	if (has(name, "vmalloc_node_range"))
		stack->vmalloc = true;
	if (stack->of_module)
		return;
	if (has(name, module_tag)) {
		stack->of_module = true;
		snprintf(stack->place, sizeof(stack->place), "%.*s",
			 (int)strcspn(name, "+ "), name);
		return;
	}
	len = strlen(stack->chain);
	snprintf(stack->chain + len, sizeof(stack->chain) - len, "%s%.*s",
		 len ? "<" : "", (int)strcspn(name, "+ "), name);
}

static void settle(const struct event *event, const struct stack *stack)
{
	char name[PLACE_LEN];
	struct live *entry;
	int place;

	forget(event->kind, event->key);
	if (!stack->of_module || stack->skip)
		return;
	if (event->kind == AREA && !stack->vmalloc)
		return;
	snprintf(name, sizeof(name), "%s %s", stack->place, stack->chain);
	place = find_place(name);
	if (event->order > places[place].order)
		places[place].order = event->order;
	if (event->kind == PAGES && (stack->large || stack->vmalloc))
		return;
	entry = find(event->kind, event->key);
	*entry = (struct live){ event->kind, true, event->key, event->bytes,
				place };
}

static uint64_t number(const char *line, const char *name, int base)
{
	const char *at = strstr(line, name);

	return at ? strtoull(at + strlen(name), NULL, base) : 0;
}

/* The address of an area, which kernels write in several ways. */
static uint64_t area_of(const char *line)
{
	const char *at = strstr(line, "va_start");

	return at ? strtoull(at + strcspn(at, "0123456789"), NULL, 0) : 0;
}

/* An event, if the line is one of ours; its stack may follow. */
static struct event parse(const char *line)
{
	struct event event = { .kind = NONE, .order = -1 };

	if (has(line, " kmalloc: ") || has(line, " kmalloc_node: ") ||
	    has(line, " kmem_cache_alloc: ") ||
	    has(line, " kmem_cache_alloc_node: ")) {
		event.kind = OBJECT;
		event.key = number(line, " ptr=", 16);
		event.bytes = number(line, " bytes_alloc=", 10);
	} else if (has(line, " mm_page_alloc: ")) {
		event.kind = PAGES;
		event.key = number(line, " pfn=", 16);
		event.order = number(line, " order=", 10);
		event.bytes = (uint64_t)PAGE_BYTES << event.order;
	} else if (has(line, " alloc_vmap_area: ")) {
		event.kind = AREA;
		event.key = area_of(line);
		event.bytes = number(line, " size=", 10) - PAGE_BYTES;
	} else if (has(line, " free_vmap_area_noflush: ")) {
		forget(AREA, area_of(line));
	} else if (has(line, " kfree: ") || has(line, " kmem_cache_free: ")) {
		forget(OBJECT, number(line, " ptr=", 16));
	} else if (has(line, " mm_page_free: ")) {
		forget(PAGES, number(line, " pfn=", 16));
	}
	return event;
}

static unsigned int cpu_of(const char *line)
{
	const char *at = strchr(line, '[');

	return at ? strtoul(at + 1, NULL, 10) % CPUS_MAX : 0;
}

static void read_trace(void)
{
	struct stack stack = { 0 };
	static char line[4096];
	unsigned int cpu = 0;
	bool inside = false;

	while (fgets(line, sizeof(line), stdin)) {
		if (inside && !strncmp(line, " => ", 4)) {
			add_frame(&stack, line + 4);
			continue;
		}
		if (inside)
			settle(&last[cpu], &stack);
		inside = false;
		if (line[0] == '#')
			continue;
		cpu = cpu_of(line);
		if (has(line, "<stack trace>")) {
			inside = last[cpu].kind != NONE;
			memset(&stack, 0, sizeof(stack));
			continue;
		}
		last[cpu] = parse(line);
	}
	if (inside)
		settle(&last[cpu], &stack);
}

int main(int argc, char **argv)
{
	char tag[80];
	unsigned int i;
	int p;

	if (argc != 2) {
		fputs("usage: live MODULE < trace\n", stderr);
		return 2;
	}
	snprintf(tag, sizeof(tag), "[%s]", argv[1]);
	module_tag = tag;
	read_trace();
	for (i = 0; i < TABLE_SIZE; i++) {
		if (!table[i].used || table[i].kind == NONE)
			continue;
		places[table[i].place].bytes += table[i].bytes;
		places[table[i].place].count++;
	}
	for (p = 0; p < place_count; p++)
		if (places[p].bytes || places[p].order > 0)
			printf("%llu %llu %d %s\n",
			       (unsigned long long)places[p].bytes,
			       (unsigned long long)places[p].count,
			       places[p].order, places[p].name);
	return 0;
}
