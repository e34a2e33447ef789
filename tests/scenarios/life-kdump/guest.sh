# SPDX-License-Identifier: GPL-2.0
#
# The first kernel panics on its second processor, and the crash kernel runs on that
# one alone. What a crash kernel is for is to send the dump somewhere.

. /second.sh

DUMP=$((8 << 20))

first_kernel()
{
	check "the crash kernel is made ready" \
		second_load crash "nr_cpus=1 reset_devices"
	peer echo "$HOST4" 5003
	traffic flows "$HOST4" 5003 8 100000000 > /dev/null 2>&1 &
	ping -i 0.05 "$HOST4" > /dev/null 2>&1 &
	sleep 1
	check "the host answers" reach
	check_log
	taskset 2 sh -c "echo c > /proc/sysrq-trigger"
	not_ok "the kernel panics"
}

second_kernel()
{
	check "there is a dump" [ -e /proc/vmcore ]
	equal "there is one processor" 1 "$(nproc)"
	equal "the host was contacted twice" 2 "$(host_counter contacts)"
	check "20 pings of 1400 bytes" pings "$HOST4" 20 1400
	head -c $DUMP /proc/vmcore > /run/dump
	equal "the dump can be read" $DUMP "$(wc -c < /run/dump)"
	peer receive "$HOST4" 5001
	check "it is sent to the host" \
		traffic send write "$HOST4" 5001 /run/dump 1
	equal "the host has it unharmed" \
		"$(sha256sum < /run/dump | cut -d ' ' -f 1)" \
		"$(peer received 5001)"
}

check "eth0 comes up" bring_up
if second; then second_kernel; else first_kernel; fi
