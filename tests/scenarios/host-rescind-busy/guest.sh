# SPDX-License-Identifier: GPL-2.0

check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
traffic flows "$HOST4" 5003 16 100000000 > /dev/null 2>&1 &
flows=$!
sleep 1
check "the host rescinds the busy NIC" host nic rescind 0
check "eth0 goes" within 20 absent eth0
kill $flows
check "the host offers it again" host nic offer 0
check "eth0 comes back" bring_up
check "the host answers" within 10 reach
