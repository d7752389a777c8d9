#!/usr/bin/python3
"""`thresh run`: limits, exit codes, its folder, and how it treats a host."""
import os
import re
import threading
import unittest

from support.flow import LOOPBACK, RECIPES, YELP, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.review_pages import ReviewPages
from review_site import check

PAGE = RECIPES / "page.toml"


class RunTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")

    def urls(self, count):
        return self.write_list("%s/p%d" % (self.server.url, number) for number in range(count))


class LimitsTest(RunTest):
    def test_max_pages_is_how_many_pages_are_fetched(self):
        done = self.crawl(PAGE, "-f", self.urls(50), "--max-pages", 7)
        self.assertEqual(len(self.server.requests), 7)
        self.assertEqual(len(self.records("page")), 7)
        self.assertIn("fed 50 + followed 0 = done 7 + dead 0 + dropped 43 + pending 0", done.err)
        self.assertRegex(done.err, r"dropped +43 budget")

    def test_max_pages_counts_followed_pages_too(self):
        pages = ReviewPages(self, 2)
        self.crawl(YELP, *pages.urls, "--max-pages", 7)
        self.assertEqual(len(pages.server.requests), 7)
        self.assertEqual(len(self.records("review")), 7 * 20)

    def test_max_records_is_how_many_lines_there_are(self):
        pages = ReviewPages(self, 3)
        for limit in (1, 20, 33, 5000):
            with self.subTest(limit):
                self.crawl(YELP, *pages.urls, "--max-records", limit, "--fresh")
                self.assertEqual(len(self.records("review")), min(limit, pages.records_count))

    def test_no_more_than_per_host_requests_are_under_way_at_once(self):
        per_host, most, under_way, lock, go_on = 3, [0], [0], threading.Lock(), threading.Event()

        def answer(request):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            go_on.wait(60)
            with lock:
                under_way[0] -= 1
            return b"<title>x</title>"
        self.server.default(answer)
        self.addCleanup(go_on.set)
        run = self.start_crawl(PAGE, "-f", self.urls(60), "--set", "fetch.per_host=%d" % per_host, stderr=self.tmp / "log")
        self.wait_for_status(lambda s: s["fed"] == 60 and s["in_flight"] == per_host, "as many requests as allowed")
        wait_for(lambda: under_way[0] == per_host, "them to arrive")
        go_on.set()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(most[0], per_host)
        self.assertEqual(len(self.records("page")), 60)

    def test_hosts_have_their_limits_each(self):
        other = TestServer().start()
        self.addCleanup(other.stop)
        self.server.hang("/slow")
        other.route("/fast", body=b"<title>x</title>")
        urls = self.write_list([self.server.url + "/slow", other.url + "/fast"])
        run = self.start_crawl(PAGE, "-f", urls, "--set", "fetch.per_host=1")
        self.wait_for_status(lambda s: s["done"] == 1 and s["in_flight"] == 1, "the host that answers to be done with")
        run.terminate()
        self.assertEqual(self.wait_for_exit(run), 143)


class ExitCodeTest(RunTest):
    def test_0_if_all_is_done(self):
        self.crawl(PAGE, self.server.url + "/a")

    def test_1_if_nothing_was_found(self):
        recipe = self.write("none.toml", 'name = "none"\n[[items]]\nname = "x"\nrows = ".x"\n[items.fields]\na = "b"\n')
        self.crawl(recipe, self.server.url + "/a", code=1)
        self.assertEqual(self.records("x"), [])

    def test_1_if_the_list_is_empty(self):
        self.crawl(PAGE, "-f", self.write("empty.txt", ""), code=1)

    def test_3_if_some_urls_ended_dead(self):
        self.server.route("/gone", status=410)
        self.crawl(PAGE, self.server.url + "/a", self.server.url + "/gone", code=3)
        self.assertEqual(len(self.records("page")), 1)

    def test_64_if_the_command_line_is_wrong(self):
        for arguments in ((), ("run", "--no-such-option"), ("run", "-j", "0", "http://127.0.0.1/"), ("crawl",),
                          ("run", "-r", PAGE, "-o", self.out), ("run", "--max-pages", "-1", "http://127.0.0.1:1/", "-o", self.out),
                          ("run", "--max-records", "some", "http://127.0.0.1:1/", "-o", self.out)):
            done = self.thresh(*arguments)
            self.assertEqual((done.code, done.out), (64, ""), (arguments, done))
            self.assertTrue(done.err, arguments)
        self.assertFalse(self.out.exists())

    def test_65_if_a_line_of_the_list_is_refused_and_the_rest_is_done(self):
        urls = self.write_list([self.server.url + "/a", "nonsense", self.server.url + "/b"])
        done = self.crawl(PAGE, "-f", urls, code=65)
        self.assertEqual(len(self.records("page")), 2)
        self.assertRegex(done.err, r"refused line 2: .*nonsense")

    def test_65_if_a_recipe_or_list_is_not_there(self):
        for arguments in (("-r", self.tmp / "none.toml", self.server.url), ("-r", PAGE, "-f", self.tmp / "none.txt"), ("-r", PAGE, "-f", self.tmp),
                          ("-r", "no-such-recipe", self.server.url), ("-r", PAGE, "--set", "fetch.per_host=no", self.server.url),
                          ("-r", PAGE, "--set", "fetch.colour=1", self.server.url)):
            done = self.thresh("run", *arguments, "-o", self.out)
            self.assertEqual(done.code, 65, (arguments, done))
        self.assertEqual(self.server.requests, [])

    def test_73_if_the_folder_cannot_be_made(self):
        self.write("file", "")
        self.crawl(PAGE, self.server.url + "/a", out=self.tmp / "file" / "out", code=73)

    def test_help_and_version_are_no_errors(self):
        for program in ("thresh", "thresh-fetcher", "thresh-parser", "thresh-sink"):
            for argument, expected in (("--help", r"Usage: %s "), ("--version", r"\A%s \d+\.\d+\.\d+\n\Z")):
                done = self.thresh(argument, program=program)
                self.assertEqual((done.code, done.err), (0, ""), done)
                self.assertRegex(done.out, expected % program)


