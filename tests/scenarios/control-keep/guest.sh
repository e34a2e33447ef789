# SPDX-License-Identifier: GPL-2.0

KEY=$(for byte in 0 1 2 3 4 5 6 7 8 9; do printf '%02x:5a:c3:%02x:' \
	$byte $((255 - byte)); done)
KEY=${KEY%:}

mtu() { cat /sys/class/net/eth0/mtu; }
channels() { ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }'; }

# rings: what ethtool -g says now
rings()
{
	ethtool -g eth0 | sed '1,/Current/d' |
		awk '/^[RT]X:/ { printf "%s ", $2 }'
}

# settings: all that can be read of what a user can set, but the four above
settings()
{
	# Its first lines tell the number of queues.
	ethtool -x eth0 | sed 's/with [0-9]* RX ring/with RX ring/'
	ethtool -k eth0
	ethtool -c eth0
	ethtool eth0 | grep -v 'Link detected'
	ethtool --get-tunable eth0 tx-copybreak
	[ "$KERNEL" = 6.1 ] || aggregation eth0
	[ "$KERNEL" = 6.1 ] || aggregation eth0 time
	cat /sys/class/net/eth0/address /sys/class/net/eth0/flags
	cat /sys/class/net/eth0/tx_queue_len
	ip -d link show dev eth0 | grep -o 'promiscuity [0-9]*'
	host_counter filter
}

kept() { settings > /run/now; cmp /run/then /run/now; }

# traffic totals: no counter ever goes back
counters()
{
	cat /sys/class/net/eth0/statistics/[rt]x_packets \
		/sys/class/net/eth0/statistics/[rt]x_bytes
	ethtool -S eth0 | sed -n 's/.*[rt]x_queue_[0-9]*_packets: //p'
}

# Line by line; queues that have gone tell nothing.
never_less()
{
	counters > /run/counted
	paste_lines /run/counters /run/counted |
		awk 'NF == 2 && $2 < $1 { exit 1 }'
	status=$?
	cp /run/counted /run/counters
	return $status
}

paste_lines()
{
	awk 'NR == FNR { a[FNR] = $1; next } FNR in a { print a[FNR], $1 }' \
		"$1" "$2"
}

# outlives TEXT COMMAND...: all is as it was, and counters go on
outlives()
{
	name=$1
	shift
	check "$name" "$@"
	within 10 carrier eth0
	check "$name: nothing else has changed" kept
	[ ! -e /run/failed ] || diff_now
	check "$name: the host answers" pings "$HOST4" 3 1000
	check "$name: no counter went back" never_less
}

diff_now()
{
	paste_different | comment "before, and now:"
}

paste_different()
{
	awk 'NR == FNR { a[FNR] = $0; next }
		a[FNR] != $0 { print a[FNR] " -> " $0 }' /run/then /run/now
}

check "eth0 comes up" bring_up
check "the host answers" reach
first_rings=$(rings)
check "a key and a table" ethtool -X eth0 hkey "$KEY" weight 3 1
for name in rx gso gro rxhash tso lro; do
	check "$name off" ethtool -K eth0 $name off
done
check "promiscuous mode" ip link set eth0 promisc on
check "an address" ip link set eth0 address 02:15:5d:65:43:21
peer run ip neigh flush dev tap0
check "a queue length" ip link set eth0 txqueuelen 777
check "a speed" ethtool -s eth0 speed 4321 duplex half
check "tx-copybreak" ethtool --set-tunable eth0 tx-copybreak 3000
check "adaptive-tx off" ethtool -C eth0 adaptive-tx off
[ "$KERNEL" = 6.1 ] || check "limits of messages" aggregation eth0 2000 5
check "message levels" ethtool -s eth0 msglvl 0x0c03
sleep 0.5
settings > /run/then
for word in "02:15:5d:65:43:21" "777" "4321Mb/s" "00:5a:c3:ff"; do
	check "$word is told" grep -q "$word" /run/then
done
equal "the host has the filter" 32 "$(tail -n 1 /run/then)"
counters > /run/counters

outlives "two channels" ethtool -L eth0 combined 2
equal "there are two" 2 "$(channels)"
outlives "four channels" ethtool -L eth0 combined 4
equal "there are four" 4 "$(channels)"
outlives "other buffers" ethtool -G eth0 rx 1000 tx 64
outlives "MTU 4000" ip link set eth0 mtu 4000
equal "it is 4000" 4000 "$(mtu)"
outlives "down and up" \
	sh -c '/bin/ip link set eth0 down && /bin/ip link set eth0 up'

# What the host refuses changes nothing at all.
too_much() { ! ip link set eth0 mtu 65000; }
with_rings=$(rings)
outlives "an MTU that the host refuses" too_much
equal "the MTU is what it was" 4000 "$(mtu)"
equal "the buffers are what they were" "$with_rings" "$(rings)"
equal "the channels are what they were" 4 "$(channels)"

ip link set eth0 mtu 1500
set -- $first_rings
ethtool -G eth0 rx "$1" tx "$2"
within 10 carrier eth0
check "nothing else has changed at the end" kept
equal "the buffers are the first" "$first_rings" "$(rings)"
