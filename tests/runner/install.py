# SPDX-License-Identifier: GPL-2.0
"""The install- scenarios: packages and DKMS on fresh Debian systems."""

import contextlib
import glob
import os
import re
import shlex
import tempfile
import time

from . import images, launch, machine, roots, running, say, texts

# The kernels on which it is installed: one, and another to upgrade to. They are
# two flavours of the newest of a series: a mirror keeps no older ones for long,
# and another series may ask for more than a release has.
KERNELS = {
    "bullseye": (r"^linux-headers-5\.10\.0-[0-9]+-cloud-amd64$",
                 r"^linux-headers-5\.10\.0-[0-9]+-amd64$"),
    "bookworm": (r"^linux-headers-6\.1\.0-[0-9]+-cloud-amd64$",
                 r"^linux-headers-6\.1\.0-[0-9]+-amd64$"),
    "trixie": (r"^linux-headers-6\.12\.[0-9]+\+deb13-cloud-amd64$",
               r"^linux-headers-6\.12\.[0-9]+\+deb13-amd64$"),
}


def _next(number):
    return number + ".1"


@contextlib.contextmanager
def _package(kind, number):
    """A directory with a package of that version, made in it."""
    with tempfile.TemporaryDirectory(prefix="package-",
                                     dir=machine.build_dir()) as aside:
        into = os.path.join(aside, kind)
        say.run([os.path.join(machine.TOP, "packaging/build-" + kind)],
                env=dict(os.environ, VERSION=number, INTO=into))
        yield into


def packages():
    """Makes the packages of this version and of one after it.

    Returns the directory that holds them.
    """
    machine.install(machine.PACKAGING_PACKAGES)
    into = machine.build_dir("packages")
    for number in (texts.version(), _next(texts.version())):
        for kind in ("deb", "rpm"):
            with _package(kind, number) as made:
                for path in (glob.glob(os.path.join(made, "*.deb")) +
                             glob.glob(os.path.join(made, "noarch/*.rpm"))):
                    os.replace(path, os.path.join(into,
                                                  os.path.basename(path)))
    return into


def lint():
    """Lets lintian read the Debian packages, source and binary."""
    machine.install(machine.PACKAGING_PACKAGES)
    with _package("deb", texts.version()) as made:
        text = say.run(["sh", "-c", "lintian --allow-root -EI %s/*.changes "
                        "2>&1 || :" % shlex.quote(made)])
    bad = [row for row in text.splitlines() if re.match(r"[EWI]: ", row)]
    if bad:
        raise say.Failure("\n".join(bad))


def kernels(cache, suite):
    """Returns the releases [first, second] of a Debian release's kernels."""
    return [cache.release("install %s %d" % (suite, number), suite, pattern)
            for number, pattern in enumerate(KERNELS[suite])]


def _of_kernel(release):
    return ["linux-image-" + release, "linux-headers-" + release]


class RootRun(running.Run):
    """One scenario in one Debian system."""

    def __init__(self, scenario, suite):
        super().__init__(scenario, "%s %s" % (scenario.name, suite))
        self.suite = suite

    def _words(self, first, second):
        return ["FIRST=" + first, "SECOND=" + second,
                "VERSION=" + texts.version(), "NEXT=" + _next(texts.version())]

    def _job(self):
        script = self.scenario.script("root.sh")
        return ["sh", "-c", ". /tests/lib.sh; . /scenario/%s; echo '# end'"
                % os.path.basename(script)]

    def execute(self, cache, place):
        """Runs it; returns success. No guest, so no place is needed."""
        launch.clear(self.results)
        began = time.monotonic()
        first, second = kernels(cache, self.suite)
        root = roots.layer(cache, self.suite, _of_kernel(first) +
                           self.scenario.conf["packages"].split(),
                           _of_kernel(second))
        binds = [(images.tests_file("root"), "/tests"),
                 (self.scenario.folder, "/scenario"), (machine.TOP, "/src"),
                 (machine.build_dir("packages"), "/packages")]
        try:
            root.run(self._words(first, second) + self._job(), binds,
                     log=os.path.join(self.results, "console"),
                     seconds=self.seconds)
        except say.Failure as error:
            self.trouble.append(str(error))
        self.took = time.monotonic() - began
        self._judge()
        return self.passed()

    def _judge(self):
        rows = self._text("console").splitlines()
        self.lines = [row for row in rows
                      if row.startswith(("ok - ", "not ok - ", "# "))]
        if "# end" not in self.lines:
            self._blame("the script did not come to its end", "console")
        self.lines = [row for row in self.lines if row != "# end"]


def runs(scenarios, thorough, chosen=""):
    """Returns the runs of those scenarios that are of kind "root".

    chosen is the one Debian release to do, if not all.
    """
    return [RootRun(one, suite) for one in scenarios
            if one.conf["kind"] == "root"
            for suite in one.releases(thorough) if chosen in ("", suite)]


def run_all(chosen, cache, score):
    """Makes the packages and executes the runs, one after the other.

    Each of them keeps all processors busy.
    """
    if not chosen:
        return
    try:
        roots.needed()
        packages()
    except say.Failure as error:
        for run in chosen:
            score.result(run.title, False, 0, ["  # %s" % error])
        return
    for run in chosen:
        success = run.execute(cache, None)
        score.result(run.title, success, run.took, run.report())
