# SPDX-License-Identifier: GPL-2.0
#
# What sriov.py of Microsoft's LISA suite does with a VF and its NIC; it has scp carry
# what transfers does here. Other scenarios have the rest: vf-reload
# the modules, vf-many as many NICs as can be, vf-churn the host's own switch.

device() { readlink -f /sys/class/net/eth1/device; }
function_remove() { echo 1 > "$(device)/remove"; }
rescan() { echo 1 > /sys/bus/pci/rescan; }
sg() { ethtool -k "$1" | sed -n 's/^scatter-gather: \([a-z]*\).*/\1/p'; }

# Packets that counter $1 of eth0 takes for twenty pings.
counted()
{
	counted_before=$(statistic "$1")
	pings "$HOST4" 20 1000 || return 1
	echo $(($(statistic "$1") - counted_before))
}
# Not by the VF, and by the channels.
by_synthetic()
{
	[ "$(counted vf_tx_packets)" = 0 ] &&
		[ "$(counted 'tx_queue_[01]_packets')" -ge 20 ]
}

sg_kept()
{
	equal "$1: eth0 does not gather" off "$(sg eth0)"
	equal "$1: nor does the VF" off "$(sg eth1)"
	check "$1: TCP passes" traffic flows "$HOST4" 5003 4 65536
}

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
peer echo "$HOST4" 5003

sent=$(statistic vf_tx_packets)
received=$(statistic vf_rx_packets)
transfers "$HOST4" "$GUEST4"
check "the VF has sent files" [ $(($(statistic vf_tx_packets) - sent)) -ge 300 ]
check "and received them" \
	[ $(($(statistic vf_rx_packets) - received)) -ge 300 ]

check "the guest removes the function" function_remove
check "the VF has gone" vf_gone
check "frames go by the NIC" within 5 by_synthetic
check "the guest looks for functions" rescan
check "frames go by the VF" vf_used
check "pings pass" by_vf

check "the guest takes the VF down" ip link set eth1 down
check "frames go by the NIC" within 5 by_synthetic
check "the guest brings it up" ip link set eth1 up
check "frames go by the VF" vf_used
check "pings pass" by_vf

check "scatter-gather is turned off" ethtool -K eth0 sg off
sg_kept "at once"
check "the guest removes the function" function_remove
check "the VF has gone" vf_gone
check "the guest looks for functions" rescan
check "frames go by the VF" vf_used
sg_kept "after a rescan"
for turn in 1 2 3; do
	check "the host turns SR-IOV off ($turn)" vf remove
	check "the VF has gone ($turn)" vf_gone
	check "TCP passes without it ($turn)" \
		traffic flows "$HOST4" 5003 4 65536
	check "the host turns it on ($turn)" vf add
	check "frames go by the VF ($turn)" vf_used
	sg_kept "after turn $turn"
done
check "the VF's module unloads" rmmod ixgbevf
check "the VF has gone" vf_gone
check "the VF's module loads" insmod /modules/ixgbevf.ko
check "frames go by the VF" vf_used
sg_kept "after its module"
check "scatter-gather is turned on" ethtool -K eth0 sg on
equal "of the VF as well" on "$(sg eth1)"
check "pings pass" by_vf
