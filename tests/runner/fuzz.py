# SPDX-License-Identifier: GPL-2.0
"""make fuzz: input that no host would send, until something gives way.

Each target of fuzz/ is run on the corpus, then on what libFuzzer makes of it.
The corpus of a target is fuzz/corpus/NAME.hex: one input a line, in hex digits,
and behind # a word on why it is there, if there is more to say than that it
reaches lines of its own.
"""

import binascii
import glob
import hashlib
import os
import re
import shutil
import time

from . import build, debug, machine, running, say, scenario, suite

FOLDER = os.path.join(machine.TOP, "fuzz")
LONGEST = 2048
# No input may take longer, in seconds; most take microseconds.
ONE_INPUT = 20
SECS = 60
CHECK_SECS = 10


def _built(*parts):
    return os.path.join(machine.build_dir("fuzz"), *parts)


def targets():
    """Returns the names of all targets."""
    return say.run(["make", "-s", "-C", FOLDER, "list"]).split()


def _build(name):
    say.run(["make", "-s", "-C", FOLDER, "BUILD=" + _built("bin"),
             _built("bin", name)])


def corpus_file(name):
    """Returns the path of a target's corpus."""
    return os.path.join(FOLDER, "corpus", name + ".hex")


def read_corpus(text):
    """Returns the inputs in the text of a corpus: (bytes, remark) each."""
    found = []
    for row in text.splitlines():
        digits, _, remark = row.partition("#")
        if digits.strip():
            found.append((binascii.unhexlify("".join(digits.split())),
                          remark.strip()))
    return found


def write_corpus(inputs):
    """Returns the text of a corpus; the shortest inputs come first."""
    rows = ["# SPDX-License-Identifier: GPL-2.0"]
    for data, remark in sorted(inputs, key=lambda one: (len(one[0]), one[0])):
        rows.append(binascii.hexlify(data).decode() +
                    (" # " + remark if remark else ""))
    return "\n".join(rows) + "\n"


def _load(name):
    try:
        with open(corpus_file(name)) as stream:
            return read_corpus(stream.read())
    except FileNotFoundError:
        return []


def _store(name, inputs):
    os.makedirs(os.path.dirname(corpus_file(name)), exist_ok=True)
    with open(corpus_file(name), "w") as stream:
        stream.write(write_corpus(inputs))


def _unpack(name):
    """Makes files of the corpus, as libFuzzer wants it; returns the place."""
    into = _built("corpus", name)
    shutil.rmtree(into, ignore_errors=True)
    os.makedirs(into)
    for data, _remark in _load(name):
        with open(os.path.join(into, hashlib.sha1(data).hexdigest()),
                  "wb") as stream:
            stream.write(data)
    return into


def _explain(name, log):
    """Returns what went wrong, from the log of a target that has failed."""
    with open(log, errors="replace") as stream:
        text = stream.read()
    rows = re.findall(r"^.*(?: expects: |runtime error: |ERROR: ).*$", text,
                      re.M)[:2]
    kept = re.search(r"Test unit written to (\S+)", text)
    if kept:
        rows += ["the input is kept: %s" % kept.group(1),
                 "to see it again: %s %s" % (_built("bin", name),
                                             kept.group(1))]
    return "\n".join((rows or ["no reason given"]) + ["log: %s" % log])


def _execute(name, log, argv, secs):
    """Runs a target; returns what it wrote, or raises what went wrong."""
    # Freed memory is watched for a while; inputs are short-lived.
    env = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=16")
    try:
        return say.run(["nice", "-n", "19", _built("bin", name)] + argv,
                       log=log, env=env, timeout=secs + 120)
    except say.Failure as error:
        if "status" not in str(error):
            raise
        raise say.Failure(_explain(name, log))


def _replay(name, seeds):
    """Builds a target and runs it on its corpus, regressions first of all."""
    _build(name)
    _execute(name, _built(name + "-corpus.log"),
             ["-runs=0", "-timeout=%d" % ONE_INPUT,
              "-artifact_prefix=" + _built(name + "-"), seeds], 60)
    return True


