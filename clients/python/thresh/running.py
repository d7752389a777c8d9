"""Crawls from a program or a notebook: `thresh run`, its records as they come."""
from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from thresh import log, worker
from thresh.errors import ThreshError
from thresh.following import Follower, Record
from thresh.page_function import CannotLoad, PageFunction, load
from thresh.parser import Parser
from thresh.parser_parts import CannotWork, ParserOptions
from thresh.places import Folder, NoPeer, join_run
from thresh.worker_process import Starter, start_fork

_POLL_S = 0.02
_STOP_S = 15.0
_KEEP_S = 0.05  # How often it is looked whether parsers live.
_AGAIN_S = 0.5  # Before a parser that has died is started again.
_NO_RECORDS = ("dead.ndjson", "jobs.ndjson")
_GOOD_CODES = (0, 1, 3)  # Done; no record; some URLs are dead.
_PR_SET_PDEATHSIG = 1

Urls = str | os.PathLike[str] | Iterable[str | Mapping[str, Any]]


def find_program() -> str:
    """The `thresh` command: in $THRESH_BIN, on the PATH, or of the build tree this package lies in."""
    folders = [os.environ.get("THRESH_BIN"), None, str(Path(__file__).resolve().parents[3] / "build" / "bin")]
    for folder in folders:
        if folder != "" and (found := shutil.which("thresh", path=folder)):
            return found
    raise ThreshError("the command thresh is not on the PATH; $THRESH_BIN may name its folder")


class _ForkedParser:
    """A parser that has the caller's function in its memory."""

    def __init__(self, out: str, start: Starter, options: ParserOptions, log_path: Path) -> None:
        self.began = time.monotonic()
        parent = os.getpid()
        is_main = threading.current_thread() is threading.main_thread()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(out, start, options, log_path, parent if is_main else 0)

    @staticmethod
    def _live(out: str, start: Starter, options: ParserOptions, log_path: Path, parent: int) -> None:
        """Never returns: this is the parser's process."""
        status = 70
        try:
            gc.freeze()  # What the caller had is not ours to finish.
            os.setsid()
            fd = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            null = os.open(os.devnull, os.O_RDONLY)
            for old, new in ((null, 0), (fd, 1), (fd, 2)):
                os.dup2(old, new)
            sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace", closefd=False)
            if parent and not worker.die_with(parent):
                return
            state, run_fd = join_run(out)
            Parser(Folder(state), start, options, run_fd).run()
            status = 0
        except (CannotWork, NoPeer) as error:
            log.write(log.ERROR, "parser.stopped", why=error)
        except BaseException:  # noqa: B036: nobody else would tell.
            traceback.print_exc()
        finally:
            os._exit(status)

    def has_ended(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, 0)


