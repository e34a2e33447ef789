# SPDX-License-Identifier: GPL-2.0
"""The kernels that the driver is for, each built by DKMS on its own Debian.

A kernel's own Debian release has the compiler that it was built with, and the
DKMS that its users have. Warnings of W=1 fail.
"""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import tempfile

from . import (build as builds, cache as caches, images, machine, modules,
               roots, say, texts)

# Debian release, what is built there, the headers' package. A series of the
# cache stands for its release, so that the module fits the guests' kernel.
ROWS = (
    ("bullseye", "5.10 cloud", "5.10"),
    ("bullseye", "5.10", r"^linux-headers-5\.10\.0-[0-9]+-amd64$"),
    ("bookworm", "6.1 cloud", "6.1"),
    ("bookworm", "6.1", r"^linux-headers-6\.1\.0-[0-9]+-amd64$"),
    ("bookworm", "6.1 rt", r"^linux-headers-6\.1\.0-[0-9]+-rt-amd64$"),
    ("bookworm", "6.12 cloud", "6.12"),
    ("bookworm", "6.12", r"^linux-headers-6\.12\.[0-9]+\+deb12-amd64$"),
    ("trixie", "6.12 cloud",
     r"^linux-headers-6\.12\.[0-9]+\+deb13-cloud-amd64$"),
    ("trixie", "6.12", r"^linux-headers-6\.12\.[0-9]+\+deb13-amd64$"),
    ("trixie", "7.2 cloud", r"^linux-headers-7\.2\.[0-9]+\+deb13-cloud-amd64$"),
    ("trixie", "7 cloud", "7"),
    ("trixie", "7", r"^linux-headers-7\.3\.[0-9]+\+deb13-amd64$"),
)
# Series whose modules the machine of the tests can build by itself.
HERE = ("6.1", "6.12")
BUILD = images.tests_file("root", "dkms-build.sh")


class Built:
    """What DKMS made for one kernel."""

    def __init__(self, release, into):
        self.release = release
        self.into = into
        self.module = os.path.join(into, "hv_netvsc.ko")
        self.stamp = os.path.join(into, "built-from")

    def is_from(self, key):
        """Whether it was made from the sources that key stands for."""
        try:
            with open(self.stamp) as stream:
                return stream.read() == key and os.path.exists(self.module)
        except OSError:
            return False

    def word(self, name):
        """Returns the first line of a file about it."""
        with open(os.path.join(self.into, name)) as stream:
            return stream.readline().strip()


@contextlib.contextmanager
def tree():
    """A directory with the sources as the packages have them."""
    with tempfile.TemporaryDirectory(prefix="tree-",
                                     dir=machine.build_dir()) as into:
        say.run([os.path.join(machine.TOP, "packaging/sources"), into])
        yield into


def _digest(folder):
    """Returns a hash of all files below a directory."""
    digest = hashlib.sha256()
    for path in [BUILD] + sorted(glob.glob(os.path.join(folder, "**"),
                                           recursive=True)):
        if os.path.isfile(path):
            with open(path, "rb") as stream:
                digest.update(os.path.relpath(path, folder).encode() +
                              stream.read())
    return digest.hexdigest()


def release(cache, row):
    """Returns the release of a row's kernel, the same each time."""
    suite, label, wanted = row
    if wanted in caches.SERIES:
        return cache.kernel(wanted).release
    return cache.release("matrix %s %s" % (suite, label), suite, wanted)


def system(cache, suite):
    """Returns the Debian system with the headers of all of its kernels."""
    names = ["linux-headers-" + release(cache, row) for row in ROWS
             if row[0] == suite]
    return roots.layer(cache, suite, names)


def warnings(text):
    """Returns the lines of a build's log that complain."""
    return [row for row in text.splitlines()
            if re.search(r"\b(warning|error):", row, re.I)]


def build(cache, row, alone=False):
    """Builds the module for a row's kernel by DKMS; returns a Built.

    alone: in a system that has the headers of no other kernel, which is made
    sooner.
    """
    name = release(cache, row)
    built = Built(name, machine.build_dir("module", name + "-dkms"))
    with tree() as sources:
        key = _digest(sources) + "\n"
        if not built.is_from(key):
            root = (roots.layer(cache, row[0], ["linux-headers-" + name])
                    if alone else system(cache, row[0]))
            _build(root, sources, built)
            with open(built.stamp, "w") as stream:
                stream.write(key)
    return built


def _build(root, sources, built):
    shutil.rmtree(built.into)
    os.makedirs(built.into)
    text = root.run(["sh", "/tests/dkms-build.sh", built.release],
                    [(sources, "/src"), (built.into, "/out"),
                     (os.path.dirname(BUILD), "/tests")],
                    log=os.path.join(built.into, "dkms.log"))
    _judge(built, text)


def _judge(built, text):
    with open(os.path.join(built.into, "make.log"), errors="replace") as stream:
        bad = warnings(stream.read())
    if bad:
        raise say.Failure("\n".join(bad[:20]))
    found = glob.glob(os.path.join(built.into, "hv_netvsc.ko*"))
    if not found:
        raise say.Failure("DKMS left no module:\n" + text[-2000:])
    data = modules.read(found[0])
    os.unlink(found[0])
    with open(built.module, "wb") as stream:
        stream.write(data)


def _row(series):
    for row in ROWS:
        if row[2] == series:
            return row
    raise say.Failure("no kernel of the matrix is series %s" % series)


def installed(cache, series):
    """Builds the module for a series as an installation does; its path."""
    return build(cache, _row(series), alone=True).module


def module(cache, kernel):
    """Builds the module for a kernel of the cache; returns its path.

    Where this machine's compiler is the kernel's own, its headers will do; the
    other kernels have theirs in their Debian release.
    """
    if kernel.series in HERE or kernel.release.endswith("debug"):
        return builds.module(kernel)
    return installed(cache, kernel.series)


def points(score, cache):
    """Builds for all kernels; returns {row's label, or series: path}."""
    built = {}
    for row in ROWS:
        found = score.point("DKMS on %s: Linux %s, W=1, no warning"
                            % (row[0], row[1]), build, cache, row)
        if found:
            score.point("Linux %s: the version of META is in the module"
                        % found.release, texts.module_version, found.module)
            built[row[2]] = found.module
    return built
