#!/usr/bin/python3
"""The wire: the messages are those of proto/thresh.proto, and proto/README.md's example is what we speak."""
import re
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from package import PACKAGE, ROOT
import thresh
from thresh import peers
from thresh import wire_pb2 as wire
from thresh.flight import FlightRecorder
from thresh.peers import Life
from thresh.pipe import Reader, pack
from thresh.recipe import sketch

PARSER, FETCHER, SINK = Life(b"\x11" * 16, 1), Life(b"\x22" * 16, 2), Life(b"\x33" * 16, 3)


def example(name):
    """The bytes behind `NAME,` in the page."""
    text = (ROOT / "proto" / "README.md").read_text(encoding="utf-8").partition("## A worked example")[2]
    return bytes.fromhex(re.search(r"\n%s,.*?```\n([0-9a-f\s]+)```" % name, text, re.DOTALL)[1])


class WireTest(unittest.TestCase):
    def test_the_messages_are_made_of_the_proto(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["protoc", "-I", ROOT / "proto", "--python_out", folder, ROOT / "proto" / "thresh.proto"], check=True)
            self.assertEqual(Path(folder, "thresh_pb2.py").read_text(), (PACKAGE / "thresh" / "wire_pb2.py").read_text(),
                             "protoc --python_out of proto/thresh.proto is to be kept as clients/python/thresh/wire_pb2.py")

    def test_versions_are_the_same(self):
        version = re.search(r"VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text().partition("project(")[2])[1]
        self.assertEqual(thresh.__version__, version)
        self.assertIn('version = "%s"' % version, (PACKAGE / "pyproject.toml").read_text())

    def test_every_file_of_the_package_is_installed(self):
        listed = re.findall(r"python/thresh/(\S+)", (ROOT / "clients" / "CMakeLists.txt").read_text())
        there = {path.name for path in (PACKAGE / "thresh").iterdir() if path.name != "__pycache__"}
        self.assertEqual(set(listed), there)

    def test_the_worked_example(self):
        hello = peers.envelope(PARSER, None)
        hello.hello.pid, hello.hello.credit_total = 4711, 2
        hello.hello.recipes.append("*")
        self.assertEqual(hello.SerializeToString(), example("HELLO"))
        sender, task = peers.read(example("TASK"))
        self.assertEqual((sender, peers.life_of(task.to), task.task.id, task.task.url), (FETCHER, PARSER, 7, "http://x.test/a"))
        result = peers.envelope(PARSER, SINK)
        result.result.source.uuid, result.result.source.incarnation = FETCHER
        result.result.id, result.result.attempt, result.result.page, result.result.outcome = 7, 1, task.task.page, wire.OUTCOME_DONE
        rows = result.result.rows.add()
        rows.item = "quote"
        rows.row.append(0)
        result.result.links.add(url="http://x.test/b")
        self.assertEqual(result.SerializeToString(), example("RESULT"))

    def test_what_is_no_envelope(self):
        good = peers.envelope(PARSER, SINK)
        other = peers.envelope(PARSER, SINK)
        other.version = 2
        short = peers.envelope(Life(b"x", 1), None)
        self.assertIsNotNone(peers.read(good.SerializeToString()))
        for frame in (b"\xff", b"", other.SerializeToString(), short.SerializeToString(), good.SerializeToString()[:-3]):
            self.assertIsNone(peers.read(frame))


class PipeTest(unittest.TestCase):
    def test_messages_come_whole_however_they_are_cut(self):
        messages = [{"a": b"x" * n} for n in (0, 1, 1000)]
        data = b"".join(map(pack, messages))
        for step in (1, 7, len(data)):
            reader, found = Reader(), []
            for at in range(0, len(data), step):
                found += reader.feed(data[at:at + step])
            self.assertEqual(found, messages)

    def test_what_is_none(self):
        for data in (struct.pack(">I", 1 << 31), struct.pack(">I", 1) + b"\x01", struct.pack(">I", 1) + b"\xc1"):
            with self.assertRaises(ValueError):
                Reader().feed(data)


class FlightTest(unittest.TestCase):
    def test_its_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            recorder = FlightRecorder(folder + "/flight", PARSER.uuid, 5)
            path = Path(folder, "flight", "11" * 16)
            recorder.begin(2, 7, 1)
            magic, version, life, source, task, attempt, mark, since, busy = struct.unpack("<4sIQQQIIqI", path.read_bytes()[:52])
            self.assertEqual((magic, version, life, source, task, attempt, mark, busy), (b"THFR", 1, 5, 2, 7, 1, 0, 1))
            self.assertGreater(since, 0)
            self.assertEqual(len(path.read_bytes()), 64)
            recorder.end()
            self.assertEqual(path.read_bytes()[48:52], bytes(4))


class RecipeTest(unittest.TestCase):
    def test_the_first_item_and_the_body(self):
        found = sketch(b'name = "r"\nbody.as = "xml"\nbody.charset = "gbk"\n[[items]]\nname = "a"\n[[items]]\nname = "b"\n')
        self.assertEqual((found.item, found.body_as, found.body_charset), ("a", "xml", "gbk"))
        self.assertEqual(sketch(b'name = "r"\n').item, "r")

    def test_what_cannot_be_read(self):
        for text in (b"", b"\xff", b"[", b"items = 1", b"items = [1]\nbody = 2", b'name = "a b"', b"a = " + b"[" * 5000):
            self.assertEqual((sketch(text).item, sketch(text).body_as), ("page", "auto"), text[:20])


if __name__ == "__main__":
    unittest.main()
