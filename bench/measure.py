# SPDX-License-Identifier: GPL-2.0
"""From marks to measurements: what lies between two of them."""

from . import rows

# Of a NIC's channels in hvhost's counters: our name, and where it is there.
COUNTS = (
    ("nvsp_messages", ("tx", "messages")),
    ("rx_completions", ("rx_completions",)),
    ("publishes", ("publishes",)),
    ("rx_completion_publishes", ("rx_completion_publishes",)),
    ("signals", ("signals_from_guest",)),
    ("interrupts", ("signals_to_guest",)),
    ("ring_bytes", ("ring_bytes",)),
)


class Missing(Exception):
    """A measurement that the guest did not make."""


def _value(channel, path):
    for name in path:
        channel = channel[name]
    return channel


def _channels(mark, nic):
    return mark["counters"]["nics"][str(nic)]["channels"]


class Window:
    """What lies between the two marks of a label."""

    def __init__(self, marks, label):
        try:
            self.first = marks[label + ".b"]
            self.last = marks[label + ".e"]
        except KeyError:
            raise Missing(label)

    def instructions(self):
        """Returns the CPU time of the guest's processors."""
        return (sum(cpu["cpu_time_ns"] for cpu in
                    self.last["counters"]["vcpus"]) -
                sum(self.first["cpu_time_after_ns"]))

    def frames(self, nic, way):
        """Returns {channel: frames} of one way, "tx" or "rx"."""
        before = _channels(self.first, nic)
        return {int(name): one[way]["frames"] -
                (before[name][way]["frames"] if name in before else 0)
                for name, one in _channels(self.last, nic).items()}

    def counts(self, nic):
        """Returns {our name: difference} over all channels of a NIC."""
        found = {}
        for name, path in COUNTS:
            found[name] = sum(
                sum(sign * _value(one, path)
                    for one in _channels(mark, nic).values())
                for mark, sign in ((self.last, 1), (self.first, -1)))
        return found


def _mean(values):
    return sum(values) / len(values)


class Boot:
    """All measurements of one boot."""

    def __init__(self, marks, cannot, exact):
        self.marks = marks
        self.cannot = cannot
        self.exact = exact	# time is instructions

    def _base(self, row, driver):
        """Returns what of the cost is not the driver's."""
        labels = [rows.dummy_label(row, driver, run) or
                  rows.nothing_label(driver, run) for run in rows.RUNS]
        return _mean([Window(self.marks, label).instructions()
                      for label in labels])

    def one(self, row, delay, driver, run):
        """Returns {metric: per unit} of one run; None if there is no such.

        Raises Missing.
        """
        label = rows.label(row, delay, driver, run)
        if label in self.cannot:
            return None
        window = Window(self.marks, label)
        found = {}
        if self.exact:
            found["instructions"] = (window.instructions() -
                                     self._base(row, driver)) / row.count
        for name, value in window.counts(row.nic).items():
            found[name] = value / row.count
        return found

    def spread(self, row, delay, driver, run):
        """Returns [[frames out per channel], [frames in per channel]]."""
        label = rows.label(row, delay, driver, run)
        if label in self.cannot:
            return None
        window = Window(self.marks, label)
        return [[count for _, count in sorted(
            window.frames(row.nic, way).items())] for way in ("tx", "rx")]
