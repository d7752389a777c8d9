#!/usr/bin/python3
"""`thresh fsck` finds what is wrong with a state, and nothing where nothing is."""
import os
import re
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import TestServer

PAGE = RECIPES / "page.toml"


class FsckTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")
        self.server.route("/gone", status=410)
        self.urls = self.write_list(["%s/%d" % (self.server.url, number) for number in range(20)] + [self.server.url + "/gone"])

    def fsck(self, *arguments, code=0):
        done = self.thresh("fsck", *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def crawled(self):
        self.crawl(PAGE, "-f", self.urls, code=3)
        self.assert_clean()

    def assert_clean(self):
        done = self.fsck(self.out)
        self.assertEqual(done.out, "")
        self.assertRegex(done.err, "clean")

    def assert_found(self, file, *words):
        """One line a finding: where, what, what to do."""
        done = self.fsck(self.out, code=65)
        self.assertRegex(done.err, r" findings?\n")
        line = next((line for line in done.out.splitlines() if str(file) in line), None)
        self.assertIsNotNone(line, done)
        for word in words:
            self.assertIn(word, line)

    @staticmethod
    def spoil(path, offset, data):
        with open(path, "r+b") as file:
            file.seek(offset)
            file.write(data)

    def test_a_finished_run_is_clean_and_fsck_changes_nothing(self):
        self.crawled()
        before = {path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        self.assert_clean()
        self.assertEqual({path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}, before)

    def test_a_killed_run_is_clean(self):
        self.server.hang("/hang")
        run = self.start_crawl(PAGE, "-f", self.urls, self.server.url + "/hang", stderr=self.tmp / "log")
        self.wait_for_status(lambda s: s["done"] == 20, "the pages that answer")
        run.kill()
        run.wait()
        self.wait_for_no_process(str(self.state))
        # A process that is ending has no command line any more, but may still have its lock.
        wait_for(lambda: self.thresh("fsck", self.out).code != 73, "the state to be at rest")
        self.assert_clean()

    def test_a_state_at_work_is_refused(self):
        self.server.hang("/hang")
        run = self.start_crawl(PAGE, self.server.url + "/hang", stderr=self.tmp / "log")
        self.wait_for_status(lambda s: s["in_flight"] == 1, "the run to be at work")
        self.assertIn("in use, by pid %d" % run.pid, self.fsck(self.out, code=73).err)
        self.assertIn("in use", self.fsck("--state", self.state, code=73).err)

    def test_a_line_that_is_no_json_is_found(self):
        self.crawled()
        self.spoil(self.out / "page.ndjson", 0, b"!")
        self.assert_found(self.out / "page.ndjson", ":0: line 1 is no JSON object")

    def test_an_output_that_was_cut_off_is_found(self):
        self.crawled()
        os.truncate(self.out / "page.ndjson", 10)
        self.crawl(PAGE, self.server.url + "/gone", code=3)  # The journal has it no more.
        with open(self.out / "page.ndjson", "ab") as file:
            file.write(b'"torn')
        self.assert_found(self.out / "page.ndjson")

    def test_what_others_have_appended_is_noted(self):
        self.crawled()
        end = (self.out / "page.ndjson").stat().st_size
        self.spoil(self.out / "page.ndjson", end, b'{"mine":1}\n')
        self.assertRegex(self.fsck(self.out).err, "note: .*page.ndjson: another program added 11 bytes")

    def test_a_damaged_journal_is_found(self):
        self.crawled()
        segment = sorted((self.state / "journal").glob("j-*"))[-1]
        self.spoil(segment, 20, b"\xff\xff\xff\xff")
        self.assert_found(self.state / "journal", segment.name)

    def test_a_damaged_frontier_is_found(self):
        self.crawled()
        (self.state / "frontier" / "CURRENT").write_text("MANIFEST-999999\n")
        self.assert_found(self.state / "frontier")

    def test_a_damaged_manifest_of_the_frontier_is_found(self):
        self.crawled()
        (manifest,) = (self.state / "frontier").glob("MANIFEST-*")
        self.spoil(manifest, 20, b"\xff" * 16)
        self.assert_found(self.state / "frontier")

    def test_a_damaged_log_of_the_frontier_is_found_and_not_passed_over(self):
        self.crawled()
        log = max((self.state / "frontier").glob("*.log"), key=lambda path: path.stat().st_size)
        self.spoil(log, log.stat().st_size // 3, b"\xff" * 128)
        self.assert_found(self.state / "frontier")
        fetcher = self.start("thresh-fetcher", "--state", self.state, stderr=self.tmp / "fetcher.log")
        self.assertEqual(self.wait_for_exit(fetcher), 70)
        self.assertIn("thresh fsck", (self.tmp / "fetcher.log").read_text())

    def test_a_damaged_run_record_is_found(self):
        self.crawled()
        (self.state / "run.json").write_text("{")
        self.assert_found(self.state / "run.json")

    def test_what_is_no_folder_of_ours_is_64(self):
        for arguments in ((self.tmp,), (self.tmp / "none",), (self.tmp, "-o", self.tmp)):
            self.assertTrue(re.search("expected", self.fsck(*arguments, code=64).err))


if __name__ == "__main__":
    unittest.main()
