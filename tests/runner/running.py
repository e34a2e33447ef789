# SPDX-License-Identifier: GPL-2.0
"""Runs of scenarios: how one is executed, judged and reported."""

import glob
import json
import os
import shlex
import time

from . import images, launch, machine, say, scenario as scenarios

# Kept short for the emulation's sake: no self-tests, no mitigations. A machine
# that stands still for a while is no lock-up of the guest's.
COMMAND_LINE = ("console=ttyS0 panic=-1 quiet cryptomgr.notests=1 "
                "mitigations=off nokaslr watchdog_thresh=30 "
                "rcupdate.rcu_cpu_stall_timeout=60")


def patience():
    """The factor for all time limits, for machines that are slow or busy."""
    chosen = os.environ.get("HV_NETVSC_PATIENCE", "1")
    if not chosen.isdigit() or chosen == "0":
        raise say.Failure("HV_NETVSC_PATIENCE is not a number from 1")
    return int(chosen)


# Seconds that a seed, or a round, may take in the mean.
SECONDS_PER_SEED = 2
SECONDS_PER_ROUND = 8
EVERY_ATTACK = 0xffffffff


def number(name, default):
    """Returns a number of the environment, or what stands for it."""
    chosen = os.environ.get(name) or str(default)
    if not chosen.isdigit():
        raise say.Failure("%s is not a number" % name)
    return int(chosen)


def fresh():
    """Returns a first seed that no run had before: the time makes it."""
    return int(time.strftime("%Y%m%d%H%M", time.gmtime())) * 1000


def rounds(conf):
    """Returns what a scenario is told of its rounds, {} if it has none."""
    if conf["rounds"] == "0":
        return {}
    return {"SEED": number("SEED", fresh()),
            "ROUNDS": number("ROUNDS", conf["rounds"])}


def seeds(conf):
    """Returns what a scenario is told of its attacks, {} if it has none.

    Every run takes seeds that none had before, unless one is chosen.
    """
    if conf["seeds"] == "0":
        return {}
    values = {"SEED": number("SEED", fresh()),
              "SEEDS": number("SEEDS", conf["seeds"]),
              "MASK": number("MASK", EVERY_ATTACK)}
    if os.environ.get("ATTACKS"):
        values["ATTACKS"] = os.environ["ATTACKS"]
    return values


class Run:
    """What all runs share: how one is executed, judged and reported."""

    def __init__(self, scenario, title):
        self.scenario = scenario
        self.title = title
        self.results = os.path.join(machine.BUILD, "results",
                                    title.replace(" ", "-"))
        self.seeds = dict(seeds(scenario.conf), **rounds(scenario.conf))
        self.seconds = (int(scenario.conf["timeout"]) +
                        SECONDS_PER_SEED * self.seeds.get("SEEDS", 0) +
                        SECONDS_PER_ROUND * self.seeds.get("ROUNDS", 0)
                        ) * patience()
        self.took = 0.0
        self.repeated = False
        self.lines = []		# KTAP lines of the checks, unnumbered
        self.trouble = []	# why it failed, beside failed checks

    def _files(self, cache, folder):
        """Returns the job's files; folder takes those that are made."""
        raise NotImplementedError

    # Running and judging

    def execute(self, cache, place):
        """Runs it, once more if the emulator stopped; returns success."""
        with machine.scratch() as folder:
            files = self._files(cache, folder)
            self._attempt(place, files)
            if place.emulated and self._stopped_dead():
                self.repeated = True
                self._attempt(place, files)
        self._tidy()
        return self.passed()

    def _attempt(self, place, files):
        with launch.seat():
            launch.clear(self.results)
            began = time.monotonic()
            place.run(files, self.results, int(self.scenario.conf["memory"]),
                      self.seconds)
            self.took += time.monotonic() - began
        self.lines, self.trouble = [], []
        self._judge()

    def _text(self, name):
        try:
            with open(os.path.join(self.results, name),
                      errors="replace") as stream:
                return stream.read().replace("\r", "")
        except OSError:
            return ""

    def _judge(self):
        rows = self._text("console").splitlines()
        self.lines = [row for row in rows
                      if row.startswith(("ok - ", "not ok - ", "# "))]
        ended = "# end" in self.lines
        self.lines = [row for row in self.lines if row != "# end"]
        status = self._text("status").strip()
        if not status:
            self._blame("the machine around the guest did not finish",
                        "outer.log", "qemu.log")
        elif not ended:
            self._blame("the guest did not come to its end in %d s "
                        "(hvhost: status %s)" % (self.seconds, status),
                        "stderr", "serial", "console")
        elif status != "0" and (self._text("stderr").strip() or
                                not self._failed_checks()):
            self._blame("hvhost: status %s" % status, "stderr")
        elif not any(row.startswith("ok - ") for row in self.lines):
            self._blame("the scenario checked nothing")

    def _blame(self, why, *names):
        self.trouble.append(why)
        for name in names:
            tail = self._text(name).splitlines()[-15:]
            self.trouble += ["%s: %s" % (name, row) for row in tail]

    def _exits(self, name):
        """Returns each virtual CPU's exits to hvhost, by kind."""
        try:
            return [cpu["exits"] for cpu in
                    json.loads(self._text(name))["vcpus"]]
        except (ValueError, KeyError):
            return None

    def _stopped_dead(self):
        """Whether the guest as a whole stood still when its time ran out.

        Or the stock machine around it, which has limits of its own for all
        that a guest or hvhost may do, and which neither can stop.
        With a failed check before, it is a failure like any other.
        A living guest's heart beat makes exits, so two looks that show the
        same counts mean that no CPU of it ran any more.
        """
        if not self._text("status").strip():
            return not self._failed_checks()
        first, second = self._exits("hang-1.json"), self._exits("hang-2.json")
        return (first is not None and first == second and
                not self._failed_checks())

    def _tidy(self):
        if not self.passed():
            return
        for path in glob.glob(os.path.join(self.results, "*.pcap")):
            os.unlink(path)
        for name in os.listdir(self.results):
            path = os.path.join(self.results, name)
            if not os.path.getsize(path):
                os.unlink(path)

    def _failed_checks(self):
        return [row for row in self.lines if row.startswith("not ok - ")]

    def passed(self):
        """Whether all of it held."""
        return not self.trouble and not self._failed_checks()

    def report(self):
        """Returns its KTAP lines, the numbered checks nested in it."""
        rows, number = [], 0
        for row in self.lines:
            if not row.startswith("#"):
                number += 1
                row = row.replace("ok - ", "ok %d " % number, 1)
            rows.append("  " + row)
        rows.insert(0, "  1..%d" % number)
        rows += ["  # " + row for row in self.trouble]
        if self.repeated:
            rows.append("  # run again: the guest had stopped dead as a "
                        "whole, a known fault of the emulation")
        if not self.passed():
            rows.append("  # kept: %s" % os.path.relpath(self.results))
        return rows


