#!/usr/bin/python3
"""One file for all daemons: what is wrong with it is said with its place, and what it says holds."""
import os
import re
import signal
import subprocess
import unittest

from support.flow import BIN, FlowTest, ask_control, read_records, wait_for
from support.http_server import Response, TestServer
from support.pipeline import FeedClient

DAEMONS = ("thresh-fetcher", "thresh-parser", "thresh-sink", "thresh-web")
RECIPE = '''name = "pages"
allow = ["http://127.0.0.1:*"]
[fetch]
respect_robots_txt = false
[[items]]
name = "page"
[items.fields]
title = "title"
'''


class ConfigTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.recipes = self.tmp / "recipes"
        self.recipes.mkdir()
        (self.recipes / "pages.toml").write_text(RECIPE)
        self.config = self.tmp / "thresh.toml"
        self.write("")

    def write(self, text, paths=True):
        folders = '[paths]\nstate = "%s"\nrun = "%s"\nrecipes = ["%s"]\n' % (
            self.tmp / "state", self.tmp / "run", self.recipes)
        self.config.write_text((folders if paths else "") + text)
        return self.config

    def check(self, program="thresh-fetcher", *arguments, config=None):
        return self.thresh("--check", "--config", config or self.config, *arguments, program=program)

    def faults(self, text, program="thresh-fetcher", paths=False):
        """What --check says of a file, without the file's name."""
        self.write(text, paths)
        done = self.check(program, *(() if paths else ("--recipes-dir", self.recipes)
                                     if program == "thresh-fetcher" else ()))
        self.assertEqual((done.code, done.out), (65, ""), done)
        return done.err.replace(str(self.config), "F").splitlines()


