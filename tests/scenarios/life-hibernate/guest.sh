# SPDX-License-Identifier: GPL-2.0
# The kernel makes its image, which is kept in memory, and takes up from there at
# once: every driver ends and begins its work as in a machine that was off.

. /hibernate.sh
. /settings.sh

check "eth0 comes up" bring_up
check "a user sets things" user_sets
within 10 carrier eth0
settings > /run/before
peer echo "$HOST4" 5003

turn=0
while [ $turn -lt "$ROUNDS" ]; do
	turn=$((turn + 1))
	check "TCP passes before hibernation $turn" \
		traffic flows "$HOST4" 5003 8 65536
	ping -i 0.05 "$HOST4" > /run/ping &
	ping=$!
	sleep 0.5
	opens=$(host_counter opens)
	check "hibernation $turn" hibernate
	# Once when the image is written, and once by the kernel that is in it.
	equal "there were two sessions more" $((opens + 2)) \
		"$(host_counter opens)"
	check "carrier is there at once" carrier eth0
	got=$(wc -l < /run/ping)
	check "the ping that ran goes on" \
		within 5 eval '[ $(wc -l < /run/ping) -gt $((got + 20)) ]'
	kill $ping
	check "TCP passes after it" traffic flows "$HOST4" 5003 8 65536
	settings > /run/after
	# The kernel's own driver makes a table of RSS of its own.
	if [ "$DRIVER" = ours ]; then
		check "everything is set as it was" cmp /run/before /run/after
	fi
	diff /run/before /run/after > /run/diff ||
		comment "what differs:" < /run/diff
done
