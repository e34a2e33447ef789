# SPDX-License-Identifier: GPL-2.0

# used PATTERN: how many queues have a counter above 0 under the pattern
used()
{
	ethtool -S eth0 | grep -E "$1" |
		awk '$2 > 0 { n++ } END { print n + 0 }'
}

check "eth0 comes up" bring_up
equal "there are four receive queues" 4 \
	"$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)"
peer echo "$HOST4" 5003
check "64 flows of 256 KiB each come back unharmed" \
	traffic flows "$HOST4" 5003 64 262144
equal "the driver sent on all queues" 4 "$(used 'tx_queue_[0-9]+_packets')"
equal "the driver received on all queues" 4 "$(used 'rx_queue_[0-9]+_packets')"
host channels 0 > /run/channels
comment "the host's view:" < /run/channels
