/* SPDX-License-Identifier: GPL-2.0 */
/* Members of a JSON object behind its first one. */
#ifndef HVHOST_JSON_H
#define HVHOST_JSON_H

#include <inttypes.h>
#include <stdio.h>

static inline void json_count(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, ", \"%s\": %" PRIu64, name, value);
}

#endif
