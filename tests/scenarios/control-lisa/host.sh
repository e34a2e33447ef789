# SPDX-License-Identifier: GPL-2.0

# dhcp: serves addresses on tap0
peer_dhcp()
{
	mkdir -p /tmp &&
	: > /tmp/leases &&
	cat > /tmp/udhcpd.conf <<-END || return 1
		interface tap0
		start 10.77.0.100
		end 10.77.0.110
		lease_file /tmp/leases
		pidfile /tmp/udhcpd.pid
		option subnet 255.255.255.0
		option lease 600
	END
	udhcpd -f /tmp/udhcpd.conf > /dev/null 2>> "$RESULTS/peer-errors" &
}
