"""Runs what the README of a folder in examples/ tells people to type, in its order, and looks at what came of it.

    class YelpTest(ExampleTest):
        example = "yelp_reviews"
        def test_the_readme_does_what_it_says(self):
            self.run_readme()
            self.records("review", self.tmp / "build/yelp/out")

Blocks marked `sh` are typed; a block without a mark behind one shows what it printed, and is compared line by line but
for its figures. What starts a server (`examples/servers/serve NAME --port N ... &`) is started on a port that is free,
and the others are typed with its address. A block marked `sh end` ends them; it is only looked at: it may name nothing but what
`NAME=$!` in a block above it keeps. Blocks marked `sh full` take long: they run with THRESH_ALL=1 only.
"""
import contextlib
import os
import re
import signal
import subprocess

from support.flow import BIN, DEADLINE_S, ROOT, FlowTest

SERVER = re.compile(r"^(examples/servers/serve .*?--port )(\d+)(.*?) &$", re.M)
BLOCK = re.compile(r"^```([\w ]*)\n(.*?)^```$", re.S | re.M)
SERVE_S = 60


def without_figures(text):
    """Lines of output as they can be compared: numbers, ids, times and what is written to a terminal's line again."""
    lines = []
    for line in text.splitlines():
        line = re.sub(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
        line = re.sub(r"\b[0-9a-f]{32}\b", "ID", line)
        line = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line)
        line = re.sub(r"\b\d+:\d\d (min|h)\b", "0 s", line)
        line = re.sub(r"\d[\d,]*(\.\d+)?( (ms|s|min|h)\b( \d+ s\b)?)?", "N", line)
        line = re.sub(r"\bN (bytes|[kKMG]i?B)\b", "N BYTES", line)
        if re.match(r"N done, | +held back", line):  # progress, and what depends on the machine
            continue
        lines.append(" ".join(line.split()))  # Columns are as wide as their figures.
    return [line for line in lines if line]


class ExampleTest(FlowTest):
    """A folder that looks like the checkout's root, in which commands may write below build/."""
    example = ""

    def setUp(self):
        super().setUp()
        (self.tmp / "build").mkdir()
        (self.tmp / "build" / "bin").symlink_to(BIN)
        for name in ("examples", "recipes", "scripts"):
            (self.tmp / name).symlink_to(ROOT / name)
        self.readme = (ROOT / "examples" / self.example / "README.md").read_text(encoding="utf-8")
        self.addresses = {}
        self.printed = []  # of each block that was typed

    def blocks(self):
        return [(mark.strip(), text) for mark, text in BLOCK.findall(self.readme)]

    def run_readme(self):
        """Types all blocks of the README, and compares what they show."""
        shown_for = None
        for mark, text in self.blocks():
            if mark == "sh" or (mark == "sh full" and os.environ.get("THRESH_ALL") == "1"):
                shown_for = self.type(text)
                self.printed.append(shown_for)
            elif mark == "sh full":
                shown_for = None
            elif mark == "sh end":
                self.assert_ends_all(text)
            elif mark == "" and shown_for is not None:
                self.assert_shown(text, shown_for)

    def assert_ends_all(self, text):
        kept = re.findall(r" &\n(\w+)=\$!\n", self.readme)
        for name in kept:
            self.assertRegex(self.readme, r"(?m)^kill .*\$%s\b" % name)
        self.assertRegex(text, r"\A(kill( \$(%s))+\n)+\Z" % "|".join(kept))

    def type(self, text):
        """Types the lines of a block into one shell; what it printed."""
        for words, port, more in SERVER.findall(text):
            self.addresses["127.0.0.1:" + port] = self.serve(words.split()[1:-1] + more.split())
        text = SERVER.sub(": &", text)  # For `$!` behind it.
        for named, real in self.addresses.items():
            text = text.replace(named, real)
        shell = subprocess.Popen(["bash", "-euc", text], cwd=self.tmp, env=self.env, stdin=subprocess.DEVNULL, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.addCleanup(self.end_group, shell)
        printed, _ = shell.communicate(timeout=DEADLINE_S * 5)
        self.assertEqual(shell.returncode, 0, "%s\n%s" % (text, printed))
        return printed

    @staticmethod
    def end_group(shell):
        """What a shell of ours left behind, if its block went wrong."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()

    def serve(self, arguments):
        """Starts one of the examples' servers on a port of its own; its address."""
        server = subprocess.Popen(["/usr/bin/python3", str(ROOT / "examples" / "servers" / "serve"), *arguments, "--port", "0"],
                                  stdout=subprocess.PIPE, text=True, cwd=self.tmp)
        self.addCleanup(self.end, server)
        line = server.stdout.readline()
        self.assertRegex(line, r"^listening http://127\.0\.0\.1:\d+$")
        return line.split("//")[1].strip()

    def assert_shown(self, shown, printed):
        """Each line that the README shows was printed, in this order, but for figures; `...` stands for any lines."""
        found = iter(without_figures(printed))
        for line in without_figures(shown):
            if line == "...":
                continue
            self.assertTrue(any(line == other for other in found),
                            "README shows %r; printed was:\n%s" % (line, "\n".join(without_figures(printed))))
