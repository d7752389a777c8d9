"""A parser: pages come in from the fetcher, a worker calls the function, results go out to the sink.

    TASK --> waiting --> worker (one page at a time, in a process of its own) --> RESULT --> CREDIT

It keeps nothing: what it has when it dies is done again by another. The loop never waits for the
function, so that messages are answered while that runs, and a page that takes too long costs only itself.
"""
from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections import deque
from typing import Any

import zmq

from thresh import log, peers
from thresh.flight import FlightRecorder
from thresh.parser_parts import CannotWork, Parsed, ParserOptions, Waiting, connect, fill_link, send, signal_name
from thresh.peers import Life, wire
from thresh.pipe import Message
from thresh.places import Folder
from thresh.recipe import RecipeSketch, sketch
from thresh.records import MAX_RESULT_BYTES, TooLarge
from thresh.worker_process import Starter, WorkerProcess, resident_bytes

_HELLO_S = 0.5
_TICK_S = 0.1
_TELL_WITHIN_S = 0.02
_TELL_MEMORY_S = 1.0
_GRACE_S = 2.0
_LOAD_S = 120.0
_LINGER_MS = 200
_WINDOW_US = 100_000
_MOST_CRASHES = 3  # Of a page whose worker says how it died.
_MOST_KILLS = 10  # Of one whose worker was killed.
_MOST_EARLY_DEATHS = 5
_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}


