// SPDX-License-Identifier: GPL-2.0
/* links: marks control log loop counters agent */
#include "marks.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "counters.h"
#include "test.h"
#include "vcpu.h"

static unsigned int cpu_time = 100;
static char path[] = "/tmp/marks_test-XXXXXX";

void vcpus_write_cpu_times(FILE *out)
{
	fprintf(out, "[%u, 7]", cpu_time);
}

/* Writing the counters costs time, as it does on a vCPU's thread. */
static void emit(FILE *out)
{
	fprintf(out, "{\"time\": %u,\n \"b\": [1,\n2]}", cpu_time);
	cpu_time += 40;
}

static int mark(const char *line)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = control_execute(line, out);

	fclose(out);
	free(text);
	return err;
}

/* The file's line of that number, without its time. */
static const char *line_of(unsigned int number)
{
	static char text[4096];
	FILE *in = fopen(path, "r");
	char *at, *end;

	text[0] = '\0';
	while (in && number--)
		if (!fgets(text, sizeof(text), in))
			text[0] = '\0';
	if (in)
		fclose(in);
	at = strstr(text, "\"time_ns\": ");
	end = at ? strchr(at, ',') : NULL;
	if (end)
		memmove(at, end + 2, strlen(end + 2) + 1);
	return text;
}

static void no_file(void)
{
	CHECK_EQ(marks_open("/nonexistent/marks"), -ENOENT);
	CHECK_EQ(mark("mark one"), -ENOENT);
}

static void one_line_a_mark(void)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	counters_register("c", emit);
	CHECK_EQ(marks_open(path), 0);
	CHECK_EQ(mark("mark a_1.x-y"), 0);
	CHECK_STR(line_of(1), "{\"mark\": \"a_1.x-y\", \"counters\": "
		  "{ \"c\": {\"time\": 100,  \"b\": [1, 2]} } , "
		  "\"cpu_time_after_ns\": [140, 7]}\n");
	CHECK_EQ(mark("mark b"), 0);
	CHECK_STR(line_of(2), "{\"mark\": \"b\", \"counters\": "
		  "{ \"c\": {\"time\": 140,  \"b\": [1, 2]} } , "
		  "\"cpu_time_after_ns\": [180, 7]}\n");
}

static void bad_labels(void)
{
	static const char *const bad[] = {
		"mark", "mark a b", "mark a\"b", "mark a\\b", "mark {",
		"mark 12345678901234567890123456789012345678901234567890123456789012345",
	};
	size_t i;

	for (i = 0; i < TEST_COUNT(bad); i++)
		CHECK_EQ(mark(bad[i]), -EINVAL);
	CHECK_STR(line_of(3), "");
	unlink(path);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(no_file),
		TEST_CASE(one_line_a_mark),
		TEST_CASE(bad_labels),
	};

	return test_run(cases, TEST_COUNT(cases));
}
