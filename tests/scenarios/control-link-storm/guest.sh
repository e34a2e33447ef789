# SPDX-License-Identifier: GPL-2.0

uptime() { cut -d ' ' -f 1 /proc/uptime; }
changes() { cat /sys/class/net/eth0/carrier_changes; }
lines() { dmesg | grep -c 'hv_netvsc\|eth0'; }
speed_is() { [ "$(cat /sys/class/net/eth0/speed)" = "$1" ]; }

# storm LAST: a hundred events, of which LAST is the last
storm()
{
	began=$(uptime)
	before=$(changes)
	pair=1
	while [ $pair -le 49 ]; do
		host link 0 up
		host link 0 down
		pair=$((pair + 1))
	done > /dev/null
	host speed 0 $((1000 * $(changes)))
	host link 0 "$1"
}

# At most one change in a quarter of a second, and one more at each end.
few_changes()
{
	made=$(($(changes) - before))
	most=$(echo "$began $(uptime)" | awk '{ print int(($2 - $1) * 4) + 2 }')
	say "# $made changes of the carrier, at most $most allowed," \
		"in $began to $(uptime) s"
	[ "$made" -ge 1 ] && [ "$made" -le "$most" ]
}

check "eth0 comes up" bring_up
check "the host answers" reach
logged=$(lines)
for turn in 1 2; do
	check "a storm that ends with the link up ($turn)" storm up
	check "the link is up within a second ($turn)" within 1 carrier eth0
	sleep 1
	check "and stays so ($turn)" carrier eth0
	check "the carrier changed seldom ($turn)" few_changes
	check "the host answers ($turn)" within 5 reach
	check "a storm that ends with the link down ($turn)" storm down
	check "the link is down within a second ($turn)" within 1 no_carrier eth0
	sleep 1
	check "and stays so ($turn)" no_carrier eth0
	check "the carrier changed seldom ($turn)" few_changes
done
check "the link comes back" host link 0 up
check "at once" within 1 carrier eth0
check "the host says 2500 Mb/s" host speed 0 2500
check "ethtool learns it" within 1 speed_is 2500
check "the host answers" within 5 reach
before=$(changes)
check "the host says that the network is another" host netchange 0
check "that looks like a link that is down" within 1 no_carrier eth0
check "and up again" within 4 carrier eth0
equal "in two steps" 2 $(($(changes) - before))
check "the host answers at the end" within 5 reach
equal "nothing of it is in the kernel's log" "$logged" "$(lines)"
