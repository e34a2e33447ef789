# SPDX-License-Identifier: GPL-2.0

# Nobody is there: what is sent to it ends behind the host's network card.
NOBODY=10.77.0.99
ROUNDS=2
SECONDS_WITHHELD=10

# No frame may come from anything but the load while frames are counted.
quiet_network()
{
	mac=$(peer run cat /sys/class/net/tap0/address)
	echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
	ip neigh replace "$HOST4" lladdr "$mac" dev eth0 nud permanent &&
	ip neigh replace "$NOBODY" lladdr 02:00:00:00:00:99 dev eth0 \
		nud permanent &&
	peer run ip neigh replace "$GUEST4" lladdr \
		"$(cat /sys/class/net/eth0/address)" dev tap0 nud permanent
}

host_frames() { host_value tx frames 0; }

# All counters that the account is made of, as name=value words.
account()
{
	echo "sent=$(qdisc_sent) qdisc_dropped=$(qdisc_dropped)" \
		"packets=$(link_statistic tx_packets)" \
		"dropped=$(link_statistic tx_dropped)" \
		"errors=$(link_statistic tx_errors) host=$(host_frames)"
}

start_load()
{
	for size in 30 30 1400 1400; do
		traffic udp-send "$NOBODY" 9 $size 0 16 > "/run/tally-$size-$1" \
			2>&1 &
		loads="$loads $!"
		set -- "$1"x
	done
}

stop_load()
{
	kill $loads
	wait $loads
}

more_frames_than() { [ "$(host_frames)" -gt "$1" ]; }
no_more_than() { sleep 1; [ "$(host_frames)" -eq "$1" ]; }
all_done()
{
	[ "$(qdisc_backlog)" -eq 0 ] &&
	[ "$(($(qdisc_sent) - before_sent))" -eq \
		"$(($(link_statistic tx_packets) +
		    $(link_statistic tx_dropped) +
		    $(link_statistic tx_errors) - before_out))" ]
}

# withhold TEXT WHAT: for a while; then frames must flow again at once
withhold()
{
	check "$1: the host withholds $2" host withhold 0 "$2" on
	sleep "$SECONDS_WITHHELD"
	check "$1: frames pile up before the driver" \
		[ "$(qdisc_backlog)" -gt 0 ]
	stood=$(host_frames)
	check "$1: nothing moves" no_more_than "$stood"
	if [ "$2" = completions ]; then
		check "$1: completions are owed" \
			[ "$(host_value 0.withheld channels 0)" -gt 0 ]
	fi
	check "$1: the host lets go" host withhold 0 "$2" off
	check "$1: frames flow within 2 s" within 2 more_frames_than "$stood"
}

loads=
check "the driver takes a small ring" driver_reload ring_size=64
check "eth0 comes up" bring_up
check "the network is quiet" quiet_network
check "the host answers" reach
sleep 1
eval "$(account | sed 's/[^ ]*=/before_&/g' | tr ' ' ';')"
before_out=$((before_packets + before_dropped + before_errors))
start_load load
round=1
while [ $round -le $ROUNDS ]; do
	withhold "round $round" completions
	withhold "round $round" ring
	round=$((round + 1))
done
check "once more: completions are withheld" host withhold 0 completions on
sleep 3
stop_load
host withhold 0 completions off
check "the host answers within 2 s" ping -q -c 1 -W 2 "$HOST4"
check "all that was queued is sent or counted within 10 s" within 10 all_done
check "50 pings pass" pings "$HOST4" 50 1000

within 5 all_done
eval "$(account | tr ' ' ';')"
account > /run/account
cat /run/tally-* >> /run/account
comment "the account:" < /run/account
# The pings are 51 frames beside the load's.
tallied=$(cat /run/tally-* | awk '{ sum += $2 } END { print sum + 51 }')
check "many frames were sent ($tallied)" [ "$tallied" -gt 20000 ]
equal "the load's frames reached the driver or were counted as dropped" \
	"$tallied" \
	"$((sent - before_sent + qdisc_dropped - before_qdisc_dropped))"
equal "what the driver was given it has sent or counted as dropped" \
	"$((sent - before_sent))" \
	"$((packets + dropped + errors - before_out))"
equal "the host has every frame that the driver calls sent" \
	"$((packets - before_packets))" "$((host - before_host))"
check "the log's only warnings are about the time" watchdog_warned_alone
equal "the host owes nothing" 0 "$(host_value 0.withheld channels 0)"
