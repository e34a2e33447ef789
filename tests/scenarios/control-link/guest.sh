# SPDX-License-Identifier: GPL-2.0

speed_is() { [ "$(cat /sys/class/net/eth0/speed)" = "$1" ]; }

check "eth0 comes up" bring_up
check "the host answers" reach
for turn in 1 2 3; do
	check "the host takes the link down ($turn)" host link 0 down
	check "carrier goes" within 10 no_carrier eth0
	check "the host takes the link up ($turn)" host link 0 up
	check "carrier comes" within 10 carrier eth0
	check "the host answers again" within 10 reach
done
for speed in 1000 40000; do
	check "the host says $speed Mb/s" host speed 0 "$speed"
	check "ethtool learns $speed Mb/s" within 10 speed_is "$speed"
done
check "the host answers after it" reach
check "link down and up with eth0 down" \
	sh -c '/bin/ip link set eth0 down && hvctl ask link 0 down &&
		hvctl ask link 0 up && /bin/ip link set eth0 up'
check "carrier comes" within 10 carrier eth0
check "the host answers at the end" within 10 reach
