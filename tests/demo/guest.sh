# SPDX-License-Identifier: GPL-2.0

say "# Linux $(uname -r), hypervisor: $(dmesg |
	sed -n 's/.*Hypervisor detected: //p')"
check "the driver under test is loaded" [ -e /sys/module/hv_netvsc/version ]
check "eth0 comes up with carrier" bring_up
ethtool -i eth0 | comment "ethtool -i eth0"
check "100 pings of 1000 bytes come back" pings "$HOST4" 100 1000

peer receive "$HOST4" 5001
check "16 MiB of TCP go to the host" \
	traffic send write "$HOST4" 5001 /data "$TIMES"
equal "their SHA-256 is right there" "$SHA256" "$(peer received 5001)"
traffic receive "$GUEST4" 5002 | sha256sum > /run/sha256 &
within 5 listening 5002
peer send write "$GUEST4" 5002 "$TIMES"
wait $!
equal "16 MiB of TCP come from the host, SHA-256 right" "$SHA256" \
	"$(cut -d ' ' -f 1 /run/sha256)"

ethtool -S eth0 | awk '$2 != "0"' | comment "ethtool -S eth0 (not zero)"
check "the driver unloads" driver_unload
check "eth0 is gone" absent eth0
