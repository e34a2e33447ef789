# SPDX-License-Identifier: GPL-2.0
#
# What life-hibernate does with one kernel, with two: the one that has written the
# image resets the machine; another boots, loads the driver, and uses the NIC, until
# it finds the image. The first then meets a host that has had another guest since,
# and whose channels have other rel-ids.

. /hibernate.sh
. /settings.sh

# The rel-ids of the channels that are open, from the host: names in sysfs are older.
relids()
{
	host counters | tr '{' '\n' | grep '"state": "open"' |
		sed 's/.*"relid": \([0-9]*\).*/\1/' | tr '\n' ' '
}

second_kernel()
{
	check "the host answers the second kernel" within 5 reach
	peer echo "$HOST4" 5004
	traffic flows "$HOST4" 5004 4 100000000 > /dev/null 2>&1 &
	sleep 0.3
	check_log
	check "the image is taken up" snapshot load $IMAGE
	not_ok "this kernel gives way to it"
}

first_kernel()
{
	check "a user sets things" user_sets
	within 10 carrier eth0
	settings > /run/before
	was=$(relids)
	peer echo "$HOST4" 5003
	check "TCP passes before" traffic flows "$HOST4" 5003 8 65536
	ping -i 0.05 "$HOST4" > /run/ping &
	ping=$!
	sleep 0.5
	check "hibernation" snapshot save $IMAGE
	# Each kernel once more before its own end.
	equal "another kernel was there meanwhile" 4 "$(host_counter contacts)"
	if [ "$(relids)" = "$was" ]; then
		not_ok "the channels have other rel-ids ($was)"
	else
		ok "the channels have other rel-ids ($was, $(relids))"
	fi
	check "carrier is there at once" carrier eth0
	got=$(wc -l < /run/ping)
	check "the ping that ran goes on" \
		within 10 eval '[ $(wc -l < /run/ping) -gt $((got + 20)) ]'
	kill $ping
	check "TCP passes after it" traffic flows "$HOST4" 5003 8 65536
	settings > /run/after
	# The kernel's own driver makes a table of RSS of its own.
	if [ "$DRIVER" = ours ]; then
		check "everything is set as it was" cmp /run/before /run/after
	fi
	diff /run/before /run/after > /run/diff ||
		comment "what differs:" < /run/diff
	check "the driver is loaded anew" driver_reload
	check "eth0 comes up" bring_up
	check "the host answers" within 5 reach
}

check "eth0 comes up" bring_up
if [ "$(host_counter contacts)" -gt 1 ]; then second_kernel; else first_kernel; fi