class CheckTest(ConfigTest):
    def test_a_fine_file_is_one_line(self):
        for program in DAEMONS:
            done = self.check(program)
            self.assertEqual((done.code, done.err), (0, ""), done)
            self.assertTrue(done.out.startswith("%s: ok" % self.config), done)
            self.assertEqual(done.out.count("\n"), 1)
        self.assertIn("recipes: 1", self.check().out)

    def test_every_daemon_checks_the_whole_file(self):
        for program in DAEMONS:
            for section, key, nearest in (("fetcher", "concurency", "concurrency"), ("sink", "rotate_byte", "rotate_bytes"),
                                          ("parser", "parse_timeout", ""), ("web", "lissen", "listen"), ("paths", "stat", "state")):
                said = self.faults("[%s]\n%s = 1\n" % (section, key), program)
                self.assertEqual(len(said), 1, said)
                self.assertTrue(said[0].startswith('F:2:1: unknown key "%s" in [%s]' % (key, section)), said)
                if nearest:
                    self.assertIn('; did you mean "%s"?' % nearest, said[0])

    def test_all_faults_are_told_at_once_with_place_expected_and_found(self):
        said = self.faults('log_level = "loud"\n[fetcher]\nmax_attempts = 0\nlease_ms = "5 ages"\n[snik]\n'
                           '[[host]]\nmatch = "x y"\nper_host = "many"\n')
        self.assertEqual([line.split(": ")[0] for line in said],
                         ["F:1:13", "F:3:16", "F:4:12", "F:5:2", "F:7:10", "F:8:12"])
        self.assertIn('expected error, warn, info or debug, found "loud"', said[0])
        self.assertIn("expected a whole number, at least 1, found 0", said[1])
        self.assertIn('expected milliseconds, or a time such as "15s", at least 1, found "5 ages"', said[2])
        self.assertIn('unknown section [snik]; did you mean "sink"?', said[3])
        self.assertIn("per_host: expected a whole number of at least 1, found a string", said[5])

    def test_what_is_no_toml(self):
        self.assertTrue(self.faults("[fetcher\n")[0].startswith("F:1:"))

    def test_recipes_of_the_folder_selectors_and_all(self):
        (self.recipes / "bad.toml").write_text('name = "bad"\n[[items]]\nname = "i"\n[items.fields]\na = "p["\nb = 3\n')
        done = self.check()
        self.assertEqual(done.code, 65)
        self.assertIn("%s:6:5: " % (self.recipes / "bad.toml"), done.err)
        (self.recipes / "bad.toml").write_text('name = "bad"\n[[items]]\nname = "i"\n[items.fields]\na = "p["\n')
        done = self.check()
        self.assertEqual(done.code, 65)
        self.assertIn("%s:5:" % (self.recipes / "bad.toml"), done.err)
        (self.recipes / "bad.toml").write_text(RECIPE)
        self.assertIn('a recipe named "pages" was read already', self.check().err)

    def test_recipes_that_leave_it_to_chance_which_one_a_url_gets(self):
        (self.recipes / "twin.toml").write_text(RECIPE.replace('"pages"', '"twin"'))
        done = self.check()
        self.assertEqual(done.code, 0)  # The fetcher works with them.
        self.assertIn('%s: warning: allow "http://127.0.0.1:*": %s has a pattern that begins the same'
                      % (self.recipes / "twin.toml", self.recipes / "pages.toml"), done.err)

    def test_a_rule_of_a_host_is_compiled_as_well(self):
        said = self.faults('[[host]]\nmatch = "x.test"\n[[host.fail_when]]\ncss = "p["\n')
        self.assertEqual(len(said), 1, said)
        self.assertTrue(said[0].startswith("F:4:"), said)

    def test_secrets_that_are_named_have_to_be_there(self):
        text = '[[host]]\nmatch = "x.test"\nheaders = { x-key = "{secret.missing-key}" }\n'
        self.write(text)
        done = self.check("thresh-fetcher", "--secrets-dir", self.tmp)
        self.assertEqual(done.code, 65)
        self.assertIn('secret "missing-key" is in none of', done.err)
        (self.tmp / "missing-key").write_text("x\n")
        (self.tmp / "missing-key").chmod(0o600)
        self.assertEqual(self.check("thresh-fetcher", "--secrets-dir", self.tmp).code, 0)

    def test_a_file_that_is_named_has_to_be_there_the_default_one_has_not(self):
        for program in DAEMONS:
            done = self.check(program, config=self.tmp / "missing.toml")
            self.assertEqual(done.code, 65)
            self.assertIn("--config: cannot read %s" % (self.tmp / "missing.toml"), done.err)
            self.assertEqual(self.thresh("--check", "--config", "", program=program).code, 0)

    def test_faults_stop_a_start(self):
        self.write("[sink]\nnonsense = 1\n")
        for program in DAEMONS:
            done = self.thresh("--config", self.config, program=program)
            self.assertEqual(done.code, 65)
            self.assertIn(":6:1: unknown key \"nonsense\" in [sink]", done.err)

    def test_command_lines_that_are_wrong(self):
        for program, words in (("thresh-fetcher", ("--max-attempts", "0")), ("thresh-fetcher", ("--lease-ms", "soon")),
                               ("thresh-sink", ("--durability", "proces")), ("thresh-parser", ("--nonsense",)), ("thresh-parser", ("--sandbox=perhaps",)),
                               ("thresh-web", ("--listne", "127.0.0.1:1"))):
            done = self.thresh(*words, program=program)
            self.assertEqual(done.code, 64, done)
            self.assertIn(words[0].partition("=")[0], done.err)


