# SPDX-License-Identifier: GPL-2.0
#
# eth0: a source of as many frames as it is asked for; eth1: an echo; eth2: as
# eth0, with four queues. Zero-copy mode with our driver, copy mode with both.

. /sockets.sh

ours() { [ "$DRIVER" = ours ]; }

# received TEXT NIC DEVICE OPTION...: 1200 frames, each once, each byte right
received()
{
	what=$1 source=$2 device=$3
	shift 3
	start=$(redirected "$device")
	begin rx "$@" receive "$device" 1200
	lumps "$source" "$device" 6 200
	end "$what: 1200 frames, whole, each once" rx
	equal "$what: as many were redirected" 1200 \
		"$(($(redirected "$device") - start))"
}

# exchanged TEXT COUNT SIZE OPTION...: sent and received again
exchanged()
{
	what=$1 count=$2 size=$3
	shift 3
	sent=$(sum eth1 "tx_queue_[0-9]*_packets")
	check "$what: $count frames of $size bytes, each byte, each completion" \
		xsk "$@" exchange eth1 "$count" "$size"
	equal "$what: as many were sent" "$count" \
		"$(($(sum eth1 "tx_queue_[0-9]*_packets") - sent))"
}

copybreak() { ethtool --set-tunable eth1 tx-copybreak "$1" > /dev/null; }

quiet_nics 0 1 2

# Every driver: copy mode.
received "copy mode" 0 eth0 -c
exchanged "copy mode" 500 200 -c
ours || exit 0

received "zero-copy" 0 eth0
received "need_wakeup" 0 eth0 -w
received "four queues" 2 eth2 -w -q 4

# A socket that stands still: what its 256 buffers do not hold is counted.
met() { echo $(($(redirected eth0) + $(sum eth0 rx_xdp_failed))); }
begin stopped receive eth0 1200
kill -STOP "$pid"
start=$(redirected eth0) before=$(met)
host source 0 600 > /dev/null
within 20 is $((before + 600)) met
equal "a socket that stands still gets 256 frames" 256 \
	"$(($(redirected eth0) - start))"
equal "the others are counted" 344 "$(sum eth0 rx_xdp_failed)"
equal "as those for which it had no place" 344 "$(sum eth0 rx_xsk_copied)"
kill -CONT "$pid"
kill "$pid"
wait "$pid"
received "after that" 0 eth0

copied=$(sum eth1 tx_copied)
exchanged "zero-copy" 1000 64
equal "short frames were copied" 1000 "$(($(sum eth1 tx_copied) - copied))"
exchanged "need_wakeup" 1000 1000 -w
check "frames above 100 bytes are listed" copybreak 100
copied=$(sum eth1 tx_copied)
exchanged "listed" 1000 1514 -w
equal "none was copied" 0 "$(($(sum eth1 tx_copied) - copied))"
check "frames above 700 bytes are listed" copybreak 700
exchanged "copied and listed by turns" 1000 0 -w
check "frames up to 8192 bytes are copied" copybreak 8192
equal "sockets sent what was sent" "$((1000 * 4))" \
	"$(sum eth1 "tx_queue_[0-9]*_xsk_xmit")"

# From one NIC to another, to an echo, and back.
start=$(redirected eth1)
begin forward -w forward eth0 eth1 600
lumps 0 eth0 6 100
end "forward: 600 frames there and back, whole, each once" forward
equal "forward: as many came back" 600 "$(($(redirected eth1) - start))"
