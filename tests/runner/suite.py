# SPDX-License-Identifier: GPL-2.0
"""Runs many test points, some side by side, and keeps the score."""

import concurrent.futures
import os
import threading
import time

from . import say


TROUBLE_ROWS = 12


def _trouble(rows):
    """Returns the nested lines that say why, for a log that is cut before."""
    why = [row.strip() for row in rows
           if row.lstrip().startswith(("not ok", "#"))]
    return why[:TROUBLE_ROWS]


class Score:
    """KTAP output of a command: numbered results, then the last line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = self.repeats = 0
        self._lock = threading.Lock()
        self._failures = []
        say.line("KTAP version 1")

    def _number(self):
        return self.passed + self.failed + self.skipped

    def result(self, title, success, took, rows=()):
        """Counts and prints one result; rows are its nested lines."""
        with self._lock:
            if success:
                self.passed += 1
            else:
                self.failed += 1
                self._failures.append((title, _trouble(rows)))
            head = "# Subtest: %s\n" % title if rows else ""
            say.line(head + "".join(row + "\n" for row in rows) +
                     "%sok %d %s # %.1f s" % ("" if success else "not ",
                                              self._number(), title, took))

    def skip(self, title, reason):
        """Counts and prints one skipped point."""
        with self._lock:
            self.skipped += 1
            say.line("ok %d %s # SKIP %s" % (self._number(), title, reason))

    def point(self, title, action, *args):
        """Runs action(*args); a Failure fails the point. Returns its result.
        """
        began = time.monotonic()
        try:
            value = action(*args)
        except say.Failure as error:
            self.result(title, False, time.monotonic() - began,
                        ["  # " + row for row in str(error).splitlines()])
            return None
        self.result(title, True, time.monotonic() - began)
        return value

    def finish(self):
        """Prints the summary and returns the exit status."""
        say.line("1..%d" % self._number())
        for title, rows in self._failures:
            say.line("# failed: %s" % title)
            for row in rows:
                say.line("#    %s" % row)
        if self.repeats:
            say.line("# %d guest(s) stopped dead under emulation and ran "
                     "again" % self.repeats)
        say.line("%d passed, %d failed, %d skipped"
                 % (self.passed, self.failed, self.skipped))
        return 1 if self.failed or not self.passed else 0


def at_once():
    """How many guests run side by side: JOBS, or one a CPU, at most 4."""
    chosen = os.environ.get("JOBS", "")
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    return min(4, os.cpu_count() or 1)


def run_all(runs, cache, place, score):
    """Executes scenario runs side by side; the longest begin first."""
    runs = sorted(runs, key=lambda run: -run.seconds)

    def one(run):
        try:
            success = run.execute(cache, place)
            rows = run.report()
        except Exception as error:  # a broken runner must show as a failure
            text = "%s: %s" % (type(error).__name__, error)
            success, rows = False, ["  # " + row for row in text.splitlines()]
        score.repeats += run.repeated
        score.result(run.title, success, run.took, rows)

    with concurrent.futures.ThreadPoolExecutor(at_once()) as pool:
        list(pool.map(one, runs))
