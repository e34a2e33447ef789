# SPDX-License-Identifier: GPL-2.0
"""Which results Documentation/performance.rst shows as pictures."""

import os

from runner import machine

from . import memory, rows, svg

FOLDER = os.path.join(machine.TOP, "Documentation", "images")
DELAY = 20

# File, title, below the title, the metric, and the rows by how they begin.
PICTURES = (
    ("bench-transmit", "Transmit, host delay 20 us",
     "instructions per packet", "instructions", ("tx",)),
    ("bench-receive", "Receive, host delay 20 us",
     "instructions per packet", "instructions", ("rx",)),
    ("bench-xdp", "XDP and AF_XDP (in-tree: copy mode), host delay 20 us",
     "instructions per packet", "instructions", ("xdp", "afxdp")),
    ("bench-tcp", "TCP bulk, host delay 20 us",
     "instructions per KiB", "instructions", ("tcp_out", "tcp_in")),
    ("bench-rr", "TCP request-response, host delay 20 us",
     "instructions per transaction", "instructions", ("tcp_rr",)),
    ("bench-messages", "NVSP messages with data, host delay 20 us",
     "per packet", "nvsp_messages", ("tx",)),
    ("bench-signals", "Signals to the host, host delay 20 us",
     "per packet or transaction", "signals", ("tx", "rx", "tcp_rr")),
)

TITLES = {row.name: row.title for row in rows.ROWS}


def _values(one, metric):
    return {side: (one[side] or {}).get(metric) for side in ("ours", "intree")}


def _bars(found, metric, names):
    return [(TITLES[one["row"]], _values(one, metric)) for one in found
            if one["channels"] == 1 and one["delay_us"] >= DELAY and
            one["row"].startswith(names)]


def draw(found):
    """Returns {file name: SVG} of a full run's results."""
    drawn = {name + ".svg": svg.chart(title, unit, _bars(found, metric, names))
             for name, title, unit, metric, names in PICTURES}
    bars = [(memory.TITLES[one["row"]],
             {side: value / 1024 for side, value in
              _values(one, "bytes").items() if value is not None})
            for one in found if one["row"] in memory.TITLES]
    drawn["bench-memory.svg"] = svg.chart(
        "Memory of one device, beside buffers and rings", "KiB", bars)
    return drawn


def write(found):
    """Writes the pictures of a full run."""
    os.makedirs(FOLDER, exist_ok=True)
    for name, text in draw(found).items():
        with open(os.path.join(FOLDER, name), "w") as stream:
            stream.write(text)
