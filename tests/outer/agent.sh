# SPDX-License-Identifier: GPL-2.0
# The script beside the host: reads one command a line, answers "STATUS TEXT".
#
# The command COMMAND runs the function peer_COMMAND with the other words; a
# scenario's host.sh adds its own. Background work must not keep the answer
# waiting, so it writes to files of $RESULTS.

ip() { "$IP" "$@"; }

# run WORDS...: a shell command
peer_run() { eval "$*"; }

# mtu NIC BYTES: of the TAP device
peer_mtu() { ip link set "tap$1" mtu "$2"; }

# ping ADDRESS COUNT SIZE
peer_ping()
{
	ping -A -q -c "$2" -s "$3" -W 5 "$1" | grep -q ' 0% packet loss'
}

# receive ADDRESS PORT: takes one connection; "received PORT" tells its hash
peer_receive()
{
	rm -f "$RESULTS/sha256-$2"
	{ traffic receive "$1" "$2" | sha256sum | cut -d ' ' -f 1 \
		> "$RESULTS/sha256-$2.part"
	mv "$RESULTS/sha256-$2.part" "$RESULTS/sha256-$2"; } \
		> /dev/null 2>> "$RESULTS/peer-errors" &
	listening "$2"
}

# received PORT: the hash of what "receive" took
peer_received()
{
	tries=300
	until [ -s "$RESULTS/sha256-$1" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
	cat "$RESULTS/sha256-$1"
}

# send MODE ADDRESS PORT TIMES: the job's data file, in the background
peer_send()
{
	traffic send "$1" "$2" "$3" "$JOB/data" "$4" > /dev/null \
		2>> "$RESULTS/peer-errors" &
}

# echo ADDRESS PORT: an echo server
peer_echo()
{
	traffic echo "$1" "$2" > /dev/null 2>> "$RESULTS/peer-errors" &
	listening "$2"
}

# Waits until someone listens on a TCP port.
listening()
{
	port=$(printf ":%04X" "$1")
	tries=50
	until grep -qi "$port [0-9A-F:]* 0A " /proc/net/tcp /proc/net/tcp6; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

[ -e "$JOB/host.sh" ] && . "$JOB/host.sh"
while read -r command words; do
	# Splitting is meant: words are arguments, lines become one line.
	text=$("peer_$command" $words 2>&1 < /dev/null)
	status=$?
	set -f
	echo $status $text
	set +f
done
