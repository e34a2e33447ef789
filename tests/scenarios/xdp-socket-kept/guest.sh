# SPDX-License-Identifier: GPL-2.0
#
# Sockets that answer pings, in zero-copy mode, beside TCP on the same queues;
# everything changes under them.

. /sockets.sh

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
ethtool -K eth0 lro off
check "eth0 comes up" ip link set eth0 up
check "eth0 has carrier" within 10 carrier eth0
ip addr add 10.77.0.2/24 dev eth0

begin answer -w -q 4 answer eth0
check "a socket answers pings" peer ping 10.77.0.2 50 1000
transfers 10.77.0.1 10.77.0.2
for change in "ip link set eth0 mtu 1700" "ethtool -G eth0 rx 4096" \
		"ip link set eth0 mtu 1500"; do
	check "$change" $change
	check "eth0 has carrier" within 10 carrier eth0
	before=$(sum eth0 "rx_queue_[0-9]*_xsk_redirect")
	check "the socket still answers" peer ping 10.77.0.2 20 1000
	check "in zero-copy mode" [ "$(($(sum eth0 \
		"rx_queue_[0-9]*_xsk_redirect") - before))" -ge 20 ]
done

# Frames that do not fit into a chunk pass beside the sockets.
check "MTU 3000" ip link set eth0 mtu 3000
check "the host's too" peer mtu 0 3000
check "eth0 has carrier" within 10 carrier eth0
copied=$(sum eth0 rx_xsk_copied)
transfers 10.77.0.1 10.77.0.2
check "they were too long for a chunk" \
	[ "$(($(sum eth0 rx_xsk_copied) - copied))" -gt 100 ]
check "the socket still answers" peer ping 10.77.0.2 20 1000
# Kernels may not bind sockets whose chunks are shorter than frames.
check "MTU 1500" ip link set eth0 mtu 1500
check "the host's too" peer mtu 0 1500
check "eth0 has carrier" within 10 carrier eth0

if ethtool -L eth0 combined 2 > /run/refused 2>&1; then
	not_ok "channels with sockets cannot go"
else
	ok "channels with sockets cannot go"
fi
kill "$pid"
end "it was not given anything twice, or out of turn" answer
begin answer -w -q 2 answer eth0
check "fewer channels" ethtool -L eth0 combined 2
check "eth0 has carrier" within 10 carrier eth0
check "more channels" ethtool -L eth0 combined 4
check "eth0 has carrier" within 10 carrier eth0
check "interface down" ip link set eth0 down
check "interface up" ip link set eth0 up
check "eth0 has carrier" within 10 carrier eth0
before=$(sum eth0 "rx_queue_[0-9]*_xdp_redirect")
check "the guest is still there" peer ping 10.77.0.2 20 1000

# The driver goes under bound sockets.
check "the driver goes" driver_unload
kill "$pid"
end "the sockets are left behind unharmed" answer
check "the driver comes again" driver_load
within 10 present eth0
check "eth0 comes up" ip link set eth0 up
check "eth0 has carrier" within 10 carrier eth0
ip addr add 10.77.0.2/24 dev eth0
check "the host answers" reach
