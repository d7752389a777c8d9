#!/usr/bin/python3
"""A state folder belongs to one process of a kind, and to programs that understand it."""
import ctypes
import ctypes.util
import os
import shutil
import unittest

from support.flow import RECIPES, FlowTest
from support.http_server import Response, TestServer
from support.pipeline import Pipeline


class SecondStartTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>x</title>", {"Content-Type": "text/html"}))
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"])
        self.crawl_some(0)

    def crawl_some(self, start):
        """Fifty pages; they must come."""
        urls = ["%s/p%d" % (self.server.url, number) for number in range(start, start + 50)]
        self.pipeline.feed(*urls)
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == start + 50, "the pages")
        self.assertEqual(len({record["_url"] for record in self.records("page", self.pipeline.out)}), start + 50)

    def start_and_fail(self, program, *arguments, state=None):
        """What a program that must end by itself said; it must not end well."""
        log = self.tmp / "refused.log"
        log.unlink(missing_ok=True)
        process = self.start(program, "--config", "", "--state", state or self.pipeline.state, "--die-with", os.getpid(), *arguments,
                             stderr=log)
        self.assertGreater(self.wait_for_exit(process, 15), 0)
        return log.read_text()

    def start_sink_and_fail(self):
        return self.start_and_fail("thresh-sink", "--out", self.pipeline.out)

    def start_fetcher_and_fail(self):
        return self.start_and_fail("thresh-fetcher", "--recipe", RECIPES / "page.toml")


class LockTest(SecondStartTest):
    def test_a_second_sink_is_refused_and_told_who_is_at_work(self):
        self.assertIn(str(self.pipeline.sink.pid), self.start_sink_and_fail())
        self.crawl_some(50)

    def test_a_second_fetcher_is_refused_and_told_who_is_at_work(self):
        self.assertIn(str(self.pipeline.fetcher.pid), self.start_fetcher_and_fail())
        self.crawl_some(50)

    def test_sockets_that_are_in_use_are_not_taken_by_one_with_a_state_of_its_own(self):
        run, beside = ("--run", self.pipeline.state), self.tmp / "beside"
        said = self.start_and_fail("thresh-sink", "--out", self.tmp / "out-beside", *run, state=beside)
        self.assertIn("a sink is at work in this folder already, pid %d (%s" % (self.pipeline.sink.pid, self.pipeline.state), said)
        said = self.start_and_fail("thresh-fetcher", "--recipe", RECIPES / "page.toml", *run, state=beside)
        self.assertIn("a fetcher is at work in this folder already, pid %d (%s" % (self.pipeline.fetcher.pid, self.pipeline.state), said)
        self.crawl_some(50)

    def test_one_that_was_killed_leaves_no_lock_behind(self):
        for process in (self.pipeline.sink, self.pipeline.fetcher):
            self.pipeline.kill(process)
            self.pipeline.restart(process)
        self.pipeline.wait_until_listening()
        self.crawl_some(50)

    def test_a_fetcher_that_lost_its_state_is_refused_until_it_is_said_to_be_right(self):
        self.pipeline.kill(self.pipeline.fetcher)
        (self.pipeline.state / "frontier").rename(self.tmp / "frontier-lost")
        self.assertEqual(self.wait_for_exit(self.pipeline.start_fetcher(), 20), 70)
        self.pipeline.kill(self.pipeline.sink)
        self.pipeline.start_sink(arguments=("--accept-new-fetcher",))
        self.pipeline.start_fetcher()
        self.pipeline.wait_until_listening()
        self.pipeline.feed(*("%s/q%d" % (self.server.url, number) for number in range(50)))
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 50, "the pages")
        self.assertEqual(len({record["_url"] for record in self.records("page", self.pipeline.out)}), 100)

    def test_an_old_copy_of_the_frontier_is_refused(self):
        """Ids that the sink knows already would come again and their pages be lost without a word."""
        self.pipeline.kill(self.pipeline.fetcher)
        shutil.copytree(self.pipeline.state / "frontier", self.tmp / "copy")
        self.pipeline.start_fetcher()
        self.pipeline.wait_until_listening()
        self.crawl_some(50)
        self.pipeline.kill(self.pipeline.fetcher)
        shutil.rmtree(self.pipeline.state / "frontier")
        shutil.copytree(self.tmp / "copy", self.pipeline.state / "frontier")
        fetcher = self.pipeline.start_fetcher()
        self.assertEqual(self.wait_for_exit(fetcher, 20), 70)


