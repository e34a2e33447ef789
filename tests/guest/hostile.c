// SPDX-License-Identifier: GPL-2.0
/*
 * hostile - seeds of attacks, one after the other, on several NICs at once
 *
 *	hostile NICS MASK FIRST COUNT	seeds FIRST to FIRST + COUNT - 1
 *	hostile NICS MASK NAME...	attacks by their names; all must take place
 *
 * NICs 1 to NICS of the host are not offered when this starts. For each seed the
 * host offers one of them while it attacks; the guest brings it up and uses it,
 * whatever comes of that; then the host takes it away, and it must go within a
 * bound. With a mask of 0 it attacks nobody, and must work. Meanwhile the honest
 * NIC 0 answers pings, and the kernel's log stays clean. Exit status: 0 if all of
 * that held.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <pthread.h>
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvport.h"

#define NICS_MAX	8
#define NAME_MAX_LEN	40

/*
 * How long a seed may use its NIC; most are done long before. An attack with a
 * name must take place, so it has more time.
 */
#define USE_MS		4000
#define APPEAR_MS	2000
#define NAMED_TIMES	4
#define SLOW_TIMES	2
#define GONE_MS		20000
/* The honest NIC may be late, when the one processor has much else to do. */
#define QUIET_MS	5000
#define PING_EVERY_MS	50

struct shared {
	pthread_mutex_t ask;
	atomic_uint next;
	atomic_bool failed;
	atomic_bool done;
	atomic_uint seeds, came_up, worked, planned, carried_out;
	atomic_uint worst_gone_ms;
	atomic_ulong pings, replies;
	atomic_llong last_reply, longest_quiet;
	char current[NICS_MAX + 1][NAME_MAX_LEN];
};

static struct shared *shared;
static const char *mask;
static char **names;			/* or NULL */
static unsigned long long first;
static unsigned int count;

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static void nap(unsigned int ms)
{
	usleep(ms * 1000);
}

/* Asks the host; true if it says ok. What it says is in answer. */
static bool ask(char *answer, size_t room, const char *fmt, ...)
{
	char command[128];
	va_list args;
	size_t len;
	int got;

	va_start(args, fmt);
	len = vsnprintf(command, sizeof(command) - 1, fmt, args);
	va_end(args);
	command[len++] = '\n';
	pthread_mutex_lock(&shared->ask);
	got = hvport_ask(command, len, answer, room);
	pthread_mutex_unlock(&shared->ask);
	return got >= 2 && !strncmp(answer, "ok", 2);
}

/* On the host's console, where it stays if the guest does not live on. */
static void tell(const char *fmt, ...)
{
	char text[160];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pthread_mutex_lock(&shared->ask);
	hvport_write(PORT_CONSOLE, text, len);
	pthread_mutex_unlock(&shared->ask);
}

/* The first failure ends the campaign: what follows it would prove nothing. */
static void fail(const char *what, const char *seed)
{
	char answer[2048];
	unsigned int i;

	if (atomic_exchange(&shared->failed, true))
		return;
	/* For the script, which had better not touch the NIC again. */
	close(creat("/run/hostile-stuck", 0644));
	printf("seed %s: %s\n", seed, what);
	for (i = 1; i <= NICS_MAX; i++) {
		if (!*shared->current[i])
			continue;
		ask(answer, sizeof(answer), "attacks %s", shared->current[i]);
		printf("NIC %u was under seed %s: %s", i, shared->current[i],
		       answer);
		ask(answer, sizeof(answer), "attack %u", i);
		printf("NIC %u: %s", i, answer);
	}
	printf(names ? "to repeat it: make scenario S=host-holes ATTACKS=%s\n" :
	       "to repeat it: make scenario S=host-hostile SEED=%s SEEDS=1; with MASK=1, 2, 4 or 8 one of its attacks alone\n",
	       seed);
	fflush(stdout);
}

