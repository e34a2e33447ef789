# SPDX-License-Identifier: GPL-2.0

# session ADDRESS PORT: a connection to the guest's echo, without an end
peer_session()
{
	{ traffic flows "$1" "$2" 1 1000000000000 & echo $! > "$RESULTS/session.pid"
	wait $!
	echo $? > "$RESULTS/session.part"
	mv "$RESULTS/session.part" "$RESULTS/session"; } \
		> /dev/null 2>> "$RESULTS/peer-errors" &
}

peer_session_going() { [ ! -e "$RESULTS/session" ]; }

echoed() { cat /sys/class/net/tap0/statistics/rx_bytes; }

# session_says: half a megabyte more comes back, within a minute
peer_session_says()
{
	tries=600
	from=$(echoed)
	until [ $(($(echoed) - from)) -ge 500000 ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# session_over: has it end, and waits as long as bytes come back; whether all did
peer_session_over()
{
	kill -USR1 "$(cat "$RESULTS/session.pid")"
	tries=600
	before=
	until [ -e "$RESULTS/session" ]; do
		bytes=$(echoed)
		[ "$bytes" = "$before" ] || tries=600
		before=$bytes
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
	[ "$(cat "$RESULTS/session")" = 0 ]
}
