# SPDX-License-Identifier: GPL-2.0
"""Results as a table of text."""

from . import results

HEAD = ("row", "us", "ch", "ours", "in-tree", "ratio", "spread",
        "messages", "publishes", "signals", "interrupts")
PAIRS = ("nvsp_messages", "publishes", "signals", "interrupts")


def _number(value):
    if value is None:
        return "n/a"
    if abs(value) >= 100:
        return "%d" % round(value)
    return "%.3g" % value


def _of(found, side, name):
    return _number((found[side] or {}).get(name))


def _pair(found, name):
    ours, intree = _of(found, "ours", name), _of(found, "intree", name)
    return "" if ours == intree == "n/a" else "%s / %s" % (ours, intree)


def _spread(found):
    values = [value for value in found["spread"].values() if value is not None]
    if not values:
        return ""
    mark = " !" if results.apart(found) else ""
    return "%.1f %%%s" % (100 * max(values), mark)


def cells(found):
    """Returns the cells of a result's line."""
    first = next(iter(found["metric"]), None)
    if first not in ("instructions", "bytes"):
        first = None
    ratio = (found["ratio"] or {}).get(first)
    return [found["row"], str(found["delay_us"]), str(found["channels"]),
            _of(found, "ours", first) if first else "",
            _of(found, "intree", first) if first else "",
            "" if not first else "n/a" if ratio is None else "%.2f" % ratio,
            _spread(found)] + [_pair(found, name) for name in PAIRS]


def text(found):
    """Returns the lines of the table of some results."""
    lines = [list(HEAD)] + [cells(one) for one in found]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    return ["  ".join([line[0].ljust(widths[0])] + [
        cell.rjust(width) for cell, width in zip(line[1:], widths[1:])])
            for line in lines]
