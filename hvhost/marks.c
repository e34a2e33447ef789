// SPDX-License-Identifier: GPL-2.0
/*
 * Marks. The guest's own ask runs the command on its vCPU thread, so writing a
 * mark costs that vCPU time. The counters hold what was used up to here; what was
 * used when the line was written follows at its end: the time between two marks
 * runs from the end of the first to the counters of the second.
 */
#include "marks.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "control.h"
#include "counters.h"
#include "loop.h"
#include "vcpu.h"

#define LABEL_MAX 64

static FILE *marks;

/* Labels go into JSON as they are. */
static bool label_valid(const char *label)
{
	size_t len = 0;

	for (; label[len]; len++)
		if (!isalnum((unsigned char)label[len]) &&
		    label[len] != '_' && label[len] != '-' && label[len] != '.')
			return false;
	return len && len <= LABEL_MAX;
}

/* The counters on one line; NULL if there is no memory for that. */
static char *counters_line(void)
{
	char *text = NULL, *at;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	counters_write(out);
	if (fclose(out) || !text) {
		free(text);
		return NULL;
	}
	for (at = text; *at; at++)
		if (*at == '\n')
			*at = ' ';
	return text;
}

static int run_mark(int argc, char **argv, FILE *out)
{
	char *counters;

	if (argc != 2 || !label_valid(argv[1])) {
		fputs("usage: mark LABEL (letters, digits, _ - .)", out);
		return -EINVAL;
	}
	counters = counters_line();
	if (!counters)
		return -ENOMEM;
	fprintf(marks, "{\"mark\": \"%s\", \"time_ns\": %" PRIu64
		", \"counters\": %s", argv[1], loop_now_ns(), counters);
	free(counters);
	fflush(marks);
	fputs(", \"cpu_time_after_ns\": ", marks);
	vcpus_write_cpu_times(marks);
	fputs("}\n", marks);
	if (fflush(marks) || ferror(marks)) {
		fputs("the line could not be written", out);
		return -EIO;
	}
	return 0;
}

static const struct control_command commands[] = {
	{ "mark", "LABEL", "writes all counters into the file of marks",
	  run_mark },
	{ NULL, NULL, NULL, NULL },
};

int marks_open(const char *path)
{
	marks = fopen(path, "we");
	if (!marks)
		return -errno;
	control_register(commands);
	return 0;
}
