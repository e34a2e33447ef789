# SPDX-License-Identifier: GPL-2.0
# Hibernation within one kernel, with the image in memory that scenario.conf has left
# alone by memmap=320M$256M.

hibernate() { snapshot turn $((256 << 20)) $((320 << 20)); }
