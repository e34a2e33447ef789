# SPDX-License-Identifier: GPL-2.0
# For scenarios in which another kernel takes the place of the first: the same
# image (/kernel) with the same files, so that guest.sh begins anew in it.

# Whether this is the second one.
second() { grep -q ' second' /proc/cmdline; }

# All files of this guest but the image, which need not go into memory again.
# What is mounted on the root's directories is not seen from its other place.
second_files()
{
	mkdir -p /run/root &&
		mount --bind / /run/root || return 1
	(cd /run/root && find . | grep -vx ./kernel | cpio -o -H newc) \
		> /run/initrd
	umount /run/root && [ -s /run/initrd ]
}

# second_load load|crash [WORDS]: it is made ready, WORDS on its command line
second_load()
{
	second_files &&
		kexec "$1" /kernel /run/initrd "$(sed 's/ crashkernel=[^ ]*//' \
			/proc/cmdline) second $2" &&
		rm /run/initrd
}
