# SPDX-License-Identifier: GPL-2.0
"""What tools look for in the module itself, before it is loaded."""

import os

from . import machine, say

# Test suites skip what they cannot find here.
SYMBOLS = ("netvsc_get_msglevel", "netvsc_set_msglevel")
PARAMETERS = ("debug", "ring_size")
# The GUID of a synthetic NIC.
ALIAS = "vmbus:635161f83edfc546913ff2d2f965ed0e"


def _version():
    with open(os.path.join(machine.TOP, "META")) as stream:
        return next(row.split(":", 1)[1].strip() for row in stream
                    if row.startswith("Version:"))


def complaints(symbols, information, version):
    """Returns what is missing.

    symbols are the names in the symbol table, information the strings of
    modinfo, version what META says.
    """
    wanted = ["name=hv_netvsc", "license=GPL", "version=" + version,
              "alias=" + ALIAS]
    missing = ["no symbol " + name for name in SYMBOLS if name not in symbols]
    missing += ["no " + one for one in wanted if one not in information]
    for name in PARAMETERS:
        for key in ("parm", "parmtype"):
            if not any(one.startswith("%s=%s:" % (key, name))
                       for one in information):
                missing.append("no %s of %s" % (key, name))
    return missing


def check(module):
    """Fails if a module that has been built lacks a name."""
    symbols = {row.split()[-1] for row in
               say.run(["nm", module]).splitlines() if row.strip()}
    text = say.run(["objcopy", "-O", "binary", "--only-section=.modinfo",
                    module, "/dev/stdout"])
    found = complaints(symbols, text.split("\0"), _version())
    if found:
        raise say.Failure("\n".join(found))