class NewerStateTest(SecondStartTest):
    """A program of today on a state of tomorrow must not touch it."""

    def test_a_newer_journal_is_refused_and_left_alone(self):
        self.assertEqual(self.pipeline.stop(), [0, 0, 0])
        segments = [path for path in (self.pipeline.state / "journal").iterdir() if path.read_bytes()[:4] == b"THRW"]
        self.assertGreater(len(segments), 0)
        for path in segments:
            data = bytearray(path.read_bytes())
            data[4] += 1  # docs/formats.md: the version follows the magic
            path.write_bytes(data)
        before = {path: path.read_bytes() for path in segments}
        self.assertIn("version", self.start_sink_and_fail())
        self.assertEqual({path: path.read_bytes() for path in segments}, before)

    def test_a_newer_frontier_is_refused(self):
        self.assertEqual(self.pipeline.stop(), [0, 0, 0])
        FrontierFile(self.pipeline.state / "frontier").raise_version()
        self.assertIn("format", self.start_fetcher_and_fail())


class FrontierFile:
    """The frontier's database, opened by RocksDB's C interface; docs/frontier.md has the key."""
    KEY = b"Mformat"

    def __init__(self, path):
        self._path = str(path).encode()
        self._rocksdb = ctypes.CDLL(ctypes.util.find_library("rocksdb"))
        for name in ("options_create", "list_column_families", "open_column_families", "writeoptions_create",
                     "readoptions_create", "get_cf"):
            getattr(self._rocksdb, "rocksdb_" + name).restype = ctypes.c_void_p
        self._error = ctypes.c_char_p()

    def _call(self, name, *arguments):
        arguments = [ctypes.c_void_p(word) if type(word) is int else word for word in arguments]
        result = getattr(self._rocksdb, "rocksdb_" + name)(*arguments, ctypes.byref(self._error))
        assert not self._error.value, self._error.value
        return result

    def raise_version(self):
        """Writes the format of tomorrow."""
        make = lambda name: ctypes.c_void_p(getattr(self._rocksdb, "rocksdb_%s_create" % name)())  # noqa: E731
        options, count = make("options"), ctypes.c_size_t()
        names = ctypes.cast(self._call("list_column_families", options, self._path, ctypes.byref(count)), ctypes.POINTER(ctypes.c_char_p))
        families = (ctypes.c_void_p * count.value)()
        all_options = (ctypes.c_void_p * count.value)(*[options.value] * count.value)
        database = self._call("open_column_families", options, self._path, ctypes.c_int(count.value), names, all_options, families)
        changed = 0
        for family in families:
            size = ctypes.c_size_t()
            found = self._call("get_cf", database, make("readoptions"), family, self.KEY, ctypes.c_size_t(len(self.KEY)), ctypes.byref(size))
            if found:
                value = bytearray(ctypes.string_at(found, size.value))
                value[0] += 1
                self._call("put_cf", database, make("writeoptions"), family, self.KEY, ctypes.c_size_t(len(self.KEY)),
                           bytes(value), ctypes.c_size_t(len(value)))
                changed += 1
            self._rocksdb.rocksdb_column_family_handle_destroy(ctypes.c_void_p(family))
        self._rocksdb.rocksdb_close(ctypes.c_void_p(database))
        assert changed == 1, "the frontier has no format"


if __name__ == "__main__":
    unittest.main()
