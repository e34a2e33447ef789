# SPDX-License-Identifier: GPL-2.0

OTHER=02:15:5d:12:34:56
NOBODY=10.77.0.77

address() { cat "/sys/class/net/eth$1/address"; }
received() { link_statistic rx_packets; }
unwanted() { host_counter rx_unwanted; }
feature() { ethtool -k eth0 | sed -n "s/^[ \t]*$1: \([a-z]*\).*/\1/p"; }

# toggles SHORT-NAME NAME VALUE
toggles()
{
	ethtool -K eth0 "$1" "$3" && [ "$(feature "$2")" = "$3" ]
}

# calls IP MAC: frames from the host to that address; how many came
calls()
{
	peer run ip neigh replace "$1" lladdr "$2" dev tap0 nud permanent
	before=$(received)
	kept_out=$(unwanted)
	peer run traffic udp-send "$1" 9 56 20 > /dev/null
	sleep 0.3
	came=$(($(received) - before))
	kept_out=$(($(unwanted) - kept_out))
	peer run ip neigh del "$1" dev tap0
}

check "eth0 comes up" bring_up
check "eth1 comes up" bring_up 1
peer echo "$HOST4" 5003
check "the host answers" reach

# The kernel's own driver changes the address of an interface that is down.
own=$(address 0)
[ "$DRIVER" = ours ] || ip link set eth0 down
check "eth0 takes another address" ip link set eth0 address $OTHER
[ "$DRIVER" = ours ] || { ip link set eth0 up; within 10 carrier eth0; }
equal "it has it" $OTHER "$(address 0)"
check "the host's neighbours forget" peer run ip neigh flush dev tap0
check "the host delivers to it" pings "$HOST4" 20 56
if [ "$DRIVER" = ours ]; then
	check "the session is made anew" ethtool -G eth0 tx 64
	within 10 carrier eth0
	check "the host still delivers to it" pings "$HOST4" 20 56
fi
calls $NOBODY "$own"
check "nothing comes for the old one ($came)" [ $came -le 3 ]
check "since the host keeps it back ($kept_out)" [ $kept_out -ge 15 ]
[ "$DRIVER" = ours ] || ip link set eth0 down
check "eth0 takes its own address again" ip link set eth0 address "$own"
[ "$DRIVER" = ours ] || { ip link set eth0 up; within 10 carrier eth0; }
peer run ip neigh flush dev tap0
check "the host delivers to it" pings "$HOST4" 20 56

own=$(address 1)
[ "$DRIVER" = ours ] || ip link set eth1 down
if ip link set eth1 address $OTHER; then
	not_ok "an address that the host refuses is refused"
else
	ok "an address that the host refuses is refused"
fi
[ "$DRIVER" = ours ] || { ip link set eth1 up; within 10 carrier eth1; }
equal "and changes nothing" "$own" "$(address 1)"
check "the host answers on eth1" reach 1

calls $NOBODY 02:00:00:00:00:77
check "frames for others stay away ($came)" [ $came -le 3 ]
check "the host keeps them back ($kept_out)" [ $kept_out -ge 15 ]
check "promiscuous mode is on" ip link set eth0 promisc on
sleep 1
calls $NOBODY 02:00:00:00:00:77
check "frames for others come ($came)" [ $came -ge 15 ]
check "promiscuous mode is off" ip link set eth0 promisc off
sleep 1
calls $NOBODY 02:00:00:00:00:77
check "frames for others stay away again ($came)" [ $came -le 3 ]
check "all multicast is on" ip link set eth0 allmulticast on
calls 10.77.0.78 01:00:5e:01:02:03
check "frames to groups come ($came)" [ $came -ge 15 ]
check "all multicast is off" ip link set eth0 allmulticast off

equal "VLAN tags are not for the user to change" "on on" \
	"$(feature tx-vlan-offload) $(feature rx-vlan-offload)"
traffic flows "$HOST4" 5003 4 400000000 > /run/flows 2>&1 &
flows=$!
for pair in rx:rx-checksumming tx:tx-checksumming sg:scatter-gather \
		tso:tcp-segmentation-offload gro:generic-receive-offload \
		lro:large-receive-offload rxhash:receive-hashing; do
	name=${pair#*:}
	equal "$name is on" on "$(feature "$name")"
	check "$name goes off" toggles "${pair%:*}" "$name" off
	check "the host answers without it" pings "$HOST4" 5 1400
	check "$name comes on" toggles "${pair%:*}" "$name" on
	# What it took with it.
	ethtool -K eth0 tx on sg on tso on gso on lro on
done
for name in rx tx sg tso gro lro rxhash; do
	ethtool -K eth0 $name off
done
check "the connections are alive with everything off" kill -0 $flows
check "new ones pass their bytes" traffic flows "$HOST4" 5003 4 65536
ethtool -K eth0 rx on tx on sg on tso on gro on lro on rxhash on
check "and with everything on" traffic flows "$HOST4" 5003 4 65536
kill $flows
equal "nothing went wrong in them" "" "$(cat /run/flows)"

# IPv6 does not live below 1280.
check "MTU 68 is set" ip link set eth0 mtu 68
peer mtu 0 68
check "full pings pass" pings "$HOST4" 20 40
if ip link set eth0 mtu 67 2> /dev/null; then
	not_ok "MTU 67 is refused"
else
	ok "MTU 67 is refused"
fi
check "the host's largest MTU is set" ip link set eth0 mtu 9202
peer mtu 0 9202
check "full pings pass" pings "$HOST4" 20 9174
