// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot - hibernation, with the image in memory that a reset leaves as it is
 *
 *	snapshot save ADDRESS BYTES	makes the image and resets the machine; returns
 *					when the image is taken up again
 *	snapshot load ADDRESS BYTES	takes it up; returns only if that failed
 *
 * The memory at that address is one that the kernel has been told to leave alone
 * (memmap=). The first page says how long the image is, and is cleared when that is
 * read, so that nobody takes it up twice. Exit status: 0 after "save" has gone to
 * sleep and woken up.
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

static int save(void)
{
	int asleep = 0, status = 0;

	if (ioctl(device, SNAPSHOT_FREEZE))
		return fail("freeze");
	ioctl(device, SNAPSHOT_PREF_IMAGE_SIZE, 0);
	if (ioctl(device, SNAPSHOT_CREATE_IMAGE, &asleep)) {
		status = fail("create image");
	} else if (asleep) {
		/* The kernel that is in the image never comes here. */
		if (!keep_image())
			reboot(RB_AUTOBOOT);
		status = fail("image");
	}
	ioctl(device, SNAPSHOT_UNFREEZE);
	return status;
}

static int load(void)
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

int main(int argc, char **argv)
{
	int saves = argc == 4 && !strcmp(argv[1], "save");

	if (!saves && (argc != 4 || strcmp(argv[1], "load"))) {
		fputs("usage: snapshot save|load ADDRESS BYTES\n", stderr);
		return 2;
	}
	base = strtoull(argv[2], NULL, 0);
	room = strtoull(argv[3], NULL, 0);
	memory = open("/dev/mem", O_RDWR);
	if (memory < 0)
		return fail("/dev/mem");
	device = open("/dev/snapshot", saves ? O_RDONLY : O_WRONLY);
	if (device < 0)
		return fail("/dev/snapshot");
	/* Nothing of this program may be missing while all else is frozen. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return fail("mlockall");
	return saves ? save() : load();
}
