# SPDX-License-Identifier: GPL-2.0
"""The debug kernel: Debian's source, built with every checker there is.

What is cached is what a packaged kernel has: the image, the modules, and the
build tree for modules of others. Its place is named by a hash of all that it is
made from, so that a change of the configuration makes another kernel, and going
back finds the first one again.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

from . import machine, say

SERIES = "debug"
BASE = "6.12"
PACKAGE = "linux-source-" + BASE
SUITE = "bookworm"
FRAGMENT = os.path.join(machine.TOP, "kunit", "debug.config")
SLOWLY = ("nice", "-n", "19")
PARSER = "tools/testing/kunit"


class Kernel:
    """The debug kernel in the cache; looks like cache.Kernel."""

    series = BASE

    def __init__(self, root):
        self.root = root
        self.modules = glob.glob(os.path.join(root, "lib/modules/*"))[0]
        self.release = os.path.basename(self.modules)
        self.image = os.path.join(root, "boot", "vmlinuz-" + self.release)
        self.headers = os.path.join(root, "usr/src",
                                    "linux-headers-" + self.release)
        self.parser = os.path.join(root, PARSER, "kunit.py")


def options(text):
    """Returns {option: value} of a configuration; "n" for one not set."""
    found = {}
    for row in text.splitlines():
        unset = re.match(r"# (CONFIG_\w+) is not set$", row)
        chosen = re.match(r"(CONFIG_\w+)=(.*)$", row)
        if unset:
            found[unset.group(1)] = "n"
        elif chosen:
            found[chosen.group(1)] = chosen.group(2)
    return found


def _fragment():
    with open(FRAGMENT) as stream:
        return options(stream.read())


def key(version):
    """Returns the hash of a source version, the options, and the compiler."""
    rows = ["%s=%s" % row for row in sorted(_fragment().items())]
    compiler = say.run(["gcc", "--version"]).splitlines()[0]
    text = "\n".join([version, compiler] + rows)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _place(cache, version):
    return os.path.join(cache.root, "kernels", "debug-" + key(version))


def _have(cache):
    version = cache.remembered(SERIES)
    if version and os.path.isdir(_place(cache, version)):
        return Kernel(_place(cache, version))
    return None


def kernel(cache, refresh=False):
    """Returns the debug kernel, built if it is not in the cache."""
    machine.install(machine.KERNEL_PACKAGES)
    found = None if refresh else _have(cache)
    if found:
        return found
    with cache.locked("lock-debug", "builds the debug kernel"):
        found = None if refresh else _have(cache)
        return found or _make(cache)


def _make(cache):
    # What a build that was killed has left, some 2 GB.
    for path in glob.glob(os.path.join(cache.root, ".debug-*")):
        shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".debug-",
                                     dir=cache.root) as aside:
        with cache.locked():
            deb = cache.fetch(SUITE, [PACKAGE], aside)[0]
        version = os.path.basename(deb).split("_")[1]
        target = _place(cache, version)
        if not os.path.isdir(target):
            say.note("building a debug kernel from %s %s, once; it may take "
                     "half an hour" % (PACKAGE, version))
            source = unpack(deb, aside)
            configure(source)
            build(source, os.path.join(cache.root, "debug-build.log"))
            install(source, target)
    cache.remember(SERIES, version)
    return Kernel(target)


def unpack(deb, aside):
    """Unpacks the package of the kernel's source; returns its directory."""
    say.run(["dpkg-deb", "-x", deb, aside])
    os.unlink(deb)
    say.run(["tar", "-C", aside, "-xf",
             os.path.join(aside, "usr/src", PACKAGE + ".tar.xz")])
    return os.path.join(aside, PACKAGE)


def configure(source):
    """Configures a kernel source; an option that is not had is a Failure."""
    path = os.path.join(source, ".config")
    say.run(["make", "-C", source, "tinyconfig"])
    say.run(["scripts/kconfig/merge_config.sh", "-m", path, FRAGMENT],
            cwd=source)
    say.run(["make", "-C", source, "olddefconfig"])
    with open(path) as stream:
        have = options(stream.read())
    lost = [name for name, value in _fragment().items()
            if have.get(name, "n") != value]
    if lost:
        raise say.Failure("the debug kernel cannot have: %s" % " ".join(lost))


def build(source, log):
    """Builds image and modules of a configured source, in the background."""
    argv = list(SLOWLY) + ["make", "-C", source, "-j2", "bzImage", "modules"]
    with open(log, "wb") as stream:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=stream,
                              stderr=subprocess.STDOUT)
    if done.returncode:
        raise say.Failure("the debug kernel does not build, see %s" % log)


def install(source, target):
    """Puts what a module's build and a guest need where the cache has it."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    aside = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
    try:
        os.chmod(aside, 0o755)
        _install_parts(source, aside)
        os.rename(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _install_parts(source, into):
    make = ["make", "-s", "-C", source]
    release = say.run(make + ["kernelrelease"]).split()[-1]
    os.makedirs(os.path.join(into, "boot"))
    shutil.copy2(os.path.join(source, "arch/x86/boot/bzImage"),
                 os.path.join(into, "boot", "vmlinuz-" + release))
    shutil.copy2(os.path.join(source, ".config"),
                 os.path.join(into, "boot", "config-" + release))
    say.run(make + ["INSTALL_MOD_PATH=" + into, "DEPMOD=true",
                    "modules_install"])
    for name in ("build", "source"):
        link = os.path.join(into, "lib/modules", release, name)
        if os.path.islink(link):
            os.unlink(link)
    headers = os.path.join(into, "usr/src", "linux-headers-" + release)
    say.run(make + ["run-command", "KBUILD_RUN_COMMAND=$(srctree)/scripts/"
                    "package/install-extmod-build " + headers])
    shutil.copytree(os.path.join(source, PARSER), os.path.join(into, PARSER))
