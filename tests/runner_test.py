# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the runner itself: run with python3 -m unittest."""

import os
import shutil
import struct
import subprocess
import tempfile
import unittest
import unittest.mock

from runner import (apt, arm64, cache, coverage, cpio, debug, elf, face, fuzz,
                    images, install, ktap, kunit, launch, machine, matrix, modules,
                    running, say, scenario, static, table, texts)


class Folder(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, data=None):
        """Returns a path in the directory; writes data to it if given."""
        path = os.path.join(self.folder, name)
        if data is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(data)
        return path


class Ktap(unittest.TestCase):
    GOOD = ("KTAP version 1\n1..1\n    KTAP version 1\n"
            "    # Subtest: one\n    1..3\n    ok 1 first\n"
            "        KTAP version 1\n        # Subtest: second\n"
            "        ok 1 a\n        # why\n        not ok 2 b\n"
            "    # second: pass:1 fail:1 skip:0 total:2\n"
            "    not ok 2 second\n    ok 3 third # SKIP no room\n"
            "# one: pass:1 fail:1 skip:1 total:3\nnot ok 1 one\n")

    def test_nests(self):
        one, = ktap.parse(self.GOOD)
        self.assertEqual((one.name, one.success), ("one", False))
        self.assertEqual([repr(point) for point in one.points],
                         ["ok first", "not ok second", "ok third"])
        second = one.points[1]
        self.assertEqual([point.name for point in second.points], ["a", "b"])
        self.assertIn("# why", second.points[1].notes)
        self.assertEqual(one.points[2].skip, "no room")
        self.assertIsNone(one.points[0].skip)

    def refuse(self, old, new):
        self.assertIn(old, self.GOOD)
        with self.assertRaises(ktap.Bad):
            ktap.parse(self.GOOD.replace(old, new))

    def test_refuses_what_does_not_add_up(self):
        self.refuse("1..3", "1..4")
        self.refuse("total:2", "total:3")
        self.refuse("    # second: pass:1 fail:1 skip:0 total:2\n", "")
        self.refuse("ok 3 third", "ok 4 third")
        self.refuse("    ok 3 third", "    1..3\n    ok 3 third")
        self.refuse("not ok 2 second", "ok 2 second")
        self.refuse("not ok 1 one\n", "ok 1 one\n")
        self.refuse("not ok 1 one\n", "")
        self.refuse(self.GOOD, "")


class Kunit(unittest.TestCase):
    def test_sections(self):
        found = kunit.sections("noise\n@ load\nloaded a\n@ end\n")
        self.assertEqual(found, {"load": "loaded a\n", "end": ""})

    def test_reports_of_the_kernel_after_its_start(self):
        start = "[ 1.0] Run /init as init process\n"
        report = "[ 2.0] BUG: KASAN: slab-out-of-bounds in f+0x1/0x2\n"
        self.assertEqual(kunit.reports(report + start + "[ 3.0] fine\n"), [])
        self.assertEqual(kunit.reports(start + report + "[ 3.0] more\n"),
                         [report.strip(), "[ 3.0] more"])
        for row in ("WARNING: CPU: 0 PID: 1 at f.c:1 f+0x1/0x2",
                    "UBSAN: shift-out-of-bounds in f.c:1:1",
                    "WARNING: possible circular locking dependency detected",
                    "kmemleak: 1 new suspected memory leaks",
                    "INFO: task kunit:7 blocked for more than 60 seconds.",
                    "ODEBUG: free active (active state 0)",
                    "BUG: sleeping function called from invalid context"):
            self.assertTrue(kunit.reports(start + row), row)

    def test_every_suite_is_known_by_its_name(self):
        self.assertIn("hv_netvsc_ring", kunit.names())


class Debug(unittest.TestCase):
    def test_options(self):
        self.assertEqual(debug.options("# A word.\nCONFIG_A=y\n\n"
                                       "# CONFIG_B is not set\nCONFIG_C=\"x\"\n"),
                         {"CONFIG_A": "y", "CONFIG_B": "n", "CONFIG_C": '"x"'})

    def test_key_changes_with_what_it_is_made_from(self):
        self.assertNotEqual(debug.key("1"), debug.key("2"))
        self.assertEqual(debug.key("1"), debug.key("1"))


