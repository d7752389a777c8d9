#!/usr/bin/python3
"""A page that computes for long holds up neither light pages, while another parser is free, nor fetching, until the buffer of
pages is full. And what another parser has taken, the one that computes does not parse again."""
import fcntl
import signal
import threading
import unittest

from support.flow import LOOPBACK, ROOT, FlowTest, read_lines, read_records, wait_for
from support.http_server import Response, TestServer

HTML = {"Content-Type": "text/html"}
HEAVY_S = 5
LIGHT = 1000
SCRAPER = '''
import fcntl
import os
import subprocess
import time

def wait_at(gate):
    with open(gate) as file:
        fcntl.flock(file, fcntl.LOCK_SH)

def heavy(html, url):
    if url.endswith("/heavy"):
        end = time.process_time() + %d
        while time.process_time() < end:
            pass
    return {"url": url, "at": time.time()}

def waiting(html, url):
    wait_at("gate")
    return {"url": url}

def counted(html, url):
    name = url.rpartition("/")[2]
    with open("calls", "a") as calls:
        calls.write(name + "\\n")
    wait_at("gate-" + name)
    return {"url": url}

def stuck(html, url):
    try:
        open("begun", "x").close()
    except FileExistsError:
        return {"url": url}
    subprocess.run(["tail", "-f", os.path.abspath("begun")])
''' % HEAVY_S
COUNTED_IN_PERL = '''
    my ($name) = $url =~ m{([^/]*)$};
    open my $calls, '>>', 'calls' or die;
    print $calls "$name\\n";
    close $calls;
    open my $gate, '<', "gate-$name" or die;
    flock $gate, 1;
    return ([{ url => $url }], []);
'''


class ResponsiveTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.write("scraper.py", SCRAPER)
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.route("/robots.txt", status=404)

    def parsers_of(self, function, *more):
        return ("--parser", " ".join([self.program("thresh-parser-py"), "--function", "scraper:" + function, *more]))

    def shut_gate(self, name):
        """A file whose lock a function under test waits for, until the file is closed."""
        gate = (self.tmp / name).open("w")
        self.addCleanup(gate.close)
        fcntl.flock(gate, fcntl.LOCK_EX)
        return gate

    def start_run(self, urls, *arguments):
        return self.start("thresh", "run", "-f", str(self.write_list(urls)), "-o", str(self.out), *LOOPBACK, *map(str, arguments))

    def records_now(self):
        return read_records(self.out / "page.ndjson")

    def test_a_thousand_light_pages_pass_one_of_five_seconds(self):
        parsed = threading.Event()  # The light ones are not there before the heavy one is being parsed.
        self.addCleanup(parsed.set)

        def light(request):
            parsed.wait()
            return Response(200, b"<p>light", HTML)

        self.server.default(light)
        self.server.route("/heavy", body=b"<p>heavy", headers=HTML)
        urls = [self.server.url + "/heavy"] + ["%s/light/%d" % (self.server.url, n) for n in range(LIGHT)]
        run = self.start_run(urls, "-j", 2, *self.parsers_of("heavy", "--parse-timeout-ms", "14000"), "--set", "fetch.per_host=50",
                             "--set", "fetch.adaptive=false")
        self.wait_for_status(lambda status: status["leased"] == 1, "the heavy page at its parser")
        parsed.set()
        self.assertEqual(self.wait_for_exit(run), 0)
        records = self.records_now()
        self.assertEqual({record["url"] for record in records}, set(urls))
        self.assertEqual(len(records), LIGHT + 1)
        self.assertTrue(records[-1]["url"].endswith("/heavy"), "the heavy page was written before %d light ones" % (
            LIGHT - [record["url"].rpartition("/")[2] for record in records].index("heavy")))

    def check_that_each_is_parsed_once(self, start_parser):
        """Two pages at one parser, which is busy with the first: the second is done by another, and never by this one."""
        third = threading.Event()
        self.addCleanup(third.set)
        self.server.default(lambda request: Response(200, b"<p>x", HTML))

        def last(request):
            third.wait()
            return Response(200, b"<p>last", HTML)
        self.server.route("/3", handler=last)
        urls = ["%s/%d" % (self.server.url, n) for n in (1, 2, 3)]
        gates = {name: self.shut_gate("gate-" + name) for name in "123"}
        run = self.start_run(urls, "--parser", "-", "--set", "fetch.per_host=3")
        self.wait_for_status(lambda status: status["pages"] == 2, "two pages fetched")

        def calls(count):
            found = read_lines(self.tmp / "calls")
            return found if len(found) == count else None
        start_parser("one")
        [first] = wait_for(lambda: calls(1), "the first page to be begun")
        self.wait_for_status(lambda status: status["leased"] == 2, "both pages at one parser")
        other = start_parser("other")
        second = wait_for(lambda: calls(2), "the second page to be begun by the other parser")[1]
        self.assertNotEqual(first, second)
        gates[second].close()
        self.wait_for_status(lambda status: status["done"] == 1, "the second page's end")
        other.send_signal(signal.SIGTERM)
        self.wait_for_exit(other)

        for name in (first, "3"):
            gates[name].close()
        third.set()  # It goes to the first parser, behind all that this has.
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(read_lines(self.tmp / "calls"), [first, second, "3"])
        self.assertEqual(sorted(record["url"] for record in self.records_now()), urls)

    def test_what_another_parser_took_is_not_parsed_again_in_python(self):
        self.check_that_each_is_parsed_once(lambda name: self.start(
            "thresh-parser-py", "--join", self.out, "--function", "scraper:counted", "--parse-timeout-ms", "0", stderr=self.tmp / name))

    def test_what_another_parser_took_is_not_parsed_again_in_perl(self):
        text = (ROOT / "clients/perl/thresh-parser.pl").read_text(encoding="utf-8")
        begin = "    my ($html, $url) = @_;\n"
        self.assertEqual(text.count(begin), 1)
        parser = self.write("counted.pl", text.replace(begin, begin + COUNTED_IN_PERL))
        self.check_that_each_is_parsed_once(lambda name: self.start("/usr/bin/perl", parser, "--join", self.out, stderr=self.tmp / name))

    def test_a_run_ends_in_order_while_a_parser_is_stuck_in_a_page_that_another_ended(self):
        self.server.default(lambda request: Response(200, b"<p>x", HTML))
        config = self.write("thresh.toml", "[fetcher]\nlease_ms = \"500ms\"\n")
        run = self.start_run([self.server.url + "/1"], "-j", 2, *self.parsers_of("stuck", "--parse-timeout-ms", "0"), "--config", config)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(len(self.records_now()), 1)
        self.wait_for_no_process()  # A parser that is killed could not end what its function has started.

    def test_fetching_goes_on_while_the_only_parser_is_busy(self):
        self.server.default(lambda request: Response(200, b"<p>x", HTML))
        urls = ["%s/p%d" % (self.server.url, n) for n in range(300)]
        gate = self.shut_gate("gate")
        run = self.start_run(urls, "-j", 1, *self.parsers_of("waiting", "--parse-timeout-ms", "0"))
        self.wait_for_status(lambda status: status["pages"] == 300 and status["in_flight"] == 0, "all pages fetched, none parsed")
        self.assertEqual(self.records_now(), [])
        gate.close()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual({record["url"] for record in self.records_now()}, set(urls))

    def test_fetching_pauses_when_the_buffer_is_full_and_no_sooner(self):
        body = b"<p>" + b"x" * 20_000
        self.server.default(lambda request: Response(200, body, HTML))
        urls = ["%s/p%d" % (self.server.url, n) for n in range(400)]
        for buffer_bytes in (1_000_000, 3_000_000):
            self.server.clear()
            self.out = self.tmp / ("out-%d" % buffer_bytes)
            self.state = self.out / ".thresh"
            config = self.write("thresh.toml", "[fetcher]\npage_buffer_bytes = %d\n" % buffer_bytes)
            run = self.start_run(urls, "--parser", "-", "--config", config, "--set", "fetch.per_host=8")

            fits = buffer_bytes // len(body)

            seen = {}

            def is_paused(status):  # For a while: it is no moment between two requests.
                looks = status["held_back"].get("no parser has joined", 0)
                since = seen.setdefault(status["pages"], looks)
                return status["in_flight"] == 0 and looks >= since + 5
            status = self.wait_for_status(is_paused, "the buffer to be full")
            self.assertGreaterEqual(status["pages"], fits)
            self.assertLessEqual(status["pages"], fits + 9, "those under way, and one")
            self.assertEqual(len(self.server.requests), status["pages"], "and no other was begun")
            self.assertEqual(self.records_now(), [])
            parser = self.start("thresh-parser", "--join", str(self.out))
            self.assertEqual(self.wait_for_exit(run), 0)
            self.wait_for_exit(parser)
            self.assertEqual(len(self.records_now()), 400)


if __name__ == "__main__":
    unittest.main()
