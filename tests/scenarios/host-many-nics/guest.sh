# SPDX-License-Identifier: GPL-2.0

for nic in 0 1 2 3; do
	check "eth$nic comes up" bring_up $nic
done
for nic in 0 1 2 3; do
	check "the host answers on eth$nic" pings "10.77.$nic.1" 20 1000
	peer echo "10.77.$nic.1" $((5010 + nic))
	check "8 flows pass through eth$nic" \
		traffic flows "10.77.$nic.1" $((5010 + nic)) 8 65536
done
equal "each NIC has its own address" 4 \
	"$(cat /sys/class/net/eth?/address | sort -u | wc -l)"
check "the driver unloads" driver_unload
for nic in 0 1 2 3; do
	check "eth$nic is gone" absent eth$nic
done
