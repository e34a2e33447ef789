# SPDX-License-Identifier: GPL-2.0
"""make bench: measures, prints the table, and keeps what a full run found."""

import argparse
import concurrent.futures
import json
import os

from runner import build, cache as caches, launch, machine, say, suite

from . import boot as boots, jobs, memory, pictures, results, rows, table

KERNEL = "6.12"
CHANNELS = 4			# of the boot that counts and has no exact time,
PART = 16			# which therefore takes its time: less is moved
RESULTS = os.path.join(boots.FOLDER, "results.json")


def _prepared():
    """Machine, cache and tools ready; returns (cache, kernel, module, host).
    """
    machine.install(machine.BUILD_PACKAGES + machine.RUN_PACKAGES)
    cache = caches.Cache()
    cache.tools()
    build.tools()
    for name in boots.TOOLS:	# not in each boot: they are made side by side
        build.bench_tool(name)
    kernel = cache.kernel(KERNEL)
    return cache, kernel, build.module(kernel), build.hvhost()


def _jobs(prepared, chosen, memory_rows, quick):
    """Returns the boots to make, the longest first."""
    cache, kernel, module, hvhost = prepared
    counted = launch.Counted(cache, hvhost)
    mended = launch.Mended(cache, hvhost)
    found = []
    if chosen:
        for delay in rows.DELAYS[:1] if quick else rows.DELAYS:
            found.append(jobs.Rows(boots.Boot(
                kernel, module, rows.plan(chosen, [delay]), 1,
                "%dus" % delay), counted, chosen, [delay], True))
    if quick:
        return found
    if chosen:
        names = [row.name for row in chosen]
        few = [row for row in rows.made(PART) if row.name in names]
        found.append(jobs.Rows(boots.Boot(
            kernel, module, rows.plan(few, rows.DELAYS[:1]), CHANNELS,
            "%dch" % CHANNELS), mended, few, rows.DELAYS[:1], False))
    if memory_rows:
        found.append(jobs.Memory(boots.Boot(
            kernel, module, memory.plan(memory_rows), memory.PROCESSORS,
            "memory", memory.NICS), mended, memory_rows))
    return found


def _chosen(prefix):
    """Returns the rows, and the names of memory rows, that begin so."""
    chosen = [row for row in rows.ROWS if row.name.startswith(prefix)]
    memory_rows = [name for name in memory.ROWS if name.startswith(prefix)]
    if not chosen and not memory_rows:
        names = [row.name for row in rows.ROWS] + list(memory.ROWS)
        raise say.Failure("no row begins with %s; there are: %s"
                          % (prefix, " ".join(names)))
    return chosen, memory_rows


def _say(found, trouble):
    for line in table.text(found):
        say.line(line)
    for one in found:
        for driver in results.apart(one):
            say.line("warning: %s at %d us: runs of %s differ by %.1f %%" % (
                one["row"], one["delay_us"], driver,
                100 * one["spread"][driver]))
    for row in trouble:
        say.line("failed: " + row)


def _keep(found, full):
    """Writes the results: those of a full run where all can see them."""
    path = RESULTS if full else os.path.join(machine.build_dir(),
                                             "bench.json")
    with open(path, "w") as stream:
        stream.write(results.as_text(found))
    if full:
        pictures.write(found)
    say.note("written: %s" % os.path.relpath(path))


def bench(prefix, quick):
    """Measures the rows that begin with prefix; returns the exit status."""
    chosen, memory_rows = _chosen(prefix)
    prepared = _prepared()
    say.note("figures in instructions need the emulator, so guests run there")
    todo = _jobs(prepared, chosen, memory_rows, quick)
    with concurrent.futures.ThreadPoolExecutor(suite.at_once()) as pool:
        list(pool.map(lambda job: job.execute(prepared[0]), todo))
    found = [one for job in todo for one in job.found]
    trouble = [row for job in todo for row in job.trouble]
    _say(found, trouble)
    _keep(found, not prefix and not quick and not trouble)
    return 1 if trouble else 0


def main(argv):
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench/run")
    parser.add_argument("prefix", nargs="?", default="")
    parser.add_argument("--quick", action="store_true",
                        help="one delay, one processor")
    args = parser.parse_args(argv)
    try:
        return bench(args.prefix, args.quick)
    except say.Failure as error:
        say.give_up(error)
        return 1
    except KeyboardInterrupt:
        return 130
