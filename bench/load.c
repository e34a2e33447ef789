// SPDX-License-Identifier: GPL-2.0
/*
 * load - what bench measures, in the guest and at the other end
 *
 *	load [-m LABEL] [-c COMMAND] [-s MS] VERB...
 *
 *	udp-send ADDRESS PORT SIZE COUNT BATCH PROCS	sendmmsg, COUNT by all PROCS
 *	udp-recv ADDRESS PORT COUNT			recvmmsg, until COUNT came
 *	wait-rx DEVICE COUNT				until it received COUNT
 *	wait-xdp DEVICE drop|tx|redirect COUNT		until XDP did so with COUNT
 *	xsk-send DEVICE zero|copy SIZE COUNT		an AF_XDP socket sends
 *	xsk-recv DEVICE zero|copy COUNT			one receives COUNT
 *	pktgen						one run of the kernel's
 *	tcp-send ADDRESS PORT WARM BYTES		through one connection
 *	tcp-recv ADDRESS PORT WARM			takes one and drops it
 *	tcp-echo ADDRESS PORT				answers all, for ever
 *	tcp-rr ADDRESS PORT SESSIONS COUNT		COUNT requests each, 1 byte
 *	nothing						what a measurement costs
 *
 * With -m the work lies between two marks of the host, LABEL.b and LABEL.e:
 * sockets are open by then, memory is warm, and the second mark waits MS (3) for
 * the last completions. -c asks the host for something after the first mark. WARM
 * bytes of a connection go before that mark, in which it finds its pace.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "afxdp.h"
#include "hvport.h"

#define CHUNK		65536
#define BATCH_MAX	64
#define SESSIONS_MAX	64
#define WARM_UP_PART	8	/* of the packets, sent before the first mark */
#define RR_WARM_UP	100
#define STREAM_BUFFER	(512 << 10)
#define DATAGRAM_BUFFER	(64 << 20)
#define RECEIVE_TIMEOUT	30	/* seconds */
#define RX_LOOK_US	20000
#define XSK_SENT	1024	/* frames in the memory of a socket that sends */
#define XSK_RECEIVED	32768	/* and of one that has to take all that comes */

static char chunk[CHUNK];
static const char *mark_label, *command;
static unsigned int settle_ms = 3;

static int fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	return 1;
}

static int ask(const char *line)
{
	static char answer[4096];
	int len = hvport_ask(line, strlen(line), answer, sizeof(answer));

	if (len < 0)
		return fail("answer");
	if (strncmp(answer, "ok", 2)) {
		fprintf(stderr, "load: %s%s", line, answer);
		return 1;
	}
	return 0;
}

static int mark(const char *end)
{
	char line[128];

	if (!mark_label)
		return 0;
	snprintf(line, sizeof(line), "mark %s.%s\n", mark_label, end);
	return ask(line);
}

static int ask_command(void)
{
	char line[256];

	if (!command)
		return 0;
	snprintf(line, sizeof(line), "%s\n", command);
	return ask(line);
}

static int begin(void)
{
	return mark("b") || ask_command();
}

static int end(void)
{
	usleep(settle_ms * 1000);
	return mark("e");
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
	};

	if (inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		exit(fail(host));
	return addr;
}

/* Fixed, so that no connection tunes its own in another way than the last. */
static void set_buffers(int fd, int size)
{
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
}

static int connected(int type, const char *host, const char *port)
{
	struct sockaddr_in addr = address(host, port);
	int fd = socket(AF_INET, type, 0);

	if (type == SOCK_STREAM)
		set_buffers(fd, STREAM_BUFFER);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		exit(fail("connect"));
	return fd;
}

static int bound(int type, const char *host, const char *port)
{
	struct sockaddr_in addr = address(host, port);
	int fd = socket(AF_INET, type, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_STREAM)
		set_buffers(fd, STREAM_BUFFER);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    (type == SOCK_STREAM && listen(fd, SESSIONS_MAX)))
		exit(fail("bind"));
	return fd;
}

/* UDP */

