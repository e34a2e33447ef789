# SPDX-License-Identifier: GPL-2.0
# What bench needs beside hvhost: the other end of its TCP rows.

echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save

# drop ADDRESS PORT: takes one connection and drops what comes
peer_drop()
{
	"$JOB/load" tcp-recv "$1" "$2" 0 > /dev/null \
		2>> "$RESULTS/peer-errors" &
	listening "$2"
}

# push ADDRESS PORT WARM BYTES: sends as much to the guest
peer_push()
{
	"$JOB/load" tcp-send "$1" "$2" "$3" "$4" > /dev/null \
		2>> "$RESULTS/peer-errors" &
}

# answer ADDRESS PORT: answers every request
peer_answer()
{
	"$JOB/load" tcp-echo "$1" "$2" > /dev/null 2>> "$RESULTS/peer-errors" &
	listening "$2"
}
