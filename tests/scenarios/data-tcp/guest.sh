# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up

peer receive "$HOST4" 5001
check "$TIMES times 16 MiB go to the host" \
	traffic send write "$HOST4" 5001 /data "$TIMES"
equal "the host received them unharmed" "$SHA256" "$(peer received 5001)"

traffic receive "$GUEST4" 5002 | sha256sum > /run/sha256 &
within 5 listening 5002
peer send write "$GUEST4" 5002 "$TIMES"
wait $!
equal "$TIMES times 16 MiB came from the host unharmed" "$SHA256" \
	"$(cut -d ' ' -f 1 /run/sha256)"
equal "the number of channels is the one meant" "$CPUS" \
	"$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)"
