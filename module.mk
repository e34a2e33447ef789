# SPDX-License-Identifier: GPL-2.0
#
# The kernel module, for the kernel whose build tree is KDIR.

KDIR ?= /lib/modules/$(shell uname -r)/build

netvsc-kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

.PHONY: modules modules_clean clean

modules:
	@test -e $(KDIR)/Makefile || { \
		echo "No kernel build tree at $(KDIR): install the kernel's" \
		     "headers, or name a tree by KDIR=" >&2; \
		exit 1; }
	+$(netvsc-kbuild) modules

modules_clean:
	@if [ -e $(KDIR)/Makefile ]; then $(netvsc-kbuild) clean; fi

clean: modules_clean
