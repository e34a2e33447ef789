# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
for size in 0 1 56 1000 1452; do
	check "20 pings of $size bytes over IPv6" pings "$HOST6" 20 "$size"
done
peer receive "$HOST6" 5001
check "the random block goes to the host $TIMES times" \
	traffic send write "$HOST6" 5001 /data "$TIMES"
equal "the host received it unharmed" "$SHA256" "$(peer received 5001)"
traffic receive "$GUEST6" 5002 | sha256sum > /run/sha256 &
within 5 listening 5002
peer send write "$GUEST6" 5002 "$TIMES"
wait $!
equal "the same came from the host unharmed" "$SHA256" \
	"$(cut -d ' ' -f 1 /run/sha256)"
