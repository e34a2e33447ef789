#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh JOB RESULTS CONSOLE: one guest on hvhost, with its TAP devices.
#
# Runs where the network is its own: in the outer machine, or in a network
# namespace. JOB holds kernel, initrd, argv (hvhost's arguments, one a line),
# env, host.sh and data files. RESULTS gets status, stderr, log, counters.json,
# the captures and, if the guest ran out of time or stopped dead, two looks at
# its exits.

job=$1
results=$2
console=$3
here=$(dirname "$0")

# The shell would take its own applet of that name.
export IP="${IP:-/bin/ip}"
ip() { "$IP" "$@"; }

NICS=1
TIMEOUT=120
ALONE=no
LOOKS=5
HALT_POLL_NS=
. "$job/env"

# Measurements do not want an idle guest's processor to wait by spinning.
if [ -n "$HALT_POLL_NS" ]; then
	echo "$HALT_POLL_NS" > /sys/module/kvm/parameters/halt_poll_ns
fi

# Addresses as lib.sh expects them; the guest is .2 and ::2 of each.
setup_tap()
{
	ip tuntap add dev "tap$1" mode tap vnet_hdr &&
	echo 1 > "/proc/sys/net/ipv6/conf/tap$1/disable_ipv6" &&
	echo 0 > "/proc/sys/net/ipv6/conf/tap$1/accept_dad" &&
	echo 0 > "/proc/sys/net/ipv6/conf/tap$1/disable_ipv6" &&
	ip addr add "10.77.$1.1/24" dev "tap$1" &&
	ip -6 addr add "fd77:$1::1/64" dev "tap$1" nodad &&
	ip link set "tap$1" up
}

# look FILE: the counters of the host; one that stands still is not waited for
look()
{
	hvctl socket "$results/control" counters > "$1" &
	sleep 1
}

# exits FILE: how often each of the guest's processors has left it
exits()
{
	sed -n 's/.*"exits": {\([^}]*\)}.*/\1/p' "$1"
}

# Waits until the time is up, or until no processor of the guest has made an
# exit for LOOKS looks: its heart beats every other second.
wait_while_it_lives()
{
	waited=0
	same=0
	last=
	while [ "$waited" -lt "$TIMEOUT" ] && [ "$same" -lt "${LOOKS:-1}" ]; do
		sleep 9
		waited=$((waited + 10))
		[ -n "$LOOKS" ] || continue
		look "$results/hang-1.json"
		now=$(exits "$results/hang-1.json")
		if [ -n "$now" ] && [ "$now" = "$last" ]; then
			same=$((same + 1))
		else
			same=0
		fi
		last=$now
	done
}

# Two looks at the counters, further apart than the guest's heart beats.
look_at_hang()
{
	wait_while_it_lives
	look "$results/hang-1.json"
	sleep 6
	look "$results/hang-2.json"
	for thread in /proc/"$1"/task/*; do
		cat "$thread/comm" "$thread/syscall" "$thread/stack"
	done > "$results/hang-threads"
	kill -TERM "$1"
	sleep 10
	kill -KILL "$1"
}

ip link set lo up
nic=0
while [ "$nic" -lt "$NICS" ]; do
	setup_tap "$nic" || echo "tap$nic could not be set up"
	nic=$((nic + 1))
done

export JOB="$job" RESULTS="$results"
cd "$results" || exit 1

# A scenario without a guest.
if [ "$ALONE" = yes ]; then
	sh "$job/host.sh" >> "$console" 2> stderr
	echo $? > status
	echo "# end" >> "$console"
	exit 0
fi

set --
while IFS= read -r word; do
	set -- "$@" "$word"
done < "$job/argv"

hvhost --kernel "$job/kernel" --initrd "$job/initrd" --console "$console" \
	--serial "$results/serial" --log "$results/log" \
	--counters "$results/counters.json" --control "$results/control" \
	--agent "exec sh $here/agent.sh" "$@" 2> "$results/stderr" &
pid=$!
look_at_hang $pid > /dev/null 2>&1 &
watch=$!
wait $pid
echo $? > "$results/status"
kill $watch 2> /dev/null
rm -f "$results/control"
[ -s "$results/hang-2.json" ] || rm -f "$results/hang-1.json"
exit 0
