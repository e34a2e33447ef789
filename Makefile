# SPDX-License-Identifier: GPL-2.0
#
# The commands; "make help" lists them. module.mk builds the module.

RUN := python3 tests/run
KERNEL ?= 6.12
DRIVER ?= ours
ROOT ?=
B ?=
SECS ?= 60
SEED ?= 0

all: modules

include module.mk

help:
	@echo 'make                  build hv_netvsc.ko for KDIR (the running kernel)'
	@echo 'make install          by DKMS, for every kernel here, and in the initramfs;'
	@echo '                      make uninstall: the driver of the kernel again'
	@echo 'make deb, make rpm    packages that do the same, in build/deb, build/rpm'
	@echo 'make demo             boot a stock kernel on hvhost, use the driver'
	@echo 'make check            all tests; make check-quick: the short ones;'
	@echo '                      make check-all: on all kernels'
	@echo 'make kunit            the KUnit suites, on a kernel full of checkers'
	@echo 'make coverage         the lines that KUnit and scenarios execute, by file;'
	@echo '                      S=prefix: of these scenarios, S=kunit: of KUnit;'
	@echo '                      KEEP=1: added to what was counted before'
	@echo 'make scenario         list the scenarios; S=prefix runs those'
	@echo '                      [KERNEL=6.12] [DRIVER=ours|intree]'
	@echo '                      install-: [ROOT=trixie]'
	@echo '                      host-hostile: [SEED=first] [SEEDS=200] [MASK=bits]'
	@echo '                      life-torture and others: [SEED=n] [ROUNDS=200]'
	@echo 'make bench            measure both drivers side by side; B=prefix: rows'
	@echo 'make fuzz             feed nonsense to the parsers, SECS=60 for each target;'
	@echo '                      a hostile host on the debug kernel, SEEDS=200'
	@echo 'make matrix           build for every supported kernel, boot the newest of'
	@echo '                      each series, and write the table in README.md'
	@echo 'make hvhost           build the test host alone'
	@echo 'make cache            fetch kernels and tools (REFRESH=1: newer ones)'
	@echo 'make clean'

python:
	@command -v python3 >/dev/null || { \
		echo 'installing Debian package: python3'; \
		apt-get install -y -q --no-install-recommends python3 \
			>/dev/null 2>&1 || \
		{ apt-get update -q && apt-get install -y -q \
			--no-install-recommends python3; }; }

install uninstall:
	@packaging/dkms-install $@

deb rpm:
	@packaging/build-$@

demo check check-quick check-all kunit matrix: python
	@$(RUN) $@

coverage: python
	@$(RUN) coverage $(if $(KEEP),--keep) '$(S)'

scenario: python
	@$(RUN) scenario --kernel '$(KERNEL)' --driver '$(DRIVER)' \
		--root '$(ROOT)' '$(S)'

fuzz: python
	@$(RUN) fuzz --secs '$(SECS)' --seed '$(SEED)'

bench: python
	@python3 bench/run '$(B)'

cache: python
	@$(RUN) cache $(if $(REFRESH),--refresh)

hvhost:
	$(MAKE) -C hvhost

clean: clean-tests

clean-tests:
	rm -rf build
	$(MAKE) -C hvhost clean
	if [ -f tests/unit/Makefile ]; then $(MAKE) -C tests/unit clean; fi
	$(MAKE) -C fuzz clean

.PHONY: all help python install uninstall deb rpm demo check check-quick \
	check-all kunit matrix scenario coverage fuzz bench cache \
	hvhost clean clean-tests
