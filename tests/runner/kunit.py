# SPDX-License-Identifier: GPL-2.0
"""make kunit: the KUnit suites on the debug kernel, in an emulated machine.

No hvhost is needed: the suites bring the host that they talk to. The guest
loads the driver and the suites, and writes what came of it to a serial port.

The host of one suite means harm, by seed; every run takes seeds that none had
before. The environment can choose: SEED, SEEDS, SUITE for one suite alone, and
CPUS: some suites want the four that there are by default, but a campaign of seeds
takes less time with two.
"""

import glob
import os
import re
import sys
import time

from . import build, cpio, debug, images, ktap, launch, machine, running, say

SECONDS = 900
SECONDS_PER_SEED = 2
SEEDS = 200
PROCESSORS = 4
MEMORY = 1024
COMMAND_LINE = ("console=ttyS0 panic=-1 oops=panic quiet nokaslr reboot=t "
                "kmemleak=on rcupdate.rcu_expedited=1 "
                "rcupdate.rcu_cpu_stall_timeout=60")
# What the checkers of the kernel begin their reports with.
REPORT = re.compile(
    r"KASAN|UBSAN|WARNING|BUG|ODEBUG|Oops|general protection|"
    r"deadlock|lockdep|locking bug|suspicious RCU|lock held|refcount_t|"
    r"kmemleak: \d+ new|INFO: task|soft lockup|leaked reference|"
    r"waiting for \S+ to become free|DEBUG_LOCKS|list_(add|del) corruption|"
    r"scheduling while atomic|sleeping function|Kernel panic")
STARTED = re.compile(r"Run /init as init process")
SUITE = re.compile(r"^\t\.name = \"(hv_netvsc_\w+)\",$", re.M)


def _image(cache, modules, path):
    """Writes the guest's initramfs."""
    archive = cpio.Archive()
    archive.nodes()
    for name in ("proc", "sys", "dev", "tmp", "run"):
        archive.directory(name)
    archive.file("bin/busybox", os.path.join(cache.tools(), "bin/busybox"))
    for applet in images.APPLETS:
        archive.link("bin/" + applet, "busybox")
    archive.file("init", images.tests_file("guest/kunit-init"), 0o755)
    archive.file("coverage.sh", images.tests_file("guest/coverage.sh"))
    for module in modules:
        archive.file("modules/" + os.path.basename(module), module)
    archive.write(path)


def _chosen():
    """Returns the suite that alone is to run, or None."""
    return os.environ.get("SUITE") or None


def seeds():
    """Returns the first seed of the hostile host, and how many there are."""
    return (running.number("SEED", running.fresh()),
            running.number("SEEDS", SEEDS))


def _words():
    """Returns what the kernel is told of the suites."""
    words = " hv_netvsc_kunit.seed=%d hv_netvsc_kunit.seeds=%d" % seeds()
    if _chosen():
        words += " kunit.filter_glob=" + _chosen()
    return words


def _argv(kernel, initrd, results):
    # One thread: with more, a kernel that patches its own code fails under
    # this emulation. Several processors all the same, for as many channels.
    return ["qemu-system-x86_64", "-nodefaults", "-display", "none",
            "-accel", "tcg,thread=single",
            "-smp", str(running.number("CPUS", PROCESSORS)),
            "-cpu", "max,erms=off,fsrm=off", "-m", str(MEMORY), "-no-reboot",
            "-kernel", kernel.image, "-initrd", initrd,
            "-append", COMMAND_LINE + launch.clock() + _words(),
            "-serial", "file:" + os.path.join(results, "console"),
            "-serial", "file:" + os.path.join(results, "output")]


def sections(text):
    """Returns {heading: text} of what the guest wrote."""
    found = {}
    for part in re.split(r"(?m)^@ ", text)[1:]:
        heading, _, rest = part.partition("\n")
        found[heading.strip()] = rest
    return found


def run(cache, kernel, modules):
    """Runs the guest; returns its sections."""
    results = os.path.join(machine.BUILD, "results", "kunit")
    launch.clear(results)
    with machine.scratch() as folder:
        initrd = os.path.join(folder, "initrd")
        _image(cache, modules, initrd)
        with launch.seat(), \
                open(os.path.join(results, "qemu.log"), "wb") as log:
            launch.limited(_argv(kernel, initrd, results), log,
                           (SECONDS + SECONDS_PER_SEED * seeds()[1]) *
                           running.patience())
    with open(os.path.join(results, "output"), errors="replace") as stream:
        found = sections(stream.read().replace("\r", ""))
    if "end" not in found:
        with open(os.path.join(results, "console"),
                  errors="replace") as stream:
            tail = stream.read().splitlines()[-40:]
        raise say.Failure("the guest did not come to its end; kept: %s\n%s"
                          % (os.path.relpath(results), "\n".join(tail)))
    return found


