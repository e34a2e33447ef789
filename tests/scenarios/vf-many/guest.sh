# SPDX-License-Identifier: GPL-2.0
# As many as Azure's largest machines have.

NICS="0 1 2 3 4 5 6 7"

# of NIC KEY: what the host says of its VF
of() { host_value "$2" vf "$1" status; }
used() { [ "$(of "$1" active)" = 1 ]; }
address() { cat "/sys/class/net/$1/address"; }

# The interfaces beneath NIC $1, which are to be one.
beneath() { basename -a /sys/class/net/eth"$1"/lower_* | sed 's/^lower_//'; }
alone() { [ -z "$(ls -d /sys/class/net/eth"$1"/lower_* 2> /dev/null)" ]; }

# VFs come only when the NICs are there: else those might take their names.
all_get()
{
	for nic in "$@"; do
		host vf "$nic" add
	done > /dev/null
}

all_by_vf()
{
	for nic in $NICS; do
		check "$1: frames of eth$nic go by a VF" within 30 used $nic
		vf=$(beneath $nic)
		equal "$1: the one beneath eth$nic has its address" \
			"$(address eth$nic)" "$(address "$vf")"
		before=$(of $nic tx)
		check "$1: eth$nic reaches the host" \
			pings "10.77.$nic.1" 20 1000
		check "$1: by its VF" [ $(($(of $nic tx) - before)) -ge 20 ]
	done
}

for nic in $NICS; do
	check "eth$nic comes up" bring_up $nic
done
all_get $NICS
all_by_vf "at first"
for nic in $NICS; do
	host vf $nic remove
done > /dev/null
for nic in $NICS; do
	check "eth$nic has no VF" within 20 alone $nic
	check "eth$nic reaches the host" pings "10.77.$nic.1" 20 1000
done
all_get 7 3 5 1 0 2 6 4
all_by_vf "in another order"
check "the driver unloads" driver_unload
