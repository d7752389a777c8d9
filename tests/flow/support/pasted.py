"""Types what a README tells people to type, in its order, and looks whether it prints what the README shows.

    class DelayServerTest(PastedTest):
        readme = "examples/delay_server/README.md"
        shorter = {"-n 1000": "-n 40"}
        def test_it_does_what_it_says(self):
            self.type_all()

Blocks marked `sh` are typed, each into a shell of its own; a block without a mark behind one is what was printed, compared
line by line but for figures. Ports that `ports` names are free ones instead. A line that ends in ` &` is started and goes on until the test's end; its first line of output is
waited for. `shorter` makes sizes small; with THRESH_ALL=1 they are as written, and blocks marked `sh full` are typed, too.
"""
import os
import re
import socket
import subprocess

from support.flow import BIN, DEADLINE_S, ROOT, FlowTest

BLOCK = re.compile(r"^```([\w ]*)\n(.*?)^```$", re.S | re.M)
ALL = os.environ.get("THRESH_ALL") == "1"


def without_figures(text):
    """Numbers as N, times as TIME; blanks and lines of progress do not count."""
    lines = []
    for line in text.splitlines():
        line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
        line = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line)
        line = re.sub(r"\d[\d,]*(\.\d+)?( (ms|s|min|B|kB|KB|MB|GB))?\b", "N", line)
        if re.match(r"N done, |  held back", line):
            continue
        lines.append(re.sub(r"\s+", " ", line).strip())
    return [line for line in lines if line]


class PastedTest(FlowTest):
    readme = ""
    shorter = {}
    ports = ()

    def setUp(self):
        super().setUp()
        (self.tmp / "build").mkdir()
        (self.tmp / "build" / "bin").symlink_to(BIN)
        for name in ("examples", "recipes", "scripts"):
            (self.tmp / name).symlink_to(ROOT / name)
        self.env["PYTHONDONTWRITEBYTECODE"] = "1"
        self.text = (ROOT / self.readme).read_text(encoding="utf-8")
        for port in self.ports:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.text = self.text.replace(str(port), str(free.getsockname()[1]))

    def type_all(self):
        """All that was printed, as one text."""
        printed, everything = None, ""
        for mark, text in BLOCK.findall(self.text):
            if mark == "sh" or (mark == "sh full" and ALL):
                printed = self.type(text)
                everything += printed
            elif mark == "sh full":
                printed = None
            elif mark == "" and printed is not None:
                self.assert_printed(text, printed)
        return everything

    def type(self, text):
        if not ALL:
            for long, short in self.shorter.items():
                text = text.replace(long, short)
        rest = []
        for line in text.splitlines():
            if line.endswith(" &"):
                self.start_in_background(line[:-2])
            else:
                rest.append(line)
        done = subprocess.run(["bash", "-euc", "\n".join(rest)], cwd=self.tmp, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S * 10)
        self.assertEqual(done.returncode, 0, "%s\n%s" % (text, done.stdout))
        return done.stdout

    def start_in_background(self, line):
        process = subprocess.Popen(["bash", "-euc", "exec " + line], cwd=self.tmp, env=self.env, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        self.addCleanup(process.stdout.close)
        self.assertTrue(process.stdout.readline(), line)

    def assert_printed(self, shown, printed):
        """Each line that is shown was printed, in this order; `...` stands for any lines."""
        found = iter(without_figures(printed))
        for line in without_figures(shown):
            if line != "...":
                self.assertTrue(any(line == other for other in found), "README shows %r; printed was:\n%s" % (line, printed))
