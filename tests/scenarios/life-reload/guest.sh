# SPDX-License-Identifier: GPL-2.0

# Traffic until the interface goes. Each time another server at the other end: the
# one before may still wait for somebody who has gone.
start_flows()
{
	peer echo "$HOST4" $((6000 + turn)) > /dev/null
	traffic flows "$HOST4" $((6000 + turn)) 8 100000000 > /dev/null 2>&1 &
	flows=$!
}

check "eth0 comes up" bring_up
leaks_forget
began=$(cut -d . -f 1 /proc/uptime)
turn=1
while [ $turn -le "$ROUNDS" ]; do
	reach || not_ok "the host answers before unload $turn"
	start_flows
	sleep 0.2
	check "unload $turn" driver_unload
	kill $flows
	wait $flows
	check "eth0 is gone" absent eth0
	check "load $turn" driver_load
	check "eth0 comes up again" bring_up
	check "the host answers" within 5 reach
	[ $((turn % 10)) -ne 0 ] || say "# $turn reloads"
	turn=$((turn + 1))
done
say "# $((turn - 1)) reloads in $(($(cut -d . -f 1 /proc/uptime) - began)) s"
check_leaks

# Who changes the driver of a machine that is far away does so over a session.
listens() { grep -q ':0016 [0-9A-F:]* 0A ' /proc/net/tcp; }
traffic echo 0.0.0.0 22 > /dev/null 2>&1 &
check "an echo at the port of SSH" within 5 listens
peer session "$GUEST4" 22 > /dev/null
sleep 0.5
check "a session from outside is going on" peer session_going
check "unload under it" driver_unload
check "load under it" driver_load
check "eth0 comes up again" bring_up
check "the session still has not ended" peer session_going
check "and goes on" peer session_says
check "no byte of it is lost" peer session_over
