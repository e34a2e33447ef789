# SPDX-License-Identifier: GPL-2.0

kernel=$JOB/kernel
echo "no kernel" > text
dd if="$kernel" of=short bs=1024 count=3 2> /dev/null

# try COMMAND...: runs it with a time limit; its complaint in "said"
try()
{
	timeout 10 "$@" > out 2> said < /dev/null
	status=$?
}

# refused TEXT WORD COMMAND...: status 1 and one line that has the word
refused()
{
	text=$1 word=$2
	shift 2
	try "$@"
	if [ $status -eq 1 ] && [ "$(wc -l < said)" -eq 1 ] &&
			grep -q "^hvhost: .*$word" said; then
		echo "ok - $text: $(sed 's/^hvhost: //' said)"
	else
		echo "not ok - $text: status $status"
		sed 's/^/#   /' said
	fi
}

refused "no kernel named" kernel hvhost
refused "an unknown option" bogus hvhost --kernel "$kernel" --bogus 1
refused "an option without its value" memory hvhost --kernel "$kernel" --memory
for cpus in 0 9 -1 two 1.5 99999999999999999999; do
	refused "$cpus processors" cpus \
		hvhost --kernel "$kernel" --cpus "$cpus"
done
for memory in 0 255 4096 1x; do
	refused "$memory MiB of memory" memory \
		hvhost --kernel "$kernel" --memory "$memory"
done
for version in 9.9 5 five; do
	refused "VMBus version $version" vmbus-version \
		hvhost --kernel "$kernel" --vmbus-version "$version"
done
refused "a kernel that is not there" nosuch hvhost --kernel nosuch
refused "a directory for a kernel" / hvhost --kernel /
refused "a text for a kernel" text hvhost --kernel text
refused "a kernel cut short" short hvhost --kernel short
refused "an initrd that is not there" nosuch \
	hvhost --kernel "$kernel" --initrd nosuch
refused "a log that cannot be written" nosuch \
	hvhost --kernel "$kernel" --log nosuch/log
refused "a control socket that cannot be made" nosuch \
	hvhost --kernel "$kernel" --control nosuch/socket
for nic in bogus=1 nvsp=3 nvsp=7 queues=0 queues=65 mac=xyz mac=00:15:5d:0 \
		rsc=maybe section-size=x withhold=everything; do
	refused "a NIC with $nic" "${nic%%=*}" \
		hvhost --kernel "$kernel" --nic "$nic"
done
refused "a NIC with an unknown back end" bogus \
	hvhost --kernel "$kernel" --nic backend=bogus
refused "a capture that cannot be written" nosuch \
	hvhost --kernel "$kernel" --nic pcap=nosuch/file
refused "no /dev/kvm" /dev/kvm unshare -m \
	sh -c 'mount -t tmpfs tmpfs /dev && exec hvhost --kernel "$0"' "$kernel"
refused "a /dev/kvm that is none" /dev/kvm unshare -m \
	sh -c 'mount --bind /dev/null /dev/kvm && exec hvhost --kernel "$0"' \
	"$kernel"
refused "no right to a TAP device" tap7 unshare -U \
	hvhost --kernel "$kernel" --nic "backend=tap:ifname=tap7"
refused "a TAP device without a name" ifname \
	hvhost --kernel "$kernel" --nic backend=tap
try hvhost --help
if [ $status -eq 0 ] && grep -q -- --kernel out; then
	echo "ok - help is given"
else
	echo "not ok - help is given: status $status"
fi
