# SPDX-License-Identifier: GPL-2.0
#
# eth0: a source of flows that the host spreads; eth1: a sink that counts.

COUNT=2000

verdicts() { sum eth0 "rx_queue_[0-9]*_xdp_$1"; }

# queues WAY: how many queues have met it
queues()
{
	ethtool -S eth0 | awk -v want="^rx_queue_[0-9]*_xdp_$1:\$" \
		'$1 ~ want && $2 > 0 { n++ } END { print n + 0 }'
}

sink_nic() { host_value tx frames 1; }
returned() { host_value tx frames 0; }

# exactly TEXT WAY: as many frames meet the verdict as the source is asked for
exactly()
{
	before=$(verdicts "$2")
	host source 0 $COUNT > /dev/null
	within 20 is $((before + COUNT)) verdicts "$2"
	sleep 0.2
	equal "$1" $COUNT "$(($(verdicts "$2") - before))"
}

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for nic in 0 1; do
	echo 1 > /proc/sys/net/ipv6/conf/eth$nic/disable_ipv6
	ethtool -K eth$nic lro off
	check "eth$nic comes up" ip link set eth$nic up
	check "eth$nic has carrier" within 10 carrier eth$nic
done

check "a program that drops" xdp attach eth0 drop
exactly "$COUNT frames are dropped" drop
equal "on all four queues" 4 "$(queues drop)"
check "a program that sends back" xdp attach eth0 tx
back=$(returned)
exactly "$COUNT frames are sent back" tx
equal "on all four queues" 4 "$(queues tx)"
within 5 is $((back + COUNT)) returned
equal "the host got them" $COUNT "$(($(returned) - back))"
check "a program that redirects" xdp attach eth0 redirect eth1
sink=$(sink_nic)
exactly "$COUNT frames are redirected" redirect
within 5 is $((sink + COUNT)) sink_nic
equal "they leave" $COUNT "$(($(sink_nic) - sink))"
if [ "$DRIVER" = ours ]; then
	equal "eth1 counts them" $COUNT \
		"$(sum eth1 'tx_queue_[0-9]*_xdp_xmit')"
	equal "eth1 refused none" 0 "$(sum eth1 tx_xdp_refused)"
fi

# word NAME: of what the program was told
word() { tr ' ' '\n' < /run/metadata | sed -n "s/^$1=//p"; }

if [ "$DRIVER" = ours ] && xdp_asks; then
	check "the program goes" xdp detach eth0
	key=$(ethtool -x eth0 | grep -E '^([0-9a-f]{2}:){39}')
	xdp metadata eth0 "$key" > /run/metadata 2>&1 &
	within 10 grep -q ready /run/metadata
	host source 0 1 > /dev/null
	wait $!
	comment "metadata:" < /run/metadata
	equal "a program is told the hash that the key makes" \
		"0,$(word toeplitz)" "$(word hash)"
	equal "that it is of TCP over IPv4" 19 "$(word type)"
	equal "and that there is no tag" -61,0000,0 "$(word tag)"
fi

check "a program that drops" xdp attach eth0 drop
for change in "-L eth0 combined 2" "-L eth0 combined 4" "-G eth0 rx 4096"; do
	check "ethtool $change" ethtool $change
	check "eth0 has carrier" within 10 carrier eth0
	exactly "the program is still there" drop
done
check "the program goes" xdp detach eth0
