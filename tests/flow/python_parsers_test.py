#!/usr/bin/python3
"""Parsers in Python: the same records with the same identity as native ones, whatever is killed; a page whose
function raises, hangs, crashes or gives rubbish costs only itself."""
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import unittest

from support.flow import (BIN, LOOPBACK, RECIPES, ROOT, FlowTest, ask_socket, corpora, own, processes_naming,
                          wait_for)
from support.http_server import Response, TestServer
from support.pipeline import Pipeline
from nginx import Nginx

QUOTES = RECIPES / "quotes.toml"
HTML = {"Content-Type": "text/html; charset=utf-8"}
QUOTES_SCRAPER = '''
from bs4 import BeautifulSoup

def text(node):
    return " ".join(node.get_text().split())

def parse_page(html):
    soup = BeautifulSoup(html, "lxml")
    records = [{"text": text(quote.select_one(".text")), "author": text(quote.select_one(".author")),
                "tags": [text(tag) for tag in quote.select("a.tag")]} for quote in soup.select("div.quote")]
    for author in soup.select(".author-details"):
        records.append({"_item": "author", "name": text(author.select_one(".author-title")),
                        "born_at": text(author.select_one(".author-born-date")),
                        "born_in": text(author.select_one(".author-born-location")),
                        "description": text(author.select_one(".author-description"))})
    return records, [a["href"] for a in soup.select("li.next a, .quote a[href^='/author/']")]
'''
PARAGRAPHS = '''
import lxml.html

def parse_page(html, url):
    return [{"url": url, "text": p.text_content()} for p in lxml.html.fromstring(html).iter("p")], None
'''


def comparable(records):
    """Records in an order of their own, without when they were fetched."""
    return sorted(json.dumps({k: v for k, v in record.items() if k != "_fetched_at"}, sort_keys=True) for record in records)


class PythonTest(FlowTest):
    def scraper(self, text, name="scraper"):
        """A module in the test's folder; what --function takes for its parse_page."""
        return "%s:parse_page" % self.write(name + ".py", text)

    def run_with(self, scraper, *arguments, code=0, options="", count=2, **how):
        """`thresh run --parser` without a recipe."""
        done = self.thresh("run", "--parser", "thresh-parser-py --function %s %s" % (scraper, options), "-j", count,
                           "-o", self.out, "--set", 'fetch.allow_private=["127.0.0.0/8"]',
                           "--set", "fetch.respect_robots_txt=false", *arguments, **how)
        self.assertEqual(done.code, code, done)
        return done

    def serve(self, pages, headers=None):
        """A site of these pages, path by path."""
        server = TestServer().start()
        self.addCleanup(server.stop)
        for path, body in pages.items():
            server.route(path, body=body if isinstance(body, bytes) else body.encode(), headers=headers or HTML)
        return server


