# SPDX-License-Identifier: GPL-2.0
#
# VMBus lets a user choose the processor that a channel interrupts, and lets none go
# offline that has one. What is done here is what Microsoft's LISA suite does (its
# cpusuite.py), with flows and a ping meanwhile.

CPU=/sys/devices/system/cpu

# targets: the processors of eth0's channels, in the order of the channels
targets()
{
	for file in /sys/class/net/eth0/device/channels/*; do
		read -r index < "$file/subchannel_id"
		read -r cpu < "$file/cpu"
		echo "$index $cpu"
	done | sort -n | cut -d ' ' -f 2 | tr '\n' ' '
}

# What the host has been told; a VP has the number of its processor here.
host_targets()
{
	host channels 0 | tr ' ' '\n' | sed -n 's/^[0-9]*\.vp=//p' | tr '\n' ' '
}

# count: channels, as ethtool tells them
count() { ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }'; }

# move CPU...: channel 0 goes to the first, and so on
move()
{
	for file in /sys/class/net/eth0/device/channels/*; do
		read -r index < "$file/subchannel_id"
		eval "echo \$$((index + 1))" > "$file/cpu" || return 1
	done
}

# moved CPU...: it is done, and guest and host agree on it
moved()
{
	check "channels go to processors $*" move "$@"
	equal "that is where they are" "$* " "$(targets)"
	equal "that is where the host sends interrupts" "$* " "$(host_targets)"
}

# online CPU 0|1
online() { echo "$2" > $CPU/cpu"$1"/online; }

# polls CPU: how often the network stack was at work on it
polls() { awk -v at=$(($1 + 2)) '/NET_RX/ { print $at }' /proc/softirqs; }

traffic_starts()
{
	peer echo "$HOST4" 5004 > /dev/null
	(until [ -e /run/enough ]; do
		traffic flows "$HOST4" 5004 4 50000 || break
		echo 4
		# Whatever else is to be done needs time as well.
		sleep 0.3
	done) > /run/flows 2> /run/flows.errors &
	flows=$!
	ping -i 0.1 "$HOST4" > /run/ping &
	ping=$!
}

# One flow that stands still fails the others after half a minute.
traffic_ends()
{
	: > /run/enough
	wait $flows
	check "flows were made ($(wc -l < /run/flows) times 4)" [ -s /run/flows ]
	equal "each of them had its bytes" "" "$(cat /run/flows.errors)"
	kill $ping
}

answers() { grep -c 'bytes from' /run/ping; }
goes_on()
{
	had=$(answers)
	within 10 eval '[ $(answers) -gt $((had + 5)) ]'
}

# follows CPU: polling takes place where the interrupts go, and nowhere else
follows()
{
	moved "$1" "$1" "$1" "$1"
	there=$(polls "$1") elsewhere=0
	for cpu in 0 1 2 3; do
		elsewhere=$((elsewhere + $(polls $cpu)))
	done
	check "16 flows pass" traffic flows "$HOST4" 5003 16 65536
	there=$(($(polls "$1") - there)) all=0
	for cpu in 0 1 2 3; do
		all=$((all + $(polls $cpu)))
	done
	elsewhere=$((all - elsewhere - there))
	check "polling is done on processor $1 ($there to $elsewhere)" \
		[ "$there" -gt $((elsewhere * 4)) ]
}

# Every queue of eth0 takes part in both directions.
queues_work()
{
	ethtool -S eth0 | grep -E 'x_queue_[0-9]+_packets' > /run/before
	traffic flows "$HOST4" 5003 64 8192 || return 1
	ethtool -S eth0 | grep -E 'x_queue_[0-9]+_packets' |
		cat /run/before - |
		awk '$1 in was && $2 == was[$1] { print "none on " $1; n++ }
			{ was[$1] = $2 } END { exit n > 0 }'
}

channels()
{
	check "ethtool -L to $1" ethtool -L eth0 combined "$1"
	within 10 carrier eth0
	equal "there are $1" "$1" "$(count)"
	equal "as many are on the bus" "$1" "$(targets | wc -w)"
	check "none of them on a processor that is offline ($(targets))" \
		none_offline
	check "the host answers" within 5 reach
}

none_offline()
{
	for cpu in $(targets); do
		[ "$cpu" = 0 ] || [ "$(cat $CPU/cpu"$cpu"/online)" = 1 ] ||
			return 1
	done
}

# Whoever has no channel may go, and comes back; the channels are elsewhere.
processors_go()
{
	moved 0 1 2 3
	if online 1 0 2> /dev/null; then
		not_ok "a processor with a channel stays"
	else
		ok "a processor with a channel stays"
	fi
	for gone in 1 2 3; do
		moved 0 $((gone % 3 + 1)) $((gone % 3 + 1)) 0
		check "processor $gone goes" online $gone 0
		check "the ping goes on" goes_on
		check "processor $gone comes" online $gone 1
		moved $gone $gone 0 $gone
		check "the ping goes on" goes_on
	done
	moved 0 0 0 0
	for gone in 1 2 3; do
		check "processor $gone goes" online $gone 0
	done
	check "the ping goes on with one processor" goes_on
	for gone in 1 2 3; do
		check "processor $gone comes" online $gone 1
	done
	moved 3 2 1 0
}

# Sessions that are made while processors are missing, and afterwards.
sessions()
{
	moved 0 0 0 0
	check "processor 1 goes" online 1 0
	check "processor 3 goes" online 3 0
	channels 1
	channels 2
	if [ "$DRIVER" = ours ]; then
		equal "there may be two" 2 "$(ethtool -l eth0 |
			awk '/Combined/ { print $2; exit }')"
	fi
	check "the driver is loaded anew" driver_reload
	check "eth0 comes up" bring_up
	check "none is on a processor that is offline ($(targets))" none_offline
	channels 1
	channels 2
	check "processor 1 comes" online 1 1
	check "processor 3 comes" online 3 1
}

check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
equal "each channel has a processor of its own" "0 1 2 3" \
	"$(targets | tr ' ' '\n' | sort -n | grep . | tr '\n' ' ' | sed 's/ $//')"
for only in 3 1; do
	follows $only
done
traffic_starts
processors_go
traffic_ends
check "every queue works" queues_work
sessions
if [ "$DRIVER" = ours ]; then
	channels 4
else
	# It has looked at the processors when it was loaded.
	check "the driver is loaded anew" driver_reload
	check "eth0 comes up" bring_up
	equal "there are 4" 4 "$(count)"
fi
check "every queue works" queues_work
