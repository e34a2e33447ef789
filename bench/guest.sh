# SPDX-License-Identifier: GPL-2.0
# The guest's part of bench: carries out /scenario/plan, one measurement a line.
#
# LABEL is what the marks are called. Only the interface under test is up, and it
# comes up anew for each measurement, with nothing but its address and one
# neighbour, so that nobody else speaks on it.

# For ports: the fields of source and target in hvhost's source and sink.
SINK_PEER=10.77.9.9
SOURCE_ADDRESS=10.99.0.2
SOURCE_PORT=9
PORT=5001

# device N: the name of the interface of NIC N
device()
{
	mac=$(printf '00:15:5d:00:00:%02x' $(($1 + 1)))
	grep -l "$mac" /sys/class/net/*/address | cut -d / -f 5 | grep .
}

# raise DEVICE ADDRESS [DELAY NIC]: alone on its wire, at rest
raise()
{
	[ -z "$4" ] || host delay "$4" "$3" > /dev/null
	ip addr add "$2/24" dev "$1"
	ip link set "$1" up
	within 10 carrier "$1" || return 1
	ip neigh replace "$SINK_PEER" lladdr 02:00:00:00:00:09 dev "$1" \
		2> /dev/null
	sleep 1
}

lower()
{
	ip link set "$1" down
	ip addr flush dev "$1"
}

# One driver for all NICs. The dummy device stands for none.
plan_load()
{
	driver=$1
	insmod "/modules/$driver.ko" || return 1
	for nic in $NIC_NUMBERS; do
		within 10 device "$nic" || return 1
	done
}

plan_unload() { rmmod hv_netvsc; }

plan_nothing() { load -m "$1" nothing; }

# limit_queues DEVICE BYTES: byte queue limits; they outlive "down"
limit_queues()
{
	for limits in "/sys/class/net/$1"/queues/tx-*/byte_queue_limits; do
		echo "$2" > "$limits/limit_max"
	done
}

# plan_udp LABEL NIC DELAY SIZE COUNT PROCS LIMIT: datagrams out of a socket
plan_udp()
{
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	limit_queues "$dev" "$7"
	load -m "$1" udp-send "$SINK_PEER" 9 "$4" "$5" 32 "$6"
	done=$?
	limit_queues "$dev" max
	lower "$dev"
	return $done
}

# plan_udp_dummy LABEL SIZE COUNT PROCS: the same where there is no driver
plan_udp_dummy()
{
	tc qdisc replace dev dummy0 root pfifo_fast
	raise dummy0 10.77.9.2 || return 1
	load -m "$1" udp-send "$SINK_PEER" 9 "$2" "$3" 32 "$4"
	done=$?
	lower dummy0
	return $done
}

pktgen_set() { echo "$2" > "/proc/net/pktgen/$1"; }

# pktgen_run LABEL DEVICE SIZE COUNT BURST: a short run first
pktgen_run()
{
	pktgen_set kpktgend_0 "rem_device_all"
	pktgen_set kpktgend_0 "add_device $2"
	for setting in "pkt_size $3" "burst $5" "clone_skb 0" "delay 0" \
		"dst $SINK_PEER" "dst_mac 02:00:00:00:00:09" "count $(($4 / 8))"
	do
		pktgen_set "$2" "$setting" || return 1
	done
	load pktgen && pktgen_set "$2" "count $4" && load -m "$1" pktgen
	done=$?
	grep -h -A 1 Result: "/proc/net/pktgen/$2"
	pktgen_set kpktgend_0 "rem_device_all"
	return $done
}

# plan_pktgen LABEL NIC DELAY SIZE COUNT BURST
plan_pktgen()
{
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	pktgen_run "$1" "$dev" "$4" "$5" "$6"
	done=$?
	lower "$dev"
	return $done
}

plan_pktgen_dummy()
{
	raise dummy0 10.77.9.2 || return 1
	pktgen_run "$1" dummy0 "$2" "$3" "$4"
	done=$?
	lower dummy0
	return $done
}

