#!/usr/bin/python3
"""SIGHUP: what is new is looked at as a whole first, and holds for what starts from then on."""
import signal
import threading
import unittest

from support.flow import FlowTest, read_records, wait_for
from support.pages import HTML, WatchedHost
from support.pipeline import Pipeline

RECIPE = '''name = "pages"
allow = ["http://127.0.0.1:*"]
[fetch]
respect_robots_txt = false
%s
[[items]]
name = "page"
[items.fields]
%s = "title"
'''


class ReloadTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.recipe, self.config = self.tmp / "pages.toml", self.tmp / "thresh.toml"
        self.write_recipe("title")
        self.write_config("")
        self.server = WatchedHost().start()
        self.addCleanup(self.server.stop)
        self.pipe = Pipeline(self, [self.recipe], fetcher=("--config", self.config), parser=("--config", self.config),
                             sink=("--config", self.config))
        self.fed = 0

    def write_recipe(self, field, fetch=""):
        self.recipe.write_text(RECIPE % (fetch, field))

    def write_config(self, text, top=""):
        self.config.write_text(top + '[fetcher]\nallow_private = ["127.0.0.0/8"]\n' + text)

    def log(self, program="thresh-fetcher"):
        return self.pipe.log_of(program).read_text(errors="replace")

    def hang_up(self, event="config.loaded", process=None, program="thresh-fetcher"):
        """SIGHUP, and until the log has one more line of this event; returns that line."""
        before = self.log(program).count(event)
        (process or self.pipe.fetcher).send_signal(signal.SIGHUP)
        wait_for(lambda: self.pipe.assert_alive() and self.log(program).count(event) > before, event)
        return [line for line in self.log(program).splitlines() if event in line][-1]

    def feed(self, *paths):
        for answer in self.pipe.feed(*(self.server.url + path for path in paths)):
            self.assertTrue(answer["ok"], answer)
        self.fed += len(paths)

    def finish(self):
        self.pipe.wait_until_done(self.fed)

    def fields(self):
        """By path, the name of the field that the record has."""
        return {r["_url"].removeprefix(self.server.url): [k for k in r if not k.startswith("_")][0]
                for r in read_records(self.pipe.out / "page.ndjson")}


class RecipeTest(ReloadTest):
    def test_a_broken_recipe_is_refused_with_the_old_one_still_at_work(self):
        for text, place in ((RECIPE % ("per_host = 0", "title"), "line=5"), ("name = ", "line=1"),
                            (RECIPE.replace('"title"', '"title["') % ("", "t"), "line=9")):
            self.recipe.write_text(text)
            line = self.hang_up("config.refused")
            self.assertIn("file=%s" % self.recipe, line)
            self.assertIn(place, line)
        self.assertNotIn("config.loaded", self.log())
        self.feed("/a")
        self.finish()
        self.assertEqual(self.fields(), {"/a": "title"})

    def test_a_new_version_is_for_what_starts_and_pages_under_way_keep_theirs(self):
        go = threading.Event()
        self.server.delay("/slow", go, body=b"<title>t</title>", headers=HTML)
        self.feed("/before", "/slow")
        wait_for(lambda: self.server.count("/slow") == 1, "the slow page to be asked for")
        self.write_recipe("heading")
        self.hang_up()
        self.feed("/after")
        wait_for(lambda: "/after" in self.fields(), "the new version's record")
        go.set()
        self.finish()
        self.assertEqual(self.fields(), {"/before": "title", "/slow": "title", "/after": "heading"})

    def test_a_restart_after_it_has_both_versions(self):
        go = threading.Event()
        self.server.delay("/slow", go, body=b"<title>t</title>", headers=HTML)
        self.feed("/slow")
        wait_for(lambda: self.server.count("/slow") == 1, "the slow page to be asked for")
        self.write_recipe("heading")
        self.hang_up()
        self.pipe.kill(self.pipe.fetcher)
        go.set()
        self.pipe.start_fetcher()
        self.pipe.wait_until_listening()
        self.pipe.feed(self.server.url + "/after")
        self.pipe.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 2, "both to be done")
        self.assertEqual(self.fields(), {"/slow": "title", "/after": "heading"})

    def test_reloads_without_a_change_are_nothing(self):
        for _ in range(20):
            self.hang_up()
        self.feed("/a")
        self.finish()
        self.assertEqual(self.fields(), {"/a": "title"})
        self.assertNotIn("config.changed", self.log())


