// SPDX-License-Identifier: GPL-2.0
/*
 * traffic - traffic for tests, the same tool in the guest and beside it
 *
 *	traffic send MODE ADDRESS PORT FILE TIMES	FILE's bytes, TIMES over
 *	traffic receive ADDRESS PORT			one connection to stdout
 *	traffic echo ADDRESS PORT			sends all back, for ever
 *	traffic flows ADDRESS PORT COUNT BYTES		through COUNT connections
 *	traffic udp-send ADDRESS PORT SIZE COUNT [BATCH]  datagrams, then a tally
 *	traffic udp-receive ADDRESS PORT		datagrams to stdout, for ever
 *	traffic pulse ADDRESS COUNT USECS		pings, then a tally
 *	traffic hairpin DEVICE MAC COUNT		frames that come back
 *	traffic kmsg COUNT TEXT COMMAND...		lines into the kernel's log
 *
 * MODE is how the bytes reach the socket: write (64 KiB at a time), sendfile
 * (page cache pages, no copy), shapes (writev of many odd pieces), or pieces
 * (memory of the program's own without a copy, each piece across the border of
 * two pages). "flows" sends BYTES through each of COUNT connections at once to
 * an "echo" and checks every byte that comes back; at SIGUSR1 it sends no more, and
 * waits for what is on its way. Exit status 0 only if every byte moved.
 *
 * "udp-send" sends datagrams of SIZE bytes as fast as the socket takes them,
 * BATCH of them a call; when COUNT (0: no limit) are sent, or at SIGTERM, it
 * prints "sent N refused M". "pulse" sends COUNT pings (or until SIGTERM), each
 * USECS after the one before whatever became of that, and prints "sent N lost N
 * gap USECS": those without an answer, and the longest time that none came in.
 * "hairpin" sends frames of 60 to 1514 bytes to a MAC address and checks that each
 * comes back once, with the two addresses exchanged and no other byte changed.
 * "kmsg" writes its lines as a real-time task and then becomes the command, so
 * that on one processor no other task runs before that has looked around.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
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
#include <time.h>
#include <unistd.h>

#define CHUNK		65536
#define FLOWS_MAX	256
#define PIECES		17
#define STALL_MS	30000

/* A piece in the middle of two pages; 17 of them make one large segment. */
#define HUGE_PAGE	(2u << 20)
#define PIECE_SPACING	8192u
#define PIECE_OFFSET	2200u
#define PIECE_BYTES	3700u

#define BATCH_MAX	64u
#define DATAGRAM_MAX	65507u
#define SOCKET_BUFFER	(64 << 20)

/* How long the last answers of a pulse are waited for. */
#define PULSE_LINGER_US	2000000
/* By how many pings a pulse may be late, and still catch up. */
#define PULSE_LATE	32

/* Frames on their way, of an Ethernet type for experiments. */
#define HAIRPIN_TYPE	0x88b5
#define HAIRPIN_WINDOW	64u

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
/*
 * Leaves from a port chosen at random. A hash like Toeplitz's is linear, and
 * the kernel takes neighbouring ports: one random key in forty puts all of 64
 * such flows on two queues of four.
 */
static void scatter(int fd, sa_family_t family)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} own;
	in_port_t *port = family == AF_INET ? &own.v4.sin_port :
			  &own.v6.sin6_port;
	int tries = 20;

	memset(&own, 0, sizeof(own));
	own.v4.sin_family = family;
	while (tries--) {
		*port = htons(32768 + random() % 28000);
		if (!bind(fd, (struct sockaddr *)&own, family == AF_INET ?
			  sizeof(own.v4) : sizeof(own.v6)))
			return;
	}
}

static int make_socket(const char *host, const char *port, bool passive,
		       bool scattered)
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
		if (scattered)
			scatter(fd, addr.ss_family);
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