# plan_drop LABEL NIC DELAY COUNT: received, and dropped before the stack
plan_drop()
{
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	tc qdisc add dev "$dev" ingress &&
		tc filter add dev "$dev" ingress matchall action drop &&
		load -c "source $2 $(($4 / 4))" wait-rx "$dev" $(($4 / 4)) &&
		load -m "$1" -c "source $2 $4" wait-rx "$dev" "$4"
	done=$?
	tc qdisc del dev "$dev" ingress
	lower "$dev"
	return $done
}

# plan_xdp LABEL NIC DELAY COUNT WAY VERDICT [NIC]: what an XDP program does with
# what is received; a verdict may be for another NIC. The kernel's own driver runs
# none while the host coalesces.
plan_xdp()
{
	dev=$(device "$2") to=
	if [ -n "$7" ]; then
		to=$(device "$7")
		raise "$to" 10.77.8.2 "$3" "$7" || return 1
	fi
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	ethtool -K "$dev" lro off
	sent=$(host_value tx frames "${7:-$2}")
	xdp attach "$dev" "$6" ${to:+"$to"} &&
		load -c "source $2 $(($4 / 4))" wait-xdp "$dev" "$5" \
			$(($4 / 4)) &&
		load -m "$1" -c "source $2 $4" wait-xdp "$dev" "$5" "$4"
	done=$?
	# What was counted must have come out.
	if [ $done = 0 ] && [ "$5" != drop ]; then
		sent=$(($(host_value tx frames "${7:-$2}") - sent))
		echo "$sent frames came out"
		[ "$sent" -ge $(($4 + $4 / 4)) ] || done=1
	fi
	xdp detach "$dev"
	ethtool -K "$dev" lro on
	lower "$dev"
	[ -z "$to" ] || lower "$to"
	return $done
}

# plan_xsk_recv LABEL NIC DELAY MODE COUNT: received by an AF_XDP socket, which is
# the first queue's
plan_xsk_recv()
{
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	ethtool -K "$dev" lro off
	ethtool -X "$dev" equal 1 &&
		load -c "source $2 $(($5 / 4))" xsk-recv "$dev" "$4" $(($5 / 4)) &&
		load -m "$1" -c "source $2 $5" xsk-recv "$dev" "$4" "$5"
	done=$?
	ethtool -X "$dev" default
	ethtool -K "$dev" lro on
	lower "$dev"
	return $done
}

# plan_xsk_send LABEL NIC DELAY MODE SIZE COUNT: sent by an AF_XDP socket
plan_xsk_send()
{
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 "$3" "$2" || return 1
	sent=$(host_value tx frames "$2")
	load -m "$1" xsk-send "$dev" "$4" "$5" "$6"
	done=$?
	# What was completed must have come out.
	if [ $done = 0 ]; then
		sent=$(($(host_value tx frames "$2") - sent))
		echo "$sent frames came out"
		[ "$sent" -ge "$6" ] || done=1
	fi
	lower "$dev"
	return $done
}

# plan_recv LABEL NIC DELAY COUNT: received by a socket
plan_recv()
{
	dev=$(device "$2")
	raise "$dev" "$SOURCE_ADDRESS" "$3" "$2" || return 1
	load -c "source $2 $4" udp-recv "$SOURCE_ADDRESS" \
		"$SOURCE_PORT" "$4" &&
		load -m "$1" -c "source $2 $4" udp-recv "$SOURCE_ADDRESS" \
			"$SOURCE_PORT" "$4"
	done=$?
	lower "$dev"
	return $done
}

# plan_out LABEL NIC DELAY BYTES: one TCP connection to the other end
plan_out()
{
	dev=$(device "$2")
	raise "$dev" "10.77.$2.2" "$3" "$2" || return 1
	peer drop "10.77.$2.1" "$PORT" > /dev/null
	load -m "$1" tcp-send "10.77.$2.1" "$PORT" $(($4 / 4)) "$4"
	done=$?
	lower "$dev"
	return $done
}

# plan_in LABEL NIC DELAY BYTES LRO: one TCP connection from the other end
plan_in()
{
	dev=$(device "$2")
	raise "$dev" "10.77.$2.2" "$3" "$2" || return 1
	ethtool -K "$dev" lro "$5" > /dev/null 2>&1
	if ethtool -k "$dev" | grep -q "large-receive-offload: $5"; then
		load -m "$1" -c "peer push 10.77.$2.2 $PORT $(($4 / 4)) $4" \
			tcp-recv "10.77.$2.2" "$PORT" $(($4 / 4))
		done=$?
	else
		say "# cannot: $1"
		done=0
	fi
	ethtool -K "$dev" lro on > /dev/null 2>&1
	lower "$dev"
	return $done
}