class PrintTest(ConfigTest):
    def test_the_printed_file_is_fine_as_it_is_and_with_all_its_keys_in_force(self):
        for program in DAEMONS:
            done = self.thresh("--print-config", program=program)
            self.assertEqual(done.code, 0, done)
            (self.tmp / "printed.toml").write_text(done.out)
            for checker in DAEMONS:
                self.assertEqual(self.check(checker, config=self.tmp / "printed.toml").code, 0)
            config = done.out.partition("#[[host]]")[0]
            (self.tmp / "all.toml").write_text(re.sub(r"(?m)^#([a-z_]+ = )", r"\1", config))
            for checker in DAEMONS:
                checked = self.check(checker, config=self.tmp / "all.toml")
                self.assertEqual(checked.code, 0, checked)

    def test_the_build_has_made_the_file_and_the_manuals(self):
        made = BIN.parent / "share"
        self.assertEqual((made / "thresh.toml").read_text(), self.thresh("--print-config", program="thresh-sink").out)
        for page in ("thresh-fetcher.8", "thresh-parser.8", "thresh-sink.8", "thresh-web.8", "thresh.toml.5", "thresh.1"):
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(made / page)], capture_output=True,
                                  env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}, timeout=60)
            self.assertEqual((done.returncode, done.stderr.decode()), (0, ""), page)
            text = re.sub(".\b", "", done.stdout.decode())
            for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"):
                self.assertIn(heading, text, page)
            self.assertGreater(len(text), 1000)

    def test_help_names_every_option_of_the_manual(self):
        for program in DAEMONS:
            text = self.thresh("--help", program=program).out
            page = (BIN.parent / "share" / (program + ".8")).read_text().replace("\\-", "-")
            flags = set(re.findall(r"\\fB(--[a-z-]+)", page))
            self.assertGreater(len(flags), 8)
            self.assertEqual(flags, set(re.findall(r"--[a-z-]+", re.sub(r"(?m)(^ {2}\S+).*|^.*", r"\1", text))), program)


    def test_the_manual_of_the_command_names_every_command_and_flag(self):
        page = (BIN.parent / "share" / "thresh.1").read_text().replace("\\-", "-")
        commands = re.findall(r"(?m)^  ([a-z]+) ", self.thresh("--help").out.partition("Subcommands:")[2])
        self.assertGreater(len(commands), 20)
        for command in commands:
            self.assertRegex(page, r"(?m)^\.SS %s( |$)" % command)
            for flag in re.findall(r"(?m)^ +(?:-[a-z],)?(--[a-z-]+)", self.thresh(command, "--help").out):
                self.assertIn(flag, page, command)


