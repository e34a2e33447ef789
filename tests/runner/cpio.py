# SPDX-License-Identifier: GPL-2.0
"""Writes initramfs archives (cpio "newc"), the same bytes for the same input.

Uncompressed: unpacking costs more than reading where guests run in software.
Archives may be joined end to end; the kernel unpacks one after the other.
"""

import os
import stat

NODES = (("dev/console", 5, 1), ("dev/null", 1, 3))


class Archive:
    """Collects files, directories, links and nodes; writes them sorted."""

    def __init__(self):
        self._entries = {}

    def _parents(self, name):
        parent = os.path.dirname(name)
        if parent and parent not in self._entries:
            self._parents(parent)
            self._entries[parent] = (stat.S_IFDIR | 0o755, b"", 0, 0)

    def _add(self, name, mode, data=b"", major=0, minor=0):
        name = name.strip("/")
        self._parents(name)
        self._entries[name] = (mode, data, major, minor)

    def directory(self, name):
        """Adds a directory."""
        self._add(name, stat.S_IFDIR | 0o755)

    def data(self, name, data, mode=0o644):
        """Adds a file with the given bytes or text."""
        if isinstance(data, str):
            data = data.encode()
        self._add(name, stat.S_IFREG | mode, data)

    def file(self, name, path, mode=None):
        """Adds a copy of the file at path; its own x bit if no mode."""
        if mode is None:
            mode = 0o755 if os.access(path, os.X_OK) else 0o644
        with open(path, "rb") as stream:
            self.data(name, stream.read(), mode)

    def link(self, name, target):
        """Adds a symbolic link."""
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def nodes(self):
        """Adds the device nodes that an init needs before it mounts /dev."""
        for name, major, minor in NODES:
            self._add(name, stat.S_IFCHR | 0o600, b"", major, minor)

    def __contains__(self, name):
        return name.strip("/") in self._entries

    @staticmethod
    def _record(inode, name, entry):
        mode, data, major, minor = entry
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0,
                  major, minor, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields)
        head += name.encode() + b"\0"
        head += b"\0" * (-len(head) % 4)
        return head + data + b"\0" * (-len(data) % 4)

    def write(self, path):
        """Writes the archive to path, padded so that another may follow."""
        # Another command may be writing it too.
        part = "%s.%d.part" % (path, os.getpid())
        with open(part, "wb") as stream:
            for inode, name in enumerate(sorted(self._entries), 1):
                stream.write(self._record(inode, name, self._entries[name]))
            stream.write(self._record(0, "TRAILER!!!", (0, b"", 0, 0)))
            stream.write(b"\0" * (-stream.tell() % 512))
        os.replace(part, path)
