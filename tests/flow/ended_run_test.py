#!/usr/bin/python3
"""A run, and what happens around it: settings of the system that are not its own, questions, a disk without room to start.

Mounts small file systems, in a mount namespace of its own: needs root.
"""
import contextlib
import os
import pathlib
import threading
import unittest

from support.flow import RECIPES, FlowTest, read_records, wait_for
from support.http_server import Response, TestServer
from support.mounts import SmallDisk, in_own_mounts

PAGE = RECIPES / "page.toml"
ETC = pathlib.Path("/etc/thresh")


class AroundTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>any page</title>", {"Content-Type": "text/html"}))


class SettingsTest(AroundTest):
    def settings(self, text, recipe=None):
        """Settings of the system, which nobody else sees."""
        if not ETC.exists():
            self.addCleanup(self.leave_nothing)  # After the disk has gone.
        SmallDisk(self, ETC, 1)
        (ETC / "thresh.toml").write_text(text)
        if recipe:
            (ETC / "recipes").mkdir()
            (ETC / "recipes/broken.toml").write_text(recipe)

    @staticmethod
    def leave_nothing():
        with contextlib.suppress(OSError):
            ETC.rmdir()

    def test_a_question_about_a_run_that_has_ended_changes_nothing_of_it(self):
        self.crawl(PAGE, self.server.url + "/a")
        before = (self.out / "page.ndjson").read_bytes()
        self.settings("[sink]\nrotate_bytes = 1\nrotate_zstd = true\n")
        for question in (("status",), ("ledger",), ("jobs",), ("dead", "list"), ("why", self.server.url + "/a")):
            self.thresh(*question, "-o", self.out)
        self.assertEqual((self.out / "page.ndjson").read_bytes(), before)
        self.assertEqual([path.name for path in self.out.glob("page*")], ["page.ndjson"])

    def test_faults_in_the_systems_settings_and_recipes_are_none_of_a_runs(self):
        self.crawl(PAGE, self.server.url + "/a")
        self.settings("[fetcher]\nno_such_key = 1\n", recipe="name = ")
        for question in (("status",), ("why", self.server.url + "/a")):
            done = self.thresh(*question, "-o", self.out)
            self.assertEqual((done.code, done.err), (0, ""), done)


class QuestionTest(AroundTest):
    def test_a_run_goes_on_though_it_is_asked_about_all_the_time(self):
        self.crawl(PAGE, self.server.url + "/0")
        over = threading.Event()

        def ask():
            while not over.is_set():
                self.thresh("status", "-o", self.out)
        asker = threading.Thread(target=ask)
        asker.start()
        try:
            for n in range(1, 4):
                self.crawl(PAGE, self.server.url + "/0", self.server.url + "/%d" % n)
        finally:
            over.set()
            asker.join()
        self.assertEqual(len(read_records(self.out / "page.ndjson")), 4)


class FullDiskTest(AroundTest):
    def test_a_fetcher_that_dies_on_a_full_disk_is_started_when_there_is_room(self):
        disk = SmallDisk(self, self.out, 200)
        release = threading.Event()
        self.addCleanup(release.set)
        self.server.delay("/slow", release, body=b"<title>slow</title>", headers={"Content-Type": "text/html"})
        urls = [self.server.url + "/%d" % n for n in range(20)]
        run = self.start_crawl(PAGE, "--fresh", "-f", self.write_list([self.server.url + "/slow", *urls]), stderr=self.tmp / "said")
        status = self.wait_for_status(lambda s: s["done"] == 20, "all but one", self.out / ".thresh")
        disk.fill()
        os.kill(status["pid"], 9)
        told = "waiting: thresh-fetcher: disk full"
        wait_for(lambda: told in (self.tmp / "said").read_text(encoding="utf-8", errors="replace") or run.poll() is not None, "it to say why it waits")
        self.assertIsNone(run.poll(), (self.tmp / "said").read_text(encoding="utf-8", errors="replace"))
        done = self.thresh("run", "-r", PAGE, "-o", self.tmp / "other", self.server.url + "/0", "--set", 'fetch.allow_private=["127.0.0.0/8"]')
        self.assertEqual(done.code, 0, done)  # Elsewhere there is room.
        release.set()
        disk.free()
        self.assertEqual(self.wait_for_exit(run), 0)
        records = read_records(self.out / "page.ndjson")
        self.assertEqual((len(records), len({record["_url"] for record in records})), (21, 21))


if __name__ == "__main__":
    in_own_mounts()
    unittest.main()
