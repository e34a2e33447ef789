# SPDX-License-Identifier: GPL-2.0

QUEUES='0 1 2 3'
NOBODY=10.77.0.99

# host_tx QUEUE: frames that the host had through a channel
host_tx() { host_value "$1.tx" channels 0; }
host_rx() { host_value "$1.rx" channels 0; }
guest_tx() { statistic "tx_queue_$1_packets"; }
guest_rx() { statistic "rx_queue_$1_packets"; }

same_rx() { [ "$(guest_rx "$1")" -eq "$(host_rx "$1")" ]; }

# xps MASK-OF-QUEUE...: processors that are to use queue 0, 1, ...
xps()
{
	for queue in $QUEUES; do
		echo "$1" > /sys/class/net/eth0/queues/tx-$queue/xps_cpus ||
			return 1
		shift
	done
}

# snapshot: the host's count of every channel, in before_N
snapshot()
{
	for queue in $QUEUES; do
		eval "before_$queue=$(host_tx $queue)"
	done
}

# sent_on QUEUE: frames on a channel since the snapshot
sent_on() { eval "echo \$(($(host_tx "$1") - before_$1))"; }

# others QUEUE: frames on all channels but that one
others()
{
	sum=0
	for queue in $QUEUES; do
		[ "$queue" = "$1" ] || sum=$((sum + $(sent_on $queue)))
	done
	echo $sum
}

host_tx_all()
{
	sum=0
	for queue in $QUEUES; do
		sum=$((sum + $(host_tx $queue)))
	done
	echo $sum
}

all_sent() { [ "$(host_tx_all)" -ge "$1" ]; }

# load CPU: 1000 datagrams from a processor, on sockets of their own
load()
{
	want=$(($(host_tx_all) + 1000))
	for port in 1 2 3 4; do
		taskset "$(printf %x $((1 << $1)))" \
			traffic udp-send $NOBODY $port 100 250 > /dev/null
	done
	within 10 all_sent "$want"
}

check "eth0 comes up" bring_up
ip neigh replace $NOBODY lladdr 02:00:00:00:00:99 dev eth0 nud permanent
peer echo "$HOST4" 5003
check "64 flows come back unharmed" traffic flows "$HOST4" 5003 64 131072
sleep 1
for queue in $QUEUES; do
	check "queue $queue sent ($(guest_tx $queue))" \
		[ "$(guest_tx $queue)" -gt 0 ]
	check "queue $queue received ($(guest_rx $queue))" \
		[ "$(guest_rx $queue)" -gt 0 ]
	check "the host had some from channel $queue" \
		[ "$(host_tx $queue)" -gt 0 ]
	check "and gave to it what was received" within 5 same_rx $queue
done

# The kernel's own driver chooses queues without looking at XPS.
if [ "$DRIVER" = ours ]; then
	for wanted in 2 0 3; do
		masks=''
		for queue in $QUEUES; do
			[ $queue = $wanted ] && masks="$masks f" ||
				masks="$masks 0"
		done
		check "XPS: all processors use queue $wanted" xps $masks
		snapshot
		load 1
		check "its channel has the datagrams" \
			[ "$(sent_on $wanted)" -ge 1000 ]
		check "and the others next to nothing ($(others $wanted))" \
			[ "$(others $wanted)" -lt 20 ]
	done
	check "XPS: each processor has a queue of its own, in reverse" \
		xps 8 4 2 1
	for cpu in 0 1 2 3; do
		snapshot
		load $cpu
		check "processor $cpu uses queue $((3 - cpu))" \
			[ "$(sent_on $((3 - cpu)))" -ge 1000 ]
		check "and the others next to nothing ($(others $((3 - cpu))))" \
			[ "$(others $((3 - cpu)))" -lt 20 ]
	done
	check "XPS is off again" xps 0 0 0 0
fi
check "64 flows come back unharmed at the end" \
	traffic flows "$HOST4" 5003 64 65536
