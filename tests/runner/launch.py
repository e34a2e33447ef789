# SPDX-License-Identifier: GPL-2.0
"""Where guests run: on this machine's KVM, or nested in an emulated machine.

Both take the same job (tests/outer/run.sh describes it) and leave the same
results. The choice is made once, by trying.
"""

import contextlib
import fcntl
import glob
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time

from . import build, cpio, emulator, images, machine, say

KVM_CHECK_EXTENSION = 0xAE03
KVM_CAP_HYPERV_SYNIC2 = 148
OUTER_SERIES = "6.12"
OUTER_COMMAND_LINE = ("console=ttyS0 quiet panic=-1 tsc=reliable "
                      "mitigations=off nokaslr cryptomgr.notests=1")
OUTER_MEMORY = 1024		# MiB beside the guest's own
RESULT_DISK = 192 << 20
PROBE_SECONDS = 30
GRACE = 90			# seconds around the guest's own time limit
LOOK_EVERY = 5			# seconds
# An emulator that does less than this in so many looks runs nothing: a living
# outer machine has much to do.
IDLE_LOOKS = 9
IDLE_SECONDS = 0.1


def _kvm_has_synic():
    try:
        with open("/dev/kvm", "r+b", buffering=0) as kvm:
            return fcntl.ioctl(kvm, KVM_CHECK_EXTENSION,
                               KVM_CAP_HYPERV_SYNIC2) > 0
    except OSError:
        return False


def _keep(results, name, stream):
    with open(os.path.join(results, name), "wb") as target:
        shutil.copyfileobj(stream, target)


class Direct:
    """hvhost on this machine's /dev/kvm, in a network namespace."""

    name = "directly on /dev/kvm"
    emulated = False

    def __init__(self, cache, hvhost):
        self.bin = machine.build_dir("bin")
        busybox = os.path.join(cache.tools(), "bin/busybox")
        wanted = {name: busybox for name in images.APPLETS}
        wanted["hvhost"] = hvhost
        wanted["ip"] = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
        for tool in ("hvctl", "traffic"):
            wanted[tool] = os.path.join(machine.build_dir("tools"), tool)
        for name, target in wanted.items():
            path = os.path.join(self.bin, name)
            if not os.path.islink(path) or os.readlink(path) != target:
                if os.path.lexists(path):
                    os.unlink(path)
                os.symlink(target, path)

    def _unshare(self):
        argv = ["unshare", "--net", "--mount"]
        return argv + ([] if os.geteuid() == 0 else ["--map-root-user"])

    def run(self, files, results, memory, seconds):
        """Runs a job; the results directory has all when this returns."""
        with machine.scratch() as job:
            for name, value in files.items():
                path = os.path.join(job, name)
                if isinstance(value, bytes):
                    with open(path, "wb") as stream:
                        stream.write(value)
                else:
                    os.symlink(os.path.abspath(value), path)
            argv = self._unshare() + [
                os.path.join(self.bin, "sh"), images.tests_file("outer/run.sh"),
                job, results, os.path.join(results, "console")]
            env = dict(os.environ, PATH=self.bin,
                       IP=os.path.join(self.bin, "ip"))
            unshare = shutil.which("unshare")
            with open(os.path.join(results, "outer.log"), "wb") as log:
                limited([unshare] + argv[1:], log, seconds + GRACE, env)

    @staticmethod
    def usable(cache, kernel, hvhost):
        """Whether a stock kernel really runs on this machine's KVM."""
        if not _kvm_has_synic():
            return False
        with machine.scratch() as folder:
            archive = cpio.Archive()
            images.UserLand(cache.tools()).base(archive)
            archive.data("init", "#!/bin/sh\nhvctl ask exit 7\npoweroff -f\n",
                         0o755)
            initrd = os.path.join(folder, "initrd")
            archive.write(initrd)
            argv = [hvhost, "--kernel", kernel.image, "--initrd", initrd,
                    "--memory", "256", "--console", "/dev/null",
                    "--serial", "/dev/null"]
            with open(os.devnull, "wb") as log:
                return limited(argv, log, PROBE_SECONDS) == 7


def _processor_seconds(pid):
    """Returns what a process has used of processors so far."""
    try:
        with open("/proc/%d/stat" % pid) as stream:
            words = stream.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _wait(child, seconds, on_idle):
    """Waits for a program's end, its time's, or until it has gone idle."""
    end = time.monotonic() + seconds
    used = []
    while time.monotonic() < end:
        try:
            return child.wait(max(0.1, min(LOOK_EVERY,
                                           end - time.monotonic())))
        except subprocess.TimeoutExpired:
            used = used[-IDLE_LOOKS:] + [_processor_seconds(child.pid)]
        if on_idle and len(used) > IDLE_LOOKS and \
                used[-1] - used[0] < IDLE_SECONDS:
            on_idle()
            return None
    return None


def limited(argv, log, seconds, env=None, on_idle=None):
    """Runs a program with a time limit; returns its status, or None.

    With on_idle, a program that uses no processor any more is ended before, and
    that is called first.

    However this program ends, the other ends with it: an emulator left behind
    would take half of a small machine from all later runs.
    """
    argv = ["setpriv", "--pdeathsig", "KILL"] + argv
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log,
                             stderr=log, env=env, start_new_session=True)
    try:
        return _wait(child, seconds, on_idle)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, 9)
            child.wait()


def _ask_monitor(path, target):
    """Writes down what an emulator says of its processor and its timers."""
    try:
        with socket.socket(socket.AF_UNIX) as monitor, \
                open(target, "wb") as stream:
            monitor.settimeout(3)
            monitor.connect(path)
            monitor.sendall(b"info registers\ninfo lapic\ninfo irq\n"
                            b"info pic\n")
            while True:
                stream.write(monitor.recv(65536))
                stream.flush()
    except OSError:
        return	# it has said all, or says nothing


