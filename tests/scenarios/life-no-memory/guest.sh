# SPDX-License-Identifier: GPL-2.0

. /silence.sh

DEBUGFS=/sys/kernel/debug
# The nth is followed by the one 1 + n / STEP later: every one of the first, fewer of
# the rest. With a large number every one is tried, which takes an hour.
STEP=4

# Allocations that may sleep, of any size and kind, fail as well; silently.
permit_failures()
{
	mount -t debugfs debugfs $DEBUGFS 2> /dev/null
	echo N > $DEBUGFS/failslab/ignore-gfp-wait &&
		echo 0 > $DEBUGFS/failslab/verbose &&
		echo N > $DEBUGFS/fail_page_alloc/ignore-gfp-wait &&
		echo N > $DEBUGFS/fail_page_alloc/ignore-gfp-highmem &&
		echo 0 > $DEBUGFS/fail_page_alloc/min-order &&
		echo 0 > $DEBUGFS/fail_page_alloc/verbose
}

# tries TEXT WORDS...: of scarce
tries()
{
	text=$1
	shift
	if scarce "$STEP" "$@" > /run/scarce 2>&1; then
		ok "$text: $(cat /run/scarce)"
	else
		not_ok "$text"
		comment "scarce:" < /run/scarce
	fi
}

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
check "eth0 comes up" bring_up
check "the host answers" reach
check "allocations may fail" permit_failures
echo 0 > $VMBUS/drivers_autoprobe
check "the host offers NIC 1" host nic offer 1
check "it is there" within 20 has_device 1
leaks_forget

tries "probe" bind $VMBUS/drivers/hv_netvsc "$(device 1)"
check "it can be bound" sh -c \
	"echo $(device 1) > $VMBUS/drivers/hv_netvsc/bind"
check "it is eth1" within 20 present eth1
tries "open" up eth1
check "eth1 goes up" ip link set eth1 up
tries "MTU" mtu eth1 3000 1500
tries "channels" channels eth1 1 2
tries "ring" ring eth1 1000 2000
check "eth1 has carrier" within 20 carrier eth1

check "the host takes NIC 1 away" host nic rescind 1
check "it goes" within 20 absent eth1
check_leaks
check "eth0 works" pings "$HOST4" 20 1000
check "the module unloads" driver_unload
