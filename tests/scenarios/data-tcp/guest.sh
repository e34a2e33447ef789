# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up

transfers "$HOST4" "$GUEST4"
equal "the number of channels is the one meant" "$CPUS" \
	"$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)"
