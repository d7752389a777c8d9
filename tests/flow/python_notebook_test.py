#!/usr/bin/python3
"""thresh from a program or a notebook: crawls as iterators, URLs that are fed and waited for, records followed."""
import os
import signal
import subprocess
import sys
import threading
import unittest

from support.flow import BIN, RECIPES, ROOT, FlowTest, own, processes_naming, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline

sys.path.insert(0, str(ROOT / "clients" / "python"))
import thresh  # noqa: E402

PRIVATE = {"fetch.allow_private": ["127.0.0.0/8"], "fetch.respect_robots_txt": False}
HTML = {"Content-Type": "text/html; charset=utf-8"}


class NotebookTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>%s</title>" % request.path.encode(), HTML))
        os.environ["THRESH_BIN"] = str(BIN)

    def urls(self, count, name="p"):
        return ["%s/%s%d" % (self.server.url, name, number) for number in range(count)]


class RunTest(NotebookTest):
    def test_a_function_of_ones_own_with_all_that_it_closes_over(self):
        seen = {"prefix": "page "}

        def parse_page(html, url):
            return [{"text": seen["prefix"] + html, "url": url}]
        records = list(thresh.run(self.urls(30), parse_page, parsers=2, settings=PRIVATE))
        self.assertEqual(sorted(record["url"] for record in records), sorted(self.urls(30)))
        self.assertEqual({record["text"] for record in records}, {"page <title>/p%d</title>" % n for n in range(30)})
        self.assertEqual({record["_item"] for record in records}, {"page"})
        self.assertEqual(sorted(record["_n"] for record in records), list(range(1, 31)))

    def test_records_come_while_the_crawl_is_at_work(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.server.route("/p1", lambda request: go_on.wait(60) and Response(200, b"last", HTML))
        run = thresh.run(self.urls(2), lambda html: [{"text": html}], parsers=1, settings=PRIVATE)
        self.assertEqual(own(next(run)), {"text": "<title>/p0</title>"})
        self.assertIsNone(run.code)
        go_on.set()
        self.assertEqual([own(record) for record in run], [{"text": "last"}])
        self.assertEqual((run.code, run.dead), (0, []))
        self.assertIn("2 pages", run.summary)
        self.assertFalse(run.out.exists())  # Nothing was to be kept.

    def test_a_recipe_by_name_and_a_function_beside_one(self):
        recipe = self.write("r.toml", 'name = "r"\nallow = ["http://127.0.0.1:*"]\n[fetch]\nallow_private = ["127.0.0.0/8"]\n'
                                      'respect_robots_txt = false\n[[items]]\nname = "thing"\n[items.fields]\nt = "title"\n')
        self.assertEqual([own(record) for record in thresh.run(self.urls(1), "page", settings=PRIVATE, parsers=1)][0]["title"], "/p0")
        self.assertEqual([own(record) for record in thresh.run(self.urls(1), recipe, parsers=1)], [{"t": "/p0"}])
        found = list(thresh.run(self.urls(1), lambda body: {"b": len(body)}, recipe=recipe, parsers=1, as_bytes=True))
        self.assertEqual([(own(record), record["_item"]) for record in found], [({"b": 18}, "thing")])
        with self.assertRaisesRegex(thresh.ThreshError, "expected a function beside recipe="):
            thresh.run(self.urls(1), "page", recipe=recipe)

    def test_dead_letters_are_there_at_the_end(self):
        def parse_page(html):
            if "/p1<" in html:
                raise ValueError("not this one")
            return [{"text": html}]
        run = thresh.run(self.urls(3), parse_page, parsers=1, settings=PRIVATE)
        self.assertEqual(len(list(run)), 2)
        self.assertEqual(run.code, 3)
        self.assertEqual([(letter["reason"], letter["url"]) for letter in run.dead], [("parse_exception", self.urls(3)[1])])
        self.assertIn("ValueError: not this one", run.dead[0]["detail"])
        self.assertRegex(run.summary, r"failed +1 parse_exception; see run\.dead\n")

    def test_whatever_of_it_is_killed_the_records_are_exact(self):
        def parse_page(html, url):
            return [{"url": url}]
        paced = {**PRIVATE, "fetch.delay_ms": 20}
        run = thresh.run(self.urls(120), parse_page, parsers=2, out=self.out, settings=paced)
        found = []
        for count, name in enumerate(("parser", "thresh-sink", "parser", "thresh-fetcher", "parser")):
            while len(found) < 15 * (count + 1):
                found.append(next(run))
            if name == "parser":
                self.kill_a_parser()
            else:
                os.kill(next(pid for pid in processes_naming("/bin/" + name) if str(self.out) in self.words_of(pid)), signal.SIGKILL)
        found += list(run)
        self.assertEqual(sorted(record["url"] for record in found), sorted(self.urls(120)))
        self.assertEqual((run.code, run.dead), (0, []))

    @staticmethod
    def words_of(pid):
        with open("/proc/%d/cmdline" % pid, "rb") as words:
            return words.read().decode(errors="replace")

    def test_broken_off_it_goes_on_and_gives_all(self):
        def parse_page(html, url):
            return [{"url": url}]
        settings = {**PRIVATE, "fetch.delay_ms": 20}
        with thresh.run(self.urls(40), parse_page, parsers=1, out=self.out, settings=settings) as run:
            first = [next(run) for _ in range(5)]
        self.assertEqual(run.code, 143)
        self.assertEqual(list(run), [])
        again = thresh.run(self.urls(40), parse_page, parsers=1, out=self.out, settings=PRIVATE)
        found = list(again)
        self.assertEqual(sorted(record["url"] for record in found), sorted(self.urls(40)))
        self.assertLess({record["_id"] for record in first}, {record["_id"] for record in found})
        fresh = thresh.run(self.urls(2), parse_page, parsers=1, out=self.out, settings=PRIVATE, fresh=True)
        self.assertEqual(len(list(fresh)), 2)

    def test_lists_csv_files_and_feed_lines(self):
        rows = self.write("rows.csv", "website,name\n" + "".join('"%s",x\n' % url for url in self.urls(3)))
        self.assertEqual(len(list(thresh.run(rows, lambda html: [{}], parsers=1, settings=PRIVATE))), 3)
        lines = [{"url": url, "meta": {"k": n}} for n, url in enumerate(self.urls(3))]
        found = list(thresh.run(lines, lambda html, meta: [{"m": meta["k"]}], parsers=1, settings=PRIVATE))
        self.assertEqual(sorted((record["m"], record["_meta"]["k"]) for record in found), [(0, 0), (1, 1), (2, 2)])

    def test_what_cannot_be_run(self):
        for what, words in (("nosuch:f", "No module named 'nosuch'"), (7, "expected a function")):
            with self.assertRaisesRegex(thresh.ThreshError, words):
                thresh.run(self.urls(1), what)
        with self.assertRaisesRegex(thresh.ThreshError, "no recipe named") as caught:
            list(thresh.run(self.urls(1), "nosuch"))
        self.assertEqual(caught.exception.code, 65)

    def test_a_program_that_is_killed_takes_its_crawl_along(self):
        script = self.write("program.py", "import sys\nsys.path.insert(0, %r)\nimport thresh, time\n"
                            "run = thresh.run([%r], lambda html: [{'a': 1}], parsers=1, out=%r, settings=%r)\nprint(next(run), flush=True)\n"
                            "time.sleep(1000)\n" % (str(ROOT / "clients" / "python"), self.server.url + "/", str(self.out), PRIVATE))
        self.server.hang("/slow")
        program = subprocess.Popen(["/usr/bin/python3", script], stdout=subprocess.PIPE, env={**self.env, "THRESH_BIN": str(BIN)})
        self.addCleanup(self.end, program)
        self.assertIn(b"'a': 1", program.stdout.readline())
        program.kill()
        program.wait()
        wait_for(lambda: not processes_naming(str(self.out)), "all of the crawl to end")


class FeedTest(NotebookTest):
    def setUp(self):
        super().setUp()
        recipe = self.write("p.toml", 'name = "p"\nallow = ["%s/*"]\nfollow = ["a"]\n[fetch]\nallow_private = ["127.0.0.0/8"]\n'
                                      'respect_robots_txt = false\n[[items]]\nname = "page"\n[items.fields]\nt = "title"\n' % self.server.url)
        self.pipeline = Pipeline(self, [recipe])

    def feed(self, urls, **how):
        return thresh.feed(urls, socket=self.pipeline.feed_socket, **how)

    def test_it_waits_for_all_and_what_follows_from_them(self):
        self.server.route("/p0", body=b"<title>a</title><a href='/next'>", headers=HTML)
        self.server.route("/p1", status=404)
        fed = self.feed(self.urls(20), job="mine")
        self.assertEqual((fed.accepted, fed.duplicates, fed.refused), (20, 0, []))
        ended = fed.wait(60)
        self.assertEqual((ended.done, ended.dead, ended.dropped, ended.records), (20, 1, 0, 20))
        self.assertEqual([(job["n"], job["job"], job["url"]) for job in ended.jobs],
                         [(n + 1, "mine", url) for n, url in enumerate(self.urls(20))])
        self.assertEqual(len(self.records("page", self.pipeline.out)), 20)

    def test_what_was_known_and_what_is_refused(self):
        self.feed(self.urls(3)).wait(60)
        fed = self.feed([*self.urls(4), "ftp://x/", {"url": "http://elsewhere.test/"}])
        self.assertEqual((fed.accepted, fed.duplicates), (1, 3))
        self.assertEqual([position for position, _ in fed.refused], [5, 6])
        self.assertIn("no_recipe", fed.refused[1][1])
        self.assertEqual(fed.wait(60).done, 1)

    def test_it_waits_through_deaths_of_fetcher_and_sink(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.server.route("/p9", lambda request: go_on.wait(60) and Response(200, b"<title>x</title>", HTML))
        fed, ended = self.feed(self.urls(10)), []
        waiting = threading.Thread(target=lambda: ended.append(fed.wait(90)))
        waiting.start()
        for process in (self.pipeline.fetcher, self.pipeline.sink):
            self.pipeline.kill(process)
            self.pipeline.restart(process)
        self.pipeline.wait_until_listening()
        go_on.set()
        waiting.join(90)
        self.assertEqual([(found.done, found.records) for found in ended], [(10, 10)])

    def test_a_time_to_wait(self):
        self.server.hang("/p0")
        with self.assertRaisesRegex(TimeoutError, "1 of 3 URLs have not ended"):
            fed = self.feed(self.urls(3))
            wait_for(lambda: self.pipeline.status()["done"] == 2, "the other two")
            fed.wait(1)

    def test_nobody_is_there(self):
        with self.assertRaisesRegex(thresh.ThreshError, "is thresh running"):
            thresh.feed(self.urls(1), socket=self.tmp / "nosuch.sock")

    def test_records_are_followed_over_the_sinks_rotation(self):
        path, found, over = self.pipeline.out / "page.ndjson", [], threading.Event()
        reader = threading.Thread(target=lambda: [found.append(record) for record in thresh.follow(path, until=over.is_set)])
        reader.start()
        for turn in range(5):
            self.feed(self.urls(10, "turn%d-" % turn)).wait(60)
            wait_for(lambda n=turn: len(found) > 10 * n, "it to be read")  # What is moved elsewhere before that is not found.
            if path.exists():
                path.rename(path.with_name("moved-%d.ndjson" % turn))
                os.kill(self.pipeline.sink.pid, signal.SIGHUP)
        over.set()
        reader.join(60)
        self.assertEqual(sorted(record["t"] for record in found), sorted("/turn%d-%d" % (turn, n) for turn in range(5) for n in range(10)))


if __name__ == "__main__":
    unittest.main()