class FileTest(ConfigTest):
    """Daemons that are told nothing but the file."""

    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>page</title>", {"Content-Type": "text/html"}))

    def start_all(self, *more):
        for program in ("thresh-parser", "thresh-fetcher", "thresh-sink"):  # They wait for each other.
            self.start(program, "--config", self.config, "--die-with", os.getpid(), *more)
        wait_for(lambda: ask_control(self.tmp / "run"), "the fetcher to listen")

    def crawl(self, *urls):
        client = FeedClient(self.tmp / "run" / "feed.sock")
        self.addCleanup(client.close)
        for url in urls:
            self.assertTrue(client.ask(url)["ok"])
        self.wait_for_status(lambda s: s["fed"] >= len(urls) and s["pending"] == 0, "the end", self.tmp / "run")

    def test_folders_recipes_and_settings_come_from_the_file(self):
        self.write('out = "%s"\n[fetcher]\nallow_private = ["127.0.0.0/8"]\n[sink]\nsegment_bytes = "1MiB"\n'
                   % (self.tmp / "records"))
        self.start_all()
        self.crawl(self.server.url + "/a", self.server.url + "/b")
        self.assertEqual(len(read_records(self.tmp / "records" / "page.ndjson")), 2)
        self.assertTrue((self.tmp / "state" / "frontier").is_dir())
        self.assertTrue((self.tmp / "state" / "journal").is_dir())
        self.assertEqual({p.name for p in (self.tmp / "run").iterdir()} & {"frontier", "journal"}, set())
        self.assertEqual({p.name for p in (self.tmp / "state").glob("*.sock")}, set())

    def test_the_command_line_goes_over_the_file(self):
        self.write('[fetcher]\nallow_private = ["127.0.0.0/8"]\n')
        config = self.config.read_text()
        self.config.write_text('contact = "of-the-file"\n' + config)
        self.start("thresh-sink", "--config", self.config, "--die-with", os.getpid())
        self.start("thresh-parser", "--config", self.config, "--die-with", os.getpid())
        self.start("thresh-fetcher", "--config", self.config, "--die-with", os.getpid(), "--contact", "of-the-line")
        wait_for(lambda: ask_control(self.tmp / "run"), "the fetcher to listen")
        self.crawl(self.server.url + "/a")
        self.assertIn("(+of-the-line)", self.server.requests[0].headers["user-agent"])
        self.assertEqual(len(read_records(self.tmp / "state" / "out" / "page.ndjson")), 1)

    def test_a_reload_without_a_change_says_nothing_of_one(self):
        for program in ("thresh-fetcher", "thresh-sink", "thresh-web"):
            self.write('[web]\nlisten = "127.0.0.1:0"\n')
            log = self.tmp / (program + ".log")
            process = self.start(program, "--config", self.config, "--die-with", os.getpid(), stderr=log)
            wait_for(lambda: ".started" in log.read_text(), "the start")
            for n in range(1, 4):
                process.send_signal(signal.SIGHUP)
                wait_for(lambda n=n: log.read_text().count("config.loaded") == n, "config.loaded")
            self.assertNotRegex(log.read_text(), "config.(changed|needs_restart|refused)")
            self.write('[web]\nlisten = "127.0.0.1:0"\nlissen = 1\n')
            process.send_signal(signal.SIGHUP)
            wait_for(lambda: "config.refused" in log.read_text(), "the refusal")
            self.assertRegex(log.read_text(), r'config.refused file=\S*thresh.toml line=7 column=1 why="unknown key .*lissen.*did you mean .*listen')

    def test_a_run_looks_at_its_file_before_it_begins(self):
        (self.tmp / "secrets").mkdir()
        recipe = self.recipes / "pages.toml"
        recipe.write_text(RECIPE.replace("[[items]]", 'headers = { x-key = "{secret.key}" }\n[[items]]', 1))
        words = ("run", "-r", recipe, self.server.url + "/a", "-o", self.out, "-j", "1", "--config", self.config)
        self.config.write_text("[sink]\nrotate_byte = 1\n")
        done = self.thresh(*words)
        self.assertEqual(done.code, 65, done)
        self.assertIn('%s:2:1: unknown key "rotate_byte" in [sink]; did you mean "rotate_bytes"?' % self.config, done.err)
        self.config.write_text('[paths]\nsecrets = "%s"\n' % (self.tmp / "secrets"))
        done = self.thresh(*words)
        self.assertEqual(done.code, 65, done)
        self.assertIn('secret "key" is in none of', done.err)
        self.assertFalse(self.out.exists())
        (self.tmp / "secrets" / "key").write_text("of-the-file\n")
        (self.tmp / "secrets" / "key").chmod(0o600)
        self.assertEqual(self.thresh(*words).code, 0)
        self.assertEqual(self.server.requests[-1].headers["x-key"], "of-the-file")

    def test_a_run_reads_no_file_but_the_one_it_is_given(self):
        self.write('', paths=False)
        self.config.write_text('contact = "of-the-file"\n')
        for words, agent in (((), "thresh/"), (("--config", self.config), "(+of-the-file)")):
            out = self.tmp / ("run-out-%d" % len(words))
            done = self.thresh("run", "-r", self.recipes / "pages.toml", self.server.url + "/%d" % len(words), "-o", out,
                               "-j", "1", *words)
            self.assertEqual(done.code, 0, done)
            self.assertIn(agent, self.server.requests[-1].headers["user-agent"])
        self.assertNotIn("of-the-file", self.server.requests[0].headers["user-agent"])


if __name__ == "__main__":
    unittest.main()
