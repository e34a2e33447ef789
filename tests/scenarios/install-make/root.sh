# SPDX-License-Identifier: GPL-2.0

config=/lib/modules/$FIRST/build/.config

# The module ends in a signature, a record of 12 bytes whose last four are the
# signature's length, and a line of 28 bytes.
signature_fits()
{
	case $1 in
	*.xz) xz -dc "$1" ;;
	*) cat "$1" ;;
	esac > /tmp/module
	length=$((0x$(tail -c 32 /tmp/module | head -c 4 | od -An -tx1 |
		tr -d ' \n')))
	head -c -$((40 + length)) /tmp/module > /tmp/body
	tail -c $((40 + length)) /tmp/module | head -c $length > /tmp/signature
	openssl x509 -inform DER -in /root/mok.der -out /tmp/mok.pem &&
		openssl cms -verify -binary -inform DER -in /tmp/signature \
			-content /tmp/body -certfile /tmp/mok.pem -nointern \
			-noverify -out /dev/null
}

# A machine owner's key, as Secure Boot would want it enrolled.
openssl req -new -x509 -newkey rsa:2048 -nodes -days 1 -outform DER \
	-subj '/CN=owner of this machine/' -keyout /root/mok.key \
	-out /root/mok.der 2> /dev/null
cat >> /etc/dkms/framework.conf <<-'END'
	mok_signing_key=/root/mok.key
	mok_certificate=/root/mok.der
END

cd /src || exit 1
check "make install" make install
uses ours "$FIRST"
equal "the image without it is kept" 1 "$(kept_images)"
if [ "$(dpkg-query -W -f '${Version}' dkms | cut -d . -f 1)" -ge 3 ]; then
	equal "the module is signed by the machine's owner" \
		"owner of this machine" \
		"$(modinfo -k "$FIRST" -F signer hv_netvsc)"
	check "the signature is right" signature_fits \
		"$(modinfo -k "$FIRST" -F filename hv_netvsc)"
else
	# DKMS 2.8 signs on Ubuntu alone.
	equal "the module is not signed by itself" "" \
		"$(modinfo -k "$FIRST" -F signer hv_netvsc)"
fi

check "make install once more" make install
uses ours "$FIRST"

check "make uninstall" make uninstall
uses intree "$FIRST"
check "nothing of it is left" nothing_left

cp "$config" /tmp/config
sed -i 's/^CONFIG_HYPERV_NET=m/CONFIG_HYPERV_NET=y/' "$config"
check "a kernel with a driver of its own inside is refused, with the reason" \
	refuses 'CONFIG_HYPERV_NET=y' make install
equal "nothing is installed for it" intree "$(module_for "$FIRST")"
sed 's/^CONFIG_HYPERV=.*/# CONFIG_HYPERV is not set/' /tmp/config > "$config"
check "a kernel without Hyper-V is refused, with the reason" \
	refuses 'no CONFIG_HYPERV' make install
cp /tmp/config "$config"
make uninstall > /dev/null 2>&1

rm -rf "/lib/modules/$FIRST/build"
check "without headers it says what to install" \
	refuses 'apt-get install linux-headers-' make install
check "nothing is left of that either" nothing_left
