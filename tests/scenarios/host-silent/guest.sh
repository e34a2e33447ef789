# SPDX-License-Identifier: GPL-2.0

. /silence.sh

# For these the driver waits 10 s, for the others 60 s.
SHORT="version ndis-config ndis-version receive-buffer send-buffer subchannels"
LONG="initialize query-offload query-rss query-frame-size query-link"
LONG_TOO="query-speed offers set-rss set-offload query-address query-name"
FIRST_SHORT=10

# complaints N TEXT: lines of the driver about that device, the core's left out
complaints()
{
	dmesg | grep "hv_netvsc $(device "$1"):" | grep -v 'probe with' |
		grep -c "$2"
}

# gone_at_once N STEP: the host takes away what the driver waits for
gone_at_once()
{
	! bound "$1" || return 1
	host nic rescind "$1" now
	took_less 300 within 5 bound "$1" || return 1
	# Without a name a NIC can do.
	[ "$2" = query-name ] || bind_failed "$1" || return 1
	within 5 no_device "$1"
}

# all_at_once STEP...: of NICs 1 and following, at the same time
all_at_once()
{
	number=0
	for step in "$@"; do
		number=$((number + 1))
		check "$step: offered" offer_silent $number "$step"
	done
	sleep 1
	check "RTNL is free meanwhile" rtnl_is_free
	number=0
	for step in "$@"; do
		number=$((number + 1))
		check "$step: the host takes the NIC away, the driver notices" \
			gone_at_once $number "$step"
		host silence $number off
	done
}

# in_the_middle TEXT COMMAND...: while the host is silent; then it takes eth1 away
in_the_middle()
{
	text=$1
	shift
	host nic offer 1
	within 10 present eth1 || not_ok "$text: eth1 is there"
	[ "$text" = up -o "$text" = address ] || ip link set eth1 up
	host silence 1 on
	rm -f /run/acted
	("$@"; touch /run/acted) > /dev/null 2>&1 &
	sleep 0.5
	[ "$text" = "receive mode" ] || [ ! -e /run/acted ] ||
		not_ok "$text: it waits for the host"
	host nic rescind 1 now
	check "$text: who waits comes back at once, the NIC goes" \
		took_less 400 within 10 sh -c \
		'[ -e /run/acted ] && [ ! -e /sys/class/net/eth1 ]'
	wait $!
	host silence 1 off
}

check "eth0 comes up" bring_up
check "the host answers" reach
echo 0 > $VMBUS/drivers_autoprobe
watch_d &
watch=$!

number=$FIRST_SHORT
for step in $SHORT; do
	check "$step: offered" offer_silent $number "$step"
	number=$((number + 1))
done
check "somebody waits" within 5 sh -c '. /silence.sh; [ -n "$(tasks_in_d)" ]'
check "RTNL is free" rtnl_is_free
# Meanwhile, with what the driver would wait longer for.
all_at_once $LONG
all_at_once $LONG_TOO

number=$FIRST_SHORT
for step in $SHORT; do
	check "$step: the driver gives up" within 20 bound $number
	check "$step: the probe fails" bind_failed $number
	took=$(bind_took $number)
	check "$step: after 10 s ($took)" [ "$took" -ge 990 -a "$took" -lt 2000 ]
	equal "$step: one line of the log says why" 1 \
		"$(complaints $number 'host did not answer')"
	equal "$step: and nothing else" 1 "$(complaints $number '')"
	host nic rescind $number now
	host silence $number off
	number=$((number + 1))
done

echo 1 > $VMBUS/drivers_autoprobe
in_the_middle "MTU" ip link set eth1 mtu 3000
in_the_middle "channels" ethtool -L eth1 combined 2
in_the_middle "ring" ethtool -G eth1 rx 1000
in_the_middle "RSS" ethtool -X eth1 equal 2
in_the_middle "coalescing" ethtool -K eth1 lro off
in_the_middle "address" ip link set eth1 address 02:00:00:01:02:03
in_the_middle "receive mode" ip link set eth1 promisc on
in_the_middle "up" ip link set eth1 up
in_the_middle "down" ip link set eth1 down

: > /run/d-stop
wait $watch
longest=$(longest_d)
# A probe is one wait from end to end, with all that the emulation adds to it.
check "nobody waited longer than that ($longest)" \
	[ "$longest" -ge 500 -a "$longest" -lt 2000 ]
check "the host offers NIC 1 again" host nic offer 1
check "eth1 comes back" within 10 present eth1
check "and can be used" ip link set eth1 up
check "eth0 works" pings "$HOST4" 10 1000
check "the module unloads" took_less 1000 driver_unload