# plan_rr LABEL NIC DELAY SESSIONS COUNT: requests of a byte to the other end
plan_rr()
{
	dev=$(device "$2")
	raise "$dev" "10.77.$2.2" "$3" "$2" || return 1
	load -m "$1" tcp-rr "10.77.$2.1" 7 "$4" "$5"
	done=$?
	lower "$dev"
	return $done
}

TRACING=/sys/kernel/tracing
ALLOCATIONS="kmem/kmalloc kmem/kmem_cache_alloc kmem/mm_page_alloc
	vmalloc/alloc_vmap_area"
FREES="kmem/kfree kmem/kmem_cache_free kmem/mm_page_free
	vmalloc/free_vmap_area_noflush"

trace_begin()
{
	mount -t tracefs tracefs "$TRACING" 2> /dev/null
	echo 0 > "$TRACING/tracing_on"
	echo 32768 > "$TRACING/buffer_size_kb"
	echo nohash-ptr > "$TRACING/trace_options"
	# With offsets go the names of modules.
	echo sym-offset > "$TRACING/trace_options"
	cat "$TRACING/events/vmalloc/alloc_vmap_area/format" || return 1
	for event in $ALLOCATIONS; do
		echo stacktrace > "$TRACING/events/$event/trigger"
	done
	for event in $ALLOCATIONS $FREES; do
		echo 1 > "$TRACING/events/$event/enable"
	done
	echo > "$TRACING/trace"
	echo 1 > "$TRACING/tracing_on"
}

# trace_end LABEL: what the driver holds goes to the console
trace_end()
{
	echo 0 > "$TRACING/tracing_on"
	for event in $ALLOCATIONS $FREES; do
		echo 0 > "$TRACING/events/$event/enable"
	done
	for event in $ALLOCATIONS; do
		echo '!stacktrace' > "$TRACING/events/$event/trigger"
	done
	if cat "$TRACING"/per_cpu/cpu*/stats | grep '^overrun:' |
		grep -qv ': 0$'; then
		echo "the trace buffer was too small"
		return 1
	fi
	live hv_netvsc < "$TRACING/trace" > /run/live || return 1
	echo > "$TRACING/trace"
	sed "s/^/# live $1 /" /run/live | hvctl console
}

channels_are() { host channels "$1" | grep -q "open=$2 "; }

# plan_memory LABEL NIC CHANNELS: what one device holds after some traffic
plan_memory()
{
	trace_begin || return 1
	host nic add "$2" > /dev/null && within 10 device "$2" || return 1
	dev=$(device "$2")
	raise "$dev" 10.77.9.2 0 "$2" && within 10 channels_are "$2" "$3" &&
		load -c "source $2 1024" wait-rx "$dev" 1024 &&
		load udp-send "$SINK_PEER" 9 22 512 32 8 &&
		sleep 2 && trace_end "$1"
	done=$?
	say "# buffers $1" $(ethtool -g "$dev" | awk '/^Current/ { on = 1 }
		on && /^(RX|TX):/')
	lower "$dev"
	host nic rescind "$2" > /dev/null
	within 10 absent "$dev" || return 1
	return $done
}

# No connection learns from another.
echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save
for scope in all default; do
	echo 1 > "/proc/sys/net/ipv6/conf/$scope/disable_ipv6"
done
echo 3 > /proc/sys/kernel/printk
within 10 test -e /proc/net/pktgen/kpktgend_0
[ -z "$ECHO_ADDRESS" ] || peer answer "$ECHO_ADDRESS" 7 > /dev/null

while read -r kind label words; do
	# Splitting is meant: words are arguments.
	if "plan_$kind" "$label" $words > /run/step 2>&1 < /dev/null; then
		ok "$kind $label $words"
	else
		not_ok "$kind $label $words"
		comment "its output:" < /run/step
	fi
done < /scenario/plan
