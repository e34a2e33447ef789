# SPDX-License-Identifier: GPL-2.0

# cap NAME TEXT: the value of an option NAME in TEXT
cap() { echo "$2" | sed -n "s/.*$1[= ]\([0-9.]*\).*/\1/p"; }

# agreed NAME: a version, from the host's counters
agreed()
{
	host counters | tr ',{' '\n\n' |
		sed -n "s/^ *\"$1\": \"\([^\"]*\)\".*/\1/p" | head -n 1
}

# nvsp_number VERSION: as it is on the wire
nvsp_number()
{
	case $1 in
	1) echo 0x2 ;;
	2) echo 0x30002 ;;
	6.1) echo 0x60001 ;;
	*) echo "0x${1}0000" ;;
	esac
}

check "eth0 comes up" bring_up
equal "NVSP is spoken in the version that the host is limited to" \
	"$(nvsp_number "$(cap nvsp "$NIC")")" "$(agreed nvsp_version)"
limit=$(cap --vmbus-version "$HOST_OPTIONS")
[ -z "$limit" ] ||
	equal "and VMBus too" "$limit" "$(agreed version)"
check "pings pass" pings "$HOST4" 50 1000
peer echo "$HOST4" 5003
check "16 flows pass" traffic flows "$HOST4" 5003 16 131072
if [ "$DRIVER" = ours ] && [ -z "$limit" ]; then
	# No host of before NVSP 6.1 coalesces.
	host silence 0 on
	check "receive checksums go off, and no host is asked" \
		ethtool -K eth0 rx off
	check "and on" ethtool -K eth0 rx on
	host silence 0 off
fi
check "the driver unloads" driver_unload
check "and loads again" driver_load
check "eth0 comes up again" bring_up
check "pings pass again" pings "$HOST4" 10 1000