/* The kernel's log. */

static bool is_report(const char *line)
{
	static const char *const signs[] = {
		"WARNING:", "BUG:", "Call Trace", "Oops", "refcount_t",
		"general protection", "soft lockup", "hard LOCKUP",
		"blocked for more than", "detected stall", "KASAN", "UBSAN",
		"possible recursive locking", "possible circular locking",
		"inconsistent lock state", "suspicious RCU", "kernel BUG",
		"unable to handle", "double fault", "list_add corruption",
		"list_del corruption", "scheduling while atomic",
		"self-detected stall", "stack-protector", "kmemleak",
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* Reads on; prints a report and all behind it. True if there was one. */
static bool look_at_log(int log)
{
	bool found = false;
	char line[2048];
	ssize_t len;

	while ((len = read(log, line, sizeof(line) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		line[len] = '\0';
		if (!found && !is_report(line))
			continue;
		found = true;
		/* Behind the head of priority and time. */
		fputs(strchr(line, ';') ? strchr(line, ';') + 1 : line, stdout);
	}
	return found;
}

/* The honest NIC. */

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *word++;
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static void take_replies(int fd, long long until)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	long long now, quiet;
	char bytes[256];

	while ((now = now_ms()) < until) {
		if (poll(&poll_fd, 1, until - now) != 1 ||
		    recv(fd, bytes, sizeof(bytes), 0) < 28 ||
		    bytes[20] != ICMP_ECHOREPLY)
			continue;
		now = now_ms();
		quiet = now - shared->last_reply;
		if (quiet > shared->longest_quiet)
			shared->longest_quiet = quiet;
		shared->last_reply = now;
		shared->replies++;
	}
}

static void ping_for_ever(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	struct {
		struct icmphdr head;
		char data[56];
	} packet = { .head.type = ICMP_ECHO };
	uint16_t sequence = 0;

	inet_pton(AF_INET, "10.77.0.1", &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5);
	shared->last_reply = now_ms();
	while (!shared->done) {
		packet.head.un.echo.sequence = htons(++sequence);
		packet.head.checksum = 0;
		packet.head.checksum = checksum(&packet, sizeof(packet));
		if (sendto(fd, &packet, sizeof(packet), 0,
			   (struct sockaddr *)&to, sizeof(to)) > 0)
			shared->pings++;
		take_replies(fd, now_ms() + PING_EVERY_MS);
	}
	take_replies(fd, now_ms() + 500);
	_exit(0);
}

/* The attacked NIC, as far as it comes. */

static void device_path(char *path, size_t room, unsigned int nic,
			const char *below)
{
	snprintf(path, room,
		 "/sys/bus/vmbus/devices/%08x-7a1c-425e-b00d-5c932e71d846%s",
		 nic, below);
}

static bool device_there(unsigned int nic)
{
	char path[128];

	device_path(path, sizeof(path), nic, "");
	return !access(path, F_OK);
}

/* The name of the NIC's interface; false if it has none. */
static bool interface_name(unsigned int nic, char *name)
{
	struct dirent *entry;
	char path[128];
	DIR *dir;

	device_path(path, sizeof(path), nic, "/net");
	dir = opendir(path);
	if (!dir)
		return false;
	*name = '\0';
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.')
			snprintf(name, IFNAMSIZ, "%.15s", entry->d_name);
	closedir(dir);
	return *name;
}

/* A kernel with lockdep and its like takes its time. */
static unsigned int limit_ms(unsigned int ms)
{
	static int slow = -1;

	if (slow < 0)
		slow = !access("/proc/lockdep_stats", F_OK);
	if (slow)
		ms *= SLOW_TIMES;
	return names ? NAMED_TIMES * ms : ms;
}

/* False too when the driver has given up, which is earlier. */
static bool wait_for_interface(unsigned int nic, char *name)
{
	long long end = now_ms() + limit_ms(APPEAR_MS);
	bool tried = false;
	char path[128];

	device_path(path, sizeof(path), nic, "/driver");
	while (!interface_name(nic, name)) {
		bool bound = !access(path, F_OK);

		if (now_ms() > end || (tried && !bound))
			return false;
		tried = bound;
		nap(10);
	}
	return true;
}

struct use {
	int fd;				/* for ioctl() */
	unsigned int nic;
	char name[IFNAMSIZ];
	struct ifreq request;
	uint64_t chance;
};

static unsigned int chance(struct use *use, unsigned int limit)
{
	use->chance = use->chance * 6364136223846793005ull + 1442695040888963407ull;
	return (use->chance >> 33) % limit;
}

static struct ifreq *request(struct use *use)
{
	memset(&use->request, 0, sizeof(use->request));
	memcpy(use->request.ifr_name, use->name, IFNAMSIZ);
	return &use->request;
}

static struct sockaddr_in address(unsigned int nic, unsigned int last,
				  unsigned int port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(10u << 24 | 77u << 16 | nic << 8 |
					 last),
	};

	return at;
}

static void set_up(struct use *use, bool up)
{
	struct ifreq *ifr = request(use);

	ifr->ifr_flags = up ? IFF_UP : 0;
	ioctl(use->fd, SIOCSIFFLAGS, ifr);
}

static void give_address(struct use *use)
{
	struct sockaddr_in at = address(use->nic, 2, 0);
	struct ifreq *ifr = request(use);

	memcpy(&ifr->ifr_addr, &at, sizeof(at));
	ioctl(use->fd, SIOCSIFADDR, ifr);
	ifr = request(use);
	at = address(use->nic, 0, 0);
	at.sin_addr.s_addr = htonl(0xffffff00);
	memcpy(&ifr->ifr_netmask, &at, sizeof(at));
	ioctl(use->fd, SIOCSIFNETMASK, ifr);
}

/* Datagrams come back by way of the host's mirror, or they do not: how many. */
static unsigned int use_datagrams(struct use *use)
{
	struct sockaddr_in to = address(use->nic, 1, 7);
	const struct timeval limit = { .tv_usec = 30000 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char bytes[4096] = { 0 };
	unsigned int i;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (i = 0; i < 24; i++)
		sendto(fd, bytes, 1 + chance(use, i % 8 ? 1400 : 4000),
		       MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
	for (i = 0; i < 24; i++)
		if (recv(fd, bytes, sizeof(bytes), 0) < 0)
			break;
	close(fd);
	return i;
}

/* A mirror makes a connection with itself. */
static void use_stream(struct use *use)
{
	struct sockaddr_in to = address(use->nic, 1, 4000);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	static char bytes[65536];
	long long end = now_ms() + 150;

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) &&
	    errno == EINPROGRESS)
		poll(&poll_fd, 1, 100);
	poll_fd.events = POLLIN;
	while (now_ms() < end) {
		if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) < 0 &&
		    errno != EAGAIN)
			break;
		poll(&poll_fd, 1, 10);
		recv(fd, bytes, sizeof(bytes), 0);
	}
	close(fd);
}

