# SPDX-License-Identifier: GPL-2.0

peer_vlan()
{
	if [ -e /modules/extra ]; then
		while read -r module; do
			insmod "/modules/$module.ko" || return 1
		done < /modules/extra
	fi
	ip link add link tap0 name tap0.100 type vlan id 100 &&
	ip addr add 10.78.0.1/24 dev tap0.100 &&
	ip link set tap0.100 up
}

# Packets with the tag that the VLAN device saw come in.
peer_tagged() { cat /sys/class/net/tap0.100/statistics/rx_packets; }
