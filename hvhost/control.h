/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands at run time. The same words come in over the Unix socket (one line
 * a command) and from the guest through the ask port.
 */
#ifndef HVHOST_CONTROL_H
#define HVHOST_CONTROL_H

#include <stdio.h>

struct control_command {
	const char *name;	/* first word */
	const char *usage;	/* the other words, for the help text */
	const char *help;
	/*
	 * Writes its answer to out; returns 0, or -errno for a refusal (then
	 * what it wrote is the reason). Called with the host lock held; must
	 * not block.
	 */
	int (*run)(int argc, char **argv, FILE *out);
};

/* Adds a table of commands, ended by a NULL name; the table must live on. */
void control_register(const struct control_command *table);

/*
 * Runs one line and writes "ok [answer]" or "error reason" to out.
 */
int control_execute(const char *line, FILE *out);

/*
 * Runs one line whose answer may take its time ("peer"); done gets the answer,
 * newline included, perhaps before this returns. With the host lock held.
 */
typedef void (*control_done_fn)(void *ctx, const char *answer);
void control_submit(const char *line, control_done_fn done, void *ctx);

/* Registers the general commands. */
void control_init(void);

/* Takes commands from a Unix socket; 0, or -errno having complained. */
int control_listen(const char *path);

/* What the guest wants as exit status: its last "exit" command, or 0. */
int control_guest_status(void);

#endif
