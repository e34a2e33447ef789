// SPDX-License-Identifier: GPL-2.0
/*
 * traffic - TCP for tests, the same tool in the guest and beside it
 *
 *	traffic send MODE ADDRESS PORT FILE TIMES	FILE's bytes, TIMES over
 *	traffic receive ADDRESS PORT			one connection to stdout
 *	traffic echo ADDRESS PORT			sends all back, for ever
 *	traffic flows ADDRESS PORT COUNT BYTES		through COUNT connections
 *
 * MODE is how the bytes reach the socket: write (64 KiB at a time), sendfile
 * (page cache pages, no copy), or shapes (writev of many odd pieces). "flows"
 * sends BYTES through each of COUNT connections at once to an "echo" and checks
 * every byte that comes back. Exit status 0 only if every byte moved.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK		65536
#define FLOWS_MAX	256
#define PIECES		17
#define STALL_MS	30000

static char chunk[CHUNK];

static int fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Fills in a numeric IPv4 or IPv6 address; returns its length, 0 if bad. */
static socklen_t parse_address(const char *host, const char *port,
			       struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(atoi(port));
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(atoi(port));
		return sizeof(*v6);
	}
	return 0;
}

/* Listens at (passive) or connects to an address; returns a socket or -1. */
static int make_socket(const char *host, const char *port, bool passive)
{
	struct sockaddr_storage addr;
	socklen_t len = parse_address(host, port, &addr);
	int fd, one = 1, failed;

	if (!len) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(addr.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	if (passive) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		failed = bind(fd, (struct sockaddr *)&addr, len) ||
			 listen(fd, FLOWS_MAX);
	} else {
		failed = connect(fd, (struct sockaddr *)&addr, len);
	}
	if (failed) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The three ways to send; each moves up to len bytes from offset at. */
static ssize_t send_write(int to, const char *map, int from, size_t at,
			  size_t len)
{
	(void)from;
	return write(to, map + at, len < CHUNK ? len : CHUNK);
}

static ssize_t send_file(int to, const char *map, int from, size_t at,
			 size_t len)
{
	off_t offset = at;

	(void)map;
	return sendfile(to, from, &offset, len);
}

/* Odd sizes from one byte to over two pages, at odd offsets. */
static ssize_t send_shapes(int to, const char *map, int from, size_t at,
			   size_t len)
{
	static unsigned int step;
	struct iovec pieces[PIECES];
	size_t used = 0;
	int i;

	(void)from;
	for (i = 0; i < PIECES && used < len; i++) {
		size_t size = 1 + (step++ * 2654435761u >> 12) % 9001;

		if (size > len - used)
			size = len - used;
		pieces[i].iov_base = (void *)(map + at + used);
		pieces[i].iov_len = size;
		used += size;
	}
	return writev(to, pieces, i);
}

static int send_all(int to, const char *mode, const char *path, int times)
{
	ssize_t (*way)(int, const char *, int, size_t, size_t) = send_write;
	struct stat st;
	char *map;
	int from;

	if (!strcmp(mode, "sendfile"))
		way = send_file;
	else if (!strcmp(mode, "shapes"))
		way = send_shapes;
	from = open(path, O_RDONLY);
	if (from < 0 || fstat(from, &st))
		return fail(path);
	map = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, from, 0);
	if (map == MAP_FAILED)
		return fail(path);
	while (times--) {
		off_t at = 0;

		while (at < st.st_size) {
			ssize_t put = way(to, map, from, at, st.st_size - at);

			if (put <= 0)
				return fail("send");
			at += put;
		}
	}
	/* Wait for the peer's end, so that success means it has it all. */
	shutdown(to, SHUT_WR);
	return read(to, chunk, 1) == 0 ? 0 : fail("peer's end");
}

static int receive(int listener)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t got;

	if (fd < 0)
		return fail("accept");
	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		ssize_t put = 0;

		while (put < got) {
			ssize_t n = write(STDOUT_FILENO, chunk + put,
					  got - put);

			if (n <= 0)
				return fail("standard output");
			put += n;
		}
	}
	return got < 0 ? fail("receive") : 0;
}

/* Copies what one connection sent back to it; false at its end. */
static bool echo_once(int fd)
{
	ssize_t got = read(fd, chunk, sizeof(chunk));
	ssize_t put = 0;

	while (put < got) {
		ssize_t n = write(fd, chunk + put, got - put);

		if (n <= 0)
			return false;
		put += n;
	}
	return got > 0;
}

