# SPDX-License-Identifier: GPL-2.0
"""A boot of the guest in which both drivers are measured."""

import copy
import json
import os

from runner import build, images, machine, modules, running, scenario

TOOLS = ("load", "live")
FOLDER = os.path.join(machine.TOP, "bench")


class Boot(running.GuestRun):
    """One guest with both drivers.

    channels is its number of processors; nics, if given, stand in for those of
    bench/scenario.conf.
    """

    def __init__(self, kernel, module, plan, channels, name, nics=None):
        conf = scenario.Scenario(FOLDER)
        conf.conf = copy.deepcopy(conf.conf)
        conf.conf["cpus"] = str(channels)
        if nics:
            conf.conf["nic"] = nics
        super().__init__(conf, kernel, "both", module)
        self.title = "bench-%s %s" % (name, kernel.release)
        self.results = os.path.join(machine.BUILD, "results",
                                    self.title.replace(" ", "-"))
        self.plan = plan
        self.channels = channels

    def _argv(self):
        # The service thread takes the processor when it is due, as if it had its
        # own; it does not wait for the end of the guest's time slice.
        return super()._argv() + "--marks\nmarks\n--service\nurgent\n"

    def _env(self):
        """Returns what guest.sh must know: NICs, the one with a peer."""
        nics = self._nics()
        present = [str(number) for number, nic in enumerate(nics)
                   if "present=off" not in nic]
        peer = "10.77.%d.1" % nics.index("") if "" in nics else ""
        return self._guest_env() + (
            "HEARTBEAT=no\nNIC_NUMBERS='%s'\nECHO_ADDRESS=%s\n"
            % (" ".join(present), peer))

    def _inside(self, folder):
        """Returns what is in the guest's archive beside its modules."""
        found = modules.Modules(self.kernel)
        path = os.path.join(folder, "intree.ko")
        with open(path, "wb") as stream:
            stream.write(modules.read(found.paths["hv_netvsc"]))
        inside = {"bin/" + name: build.bench_tool(name) for name in TOOLS}
        return dict(inside, **{
            "modules/ours.ko": self.module, "modules/intree.ko": path,
            "scenario/guest.sh": self.scenario.script("guest.sh"),
            "scenario/env": self._env(),
            "scenario/plan": "".join(row + "\n" for row in self.plan)})

    def _files(self, cache, folder):
        names = self.scenario.conf["modules"].split()
        with open(self.module, "rb") as stream:
            names += modules.dependencies(stream.read())
        found = modules.Modules(self.kernel)
        names += modules.dependencies(modules.read(found.paths["hv_netvsc"]))
        initrd = os.path.join(folder, "guest.cpio")
        images.guest(cache, self.kernel, names, {}, self._inside(folder),
                     initrd)
        return {"kernel": self.kernel.image, "initrd": initrd,
                "argv": self._argv().encode(),
                "load": build.bench_tool("load"),
                "host.sh": self.scenario.script("host.sh"),
                "env": ("NICS=%d\nTIMEOUT=%d\nHALT_POLL_NS=0\nLOOKS=\n" % (
                    len(self._nics()), self.seconds)).encode()}

    def marks(self):
        """Returns {label: mark} of what the host wrote down."""
        found = {}
        for row in self._text("marks").splitlines():
            one = json.loads(row)
            found[one["mark"]] = one
        return found

    def noted(self, word):
        """Returns [words] of each comment of the guest that begins so."""
        rows = [row.split() for row in self.lines
                if row.startswith("# %s " % word)]
        return [row[2:] for row in rows]

    def cannot(self):
        """Returns the labels that the driver has no means for."""
        return {row[0] for row in self.noted("cannot:")}
