# SPDX-License-Identifier: GPL-2.0

COUNT=4001
CONTROL=/proc/net/pktgen

sink_frames() { host_value tx frames 0; }
arrived() { [ "$(sink_frames)" -ge "$1" ]; }
adaptive() { ethtool -c eth0 | sed -n 's/^Adaptive.*TX: *//p'; }

# stream COUNT: frames one by one; what the host had of them, in the variables.
# Nothing is sent after them that could take them along.
stream()
{
	frames=$(sink_frames) signals=$(host_counter signals)
	single=$(messages_of 1)
	echo rem_device_all > $CONTROL/kpktgend_0
	echo add_device eth0 > $CONTROL/kpktgend_0
	for setting in "count $1" "delay 0" "pkt_size 60" "burst 1" \
			"dst 10.77.0.99" "dst_mac 02:00:00:00:00:99"; do
		echo "$setting" > $CONTROL/eth0
	done
	echo start > $CONTROL/pgctrl
	within 2 arrived $((frames + $1))
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
echo "count $COUNT" > $CONTROL/eth0
echo start > $CONTROL/pgctrl
check "the interface goes down at once" ip link set eth0 down
check "the last frames arrive all the same" \
	within 5 arrived $((before + COUNT))
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
