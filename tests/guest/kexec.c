// SPDX-License-Identifier: GPL-2.0
/*
 * kexec - another kernel takes the place of the one that runs
 *
 *	kexec load IMAGE INITRD COMMAND-LINE	it is to follow
 *	kexec crash IMAGE INITRD COMMAND-LINE	when this one panics, in the memory
 *						that crashkernel= has set aside
 *	kexec go				now
 *
 * The kernel does all of the work: it reads a bzImage and knows how to leave the
 * machine to it. Exit status 0 if it took the image; "go" returns only if it
 * failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REBOOT_KEXEC	0x45584543

static int fail(const char *what)
{
	fprintf(stderr, "kexec: %s: %s\n", what, strerror(errno));
	return 1;
}

static int load(const char *image, const char *initrd, const char *line,
		unsigned long flags)
{
	int image_fd = open(image, O_RDONLY), initrd_fd;

	if (image_fd < 0)
		return fail(image);
	initrd_fd = open(initrd, O_RDONLY);
	if (initrd_fd < 0)
		return fail(initrd);
	if (syscall(SYS_kexec_file_load, image_fd, initrd_fd, strlen(line) + 1,
		    line, flags))
		return fail("kexec_file_load");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "load"))
		return load(argv[2], argv[3], argv[4], 0);
	if (argc == 5 && !strcmp(argv[1], "crash"))
		return load(argv[2], argv[3], argv[4], KEXEC_FILE_ON_CRASH);
	if (argc == 2 && !strcmp(argv[1], "go")) {
		reboot(REBOOT_KEXEC);
		return fail("reboot");
	}
	fputs("usage: kexec load|crash IMAGE INITRD COMMAND-LINE\n"
	      "       kexec go\n", stderr);
	return 2;
}
