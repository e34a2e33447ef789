# SPDX-License-Identifier: GPL-2.0
"""The runner's commands, as the Makefile names them."""

import argparse
import os
import shutil
import tempfile

from . import (build, cache as caches, check, coverage, demo, fuzz, install,
               kunit, launch, machine, matrix, running, say, scenario, suite,
               table)

DEFAULT_KERNEL = "6.12"
DEFAULT_DRIVER = "ours"


def _prepared(packages, patient=False):
    """Machine, cache and tools ready; returns (cache, place)."""
    machine.install(packages)
    cache = caches.Cache()
    cache.tools()
    cache.kernel(launch.OUTER_SERIES)
    build.tools()
    return cache, launch.choose(cache, build.hvhost(), patient)


def _list():
    for one in scenario.everything():
        say.line("%-20s %s" % (one.name, one.conf["description"]))
    return 0


def _runs(chosen, cache, series, driver):
    """Makes the runs of the chosen scenarios on one kernel with one driver."""
    kernel = cache.find(series)
    module = matrix.module(cache, kernel) if driver == "ours" else None
    return [running.GuestRun(one, kernel, driver, module) for one in chosen]


def command_scenario(args):
    """Runs the scenarios whose names begin with a prefix."""
    if not args.prefix:
        return _list()
    chosen = [one for one in scenario.everything()
              if one.name.startswith(args.prefix)]
    if not chosen:
        raise say.Failure("no scenario begins with %s; make scenario lists "
                          "them" % args.prefix)
    if all(one.conf["kind"] == "root" for one in chosen):
        score = suite.Score()
        install.run_all(install.runs(chosen, True, args.root),
                        caches.Cache(), score)
        return score.finish()
    cache, place = _prepared(machine.BUILD_PACKAGES + machine.RUN_PACKAGES,
                             any(one.conf["seeds"] != "0" for one in chosen))
    score = suite.Score()
    install.run_all(install.runs(chosen, True, args.root), cache, score)
    runs = [running.HostRun(one) for one in chosen
            if one.conf["kind"] == "host"]
    guests = []
    for one in chosen:
        if one.conf["kind"] != "guest":
            continue
        if args.driver == "ours" and one.conf["skip-ours"]:
            score.skip("%s %s" % (one.name, args.driver),
                       one.conf["skip-ours"])
        else:
            guests.append(one)
    if guests:
        runs += _runs(guests, cache, args.kernel, args.driver)
    suite.run_all(runs, cache, place, score)
    return score.finish()


def command_guest(args):
    """Runs a guest script that is no scenario, for trying things out."""
    with tempfile.TemporaryDirectory(prefix="hv_netvsc-") as parent:
        folder = os.path.join(parent, "try-" + os.path.splitext(
            os.path.basename(args.script))[0])
        os.mkdir(folder)
        shutil.copy(args.script, os.path.join(folder, "guest.sh"))
        if args.host:
            shutil.copy(args.host, os.path.join(folder, "host.sh"))
        with open(os.path.join(folder, "scenario.conf"), "w") as stream:
            stream.write("".join(row + "\n" for row in args.conf))
        one = scenario.Scenario(folder)
        cache, place = _prepared(machine.BUILD_PACKAGES +
                                 machine.RUN_PACKAGES)
        score = suite.Score()
        suite.run_all(_runs([one], cache, args.kernel, args.driver), cache,
                      place, score)
        return score.finish()


def command_cache(args):
    """Fills the cache; with --refresh, looks for newer kernels."""
    cache = caches.Cache()
    if args.refresh:
        cache.forget_releases()
    names = args.series or ["6.12", "6.1"]
    steps = say.Steps(len(names) + 1)
    steps.run("guest user land", cache.tools)
    for name in names:
        found = steps.run("Linux %s" % name, cache.kernel, name, args.refresh)
        say.note("Linux %s is %s" % (name, found.release))
    return 0


def command_check(args):
    """Runs everything; check-quick what takes under five minutes, check-all
    every scenario on all of its kernels."""
    packages = (machine.BUILD_PACKAGES + machine.RUN_PACKAGES +
                machine.CHECK_PACKAGES)
    quick = args.command == "check-quick"
    return check.command(lambda: _prepared(packages, not quick), quick,
                         args.command == "check-all")