def _hunt(name, seeds, grown, secs, seed):
    """Fuzzes a target; returns one line on how far it got."""
    os.makedirs(grown, exist_ok=True)
    text = _execute(name, _built(name + ".log"),
                    ["-seed=%d" % seed, "-max_total_time=%d" % secs,
                     "-max_len=%d" % LONGEST, "-timeout=%d" % ONE_INPUT,
                     "-dict=" + os.path.join(FOLDER, "words.dict"),
                     "-artifact_prefix=" + _built(name + "-"), grown, seeds],
                    secs)
    done = re.search(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)", text)
    return "%s inputs, %s edges, %s features" % done.groups() if done else ""


def _target(score, name, secs, seed, grown):
    seeds = _unpack(name)
    if not score.point("fuzz %s: builds, passes its corpus" % name, _replay,
                       name, seeds):
        return
    reached = score.point("fuzz %s: %d s" % (name, secs), _hunt, name, seeds,
                          grown, secs, seed)
    if reached:
        say.line("# fuzz %s: %s" % (name, reached))


def user_space(score, secs, seed, keep_grown):
    """Fuzzes the driver's pure sources; a part of make fuzz and make check."""
    for name in targets():
        grown = _built("grown", name)
        if not keep_grown:
            shutil.rmtree(grown, ignore_errors=True)
        _target(score, name, secs, seed, grown)


def check(score):
    """The short run: the same inputs each time, as far as the time goes."""
    machine.install(machine.FUZZ_PACKAGES)
    user_space(score, CHECK_SECS, 1, False)


def malicious_host(score, cache, place):
    """Lets hvhost attack the driver on the debug kernel; SEEDS= of them."""
    one = scenario.find("host-hostile")
    kernel = score.point("Linux debug: image and build tree", cache.kernel,
                         debug.SERIES)
    module = kernel and score.point("build %s" % kernel.release, build.module,
                                    kernel)
    if module:
        suite.run_all([running.GuestRun(one, kernel, "ours", module)], cache,
                      place, score)


def command(secs, seed, prepared):
    """Runs all that make fuzz consists of; returns the exit status.

    prepared() returns (cache, place) for the part that needs a guest.
    """
    machine.install(machine.FUZZ_PACKAGES)
    seed = seed or int(time.time())
    score = suite.Score()
    say.note("%d s for each target, seed %d" % (secs, seed))
    user_space(score, secs, seed, True)
    malicious_host(score, *prepared())
    return score.finish()


def keep(path, remark):
    """Adds an input that once failed to the corpus of its target."""
    name = os.path.basename(path).split("-")[0]
    if name not in targets():
        raise say.Failure("%s: named after no target of fuzz/" % path)
    with open(path, "rb") as stream:
        data = stream.read()
    inputs = [one for one in _load(name) if one[0] != data]
    _store(name, inputs + [(data, remark)])
    say.note("added to %s" % os.path.relpath(corpus_file(name)))
    return 0


def distil():
    """Makes the corpora anew out of themselves and what make fuzz has found:
    the fewest inputs that reach as much, beside all that have a remark."""
    machine.install(machine.FUZZ_PACKAGES)
    for name in targets():
        _build(name)
        seeds, into = _unpack(name), _built("distilled", name)
        shutil.rmtree(into, ignore_errors=True)
        os.makedirs(into)
        sources = [seeds] + [path for path in [_built("grown", name)]
                             if os.path.isdir(path)]
        _execute(name, _built(name + "-distil.log"),
                 ["-merge=1", "-use_counters=0", into] + sources, 600)
        inputs = {data: remark for data, remark in _load(name) if remark}
        for path in glob.glob(os.path.join(into, "*")):
            with open(path, "rb") as stream:
                inputs.setdefault(stream.read(), "")
        _store(name, inputs.items())
        say.note("%s: %d inputs" % (name, len(inputs)))
    return 0
