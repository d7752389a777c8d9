#!/usr/bin/python3
"""The disk that fails on request: does it what the tests that trust it believe?"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.disk_faults import DiskFaults  # noqa: E402

PROGRAM = """
import os, sys
folder = sys.argv[1]
fd = os.open(folder + "/a", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for text in (b"first,", b"second,", b"third,"):
    done = 0
    while done < len(text):
        done += os.write(fd, text[done:])
    os.fdatasync(fd)
os.pwrite(fd, b"!", 0)
os.close(fd)
os.posix_fallocate(os.open(folder + "/b", os.O_RDWR | os.O_CREAT), 0, 4096)
os.rename(folder + "/a", folder + "/c")
os.unlink(folder + "/b")
"""


class DiskFaultsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tmp = pathlib.Path(folder.name)
        self.disk = self.tmp / "disk"
        self.disk.mkdir()

    def run_on(self, **how):
        """Runs PROGRAM on a disk; returns its exit code."""
        self.faults = DiskFaults(self.tmp, [self.disk], **how)
        done = subprocess.run([sys.executable, "-c", PROGRAM, str(self.disk)], capture_output=True,
                              env={**os.environ, **self.faults.env})
        self.words = done.stderr.decode()
        return done.returncode

    def content(self):
        """What is in the files that are there."""
        return {path.name: path.read_bytes() for path in self.disk.iterdir()}

    def test_without_a_fault_the_program_is_not_disturbed_and_each_operation_is_logged(self):
        self.assertEqual(self.run_on(data=True), 0, self.words)
        self.assertEqual(self.content(), {"c": b"first,second,third,!"})
        operations = self.faults.operations()
        self.assertEqual([op.name for op in operations], ["open"] + ["write", "fdatasync"] * 3 + ["write", "open", "fallocate", "rename", "unlink"])
        self.assertEqual([op.number for op in operations], list(range(1, 13)))
        self.assertEqual([(op.offset, op.data) for op in operations if op.name == "write"],
                         [(0, b"first,"), (6, b"second,"), (13, b"third,"), (19, b"!")])  # on Linux even pwrite appends
        self.assertEqual((operations[10].path, operations[10].to), (str(self.disk / "a"), str(self.disk / "c")))
        self.assertEqual(self.faults.hits, [])

    def test_it_kills_before_in_the_middle_of_and_after_an_operation(self):
        for do, left in (("kill_before", b"first,"), ("kill_half", b"first,sec"), ("kill_after", b"first,second,")):
            with self.subTest(do):
                self.assertEqual(self.run_on(do=do, at=4), -9)
                self.assertEqual(self.content(), {"a": left})
                self.assertEqual(self.faults.hits, ["4 write %s" % (self.disk / "a")])
                (self.disk / "a").unlink()

    def test_an_error_is_reported_and_nothing_is_done(self):
        self.assertEqual(self.run_on(do="EIO", at=2, ops=("fdatasync",)), 1)
        self.assertIn("Input/output error", self.words)
        self.assertEqual(self.content(), {"a": b"first,second,"})
        for do, words in (("ENOSPC", "No space left"), ("EINTR", "")):
            self.assertEqual(self.run_on(do=do, at=1, ops=("open",)), 0 if do == "EINTR" else 1, do)  # Python tries again
            self.assertIn(words, self.words)

    def test_short_writes_are_short(self):
        self.assertEqual(self.run_on(do="short", count=0, ops=("write",)), 0)
        self.assertEqual(self.content(), {"c": b"first,second,third,!"})
        self.assertGreater(len(self.faults.hits), 8)

    def test_a_fault_lasts_as_long_as_its_file(self):
        full = self.tmp / "full"
        self.assertEqual(self.run_on(do="ENOSPC", while_file=full), 0)
        self.assertEqual(self.faults.hits, [])
        full.touch()
        self.assertEqual(self.run_on(do="ENOSPC", while_file=full), 1)
        self.assertEqual(len(self.faults.hits), 1)

    def test_other_files_are_let_alone(self):
        self.disk = self.tmp / "elsewhere"
        self.disk.mkdir()
        faults = DiskFaults(self.tmp, [self.tmp / "disk"], do="kill_before", count=0)
        done = subprocess.run([sys.executable, "-c", PROGRAM, str(self.disk)], env={**os.environ, **faults.env})
        self.assertEqual((done.returncode, faults.hits, faults.operations()), (0, [], []))


if __name__ == "__main__":
    unittest.main()
