# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "pings pass" pings "$HOST4" 50 1000
peer receive "$HOST4" 5001
check "the random block goes to the host" \
	traffic send write "$HOST4" 5001 /data "$TIMES"
equal "the host received it unharmed" "$SHA256" "$(peer received 5001)"
traffic receive "$GUEST4" 5002 | sha256sum > /run/sha256 &
within 5 listening 5002
peer send write "$GUEST4" 5002 "$TIMES"
wait $!
equal "the same came from the host unharmed" "$SHA256" \
	"$(cut -d ' ' -f 1 /run/sha256)"
check "the driver unloads" driver_unload
check "and loads again" driver_load
check "eth0 comes up again" bring_up
check "pings pass again" pings "$HOST4" 10 1000
