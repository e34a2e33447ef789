# SPDX-License-Identifier: GPL-2.0
# Tolerances are those of Microsoft's LISA suite (its networksettings.py).

# information KEY: a line of ethtool -i
information() { ethtool -i eth0 | sed -n "s/^$1: //p"; }

# feature NAME: "on", "off", or with " [fixed]"
feature() { ethtool -k eth0 | sed -n "s/^$1: //p"; }

# both_ways NAME SHORT: a feature is turned over, and back
both_ways()
{
	long=$1 short=$2
	first=$(feature "$long")
	case $first in
	on) other=off ;;
	off) other=on ;;
	*) skip "$long can be turned over" "it is $first here"; return ;;
	esac
	check "$long is turned $other" ethtool -K eth0 "$short" $other
	equal "$long is $other" $other "$(feature "$long")"
	check "$long is turned $first" ethtool -K eth0 "$short" "$first"
	equal "$long is $first" "$first" "$(feature "$long")"
}

# current RX|TX: the present value of ethtool -g
current()
{
	ethtool -g eth0 | sed '1,/Current/d' |
		awk -v key="$1:" '$1 == key { print $2 }'
}

# megabytes SLOTS BYTES: rounded; slots MEGABYTES BYTES: rounded
megabytes() { echo "$1 $2" | awk '{ printf "%.0f", $1 * $2 / 1048576 }'; }
slots() { echo "$1 $2" | awk '{ printf "%.0f", $1 * 1048576 / $2 }'; }

# near WANTED FOUND DISTANCE
near() { [ $(($2 - $1)) -le "$3" ] && [ $(($1 - $2)) -le "$3" ]; }

# other SLOTS BYTES: two megabytes less, or more
other()
{
	mb=$(megabytes "$1" "$2")
	if [ "$mb" -gt 2 ]; then mb=$((mb - 2)); else mb=$((mb + 2)); fi
	slots "$mb" "$2"
}

rings()
{
	first="$(current RX) $(current TX)"
	rx=$(other "$(current RX)" 1728) tx=$(other "$(current TX)" 6144)
	check "ethtool -G rx $rx tx $tx" ethtool -G eth0 rx "$rx" tx "$tx"
	check "rx is $rx within a page" near "$rx" "$(current RX)" 3
	check "tx is $tx within a page" near "$tx" "$(current TX)" 1
	set -- $first
	check "ethtool -G back" ethtool -G eth0 rx "$1" tx "$2"
	equal "both are exactly what they were" "$first" \
		"$(current RX) $(current TX)"
}

# key: of ethtool -x; table: its entries, one word each
key() { ethtool -x eth0 | grep -E '^[0-9a-f]{2}(:[0-9a-f]{2}){39}$'; }
table()
{
	ethtool -x eth0 | sed -n 's/^ *[0-9]*: *\([0-9 ]*\)$/\1/p' |
		tr -s ' ' '\n' | grep .
}

# uses QUEUE...: the table names these queues, and no other
uses() { [ "$(table | sort -u | tr '\n' ' ')" = "$* " ]; }

# The key, with the last two digits changed.
another_key()
{
	case $(key) in
	*5a) key | sed 's/..$/a5/' ;;
	*) key | sed 's/..$/5a/' ;;
	esac
}

spreading()
{
	equal "the key has 40 bytes" 1 "$(key | grep -c .)"
	equal "the table has 128 entries" 128 "$(table | grep -c .)"
	check "it uses all queues" uses 0 1 2 3
	was=$(key) new=$(another_key)
	check "another key is set" ethtool -X eth0 hkey "$new"
	equal "it is read back" "$new" "$(key)"
	check "the first key is set" ethtool -X eth0 hkey "$was"
	equal "it is read back" "$was" "$(key)"
	check "two queues are used equally" ethtool -X eth0 equal 2
	check "the table says so" uses 0 1
	check "queues are given weights" ethtool -X eth0 weight 0 1 0 3
	check "the table has these" uses 1 3
	equal "the last has three in four" 96 "$(table | grep -c 3)"
	if ethtool -X eth0 equal 5 2> /dev/null; then
		not_ok "a queue that is not there is refused"
	else
		ok "a queue that is not there is refused"
	fi
	check "the table is what it was" uses 1 3
	check "the first table" ethtool -X eth0 default
	check "it uses all queues" uses 0 1 2 3
}

# fields FLOW: what ethtool -n says is hashed
fields()
{
	ethtool -n eth0 rx-flow-hash "$1" | awk '/IP SA/ { f = f "s" }
		/IP DA/ { f = f "d" } /bytes 0/ { f = f "f" }
		/bytes 2/ { f = f "n" } END { print f }'
}

# busy tx|rx: queues that have carried more than a few frames since "mark"
counts() { ethtool -S eth0 | grep -E "^ *${1}_queue_[0-9]+_packets"; }
mark() { counts tx > /run/tx; counts rx > /run/rx; }
busy()
{
	counts "$1" | cat "/run/$1" - |
		awk '$1 in was && $2 > was[$1] + 20 { n++ }
			{ was[$1] = $2 } END { print n + 0 }'
}

# hash FLOW FIELDS: sets them; they must be read back
hash()
{
	ethtool -N eth0 rx-flow-hash "$1" "$2" && [ "$(fields "$1")" = "$2" ]
}

