# SPDX-License-Identifier: GPL-2.0
#
# Programs for AF_XDP sockets that others have written: those of xdp-tools, which
# go back to the kernel's xdpsock. eth0: a source of as many frames as it is asked
# for; eth1, eth2: TAP devices.

. /sockets.sh

PATTERN=ABCD

ours() { [ "$DRIVER" = ours ]; }

mode=copy
! ours || mode=zero-copy

# total NAME RX|TX: what a program says at its end
total() { awk -v what="$2" '$1 == what { print $2; exit }' "/run/$1"; }

# served TEXT COUNT DEVICE PATTERN: frames in zero-copy mode, as our driver counts
served()
{
	if ours; then
		equal "$1: as many in zero-copy mode" "$2" "$(sum "$3" "$4")"
	fi
}

# payload COUNT BYTES: of so many datagrams
payload()
{
	awk -v count="$1" -v bytes="$2" -v pattern=$PATTERN 'BEGIN {
		for (i = 0; i < bytes; i++)
			one = one substr(pattern, i % length(pattern) + 1, 1)
		while (count--)
			printf "%s", one
	}'
}

# transmitted COUNT SIZE: datagrams in frames of that size
transmitted()
{
	what="transmit, $2 bytes" bytes=$(($2 - 42))
	peer forget
	# The size it is told includes a checksum, which it does not send. In the
	# end it takes note of one batch of completions a second (-O: so often at
	# most), and while it lags behind by a ring the kernel sends nothing.
	start udp Transmitting xdp-trafficgen xsk-udp -C $mode -m "$mac" -c "$1" \
		-s $(($2 + 4)) -P 0x"$(printf %s $PATTERN | hexdump -e '1/1 "%x"')" \
		-b 1024 -O 60 eth1
	within 20 is $(($1 * bytes)) peer collected
	kill $pid
	end "$what: xsk-udp comes to a good end" udp
	equal "$what: it has sent $1 frames" "$1" "$(total udp TX)"
	equal "$what: the host has got as many bytes" $(($1 * bytes)) \
		"$(peer collected)"
	equal "$what: each byte" "$(payload "$1" $bytes | sha256sum |
		cut -d ' ' -f 1)" "$(peer sum)"
}

check "the host is quiet" peer quiet
quiet_nics 0 1 2
check "programs can be put into the kernel together" mount -t bpf bpf /sys/fs/bpf

# With -p it sleeps while there is nothing.
start drop Dropping xdp-bench xsk-drop -p -C $mode eth0
lumps 0 eth0 3 1000
kill $pid
end "receive: xsk-drop comes to a good end" drop
equal "receive: it has got 3000 frames" 3000 "$(total drop RX)"
served receive 3000 eth0 rx_queue_0_xsk_redirect

mac=$(peer collect)
! ours || check "frames above 100 bytes are listed" \
	ethtool --set-tunable eth1 tx-copybreak 100
transmitted 3000 60
copied=$(sum eth1 tx_copied)
transmitted 3000 1514
served transmit 6000 eth1 tx_queue_0_xsk_xmit
! ours || equal "transmit: none of 1514 bytes was copied" "$copied" \
	"$(sum eth1 tx_copied)"

! ours || check "frames above 700 bytes are listed" \
	ethtool --set-tunable eth2 tx-copybreak 700
# Without -p it calls the kernel only when its ring is full, and the last frames
# wait for the next to come in.
start hairpin Hairpinning xdp-bench xsk-tx -p -C $mode eth2
check "forward: 3000 frames come back, each once, each byte" \
	peer hairpin "$(cat /sys/class/net/eth2/address)" 3000
kill $pid
end "forward: xsk-tx comes to a good end" hairpin
equal "forward: it has got 3000 frames" 3000 "$(total hairpin RX)"
equal "forward: it has sent 3000 frames" 3000 "$(total hairpin TX)"
served forward 3000 eth2 rx_queue_0_xsk_redirect
served "forward, back" 3000 eth2 tx_queue_0_xsk_xmit
