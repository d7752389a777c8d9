#!/usr/bin/python3
"""What operators do with the package's units, in a box: limits, secrets, rotation."""
import contextlib
import http.client
import pathlib
import subprocess
import threading
import time
import unittest

from support import box
from support.service import (ETC, FETCHER, OUT, PLAIN, SINK, STATE, ServiceTest, TestServer, command, drop_in, feed, journal, pid_of,
                             read_pages, show, systemctl, wait_for, wait_for_status, wait_until_active, write)


WEB = "thresh-web.service"


class MemoryTest(ServiceTest):
    """In a box with the kernel's memory controller, which of the two kinds of cgroups may have."""

    def test_a_parser_over_its_limit_is_killed_and_the_crawl_goes_on(self):
        drop_in("thresh-parser@.service", "[Service]\nMemoryMax=40M\n")
        systemctl("restart", "thresh-parser@1", "thresh-parser@2")
        wait_until_active("thresh-parser@1.service", "thresh-parser@2.service")
        with TestServer() as server:
            server.default(lambda request: b"<title>any page</title>")
            server.route("/heavy", body=b"<p a=b>x" * 2_000_000)
            feed(server.url + "/heavy", *(server.url + "/%d" % n for n in range(20)))
            wait_for_status(lambda s: s["pending"] == 0, "all pages to have ended", 120)
        self.assertEqual(len(read_pages()), 20)
        self.assertEqual([letter["url"].rpartition("/")[2] for letter in read_pages("dead")], ["heavy"])
        words = journal("thresh-parser@1.service") + journal("thresh-parser@2.service")
        # With cgroups of version 1 systemd sees the signal, and not whose it is.
        self.assertIn("oom-kill" if box.cgroups() == "unified" else "status=9/KILL", words)
        wait_until_active("thresh-parser@1.service", "thresh-parser@2.service")


class ReloadTest(ServiceTest):
    def setUp(self):
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title><h1>a heading</h1>")
        self.pid = pid_of(FETCHER)

    def reload(self, *, works):
        done = systemctl("reload", FETCHER, check=False)
        self.assertEqual(done.returncode == 0, works, journal(FETCHER)[-2000:])
        self.assertEqual((pid_of(FETCHER), show(FETCHER, "ActiveState")), (self.pid, "active"))

    def crawl(self, name):
        """The record of a page that is fetched now."""
        url = self.server.url + "/" + name
        answer, = feed(url)
        self.assertTrue(answer["ok"], answer)
        return wait_for(lambda: [page for page in read_pages() if page["_url"] == url], "the page")[0]

    def recipe(self, text, name="plain"):
        return write(ETC / "recipes" / (name + ".toml"), text)

    def tearDown(self):
        self.recipe(PLAIN)
        for path in ((ETC / "recipes").glob("other*"), [ETC / "thresh.toml"]):
            for file in path:
                file.write_text("") if file.name == "thresh.toml" else file.unlink()
        self.reload(works=True)

    def test_a_broken_recipe_is_refused_and_the_old_one_stays_at_work(self):
        self.assertEqual(self.crawl("before")["title"], "any page")
        for broken in (PLAIN + "[[items]\n", PLAIN.replace('"title"\n', '"title:nth-child("\n'),
                       PLAIN.replace("[[items]]", "[[itmes]]"), ""):
            with self.subTest(broken):
                self.recipe(broken)
                self.reload(works=False)
                self.assertIn("/etc/thresh/recipes/plain.toml", journal(FETCHER, "-n", "12"))
                self.assertEqual(self.crawl("while-broken-%d" % len(broken))["title"], "any page")
        # Told without looking first, the process itself refuses.
        systemctl("kill", "--kill-whom=main", "--signal=HUP", FETCHER)
        wait_for(lambda: "config.refused" in journal(FETCHER), "the refusal")
        self.assertEqual(self.crawl("still")["title"], "any page")

    def test_broken_settings_are_refused(self):
        write(ETC / "thresh.toml", "[fetcher]\nmax_atempts = 3\n")
        self.reload(works=False)
        self.assertRegex(journal(FETCHER, "-n", "12"), "thresh.toml:2:1: .*max_attempts")
        self.crawl("after")

    def test_a_new_version_is_at_work_and_pages_under_way_keep_theirs(self):
        arrived, go_on = threading.Event(), threading.Event()

        def slow(request):
            arrived.set()
            go_on.wait(60)
            return b"<title>any page</title><h1>a heading</h1>"
        self.server.route("/slow", slow)
        feed(self.server.url + "/slow")
        self.assertTrue(arrived.wait(60))
        self.recipe(PLAIN.replace('title = "title"', 'title = "h1"'))
        self.reload(works=True)
        self.assertEqual(self.crawl("new")["title"], "a heading")
        go_on.set()
        url = self.server.url + "/slow"
        page, = wait_for(lambda: [page for page in read_pages() if page["_url"] == url], "the slow page")
        self.assertEqual(page["title"], "any page")

    def test_a_recipe_that_is_added_takes_pages(self):
        self.recipe(PLAIN.replace('"plain"', '"other"').replace('127.0.0.1:*"', '127.0.0.1:*/other/*"'), "other")
        self.reload(works=True)
        answer, = feed('{"url":"%s/other/1","recipe":"other"}' % self.server.url)
        self.assertTrue(answer["ok"], answer)


