# SPDX-License-Identifier: GPL-2.0
"""make check: everything that can be known without a Windows host."""

import glob
import os
import sys

from . import (arm64, build, face, fuzz, images, install, kunit, machine,
               matrix, running, say, scenario, static, suite, texts)

# The series whose kernels the guests boot, and those that this machine's own
# sparse reads along with.
BOOTED = ("5.10", "6.1", "6.12", "7")
SPARSE = ("6.12", "6.1")
QUICK = ("6.12",)


def _shell_syntax():
    paths = [path for path in glob.glob(images.tests_file("**"),
                                        recursive=True)
             if path.endswith(".sh") or os.path.basename(path) == "init"]
    paths += glob.glob(os.path.join(machine.TOP, "bench/*.sh"))
    paths += [path for path in glob.glob(os.path.join(machine.TOP,
                                                      "packaging/*"))
              if os.access(path, os.X_OK) and os.path.isfile(path)]
    for path in paths + [os.path.join(machine.TOP, ".ci/run")]:
        say.run(["sh", "-n", path])


def _runner_tests():
    say.run([sys.executable, "-B", "-m", "unittest", "discover", "-s",
             images.tests_file(), "-p", "*_test.py"])


def _make(folder):
    say.run(["make", "-s", "-j2", "-C", os.path.join(machine.TOP, folder),
             "test"], log=os.path.join(machine.build_dir(),
                                       folder.replace("/", "-") + ".log"))


def _unit_points(score):
    score.point("runner: shell scripts parse", _shell_syntax)
    score.point("runner: unit tests", _runner_tests)
    score.point("hvhost: unit tests", _make, "hvhost")
    score.point("driver: unit tests of the codec", _make, "tests/unit")


def _quick_modules(score, cache, series):
    """Builds the module here for each series; returns {series: path or None}.
    """
    built = {}
    for name in series:
        kernel = score.point("Linux %s: image and headers" % name,
                             cache.kernel, name)
        if not kernel:
            built[name] = None
            continue
        _strict(score, kernel)
        built[name] = score.point("build %s" % kernel.release, build.module,
                                  kernel)
        _names(score, kernel, built[name])
    return built


def _names(score, kernel, module):
    if module:
        score.point("names in the module for %s" % kernel.release,
                    face.check, module)


def _strict(score, kernel):
    score.point("build %s: W=1 and sparse, no warning" % kernel.release,
                build.module, kernel, True)


def _modules(score, cache):
    """Builds the module for every kernel; returns {series: path or None}."""
    kernels = {name: score.point("Linux %s: image and headers" % name,
                                 cache.kernel, name) for name in BOOTED}
    for name in SPARSE:
        if kernels[name]:
            _strict(score, kernels[name])
    built = matrix.points(score, cache)
    for name in BOOTED:
        _names(score, kernels[name], built.get(name))
    arm64.points(score, cache)
    return {name: built.get(name) for name in BOOTED}


def _static_points(score, cache, quick):
    try:
        kernel = cache.kernel(QUICK[0])
    except say.Failure:
        kernel = None	# the matrix has complained already
    static.check(score, cache, kernel, quick)
    texts.check(score)


def _install_points(score, cache, thorough):
    score.point("packages: lintian", install.lint)
    install.run_all(install.runs(scenario.everything(), thorough), cache,
                    score)


def _scenario_runs(score, cache, built, quick, thorough):
    runs = []
    for one in scenario.everything():
        if quick and one.conf["quick"] != "yes":
            continue
        if one.conf["kind"] == "root":
            continue
        if one.conf["kind"] == "host":
            runs.append(running.HostRun(one))
            continue
        for series, driver in one.matrix(thorough):
            if quick and series not in built:
                continue
            title = "%s %s %s" % (one.name, series, driver)
            try:
                kernel = cache.kernel(series)
            except say.Failure as error:
                score.result(title, False, 0, ["  # %s" % error])
                continue
            if driver == "ours" and series not in built:
                built[series] = score.point("build %s" % kernel.release,
                                            build.module, kernel)
            if driver == "ours" and one.conf["skip-ours"]:
                score.skip(title, one.conf["skip-ours"])
            elif driver == "ours" and not built.get(series):
                score.result(title, False, 0, ["  # the module did not build"])
            else:
                module = built[series] if driver == "ours" else None
                runs.append(running.GuestRun(one, kernel, driver, module))
    return runs


def _bench_point(score):
    """One short measurement: whether it can be made, not what it says."""
    score.point("bench: one row", say.run,
                [sys.executable, "-B", os.path.join(machine.TOP, "bench/run"),
                 "--quick", "tx64_burst1"],
                os.path.join(machine.build_dir(), "bench.log"))


def command(prepared, quick=False, thorough=False):
    """Runs the checks; prepared() returns (cache, place)."""
    steps = say.Steps(5 if quick else 9)
    cache, place = steps.run("machine, cache and test host", prepared)
    score = suite.Score()
    steps.run("unit tests", _unit_points, score)
    if quick:
        built = steps.run("the module for one kernel", _quick_modules, score,
                          cache, QUICK)
    else:
        built = steps.run("the module for the kernel matrix", _modules, score,
                          cache)
    steps.run("static checks", _static_points, score, cache, quick)
    if not quick:
        steps.run("installing", _install_points, score, cache, thorough)
        steps.run("fuzz", fuzz.check, score)
    runs = _scenario_runs(score, cache, built, quick, thorough)
    steps.run("%d scenario runs, %d at a time" % (len(runs), suite.at_once()),
              suite.run_all, runs, cache, place, score)
    if not quick:
        steps.run("KUnit on the debug kernel", kunit.points, score, cache)
        steps.run("bench", _bench_point, score)
    return score.finish()