class SettingsTest(ReloadTest):
    def test_a_broken_file_is_refused_by_each_daemon(self):
        self.write_config("[sink]\nrotate_bytes = -1\n")
        for program, process in (("thresh-fetcher", self.pipe.fetcher), ("thresh-sink", self.pipe.sink)):
            line = self.hang_up("config.refused", process, program)
            self.assertIn("file=%s line=4 column=16" % self.config, line)
            self.assertIn("rotate_bytes: expected bytes", line)
        self.config.unlink()
        self.assertIn("cannot read", self.hang_up("config.refused"))
        self.feed("/a")
        self.finish()

    def test_a_secret_that_is_missing_refuses_it_all(self):
        self.write_config('[[host]]\nmatch = "x.test"\nheaders = { a = "{secret.nowhere}" }\n')
        self.assertIn("nowhere", self.hang_up("config.refused"))

    def test_a_limit_of_a_host_holds_from_then_on_and_a_long_delay_ends(self):
        self.feed(*("/a%d" % n for n in range(20)))
        self.finish()
        self.assertGreater(self.server.most, 1)
        self.write_config('[[host]]\nmatch = "127.0.0.1"\nper_host = 1\n')
        self.hang_up()
        self.server.most = 0
        self.feed(*("/b%d" % n for n in range(20)))
        self.finish()
        self.assertEqual(self.server.most, 1)
        self.write_config('[[host]]\nmatch = "127.0.0.1"\ndelay_ms = "x"\n')
        self.hang_up("config.refused")
        self.write_config('[[host]]\nmatch = "127.0.0.1"\ndelay_ms = 3600000\n')
        self.hang_up()
        self.feed("/c0", "/c1", "/c2")
        self.pipe.wait_for_status(lambda s: s["pending"] in (2, 3), "the delay to hold")
        self.write_config("")
        self.hang_up()
        self.finish()

    def test_keys_that_change_and_keys_that_need_a_restart(self):
        self.write_config('concurrency = 7\nmax_attempts = 1\n', top='contact = "ops@example.com"\n')
        self.hang_up()
        self.assertRegex(self.log(), r"config\.changed key=contact .*to=ops@example\.com")
        self.assertRegex(self.log(), r"config\.changed key=fetcher\.max_attempts from=3 to=1")
        self.assertRegex(self.log(), r"config\.needs_restart key=fetcher\.concurrency now=1000 wanted=7")
        self.server.route("/broken", status=503)
        self.feed("/a", "/broken")
        self.finish()
        self.assertIn("(+ops@example.com)", self.server.requests[0].headers["user-agent"])
        letter = read_records(self.pipe.out / "dead.ndjson")[0]
        self.assertEqual(letter["attempts"], 1)

    def test_the_log_level(self):
        self.write_config("", top='log_level = "debug"\n')
        for program, process in (("thresh-fetcher", self.pipe.fetcher), ("thresh-sink", self.pipe.sink)):
            line = self.hang_up("config.changed", process, program)
            self.assertIn("key=log_level from=info to=debug", line)

    def test_the_log_format(self):
        self.write_config("", top='log_format = "json"\n')
        self.hang_up('"event":"config.loaded"')
        self.write_config("")
        self.hang_up("config.loaded file=")

    def test_a_parser_says_that_it_needs_a_restart_and_goes_on(self):
        self.write_config("", top='log_level = "warn"\n')
        for _ in range(5):
            line = self.hang_up("config.needs_restart", self.pipe.parsers[0], "thresh-parser")
        self.assertIn("a parser reads no files after its start", line)
        self.feed("/a")
        self.finish()

    def test_the_sink_opens_its_files_anew_and_takes_new_sizes(self):
        self.feed("/a")
        self.finish()
        page = self.pipe.out / "page.ndjson"
        page.rename(self.tmp / "moved.ndjson")
        self.write_config("[sink]\nrotate_bytes = 1\n")
        self.hang_up("config.changed", self.pipe.sink, "thresh-sink")
        self.feed("/b")
        self.finish()
        wait_for(lambda: len(list(self.pipe.out.glob("page-*.ndjson"))) == 1, "the file put aside")
        self.assertEqual(len(read_records(self.tmp / "moved.ndjson")), 1)
        self.assertEqual(len(read_records(next(self.pipe.out.glob("page-*.ndjson")))), 1)


if __name__ == "__main__":
    unittest.main()
