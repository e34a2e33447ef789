# SPDX-License-Identifier: GPL-2.0
#
# The host breaks the run off as soon as it is to look at a page that it cannot
# see: rule memory-hidden.

visible() { host counters | tr '{},' '\n\n\n' |
	grep -A 1 '"visibility"' | sed -n 's/^"pages": //p'; }

check "the kernel knows that it is isolated" \
	sh -c "dmesg | grep 'Isolation Config: Group A 0x0, Group B 0x1'"
check "eth0 comes up" bring_up
check "pings of 60 to 9000 bytes come back" eval \
	'pings "$HOST4" 20 18 && pings "$HOST4" 20 1472 && pings "$HOST4" 20 8972'

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