class QuotesTest(PythonTest):
    def setUp(self):
        super().setUp()
        self.server = Nginx(corpora("site", "quotes.toscrape.com"))
        self.server.start()
        self.addCleanup(self.server.stop)
        self.start_url = self.server.url + "/page/1/"
        self.function = self.scraper(QUOTES_SCRAPER)

    def assert_as_native(self):
        """Every record as native parsers alone have it, identity and all."""
        native = self.tmp / "native"
        self.crawl(QUOTES, self.start_url, "-j", "1", out=native)
        for item, count in (("quote", 100), ("author", 50)):
            found = self.records(item)
            self.assertEqual(len(found), count)
            self.assertEqual(comparable(found), comparable(self.records(item, native)))
        self.assertEqual(self.dead(), {})

    def join(self, count):
        """Starts parsers and waits until they are there; meanwhile nothing is fetched, lest the crawl be over."""
        ask_socket(self.state / "fetcher.sock", "pause")
        parsers = [self.start("thresh-parser-py", "--join", self.out, "--function", self.function) for _ in range(count)]
        for parser in parsers:
            self.wait_for_status(lambda s: any(p["pid"] == parser.pid for p in s["parsers"]), "parser %d to join" % parser.pid)
        wait_for(lambda: ask_socket(self.state / "fetcher.sock", "resume"), "the crawl to go on")
        return parsers

    def test_python_parsers_alone_give_what_native_ones_do(self):
        run = self.start_crawl(QUOTES, self.start_url, "-j", 3, "--parser", "thresh-parser-py --function " + self.function)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_as_native()

    def test_two_native_and_two_python_parsers_any_of_which_is_killed(self):
        run = self.start_crawl(QUOTES, self.start_url, "-j", 2, "--cpu-ms", 30, "--set", "fetch.delay_ms=60")
        self.wait_for_status(lambda s: len(s["parsers"]) == 2, "the native parsers")
        native = {parser["pid"] for parser in self.wait_for_status(lambda s: True, "a status")["parsers"]}
        joined = self.join(2)
        done = 2

        def go_on():
            nonlocal done
            done += 4
            self.wait_for_status(lambda s: s["done"] >= done, "%d pages" % done)
        victims = [native.pop(), joined[0].pid, self.worker_of(joined[1]), joined[1].pid]
        for victim in victims:
            go_on()
            os.kill(victim, signal.SIGKILL)
            if victim in (joined[0].pid, joined[1].pid):
                self.join(1)
        for program in ("thresh-fetcher", "thresh-sink"):
            go_on()
            os.kill(self.child_of(run, program), signal.SIGKILL)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_as_native()

    @staticmethod
    def worker_of(parser):
        children = pathlib.Path("/proc/%d/task/%d/children" % (parser.pid, parser.pid)).read_text().split()
        return int(children[0])

    @staticmethod
    def child_of(run, program):
        return next(pid for pid in processes_naming("/bin/" + program)
                    if "\nPPid:\t%d\n" % run.pid in pathlib.Path("/proc/%d/status" % pid).read_text())

    def test_sigterm_gives_the_pages_back_and_nobody_is_blamed(self):
        run = self.start_crawl(QUOTES, self.start_url, "-j", 1, "--cpu-ms", 20, "--set", "fetch.delay_ms=60")
        for _ in range(3):
            parser = self.join(1)[0]
            self.wait_for_status(lambda s: any(p["pid"] == parser.pid and p["parsed"] > 0 for p in s["parsers"]), "it to parse")
            parser.terminate()
            self.assertEqual(self.wait_for_exit(parser), 0)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_as_native()

    def test_identity_is_the_same_with_meta_positions_and_dont_filter(self):
        lines = [json.dumps({"url": self.start_url, "n": 7, "meta": {"a": [1]}, "dont_filter": True}),
                 json.dumps({"url": self.server.url + "/page/4/", "n": 9, "recipe": "quotes"})]
        found = {}
        for program, arguments in (("thresh-parser", ()), ("thresh-parser-py", ("--function", self.function))):
            pipeline = Pipeline(self, [QUOTES], parser_program=program, parser=arguments, name=program)
            self.assertTrue(all(answer["ok"] for answer in pipeline.feed(*lines)))
            pipeline.wait_until_done(2)
            found[program] = comparable(self.records("quote", pipeline.out) + self.records("author", pipeline.out))
        self.assertEqual(len(found["thresh-parser"]), 150)
        self.assertEqual(found["thresh-parser"], found["thresh-parser-py"])


