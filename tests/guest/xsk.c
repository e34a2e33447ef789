// SPDX-License-Identifier: GPL-2.0
/*
 * xsk - AF_XDP sockets that check what they are given
 *
 *	xsk [-c] [-w] [-q QUEUES] [-f BYTES] VERB
 *
 *	exchange DEVICE COUNT SIZE	UDP to an echo, and back again; 0: of all sizes
 *	receive DEVICE COUNT		what a source of hvhost sends
 *	forward DEVICE TO COUNT		the same, to an echo, and back again
 *	answer DEVICE			pings, until SIGTERM
 *
 * One socket a queue, with memory of its own, in chunks of BYTES (2048). They are
 * bound in zero-copy mode, or with -c in copy mode. Without -w the kernel is
 * called for each batch; with it, when it asks for that.
 *
 * "ready" is printed when frames can come, and one line of counters at the end.
 * Each byte of a frame is compared, each number may come once, and the kernel
 * has to give back what it was given to send, in that order.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <time.h>

#include "afxdp.h"

#define QUEUES_MAX	16
#define FRAMES		512
#define BATCH		32
#define WINDOW		128		/* frames on their way, in all */
#define PATIENCE_S	20
#define FLOWS		64

#define ETH_BYTES	14
#define IP_AT		ETH_BYTES
#define L4_AT		(IP_AT + 20)
#define NUMBER_AT	(L4_AT + 8)
#define HEADERS		(NUMBER_AT + 4)
#define ICMP_END	(L4_AT + 8)
#define PORT		10000

struct queue {
	struct afxdp s;
	uint64_t sent[FRAMES];	/* with the kernel, in their order */
	uint32_t head, tail;
	uint64_t spare[FRAMES];	/* of memory for frames to be sent */
	uint32_t spares;
};

static struct queue queues[QUEUES_MAX];
static struct afxdp sockets[QUEUES_MAX];
static struct afxdp_shape shape = {
	.chunk = 2048, .frames = FRAMES, .received = FRAMES / 2,
	.mode = XDP_ZEROCOPY,
};
static unsigned int num_queues = 1;
static unsigned long received, bad, disorder, repeated;
static uint8_t own[6];
static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static unsigned int find(const char *name)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		afxdp_die(name);
	memcpy(own, request.ifr_hwaddr.sa_data, 6);
	close(fd);
	return if_nametoindex(name);
}

