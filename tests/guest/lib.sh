# SPDX-License-Identifier: GPL-2.0
# What the scenarios' guest scripts are written with.
#
# Every check is one line on the host's console, "ok - text" or "not ok - text";
# the runner numbers them. /run/failed exists once a check has failed.

GUEST4=10.77.0.2
HOST4=10.77.0.1
GUEST6=fd77:0::2
HOST6=fd77:0::1

# The shell would take its own applets of these names.
ip() { /bin/ip "$@"; }
tc() { /bin/tc "$@"; }

say() { hvctl say "$@"; }

ok() { say "ok - $*"; }

not_ok()
{
	: > /run/failed
	say "not ok - $*"
}

failed() { [ -e /run/failed ]; }

# skip TEXT REASON: a check that does not apply here
skip() { say "ok - $1 # SKIP $2"; }

# Copies standard input to the console as comments, under a heading.
comment() { { echo "$1"; sed 's/^/  /'; } | sed 's/^/# /' | hvctl console; }

# check TEXT COMMAND...: ok if the command succeeds; its output is shown if not
check()
{
	text=$1
	shift
	"$@" > /run/check 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		ok "$text"
	else
		not_ok "$text"
		comment "$* (status $status):" < /run/check
	fi
}

# equal TEXT EXPECTED FOUND
equal()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: expected '$2', found '$3'"
	fi
}

