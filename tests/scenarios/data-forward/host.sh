# SPDX-License-Identifier: GPL-2.0

FAR=10.79.0.9

# far: behind the guest there is an address that is this machine's own,
# and yet reached only through the guest: in by tap1, out by tap0.
peer_far()
{
	echo 1 > /proc/sys/net/ipv4/conf/tap1/accept_local &&
	echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter &&
	echo 0 > /proc/sys/net/ipv4/conf/tap1/rp_filter &&
	ip addr add $FAR/32 dev tap1 &&
	ip route del local $FAR dev tap1 table local &&
	ip route add local $FAR dev tap1 table 99 &&
	ip rule add iif tap1 lookup 99 pref 10 &&
	ip route add $FAR via 10.77.0.2 dev tap0
}
