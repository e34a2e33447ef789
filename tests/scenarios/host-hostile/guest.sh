# SPDX-License-Identifier: GPL-2.0

# Prints what the campaign found out, whatever that is.
campaign()
{
	hostile $((NICS - 1)) "$MASK" $ATTACKS > /run/campaign 2>&1
	status=$?
	comment "the campaign:" < /run/campaign
	return $status
}

ATTACKS=${ATTACKS:-$SEED $SEEDS}
# Frames that nobody asked for would make attacks begin by chance.
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
[ ! -e /proc/sys/kernel/hung_task_timeout_secs ] ||
	echo 30 > /proc/sys/kernel/hung_task_timeout_secs

check "eth0 comes up" bring_up
check "the host answers" reach
leaks_forget
check "attacks of $ATTACKS (mask $MASK)" campaign
# What is stuck in the kernel would make the rest wait for ever.
[ ! -e /run/hostile-stuck ] || exit 0
check_leaks
check "eth0 works" pings "$HOST4" 20 1000
echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
check "the module unloads" driver_unload
check "the module loads" driver_load
check "eth0 comes up again" bring_up
check "the host answers again" within 10 reach