/* Lays the file out in pieces; huge pages, so that a piece has one address. */
static char *lay_out(const char *map, size_t size, size_t *count)
{
	size_t pieces = (size + PIECE_BYTES - 1) / PIECE_BYTES, i;
	size_t room = pieces * PIECE_SPACING + 2 * HUGE_PAGE;
	char *memory = mmap(NULL, room, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	memory += HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE;
	madvise(memory, room - HUGE_PAGE, MADV_HUGEPAGE);
	for (i = 0; i < pieces; i++) {
		size_t left = size - i * PIECE_BYTES;

		memcpy(memory + i * PIECE_SPACING + PIECE_OFFSET,
		       map + i * PIECE_BYTES,
		       left < PIECE_BYTES ? left : PIECE_BYTES);
	}
	*count = pieces;
	return memory;
}

/* The kernel tells when it needs a piece no more; it never changes here. */
static void drain_notices(int fd)
{
	struct msghdr message = { 0 };
	char control[256];

	do {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
	} while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

/* Sends up to PIECES pieces from byte number at on. */
static ssize_t send_some_pieces(int to, const char *memory, size_t at,
				size_t size)
{
	struct iovec iov[PIECES];
	struct msghdr message = { .msg_iov = iov };
	ssize_t put;
	size_t i;

	for (i = 0; i < PIECES && at < size; i++) {
		size_t in_piece = at % PIECE_BYTES;
		size_t len = PIECE_BYTES - in_piece;

		if (len > size - at)
			len = size - at;
		iov[i].iov_base = (void *)(memory + at / PIECE_BYTES *
					   PIECE_SPACING + PIECE_OFFSET +
					   in_piece);
		iov[i].iov_len = len;
		at += len;
	}
	message.msg_iovlen = i;
	while ((put = sendmsg(to, &message, MSG_ZEROCOPY)) < 0 &&
	       errno == ENOBUFS) {
		drain_notices(to);
		usleep(1000);
	}
	drain_notices(to);
	return put;
}

static bool send_pieces(int to, const char *map, size_t size, int times)
{
	int one = 1;
	size_t count;
	char *memory;

	memory = lay_out(map, size, &count);
	if (!memory ||
	    setsockopt(to, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return false;
	while (times--) {
		size_t at = 0;

		while (at < size) {
			ssize_t put = send_some_pieces(to, memory, at, size);

			if (put <= 0)
				return false;
			at += put;
		}
	}
	return true;
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
	if (!strcmp(mode, "pieces")) {
		if (!send_pieces(to, map, st.st_size, times))
			return fail("send");
		times = 0;
	}
	while (times-- > 0) {
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

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

struct flow {
	size_t bytes, sent, received;
};

/* Byte number n of flow f: no period that a page or a segment shares. */
static unsigned char pattern(int f, size_t n)
{
	return (unsigned char)(n * 31 + n / 251 + (size_t)f * 7);
}

static bool flow_send(int f, int fd, struct flow *flow)
{
	size_t len = flow->bytes - flow->sent, i;
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

static bool flow_turn(int f, struct pollfd *fd, struct flow *flow)
{
	if ((fd->revents & (POLLIN | POLLHUP | POLLERR)) &&
	    !flow_receive(f, fd->fd, flow))
		return false;
	if ((fd->revents & POLLOUT) && flow->sent < flow->bytes &&
	    !flow_send(f, fd->fd, flow))
		return false;
	if (stopped)
		flow->bytes = flow->sent;
	if (flow->sent == flow->bytes)
		fd->events = POLLIN;
	if (flow->received == flow->bytes) {
		close(fd->fd);
		fd->fd = -1;
	}
	return true;
}

static int flows(const char *host, const char *port, int count, size_t bytes)
{
	static struct pollfd fds[FLOWS_MAX];
	static struct flow state[FLOWS_MAX];
	struct sigaction action = { .sa_handler = on_stop };
	int open_flows = count, f;

	sigaction(SIGUSR1, &action, NULL);
	srandom(time(NULL) ^ getpid());
	for (f = 0; f < count; f++) {
		fds[f].fd = make_socket(host, port, false, true);
		fds[f].events = POLLIN | POLLOUT;
		if (fds[f].fd < 0)
			return fail("connect");
		state[f].bytes = bytes;
	}
	while (open_flows) {
		int ready = poll(fds, count, STALL_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			fprintf(stderr, "traffic: %d flows stalled\n",
				open_flows);
			return 1;
		}
		for (f = 0; f < count; f++) {
			if (fds[f].fd < 0 || !fds[f].revents)
				continue;
			if (!flow_turn(f, &fds[f], &state[f]))
				return fail("flow");
			if (fds[f].fd < 0)
				open_flows--;
		}
	}
	return 0;
}

/* A datagram socket, connected or bound, with a large buffer. */
static int make_datagram_socket(const char *host, const char *port, bool passive)
{
	int fd, size = SOCKET_BUFFER;
	struct sockaddr_storage addr;
	socklen_t len = parse_address(host, port, &addr);

	if (!len) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(addr.ss_family, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, passive ? SO_RCVBUFFORCE : SO_SNDBUFFORCE,
		   &size, sizeof(size));
	if (passive ? bind(fd, (struct sockaddr *)&addr, len) :
		      connect(fd, (struct sockaddr *)&addr, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int udp_send(const char *host, const char *port, size_t size,
		    unsigned long count, unsigned int batch)
{
	struct sigaction action = { .sa_handler = on_stop };
	unsigned long sent = 0, refused = 0;
	struct iovec iov = { chunk, size };
	struct mmsghdr messages[BATCH_MAX] = { 0 };
	unsigned int i;
	int fd;

	fd = make_datagram_socket(host, port, false);
	if (fd < 0)
		return fail("connect");
	for (i = 0; i < batch; i++) {
		messages[i].msg_hdr.msg_iov = &iov;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	/* Without SA_RESTART: it ends a call that waits. */
	sigaction(SIGTERM, &action, NULL);
	while (!stopped && (!count || sent + refused < count)) {
		unsigned long left = count ? count - sent - refused : batch;
		int put = sendmmsg(fd, messages, left < batch ? left : batch, 0);

		if (put > 0)
			sent += put;
		else if (errno != EINTR)
			refused++;
	}
	printf("sent %lu refused %lu\n", sent, refused);
	return 0;
}

static int udp_receive(const char *host, const char *port)
{
	int fd = make_datagram_socket(host, port, true);
	ssize_t got;

	if (fd < 0)
		return fail("bind");
	while ((got = read(fd, chunk, sizeof(chunk))) >= 0)
		if (write(STDOUT_FILENO, chunk, got) != got)
			return fail("standard output");
	return fail("receive");
}

struct hairpin {
	int fd;
	uint32_t sent, received;
	uint8_t far[ETH_ALEN], own[ETH_ALEN];
	bool *seen;
};

static bool hairpin_open(struct hairpin *hairpin, const char *device,
			 const char *mac)
{
	struct sockaddr_ll place = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(HAIRPIN_TYPE),
		.sll_ifindex = (int)if_nametoindex(device),
	};
	socklen_t len = sizeof(place);

	hairpin->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (hairpin->fd < 0 || !ether_aton(mac) ||
	    bind(hairpin->fd, (struct sockaddr *)&place, len) ||
	    getsockname(hairpin->fd, (struct sockaddr *)&place, &len))
		return false;
	memcpy(hairpin->own, place.sll_addr, ETH_ALEN);
	memcpy(hairpin->far, ether_aton(mac), ETH_ALEN);
	return true;
}

/* Writes down a frame as it goes, or as it comes back; returns its length. */
static size_t hairpin_frame(const struct hairpin *hairpin, uint32_t number,
			    bool back, char *to)
{
	struct ethhdr *head = (struct ethhdr *)to;
	size_t size = 60 + number * 797ul % 1455, at = sizeof(*head);
	uint32_t wire = htonl(number);

	memcpy(head->h_dest, back ? hairpin->own : hairpin->far, ETH_ALEN);
	memcpy(head->h_source, back ? hairpin->far : hairpin->own, ETH_ALEN);
	head->h_proto = htons(HAIRPIN_TYPE);
	memcpy(to + at, &wire, sizeof(wire));
	for (at += sizeof(wire); at < size; at++)
		to[at] = (char)pattern((int)number, at);
	return size;
}

static bool hairpin_send(struct hairpin *hairpin)
{
	size_t size = hairpin_frame(hairpin, hairpin->sent, false, chunk);

	hairpin->sent++;
	return send(hairpin->fd, chunk, size, 0) == (ssize_t)size;
}

static bool hairpin_receive(struct hairpin *hairpin)
{
	ssize_t got = recv(hairpin->fd, chunk, sizeof(chunk), 0);
	static char wanted[CHUNK];
	uint32_t number;

	if (got < (ssize_t)(ETH_HLEN + sizeof(number)))
		return false;
	memcpy(&number, chunk + ETH_HLEN, sizeof(number));
	number = ntohl(number);
	if (number >= hairpin->sent || hairpin->seen[number]) {
		fprintf(stderr, "traffic: frame %u: not on its way\n", number);
		return false;
	}
	if (hairpin_frame(hairpin, number, true, wanted) != (size_t)got ||
	    memcmp(wanted, chunk, (size_t)got)) {
		fprintf(stderr, "traffic: frame %u differs\n", number);
		return false;
	}
	hairpin->seen[number] = true;
	hairpin->received++;
	return true;
}

static int hairpin_run(const char *device, const char *mac, uint32_t count)
{
	struct hairpin hairpin = { .seen = calloc(count, sizeof(bool)) };
	struct pollfd fd = { .events = POLLIN };

	if (!hairpin.seen || !hairpin_open(&hairpin, device, mac))
		return fail(device);
	fd.fd = hairpin.fd;
	while (hairpin.received < count) {
		while (hairpin.sent < count &&
		       hairpin.sent - hairpin.received < HAIRPIN_WINDOW) {
			if (!hairpin_send(&hairpin))
				return fail("send");
		}
		if (poll(&fd, 1, STALL_MS) <= 0) {
			fprintf(stderr, "traffic: %u of %u frames came back\n",
				hairpin.received, hairpin.sent);
			return 1;
		}
		if (!hairpin_receive(&hairpin))
			return 1;
	}
	return 0;
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

/* A socket for pings of our own number, connected; the kernel fills in sums. */
static int make_ping_socket(const char *host)
{
	const gid_t range[2] = { 0, 0 };
	struct sockaddr_storage addr;
	socklen_t len = parse_address(host, "0", &addr);
	int knob, fd, size = 4 << 20;

	knob = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);
	dprintf(knob, "%u %u\n", range[0], range[1]);
	close(knob);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_ICMP);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (connect(fd, (struct sockaddr *)&addr, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

struct pulse {
	unsigned long sent;
	unsigned long answered;
	long last;		/* when the latest answer came, in us */
	long gap;		/* longest time between two answers */
};

static void pulse_answers(struct pulse *pulse, int fd)
{
	struct icmphdr reply;
	long now;

	while (read(fd, &reply, sizeof(reply)) == sizeof(reply)) {
		if (reply.type != ICMP_ECHOREPLY)
			continue;
		now = now_us();
		if (now - pulse->last > pulse->gap)
			pulse->gap = now - pulse->last;
		pulse->last = now;
		pulse->answered++;
	}
}

static int pulse(const char *host, unsigned long count, long every_us)
{
	struct sigaction action = { .sa_handler = on_stop };
	struct icmphdr echo = { .type = ICMP_ECHO };
	struct pulse pulse = { 0 };
	struct pollfd wait = { .events = POLLIN };
	long now, next, left, end = 0;

	wait.fd = make_ping_socket(host);
	if (wait.fd < 0)
		return fail("ping");
	sigaction(SIGTERM, &action, NULL);
	next = now_us();
	pulse.last = next;
	while (pulse.sent < count || (pulse.answered < count && now_us() < end)) {
		if (stopped)
			count = pulse.sent;
		now = now_us();
		if (pulse.sent < count && now >= next) {
			echo.un.echo.sequence = htons(pulse.sent++);
			/* A full queue loses it, as a wire would. */
			if (write(wait.fd, &echo, sizeof(echo)) < 0)
				errno = 0;
			/*
			 * What a machine that stood still has kept back is not
			 * made up for: rings would lose such a burst.
			 */
			next = now - next < PULSE_LATE * every_us ?
				next + every_us : now + every_us;
			end = now + PULSE_LINGER_US;
		}
		pulse_answers(&pulse, wait.fd);
		left = (pulse.sent < count ? next : end) - now_us();
		if (left > 0)
			ppoll(&wait, 1, &(struct timespec){
				.tv_sec = left / 1000000,
				.tv_nsec = left % 1000000 * 1000 }, NULL);
	}
	printf("sent %lu lost %lu gap %ld\n", pulse.sent,
	       pulse.sent - pulse.answered, pulse.gap);
	return 0;
}

static int kmsg(unsigned int count, const char *text, char **command)
{
	const struct sched_param param = { .sched_priority = 50 };
	int fd = open("/dev/kmsg", O_WRONLY);
	char line[256];
	unsigned int i;

	if (fd < 0 || sched_setscheduler(0, SCHED_FIFO, &param))
		return fail("/dev/kmsg");
	for (i = 1; i <= count; i++) {
		/* Level 1, so that every console prints it. */
		int len = snprintf(line, sizeof(line), "<1>%.200s %u\n", text,
				   i);

		if (write(fd, line, len) != len)
			return fail("/dev/kmsg");
	}
	execvp(command[0], command);
	return fail(command[0]);
}

static int datagrams(int argc, char **argv)
{
	size_t size = strtoul(argv[4], NULL, 0);
	unsigned int batch = argc > 6 ? strtoul(argv[6], NULL, 0) : 1;

	if (size > DATAGRAM_MAX || !batch || batch > BATCH_MAX)
		return -1;
	return udp_send(argv[2], argv[3], size, strtoul(argv[5], NULL, 0),
			batch);
}

static int usage(void)
{
	fputs("usage: traffic send write|sendfile|shapes|pieces ADDRESS PORT FILE TIMES\n"
	      "       traffic receive ADDRESS PORT\n"
	      "       traffic echo ADDRESS PORT\n"
	      "       traffic flows ADDRESS PORT COUNT BYTES\n"
	      "       traffic udp-send ADDRESS PORT SIZE COUNT [BATCH]\n"
	      "       traffic udp-receive ADDRESS PORT\n"
	      "       traffic pulse ADDRESS COUNT USECS\n"
	      "       traffic hairpin DEVICE MAC COUNT\n"
	      "       traffic kmsg COUNT TEXT COMMAND...\n", stderr);
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
	if (!strcmp(verb, "udp-send") && (argc == 6 || argc == 7)) {
		int status = datagrams(argc, argv);

		return status < 0 ? usage() : status;
	}
	if (!strcmp(verb, "udp-receive"))
		return udp_receive(argv[2], argv[3]);
	if (!strcmp(verb, "pulse") && argc == 5)
		return pulse(argv[2], strtoul(argv[3], NULL, 0),
			     strtol(argv[4], NULL, 0));
	if (!strcmp(verb, "hairpin") && argc == 5)
		return hairpin_run(argv[2], argv[3],
				   (uint32_t)strtoul(argv[4], NULL, 0));
	if (!strcmp(verb, "kmsg") && argc > 4)
		return kmsg(strtoul(argv[2], NULL, 0), argv[3], argv + 4);
	if (!passive && !sends)
		return usage();
	fd = sends ? make_socket(argv[3], argv[4], false, false) :
		     make_socket(argv[2], argv[3], true, false);
	if (fd < 0)
		return fail(sends ? "connect" : "listen");
	if (sends)
		return send_all(fd, argv[2], argv[5], atoi(argv[6]));
	return verb[0] == 'r' ? receive(fd) : echo(fd);
}