class Cpio(Folder):
    def archive(self):
        one = cpio.Archive()
        one.data("b/c", "text", 0o755)
        one.link("b/l", "c")
        one.data("a", b"x" * 5)
        return one

    def records(self, data):
        """Yields (name, mode, data) of a newc archive."""
        at = 0
        while True:
            self.assertEqual(data[at:at + 6], b"070701")
            field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                     for i in range(13)]
            start = at + 110
            name = data[start:start + field[11] - 1].decode()
            start += field[11] + -(start + field[11]) % 4
            if name == "TRAILER!!!":
                return
            yield name, field[1], data[start:start + field[6]]
            at = start + field[6] + -field[6] % 4

    def test_holds_what_was_added(self):
        path = self.path("out")
        self.archive().write(path)
        with open(path, "rb") as stream:
            found = list(self.records(stream.read()))
        self.assertEqual([row[0] for row in found], ["a", "b", "b/c", "b/l"])
        self.assertEqual(found[0][2], b"xxxxx")
        self.assertEqual(found[2][1:], (0o100755, b"text"))
        self.assertEqual(found[3][1:], (0o120777, b"c"))

    def test_same_input_same_bytes(self):
        data = []
        for name in ("one", "two"):
            self.archive().write(self.path(name))
            with open(self.path(name), "rb") as stream:
                data.append(stream.read())
        self.assertEqual(data[0], data[1])
        self.assertEqual(len(data[0]) % 512, 0)


class Elf(Folder):
    def test_shell_is_linked_with_libc(self):
        interpreter, names = elf.needed(os.path.realpath("/bin/sh"))
        self.assertTrue(interpreter.startswith("/lib"))
        self.assertIn("libc.so.6", names)

    def test_text_needs_nothing(self):
        self.assertEqual(elf.needed(self.path("t", b"#!/bin/sh\n")),
                         (None, []))


class UserLands(Folder):
    def setUp(self):
        super().setUp()
        os.symlink("/lib/x86_64-linux-gnu", self.path("lib"))
        for name in ("bin", "lib"):
            os.makedirs(self.path("tools/" + name))
        os.symlink(os.path.realpath("/bin/sh"), self.path("tools/bin/sh"))
        os.rename(self.path("lib"), self.path("tools/lib/x86_64-linux-gnu"))

    def archive(self, folder):
        found = cpio.Archive()
        images.UserLand(self.path("tools"), folder).program(found, "sh")
        return found

    def test_first_has_the_usual_places(self):
        found = self.archive("")
        for name in ("bin/sh", "lib64/ld-linux-x86-64.so.2",
                     "lib/x86_64-linux-gnu/libc.so.6"):
            self.assertIn(name, found)

    def test_second_stays_in_its_folder(self):
        found = self.archive("/other")
        for name in ("bin/sh", "other/bin/sh",
                     "other/lib64/ld-linux-x86-64.so.2",
                     "other/lib/x86_64-linux-gnu/libc.so.6"):
            self.assertIn(name, found)
        self.assertNotIn("lib64/ld-linux-x86-64.so.2", found)
        self.assertNotIn("lib", found)

    def test_unknown_release_is_a_failure(self):
        with self.assertRaises(say.Failure):
            cache.Cache(self.path("cache")).tools("nowhere")

    def test_scenarios_name_known_ones(self):
        for one in scenario.everything():
            for name in one.conf["programs"].split():
                self.assertIn(name.rpartition(":")[0] or
                              cache.USER_LAND_SUITE, cache.USER_LANDS)


