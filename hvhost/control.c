// SPDX-License-Identifier: GPL-2.0
/* Commands: their registry, and those that belong to no other module. */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "counters.h"
#include "log.h"

#define TABLES_MAX 16
#define WORDS_MAX 192			/* "table" takes an entry each */
#define LINE_SIZE 4096
#define BLANKS " \t\r\n"
#define GUEST_STATUS_MAX 99

static const struct control_command *tables[TABLES_MAX];
static size_t table_count;
static int guest_status;

void control_register(const struct control_command *table)
{
	if (table_count < TABLES_MAX)
		tables[table_count++] = table;
}

int control_guest_status(void)
{
	return guest_status;
}

/* The command of that name; of several words if its name has them. */
static const struct control_command *find_command(const char *name)
{
	const struct control_command *command;
	size_t i;

	for (i = 0; i < table_count; i++)
		for (command = tables[i]; command->name; command++)
			if (!strcmp(command->name, name))
				return command;
	return NULL;
}

static int run_help(int argc, char **argv, FILE *out)
{
	const struct control_command *command;
	size_t i;

	for (i = 0; i < table_count; i++)
		for (command = tables[i]; command->name; command++)
			fprintf(out, "%s%s%s: %s\n", command->name,
				*command->usage ? " " : "", command->usage,
				command->help);
	return 0;
}

static int run_exit(int argc, char **argv, FILE *out)
{
	char *end = NULL;
	long status = argc == 2 ? strtol(argv[1], &end, 10) : -1;

	if (!end || end == argv[1] || *end || status < 0 ||
	    status > GUEST_STATUS_MAX) {
		fprintf(out, "a status from 0 to %d is wanted",
			GUEST_STATUS_MAX);
		return -EINVAL;
	}
	guest_status = (int)status;
	return 0;
}

static int run_log(int argc, char **argv, FILE *out)
{
	char text[LINE_SIZE];
	size_t len = 0;
	int i;

	text[0] = '\0';
	for (i = 1; i < argc; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i > 1 ? " " : "", argv[i]);
	log_line("guest", "%s", text);
	return 0;
}

static int run_counters(int argc, char **argv, FILE *out)
{
	counters_write(out);
	return 0;
}

static int run_rules(int argc, char **argv, FILE *out)
{
	fprintf(out, "%u\n", rules_broken());
	rules_print(out);
	return 0;
}

/* Only when asked in a way that cannot wait; control_submit() has the other. */
static int run_peer(int argc, char **argv, FILE *out)
{
	fputs("not here: the answer may take long", out);
	return -EOPNOTSUPP;
}

static const struct control_command general_commands[] = {
	{ "help", "", "lists the commands", run_help },
	{ "exit", "N", "exit status of hvhost after power-off, 0 to 99",
	  run_exit },
	{ "log", "TEXT", "writes a line into the log", run_log },
	{ "counters", "", "all counters as JSON", run_counters },
	{ "rules", "", "number of broken rules, and which", run_rules },
	{ "peer", "WORDS...", "asks the agent", run_peer },
	{ NULL, NULL, NULL, NULL },
};

void control_init(void)
{
	control_register(general_commands);
}

static int run_words(int argc, char **argv, FILE *out)
{
	const struct control_command *command = find_command(argv[0]);

	if (!command) {
		fprintf(out, "unknown command %s (help lists them)", argv[0]);
		return -ENOENT;
	}
	return command->run(argc, argv, out);
}

/* Runs a line; the answer, or the reason why not, goes to out as it is. */
static int run_line(const char *line, FILE *out)
{
	char *words[WORDS_MAX + 1], *rest, copy[LINE_SIZE];
	int count = 0;

	if (strlen(line) >= sizeof(copy)) {
		fputs("line too long", out);
		return -E2BIG;
	}
	strcpy(copy, line);
	for (words[0] = strtok_r(copy, BLANKS, &rest); words[count];
	     words[count] = strtok_r(NULL, BLANKS, &rest)) {
		if (++count == WORDS_MAX) {
			fputs("too many words", out);
			return -E2BIG;
		}
	}
	if (!count) {
		fputs("no command", out);
		return -EINVAL;
	}
	return run_words(count, words, out);
}

/* An answer is one line: newlines inside become blanks. */
static void flatten(char *text, size_t len)
{
	size_t i;

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	for (i = 0; i < len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
}

int control_execute(const char *line, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *answer = open_memstream(&text, &len);
	int err;

	if (!answer) {
		fputs("error out of memory\n", out);
		return -ENOMEM;
	}
	err = run_line(line, answer);
	if (fclose(answer) || !text) {
		fputs("error out of memory\n", out);
		free(text);
		return -ENOMEM;
	}
	flatten(text, len);
	if (err && !*text)
		fprintf(out, "error %s\n", strerror(-err));
	else
		fprintf(out, "%s%s%s\n", err ? "error" : "ok",
			*text ? " " : "", text);
	free(text);
	log_line("control", "%s: %s", line, err ? "refused" : "done");
	return err;
}

void control_submit(const char *line, control_done_fn done, void *ctx)
{
	const char *word = line + strspn(line, BLANKS);
	size_t word_len = strcspn(word, BLANKS), len = 0;
	char *text = NULL;
	FILE *out;

	if (word_len == 4 && !memcmp(word, "peer", 4)) {
		word += word_len;
		agent_ask(word + strspn(word, BLANKS), done, ctx);
		return;
	}
	out = open_memstream(&text, &len);
	if (out) {
		control_execute(line, out);
		fclose(out);
	}
	done(ctx, text ? text : "error out of memory\n");
	free(text);
}
