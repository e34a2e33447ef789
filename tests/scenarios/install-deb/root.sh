# SPDX-License-Identifier: GPL-2.0

check "the package installs, DKMS builds" install_packages \
	"/packages/hv-netvsc-dkms_${VERSION}_all.deb"
uses ours "$FIRST"
equal "the image without it is kept" 1 "$(kept_images)"
equal "modinfo tells the version" "$VERSION" \
	"$(modinfo -k "$FIRST" -F version hv_netvsc)"
check "the man page is installed" [ -e /usr/share/man/man4/hv_netvsc.4.gz ]

check "the kernel is upgraded" install_packages \
	"linux-image-$SECOND" "linux-headers-$SECOND"
uses ours "$SECOND"
uses ours "$FIRST"

check "the package is upgraded" install_packages \
	"/packages/hv-netvsc-dkms_${NEXT}_all.deb"
for kernel in "$FIRST" "$SECOND"; do
	equal "Linux $kernel has the new version" "$NEXT" \
		"$(modinfo -k "$kernel" -F version hv_netvsc)"
	uses ours "$kernel"
done
check "the old version's sources are gone" absent "/usr/src/hv_netvsc-$VERSION"

check "the package is removed" apt-get remove -y -q hv-netvsc-dkms
uses intree "$FIRST"
uses intree "$SECOND"
equal "no image is kept any more" 0 "$(kept_images)"
check "the package is purged" apt-get purge -y -q hv-netvsc-dkms
check "nothing of it is left" nothing_left