class Modules(Folder):
    def kernel(self):
        for name, needs in (("a", "b,c-d"), ("b", ""), ("c_d", "b"),
                            ("e", "builtin")):
            self.path("9.9/lib/modules/9.9/kernel/%s.ko" % name,
                      b"\x7fELF\0depends=%s\0name=%s\0"
                      % (needs.encode(), name.encode()))
        self.path("9.9/lib/modules/9.9/modules.builtin",
                  b"kernel/x/builtin.ko\n")
        self.path("9.9/boot/vmlinuz-9.9", b"")
        return cache.Kernel(self.path("9.9"))

    def test_both_layouts_of_packages_are_found(self):
        self.assertTrue(self.kernel().image.endswith("/boot/vmlinuz-9.9"))
        image = self.path("9.10/usr/lib/modules/9.10/vmlinuz", b"")
        found = cache.Kernel(self.path("9.10"))
        self.assertEqual(found.image, image)
        self.assertEqual(found.modules, os.path.dirname(image))

    def test_dependencies_come_first(self):
        found = modules.Modules(self.kernel()).load_order(["a"])
        self.assertEqual([row[0] for row in found], ["b", "c_d", "a"])

    def test_builtin_is_left_out(self):
        found = modules.Modules(self.kernel()).load_order(["e", "builtin"])
        self.assertEqual([row[0] for row in found], ["e"])

    def test_own_module_stands_in(self):
        own = self.path("own.ko", b"\0depends=b\0")
        found = modules.Modules(self.kernel()).load_order(["a"], {"a": own})
        self.assertEqual([row[0] for row in found], ["b", "a"])

    def test_unknown_module_is_a_failure(self):
        with self.assertRaises(say.Failure):
            modules.Modules(self.kernel()).load_order(["nosuch"])

    def test_signature_is_cut_off(self):
        signed = (b"module" + b"s" * 20 + struct.pack(">8xI", 20) +
                  modules.SIGNATURE_MAGIC)
        self.assertEqual(modules.without_signature(signed), b"module")
        self.assertEqual(modules.without_signature(b"module"), b"module")


