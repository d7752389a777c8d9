"""The words of the flow tests: start a program, wait for what it does, read what it wrote.

Nothing here sleeps for things to settle: `wait_for` looks at a condition until it holds, with a
deadline that only a program that hangs reaches. Only processes started here are ever signalled.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

FLOW = pathlib.Path(__file__).resolve().parents[1]
ROOT = FLOW.parents[1]
BIN = pathlib.Path(os.environ.get("THRESH_BIN") or ROOT / "build" / "bin").resolve()
SHARED = pathlib.Path(os.environ.get("THRESH_SHARED") or ROOT.parent / "shared").resolve()
RECIPES = FLOW / "recipes"
YELP = RECIPES / "reviews.toml"  # a chain of pages for each business
DEADLINE_S = float(os.environ.get("THRESH_FLOW_DEADLINE_S", 60))  # of anything; what takes longer hangs
LOOPBACK = ("--set", 'allow=["http://127.0.0.1:*"]', "--set", 'fetch.allow_private=["127.0.0.0/8"]',
            "--set", "fetch.respect_robots_txt=false")
sys.path.insert(0, str(ROOT / "bench"))  # nginx, review_site


def corpora(*path):
    """A path in the shared corpora. Without them a test fails in CI and is skipped elsewhere."""
    found = SHARED.joinpath("corpora", *path)
    if found.exists():
        return found
    if os.environ.get("CI") == "true":
        raise AssertionError("%s is missing: CI needs the corpora (THRESH_SHARED)" % found)
    raise unittest.SkipTest("%s is not there; THRESH_SHARED names the folder it lies in" % found)


def wait_for(condition, what, deadline_s=DEADLINE_S):
    """Looks until `condition()` is true; returns what it gave. `what` completes "waited for ..."."""
    end = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for %s" % (deadline_s, what))
        time.sleep(0.01)


def read_lines(path):
    """The whole lines of a file; none if there is no file yet."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return text.split("\n")[:-1]


def read_records(path):
    """An NDJSON file as dicts, in its order. Every byte must belong to a whole line."""
    path = pathlib.Path(path)
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n"), "%s ends in a torn line: %r" % (path, text[-80:])
    return [json.loads(line) for line in text.split("\n")[:-1]]


def own(record):
    """A record's own fields, without those that thresh adds."""
    return {key: value for key, value in record.items() if not key.startswith("_")}


def processes_naming(text):
    """Pids of live processes that have `text` in their command line, our own not counted."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if text.encode() in pathlib.Path("/proc", entry, "cmdline").read_bytes():
                found.append(int(entry))
    return found


def ask_socket(path, op, **more):
    """The answer of a control socket to one request; None while nobody answers there."""
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.settimeout(DEADLINE_S)
        client.connect(str(path))
        client.sendall(json.dumps({"op": op, **more}, separators=(",", ":")).encode() + b"\n")
        with client.makefile("rb") as answers:
            line = answers.readline()
            return json.loads(line) if line.endswith(b"\n") else None
    return None


def ask_control(state_dir):
    """The fetcher's status, by its control socket; None while it does not listen."""
    return ask_socket(pathlib.Path(state_dir, "fetcher.sock"), "status")


class Finished:
    """What became of a command: `code`, `out` and `err` as text, `out_bytes`."""

    def __init__(self, code, out, err):
        self.code, self.out_bytes = code, out
        self.out, self.err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def __repr__(self):
        return "exit code %s\n--- stdout\n%s--- stderr\n%s" % (self.code, self.out[-2000:], self.err[-4000:])


