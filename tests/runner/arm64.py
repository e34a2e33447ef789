# SPDX-License-Identifier: GPL-2.0
"""Compiles the driver for arm64, with pages of 4 and of 64 KiB.

Hyper-V's pages are 4 KiB whatever the guest's are, and only a compiler for the
other size shows where one was taken for the other. The kernel's build tree is
made of Debian's source, since no package has one with pages of 64 KiB.
"""

import glob
import hashlib
import os
import re
import shutil
import tempfile

from . import build, debug, machine, say

PAGES = ("4K", "64K")
MAKE = ("nice", "make", "-s", "ARCH=arm64",
        "CROSS_COMPILE=aarch64-linux-gnu-")
# Beside the architecture's default configuration.
OPTIONS = ("-e", "HYPERV", "-m", "HYPERV_NET", "-e", "PCI_HYPERV",
           "-d", "MODULE_SIG", "-d", "WERROR", "-d", "DEBUG_INFO_BTF",
           "-e", "DEBUG_INFO_NONE")
KEPT = ("Makefile", ".config", "include", "scripts", "arch/arm64")
NEEDED = ("CONFIG_HYPERV=y", "CONFIG_HYPERV_NET=m")


def _configure(source, pages):
    say.run(list(MAKE) + ["-C", source, "defconfig"])
    sizes = []
    for size in ("4K", "16K", "64K"):
        sizes += ["-e" if size == pages else "-d", "ARM64_%s_PAGES" % size]
    say.run([os.path.join(source, "scripts/config"), "--file",
             os.path.join(source, ".config")] + list(OPTIONS) + sizes)
    say.run(list(MAKE) + ["-C", source, "olddefconfig"])
    with open(os.path.join(source, ".config")) as stream:
        rows = stream.read().splitlines()
    for row in NEEDED + ("CONFIG_ARM64_%s_PAGES=y" % pages,):
        if row not in rows:
            raise say.Failure("the arm64 kernel cannot have " + row)


def _install(source, target):
    """Keeps what modules are built with.

    The kernel's own script for that would compile its host programs anew, for
    the target.
    """
    aside = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
    try:
        for name in KEPT:
            into = os.path.join(aside, "tree", name)
            os.makedirs(os.path.dirname(into), exist_ok=True)
            say.run(["cp", "-a", os.path.join(source, name), into])
        os.rename(os.path.join(aside, "tree"), target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _make(cache, targets):
    with tempfile.TemporaryDirectory(prefix=".arm64-",
                                     dir=cache.root) as aside:
        with cache.locked():
            deb = cache.fetch(debug.SUITE, [debug.PACKAGE], aside)[0]
        say.note("preparing arm64 build trees from %s" % debug.PACKAGE)
        source = debug.unpack(deb, aside)
        for pages, target in targets.items():
            _configure(source, pages)
            say.run(list(MAKE) + ["-j2", "-C", source, "modules_prepare"])
            _install(source, target)


def trees(cache):
    """Returns {page size: build tree}, made if they are not in the cache."""
    machine.install(machine.KERNEL_PACKAGES + machine.ARM64_PACKAGES)
    compiler = say.run(["aarch64-linux-gnu-gcc", "--version"]).splitlines()[0]
    key = hashlib.sha256("\n".join((compiler,) + OPTIONS).encode())
    targets = {pages: os.path.join(cache.root, "kernels", "arm64-%s-%s"
                                   % (pages, key.hexdigest()[:12]))
               for pages in PAGES}
    if not all(os.path.isdir(path) for path in targets.values()):
        with cache.locked("lock-arm64", "prepares arm64 build trees"):
            missing = {pages: path for pages, path in targets.items()
                       if not os.path.isdir(path)}
            if missing:
                _make(cache, missing)
    return targets


# modpost has no kernel to look for symbols in.
UNASKED = ("WARNING: modpost:", "WARNING: Module.symvers",
           "WARNING: Symbol version dump")


def complaints(text):
    """Returns the lines of a build's log that count."""
    return [row for row in text.splitlines()
            if re.search(r"\b(warning|error):", row, re.I) and
            not row.startswith(UNASKED)]


def compile_for(tree, pages):
    """Compiles the driver with W=1 and sparse; a warning is a Failure."""
    into = build.copy_sources("arm64-" + pages)
    text = say.run(list(MAKE) + ["-j2", "-C", tree, "M=" + into, "W=1", "C=2",
                                 "CF=-D__CHECK_ENDIAN__",
                                 "KBUILD_MODPOST_WARN=1", "modules"],
                   log=os.path.join(into, "build.log"))
    bad = complaints(text)
    if bad:
        raise say.Failure("\n".join(bad[:20]))
    if not glob.glob(os.path.join(into, "hv_netvsc.o")):
        raise say.Failure("nothing was built")


def points(score, cache):
    """Compiles for each page size."""
    found = score.point("arm64: build trees", trees, cache)
    for pages, tree in (found or {}).items():
        score.point("arm64, pages of %s: W=1 and sparse, no warning" % pages,
                    compile_for, tree, pages)
