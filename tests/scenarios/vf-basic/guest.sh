# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "the VF appears" within 20 present eth1
check "it is beneath eth0" within 10 [ -e /sys/class/net/eth0/lower_eth1 ]
equal "and has its address" "$(cat /sys/class/net/eth0/address)" \
	"$(cat /sys/class/net/eth1/address)"
check "the data path is the VF" within 20 vf_is active 1
# What Azure's documentation has its readers look for.
equal "and the kernel log says so" 1 \
	"$(dmesg | grep -c "eth0: Data path switched to VF: eth1")"
equal "the VF has no IPv6 address" "" "$(ip -6 addr show dev eth1)"
before=$(vf_frames tx)
check "every ping is answered" pings "$HOST4" 50 1000
check "by the VF" [ $(($(vf_frames tx) - before)) -ge 50 ]
check "eth0 counts what it sent" [ "$(statistic vf_tx_packets)" -ge 50 ]
check "and what it received" [ "$(statistic vf_rx_packets)" -ge 50 ]
transfers "$HOST4" "$GUEST4"
check "the host takes the data path back" vf back
check "every ping is answered without it" pings "$HOST4" 50 1000
