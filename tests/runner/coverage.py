# SPDX-License-Identifier: GPL-2.0
"""make coverage: which lines of the driver the suites and scenarios execute.

The driver is built for the debug kernel with gcov's counters. Every guest
writes them to its console at its end; they are added up, and gcov says what
lines they stand for.
"""

import base64
import binascii
import glob
import io
import json
import os
import re
import shutil
import tarfile

from . import (build, debug, kunit, launch, machine, running, say, scenario,
               suite)

MARK = "gcov: "
# What stands for the suites where others give a prefix of scenarios.
SUITES = "kunit"
# Lines of a run that a table has room for.
RANGES = 12


def archive(text):
    """Returns the archive in the text of a console, or None."""
    rows = re.findall(r"(?m)^%s(.*)$" % MARK, text)
    if not rows:
        return None
    try:
        return base64.b64decode("".join(rows))
    except binascii.Error as error:
        raise say.Failure("the guest's counters: %s" % error)


def _stamp(path):
    """Returns what gcov tells one compilation of a file from another by."""
    with open(path, "rb") as stream:
        return stream.read(12)[8:]


class Counters:
    """Counters of any number of runs of one build of the driver.

    With keep, those of earlier commands count too; but for a file that has
    been compiled anew since, as its lines may be others now.
    """

    def __init__(self, module_dir, keep=False):
        self.module_dir = module_dir
        self.total = machine.build_dir("coverage", "total")
        self.runs = 0
        if keep:
            self._forget_other_builds()
        else:
            shutil.rmtree(self.total)
        self.kept = os.path.isdir(self.total) and bool(os.listdir(self.total))

    def _forget_other_builds(self):
        for path in glob.glob(os.path.join(self.total, "**", "*.gcda"),
                              recursive=True):
            notes = os.path.join(self.module_dir, os.path.relpath(
                path, self.total))[:-len(".gcda")] + ".gcno"
            if not os.path.exists(notes) or _stamp(notes) != _stamp(path):
                os.unlink(path)

    def add(self, text):
        """Adds those in the text of a console; returns whether it has some."""
        data = archive(text)
        if data is None:
            return False
        one = machine.build_dir("coverage", "one")
        shutil.rmtree(one)
        self._unpack(data, one)
        if self.kept or self.runs:
            merged = self.total + ".new"
            shutil.rmtree(merged, ignore_errors=True)
            say.run(["gcov-tool", "merge", "-o", merged, self.total, one])
            shutil.rmtree(self.total)
            os.rename(merged, self.total)
        else:
            os.rename(one, self.total)
        self.runs += 1
        return True

    def _unpack(self, data, into):
        """Unpacks counters, under their names in the module's directory."""
        prefix = self.module_dir.lstrip("/") + "/"
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as packed:
            for member in packed.getmembers():
                name = os.path.normpath(member.name)
                if not member.isfile() or not name.startswith(prefix):
                    continue
                path = os.path.join(into, name[len(prefix):])
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as stream:
                    stream.write(packed.extractfile(member).read())

    def lines(self):
        """Returns {file of the driver: {line: times executed}}."""
        found = {}
        for notes in sorted(glob.glob(os.path.join(self.module_dir, "**",
                                                   "*.gcno"), recursive=True)):
            name = os.path.relpath(notes, self.module_dir)[:-len(".gcno")]
            if name.startswith("kunit/") or name.endswith(".mod"):
                continue
            shutil.copy(notes, self._beside(name + ".gcno"))
            text = say.run(["gcov", "--json-format", "--stdout",
                            self._beside(name + ".gcno")],
                           cwd=self.module_dir)
            self._count(found, json.loads(text))
        return found

    def _beside(self, name):
        path = os.path.join(self.total, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def _count(self, found, document):
        """Adds what gcov says of one object; a header is in several."""
        for one in document["files"]:
            path = os.path.normpath(os.path.join(self.module_dir, one["file"]))
            name = os.path.relpath(path, self.module_dir)
            if not os.path.exists(os.path.join(machine.TOP, name)):
                continue		# the kernel's
            counts = found.setdefault(name, {})
            for line in one["lines"]:
                number = line["line_number"]
                counts[number] = counts.get(number, 0) + line["count"]


def ranges(numbers):
    """Returns sorted numbers as text: 1-3, 7."""
    rows = []
    for number in numbers:
        if rows and rows[-1][1] == number - 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    return ["%d" % first if first == last else "%d-%d" % (first, last)
            for first, last in rows]


def table(found):
    """Returns the lines of the table, and the part of all lines executed."""
    rows = ["%-26s %6s %9s %8s" % ("file", "lines", "executed", "")]
    all_lines = all_executed = 0
    for name in sorted(found):
        counts = found[name]
        executed = sum(1 for count in counts.values() if count)
        all_lines += len(counts)
        all_executed += executed
        rows.append("%-26s %6d %9d %6.1f %%" % (
            name, len(counts), executed, 100.0 * executed / len(counts)))
    share = 100.0 * all_executed / all_lines if all_lines else 0.0
    rows.append("%-26s %6d %9d %6.1f %%" % ("all", all_lines, all_executed,
                                             share))
    return rows, share


def _missing(found):
    """Returns what was not executed: one line a file."""
    rows = []
    for name in sorted(found):
        numbers = ranges(sorted(number for number, count in
                                found[name].items() if not count))
        if numbers:
            rows.append("%s: %s" % (name, " ".join(numbers)))
    return rows


def _run_suites(score, cache, kernel, modules, counters):
    found = score.point("KUnit suites", kunit.run, cache, kernel, modules)
    if found:
        score.point("KUnit suites: their counters", _expect, counters,
                    found.get("coverage", ""))


def _expect(counters, text):
    if not counters.add(text):
        raise say.Failure("the guest has left no counters")


def _chosen(prefix):
    """Returns the scenarios that this driver is meant for."""
    return [one for one in scenario.everything()
            if one.name.startswith(prefix) and one.conf["kind"] != "host" and
            not one.conf["skip-ours"] and
            ("6.12", "ours") in one.matrix()]


def _run_scenarios(score, cache, place, kernel, module, prefix, counters):
    chosen = _chosen(prefix)
    if not chosen:
        raise say.Failure("no scenario of this driver's begins with %s" %
                          prefix)
    runs = [running.GuestRun(one, kernel, "ours", module) for one in chosen]
    suite.run_all(runs, cache, place, score)
    for run in runs:
        # A guest that stopped has none; that it did is a failure already.
        try:
            with open(os.path.join(run.results, "console"),
                      errors="replace") as stream:
                counters.add(stream.read().replace("\r", ""))
        except OSError:
            pass


def _report(counters):
    """Prints the table, and writes down what was not executed."""
    found = counters.lines()
    rows, _share = table(found)
    for row in rows:
        say.line(row)
    path = os.path.join(machine.BUILD, "coverage", "not-executed")
    with open(path, "w") as stream:
        stream.write("".join(row + "\n" for row in _missing(found)))
    say.line("# of %d runs%s; lines that were not executed: %s"
             % (counters.runs, " and those before" if counters.kept else "",
                os.path.relpath(path)))


def command(cache, place, prefix, keep):
    """Measures and prints the coverage; returns the exit status.

    The suites and all scenarios without a prefix; with one, these scenarios, or
    the suites if it is SUITES. keep adds to what earlier commands have counted.
    """
    score = suite.Score()
    kernel = cache.kernel(debug.SERIES)
    modules = build.covered_modules(kernel)
    counters = Counters(os.path.dirname(modules[0]), keep)
    if prefix in ("", SUITES):
        _run_suites(score, cache, kernel, modules, counters)
    if prefix != SUITES:
        _run_scenarios(score, cache, place, kernel, modules[0], prefix,
                       counters)
    if not counters.runs:
        raise say.Failure("no guest has left counters")
    _report(counters)
    return score.finish()
