# SPDX-License-Identifier: GPL-2.0
#
# What life-hibernate does with one kernel, with two: the one that has written the
# image resets the machine; another boots, loads the driver, and uses the NIC, until
# it finds the image. The first then meets a host that has had another guest since,
# and whose channels have other rel-ids.

DISK=/dev/pmem0

. /settings.sh

image_disk()
{
	within 10 [ -b $DISK ] && mkswap $DISK && swapon $DISK &&
		echo 0 > /sys/power/image_size &&
		echo reboot > /sys/power/disk
}

hibernate() { echo disk > /sys/power/state; }
resume() { cat /sys/class/block/pmem0/dev > /sys/power/resume; }

# The rel-ids of eth0's channels.
relids() { ls /sys/class/net/eth0/device/channels | sort -n | tr '\n' ' '; }

second_kernel()
{
	check "there is a disk" within 10 [ -b $DISK ]
	check "the host answers the second kernel" within 5 reach
	peer echo "$HOST4" 5004
	traffic flows "$HOST4" 5004 4 100000000 > /dev/null 2>&1 &
	sleep 0.3
	check_log
	resume
	not_ok "the image is taken up"
	dmesg | tail -n 20 | comment "the kernel log's end:"
}

first_kernel()
{
	check "there is a disk for images" image_disk
	check "a user sets things" user_sets
	within 10 carrier eth0
	settings > /run/before
	was=$(relids)
	peer echo "$HOST4" 5003
	check "TCP passes before" traffic flows "$HOST4" 5003 8 65536
	ping -i 0.05 "$HOST4" > /run/ping &
	ping=$!
	sleep 0.5
	check "hibernation" hibernate
	check "another kernel was there meanwhile" \
		[ "$(host_counter contacts)" -ge 3 ]
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
	check "everything is set as it was" cmp /run/before /run/after
	diff /run/before /run/after > /run/diff ||
		comment "what differs:" < /run/diff
	check "the driver is loaded anew" driver_reload
	check "eth0 comes up" bring_up
	check "the host answers" within 5 reach
}

check "eth0 comes up" bring_up
if [ "$(host_counter contacts)" -gt 1 ]; then second_kernel; else first_kernel; fi
