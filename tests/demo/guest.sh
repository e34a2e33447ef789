# SPDX-License-Identifier: GPL-2.0

say "# Linux $(uname -r), hypervisor: $(dmesg |
	sed -n 's/.*Hypervisor detected: //p')"
check "the driver under test is loaded" [ -e /sys/module/hv_netvsc/version ]
check "eth0 comes up with carrier" bring_up
ethtool -i eth0 | comment "ethtool -i eth0"
check "100 pings of 1000 bytes come back" pings "$HOST4" 100 1000

transfers "$HOST4" "$GUEST4"

ethtool -S eth0 | awk '$2 != "0"' | comment "ethtool -S eth0 (not zero)"
check "the driver unloads" driver_unload
check "eth0 is gone" absent eth0
