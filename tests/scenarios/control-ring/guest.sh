# SPDX-License-Identifier: GPL-2.0

# current RX|TX: the present value of ethtool -g
current()
{
	ethtool -g eth0 | sed '1,/Current/d' |
		awk -v key="$1:" '$1 == key { print $2 }'
}

# near WANTED FOUND: the host counts what fits in whole pages of the buffer
near() { [ "$2" -ge "$1" ] && [ "$2" -le $(($1 + 3)) ]; }

check "eth0 comes up" bring_up
first="$(current RX) $(current TX)"
peer echo "$HOST4" 5003
for pair in "128 64" "1024 512" "9000 150" "4096 192"; do
	set -- $pair
	check "ethtool -G rx $1 tx $2" ethtool -G eth0 rx "$1" tx "$2"
	within 10 carrier eth0
	check "rx is $1 or up to a page more" near "$1" "$(current RX)"
	equal "tx is $2" "$2" "$(current TX)"
	check "16 flows pass" traffic flows "$HOST4" 5003 16 65536
done
set -- $first
check "the first values are set again" ethtool -G eth0 rx "$1" tx "$2"
equal "and are exactly what they were" "$first" "$(current RX) $(current TX)"
