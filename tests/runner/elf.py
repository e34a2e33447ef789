# SPDX-License-Identifier: GPL-2.0
"""Just enough of ELF (64-bit, little-endian): what a file is linked with."""

import struct

PT_DYNAMIC, PT_INTERP, PT_LOAD = 2, 3, 1
DT_NEEDED, DT_STRTAB = 1, 5


def _string(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


def needed(path):
    """Returns (interpreter or None, [sonames]) of an ELF file.

    A file that is not ELF, or is static, needs nothing.
    """
    with open(path, "rb") as stream:
        data = stream.read()
    if data[:6] != b"\x7fELF\x02\x01":
        return None, []
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    interpreter, dynamic, loads = None, None, []
    for i in range(count):
        kind, _, start, virtual, _, length = struct.unpack_from(
            "<IIQQQQ", data, offset + i * size)
        if kind == PT_INTERP:
            interpreter = _string(data, start)
        elif kind == PT_DYNAMIC:
            dynamic = (start, length)
        elif kind == PT_LOAD:
            loads.append((virtual, start, length))
    if not dynamic:
        return interpreter, []
    rows = [struct.unpack_from("<qQ", data, dynamic[0] + at)
            for at in range(0, dynamic[1], 16)]
    table = next(value for tag, value in rows if tag == DT_STRTAB)
    table = next(table - virtual + start for virtual, start, length in loads
                 if virtual <= table < virtual + length)
    return interpreter, [_string(data, table + value) for tag, value in rows
                         if tag == DT_NEEDED]
