// SPDX-License-Identifier: GPL-2.0
/* links: loop */
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "test.h"

#define MS 1000000ull

/* What ran, in order: each callback leaves the letter its context points to. */
static char trail[64];
static size_t trail_len;

static void leave(void *ctx, uint32_t events)
{
	if (trail_len < sizeof(trail) - 1)
		trail[trail_len++] = *(const char *)ctx;
	trail[trail_len] = '\0';
}

static void stop(void *ctx, uint32_t events)
{
	loop_stop(*(const int *)ctx);
}

/* Runs the loop for that long; returns what it returned. */
static int run_for(uint64_t ns)
{
	static const int status = 5;
	struct loop_timer end = { .fn = stop, .ctx = (void *)&status };

	loop_timer_start(&end, ns);
	return loop_run();
}

static struct loop_task turn;
static unsigned int turns_left;

static void next_turn(void *ctx, uint32_t events)
{
	if (turns_left--)
		loop_task_queue(&turn);
	else
		loop_stop(0);
}

/* Looks at all descriptors a few times, however slow the machine is. */
static void run_turns(void)
{
	turns_left = 3;
	turn = (struct loop_task){ .fn = next_turn };
	loop_task_queue(&turn);
	loop_run();
}

static void begin(void)
{
	trail_len = 0;
	trail[0] = '\0';
}

static void timers_run_in_order(void)
{
	struct loop_timer first = { .fn = leave, .ctx = "1" };
	struct loop_timer second = { .fn = leave, .ctx = "2" };
	struct loop_timer third = { .fn = leave, .ctx = "3" };
	struct loop_timer stopped = { .fn = leave, .ctx = "x" };
	uint64_t start = loop_now_ns();

	begin();
	loop_timer_start(&third, 6 * MS);
	loop_timer_start(&first, 2 * MS);
	loop_timer_start(&stopped, 3 * MS);
	loop_timer_start(&second, 60000 * MS);
	loop_timer_start(&second, 4 * MS);	/* rearmed, not doubled */
	loop_timer_stop(&stopped);
	loop_timer_stop(&stopped);
	CHECK_EQ(run_for(10 * MS), 5);
	CHECK_STR(trail, "123");
	CHECK(loop_now_ns() - start >= 10 * MS);
	CHECK_EQ(first.expires_ns, 0);
}

static void tasks_run_once(void)
{
	struct loop_task a = { .fn = leave, .ctx = "a" };
	struct loop_task b = { .fn = leave, .ctx = "b" };
	struct loop_task c = { .fn = leave, .ctx = "c" };
	struct loop_task cancelled = { .fn = leave, .ctx = "x" };

	begin();
	loop_task_queue(&a);
	loop_task_queue(&b);
	loop_task_queue(&a);
	loop_task_queue(&cancelled);
	loop_task_cancel(&cancelled);
	loop_task_cancel(&cancelled);
	loop_task_queue(&c);
	run_turns();
	CHECK_STR(trail, "abc");
}

static struct loop_task again;

static void queue_again(void *ctx, uint32_t events)
{
	loop_task_queue(&again);
}

/* A task that queues itself for ever must not keep the timers from running. */
static void tasks_leave_room(void)
{
	again = (struct loop_task){ .fn = queue_again };
	loop_task_queue(&again);
	CHECK_EQ(run_for(2 * MS), 5);
	loop_task_cancel(&again);
}

static int pair[2];

static void drop_both(void *ctx, uint32_t events)
{
	leave("d", events);
	loop_del_fd(pair[0]);
	loop_del_fd(pair[1]);
}

/* Both are readable at once; the first to run takes the other's turn. */
static void dropped_descriptors_are_silent(void)
{
	begin();
	pair[0] = eventfd(1, EFD_NONBLOCK);
	pair[1] = eventfd(1, EFD_NONBLOCK);
	CHECK_EQ(loop_add_fd(pair[0], EPOLLIN, drop_both, NULL), 0);
	CHECK_EQ(loop_add_fd(pair[1], EPOLLIN, drop_both, NULL), 0);
	run_turns();
	CHECK_STR(trail, "d");
	close(pair[0]);
	close(pair[1]);
}

static void events_can_be_masked(void)
{
	int fd = eventfd(1, EFD_NONBLOCK);

	begin();
	CHECK_EQ(loop_add_fd(fd, 0, leave, "x"), 0);
	run_turns();
	CHECK_STR(trail, "");
	CHECK_EQ(loop_mod_fd(fd, EPOLLIN | EPOLLET), 0);
	run_turns();
	CHECK_STR(trail, "x");
	loop_del_fd(fd);
	CHECK_EQ(loop_mod_fd(fd, EPOLLIN), -ENOENT);
	close(fd);
}

static void bad_descriptors(void)
{
	CHECK_EQ(loop_add_fd(-1, EPOLLIN, leave, "x"), -EBADF);
	CHECK_EQ(loop_add_fd(4000, EPOLLIN, leave, "x"), -EBADF);
	CHECK_EQ(loop_mod_fd(4001, EPOLLIN), -ENOENT);
	loop_del_fd(4002);
	loop_del_fd(-1);
}

static void *queue_from_thread(void *ctx)
{
	usleep(5000);		/* by then the loop sleeps */
	loop_lock();
	loop_task_queue(ctx);
	loop_unlock();
	return NULL;
}

static void other_threads_wake_it(void)
{
	static const int status = 9;
	struct loop_task task = { .fn = stop, .ctx = (void *)&status };
	pthread_t thread;

	CHECK_OR_RETURN(!pthread_create(&thread, NULL, queue_from_thread,
					&task));
	CHECK_EQ(loop_run(), 9);
	pthread_join(thread, NULL);
}

static void the_first_stop_counts(void)
{
	loop_stop(3);
	loop_stop(4);
	CHECK_EQ(loop_run(), 3);
	loop_stop(3);
	loop_forget_stop();
	loop_stop(4);
	CHECK_EQ(loop_run(), 4);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(timers_run_in_order),
		TEST_CASE(tasks_run_once),
		TEST_CASE(tasks_leave_room),
		TEST_CASE(dropped_descriptors_are_silent),
		TEST_CASE(events_can_be_masked),
		TEST_CASE(bad_descriptors),
		TEST_CASE(other_threads_wake_it),
		TEST_CASE(the_first_stop_counts),
	};

	if (loop_init())
		return 1;
	return test_run(cases, TEST_COUNT(cases));
}
