# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
peer mtu 0 9000
peer echo "$HOST4" 5003
for mtu in 576 1280 1500 2000 4000 4096 9000 1500; do
	check "MTU $mtu is set" ip link set eth0 mtu "$mtu"
	equal "MTU $mtu is told" "$mtu" "$(cat /sys/class/net/eth0/mtu)"
	peer mtu 0 "$mtu"
	check "full pings pass at MTU $mtu" \
		pings "$HOST4" 10 "$((mtu - 28))"
	check "8 flows pass at MTU $mtu" \
		traffic flows "$HOST4" 5003 8 65536
done
# The kernel's own driver takes it, and the host then cuts frames at 1500.
if [ "$DRIVER" = ours ]; then
	if ip link set eth0 mtu 65000 2> /dev/null; then
		not_ok "an MTU above the host's limit is refused"
	else
		ok "an MTU above the host's limit is refused"
	fi
	equal "the MTU is what it was" 1500 "$(cat /sys/class/net/eth0/mtu)"
	check "the host is still reached after the refusal" reach
fi
