# SPDX-License-Identifier: GPL-2.0

# current RX|TX: the present value of ethtool -g
current()
{
	ethtool -g eth0 | sed '1,/Current/d' |
		awk -v key="$1:" '$1 == key { print $2 }'
}

check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
for pair in "128 64" "1024 512" "9000 150" "4096 192"; do
	set -- $pair
	check "ethtool -G rx $1 tx $2" ethtool -G eth0 rx "$1" tx "$2"
	within 10 carrier eth0
	equal "rx is $1" "$1" "$(current RX)"
	equal "tx is $2" "$2" "$(current TX)"
	check "16 flows pass" traffic flows "$HOST4" 5003 16 65536
done
