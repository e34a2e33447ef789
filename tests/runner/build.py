# SPDX-License-Identifier: GPL-2.0
"""Builds what the tests run: hvhost, the guest's tools, the module."""

import glob
import os
import shutil

from . import images, machine, say

MODULE_FILES = ("*.[ch]", "Kbuild", "META", "wire/*.h", "vmbus_glue/**",
                "kunit/*.[ch]", "kunit/Kbuild")


def hvhost():
    """Builds hvhost; returns the path of its static binary."""
    top = os.path.join(machine.TOP, "hvhost")
    say.run(["make", "-s", "-j2", "-C", top])
    return os.path.join(top, "hvhost")


def _tool(into, source):
    """Builds a static program of one source file, if that is newer."""
    headers = glob.glob(images.tests_file("guest", "*.h"))
    name = os.path.splitext(os.path.basename(source))[0]
    binary = os.path.join(into, name)
    newest = max(os.path.getmtime(path) for path in [source] + headers)
    if not os.path.exists(binary) or os.path.getmtime(binary) < newest:
        # Another command may be building it too.
        part = "%s.%d.part" % (binary, os.getpid())
        say.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror",
                 "-iquote", images.tests_file("guest"), "-o", part, source])
        os.replace(part, binary)
    return binary


def tools():
    """Builds the guest's own tools, static, into build/tools."""
    into = machine.build_dir("tools")
    for name in ("hvctl", "traffic", "aggregation", "hostile", "kexec", "queues",
                 "scarce", "snapshot", "xdp", "xsk"):
        _tool(into, images.tests_file("guest", name + ".c"))
    return into


def tsc_khz():
    """Returns the frequency of this machine's time stamp counter, in kHz."""
    tool = _tool(machine.build_dir("tools"), images.tests_file("outer/tsc.c"))
    return int(say.run([tool]))


def bench_tool(name):
    """Builds a program of bench/; returns its path."""
    return _tool(machine.build_dir("tools"),
                 os.path.join(machine.TOP, "bench", name + ".c"))


def _sources():
    found = set()
    for pattern in MODULE_FILES:
        for path in glob.glob(os.path.join(machine.TOP, pattern),
                              recursive=True):
            name = os.path.basename(path)
            if os.path.isfile(path) and not name.startswith("compat_gen") \
                    and not name.endswith((".o", ".ko", ".cmd", ".mod",
                                           ".mod.c")):
                found.add(os.path.relpath(path, machine.TOP))
    return found


def _mirror(into):
    """Makes a directory hold the module's present sources, and no others."""
    wanted = _sources()
    listing = os.path.join(into, ".sources")
    if os.path.exists(listing):
        with open(listing) as stream:
            for gone in set(stream.read().split("\n")) - wanted:
                if gone and os.path.exists(os.path.join(into, gone)):
                    os.unlink(os.path.join(into, gone))
    for name in wanted:
        source = os.path.join(machine.TOP, name)
        target = os.path.join(into, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or (os.path.getmtime(target) !=
                                          os.path.getmtime(source)):
            shutil.copy2(source, target)
    with open(listing, "w") as stream:
        stream.write("\n".join(sorted(wanted)))


def _module_dir(name, afresh):
    """Returns a directory of that name with the sources of today in it."""
    into = machine.build_dir("module", name)
    if afresh:
        shutil.rmtree(into)
        os.makedirs(into)
    _mirror(into)
    if not os.path.exists(os.path.join(into, "Kbuild")):
        raise say.Failure("the driver has no Kbuild yet")
    return into


def copy_sources(name):
    """Makes a fresh copy of the module's sources; returns its directory."""
    return _module_dir(name, True)


def _modules(kernel, into, words, strict):
    """Runs the kernel's make; if strict, a warning is a Failure."""
    text = say.run(["make", "-j2", "-C", kernel.headers, "M=" + into] +
                   list(words) + ["modules"],
                   log=os.path.join(into, "build.log"))
    bad = [row for row in text.splitlines()
           if "warning:" in row.lower() or "error:" in row.lower()]
    if strict and bad:
        raise say.Failure("\n".join(bad[:20]))


def module(kernel, strict=False):
    """Builds hv_netvsc.ko for a kernel; returns its path.

    Each kernel has a copy of the sources of its own below build/, so that the
    objects of two kernels never meet. strict adds W=1 and sparse, from
    scratch, and makes any warning of the compiler or of sparse a Failure.
    """
    into = _module_dir(kernel.release + ("-strict" if strict else ""), strict)
    words = ["W=1", "C=2", "CF=-D__CHECK_ENDIAN__"] if strict else []
    _modules(kernel, into, words, strict)
    return os.path.join(into, "hv_netvsc.ko")


def _kunit_pair(into):
    return (os.path.join(into, "hv_netvsc.ko"),
            os.path.join(into, "kunit", "hv_netvsc_kunit.ko"))


def covered_modules(kernel):
    """Builds both with counters of executed lines; returns their paths."""
    into = _module_dir(kernel.release + "-coverage", False)
    _modules(kernel, into, ["NETVSC_KUNIT=1", "NETVSC_GCOV=1"], False)
    return _kunit_pair(into)


def kunit_modules(kernel):
    """Builds the driver with its KUnit suites; returns both modules' paths.

    A file that was built before is built again only if it has changed, and
    then its warnings fail: they are not lost, since nothing is built then.
    """
    into = _module_dir(kernel.release + "-kunit", False)
    try:
        _modules(kernel, into, ["W=1", "NETVSC_KUNIT=1"], True)
    except say.Failure:
        # Else the next attempt would not compile, and not complain.
        for path in glob.glob(os.path.join(into, "**", "*.o"), recursive=True):
            os.unlink(path)
        raise
    return _kunit_pair(into)
