# SPDX-License-Identifier: GPL-2.0

# quiet: nothing but what is asked for comes from here
peer_quiet()
{
	for tap in tap1 tap2; do
		echo 1 > /proc/sys/net/ipv6/conf/$tap/disable_ipv6 || return 1
	done
}

# collect: the MAC address to which datagrams go that are collected. Theirs are
# addresses and a port that xdp-trafficgen does not let one choose.
peer_collect()
{
	ip addr add 10.10.10.32/24 dev tap1
	traffic udp-receive 10.10.10.32 4096 >> "$RESULTS/collected" \
		2>> "$RESULTS/peer-errors" &
	cat /sys/class/net/tap1/address
}

# collected: how many bytes have come
peer_collected() { stat -c %s "$RESULTS/collected"; }

# sum: their SHA-256
peer_sum() { sha256sum < "$RESULTS/collected" | cut -d ' ' -f 1; }

# forget: what has been collected so far
peer_forget() { : > "$RESULTS/collected"; }

# hairpin MAC COUNT: frames that come back
peer_hairpin() { traffic hairpin tap2 "$1" "$2"; }
