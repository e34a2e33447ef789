/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service loop: one thread, one lock.
 *
 * Every part of the host that is shared (the VMBus server, the NICs, the back
 * ends, the control socket) runs either on the service thread, or on a vCPU
 * thread that took the host lock for one exit.  Callbacks are always called
 * with the host lock held, so no module below needs locks of its own.
 */
#ifndef HVHOST_LOOP_H
#define HVHOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/* Called with the host lock held; events are epoll events, 0 for a task. */
typedef void (*loop_fn)(void *ctx, uint32_t events);

struct loop_timer {
	loop_fn fn;
	void *ctx;
	uint64_t expires_ns;		/* CLOCK_MONOTONIC; 0: not armed */
	struct loop_timer *next;	/* of the loop, sorted by expiry */
};

struct loop_task {
	loop_fn fn;
	void *ctx;
	bool queued;
	struct loop_task *next;		/* of the loop */
};

int loop_init(void);

/* The host lock. Not recursive. */
void loop_lock(void);
void loop_unlock(void);

/* Watches fd; returns 0 or -errno. fd must be non-blocking. */
int loop_add_fd(int fd, uint32_t events, loop_fn fn, void *ctx);
int loop_mod_fd(int fd, uint32_t events);
void loop_del_fd(int fd);

/* (Re)arms, disarms; safe from inside any callback and from vCPU threads. */
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ns);
void loop_timer_stop(struct loop_timer *timer);

/* Runs the task once, before the loop sleeps again. Queueing twice is one run. */
void loop_task_queue(struct loop_task *task);
void loop_task_cancel(struct loop_task *task);

/* Runs until loop_stop(); returns the status handed to it. May run again then. */
int loop_run(void);
void loop_stop(int status);
/* Forgets that it was to stop before it has begun to run again. */
void loop_forget_stop(void);

uint64_t loop_now_ns(void);

#endif
