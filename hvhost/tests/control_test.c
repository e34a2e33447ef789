// SPDX-License-Identifier: GPL-2.0
/* links: control agent loop log counters */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "agent.h"
#include "log.h"
#include "loop.h"
#include "test.h"

static int run_echo(int argc, char **argv, FILE *out)
{
	int i;

	for (i = 1; i < argc; i++)
		fprintf(out, "%s\n", argv[i]);
	return 0;
}

static int run_refuse(int argc, char **argv, FILE *out)
{
	if (argc > 1)
		fprintf(out, "because\nof %s", argv[1]);
	return -EBUSY;
}

static const struct control_command commands[] = {
	{ "echo", "WORD...", "says it again", run_echo },
	{ "refuse", "", "does not want to", run_refuse },
	{ NULL, NULL, NULL, NULL },
};

/* The answer to a line, in a buffer that the next call overwrites. */
static const char *answer_to(const char *line)
{
	static char *text;
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	control_execute(line, out);
	fclose(out);
	return text;
}

static void words(void)
{
	CHECK_STR(answer_to("echo a bc  d"), "ok a bc d\n");
	CHECK_STR(answer_to("  echo\ta\r\n"), "ok a\n");
	CHECK_STR(answer_to("echo"), "ok\n");
}

static void refusals(void)
{
	CHECK_STR(answer_to("refuse"), "error Device or resource busy\n");
	CHECK_STR(answer_to("refuse x"), "error because of x\n");
	CHECK_STR(answer_to(""), "error no command\n");
	CHECK_STR(answer_to(" \n"), "error no command\n");
	CHECK_STR(answer_to("ech"), "error unknown command ech "
		  "(help lists them)\n");
}

static void limits(void)
{
	char line[6000];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	CHECK_STR(answer_to(line), "error line too long\n");
	memset(line, ' ', 3000);
	line[2999] = '\0';
	CHECK_STR(answer_to(line), "error no command\n");
	for (size_t i = 0; i < 2999; i += 2)
		line[i] = 'y';
	CHECK_STR(answer_to(line), "error too many words\n");
}

static void exit_status(void)
{
	static const char *const bad[] = {
		"exit", "exit -1", "exit 100", "exit 1x", "exit x", "exit 1 2",
		"exit 18446744073709551617",
	};
	size_t i;

	CHECK_EQ(control_guest_status(), 0);
	CHECK_STR(answer_to("exit 42"), "ok\n");
	for (i = 0; i < TEST_COUNT(bad); i++)
		CHECK(!strncmp(answer_to(bad[i]), "error ", 6));
	CHECK_EQ(control_guest_status(), 42);
}

static void rules(void)
{
	CHECK_STR(answer_to("rules"), "ok 0\n");
	rule_broken("a-rule", "first %d", 1);
	rule_broken("a-rule", "second");
	CHECK_STR(answer_to("rules"),
		  "ok 1 rule broken: a-rule, 2 times, first: first 1\n");
}

static char got[256];
static unsigned int got_count, got_wanted;

static void take_answer(void *ctx, const char *answer)
{
	snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
		 (const char *)ctx, answer);
	if (++got_count == got_wanted)
		loop_stop(0);
}

static void expect_answers(unsigned int count)
{
	got[0] = '\0';
	got_count = 0;
	got_wanted = count;
}

static void without_agent(void)
{
	expect_answers(2);
	control_submit("peer hello", take_answer, "1:");
	control_submit("echo now", take_answer, "2:");
	loop_run();
	CHECK_STR(got, "1:error there is no agent\n2:ok now\n");
}

/* Requests queue up; other commands do not wait for them. */
static void with_agent(void)
{
	expect_answers(5);
	CHECK_EQ(agent_start("while read w x; do case $w in die) exit;; esac; "
			     "echo $w said $x; done"), 0);
	control_submit("peer 0 a  b", take_answer, "1:");
	control_submit("peer 3 c", take_answer, "2:");
	control_submit("peer what", take_answer, "3:");
	control_submit("peer die", take_answer, "4:");
	control_submit("echo now", take_answer, "5:");
	CHECK_STR(got, "5:ok now\n");
	loop_run();
	CHECK_STR(got, "5:ok now\n1:ok said a b\n2:error said c\n"
		  "3:error the agent's answer begins with no status\n"
		  "4:error the agent has ended\n");
	expect_answers(1);
	control_submit("peer 0 more", take_answer, "6:");
	CHECK_STR(got, "6:error there is no agent\n");
	agent_stop();
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(words),
		TEST_CASE(refusals),
		TEST_CASE(limits),
		TEST_CASE(exit_status),
		TEST_CASE(rules),
		TEST_CASE(without_agent),
		TEST_CASE(with_agent),
	};

	if (loop_init() || log_open(NULL))
		return 1;
	control_init();
	control_register(commands);
	return test_run(cases, TEST_COUNT(cases));
}