static void prepare(struct mmsghdr *messages, struct iovec *part, size_t size)
{
	int i;

	part->iov_base = chunk;
	part->iov_len = size;
	memset(messages, 0, BATCH_MAX * sizeof(*messages));
	for (i = 0; i < BATCH_MAX; i++) {
		messages[i].msg_hdr.msg_iov = part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static int send_count(int fd, size_t size, long count, int batch)
{
	struct mmsghdr messages[BATCH_MAX];
	struct iovec part;

	prepare(messages, &part, size);
	while (count > 0) {
		int put = sendmmsg(fd, messages, count < batch ? count : batch,
				   0);

		if (put < 0 && errno != ENOBUFS)
			return fail("sendmmsg");
		if (put > 0)
			count -= put;
	}
	return 0;
}

/* The others wait for the end of a pipe, which all of them see at once. */
static int send_with(int procs, const char *host, const char *port,
		     size_t size, long count, int batch)
{
	int go[2], i, status, failed = 0;
	char byte;

	if (pipe(go))
		return fail("pipe");
	for (i = 0; i < procs; i++) {
		if (fork())
			continue;
		close(go[1]);
		i = connected(SOCK_DGRAM, host, port);
		send_count(i, size, count / WARM_UP_PART, batch);
		if (read(go[0], &byte, 1))
			_exit(1);
		_exit(send_count(i, size, count, batch));
	}
	usleep(200000);
	failed = begin();
	close(go[1]);
	while (wait(&status) > 0)
		failed |= status;
	return failed | end();
}

static int udp_send(const char *host, const char *port, size_t size, long count,
		    int batch, int procs)
{
	int fd, failed;

	if (size > sizeof(chunk) || batch < 1 || batch > BATCH_MAX || procs < 1)
		return 2;
	if (procs > 1)
		return send_with(procs, host, port, size, count / procs, batch);
	fd = connected(SOCK_DGRAM, host, port);
	failed = send_count(fd, size, count / WARM_UP_PART, batch);
	usleep(settle_ms * 1000);
	return failed || begin() || send_count(fd, size, count, batch) || end();
}

/* Frames beyond what the socket can hold are lost, so it is made large. */
static int udp_recv(const char *host, const char *port, long count)
{
	static char buffers[BATCH_MAX][2048];
	struct timeval limit = { RECEIVE_TIMEOUT, 0 };
	struct mmsghdr messages[BATCH_MAX];
	struct iovec parts[BATCH_MAX];
	int fd = bound(SOCK_DGRAM, host, port), i, got;

	set_buffers(fd, DATAGRAM_BUFFER);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	prepare(messages, parts, 0);
	for (i = 0; i < BATCH_MAX; i++) {
		parts[i].iov_base = buffers[i];
		parts[i].iov_len = sizeof(buffers[i]);
		messages[i].msg_hdr.msg_iov = &parts[i];
		memset(buffers[i], 1, sizeof(buffers[i]));
	}
	if (begin())
		return 1;
	for (; count > 0; count -= got) {
		got = recvmmsg(fd, messages, BATCH_MAX, MSG_WAITFORONE, NULL);
		if (got <= 0) {
			fprintf(stderr, "load: %ld frames did not come\n",
				count);
			return 1;
		}
	}
	return end();
}

/* Whole devices */

static long received(const char *device)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path),
		 "/sys/class/net/%s/statistics/rx_packets", device);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		exit(fail(path));
	close(fd);
	return atol(text);
}

/* XDP verdicts of one kind of all queues; ethtool alone knows them. */
struct verdicts {
	int fd;
	struct ifreq request;
	struct ethtool_gstrings *names;
	struct ethtool_stats *values;
	const char *way;
};

static void ethtool(struct verdicts *v, void *data)
{
	v->request.ifr_data = data;
	if (ioctl(v->fd, SIOCETHTOOL, &v->request))
		exit(fail("ethtool"));
}