def command_fuzz(args):
    """Fuzzes the parsers, then lets the host attack on the debug kernel.

    --keep and --distil tend the corpus instead.
    """
    if args.keep:
        return fuzz.keep(args.keep, args.remark)
    if args.distil:
        return fuzz.distil()
    packages = (machine.BUILD_PACKAGES + machine.RUN_PACKAGES +
                machine.KERNEL_PACKAGES)
    return fuzz.command(args.secs, args.seed,
                        lambda: _prepared(packages, True))


def command_kunit(_args):
    """Runs the KUnit suites on the debug kernel."""
    machine.install(machine.KERNEL_PACKAGES + ("qemu-system-x86",))
    score = suite.Score()
    kunit.points(score, caches.Cache())
    return score.finish()


def command_coverage(args):
    """Counts the driver's lines that KUnit and scenarios execute."""
    machine.install(machine.KERNEL_PACKAGES)
    cache, place = _prepared(machine.BUILD_PACKAGES + machine.RUN_PACKAGES,
                             True)
    return coverage.command(cache, place, args.prefix, args.keep)


def command_matrix(_args):
    """Builds for every kernel, boots a few, and writes the README's table."""
    cache, place = _prepared(machine.BUILD_PACKAGES + machine.RUN_PACKAGES)
    return table.command(cache, place)


def command_demo(_args):
    """Shows the driver at work."""
    return demo.command()


def _parser():
    parser = argparse.ArgumentParser(prog="tests/run")
    commands = parser.add_subparsers(dest="command", required=True)

    one = commands.add_parser("scenario", help=command_scenario.__doc__)
    one.add_argument("prefix", nargs="?", default="")
    one.add_argument("--root", default="",
                     help="Debian release of the install- scenarios; all "
                     "without it")
    one.set_defaults(action=command_scenario)

    two = commands.add_parser("guest", help=command_guest.__doc__)
    two.add_argument("script")
    two.add_argument("--host", help="more peer_ functions (a shell file)")
    two.add_argument("--conf", action="append", default=[],
                     help='a line of scenario.conf, e.g. "cpus: 4"')
    two.set_defaults(action=command_guest)
    for command in (one, two):
        command.add_argument("--kernel", default=DEFAULT_KERNEL)
        command.add_argument("--driver", default=DEFAULT_DRIVER,
                             choices=scenario.DRIVERS)

    three = commands.add_parser("cache", help=command_cache.__doc__)
    three.add_argument("series", nargs="*")
    three.add_argument("--refresh", action="store_true")
    three.set_defaults(action=command_cache)
    for name in ("check", "check-quick", "check-all"):
        commands.add_parser(name, help=command_check.__doc__).set_defaults(
            action=command_check)

    four = commands.add_parser("fuzz", help=command_fuzz.__doc__)
    four.add_argument("--secs", type=int, default=fuzz.SECS)
    four.add_argument("--seed", type=int, default=0,
                      help="of the pseudo-random numbers; 0: the time")
    four.add_argument("--keep", metavar="FILE",
                      help="add an input that failed to the corpus")
    four.add_argument("--remark", default="once failed",
                      help="with --keep: what it is about")
    four.add_argument("--distil", action="store_true",
                      help="make the corpus anew from what was found")
    four.set_defaults(action=command_fuzz)
    five = commands.add_parser("coverage", help=command_coverage.__doc__)
    five.add_argument("prefix", nargs="?", default="",
                      help="of the scenarios, or kunit; everything without it")
    five.add_argument("--keep", action="store_true",
                      help="add to what was counted before")
    five.set_defaults(action=command_coverage)
    commands.add_parser("kunit", help=command_kunit.__doc__).set_defaults(
        action=command_kunit)
    commands.add_parser("matrix", help=command_matrix.__doc__).set_defaults(
        action=command_matrix)
    commands.add_parser("demo", help=command_demo.__doc__).set_defaults(
        action=command_demo)
    return parser


def main(argv):
    """Runs one command; returns the exit status."""
    args = _parser().parse_args(argv)
    try:
        return args.action(args)
    except say.Failure as error:
        say.give_up(error)
        return 1
    except KeyboardInterrupt:
        return 130
