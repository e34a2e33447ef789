# SPDX-License-Identifier: GPL-2.0

dracut_alone()
{
	command -v dracut && ! command -v update-initramfs
}

check "dracut makes the images here" dracut_alone
check "the package installs, DKMS builds" install_packages \
	"/packages/hv-netvsc-dkms_${VERSION}_all.deb"
uses ours "$FIRST"
equal "the image without it is kept" 1 "$(kept_images)"
check "the kernel is upgraded" install_packages \
	"linux-image-$SECOND" "linux-headers-$SECOND"
uses ours "$SECOND"
check "the package is purged" apt-get purge -y -q hv-netvsc-dkms
uses intree "$FIRST"
uses intree "$SECOND"
check "nothing of it is left" nothing_left
