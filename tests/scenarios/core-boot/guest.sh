# SPDX-License-Identifier: GPL-2.0

check "eth0 appears and has carrier" bring_up
check "the host answers a ping" reach
ethtool -i eth0 > /run/info
equal "ethtool -i names the driver" "hv_netvsc" \
	"$(sed -n 's/^driver: //p' /run/info)"
check "the driver is loaded under its name" [ -d /sys/module/hv_netvsc ]
if [ "$DRIVER" = ours ]; then
	check "it is the driver under test" [ -e /sys/module/hv_netvsc/version ]
fi
check "the address is of Microsoft's range" \
	grep -q ^00:15:5d: /sys/class/net/eth0/address
check "the version of the kernel is the one meant" \
	expr "$(uname -r)" : "$KERNEL\\."
