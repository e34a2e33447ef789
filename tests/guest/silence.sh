# SPDX-License-Identifier: GPL-2.0
# For scenarios in which the host is silent: who waits, and for how long.

VMBUS=/sys/bus/vmbus

# Hundredths of a second since the guest started.
now_cs() { sed 's/^\([0-9]*\)\.\([0-9][0-9]\).*/\1\2/' /proc/uptime; }

# took_less CENTISECONDS COMMAND...: it succeeds, in less than that
took_less()
{
	most=$1
	shift
	began=$(now_cs)
	"$@" || return 1
	took=$(($(now_cs) - began))
	echo "took $took cs"
	[ "$took" -lt "$most" ]
}

# Whether nobody holds RTNL: most of that time is the emulation's.
rtnl_is_free() { took_less 300 ip link set lo up; }

# tasks_in_d: "PID NAME" of tasks that wait in the kernel, uninterruptibly
tasks_in_d()
{
	cat /proc/[0-9]*/stat 2> /dev/null |
		sed -n 's/^\([0-9]*\) (\(.*\)) D .*/\1 \2/p'
}

# Samples them until /run/d-stop exists: "PID NAME CENTISECONDS".
watch_d()
{
	while [ ! -e /run/d-stop ]; do
		now=$(now_cs)
		tasks_in_d | sed "s/\$/ $now/"
		sleep 0.5
	done > /run/d-seen
}

# longest_d: how long the same task was seen there, in centiseconds
longest_d()
{
	awk '{
		key = $1 " " $2; now = $NF
		if (!(key in last) || now - last[key] > 300)
			first[key] = now
		last[key] = now
		if (now - first[key] > longest)
			longest = now - first[key]
	} END { print longest + 0 }' /run/d-seen
}

# device N: the VMBus device of NIC N
device()
{
	for path in "$VMBUS/devices/$(printf %08x "$1")"-*; do
		[ ! -e "$path" ] || echo "${path##*/}"
	done
}
has_device() { [ -n "$(device "$1")" ]; }
no_device() { ! has_device "$1"; }

# bind_nic N: gives it to the driver, in the background; /run/bind.N is there
# when that is done and says with what status, and after how long.
bind_nic()
{
	(
		began=$(now_cs)
		echo "$(device "$1")" > $VMBUS/drivers/hv_netvsc/bind
		echo "$? $(($(now_cs) - began))" > "/run/bind.$1"
	) 2> /dev/null &
}

bound() { [ -e "/run/bind.$1" ]; }
bind_failed() { [ "$(cut -d ' ' -f 1 "/run/bind.$1")" != 0 ]; }
bind_took() { cut -d ' ' -f 2 "/run/bind.$1"; }

# offer_silent N STEP: the host offers NIC N and falls silent at that step; the
# driver is given it
offer_silent()
{
	rm -f "/run/bind.$1"
	host silence "$1" at "$2" && host nic offer "$1" &&
		within 10 has_device "$1" && bind_nic "$1"
}