static int echo(int listener)
{
	struct pollfd fds[FLOWS_MAX + 1] = { { listener, POLLIN, 0 } };
	int count = 1, i;

	for (;;) {
		if (poll(fds, count, -1) < 0)
			return fail("poll");
		for (i = count - 1; i > 0; i--) {
			if (!fds[i].revents || echo_once(fds[i].fd))
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[0].revents && count <= FLOWS_MAX) {
			int fd = accept(listener, NULL, NULL);

			if (fd >= 0)
				fds[count++] = (struct pollfd){ fd, POLLIN, 0 };
		}
	}
}

struct flow {
	size_t sent, received;
};

/* Byte number n of flow f: no period that a page or a segment shares. */
static unsigned char pattern(int f, size_t n)
{
	return (unsigned char)(n * 31 + n / 251 + (size_t)f * 7);
}

static bool flow_send(int f, int fd, struct flow *flow, size_t bytes)
{
	size_t len = bytes - flow->sent, i;
	ssize_t put;

	/* Small bites keep the echoing side's window open for every flow. */
	if (len > 4096)
		len = 4096;
	for (i = 0; i < len; i++)
		chunk[i] = pattern(f, flow->sent + i);
	put = send(fd, chunk, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put > 0)
		flow->sent += put;
	return put > 0 || errno == EAGAIN;
}

static bool flow_receive(int f, int fd, struct flow *flow)
{
	ssize_t got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT), i;

	for (i = 0; i < got; i++) {
		if ((unsigned char)chunk[i] != pattern(f, flow->received + i)) {
			fprintf(stderr, "traffic: flow %d: byte %zu differs\n",
				f, flow->received + i);
			return false;
		}
	}
	if (got > 0)
		flow->received += got;
	return got > 0 || (got < 0 && errno == EAGAIN);
}

static bool flow_turn(int f, struct pollfd *fd, struct flow *flow, size_t bytes)
{
	if ((fd->revents & (POLLIN | POLLHUP | POLLERR)) &&
	    !flow_receive(f, fd->fd, flow))
		return false;
	if ((fd->revents & POLLOUT) && flow->sent < bytes &&
	    !flow_send(f, fd->fd, flow, bytes))
		return false;
	if (flow->sent == bytes)
		fd->events = POLLIN;
	if (flow->received == bytes) {
		close(fd->fd);
		fd->fd = -1;
	}
	return true;
}

static int flows(const char *host, const char *port, int count, size_t bytes)
{
	static struct pollfd fds[FLOWS_MAX];
	static struct flow state[FLOWS_MAX];
	int open_flows = count, f;

	for (f = 0; f < count; f++) {
		fds[f].fd = make_socket(host, port, false);
		fds[f].events = POLLIN | POLLOUT;
		if (fds[f].fd < 0)
			return fail("connect");
	}
	while (open_flows) {
		int ready = poll(fds, count, STALL_MS);

		if (ready <= 0) {
			fprintf(stderr, "traffic: %d flows stalled\n",
				open_flows);
			return 1;
		}
		for (f = 0; f < count; f++) {
			if (fds[f].fd < 0 || !fds[f].revents)
				continue;
			if (!flow_turn(f, &fds[f], &state[f], bytes))
				return fail("flow");
			if (fds[f].fd < 0)
				open_flows--;
		}
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: traffic send write|sendfile|shapes ADDRESS PORT FILE TIMES\n"
	      "       traffic receive ADDRESS PORT\n"
	      "       traffic echo ADDRESS PORT\n"
	      "       traffic flows ADDRESS PORT COUNT BYTES\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 3 ? argv[1] : "";
	bool passive = !strcmp(verb, "receive") || !strcmp(verb, "echo");
	bool sends = !strcmp(verb, "send") && argc == 7;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(verb, "flows") && argc == 6) {
		int count = atoi(argv[4]);

		if (count < 1 || count > FLOWS_MAX)
			return usage();
		return flows(argv[2], argv[3], count, strtoul(argv[5], NULL, 0));
	}
	if (!passive && !sends)
		return usage();
	fd = sends ? make_socket(argv[3], argv[4], false) :
		     make_socket(argv[2], argv[3], true);
	if (fd < 0)
		return fail(sends ? "connect" : "listen");
	if (sends)
		return send_all(fd, argv[2], argv[5], atoi(argv[6]));
	return verb[0] == 'r' ? receive(fd) : echo(fd);
}
