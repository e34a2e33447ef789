# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
for turn in 1 2 3 4 5 6 7 8 9 10; do
	reach || not_ok "the host answers before unload $turn"
	check "unload $turn" driver_unload
	check "eth0 is gone" absent eth0
	check "load $turn" driver_load
	check "eth0 comes up again" bring_up
	check "the host answers" reach
done
