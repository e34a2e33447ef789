# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP and believes nothing that does not add up."""

import re

RESULT = re.compile(r"( *)(not ok|ok) (\d+)(?: (?:- )?(.*?))?(?:\s*# (.*))?$")
PLAN = re.compile(r"( *)1\.\.(\d+)$")
TOTAL = re.compile(r"^# \S+: pass:\d+ fail:\d+ skip:\d+ total:(\d+)$", re.M)
DIRECTIVE = re.compile(r"SKIP\b *(.*)", re.I)


class Bad(Exception):
    """The text is not the KTAP of tests that ran to their end."""


class Point:
    """A result line: what it says, and the points nested in it."""

    def __init__(self, name, success, skip, points, notes):
        self.name = name
        self.success = success
        self.skip = skip	# the reason, or None
        self.points = points
        self.notes = notes	# other lines since the last result

    def __repr__(self):
        return "%s %s" % ("ok" if self.success else "not ok", self.name)


class _Level:
    def __init__(self):
        self.plan = None
        self.points = []
        self.notes = []


def _close(level, indent):
    if level.plan is None:
        # Parameters have none; KUnit counts them afterwards.
        found = TOTAL.search("\n".join(level.notes))
        if not found:
            raise Bad("%d results without a plan" % len(level.points))
        level.plan = int(found.group(1))
    if level.plan != len(level.points):
        raise Bad("%d results, %d planned, at indent %d"
                  % (len(level.points), level.plan, indent))
    return level.points


def _nested(levels, indent):
    """Takes what is nested deeper than indent off the stack."""
    deeper = sorted(key for key in levels if key > indent)
    if not deeper:
        return [], []
    if len(deeper) > 1:
        raise Bad("results are missing between indents %s" % deeper)
    level = levels.pop(deeper[0])
    return _close(level, deeper[0]), level.notes


def _result(levels, found):
    indent = len(found.group(1))
    points, notes = _nested(levels, indent)
    level = levels.setdefault(indent, _Level())
    if int(found.group(3)) != len(level.points) + 1:
        raise Bad("result %s follows result %d"
                  % (found.group(3), len(level.points)))
    name, success = found.group(4) or "", found.group(2) == "ok"
    skip = DIRECTIVE.match(found.group(5) or "")
    if success and any(not point.success for point in points):
        raise Bad("%s passed, and something in it failed" % name)
    level.points.append(Point(name, success, skip.group(1) if skip else None,
                              points, notes + level.notes))
    level.notes = []


def parse(text):
    """Returns the outermost points of a KTAP document; raises Bad."""
    levels = {}
    for row in text.splitlines():
        plan, found = PLAN.match(row), RESULT.match(row)
        if found:
            _result(levels, found)
        elif plan:
            level = levels.setdefault(len(plan.group(1)), _Level())
            if level.plan is not None:
                raise Bad("two plans at indent %d" % len(plan.group(1)))
            level.plan = int(plan.group(2))
        elif row.strip() and "KTAP version" not in row and levels:
            deepest = max(levels)
            levels[deepest].notes.append(row.strip())
    if list(levels) != [0]:
        raise Bad("it ends in the middle, at indents %s" % sorted(levels))
    return _close(levels[0], 0)