class Scenarios(Folder):
    def scenario(self, text):
        return scenario.Scenario(os.path.dirname(
            self.path("one/scenario.conf", text.encode())))

    def test_keys_and_defaults(self):
        found = self.scenario("# c\ncpus: 4\nnic: a=1;b=2\nnic: c=3\n")
        self.assertEqual(found.conf["cpus"], "4")
        self.assertEqual(found.conf["nic"], ["a=1;b=2", "c=3"])
        self.assertEqual(found.conf["timeout"], "240")

    def test_rounds_are_those_of_the_scenario_unless_chosen(self):
        conf = dict(scenario.KEYS, rounds="12")
        with unittest.mock.patch.dict(os.environ, clear=True):
            self.assertEqual(running.rounds(scenario.KEYS), {})
            self.assertEqual(running.rounds(conf)["ROUNDS"], 12)
            os.environ.update(SEED="7", ROUNDS="200")
            self.assertEqual(running.rounds(conf),
                             {"SEED": 7, "ROUNDS": 200})

    def test_seeds_are_fresh_unless_chosen(self):
        conf = dict(scenario.KEYS, seeds="200")
        with unittest.mock.patch.dict(os.environ, clear=True):
            self.assertEqual(running.seeds(scenario.KEYS), {})
            found = running.seeds(conf)
            self.assertGreater(found["SEED"], 202601010000000)
            self.assertEqual(found["SEED"] % 1000, 0)
            self.assertEqual((found["SEEDS"], found["MASK"]),
                             (200, 0xffffffff))
            self.assertNotIn("ATTACKS", found)
            os.environ.update(SEED="7", SEEDS="1", MASK="2", ATTACKS="a b")
            self.assertEqual(running.seeds(conf), {
                "SEED": 7, "SEEDS": 1, "MASK": 2, "ATTACKS": "a b"})
            os.environ["SEED"] = "-7"
            with self.assertRaises(say.Failure):
                running.seeds(conf)

    def test_unknown_key_is_a_failure(self):
        with self.assertRaises(say.Failure):
            self.scenario("cpu: 4\n")

    def test_matrix(self):
        found = self.scenario("kernels: 6.1 7:intree\n")
        self.assertEqual(found.matrix(), [("6.1", "intree"), ("6.1", "ours"),
                                          ("7", "intree")])

    def test_releases_of_debian(self):
        found = self.scenario("kind: root\nroots: trixie bookworm\n"
                              "rarely: bookworm\n")
        self.assertEqual(found.releases(), ["trixie", "bookworm"])
        self.assertEqual(found.releases(False), ["trixie"])

    def test_script_in_a_debian_needs_its_end(self):
        run = install.RootRun(self.scenario("kind: root\n"), "trixie")
        run.results = self.folder
        self.path("console", b"ok - a\nnoise\n# end\n")
        run._judge()
        self.assertTrue(run.passed())
        self.assertEqual(run.lines, ["ok - a"])
        self.path("console", b"ok - a\n")
        run._judge()
        self.assertFalse(run.passed())

    def judged(self, console, status, stderr=""):
        run = running.GuestRun(self.scenario(""),
                               cache.Kernel("/k/6.12.1"), "intree")
        run.results = self.folder
        for name, text in (("console", console), ("status", status),
                           ("stderr", stderr)):
            self.path(name, text.encode())
        run._judge()
        return run

    def test_words_for_the_kernel_stay_one_argument(self):
        run = running.GuestRun(self.scenario("append: a=1  b\n"),
                               cache.Kernel("/k/6.12.1"), "ours")
        rows = run._argv().split("\n")
        self.assertEqual(rows[rows.index("--append") + 1],
                         running.COMMAND_LINE + " a=1 b")

    def test_success_needs_the_end_and_a_check(self):
        self.assertTrue(self.judged("ok - a\r\n# end\n", "0\n").passed())
        self.assertFalse(self.judged("ok - a\n", "0\n").passed())
        self.assertFalse(self.judged("# end\n", "0\n").passed())
        self.assertFalse(self.judged("ok - a\n# end\n", "").passed())

    def test_failed_check_and_broken_rule(self):
        self.assertFalse(self.judged("ok - a\nnot ok - b\n# end\n",
                                     "1\n").passed())
        run = self.judged("ok - a\n# end\n", "121\n", "rule x\n")
        self.assertFalse(run.passed())
        self.assertIn("rule x", " ".join(run.report()))

    def test_dead_guest_is_told_from_a_living_one(self):
        run = self.judged("", "122\n")
        self.assertFalse(run._stopped_dead())
        look = '{"vcpus": [{"exits": {"io": %d}, "kvm": {"exits": %d}}]}'
        self.path("hang-1.json", (look % (5, 10)).encode())
        # KVM's own count goes on in a CPU that spins.
        self.path("hang-2.json", (look % (5, 11)).encode())
        self.assertTrue(run._stopped_dead())
        self.path("hang-2.json", (look % (6, 11)).encode())
        self.assertFalse(run._stopped_dead())
        self.path("hang-2.json", b"not written yet")
        self.assertFalse(run._stopped_dead())

    def test_machine_around_the_guest_may_stop_too(self):
        self.assertTrue(self.judged("ok - a\n", "")._stopped_dead())
        self.assertFalse(self.judged("not ok - a\n", "")._stopped_dead())


class Limited(unittest.TestCase):
    def ended(self, program):
        """Runs a program with all limits shortened; returns what came of it."""
        seen = []
        with unittest.mock.patch.multiple(launch, LOOK_EVERY=0.1, IDLE_LOOKS=5):
            status = launch.limited(["sh", "-c", program],
                                    subprocess.DEVNULL, 3,
                                    on_idle=lambda: seen.append(True))
        return status, bool(seen)

    def test_only_an_idle_program_is_idle(self):
        self.assertEqual(self.ended("exit 3"), (3, False))
        self.assertEqual(self.ended("sleep 60"), (None, True))
        self.assertEqual(self.ended("while :; do :; done"), (None, False))


class Apt(unittest.TestCase):
    def test_newest_by_number_not_by_text(self):
        names = ["linux-image-6.1.0-9-cloud-amd64",
                 "linux-image-6.1.0-56-cloud-amd64"]
        self.assertEqual(max(names, key=cache.Cache._version), names[1])

    def test_mirrors_are_debian_ones(self):
        main, security = apt.mirrors()
        self.assertTrue(main.endswith("/debian"))
        self.assertTrue(security.endswith("/debian-security"))


