#!/usr/bin/python3
"""What docs/select.md shows is what the commands print."""
import re
import subprocess
import unittest

from support.flow import BIN, ROOT, FlowTest

TEXT = (ROOT / "docs" / "select.md").read_text(encoding="utf-8")


def blocks(kind=""):
    return [text for marked, text in re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.S | re.M) if marked == kind]


class SelectDocsTest(FlowTest):
    def test_each_command_prints_what_stands_below_it(self):
        for kind, name in (("html", "quotes.html"), ("json", "answer.json")):
            text, = blocks(kind)
            self.write(name, text)
        env = {**self.env, "PATH": "%s:%s" % (BIN, self.env["PATH"]), "HOME": str(self.tmp)}
        commands = [part for block in blocks() for part in ("\n" + block).split("\n$ ")[1:]]
        self.assertGreater(len(commands), 20)
        for command in commands:
            line, _, shown = command.partition("\n")
            done = subprocess.run("{ %s; } 2>&1" % line, shell=True, executable="/bin/bash",
                                  cwd=self.tmp, env=env, capture_output=True, text=True, timeout=60)
            with self.subTest(command=line):
                self.assertEqual(done.stdout.rstrip("\n"), shown.rstrip("\n"))


if __name__ == "__main__":
    unittest.main()
