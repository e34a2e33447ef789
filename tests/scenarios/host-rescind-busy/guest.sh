# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
leaks_forget
round=1
while [ $round -le "$ROUNDS" ]; do
	# The server of the round before may still wait for somebody who has gone.
	peer echo "$HOST4" $((6000 + round)) > /dev/null
	traffic flows "$HOST4" $((6000 + round)) 16 100000000 > /dev/null 2>&1 &
	flows=$!
	sleep 1
	check "the host rescinds the busy NIC ($round)" host nic rescind 0
	check "eth0 goes" within 20 absent eth0
	kill $flows
	wait $flows
	check "the host offers it again" host nic offer 0
	check "eth0 comes back" bring_up
	check "the host answers" within 10 reach
	round=$((round + 1))
done
check_leaks
