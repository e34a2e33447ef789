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
 * Text crosses in string instructions, of which KVM makes one exit a byte; the
 * ports' page form would save those, but needs the physical address of a page.
 * Exit status: 0 "ok", 1 the host answered "error", 2 usage or environment.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PORT_CONSOLE	0x510
#define PORT_ASK	0x514
#define PORT_STATUS	0x518
#define PORT_ANSWER	0x51c
#define HOST_MAGIC	0x76684c4du
#define PENDING		0xffffffffu

#define TEXT_MAX	65536
#define POLL_FIRST_US	200
#define POLL_LIMIT_US	20000

static char text[TEXT_MAX];

static int fail(const char *what)
{
	fprintf(stderr, "hvctl: %s: %s\n", what, strerror(errno));
	return 2;
}

static void port_write(uint16_t port, const char *from, size_t len)
{
	asm volatile("rep outsb" : "+S"(from), "+c"(len) : "d"(port) : "memory");
}

static void port_read(uint16_t port, char *to, size_t len)
{
	asm volatile("rep insb" : "+D"(to), "+c"(len) : "d"(port) : "memory");
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
		port_write(PORT_CONSOLE, text, got);
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
	useconds_t nap = POLL_FIRST_US;
	uint32_t answer;

	port_write(PORT_ASK, text, len);
	while ((answer = inl(PORT_STATUS)) == PENDING) {
		usleep(nap);
		if (nap < POLL_LIMIT_US)
			nap *= 2;
	}
	if (answer >= sizeof(text)) {
		fprintf(stderr, "hvctl: answer of %u bytes\n", answer);
		return 2;
	}
	port_read(PORT_ANSWER, text, answer);
	text[answer] = '\0';
	return show_answer(text, answer);
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
	/* The ports lie in the range that ioperm() can open one by one. */
	if (ioperm(PORT_CONSOLE, PORT_ANSWER + 4 - PORT_CONSOLE, 1))
		return fail("ioperm");
	if (!strcmp(verb, "alive"))
		return inl(PORT_CONSOLE) == HOST_MAGIC ? 0 : 1;
	if (inl(PORT_CONSOLE) != HOST_MAGIC) {
		fputs("hvctl: not on such a host\n", stderr);
		return 2;
	}
	if (!strcmp(verb, "present"))
		return 0;
	if (!strcmp(verb, "console"))
		return copy_to_console();
	if (!strcmp(verb, "say")) {
		size_t len = join(argc - 2, argv + 2);

		port_write(PORT_CONSOLE, text, len);
		return 0;
	}
	if (!strcmp(verb, "ask") && argc > 2)
		return ask(join(argc - 2, argv + 2));
	return usage();
}