static void find_verdicts(struct verdicts *v, const char *device,
			  const char *way)
{
	struct {
		struct ethtool_sset_info head;
		__u32 number;
	} set = { .head = { .cmd = ETHTOOL_GSSET_INFO,
			    .sset_mask = 1 << ETH_SS_STATS } };

	v->way = way;
	v->fd = socket(AF_INET, SOCK_DGRAM, 0);
	snprintf(v->request.ifr_name, IFNAMSIZ, "%s", device);
	ethtool(v, &set);
	v->names = calloc(1, sizeof(*v->names) + set.number * ETH_GSTRING_LEN);
	v->values = calloc(1, sizeof(*v->values) + set.number * sizeof(__u64));
	if (!v->names || !v->values)
		exit(fail("memory"));
	v->names->cmd = ETHTOOL_GSTRINGS;
	v->names->string_set = ETH_SS_STATS;
	v->names->len = set.number;
	ethtool(v, v->names);
	v->values->cmd = ETHTOOL_GSTATS;
	v->values->n_stats = set.number;
}

static long count_verdicts(struct verdicts *v)
{
	char name[ETH_GSTRING_LEN + 1] = "", *end;
	long sum = 0;
	__u32 i;

	ethtool(v, v->values);
	for (i = 0; i < v->names->len; i++) {
		memcpy(name, v->names->data + i * ETH_GSTRING_LEN,
		       ETH_GSTRING_LEN);
		end = strstr(name, "_xdp_");
		if (!strncmp(name, "rx_queue_", 9) && end &&
		    !strcmp(end + 5, v->way))
			sum += (long)v->values->data[i];
	}
	return sum;
}

/* Until so many frames have come, or met a verdict. */
static int wait_for(const char *device, struct verdicts *v, long count)
{
	long seen = v ? count_verdicts(v) : received(device);
	time_t limit = time(NULL) + RECEIVE_TIMEOUT;
	long target = seen + count;

	if (begin())
		return 1;
	for (;;) {
		seen = v ? count_verdicts(v) : received(device);
		if (seen >= target)
			return end();
		if (time(NULL) > limit) {
			fprintf(stderr, "load: %ld frames did not come\n",
				target - seen);
			return 1;
		}
		usleep(RX_LOOK_US);
	}
}

static int wait_xdp(const char *device, const char *way, long count)
{
	struct verdicts v = {};

	find_verdicts(&v, device, way);
	return wait_for(device, &v, count);
}

/* AF_XDP, on the first queue */

static void xsk_open(struct afxdp *s, const char *device, const char *mode,
		     uint32_t frames, uint32_t received)
{
	const bool zero = !strcmp(mode, "zero");
	const struct afxdp_shape shape = {
		.chunk = 2048, .frames = frames, .received = received,
		.mode = (zero ? XDP_ZEROCOPY : XDP_COPY) | XDP_USE_NEED_WAKEUP,
	};

	afxdp_open(s, if_nametoindex(device), 0, &shape);
	if (afxdp_is_zero_copy(s) != zero)
		exit(fail(mode));
}

/* UDP to the sink; nobody looks at more than its Ethernet header. */
static void xsk_make_frame(uint8_t *to, size_t size)
{
	static const uint8_t head[] = { 2, 0, 0, 0, 0, 9, 0, 0x15, 0x5d, 0, 0, 1,
					8, 0 };

	memset(to, 1, size);
	memcpy(to, head, sizeof(head));
}

static uint32_t xsk_reap(struct afxdp *s)
{
	uint32_t done = afxdp_filled(&s->done);

	if (done)
		afxdp_advance(s->done.consumer, done);
	return done;
}

/* Frames are made once, and sent over and over in their order. */
static int xsk_send_count(struct afxdp *s, size_t size, long count)
{
	static uint32_t next;
	time_t limit = time(NULL) + RECEIVE_TIMEOUT;
	long to_send = count, free = XSK_SENT, i;

	while (count > 0) {
		uint32_t done = xsk_reap(s);

		free += done;
		count -= done;
		for (i = 0; i < BATCH_MAX && free && to_send; i++) {
			afxdp_send(s, (uint64_t)(next++ % XSK_SENT) *
				      s->shape.chunk, (uint32_t)size);
			free--;
			to_send--;
		}
		afxdp_kick(s);
		if (!done && !i && time(NULL) > limit) {
			fprintf(stderr, "load: %ld frames did not go\n", count);
			return 1;
		}
	}
	return 0;
}

