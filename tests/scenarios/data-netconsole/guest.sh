# SPDX-License-Identifier: GPL-2.0

TARGET=/sys/kernel/config/netconsole/peer
LINES=300
# More than the smallest ring holds, and than the driver has under way at once.
FLOOD=5000
SLOTS=512

console_on()
{
	mount -t configfs none /sys/kernel/config && mkdir $TARGET &&
	echo eth0 > $TARGET/dev_name &&
	echo "$GUEST4" > $TARGET/local_ip &&
	echo "$HOST4" > $TARGET/remote_ip &&
	peer run cat /sys/class/net/tap0/address > $TARGET/remote_mac &&
	echo 1 > $TARGET/enabled
}

# Lines of user space are limited in number by default; and as the serial console
# gets them too, they had better be short.
unlimited()
{
	echo on > /proc/sys/kernel/printk_devkmsg &&
	echo 0 > /sys/module/printk/parameters/time
}

arrived() { [ "$(peer netlines "$1")" -eq "$2" ]; }

# all_arrive TEXT WORD COUNT
all_arrive()
{
	within 20 arrived "$2" "$3"
	equal "$1" "$3" "$(peer netlines "$2")"
}

# echoes WORD: many single lines from the shell
echoes()
{
	line=1
	while [ $line -le $LINES ]; do
		echo "<1>$1 $line" > /dev/kmsg
		line=$((line + 1))
	done
}

# Nothing but netpoll gets to poll while a real-time task writes: NAPI runs in a
# thread, there is one processor, and neither of the ways in which kernels leave
# a share of it to other tasks is on.
alone()
{
	share=/sys/kernel/debug/sched/fair_server/cpu0/runtime
	echo 1 > /sys/class/net/eth0/threaded &&
	echo -1 > /proc/sys/kernel/sched_rt_runtime_us &&
	mount -t debugfs none /sys/kernel/debug || return 1
	if [ -e $share ]; then
		echo 0 > $share
	fi
}

check "the driver takes a small ring" driver_reload ring_size=64
check "eth0 comes up" bring_up
check "the host answers" reach
peer netlog "$HOST4" 6666
check "netconsole goes on" console_on
check "lines are not limited" unlimited
echoes single
all_arrive "$LINES lines arrive" single $LINES

peer echo "$HOST4" 5003
traffic flows "$HOST4" 5003 8 1000000 > /run/flows 2>&1 &
flows=$!
echoes beside
check "the flows beside them come back unharmed" wait $flows
all_arrive "$LINES lines arrive beside 8 flows" beside $LINES

# flood WORD: a real-time task writes; then it tells the host's count of frames
flood()
{
	check "a real-time task writes $FLOOD lines ($1)" sh -c \
		"traffic kmsg $FLOOD $1 hvctl ask frames 0 > /run/frames"
}

# With a budget of 0 the kernel's own driver polls nothing.
if [ "$DRIVER" = ours ]; then
	check "netpoll is alone" alone
	before=$(host_value tx frames 0)
	flood flood
	# What netpoll cannot send at once it leaves to a task.
	sent=$(($(tr ' ' '\n' < /run/frames | sed -n 's/^tx=//p') - before))
	# Without reaping, it could send no more than the slots of the queue.
	check "netpoll alone has sent more than $SLOTS slots hold ($sent)" \
		[ "$sent" -gt $((2 * SLOTS)) ]
	all_arrive "all arrive" flood $FLOOD
	traffic udp-send "$HOST4" 9 1400 20000 16 > /run/load 2>&1 &
	load=$!
	sleep 0.2
	flood busy
	wait $load
	all_arrive "all arrive beside other traffic" busy $FLOOD
	check "NAPI is as it was" \
		sh -c 'echo 0 > /sys/class/net/eth0/threaded'
fi
check "50 pings pass" pings "$HOST4" 50 1000
