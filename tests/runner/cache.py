# SPDX-License-Identifier: GPL-2.0
"""The cache of kernels and guest user land, outside the checkout.

Everything in it comes out of Debian packages by dpkg-deb -x. An entry is
unpacked aside and renamed into place, so what stands there is whole; one
process fills the cache at a time.
"""

import contextlib
import fcntl
import glob
import json
import os
import re
import shutil
import tempfile

from . import apt, debug, say

# A kernel series: where Debian has it, and how its image package is named.
SERIES = {
    "5.10": ("bullseye", r"^linux-image-5\.10\.0-[0-9]+-cloud-amd64$"),
    "6.1": ("bookworm", r"^linux-image-6\.1\.0-[0-9]+-cloud-amd64$"),
    "6.12": ("bookworm", r"^linux-image-6\.12\.[0-9]+.*-cloud-amd64$"),
    "7": ("trixie", r"^linux-image-7\.[0-9]+\.[0-9]+.*-cloud-amd64$"),
}
# What guests run: a Debian release, and packages of it. Libraries come along by
# dependency if their package is called lib...
USER_LAND_SUITE = "bookworm"
USER_LANDS = {
    USER_LAND_SUITE: ("busybox-static", "iproute2", "ethtool", "kmod", "zlib1g"),
    # xdp-tools has programs for AF_XDP sockets from 1.6 on; trixie's is 1.5.
    "forky": ("xdp-tools", "zlib1g"),
}
# Packages that a kernel's image and headers are split into.
KERNEL_PARTS = ("linux-headers-", "linux-kbuild-", "linux-base-",
                "linux-binary-", "linux-modules-")
# Debian packages the kernel's checking scripts nowhere but in its source.
SCRIPTS_SOURCE = "linux-source-6.12"
SCRIPTS = ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch",
           "coccinelle")


def place():
    """Returns the cache directory: HV_NETVSC_CACHE, or a usual place."""
    chosen = os.environ.get("HV_NETVSC_CACHE")
    if chosen:
        return os.path.abspath(chosen)
    if os.geteuid() == 0:
        return "/var/cache/hv_netvsc"
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "hv_netvsc")


class Kernel:
    """A kernel as Debian packages it, unpacked in the cache."""

    def __init__(self, root):
        self.root = root
        self.release = os.path.basename(root)
        self.image = os.path.join(root, "boot", "vmlinuz-" + self.release)
        self.modules = os.path.join(root, "lib/modules", self.release)
        newer = os.path.join(root, "usr/lib/modules", self.release)
        if os.path.isdir(newer):	# as newer packages have both
            self.modules = newer
            self.image = os.path.join(newer, "vmlinuz")
        self.headers = os.path.join(root, "usr/src",
                                    "linux-headers-" + self.release)

    @property
    def series(self):
        """The name of its series, as in SERIES."""
        major, minor = self.release.split(".")[:2]
        return major if major in SERIES else "%s.%s" % (major, minor)


