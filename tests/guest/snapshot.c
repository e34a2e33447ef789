// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot - hibernation, with the image in memory that a reset leaves as it is
 *
 *	snapshot save ADDRESS BYTES	makes the image and resets the machine; returns
 *					when the image is taken up again
 *	snapshot load ADDRESS BYTES	takes it up; returns only if that failed
 *	snapshot turn ADDRESS BYTES	makes it, and takes it up at once, in the same
 *					kernel; returns as "save" does
 *
 * The memory at that address is one that the kernel has been told to leave alone
 * (memmap=). The first page says how long the image is, and is cleared when that is
 * read, so that nobody takes it up twice. Exit status: 0 after "save" has gone to
 * sleep and woken up.
 *
 * "turn" is what test_resume in /sys/power/disk is for. Before Linux 6.4 that wants
 * for itself the very swap space that is in use for the image, and fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>
#include <linux/suspend_ioctls.h>

#define PAGE	4096

static const char magic[8] = "hv-image";

static struct head {
	char magic[8];
	uint64_t bytes;
} head;

static char page[PAGE];
static off_t base;
static uint64_t room;
static int memory, device;

static int fail(const char *what)
{
	fprintf(stderr, "snapshot: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Image pages follow the first one. 0, or -1 with errno. */
static int keep_image(void)
{
	ssize_t len;

	memset(&head, 0, sizeof(head));
	while ((len = read(device, page, PAGE)) > 0) {
		if (head.bytes + 2 * PAGE > room) {
			errno = ENOSPC;
			return -1;
		}
		if (pwrite(memory, page, len, base + PAGE + head.bytes) != len)
			return -1;
		head.bytes += len;
	}
	memcpy(head.magic, magic, sizeof(magic));
	if (len < 0 || pwrite(memory, &head, sizeof(head), base) < 0)
		return -1;
	return 0;
}

static int give_image(void)
{
	static const struct head none;
	uint64_t at;
	ssize_t len;

	if (pread(memory, &head, sizeof(head), base) < 0)
		return -1;
	if (memcmp(head.magic, magic, sizeof(magic)) || head.bytes > room) {
		errno = ENOENT;
		return -1;
	}
	if (pwrite(memory, &none, sizeof(none), base) < 0)
		return -1;
	for (at = 0; at < head.bytes; at += len) {
		len = head.bytes - at < PAGE ? head.bytes - at : PAGE;
		if (pread(memory, page, len, base + PAGE + at) != len ||
		    write(device, page, len) != len)
			return -1;
	}
	return 0;
}

static int open_device(int flags)
{
	device = open("/dev/snapshot", flags);
	return device < 0 ? -1 : 0;
}

/* Returns only if that failed. */
static int take_up(void)
{
	if (give_image())
		return fail("image");
	if (ioctl(device, SNAPSHOT_FREEZE))
		return fail("freeze");
	ioctl(device, SNAPSHOT_ATOMIC_RESTORE);
	fail("restore");
	ioctl(device, SNAPSHOT_UNFREEZE);
	return 1;
}

/* The machine ends here, and its kernel with it. */
static int give_way(void)
{
	reboot(RB_AUTOBOOT);
	return fail("reset");
}

/* The kernel ends here as well, if all goes well; all wakes up before. */
static int take_up_here(void)
{
	close(device);
	if (open_device(O_WRONLY))
		return fail("/dev/snapshot");
	return take_up();
}

/* The kernel that is in the image never goes on with what comes next. */
static int save(int (*next)(void))
{
	int asleep = 0, status = 0;

	if (open_device(O_RDONLY))
		return fail("/dev/snapshot");
	if (ioctl(device, SNAPSHOT_FREEZE))
		return fail("freeze");
	ioctl(device, SNAPSHOT_PREF_IMAGE_SIZE, 0);
	if (ioctl(device, SNAPSHOT_CREATE_IMAGE, &asleep))
		status = fail("create image");
	else if (asleep)
		status = keep_image() ? fail("image") : next();
	ioctl(device, SNAPSHOT_UNFREEZE);
	return status;
}

static int load(void)
{
	if (open_device(O_WRONLY))
		return fail("/dev/snapshot");
	return take_up();
}

int main(int argc, char **argv)
{
	const char *what = argc == 4 ? argv[1] : "";

	if (strcmp(what, "save") && strcmp(what, "load") && strcmp(what, "turn")) {
		fputs("usage: snapshot save|load|turn ADDRESS BYTES\n", stderr);
		return 2;
	}
	base = strtoull(argv[2], NULL, 0);
	room = strtoull(argv[3], NULL, 0);
	memory = open("/dev/mem", O_RDWR);
	if (memory < 0)
		return fail("/dev/mem");
	/* Nothing of this program may be missing while all else is frozen. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return fail("mlockall");
	if (!strcmp(what, "load"))
		return load();
	return save(strcmp(what, "turn") ? give_way : take_up_here);
}
