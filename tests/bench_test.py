# SPDX-License-Identifier: GPL-2.0
"""Unit tests of bench: plans, marks, results, table and pictures."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOP)

from bench import (measure, memory, pictures, results, rows,  # noqa: E402
                   svg, table)

ROW = {row.name: row for row in rows.ROWS}

TRACE = """# tracer: nop
  kworker/0:1-10 [000] ..... 1.0: kmalloc: call_site=f ptr=00a0 bytes_req=90 \
bytes_alloc=96 gfp_flags=G node=-1 accounted=false
  kworker/0:1-10 [000] ..... 1.0: <stack trace>
 => __kmalloc+0x10/0x40
 => alloc_netdev_mqs+0x10/0x40
 => netvsc_probe+0x10/0x40 [hv_netvsc]
 => vmbus_probe+0x10/0x40 [hv_vmbus]
  kworker/0:1-10 [000] ..... 1.1: kmalloc: call_site=f ptr=00b0 bytes_req=90 \
bytes_alloc=128 gfp_flags=G node=-1 accounted=false
  other-11       [001] ..... 1.1: kmalloc: call_site=f ptr=00c0 bytes_req=9 \
bytes_alloc=16 gfp_flags=G node=-1 accounted=false
  kworker/0:1-10 [000] ..... 1.1: <stack trace>
 => __kmalloc+0x10/0x40
 => netvsc_open+0x10/0x40 [hv_netvsc]
  other-11       [001] ..... 1.1: <stack trace>
 => __kmalloc+0x10/0x40
 => sys_open+0x10/0x40
  other-11       [001] ..... 1.2: kfree: call_site=f ptr=00a0
  kworker/0:1-10 [000] ..... 1.3: mm_page_alloc: page=x pfn=0x77 order=4 m=0
  kworker/0:1-10 [000] ..... 1.3: <stack trace>
 => __alloc_pages+0x10/0x40
 => ___kmalloc_large_node+0x10/0x40
 => netvsc_open+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.4: mm_page_alloc: page=x pfn=0x90 order=2 m=0
  kworker/0:1-10 [000] ..... 1.4: <stack trace>
 => __alloc_pages+0x10/0x40
 => allocate_slab+0x10/0x40
 => netvsc_open+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.5: mm_page_alloc: page=x pfn=0xa0 order=1 m=0
  kworker/0:1-10 [000] ..... 1.5: <stack trace>
 => __alloc_pages+0x10/0x40
 => netvsc_open+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.6: alloc_vmap_area: va_start: 8192 size=12288 \
align=1 vstart=0x0 vend=0x0 failed=0
  kworker/0:1-10 [000] ..... 1.6: <stack trace>
 => trace_event_raw_event_alloc_vmap_area+0x1/0x2
 => __vmalloc_node_range_noprof+0x10/0x40
 => netvsc_rings+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.6: mm_page_alloc: page=x pfn=0xb0 order=0 m=0
  kworker/0:1-10 [000] ..... 1.6: <stack trace>
 => __vmalloc_node_range_noprof+0x10/0x40
 => netvsc_rings+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.7: alloc_vmap_area: va_start: 32768 size=8192 \
align=1 vstart=0x0 vend=0x0 failed=0
  kworker/0:1-10 [000] ..... 1.7: <stack trace>
 => __vmalloc_node_range_noprof+0x10/0x40
 => netvsc_gone+0x10/0x40 [hv_netvsc]
  kworker/0:1-10 [000] ..... 1.8: free_vmap_area_noflush: va_start=0x8000 n=1
