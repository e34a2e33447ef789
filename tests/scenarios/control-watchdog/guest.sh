# SPDX-License-Identifier: GPL-2.0

NOBODY=10.77.0.99

start_load()
{
	traffic udp-send $NOBODY 9 100 0 16 > /run/tally 2>&1 &
	load=$!
}

stop_load()
{
	kill $load
	wait $load
}

timed_out() { [ "$(statistic tx_timeout)" -gt "$1" ]; }
started_over() { [ "$(dmesg | grep -c 'starting over$')" -gt "$1" ]; }
host_frames() { host_value tx frames 0; }
gave_up() { [ "$(statistic tx_lost_at_close)" -gt 0 ]; }
more_frames_than() { [ "$(host_frames)" -gt "$1" ]; }
settled()
{
	[ "$(($(link_statistic tx_packets) + $(statistic tx_lost_at_close)))" \
		-eq "$(host_frames)" ]
}

# goes_on TEXT SECONDS: the host has let go
goes_on()
{
	check "$1: frames flow within $2 s" within "$2" more_frames_than "$stood"
	stop_load
	check "$1: the host answers" within 10 reach
	check "$1: 50 pings pass" pings "$HOST4" 50 1000
}

check "eth0 comes up" bring_up
ip neigh replace $NOBODY lladdr 02:00:00:00:00:99 dev eth0 nud permanent
check "the host answers" reach
equal "no queue stood still yet" 0 "$(statistic tx_timeout)"

# Longer than the watchdog waits, but not long enough to start over.
start_load
check "the host withholds completions" host withhold 0 completions on
check "the watchdog counts it" within 15 timed_out 0
check "and the log tells of it" \
	sh -c "dmesg | grep 'hv_netvsc.* eth0: transmit queue 0'"
stood=$(host_frames)
check "the host lets go" host withhold 0 completions off
goes_on "after one warning" 5
equal "no frame was given up" 0 "$(statistic tx_lost_at_close)"
check "the driver and the host count the same" within 5 settled

# A host that never answers; control messages it still serves.
start_load
check "the host withholds completions again" host withhold 0 completions on
check "the driver starts over" within 60 started_over 0
check "and counts what the host did not complete" within 30 gave_up
within 10 carrier eth0
stood=$(host_frames)
check "the host lets go" host withhold 0 completions off
goes_on "after a new session" 5
check "the driver and the host count the same" within 5 settled

# A host that does not even look, not at the attempt to start over either.
start_load
check "the host does not read the ring" host withhold 0 ring on
check "the driver tries to start over" within 60 started_over 1
sleep 40
stood=$(host_frames)
check "the host lets go" host withhold 0 ring off
# It is tried every 15 s, for up to 10 s.
goes_on "after a host that was away" 40
check "eth0 has carrier" carrier eth0
check "the log's only warnings are about the time" watchdog_warned_alone
