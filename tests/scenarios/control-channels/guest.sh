# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
for count in 1 2 3 4 2 1 4; do
	check "ethtool -L to $count channels" \
		ethtool -L eth0 combined "$count"
	within 10 carrier eth0
	equal "ethtool -l tells $count" "$count" \
		"$(ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }')"
	check "32 flows pass with $count" \
		traffic flows "$HOST4" 5003 32 16384
done
