# SPDX-License-Identifier: GPL-2.0
"""QEMU with two lines mended, built from Debian's source and kept in the cache.

Stock QEMU has two faults in its emulation of VMRUN:

It may deliver an injected interrupt of a nested guest a second time, with
interrupts off, since it leaves the vector in exception_index, where an unlucky
exit from the execution loop finds it. A guest that spins on a lock at that
moment stops for good.

It marks a virtual interrupt as pending without the lock that interrupt_request
is under, and so may undo what another thread has just marked: the timer of the
machine around the guest, say, which then sleeps for ever.

It happens now and then, in runs of many minutes often, and with -icount under
load nearly always, so measurements and campaigns need this.
"""

import glob
import hashlib
import os
import shutil
import tempfile

from . import apt, machine, say

SUITE = "bookworm"
PACKAGES = ("dpkg-dev", "gcc", "libc6-dev", "libfdt-dev", "libglib2.0-dev",
            "libpixman-1-dev", "meson", "ninja-build", "zlib1g-dev")
FIRMWARE = ("/usr/share/seabios", "/usr/share/qemu")
CONFIGURE = ("--target-list=x86_64-softmmu", "--without-default-features",
             "--enable-tcg", "--enable-system", "--enable-fdt",
             "--disable-werror", "--disable-docs", "--disable-tools",
             "--audio-drv-list=")
SOURCE = "target/i386/tcg/sysemu/svm_helper.c"
INJECT = "            do_interrupt_x86_hardirq(env, vector, 1);\n"
PENDING = "        cs->interrupt_request |= CPU_INTERRUPT_VIRQ;\n"
INCLUDE = '#include "cpu.h"\n'
# What stands there, and what is put there.
MENDS = (
    (INJECT, INJECT + "            cs->exception_index = -1;\n"),
    (PENDING, "        qemu_mutex_lock_iothread();\n" + PENDING +
     "        qemu_mutex_unlock_iothread();\n"),
    (INCLUDE, '#include "qemu/main-loop.h"\n' + INCLUDE),
)


def arguments():
    """Returns what tells an own build where the machine's firmware is."""
    return [word for folder in FIRMWARE for word in ("-L", folder)]


def _source(cache, into):
    """Fetches, verifies and unpacks the source package; returns its folder."""
    source = apt.Apt(os.path.join(cache.root, "apt", SUITE + "-source"), SUITE,
                     sources=True)
    source.prepare()
    source.fetch_source("qemu", into)
    found = glob.glob(os.path.join(into, "qemu_*.dsc"))
    if len(found) != 1:
        raise say.Failure("no source package of QEMU")
    folder = os.path.join(into, "source")
    say.run(["dpkg-source", "--no-check", "-x", found[0], folder])
    return folder


def _mend(folder):
    path = os.path.join(folder, SOURCE)
    with open(path) as stream:
        text = stream.read()
    for before, after in MENDS:
        if text.count(before) != 1:
            raise say.Failure("QEMU's source is not as expected: " + SOURCE)
        text = text.replace(before, after)
    with open(path, "w") as stream:
        stream.write(text)


def _build(cache, target):
    with tempfile.TemporaryDirectory(prefix="hv_netvsc-qemu-") as aside:
        folder = _source(cache, aside)
        _mend(folder)
        build = os.path.join(aside, "build")
        os.makedirs(build)
        say.run([os.path.join(folder, "configure")] + list(CONFIGURE),
                cwd=build)
        say.run(["ninja", "qemu-system-x86_64"], cwd=build)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(os.path.join(build, "qemu-system-x86_64"),
                     target + ".part")
    os.replace(target + ".part", target)


def _target(cache):
    key = hashlib.sha256(repr(MENDS).encode()).hexdigest()[:8]
    return os.path.join(cache.root, "qemu-mended-" + key,
                        "qemu-system-x86_64")


def built(cache):
    """Whether the mended emulator is there already."""
    return os.path.exists(_target(cache))


def path(cache):
    """Returns the path of the mended emulator, built if it is not there."""
    target = _target(cache)
    with cache.locked():
        if not os.path.exists(target):
            machine.install(PACKAGES)
            say.note("building QEMU from Debian's source, with two faults of "
                     "its nested interrupts mended; once, some ten minutes")
            _build(cache, target)
    return target
