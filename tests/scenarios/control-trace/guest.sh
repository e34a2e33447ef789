# SPDX-License-Identifier: GPL-2.0

TRACING=/sys/kernel/tracing
EVENTS=$TRACING/events/netvsc
DEBUG=/sys/kernel/debug/hv_netvsc

# fields EVENT: their names
fields()
{
	awk '/field:/ && !/common_/ { split($0, part, ";"); name = part[1]
		sub(/\[[0-9]*\]$/, "", name); sub(/.* /, "", name)
		printf "%s ", name }' "$EVENTS/$1/format"
}

# has EVENT FIELD...
has()
{
	found=" $(fields "$1")"
	shift
	for field; do
		case $found in
		*" $field "*) ;;
		*) return 1 ;;
		esac
	done
}

# record COMMAND...: what is traced meanwhile is in /run/trace
record()
{
	echo > $TRACING/trace
	echo 1 > $TRACING/tracing_on
	"$@"
	status=$?
	echo 0 > $TRACING/tracing_on
	cat $TRACING/trace > /run/trace
	return $status
}

# traced PATTERN: a line of /run/trace, behind the time
traced() { grep -qE ": $1" /run/trace; }

traffic_and_filter()
{
	reach && ip link set eth0 promisc on && sleep 1 &&
		ip link set eth0 promisc off && sleep 1
}

