# SPDX-License-Identifier: GPL-2.0
"""Checks of the documents, the licence lines, and what is said in two places."""

import glob
import os
import re

from . import machine, say

# Files that carry no licence line: documents whose first lines are shown as
# they are, data, and what has no comments.
UNMARKED = (r"\.(md|svg|json|conf|dkms|docs|manpages)$", r"(^|/)\.gitignore$",
            r"^(LICENSE|META)$", r"^fuzz/corpus/", r"^packaging/debian/control$",
            r"^packaging/debian/(copyright|source/format)$")
LICENCE = "SPDX-License-Identifier: GPL-2.0"


def _read(name):
    with open(os.path.join(machine.TOP, name), errors="replace") as stream:
        return stream.read()


def _complain(rows):
    if rows:
        raise say.Failure("\n".join(rows[:30]))


def manual():
    """mandoc finds nothing to say about the man page."""
    text = say.run(["sh", "-c", "mandoc -Tlint -Wall \"$1\" || :", "sh",
                    os.path.join(machine.TOP, "Documentation/hv_netvsc.4")])
    # Which other pages are installed here is not the page's affair.
    _complain([row for row in text.splitlines()
               if "referenced manual not found" not in row and
               "mandoc.db" not in row and
               "operating system explicitly" not in row])


def documents():
    """docutils finds nothing to say about the reStructuredText.

    A title whose line has slipped into the paragraph before it is good text to
    docutils, so it is looked for here.
    """
    code = ("import sys; from docutils import core, nodes\n"
            "settings = {'halt_level': 5}\n"
            "for path in sys.argv[1:]:\n"
            "    core.publish_file(source_path=path, destination_path='/dev/null',"
            " writer_name='html', settings_overrides=settings)\n"
            "    tree = core.publish_doctree(open(path).read(), path,"
            " settings_overrides={'report_level': 5})\n"
            "    for one in tree.findall(nodes.paragraph):\n"
            "        if '=====' in one.astext():\n"
            "            print('%s:%s: a title in a paragraph' %"
            " (path, one.line))\n")
    text = say.run(["/usr/bin/python3", "-c", code] + sorted(glob.glob(
        os.path.join(machine.TOP, "Documentation/*.rst"))))
    _complain(text.splitlines())


def _first(pattern, name):
    found = re.search(pattern, _read(name), re.M)
    return found.group(1) if found else "nothing"


def version():
    """Returns the driver's version, as META has it."""
    return _first(r"^Version: *(\S+)$", "META")


def claims():
    """Returns {what: [(where, value)]}: what is said in more than one place."""
    return {
        "the version": [
            ("META", version()),
            ("dkms.conf", _first(r'^PACKAGE_VERSION="(.*)"$', "dkms.conf")),
            ("hv_netvsc.4", _first(r'^\.Os hv_netvsc (\S+)$',
                                   "Documentation/hv_netvsc.4")),
            ("CHANGELOG.md", _first(r"^## (\d\S*)", "CHANGELOG.md"))],
        "the oldest kernel": [
            ("META", _first(r"^Linux-Minimum: *(\S+)$", "META")),
            ("dkms.conf", _first(r'^BUILD_EXCLUSIVE_KERNEL_MIN="(.*)"$',
                                 "dkms.conf"))],
        "the newest kernel": [
            ("META", _first(r"^Linux-Maximum: *(\S+)$", "META") + ".9999"),
            ("dkms.conf", _first(r'^BUILD_EXCLUSIVE_KERNEL_MAX="(.*)"$',
                                 "dkms.conf"))],
        "the configuration": [
            ("META", _first(r"^Configs: *(.+)$", "META")),
            ("dkms.conf", _first(r"^\tfor netvsc_option in (.*); do$",
                                 "dkms.conf"))],
    }


def agreement():
    """What is said in several places is the same."""
    _complain(["%s: %s" % (what, ", ".join("%s: %s" % row for row in rows))
               for what, rows in claims().items()
               if len({value for _, value in rows}) != 1])


def module_version(path):
    """The version in a built module is META's."""
    with open(path, "rb") as stream:
        found = re.search(rb"\0version=([^\0]*)\0", stream.read())
    have = found.group(1).decode() if found else "none"
    wanted = version()
    if have != wanted:
        raise say.Failure("the module has the version %s, META %s"
                          % (have, wanted))


def licences():
    """Every file has its licence line, near its beginning."""
    names = say.run(["git", "-C", machine.TOP, "ls-files"]).splitlines()
    if not names:
        raise say.Failure("git knows of no file here")
    _complain(["%s has no %s" % (name, LICENCE) for name in names
               if not any(re.search(one, name) for one in UNMARKED) and
               os.path.exists(os.path.join(machine.TOP, name)) and
               LICENCE not in "\n".join(_read(name).splitlines()[:4])])


def check(score):
    """Runs all of them."""
    machine.install(machine.TEXT_PACKAGES)
    score.point("texts: the man page, by mandoc", manual)
    score.point("texts: Documentation, by docutils", documents)
    score.point("texts: version and kernels said once", agreement)
    score.point("texts: licence lines", licences)
