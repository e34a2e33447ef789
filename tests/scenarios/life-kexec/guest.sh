# SPDX-License-Identifier: GPL-2.0
#
# The first kernel leaves without a word to anybody: the driver is loaded, eth0 is
# up, and frames are under way in both directions.

. /second.sh

traffic_runs()
{
	peer echo "$HOST4" 5003
	traffic flows "$HOST4" 5003 8 100000000 > /dev/null 2>&1 &
	ping -i 0.05 "$HOST4" > /dev/null 2>&1 &
	sleep 1
}

first_kernel()
{
	check "the second kernel is made ready" second_load load
	traffic_runs
	check "the host answers" reach
	check_log
	kexec go
	not_ok "the second kernel takes over"
}

second_kernel()
{
	equal "the host was contacted twice" 2 "$(host_counter contacts)"
	equal "the first kernel said goodbye" 1 "$(unloads)"
	peer echo "$HOST4" 5004
	check "16 flows pass" traffic flows "$HOST4" 5004 16 65536
	equal "both channels are there" 2 "$(ls -d \
		/sys/class/net/eth0/queues/rx-* | wc -l)"
	check "20 pings of each size" all_sizes
	check "the driver unloads" driver_unload
	check "and loads" driver_load
	check "eth0 comes up" bring_up
	check "the host answers" within 5 reach
}

# Messages of the type UNLOAD that the host got from guests.
unloads()
{
	host counters | tr '\n' ' ' |
		sed -n 's/.*"messages_from_guest": {\([^}]*\)}.*/\1/p' |
		tr ',' '\n' | sed -n 's/^ *"16": //p'
}

all_sizes()
{
	for size in 0 56 1472 4000; do
		pings "$HOST4" 20 $size || return 1
	done
}

check "eth0 comes up" bring_up
if second; then second_kernel; else first_kernel; fi
