# SPDX-License-Identifier: GPL-2.0

# netlog ADDRESS PORT: what datagrams say goes to a file
peer_netlog()
{
	traffic udp-receive "$1" "$2" > "$RESULTS/netlog" \
		2>> "$RESULTS/peer-errors" &
}

# netlines WORD: how many different lines "WORD number" came
peer_netlines()
{
	grep -o "$1 [0-9]*" "$RESULTS/netlog" | sort -u | wc -l
}
