# SPDX-License-Identifier: GPL-2.0

lro() { ethtool -k eth0 | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'; }

# arrive TEXT ADDRESS PORT: a transfer to the guest; sets $average, bytes
# a frame had as the host gave it
arrive()
{
	before=$(given 0)
	traffic receive "$2" "$3" | sha256sum > /run/sha256 &
	within 5 listening "$3"
	peer send write "$2" "$3" "$TIMES"
	wait $!
	equal "$1 arrives unharmed" "$SHA256" "$(cut -d ' ' -f 1 /run/sha256)"
	average=$(mean "$before" "$(given 0)")
}

check "eth0 comes up" bring_up
equal "coalescing is on" on "$(lro)"
arrive "a transfer with coalescing" "$GUEST4" 5001
check "its frames are long ($average bytes)" [ "$average" -gt 2000 ]
arrive "the same over IPv6" "$GUEST6" 5002
check "its frames are long ($average bytes)" [ "$average" -gt 2000 ]

check "coalescing goes off" ethtool -K eth0 lro off
arrive "a transfer without coalescing" "$GUEST4" 5003
check "its frames are ordinary ($average bytes)" [ "$average" -le 1514 ]
check "MTU 9000 is set" ip link set eth0 mtu 9000
check "MTU 1500 is set back" ip link set eth0 mtu 1500
equal "coalescing is still off" off "$(lro)"
arrive "a transfer after that" "$GUEST4" 5004
check "its frames are ordinary ($average bytes)" [ "$average" -le 1514 ]

check "coalescing goes on again" ethtool -K eth0 lro on
check "MTU 9000 is set" ip link set eth0 mtu 9000
peer mtu 0 9000
equal "coalescing is still on" on "$(lro)"
arrive "a transfer at MTU 9000" "$GUEST4" 5005
check "its frames are long ($average bytes)" [ "$average" -gt 10000 ]
if [ "$DRIVER" = ours ]; then
	check "the driver counted them" [ "$(statistic rx_rsc)" -gt 100 ]
	equal "it dropped none" 0 "$(statistic rx_bad_rsc)"
	ethtool -K eth0 rx off
	equal "without receive checksums there is no coalescing" off "$(lro)"
fi