class FlowTest(unittest.TestCase):
    """Has a folder of its own, `tmp`, and takes along all it started."""

    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="thresh-flow-"))
        self.addCleanup(self._clear)
        self.out = self.tmp / "out"
        self.state = self.out / ".thresh"
        (self.tmp / "t").mkdir()
        self.env = {**os.environ, "TMPDIR": str(self.tmp / "t"), "NO_COLOR": "1"}

    def _clear(self):
        # What we started has ended by now, and takes its children along: they have this folder
        # in their command line.
        try:
            self.wait_for_no_process()
        finally:
            shutil.rmtree(self.tmp, ignore_errors=True)

    # Commands.

    @staticmethod
    def program(name):
        """A program's path, for a shell's command line."""
        return str(BIN / name)

    def thresh(self, *arguments, program="thresh", stdin=b"", deadline_s=DEADLINE_S, cwd=None):
        """Runs `thresh ...` to its end. A command that does not end fails the test."""
        command = [str(BIN / program), *map(str, arguments)]
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, timeout=deadline_s,
                                  env=self.env, cwd=cwd or self.tmp)
        except subprocess.TimeoutExpired as hung:
            raise AssertionError("%s did not end in %d s; it said:\n%s" % (
                " ".join(command), deadline_s, (hung.stderr or b"").decode("utf-8", "replace"))) from None
        return Finished(done.returncode, done.stdout, done.stderr)

    def crawl(self, recipe, *arguments, out=None, code=0, deadline_s=DEADLINE_S):
        """`thresh run` with a recipe that is to work on loopback; checks its exit code."""
        done = self.thresh("run", "-r", recipe, "-o", out or self.out, *LOOPBACK, *arguments, deadline_s=deadline_s)
        self.assertEqual(done.code, code, done)
        return done

    def start(self, program, *arguments, stdout=subprocess.DEVNULL, stderr=None, env=None):
        """Starts a program that goes on by itself; it is killed at the end of the test if it still runs.
        `env`: variables that it has beside the usual ones."""
        log = open(stderr or self.tmp / (program + ".err"), "ab")
        with log:
            process = subprocess.Popen([str(BIN / program), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                       stdout=stdout, stderr=log, env={**self.env, **(env or {})}, cwd=self.tmp)
        self.addCleanup(self.end, process)
        return process

    def start_crawl(self, recipe, *arguments, out=None, **how):
        """`thresh run` in the background."""
        return self.start("thresh", "run", "-r", recipe, "-o", out or self.out, *LOOPBACK, *arguments, **how)

    @staticmethod
    def end(process):
        """Kills a process of ours, unless it has ended."""
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()

    def wait_for_exit(self, process, deadline_s=DEADLINE_S):
        """The exit code of a started process."""
        try:
            return process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise AssertionError("%s did not end in %d s" % (" ".join(process.args), deadline_s)) from None

    def wait_for_no_process(self, text=None):
        """Until no process names this test's folder any more."""
        text = text or str(self.tmp)
        wait_for(lambda: not processes_naming(text), "every process of %s to end" % text, 30)

    def wait_for_status(self, condition, what, state=None):
        """The first status for which `condition(status)` holds."""
        def look():
            status = ask_control(state or self.state)
            return status if status is not None and condition(status) else None
        return wait_for(look, what)

    def kill_a_parser(self):
        """Kills one that is at work: a status may still name one that was killed before."""
        def kill():
            for parser in (ask_control(self.state) or {"parsers": []})["parsers"]:
                try:
                    os.kill(parser["pid"], signal.SIGKILL)
                    return True
                except ProcessLookupError:
                    pass
            return False
        wait_for(kill, "a parser to kill")

    # Files.

    def write(self, name, content):
        """A file in the test's folder."""
        path = self.tmp / name
        path.write_text(content, encoding="utf-8")
        return path

    def write_list(self, urls, name="urls.txt"):
        return self.write(name, "".join(url + "\n" for url in urls))

    def records(self, item, out=None):
        return read_records((out or self.out) / (item + ".ndjson"))

    def dead(self, out=None):
        """The dead letters by URL."""
        letters = self.records("dead", out)
        by_url = {letter["url"]: letter for letter in letters}
        self.assertEqual(len(by_url), len(letters), "a URL died twice")
        return by_url
