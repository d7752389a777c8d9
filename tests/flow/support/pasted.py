"""An example whose README starts programs of its own, or whose sizes are too large for a test.

    class DelayServerTest(PastedTest):
        example = "delay_server"
        shorter = {"-n 1000": "-n 40"}

A line that ends in ` &` is started and goes on until the test's end; its first line of output is waited for. `shorter` makes sizes
small; with THRESH_ALL=1 they are as written. Ports that `ports` names are free ones instead.
"""
import os
import socket
import subprocess

from support.example import SERVER, ExampleTest

ALL = os.environ.get("THRESH_ALL") == "1"


class PastedTest(ExampleTest):
    shorter = {}
    ports = ()

    def setUp(self):
        super().setUp()
        self.env["PYTHONDONTWRITEBYTECODE"] = "1"
        for port in self.ports:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.readme = self.readme.replace(str(port), str(free.getsockname()[1]))

    def type(self, text):
        if not ALL:
            for long, short in self.shorter.items():
                text = text.replace(long, short)
        rest = []
        for line in text.splitlines():
            if line.endswith(" &") and not SERVER.match(line):
                self.start_in_background(line[:-2])
                rest.append(": &")  # For `$!` behind it.
            else:
                rest.append(line)
        return super().type("\n".join(rest))

    def start_in_background(self, line):
        process = subprocess.Popen(["bash", "-euc", "exec " + line], cwd=self.tmp, env=self.env, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        self.addCleanup(process.stdout.close)
        self.assertTrue(process.stdout.readline(), line)
