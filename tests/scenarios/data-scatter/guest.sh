# SPDX-License-Identifier: GPL-2.0

# counter NIC NAME
counter() { ethtool -S "eth$1" | awk -v name="$2:" '$1 == name { print $2 }'; }

# transfer NIC TEXT MODE PORT
transfer()
{
	peer receive "10.77.$1.1" "$4"
	check "eth$1: $2 go out" \
		traffic send "$3" "10.77.$1.1" "$4" /data "$TIMES"
	equal "eth$1: $2 arrive unharmed" "$SHA256" "$(peer received "$4")"
}

# The pieces only cross pages as one if they come from large pages.
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	echo always > /sys/kernel/mm/transparent_hugepage/enabled
fi
for nic in 0 1; do
	check "eth$nic comes up" bring_up $nic
	transfer $nic "pieces across pages" pieces 500$nic
	transfer $nic "many odd pieces" shapes 501$nic
	transfer $nic "pages of a file" sendfile 502$nic
	# How large segments are is for TCP to say: some must come.
	port=5030
	while [ "$(counter $nic tx_scattered)" -eq 0 ] && [ $port -lt 5036 ]; do
		transfer $nic "more pieces across pages" pieces $port
		port=$((port + 1))
	done
	scattered=$(counter $nic tx_scattered)
	check "eth$nic: frames were in too many pages ($scattered)" \
		[ "$scattered" -gt 0 ]
done
check "eth0: of some the head was copied ($(counter 0 tx_head_copied))" \
	[ "$(counter 0 tx_head_copied)" -gt 0 ]
check "eth1: some were copied whole ($(counter 1 tx_linearized))" \
	[ "$(counter 1 tx_linearized)" -gt 0 ]
equal "eth0: no frame was dropped" 0 "$(link_statistic tx_dropped 0)"
equal "eth1: no frame was dropped" 0 "$(link_statistic tx_dropped 1)"
