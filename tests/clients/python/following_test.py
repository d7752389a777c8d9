#!/usr/bin/python3
"""Following a file: whole lines only, over rotation, truncation and a file that is not there yet."""
import os
import tempfile
import threading
import unittest
from pathlib import Path

from package import ROOT  # noqa: F401
import thresh
from thresh.following import Follower


class FollowTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "a.ndjson"
        self.follower = Follower(self.path)
        self.addCleanup(self.follower.close)

    def append(self, text, path=None):
        with open(path or self.path, "ab") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def new(self):
        return [line.decode() for line in self.follower.lines()]

    def test_whole_lines_only_as_they_come(self):
        self.assertEqual(self.new(), [])
        self.append("1\n2\n3")
        self.assertEqual(self.new(), ["1", "2"])
        self.assertEqual(self.new(), [])
        self.append("3\n\n")
        self.assertEqual(self.new(), ["33", ""])
        self.append("é\n".encode()[:1])
        self.assertEqual(self.new(), [])
        self.append("é\n".encode()[1:])
        self.assertEqual(self.new(), ["é"])

    def test_lines_over_any_buffer(self):
        long = "x" * ((1 << 20) + 7)
        self.append(long + "\n" + long)
        self.assertEqual(self.new(), [long])
        self.append("\n")
        self.assertEqual(self.new(), [long])

    def test_what_is_moved_away_is_read_to_its_end_first(self):
        self.append("1\n")
        self.assertEqual(self.new(), ["1"])
        moved = self.folder / "moved"
        self.path.rename(moved)
        self.append("2\n", moved)
        self.assertEqual(self.new(), ["2"])  # Nothing is in its place yet.
        self.append("3\n", moved)
        self.append("4\n")
        self.assertEqual(self.new(), ["3", "4"])

    def test_a_file_that_is_replaced_or_removed(self):
        self.append("1\n")
        self.assertEqual(self.new(), ["1"])
        os.unlink(self.path)
        self.assertEqual(self.new(), [])
        self.append("2\n")
        self.assertEqual(self.new(), ["2"])
        self.append("3\n", self.folder / "new")
        os.replace(self.folder / "new", self.path)
        self.assertEqual(self.new(), ["3"])

    def test_a_file_that_is_cut_short_is_read_anew(self):
        self.append("1\n2\n3")
        self.assertEqual(self.new(), ["1", "2"])
        os.truncate(self.path, 0)
        self.assertEqual(self.new(), [])
        self.append("4\n")
        self.assertEqual(self.new(), ["4"])

    def test_files_that_the_sink_put_aside_while_nobody_read(self):
        self.append("1\n")
        self.assertEqual(self.new(), ["1"])
        for number, text in (("1", "2\n"), ("2", "3\n"), ("3", "4\n")):
            self.append(text)
            self.path.rename(self.folder / ("a-20250101T00000%s.000Z.ndjson" % number))
        self.append("no\n", self.folder / "a-b.ndjson")
        self.append("5\n")
        self.assertEqual(self.new(), ["2", "3", "4", "5"])

    def test_from_its_end(self):
        self.append("1\n2\nhal")
        self.follower = Follower(self.path, from_end=True)
        self.addCleanup(self.follower.close)
        self.assertEqual(self.new(), [])
        self.append("f\n3\n")
        self.assertEqual(self.new(), ["half", "3"])
        self.path.rename(self.folder / "moved")
        self.append("4\n")
        self.assertEqual(self.new(), ["4"])

    def test_records_as_they_are_written_until_told(self):
        over = threading.Event()
        records = thresh.follow(self.path, until=over.is_set)
        self.append('{"a":1}\n{"a":')
        self.assertEqual(next(records), {"a": 1})
        writer = threading.Timer(0.1, lambda: (self.append("2}\n"), over.set()))
        writer.start()
        self.assertEqual(list(records), [{"a": 2}])
        writer.join()

    def test_a_line_that_is_no_json_is_an_error(self):
        self.append("{\n")
        with self.assertRaises(ValueError):
            next(thresh.follow(self.path))


if __name__ == "__main__":
    unittest.main()