SECRET = "s3cr3t-value-of-the-key"
WITH_SECRET = """name = "places"
allow = ["http://127.0.0.1:*/places?*"]
[fetch]
respect_robots_txt = false
allow_private = ["127.0.0.0/8"]
[[start]]
from = [{ term = "pizza" }]
url = "%s/places?key={secret.places}"
[[items]]
name = "place"
[items.fields]
title = "title"
"""


class SecretTest(ServiceTest):
    def test_a_secret_comes_by_credential_and_is_shown_nowhere(self):
        with TestServer() as server:
            server.default(lambda request: b"<title>any page</title>")
            recipe = write(ETC / "recipes/places.toml", WITH_SECRET % server.url)
            self.addCleanup(recipe.unlink)
            write(ETC / "secrets/places", SECRET + "\n", 0o600)
            # As the unit's comment says.
            text = pathlib.Path("/usr/lib/systemd/system/thresh-fetcher.service").read_text()
            line = next(line for line in text.splitlines() if "LoadCredential=" in line).lstrip("# ")
            drop_in(FETCHER, "[Service]\n" + line.replace("NAME", "places") + "\n")
            systemctl("restart", FETCHER)
            systemctl("reload", FETCHER)  # It looks whether all secrets are there.
            command("thresh", "feed", "--socket", "/run/thresh-feed.sock", "-r", recipe)
            wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 1, "the page")
            self.assertEqual([request.target for request in server.requests], ["/places?key=" + SECRET])
        self.assertNotIn(SECRET, journal())
        found = subprocess.run(["grep", "-rl", SECRET, STATE, "/run/thresh"], capture_output=True, text=True, check=False)
        self.assertEqual(found.stdout, "")
        self.assertIn("{secret.places}", read_pages("place")[0]["_url"])


class WebTest(ServiceTest):
    def post(self, token):
        """The status of the answer to a URL fed by the page."""
        connection = http.client.HTTPConnection("127.0.0.1", 8799, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", "/feed", b"http://127.0.0.1:1/x",
                               {"Authorization": "Bearer " + token, "Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().status

    def test_its_settings_and_its_token_come_from_the_file_and_by_credential(self):
        before = (ETC / "thresh.toml").read_text()
        self.addCleanup(lambda: (ETC / "thresh.toml").write_text(before))
        self.addCleanup(lambda: systemctl("stop", WEB))
        write(ETC / "thresh.toml", '[web]\nlisten = "127.0.0.1:8799"\ntoken_file = "web-token"\n')
        write(ETC / "secrets/web-token", "0123456789abcdef0123\n", 0o600)
        text = pathlib.Path("/usr/lib/systemd/system/thresh-web.service").read_text()
        line = next(line for line in text.splitlines() if "LoadCredential=" in line).lstrip("# ")
        drop_in(WEB, "[Service]\n" + line + "\n")
        systemctl("start", WEB)
        self.assertEqual(self.post("0123456789abcdef0124"), 401)
        self.assertEqual(self.post("0123456789abcdef0123"), 200, journal(WEB))
        pid = pid_of(WEB)
        write(ETC / "thresh.toml", 'log_level = "debug"\n[web]\nlisten = "127.0.0.1:8799"\ntoken_file = "web-token"\n')
        systemctl("reload", WEB)
        wait_for(lambda: "config.changed key=log_level" in journal(WEB), "the change")
        write(ETC / "thresh.toml", '[web]\nlissen = 1\n')
        self.assertNotEqual(systemctl("reload", WEB, check=False).returncode, 0)
        self.assertIn('did you mean "listen"', journal(WEB))
        self.assertEqual((pid_of(WEB), self.post("0123456789abcdef0123")), (pid, 200))


class RotationTest(ServiceTest):
    def rotate(self):
        old = pid_of(SINK)
        command("logrotate", "--force", "/etc/logrotate.d/thresh")
        self.assertEqual(pid_of(SINK), old)

    def put_aside(self):
        return sorted(path.name for path in OUT.glob("page.ndjson-*"))

    def test_logrotate_puts_files_aside_and_no_record_is_lost(self):
        with TestServer() as server:
            server.default(lambda request: b"<title>any page</title>")
            total = 0
            for n in range(3):
                feed(*(server.url + "/%d/%d" % (n, m) for m in range(50)))
                total += 50
                wait_for_status(lambda s, total=total: s["pending"] == 0 and s["done"] == total, "the pages")
                self.rotate()
                wait_for(lambda n=n: len(self.put_aside()) == n + 1, "a file to be put aside")
                second = int(time.time())  # Their names are by it.
                wait_for(lambda second=second: int(time.time()) > second, "the next second")
            feed(server.url + "/last")
            wait_for(lambda: [page["_url"] for page in read_pages()] == [server.url + "/last"], "a file of its own")
        names = self.put_aside()
        self.assertEqual([name.endswith(".zst") for name in names], [True, True, False])  # The last is not yet packed.
        lines = command("zstdcat", "-f", *(OUT / name for name in names)).stdout.splitlines()
        self.assertEqual(len(set(lines)), 150)
        self.assertEqual(len(lines), 150)
        owners = {(path.owner(), path.group(), oct(path.stat().st_mode & 0o777)) for path in OUT.iterdir()}
        self.assertEqual(owners, {("thresh", "thresh", "0o640")})


if __name__ == "__main__":
    kinds = [kind for kind in ("unified", "hybrid") if box.has_memory_controller(kind)]
    if not kinds:
        raise SystemExit("no cgroup hierarchy of this machine has the memory controller: MemoryMax= cannot be tested")
    box.go_inside(kinds[0])
    unittest.main()
