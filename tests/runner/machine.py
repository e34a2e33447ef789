# SPDX-License-Identifier: GPL-2.0
"""The machine that runs the tests: its Debian packages and its paths."""

import glob
import os
import shutil
import subprocess
import tempfile

from . import say

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
SCRATCH_FREE = 4 << 30

# A package, and the file that shows that it is there: a program's name, or a
# path, in which * may stand for a version. libc6-dev carries the static C
# library that the guest's tools need.
PACKAGES = {
    "gcc": "gcc",
    "make": "make",
    "libc6-dev": "/usr/include/stdio.h",
    "acpica-tools": "iasl",
    "qemu-system-x86": "qemu-system-x86_64",
    "iproute2": "ip",
    "xz-utils": "xz",
    "pahole": "pahole",
    "sparse": "sparse",
    "perl": "/usr/share/perl/*/Term/ANSIColor.pm",
    "cppcheck": "cppcheck",
    "coccinelle": "spatch",
    "clang": "clang",
    "lld": "ld.lld",
    "libclang-rt-dev":
        "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a",
    "bc": "bc",
    "bison": "bison",
    "flex": "flex",
    "libelf-dev": "/usr/include/libelf.h",
    "dpkg-dev": "dpkg-source",
    "libfdt-dev": "/usr/include/libfdt.h",
    "libglib2.0-dev": "/usr/include/glib-2.0/glib.h",
    "libpixman-1-dev": "/usr/include/pixman-1/pixman.h",
    "meson": "meson",
    "ninja-build": "ninja",
    "zlib1g-dev": "/usr/include/zlib.h",
    "mmdebstrap": "mmdebstrap",
    "util-linux": "unshare",
    "debhelper": "dh",
    "dh-dkms": "dh_dkms",
    "lintian": "lintian",
    "rpm": "rpmbuild",
    "gcc-aarch64-linux-gnu": "aarch64-linux-gnu-gcc",
    "mandoc": "mandoc",
    "python3-docutils": "/usr/lib/python3/dist-packages/docutils/core.py",
}
BUILD_PACKAGES = ("gcc", "make", "libc6-dev", "acpica-tools", "xz-utils",
                  "pahole")
RUN_PACKAGES = ("iproute2", "qemu-system-x86")
CHECK_PACKAGES = ("sparse",)
STATIC_PACKAGES = ("clang", "lld", "coccinelle", "cppcheck", "perl")
ARM64_PACKAGES = ("gcc-aarch64-linux-gnu", "sparse")
TEXT_PACKAGES = ("mandoc", "python3-docutils")
ROOT_PACKAGES = ("mmdebstrap", "util-linux")
PACKAGING_PACKAGES = ("debhelper", "dh-dkms", "dpkg-dev", "lintian", "rpm")
FUZZ_PACKAGES = ("make", "clang", "libclang-rt-dev")
KERNEL_PACKAGES = ("gcc", "make", "libc6-dev", "bc", "bison", "flex",
                   "libelf-dev", "xz-utils")


def _present(name):
    shown_by = PACKAGES[name]
    if shown_by.startswith("/"):
        return bool(glob.glob(shown_by))
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(shown_by, path=path) is not None


def install(names):
    """Installs those of the named Debian packages that are missing."""
    missing = [name for name in names if not _present(name)]
    if not missing:
        return
    wanted = " ".join(missing)
    if os.geteuid() != 0:
        raise say.Failure("these Debian packages are needed: %s\n"
                          "(as root: apt-get install %s)" % (wanted, wanted))
    if not shutil.which("apt-get"):
        raise say.Failure("no apt-get here; install by hand: %s" % wanted)
    say.note("installing Debian packages: %s" % wanted)
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    argv = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q",
            "--no-install-recommends"]
    if subprocess.run(argv + missing, env=env, stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode:
        say.run(["apt-get", "update", "-q"], env=env)
        say.run(argv + missing, env=env)
    still = [name for name in missing if not _present(name)]
    if still:
        raise say.Failure("installed, but still missing: %s" % " ".join(still))


def scratch():
    """Returns a temporary directory, a context manager, for large files.

    In memory where there is plenty: each guest needs some 100 MB for a minute,
    and a disk that falls behind stops the emulator in its tracks, which the
    guest takes for a lock-up.
    """
    roomy = "/dev/shm"
    try:
        free = shutil.disk_usage(roomy).free
    except OSError:
        free = 0
    fit = free >= SCRATCH_FREE and os.access(roomy, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="hv_netvsc-",
                                       dir=roomy if fit else None)


def build_dir(*parts):
    """Returns a directory below build/, made if need be."""
    path = os.path.join(BUILD, *parts)
    os.makedirs(path, exist_ok=True)
    return path
