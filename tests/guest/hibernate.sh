# SPDX-License-Identifier: GPL-2.0
# Functions for hibernation with an image in a disk in memory; module brd is there.

image_disk()
{
	rmmod brd &&
	insmod /modules/brd.ko rd_nr=1 rd_size=$((300 * 1024)) &&
	mkswap /dev/ram0 && swapon /dev/ram0 &&
	echo 0 > /sys/power/image_size &&
	echo 1:0 > /sys/power/resume &&
	echo test_resume > /sys/power/disk
}

hibernate() { echo disk > /sys/power/state; }
