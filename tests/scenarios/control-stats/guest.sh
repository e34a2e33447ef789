# SPDX-License-Identifier: GPL-2.0
# Monitoring finds statistics by their names, and some of it by their place.

# contract CHANNELS: the names that a driver called hv_netvsc has, in its order
contract()
{
	for name in tx_scattered tx_no_memory tx_no_space tx_too_big tx_busy \
			tx_send_full rx_comp_busy rx_no_memory stop_queue \
			wake_queue vlan_error vf_rx_packets vf_rx_bytes \
			vf_tx_packets vf_tx_bytes vf_tx_dropped; do
		echo $name
	done
	for queue in $(seq 0 $(($1 - 1))); do
		for name in packets bytes xdp_xmit; do
			echo "tx_queue_${queue}_$name"
		done
		for name in packets bytes xdp_drop xdp_redirect xdp_tx; do
			echo "rx_queue_${queue}_$name"
		done
	done
	for cpu in $(sed 's/-/ /' /sys/devices/system/cpu/present |
			xargs seq); do
		for name in rx_packets rx_bytes tx_packets tx_bytes \
				vf_rx_packets vf_rx_bytes vf_tx_packets \
				vf_tx_bytes; do
			echo "cpu${cpu}_$name"
		done
	done
}

names() { ethtool -S eth0 | sed -n 's/^ *\([a-z_0-9]*\): [0-9]*$/\1/p'; }

# same CHANNELS: the names are those, and with this driver ours behind them
same()
{
	contract "$1" > /run/contract
	names > /run/names
	head -n "$(grep -c . /run/contract)" /run/names > /run/first
	cmp /run/contract /run/first || return 1
	more=$(($(grep -c . /run/names) - $(grep -c . /run/contract)))
	if [ "$DRIVER" = ours ]; then
		[ $more -gt 0 ] && grep -qx tx_copied /run/names
	else
		[ $more -eq 0 ]
	fi
}

# sum_in PATTERN FILE: of statistics
sum_in()
{
	awk -v want="^[ \t]*$1:" '$0 ~ want { sum += $2 }
		END { printf "%d", sum }' "$2"
}

# idle WAY: queues that have carried nothing
idle()
{
	ethtool -S eth0 | grep -E "^ *$1_queue_[0-9]+_packets: 0$"
}

# channel FILE: sum of what sysfs has of the rings of all channels
channel()
{
	cat /sys/class/net/eth0/device/channels/*/"$1" |
		awk '{ sum += $1 } END { printf "%d", sum }'
}

# standing FILE: statistics of queues as lines "WAY QUEUE PACKETS BYTES"
standing()
{
	ethtool -S eth0 | sed -n 's/^ *\([tr]x\)_queue_\([0-9]*\)_\(packets\|bytes\): \([0-9]*\)/\1 \2 \4/p' |
		awk '{ k = $1 " " $2; v[k] = v[k] " " $3 }
			END { for (k in v) print k v[k] }' | sort
}

netlink()
{
	queues stats eth0 |
		sed 's/^\([tr]x [0-9]*\) .*x_packets=\([0-9]*\) .*x_bytes=\([0-9]*\).*/\1 \2 \3/' |
		sort
}

# Whatever comes in between shows in the second look.
same_counts()
{
	for again in 1 2 3 4 5; do
		standing > /run/before
		netlink > /run/netlink
		standing > /run/after
		cmp -s /run/before /run/after && break
	done
	cat /run/before /run/netlink
	cmp /run/before /run/netlink
}

# value NAME LINE: the number behind NAME=
value() { echo "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"; }

over_netlink()
{
	queues napi eth0 > /run/napi
	equal "8 queues are polled" 8 "$(grep -c ' [1-9]' /run/napi)"
	equal "by 4 polls, each for 2" "2 2 2 2" \
		"$(awk '{ print $3 }' /run/napi | sort | uniq -c |
			awk '{ printf "%s%s", s, $1; s = " " }')"
	[ "$DRIVER" = ours ] || return
	check "netlink has the packets and bytes of each queue" same_counts
	line=$(queues stats eth0 | grep '^rx 0')
	for name in rx_alloc_fail rx_hw_drops rx_csum_bad; do
		equal "$name of queue 0" 0 "$(value $name "$line")"
	done
	line=$(queues stats eth0 | grep '^tx 0')
	for name in tx_hw_drops tx_hw_drop_errors; do
		equal "$name of queue 0" 0 "$(value $name "$line")"
	done
	for name in stop wake; do
		check "tx_$name of queue 0" [ "$(value tx_$name "$line")" -ge 0 ]
	done
}

# What is left of queues that have gone is in the totals.
fewer_queues()
{
	[ "$DRIVER" = ours ] && [ "$KERNEL" != 6.1 ] &&
		before=$(value tx_packets "$(queues total eth0)")
	check "two channels" ethtool -L eth0 combined 2
	within 10 carrier eth0
	check "the names are those of two channels" same 2
	[ "$DRIVER" = ours ] && [ "$KERNEL" != 6.1 ] || return
	check "no packet is lost of the total" \
		[ "$(value tx_packets "$(queues total eth0)")" -ge "$before" ]
	equal "the queues that have gone are not shown" 4 \
		"$(queues napi eth0 | grep -c .)"
}

check "eth0 comes up" bring_up
check "names and order are those that are known" same 4
peer echo "$HOST4" 5003
check "64 flows pass" traffic flows "$HOST4" 5003 64 65536
# LISA's verify_device_statistics
equal "no transmit queue has sent nothing" "" "$(idle tx)"
equal "no receive queue has received nothing" "" "$(idle rx)"

ethtool -S eth0 > /run/stats
for way in rx tx; do
	equal "the processors' ${way}_packets are the queues'" \
		"$(sum_in "${way}_queue_[0-9]*_packets" /run/stats)" \
		"$(sum_in "cpu[0-9]*_${way}_packets" /run/stats)"
	check "the interface has them too" \
		[ "$(link_statistic ${way}_packets)" -ge \
			"$(sum_in "${way}_queue_[0-9]*_packets" /run/stats)" ]
done
check "sysfs counts signals to an empty ring" [ "$(channel intr_out_empty)" -gt 0 ]
check "each of them is a signal" \
	[ "$(channel intr_out_empty)" -le "$(channel events)" ]
equal "no ring was full" "0 0" \
	"$(channel out_full_total) $(channel out_full_first)"

if [ "$KERNEL" = 6.1 ]; then
	skip "queues over netlink" "this kernel has no such thing"
else
	over_netlink
fi
fewer_queues
check "the host answers in the end" within 10 reach
