# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "the host answers" reach
for turn in 1 2 3; do
	check "the host rescinds the NIC ($turn)" host nic rescind 0
	check "eth0 goes" within 20 absent eth0
	check "the host offers it again" host nic offer 0
	check "eth0 comes back" bring_up
	check "the host answers" within 10 reach
done
