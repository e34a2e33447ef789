/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent: a program beside the host that does for the guest's scripts what
 * has to be done outside (send a ping, run a server). It reads one request a
 * line and answers each with one line, "STATUS TEXT".
 */
#ifndef HVHOST_AGENT_H
#define HVHOST_AGENT_H

#include "control.h"

/* Starts "/bin/sh -c command"; 0, or -errno having complained. */
int agent_start(const char *command);

/*
 * Hands the agent a line; done gets "ok TEXT\n" if the status was 0, else
 * "error TEXT\n". Requests wait for each other. With the host lock held.
 */
void agent_ask(const char *line, control_done_fn done, void *ctx);

/* Ends the agent and what it started. */
void agent_stop(void);

#endif
