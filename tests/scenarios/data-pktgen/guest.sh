# SPDX-License-Identifier: GPL-2.0

COUNT=4000
CONTROL=/proc/net/pktgen

# thread WORDS...: a command to the first thread
thread() { echo "$*" > $CONTROL/kpktgend_0; }
device() { echo "$*" > $CONTROL/eth0; }

# set_up SIZE BURST CLONES
set_up()
{
	thread rem_device_all && thread add_device eth0 &&
	device count $COUNT && device delay 0 && device pkt_size "$1" &&
	device burst "$2" && device clone_skb "$3" &&
	device dst 10.77.0.99 && device dst_mac 02:00:00:00:00:99
}

sink_frames() { host_value tx frames 0; }
sink_bytes() { host_value tx_bytes frames 0; }
arrived() { [ "$(sink_frames)" -ge $((frames + sent)) ]; }

# A burst that a full queue cut short ends somewhere behind the count.
sent_enough()
{
	cat $CONTROL/eth0
	grep -q ' errors: 0' $CONTROL/eth0 &&
	[ "$sent" -ge $COUNT ] && [ "$sent" -lt $((COUNT + $1)) ]
}

# generate SIZE BURST CLONES
generate()
{
	name="$1 bytes, burst $2, $3 clones"
	check "$name: pktgen agrees" set_up "$@"
	frames=$(sink_frames) bytes=$(sink_bytes)
	echo start > $CONTROL/pgctrl
	sent=$(sed -n 's/.*pkts-sofar: \([0-9]*\).*/\1/p' $CONTROL/eth0)
	check "$name: pktgen has sent $sent" sent_enough "$2"
	within 5 arrived
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
