# SPDX-License-Identifier: GPL-2.0

. /silence.sh

# For the answer to each of these the driver waits 60 s; for offers, 10 s before.
STEPS="initialize query-offload query-rss query-frame-size query-link query-speed
set-rss set-offload query-address query-name offers"

# takes TEXT LEAST MOST COMMAND...: seconds; how it ends is in $ended. The most is
# generous: what is beyond the least is the emulation's.
takes()
{
	what=$1
	least=$(($2 * 100 - 20))
	most=$(($3 * 100))
	shift 3
	began=$(now_cs)
	"$@" > /dev/null 2>&1
	ended=$?
	took=$(($(now_cs) - began))
	check "$what: after $took cs" [ "$took" -ge $least -a "$took" -lt $most ]
	check "$what: RTNL is free" rtnl_is_free
}

# fails TEXT LEAST MOST COMMAND...
fails()
{
	takes "$@"
	[ $ended -ne 0 ] || not_ok "$1: it fails"
}

# recovers TEXT: by itself, soon after the host speaks again
recovers()
{
	host silence 0 off
	check "$1: eth0 recovers when the host speaks" \
		within 30 carrier eth0
	check "$1: the host answers" within 10 reach
	equal "$1: the MTU is the old one" 1500 \
		"$(cat /sys/class/net/eth0/mtu)"
	equal "$1: there are 4 channels" 4 \
		"$(ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }')"
}

check "eth0 comes up" bring_up
check "the host answers" reach
watch_d &
watch=$!

# A host that is silent before each of them.
for turn in "MTU ip link set eth0 mtu 3000" "channels ethtool -L eth0 combined 2" \
		"ring ethtool -G eth0 rx 1000"; do
	set -- $turn
	change=$1
	shift
	host silence 0 on
	fails "$change" 10 25 "$@"
	check "$change: eth0 has no carrier" no_carrier eth0
	recovers "$change"
done

host silence 0 on
takes "down" 5 10 ip link set eth0 down
address=$(cat /sys/class/net/eth0/address)
fails "address" 5 10 ip link set eth0 address 02:00:00:01:02:03
fails "up" 5 10 ip link set eth0 up
host silence 0 off
check "eth0 goes up when the host speaks" ip link set eth0 up
check "eth0 has carrier" within 10 carrier eth0
equal "the address is the old one" "$address" \
	"$(cat /sys/class/net/eth0/address)"
# The host has heard of the other one by now, and is told better.
check "the host answers" within 20 reach

# The first of several has the whole bound, the others are short.
host silence 0 on
fails "RSS" 60 75 ethtool -X eth0 weight 1 0 0 1
fails "coalescing" 5 10 ethtool -K eth0 lro off
recovers "settings"
equal "the table is the old one" 4 "$(ethtool -x eth0 |
	awk '/^ +[0-9]+:/ { for (i = 2; i <= NF; i++) n[$i] = 1 }
		END { for (i in n) k++; print k }')"

# Probes, one of each step at the same time.
echo 0 > $VMBUS/drivers_autoprobe
number=0
for step in $STEPS; do
	number=$((number + 1))
	check "$step: offered" offer_silent $number "$step"
done
sleep 2
check "RTNL is free meanwhile" rtnl_is_free
number=0
for step in $STEPS; do
	number=$((number + 1))
	check "$step: the driver gives up" within 120 bound $number
	took=$(bind_took $number)
	[ "$step" = query-name ] ||
		check "$step: the probe fails" bind_failed $number
	if [ "$step" = offers ]; then
		check "$step: after 70 s ($took)" \
			[ "$took" -ge 6980 -a "$took" -lt 11000 ]
	else
		check "$step: after 60 s ($took)" \
			[ "$took" -ge 5980 -a "$took" -lt 7500 ]
	fi
done

: > /run/d-stop
wait $watch
longest=$(longest_d)
check "nobody waited longer than that ($longest)" \
	[ "$longest" -ge 5000 -a "$longest" -lt 11000 ]
host silence 0 on
took_less 3000 driver_unload && ok "the module unloads in time" ||
	not_ok "the module unloads in time"