def clock():
    """Returns what tells an emulated kernel how fast its clock runs.

    It would measure that, and on a busy machine be wrong by a factor.
    """
    return " tsc_early_khz=%d" % build.tsc_khz()


class Nested:
    """hvhost in an emulated machine, whose stock kernel lends its KVM."""

    name = "nested: hvhost inside QEMU's software emulation"
    emulated = True
    program = ("qemu-system-x86_64",)
    exactly = ()		# what makes time the number of instructions

    def __init__(self, cache, hvhost):
        self.kernel = cache.kernel(OUTER_SERIES)
        self.clock = clock()
        self.base = os.path.join(machine.build_dir("images"), "outer.cpio")
        images.outer(cache, self.kernel, hvhost, self.base)

    def _argv(self, initrd, disk, results, memory):
        monitor = os.path.join(os.path.dirname(disk), "monitor")
        return [*self.program, "-nodefaults", "-display", "none",
                "-chardev", "socket,id=monitor,server=on,wait=off,path="
                + monitor, "-mon", "chardev=monitor",
                # One thread, one CPU outside: with more, kernels that patch
                # their own code fail under this emulation.
                # Without the fast string instructions kernels copy with
                # plain ones, which this emulation does four times as fast.
                "-accel", "tcg,thread=single", "-smp", "1",
                "-cpu", "max,erms=off,fsrm=off",
                *self.exactly,
                "-m", str(memory + OUTER_MEMORY), "-no-reboot",
                "-kernel", self.kernel.image, "-initrd", initrd,
                "-append", OUTER_COMMAND_LINE + self.clock,
                "-serial", "file:" + os.path.join(results, "outer.log"),
                "-serial", "file:" + os.path.join(results, "console"),
                "-drive", "file=%s,if=none,id=out,format=raw,cache=unsafe"
                % disk, "-device", "virtio-blk-pci,drive=out"]

    def run(self, files, results, memory, seconds):
        """Runs a job; the results directory has all when this returns."""
        with machine.scratch() as folder:
            added = os.path.join(folder, "job.cpio")
            initrd = os.path.join(folder, "initrd")
            disk = os.path.join(folder, "disk")
            images.job(files, added)
            with open(initrd, "wb") as whole:
                for part in (self.base, added):
                    with open(part, "rb") as stream:
                        shutil.copyfileobj(stream, whole)
            os.unlink(added)
            with open(disk, "wb") as stream:
                stream.truncate(RESULT_DISK)
            with open(os.path.join(results, "qemu.log"), "wb") as log:
                limited(self._argv(initrd, disk, results, memory), log,
                        seconds + GRACE, on_idle=lambda: _ask_monitor(
                            os.path.join(folder, "monitor"),
                            os.path.join(results, "idle-machine")))
            self._unpack(disk, results)

    @staticmethod
    def _unpack(disk, results):
        try:
            with tarfile.open(disk, "r:") as tar:
                for member in tar:
                    if member.isfile() and "/" not in member.name[2:]:
                        _keep(results, member.name[2:],
                              tar.extractfile(member))
        except (tarfile.TarError, OSError):
            # The outer machine did not get that far; outer.log may say why.
            return


class Mended(Nested):
    """The same on an emulator without two faults that stop guests."""

    name = "nested: hvhost inside a mended QEMU's software emulation"

    def __init__(self, cache, hvhost):
        super().__init__(cache, hvhost)
        self.program = [emulator.path(cache)] + emulator.arguments()


class Counted(Mended):
    """There, a nanosecond is an instruction and nothing is by chance."""

    name = "nested, one instruction a nanosecond"
    exactly = ("-icount", "shift=0,sleep=off", "-seed", "42",
               "-rtc", "base=2026-01-01T00:00:00,clock=vm")

    def __init__(self, cache, hvhost):
        super().__init__(cache, hvhost)
        self.clock = ""		# a clock of its own, which nothing disturbs


def _take_any(seats):
    for lock in seats:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


@contextlib.contextmanager
def seat():
    """Holds one of the machine's seats for guests, one to a processor.

    The seats are the machine's and not the command's: two commands at once
    would otherwise starve each other's guests into their time limits.
    """
    folder = os.path.join(tempfile.gettempdir(),
                          "hv_netvsc-seats-%d" % os.geteuid())
    os.makedirs(folder, mode=0o700, exist_ok=True)
    seats = [open(os.path.join(folder, str(number)), "w")
             for number in range(os.cpu_count() or 1)]
    try:
        while not _take_any(seats):
            time.sleep(0.5)
        yield
    finally:
        for lock in seats:
            lock.close()


def choose(cache, hvhost, patient=False):
    """Returns the place to run guests in, and says which it is.

    Where guests are emulated, an emulator without its known faults is used if
    it has been built; who is patient has it built.
    """
    forced = os.environ.get("HV_NETVSC_PLACE", "")
    if forced not in ("", "direct", "nested"):
        raise say.Failure("HV_NETVSC_PLACE is neither direct nor nested")
    direct = forced == "direct"
    if not forced:
        direct = Direct.usable(cache, cache.kernel(OUTER_SERIES), hvhost)
    if direct:
        found = Direct(cache, hvhost)
    else:
        machine.install(("qemu-system-x86",))
        mended = patient or emulator.built(cache)
        found = (Mended if mended else Nested)(cache, hvhost)
    say.note("guests run %s" % found.name)
    return found


def clear(results):
    """Empties a results directory, and makes it if need be."""
    os.makedirs(results, exist_ok=True)
    for path in glob.glob(os.path.join(results, "*")):
        os.unlink(path)
