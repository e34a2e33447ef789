#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a Debian system: builds the sources in /src by DKMS for the kernel $1, with
# W=1, and leaves in /out the module, the compiler's log, and what built it.
set -e
version=$(sed -n 's/^Version: *//p' /src/META)
cp -a /src "/usr/src/hv_netvsc-$version"
dkms add -m hv_netvsc -v "$version"
status=0
KBUILD_EXTRA_WARN=1 dkms build -m hv_netvsc -v "$version" -k "$1" || status=$?
# DKMS keeps the log of a success below the kernel's name.
for log in /var/lib/dkms/hv_netvsc/$version/*/*/log/make.log \
		/var/lib/dkms/hv_netvsc/$version/build/make.log; do
	[ ! -e "$log" ] || cat "$log"
done > /out/make.log
cp /var/lib/dkms/hv_netvsc/$version/*/*/module/hv_netvsc.ko* /out || :
gcc --version | head -n 1 > /out/compiler
dkms --version > /out/dkms
exit $status
