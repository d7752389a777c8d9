"""The three daemons started one by one, without `thresh run`, and a client of the feed socket."""
import json
import os
import socket

from support.flow import DEADLINE_S, ask_control, wait_for



class Pipeline:
    """A sink, a fetcher and parsers at work in `folder`; records lie in `out`, sockets in `state`.

    They end with the test (and with its process, however that ends).
    """

    def __init__(self, test, recipes, parsers=1, fetcher=(), parser=(), sink=(), name="pipeline"):
        self._test = test
        self.folder = test.tmp / name
        self.state, self.out = self.folder / "state", self.folder / "out"
        self.state.mkdir(parents=True)
        self._parser_arguments, self.parsers = parser, []
        named = [word for recipe in recipes for word in ("--recipe", recipe)]
        self.sink = self._start("thresh-sink", "--out", self.out, *sink)
        self.fetcher = self._start("thresh-fetcher", *named, *fetcher)
        for _ in range(parsers):
            self.add_parser()
        wait_for(lambda: self._alive() and ask_control(self.state), "the fetcher to listen")
        wait_for(lambda: self._alive() and (self.state / "feed.sock").exists(), "the feed socket")

    def _start(self, program, *arguments):
        return self._test.start(program, "--state", self.state, "--die-with", os.getpid(), *arguments,
                                stderr=self.folder / (program + ".log"))

    def _alive(self):
        for process in (self.sink, self.fetcher, *self.parsers):
            assert process.poll() is None, "%s ended with %s" % (process.args[0], process.returncode)
        return True

    def add_parser(self):
        """Starts one more parser; returns its process."""
        self.parsers.append(self._start("thresh-parser", *self._parser_arguments))
        return self.parsers[-1]

    @property
    def feed_socket(self):
        return self.state / "feed.sock"

    def feed(self, *lines):
        """Feeds the lines over one connection; returns their answers."""
        client = self.connect()
        client.send(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
        client.half_close()
        return client.all_answers()

    def connect(self):
        client = FeedClient(self.feed_socket)
        self._test.addCleanup(client.close)
        return client

    def status(self):
        return ask_control(self.state)

    def wait_until_done(self, lines):
        """Until `lines` feed lines have been counted and all that came of them has ended."""
        def done(status):
            counted = status["fed"] + status["duplicates"] + status["refused"]
            return counted == lines and status["pending"] == 0
        return self._test.wait_for_status(done, "%d lines to be done" % lines, self.state)

    def stop(self):
        """Ends all three kinds by SIGTERM, as an operator would; each must end by itself."""
        for process in (*self.parsers, self.fetcher, self.sink):
            process.terminate()
        return [self._test.wait_for_exit(process) for process in (*self.parsers, self.fetcher, self.sink)]


class FeedClient:
    """A raw connection to the feed socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE_S)
        self._socket.connect(str(path))
        self._answers = self._socket.makefile("rb")

    def send(self, data):
        self._socket.sendall(data)

    def ask(self, line):
        """Sends one line and gives its answer."""
        self.send((line if isinstance(line, bytes) else line.encode()) + b"\n")
        return self.answer()

    def answer(self):
        """The next answer as a dict; it must be a whole line of UTF-8 JSON."""
        line = self._answers.readline()
        assert line.endswith(b"\n"), "the connection ended with %r" % line
        return json.loads(line.decode("utf-8"))

    def half_close(self):
        """Says that no more lines will come."""
        self._socket.shutdown(socket.SHUT_WR)

    def all_answers(self):
        """Every answer until the server closes."""
        return [json.loads(line.decode("utf-8")) for line in self._answers.read().splitlines()]

    def close(self):
        self._answers.close()
        self._socket.close()
