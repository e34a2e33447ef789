# SPDX-License-Identifier: GPL-2.0
#
# eth0: a TAP device, for pings; eth1: a source of as many frames as it is asked
# for; eth2: a sink that counts.

ours() { [ "$DRIVER" = ours ]; }

verdicts() { sum "$1" "rx_queue_[0-9]*_xdp_$2"; }
received() { link_statistic rx_packets "$1"; }
returned() { host_value tx frames 1; }

# source COUNT WANT COMMAND...: asks for frames, waits for what counts them
source_until()
{
	host source 1 "$1" > /dev/null
	shift
	within 20 is "$@"
	sleep 0.2
}

# exactly TEXT COUNT COMMAND... -- PROGRAM...: so many more after as many frames
exactly()
{
	what=$1 count=$2 counter=
	shift 2
	while [ "$1" != -- ]; do
		counter="$counter $1"
		shift
	done
	shift
	check "$what: the program is attached" xdp attach eth1 "$@"
	before=$($counter) up=$(received 1)
	source_until "$count" $((before + count)) $counter
	equal "$what" "$count" "$(($($counter) - before))"
	up=$(($(received 1) - up))
}

# refused TEXT WHY COMMAND...: an attempt that fails, and says why
refused()
{
	text=$1 why=$2
	shift 2
	if "$@" > /run/refused 2>&1; then
		not_ok "$text: it was allowed"
	elif grep -q "$why" /run/refused; then
		ok "$text"
	else
		not_ok "$text"
		comment "without '$why':" < /run/refused
	fi
}

# answers TEXT ADDRESS COUNT SIZE: pings of the host that the program answers
answers()
{
	before=$(verdicts eth0 tx)
	check "$1: $3 pings of $4 bytes" peer ping "$2" "$3" "$4"
	equal "$1: the program answered them" "$3" \
		"$(($(verdicts eth0 tx) - before))"
}

mtu()
{
	ip link set eth0 mtu "$1" && peer mtu 0 "$1" && within 10 carrier eth0
}

lro() { ethtool -k eth0 | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'; }

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for nic in 0 1 2; do
	echo 1 > /proc/sys/net/ipv6/conf/eth$nic/disable_ipv6
	check "eth$nic comes up" ip link set eth$nic up
	check "eth$nic has carrier" within 10 carrier eth$nic
	ours || ethtool -K eth$nic lro off
done
ip addr add 10.77.0.2/24 dev eth0
check "the host answers" reach

# One verdict after the other, on as many frames as there are.
exactly "five dropped frames count five" 5 verdicts eth1 drop -- drop
equal "nothing of them came up" 0 "$up"
exactly "five frames that pass" 5 received 1 -- pass
back=$(returned)
exactly "300 frames sent back count 300" 300 verdicts eth1 tx -- tx
within 5 is $((back + 300)) returned
equal "the host got 300" 300 "$(($(returned) - back))"
back=$(returned)
exactly "five frames sent back" 5 verdicts eth1 tx -- tx
within 5 is $((back + 5)) returned
equal "the host got five" 5 "$(($(returned) - back))"
if ours; then
	exactly "five frames on which it fails" 5 sum eth1 rx_xdp_aborted -- \
		aborted
	equal "nothing of them came up" 0 "$up"
	exactly "five frames with no verdict" 5 sum eth1 rx_xdp_aborted -- 77
	equal "none of its verdicts failed" 0 "$(sum eth1 rx_xdp_failed)"
fi

# A program comes, goes and takes another's place: no frame is lost or passed by.
changes=$(cat /sys/class/net/eth1/carrier_changes)
check "a program that drops" xdp attach eth1 drop
before=$(($(verdicts eth1 drop) + $(received 1)))
host source 1 20000 > /dev/null
equal "it is replaced 1000 times under load" 0 \
	"$(xdp replace eth1 1000 pass drop)"
total() { echo $(($(verdicts eth1 drop) + $(received 1))); }
within 30 is $((before + 20000)) total
equal "each frame met one of the two" 20000 "$(($(total) - before))"
equal "the link stayed up" "$changes" "$(cat /sys/class/net/eth1/carrier_changes)"

# From this driver to this driver, and to and from another.
ip link add veth0 type veth peer name veth1
ip link set veth0 up
ip link set veth1 up
check "veth takes frames" xdp attach veth1 pass
veth() { cat /sys/class/net/veth1/statistics/rx_packets; }
exactly "100 frames go to veth" 100 verdicts eth1 redirect -- redirect veth0
check "they arrive" within 5 is 100 veth
# Pairs of frames of 64 bytes that the host calls pieces of one frame.
if ours; then
	veth_bytes() { cat /sys/class/net/veth1/statistics/rx_bytes; }
	host attack 1 pieces-of-one-frame > /dev/null
	bytes=$(veth_bytes)
	source_until 40 $(($(veth) + 38)) veth
	host attack 1 off > /dev/null
	equal "a program sees all pieces of a frame" $((40 * 64)) \
		"$(($(veth_bytes) - bytes))"
fi
sink_nic() { host_value tx frames 2; }
sink=$(sink_nic)
exactly "1000 frames go to eth2" 1000 verdicts eth1 redirect -- redirect eth2
check "they leave" within 5 is $((sink + 1000)) sink_nic
if ours; then
	equal "eth2 counts them" 1000 "$(sum eth2 'tx_queue_[0-9]*_xdp_xmit')"
fi
check "veth sends to eth2" xdp attach veth1 redirect eth2
check "pktgen agrees" pktgen_frames veth0 "count 1000" \
	"pkt_size 60" "delay 200000"
sink=$(sink_nic)
pktgen_start veth0
check "1000 frames of pktgen leave" within 5 is $((sink + 1000)) sink_nic
ip link set eth2 down
before=$(sink_nic)
xdp attach eth1 redirect eth2
host source 1 100 > /dev/null
sleep 1
equal "an interface that is down sends none" "$before" "$(sink_nic)"
check "it comes up again" ip link set eth2 up
within 10 carrier eth2
source_until 100 $((before + 100)) sink_nic
equal "and sends again" "$((before + 100))" "$(sink_nic)"
check "the program goes" xdp detach eth1
ip link del veth0

# Head, tail, word in front, another processor.
check "a program that grows and cuts frames" xdp attach eth0 tail
for size in 18 56 1400; do
	check "$size bytes pass" peer ping 10.77.0.2 10 $size
done
check "through a CPU map" xdp attach eth0 cpu 0
check "pings pass" peer ping 10.77.0.2 20 56
check "the host has VLAN 100" peer vlan
ip link add link eth0 name eth0.100 type vlan id 100
ip addr add 10.78.0.2/24 dev eth0.100
check "the guest has VLAN 100" ip link set eth0.100 up
tagged() { cat /sys/class/net/eth0.100/statistics/rx_packets; }
check "a program that adds a tag" xdp attach eth0 tag 100
before=$(tagged)
check "pings pass" peer ping 10.77.0.2 20 56
check "with the tag" [ "$(($(tagged) - before))" -ge 20 ]
if ours; then
	mount -t bpf bpf /sys/fs/bpf
	check "a filter for a word in front" xdp pin /sys/fs/bpf/want want-meta
	tc qdisc add dev eth0 clsact
	check "tc takes it" tc filter add dev eth0 ingress protocol ip bpf da \
		object-pinned /sys/fs/bpf/want
	check "a program that writes the word" xdp attach eth0 meta
	check "pings pass" peer ping 10.77.0.2 10 56
	check "one that does not" xdp attach eth0 pass
	if peer run ping -q -c 1 -W 1 10.77.0.2 > /dev/null; then
		not_ok "pings do not pass"
	else
		ok "pings do not pass"
	fi
	tc qdisc del dev eth0 clsact
fi

# What the host says of a frame, where kernels let programs ask.
if ours && xdp_asks; then
	check "the program goes" xdp detach eth0
	xdp metadata eth0 "$(ethtool -x eth0 |
		grep -E '^([0-9a-f]{2}:){39}')" > /run/metadata 2>&1 &
	within 10 grep -q ready /run/metadata
	peer ping 10.78.0.2 1 56 > /dev/null
	wait $!
	equal "a program is told the tag" 0,8100,100 \
		"$(tr ' ' '\n' < /run/metadata | sed -n 's/^tag=//p')"