class Parser:
    """One parser, at work until `run()` returns. Makes no threads; signals are its own while it runs."""

    def __init__(self, folder: Folder, start: Starter, options: ParserOptions, run_fd: int = -1) -> None:
        self._folder, self._start, self._options, self._run_fd = folder, start, options, run_fd
        self._self = peers.new_life()
        self._context: Any = zmq.Context(io_threads=1)
        self._recorder: FlightRecorder | None = None
        self._stopping_at: float | None = None
        self._worker = WorkerProcess(start)
        self._worker_began = time.monotonic()
        self._early_deaths = 0  # Of workers in a row, before they had the function.
        # The session with the fetcher,
        self._fetcher: Life | None = None
        self._recipes: dict[bytes, RecipeSketch | None] = {}
        self._waiting: deque[Waiting] = deque()
        self._at_work: Waiting | None = None
        self._received_total = self._parsed_total = 0
        self._parsed: list[Parsed] = []
        self._told_at = self._memory_told_at = self._hello_at = self._ticked_at = 0.0
        self._blocked_told = False
        self._page_us = 20_000.0
        # and with the sink.
        self._sink: Life | None = None
        self._sent_bytes = self._byte_credit = 0

    # ---- Its life ----------------------------------------------------------------------

    def run(self) -> None:
        """Works until SIGTERM, SIGINT, or the end of the run that was joined. Raises CannotWork, also if the
        function cannot be loaded."""
        wake, signalled = socket.socketpair()
        for end in (wake, signalled):
            end.setblocking(False)
        old_fd = signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        try:
            self._load()
            self._open()
            self._turn(wake)
        finally:
            self._worker.kill()
            signal.set_wakeup_fd(old_fd)
            self._context.destroy(linger=_LINGER_MS)
            wake.close()
            signalled.close()

    def _load(self) -> None:
        """Until the worker has the function: before that there is nothing to ask for."""
        poller = zmq.Poller()
        poller.register(self._worker.fileno(), zmq.POLLIN)
        poller.register(self._worker.death_fd, zmq.POLLIN)
        while not self._worker.ready and self._stopping_at is None:
            poller.poll(int(_TICK_S * 1000))
            self._hear_worker()
            self._look_at_worker()

    def _open(self) -> None:
        self._to_fetcher = connect(self._context, self._folder.socket("parsers.ipc"), self._self.routing_id())
        self._to_sink = connect(self._context, self._folder.socket("sink.ipc"), self._self.routing_id())
        try:
            self._recorder = FlightRecorder(os.path.join(self._folder.path, "flight"), *self._self)
        except OSError as error:  # Then the fetcher goes by what it sees.
            log.write(log.WARN, "recorder.missing", why=error)
        self._say_hello()

    def _turn(self, wake: socket.socket) -> None:
        while not self._is_over():
            poller = zmq.Poller()
            poller.register(self._to_fetcher, zmq.POLLIN)
            poller.register(self._to_sink, zmq.POLLIN)
            poller.register(wake.fileno(), zmq.POLLIN)
            poller.register(self._worker.fileno(), zmq.POLLIN | (zmq.POLLOUT if self._worker.wants_to_send else 0))
            poller.register(self._worker.death_fd, zmq.POLLIN)
            if self._run_fd >= 0 and self._stopping_at is None:
                poller.register(self._run_fd, zmq.POLLIN)
            ready = dict(poller.poll(int(self._wait_s() * 1000) + 1))
            with contextlib.suppress(BlockingIOError):
                wake.recv(64)
            if self._run_fd in ready:
                self._stop()
            self._drain(self._to_fetcher, self._hear_fetcher)
            self._drain(self._to_sink, self._hear_sink)
            self._worker.send_more()
            self._hear_worker()
            self._look_at_worker()
            self._work()
            self._repeat()
        self._leave()

    def _wait_s(self) -> float:
        return _TICK_S if self._at_work or self._stopping_at is not None else _HELLO_S

    def _stop(self) -> None:
        if self._stopping_at is None:
            self._stopping_at = time.monotonic()

    def _is_over(self) -> bool:
        """Asked to go, and the page at work is done, is at work elsewhere, too, or has had its time."""
        if self._stopping_at is None:
            return False
        return self._at_work is None or self._at_work.taken or time.monotonic() - self._stopping_at >= _GRACE_S

    def _leave(self) -> None:
        """Our pages are with others before we are gone, and none is to blame."""
        if self._recorder:
            self._recorder.end()
        if self._fetcher is None:
            return
        if self._parsed:
            self._say_credit()
        message = peers.envelope(self._self, self._fetcher)
        message.goodbye.SetInParent()
        send(self._to_fetcher, message)

    # ---- What arrives ------------------------------------------------------------------

    @staticmethod
    def _drain(sock: Any, hear: Any) -> None:
        while True:
            try:
                frames = sock.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            hear(frames)

    def _hear_fetcher(self, frames: list[bytes]) -> None:
        found = peers.read(frames[0])
        if found is None:
            log.write(log.WARN, "fetcher.message_refused", bytes=len(frames[0]))
            return
        sender, message = found
        if peers.life_of(message.to) != self._self:
            return
        self._meet_fetcher(sender)
        kind = message.WhichOneof("message")
        if kind == "task" and len(frames) > 1 and len(message.task.recipe_hash) == 16:
            self._take_task(Waiting(message.task, sender, frames[1]))
        elif kind == "taken":
            for page in message.taken.pages:
                self._take_taken((page.id, page.attempt))
        elif kind == "body_part" and len(frames) > 1:
            self._take_part(message.body_part, frames[1])
        elif kind == "recipe" and len(frames) > 1:
            self._recipes[message.recipe.hash] = sketch(frames[1])

    def _meet_fetcher(self, sender: Life) -> None:
        """Pages of a fetcher's earlier life are not ours any more: it hands them out again."""
        if self._fetcher == sender:
            return
        self._fetcher = sender
        self._waiting.clear()
        self._parsed.clear()
        self._parsed_total = self._received_total = 0
        self._recipes = {key: recipe for key, recipe in self._recipes.items() if recipe is not None}
        log.write(log.INFO, "fetcher.found")
        self._say_hello()

    def _take_task(self, page: Waiting) -> None:
        self._received_total += 1
        recipe_hash = page.task.recipe_hash
        if recipe_hash not in self._recipes:
            self._recipes[recipe_hash] = None
            self._ask_for_recipe(recipe_hash)
        self._waiting.append(page)
        if len(self._waiting) == 1:
            self._ask_for_part()

    def _take_taken(self, key: tuple[int, int]) -> None:
        """Others have this page, too. What we have begun we end: its result may be the first."""
        if self._at_work is not None and self._at_work.key == key:
            self._at_work.taken = True
        for page in [page for page in self._waiting if page.key == key]:
            self._drop(page)

    def _drop(self, page: Waiting) -> None:
        """Forgets a page that is not begun; what it cost of our credit is had back."""
        was_next = page is self._waiting[0]
        self._waiting.remove(page)
        self._parsed_total += 1
        self._parsed.append(Parsed(*page.key, dropped=True))
        if was_next:
            self._ask_for_part()

    def _ask_for_recipe(self, recipe_hash: bytes) -> None:
        message = peers.envelope(self._self, self._fetcher)
        message.need.recipe_hash = recipe_hash
        send(self._to_fetcher, message)

    def _ask_for_part(self) -> None:
        """Of a large body: the oldest page's, one part at a time."""
        if not self._waiting or self._waiting[0].has_body:
            return
        page = self._waiting[0]
        message = peers.envelope(self._self, self._fetcher)
        message.body_wanted.id, message.body_wanted.attempt = page.key
        message.body_wanted.offset = len(page.parts)
        send(self._to_fetcher, message)

    def _take_part(self, part: Any, data: bytes) -> None:
        page = self._waiting[0] if self._waiting else None
        if page is None or (part.id, part.attempt) != page.key or page.has_body:
            return
        if part.gone:
            self._drop(page)
            return
        if part.offset != len(page.parts) or len(data) > page.task.body_bytes - len(page.parts):
            return  # It came twice, or is not what was promised.
        page.parts += data
        self._ask_for_part()

    def _hear_sink(self, frames: list[bytes]) -> None:
        found = peers.read(frames[0])
        if found is None:
            log.write(log.WARN, "sink.message_refused", bytes=len(frames[0]))
            return
        sender, message = found
        if peers.life_of(message.to) != self._self:
            return
        if self._sink != sender:
            self._sink = sender
            self._sent_bytes = self._byte_credit = 0
            log.write(log.INFO, "sink.found")
        if message.WhichOneof("message") == "byte_credit":
            self._byte_credit = max(self._byte_credit, message.byte_credit.bytes_total)

    # ---- The worker --------------------------------------------------------------------

    def _hear_worker(self) -> None:
        try:
            messages = self._worker.receive()
        except (ValueError, OSError) as error:
            log.write(log.WARN, "worker.message_refused", why=error)
            self._worker.kill()
            self._begin_worker_anew("spoke rubbish")
            return
        if self._worker.failed:
            raise CannotWork(self._worker.failed)
        for message in messages:
            if self._at_work is not None:
                self._finish(self._at_work, message)

    def _look_at_worker(self) -> None:
        """Whether it has ended, or its page is over its time."""
        now = time.monotonic()
        # Time in which we were stopped ourselves is no fault of the page.
        passed, self._ticked_at = min(now - self._ticked_at, 5 * _TICK_S), now
        status = self._worker.ended()
        if status is not None:
            self._early_deaths = 0 if self._worker.ready else self._early_deaths + 1
            if self._early_deaths >= _MOST_EARLY_DEATHS:
                raise CannotWork("its worker ended with status %d before it had the function" % status)
            self._take_death(status)
        elif self._at_work is not None:
            self._at_work.time_s += passed
            limit = self._options.parse_timeout_ms
            if limit and self._at_work.time_s * 1000 > limit:
                self._worker.kill()
                self._end_page(self._at_work, "parse_timeout", "over %d ms (--parse-timeout-ms)" % limit)
                self._begin_worker_anew("a page is over its time")
        elif not self._worker.ready and now - self._worker_began > _LOAD_S:
            raise CannotWork("its function cannot be loaded within %d s" % _LOAD_S)

    def _take_death(self, status: int) -> None:
        """A crash is the page's fault, being killed perhaps; so it is tried again, as often as others would."""
        page = self._at_work
        number = status - 128
        words = "signal %d (%s)" % (number, signal_name(number)) if number > 0 else "exit status %d" % status
        log.write(log.WARN, "worker.ended", why=words)
        if page is not None:
            if number > 0 and number not in _CRASHES:
                page.kills += 1
            else:
                page.crashes += 1
            if page.crashes >= _MOST_CRASHES or page.kills >= _MOST_KILLS:
                self._end_page(page, "parse_crash", "%s, %d times" % (words, page.crashes + page.kills))
            else:
                self._at_work = None
                if page.source == self._fetcher:
                    self._waiting.appendleft(page)
        self._begin_worker_anew(words)

    def _begin_worker_anew(self, why: str) -> None:
        log.write(log.INFO, "worker.started", after=why)
        self._worker = WorkerProcess(self._start)
        self._worker_began = time.monotonic()

    # ---- Work ----------------------------------------------------------------------------

    @property
    def _blocked(self) -> bool:
        return self._sent_bytes >= self._byte_credit

    def _work(self) -> None:
        page = self._waiting[0] if self._waiting else None
        recipe = self._recipes.get(page.task.recipe_hash) if page else None
        may_begin = (page is not None and page.has_body and recipe is not None and self._at_work is None
                     and self._worker.ready and not self._blocked and self._stopping_at is None)
        if self._credit_is_due(may_begin):
            self._say_credit()
        if may_begin and self._blocked_told:
            self._say_credit()  # One of dropped pages alone did not say it.
        if may_begin and page is not None and recipe is not None:
            self._waiting.popleft()
            self._ask_for_part()
            self._begin(page, recipe)

    def _credit_is_due(self, may_begin: bool) -> bool:
        if self._fetcher is None:
            return False
        if may_begin and self._blocked_told:
            return True
        if not self._parsed:
            return False
        return (not may_begin or len(self._parsed) >= self._window() // 2
                or time.monotonic() - self._told_at >= _TELL_WITHIN_S)

    def _begin(self, page: Waiting, recipe: RecipeSketch) -> None:
        task = page.task
        self._at_work = page
        self._began_at = self._ticked_at = time.monotonic()
        if self._recorder:
            self._recorder.begin(page.source.incarnation, task.id, task.attempt)
        self._worker.send({
            "body": bytes(page.parts) if page.parts else page.body, "url": task.url, "status": task.status,
            "headers": [(header.name, header.value) for header in task.headers], "meta": task.meta,
            "max_body_bytes": task.max_body_bytes, "item": self._options.item or recipe.item,
            "body_as": recipe.body_as, "body_charset": recipe.body_charset})

    def _finish(self, page: Waiting, message: Message) -> None:
        """What the worker says of a page."""
        if message["kind"] == "retry":
            self._send_retry(page, message)
            self._close(page)
            return
        if message["kind"] == "dead":
            self._end_page(page, message["reason"], message["detail"], message.get("body_start", b""))
            return
        result = self._result_of(page)
        result.result.outcome = wire.OUTCOME_DONE
        for item, count in message["rows"]:
            rows = result.result.rows.add()
            rows.item = item
            rows.row.extend(range(count))
        for found in message["links"]:
            fill_link(result.result.links.add(), found)
        if result.result.ByteSize() + len(message["records"]) > MAX_RESULT_BYTES:
            self._end_page(page, "result_too_large", str(TooLarge()))
            return
        self._send_result(result, message["records"])
        self._close(page)

    def _result_of(self, page: Waiting) -> Any:
        message = peers.envelope(self._self, self._sink)
        message.result.source.uuid, message.result.source.incarnation = page.source
        message.result.id, message.result.attempt = page.key
        message.result.page = page.task.page
        return message

    def _end_page(self, page: Waiting, reason: str, detail: str | bytes, body_start: bytes = b"") -> None:
        """As a dead letter."""
        message = self._result_of(page)
        message.result.outcome = wire.OUTCOME_DEAD
        message.result.reason = reason
        message.result.detail = detail if isinstance(detail, bytes) else detail.encode("utf-8", "replace")
        message.result.body_start = body_start
        self._send_result(message, b"")
        self._close(page)

    def _send_result(self, message: Any, records: bytes) -> None:
        self._sent_bytes += send(self._to_sink, message, records)

    def _send_retry(self, page: Waiting, found: Message) -> None:
        message = peers.envelope(self._self, self._fetcher)
        message.retry.id, message.retry.attempt = page.key
        message.retry.why = found["why"].decode()
        message.retry.after_ms = found["after_ms"]
        message.retry.max_attempts = found["max_attempts"]
        message.retry.whole_host = found["whole_host"]
        message.retry.status = page.task.status
        message.retry.body_start = found.get("body_start", b"")
        if page.source == self._fetcher:
            send(self._to_fetcher, message)

    def _close(self, page: Waiting) -> None:
        if self._recorder:
            self._recorder.end()
        self._at_work = None
        took_us = int((time.monotonic() - self._began_at) * 1e6) + 1
        self._page_us += (took_us - self._page_us) / 8
        if page.source == self._fetcher:
            self._parsed_total += 1
            self._parsed.append(Parsed(*page.key, took_us))

    # ---- What is said --------------------------------------------------------------------

    def _window(self) -> int:
        """2 to 16 pages, about 100 ms of work."""
        return int(min(max(_WINDOW_US / max(self._page_us, 1.0), 2), 16))

    def _say_credit(self) -> None:
        message = peers.envelope(self._self, self._fetcher)
        message.credit.credit_total = self._parsed_total + self._window()
        message.credit.memory_bytes = self._memory_to_tell()
        for page in self._parsed:
            message.credit.parsed.add(id=page.id, attempt=page.attempt, parse_us=page.took_us, dropped=page.dropped)
        if not self._parsed or not all(page.dropped for page in self._parsed):
            self._blocked_told = False  # Pages that were dropped do not tell the fetcher that we go on.
        self._parsed.clear()
        self._told_at = time.monotonic()
        send(self._to_fetcher, message)

    def _repeat(self) -> None:
        """Who cannot go on says HELLO: the fetcher it waits for may be a new one that does not know it."""
        if time.monotonic() - self._hello_at < _HELLO_S:
            return
        self._hello_at = time.monotonic()
        if self._at_work is not None or self._stopping_at is not None:
            return
        wanted = self._waiting[0].task.recipe_hash if self._waiting else b""
        lacks_recipe = bool(self._waiting) and self._recipes.get(wanted) is None
        if not self._waiting or self._blocked or lacks_recipe:
            self._say_hello()
        self._ask_for_part()
        if lacks_recipe:
            self._ask_for_recipe(wanted)

    def _say_hello(self) -> None:
        self._blocked_told = self._blocked
        self._hello_at = time.monotonic()
        memory_bytes = self._memory_to_tell()
        for sock, to, credit in ((self._to_fetcher, self._fetcher, self._parsed_total + self._window()),
                                 (self._to_sink, self._sink, 0)):
            message = peers.envelope(self._self, to)
            message.hello.pid = os.getpid()
            message.hello.recipes.extend(self._options.recipes)
            message.hello.credit_total = credit
            message.hello.blocked = self._blocked
            message.hello.waiting_count = len(self._waiting) + (self._at_work is not None)
            message.hello.received_total = self._received_total
            message.hello.memory_bytes = memory_bytes
            send(sock, message)

    def _memory_to_tell(self) -> int:
        """Once a second; 0: not this time."""
        now = time.monotonic()
        if now - self._memory_told_at < _TELL_MEMORY_S:
            return 0
        self._memory_told_at = now
        return resident_bytes(os.getpid()) + self._worker.resident_bytes()
