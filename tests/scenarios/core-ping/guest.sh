# SPDX-License-Identifier: GPL-2.0

# Sizes around what changes the path: nothing, a minimal frame, the copy limit
# of a send section, one page, and the largest that fits the MTU.
small='0 1 7 17 18 19 55 56 100 127 128 255 256 511 512 1000 1023 1024 1400
	1471 1472'
large='1473 1999 2000 2047 2048 3000 3500 4000 4030 4054 4055 4095 4096 5000
	6000 6100 6144 7000 8000 8100 8191 8192 8900 8970 8971 8972'

# ping_sizes COUNT SIZE...: COUNT pings of each size; counts what was lost
ping_sizes()
{
	count=$1
	shift
	for size in "$@"; do
		total=$((total + count))
		ping -A -c "$count" -s "$size" -W 5 "$HOST4" > /run/pings
		grep -q ' 0% packet loss' /run/pings && continue
		lost="$lost $size"
		comment "ping of $size bytes:" < /run/pings
		grep -E '^(Ip|Icmp):' /proc/net/snmp | comment "the guest's counts:"
	done
}

lost='' total=0
check "eth0 comes up" bring_up
ping_sizes 20 $small
check "MTU 9000 is set" ip link set eth0 mtu 9000
peer mtu 0 9000
ping_sizes 20 $large
check "MTU 1500 is set back" ip link set eth0 mtu 1500
peer mtu 0 1500
ping_sizes 20 $small
equal "no size lost a ping" "" "$lost"
check "at least 1000 pings went ($total)" [ "$total" -ge 1000 ]
check "the host's own pings come back" peer ping "$GUEST4" 20 1472
