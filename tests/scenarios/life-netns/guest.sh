# SPDX-License-Identifier: GPL-2.0

inside() { ip netns exec blue "$@"; }
is_inside() { inside ip link show dev eth0; }
carrier_inside() { inside ip link show dev eth0 | grep -q LOWER_UP; }

# go_inside: eth0 goes into a new namespace and is set up there
go_inside()
{
	ip netns add blue && ip link set eth0 netns blue &&
		inside ip addr add "$GUEST4/24" dev eth0 &&
		inside ip link set eth0 up && within 10 carrier_inside
}

pings_inside() { inside ping -A -q -c 20 -s "$1" -W 5 "$HOST4" |
	grep -q ' 0% packet loss'; }

# moves TEXT COMMAND...: a reconfiguration, and frames pass
changes()
{
	check "$*" inside "$@"
	within 10 carrier_inside
	check "$*: pings pass" pings_inside 1000
}

check "eth0 comes up" bring_up
check "the host answers" reach
peer echo "$HOST4" 5003
check "eth0 goes into a namespace" go_inside
check "it is not here any more" absent eth0
check "pings pass there" pings_inside 1000
check "8 flows pass there" \
	inside traffic flows "$HOST4" 5003 8 65536
changes ethtool -L eth0 combined 1
changes ethtool -G eth0 rx 1000
changes ip link set eth0 mtu 1400
changes ethtool -K eth0 lro off
changes ip link set eth0 promisc on
check "the namespace goes" ip netns del blue
check "eth0 is back" within 10 present eth0
check "eth0 comes up" bring_up
check "the host answers" within 10 reach

# The kernel's own driver waits for ever, now and then, when it is taken away.
if [ "$DRIVER" = ours ]; then
	check "eth0 goes into a namespace again" go_inside
	check "the host takes the NIC away" host nic rescind 0
	gone_inside() { ! is_inside; }
	check "it goes from there" within 20 gone_inside
	check "the host offers it again" host nic offer 0
	check "eth0 is here" within 10 present eth0
	check "the namespace goes" ip netns del blue
	check "eth0 comes up" bring_up
	check "the host answers" within 10 reach
fi

check "eth0 goes into a namespace once more" go_inside
check "the module unloads" driver_unload
check "the module loads" driver_load
check "eth0 is here" within 10 present eth0
check "the namespace goes" ip netns del blue
check "eth0 comes up" bring_up
check "the host answers" within 10 reach
