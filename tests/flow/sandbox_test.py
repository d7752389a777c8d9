#!/usr/bin/python3
"""The parser's sandbox in the real process: all that a page may need still works, and what an intruder would do does not."""
import ctypes
import gzip
import pathlib
import signal
import struct
import subprocess
import unittest
import zlib

from support.encodings import every_label, sample
from support.flow import BIN, RECIPES, FlowTest, own, read_records, wait_for
from support.http_server import TestServer
from support.pipeline import FETCH_LOOPBACK, Pipeline
from poison_test import poison_parser

HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT_RECIPE = """name = "texts"
allow = ["http://127.0.0.1:*"]
[[items]]
name = "text"
[items.fields]
text = "body"
"""
DATE_RECIPE = """name = "dates"
allow = ["http://127.0.0.1:*"]
[[items]]
name = "date"
[items.fields]
date = { css = "p", type = "date", format = ["rfc2822", "%d %B %Y %H:%M %Z"] }
"""
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, ENOSYS = 0x7FFF0000, 0x00050000, 38
SECCOMP_SET_MODE_FILTER, LANDLOCK_CREATE_RULESET = 317, 444  # Numbers of system calls.


def lacks(*calls):
    """For a process that is about to begin: its kernel has none of these system calls."""
    def enter():
        load_number = struct.pack("HBBI", 0x20, 0, 0, 0)
        each = b"".join(struct.pack("HBBI", 0x15, 0, 1, call) +
                        struct.pack("HBBI", 0x06, 0, 0, SECCOMP_RET_ERRNO | ENOSYS) for call in calls)
        code = load_number + each + struct.pack("HBBI", 0x06, 0, 0, SECCOMP_RET_ALLOW)
        buffer = ctypes.create_string_buffer(code)
        program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
        libc = ctypes.CDLL(None)
        assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
        assert libc.prctl(22, 2, program, 0, 0) == 0  # PR_SET_SECCOMP
    return enter


def brotli(data):
    """The data packed, by the library's own function."""
    library = ctypes.CDLL("libbrotlienc.so.1")
    size = ctypes.c_size_t(len(data) + 1024)
    packed = ctypes.create_string_buffer(size.value)
    assert library.BrotliEncoderCompress(5, 22, 0, ctypes.c_size_t(len(data)), data, ctypes.byref(size), packed)
    return packed.raw[:size.value]


def threads_of(pid):
    """For each thread its NoNewPrivs and Seccomp, as the kernel has them."""
    found = []
    for status in pathlib.Path("/proc/%d/task" % pid).glob("*/status"):
        lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        found.append((lines["NoNewPrivs"], lines["Seccomp"]))
    return found


class SandboxTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def start_pipeline(self, recipe, fetcher=(), **how):
        path = recipe if isinstance(recipe, pathlib.Path) else self.write("recipe.toml", recipe)
        self.pipeline = Pipeline(self, [path], fetcher=(*FETCH_LOOPBACK, "--set", "fetch.per_host=50", *fetcher), **how)
        return self.pipeline

    def crawl_all(self, urls):
        for answer in self.pipeline.feed(*urls):
            self.assertTrue(answer["ok"], answer)
        self.pipeline.wait_until_done(len(urls))

    def texts_by_path(self, item="text", field="text"):
        records = read_records(self.pipeline.out / (item + ".ndjson"))
        return {record["_url"].removeprefix(self.server.url): own(record)[field] for record in records}

    def parser_log(self):
        return self.pipeline.log_of("thresh-parser").read_text()


