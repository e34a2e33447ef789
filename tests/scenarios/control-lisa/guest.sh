# SPDX-License-Identifier: GPL-2.0
#
# Microsoft's LISA suite runs on Azure and Hyper-V, against whatever driver is called
# hv_netvsc. Here is what it does and expects of NICs that no other scenario has: its
# netinterface.py, hv_module.py, lsvmbus.py and networksettings.py, and the jumbo
# frames of its predecessor.

CLASS='{f8615163-df3e-46c5-913f-f2d2f965ed0e}'
DEVICE=/sys/class/net/eth0/device

# The shell would take its own applets of these names.
depmod() { /bin/depmod "$@"; }
modinfo() { /bin/modinfo "$@"; }
modprobe() { /bin/modprobe "$@"; }

# The driver where depmod and modprobe look for it.
install_module()
{
	folder=/lib/modules/$(uname -r)/updates/dkms
	mkdir -p "$folder" && mv /modules/hv_netvsc.ko "$folder" || return 1
	for name in depmod modinfo modprobe; do
		ln -s kmod /bin/$name || return 1
	done
	depmod -a
}

# has_symbol NAME: what LISA asks nm for
has_symbol() { grep -q " $1"'[[:space:]]' /proc/kallsyms; }

channels() { ls $DEVICE/channels | wc -l; }
current() { ethtool -l eth0 | awk '/Combined/ { n = $2 } END { print n }'; }
address() { ip -4 -o addr show dev eth0 | sed 's/.*inet \([0-9.]*\).*/\1/'; }
has_address() { [ -n "$(address)" ]; }

lease_script()
{
	cat > /run/lease.sh <<-'END'
		#!/bin/sh
		case $1 in
		bound|renew)
			/bin/ip addr replace $ip/24 dev $interface ;;
		deconfig)
			/bin/ip addr flush dev $interface ;;
		esac
	END
	chmod 755 /run/lease.sh
}

# As dhclient -r and dhclient are used there: no address stays from before.
lease()
{
	ip -4 addr flush dev eth0
	timeout 15 udhcpc -i eth0 -n -q -f -t 15 -T 1 -A 1 -s /run/lease.sh \
		> /run/udhcpc 2>&1
}

# fetched: as it fetches a page, in another way
fetched() { traffic flows "$HOST4" 5003 1 65536; }

names()
{
	equal "the module has a file" \
		"/lib/modules/$(uname -r)/updates/dkms/hv_netvsc.ko" \
		"$(modinfo -F filename hv_netvsc)"
	check "it is listed" grep -q '^hv_netvsc ' /proc/modules
	for name in netvsc_get_msglevel netvsc_set_msglevel; do
		check "there is a function $name" has_symbol $name
	done
	equal "the driver of eth0" hv_netvsc \
		"$(basename "$(readlink $DEVICE/driver)")"
	check "its place on the bus" \
		[ -d "/sys/bus/vmbus/drivers/hv_netvsc/$(basename \
			"$(readlink -f $DEVICE)")" ]
	equal "a device of that class" "$CLASS" "$(cat $DEVICE/class_id)"
}

# lsvmbus has a channel for each processor, if there are no more than eight.
vmbus()
{
	equal "a channel for each processor" "$CPUS" "$(channels)"
	equal "all mapped" "$CPUS" "$(grep -c : $DEVICE/channel_vp_mapping)"
	equal "each to a processor of its own" "$CPUS" "$(sed 's/.*://' \
		$DEVICE/channel_vp_mapping | sort -u | wc -l)"
}

# reload TURN: both lines once, no complaint, and the network comes back
reload()
{
	modprobe -r -v hv_netvsc > /run/modprobe 2>&1
	check "$1: gone" absent eth0
	modprobe -v hv_netvsc >> /run/modprobe 2>&1
	equal "$1: unloaded once" 1 "$(grep -c '^rmmod hv_netvsc' /run/modprobe)"
	equal "$1: loaded once" 1 \
		"$(grep -c '^insmod .*hv_netvsc\.ko' /run/modprobe)"
	equal "$1: nothing else is said" 2 "$(grep -c . /run/modprobe)"
	check "$1: eth0 is there" within 10 present eth0
	ip link set eth0 down
	check "$1: eth0 goes up" ip link set eth0 up
	check "$1: an address by DHCP" lease
	check "$1: something is fetched" fetched
}

# up_again TURN: the address within 15 s
up_again()
{
	check "$1: eth0 goes down" ip link set eth0 down
	check "$1: eth0 goes up" ip link set eth0 up
	check "$1: an address by DHCP within 15 s" lease
	check "$1: something is fetched" fetched
}

every_count()
{
	was=$(current)
	for count in $(seq "$CPUS"); do
		check "ethtool -L to $count" ethtool -L eth0 combined $count
		equal "there are $count" "$count $count" "$(current) $(channels)"
	done
	equal "there are as many as before" "$was" "$(current)"
}

# It looks for five minutes whether one is left at 0.
idle() { ethtool -S eth0 | grep -E '^ *[tr]x_queue_[0-9]+_packets: 0$'; }
none_idle()
{
	traffic flows "$HOST4" 5003 64 16384 && ! idle
}

statistics()
{
	equal "two statistics of packets for each queue" $((CPUS * 2)) \
		"$(ethtool -S eth0 | grep -cE '^ *[tr]x_queue_[0-9]+_packets:')"
	check "64 flows leave no queue at 0" within 20 none_idle
}

operstate() { [ "$(cat /sys/class/net/eth0/operstate)" = "$1" ]; }

operstates()
{
	check "eth0 is up" operstate up
	check "the host takes the link down" host link 0 down
	check "eth0 is down" within 10 operstate down
	check "the host takes the link up" host link 0 up
	check "eth0 is up" within 10 operstate up
}

jumbo()
{
	check "MTU 9000" ip link set eth0 mtu 9000
	peer mtu 0 9000
	within 10 carrier eth0
	check "the host answers" within 10 reach
	for size in 0 1 2 48 64 512 1440 1500 1505 4096 4192 25152 61404; do
		check "10 pings of $size bytes" pings "$HOST4" 10 $size
	done
}

driver_unload
check "the module is installed" install_module
check "the module is loaded" modprobe hv_netvsc
check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
check "the other end gives addresses" peer dhcp
lease_script
names
vmbus
for turn in 1 2 3; do
	reload "reload $turn"
done
for turn in 1 2 3 4; do
	up_again "link $turn"
done
every_count
statistics
operstates
jumbo