class Builds(unittest.TestCase):
    def test_warnings_of_compiler_and_sparse(self):
        log = ("  CC [M]  netvsc_drv.o\nnetvsc.c:3:1: warning: x [-Wfoo]\n"
               "nvsp.c:3:1: error: no\nno warnings here\n")
        self.assertEqual(len(matrix.warnings(log)), 2)

    def test_arm64_does_not_ask_for_symbols(self):
        log = ('WARNING: modpost: "vmbus_open" [hv_netvsc.ko] undefined!\n'
               "WARNING: Symbol version dump \"Module.symvers\" is missing.\n")
        self.assertEqual(arm64.complaints(log), [])
        self.assertEqual(len(arm64.complaints("a.c:1:1: warning: y\n")), 1)

    def test_what_is_said_twice_is_the_same(self):
        texts.agreement()
        claims = {"it": [("here", "1"), ("there", "2")]}
        with unittest.mock.patch.object(texts, "claims", lambda: claims):
            with self.assertRaises(say.Failure):
                texts.agreement()


class Table(unittest.TestCase):
    def test_only_what_is_between_the_marks_changes(self):
        text = "a\n" + table.BEGIN + "old\n" + table.END + "b\n"
        self.assertEqual(table.replaced(text, "new\n"),
                         "a\n" + table.BEGIN + "new\n" + table.END + "b\n")
        with self.assertRaises(say.Failure):
            table.replaced("a\n", "new\n")

    def test_version_of_a_compiler(self):
        self.assertEqual(table.compiler("gcc (Debian 10.2.1-6) 10.2.1 2021"),
                         "gcc 10.2.1")