class InputTest(RunTest):
    def test_the_recipes_start_urls_are_crawled_unless_others_are_given(self):
        text = 'name = "s"\nstart_urls = ["%s/s[1-3]"]\n[[items]]\nname = "x"\n[items.fields]\na = "title"\n'
        recipe = self.write("start.toml", text % self.server.url)
        done = self.thresh("run", "-r", recipe, "-o", self.out, *LOOPBACK)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(sorted(request.target for request in self.server.requests), ["/s1", "/s2", "/s3"])
        self.server.clear()
        self.assertEqual(self.thresh("run", "--fresh", "-r", recipe, "-o", self.out, self.server.url + "/other").code, 0)
        self.assertEqual([request.target for request in self.server.requests if request.target != "/robots.txt"], ["/other"])

    def test_without_a_recipe_the_built_in_page_says_what_is_there(self):
        self.server.route("/a", lambda request: Response(200, b'<title>T</title><meta name="Description" content="D"><a href="/b">b</a>',
                                                         {"Content-Type": "text/html"}))
        done = self.thresh("run", self.server.url + "/a", "-o", "-", "--set", "fetch.respect_robots_txt=false")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r'\A\{"url":"%s/a","status":"?200"?,"title":"T","description":"D","links":\["%s/b"\],"_id":'
                         % (2 * (re.escape(self.server.url),)))

    def test_the_list_may_come_from_stdin(self):
        done = self.thresh("run", "-r", PAGE, "-f", "-", "-o", self.out, stdin=(self.server.url + "/a\n").encode())
        self.assertEqual(done.code, 0, done)


class FolderTest(RunTest):
    def test_a_second_run_in_the_same_folder_goes_on_and_fresh_starts_over(self):
        self.crawl(PAGE, self.server.url + "/a")
        self.crawl(PAGE, self.server.url + "/b")
        self.assertEqual([record["_url"] for record in self.records("page")], [self.server.url + "/a", self.server.url + "/b"])
        self.crawl(PAGE, self.server.url + "/b", "--fresh")
        self.assertEqual([record["_url"] for record in self.records("page")], [self.server.url + "/b"])

    def test_another_recipe_in_the_same_folder_is_refused(self):
        self.crawl(PAGE, self.server.url + "/a")
        other = self.write("other.toml", 'name = "other"\n[[items]]\nname = "x"\n[items.fields]\na = "title"\n')
        refused = self.crawl(other, self.server.url + "/a", code=73)
        self.assertRegex(refused.err, "holds a crawl by the recipe any, found other: .*--fresh")
        self.assertFalse((self.out / "x.ndjson").exists())

    def test_a_file_that_no_run_made_is_not_written_to(self):
        self.out.mkdir()
        (self.out / "page.ndjson").write_text("mine")
        for arguments in ((), ("--fresh",)):
            refused = self.crawl(PAGE, self.server.url + "/a", *arguments, code=73)
            self.assertIn("page.ndjson is there already, and no run of thresh made it", refused.err)
        self.assertEqual((self.out / "page.ndjson").read_text(), "mine")

    def test_a_state_that_no_run_made_is_not_touched(self):
        (self.state / "frontier").mkdir(parents=True)
        for arguments in ((), ("--fresh",)):
            refused = self.crawl(PAGE, self.server.url + "/a", *arguments, code=73)
            self.assertIn("holds a state that is not a run's", refused.err)
        self.assertEqual(list((self.state / "frontier").iterdir()), [])

    def test_fresh_does_not_disturb_a_run_at_work(self):
        self.server.hang("/hang")
        run = self.start_crawl(PAGE, self.server.url + "/hang", self.server.url + "/a")
        self.wait_for_status(lambda s: s["done"] == 1, "the run to be at work")
        refused = self.crawl(PAGE, self.server.url + "/b", "--fresh", code=73)
        self.assertIn("pid %d" % run.pid, refused.err)
        self.assertEqual(len(self.records("page")), 1)
        self.assertIsNone(run.poll())

    def test_a_folder_may_have_a_long_name_and_other_peoples_files_stay(self):
        out = self.tmp / ("a long name " * 9) / "üñï"
        out.mkdir(parents=True)
        (out / "mine.txt").write_text("mine")
        pages = ReviewPages(self, 1, pages=2)
        for arguments in ((), ("--fresh",)):
            self.crawl(YELP, *pages.urls, *arguments, out=out)
            self.assertEqual(tuple(check(out / "review.ndjson", pages.site)), (0, 0, 0, 0))
        self.assertEqual((out / "mine.txt").read_text(), "mine")

    def test_a_relative_folder_is_relative_to_where_the_command_runs(self):
        done = self.thresh("run", "-r", os.path.relpath(PAGE, self.tmp), self.server.url + "/a", "-o", "here")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(len(self.records("page", self.tmp / "here")), 1)


if __name__ == "__main__":
    unittest.main()
