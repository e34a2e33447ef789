# SPDX-License-Identifier: GPL-2.0

COUNT=4000

# set_up SIZE BURST CLONES
set_up()
{
	pktgen_frames eth0 "count $COUNT" "pkt_size $1" "burst $2" \
		"clone_skb $3"
}

sink_bytes() { host_value tx_bytes frames 0; }

# A burst that a full queue cut short ends somewhere behind the count.
sent_enough()
{
	cat $PKTGEN/eth0
	grep -q ' errors: 0' $PKTGEN/eth0 &&
	[ "$sent" -ge $COUNT ] && [ "$sent" -lt $((COUNT + $1)) ]
}

# generate SIZE BURST CLONES
generate()
{
	name="$1 bytes, burst $2, $3 clones"
	check "$name: pktgen agrees" set_up "$@"
	frames=$(sink_frames) bytes=$(sink_bytes)
	pktgen_start eth0
	check "$name: pktgen has sent $sent" sent_enough "$2"
	within 5 sink_has $((frames + sent))
	equal "$name: the host has all frames" "$sent" \
		"$(($(sink_frames) - frames))"
	equal "$name: and all their bytes" "$((sent * $1))" \
		"$(($(sink_bytes) - bytes))"
}

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
check "eth0 is up" ip link set eth0 up
check "it has carrier" within 10 carrier eth0
bursts="1 8 32"
# The kernel's own driver dereferences NULL with longer bursts.
[ "$DRIVER" = ours ] || bursts=1
for size in 60 600 1514; do
	for burst in $bursts; do
		for clones in 0 1000; do
			generate $size $burst $clones
		done
	done
done