def names():
    """Returns the names of all suites, as their sources have them."""
    found = []
    for path in sorted(glob.glob(os.path.join(machine.TOP,
                                              "kunit/*_kunit.c"))):
        with open(path) as stream:
            found += SUITE.findall(stream.read())
    if not found:
        raise say.Failure("kunit/ has no suite")
    return [_chosen()] if _chosen() in found else found


def _leaves(point):
    return sum(_leaves(one) for one in point.points) if point.points else 1


def _rows(point):
    """Returns what is worth showing of a point that failed."""
    rows = ["  # " + note for note in point.notes]
    for one in point.points:
        if not one.success:
            rows += ["  # parameter: " + one.name]
            rows += ["  # " + note for note in one.notes]
    return rows


def _suite_points(score, name, text):
    """Counts the cases of one suite; a case with parameters is one point."""
    try:
        points = ktap.parse(text)
    except ktap.Bad as error:
        score.result("%s: results" % name, False, 0, ["  # %s" % error])
        return
    if len(points) != 1 or points[0].name != name or not points[0].points:
        score.result("%s: results" % name, False, 0,
                     ["  # they are not those of this suite"])
        return
    for case in points[0].points:
        title = "%s: %s" % (name, case.name)
        if len(case.points) > 1:
            title += " (%d parameters)" % len(case.points)
        if case.skip is not None:
            score.skip(title, case.skip)
        else:
            score.result(title, case.success, 0,
                         [] if case.success else _rows(case))
    say.line("# %s: %d cases, %d with each parameter counted"
             % (name, len(points[0].points), _leaves(points[0])))


def reports(log):
    """Returns the lines of a kernel log in which a checker reports."""
    rows = log.splitlines()
    for number, row in enumerate(rows):
        if STARTED.search(row):
            rows = rows[number:]
            break
    first = [number for number, row in enumerate(rows) if REPORT.search(row)]
    return rows[first[0]:first[0] + 60] if first else []


def _expect(condition, why):
    if not condition:
        raise say.Failure(why)


def _stock_parser(kernel, name, text):
    """Lets the kernel's own parser read one suite's results."""
    path = os.path.join(machine.build_dir("results", "kunit"), name + ".ktap")
    with open(path, "w") as stream:
        stream.write(text)
    say.run([sys.executable, "-B", kernel.parser, "parse", path])


def _machine_points(score, kernel, found):
    """What the run as a whole has to show."""
    load, unload = found["load"], found.get("unload", "")
    score.point("both modules load", _expect,
                "loaded hv_netvsc\n" in load and
                "loaded hv_netvsc_kunit\n" in load, load)
    score.point("both modules unload", _expect,
                "unloaded hv_netvsc\n" in unload and
                "unloaded hv_netvsc_kunit\n" in unload, unload)
    log = reports(found.get("log", ""))
    score.point("the kernel's checkers report nothing", _expect, not log,
                "\n".join(log))
    leaks = (found.get("leaks", "") + found.get("leaks-after", "")).strip()
    score.point("no memory is lost", _expect, not leaks, leaks)
    score.point("the kernel's own parser finds no failure", lambda: [
        _stock_parser(kernel, name, found["results " + name])
        for name in names() if "results " + name in found])


def points(score, cache):
    """Builds and runs all suites, and counts what came of it."""
    kernel = score.point("Linux debug: image and build tree", cache.kernel,
                         debug.SERIES)
    modules = kernel and score.point("build %s: the suites, W=1, no warning"
                                     % kernel.release, build.kunit_modules,
                                     kernel)
    if not modules:
        return
    began = time.monotonic()
    found = score.point("the guest comes to its end", run, cache, kernel,
                        modules)
    if not found:
        return
    for name in names():
        _suite_points(score, name, found.get("results " + name, ""))
    _machine_points(score, kernel, found)
    say.note("all suites ran in %.1f s" % (time.monotonic() - began))
