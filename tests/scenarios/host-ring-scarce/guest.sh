# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "pings pass" pings "$HOST4" 50 1000
peer echo "$HOST4" 5003
check "one flow passes" traffic flows "$HOST4" 5003 1 262144
check "16 flows pass" traffic flows "$HOST4" 5003 16 32768
