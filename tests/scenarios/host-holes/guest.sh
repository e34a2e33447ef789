# SPDX-License-Identifier: GPL-2.0

# under NAME MASK: one attack
under() { hostile $((NICS - 1)) "$2" "$1"; }

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
[ ! -e /proc/sys/kernel/hung_task_timeout_secs ] ||
	echo 20 > /proc/sys/kernel/hung_task_timeout_secs

# What a tracepoint prints of a message is read from it, too.
trace_all()
{
	mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
	echo 1 > /sys/kernel/tracing/events/netvsc/enable
}

check "all tracepoints are on" trace_all
check "eth0 comes up" bring_up
check "the host answers" reach
leaks_forget
for name in ${ATTACKS:-$(host attacks)}; do
	check "$name: the NIC goes, the guest lives" under "$name" "$MASK"
	# What is stuck in the kernel would make the rest wait for ever.
	[ ! -e /run/hostile-stuck ] || exit 0
	check "$name: the NIC works when the host does" under "$name" 0
done
check_leaks
check "eth0 works" pings "$HOST4" 20 1000
check "the module unloads" driver_unload
