# SPDX-License-Identifier: GPL-2.0

COUNT=4001

adaptive() { ethtool -c eth0 | sed -n 's/^Adaptive.*TX: *//p'; }

# stream COUNT: frames one by one; what the host had of them, in the variables.
# Nothing is sent after them that could take them along.
stream()
{
	frames=$(sink_frames) signals=$(host_counter signals)
	single=$(messages_of 1)
	pktgen_frames eth0 "count $1" "pkt_size 60" "burst 1" || return 1
	pktgen_start eth0
	within 2 sink_has $((frames + $1))
	frames=$(($(sink_frames) - frames))
	signals=$(($(host_counter signals) - signals))
	single=$(($(messages_of 1) - single))
	echo "$frames frames, $single alone in a message, $signals signals" |
		comment "the host had:"
}

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
check "eth0 is up" ip link set eth0 up
check "it has carrier" within 10 carrier eth0
check "the host serves at once" host delay 0 0
equal "adaptive-tx is on" on "$(adaptive)"
for count in 1 2 13 37 $COUNT; do
	stream $count
	equal "all of a stream of $count arrive" $count $frames
done

# What is under way when the interface goes down arrives, or is counted.
stream $COUNT
before=$(sink_frames)
pktgen_start eth0
check "the interface goes down at once" ip link set eth0 down
check "the last frames arrive all the same" \
	within 5 sink_has $((before + COUNT))
check "it comes up" ip link set eth0 up
check "it has carrier" within 10 carrier eth0
equal "adaptive-tx is still on" on "$(adaptive)"

check "adaptive-tx off" ethtool -C eth0 adaptive-tx off
equal "it is told" off "$(adaptive)"
stream $COUNT
equal "all arrive" $COUNT $frames
equal "each in a message of its own" $COUNT $single
if [ "$KERNEL" = 6.1 ]; then
	skip "how long one may wait" "this kernel has no parameter for it"
	exit 0
fi
check "adaptive-tx on" ethtool -C eth0 adaptive-tx on
usecs=$(aggregation eth0 time)
check "how long one may wait can be read ($usecs us)" [ "$usecs" -gt 0 ]
# Under emulation the frames of a stream come far apart.
check "a millisecond" aggregation eth0 time 1000
equal "it is told" 1000 "$(aggregation eth0 time)"
stream $COUNT
equal "all arrive" $COUNT $frames
check "not each in a message of its own" \
	[ "$single" -lt $((COUNT - COUNT / 20)) ]
for count in 1 12 35 50; do
	stream $count
	equal "all of a stream of $count arrive" $count $frames
done
if aggregation eth0 time 1001 2> /dev/null; then
	not_ok "longer is refused"
else
	ok "longer is refused"
fi
equal "and changes nothing" 1000 "$(aggregation eth0 time)"
check "no time at all" aggregation eth0 time 0
stream $COUNT
equal "all arrive" $COUNT $frames
equal "each in a message of its own" $COUNT $single
