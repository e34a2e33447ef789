# SPDX-License-Identifier: GPL-2.0
#
# A machine that reboots says nothing to the host: its channels are open, and frames
# are under way. LISA does this with as many cards as there may be (its synthetic.py);
# each must have its address again, and its name.

# boots: how often there was one; a guest contacts the host once in each
boots() { host_counter contacts; }

numbers() { seq 0 $((NICS - 1)); }

all_come_up()
{
	for number in $(numbers); do
		bring_up "$number" && within 5 reach "$number" || return 1
	done
}

addresses()
{
	for number in $(numbers); do
		cat /sys/class/net/eth"$number"/address
	done
}

expected()
{
	for number in $(numbers); do
		printf '00:15:5d:00:00:%02x\n' $((number + 1))
	done
}

traffic_runs()
{
	peer echo "$HOST4" 500"$(boots)"
	check "8 flows pass" traffic flows "$HOST4" 500"$(boots)" 8 65536
	traffic flows "$HOST4" 500"$(boots)" 8 100000000 > /dev/null 2>&1 &
	ping -i 0.05 "$HOST4" > /dev/null 2>&1 &
	sleep 0.5
}

say "# boot $(boots)"
check "$NICS cards come up" all_come_up
equal "each by its name" "$(expected)" "$(addresses)"
traffic_runs
case $(boots) in
1)	check_log
	reboot -f
	not_ok "the guest reboots" ;;
2)	check_log
	echo c > /proc/sysrq-trigger
	not_ok "the guest panics" ;;
3)	ok "it was the third boot" ;;
*)	not_ok "it was the third boot" ;;
esac