hashing()
{
	for flow in tcp4 tcp6 udp4 udp6; do
		equal "$flow hashes ports" sdfn "$(fields $flow)"
		check "$flow can do without" hash $flow sd
		check "$flow hashes ports again" hash $flow sdfn
	done
	# Of this, ethtool's exit status says nothing.
	ethtool -N eth0 rx-flow-hash tcp4 s
	equal "half of the addresses is refused" sdfn "$(fields tcp4)"
	mark
	check "16 flows pass" traffic flows "$HOST4" 5003 16 32768
	check "they are sent on several queues" [ "$(busy tx)" -gt 1 ]
	check "they come on several queues" [ "$(busy rx)" -gt 1 ]
	check "only addresses count" ethtool -N eth0 rx-flow-hash tcp4 sd
	mark
	check "16 flows pass" traffic flows "$HOST4" 5003 16 32768
	equal "they are sent on one queue" 1 "$(busy tx)"
	if [ "$DRIVER" = ours ]; then
		equal "they come on one queue" 1 "$(busy rx)"
	fi
	if [ "$DRIVER" = ours ]; then
		check "a new session" ethtool -L eth0 combined 3
		within 10 carrier eth0
		equal "tcp4 hashes sd still" sd "$(fields tcp4)"
		mark
		check "16 flows pass" traffic flows "$HOST4" 5003 16 32768
		equal "they come on one queue" 1 "$(busy rx)"
		check "all queues" ethtool -L eth0 combined 4
		within 10 carrier eth0
	fi
	check "ports count again" ethtool -N eth0 rx-flow-hash tcp4 sdfn
}

# A key without queues to spread over hung the kernel's own driver once.
one_queue()
{
	check "one queue" ethtool -L eth0 combined 1
	within 10 carrier eth0
	was=$(key) new=$(another_key)
	check "another key is set" timeout 20 ethtool -X eth0 hkey "$new"
	equal "it is read back" "$new" "$(key)"
	check "the first key is set" timeout 20 ethtool -X eth0 hkey "$was"
	check "the host answers" within 10 reach
	check "four queues" ethtool -L eth0 combined 4
	within 10 carrier eth0
	equal "the key is kept" "$was" "$(key)"
}

# levels: the number and the names of ethtool's message level
levels()
{
	ethtool eth0 | awk '/Current message level/ { sub(/.*: 0x0*/, "")
		printf "%s ", $1; getline; $1 = $1; print }'
}

messages()
{
	first=$(levels)
	equal "the level is that of the kernel's driver" \
		"f7 drv probe link ifdown ifup rx_err tx_err" "$first"
	check "levels by name" \
		ethtool -s eth0 msglvl probe on tx_done on rx_status on
	equal "are there" \
		"cf7 drv probe link ifdown ifup rx_err tx_err tx_done rx_status" \
		"$(levels)"
	for number in 2 400 800; do
		check "level 0x$number" ethtool -s eth0 msglvl 0x$number
		equal "is there" $number "$(levels | sed 's/ .*//')"
	done
	check "the first level" ethtool -s eth0 msglvl "0x${first%% *}"
	equal "is there" "$first" "$(levels)"
}

# mode: speed and duplex, as ethtool shows them
mode()
{
	ethtool eth0 | sed -n 's/^\t\(Speed\|Duplex\): //p' | tr '\n' ' '
}

modes()
{
	first=$(mode)
	check "speed and duplex are told ($first)" \
		expr "$first" : '[0-9]*Mb/s Full '
	check "others can be set" ethtool -s eth0 speed 1000 duplex half
	equal "and read back" "1000Mb/s Half " "$(mode)"
	check "the first" ethtool -s eth0 speed "${first%%M*}" duplex full
	equal "and read back" "$first" "$(mode)"
}

# coalescing: of ethtool -c, whether frames may wait; copybreak: a tunable
coalescing() { ethtool -c eth0 | sed -n 's/^Adaptive.*TX: \([a-z]*\).*/\1/p'; }
copybreak()
{
	ethtool --get-tunable eth0 tx-copybreak |
		sed -n 's/.*tx-copybreak: *//p'
}

# What the kernel's own driver has not.
ours()
{
	equal "adaptive-tx is on" on "$(coalescing)"
	check "adaptive-tx off" ethtool -C eth0 adaptive-tx off
	equal "adaptive-tx is off" off "$(coalescing)"
	check "adaptive-tx on" ethtool -C eth0 adaptive-tx on
	equal "tx-copybreak is 8192" 8192 "$(copybreak)"
	check "tx-copybreak 100" ethtool --set-tunable eth0 tx-copybreak 100
	equal "tx-copybreak is 100" 100 "$(copybreak)"
	check "tx-copybreak 8192" ethtool --set-tunable eth0 tx-copybreak 8192
}

check "eth0 comes up" bring_up
peer echo "$HOST4" 5003
equal "the driver" hv_netvsc "$(information driver)"
equal "its firmware" "N/A" "$(information firmware-version)"
equal "registers can be shown" yes "$(information supports-register-dump)"
equal "there are 16 of 4 bytes" 64 "$(ethtool -d eth0 raw on | wc -c)"
equal "they are queues" "" "$(ethtool -d eth0 raw on |
	hexdump -v -e '1/4 "%u\n"' | grep -v '^[0-3]$')"
check "time stamps are told" ethtool -T eth0
equal "there is a channel for each of 4 processors" "4 4" \
	"$(ethtool -l eth0 | awk '/Combined/ { printf "%s%s", s, $2; s = " " }')"
for name in rx-checksumming tx-checksumming tcp-segmentation-offload \
		scatter-gather; do
	equal "$name" on "$(feature $name)"
done
both_ways generic-receive-offload gro
both_ways large-receive-offload lro
for pair in ring_size=128 debug=-1; do
	equal "parameter $pair" "${pair#*=}" \
		"$(cat /sys/module/hv_netvsc/parameters/${pair%=*})"
done
rings
within 10 carrier eth0
spreading
hashing
one_queue
messages
modes
[ "$DRIVER" = intree ] || ours
check "the host answers in the end" within 10 reach
