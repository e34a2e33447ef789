# SPDX-License-Identifier: GPL-2.0
# What the scripts that run in a Debian system are written with. The runner
# counts the lines "ok - text" and "not ok - text".

log=/tmp/log

ok() { echo "ok - $1"; }
not_ok() { echo "not ok - $1"; }

# check TEXT COMMAND...: the command succeeds; else its output is shown
check() {
	text=$1
	shift
	if "$@" > $log 2>&1; then
		ok "$text"
	else
		not_ok "$text (status $?)"
		tail -n 25 $log | sed 's/^/# /'
	fi
}

# equal TEXT EXPECTED FOUND
equal() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: expected '$2', found '$3'"
	fi
}

absent() { [ ! -e "$1" ]; }

# says WORDS COMMAND...: the command fails, and its output has the words
refuses() {
	words=$1
	shift
	! "$@" > $log 2>&1 && grep -q "$words" $log
}

install_packages() {
	apt-get install -y -q --no-install-recommends "$@" < /dev/null
}

# What modprobe would load for a kernel: "ours" or "intree".
module_for() {
	case $(modinfo -k "$1" -F filename hv_netvsc) in
	*/updates/dkms/hv_netvsc.ko*) echo ours ;;
	*/kernel/drivers/net/hyperv/hv_netvsc.ko*) echo intree ;;
	*) echo none ;;
	esac
}

# The same for what modprobe would load in a kernel's initramfs.
module_in_image() {
	rm -rf /tmp/image
	mkdir /tmp/image
	if command -v update-initramfs > /dev/null; then
		unmkinitramfs "/boot/initrd.img-$1" /tmp/image
	else
		(cd /tmp/image && lsinitrd --unpack "/boot/initrd.img-$1")
	fi > $log 2>&1
	top=/tmp/image
	[ ! -d $top/main ] || top=/tmp/image/main
	case $(modprobe -d $top -S "$1" --show-depends hv_netvsc 2> /dev/null |
		tail -n 1) in
	*/updates/dkms/hv_netvsc.ko*) echo ours ;;
	*/kernel/drivers/net/hyperv/hv_netvsc.ko*) echo intree ;;
	*) echo none ;;
	esac
}

# uses ours|intree KERNEL: in the installed system and in its initramfs
uses() {
	equal "Linux $2: modprobe takes $1" "$1" "$(module_for "$2")"
	equal "Linux $2: so it does in the initramfs" "$1" \
		"$(module_in_image "$2")"
}

kept_images() {
	find /boot -name '*.without-hv_netvsc' | wc -l
}

# Whether nothing of it is left, packaging and DKMS alike.
nothing_left() {
	left=$(find / -xdev \( -path /proc -o -path /src -o -path /packages \
		-o -path /tests -o -path /tmp -o -path /sys \) -prune -o \
		\( -iname '*hv_netvsc*' -o -iname '*hv-netvsc*' \) -print |
		grep -v '/kernel/drivers/net/hyperv/hv_netvsc.ko' |
		grep -v '^/usr/src/linux-headers-')
	[ -z "$left" ] || { echo "$left"; return 1; }
}
