# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the runner itself: run with python3 -m unittest."""

import os
import shutil
import struct
import subprocess
import tempfile
import unittest
import unittest.mock

from runner import apt, cache, cpio, elf, modules, running, say, scenario


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

    def judged(self, console, status, stderr=""):
        run = running.GuestRun(self.scenario(""),
                               cache.Kernel("/k/6.12.1"), "intree")
        run.results = self.folder
        for name, text in (("console", console), ("status", status),
                           ("stderr", stderr)):
            self.path(name, text.encode())
        run._judge()
        return run

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


class Apt(unittest.TestCase):
    def test_newest_by_number_not_by_text(self):
        names = ["linux-image-6.1.0-9-cloud-amd64",
                 "linux-image-6.1.0-56-cloud-amd64"]
        self.assertEqual(cache.Cache._newest(names), names[1])

    def test_mirrors_are_debian_ones(self):
        main, security = apt.mirrors()
        self.assertTrue(main.endswith("/debian"))
        self.assertTrue(security.endswith("/debian-security"))


class Traffic(unittest.TestCase):
    def test_expected_hash(self):
        digest = subprocess.run(
            "cat %s %s | sha256sum" % ((scenario.data_file(),) * 2),
            shell=True, stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(digest.split()[0].decode(), scenario.data_hash(2))


if __name__ == "__main__":
    unittest.main()
