# SPDX-License-Identifier: GPL-2.0

received() { statistic 'rx_queue_[0-9]+_packets'; }
more_than() { [ "$(received)" -gt "$1" ]; }
slots_out() { host_value 0.rx_slots_out channels 0; }

# silence_source TEXT: no more frames; all that is owed to the host must come
silence_source()
{
	check "$1: the host delivers no more" host withhold 0 rx on
	sleep 1
	equal "$1: all receive slots are back with the host" 0 "$(slots_out)"
}

check "the driver takes a small ring" driver_reload ring_size=64
# With the interface down the host delivers nothing.
first=$(host_value rx frames 0)
check "eth0 comes up" bring_up
check "frames come" within 10 more_than 1000
for round in 1 2 3; do
	busy=$(statistic rx_comp_busy)
	check "round $round: the host does not read the ring" \
		host withhold 0 ring on
	sleep 10
	check "round $round: completions found no space" \
		[ "$(statistic rx_comp_busy)" -gt "$busy" ]
	check "round $round: slots are out ($(slots_out))" \
		[ "$(slots_out)" -gt 4000 ]
	stood=$(received)
	sleep 1
	equal "round $round: reception stands" "$stood" "$(received)"
	check "round $round: the host lets go" host withhold 0 ring off
	check "round $round: reception goes on" within 2 more_than "$stood"
	sleep 2
	silence_source "round $round"
	equal "round $round: every frame of the host was received" \
		"$(($(host_value rx frames 0) - first))" "$(received)"
	stood=$(received)
	check "round $round: the host delivers again" host withhold 0 rx off
	check "round $round: frames come" within 2 more_than "$stood"
done
