# SPDX-License-Identifier: GPL-2.0
# As life-hibernate: an image is made, and taken up again.

. /hibernate.sh

unused() { vf_is active 0; }

check "eth0 comes up" bring_up
check "frames go by the VF" vf_used
check "pings pass" by_vf
ping -i 0.05 "$HOST4" > /run/ping &
ping=$!
sleep 0.5
check "hibernation with a VF" hibernate
check "frames go by it again" vf_used
got=$(wc -l < /run/ping)
check "the ping that ran goes on" \
	within 5 eval '[ $(wc -l < /run/ping) -gt $((got + 20)) ]'
kill $ping
check "pings pass" by_vf
# The kernel's own driver looks at associations when a VF comes, and not again.
if [ "$DRIVER" = ours ]; then
	check "the association is taken away" vf dissociate
	check "hibernation without it" hibernate
	check "frames do not go by the VF" within 5 unused
	check "pings pass" within 10 reach
	check "none by the VF" by_nic
	check "the association is there again" vf associate
	check "frames go by the VF" vf_used
	check "pings pass" by_vf
fi
