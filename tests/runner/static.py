# SPDX-License-Identifier: GPL-2.0
"""Static checks: what tools say of the sources without running them.

A tool's finding is a row (path, kind, what it said). tests/static/accepted
lists the findings that stay, each with its reason; any other finding fails the
check, and so does a line there that no finding needs any more.
"""

import fnmatch
import glob
import os
import re
import shutil

from . import build, machine, say

ACCEPTED = os.path.join(machine.TOP, "tests/static/accepted")
CLANG = os.path.join(machine.TOP, "tests/static/clang-module")
# gcc's -Wextra without what kernel code is full of, by intent.
EXTRA = ("-Wextra -Wno-unused-parameter -Wno-sign-compare "
         "-Wno-missing-field-initializers")
DRIVER = ("*.[ch]", "wire/*.h", "vmbus_glue/*.[ch]", "vmbus_glue/probe/*.c")
USER_SPACE = ("hvhost/*.[ch]", "fuzz/*.[ch]")


def _files(patterns):
    found = []
    for pattern in patterns:
        found += glob.glob(os.path.join(machine.TOP, pattern))
    return sorted(os.path.relpath(path, machine.TOP) for path in found
                  if not path.endswith(("compat_generated.h", ".mod.c")))


def read_accepted(text):
    """Returns the rows (tool, path pattern, kind) of the list."""
    found = []
    for row in text.splitlines():
        words, _, reason = row.partition("#")
        words = words.split()
        if not words:
            continue
        if len(words) != 3 or not reason.strip():
            raise say.Failure("%s: three words, # and a reason, please: %s"
                              % (os.path.basename(ACCEPTED), row))
        found.append(tuple(words))
    return found


def sift(tool, findings, accepted):
    """Returns complaints: findings not accepted, lines that none needs."""
    mine = [one for one in accepted if one[0] == tool]
    used, complaints = set(), []
    for path, kind, text in findings:
        fits = [one for one in mine
                if fnmatch.fnmatch(path.split(":")[0], one[1]) and
                kind == one[2]]
        used.update(fits)
        if not fits:
            complaints.append("%s: %s: %s" % (path, kind, text))
    complaints += ["accepted, but not found any more: %s" % " ".join(one)
                   for one in mine if one not in used]
    return complaints


def _judge(tool, findings):
    with open(ACCEPTED) as stream:
        complaints = sift(tool, sorted(set(findings)),
                          read_accepted(stream.read()))
    if complaints:
        rest = len(complaints) - 30
        raise say.Failure("\n".join(complaints[:30]) +
                          ("\nand %d more" % rest if rest > 0 else ""))


def _output(argv, cwd):
    """Runs a tool whose exit status says no more than what it prints."""
    return say.run(["sh", "-c", 'nice "$@" 2>&1 || :', "sh"] + argv, cwd=cwd)


def _checkpatch(scripts):
    # It leaves a file in the git checkout that it finds itself in.
    place = machine.build_dir("static")
    text = _output(["perl", os.path.join(scripts, "checkpatch.pl"),
                    "--no-tree", "--strict", "--terse", "--no-summary",
                    "--show-types", "-f"] +
                   [os.path.join(machine.TOP, name)
                    for name in _files(DRIVER + USER_SPACE)], place)
    found = re.findall(r"^%s/(\S+:\d+): [A-Z]+:([A-Z0-9_]+): (.*)$"
                       % re.escape(machine.TOP), text, re.M)
    if not found and text.strip():
        raise say.Failure("checkpatch.pl: %s" % text.strip()[:300])
    _judge("checkpatch", found)


def _kernel_doc(kernel):
    tool = glob.glob(os.path.join(kernel.root, "usr/lib/linux-kbuild-*",
                                  "scripts/kernel-doc"))
    if not tool:
        raise say.Failure("no kernel-doc in the packages of Linux %s"
                          % kernel.release)
    text = _output(["perl", tool[0], "-none", "-Wall"] +
                   _files(DRIVER + USER_SPACE), machine.TOP)
    _judge("kernel-doc", re.findall(r"^(\S+:\d+): (warning|error): (.*)$",
                                    text, re.M))


