# SPDX-License-Identifier: GPL-2.0
"""Scenarios: what one is, and the data that they share.

A scenario is a directory below tests/scenarios with
    scenario.conf	"key: value" lines, see KEYS
    guest.sh		runs in the guest, written with tests/guest/lib.sh
    root.sh		kind "root": runs in a Debian system, with tests/root/lib.sh
    host.sh		optional: more peer_ functions beside the host
"""

import glob
import hashlib
import os
import random

from . import images, machine, say

DIRECTORY = images.tests_file("scenarios")
DATA_BLOCK = (16 << 20) + 4099	# no multiple of a page or a segment
DRIVERS = ("intree", "ours")

# Every key that scenario.conf may have, and what stands for it if it has not.
KEYS = {
    "description": "",
    "like": "",			# scenario whose keys and scripts stand in
    "kind": "guest",		# "host": host.sh alone, no guest; "root": root.sh
    "roots": "",		# kind "root": the Debian releases
    "packages": "",		# kind "root": Debian packages beside DKMS
    "timeout": "240",		# seconds for the guest
    "seeds": "0",		# of attacks; each is worth more time
    "rounds": "0",		# of what is done again and again; likewise
    "cpus": "1",
    "memory": "512",		# MiB
    "nic": [],			# KEY=VALUE;... for --nic; one line a NIC
    "host": "",			# more arguments for hvhost
    "modules": "",		# kernel modules beside the driver's
    "programs": "",		# of the cache's user land, beside those of all guests
    "image": "no",		# the kernel's image is in the guest, as /kernel
    "append": "",		# more words for the kernel's command line
    "kernels": "6.12 6.1",	# SERIES, or SERIES:DRIVER
    "rarely": "6.1:intree",	# those of them that make check-all alone runs
    "skip-ours": "",		# why it does not run with our driver
    "times": "0",		# the random block's repeats; 0: no data
    "capture": "yes",		# a pcap of every NIC
    "quick": "no",		# part of make check-quick
    "log-expected": "",		# kernel log lines that it provokes (regex)
}


def _pairs(words):
    rows = []
    for word in words.split():
        series, colon, driver = word.partition(":")
        rows += [(series, one) for one in ((driver,) if colon else DRIVERS)]
    return rows


class Scenario:
    """One scenario, read from its directory."""

    def __init__(self, folder):
        self.folder = folder
        self.name = os.path.basename(folder)
        self.conf = dict(KEYS, nic=[])
        self._read(os.path.join(folder, "scenario.conf"))
        self.model = None
        if self.conf["like"]:
            self.model = Scenario(os.path.join(DIRECTORY, self.conf["like"]))
            own = {key: value for key, value in self.conf.items()
                   if value != KEYS[key]}
            self.conf = dict(self.model.conf, **own)

    def _read(self, path):
        try:
            with open(path) as stream:
                rows = stream.read().splitlines()
        except OSError as error:
            raise say.Failure("%s: %s" % (path, error.strerror))
        for number, row in enumerate(rows, 1):
            if not row.strip() or row.startswith("#"):
                continue
            key, colon, value = row.partition(":")
            if not colon or key not in KEYS:
                raise say.Failure("%s:%d: not a key: %s" % (path, number, row))
            if key == "nic":
                self.conf[key].append(value.strip())
            else:
                self.conf[key] = value.strip()

    def script(self, name):
        """Returns the path of guest.sh or host.sh, or None."""
        path = os.path.join(self.folder, name)
        if os.path.exists(path):
            return path
        return self.model.script(name) if self.model else None

    def matrix(self, thorough=True):
        """Returns [(series, driver)] that it is meant for."""
        rows = _pairs(self.conf["kernels"])
        rare = [] if thorough else _pairs(self.conf["rarely"])
        return [row for row in rows if row not in rare]

    def releases(self, thorough=True):
        """Returns the Debian releases that it is meant for."""
        rare = [] if thorough else self.conf["rarely"].split()
        return [one for one in self.conf["roots"].split() if one not in rare]


def everything():
    """Returns all scenarios, by name."""
    return [Scenario(os.path.dirname(path)) for path in
            sorted(glob.glob(os.path.join(DIRECTORY, "*/scenario.conf")))]


def find(name):
    """Returns the scenario of that name."""
    return Scenario(os.path.join(DIRECTORY, name))


def data_file():
    """Makes the random block that transfers repeat; returns its path."""
    path = os.path.join(machine.build_dir("data"), "block-%d" % DATA_BLOCK)
    if not os.path.exists(path):
        with open(path + ".part", "wb") as stream:
            stream.write(random.Random(2).randbytes(DATA_BLOCK))
        os.replace(path + ".part", path)
    return path


def data_hash(times):
    """Returns the SHA-256 of the random block repeated."""
    with open(data_file(), "rb") as stream:
        block = stream.read()
    digest = hashlib.sha256()
    for _ in range(times):
        digest.update(block)
    return digest.hexdigest()
