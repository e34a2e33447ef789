# SPDX-License-Identifier: GPL-2.0

# rpm's own database knows nothing of what dpkg has installed.
packages() {
	rpm --nodeps "$@"
}

check "rpm -i, DKMS builds" packages -i \
	"/packages/hv_netvsc-dkms-$VERSION-1.noarch.rpm"
equal "modprobe takes ours" ours "$(module_for "$FIRST")"
check "rpm -U" packages -U "/packages/hv_netvsc-dkms-$NEXT-1.noarch.rpm"
equal "modprobe takes ours" ours "$(module_for "$FIRST")"
equal "the new version" "$NEXT" "$(modinfo -k "$FIRST" -F version hv_netvsc)"
check "rpm -e" packages -e hv_netvsc-dkms
uses intree "$FIRST"
check "nothing of it is left" nothing_left
