#!/usr/bin/python3
"""`thresh status`, `why`, `ledger` and `dead` ask daemons at work, and say what to do without them."""
import json
import threading
import unittest

from support.flow import LOOPBACK, RECIPES, FlowTest, read_records
from support.http_server import TestServer
from support.pipeline import FeedClient, Pipeline

PAGE = RECIPES / "page.toml"


class ControlTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")
        self.server.route("/gone", status=410)
        self.server.route("/lost", status=404)

    def start_pipeline(self):
        """A pipeline with two pages done and two dead."""
        self.pipeline = Pipeline(self, [PAGE], fetcher=LOOPBACK)
        self.pipeline.feed(*[self.server.url + path for path in ("/a", "/b", "/gone", "/lost")])
        self.pipeline.wait_until_done(4)

    def ask(self, *arguments, code=0):
        done = self.thresh(*arguments, "--state", self.pipeline.state)
        self.assertEqual(done.code, code, done)
        return done


class WhyTest(ControlTest):
    def test_it_tells_state_attempts_and_reason(self):
        self.start_pipeline()
        self.assertRegex(self.ask("why", self.server.url + "/a").out,
                         r"\A%s/a\n  task 1, recipe any: done after 1 request, 20\S+Z\n\Z" % self.server.url)
        self.assertRegex(self.ask("why", self.server.url + "/gone#part").out,
                         r"\A%s/gone\n  task 3, recipe any: dead \(http_410\) after 1 request, " % self.server.url)

    def test_a_url_that_was_never_seen_is_1(self):
        self.start_pipeline()
        never = self.ask("why", self.server.url + "/never", code=1)
        self.assertEqual(never.out, "")
        self.assertIn("/never: never seen", never.err)

    def test_every_request_for_the_url_is_told(self):
        self.start_pipeline()
        url = self.server.url + "/a"
        post = {"url": url, "method": "POST", "body": {"page": 2}}
        long = {"url": url, "method": "PUT", "body": "\x1b[2J" + "x" * 100}
        self.pipeline.feed(*map(json.dumps, (post, long, {"url": url, "method": "DELETE"})))
        self.pipeline.wait_until_done(7)
        text = self.ask("why", url).out
        self.assertRegex(text, r'(?m)^  task 1, recipe any: done after 1 request, ')
        self.assertRegex(text, r'(?m)^  task \d+, recipe any, POST {"page":2}: done after 1 request, ')
        self.assertRegex(text, r"(?m)^  task \d+, recipe any, PUT \ufffd\[2Jx{56}… \(104 bytes\): done after 1 request, ")
        self.assertRegex(text, r"(?m)^  task \d+, recipe any, DELETE: done after 1 request, ")
        tasks = json.loads(self.ask("why", url, "--json").out)["tasks"]
        self.assertEqual({(task["method"], task.get("body_bytes"), task["state"]) for task in tasks},
                         {("GET", None, "done"), ("POST", 10, "done"), ("PUT", 104, "done"), ("DELETE", None, "done")})

    def test_json_is_the_answer_itself(self):
        self.start_pipeline()
        answer = json.loads(self.ask("why", self.server.url + "/a", "--json").out)
        self.assertEqual([task["state"] for task in answer["tasks"]], ["done"])
        self.assertEqual(json.loads(self.ask("why", self.server.url + "/x", "--json", code=1).out)["tasks"], [])

    def test_what_is_no_url_is_65(self):
        self.start_pipeline()
        self.assertTrue(self.ask("why", "nonsense", code=65).err)


class LedgerTest(ControlTest):
    def test_it_balances(self):
        self.start_pipeline()
        text = self.ask("ledger").out
        self.assertRegex(text, r"created +4  \(fed 4, followed 0\)\n")
        self.assertRegex(text, r"done +2\n")
        self.assertRegex(text, r"dead +2  \(1 http_404, 1 http_410\)\n")
        self.assertRegex(text, r"pending +0\n")
        self.assertRegex(text, r"balanced +yes\n")
        answer = json.loads(self.ask("ledger", "--json").out)
        self.assertEqual((answer["fed"], answer["done"], answer["dead"]), (4, 2, {"http_404": 1, "http_410": 1}))


class StatusTest(ControlTest):
    def test_it_shows_both_daemons(self):
        self.start_pipeline()
        text = self.ask("status").out
        self.assertRegex(text, r"(?m)^fetcher +at work, pid %d$" % self.pipeline.fetcher.pid)
        self.assertRegex(text, r"(?m)^sink +at work, pid %d$" % self.pipeline.sink.pid)
        self.assertRegex(text, r"(?m)^  done +2, 2 records$")
        self.assertRegex(text, r"(?m)^parsers +1$")
        both = json.loads(self.ask("status", "--json").out)
        self.assertEqual((both["fetcher"]["pid"], both["sink"]["pid"]), (self.pipeline.fetcher.pid, self.pipeline.sink.pid))

    def test_what_is_not_at_work_is_told_with_69(self):
        self.start_pipeline()
        self.pipeline.sink.kill()
        self.pipeline.sink.wait()
        half = self.ask("status", code=69)
        self.assertRegex(half.out, r"fetcher +at work")
        self.assertIn("start it with thresh-sink --state %s --out DIR" % self.pipeline.state, half.err)