class PagesTest(SandboxTest):
    def test_every_label_of_every_encoding(self):
        labels = every_label()
        self.assertEqual(len(labels), 228)
        expected = {}
        for number, (label, codec) in enumerate(labels):
            body, text = sample(codec)
            expected["/%d" % number] = text
            self.server.route("/%d" % number, body=body, headers={"Content-Type": "text/html; charset=" + label})
        self.start_pipeline(TEXT_RECIPE)
        self.crawl_all([self.server.url + path for path in expected])
        found = self.texts_by_path()
        for path, text in expected.items():
            with self.subTest(labels[int(path[1:])]):
                self.assertEqual(found.get(path), text)
        self.assertIn("sandbox.on landlock=", self.parser_log())

    def test_dates_with_the_names_of_zones(self):
        dates = {"/a": ("Mon, 04 Jul 2016 18:30:00 EST", "2016-07-04T18:30:00-05:00"),
                 "/b": ("Mon, 04 Jul 2016 18:30:00 GMT", "2016-07-04T18:30:00Z"),
                 "/c": ("4 July 2016 18:30 UTC", "2016-07-04T18:30:00Z")}
        for path, (text, _) in dates.items():
            self.server.route(path, body=b"<p>" + text.encode(), headers=HTML)
        self.start_pipeline(DATE_RECIPE)
        self.crawl_all([self.server.url + path for path in dates])
        self.assertEqual(self.texts_by_path("date", "date"), {path: date for path, (_, date) in dates.items()})

    def test_each_content_coding(self):
        plain = b"<p>" + b"Packed and unpacked. " * 5000 + b"End."
        zstd = subprocess.run(["zstd", "-qc"], input=plain, capture_output=True, check=True).stdout
        bodies = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "br": brotli(plain), "zstd": zstd,
                  "gzip, br": brotli(gzip.compress(plain))}
        for number, (coding, body) in enumerate(bodies.items()):
            self.server.route("/%d" % number, body=body, headers={**HTML, "Content-Encoding": coding})
        self.start_pipeline(TEXT_RECIPE)
        self.crawl_all(["%s/%d" % (self.server.url, number) for number in range(len(bodies))])
        found = self.texts_by_path()
        self.assertEqual({path: text[-4:] for path, text in found.items()}, {"/%d" % n: "End." for n in range(len(bodies))})
        self.assertEqual(len(set(found.values())), 1)

    def test_pages_of_8_and_64_mb_with_the_default_limits(self):
        recipe = TEXT_RECIPE.replace('text = "body"', 'text = "b"')
        sizes = {"/8": 8_000_000, "/64": 64_000_000, "/64-again": 64_000_000}
        for path, size in sizes.items():
            words = b"Words of a page that is very long. " * (size // 35)
            self.server.route(path, body=b"<p>" + words + b"<b>End of %s</b>" % path.encode(), headers=HTML)
        self.start_pipeline(recipe, parser=("--parse-timeout-ms", "60000"))
        self.crawl_all([self.server.url + path for path in sizes])
        self.assertEqual(self.texts_by_path(), {path: "End of " + path for path in sizes})
        self.assertEqual(self.pipeline.parsers[0].poll(), None)

    def test_a_large_body_comes_as_a_descriptor(self):
        self.server.route("/large", body=b"<p>" + b"x" * 3_000_000, headers=HTML)
        self.start_pipeline(RECIPES / "page.toml", parser=("--cpu-ms", "3000"))
        self.server.route("/small", body=b"<p>", headers=HTML)
        self.crawl_all([self.server.url + "/small"])  # By its end they know each other.
        self.pipeline.feed(self.server.url + "/large")
        maps = pathlib.Path("/proc/%d/maps" % self.pipeline.parsers[0].pid)
        spool = str(self.pipeline.state / "spool")
        wait_for(lambda: spool in maps.read_text(), "the body's file to be mapped by the parser")
        self.pipeline.wait_until_done(2)


class RestartsTest(SandboxTest):
    def crawl_one(self, path):
        self.server.route(path, body=b"<title>%s</title>" % path.encode(), headers=HTML)
        self.pipeline.feed(self.server.url + path)
        self.wait_for_status(lambda s: s["pending"] == 0 and s["done"] > 0, "the page to be done", self.pipeline.state)
        titles = [record["title"] for record in read_records(self.pipeline.out / "page.ndjson")]
        self.assertEqual(titles.count(path), 1, titles)

    def crawl_over_restarts(self, folder=None):
        self.start_pipeline(RECIPES / "page.toml", parsers=0)
        if folder:
            folder.symlink_to(self.pipeline.state)
        parser = self.start("thresh-parser", "--state", folder or self.pipeline.state)
        self.crawl_one("/first")
        for process, path in ((self.pipeline.sink, "/second"), (self.pipeline.fetcher, "/third")):
            self.pipeline.kill(process)
            self.pipeline.restart(process)
            self.pipeline.wait_until_listening()
            self.crawl_one(path)
        self.assertIsNone(parser.poll())
        self.server.route("/large", body=b"<title>/large</title>" + b"x" * 3_000_000, headers=HTML)
        self.pipeline.feed(self.server.url + "/large")
        wait_for(lambda: "/large" in {r["title"] for r in read_records(self.pipeline.out / "page.ndjson")}, "a large page")
        self.assertEqual(set(threads_of(parser.pid)), {("1", "2")})

    def test_sink_and_fetcher_may_start_anew(self):
        self.crawl_over_restarts()

    def test_they_may_where_the_sockets_paths_are_too_long(self):
        self.crawl_over_restarts(self.tmp / ("long-" * 30))


class IntruderTest(SandboxTest):
    def test_what_a_page_that_took_over_could_do(self):
        pages = {"/open": "POISON:OPEN", "/exec": "POISON:EXEC", "/net": "POISON:NET", "/abort": "POISON:ABORT", "/good": "fine"}
        for path, text in pages.items():
            self.server.route(path, body=b"<title>%s</title><p>%s" % (path.encode(), text.encode()), headers=HTML)
        self.start_pipeline(RECIPES / "page.toml", parsers=0, parser_program=str(poison_parser()))
        self.pipeline.feed(*[self.server.url + path for path in pages])
        statuses = set()

        def is_over():
            for process in list(self.pipeline.parsers):
                if process.poll() is not None:
                    statuses.add(process.returncode)
                    self.pipeline.restart(process)
            return (self.pipeline.status() or {"pending": 1})["pending"] == 0
        self.pipeline.add_parser()
        wait_for(is_over, "every page to end")
        self.assertEqual(self.texts_by_path("page", "title"), {"/open": "/open", "/good": "/good"})
        dead = {url.removeprefix(self.server.url): (letter["reason"], letter["attempts"])
                for url, letter in self.dead(self.pipeline.out).items()}
        self.assertEqual(dead, {"/exec": ("parse_crash", 10), "/net": ("parse_crash", 10), "/abort": ("parse_crash", 3)})
        self.assertEqual(statuses, {-signal.SIGSYS, -signal.SIGABRT})


class ThreadsTest(SandboxTest):
    def assert_confined(self, pid):
        wait_for(lambda: len(threads_of(pid)) >= 3, "the parser's threads")
        wait_for(lambda: set(threads_of(pid)) == {("1", "2")}, "all of its threads to be confined")

    def test_a_plain_parser(self):
        (self.tmp / "state").mkdir()
        parser = self.start("thresh-parser", "--state", self.tmp / "state")
        self.assert_confined(parser.pid)
        limits = pathlib.Path("/proc/%d/limits" % parser.pid).read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertRegex(limits, r"Max address space +%d +%d " % (4 << 30, 4 << 30))

    def test_the_parsers_of_a_run_and_one_that_joins_it(self):
        self.server.hang("/never")
        self.start("thresh", "run", self.server.url + "/never", "-o", self.out, "-j", "2")
        status = self.wait_for_status(lambda s: len(s["parsers"]) == 2, "two parsers")
        joined = self.start("thresh-parser", "--join", self.out)
        for pid in (*[parser["pid"] for parser in status["parsers"]], joined.pid):
            self.assert_confined(pid)


class LackingTest(SandboxTest):
    def start_on(self, enter, *arguments):
        (self.tmp / "state").mkdir(exist_ok=True)
        self.log = self.tmp / "parser.log"
        with open(self.log, "wb") as log:
            parser = subprocess.Popen([BIN / "thresh-parser", "--state", self.tmp / "state", *arguments],
                                      stdin=subprocess.DEVNULL, stderr=log, preexec_fn=enter)
        self.addCleanup(self.end, parser)
        return parser

    def said(self, word):
        return wait_for(lambda: next((line for line in self.log.read_text().splitlines() if word in line), None), word)

    def test_a_kernel_without_landlock_is_warned_of_or_refused(self):
        parser = self.start_on(lacks(LANDLOCK_CREATE_RULESET))
        self.assertIn("landlock=0 seccomp=yes", self.said("sandbox.on"))
        self.assertIn("what=Landlock", self.said("sandbox.lacks"))
        self.end(parser)
        parser = self.start_on(lacks(LANDLOCK_CREATE_RULESET), "--sandbox=require")
        self.assertEqual(self.wait_for_exit(parser), 69)
        self.assertIn("--sandbox=require: this system has no Landlock", self.log.read_text())

    def test_a_kernel_without_seccomp_is_warned_of_or_refused(self):
        parser = self.start_on(lacks(SECCOMP_SET_MODE_FILTER))
        self.assertIn("seccomp=no", self.said("sandbox.on"))
        self.assertIn("what=seccomp", self.said("sandbox.lacks"))
        self.end(parser)
        parser = self.start_on(lacks(SECCOMP_SET_MODE_FILTER), "--sandbox=require")
        self.assertEqual(self.wait_for_exit(parser), 69)
        self.assertIn("--sandbox=require: this system has no seccomp", self.log.read_text())

    def test_off_is_off_and_other_words_are_refused(self):
        parser = self.start_on(None, "--sandbox=off")
        self.said("sandbox.off")
        self.assertEqual(set(threads_of(parser.pid)), {("0", "0")})
        parser = self.start_on(None, "--sandbox=perhaps")
        self.assertEqual(self.wait_for_exit(parser), 64)
        self.assertIn('expected on, off or require, found "perhaps"', self.log.read_text())


if __name__ == "__main__":
    unittest.main()