static int xsk_send(const char *device, const char *mode, size_t size,
		    long count)
{
	struct afxdp s;
	uint32_t i;

	xsk_open(&s, device, mode, XSK_SENT, 0);
	for (i = 0; i < XSK_SENT; i++)
		xsk_make_frame(s.memory + i * s.shape.chunk, size);
	return xsk_send_count(&s, size, count / WARM_UP_PART) || begin() ||
	       xsk_send_count(&s, size, count) || end();
}

/* Each frame is looked at, and its buffer goes back. */
static unsigned int xsk_take(struct afxdp *s, unsigned long *sum)
{
	uint32_t got = afxdp_filled(&s->rx), i;

	for (i = 0; i < got; i++) {
		const struct xdp_desc *desc = afxdp_desc(&s->rx,
							 *s->rx.consumer + i);

		*sum += s->memory[desc->addr + 12];	/* never zero */
		*afxdp_address(&s->fill, *s->fill.producer + i) =
			desc->addr / s->shape.chunk * s->shape.chunk;
	}
	if (got) {
		afxdp_advance(s->rx.consumer, got);
		afxdp_advance(s->fill.producer, got);
	}
	return got;
}

static int xsk_recv(const char *device, const char *mode, long count)
{
	struct afxdp s;
	struct pollfd pollfd = { .events = POLLIN };
	unsigned long sum = 0;

	xsk_open(&s, device, mode, XSK_RECEIVED, XSK_RECEIVED);
	afxdp_steer(&s, 1, if_nametoindex(device), IPPROTO_UDP);
	pollfd.fd = s.fd;
	if (begin())
		return 1;
	while (count > 0) {
		if (poll(&pollfd, 1, RECEIVE_TIMEOUT * 1000) <= 0) {
			fprintf(stderr, "load: %ld frames did not come\n",
				count);
			return 1;
		}
		count -= xsk_take(&s, &sum);
	}
	return end() || !sum;
}

static int pktgen(void)
{
	int fd = open("/proc/net/pktgen/pgctrl", O_WRONLY);

	if (fd < 0)
		return fail("pktgen");
	if (begin())
		return 1;
	if (write(fd, "start\n", 6) != 6)
		return fail("pktgen");
	return end();
}

/* TCP */

static int write_bytes(int fd, long long bytes)
{
	ssize_t put;

	for (; bytes > 0; bytes -= put) {
		put = write(fd, chunk, bytes < CHUNK ? bytes : CHUNK);
		if (put <= 0)
			return fail("send");
	}
	return 0;
}

static int read_bytes(int fd, long long bytes)
{
	ssize_t got;

	for (; bytes > 0; bytes -= got) {
		got = read(fd, chunk, bytes < CHUNK ? bytes : CHUNK);
		if (got <= 0)
			return fail("receive");
	}
	return 0;
}

static int tcp_send(const char *host, const char *port, long long warm,
		    long long bytes)
{
	int fd = connected(SOCK_STREAM, host, port);

	if (write_bytes(fd, warm) || begin() || write_bytes(fd, bytes))
		return 1;
	shutdown(fd, SHUT_WR);
	if (read(fd, chunk, 1))
		return fail("the peer's end");
	return end();
}

static int tcp_recv(const char *host, const char *port, long long warm)
{
	int listener = bound(SOCK_STREAM, host, port);
	ssize_t got;
	int fd;

	if (ask_command())
		return 1;
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		return fail("accept");
	if (read_bytes(fd, warm) || mark("b"))
		return 1;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		;
	if (got < 0)
		return fail("receive");
	close(fd);
	return end();
}