static uint16_t sum16(const uint8_t *data, unsigned int len)
{
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	if (len & 1)
		sum += (uint32_t)data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static unsigned int get16(const uint8_t *from)
{
	return (unsigned int)from[0] << 8 | from[1];
}

static uint32_t get32(const uint8_t *from)
{
	return (uint32_t)get16(from) << 16 | get16(from + 2);
}

static void swap(uint8_t *one, uint8_t *other, unsigned int len)
{
	while (len--) {
		uint8_t kept = *one;

		*one++ = *other;
		*other++ = kept;
	}
}

static uint8_t pattern(uint32_t number, unsigned int at)
{
	return (uint8_t)(number * 37 + at * 11 + (at >> 8));
}

static void open_queue(struct queue *q, unsigned int device, unsigned int queue)
{
	unsigned int i;

	afxdp_open(&q->s, device, queue, &shape);
	if (afxdp_is_zero_copy(&q->s) != !!(shape.mode & XDP_ZEROCOPY)) {
		fprintf(stderr, "xsk: queue %u: not this mode\n", queue);
		exit(1);
	}
	for (i = shape.received; i < FRAMES; i++)
		q->spare[q->spares++] = (uint64_t)i * shape.chunk;
}

static void ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

static void open_queues(unsigned int device, int protocol)
{
	unsigned int i;

	for (i = 0; i < num_queues; i++) {
		open_queue(&queues[i], device, i);
		sockets[i] = queues[i].s;
	}
	afxdp_steer(sockets, num_queues, device, protocol);
	ready();
}

static void queue_send(struct queue *q, uint64_t address, uint32_t len)
{
	q->sent[q->head++ % FRAMES] = address;
	afxdp_send(&q->s, address, len);
}

/* The address of the next frame that the kernel has sent, or false. */
static bool queue_done(struct queue *q, uint64_t *address)
{
	if (!afxdp_filled(&q->s.done))
		return false;
	*address = *afxdp_address(&q->s.done, *q->s.done.consumer);
	afxdp_advance(q->s.done.consumer, 1);
	if (q->tail == q->head || q->sent[q->tail % FRAMES] != *address)
		disorder++;
	q->tail++;
	return true;
}

/* The next received frame, or false. */
static bool queue_receive(struct queue *q, struct xdp_desc *desc)
{
	if (!afxdp_filled(&q->s.rx))
		return false;
	*desc = *afxdp_desc(&q->s.rx, *q->s.rx.consumer);
	afxdp_advance(q->s.rx.consumer, 1);
	received++;
	return true;
}

static void make_frame(uint8_t *to, uint32_t number, unsigned int size)
{
	static const uint8_t ip[] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17,
				      0, 0, 10, 77, 9, 2, 10, 77, 9, 9 };
	static const uint8_t peer[] = { 2, 0, 0, 0, 0, 9 };
	unsigned int at;

	memcpy(to, peer, 6);
	memcpy(to + 6, own, 6);
	put16(to + 12, 0x0800);
	memcpy(to + IP_AT, ip, sizeof(ip));
	put16(to + IP_AT + 2, size - ETH_BYTES);
	put16(to + IP_AT + 10, sum16(to + IP_AT, sizeof(ip)));
	put16(to + L4_AT, PORT + number % FLOWS);
	put16(to + L4_AT + 2, 7);
	put16(to + L4_AT + 4, size - L4_AT);
	put16(to + L4_AT + 6, 0);
	put16(to + NUMBER_AT, number >> 16);
	put16(to + NUMBER_AT + 2, number);
	for (at = HEADERS; at < size; at++)
		to[at] = pattern(number, at);
}

/* Of all sizes, long and short ones by turns. */
static unsigned int size_of(uint32_t number, unsigned int size)
{
	return size ? size : 64 + number * 797 % 1451;
}

/* What comes back has addresses and ports exchanged, and nothing else. */
static bool is_echo(const uint8_t *frame, uint32_t len, unsigned int size,
		    uint32_t *number)
{
	static uint8_t wanted[65536];

	if (len < HEADERS)
		return false;
	*number = get32(frame + NUMBER_AT);
	size = size_of(*number, size);
	if (len != size)
		return false;
	make_frame(wanted, *number, size);
	swap(wanted, wanted + 6, 6);
	swap(wanted + IP_AT + 12, wanted + IP_AT + 16, 4);
	swap(wanted + L4_AT, wanted + L4_AT + 2, 2);
	return !memcmp(wanted, frame, size);
}

/* Notes that a number came; false if it had come before, or cannot be. */
static bool note(uint8_t *seen, uint32_t number, uint32_t count)
{
	if (number >= count)
		return false;
	if (seen[number]) {
		repeated++;
		return false;
	}
	seen[number] = 1;
	return true;
}

static void reap(struct queue *q)
{
	uint64_t address;

	while (queue_done(q, &address))
		q->spare[q->spares++] = address;
}

static void take_echoes(struct queue *q, uint8_t *seen, uint32_t count,
			unsigned int size)
{
	struct xdp_desc desc;
	uint32_t number;

	while (queue_receive(q, &desc)) {
		if (!is_echo(q->s.memory + desc.addr, desc.len, size,
			     &number) || !note(seen, number, count))
			bad++;
		afxdp_give(&q->s, desc.addr / shape.chunk * shape.chunk);
	}
}

static uint32_t send_batch(uint32_t next, uint32_t count, unsigned int size)
{
	struct queue *q = &queues[next / BATCH % num_queues];
	uint32_t end = next + BATCH < count ? next + BATCH : count;

	while (next < end && q->spares && afxdp_room(&q->s.tx)) {
		uint64_t address = q->spare[--q->spares];

		make_frame(q->s.memory + address, next, size_of(next, size));
		queue_send(q, address, size_of(next, size));
		next++;
	}
	return next;
}