class DeadTest(ControlTest):
    def letters(self, *arguments, code=0):
        return [json.loads(line)["url"] for line in self.ask("dead", "list", *arguments, code=code).out.splitlines()]

    def test_the_letters_are_lines_of_dead_ndjson(self):
        self.start_pipeline()
        self.assertEqual(self.ask("dead", "list").out, (self.pipeline.out / "dead.ndjson").read_text())
        self.assertEqual(self.letters("--reason", "http_410"), [self.server.url + "/gone"])
        self.assertEqual(self.letters("--reason", "timeout", code=1), [])

    def test_retried_they_are_new_tasks_and_are_not_listed_any_more(self):
        self.start_pipeline()
        self.server.route("/gone", body=b"<title>back</title>")
        self.assertEqual(self.ask("dead", "retry", "--reason", "http_410").out, "1 dead letter is asked for again\n")
        self.wait_for_status(lambda s: s["done"] == 3 and s["retried"] == 1, "the page that is back", self.pipeline.state)
        self.assertEqual(self.letters(), [self.server.url + "/lost"])
        self.assertEqual(len(read_records(self.pipeline.out / "page.ndjson")), 3)
        self.assertIn("retried 1", self.ask("ledger").out)
        self.ask("dead", "retry", "--reason", "http_410", code=1)

    def test_by_url_or_all(self):
        self.start_pipeline()
        self.assertEqual(json.loads(self.ask("dead", "retry", self.server.url + "/lost", "--json").out), {"ok": True, "retried": 1})
        self.wait_for_status(lambda s: s["pending"] == 0 and s["retried"] == 1, "it to end", self.pipeline.state)
        self.ask("dead", "retry", self.server.url + "/never", code=1)
        self.assertRegex(self.ask("dead", "retry", "--all").out, r"^2 dead letters")

    def test_what_to_retry_has_to_be_said(self):
        self.start_pipeline()
        for arguments in ((), ("--all", "--reason", "http_410"), ("--all", self.server.url + "/lost")):
            self.assertTrue(self.ask("dead", "retry", *arguments, code=64).err)



class EndedRunTest(ControlTest):
    """A run that has ended answers as if it were at work, and fetches nothing meanwhile."""

    def of_run(self, *arguments, code=0):
        done = self.thresh(*arguments, "-o", self.out)
        self.assertEqual((done.code, done.err), (code, ""), (arguments, done))
        return done.out

    def test_its_state_can_be_asked(self):
        self.crawl(PAGE, self.server.url + "/a", self.server.url + "/gone", code=3)
        self.assertEqual(self.of_run("dead", "list"), (self.out / "dead.ndjson").read_text())
        self.assertEqual(self.of_run("dead", "list", "--reason", "dns", code=1), "")
        self.assertRegex(self.of_run("ledger"), r"created +2 .*\ndone +1\n(.*\n)*dead +1 +\(1 http_410")
        self.assertRegex(self.of_run("status"), r"(?s)^run +ended, with nothing left to do;[^\n]*\nfetcher +not at work\n.*  done +1, .*sink +not at work")
        self.assertRegex(self.of_run("why", self.server.url + "/a"), r"(?m)^  task \d+, recipe any: done after 1 request")
        self.assertRegex(self.of_run("why", self.server.url + "/gone"), r"(?m)^  task \d+, recipe any: dead \(http_410\) after 1 request")
        with self.assertRaises(OSError, msg="a daemon was left behind"):
            FeedClient(self.out / ".thresh" / "feed.sock")

    def test_of_one_that_was_broken_off_it_is_said_what_is_left(self):
        never = threading.Event()
        self.addCleanup(never.set)
        self.server.route("/slow", handler=lambda request: never.wait() and b"")
        run = self.start_crawl(PAGE, self.server.url + "/a", self.server.url + "/slow")
        self.wait_for_status(lambda s: s["done"] == 1, "one page", self.out / ".thresh")
        self.assertRegex(self.of_run("status"), r"(?s)^fetcher +at work, pid.*sink +at work, pid")
        run.kill()
        run.wait()
        self.wait_for_no_process()
        self.assertRegex(self.of_run("status"), r"^run +broken off with 1 URL left: the same thresh run command goes on;[^\n]*\nfetcher +not at work\n")

    def test_retried_pages_are_had_by_the_same_command(self):
        self.crawl(PAGE, self.server.url + "/a", self.server.url + "/gone", code=3)
        self.server.route("/gone", body=b"<title>back</title>")
        asked = len(self.server.requests)
        self.assertEqual(self.of_run("dead", "retry", "--all"), "1 dead letter is asked for again\n")
        self.assertEqual(len(self.server.requests), asked)
        self.crawl(PAGE, self.server.url + "/a", self.server.url + "/gone", code=0)
        self.assertEqual(sorted(record["title"] for record in read_records(self.out / "page.ndjson")), ["any page", "back"])
        self.assertEqual(self.of_run("dead", "list", code=1), "")


class PlaceTest(FlowTest):
    COMMANDS = (("why", "http://127.0.0.1/"), ("ledger",), ("status",), ("dead", "list"), ("dead", "retry", "--all"))

    def test_with_a_wrong_folder_it_says_what_to_give(self):
        for command in self.COMMANDS:
            for arguments in (("--state", self.tmp, "-o", self.tmp), ("-o", self.tmp / "none"), ("--state", self.tmp / "none")):
                done = self.thresh(*command, *arguments)
                self.assertEqual((done.code, done.out), (64, ""), (command, arguments, done))
                self.assertIn("expected", done.err)

    def test_without_daemons_it_is_69_and_says_how_to_start_them(self):
        self.state.mkdir(parents=True)
        for command in self.COMMANDS:
            for arguments, remedy in ((("--state", self.tmp), "start it with thresh-"),
                                      (("-o", self.out), "start it with the thresh run command that made %s" % self.out)):
                done = self.thresh(*command, *arguments)
                self.assertEqual((done.code, done.out), (69, ""), (command, done))
                self.assertIn(remedy, done.err)


if __name__ == "__main__":
    unittest.main()
