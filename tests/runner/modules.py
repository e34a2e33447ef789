# SPDX-License-Identifier: GPL-2.0
"""Kernel modules: which files a guest needs, in the order to load them.

Dependencies are read from the modules themselves (their .modinfo section),
since modules.dep is only made when a package is installed.
"""

import lzma
import os
import re

from . import say


SIGNATURE_MAGIC = b"~Module signature appended~\n"
SIGNATURE_RECORD = 12


def _plain(name):
    return name.replace("-", "_")


def read(path):
    """Returns a module's bytes, decompressed."""
    with open(path, "rb") as stream:
        data = stream.read()
    return lzma.decompress(data) if path.endswith(".xz") else data


def dependencies(data):
    """Returns the names of the modules that a module's bytes ask for."""
    found = re.search(rb"(?:^|\0)depends=([^\0]*)\0", data)
    names = found.group(1).decode().split(",") if found else []
    return [_plain(name) for name in names if name]


def without_signature(data):
    """Returns a module's bytes without the signature appended to them.

    The trailer is a 12-byte record, whose last word is the big-endian length
    of what stands before it, and a magic string.
    """
    if not data.endswith(SIGNATURE_MAGIC):
        return data
    end = len(data) - len(SIGNATURE_MAGIC)
    length = int.from_bytes(data[end - 4:end], "big")
    return data[:end - SIGNATURE_RECORD - length]


class Modules:
    """The modules of one kernel."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.paths = {}
        for folder, _, names in os.walk(kernel.modules):
            for name in names:
                found = re.match(r"(.+)\.ko(\.xz)?$", name)
                if found:
                    self.paths[_plain(found.group(1))] = os.path.join(
                        folder, name)
        with open(os.path.join(kernel.modules, "modules.builtin")) as stream:
            self.builtin = {_plain(os.path.basename(row.strip())[:-len(".ko")])
                            for row in stream}

    def load_order(self, names, own=None):
        """Returns [(name, bytes)]: the named modules after what they need.

        own maps a name to the path of a module to use in place of the
        kernel's. Built-in ones are left out.
        """
        own = own or {}
        order = []

        def visit(name):
            name = _plain(name)
            if name in self.builtin or name in [row[0] for row in order]:
                return
            path = own.get(name) or self.paths.get(name)
            if not path:
                raise say.Failure("Linux %s has no module %s"
                                  % (self.kernel.release, name))
            data = read(path)
            for other in dependencies(data):
                visit(other)
            order.append((name, data))

        for name in names:
            visit(name)
        return order
