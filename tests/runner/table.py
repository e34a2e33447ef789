# SPDX-License-Identifier: GPL-2.0
"""make matrix: the table of kernels in README.md, written from what was run."""

import os
import re
import time

from . import arm64, machine, matrix, running, say, scenario, suite

BEGIN = "<!-- kernels: written by make matrix -->\n"
END = "<!-- end of kernels -->\n"
BOOT = "core-"
HEADING = ("| Linux | Debian | compiler | DKMS | builds, W=1 | guests |\n"
           "|---|---|---|---|---|---|\n")


class Row:
    """What came of one kernel."""

    def __init__(self, release, where):
        self.release = release
        self.where = where
        self.compiler = self.dkms = "-"
        self.builds = "FAILED"
        self.guests = ""

    def text(self):
        """Returns its row of the table."""
        return "| %s |\n" % " | ".join(
            (self.release, self.where, self.compiler, self.dkms, self.builds,
             self.guests or "not booted"))


def compiler(first_line):
    """Returns the version in the first line of a compiler's --version."""
    return "gcc " + first_line.split(")")[-1].split()[0]


def replaced(text, body):
    """Returns a document's text with another body between the marks."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise say.Failure("README.md has no place for the table of kernels")
    return head + begin + body + end + tail


def _build(score, cache, row):
    found = Row(matrix.release(cache, row), row[0])
    built = score.point("DKMS on %s: Linux %s" % (row[0], found.release),
                        matrix.build, cache, row)
    if built:
        found.compiler = compiler(built.word("compiler"))
        found.dkms = re.split("[-: ]+", built.word("dkms"))[1]
        found.builds = "no warning"
    return found, built


def _boot(score, cache, place, row, built):
    """Runs the core scenarios on a kernel of the cache; returns a word."""
    kernel = cache.kernel(row[2])
    runs = [running.GuestRun(one, kernel, "ours", built.module)
            for one in scenario.everything() if one.name.startswith(BOOT)]
    before = score.failed
    suite.run_all(runs, cache, place, score)
    return "FAILED" if score.failed > before else "%s* pass" % BOOT


def command(cache, place):
    """Builds, boots, writes the table; returns the exit status."""
    score = suite.Score()
    rows = []
    for row in matrix.ROWS:
        found, built = _build(score, cache, row)
        if built and row[2] in matrix.caches.SERIES:
            found.guests = _boot(score, cache, place, row, built)
        rows.append(found)
    before = score.failed
    arm64.points(score, cache)
    body = ("\nLast run of `make matrix`: %s, version %s. arm64, compiled with "
            "pages of 4 and 64 KiB: %s.\n\n"
            % (time.strftime("%Y-%m-%d", time.gmtime()),
               matrix.texts.version(),
               "FAILED" if score.failed > before else "no warning"))
    path = os.path.join(machine.TOP, "README.md")
    with open(path) as stream:
        text = replaced(stream.read(), body + HEADING + "".join(
            row.text() for row in rows) + "\n")
    with open(path, "w") as stream:
        stream.write(text)
    return score.finish()
