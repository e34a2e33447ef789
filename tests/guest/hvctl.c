// SPDX-License-Identifier: GPL-2.0
/*
 * hvctl - the guest's line to the host that it runs on, for test scripts
 *
 *	hvctl present			is there such a host? (exit status)
 *	hvctl say TEXT...		a line on the host's console
 *	hvctl console			standard input to the host's console
 *	hvctl ask COMMAND...		a command; prints the answer
 *	hvctl alive			one cheap exit: the guest still runs
 *	hvctl socket PATH COMMAND...	a command, on the host's own side
 *
 * Exit status: 0 "ok", 1 the host answered "error", 2 usage or environment.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvport.h"

#define TEXT_MAX	65536

static char text[TEXT_MAX];

static int fail(const char *what)
{
	fprintf(stderr, "hvctl: %s: %s\n", what, strerror(errno));
	return 2;
}

/* Joins the words with spaces and ends the line; returns its length. */
static size_t join(int argc, char **argv)
{
	size_t len = 0;
	int i;

	for (i = 0; i < argc; i++) {
		int put = snprintf(text + len, sizeof(text) - len - 1, "%s%s",
				   i ? " " : "", argv[i]);

		if (put < 0 || (size_t)put >= sizeof(text) - len - 1)
			break;
		len += put;
	}
	text[len++] = '\n';
	return len;
}

static int copy_to_console(void)
{
	ssize_t got;

	while ((got = read(STDIN_FILENO, text, sizeof(text))) > 0)
		hvport_write(PORT_CONSOLE, text, got);
	return got < 0 ? fail("standard input") : 0;
}

/* Prints an answer without its first word, which becomes the exit status. */
static int show_answer(char *answer, size_t len)
{
	int status = strncmp(answer, "ok", 2) ? 1 : 0;
	size_t skip = strcspn(answer, " \n");

	if (answer[skip] == ' ')
		skip++;
	if (skip < len)
		fwrite(answer + skip, 1, len - skip, stdout);
	return status;
}

static int ask(size_t len)
{
	int got = hvport_ask(text, len, text, sizeof(text));

	return got < 0 ? fail("answer") : show_answer(text, got);
}

static int ask_socket(const char *path, size_t len)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t have = 0;
	ssize_t got;
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return fail(path);
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fail(path);
	if (write(fd, text, len) != (ssize_t)len)
		return fail(path);
	shutdown(fd, SHUT_WR);
	while (have < sizeof(text) - 1 &&
	       (got = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += got;
	text[have] = '\0';
	return show_answer(text, have);
}

static int usage(void)
{
	fputs("usage: hvctl present | alive | console | say TEXT... |\n"
	      "       ask COMMAND... | socket PATH COMMAND...\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "socket") && argc > 3)
		return ask_socket(argv[2], join(argc - 3, argv + 3));
	if (argc < 2)
		return usage();
	if (!hvport_open())
		return fail("ioperm");
	if (!strcmp(verb, "alive"))
		return hvport_present() ? 0 : 1;
	if (!hvport_present()) {
		fputs("hvctl: not on such a host\n", stderr);
		return 2;
	}
	if (!strcmp(verb, "present"))
		return 0;
	if (!strcmp(verb, "console"))
		return copy_to_console();
	if (!strcmp(verb, "say")) {
		size_t len = join(argc - 2, argv + 2);

		hvport_write(PORT_CONSOLE, text, len);
		return 0;
	}
	if (!strcmp(verb, "ask") && argc > 2)
		return ask(join(argc - 2, argv + 2));
	return usage();
}
