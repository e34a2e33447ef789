# SPDX-License-Identifier: GPL-2.0

beneath() { [ -e /sys/class/net/eth0/lower_eth1 ]; }

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
leaks_forget
round=1
while [ $round -le "$ROUNDS" ]; do
	check "the module unloads ($round)" driver_unload
	check "the VF is still there ($round)" present eth1
	ip link set eth1 up
	check "the module loads ($round)" driver_load
	check "eth0 comes up ($round)" bring_up
	check "the VF is beneath it ($round)" within 5 beneath
	check "frames go by the VF ($round)" vf_used
	equal "the VF has no IPv6 address ($round)" "" \
		"$(ip -6 addr show dev eth1)"
	check "pings pass ($round)" by_vf

	pulse_start 10000
	check "the VF's module unloads ($round)" rmmod ixgbevf
	check "the VF has gone ($round)" vf_gone
	check "pings pass without it ($round)" by_nic
	check "the VF's module loads ($round)" insmod /modules/ixgbevf.ko
	check "frames go by the VF again ($round)" vf_used
	pulse_end
	check "no ping waited for longer than 3 s ($round)" \
		[ "$gap" -lt 3000000 ]
	check "pings pass ($round)" by_vf
	round=$((round + 1))
done
check_leaks
