#!/usr/bin/python3
"""What README.md tells people to type does what it says. The one host of the internet that it names
is replaced by the same site on loopback."""
import pathlib
import re
import subprocess
import unittest

from support.flow import ROOT, FlowTest, corpora
from nginx import Nginx

ON_LOOPBACK = '[fetch]\nallow_private = ["127.0.0.0/8"]\n'  # Links to private addresses are refused.
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind=""):
    """The code blocks of the README marked with `kind`."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", README, re.S | re.M)
    return [text for marked, text in found if marked == kind]


def command(beginning):
    """The one command that begins so, without its comment."""
    lines = [line for block in blocks() for line in block.splitlines() if line.startswith(beginning)]
    assert len(lines) == 1, "README has %d commands %r" % (len(lines), beginning)
    return lines[0].partition("#")[0].strip()


class ReadmeTest(FlowTest):
    def setUp(self):
        super().setUp()
        (self.tmp / "build").symlink_to(ROOT / "build")

    def type(self, line, code=0):
        """Runs a command of the README in an empty folder that has the build."""
        done = subprocess.run(line, shell=True, cwd=self.tmp, env=self.env, capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, code, "%s\n%s%s" % (line, done.stdout, done.stderr))
        return done

    def serve_quotes(self):
        server = Nginx(corpora("site", "quotes.toscrape.com"))
        server.start()
        self.addCleanup(server.stop)
        return server.url

    def test_your_own_url_gives_its_title_and_links(self):
        url = self.serve_quotes()
        line = command("build/bin/thresh run https://example.org").replace("https://example.org", url + "/page/1/")
        done = self.type(line)
        self.assertIn('"title":"Quotes to Scrape"', done.stdout)
        self.assertIn(url + "/page/2/", done.stdout)

    def test_the_recipe_in_ten_lines_is_ten_lines_and_works(self):
        url = self.serve_quotes()
        recipe, = blocks("toml")
        self.assertEqual(len(recipe.splitlines()), 10)
        self.write("quotes.toml", recipe.replace("https://quotes.toscrape.com", url) + ON_LOOPBACK)

        self.assertEqual(self.type(command("build/bin/thresh check")).stdout, "quotes.toml: ok\n")
        tried = self.type(command("build/bin/thresh try").replace("URL", url + "/page/1/"))
        self.assertEqual(len(tried.stdout.splitlines()), 10)
        self.assertIn("quote: 10 rows, 10 records", tried.stderr)
        self.type(command("build/bin/thresh run -r quotes.toml"))
        self.assertEqual(len(self.records("quote")), 100)

    def test_a_page_can_be_looked_into(self):
        url = self.serve_quotes()
        shell = command("build/bin/thresh shell").replace("URL", url + "/page/1/")
        self.assertIn("10 matches", self.type("echo .quote | " + shell).stdout)
        self.write("page.html", self.type("build/bin/thresh fetch %s/page/2/" % url).stdout)
        quotes = self.type(command("build/bin/thresh select")).stdout.splitlines()
        self.assertEqual(len(quotes), 10)
        self.assertTrue(all(line.startswith('"\u201c') for line in quotes), quotes)
        self.assertIn("3 ok, 0 FAILED", self.type(command("build/bin/thresh test")).stdout)

    def test_what_the_recipe_section_tells_to_follow_is_where_the_records_are(self):
        self.assertEqual(command("tail -F"), "tail -F out/quote.ndjson")

    def test_a_parser_and_more_urls_can_be_added_to_a_running_crawl(self):
        url = self.serve_quotes()
        recipe, = blocks("toml")
        self.write("quotes.toml", recipe.replace("https://quotes.toscrape.com", url) + ON_LOOPBACK)
        self.write("urls.txt", url + "/page/9/\n" + url + "/page/10/\n")
        # 300 ms of CPU a page keep the crawl running meanwhile.
        run = self.start("thresh", "run", "-r", "quotes.toml", "-o", "out", "-j", "1", "--cpu-ms", "300")
        self.wait_for_status(lambda status: len(status["parsers"]) == 1, "the run's own parser")
        join = command("build/bin/thresh-parser --join").split()
        parser = self.start(pathlib.Path(join[0]).name, *join[1:])
        self.wait_for_status(lambda status: len(status["parsers"]) == 2, "the parser that joins")
        feed, = re.findall(r"`(build/bin/thresh feed [^`]*)`", README)
        self.assertIn("2 lines fed: 2 new, 0 duplicates, 0 refused", self.type(feed).stderr)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(self.wait_for_exit(parser), 0)
        self.assertEqual(len(self.records("quote")), 100)

    def test_the_demo_shows_what_the_readme_says(self):
        shown, = [block for block in blocks() if block.startswith("A review site of 60 businesses")]
        done = subprocess.run([str(ROOT / "scripts" / "demo")], capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

        def without_figures(text):
            lines = [line for line in text.splitlines() if not re.match(r"[\d,]+ done, ", line)]  # progress
            text = "\n".join(lines).strip()
            text = re.sub(r"held back .*", "held back", text)
            text = re.sub(r"\n +not counted: .*", "", text)  # of the sink that is killed
            text = re.sub(r"review \([\d,]+\):", "review (N):", text)
            text = re.sub(r"\(pid \d+\)", "(pid N)", text)
            text = re.sub(r"[\d,]+ pages \([\d.]+ MB\)", "N pages (N MB)", text)  # some are fetched twice
            text = re.sub(r'"[0-9a-f]{32}"|"\d{4}-\d\d-\d\dT[^"]*"', '"…"', text)
            text = re.sub(r"\b(\d[\d,.]*)( ms| s\b| pages/s| min)", r"N\2", text)
            return re.sub(r"\n\n+", "\n\n", re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text))

        self.assertEqual(without_figures(done.stdout), without_figures(shown))
        self.assertIn("fed 61 + followed 540 = done 600 + dead 1 + dropped 0 + pending 0", done.stdout)
        self.assertRegex(done.stdout, r"One parser: \d+ pages/s\. A second one joined after 2 s: \d+ pages/s")

    def test_every_document_it_names_is_there(self):
        for target in re.findall(r"\]\(([^)]+)\)", README):
            self.assertTrue((ROOT / target).exists(), target)


if __name__ == "__main__":
    unittest.main()
