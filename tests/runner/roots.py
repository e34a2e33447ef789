# SPDX-License-Identifier: GPL-2.0
"""Debian systems of a release, for installing in: fresh for each use.

A system is a stack of directories in the cache. At the bottom is what mmdebstrap
makes of a release; a layer over it has more packages. A use is an overlay in
a mount namespace of its own, which is gone with its last process, and what it
wrote with it.
"""

import hashlib
import os
import shlex
import shutil
import tempfile

from . import images, machine, say

SUITES = ("bullseye", "bookworm", "trixie")
# What a machine has on which DKMS can build.
PACKAGES = ("dkms", "initramfs-tools", "gcc", "make", "libc6-dev", "kmod",
            "openssl", "patch", "xz-utils")
# Nobody reads there.
LEFT_OUT = ("/usr/share/locale/*", "/usr/share/doc/*", "/usr/share/info/*")
ENVIRONMENT = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
               "LC_ALL=C.UTF-8", "TERM=dumb",
               "DEBIAN_FRONTEND=noninteractive")
SECONDS = 900
# Who loses power in the middle of it makes another.
UNSAFE = "force-unsafe-io"
INSTALL = ("apt-get install -y -q --no-install-recommends "
           "-o Dpkg::Options::=--" + UNSAFE + " %s < /dev/null")
ENTER = images.tests_file("root", "enter.sh")


def needed():
    """Raises a Failure, with what is missing, where no root can be made."""
    if os.geteuid() != 0:
        raise say.Failure("only root can make a Debian system to install in")
    machine.install(machine.ROOT_PACKAGES)


def _hash(*words):
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


class Root:
    """A Debian system in the cache: directories, the topmost first."""

    def __init__(self, suite, lower):
        self.suite = suite
        self.lower = lower

    def run(self, argv, binds=(), log=None, seconds=SECONDS, place=None):
        """Runs a command in it; returns what it printed.

        binds are pairs: a directory of this machine, and where it is seen.
        What the command writes elsewhere stays in place, if that is given.
        """
        if place:
            return self._run(place, argv, binds, log, seconds)
        with machine.scratch() as folder:
            return self._run(folder, argv, binds, log, seconds)

    def _run(self, place, argv, binds, log, seconds):
        listing = os.path.join(place, "binds")
        with open(listing, "w") as stream:
            stream.write("".join("%s %s\n" % row for row in binds))
        inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                  "sh", ENTER, ":".join(self.lower), place, listing]
        command = ["nice", "-n", "10"] + inside + list(ENVIRONMENT) + list(argv)
        log = log or os.path.join(place, "log")
        # Straight into the file: it can be followed, and outlives a time limit.
        # The command is long, and what was printed says it all.
        try:
            say.run(["sh", "-c", 'exec "$@" > "$0" 2>&1', log] + command,
                    timeout=seconds)
        except say.Failure as error:
            with open(log, errors="replace") as stream:
                tail = stream.read().rstrip().splitlines()[-15:]
            raise say.Failure("in Debian %s: %s\n%s" % (
                self.suite, str(error).strip().split(": ")[-1],
                "\n".join(tail)))
        with open(log, errors="replace") as stream:
            return stream.read()


def _make_base(cache, suite, target):
    aside = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
    try:
        listing = os.path.join(aside, "sources.list")
        with open(listing, "w") as stream:
            stream.write(cache.sources(suite))
        tree = os.path.join(aside, "tree")
        argv = ["nice", "-n", "10", "mmdebstrap", "--mode=root",
                "--variant=apt", "--architectures=amd64",
                "--skip=cleanup/apt/lists", "--dpkgopt=" + UNSAFE,
                "--aptopt=APT::Install-Recommends \"false\"",
                "--include=" + ",".join(PACKAGES)]
        argv += ["--dpkgopt=path-exclude=" + path for path in LEFT_OUT]
        say.run(argv + [suite, tree, listing])
        os.rename(tree, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def base(cache, suite):
    """Returns a minimal system of a release, with DKMS."""
    needed()
    folder = os.path.join(cache.root, "roots")
    target = os.path.join(folder, "%s-%s" % (suite, _hash(
        cache.sources(suite), *PACKAGES, *LEFT_OUT)))
    if not os.path.isdir(target):
        os.makedirs(folder, exist_ok=True)
        with cache.locked("lock-root-" + suite, "makes Debian " + suite):
            if not os.path.isdir(target):
                say.note("making a Debian %s to install in" % suite)
                _make_base(cache, suite, target)
    return Root(suite, [target])


def layer(cache, suite, packages, later=()):
    """Returns a system with more packages; later ones wait in its archive."""
    below = base(cache, suite)
    target = "%s-%s" % (below.lower[0], _hash("1", *packages, "later", *later))
    if not os.path.isdir(target):
        with cache.locked("lock-root-" + suite, "makes Debian " + suite):
            if not os.path.isdir(target):
                _make_layer(below, packages, later, target)
    return Root(suite, [target] + below.lower)


def _make_layer(below, packages, later, target):
    say.note("installing in Debian %s: %s" % (below.suite,
                                              " ".join(packages)))
    # No apt may clean its archive: what comes later waits there.
    rows = ["set -e", "apt-get update -q",
            "rm -f /etc/apt/apt.conf.d/docker-clean",
            "echo 'Binary::apt-get::APT::Keep-Downloaded-Packages \"true\";' "
            "> /etc/apt/apt.conf.d/90keep"]
    if packages:
        rows += [INSTALL % " ".join(map(shlex.quote, packages)),
                 "apt-get clean"]
    if later:
        rows.append(INSTALL % ("--download-only " +
                               " ".join(map(shlex.quote, later))))
    aside = tempfile.mkdtemp(prefix=".new-", dir=os.path.dirname(target))
    try:
        below.run(["sh", "-c", "\n".join(rows)], place=aside)
        os.chmod(os.path.join(aside, "upper"), 0o755)
        os.rename(os.path.join(aside, "upper"), target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
