# SPDX-License-Identifier: GPL-2.0
"""make demo: the driver at work on a stock kernel, shown step by step."""

import os
import threading

from . import (build, cache as caches, images, launch, machine, matrix, running,
               say, scenario)

KERNEL = "6.12"
POLL_SECONDS = 0.3


class _Tail:
    """Prints a file's lines as they are written, until stopped."""

    def __init__(self, path):
        self.path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _follow(self):
        at, rest, last = 0, "", False
        while not last:
            last = self._stop.wait(POLL_SECONDS)
            try:
                with open(self.path, errors="replace") as stream:
                    stream.seek(at)
                    rest += stream.read().replace("\r", "")
                    at = stream.tell()
            except OSError:
                continue
            *rows, rest = rest.split("\n")
            for row in rows:
                if row != "# end":
                    say.line("    guest: " + row)


def _building(cache, kernel):
    """Returns the step that builds the module, as an installation would.

    That takes a Debian system of its own, which only root can make.
    """
    if os.geteuid() == 0:
        return ("building hv_netvsc.ko for Linux %s by DKMS, in a Debian of "
                "its own" % kernel.release, matrix.installed, cache, KERNEL)
    return ("building hv_netvsc.ko for Linux %s here (as root: by DKMS)"
            % kernel.release, build.module, kernel)


def command():
    """Runs the demonstration; returns the exit status."""
    steps = say.Steps(6)
    steps.run("Debian packages that are missing on this machine",
              machine.install, machine.BUILD_PACKAGES + machine.RUN_PACKAGES)
    cache = caches.Cache()
    steps.run("a stock kernel and the guest's tools, from Debian packages",
              lambda: (cache.kernel(KERNEL), cache.tools()))
    kernel = cache.kernel(KERNEL)
    hvhost = steps.run("building hvhost and the guest's tools",
                       lambda: (build.tools(), build.hvhost())[1])
    module = steps.run(*_building(cache, kernel))
    place = steps.run("looking where guests can run", launch.choose, cache,
                      hvhost)
    shown = scenario.Scenario(images.tests_file("demo"))
    run = running.GuestRun(shown, kernel, "ours", module)
    launch.clear(run.results)
    with _Tail(os.path.join(run.results, "console")):
        steps.run("booting Linux %s on hvhost with our hv_netvsc"
                  % kernel.release, run.execute, cache, place)
    for row in run.trouble:
        say.line("    " + row)
    good = run.passed()
    say.line("demo: %s" % ("all of it held" if good else "FAILED; see %s"
                           % os.path.relpath(run.results)))
    return 0 if good else 1