# What a page says is what its function does.
POISON = '''
import ctypes, os, signal, time

RUBBISH = {"number": 7, "text": "rubbish", "not dicts": [1, 2], "bytes": [{"a": b"x"}], "nan": [{"a": float("nan")}],
           "inf": [{"a": {"b": [float("inf")]}}], "big": [{"a": 1 << 64}], "key": [{1: 2}], "set": [{"a": {1}}],
           "object": [{"a": object()}], "urls": ([{"a": 1}], 7), "more urls": ([{"a": 1}], ["/x", 8]),
           "item": [{"_item": "../x", "a": 1}], "a list of lists": [[{"a": 1}]]}
loop = []
loop.append(loop)
RUBBISH["loop"] = [{"a": loop}]
wide = "x" * 10000
for _ in range(40):
    wide = [wide, wide]
RUBBISH["wide"] = [{"a": wide}]

def parse_page(html):
    word, _, rest = html.partition(" ")
    if word == "raise":
        raise RuntimeError("no such luck: " + rest + "y" * 100000)
    if word == "exit":
        raise SystemExit(0)
    if word == "hang":
        time.sleep(1000)
    while word == "spin":
        pass
    if word == "fork":
        if os.fork() == 0:
            time.sleep(1000)
        time.sleep(1000)
    if word == "copy":
        os.fork()
    if word == "segv":
        ctypes.string_at(0)
    if word == "abort":
        os.abort()
    if word == "_exit":
        os._exit(3)
    if word == "endless":
        return ({"a": "x" * 1000000} for _ in iter(int, 1))
    if word == "rubbish":
        return RUBBISH[rest]
    if word == "kill" and not os.path.exists("killed"):
        open("killed", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    print("something for the log")
    return [{"word": word}]
'''
REASONS = {"raise": "parse_exception", "exit": "parse_exception", "hang": "parse_timeout", "spin": "parse_timeout",
           "fork": "parse_timeout", "segv": "parse_crash", "abort": "parse_crash", "_exit": "parse_crash",
           "endless": "result_too_large"}
RUBBISH = ("number", "text", "not dicts", "bytes", "nan", "inf", "big", "key", "set", "object", "urls", "more urls",
           "item", "a list of lists", "loop", "wide")
RUBBISH_REASONS = {**dict.fromkeys(RUBBISH, "bad_result"), "wide": "result_too_large"}


class PoisonTest(PythonTest):
    def test_pages_that_raise_hang_crash_or_give_rubbish_cost_only_themselves(self):
        words = {"/" + word: word + " x" for word in REASONS}
        words.update({"/rubbish/%d" % number: "rubbish " + kind for number, kind in enumerate(RUBBISH)})
        good = {"/good/%d" % number: "good" for number in range(60)}
        server = self.serve({**words, **good, "/kill": "kill", "/copy": "copy"}, {"Content-Type": "text/plain"})
        paths = ["/copy"] + [path for pair in zip(good, [*words, *list(good)[:60 - len(words)]]) for path in pair] + ["/kill"]
        urls = self.write_list(server.url + path for path in dict.fromkeys(paths))
        self.run_with(self.scraper(POISON), "-f", urls, code=3, options="--parse-timeout-ms 700")
        dead = self.dead()
        expected = {server.url + "/" + word: reason for word, reason in REASONS.items()}
        expected.update({"%s/rubbish/%d" % (server.url, number): RUBBISH_REASONS[kind] for number, kind in enumerate(RUBBISH)})
        self.assertEqual({url: letter["reason"] for url, letter in dead.items()}, expected)
        self.assertEqual(sorted(record["word"] for record in self.records("page")), ["copy"] + ["good"] * 60 + ["kill"])

        raised = dead[server.url + "/raise"]["detail"]
        self.assertIn("RuntimeError: no such luck: x", raised.split("\n")[0])
        self.assertIn("scraper.py\", line", raised)
        self.assertLess(len(raised), 10_000)
        self.assertEqual(dead[server.url + "/raise"]["body_start"], "raise x")
        for number, words_of in ((0, "found int 7"), (4, "record 0.a: expected a finite number, found float nan"),
                                 (6, "record 0.a: expected an integer of 64 bits"), (10, "next_url")):
            self.assertIn(words_of, dead["%s/rubbish/%d" % (server.url, number)]["detail"])
        self.assertIn("SIGSEGV", dead[server.url + "/segv"]["detail"])
        logs = "".join(path.read_text() for path in self.state.glob("parser-*.log"))
        self.assertIn("something for the log", logs)

    def test_a_worker_that_is_killed_again_and_again_costs_no_page(self):
        server = self.serve({"/%d" % number: "<p>%d" % number for number in range(30)})
        function = self.scraper("import time\ndef parse_page(html):\n    time.sleep(0.1)\n    return [{'html': html}]\n")
        urls = self.write_list(server.url + "/%d" % number for number in range(30))
        run = self.start("thresh", "run", "--parser", "thresh-parser-py --function " + function, "-j", 1, "-o", self.out,
                         "--set", 'fetch.allow_private=["127.0.0.0/8"]', "-f", urls)
        killed = set()

        def kill_one():
            for pid in processes_naming(function):
                words = pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().split(b"\0")
                if words[1] == b"-c" and pid not in killed:
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
                    return True
            return False
        for done in (0, 3, 6, 9, 12):
            self.wait_for_status(lambda s: s["done"] >= done and s["parsers"], "%d pages" % done)
            wait_for(kill_one, "a worker")
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(len(killed), 5)
        self.assertEqual(sorted(record["html"] for record in self.records("page")), sorted("<p>%d" % n for n in range(30)))
        self.assertEqual(self.dead(), {})


