# SPDX-License-Identifier: GPL-2.0

# vf_frames KEY: frames that the VF took from the guest (tx) or gave it (rx)
vf_frames() { host_value "$1" vf 0 status; }

transfers()
{
	peer receive "$HOST4" 5001
	check "16 MiB go to the host" \
		traffic send write "$HOST4" 5001 /data "$TIMES"
	equal "the host received them unharmed" "$SHA256" \
		"$(peer received 5001)"
	traffic receive "$GUEST4" 5002 | sha256sum > /run/sha256 &
	within 5 listening 5002
	peer send write "$GUEST4" 5002 "$TIMES"
	wait $!
	equal "16 MiB came from the host unharmed" "$SHA256" \
		"$(cut -d ' ' -f 1 /run/sha256)"
}

check "eth0 comes up" bring_up
check "the VF appears" within 20 present eth1
check "it is beneath eth0" within 10 [ -e /sys/class/net/eth0/lower_eth1 ]
equal "and has its address" "$(cat /sys/class/net/eth0/address)" \
	"$(cat /sys/class/net/eth1/address)"
check "the data path is the VF" within 20 vf_is active 1
equal "the VF has no IPv6 address" "" "$(ip -6 addr show dev eth1)"

before=$(vf_frames tx)
transfers
check "the VF carried them" [ $(($(vf_frames tx) - before)) -gt 300 ]
check "eth0 counts what it sent" [ "$(statistic vf_tx_packets)" -gt 300 ]
check "and what it received" [ "$(statistic vf_rx_packets)" -gt 300 ]

vf remove
check "the VF goes" within 20 absent eth1
check "the host has it back" within 20 vf_is offered 0
equal "the data path is synthetic" 0 "$(host_value active vf 0 status)"
check "the host answers" within 5 reach
check "every ping is answered" pings "$HOST4" 50 1000

vf add
check "the VF is there again" within 20 present eth1
check "the data path is the VF again" within 20 vf_is active 1
before=$(vf_frames tx)
check "every ping is answered" pings "$HOST4" 50 1000
check "by the VF" [ $(($(vf_frames tx) - before)) -ge 50 ]

check "the module unloads" driver_unload
check "the VF stays" present eth1
check "the module loads" driver_load
check "eth0 comes up" bring_up
check "it has found its VF" within 10 [ -e /sys/class/net/eth0/lower_eth1 ]
check "the data path is the VF" within 20 vf_is active 1
check "every ping is answered" pings "$HOST4" 50 1000