class Traffic(unittest.TestCase):
    def test_expected_hash(self):
        digest = subprocess.run(
            "cat %s %s | sha256sum" % ((scenario.data_file(),) * 2),
            shell=True, stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(digest.split()[0].decode(), scenario.data_hash(2))


class Corpus(unittest.TestCase):
    def test_what_is_written_is_read(self):
        inputs = [(b"\x02\x01", ""), (b"\xff", "why it is there")]
        text = fuzz.write_corpus(inputs)
        self.assertEqual(fuzz.read_corpus(text), [inputs[1], inputs[0]])

    def test_comments_and_empty_lines_are_no_inputs(self):
        self.assertEqual(fuzz.read_corpus("# one\n\n 00 ff # two\n"),
                         [(b"\x00\xff", "two")])

    def test_corpora_are_for_targets_and_in_order(self):
        for name in fuzz.targets():
            with open(fuzz.corpus_file(name)) as stream:
                text = stream.read()
            self.assertEqual(fuzz.write_corpus(fuzz.read_corpus(text)), text)


class Accepted(unittest.TestCase):
    LIST = [("tool", "a*.c", "KIND"), ("tool", "b.c", "KIND")]

    def test_a_line_needs_a_reason(self):
        self.assertEqual(static.read_accepted("# x\n\na b c # d\n"),
                         [("a", "b", "c")])
        for text in ("a b c\n", "a b # d\n"):
            with self.assertRaises(say.Failure):
                static.read_accepted(text)

    def test_accepted_findings_are_no_complaints(self):
        found = [("ab.c:1", "KIND", "x"), ("b.c:2", "KIND", "y")]
        self.assertEqual(static.sift("tool", found, self.LIST), [])

    def test_other_findings_are(self):
        found = [("ab.c:1", "KIND", "x"), ("b.c:2", "KIND", "y"),
                 ("b.c:3", "OTHER", "z"), ("c.c:4", "KIND", "z")]
        self.assertEqual(static.sift("tool", found, self.LIST),
                         ["b.c:3: OTHER: z", "c.c:4: KIND: z"])

    def test_so_are_lines_that_nothing_needs(self):
        self.assertEqual(static.sift("tool", [("b.c:2", "KIND", "y")],
                                     self.LIST),
                         ["accepted, but not found any more: tool a*.c KIND"])
        self.assertEqual(static.sift("another", [], self.LIST), [])


class Face(unittest.TestCase):
    """What is missing in a module is named."""

    INFORMATION = ["name=hv_netvsc", "license=GPL", "version=1.2",
                   "alias=" + face.ALIAS, "parm=debug:Level",
                   "parmtype=debug:int", "parm=ring_size:Size",
                   "parmtype=ring_size:uint"]

    def test_complete(self):
        self.assertEqual(face.complaints(set(face.SYMBOLS), self.INFORMATION,
                                         "1.2"), [])

    def test_missing(self):
        self.assertEqual(face.complaints({"netvsc_get_msglevel"},
                                         self.INFORMATION, "1.2"),
                         ["no symbol netvsc_set_msglevel"])
        self.assertEqual(face.complaints(set(face.SYMBOLS),
                                         self.INFORMATION[:-1], "1.3"),
                         ["no version=1.3", "no parmtype of ring_size"])


class Coverage(Folder):
    """Counters of a guest, and what is made of them."""

    def test_no_counters(self):
        self.assertIsNone(coverage.archive("ok - one\n# gcov: none\n"))

    def test_archive(self):
        self.assertEqual(coverage.archive(
            "# x\ngcov: aGVs\nok - one\ngcov: bG8=\n"), b"hello")

    def test_broken_archive(self):
        with self.assertRaises(say.Failure):
            coverage.archive("gcov: a\n")

    def test_ranges(self):
        self.assertEqual(coverage.ranges([1, 2, 3, 7, 9, 10]),
                         ["1-3", "7", "9-10"])
        self.assertEqual(coverage.ranges([]), [])

    def _counters(self, keep):
        with unittest.mock.patch.object(machine, "BUILD", self.folder):
            return coverage.Counters(self.path("module"), keep)

    def test_kept_of_this_build_alone(self):
        for name in ("same", "changed", "gone"):
            self.path("coverage/total/%s.gcda" % name, b"--------1111")
        self.path("module/same.gcno", b"--------1111")
        self.path("module/changed.gcno", b"--------2222")
        self.assertTrue(self._counters(True).kept)
        self.assertEqual(os.listdir(self.path("coverage/total")),
                         ["same.gcda"])

    def test_nothing_kept(self):
        self.path("coverage/total/same.gcda", b"--------1111")
        self.assertFalse(self._counters(False).kept)
        self.assertFalse(os.path.exists(self.path("coverage/total")))

    def test_table(self):
        rows, share = coverage.table({"a.c": {1: 0, 2: 5}, "b.c": {9: 1,
                                                                   10: 1}})
        self.assertEqual(share, 75.0)
        self.assertEqual(rows[-1].split(), ["all", "4", "3", "75.0", "%"])
        self.assertEqual(rows[1].split(), ["a.c", "2", "1", "50.0", "%"])

    def test_missing_by_function(self):
        functions = {"a.c": {1: "one", 2: "one", 3: "two", 4: "two.part.0",
                             5: ""}}
        self.assertEqual(
            coverage.missing({"a.c": {1: 0, 2: 1, 3: 0, 4: 0, 5: 0}},
                             functions),
            {"a.c": {"one": [1], "two": [3, 4, 5]}})
        self.assertEqual(coverage.missing({"a.c": {1: 5}}, functions), {})

    def test_reasons(self):
        text = ("Coverage\n========\n\n``other()``, ``before``\n\n%s\n%s\n\n"
                "kind\n   reason: ``two``\n   ``three``\n\nFuzzing\n=======\n\n"
                "``after``\n" % (coverage.REASONS_TITLE, "-" * 27))
        known = coverage.explained(text)
        self.assertEqual(known, {"two", "three"})
        rows = {"a.c": {"one": [1, 2, 5], "two": [7]}}
        self.assertEqual(coverage.without_reason(rows, known),
                         ["a.c: one: 1-2 5"])
        self.assertEqual(coverage.needless(rows, known), ["three"])
        self.assertEqual(coverage.explained("Coverage\n========\n"), set())


if __name__ == "__main__":
    unittest.main()
