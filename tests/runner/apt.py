# SPDX-License-Identifier: GPL-2.0
"""A private apt: Debian packages fetched and verified, never installed."""

import glob
import os
import re

from . import say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MAIN = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"


def _machine_uris():
    """Yields the URIs of the machine's own apt sources, both formats."""
    for path in ["/etc/apt/sources.list"] + sorted(
            glob.glob("/etc/apt/sources.list.d/*")):
        try:
            with open(path, errors="replace") as stream:
                lines = stream.read().splitlines()
        except OSError:
            continue
        for text in lines:
            if path.endswith(".sources") and text.lower().startswith("uris:"):
                yield from text.split()[1:]
            found = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)", text)
            if path.endswith(".list") and found:
                yield found.group(1)


def mirrors():
    """Returns (main, security): the Debian mirrors that this machine uses."""
    main, security = None, None
    for uri in _machine_uris():
        bare = uri.rstrip("/")
        if bare.endswith("/debian-security"):
            security = security or bare
        elif bare.endswith("/debian"):
            main = main or bare
    return main or MAIN, security or SECURITY


class Apt:
    """apt with its own sources, indexes and archive below one directory."""

    def __init__(self, root, suite, backports=True, sources=False):
        self.root = root
        self.suite = suite
        self.backports = backports
        self.sources = sources
        self.conf = os.path.join(root, "apt.conf")

    def sources_list(self):
        """Returns the text of its sources.list."""
        main, security = mirrors()
        if self.sources:
            return "deb-src [signed-by=%s] %s %s main\n" % (
                KEYRING, main, self.suite)
        signed = "[arch=amd64 signed-by=%s] " % KEYRING
        rows = ["deb %s%s %s main" % (signed, main, self.suite),
                "deb %s%s %s-security main" % (signed, security, self.suite)]
        if self.backports:
            rows.append("deb %s%s %s-backports main"
                        % (signed, main, self.suite))
        return "\n".join(rows) + "\n"

    def _configuration(self):
        rows = ['Dir::Etc::sourcelist "%s/sources.list";' % self.root,
                'Dir::Etc::sourceparts "-";',
                'Dir::Etc::preferencesparts "-";',
                'Dir::State "%s/state";' % self.root,
                'Dir::State::status "%s/status";' % self.root,
                'Dir::Cache "%s/cache";' % self.root,
                'APT::Architecture "amd64";',
                'APT::Sandbox::User "root";',
                'Acquire::Languages "none";',
                'Acquire::Retries "2";',
                # The machine's own hooks have no business here.
                "#clear APT::Update;",
                "#clear DPkg;",
                "#clear Acquire::IndexTargets::deb::DEP-11;",
                "#clear Acquire::IndexTargets::deb::DEP-11-icons-small;",
                "#clear Acquire::IndexTargets::deb::DEP-11-icons;",
                "#clear Acquire::IndexTargets::deb::Contents-deb;"]
        return "\n".join(rows) + "\n"

    def prepare(self):
        """Writes the configuration and fetches the package indexes."""
        if not os.path.exists(KEYRING):
            raise say.Failure("no %s: install debian-archive-keyring" % KEYRING)
        for name in ("state/lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        for name, text in (("sources.list", self.sources_list()), ("status", ""),
                           ("apt.conf", self._configuration())):
            with open(os.path.join(self.root, name), "w") as stream:
                stream.write(text)
        text = say.run(["apt-get", "-c", self.conf, "-q", "update",
                        "-o", "APT::Update::Error-Mode=any"])
        if re.search(r"^(Err|E):", text, re.M):
            raise say.Failure("apt-get update of %s:\n%s" % (self.suite, text))

    def search(self, pattern):
        """Returns the names of packages whose name matches a regex."""
        text = say.run(["apt-cache", "-c", self.conf, "search",
                        "--names-only", pattern])
        return [row.split()[0] for row in text.splitlines() if row.strip()]

    def depends(self, names):
        """Returns the packages that the named ones depend on, one level."""
        text = say.run(["apt-cache", "-c", self.conf, "show",
                        "--no-all-versions"] + list(names))
        found = set()
        for value in re.findall(r"^(?:Pre-)?Depends: (.*)$", text, re.M):
            for choice in value.split(","):
                found.add(re.split(r"[\s:(|]", choice.strip())[0])
        return sorted(found)

    def libraries(self, names):
        """Returns the library packages that the named ones need, deeply."""
        seen, level = set(), set(names)
        while level:
            level = {name for name in self.depends(sorted(level))
                     if name.startswith("lib")} - seen
            seen |= level
        return sorted(seen)

    def fetch_source(self, name, into):
        """Downloads a source package (hashes verified by apt)."""
        os.makedirs(into, exist_ok=True)
        say.run(["apt-get", "-c", self.conf, "-q", "source",
                 "--download-only", name], cwd=into)

    def fetch(self, names, into):
        """Downloads packages (hashes verified by apt); returns their paths."""
        os.makedirs(into, exist_ok=True)
        say.run(["apt-get", "-c", self.conf, "-q", "download"] + list(names),
                cwd=into)
        paths = []
        for name in names:
            match = sorted(glob.glob(os.path.join(into, name + "_*.deb")))
            if not match:
                raise say.Failure("apt-get download gave no %s" % name)
            paths.append(match[-1])
        return paths
