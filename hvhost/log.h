/* SPDX-License-Identifier: GPL-2.0 */
/* The host's text log, and the list of rules that the guest broke. */
#ifndef HVHOST_LOG_H
#define HVHOST_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Opens the log file (NULL: none). Returns 0 or -errno. */
int log_open(const char *path);

/*
 * One line: "seconds.microseconds area: text". area is a short constant word:
 * "vm", "synic", "vmbus", "nvsp", "rndis", "net", "control".
 */
void log_line(const char *area, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The guest broke a rule that a real host enforces. rule is a short stable name
 * ("nvsp-order", "rndis-header-in-one-page"); the run goes on but fails, and the
 * rule is named on stderr and in the counters.
 */
void rule_broken(const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
unsigned int rules_broken(void);
/*
 * While excused, a guest breaks no rules: what it is told by a host that attacks
 * it may make it do anything. The log still says what would have been broken.
 */
void rules_excuse(bool excused);
void rules_print(FILE *out);	/* one line each: rule, count, first text */

/* A complaint to the user: one line on stderr, prefixed with the program name. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
