#!/usr/bin/python3
"""What the package's units are, and what they say, in a box."""
import os
import pathlib
import re
import stat
import unittest

from support import box
from support.service import (DAEMONS, FEED, FETCHER, OUT, RUN, SINK, STATE, ServiceTest, TestServer, add_user, command, feed, journal,
                             pid_of, show, stop_all, systemctl, wait_for, wait_for_status)

UNITS = pathlib.Path("/usr/lib/systemd/system")


class UnitFilesTest(ServiceTest):
    def test_verify_prints_nothing(self):
        units = sorted(UNITS.glob("thresh*"))
        self.assertEqual(len(units), 7, units)
        for unit in units:
            name = str(unit).replace("@.", "@1.")
            if name != str(unit):  # An instance is looked at as it is started.
                name = "/run/systemd/system/" + pathlib.Path(name).name
                pathlib.Path(name).unlink(missing_ok=True)
                pathlib.Path(name).write_text(unit.read_text())
                self.addCleanup(pathlib.Path(name).unlink)
            done = command("systemd-analyze", "verify", name)
            self.assertEqual(done.stdout + done.stderr, "", unit)

    def test_the_exposure_is_small(self):
        for unit, most in ((FETCHER, 1.5), (SINK, 0.5), ("thresh-parser@1.service", 0.5),
                           ("thresh-web.service", 1.5)):
            said = command("systemd-analyze", "security", "--no-pager", unit).stdout
            exposure = float(re.search(r"Overall exposure level for \S+ ([\d.]+)", said).group(1))
            self.assertLessEqual(exposure, most, said)

    def test_it_comes_up_with_the_machine(self):
        self.assertEqual(systemctl("is-enabled", "thresh.target").stdout.strip(), "enabled")
        self.assertEqual(systemctl("is-enabled", "thresh-feed.socket").stdout.strip(), "enabled")

    def test_restarts_have_no_limit(self):
        for unit in DAEMONS:
            self.assertEqual(show(unit, "Restart"), "always")
            self.assertEqual(show(unit, "StartLimitIntervalUSec"), "0")


class AtWorkTest(ServiceTest):
    def test_1_the_status_says_what_it_does(self):
        with TestServer() as server:
            server.default(lambda request: b"<title>any page</title>")
            feed(*(server.url + "/%d" % n for n in range(300)))
            wait_for_status(lambda s: s["pending"] == 0, "the pages to be done")
        wait_for(lambda: re.fullmatch(r"[\d.,]+ pages/s, 2 parsers, 0 queued", show(FETCHER, "StatusText")),
                 "the fetcher's status, not " + show(FETCHER, "StatusText"))
        wait_for(lambda: re.fullmatch(r"[\d.,]+ records/s, 300 records, \d+ pages not closed", show(SINK, "StatusText")),
                 "the sink's status, not " + show(SINK, "StatusText"))
        for n in (1, 2):
            wait_for(lambda: re.fullmatch(r"[\d.,]+ pages/s, [\d,]+ pages, 0 waiting", show("thresh-parser@%d" % n, "StatusText")),
                     "the status of parser %d" % n)

    def test_2_a_status_names_who_is_missing(self):
        systemctl("stop", SINK)
        systemctl("restart", FETCHER)
        wait_for(lambda: "waiting for the sink" in show(FETCHER, "StatusText"), "the fetcher to say that it waits")
        systemctl("start", SINK)
        wait_for(lambda: "waiting" not in show(FETCHER, "StatusText"), "the fetcher to have found the sink")

    def test_3_files_are_for_their_user_and_group_only(self):
        wrong = []
        for top in (STATE, RUN):
            for folder, _, files in os.walk(top):
                for path in (folder, *(os.path.join(folder, name) for name in files)):
                    found = os.lstat(path)
                    if stat.S_IMODE(found.st_mode) & 0o007:
                        wrong.append("%s is for others: %o" % (path, found.st_mode))
                    if top == STATE and stat.S_IMODE(found.st_mode) & 0o020:
                        wrong.append("%s can be written by the group: %o" % (path, found.st_mode))
        self.assertEqual(wrong, [])
        for path, mode in ((STATE, 0o750), (RUN, 0o2770), (FEED, 0o660), (OUT / "page.ndjson", 0o640)):
            self.assertEqual(oct(stat.S_IMODE(path.stat().st_mode)), oct(mode), path)
        self.assertEqual((FEED.owner(), FEED.group()), ("root", "thresh"))

    def test_4_the_journal_keeps_priorities(self):
        lines = journal(FETCHER, "-o", "json", "-p", "info..info")
        self.assertIn("fetcher.started", lines)
        self.assertNotIn("<6>", journal(FETCHER))
        self.assertNotIn("fetcher.started", journal(FETCHER, "-p", "warning"))

    def test_5_parsers_have_users_and_a_network_of_their_own(self):
        uids = {pathlib.Path("/proc/%d" % pid_of("thresh-parser@%d.service" % n)).stat().st_uid for n in (1, 2)}
        self.assertEqual(len(uids), 2)
        self.assertTrue(all(61184 <= uid <= 65519 for uid in uids), uids)
        networks = {os.readlink("/proc/%d/ns/net" % pid_of(unit)) for unit in DAEMONS}
        self.assertEqual(len(networks), 4)  # The fetcher's is ours; the others have one each.

    def test_6_who_feeds_is_logged(self):
        uid = add_user("insider", "thresh")
        command("thresh", "feed", "--socket", FEED, "-", user="insider", stdin="http://127.0.0.1:1/\n")
        wait_for(lambda: "feeder.connected uid=%d pid=" % uid in journal(FETCHER), "the feeder to be named")


class CommandTest(ServiceTest):
    """Commands that name no place ask this machine's services."""
    URL = "http://127.0.0.1:1/"

    def test_they_find_the_services(self):
        self.assertIn("1 new", command("thresh", "feed", "-", stdin=self.URL + "a\n").stderr)
        self.assertRegex(command("thresh", "status").stdout, r"fetcher +at work, pid %d" % pid_of(FETCHER))
        self.assertIn("task 1, recipe plain", command("thresh", "why", self.URL + "a").stdout)
        wait_for_status(lambda s: s["pending"] == 0, "the page to be dead")
        self.assertIn(self.URL + "a", command("thresh", "dead", "list").stdout)
        self.assertIn("1", command("thresh", "ledger").stdout)
        self.assertEqual(command("thresh", "fsck", check=False).returncode, 73)  # They are at work there.

    def test_without_them_they_say_how_to_start_them(self):
        stop_all()
        for words in (["status"], ["why", self.URL + "a"], ["ledger"], ["dead", "list"]):
            done = command("thresh", *words, check=False)
            self.assertEqual(done.returncode, 69, done)
            self.assertIn("systemctl start thresh.target", done.stderr)
        done = command("thresh", "feed", "-", stdin=self.URL + "b\n", check=False)
        self.assertEqual(done.returncode, 69, done)
        self.assertEqual(command("thresh", "fsck").returncode, 0)


if __name__ == "__main__":
    box.go_inside("unified", "hybrid")
    unittest.main()