class KindsTest(PythonTest):
    """What a function may be, and be given, and give."""

    def pages(self):
        return sorted(map(json.dumps, map(own, self.records("page"))))

    def crawl_one(self, text, body="<p>a</p>", headers=None, **how):
        server = self.serve({"/": body}, headers)
        self.run_with(self.scraper(text), server.url + "/", count=1, **how)
        return server.url

    def test_an_async_function(self):
        self.crawl_one("import asyncio\nasync def parse_page(html):\n    await asyncio.sleep(0.01)\n    return [{'a': html}], None\n")
        self.assertEqual(self.pages(), ['{"a": "<p>a</p>"}'])

    def test_an_async_generator_and_links_among_what_it_yields(self):
        server = self.serve({"/": "1", "/next?x=1": "2"})
        self.run_with(self.scraper("from thresh import Link\nasync def parse_page(html):\n    yield {'a': html}\n"
                                   "    yield Link('next?x=1#part')\n    yield Link('mailto:a@b')\n    yield Link('http://[')\n"),
                      server.url + "/")
        self.assertEqual(self.pages(), ['{"a": "1"}', '{"a": "2"}'])

    def test_a_generator_that_returns_the_next_url(self):
        server = self.serve({"/": "1", "/2": "2"})
        self.run_with(self.scraper("def parse_page(html, url):\n    yield {'a': html}\n    return '/2' if html == '1' else None\n"),
                      server.url + "/")
        self.assertEqual(self.pages(), ['{"a": "1"}', '{"a": "2"}'])

    def test_records_alone_one_record_or_none(self):
        for text, expected in (("[{'a': 1}, {'a': 2}]", ['{"a": 1}', '{"a": 2}']), ("{'a': 1}", ['{"a": 1}']),
                               ("({'a': 1}, None)", ['{"a": 1}']), ("({'a': 1}, {'a': 2})", ['{"a": 1}', '{"a": 2}'])):
            with self.subTest(text):
                server = self.serve({"/": "x"})
                self.run_with(self.scraper("def parse_page(html):\n    return %s\n" % text), server.url + "/", "--fresh", count=1)
                self.assertEqual(self.pages(), expected)
        server = self.serve({"/": "x"})
        self.run_with(self.scraper("def parse_page(html):\n    pass\n"), server.url + "/", "--fresh", code=1)
        self.assertEqual((self.pages(), self.dead()), ([], {}))

    def test_values_and_keys_as_they_come_out(self):
        self.crawl_one("import datetime, collections\n"
                       "def parse_page(html):\n"
                       "    d = collections.OrderedDict(b=1, a=(True, None, 1.5, -9223372036854775808, 18446744073709551615))\n"
                       "    return [{'z': d, '_id': 'x', 'when': datetime.date(2024, 2, 3), 'half': 'a\\ud83d', 'e': {}}]\n")
        self.assertEqual(self.pages(), ['{"z": {"b": 1, "a": [true, null, 1.5, -9223372036854775808, 18446744073709551615]}, '
                                        '"id_": "x", "when": "2024-02-03", "half": "a\\ufffd", "e": {}}'])

    def test_text_is_decoded_as_native_parsers_do_and_bytes_come_as_they_are(self):
        pages = {"/latin": ("caf\u00e9 \u201cx\u201d".encode("cp1252"), "text/html; charset=iso-8859-1", "caf\u00e9 \u201cx\u201d"),
                 "/meta": ("<meta charset=shift_jis>\u65e5\u672c".encode("cp932"), "text/html", "<meta charset=shift_jis>\u65e5\u672c"),
                 "/bom": ("\ufeffx\u00e9".encode("utf-16-le"), "text/html; charset=utf-8", "x\u00e9"),
                 "/broken": (b"a\xffb", "text/html; charset=utf-8", "a\ufffdb"),
                 "/gbk": ("\u4e2d\u6587\u20ac".encode("gbk", "ignore") + b"\x80", "text/html; charset=gb2312", "\u4e2d\u6587\u20ac")}
        server = TestServer().start()
        self.addCleanup(server.stop)
        for path, (body, content_type, _) in pages.items():
            server.route(path, body=body, headers={"Content-Type": content_type})
        urls = [server.url + path for path in pages]
        self.run_with(self.scraper("def parse_page(html, url, status, headers):\n"
                                   "    return [{'url': url, 'html': html, 'status': status, 'type': headers['content-type']}]\n"), *urls)
        found = {record["url"].rpartition("/")[2]: (record["html"], record["status"], record["type"]) for record in self.records("page")}
        self.assertEqual(found, {path[1:]: (text, 200, content_type) for path, (_, content_type, text) in pages.items()})
        self.run_with(self.scraper("def parse_page(body, url):\n    return [{'url': url, 'hex': body.hex()}]\n"), *urls, "--fresh",
                      options="--bytes")
        found = {record["url"].rpartition("/")[2]: record["hex"] for record in self.records("page")}
        self.assertEqual(found, {path[1:]: body.hex() for path, (body, _, _) in pages.items()})

    def test_urls_of_a_csv_file_and_lxml(self):
        server = self.serve({"/%d" % n: "<p>%d<p>x" % n for n in range(20)})
        rows = "".join('"%s/%d","name, %d"\n' % (server.url, n, n) for n in range(20))
        self.run_with(self.scraper(PARAGRAPHS), "-f", self.write("restaurants.csv", "website,name\n" + rows), count=3)
        self.assertEqual(self.pages(), sorted(json.dumps({"url": "%s/%d" % (server.url, n), "text": text})
                                              for n in range(20) for text in (str(n), "x")))
        self.assertEqual(sorted({record["_n"] for record in self.records("page")}), list(range(1, 21)))

    def test_a_body_of_many_parts(self):
        body = b"".join(b"%09d\n" % n for n in range(450_000))
        self.crawl_one("import hashlib\ndef parse_page(b):\n    return [{'size': len(b), 'sha': hashlib.sha1(b).hexdigest()}]\n",
                       body, options="--bytes")
        self.assertEqual([own(r) for r in self.records("page")], [{"size": len(body), "sha": hashlib.sha1(body).hexdigest()}])

    def test_dead_and_retry_are_what_the_function_says(self):
        server = self.serve({"/dead": "dead"})
        answers = iter(["later", "now"])
        server.route("/later", lambda request: Response(200, next(answers).encode(), HTML))
        self.run_with(self.scraper("from thresh import Dead, Retry\ndef parse_page(html):\n"
                                   "    if html == 'dead': raise Dead('sold out', 'gone since May')\n"
                                   "    if html == 'later': raise Retry('busy', after_ms=50)\n    return [{'a': html}]\n"),
                      server.url + "/dead", server.url + "/later", code=3)
        letter = self.dead()[server.url + "/dead"]
        self.assertEqual((letter["reason"], letter["detail"]), ("sold_out", "gone since May"))
        self.assertEqual(self.pages(), ['{"a": "now"}'])

    def test_fresh_deletes_the_files_of_items_that_no_recipe_names(self):
        server = self.serve({"/": "x"})
        scraper = self.scraper("def parse_page(html):\n    return [{'_item': 'other', 'a': 1}]\n")
        for _ in range(2):
            self.run_with(scraper, server.url + "/", "--fresh")
            self.assertEqual(len(self.records("other")), 1)