# within SECONDS COMMAND...: polls until the command succeeds
within()
{
	tries=$(($1 * 10))
	shift
	until "$@" > /dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# host COMMAND...: a command to the host; its answer is printed
host() { hvctl ask "$@"; }

# given NIC: "FRAMES BYTES" that the host gave to the guest
given() { host frames "$1" | sed 's/.* rx=\([0-9]*\) rx_bytes=\([0-9]*\).*/\1 \2/'; }

# mean BEFORE AFTER: bytes a frame had, between two answers of "given"
mean() { echo "$1 $2" | awk '{ print int(($4 - $2) / ($3 - $1 + 1)) }'; }

# peer WORDS...: a command to the script beside the host
peer() { hvctl ask peer "$@"; }

carrier() { [ "$(cat "/sys/class/net/$1/carrier" 2> /dev/null)" = 1 ]; }
no_carrier() { [ "$(cat "/sys/class/net/$1/carrier" 2> /dev/null)" = 0 ]; }
present() { [ -e "/sys/class/net/$1" ]; }
absent() { ! present "$1"; }

# bring_up [N]: NIC N of the guest (default 0) gets its addresses and carrier
bring_up()
{
	nic=${1:-0}
	within 10 present "eth$nic" || return 1
	ip link set "eth$nic" up || return 1
	ip addr add "10.77.$nic.2/24" dev "eth$nic" || return 1
	ip -6 addr add "fd77:$nic::2/64" dev "eth$nic" nodad || return 1
	within 10 carrier "eth$nic"
}

# pings ADDRESS COUNT SIZE: every one must come back, whole
pings() { ping -A -q -c "$2" -s "$3" -W 5 "$1" | grep -q ' 0% packet loss'; }

# reach [N]: the host answers on NIC N (default 0)
reach() { ping -q -c 1 -W 5 "10.77.${1:-0}.1"; }

driver_load() { insmod /modules/hv_netvsc.ko; }
driver_unload() { rmmod hv_netvsc; }

# sum DEVICE PATTERN: of the counters whose names match
sum()
{
	ethtool -S "$1" | awk -v want="^$2:\$" '$1 ~ want { sum += $2 }
		END { print sum + 0 }'
}

# statistic PATTERN: of eth0
statistic() { sum eth0 "$1"; }

# link_statistic NAME [N]: of interface N (default 0)
link_statistic() { cat "/sys/class/net/eth${2:-0}/statistics/$1"; }

# host_value KEY COMMAND...: the number behind KEY= in the host's answer
host_value()
{
	key=$1
	shift
	host "$@" | tr ' ' '\n' | sed -n "s/^$key=//p"
}

# host_counter NAME: of the first channel that has it
host_counter()
{
	host counters | tr ',{' '\n\n' |
		sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" | head -n 1
}

# is WANT COMMAND...: the number that it prints
is()
{
	want=$1
	shift
	[ "$("$@")" -eq "$want" ]
}

# vf COMMAND...: what becomes of the VF of NIC 0
vf() { host vf 0 "$@"; }
# vf_is KEY VALUE: what the host says of it
vf_is() { [ "$(host_value "$1" vf 0 status)" = "$2" ]; }
# vf_frames KEY: frames that it took from the guest (tx) or gave it (rx)
vf_frames() { host_value "$1" vf 0 status; }
# vf_used [SECONDS]: frames go by the VF before long
vf_used() { within "${1:-30}" vf_is active 1; }
vf_gone() { within 20 absent eth1; }

# by_vf, by_nic: pings pass, with the VF or without
by_vf()
{
	# The guest may be about to hear that the host has moved the data path.
	reach && taken=$(vf_frames tx) || return 1
	pings "$HOST4" 20 1000 || return 1
	taken=$(($(vf_frames tx) - taken))
	echo "the VF took $taken frames"
	[ $taken -ge 20 ]
}

by_nic()
{
	taken=$(vf_frames tx)
	pings "$HOST4" 20 1000 && [ "$(vf_frames tx)" -eq "$taken" ]
}

# Whether XDP programs can ask what the host says of a frame: since Linux 6.8, by
# functions that are found in the kernel's BTF.
xdp_asks()
{
	grep -q bpf_xdp_metadata_rx_vlan_tag /proc/kallsyms &&
		[ -e /sys/kernel/btf/vmlinux ]
}

# pulse_start [USECS]: pings in the background; pulse_end: lost and gap of them,
# in $lost and $gap (microseconds)
pulse_start()
{
	traffic pulse "$HOST4" 1000000 "${1:-1000}" > /run/pulse &
	pulse=$!
}

pulse_end()
{
	kill $pulse
	wait $pulse
	lost=$(sed -n 's/.* lost \([0-9]*\).*/\1/p' /run/pulse)
	gap=$(sed -n 's/.* gap \([0-9]*\).*/\1/p' /run/pulse)
	say "# pings: $(cat /run/pulse) us"
}

# transfers HOST GUEST: the random block, $TIMES times each way, by these addresses
transfers()
{
	peer receive "$1" 5001
	check "$TIMES times 16 MiB go to the host" \
		traffic send write "$1" 5001 /data "$TIMES"
	equal "the host received them unharmed" "$SHA256" \
		"$(peer received 5001)"
	traffic receive "$2" 5002 | sha256sum > /run/sha256 &
	within 5 listening 5002
	peer send write "$2" 5002 "$TIMES"
	wait $!
	equal "$TIMES times 16 MiB came from the host unharmed" "$SHA256" \
		"$(cut -d ' ' -f 1 /run/sha256)"
}

KMEMLEAK=/sys/kernel/debug/kmemleak

# leaks_forget: what the kernel has lost so far is not the driver's. Kernels
# without kmemleak have nothing to say.
leaks_forget()
{
	mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
	[ -e $KMEMLEAK ] || return 0
	echo scan > $KMEMLEAK
	echo clear > $KMEMLEAK
}

# kmemleak believes in what has been lost for some seconds, and only twice.
no_leaks()
{
	for again in 1 2; do
		sleep 6
		echo scan > $KMEMLEAK
	done
	head -n 60 $KMEMLEAK
	[ -z "$(head -c 1 $KMEMLEAK)" ]
}

# check_leaks: since leaks_forget
check_leaks()
{
	if [ -e $KMEMLEAK ]; then
		check "no memory is lost" no_leaks
	else
		skip "no memory is lost" "this kernel has no kmemleak"
	fi
}

PKTGEN=/proc/net/pktgen

# pktgen_frames DEVICE SETTING...: what pktgen is to send next, and only that
pktgen_frames()
{
	device=$1
	shift
	echo rem_device_all > $PKTGEN/kpktgend_0 &&
		echo "add_device $device" > $PKTGEN/kpktgend_0 || return 1
	for setting in "delay 0" "dst 10.77.0.99" \
			"dst_mac 02:00:00:00:00:99" "$@"; do
		echo "$setting" > "$PKTGEN/$device" || return 1
	done
}

# pktgen_start DEVICE: sends them; $sent says how many went
pktgen_start()
{
	echo start > $PKTGEN/pgctrl
	sent=$(sed -n 's/.*pkts-sofar: \([0-9]*\).*/\1/p' "$PKTGEN/$1")
}

# Of NIC 0, whose back end is a sink.
sink_frames() { host_value tx frames 0; }
sink_has() { [ "$(sink_frames)" -ge "$1" ]; }

# messages_of BUCKET: messages with so many frames that the first channel sent
messages_of()
{
	host counters |
		sed -n 's/.*"packets_per_message": {\([^}]*\)}.*/\1/p' |
		head -n 1 | tr ',' '\n' | sed -n "s/^ *\"$1\": //p"
}

# Of what the queue discipline of eth0 was given: passed to the driver, dropped
# by itself, and still there.
qdisc_sent() { tc -s qdisc show dev eth0 | awk '/Sent/ { print $4; exit }'; }
qdisc_dropped()
{
	tc -s qdisc show dev eth0 |
		awk '/Sent/ { sub(",", "", $7); print $7; exit }'
}
qdisc_backlog()
{
	tc -s qdisc show dev eth0 |
		awk '/backlog/ { print int(substr($3, 1)); exit }'
}

# driver_reload OPTION=VALUE...: the driver anew, with parameters
driver_reload()
{
	driver_unload && insmod /modules/hv_netvsc.ko "$@"
}

# What a guest's kernel log must not hold at the end of any scenario.
LOG_BAD='WARNING:|BUG:|Call Trace|Oops|general protection|soft lockup'
LOG_BAD="$LOG_BAD|hard LOCKUP|blocked for more than|detected stall|refcount_t"
LOG_BAD="$LOG_BAD|hv_netvsc.*(error|fail|invalid|unable|unexpected|unknown)"
LOG_BAD="$LOG_BAD|hv_vmbus.*(error|fail|unable|timed out)"
# A module from outside the kernel's tree says so once.
LOG_GOOD='module verification failed: signature'

# A scenario that provokes lines of the log names them in LOG_EXPECTED.
check_log()
{
	dmesg | grep -E "$LOG_BAD" | grep -vE "$LOG_GOOD" |
		grep -vE "${LOG_EXPECTED:-^$}" > /run/log
	if [ -s /run/log ]; then
		not_ok "the kernel log holds no warning"
		head -n 20 /run/log | comment "kernel log:"
	else
		ok "the kernel log holds no warning"
	fi
}

# Linux before 6.4 warns about a queue that stands still, with a trace. Where it
# may, the scenario expects these lines of the log, and checks that they are all.
watchdog_warned_alone()
{
	[ "$(dmesg | grep -c 'Call Trace:')" -eq \
		"$(dmesg | grep -c 'WARNING: .*dev_watchdog')" ]
}

# listening PORT: whether a program of the guest waits on a TCP port
listening()
{
	grep -qi "$(printf ':%04X' "$1") [0-9A-F:]* 0A " \
		/proc/net/tcp /proc/net/tcp6
}
