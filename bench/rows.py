# SPDX-License-Identifier: GPL-2.0
"""What is measured: the rows, and the guest's plan to measure them.

A plan is a list of lines "KIND LABEL WORDS" for bench/guest.sh. The marks of a
line are called LABEL.b and LABEL.e.
"""

import collections

from runner import scenario

SINK, SOURCE_64, SOURCE_1400, TAP, SOURCE_64_FEW = range(5)
RUNS = (1, 2)
DELAYS = (20, 0)
HEADERS = 14 + 20 + 8		# of a UDP frame

PACKETS = 20000
SENT = 30000		# packets of the rows that send
BULK = 48 << 20			# bytes of a TCP transfer
TRANSACTIONS = 4000
BACKLOG = 2048			# BQL limit: bytes that the driver may hold
BACKLOG_DELAY = 200		# so that more is sent than the host takes

# title: for people; kind, words: of guest.sh, the words after the delay;
# intree: its words if they differ; count: what the cost is divided by, in units;
# delay: the one host delay of a row that makes sense with no other.
Row = collections.namedtuple(
    "Row", "name title kind nic words count unit intree delay")
Row.__new__.__defaults__ = (None, None)


def _udp(part, name, title, size, procs=1, limit="max", delay=None):
    count = SENT // part
    return Row(name, title, "udp", SINK, (size - HEADERS, count, procs, limit),
               count, "packet", None, delay)


def _pktgen(part, name, title, size, burst):
    count = SENT // part
    plain = (size, count, 1)
    return Row(name, title, "pktgen", SINK, (size, count, burst), count,
               "packet", plain if burst > 1 else None)


def _received(part, name, title, kind, nic):
    count = PACKETS // part
    return Row(name, title, kind, nic, (count,), count, "packet")


def _xdp(part, name, title, nic, way, *program):
    count = PACKETS // part
    return Row(name, title, "xdp", nic, (count, way) + program, count,
               "packet")


def _xsk(part, name, title, kind, nic, amount, *words):
    count = amount // part
    return Row(name, title, kind, nic, ("zero",) + words + (count,), count,
               "packet", ("copy",) + words + (count,))


def _stream(part, name, title, kind, amount, *words):
    amount //= part
    return Row(name, title, kind, TAP, (amount,) + words, amount >> 10, "KiB")


def _exchange(part, name, title, sessions):
    count = TRANSACTIONS // part // sessions
    return Row(name, title, "rr", TAP, (sessions, count), count * sessions,
               "transaction")


def made(part=1):
    """Returns all rows, with a part of what each moves."""
    return (
        _udp(part, "tx64_sock", "send 64 B, sendmmsg", 64),
        _udp(part, "tx64_sock_8", "send 64 B, sendmmsg, 8 processes", 64,
             procs=8),
        _udp(part, "tx64_sock_backlog", "send 64 B, sendmmsg, backlog", 64,
             limit=BACKLOG, delay=BACKLOG_DELAY),
        _udp(part, "tx1400_sock", "send 1400 B, sendmmsg", 1400),
        _pktgen(part, "tx64_burst32", "send 64 B, pktgen burst 32 (in-tree: 1)",
                64, 32),
        _pktgen(part, "tx64_burst1", "send 64 B, pktgen", 64, 1),
        _pktgen(part, "tx1400_burst1", "send 1400 B, pktgen", 1400, 1),
        _received(part, "rx64_drop", "receive 64 B, dropped early", "drop",
                  SOURCE_64),
        _received(part, "rx1400_drop", "receive 1400 B, dropped early", "drop",
                  SOURCE_1400),
        _received(part, "rx64_sock", "receive 64 B, to a socket", "recv",
                  SOURCE_64),
        _received(part, "rx1400_sock", "receive 1400 B, to a socket", "recv",
                  SOURCE_1400),
        _xdp(part, "xdp_drop64", "receive 64 B, XDP_DROP", SOURCE_64, "drop",
             "drop"),
        _xdp(part, "xdp_tx64", "receive 64 B, XDP_TX", SOURCE_64_FEW, "tx",
             "tx"),
        _xdp(part, "xdp_redirect_in64", "64 B, redirected to another NIC",
             SOURCE_64_FEW, "redirect", "redirect", SINK),
        _xsk(part, "afxdp_rx64", "receive 64 B, AF_XDP (in-tree: copy mode)",
             "xsk_recv", SOURCE_64, PACKETS),
        _xsk(part, "afxdp_tx64", "send 64 B, AF_XDP (in-tree: copy mode)",
             "xsk_send", SINK, SENT, 64),
        _stream(part, "tcp_out_lso", "TCP out, LSO", "out", 2 * BULK),
        _stream(part, "tcp_in_rsc", "TCP in, RSC", "in", 2 * BULK, "on"),
        _stream(part, "tcp_in", "TCP in, no RSC", "in", BULK, "off"),
        _exchange(part, "tcp_rr1", "TCP request-response", 1),
        _exchange(part, "tcp_rr32", "TCP request-response, 32 sessions", 32),
    )


ROWS = made()

DRIVERS = tuple(reversed(scenario.DRIVERS))	# ours begins


def delays_of(row, delays):
    """Returns the host delays that a row has, of some."""
    if row.delay is None:
        return delays
    return [row.delay] if DELAYS[0] in delays else []


def words_of(row, driver):
    """Returns the words of guest.sh for a row with a driver."""
    return row.intree if driver == "intree" and row.intree else row.words


def label(row, delay, driver, run):
    """Returns what the marks of a measurement are called."""
    return "%s.%d.%s.%d" % (row.name, delay, driver, run)


def nothing_label(driver, run):
    """Returns what the marks around nothing are called."""
    return "nothing.%s.%d" % (driver, run)


def dummy_label(row, driver, run):
    """Returns the marks of the same work on a dummy device; None: no such."""
    if row.kind not in ("udp", "pktgen"):
        return None
    words = words_of(row, driver)[:3]		# the dummy device has no BQL
    return "dummy-%s-%s.%d" % (row.kind, "-".join(map(str, words)), run)


def _dummy_lines(rows, run):
    found = {}
    for row in rows:
        for driver in DRIVERS:
            name = dummy_label(row, driver, run)
            if name:
                found[name] = "%s_dummy %s %s" % (row.kind, name, " ".join(
                    map(str, words_of(row, driver)[:3])))
    return list(found.values())


def plan(rows, delays):
    """Returns the plan's lines: ours, in-tree, ours, in-tree."""
    lines = _dummy_lines(rows, RUNS[0])
    for run in RUNS:
        for driver in DRIVERS:
            lines.append("load %s" % driver)
            lines.append("nothing %s" % nothing_label(driver, run))
            lines += ["%s %s %d %d %s" % (
                row.kind, label(row, delay, driver, run), row.nic, delay,
                " ".join(map(str, words_of(row, driver))))
                      for row in rows for delay in delays_of(row, delays)]
            lines.append("unload %s" % driver)
    return lines + _dummy_lines(rows, RUNS[-1])
