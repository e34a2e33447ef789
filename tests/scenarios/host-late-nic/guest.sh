# SPDX-License-Identifier: GPL-2.0
# The driver is loaded, and there is nothing for it to do yet.

check "the driver is loaded" grep -q '^hv_netvsc ' /proc/modules
check "there is no eth0" absent eth0
for turn in 1 2; do
	check "the host adds the NIC" host nic add 0
	check "eth0 comes up" bring_up
	check "the host answers" pings "$HOST4" 20 1000
	check "the host takes it away" host nic rescind 0
	check "eth0 goes" within 20 absent eth0
done
check "the driver unloads" driver_unload
check "the host adds the NIC" host nic add 0
sleep 0.5
check "nobody takes it" absent eth0
check "the driver is loaded" driver_load
check "eth0 comes up" bring_up
check "the host answers" pings "$HOST4" 20 1000