static int tcp_echo(const char *host, const char *port)
{
	struct pollfd fds[SESSIONS_MAX + 1] = {
		{ bound(SOCK_STREAM, host, port), POLLIN, 0 },
	};
	int count = 1, one = 1, i;

	for (;;) {
		if (poll(fds, count, -1) < 0)
			return fail("poll");
		for (i = count - 1; i > 0; i--) {
			ssize_t got;

			if (!fds[i].revents)
				continue;
			got = read(fds[i].fd, chunk, sizeof(chunk));
			if (got > 0 && write(fds[i].fd, chunk, got) == got)
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (!fds[0].revents || count > SESSIONS_MAX)
			continue;
		i = accept(fds[0].fd, NULL, NULL);
		setsockopt(i, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (i >= 0)
			fds[count++] = (struct pollfd){ i, POLLIN, 0 };
	}
}

/* Each session has one request under way; done when every one had count. */
static int exchange(struct pollfd *fds, int sessions, long count)
{
	long left[SESSIONS_MAX];
	int busy = sessions, i;

	for (i = 0; i < sessions; i++) {
		left[i] = count;
		if (write(fds[i].fd, "q", 1) != 1)
			return fail("request");
	}
	while (busy) {
		if (poll(fds, sessions, RECEIVE_TIMEOUT * 1000) <= 0)
			return fail("no answer");
		for (i = 0; i < sessions; i++) {
			if (!fds[i].revents)
				continue;
			if (read(fds[i].fd, chunk, 1) != 1)
				return fail("answer");
			if (!--left[i])
				busy--;
			else if (write(fds[i].fd, "q", 1) != 1)
				return fail("request");
		}
	}
	return 0;
}

static int tcp_rr(const char *host, const char *port, int sessions, long count)
{
	struct pollfd fds[SESSIONS_MAX];
	int one = 1, i;

	if (sessions < 1 || sessions > SESSIONS_MAX)
		return 2;
	for (i = 0; i < sessions; i++) {
		fds[i].fd = connected(SOCK_STREAM, host, port);
		fds[i].events = POLLIN;
		setsockopt(fds[i].fd, IPPROTO_TCP, TCP_NODELAY, &one,
			   sizeof(one));
	}
	return exchange(fds, sessions, RR_WARM_UP) || begin() ||
	       exchange(fds, sessions, count) || end();
}

static int usage(void)
{
	fputs("usage: load [-m LABEL] [-c COMMAND] [-s MS] VERB..., see its "
	      "source\n", stderr);
	return 2;
}

static int run(const char *verb, int argc, char **argv)
{
	if (!strcmp(verb, "udp-send") && argc == 6)
		return udp_send(argv[0], argv[1], atol(argv[2]), atol(argv[3]),
				atoi(argv[4]), atoi(argv[5]));
	if (!strcmp(verb, "udp-recv") && argc == 3)
		return udp_recv(argv[0], argv[1], atol(argv[2]));
	if (!strcmp(verb, "wait-rx") && argc == 2)
		return wait_for(argv[0], NULL, atol(argv[1]));
	if (!strcmp(verb, "wait-xdp") && argc == 3)
		return wait_xdp(argv[0], argv[1], atol(argv[2]));
	if (!strcmp(verb, "xsk-send") && argc == 4)
		return xsk_send(argv[0], argv[1], atol(argv[2]), atol(argv[3]));
	if (!strcmp(verb, "xsk-recv") && argc == 3)
		return xsk_recv(argv[0], argv[1], atol(argv[2]));
	if (!strcmp(verb, "pktgen") && !argc)
		return pktgen();
	if (!strcmp(verb, "tcp-send") && argc == 4)
		return tcp_send(argv[0], argv[1], atoll(argv[2]),
				atoll(argv[3]));
	if (!strcmp(verb, "tcp-recv") && argc == 3)
		return tcp_recv(argv[0], argv[1], atoll(argv[2]));
	if (!strcmp(verb, "tcp-echo") && argc == 2)
		return tcp_echo(argv[0], argv[1]);
	if (!strcmp(verb, "tcp-rr") && argc == 4)
		return tcp_rr(argv[0], argv[1], atoi(argv[2]), atol(argv[3]));
	if (!strcmp(verb, "nothing") && !argc)
		return begin() || end();
	return usage();
}

int main(int argc, char **argv)
{
	int option;

	signal(SIGPIPE, SIG_IGN);
	memset(chunk, 1, sizeof(chunk));
	while ((option = getopt(argc, argv, "+m:c:s:")) >= 0) {
		if (option == 'm')
			mark_label = optarg;
		else if (option == 'c')
			command = optarg;
		else if (option == 's')
			settle_ms = atoi(optarg);
		else
			return usage();
	}
	if (optind == argc)
		return usage();
	if ((mark_label || command) && (!hvport_open() || !hvport_present()))
		return fail("hvhost's ports");
	return run(argv[optind], argc - optind - 1, argv + optind + 1);
}
