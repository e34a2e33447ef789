// SPDX-License-Identifier: GPL-2.0
/* The text log, broken rules, and complaints to the user. */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counters.h"

#define RULES_MAX 128
#define RULE_NAME_MAX 48
#define RULE_TEXT_MAX 200

struct rule {
	char name[RULE_NAME_MAX];
	char text[RULE_TEXT_MAX];	/* of the first time */
	unsigned long count;
};

static FILE *log_file;
static uint64_t log_start_ns;
static struct rule rules[RULES_MAX];
static unsigned int rule_count;
static bool excused;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void emit_rule_counts(FILE *out)
{
	unsigned int i;

	fputc('{', out);
	for (i = 0; i < rule_count; i++)
		fprintf(out, "%s\"%s\": %lu", i ? ", " : "", rules[i].name,
			rules[i].count);
	fputc('}', out);
}

int log_open(const char *path)
{
	log_start_ns = now_ns();
	counters_register("rules", emit_rule_counts);
	if (!path)
		return 0;
	log_file = fopen(path, "we");
	if (!log_file)
		return -errno;
	/* Whole lines at once: the log must be readable after a kill. */
	setvbuf(log_file, NULL, _IOLBF, 0);
	return 0;
}

static void log_text(const char *area, const char *text)
{
	uint64_t us = (now_ns() - log_start_ns) / 1000;

	if (log_file)
		fprintf(log_file, "%3" PRIu64 ".%06" PRIu64 " %s: %s\n",
			us / 1000000, us % 1000000, area, text);
}

void log_line(const char *area, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (!log_file)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_text(area, text);
}

/* The entry of that name, made if need be; the last one takes the overflow. */
static struct rule *rule_find(const char *name)
{
	struct rule *rule;
	unsigned int i;

	for (i = 0; i < rule_count; i++)
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	if (rule_count == RULES_MAX)
		return &rules[RULES_MAX - 1];
	rule = &rules[rule_count++];
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	return rule;
}

void rules_excuse(bool on)
{
	excused = on;
}

void rule_broken(const char *rule, const char *fmt, ...)
{
	struct rule *entry;
	char text[RULE_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (excused) {
		log_line("rule", "excused: %s: %s", rule, text);
		return;
	}
	entry = rule_find(rule);
	if (!entry->count++)
		snprintf(entry->text, sizeof(entry->text), "%s", text);
	log_line("rule", "%s: %s", rule, text);
}

unsigned int rules_broken(void)
{
	return rule_count;
}

void rules_print(FILE *out)
{
	unsigned int i;

	for (i = 0; i < rule_count; i++)
		fprintf(out, "rule broken: %s, %lu times, first: %s\n",
			rules[i].name, rules[i].count, rules[i].text);
}

void complain(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "hvhost: %s\n", text);
	log_line("hvhost", "%s", text);
}
