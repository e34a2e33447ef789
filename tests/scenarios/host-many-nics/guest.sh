# SPDX-License-Identifier: GPL-2.0

LATE="1 2 3 4 5 6 7"

check "eth0 comes up" bring_up
added=0
for nic in $LATE; do
	host nic add $nic && added=$((added + 1))
done > /dev/null
equal "the host adds seven at once" 7 $added
for nic in $LATE; do
	check "eth$nic comes up" bring_up $nic
done
for nic in 0 $LATE; do
	check "the host answers on eth$nic" pings "10.77.$nic.1" 20 1000
	peer echo "10.77.$nic.1" $((5010 + nic))
	check "8 flows pass through eth$nic" \
		traffic flows "10.77.$nic.1" $((5010 + nic)) 8 65536
done
equal "each NIC has its own address" 8 \
	"$(cat /sys/class/net/eth?/address | sort -u | wc -l)"

for nic in $LATE; do
	host nic rescind $nic
done > /dev/null
for nic in $LATE; do
	check "eth$nic goes" within 20 absent eth$nic
done
check "eth0 stays" reach
for nic in $LATE; do
	check "the host adds NIC $nic" host nic add $nic
	check "eth$nic comes up" bring_up $nic
	check "the host answers on eth$nic" within 5 reach $nic
done
equal "each NIC has its own address" 8 \
	"$(cat /sys/class/net/eth?/address | sort -u | wc -l)"
check "the driver unloads" driver_unload
for nic in 0 $LATE; do
	check "eth$nic is gone" absent eth$nic
done
