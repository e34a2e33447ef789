# SPDX-License-Identifier: GPL-2.0
# For scenarios that compare what a user has set, before and after.

# What a user can set, and sees.
settings()
{
	for option in -l -g -k -x -c "-n rx-flow-hash udp4"; do
		command=${option%% *}
		rest=${option#"$command"}
		# Options that a driver does not know are no settings.
		ethtool "$command" eth0 $rest 2>&1
	done
	ip -o link show eth0 | sed 's/ state [A-Z]*//'
	# The kernel still looks whether others have an address.
	ip -o addr show eth0 | sed "s/ tentative//"
	ethtool eth0
}

user_sets()
{
	ip link set eth0 mtu 4000 promisc on &&
	ethtool -K eth0 tso off &&
	ethtool -X eth0 weight 1 3
}
