# SPDX-License-Identifier: GPL-2.0

# session ADDRESS PORT: a connection to the guest's echo, with much to say
peer_session()
{
	{ traffic flows "$1" "$2" 1 60000000; echo $? > "$RESULTS/session.part"
	mv "$RESULTS/session.part" "$RESULTS/session"; } \
		> /dev/null 2>> "$RESULTS/peer-errors" &
}

peer_session_going() { [ ! -e "$RESULTS/session" ]; }

# session_over: waits for its end, as long as it goes on; whether every byte came back
peer_session_over()
{
	tries=600
	before=
	until [ -e "$RESULTS/session" ]; do
		bytes=$(cat /sys/class/net/tap0/statistics/rx_bytes)
		[ "$bytes" = "$before" ] || tries=600
		before=$bytes
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
	[ "$(cat "$RESULTS/session")" = 0 ]
}
