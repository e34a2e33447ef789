# SPDX-License-Identifier: GPL-2.0
# Functions for scenarios with AF_XDP sockets that run in the background.

# quiet_nics NIC...: come up, and send nothing of their own accord
quiet_nics()
{
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
	for nic in "$@"; do
		echo 1 > "/proc/sys/net/ipv6/conf/eth$nic/disable_ipv6"
		ethtool -K "eth$nic" lro off
		check "eth$nic comes up" ip link set "eth$nic" up
		check "eth$nic has carrier" within 10 carrier "eth$nic"
	done
}

redirected() { sum "$1" "rx_queue_[0-9]*_xdp_redirect"; }

# lumps NIC DEVICE TIMES COUNT: as many frames as a socket has room for at a time
lumps()
{
	for lump in $(seq "$3"); do
		before=$(redirected "$2")
		host source "$1" "$4" > /dev/null
		within 20 is $((before + $4)) redirected "$2" || break
		sleep 0.2
	done
}

# start NAME WORD COMMAND...: in the background, with sockets once it says WORD
start()
{
	name=$1 word=$2
	shift 2
	"$@" > "/run/$name" 2>&1 &
	pid=$!
	within 20 grep -q "$word" "/run/$name" || { not_ok "$name: no socket"
		comment "$name:" < "/run/$name"; }
}

# begin NAME WORDS...: xsk
begin()
{
	name=$1
	shift
	start "$name" ready xsk "$@"
}

# end TEXT NAME: it has found everything as it should be
end()
{
	if wait "$pid"; then
		ok "$1"
	else
		not_ok "$1"
		comment "$2:" < "/run/$2"
	fi
}
