# SPDX-License-Identifier: GPL-2.0

FAR=10.79.0.9

lro() { ethtool -k eth0 | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'; }

# pass TEXT PORT: a transfer through the guest; sets $average, bytes a frame
# had as the host gave it
pass()
{
	before=$(given 0)
	peer receive 0.0.0.0 "$2"
	peer send write "$FAR" "$2" "$TIMES"
	equal "$1 arrives unharmed" "$SHA256" "$(peer received "$2")"
	average=$(mean "$before" "$(given 0)")
}

check "eth0 comes up" bring_up 0
check "eth1 comes up" bring_up 1
check "the host has a far address" peer far
ip route add $FAR via 10.77.1.1 dev eth1
equal "coalescing is on" on "$(lro)"
echo 1 > /proc/sys/net/ipv4/ip_forward
equal "the kernel turns it off on a router" off "$(lro)"
pass "a transfer of ordinary frames" 5001
check "they were ordinary ($average bytes)" [ "$average" -le 1514 ]

check "coalescing goes on by hand" ethtool -K eth0 lro on
equal "it is on" on "$(lro)"
pass "a transfer of coalesced frames" 5002
check "they were long ($average bytes)" [ "$average" -gt 2000 ]
check "checksum and segmentation offload of eth1 go off" \
	ethtool -K eth1 tx off tso off gso off sg off
pass "a transfer that the guest has to cut up" 5003
check "they were long ($average bytes)" [ "$average" -gt 2000 ]
