#!/usr/bin/python3
"""The Debian package, in a box: installed, upgraded in mid crawl, removed, installed again, purged."""
import pathlib
import re
import subprocess
import unittest

from support import box
from support.service import (DAEMONS, ETC, FEED, PLAIN, STATE, TestServer, command, feed, install, is_active, package, pid_of,
                             read_pages, stop_all, systemctl, wait_for_status, wait_until_active, write)

NEXT = pathlib.Path("/tmp/next.deb")


def next_version():
    """The same package with a higher version."""
    if not NEXT.exists():
        command("dpkg-deb", "--raw-extract", package(), "/tmp/next")
        control = pathlib.Path("/tmp/next/DEBIAN/control")
        control.write_text(re.sub(r"(?m)^Version: .*", "Version: 99.0", control.read_text()))
        command("dpkg-deb", "--root-owner-group", "-Znone", "--build", "/tmp/next", NEXT)
    return NEXT


def with_the_name():
    """Files that have it in their path, but for those that only list packages."""
    found = subprocess.run(["find", "/etc", "/usr", "/var", "/run", "(", "-path", "/run/systemd", "-o", "-path", "/var/log",
                            "-o", "-path", "/var/cache", ")", "-prune", "-o", "-iname", "*thresh*", "-print"],
                           capture_output=True, text=True, check=False)
    return {path for path in found.stdout.split() if re.search("thresh(?!old)", path)}


class PackageTest(unittest.TestCase):
    """One life of a package, in the order of the tests' names."""

    @classmethod
    def setUpClass(cls):
        cls.there_before = with_the_name()
        cls.server = TestServer().start()
        cls.addClassCleanup(cls.server.stop)
        cls.server.default(lambda request: b"<title>any page</title>")

    def urls(self, name, count=20):
        return [self.server.url + "/%s/%d" % (name, n) for n in range(count)]

    def crawl(self, name):
        """Feeds some pages, and waits for all there are."""
        self.assertEqual({answer["ok"] for answer in feed(*self.urls(name))}, {True})
        wait_for_status(lambda s: s["pending"] == 0, "the pages")

    def seen(self):
        return {page["_url"] for page in read_pages()}

    def test_1_lintian_has_nothing_to_object_to(self):
        done = command("lintian", "--allow-root", "--no-tag-display-limit", package(), check=False)
        errors = [line for line in done.stdout.splitlines() if line.startswith("E:")]
        self.assertEqual(errors, [], done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_2_it_installs_and_starts(self):
        write(ETC / "recipes/plain.toml", PLAIN)
        said = install()
        self.assertNotRegex(said.lower(), "warn|error|fail")
        wait_until_active("thresh.target", *DAEMONS)
        self.assertTrue(is_active("thresh-feed.socket"))
        self.assertEqual(command("dpkg", "--verify", "thresh").stdout, "")
        self.assertIn("/var/lib/thresh", command("getent", "passwd", "thresh").stdout)
        conffiles = command("dpkg-query", "-W", "-f", "${Conffiles}", "thresh").stdout
        for path in ("/etc/logrotate.d/thresh", "/etc/thresh/thresh.toml"):
            self.assertIn(path, conffiles)
        self.assertEqual((ETC / "thresh.toml").read_text(), command("thresh-fetcher", "--print-config").stdout)
        self.assertIn("thresh.toml", command("man", "5", "thresh.toml").stdout)
        self.crawl("first")
        self.assertEqual(self.seen(), set(self.urls("first")))

    def test_3_an_upgrade_in_mid_crawl_keeps_all_and_what_the_operator_chose(self):
        systemctl("enable", "--now", "thresh-parser@3.service")
        systemctl("disable", "thresh-feed.socket")
        socket_at, pids = FEED.stat().st_ino, {unit: pid_of(unit) for unit in DAEMONS}
        feed(*self.urls("second", 200))
        said = install(next_version())
        self.assertNotRegex(said.lower(), "warn|error|fail")
        wait_until_active(*DAEMONS, "thresh-parser@3.service")
        for unit, pid in pids.items():
            self.assertNotEqual(pid_of(unit), pid, "%s was not restarted" % unit)
        self.assertEqual(FEED.stat().st_ino, socket_at)  # Who connects meanwhile waits.
        self.assertEqual(systemctl("is-enabled", "thresh-feed.socket", check=False).stdout.strip(), "disabled")
        wait_for_status(lambda s: s["pending"] == 0, "the pages")
        self.assertEqual(self.seen(), {*self.urls("first"), *self.urls("second", 200)})
        self.assertEqual(len(read_pages()), 220)
        systemctl("enable", "thresh-feed.socket")

    def test_4_an_upgrade_starts_nothing_that_was_stopped(self):
        stop_all()
        systemctl("start", "thresh-feed.socket")
        install(next_version())
        for unit in DAEMONS:
            self.assertFalse(is_active(unit), unit)
        systemctl("start", "thresh.target")
        wait_until_active(*DAEMONS)

    def test_5_removed_it_stops_and_leaves_the_state(self):
        command("dpkg", "--remove", "thresh")
        for unit in (*DAEMONS, "thresh-parser@3.service", "thresh-feed.socket"):
            self.assertFalse(is_active(unit), unit)
        self.assertTrue((STATE / "frontier").is_dir())
        self.assertEqual(len(self.seen()), 220)
        self.assertTrue((ETC / "recipes/plain.toml").exists())

    def test_6_installed_again_it_goes_on(self):
        install()
        wait_until_active(*DAEMONS)
        self.assertEqual(feed(*self.urls("first")), [{"ok": True, "duplicate": True}] * 20)
        self.crawl("third")
        self.assertEqual(len(self.seen()), 240)

    def test_7_purged_it_leaves_nothing(self):
        command("dpkg", "--purge", "thresh")
        self.assertEqual(with_the_name() - self.there_before, set())
        self.assertFalse(FEED.exists())
        self.assertEqual(systemctl("list-units", "--all", "--no-legend", "thresh*").stdout, "")


if __name__ == "__main__":
    box.go_inside("unified")
    unittest.main(failfast=True)
