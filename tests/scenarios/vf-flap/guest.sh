# SPDX-License-Identifier: GPL-2.0

# flaps: ROUNDS times, in a minute if they are a hundred
flaps()
{
	round=1
	while [ $round -le "$ROUNDS" ]; do
		vf link down
		sleep 0.25
		vf link up
		sleep 0.25
		round=$((round + 1))
	done
}

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
check "pings pass" by_vf
switches=$(host_value switches vf 0 status)
pulse_start
check "the link goes down and up $ROUNDS times" flaps
check "frames go by the VF in the end" vf_used 10
pulse_end
check "no ping waited for longer than 3 s" [ "$gap" -lt 3000000 ]
switches=$(($(host_value switches vf 0 status) - switches))
say "# $switches switches"
# The kernel's own driver stays with a VF that is up, link or no link.
if [ "$DRIVER" = ours ]; then
	# Its link is down half of the time.
	check "few pings were lost" [ $((lost * 4)) -lt \
		"$(sed 's/sent \([0-9]*\).*/\1/' /run/pulse)" ]
	check "the data path followed the link" [ $switches -ge 4 ]
fi
check "pings pass" by_vf