def _cppcheck():
    text = _output(["cppcheck", "--quiet", "--std=c11", "-D_GNU_SOURCE",
                    "--enable=warning,performance,portability",
                    "-I", "hvhost", "-I", "hvhost/build",
                    "--template={file}:{line} {id} {message}"] +
                   _files(("hvhost/*.c", "hvhost/tests/*.c")), machine.TOP)
    _judge("cppcheck", re.findall(r"^(\S+:\d+) (\w+) (.*)$", text, re.M))


def _coccinelle(scripts):
    """The kernel's own semantic patches, as many as only report."""
    into = machine.build_dir("static", "sources")
    shutil.rmtree(into)
    for name in _files(DRIVER[:3]):
        os.makedirs(os.path.dirname(os.path.join(into, name)), exist_ok=True)
        shutil.copy(os.path.join(machine.TOP, name),
                    os.path.join(into, name))
    found = []
    for patch in sorted(glob.glob(os.path.join(scripts, "coccinelle/**/*.cocci"),
                                  recursive=True)):
        with open(patch) as stream:
            text = stream.read()
        if not re.search(r"^virtual report$", text, re.M):
            continue
        options = re.findall(r"^//[/#]* *Options: *(.*)$", text, re.M)
        argv = ["spatch", "--very-quiet", "-D", "report", "--cocci-file",
                patch] + " ".join(options).split() + ["--dir", "."]
        kind = os.path.splitext(os.path.basename(patch))[0]
        found += [(path, kind, what) for path, what in
                  re.findall(r"^\./(\S+:\d+):[-\d]+: (.*)$",
                             _output(argv, into), re.M)]
    _judge("coccinelle", found)


def _analyzer_kinds(text, top):
    """Returns the findings of clang in files below a directory."""
    return [(path, kind.lstrip("-"), what) for path, what, kind in
            re.findall(r"^%s/(\S+:\d+):\d+: warning: (.*) \[([-\w.,]+)\]$"
                       % re.escape(top), text, re.M)]


def _clang_module(kernel):
    into = build.copy_sources("clang")
    text = _output(["make", "-C", kernel.headers, "M=" + into, "LLVM=1",
                    "CC=" + CLANG, "W=1", "C=2",
                    "CHECK=%s --analyze -Xclang -analyzer-output=text "
                    "-o /dev/null" % CLANG, "CHECKFLAGS=-Wno-everything",
                    "KCFLAGS=" + EXTRA, "modules"], machine.TOP)
    with open(os.path.join(into, "build.log"), "w") as stream:
        stream.write(text)
    if not os.path.exists(os.path.join(into, "hv_netvsc.ko")):
        raise say.Failure("clang does not build the module; log: %s"
                          % os.path.join(into, "build.log"))
    _judge("clang-module", _analyzer_kinds(text, into))


def _clang_hvhost():
    text = ""
    for name in _files(("hvhost/*.c",)):
        text += _output(["clang", "--analyze", "-Xclang",
                         "-analyzer-output=text", "-std=gnu11",
                         "-D_GNU_SOURCE", "-iquote", "hvhost", "-iquote",
                         "hvhost/build", os.path.join(machine.TOP, name)],
                        machine.TOP)
    _judge("clang-hvhost", _analyzer_kinds(text, machine.TOP))


def check(score, cache, kernel, quick):
    """Runs the tools, the quick ones or all; kernel may be None."""
    machine.install(machine.STATIC_PACKAGES)
    score.point("static: cppcheck, hvhost", _cppcheck)
    if not kernel:
        return
    score.point("static: kernel-doc", _kernel_doc, kernel)
    if quick:
        return
    score.point("static: clang and its analyzer, driver for %s"
                % kernel.release, _clang_module, kernel)
    score.point("static: clang's analyzer, hvhost", _clang_hvhost)
    scripts = score.point("static: the kernel's scripts", cache.scripts)
    if scripts:
        score.point("static: checkpatch --strict", _checkpatch, scripts)
        score.point("static: coccinelle", _coccinelle, scripts)
