/* SPDX-License-Identifier: GPL-2.0 */
/* Stands in for log.c: remembers what was said last. */
#ifndef HVHOST_FAKE_LOG_H
#define HVHOST_FAKE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

static char last_rule[64];
static char last_log[512];
static char last_complaint[512];
static unsigned int rule_count;
static bool rules_excused;

void log_line(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_log, sizeof(last_log), fmt, args);
	va_end(args);
}

void rule_broken(const char *rule, const char *fmt, ...)
{
	va_list args;

	if (rules_excused)
		return;
	snprintf(last_rule, sizeof(last_rule), "%s", rule);
	va_start(args, fmt);
	vsnprintf(last_log, sizeof(last_log), fmt, args);
	va_end(args);
	rule_count++;
}

void rules_excuse(bool on)
{
	rules_excused = on;
}

void complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_complaint, sizeof(last_complaint), fmt, args);
	va_end(args);
}

static inline void fake_log_reset(void)
{
	last_rule[0] = last_log[0] = last_complaint[0] = '\0';
	rule_count = 0;
}

/* How often any rule was broken since the last look. */
static inline unsigned int rules_since(void)
{
	unsigned int count = rule_count;

	rule_count = 0;
	return count;
}

#endif
