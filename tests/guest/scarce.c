// SPDX-License-Identifier: GPL-2.0
/*
 * scarce - one allocation after the other of something that is done fails
 *
 *	scarce STEP bind DRIVER DEVICE		DRIVER: its directory in sysfs
 *	scarce STEP up IFNAME
 *	scarce STEP mtu IFNAME A B		from A to B, or back
 *	scarce STEP channels IFNAME A B
 *	scarce STEP ring IFNAME A B		receive slots
 *
 * The kernel lets the nth allocation of this task fail (/proc/PID/fail-nth), from
 * the first on, until it is asked for more than there are. Of those that follow
 * many others not all are tried: the nth is followed by the one 1 + n / STEP
 * later. Whatever fails, what is done either works all the same or has an error,
 * and works at the next attempt, with memory. Exit status: 0 if that held.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *driver, *device, *ifname;
static unsigned int value[2];		/* to go to, and where it is */
static int fail_nth, sock;

static void die(const char *what)
{
	fprintf(stderr, "scarce: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void set_fail_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_nth, text, len, 0) != len)
		die("fail-nth");
}

/* What is left of it: 0 once the allocation has failed. */
static unsigned int get_fail_nth(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0)
		die("fail-nth");
	return strtoul(text, NULL, 10);
}

/* 0 or an errno */
static int write_sysfs(const char *file)
{
	char path[256];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", driver, file);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return errno;
	if (write(fd, device, strlen(device)) < 0)
		err = errno;
	close(fd);
	return err;
}

static int bind_device(void)
{
	return write_sysfs("bind");
}

static int unbind_device(void)
{
	return write_sysfs("unbind");
}

static int set_flags(bool up)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (ioctl(sock, SIOCGIFFLAGS, &ifr))
		return errno;
	if (up)
		ifr.ifr_flags |= IFF_UP;
	else
		ifr.ifr_flags &= ~IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &ifr) ? errno : 0;
}

static int set_up(void)
{
	return set_flags(true);
}

static int set_down(void)
{
	return set_flags(false);
}

static int set_mtu(void)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	ifr.ifr_mtu = value[0];
	return ioctl(sock, SIOCSIFMTU, &ifr) ? errno : 0;
}

static int ethtool(void *command)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	ifr.ifr_data = command;
	return ioctl(sock, SIOCETHTOOL, &ifr) ? errno : 0;
}

static int set_channels(void)
{
	struct ethtool_channels channels = {
		.cmd = ETHTOOL_SCHANNELS,
		.combined_count = value[0],
	};

	return ethtool(&channels);
}

static int set_ring(void)
{
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };
	int err = ethtool(&ring);

	if (err)
		return err;
	ring.cmd = ETHTOOL_SRINGPARAM;
	ring.rx_pending = value[0];
	return ethtool(&ring);
}

/* The next attempt goes the other way. */
static int swap(void)
{
	unsigned int other = value[0];

	value[0] = value[1];
	value[1] = other;
	return 0;
}

struct deed {
	const char *name;
	int words;
	int (*act)(void);
	int (*undo)(void);
};

static const struct deed deeds[] = {
	{ "bind", 5, bind_device, unbind_device },
	{ "up", 4, set_up, set_down },
	{ "mtu", 6, set_mtu, swap },
	{ "channels", 6, set_channels, swap },
	{ "ring", 6, set_ring, swap },
};

static const struct deed *find(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (argc > 2 && !strcmp(deeds[i].name, argv[2]) &&
		    argc == deeds[i].words)
			return &deeds[i];
	fprintf(stderr, "usage: scarce STEP bind DRIVER DEVICE | up IFNAME | mtu|channels|ring IFNAME A B\n");
	exit(2);
}

static void take_words(const struct deed *deed, char **argv)
{
	if (deed->act == bind_device) {
		driver = argv[3];
		device = argv[4];
		return;
	}
	ifname = argv[3];
	if (deed->words == 6) {
		value[0] = atoi(argv[4]);
		value[1] = atoi(argv[5]);
	}
}

/* Returns whether there are more allocations than @nth. */
static bool attempt(const struct deed *deed, unsigned int nth,
		    unsigned int *refused)
{
	unsigned int left;
	int err;

	set_fail_nth(nth);
	err = deed->act();
	left = get_fail_nth();
	set_fail_nth(0);

	if (err && left) {
		errno = err;
		die("failed although nothing was scarce");
	}
	if (err) {
		++*refused;
		err = deed->act();
	}
	if (!err)
		err = deed->undo();
	if (err) {
		fprintf(stderr, "scarce: after allocation %u had failed: ", nth);
		errno = err;
		die(deed->name);
	}
	return !left;
}

int main(int argc, char **argv)
{
	const struct deed *deed = find(argc, argv);
	unsigned int tried = 0, refused = 0, nth, step = atoi(argv[1]);

	take_words(deed, argv);
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (sock < 0 || fail_nth < 0)
		die("/proc/thread-self/fail-nth");
	if (!step)
		die("STEP");

	for (nth = 1; attempt(deed, nth, &refused); nth += 1 + nth / step)
		tried++;
	printf("%s: %u allocations, %u of them failed, %u refusals\n",
	       deed->name, nth - 1, tried, refused);
	/* Else nothing has been tried. */
	return tried < 3;
}