static void use_ethtool(struct use *use, void *command)
{
	struct ifreq *ifr = request(use);

	ifr->ifr_data = command;
	ioctl(use->fd, SIOCETHTOOL, ifr);
}

static void use_channels(struct use *use)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	use_ethtool(use, &channels);
	channels.cmd = ETHTOOL_SCHANNELS;
	channels.combined_count = 1 + chance(use, 4);
	use_ethtool(use, &channels);
}

static void use_ring(struct use *use)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };

	use_ethtool(use, &ring);
	ring.cmd = ETHTOOL_SRINGPARAM;
	ring.rx_pending = ring.rx_max_pending / (1 + chance(use, 4));
	use_ethtool(use, &ring);
}

static void use_statistics(struct use *use)
{
	static uint64_t room[8192];
	struct ethtool_stats *stats = (struct ethtool_stats *)room;

	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = 4000;
	use_ethtool(use, stats);
}

static void use_mtu(struct use *use)
{
	struct ifreq *ifr = request(use);

	ifr->ifr_mtu = 576 + chance(use, 8500);
	ioctl(use->fd, SIOCSIFMTU, ifr);
}

static void use_down(struct use *use)
{
	set_up(use, false);
	set_up(use, true);
}

enum outcome {
	WORKED,				/* to the end */
	CAME_UP,
	NEVER_CAME,
};

