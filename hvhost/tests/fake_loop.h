/* SPDX-License-Identifier: GPL-2.0 */
/* Stands in for loop.c: tasks and timers run when the test says so. */
#ifndef HVHOST_FAKE_LOOP_H
#define HVHOST_FAKE_LOOP_H

#include <errno.h>
#include <stddef.h>

#include "loop.h"

static uint64_t fake_now = 1000000000u;
static struct loop_task *fake_tasks[16];
static unsigned int fake_task_count;
static struct loop_timer *fake_timers[16];
static unsigned int fake_timer_count;
static int fake_fd = -1;		/* the one descriptor that is watched */
static uint32_t fake_fd_events;
static loop_fn fake_fd_fn;
static void *fake_fd_ctx;

uint64_t loop_now_ns(void)
{
	return fake_now;
}

void loop_task_queue(struct loop_task *task)
{
	if (task->queued)
		return;
	task->queued = true;
	fake_tasks[fake_task_count++] = task;
}

void loop_task_cancel(struct loop_task *task)
{
	unsigned int i, kept = 0;

	for (i = 0; i < fake_task_count; i++)
		if (fake_tasks[i] != task)
			fake_tasks[kept++] = fake_tasks[i];
	fake_task_count = kept;
	task->queued = false;
}

void loop_timer_stop(struct loop_timer *timer)
{
	unsigned int i, kept = 0;

	for (i = 0; i < fake_timer_count; i++)
		if (fake_timers[i] != timer)
			fake_timers[kept++] = fake_timers[i];
	fake_timer_count = kept;
	timer->expires_ns = 0;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ns)
{
	loop_timer_stop(timer);
	timer->expires_ns = fake_now + delay_ns;
	fake_timers[fake_timer_count++] = timer;
}

int loop_add_fd(int fd, uint32_t events, loop_fn fn, void *ctx)
{
	fake_fd = fd;
	fake_fd_events = events;
	fake_fd_fn = fn;
	fake_fd_ctx = ctx;
	return 0;
}

int loop_mod_fd(int fd, uint32_t events)
{
	if (fd != fake_fd)
		return -ENOENT;
	fake_fd_events = events;
	return 0;
}

void loop_del_fd(int fd)
{
	if (fd == fake_fd)
		fake_fd = -1;
}

/* Runs the tasks that are queued now, not those that they queue. */
static inline void run_tasks(void)
{
	unsigned int count = fake_task_count;

	while (count-- && fake_task_count) {
		struct loop_task *task = fake_tasks[0];

		loop_task_cancel(task);
		task->fn(task->ctx, 0);
	}
}

static inline void run_all_tasks(void)
{
	unsigned int rounds = 10000;

	while (fake_task_count && rounds--)
		run_tasks();
}

/* Lets time pass; each timer that is due fires once. */
static inline void pass_time(uint64_t ns)
{
	unsigned int i = 0;

	fake_now += ns;
	while (i < fake_timer_count) {
		struct loop_timer *timer = fake_timers[i];

		if (timer->expires_ns > fake_now) {
			i++;
			continue;
		}
		loop_timer_stop(timer);
		timer->fn(timer->ctx, 0);
		break;
	}
}

#endif