static unsigned long on_their_way(void)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < num_queues; i++)
		sum += queues[i].head - queues[i].tail;
	return sum;
}

static void kick_all(void)
{
	unsigned int i;

	for (i = 0; i < num_queues; i++) {
		if (queues[i].head != queues[i].tail)
			afxdp_kick(&queues[i].s);
	}
}

static int report(bool good)
{
	unsigned long kicks = 0, sent = 0;
	unsigned int i;

	for (i = 0; i < num_queues; i++) {
		kicks += queues[i].s.kicks;
		sent += queues[i].head;
	}
	printf("sent=%lu received=%lu bad=%lu repeated=%lu disorder=%lu unsent=%lu kicks=%lu\n",
	       sent, received, bad, repeated, disorder, on_their_way(), kicks);
	return !(good && !bad && !repeated && !disorder);
}

static int exchange(unsigned int device, uint32_t count, unsigned int size)
{
	uint8_t *seen = calloc(count, 1);
	time_t limit = time(NULL) + PATIENCE_S;
	unsigned long before = 0;
	uint32_t next = 0;
	unsigned int i;

	open_queues(device, 17);
	while (!stopped && (received < count || on_their_way())) {
		if (next < count && next - received < WINDOW)
			next = send_batch(next, count, size);
		kick_all();
		for (i = 0; i < num_queues; i++) {
			reap(&queues[i]);
			take_echoes(&queues[i], seen, count, size);
		}
		if (received != before)
			limit = time(NULL) + PATIENCE_S;
		else if (time(NULL) > limit)
			break;
		else
			usleep(100);
		before = received;
	}
	return report(received == count && !on_their_way());
}

/* A source numbers its frames; the rest of their payload is zero. */
static bool is_numbered(const uint8_t *frame, uint32_t len, uint32_t *number)
{
	uint32_t at;

	if (len < NUMBER_AT + 8)
		return false;
	*number = get32(frame + NUMBER_AT + 4);
	for (at = NUMBER_AT + 8; at < len; at++) {
		if (frame[at])
			return false;
	}
	return !memcmp(frame, own, 6) &&
	       get16(frame + IP_AT + 2) == len - ETH_BYTES &&
	       !sum16(frame + IP_AT, 20);
}

static void take_numbered(struct queue *q, uint8_t *seen, uint32_t count)
{
	struct xdp_desc desc;
	uint32_t number;

	while (queue_receive(q, &desc)) {
		if (is_numbered(q->s.memory + desc.addr, desc.len, &number))
			note(seen, number % count, count);
		else
			bad++;
		afxdp_give(&q->s, desc.addr / shape.chunk * shape.chunk);
	}
}

/* Of COUNT frames in a row, the numbers differ by the remainder. */
static int receive(unsigned int device, uint32_t count)
{
	struct pollfd fds[QUEUES_MAX];
	uint8_t *seen = calloc(count, 1);
	unsigned int i;

	open_queues(device, 17);
	for (i = 0; i < num_queues; i++)
		fds[i] = (struct pollfd){ queues[i].s.fd, POLLIN, 0 };
	while (!stopped && received < count) {
		if (poll(fds, num_queues, PATIENCE_S * 1000) <= 0)
			break;
		for (i = 0; i < num_queues; i++)
			take_numbered(&queues[i], seen, count);
	}
	return report(received == count);
}

/* From one queue to the other, as the other's own. */
static void forward_queue(struct queue *from, struct queue *to)
{
	static const uint8_t peer[] = { 2, 0, 0, 0, 0, 9 };
	struct xdp_desc desc;
	uint64_t address;

	while (to->spares && queue_receive(from, &desc)) {
		address = to->spare[--to->spares];
		memcpy(to->s.memory + address, from->s.memory + desc.addr,
		       desc.len);
		memcpy(to->s.memory + address, peer, sizeof(peer));
		memcpy(to->s.memory + address + 6, own, sizeof(own));
		queue_send(to, address, desc.len);
		afxdp_give(&from->s, desc.addr / shape.chunk * shape.chunk);
	}
	reap(to);
}

