# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
for size in 0 1 56 1000 1452; do
	check "20 pings of $size bytes over IPv6" pings "$HOST6" 20 "$size"
done
transfers "$HOST6" "$GUEST6"