class _Records:
    """All records of a run's folder, whatever items there are."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._followers: dict[str, Follower] = {}

    def new(self) -> Iterator[Record]:
        for name in sorted(self._names()):
            follower = self._followers.setdefault(name, Follower(self._out / name))
            item = name.removesuffix(".ndjson")
            for line in follower.lines():
                record: Record = json.loads(line)
                record["_item"] = item
                yield record

    def _names(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return [name for name in os.listdir(self._out) if name.endswith(".ndjson") and name not in _NO_RECORDS]
        return []

    def close(self) -> None:
        for follower in self._followers.values():
            follower.close()


class Run:
    """A crawl at work: an iterator of its records, dicts, each with its item as `_item`.

    When it has ended: `code` is the command's exit status, `summary` what it said, `dead` its dead letters.
    `close()`, `with`, or the end of a program stops it.
    """

    def __init__(self, command: list[str], out: Path, temporary: bool, parsers: Callable[[int], _ForkedParser] | None,
                 count: int, urls: Path | None) -> None:
        self.out, self._temporary, self._urls = out, temporary, urls
        self.code: int | None = None
        self.summary = ""
        self.dead: list[Record] = []
        self._make_parser, self._count = parsers, count
        self._parsers: list[_ForkedParser] = []
        self._records = _Records(out)
        self._found: Iterator[Record] | None = None  # What is being read.
        self._ended_with: int | None = None
        self._kept_at = 0.0
        self._begun = False
        self._words = tempfile.TemporaryFile()
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._words,
                                         start_new_session=True, preexec_fn=_die_with_us())

    def __iter__(self) -> Run:
        return self

    def __next__(self) -> Record:
        while True:
            if self.code is not None:
                raise StopIteration
            if self._found is None:
                self._ended_with = self._process.poll()  # Before the files are read: then there is no more.
                if self._ended_with is None and not self._has_begun():
                    time.sleep(_POLL_S)
                    continue
                self._found = self._records.new()
            self._keep_parsers()
            if (record := next(self._found, None)) is not None:
                return record
            self._found = None
            if self._ended_with is not None:
                self._end(self._ended_with)
            else:
                time.sleep(_POLL_S)

    def _has_begun(self) -> bool:
        """Whether the run has its folder, with what an earlier one left there deleted if need be: then it has
        children."""
        if not self._begun:
            with contextlib.suppress(OSError), open("/proc/%d/task/%d/children" % (2 * (self._process.pid,)), "rb") as children:
                self._begun = bool(children.read().strip())
        return self._begun

    def _keep_parsers(self) -> None:
        """As many as wanted: who has died is replaced."""
        now = time.monotonic()
        if self._make_parser is None or now - self._kept_at < _KEEP_S or self._process.poll() is not None:
            return
        self._kept_at = now
        for number in range(self._count):
            if number < len(self._parsers):
                old = self._parsers[number]
                if time.monotonic() - old.began < _AGAIN_S or not old.has_ended():
                    continue
                self._parsers[number] = self._make_parser(number)
            else:
                self._parsers.append(self._make_parser(number))

    def wait(self) -> Run:
        """To the end of the crawl; what was not iterated over is only in the files."""
        for _ in self:
            pass
        return self

    def _end(self, code: int) -> None:
        self.code = code
        self._words.seek(0)
        self.summary = self._words.read().decode("utf-8", "replace")
        if self._temporary:  # Its files are gone when this is read.
            self.summary = self.summary.replace("%s/dead.ndjson" % self.out, "run.dead")
        with contextlib.suppress(FileNotFoundError), open(self.out / "dead.ndjson", "rb") as letters:
            self.dead = [json.loads(line) for line in letters]
        self._clear()
        if code not in _GOOD_CODES:
            raise ThreshError("thresh run ended with status %d; it said:\n%s" % (code, self.summary.strip()), code)

    def close(self) -> None:
        """Ends the crawl, if it has not ended; given a folder, the same call goes on with it."""
        if self.code is None:
            self.code = self._stop()
            self._clear()

    def _stop(self) -> int:
        self._process.terminate()
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _clear(self) -> None:
        for parser in self._parsers:
            parser.kill()
        self._parsers.clear()
        self._records.close()
        self._words.close()
        if self._urls:
            self._urls.unlink(missing_ok=True)
        if self._temporary:
            shutil.rmtree(self.out, ignore_errors=True)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self.close()


def _die_with_us() -> Callable[[], None] | None:
    """For the child: the kernel asks it to end when we are gone. By thread, so only from the main one."""
    if threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) and None


def _as_set(key: str, value: object) -> str:
    return "%s=%s" % (key, value if isinstance(value, str) and not key.startswith(("allow", "deny")) else json.dumps(value))


def _url_list(urls: Iterable[str | Mapping[str, Any]]) -> Path:
    fd, name = tempfile.mkstemp(prefix="thresh-urls-", suffix=".txt")
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        for url in urls:
            text = url if isinstance(url, str) else json.dumps(url)
            if "\n" in text or "\r" in text:
                raise ThreshError("expected a URL a line, found %r" % text[:80])
            file.write(text + "\n")
    return Path(name)


def _function(what: object) -> PageFunction | None:
    """A function, or one that is named, as scraper:parse_page; None for a recipe."""
    if what is None or isinstance(what, os.PathLike):
        return None
    if callable(what):
        return what
    if isinstance(what, str):
        module, colon, name = what.rpartition(":")
        if colon and module and name.replace(".", "").isidentifier():
            try:
                return load(what)
            except CannotLoad as error:
                raise ThreshError(str(error)) from None
        return None
    raise ThreshError("expected a function, MODULE:FUNCTION, or a recipe, found %r" % (what,))


def run(urls: Urls, what: PageFunction | str | os.PathLike[str] | None = None, *,
        recipe: str | os.PathLike[str] | None = None, out: str | os.PathLike[str] | None = None, parsers: int | None = None,
        as_bytes: bool = False, settings: Mapping[str, object] | None = None, fresh: bool = False,
        parse_timeout_ms: int = 10_000, arguments: Iterable[str] = ()) -> Run:
    """Crawls; the records come as dicts: `for record in thresh.run(urls, parse_page): ...`

    `urls`: URLs or feed lines (dicts), or the path of a list or a `.csv`. `what`: a page function, of any kind
    and wherever it is defined, or its name (`scraper:parse_page`), or a recipe's file or name; None: the recipe
    `page`. `recipe`: the recipe beside a function, for its `allow` and `[fetch]`. `out`: the folder of the
    records, with which the same call goes on if it is broken off, and then gives all of its records; without one
    nothing is kept. `settings` go over the recipe's: `{"fetch.per_host": 20}`; `arguments` are more of
    `thresh run --help`. `as_bytes`: the function gets bytes. Raises ThreshError.
    """
    function = _function(what)
    if function is None and what is not None:
        if recipe is not None:
            raise ThreshError("expected a function beside recipe=, found the recipe %s" % (what,))
        recipe = what  # type: ignore[assignment]
    folder = Path(out) if out is not None else Path(tempfile.mkdtemp(prefix="thresh-run-"))
    command = [find_program(), "run", "-o", os.fspath(folder)]
    made = None if isinstance(urls, (str, os.PathLike)) else _url_list(urls)
    command += [urls] if isinstance(urls, str) and "://" in urls else ["-f", os.fspath(made or urls)]  # type: ignore[arg-type]
    if recipe is not None:
        command += ["-r", os.fspath(recipe)]
    for key, value in (settings or {}).items():
        command += ["--set", _as_set(key, value)]
    count = parsers if parsers is not None else os.cpu_count() or 1
    command += ["-j", str(count)] if function is None else ["--parser", "-"]
    command += [*(["--fresh"] if fresh else []), *arguments]
    forked = None
    if function is not None:
        start = start_fork(function, worker.WorkerOptions(as_bytes=as_bytes))
        options = ParserOptions(parse_timeout_ms=parse_timeout_ms)

        def forked(number: int) -> _ForkedParser:
            return _ForkedParser(str(folder), start, options, folder / ".thresh" / ("parser-%d.log" % (number + 1)))
    return Run(command, folder, out is None, forked, count, made)