static int forward(unsigned int device, const char *other, uint32_t count)
{
	unsigned int to = find(other);
	struct queue *in = &queues[0], *out = &queues[1];
	uint8_t *seen = calloc(count, 1);
	struct pollfd fds[2];

	open_queue(in, device, 0);
	open_queue(out, to, 0);
	afxdp_steer(&in->s, 1, device, 17);
	afxdp_steer(&out->s, 1, to, 17);
	num_queues = 2;
	ready();
	fds[0] = (struct pollfd){ in->s.fd, POLLIN, 0 };
	fds[1] = (struct pollfd){ out->s.fd, POLLIN, 0 };
	while (!stopped && received < 2 * count) {
		if (poll(fds, 2, PATIENCE_S * 1000) <= 0)
			break;
		forward_queue(in, out);
		afxdp_kick(&out->s);
		take_numbered(out, seen, count);
	}
	return report(received == 2 * count);
}

static bool make_answer(uint8_t *frame, uint32_t len)
{
	uint32_t sum;

	if (len < ICMP_END || frame[L4_AT] != 8)
		return false;
	swap(frame, frame + 6, 6);
	swap(frame + IP_AT + 12, frame + IP_AT + 16, 4);
	frame[L4_AT] = 0;
	sum = get16(frame + L4_AT + 2) + 0x0800;
	put16(frame + L4_AT + 2, (sum & 0xffff) + (sum >> 16));
	return true;
}

/* A frame is answered where it lies, and received into again when it has left. */
static void answer_queue(struct queue *q)
{
	struct xdp_desc desc;
	uint64_t address;

	while (queue_done(q, &address))
		afxdp_give(&q->s, address / shape.chunk * shape.chunk);
	while (queue_receive(q, &desc)) {
		if (make_answer(q->s.memory + desc.addr, desc.len))
			queue_send(q, desc.addr, desc.len);
		else
			afxdp_give(&q->s, desc.addr / shape.chunk * shape.chunk);
	}
}

static int answer(unsigned int device)
{
	struct pollfd fds[QUEUES_MAX];
	unsigned int i;

	open_queues(device, 1);
	for (i = 0; i < num_queues; i++)
		fds[i] = (struct pollfd){ queues[i].s.fd, POLLIN, 0 };
	while (!stopped) {
		poll(fds, num_queues, on_their_way() ? 1 : 100);
		for (i = 0; i < num_queues; i++)
			answer_queue(&queues[i]);
		kick_all();
	}
	return report(true);
}

static int usage(void)
{
	fputs("usage: xsk [-c] [-w] [-q QUEUES] [-f BYTES] VERB..., see its source\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned int wakeup = 0;
	int option;

	while ((option = getopt(argc, argv, "+cwq:f:")) >= 0) {
		if (option == 'c')
			shape.mode = XDP_COPY;
		else if (option == 'w')
			wakeup = XDP_USE_NEED_WAKEUP;
		else if (option == 'q')
			num_queues = (unsigned int)atoi(optarg);
		else if (option == 'f')
			shape.chunk = (unsigned int)atoi(optarg);
		else
			return usage();
	}
	argc -= optind;
	argv += optind;
	if (argc < 2 || !num_queues || num_queues > QUEUES_MAX)
		return usage();
	shape.mode |= wakeup;
	signal(SIGTERM, stop);
	if (!strcmp(argv[0], "exchange") && argc == 4)
		return exchange(find(argv[1]), (uint32_t)atol(argv[2]),
				(unsigned int)atoi(argv[3]));
	if (!strcmp(argv[0], "receive") && argc == 3)
		return receive(find(argv[1]), (uint32_t)atol(argv[2]));
	if (!strcmp(argv[0], "forward") && argc == 4)
		return forward(find(argv[1]), argv[2], (uint32_t)atol(argv[3]));
	if (!strcmp(argv[0], "answer"))
		return answer(find(argv[1]));
	return usage();
}