known_events()
{
	for pair in "nvsp_send:name msg_type" "nvsp_recv:name qid msg_type" \
			"nvsp_send_pkt:name qid channel_type section_index section_size" \
			"rndis_send:name queue req_id msg_type msg_len" \
			"rndis_recv:name queue req_id msg_type msg_len"; do
		check "${pair%%:*} has ${pair#*:}" \
			has "${pair%%:*}" ${pair#*:}
		echo 1 > "$EVENTS/${pair%%:*}/enable"
	done
	check "a ping, and a packet filter" record traffic_and_filter
	number='(0x)?[0-9a-f]+'
	for line in "nvsp_send_pkt: dev=eth0 qid=[01] type=DATA section=[0-9]+ size=[0-9]+" \
			"nvsp_send_pkt: dev=eth0 qid=0 type=CONTROL section=[0-9]+" \
			"nvsp_recv: dev=eth0 qid=[01] type=SEND_RNDIS_PKT" \
			"nvsp_recv: dev=eth0 qid=[01] type=SEND_RNDIS_PKT_COMPLETE" \
			"rndis_send: dev=eth0 q=0 req=$number type=SET msg_len=[0-9]+" \
			"rndis_recv: dev=eth0 q=[01] req=$number type=PACKET msg_len=[0-9]+" \
			"rndis_recv: dev=eth0 q=0 req=$number type=SET_C msg_len=[0-9]+"; do
		check "traced: $line" traced "$line"
	done
	# Of what it sends the kernel's own driver shows control messages alone.
	line="rndis_send: dev=eth0 q=[01] req=$number type=PACKET msg_len=[0-9]+"
	[ "$DRIVER" = intree ] || check "traced: $line" traced "$line"
}

new_session() { ethtool -G eth0 rx 1024 && within 10 carrier eth0; }
link_down_up()
{
	host link 0 down && within 10 no_carrier eth0 &&
		host link 0 up && within 10 carrier eth0
}

# attacked NAME: the host attacks so while it is pinged
attacked()
{
	host attack 0 "$1"
	ping -A -q -c 12 -W 1 "$HOST4"
	host attack 0 off
}

events_of_ours()
{
	for event in state_change link_event rx_drop bad_packet \
			vf_association vf_path; do
		check "there is $event" [ -e $EVENTS/$event ]
		echo 1 > $EVENTS/$event/enable
	done
	check "a new session" record new_session
	for line in "state_change: dev=eth0 from=running to=ready" \
			"state_change: dev=eth0 from=closing to=down" \
			"state_change: dev=eth0 from=ready to=running" \
			"nvsp_send: dev=eth0 type=INIT " \
			"nvsp_send: dev=eth0 type=SEND_RECV_BUF " \
			"rndis_send: dev=eth0 q=0 req=$number type=INIT " \
			"rndis_recv: dev=eth0 q=0 req=$number type=QUERY_C "; do
		check "traced: $line" traced "$line"
	done
	check "the link goes down and up" record link_down_up
	for what in down up; do
		check "the link went $what" \
			traced "link_event: dev=eth0 event=$what "
	done
	before=$(statistic rx_bad_rndis)
	record attacked ppi-size-0
	more=$(($(statistic rx_bad_rndis) - before))
	check "malformed messages are counted" [ $more -gt 0 ]
	equal "and traced as often" $more \
		"$(grep -c 'rx_drop: .* counter=rx_bad_rndis' /run/trace)"
	record attacked completion-of-small-id
	check "a made-up completion is traced" \
		traced "bad_packet: dev=eth0 channel=[01] type=11 "
}

# session KEY: what debugfs says
session() { sed -n "s/^$1: //p" $DEBUG/*/session; }

read_all() { cat $DEBUG/*/session $DEBUG/*/channels; }

# driver_of GUID bind|unbind
driver_of() { echo "$1" > "/sys/bus/vmbus/drivers/hv_netvsc/$2"; }

slots_free() { [ "$(grep -c 'slots=512 slots_free=512 ' $DEBUG/*/channels)" = 2 ]; }

debugfs_files()
{
	guid=$(basename "$(readlink -f /sys/class/net/eth0/device)")
	check "the device has a directory" [ -d "$DEBUG/$guid" ]
	equal "interface" eth0 "$(session interface)"
	equal "state" running "$(session state)"
	check "vmbus" expr "$(session vmbus)" : '[345]\.[0-9]$'
	equal "nvsp" 6.1 "$(session nvsp)"
	equal "queues" "2 max 2" "$(session queues)"
	check "mtu" expr "$(session mtu)" : '1500 max [0-9]*$'
	check "message" expr "$(session message)" : 'frames [0-9]* max 8 '
	equal "receive slots are those of ethtool" \
		"$(ethtool -g eth0 | sed '1,/Current/d' |
			awk '$1 == "RX:" { print $2 }')" \
		"$(session receive-buffer | awk '{ print $4 }')"
	equal "a line for each queue" "queue=0 queue=1" \
		"$(awk '{ printf "%s%s", s, $1; s = " " }' "$DEBUG/$guid/channels")"
	check "all slots are free" within 5 slots_free
	if echo 1 2> /dev/null > "$DEBUG/$guid/session"; then
		not_ok "nothing can be written"
	else
		ok "nothing can be written"
	fi

	# Readers, while what they read is exchanged and goes away.
	(while read_all > /dev/null 2>&1 || [ ! -e /run/stop ]; do
		[ ! -e /run/stop ] || break
	done) &
	for count in 1 2; do
		check "$count channels under readers" \
			ethtool -L eth0 combined $count
	done
	check "eth0 goes down" ip link set eth0 down
	equal "state" ready "$(session state)"
	check "the device goes under readers" driver_of "$guid" unbind
	check "so does its directory" [ ! -e "$DEBUG/$guid" ]
	check "the device comes under readers" driver_of "$guid" bind
	check "so does its directory" [ -e "$DEBUG/$guid/session" ]
	: > /run/stop
	wait
	check "the module unloads" driver_unload
	check "and nothing is left in debugfs" [ ! -e $DEBUG ]
}

mount -t tracefs tracefs $TRACING
mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
check "eth0 comes up" bring_up
check "the host answers" reach
known_events
[ "$DRIVER" = intree ] && exit 0
events_of_ours
for event in $EVENTS/*/enable; do
	echo 0 > "$event"
done
debugfs_files
