# SPDX-License-Identifier: GPL-2.0
"""Builds the two initramfs: the guest's, and the outer machine's."""

import os

from . import cpio, elf, machine, modules

LIBRARY_DIRS = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64")
OUTER_MODULES = ("kvm-amd", "tun", "virtio_pci", "virtio_blk")
OUTER_EXTRA = ("8021q",)	# for a host.sh to load
APPLETS = """[ ash awk base64 basename cat chmod cmp cp cpio cut date dd diff dirname
    dmesg echo env expr false find grep gzip head hexdump id ifconfig insmod
    kill ln ls lsmod mkdir mkfifo mknod mkswap mount mv nproc ping poweroff
    printf ps pwd readlink reboot rm rmdir rmmod sed seq sh sha256sum sleep
    sort stat swapon sync sysctl tail tar taskset tee test timeout touch tr
    true udhcpc udhcpd umount uname uniq unshare wc xargs yes""".split()


def tests_file(*parts):
    """Returns the path of one of the runner's own files below tests/."""
    return os.path.join(machine.TOP, "tests", *parts)


class UserLand:
    """Puts programs of the cache, with their libraries, into an archive.

    One that stands beside another has a folder, so that each has its loader.
    """

    def __init__(self, tools, folder=""):
        self.tools = tools
        self.folder = folder

    def _library(self, soname):
        for folder in LIBRARY_DIRS:
            path = os.path.join(self.tools, folder, soname)
            if os.path.exists(path):
                return path
        raise FileNotFoundError("no library %s in the cache" % soname)

    def _add_libraries(self, archive, path):
        interpreter, sonames = elf.needed(path)
        if interpreter and self.folder + interpreter not in archive:
            archive.file(self.folder + interpreter,
                         self._library(os.path.basename(interpreter)), 0o755)
        for soname in sonames:
            name = "%s/lib/x86_64-linux-gnu/%s" % (self.folder, soname)
            if name not in archive:
                library = self._library(soname)
                archive.file(name, library, 0o755)
                self._add_libraries(archive, library)

    def _add_start(self, archive, name, path):
        """The kernel would take the loader that stands at the usual place."""
        interpreter, _ = elf.needed(path)
        archive.data("bin/" + name, "#!/bin/sh\n"
                     "exec {0}{1} --library-path {0}/lib/x86_64-linux-gnu "
                     '{0}/bin/{2} "$@"\n'.format(self.folder, interpreter,
                                                name), 0o755)

    def program(self, archive, name):
        """Adds a program as /bin/NAME, and what it is linked with."""
        for folder in ("bin", "sbin", "usr/bin", "usr/sbin"):
            path = os.path.join(self.tools, folder, name)
            if os.path.exists(path):
                archive.file("%s/bin/%s" % (self.folder, name),
                             os.path.realpath(path), 0o755)
                self._add_libraries(archive, path)
                if self.folder:
                    self._add_start(archive, name, path)
                return
        raise FileNotFoundError("no program %s in the cache" % name)

    def base(self, archive):
        """Adds what both machines have: a shell and its tools, ip, ours."""
        archive.nodes()
        for name in ("proc", "sys", "dev", "tmp", "run"):
            archive.directory(name)
        archive.file("bin/busybox", os.path.join(self.tools, "bin/busybox"))
        for applet in APPLETS:
            archive.link("bin/" + applet, "busybox")
        self.program(archive, "ip")
        for tool in ("hvctl", "traffic"):
            archive.file("bin/" + tool, machine.build_dir("tools") + "/" + tool)


def _add_modules(archive, order, extra=()):
    """Adds modules and two lists: what init loads, and what a job may load.

    Both are in an order in which each finds what it needs.
    """
    for name, data in list(order) + list(extra):
        archive.data("modules/%s.ko" % name, data)
    for listing, chosen in (("order", order), ("extra", extra)):
        archive.data("modules/" + listing,
                     "".join(name + "\n" for name, _ in chosen))


def guest(cache, kernel, names, own, files, path, programs=()):
    """Writes the guest's initramfs.

    names are the modules loaded at boot, own the modules that stand in for the
    kernel's (name: path), files what else goes in (name in the archive: text,
    or the path of a file if it begins with "/"), programs more of the user land,
    or SUITE:NAME of another.
    """
    archive = cpio.Archive()
    user_land = UserLand(cache.tools())
    user_land.base(archive)
    for name in ("ethtool", "tc", *programs):
        suite, _, name = name.rpartition(":")
        if suite:
            UserLand(cache.tools(suite), "/" + suite).program(archive, name)
        else:
            user_land.program(archive, name)
    for tool in ("aggregation", "hostile", "kexec", "queues", "scarce",
                 "snapshot", "xdp", "xsk"):
        archive.file("bin/" + tool, machine.build_dir("tools") + "/" + tool)
    archive.file("init", tests_file("guest/init"), 0o755)
    for name in ("lib.sh", "hibernate.sh", "silence.sh", "second.sh",
                 "settings.sh", "sockets.sh", "coverage.sh"):
        archive.file(name, tests_file("guest", name))
    _add_modules(archive, modules.Modules(kernel).load_order(names, own))
    for name, value in files.items():
        if value.startswith("/"):
            archive.file(name, value)
        else:
            archive.data(name, value)
    archive.write(path)


def outer(cache, kernel, hvhost, path):
    """Writes the outer machine's initramfs; a job's archive is appended."""
    archive = cpio.Archive()
    UserLand(cache.tools()).base(archive)
    archive.file("bin/hvhost", hvhost, 0o755)
    archive.file("init", tests_file("outer/init"), 0o755)
    for name in ("run.sh", "agent.sh"):
        archive.file("outer/" + name, tests_file("outer", name))
    found = modules.Modules(kernel)
    # Not the kernel under test: no time for checking signatures.
    both = [(name, modules.without_signature(data)) for name, data in
            found.load_order(OUTER_MODULES + OUTER_EXTRA)]
    needed = [name for name, _ in found.load_order(OUTER_MODULES)]
    _add_modules(archive, [row for row in both if row[0] in needed],
                 [row for row in both if row[0] not in needed])
    archive.write(path)


def job(files, path):
    """Writes a job's archive: {name below /job: a path, or bytes}."""
    archive = cpio.Archive()
    for name, value in files.items():
        if isinstance(value, bytes):
            archive.data("job/" + name, value)
        else:
            archive.file("job/" + name, value)
    archive.write(path)
