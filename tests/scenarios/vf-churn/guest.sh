# SPDX-License-Identifier: GPL-2.0

# TCP in bursts, each byte of which is checked, as long as /run/churn exists.
flows_run()
{
	while [ -e /run/churn ]; do
		traffic flows "$HOST4" 5003 2 500000 > /dev/null 2>> /run/bad ||
			echo "flows failed" >> /run/bad
		echo >> /run/bursts
	done
}

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
peer echo "$HOST4" 5003
: > /run/churn
: > /run/bad
: > /run/bursts
flows_run &
flows=$!
pulse_start
round=1
while [ $round -le "$ROUNDS" ]; do
	check "the VF is taken away ($round)" vf remove
	check "it has gone ($round)" vf_gone
	sleep 1
	check "it comes back ($round)" vf add
	check "frames go by it ($round)" vf_used
	sleep 1
	round=$((round + 1))
done
pulse_end
rm /run/churn
wait $flows
check "no ping waited for longer than 3 s" [ "$gap" -lt 3000000 ]
say "# $(wc -l < /run/bursts) bursts of TCP"
check "TCP was there" [ "$(wc -l < /run/bursts)" -ge 2 ]
equal "and every byte of it arrived" "" "$(cat /run/bad)"
check "pings pass" by_vf
