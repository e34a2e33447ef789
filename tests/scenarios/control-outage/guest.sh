# SPDX-License-Identifier: GPL-2.0
#
# A ping every millisecond, whatever comes back, while the configuration
# changes; the longest time without an answer is what the change has cost.

channels() { ls -d /sys/class/net/eth0/queues/rx-* | wc -l; }
current() { ethtool -g eth0 | sed '1,/Current/d' | sed -n "s/^$1:[ \t]*//p"; }

# Each goes to the other of two values.
flip_nothing() { :; }
flip_mtu() { ip link set eth0 mtu $((5500 - $(cat /sys/class/net/eth0/mtu))); }
flip_channels() { ethtool -L eth0 combined $((6 - $(channels))); }
flip_tx() { ethtool -G eth0 tx $((768 - $(current TX))); }
flip_rx()
{
	if [ "$(current RX)" -gt 6000 ]; then
		ethtool -G eth0 rx 4000
	else
		ethtool -G eth0 rx 8000
	fi
}
flip_lro()
{
	case $(ethtool -k eth0) in
	*"large-receive-offload: on"*)	ethtool -K eth0 lro off ;;
	*)				ethtool -K eth0 lro on ;;
	esac
}

median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

# outage CHANGE: its medians, in $lost and $gap
outage()
{
	: > /run/pulses
	round=1
	while [ $round -le "$ROUNDS" ]; do
		traffic pulse "$HOST4" 30000 1000 >> /run/pulses &
		pulse=$!
		sleep 0.4
		flip_"$1" || not_ok "$1 in round $round"
		sleep 0.4
		kill $pulse
		wait $pulse
		within 10 carrier eth0
		round=$((round + 1))
	done
	lost=$(awk '{ print $4 }' /run/pulses | median)
	gap=$(awk '{ print int($6 / 1000) }' /run/pulses | median)
	gaps=$(awk '{ printf "%d ", $6 / 1000 }' /run/pulses)
	say "# $1: median lost $lost, without an answer $gap ms ($gaps)"
}

check "eth0 comes up" bring_up
check "the host answers" pings "$HOST4" 5 56
check "send sections to change" ethtool -G eth0 tx 512
within 10 carrier eth0
for change in nothing mtu channels tx rx lro; do
	outage $change
	# A full second is more than a queue holds.
	[ "$gap" -ge 900 ] || equal "$change: hardly a ping is lost" 0 "$lost"
	[ $change != mtu ] || ip link set eth0 mtu 1500
done
