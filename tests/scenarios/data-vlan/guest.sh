# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "the host has VLAN 100" peer vlan
check "the guest has VLAN 100" \
	ip link add link eth0 name eth0.100 type vlan id 100
ip addr add 10.78.0.2/24 dev eth0.100
ip link set eth0.100 up
for size in 0 56 1472; do
	check "20 tagged pings of $size bytes" pings 10.78.0.1 20 "$size"
done
check "the host saw the tags" [ "$(peer tagged)" -ge 60 ]
check "untagged pings still pass" pings "$HOST4" 20 56
transfers 10.78.0.1 10.78.0.2
