# SPDX-License-Identifier: GPL-2.0

. /silence.sh

NIC_TYPE=f8615163-df3e-46c5-913f-f2d2f965ed0e
DRIVERS=$VMBUS/drivers

driver_of() { basename "$(readlink "$VMBUS/devices/$1/driver")" 2> /dev/null; }
is_driven_by() { [ "$(driver_of "$1")" = "$2" ]; }
give() { echo "$1" > "$DRIVERS/$2/bind"; }
take() { echo "$1" > "$DRIVERS/$2/unbind"; }

check "eth0 comes up" bring_up
check "the host answers" reach
card=$(device 0)
check "uio_hv_generic learns of NICs" \
	sh -c "echo $NIC_TYPE > $DRIVERS/uio_hv_generic/new_id"
check "the NIC stays where it is" is_driven_by "$card" hv_netvsc
for turn in 1 2; do
	check "turn $turn: hv_netvsc gives it up" take "$card" hv_netvsc
	check "turn $turn: eth0 is gone" within 5 absent eth0
	check "turn $turn: uio_hv_generic takes it" give "$card" uio_hv_generic
	check "turn $turn: it is a user-space device" \
		within 5 [ -c /dev/uio0 ]
	check "turn $turn: and says so" is_driven_by "$card" uio_hv_generic
	check "turn $turn: uio_hv_generic gives it up" \
		take "$card" uio_hv_generic
	check "turn $turn: hv_netvsc takes it back" give "$card" hv_netvsc
	check "turn $turn: and says so" is_driven_by "$card" hv_netvsc
	check "turn $turn: eth0 comes up again" bring_up
	check "turn $turn: 20 pings pass" pings "$HOST4" 20 1000
done