fi

# A program that answers pings sees every byte through, at every length.
check "a program that answers" xdp attach eth0 pong
answers "MTU 1500" 10.77.0.2 20 1472
tags=$(peer tagged)
answers "with a tag" 10.78.0.2 20 1400
check "with a tag: the host saw the tags" \
	[ "$(($(peer tagged) - tags))" -ge 20 ]
ip link del eth0.100
for size in 68 3506; do
	check "MTU $size" mtu $size
	answers "MTU $size" 10.77.0.2 20 $((size - 28))
done
refused "MTU 3507 is refused" . ip link set eth0 mtu 3507
check "MTU 1500" mtu 1500
if ours; then
	equal "with it nothing is coalesced" off "$(lro)"
	check "a program for several buffers" xdp attach eth0 frags pong
	equal "the host coalesces again" on "$(lro)"
	check "MTU 9000" mtu 9000
	answers "MTU 9000" 10.77.0.2 20 8972
	answers "MTU 9000" 10.77.0.2 20 100
	refused "without several buffers it is refused" \
		"MTU above 3506, program lacks" \
		xdp attach eth0 pong
	answers "the old one is still there" 10.77.0.2 5 8972
	check "one that lets pass" xdp attach eth0 frags pass
	for run in 1 2; do
		port=500$run
		traffic receive 10.77.0.2 $port | sha256sum > /run/sha256 &
		within 5 listening $port
		peer send write 10.77.0.2 $port "$TIMES"
		wait $!
		equal "coalesced TCP passes unharmed, MTU $(cat \
			/sys/class/net/eth0/mtu)" "$SHA256" \
			"$(cut -d ' ' -f 1 /run/sha256)"
		mtu 1500
	done
	check "it was coalesced" [ "$(sum eth0 rx_rsc)" -gt 100 ]
	equal "none was too long" 0 "$(sum eth0 rx_xdp_too_long)"
	check "it goes" xdp detach eth0
	equal "the host still coalesces" on "$(lro)"
else
	check "the program goes" xdp detach eth0
fi
check "the host still answers" reach
