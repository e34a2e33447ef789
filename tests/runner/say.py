# SPDX-License-Identifier: GPL-2.0
"""What the runner tells its user: steps with times, and how it gives up."""

import subprocess
import sys
import threading
import time

_lock = threading.Lock()
_start = time.monotonic()


class Failure(Exception):
    """Something the user can read and act on; ends the command."""


def line(text):
    """Prints one line at once, whole even when threads print side by side."""
    with _lock:
        print(text, flush=True)


def note(text):
    """Prints a KTAP comment with the seconds since the command began."""
    line("# [%5.1f s] %s" % (time.monotonic() - _start, text))


class Steps:
    """Announces steps as "n of m", and how long each one took."""

    def __init__(self, total):
        self.total = total
        self.done = 0

    def run(self, what, action, *args):
        """Runs action(*args) as the next step and returns its result."""
        self.done += 1
        began = time.monotonic()
        note("%d of %d: %s" % (self.done, self.total, what))
        result = action(*args)
        took = time.monotonic() - began
        if took >= 1:
            note("%d of %d: done in %.1f s" % (self.done, self.total, took))
        return result


def run(argv, log=None, cwd=None, env=None, timeout=None):
    """Runs a program; on failure raises Failure with the end of its output.

    Returns what it wrote. If log is a path, the output is kept there as well.
    """
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, cwd=cwd, env=env,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout)
    except OSError as error:
        raise Failure("cannot run %s: %s" % (argv[0], error.strerror))
    except subprocess.TimeoutExpired:
        raise Failure("%s: no end after %d s" % (" ".join(argv), timeout))
    text = done.stdout.decode(errors="replace")
    if log:
        with open(log, "w") as stream:
            stream.write(text)
    if done.returncode:
        tail = "\n".join(text.rstrip().splitlines()[-15:])
        raise Failure("%s: status %d\n%s"
                      % (" ".join(argv), done.returncode, tail))
    return text


def quiet(argv):
    """Returns a program's standard output, or None if it failed."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if not done.returncode else None


def give_up(error):
    """Prints a Failure the one way in which every command ends on one."""
    with _lock:
        sys.stdout.flush()
        print("error: %s" % error, file=sys.stderr, flush=True)