"""


def mark(time, after, frames=0, messages=0):
    """Returns a mark as hvhost writes it."""
    channel = {"tx": {"frames": frames, "messages": messages},
               "rx": {"frames": 0}, "rx_completions": 0, "publishes": messages,
               "rx_completion_publishes": 0, "signals_from_guest": 0,
               "signals_to_guest": 0, "ring_bytes": 64 * messages}
    return {"counters": {"vcpus": [{"cpu_time_ns": time}],
                         "nics": {"0": {"channels": {"0": channel}}}},
            "cpu_time_after_ns": [after]}


def marks_of(row, costs):
    """Returns marks of a row at 20 us; costs is {driver: [per run]}.

    The same work on a dummy device takes 1000 in all.
    """
    marks = {}
    for driver, runs in costs.items():
        for run, cost in zip(rows.RUNS, runs):
            for label, total in (
                    (rows.label(row, 20, driver, run), cost * row.count + 1000),
                    (rows.dummy_label(row, driver, run), 1000)):
                marks[label + ".b"] = mark(5, 100)
                marks[label + ".e"] = mark(100 + total, 0, row.count,
                                           row.count // 2)
    return marks


class Plans(unittest.TestCase):
    def test_drivers_take_turns(self):
        plan = rows.plan([ROW["tx64_burst32"]], [20])
        self.assertEqual([line for line in plan if line.startswith("load")],
                         ["load ours", "load intree"] * 2)

    def test_intree_has_words_of_its_own(self):
        plan = rows.plan([ROW["tx64_burst32"]], [20])
        words = {line.split()[1]: line.split()[-1] for line in plan
                 if line.startswith("pktgen ")}
        self.assertEqual(words["tx64_burst32.20.ours.1"], "32")
        self.assertEqual(words["tx64_burst32.20.intree.1"], "1")

    def test_what_is_sent_has_a_dummy(self):
        plan = rows.plan(rows.ROWS, [20, 0])
        labels = {line.split()[1] for line in plan}
        for row in rows.ROWS:
            for driver in rows.DRIVERS:
                for run in rows.RUNS:
                    wanted = rows.dummy_label(row, driver, run)
                    self.assertEqual(bool(wanted), row.name.startswith("tx"))
                    self.assertTrue(wanted is None or wanted in labels)

    def test_labels_are_unique(self):
        plan = [line for line in rows.plan(rows.ROWS, rows.DELAYS)
                if line.split()[0] not in ("load", "unload")]
        self.assertEqual(len(plan), len({line.split()[1] for line in plan}))


class Results(unittest.TestCase):
    def result(self, ours, intree, exact=True, cannot=()):
        row = ROW["tx64_sock"]
        marks = marks_of(row, {"ours": ours, "intree": intree})
        boot = measure.Boot(marks, set(cannot), exact)
        return results.of_row(boot, row, 20, 1, "6.12")

    def test_a_row(self):
        found = self.result([500, 502], [1000, 1000])
        self.assertEqual(next(iter(found["metric"])), "instructions")
        self.assertAlmostEqual(found["ours"]["instructions"], 501)
        self.assertAlmostEqual(found["ratio"]["instructions"], 0.501)
        self.assertAlmostEqual(found["ours"]["nvsp_messages"], 0.5)
        self.assertAlmostEqual(found["ours"]["ring_bytes"], 32)
        self.assertIsNone(found["ratio"]["signals"])
        self.assertAlmostEqual(found["spread"]["ours"], 2 / 501)
        self.assertEqual(results.apart(found), [])

    def test_runs_that_do_not_agree(self):
        found = self.result([500, 500], [1000, 1011])
        self.assertEqual(results.apart(found), ["intree"])

    def test_without_exact_time(self):
        found = self.result([500, 700], [1000, 1000], exact=False)
        self.assertEqual(next(iter(found["metric"])), "nvsp_messages")
        self.assertEqual(results.apart(found), [])

    def test_what_a_driver_has_no_means_for(self):
        row = ROW["tx64_sock"]
        found = self.result([1, 1], [1, 1], cannot=[
            rows.label(row, 20, "ours", run) for run in rows.RUNS])
        self.assertIsNone(found["ours"])
        self.assertIsNone(found["ratio"])
        self.assertEqual(table.cells(found)[3:6], ["n/a", "1", "n/a"])

    def test_what_was_not_measured_is_missing(self):
        with self.assertRaises(measure.Missing):
            results.of_row(measure.Boot({}, set(), True), ROW["rx64_drop"], 20,
                           1, "6.12")

    def test_text_is_json(self):
        found = [self.result([500, 502], [1000, 1000])]
        again = json.loads(results.as_text(found))
        self.assertEqual(again[0]["row"], "tx64_sock")
        self.assertEqual(list(again[0]), [
            "row", "delay_us", "channels", "kernel", "metric", "ours",
            "intree", "ratio", "runs", "spread"])

    def test_table(self):
        text = table.text([self.result([500, 510], [1000, 1000])])
        self.assertEqual(len(text), 2)
        self.assertIn("0.51", text[1])
        self.assertIn("!", text[1])		# 2 % apart
        self.assertEqual(len(text[0]), len(text[1]))


class Memory(unittest.TestCase):
    def test_buffers_and_rings_are_left_out(self):
        found = memory.summed([
            (16 << 20, 1, -1, "netvsc_device_add",
             "alloc_vmap_area<__vmalloc_node_range_noprof"),
            (100, 1, -1, "netvsc_device_add", "__kmalloc"),
            (1 << 20, 1, 8, "netvsc_open", "__alloc<vmbus_alloc_ring"),
            (300, 2, -1, "netvsc_probe", "__kmalloc"),
            (8192, 1, 1, "netvsc_probe", "__alloc_pages")])
        self.assertEqual(found, {"bytes": 8592, "allocations": 4,
                                 "largest_order": 1})

    def test_live_reads_a_trace(self):
        with tempfile.TemporaryDirectory() as folder:
            live = os.path.join(folder, "live")
            subprocess.run(["gcc", "-O1", "-Wall", "-Werror",
                            "-fsanitize=address,undefined", "-o", live,
                            os.path.join(TOP, "bench", "live.c")], check=True)
            out = subprocess.run([live, "hv_netvsc"], input=TRACE, check=True,
                                 stdout=subprocess.PIPE,
                                 universal_newlines=True).stdout
        self.assertEqual(sorted(out.splitlines()), sorted([
            "128 1 -1 netvsc_open __kmalloc",
            "0 0 4 netvsc_open __alloc_pages<___kmalloc_large_node",
            "8192 1 1 netvsc_open __alloc_pages",
            "8192 1 0 netvsc_rings __vmalloc_node_range_noprof"]))


class Pictures(unittest.TestCase):
    def test_a_chart_is_svg(self):
        text = svg.chart("A & B", "n < m", [
            ("one", {"ours": 1.0, "intree": 2.0}),
            ("two", {"ours": None, "intree": 4.0})])
        root = ElementTree.fromstring(text)
        bars = [one for one in root.iter("{http://www.w3.org/2000/svg}rect")
                if one.get("x") == str(svg.LEFT) and one.get("y") != "42"]
        self.assertEqual([float(one.get("width")) for one in bars],
                         [95.0, 190.0, 380.0])
        self.assertIn("0.50", text)
        self.assertIn("n/a", text)

    def test_every_picture_can_be_drawn(self):
        cost = {driver: [10, 10] for driver in rows.DRIVERS}
        boot = measure.Boot(marks_of(ROW["tx64_sock"], cost), set(), True)
        found = [results.of_row(boot, ROW["tx64_sock"], 20, 1, "6.12")]
        drawn = pictures.draw(found)
        self.assertIn("bench-memory.svg", drawn)
        self.assertEqual(drawn, pictures.draw(found))
        for text in drawn.values():
            ElementTree.fromstring(text)


if __name__ == "__main__":
    unittest.main()
