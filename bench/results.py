# SPDX-License-Identifier: GPL-2.0
"""Results: one object per row, host delay and channel count.

Their members are explained in Documentation/performance.rst.
"""

import json

from . import rows

AGREE = 0.01		# two runs of one driver differ by no more


def _mean(runs):
    return {name: sum(run[name] for run in runs) / len(runs)
            for name in runs[0]}


def _spread(runs):
    """Returns how far runs are apart in their first metric, or None."""
    values = [next(iter(run.values())) for run in runs]
    middle = sum(values) / len(values)
    return (max(values) - min(values)) / abs(middle) if middle else None


def _ratio(ours, intree):
    if not ours or not intree:
        return None
    return {name: ours[name] / intree[name] if intree[name] else None
            for name in ours}


def made(head, unit, runs, exact):
    """Returns a result's object.

    head has its first members; runs is {driver: [{metric: number} or None]}.
    Without exact the spread says nothing.
    """
    have = {driver: None not in found for driver, found in runs.items()}
    means = {driver: _mean(found) if have[driver] else None
             for driver, found in runs.items()}
    names = next((mean for mean in means.values() if mean), {})
    return dict(head, metric={name: unit for name in names},
                ours=means["ours"], intree=means["intree"],
                ratio=_ratio(means["ours"], means["intree"]),
                runs=len(rows.RUNS),
                spread={driver: _spread(found) if have[driver] and exact
                        else None for driver, found in runs.items()})


def of_row(boot, row, delay, channels, kernel):
    """Returns a row's object from the measurements of one boot."""
    head = {"row": row.name, "delay_us": delay, "channels": channels,
            "kernel": kernel}
    found = made(head, "per " + row.unit, {
        driver: [boot.one(row, delay, driver, run) for run in rows.RUNS]
        for driver in rows.DRIVERS}, boot.exact)
    if channels > 1:
        found["frames_per_channel"] = {
            driver: boot.spread(row, delay, driver, rows.RUNS[-1])
            for driver in rows.DRIVERS}
    return found


def apart(found):
    """Returns the drivers whose runs did not agree."""
    return [driver for driver, spread in found["spread"].items()
            if spread is not None and spread > AGREE]


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, float):
        return float("%.6g" % value)
    return value


def as_text(found):
    """Returns the text of results.json, an object a line."""
    return "[\n%s\n]\n" % ",\n".join(json.dumps(_rounded(one))
                                     for one in found)
