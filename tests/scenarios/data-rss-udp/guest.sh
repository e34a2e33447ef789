# SPDX-License-Identifier: GPL-2.0

# queues NIC: how many of its queues have received anything worth mentioning
queues()
{
	ethtool -S "$1" | awk '/ rx_queue_[0-9]+_packets:/ && $2 > 200 { n++ }
		END { print n + 0 }'
}

received() { [ "$(cat "/sys/class/net/$1/statistics/rx_packets")" -ge 4000 ]; }

for nic in eth0 eth1; do
	within 10 present $nic
	check "$nic goes up" ip link set $nic up
done
for nic in eth0 eth1; do
	check "$nic receives 4000 frames of 64 flows" within 60 received $nic
done
equal "a host that hashes UDP ports spreads them over all queues" 4 \
	"$(queues eth0)"
equal "on a host that does not they are all on one" 1 "$(queues eth1)"
