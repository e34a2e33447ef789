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
# What runs nothing, and judges what earlier commands have counted.
SUM = "sum"
# Per cent of the lines that have to be executed.
LEAST = 90.0
# Where it says why the rest is not, and of which functions that is true.
REASONS = os.path.join(machine.TOP, "Documentation", "testing.rst")
REASONS_TITLE = "Lines that nothing executes"


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
        self.functions = {}	# of each file: {line: function}
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
            functions = self.functions.setdefault(name, {})
            for line in one["lines"]:
                number = line["line_number"]
                counts[number] = counts.get(number, 0) + line["count"]
                # Of a header, not every object knows it.
                functions[number] = (line.get("function_name") or
                                     functions.get(number, ""))


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


def missing(found, functions):
    """Returns {file: {function: numbers of its lines that nothing executed}}.

    A line of which gcov does not say it belongs to the function before it.
    """
    rows = {}
    for name in sorted(found):
        function = ""
        for number in sorted(found[name]):
            function = functions[name][number].split(".")[0] or function
            if not found[name][number]:
                rows.setdefault(name, {}).setdefault(function, []).append(
                    number)
    return rows


def explained(text):
    """Returns the functions of which a document says why they are there."""
    part = re.search(r"^%s\n-+\n(.*?)(?=^[^\n]+\n[-=]{4,}\n|\Z)" % REASONS_TITLE,
                     text, re.M | re.S)
    return set(re.findall(r"``(\w+)``", part.group(1))) if part else set()


def _known():
    with open(REASONS) as stream:
        return explained(stream.read())


def without_reason(rows, known):
    """Returns what is missing, as rows of text, and nobody has explained."""
    return ["%s: %s: %s" % (name, function, " ".join(ranges(numbers)))
            for name, functions in rows.items()
            for function, numbers in functions.items()
            if function not in known]


def needless(rows, known):
    """Returns the functions that are explained, and executed as a whole."""
    return sorted(known - {function for functions in rows.values()
                           for function in functions})


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


def _write_missing(rows):
    path = os.path.join(machine.BUILD, "coverage", "not-executed")
    with open(path, "w") as stream:
        for name, functions in rows.items():
            stream.write("%s\n" % name)
            for function, numbers in functions.items():
                stream.write("\t%s: %s\n" % (function,
                                             " ".join(ranges(numbers))))
    return os.path.relpath(path)


def _fail(why):
    if why:
        raise say.Failure(why)


def _judge(score, share, rows):
    """What a measurement of everything has to show."""
    known = _known()
    score.point("%.0f %% of the lines are executed" % LEAST, _fail,
                "" if share >= LEAST else "%.1f %% are" % share)
    score.point("every other line has a reason", _fail,
                "\n".join(without_reason(rows, known)))
    score.point("every reason has a line", _fail,
                "\n".join(needless(rows, known)))


def _report(counters):
    """Prints the table, and writes down what was not executed.

    Returns the part of the lines that was, and the others.
    """
    found = counters.lines()
    text, share = table(found)
    for row in text:
        say.line(row)
    rows = missing(found, counters.functions)
    path = _write_missing(rows)
    say.line("# of %d runs%s; lines that were not executed: %s"
             % (counters.runs, " and those before" if counters.kept else "",
                path))
    return share, rows


def command(cache, place, prefix, keep):
    """Measures and prints the coverage; returns the exit status.

    The suites and all scenarios without a prefix; with one, these scenarios, or
    the suites if it is SUITES. keep adds to what earlier commands have counted.
    Only what counts everything is judged, and SUM, which takes its word for it.
    """
    score = suite.Score()
    kernel = cache.kernel(debug.SERIES)
    modules = build.covered_modules(kernel)
    counters = Counters(os.path.dirname(modules[0]), keep or prefix == SUM)
    if prefix in ("", SUITES):
        _run_suites(score, cache, kernel, modules, counters)
    if prefix not in (SUITES, SUM):
        _run_scenarios(score, cache, place, kernel, modules[0], prefix,
                       counters)
    if not counters.runs and not (prefix == SUM and counters.kept):
        raise say.Failure("no guest has left counters")
    share, rows = _report(counters)
    if prefix in ("", SUM):
        _judge(score, share, rows)
    return score.finish()