static enum outcome use_nic(unsigned int nic, uint64_t seed)
{
	static void (*const uses[])(struct use *use) = {
		use_stream, use_channels, use_mtu, use_down, use_statistics,
		use_stream, use_channels, use_ring,
	};
	struct use use = { .nic = nic, .chance = seed };
	unsigned int i, answers;

	if (!wait_for_interface(nic, use.name))
		return NEVER_CAME;
	use.fd = socket(AF_INET, SOCK_DGRAM, 0);
	give_address(&use);
	set_up(&use, true);
	answers = use_datagrams(&use);
	for (i = 0; i < 2; i++) {
		uses[chance(&use, sizeof(uses) / sizeof(uses[0]))](&use);
		answers = use_datagrams(&use);
	}
	return answers ? WORKED : CAME_UP;
}

/* Waits for the child; false if it has not come to its end in that time. */
static bool wait_child(pid_t child, unsigned int ms, int *status)
{
	long long end = now_ms() + ms;

	while (waitpid(child, status, WNOHANG) != child) {
		if (now_ms() > end)
			return false;
		nap(10);
	}
	return true;
}

/* The guest may hold on to its number for longer than the device is there. */
static bool let_go(unsigned int nic)
{
	char answer[512];

	return !device_there(nic) &&
	       ask(answer, sizeof(answer), "channels %u", nic) &&
	       strstr(answer, " 0.state=unoffered");
}

static bool wait_gone(unsigned int nic)
{
	long long begin = now_ms();
	unsigned int took;

	while (!let_go(nic)) {
		if (now_ms() - begin > GONE_MS)
			return false;
		nap(10);
	}
	took = now_ms() - begin;
	if (took > shared->worst_gone_ms)
		shared->worst_gone_ms = took;
	return true;
}

/* How many attacks there were, and how many of them were carried out. */
static void take_account(unsigned int nic)
{
	char answer[512], *at = answer;

	ask(answer, sizeof(answer), "attack %u", nic);
	while ((at = strstr(at, ".done="))) {
		at += strlen(".done=");
		shared->planned++;
		shared->carried_out += atoi(at) > 0;
	}
}

static void run_seed(unsigned int nic, const char *seed, int log)
{
	char answer[512];
	bool ended;
	int status;
	pid_t child;

	snprintf(shared->current[nic], NAME_MAX_LEN, "%s", seed);
	tell("NIC %u: seed %s\n", nic, seed);
	if (!ask(answer, sizeof(answer), "attack %u %s %s", nic, seed, mask) ||
	    !ask(answer, sizeof(answer), "nic offer %u", nic)) {
		printf("the host refuses: %s", answer);
		fail("it cannot be run", seed);
		return;
	}
	child = fork();
	if (!child)
		_exit(use_nic(nic, strtoull(seed, NULL, 10)));
	ended = wait_child(child, limit_ms(USE_MS), &status);
	if (ended && WIFEXITED(status)) {
		shared->came_up += WEXITSTATUS(status) != NEVER_CAME;
		shared->worked += WEXITSTATUS(status) == WORKED;
	}
	/* One that was taken away already is not there to be. */
	ask(answer, sizeof(answer), "nic rescind %u%s", nic,
	    ended && seed[strlen(seed) - 1] == '7' ? "" : " now");
	if (!wait_gone(nic))
		fail("the NIC was taken away, but did not go", seed);
	if (!ended) {
		kill(child, SIGKILL);
		if (!wait_child(child, GONE_MS, &status))
			fail("who used the NIC is stuck in the kernel", seed);
	}
	take_account(nic);
	ask(answer, sizeof(answer), "attack %u off", nic);
	if (look_at_log(log))
		fail("the kernel complains", seed);
	if (now_ms() - shared->last_reply > QUIET_MS)
		fail("the honest NIC gets no answers any more", seed);
	shared->seeds++;
	*shared->current[nic] = '\0';
}

