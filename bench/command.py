# SPDX-License-Identifier: GPL-2.0
"""make bench: measures, prints the table, and keeps what a full run found."""

import argparse
import concurrent.futures
import json
import os

from runner import build, cache as caches, launch, machine, say, suite

from . import boot as boots, measure, results, rows, table

KERNEL = "6.12"


def _prepared():
    machine.install(machine.BUILD_PACKAGES + machine.RUN_PACKAGES)
    cache = caches.Cache()
    cache.tools()
    build.tools()
    build.load()
    return cache, build.hvhost()


class Job:
    """A boot, where it runs, and what is read from it."""

    def __init__(self, run, place, chosen, delays, exact):
        self.run = run
        self.place = place
        self.rows = chosen
        self.delays = delays
        self.exact = exact
        self.trouble = []
        self.found = []

    def execute(self, cache):
        """Runs the boot and reads its measurements."""
        say.note("%s: begins" % self.run.title)
        if not self.run.execute(cache, self.place):
            self.trouble += [row.strip() for row in self.run.report()
                             if not row.strip().startswith("ok ")]
        measured = measure.Boot(self.run.marks(), self.run.cannot(),
                                self.exact)
        for delay in self.delays:
            for row in self.rows:
                self._read(measured, row, delay)
        say.note("%s: done in %.0f s" % (self.run.title, self.run.took))

    def _read(self, measured, row, delay):
        try:
            self.found.append(results.of_row(
                measured, row, delay, self.run.channels,
                self.run.kernel.release))
        except measure.Missing as error:
            self.trouble.append("%s: not measured (%s)" % (row.name, error))


def _jobs(cache, hvhost, chosen, quick):
    kernel = cache.kernel(KERNEL)
    module = build.module(kernel)
    counted = launch.Counted(cache, hvhost)
    delays = rows.DELAYS[:1] if quick else rows.DELAYS
    jobs = []
    for delay in delays:
        run = boots.Boot(kernel, module, rows.plan(chosen, [delay]), 1,
                         "%dus" % delay)
        jobs.append(Job(run, counted, chosen, [delay], True))
    return jobs


def _chosen(prefix):
    chosen = [row for row in rows.ROWS if row.name.startswith(prefix)]
    if not chosen:
        raise say.Failure("no row begins with %s; there are: %s" % (
            prefix, " ".join(row.name for row in rows.ROWS)))
    return chosen


def bench(prefix, quick):
    """Measures the rows that begin with prefix; returns the exit status."""
    chosen = _chosen(prefix)
    cache, hvhost = _prepared()
    jobs = _jobs(cache, hvhost, chosen, quick)
    with concurrent.futures.ThreadPoolExecutor(suite.at_once()) as pool:
        list(pool.map(lambda job: job.execute(cache), jobs))
    found = [one for job in jobs for one in job.found]
    for line in table.text(found):
        say.line(line)
    for one in found:
        for driver in results.apart(one):
            say.line("warning: %s at %d us: runs of %s differ by %.1f %%" % (
                one["row"], one["delay_us"], driver,
                100 * one["spread"][driver]))
    trouble = [row for job in jobs for row in job.trouble]
    for row in trouble:
        say.line("failed: " + row)
    with open(os.path.join(machine.build_dir(), "bench.json"), "w") as stream:
        json.dump(found, stream, indent=1)
    return 1 if trouble else 0


def main(argv):
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench/run")
    parser.add_argument("prefix", nargs="?", default="")
    parser.add_argument("--quick", action="store_true",
                        help="one delay alone")
    args = parser.parse_args(argv)
    try:
        return bench(args.prefix, args.quick)
    except say.Failure as error:
        say.give_up(error)
        return 1
    except KeyboardInterrupt:
        return 130
