#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs a command in a Debian system, in new mount and PID namespaces:
#
#	enter.sh LOWER PLACE BINDS COMMAND...
#
# LOWER are the system's directories, PLACE takes what is written, BINDS is a
# file with a line "what where" for each directory that is seen in there too.
set -e
mount --make-rprivate /
lower=$1 place=$2 binds=$3
shift 3
mkdir -p "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$place/upper" \
	-o "workdir=$place/work" "$place/root"
mount -t proc proc "$place/root/proc"
mount -t sysfs -o ro sysfs "$place/root/sys"
mount -t tmpfs tmpfs "$place/root/tmp"
cat /etc/resolv.conf > "$place/root/etc/resolv.conf" 2> /dev/null || :
while read -r what where; do
	mkdir -p "$place/root$where"
	mount --bind "$what" "$place/root$where"
done < "$binds"
exec chroot "$place/root" /usr/bin/env -i "$@"
