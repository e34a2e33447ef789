# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
check "pings pass" pings "$HOST4" 50 1000
peer echo "$HOST4" 5003
check "16 flows pass" traffic flows "$HOST4" 5003 16 131072
check "the driver unloads" driver_unload
check "and loads again" driver_load
check "eth0 comes up again" bring_up
check "pings pass again" pings "$HOST4" 10 1000
