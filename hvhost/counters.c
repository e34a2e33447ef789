// SPDX-License-Identifier: GPL-2.0
/* Counters: who emits what, in the order of registration. */
#include "counters.h"

#include <stddef.h>

#define EMITTERS_MAX 32

static struct {
	const char *name;
	counters_fn fn;
} emitters[EMITTERS_MAX];
static size_t emitter_count;

void counters_register(const char *name, counters_fn fn)
{
	if (emitter_count == EMITTERS_MAX)
		return;
	emitters[emitter_count].name = name;
	emitters[emitter_count++].fn = fn;
}

void counters_write(FILE *out)
{
	size_t i;

	fputs("{\n", out);
	for (i = 0; i < emitter_count; i++) {
		fprintf(out, "%s\"%s\": ", i ? ",\n" : "", emitters[i].name);
		emitters[i].fn(out);
	}
	fputs("\n}\n", out);
}
