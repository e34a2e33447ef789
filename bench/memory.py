# SPDX-License-Identifier: GPL-2.0
"""Memory rows: what one device holds, by the kernel's allocation events.

bench/live.c names each place that still holds memory. The buffers that guest and
host share, and the rings, are left out by their place.
"""

from . import measure, results, rows

NICS = ["backend=source:size=64,asked=1,flows=64;queues=%d;present=off" % count
        for count in (1, 8)]
CHANNELS = (1, 8)
PROCESSORS = 8
ROWS = tuple("mem_%dch" % count for count in CHANNELS)
TITLES = {name: "%d channel%s" % (count, "s" if count > 1 else "")
          for name, count in zip(ROWS, CHANNELS)}

# Functions of either driver that get the shared buffers, and how they do it.
BUFFER_PLACES = ("netvsc_init_buf", "netvsc_device_add", "nvb_buffer_alloc")
BUFFER_ALLOCATOR = "__vmalloc_node_range"
# In hv_vmbus: the pages of a channel's two rings.
RING_ALLOCATOR = "vmbus_alloc_ring"


def label(name, driver, run):
    """Returns what a measurement is called."""
    return "%s.%s.%d" % (name, driver, run)


def plan(chosen):
    """Returns the plan's lines for the chosen rows."""
    lines = []
    for run in rows.RUNS:
        for driver in rows.DRIVERS:
            lines.append("load %s" % driver)
            lines += ["memory %s %d %d" % (label(name, driver, run), nic,
                                           CHANNELS[nic])
                      for nic, name in enumerate(ROWS) if name in chosen]
            lines.append("unload %s" % driver)
    return lines


def _left_out(place, allocator):
    return (RING_ALLOCATOR in allocator or
            place in BUFFER_PLACES and BUFFER_ALLOCATOR in allocator)


def summed(places):
    """Returns {metric: number} of a device's places.

    places is [(bytes, count, order, place, allocator)].
    """
    own = [row for row in places if not _left_out(row[3], row[4])]
    return {"bytes": sum(row[0] for row in own),
            "allocations": sum(row[1] for row in own),
            "largest_order": max((row[2] for row in own), default=0)}


def read(noted, name, driver, run):
    """Returns the places that the guest noted; raises measure.Missing."""
    wanted = label(name, driver, run)
    found = [(int(row[1]), int(row[2]), int(row[3]), row[4],
              row[5] if len(row) > 5 else "")
             for row in noted if row[0] == wanted]
    if not found:
        raise measure.Missing(wanted)
    return found


def result(noted, name, kernel):
    """Returns a row's object."""
    head = {"row": name, "delay_us": 0,
            "channels": CHANNELS[ROWS.index(name)], "kernel": kernel}
    return results.made(head, "per device", {
        driver: [summed(read(noted, name, driver, run)) for run in rows.RUNS]
        for driver in rows.DRIVERS}, True)
