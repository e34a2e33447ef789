# SPDX-License-Identifier: GPL-2.0

mtu() { cat "/sys/class/net/$1/mtu"; }
address() { cat "/sys/class/net/$1/address"; }
feature() { ethtool -k "$1" | sed -n "s/^$2: \([a-z]*\).*/\1/p"; }
promisc() { ip -d link show dev "$1" | sed -n 's/.*promiscuity \([0-9]*\).*/\1/p'; }
beneath() { [ -e "/sys/class/net/eth0/lower_$1" ]; }
no_pings() { ! ping -q -c 3 -W 1 "$HOST4"; }

# An MTU opens the channel anew, and the host begins without the VF. The kernel's own
# driver tells it to use the VF only when that has gone down and up.
vf_used_again()
{
	if [ "$DRIVER" = intree ]; then
		ip link set eth1 down && ip link set eth1 up
	fi
	vf_used
}

# The VF goes and comes; what was set has to be there again.
renew()
{
	vf remove && vf_gone && vf add && vf_used
}

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
check "pings pass" by_vf

check "the MTU becomes 1400" ip link set eth0 mtu 1400
equal "that of the VF as well" 1400 "$(mtu eth1)"
check "frames go by the VF" vf_used_again
check "pings pass" by_vf
# This VF takes no longer frames than the standard's.
check "an MTU that the VF does not take is refused" \
	eval '! ip link set eth0 mtu 4000'
equal "eth0 has the one before" 1400 "$(mtu eth0)"
equal "and so has the VF" 1400 "$(mtu eth1)"

# This VF takes no other address than the host's.
before=$(address eth0)
check "an address that the VF does not take is refused" \
	eval '! ip link set eth0 address 02:00:00:00:12:34'
equal "eth0 has its own" "$before" "$(address eth0)"
equal "and so has the VF" "$before" "$(address eth1)"

check "eth0 becomes promiscuous" ip link set eth0 promisc on
equal "the VF as well" 1 "$(promisc eth1)"
check "scatter-gather is turned off" ethtool -K eth0 sg off
equal "of the VF as well" off "$(feature eth1 scatter-gather)"
check "pings pass" by_vf
equal "the link's speed is the VF's" \
	"$(ethtool eth1 | grep Speed)" "$(ethtool eth0 | grep Speed)"
check "the VF goes and comes" renew
equal "its MTU is 1400" 1400 "$(mtu eth1)"
equal "it is promiscuous" 1 "$(promisc eth1)"
equal "it does not gather" off "$(feature eth1 scatter-gather)"
check "pings pass" by_vf
check "eth0 is not promiscuous any more" ip link set eth0 promisc off
equal "nor is the VF" 0 "$(promisc eth1)"
check "scatter-gather is turned on" ethtool -K eth0 sg on
equal "of the VF as well" on "$(feature eth1 scatter-gather)"

check "the MTU becomes 1500" ip link set eth0 mtu 1500
within 10 carrier eth0
check "coalescing is off" ethtool -K eth0 lro off
check "frames go by the VF" vf_used_again
check "a program that drops pings comes" xdp attach eth0 icmp drop
within 5 carrier eth1
check "no ping passes" no_pings
check "the VF goes" vf remove
check "it has gone" vf_gone
check "no ping passes" no_pings
check "the VF comes" vf add
check "frames go by it" vf_used
check "no ping passes" no_pings
check "the program goes" xdp detach eth0
check "frames go by the VF" vf_used
check "pings pass" by_vf

# As soon as it is there, as a user's rules do.
check "the VF goes" vf remove
check "it has gone" vf_gone
check "the VF comes" vf add
check "it appears" within 20 present eth1
check "it is renamed" ip link set eth1 name enP1
check "it is beneath eth0 by that name" within 5 beneath enP1
check "frames go by it" vf_used
check "pings pass" by_vf
# Older kernels let no other interface be renamed while it is up.
if [ "$DRIVER" = ours ]; then
	check "it is renamed while it is up" ip link set enP1 name enP2
	check "it is beneath eth0 by that name" beneath enP2
	check "pings pass" by_vf
fi
