/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, written as one JSON object at exit and on request. Each module
 * registers a function that emits its own members.
 */
#ifndef HVHOST_COUNTERS_H
#define HVHOST_COUNTERS_H

#include <inttypes.h>
#include <stdio.h>

/* Emits one complete JSON value (an object). */
typedef void (*counters_fn)(FILE *out);

/* name becomes the member that holds the object. */
void counters_register(const char *name, counters_fn fn);
void counters_write(FILE *out);

#endif