class GuestRun(Run):
    """One scenario on one kernel with one driver."""

    def __init__(self, scenario, kernel, driver, module=None):
        super().__init__(scenario, "%s %s %s" % (scenario.name,
                                                 kernel.release, driver))
        self.kernel = kernel
        self.driver = driver
        self.module = module

    def _argv(self):
        conf = self.scenario.conf
        words = ["--cpus", conf["cpus"], "--memory", conf["memory"],
                 "--append", " ".join([COMMAND_LINE] + conf["append"].split())]
        words += shlex.split(conf["host"])
        for number, nic in enumerate(self._nics()):
            parts = [nic] if nic else []
            if "backend=" not in nic:
                parts.append("backend=tap:ifname=tap%d" % number)
            if self.driver == "ours":
                parts.append("header-page=on")
            if conf["capture"] == "yes":
                parts.append("pcap=nic%d.pcap" % number)
            words += ["--nic", ";".join(parts)]
        return "".join(word + "\n" for word in words)

    def _nics(self):
        return self.scenario.conf["nic"] or [""]

    def _guest_env(self):
        conf = self.scenario.conf
        times = int(conf["times"])
        values = {"DRIVER": self.driver, "KERNEL": self.kernel.series,
                  "NICS": len(self._nics()), "CPUS": conf["cpus"],
                  "LOG_EXPECTED": conf["log-expected"], "TIMES": times,
                  "NIC": self._nics()[0], "HOST_OPTIONS": conf["host"]}
        values.update(self.seeds)
        if times:
            values["SHA256"] = scenarios.data_hash(times)
        return "".join("%s=%s\n" % (key, shlex.quote(str(value)))
                       for key, value in values.items())

    def _files(self, cache, folder):
        """Returns the job's files; folder takes those that are made."""
        conf = self.scenario.conf
        inside = {"scenario/guest.sh": self.scenario.script("guest.sh"),
                  "scenario/env": self._guest_env()}
        files = {"kernel": self.kernel.image, "argv": self._argv().encode(),
                 "env": ("NICS=%d\nTIMEOUT=%d\n" % (
                     len(self._nics()), self.seconds)).encode()}
        if self.scenario.script("host.sh"):
            files["host.sh"] = self.scenario.script("host.sh")
        if int(conf["times"]):
            inside["data"] = files["data"] = scenarios.data_file()
        if conf["image"] == "yes":
            inside["kernel"] = self.kernel.image
        own = {"hv_netvsc": self.module} if self.module else {}
        initrd = os.path.join(folder, "%s.cpio" % self.title.replace(" ", "-"))
        images.guest(cache, self.kernel,
                     conf["modules"].split() + ["hv_netvsc"], own, inside,
                     initrd, conf["programs"].split())
        files["initrd"] = initrd
        return files


class HostRun(Run):
    """A scenario without a guest: its host.sh alone, where hvhost can run."""

    def __init__(self, scenario):
        super().__init__(scenario, scenario.name)

    def _files(self, cache, folder):
        kernel = cache.kernel(launch.OUTER_SERIES)
        return {"kernel": kernel.image, "host.sh":
                self.scenario.script("host.sh"),
                "env": b"NICS=0\nALONE=yes\n"}