class Cache:
    """Finds things in the cache, and fetches what is not there yet."""

    def __init__(self, root=None):
        self.root = root or place()
        self._apts = {}
        try:
            os.makedirs(self.root, exist_ok=True)
        except OSError as error:
            raise say.Failure("cannot make the cache %s: %s"
                              % (self.root, error.strerror))

    def _path(self, *parts):
        return os.path.join(self.root, *parts)

    @contextlib.contextmanager
    def locked(self, name="lock", what="fills the cache"):
        """Holds the right to add to the cache, or to a part of it."""
        with open(self._path(name), "a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say.note("waiting: another run " + what)
                fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _plan(self, suite):
        return apt.Apt(self._path("apt", suite), suite,
                       backports=suite in ("bookworm", "trixie"))

    def sources(self, suite):
        """Returns a sources.list for a Debian release."""
        return self._plan(suite).sources_list()

    def _apt(self, suite):
        if suite not in self._apts:
            found = self._plan(suite)
            say.note("fetching the package index of Debian %s" % suite)
            found.prepare()
            self._apts[suite] = found
        return self._apts[suite]

    def _unpack(self, debs, target, finish=None):
        """Unpacks packages into target, which appears only when whole."""
        os.makedirs(os.path.dirname(target), exist_ok=True)
        aside = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
        try:
            os.chmod(aside, 0o755)
            for deb in debs:
                say.run(["dpkg-deb", "-x", deb, aside])
            if finish:
                finish(aside, target)
            os.rename(aside, target)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise

    # Kernels

    def _known(self):
        try:
            with open(self._path("kernels.json")) as stream:
                return json.load(stream)
        except (OSError, ValueError):
            return {}

    def remembered(self, series):
        """Returns what stands for a series in this cache, or None."""
        return self._known().get(series)

    def remember(self, series, release):
        """Keeps which release, or which source, stands for a series."""
        known = dict(self._known(), **{series: release})
        with open(self._path("kernels.json.part"), "w") as stream:
            json.dump(known, stream, indent=1, sort_keys=True)
        os.replace(self._path("kernels.json.part"), self._path("kernels.json"))

    def forget_releases(self):
        """The next look at release() asks Debian again."""
        for key in self._known():
            if " " in key:
                self.remember(key, None)

    def _have(self, series):
        release = self._known().get(series)
        root = self._path("kernels", release or "none")
        return Kernel(root) if release and os.path.isdir(root) else None

    def fetch(self, suite, names, into):
        """Downloads packages of a Debian release; returns their paths."""
        return self._apt(suite).fetch(names, into)

    def kernel(self, series, refresh=False):
        """Returns the newest kernel of a series, fetched if need be.

        The series "debug" is the debug kernel, built if need be.
        """
        if series == debug.SERIES:
            return debug.kernel(self, refresh)
        if series not in SERIES:
            raise say.Failure("no kernel series %s; known: %s"
                              % (series, " ".join(list(SERIES) +
                                                  [debug.SERIES])))
        found = None if refresh else self._have(series)
        if found:
            return found
        with self.locked():
            found = None if refresh else self._have(series)
            return found or self._fetch_kernel(series)

    def find(self, wanted):
        """Returns the kernel whose release is, or begins with, wanted."""
        if wanted == debug.SERIES:
            return self.kernel(wanted)
        for series in SERIES:
            if wanted == series or wanted.startswith(series + "."):
                found = self.kernel(series)
                if found.release.startswith(wanted):
                    return found
        raise say.Failure("no kernel %s; known series: %s"
                          % (wanted, " ".join(list(SERIES) +
                                              [debug.SERIES])))

    @staticmethod
    def _version(name):
        return [int(part) for part in re.findall(r"\d+", name)]

    def release(self, key, suite, pattern):
        """Returns the release of the newest headers whose package fits.

        It is looked up once and remembered under key, until the cache is told
        to look for newer kernels.
        """
        known = self.remembered(key)
        if not known:
            with self.locked():
                names = self._apt(suite).search(pattern)
                if not names:
                    raise say.Failure("Debian %s has no package %s"
                                      % (suite, pattern))
                known = max(names, key=self._version)[len("linux-headers-"):]
                self.remember(key, known)
        return known

    def _fetch_kernel(self, series):
        suite, pattern = SERIES[series]
        source = self._apt(suite)
        names = source.search(pattern)
        if not names:
            raise say.Failure("Debian %s has no cloud kernel %s"
                              % (suite, series))
        image = max(names, key=self._version)
        release = image[len("linux-image-"):]
        target = self._path("kernels", release)
        if not os.path.isdir(target):
            headers = "linux-headers-" + release
            more = [name for name in source.depends([image, headers])
                    if name.startswith(KERNEL_PARTS)]
            say.note("fetching Linux %s (image and headers)" % release)
            debs = source.fetch([image, headers] + more, self._path("debs"))
            self._unpack(debs, target, self._finish_kernel)
            for deb in debs:
                os.unlink(deb)
        self.remember(series, release)
        return Kernel(target)

    @staticmethod
    def _finish_kernel(aside, target):
        release = os.path.basename(target)
        if not any(os.path.exists(os.path.join(aside, name % release)) for
                   name in ("boot/vmlinuz-%s", "usr/lib/modules/%s/vmlinuz")):
            raise say.Failure("the packages of Linux %s hold no image"
                              % release)
        # Their makefiles include one another by their installed path.
        for path in glob.glob(os.path.join(aside, "usr/src/*/Makefile")):
            with open(path) as stream:
                text = stream.read()
            fixed = re.sub(r"(?m)^include /usr/src/",
                           "include %s/usr/src/" % target, text)
            if fixed != text:
                with open(path, "w") as stream:
                    stream.write(fixed)
        for path in glob.glob(os.path.join(aside, "usr/share/doc")):
            shutil.rmtree(path)

    # Scripts

    def scripts(self):
        """Returns the directory with the kernel's checking scripts."""
        target = self._path("scripts", SCRIPTS_SOURCE)
        if os.path.isdir(target):
            return os.path.join(target, "scripts")
        with self.locked():
            if not os.path.isdir(target):
                say.note("fetching %s, for its scripts" % SCRIPTS_SOURCE)
                debs = self._apt("bookworm").fetch([SCRIPTS_SOURCE],
                                                   self._path("debs"))
                self._unpack(debs, target, self._finish_scripts)
                for deb in debs:
                    os.unlink(deb)
        return os.path.join(target, "scripts")

    @staticmethod
    def _finish_scripts(aside, _target):
        packed = os.path.join(aside, "usr/src", SCRIPTS_SOURCE + ".tar.xz")
        say.run(["tar", "-xf", packed, "-C", aside, "--strip-components=1"] +
                ["%s/scripts/%s" % (SCRIPTS_SOURCE, name)
                 for name in SCRIPTS])
        shutil.rmtree(os.path.join(aside, "usr"))

    # User land

    def tools(self, suite=USER_LAND_SUITE):
        """Returns the directory with the guest's user land, or with another."""
        if suite not in USER_LANDS:
            raise say.Failure("no user land of Debian %s; known: %s"
                              % (suite, " ".join(USER_LANDS)))
        packages = USER_LANDS[suite]
        target = self._path("tools", "_".join((suite,) + packages))
        if os.path.isdir(target):
            return target
        with self.locked():
            if not os.path.isdir(target):
                source = self._apt(suite)
                say.note("fetching %s and their libraries"
                         % ", ".join(packages))
                names = list(packages) + source.libraries(packages)
                debs = source.fetch(names, self._path("debs"))
                self._unpack(debs, target)
                for deb in debs:
                    os.unlink(deb)
        return target
