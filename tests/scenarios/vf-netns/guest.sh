# SPDX-License-Identifier: GPL-2.0

inside() { ip netns exec blue "$@"; }
is_inside() { inside ip link show dev "$1"; }
not_inside() { ! is_inside "$1"; }
carrier_inside() { inside ip link show dev eth0 | grep -q LOWER_UP; }
beneath_inside() { inside ip link show dev eth1 | grep -q 'master eth0'; }
beneath() { [ -e /sys/class/net/eth0/lower_eth1 ]; }

go_inside()
{
	ip netns add blue && ip link set eth0 netns blue &&
		inside ip addr add "$GUEST4/24" dev eth0 &&
		inside ip link set eth0 up && within 10 carrier_inside
}

pings_inside() { inside ping -A -q -c 20 -s 1000 -W 5 "$HOST4" |
	grep -q ' 0% packet loss'; }

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
check "eth0 goes into a namespace" go_inside
check "the VF follows" within 20 is_inside eth1
check "and is beneath it" within 10 beneath_inside
check "frames go by it there" vf_used
check "pings pass there" pings_inside
check "the VF is taken away" vf remove
check "it has gone from there" within 20 not_inside eth1
check "pings pass without it" pings_inside
check "it comes back" vf add
check "into the namespace" within 20 is_inside eth1
check "frames go by it" vf_used
check "pings pass there" pings_inside
check "the VF alone is moved out" inside ip link set eth1 netns 1
check "it goes back in" within 20 is_inside eth1
check "frames go by it" vf_used
check "pings pass there" pings_inside

# In the kernel's own driver of some versions this corrupts a list.
[ "$DRIVER" = ours ] || ip netns exec blue ip link set eth0 netns 1
check "the namespace goes" ip netns del blue
check "eth0 is back" within 20 present eth0
check "the VF is back" within 20 present eth1
check "and beneath it" within 10 beneath
check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
check "pings pass" by_vf
