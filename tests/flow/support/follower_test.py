#!/usr/bin/python3
"""The reader that watches an output file: it must notice what no reader may see."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.flow import wait_for  # noqa: E402
from support.follower import Follower  # noqa: E402


class FollowerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "lines")
        self.follower = Follower(self.path)
        self.addCleanup(self.follower.stop)

    def append(self, data):
        with open(self.path, "ab") as file:
            file.write(data)

    def wait_for_lines(self, count):
        self.follower.wait_for_lines(count, deadline_s=10)

    def test_it_sees_each_byte_once(self):
        for number in range(100):
            self.append(b"%d\n" % number)
        self.wait_for_lines(100)
        self.append(b"torn")
        self.follower.wait_until_at_end()
        self.follower.recheck()
        self.assertEqual(self.follower.seen, self.path.read_bytes())
        self.assertEqual((self.follower.lines_count, self.follower.faults), (100, []))

    def test_a_file_that_shrinks_is_a_fault(self):
        self.append(b"one\ntwo\n")
        self.wait_for_lines(2)
        with open(self.path, "r+b") as file:
            file.truncate(4)
        wait_for(lambda: self.follower.faults, "the fault to be seen", 10)
        self.assertIn("shrank", self.follower.faults[0])

    def test_a_line_that_changes_after_it_was_seen_is_a_fault(self):
        self.append(b"one\ntwo\n")
        self.wait_for_lines(2)
        with open(self.path, "r+b") as file:
            file.write(b"eno")
        self.follower.recheck()
        self.assertIn("byte 0 of 8", self.follower.faults[0])

    def test_a_file_in_the_place_of_another_is_read_after_it(self):
        self.append(b"one\n")
        self.wait_for_lines(1)
        with open(self.path, "ab") as old:
            self.path.rename(self.path.with_suffix(".old"))
            old.write(b"two\n")
        self.append(b"three\n")
        self.wait_for_lines(3)
        self.assertEqual((self.follower.seen, self.follower.replaced_count), (b"one\ntwo\nthree\n", 1))


if __name__ == "__main__":
    unittest.main()