static void run_seeds(unsigned int nic)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char seed[NAME_MAX_LEN];
	unsigned int i;

	lseek(log, 0, SEEK_END);
	while (!shared->failed && (i = shared->next++) < count) {
		if (names)
			snprintf(seed, sizeof(seed), "%s", names[i]);
		else
			snprintf(seed, sizeof(seed), "%llu", first + i);
		run_seed(nic, seed, log);
	}
	fflush(stdout);
	_exit(0);
}

static bool make_shared(void)
{
	pthread_mutexattr_t attr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return false;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	return !pthread_mutex_init(&shared->ask, &attr);
}

static bool judge(long long took_ms)
{
	bool good = !shared->failed;

	printf("%u seeds in %lld.%lld s; %u came as far as traffic, and of these %u worked to the end; %u of %u attacks took place; the slowest NIC went in %u ms\n",
	       shared->seeds, took_ms / 1000, took_ms % 1000 / 100,
	       shared->came_up, shared->worked, shared->carried_out, shared->planned,
	       shared->worst_gone_ms);
	printf("the honest NIC: %lu of %lu pings were answered, never none for more than %lld ms\n",
	       shared->replies, shared->pings, (long long)shared->longest_quiet);
	if (shared->seeds != count && good) {
		printf("not all seeds were run\n");
		good = false;
	}
	if (shared->longest_quiet > QUIET_MS ||
	    shared->replies * 100 < shared->pings * 98) {
		printf("the honest NIC lost too much\n");
		good = false;
	}
	if (!strcmp(mask, "0") && shared->worked != count) {
		printf("a NIC that nobody attacks does not work\n");
		good = false;
	}
	if (names && strcmp(mask, "0") &&
	    shared->carried_out != shared->planned) {
		printf("not all attacks took place\n");
		good = false;
	}
	/* A campaign that attacks nobody would succeed always. */
	if (count >= 50 && (shared->carried_out * 2 < shared->planned ||
			    shared->came_up * 3 < count)) {
		printf("too few attacks took place\n");
		good = false;
	}
	return good;
}

int main(int argc, char **argv)
{
	unsigned int nics, i;
	pid_t children[NICS_MAX];
	long long begin;
	pid_t pinger;
	int status;

	if (argc < 4 || !make_shared() || !hvport_open()) {
		fprintf(stderr, "usage: hostile NICS MASK FIRST COUNT | NAME...\n");
		return 2;
	}
	nics = atoi(argv[1]);
	if (nics > NICS_MAX)
		nics = NICS_MAX;
	mask = argv[2];
	count = argc - 3;
	if (*argv[3] >= '0' && *argv[3] <= '9') {
		first = strtoull(argv[3], NULL, 10);
		count = argc > 4 ? atoi(argv[4]) : 1;
	} else {
		names = argv + 3;
	}
	begin = now_ms();
	pinger = fork();
	if (!pinger)
		ping_for_ever();
	for (i = 0; i < nics; i++) {
		children[i] = fork();
		if (!children[i])
			run_seeds(i + 1);
	}
	for (i = 0; i < nics; i++)
		waitpid(children[i], &status, 0);
	shared->done = true;
	waitpid(pinger, &status, 0);
	return judge(now_ms() - begin) ? 0 : 1;
}
