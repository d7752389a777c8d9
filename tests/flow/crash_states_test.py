#!/usr/bin/python3
"""The sink after a power cut: recovers from what a disk may hold, at any operation of a crawl.

A crawl is recorded, operation by operation; from the record states are made that a cut may leave,
and the real sink is started on each. Then every byte that a reader had seen must be there, and
beyond them only whole pages. THRESH_ALL=1 (or --all) tries thousands, THRESH_STATES as many as it
says; THRESH_SEED repeats a choice.
"""
import collections
import contextlib
import os
import random
import re
import sys
import tempfile
import unittest

from support.chaos import seed_of_environment
from support.crash_states import SECTOR, Disk, SameInodes, torn
from support.disk_faults import DiskFaults, DiskOperation
from support.flow import wait_for
from support.small_crawl import SmallCrawlTest

ALL = "--all" in sys.argv or os.environ.get("THRESH_ALL") == "1"
STATES = int(os.environ.get("THRESH_STATES") or (6000 if ALL else 400))
KINDS = ("none", "all", "one_lost", "one_kept", "torn", "any", "any", "any")
SEGMENT_BYTES = 64 << 10
RECOVERY_S, ENOUGH = 2, 20  # so many faults say enough


def operation(name, path, offset=0, data=b"", size=0, to="", result=None):
    return DiskOperation(0, name, path, offset, size or len(data), len(data) if result is None else result, to, data)


class DiskTest(unittest.TestCase):
    """The model of a disk itself."""

    def setUp(self):
        self.disk, self.rng = Disk(), random.Random(1)

    def step(self, *operations):
        for each in operations:
            self.disk.step(each)

    def states(self, kind="any", count=300):
        return {tuple(sorted(self.disk.after_cut(kind, self.rng).items())) for _ in range(count)}

    def test_what_was_synced_is_in_every_state(self):
        self.step(operation("open", "/d/a", os.O_CREAT), operation("write", "/d/a", 0, b"synced"),
                  operation("fdatasync", "/d/a"), operation("fsync", "/d"), operation("write", "/d/a", 6, b" and not"))
        self.assertEqual(self.states(), {(("/d/a", b"synced"),), (("/d/a", b"synced and not"),)})
        self.assertEqual(self.disk.seen(), {"/d/a": b"synced and not"})

    def test_a_name_may_be_missing_until_its_folder_is_synced(self):
        self.step(operation("open", "/d/a", os.O_CREAT), operation("fsync", "/d/a"))
        self.assertEqual(self.states(), {(), (("/d/a", b""),)})
        self.step(operation("fsync", "/d"))
        self.assertEqual(self.states(), {(("/d/a", b""),)})

    def test_a_rename_happens_or_not(self):
        self.step(operation("open", "/d/a", os.O_CREAT), operation("fsync", "/d"), operation("rename", "/d/a", to="/d/b"))
        self.assertEqual(self.states(), {(("/d/a", b""),), (("/d/b", b""),)})

    def test_a_later_write_may_be_there_without_an_earlier_one(self):
        self.step(operation("open", "/d/a", os.O_CREAT), operation("fsync", "/d"), operation("fallocate", "/d/a", size=8, to="0"),
                  operation("fdatasync", "/d/a"), operation("write", "/d/a", 0, b"one"), operation("write", "/d/a", 3, b"two"))
        self.assertIn((("/d/a", b"\0\0\0two\0\0"),), self.states())
        self.assertEqual(len(self.states()), 4)

    def test_a_long_write_is_torn_at_sectors_of_the_file(self):
        data = bytes(range(1, 256)) * 10
        for _ in range(200):
            part = torn(("write", 100, data), self.rng)
            self.assertTrue(part[1] == 100 or part[1] % SECTOR == 0)
            self.assertTrue((part[1] + len(part[2])) % SECTOR == 0 or part[1] + len(part[2]) == 100 + len(data))
            self.assertEqual(part[2], data[part[1] - 100:part[1] - 100 + len(part[2])])


