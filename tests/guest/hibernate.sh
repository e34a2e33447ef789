# SPDX-License-Identifier: GPL-2.0
# Hibernation with the image in memory that scenario.conf has the kernel leave alone,
# by memmap=320M$256M.

IMAGE="$((256 << 20)) $((320 << 20))"

# hibernate: within one kernel
hibernate() { snapshot turn $IMAGE; }
