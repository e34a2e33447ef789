# SPDX-License-Identifier: GPL-2.0

beneath() { [ -e /sys/class/net/eth0/lower_eth1 ]; }
unused() { vf_is active 0; }

check "eth0 comes up" bring_up
check "pings pass without a VF" by_nic

check "the association comes alone" vf associate
sleep 3
check "the VF comes after it" vf offer
check "frames go by it" vf_used
check "pings pass" by_vf
check "both are taken away" vf remove
check "the VF has gone" vf_gone
check "pings pass without it" by_nic

check "the VF comes alone" vf offer
check "it is beneath eth0" within 20 beneath
sleep 3
check "without the association it is not used" unused
check "pings pass" by_nic
check "the association comes after it" vf associate
check "frames go by it" vf_used 5
check "the association is repeated" vf associate
check "pings pass" by_vf
# The kernel's own driver looks at associations when a VF comes, and not again.
if [ "$DRIVER" = ours ]; then
	check "only the association is taken away" vf dissociate
	check "the VF is not used any more" within 5 unused
	check "pings pass without it" by_nic
	check "the association names another serial" vf associate 99
	check "the address is enough" vf_used 5
	check "pings pass" by_vf
fi
check "the VF alone is taken away" vf rescind
check "it has gone" vf_gone
check "pings pass without it" by_nic
vf associate 1
vf dissociate

check "the host takes five seconds for a switch" vf switch-ms 5000
check "association and VF come" vf add
check "the VF appears" within 20 present eth1
pulse_start 10000
check "frames go by it" vf_used
pulse_end
equal "no ping was lost meanwhile" 0 "$lost"
check "the host is fast again" vf switch-ms 0
check "pings pass" by_vf

# The kernel's own driver does not take notice, and waits for ever.
if [ "$DRIVER" = ours ]; then
	check "the host takes the data path back by itself" vf back
	check "pings pass without the VF" by_nic
	check "the association is repeated" vf associate
	check "frames go by the VF again" vf_used 5
	check "pings pass" by_vf

	check "the host ends no switch any more" vf switch-ms never
	check "the VF's link goes down and up" eval \
		'vf link down && sleep 1 && vf link up'
	check "pings pass" within 20 reach
	check "association and VF are taken away" vf remove
	check "the VF has gone" vf_gone
	check "pings pass" by_nic
	check "they come again" vf add
	check "the VF appears" within 20 present eth1
	pulse_start 10000
	sleep 13
	pulse_end
	equal "no ping was lost while the host was waited for" 0 "$lost"
	check "a user can still do things" timeout 15 ip link set eth0 mtu 1400
	check "the host ends switches again" vf switch-ms 0
	check "the association is repeated" vf associate
	check "frames go by the VF" vf_used
	check "pings pass" by_vf
fi
check "both are taken away" vf remove
check "the VF has gone" vf_gone
check "pings pass without it" by_nic
