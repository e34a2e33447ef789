# SPDX-License-Identifier: GPL-2.0
"""Jobs: a boot, where it runs, and what is read from it."""

from runner import say

from . import measure, memory, results, rows


class _Job:
    """What the kinds of jobs share."""

    def __init__(self, run, place):
        self.run = run
        self.place = place
        self.trouble = []	# why it failed, lines
        self.found = []		# results

    def execute(self, cache):
        """Runs the boot and reads its measurements."""
        say.note("%s: begins" % self.run.title)
        try:
            if not self.run.execute(cache, self.place):
                self.trouble += [row.strip() for row in self.run.report()
                                 if not row.strip().startswith("ok ")]
            self._read()
        except Exception as error:  # a broken bench must show as a failure
            self.trouble.append("%s: %s" % (type(error).__name__, error))
        say.note("%s: done in %.0f s" % (self.run.title, self.run.took))

    def _read(self):
        raise NotImplementedError

    def _add(self, name, read, *args):
        try:
            self.found.append(read(*args))
        except measure.Missing as error:
            self.trouble.append("%s: not measured (%s)" % (name, error))


class Rows(_Job):
    """Rows of packets, bytes and transactions."""

    def __init__(self, run, place, chosen, delays, exact):
        super().__init__(run, place)
        self.rows = chosen
        self.delays = delays
        self.exact = exact

    def _read(self):
        measured = measure.Boot(self.run.marks(), self.run.cannot(),
                                self.exact)
        for row in self.rows:
            for delay in rows.delays_of(row, self.delays):
                self._add(row.name, results.of_row, measured, row, delay,
                          self.run.channels, self.run.kernel.release)


class Memory(_Job):
    """What a device holds."""

    def __init__(self, run, place, names):
        super().__init__(run, place)
        self.names = names

    def _read(self):
        noted = self.run.noted("live")
        for name in self.names:
            self._add(name, memory.result, noted, name,
                      self.run.kernel.release)
