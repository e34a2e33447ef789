// SPDX-License-Identifier: GPL-2.0
/*
 * The service loop. Sources of work: file descriptors (epoll), timers (a sorted
 * list behind one timerfd, which unlike epoll's own timeout counts nanoseconds),
 * and tasks. A vCPU thread that hands work to the sleeping loop wakes it through
 * an eventfd; the host lock covers all of its state.
 */
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 32
#define NS_PER_SEC 1000000000u

/*
 * One entry for each descriptor number. The generation tells an event that was
 * fetched before its descriptor was dropped (and perhaps reused) from a fresh one.
 */
struct watch {
	loop_fn fn;			/* NULL: not watched */
	void *ctx;
	uint32_t generation;
};

static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;
static int epoll_fd = -1;
static int wake_fd = -1;
static int timer_fd = -1;
static struct watch *watches;
static size_t watch_count;
static struct loop_timer *timers;
static uint64_t timer_fd_expiry;	/* what timer_fd is set to; 0: nothing */
static struct loop_task *tasks;
static struct loop_task **tasks_end = &tasks;
static unsigned int task_count;
static bool sleeping;
static bool stopped;
static int stop_status;

void loop_lock(void)
{
	pthread_mutex_lock(&host_lock);
}

void loop_unlock(void)
{
	pthread_mutex_unlock(&host_lock);
}

uint64_t loop_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* Empties an eventfd or timerfd; what it held does not matter. */
static void drain(void *ctx, uint32_t events)
{
	uint64_t value;

	if (read(*(int *)ctx, &value, sizeof(value)) < 0)
		return;		/* EAGAIN: someone was faster */
}

static void wake(void)
{
	uint64_t one = 1;

	if (!sleeping)
		return;		/* it looks at everything before it sleeps */
	sleeping = false;
	if (write(wake_fd, &one, sizeof(one)) < 0)
		return;		/* EAGAIN: full, so awake anyway */
}

int loop_init(void)
{
	int err;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (epoll_fd < 0 || wake_fd < 0 || timer_fd < 0)
		return -errno;
	err = loop_add_fd(wake_fd, EPOLLIN, drain, &wake_fd);
	if (err)
		return err;
	return loop_add_fd(timer_fd, EPOLLIN, drain, &timer_fd);
}

static int watches_grow(size_t count)
{
	struct watch *grown;

	if (count <= watch_count)
		return 0;
	count = count * 2;
	grown = realloc(watches, count * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	for (; watch_count < count; watch_count++)
		grown[watch_count] = (struct watch){ 0 };
	watches = grown;
	return 0;
}

static int control_fd(int op, int fd, uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)watches[fd].generation << 32 |
			    (uint32_t)fd,
	};

	return epoll_ctl(epoll_fd, op, fd, &event) ? -errno : 0;
}

int loop_add_fd(int fd, uint32_t events, loop_fn fn, void *ctx)
{
	int err;

	if (fd < 0)
		return -EBADF;
	err = watches_grow((size_t)fd + 1);
	if (err)
		return err;
	watches[fd].generation++;
	err = control_fd(EPOLL_CTL_ADD, fd, events);
	if (err)
		return err;
	watches[fd].fn = fn;
	watches[fd].ctx = ctx;
	return 0;
}

static bool is_watched(int fd)
{
	return fd >= 0 && (size_t)fd < watch_count && watches[fd].fn;
}

int loop_mod_fd(int fd, uint32_t events)
{
	if (!is_watched(fd))
		return -ENOENT;
	return control_fd(EPOLL_CTL_MOD, fd, events);
}

void loop_del_fd(int fd)
{
	if (!is_watched(fd))
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watches[fd].fn = NULL;
	watches[fd].generation++;
}

void loop_timer_stop(struct loop_timer *timer)
{
	struct loop_timer **at;

	for (at = &timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	}
	timer->expires_ns = 0;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ns)
{
	struct loop_timer **at = &timers;

	loop_timer_stop(timer);
	timer->expires_ns = loop_now_ns() + delay_ns;
	while (*at && (*at)->expires_ns <= timer->expires_ns)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	if (timers == timer)
		wake();
}

void loop_task_queue(struct loop_task *task)
{
	if (task->queued)
		return;
	task->queued = true;
	task->next = NULL;
	*tasks_end = task;
	tasks_end = &task->next;
	task_count++;
	wake();
}

void loop_task_cancel(struct loop_task *task)
{
	struct loop_task **at = &tasks;

	if (!task->queued)
		return;
	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	if (!*at)
		tasks_end = at;
	task_count--;
	task->queued = false;
}

static void run_timers(void)
{
	uint64_t now;

	if (!timers)
		return;
	/* One reading: a timer that rearms itself with 0 gets its next turn. */
	now = loop_now_ns();
	while (timers && timers->expires_ns <= now) {
		struct loop_timer *timer = timers;

		timers = timer->next;
		timer->expires_ns = 0;
		timer->fn(timer->ctx, 0);
	}
}

/* Tasks queued by tasks wait for the next turn, so descriptors get theirs. */
static void run_tasks(void)
{
	unsigned int turn = task_count;

	while (tasks && turn--) {
		struct loop_task *task = tasks;

		loop_task_cancel(task);
		task->fn(task->ctx, 0);
	}
}

static void set_timer_fd(void)
{
	struct itimerspec spec = { 0 };
	uint64_t expiry = timers ? timers->expires_ns : 0;

	if (expiry == timer_fd_expiry)
		return;
	timer_fd_expiry = expiry;
	spec.it_value.tv_sec = (time_t)(expiry / NS_PER_SEC);
	spec.it_value.tv_nsec = (long)(expiry % NS_PER_SEC);
	timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void dispatch(const struct epoll_event *event)
{
	uint32_t fd = (uint32_t)event->data.u64;
	struct watch *watch = &watches[fd];

	if (watch->fn && watch->generation == event->data.u64 >> 32)
		watch->fn(watch->ctx, event->events);
}

int loop_run(void)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count, i, timeout;

	loop_lock();
	while (!stopped) {
		run_tasks();
		run_timers();
		if (stopped)
			break;
		set_timer_fd();
		sleeping = !tasks;
		timeout = sleeping ? -1 : 0;
		loop_unlock();
		count = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, timeout);
		loop_lock();
		sleeping = false;
		for (i = 0; i < count; i++)
			dispatch(&events[i]);
	}
	stopped = false;	/* it can run again */
	loop_unlock();
	return stop_status;
}

void loop_forget_stop(void)
{
	stopped = false;
}

void loop_stop(int status)
{
	if (stopped)
		return;		/* the first reason counts */
	stopped = true;
	stop_status = status;
	wake();
}
