"""The three daemons started one by one, without `thresh run`, and a client of the feed socket."""
import itertools
import json
import os
import pathlib
import signal
import socket
import time

from support.flow import DEADLINE_S, ask_control, ask_socket, wait_for
from process_watch import cpu_seconds

# Lets a recipe that is made for a real site work on this machine.
FETCH_LOOPBACK = ("--set", 'allow=["http://127.0.0.1:*"]', "--set", 'fetch.allow_private=["127.0.0.0/8"]',
                  "--set", "fetch.respect_robots_txt=false")


def is_balanced(ledger):
    """Whether every task that came to be has one end, or is pending, by the ledger's numbers."""
    made = sum(ledger[key] for key in ("fed", "followed", "recrawled", "retried"))
    ended = ledger["done"] + sum(ledger["dead"].values()) + sum(ledger["dropped"].values())
    return made == ledger["created"] == ended + ledger["pending"]


class Pipeline:
    """A sink, a fetcher and parsers at work in `folder`; records lie in `out`, sockets in `state`.

    They end with the test (and with its process, however that ends). A test may kill any of them
    and start it again on the same state: `kill`, `start_sink`, `start_fetcher`, `add_parser`, or
    all at once with `restart`. `state` and `out` may be given, e.g. to put them on another disk.
    `sink_env` and `fetcher_env` are variables for the first start of those two only.
    """

    def __init__(self, test, recipes, parsers=1, fetcher=(), parser=(), sink=(), name="pipeline", state=None, out=None,
                 parser_program="thresh-parser", sink_env=None, fetcher_env=None, listening=True):
        self._test = test
        self.folder = test.tmp / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state, self.out = pathlib.Path(state or self.folder / "state"), pathlib.Path(out or self.folder / "out")
        self.state.mkdir(parents=True, exist_ok=True)
        self._sink_arguments, self._parser_arguments, self._parser_program = sink, parser, parser_program
        self._fetcher_arguments = [word for recipe in recipes for word in ("--recipe", recipe)] + list(fetcher)
        self.parsers = []
        self.start_sink(sink_env)
        self.start_fetcher(fetcher_env)
        for _ in range(parsers):
            self.add_parser()
        if listening:
            self.wait_until_listening()

    def _start(self, program, *arguments, env=None):
        own = "--config" in arguments or pathlib.Path(program).name == "thresh-parser-py"  # That has no settings file.
        file = () if own else ("--config", "")  # Not this machine's own.
        return self._test.start(program, "--state", self.state, *file, "--die-with", os.getpid(), *arguments,
                                stderr=self.log_of(pathlib.Path(program).name), env=env)

    def log_of(self, program):
        """What all processes of a kind have said so far."""
        return self.folder / (program + ".log")

    def start_sink(self, env=None, arguments=()):
        """Starts the sink, on the state that it finds; returns its process."""
        self.sink = self._start("thresh-sink", "--out", self.out, *self._sink_arguments, *arguments, env=env)
        return self.sink

    def start_fetcher(self, env=None):
        """Starts the fetcher, on the state that it finds; returns its process."""
        self.fetcher = self._start("thresh-fetcher", *self._fetcher_arguments, env=env)
        return self.fetcher

    def add_parser(self, program=None, arguments=None):
        """Starts one more parser, with other arguments than the first ones if given; returns its process."""
        self.parsers.append(self._start(program or self._parser_program, *(self._parser_arguments if arguments is None else arguments)))
        return self.parsers[-1]

    @property
    def processes(self):
        return [self.sink, self.fetcher, *self.parsers]

    def assert_alive(self):
        """Fails with its last words if any of them ended by itself."""
        for process in self.processes:
            if process.poll() is not None:
                name = pathlib.Path(process.args[0]).name
                words = self.log_of(name).read_text(errors="replace")[-1500:]
                raise AssertionError("%s ended with %s:\n%s" % (name, process.returncode, words))
        return True

    @staticmethod
    def kill(process):
        """kill -9; returns once it is gone."""
        process.kill()
        process.wait()

    def restart(self, process, env=None):
        """Starts another process in the place of one that has ended; returns it."""
        if process is self.sink:
            return self.start_sink(env)
        if process is self.fetcher:
            return self.start_fetcher(env)
        self.parsers.remove(process)
        return self.add_parser()

    def wait_until_listening(self):
        """Until the fetcher answers on both of its sockets."""
        wait_for(lambda: self.assert_alive() and self.status(), "the fetcher to listen")
        wait_for(lambda: self.assert_alive() and self._is_open(self.feed_socket), "the feed socket")

    @staticmethod
    def _is_open(path):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(path)) == 0

    @property
    def feed_socket(self):
        return self.state / "feed.sock"

    def feed(self, *lines):
        """Feeds the lines over one connection; returns their answers."""
        client, answers = self.connect(), []
        for begin in range(0, len(lines), 500):  # Who does not read answers is not read from.
            part = lines[begin:begin + 500]
            client.send(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in part))
            answers += [client.answer() for _ in part]
        client.half_close()
        return answers + client.all_answers()

    def connect(self):
        client = FeedClient(self.feed_socket)
        self._test.addCleanup(client.close)
        return client

    def status(self):
        """The fetcher's status; None while it does not listen."""
        return ask_control(self.state)

    def sink_status(self):
        """The sink's status; None while it does not listen."""
        return ask_socket(self.state / "sink.sock", "status")

    def watch(self):
        """The fetcher's status lines as they come, five a second by its own clock."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(DEADLINE_S)
            client.connect(str(self.state / "fetcher.sock"))
            client.sendall(b'{"op":"watch"}\n')
            with client.makefile("rb") as lines:
                yield from map(json.loads, lines)

    def cpu_shares_while(self, looks, between=lambda: None):
        """The share of a CPU that each process takes while the fetcher says its status `looks` times."""
        def used():
            return [cpu_seconds(process.pid) for process in self.processes]
        before, begin = used(), time.monotonic()
        for _ in itertools.islice(self.watch(), looks):
            between()
        took = time.monotonic() - begin
        return [(now - then) / took for now, then in zip(used(), before)]

    def ask(self, op, **more):
        """The fetcher's answer to a control request; it must answer."""
        return wait_for(lambda: ask_socket(self.state / "fetcher.sock", op, **more),
                        "an answer to " + op)

    def wait_for_status(self, condition, what, deadline_s=DEADLINE_S):
        """The fetcher's first status for which `condition(status)` holds, while all of them live."""
        def look():
            self.assert_alive()
            status = self.status()
            return status if status is not None and condition(status) else None
        return wait_for(look, what, deadline_s)

    def wait_for_sink_status(self, condition, what, deadline_s=DEADLINE_S):
        """The sink's first status for which `condition(status)` holds."""
        def look():
            status = self.sink_status()
            return status if status is not None and condition(status) else None
        return wait_for(look, what, deadline_s)

    def state_of_affairs(self):
        """What its processes say of themselves, for the message of a failure."""
        words = ["status %s" % self.status(), "sink %s" % self.sink_status()]
        for program in ("thresh-fetcher", "thresh-sink", pathlib.Path(self._parser_program).name):
            log = self.log_of(program)
            words.append("%s:\n%s" % (program, log.read_text(errors="replace")[-1200:] if log.exists() else ""))
        return "\n".join(words)

    def wait_until_done(self, lines):
        """Until `lines` feed lines have been counted and all that came of them has ended."""
        def done(status):
            counted = status["fed"] + status["duplicates"] + status["refused"]
            return counted == lines and status["pending"] == 0
        return self._test.wait_for_status(done, "%d lines to be done" % lines, self.state)

    def stop(self):
        """Ends all three kinds by SIGTERM, as an operator would; each must end by itself."""
        for process in (*self.parsers, self.fetcher, self.sink):
            wait_for(lambda: process.poll() is not None or _heeds_sigterm(process.pid), "a process to have begun")
            process.terminate()
        return [self._test.wait_for_exit(process) for process in (*self.parsers, self.fetcher, self.sink)]


def _heeds_sigterm(pid):
    """Whether the process has come so far as to have its handler: before that the signal just ends it."""
    status = pathlib.Path("/proc/%d/status" % pid).read_text(encoding="utf-8")
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


class FeedClient:
    """A raw connection to the feed socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE_S)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._answers = self._socket.makefile("rb")

    def set_timeout(self, seconds):
        self._socket.settimeout(seconds)

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
