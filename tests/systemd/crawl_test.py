#!/usr/bin/python3
"""A crawl by the package's units, in a box, while its parsers are scaled and all of its daemons die.

Each page is in the output once, whatever happens."""
import pathlib
import signal
import unittest

from support import box
from support.service import (DAEMONS, EXACT, FETCHER, LONG, OUT, SINK, LabelledSite, ServiceTest, command, drop_in, feed,
                             journal, pid_of, show, site_recipe, systemctl, wait_for, wait_for_status,
                             wait_until_active)

PARSER = "thresh-parser@1.service"
WATCHDOG_S = 3


class CrawlTest(ServiceTest):
    RECIPES = {"labelled": site_recipe()}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for unit in (FETCHER, SINK, "thresh-parser@.service"):
            drop_in(unit, "[Service]\nWatchdogSec=%d\n" % WATCHDOG_S)
        systemctl("restart", "thresh.target")
        wait_until_active(*DAEMONS)
        cls.site = LabelledSite(60 if LONG else 24, pathlib.Path("/tmp/served"), delay_ms=50)
        cls.addClassCleanup(cls.site.stop)
        cls.seeds = list(cls.site.urls)

    def feed_some(self, count=2):
        """Feeds some of the site that are not fed yet, and waits until their pages are under way."""
        lines, self.seeds[:] = self.seeds[:count], self.seeds[count:]
        if not lines:
            return
        self.assertEqual([answer["ok"] for answer in feed(*lines)], [True] * len(lines))
        wait_for_status(lambda s: s["pending"] > 0, "a page to be under way")

    def wait_for_parsers(self, count):
        wait_for_status(lambda s: len(s["parsers"]) == count, "%d parsers" % count)

    def test_1_parsers_come_and_go_in_mid_crawl(self):
        systemctl("stop", "thresh-parser@2")
        self.wait_for_parsers(1)
        self.feed_some(3)
        systemctl("start", *("thresh-parser@%d" % n for n in range(2, 9)))
        self.wait_for_parsers(8)
        self.feed_some(3)
        systemctl("stop", *("thresh-parser@%d" % n for n in range(3, 9)))
        self.wait_for_parsers(2)

    def test_2_each_daemon_is_killed_and_is_back(self):
        for unit in (FETCHER, SINK, PARSER) * (5 if LONG else 1):
            with self.subTest(unit):
                self.feed_some()
                pid = pid_of(unit)
                systemctl("kill", "--kill-whom=main", "--signal=KILL", unit)
                self.wait_for_new_life(unit, pid)

    def test_3_a_daemon_that_hangs_is_killed_by_the_watchdog(self):
        for unit in (FETCHER, SINK, PARSER):
            with self.subTest(unit):
                self.feed_some()
                pid, restarts = pid_of(unit), self.restarts_of(unit)
                command("kill", "-STOP", str(pid))
                self.wait_for_new_life(unit, pid, 30 + WATCHDOG_S)
                self.assertGreater(self.restarts_of(unit), restarts)
                self.assertIn("Watchdog timeout", journal(unit))

    def test_4_a_loop_that_turns_is_left_alone(self):
        self.feed_some()
        pids = {unit: pid_of(unit) for unit in DAEMONS}
        self.assertNotIn(0, pids.values())
        begin = float(show(FETCHER, "WatchdogTimestampMonotonic") or 0)
        wait_for(lambda: float(show(FETCHER, "WatchdogTimestampMonotonic")) > begin + WATCHDOG_S * 1e6,
                 "the watchdog to be fed for longer than it waits")
        self.assertEqual({unit: pid_of(unit) for unit in DAEMONS}, pids)

    def test_5_stopped_by_the_target_and_started_again(self):
        self.feed_some(3)
        systemctl("stop", "thresh.target")
        for unit in DAEMONS:
            wait_for(lambda unit=unit: show(unit, "ActiveState") == "inactive", unit + " to have ended")
        for unit in (FETCHER, SINK, PARSER):
            self.assertEqual(show(unit, "Result"), "success", unit + journal(unit)[-1500:])
        systemctl("start", "thresh.target")
        wait_until_active(*DAEMONS)

    def test_6_and_each_page_is_in_the_output_once(self):
        self.feed_some(len(self.seeds))
        wait_for_status(lambda s: s["pending"] == 0 and s["jobs_pending"] == 0, "all to be done", 180)
        examples = []
        verdict = self.site.judge(OUT, examples=examples)
        self.assertEqual(verdict, EXACT, "\n".join(examples[:6]))
        ledger = self.assert_balanced()
        self.assertEqual(ledger["done"], self.site.pages_count)


if __name__ == "__main__":
    box.go_inside("unified", "hybrid")
    signal.alarm(540)
    unittest.main(failfast=True)
