# SPDX-License-Identifier: GPL-2.0
#
# A listed frame is the socket's memory until the host has completed it. eth0: an
# echo.

is_ready() { grep -q ready /run/held; }
log_says() { dmesg | grep -q "$1"; }
host_has() { [ "$(host_value tx frames 0)" -ge "$1" ]; }

echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
check "eth0 comes up" ip link set eth0 up
check "eth0 has carrier" within 10 carrier eth0
check "frames above 100 bytes are listed" \
	ethtool --set-tunable eth0 tx-copybreak 100
check "500 frames" xsk exchange eth0 500 1514

# Completions come late: the socket goes with them, and no sooner.
check "the host completes nothing" host withhold 0 completions on
before=$(host_value tx frames 0)
xsk exchange eth0 500 1514 > /run/held 2>&1 &
within 20 is_ready
check "it has frames" within 20 host_has $((before + 100))
kill $!
wait $!
sleep 1
check "the host completes all" host withhold 0 completions off
check "500 frames" xsk exchange eth0 500 1514
if log_says "starting over"; then
	not_ok "the session is the old one"
else
	ok "the session is the old one"
fi

# They do not come.
check "the host completes nothing" host withhold 0 completions on
before=$(host_value tx frames 0)
xsk exchange eth0 500 1514 > /run/held 2>&1 &
within 20 is_ready
check "it has frames" within 20 host_has $((before + 100))
kill $!
wait $!
check "the session begins anew" within 30 log_says \
	"does not complete frames of AF_XDP, starting over"
check "the host completes all" host withhold 0 completions off
check "eth0 has carrier" within 30 carrier eth0
check "500 frames" xsk exchange eth0 500 1514
