#!/usr/bin/python3
"""What bash offers when Tab is pressed: all commands, flags and choices that --help knows."""
import re
import subprocess
import unittest

from support.flow import BIN, ROOT, FlowTest

SCRIPT = ROOT / "cli" / "completion" / "thresh"
# Prints what is offered, a line each; compopt works only where bash itself completes.
ASK = """source "$0"; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _thresh
    [ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}" """


class CompletionTest(FlowTest):
    def offered(self, *words):
        done = subprocess.run(["bash", "-c", ASK, str(SCRIPT), *words], capture_output=True, text=True, cwd=self.tmp,
                              env={**self.env, "PATH": "%s:%s" % (BIN, self.env["PATH"])}, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.splitlines()

    def help_of(self, *words):
        return self.thresh(*words[1:], "--help", program=words[0]).out

    @staticmethod
    def subcommands(text):
        _, _, listed = text.partition("Subcommands:\n")
        return re.findall(r"(?m)^  (\S+)", listed.split("\n\n")[0])

    def assert_flags(self, *words):
        text = self.help_of(*words)
        flags = [flag for names in re.findall(r"(?m)^  (-\S+)", text) for flag in names.split(",")]
        self.assertIn("--help", flags)
        self.assertEqual(sorted(self.offered(*words, "-")), sorted(flags), words)
        for flag, choices in re.findall(r"(?m)^  \S*?(--[\w-]+) [A-Z]+:\{(.*?)\}", text):
            self.assertEqual(self.offered(*words, flag, ""), choices.split(","), (words, flag))

    def test_all_commands_and_all_their_flags(self):
        commands = self.subcommands(self.help_of("thresh"))
        self.assertIn("run", commands)
        self.assertEqual(self.offered("thresh", ""), commands)
        for command in commands:
            more = self.subcommands(self.help_of("thresh", command))
            if more:
                self.assertEqual(self.offered("thresh", command, ""), more)
            for words in [("thresh", command, one) for one in more] or [("thresh", command)]:
                with self.subTest(words):
                    self.assert_flags(*words)

    def test_the_daemons(self):
        for daemon in ("thresh-fetcher", "thresh-parser", "thresh-sink"):
            with self.subTest(daemon):
                self.assert_flags(daemon)

    def test_what_is_begun_is_ended(self):
        self.assertEqual(self.offered("thresh", "ru"), ["run"])
        self.assertEqual(self.offered("thresh", "run", "--dura"), ["--durability"])
        self.assertEqual(self.offered("thresh", "run", "--durability", "po"), ["power"])
        self.assertEqual(self.offered("thresh", "nosuch", ""), self.offered("thresh", ""))
        self.assertEqual(self.offered("nosuchprogram", ""), [])

    def test_files_folders_and_recipes(self):
        for name in ("a file.toml", "a folder/x", "$(touch gone)`touch gone`.toml"):
            path = self.tmp / name
            path.parent.mkdir(exist_ok=True)
            path.touch()
        self.env["THRESH_RECIPES"] = str(self.tmp / "recipes")
        (self.tmp / "recipes").mkdir()
        (self.tmp / "recipes" / "my-reviews.toml").touch()
        self.assertEqual(self.offered("thresh", "run", "-o", "a"), ["a folder"])
        self.assertEqual(sorted(self.offered("thresh", "run", "-f", "a")), ["a file.toml", "a folder"])
        self.assertEqual(self.offered("thresh", "check", "$"), ["$(touch gone)`touch gone`.toml"])
        self.assertEqual(self.offered("thresh", "run", "-r", "my-"), ["my-reviews"])
        self.assertEqual(self.offered("thresh", "run", "--max-pages", ""), [])
        self.assertFalse((self.tmp / "gone").exists())


if __name__ == "__main__":
    unittest.main()