class DocsTest(PythonTest):
    """What the README and docs/python.md tell people to write and to type."""

    def test_the_example_of_the_documents(self):
        text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
        self.write("scraper.py", text.partition("```python\n")[2].partition("```")[0])
        server = self.serve({"/1": "<h2 class=restaurant> Chez Ann </h2><a class=next href=2>", "/2": "<h2 class=restaurant>Bo's</h2>"})
        self.write("restaurants.csv", "website,name\n%s/1,Ann\n" % server.url)
        (self.tmp / "build").symlink_to(ROOT / "build")
        for file, beginning in ((ROOT / "docs" / "python.md", "thresh run --parser"), (ROOT / "README.md", "build/bin/thresh run --parser")):
            line = next(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(beginning))
            line += " --fresh --set 'fetch.allow_private=[\"127.0.0.0/8\"]'"
            done = subprocess.run(line, shell=True, cwd=self.tmp, capture_output=True, timeout=120,
                                  env={**self.env, "PATH": "%s:%s" % (BIN, self.env["PATH"])})
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(sorted(record["name"] for record in self.records("page")), ["Bo's", "Chez Ann"])


class CommandTest(PythonTest):
    """What is wrong is said in one line, at once."""

    def says(self, *arguments, code):
        done = self.thresh(*arguments, program="thresh-parser-py")
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertTrue(done.err.startswith("thresh-parser-py: "), done.err)
        return done.err

    def test_the_command_line(self):
        self.assertIn("--function", self.says("--state", self.tmp, code=64))
        self.assertIn("--join DIR or --state DIR", self.says("--function", "a:b", code=64))
        self.assertIn("expected a number", self.says("--function", "a:b", "--state", self.tmp, "--parse-timeout-ms", "x", code=64))
        self.assertIn("no run to join in %s" % self.out, self.says("--function", "a:b", "--join", self.out, code=69))
        self.assertRegex(self.thresh("--version", program="thresh-parser-py").out, r"^thresh-parser-py \d+\.\d+")

    def test_functions_that_cannot_be_had(self):
        self.write("empty.py", "x = 1\n")
        self.write("broken.py", "def (\n")
        for function, words in (("parse_page", "expected MODULE:FUNCTION"), ("nosuch:f", "No module named 'nosuch'"),
                                ("empty:f", "empty has no f"), ("empty:x", "expected a function"), ("broken:f", "SyntaxError")):
            with self.subTest(function):
                self.assertIn(words, self.says("--function", function, "--state", self.tmp, code=65))

    def test_a_run_ends_with_what_its_parsers_say(self):
        for command, words, code in (("thresh-parser-py --function nosuch:f", "No module named 'nosuch'", 65),
                                     ("no-such-command", "not found", 70)):
            done = self.thresh("run", "--parser", command, "-o", self.out, "--fresh", "http://127.0.0.1:9/")
            self.assertEqual(done.code, code, done)
            self.assertIn(command + " ended with status", done.err)
            self.assertIn(words, done.err)

    def test_a_run_refuses_sitemaps_for_parsers_that_cannot_read_them(self):
        recipe = self.write("maps.toml", 'name = "maps"\nallow = ["http://*"]\nsitemaps = ["http://x.test/sitemap.xml"]\n'
                                         '[[items]]\nname = "a"\n[items.fields]\nt = "p"\n')
        done = self.thresh("run", "-r", recipe, "--parser", "true", "-o", self.out, *LOOPBACK)
        self.assertEqual(done.code, 64, done)
        self.assertIn("sitemaps", done.err)


if __name__ == "__main__":
    unittest.main()
