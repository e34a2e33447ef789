# SPDX-License-Identifier: GPL-2.0
#
# Whatever the host is given and cannot see breaks the rule memory-hidden, and
# with it the run.

# Pages that the host can see now.
visible() { host counters | sed -n 's/.*"visibility": {"pages": \([0-9]*\).*/\1/p'; }

check "the kernel knows that it is isolated" \
	sh -c "dmesg | grep 'Isolation Config: Group A 0x0, Group B 0x1'"
check "eth0 comes up" bring_up
check "pings of 60 to 9000 bytes come back" eval \
	'pings "$HOST4" 20 18 && pings "$HOST4" 20 1472 && pings "$HOST4" 20 8972'

transfers "$HOST4" "$GUEST4"

if [ "$DRIVER" = ours ]; then
	check "large frames were copied to where it can see" \
		[ "$(statistic tx_bounced)" -gt 100 ]
fi
most=$(visible)
check "the driver unloads" driver_unload
check "what it showed is hidden again" [ "$(visible)" -lt $((most - 4000)) ]
