# SPDX-License-Identifier: GPL-2.0

# transfer TEXT MODE PORT
transfer()
{
	peer receive "$HOST4" "$3"
	check "$1 goes out" traffic send "$2" "$HOST4" "$3" /data "$TIMES"
	equal "$1 arrives unharmed" "$SHA256" "$(peer received "$3")"
}

check "eth0 comes up" bring_up
transfer "64 KiB at a time" write 5001
transfer "sendfile" sendfile 5002
transfer "many odd pieces" shapes 5003
check "segmentation offload goes off" ethtool -K eth0 tso off gso off
transfer "without segmentation offload" shapes 5004
check "checksum and scatter offload go off" ethtool -K eth0 tx off sg off
transfer "without any offload" write 5005
check "all go on again" ethtool -K eth0 tx on sg on gso on tso on
ip link set eth0 mtu 9000
peer mtu 0 9000
transfer "at MTU 9000" shapes 5006
