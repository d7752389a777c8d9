#!/usr/bin/python3
"""The command is two programs: `thresh`, quick to load, and `thresh-commands` beside it, with the rest and the help of all."""
import shutil
import subprocess
import unittest

from support.flow import BIN, FlowTest

HEAVY = ("libcurl", "librocksdb", "libzmq", "libssl", "libldap")


def commands_of(program):
    """What a program's --help lists, as it lists it."""
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    section = text.split("Subcommands:\n", 1)[1].split("\n\n", 1)[0]
    return [line.split()[0] for line in section.splitlines() if line.startswith("  ") and not line.startswith("   ")]


class CommandProgramsTest(FlowTest):
    def test_what_crawls_and_asks_loads_little(self):
        loaded = subprocess.run(["ldd", BIN / "thresh"], check=True, capture_output=True, text=True).stdout
        self.assertIn("libuv", loaded)
        for name in HEAVY:
            self.assertNotIn(name, loaded)

    def test_each_command_that_help_lists_is_there(self):
        names = commands_of(BIN / "thresh")
        self.assertEqual(names, commands_of(BIN / "thresh-commands"))
        self.assertLessEqual({"run", "feed", "status", "try", "select", "fsck", "keys", "bench"}, set(names))
        for name in names:
            done = self.thresh(name, "--help")
            self.assertEqual(done.code, 0, done)
            self.assertIn(name, done.out)

    def test_alone_it_crawls_and_says_what_it_misses(self):
        for program in ("thresh", "thresh-fetcher", "thresh-parser", "thresh-sink"):
            shutil.copy(BIN / program, self.tmp / program)
        page = self.write("page.html", "<title>x</title>")
        done = subprocess.run([self.tmp / "thresh", "select", "title", page], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 70, done)
        self.assertIn("cannot start %s/thresh-commands: No such file" % self.tmp, done.stderr)
        done = subprocess.run([self.tmp / "thresh", "run", "http://127.0.0.1:9/x", "--set", 'fetch.allow_private=["127.0.0.0/8"]',
                               "--set", "fetch.attempts=1", "--set", "fetch.respect_robots_txt=false", "-j", "1", "-o", self.tmp / "out"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3, done)


if __name__ == "__main__":
    unittest.main()
