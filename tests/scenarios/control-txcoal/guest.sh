# SPDX-License-Identifier: GPL-2.0

COUNT=4000

snapshot()
{
	sections=$(host_counter tx_sections)
	direct=$(host_counter tx_direct)
	one=$(messages_of 1) few=$(messages_of 2-4) many=$(messages_of 5-16)
	frames=$(sink_frames)
}

# burst SIZE: shared frames, 32 at a time; what became of them, in the variables
burst()
{
	snapshot
	before="$sections $direct $one $few $many $frames"
	pktgen_frames eth0 "count $COUNT" "pkt_size $1" "burst 32"
	pktgen_start eth0
	within 5 sink_has $((frames + sent))
	snapshot
	set -- $before
	sections=$((sections - $1)) direct=$((direct - $2))
	one=$((one - $3)) few=$((few - $4)) many=$((many - $5))
	frames=$((frames - $6))
	echo "$frames frames: $sections in sections, $direct listed;" \
		"1: $one, 2-4: $few, 5-16: $many" | comment "the host had:"
}

copybreak()
{
	ethtool --get-tunable eth0 tx-copybreak |
		sed -n 's/.*tx-copybreak: *//p'
}

echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
check "eth0 is up" ip link set eth0 up
# More sections than messages can be under way, so that none ever lacks one.
check "there are sections enough" ethtool -G eth0 tx 2048
check "it has carrier" within 10 carrier eth0
burst 60
equal "all frames of pktgen arrive" "$sent" $frames
check "short frames share messages" [ $((few + many)) -gt $((COUNT / 20)) ]
check "these are sections" [ $sections -gt 0 ]

default=$(copybreak)
check "tx-copybreak can be read ($default)" [ "$default" -gt 0 ]
check "tx-copybreak 0" ethtool --set-tunable eth0 tx-copybreak 0
equal "it is told" 0 "$(copybreak)"
burst 60
equal "no frame is in a section" 0 $sections
equal "all are listed" $frames $direct
check "tx-copybreak 128" ethtool --set-tunable eth0 tx-copybreak 128
burst 60
equal "short frames are not listed" 0 $direct
burst 600
equal "longer ones are not in sections" 0 $sections
equal "but listed" $frames $direct
check "tx-copybreak $default" \
	ethtool --set-tunable eth0 tx-copybreak "$default"
burst 600
equal "longer frames are in sections again" 0 $direct

if [ "$KERNEL" = 6.1 ]; then
	skip "limits of messages" "this kernel has no parameters for them"
	exit 0
fi
aggregation eth0 > /run/limits
read -r max_bytes max_frames < /run/limits
check "the limits can be read ($max_bytes $max_frames)" \
	[ "$max_frames" -gt 1 ]
check "one frame a message" aggregation eth0 "$max_bytes" 1
equal "it is told" "$max_bytes 1" "$(aggregation eth0)"
burst 60
equal "no message has more" 0 $((few + many))
check "at most 4 frames a message" aggregation eth0 "$max_bytes" 4
burst 60
equal "no message has more" 0 $many
check "some have several" [ $few -gt 0 ]
check "at most 300 bytes" aggregation eth0 300 "$max_frames"
burst 60
equal "no message has 5 frames" 0 $many
check "some have several" [ $few -gt 0 ]
check "the interface goes down" ip link set eth0 down
check "and up" ip link set eth0 up
within 10 carrier eth0
equal "the limits are what they were" "300 $max_frames" "$(aggregation eth0)"
check "a new receive buffer" ethtool -G eth0 rx 512
within 10 carrier eth0
equal "the limits are what they were" "300 $max_frames" "$(aggregation eth0)"
if aggregation eth0 "$max_bytes" 100 2> /dev/null; then
	not_ok "more frames than the host takes are refused"
else
	ok "more frames than the host takes are refused"
fi
equal "and change nothing" "300 $max_frames" "$(aggregation eth0)"
check "the first limits" aggregation eth0 "$max_bytes" "$max_frames"
burst 60
check "short frames share messages again" [ $many -gt 0 ]