class CrashStatesTest(SmallCrawlTest):
    def setUp(self):
        if os.path.isdir("/dev/shm"):
            tempfile.tempdir = "/dev/shm"  # thousands of states: no disk is worn by them
            self.addCleanup(setattr, tempfile, "tempdir", None)
        super().setUp()
        self.rng = random.Random(seed_of_environment())

    def record(self):
        """A crawl with its sink's every operation; ended by kill -9, so that nothing is tidied up."""
        (self.tmp / "crawl").mkdir()
        folders = [self.tmp / "crawl" / name for name in ("state", "out")]
        disk = DiskFaults(self.tmp / "crawl", folders, data=True)
        self.pipeline = self.start_small("crawl", sink=("--segment-bytes", str(SEGMENT_BYTES)), sink_env=disk.env)
        self.finish(self.pipeline, lambda process: self.fail(self.last_words(self.pipeline)))
        self.assert_exact(self.pipeline)
        self.end_all(self.pipeline)
        self.final = {str(self.pipeline.out / name): data for name, data in self.visible(self.pipeline).items()}
        self.operations = disk.operations()
        self.assertGreater(len(self.operations), 50)
        self.assertTrue(any(op.name == "fdatasync" and "/journal/" in op.path for op in self.operations))
        self.folders = SameInodes(folders, self.final, self.tmp / "parked")

    def states(self):
        """(operations done, kind, what readers had seen, the state) of states that differ, from every part of the crawl."""
        disk, known = Disk(), set()
        each = max(1, -(-STATES // len(self.operations)))
        chosen = set(self.rng.sample(range(1, len(self.operations) + 1), min(STATES, len(self.operations))))
        for number, op in enumerate(self.operations, 1):
            disk.step(op)
            for kind in self.rng.choices(KINDS, k=each if number in chosen else 0):
                state = disk.after_cut(kind, self.rng)
                key = hash(tuple(sorted(state.items())))
                if key not in known:
                    known.add(key)
                    yield number, kind, {name: data for name, data in disk.seen().items() if name in self.final}, state
        self.assertEqual({name: disk.seen().get(name) for name in self.final}, self.final, "the record is not what happened")

    def recover(self, seen, state):
        """Starts the sink on a state: (the output files when it has recovered, what it broke).

        It may listen before its last bytes are written, so a fault counts if it stays.
        """
        self.folders.put(state)
        sink = self.pipeline.start_sink()
        found = []

        def is_right():
            now.update((str(path), path.read_bytes()) for path in self.pipeline.out.glob("*.ndjson"))
            found[:] = self.faults_of(seen, now)
            return not found
        now = {}
        try:
            wait_for(lambda: sink.poll() is not None or self.pipeline.sink_status(), "the sink to be ready")
            self.assertIsNone(sink.returncode, "the sink refused this state: " + self.last_words(self.pipeline))
            with contextlib.suppress(AssertionError):
                wait_for(is_right, "the recovery", RECOVERY_S)
        finally:
            self.end(sink)
        return now, found

    def faults_of(self, seen, now):
        """What recovery broke, in words."""
        for name, data in seen.items():
            if not now.get(name, b"").startswith(data):
                same = len(os.path.commonprefix([data, now.get(name, b"")]))
                yield "%s: of %d bytes that were seen only the first %d are left as they were" % (name, len(data), same)
        for name, data in now.items():
            if not self.final.get(name, b"").startswith(data):
                yield "%s is not what was committed" % name
            if data and not data.endswith(b"\n"):
                yield "%s ends in a torn line" % name
        rows = [collections.Counter(re.findall(rb'"_url":"([^"]+)"', now.get(str(self.pipeline.out / name), b"")))
                for name in ("review.ndjson", "page.ndjson")]
        if rows[0] != dict.fromkeys(rows[1], 20):
            yield "half a page was committed"

    def test_nothing_seen_is_withdrawn_and_no_half_page_comes_back(self):
        self.record()
        faults, tried, redone, holes = [], 0, 0, 0
        for number, kind, seen, state in self.states():
            tried += 1
            hole = any(not data.startswith(state.get(name, b"")) for name, data in self.final.items())
            holes += hole
            try:
                now, found = self.recover(seen, state)
            except AssertionError as refused:
                now, found = {}, [str(refused)]
            faults += ["after operation %d (%s%s): %s" % (number, kind, ", a hole in an output" * hole, "; ".join(found))] * bool(found)
            redone += any(now.get(name) != state.get(name) for name in self.final)
            if len(faults) >= ENOUGH:
                break
        print("%d operations, %d states, %d with holes in an output, %d needed a redo, %d wrong" % (
            len(self.operations), tried, holes, redone, len(faults)), flush=True)
        faults.sort(key=lambda fault: ", a hole in" in fault)
        self.assertEqual(faults[:8], [], "%d of %d states were not recovered" % (len(faults), tried))
        self.assertGreaterEqual(tried, min(STATES, len(self.operations)) // 2)
        self.assertGreater(redone, tried // 20, "the states were too easy")


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--all"])
