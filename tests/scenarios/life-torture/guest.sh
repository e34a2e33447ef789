# SPDX-License-Identifier: GPL-2.0

# Dice that SEED throws alike in every shell: $chosen is 0 to $1 - 1.
dice=$((SEED & 0x7fffffff))
throw()
{
	dice=$(((dice * 1103515245 + 12345) & 0x7fffffff))
	chosen=$(((dice >> 8) % $1))
}

one_of()
{
	throw $#
	shift $chosen
	echo "$1" > /run/one
}

# Sets $what to a command that changes the configuration.
next_change()
{
	throw 6
	case $chosen in
	0)	throw 4
		what="ethtool -L eth0 combined $((chosen + 1))" ;;
	1)	throw 3000
		rx=$((128 + chosen))
		throw 600
		what="ethtool -G eth0 rx $rx tx $((16 + chosen))" ;;
	2)	one_of 1280 1400 1500 1501 4000 9000
		what="ip link set eth0 mtu $(cat /run/one)" ;;
	3)	one_of rx tx sg tso gro lro rxhash
		what="ethtool -K eth0 $(cat /run/one)"
		one_of on off
		what="$what $(cat /run/one)" ;;
	4)	what="ip link set eth0 down" ;;
	5)	one_of on off
		what="ip link set eth0 promisc $(cat /run/one)" ;;
	esac
}

off() { ethtool -k eth0 | grep -q "^$1: off"; }

# Whether what is asked for cannot be had, since it needs what is off.
in_vain()
{
	case $what in
	*" sg on")	off tx-checksumming ;;
	*" tso on")	off tx-checksumming || off scatter-gather ;;
	*" lro on")	off rx-checksumming ;;
	*)		false ;;
	esac
}

# ethtool tells with a status of its own that there was nothing to do.
change()
{
	$what > /run/change 2>&1 ||
		grep -q 'unmodified\|no change' /run/change || in_vain
	status=$?
	[ "$what" != "ip link set eth0 down" ] || ip link set eth0 up
	return $status
}

torture()
{
	round=1
	while [ $round -le "$ROUNDS" ]; do
		next_change
		echo "$round: $what"
		change || { cat /run/change; return 1; }
		within 20 carrier eth0 || return 1
		[ $((round % 10)) -ne 0 ] || say "# $round changes"
		throw 10
		sleep 0.$chosen
		round=$((round + 1))
	done
}

# patiently NAME COMMAND...: again, if it began while eth0 was down
patiently()
{
	errors=/run/$1.error
	shift
	until "$@" 2> "$errors"; do
		cat "$errors" >&2
		grep -q "Network is unreachable" "$errors" || return 1
		sleep 0.2
	done
}

# Both go on until there is /run/enough, and say how often it went well.
send_blocks()
{
	blocks=0
	until [ -e /run/enough ]; do
		peer receive "$HOST4" 5001 > /dev/null &&
		patiently blocks traffic send write "$HOST4" 5001 /data \
			"$TIMES" &&
		[ "$(peer received 5001)" = "$SHA256" ] || return 1
		blocks=$((blocks + 1))
		echo $blocks > /run/blocks
	done
}

send_flows()
{
	flows=0
	until [ -e /run/enough ]; do
		patiently flows traffic flows "$HOST4" 5003 4 1000000 ||
			return 1
		flows=$((flows + 4))
		echo $flows > /run/flows
	done
}

check "eth0 comes up" bring_up
check "the host answers" reach
leaks_forget
peer echo "$HOST4" 5003
send_blocks > /run/blocks.errors 2>&1 &
blocks_task=$!
send_flows > /run/flows.errors 2>&1 &
flows_task=$!
say "# SEED=$SEED ROUNDS=$ROUNDS"
check "$ROUNDS changes" torture
: > /run/enough
wait $blocks_task
equal "every block had its SHA-256" 0 $?
wait $flows_task
equal "every flow had its bytes" 0 $?
cat /run/check /run/blocks.errors /run/flows.errors > /run/tale
[ ! -e /run/failed ] || comment "the tale:" < /run/tale
check "blocks were sent ($(cat /run/blocks))" [ -s /run/blocks ]
check "flows were made ($(cat /run/flows))" [ -s /run/flows ]
ethtool -K eth0 rx on tx on sg on tso on gro on lro on rxhash on
check "the host answers" pings "$HOST4" 20 1400
check "16 flows pass" traffic flows "$HOST4" 5003 16 65536
check "the driver unloads" driver_unload
check_leaks
