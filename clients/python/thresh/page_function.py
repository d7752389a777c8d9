"""The user's function: found by its name, called with a page, and what it gave put in order."""
from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thresh.links import Link, absolute
from thresh.records import BadResult, Budget, RecordBook, shown

_MOST_DETAIL = 8000
_MOST_FRAMES = 30
_EXTRAS = ("url", "status", "headers", "meta")  # What a parameter of that name gets.
_LINK_BYTES = 32

PageFunction = Callable[..., Any]


class CannotLoad(Exception):
    """There is no such function; the text says what was looked for and what was in the way."""


def load(name: str) -> PageFunction:
    """The function `module:function`, or `path/to/file.py:function`. Its module is looked for in the
    current folder first. Raises CannotLoad."""
    module_name, colon, path = name.rpartition(":")
    if not colon or not module_name or not path:
        raise CannotLoad("expected MODULE:FUNCTION, as in scraper:parse_page, found %s" % shown(name))
    try:
        found: Any = _load_file(module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
    except BaseException as error:  # noqa: B036: a module that says sys.exit() is one that cannot be used.
        raise CannotLoad("%s cannot be imported: %s" % (module_name, _one_line(error))) from error
    for part in path.split("."):
        found = getattr(found, part, None)
        if found is None:
            raise CannotLoad("%s has no %s" % (module_name, path))
    if not callable(found):
        raise CannotLoad("%s: expected a function, found %s" % (name, shown(found)))
    return found  # type: ignore[no-any-return]


def _load_file(path: str) -> Any:
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("no Python file: " + path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _one_line(error: BaseException) -> str:
    return " ".join("".join(traceback.format_exception_only(type(error), error)).split())[:500]


def describe(error: BaseException) -> str:
    """An exception for a dead letter: its line first, then where it came from, in at most 8,000 letters."""
    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-_MOST_FRAMES)
        text = "".join(lines).strip()
        last = "".join(traceback.format_exception_only(type(error), error)).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001: of an exception whose own methods fail.
        return type(error).__name__
    if len(text) > _MOST_DETAIL:
        text = text[:_MOST_DETAIL // 4] + "\n…\n" + text[-_MOST_DETAIL * 3 // 4:]
    return "%s\n%s" % (last[:500], text)


@dataclass
class Page:
    """What the function may be given of a page."""

    content: str | bytes
    url: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    meta: Any = None


@dataclass
class Found:
    """What a page function found: records, and links with absolute URLs, each once."""

    records: RecordBook
    links: list[Link]


def _extras(function: PageFunction) -> tuple[str, ...]:
    """Names of the parameters behind the first that get something of the page."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):  # Some that are written in C say nothing of themselves.
        return ()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return tuple(p.name for p in parameters if p.name in _EXTRAS and p.kind in kinds)


def _is_urls(value: object) -> bool:
    """Whether this is what a function gives beside its records: None, a URL, or several."""
    if value is None or isinstance(value, (str, Link)):
        return True
    return isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(v, (str, Link)) for v in value)


class Caller:
    """Calls one function with page after page; coroutines run in one event loop."""

    def __init__(self, function: PageFunction) -> None:
        self._function = function
        self._names = _extras(function)
        self._runner: asyncio.Runner | None = None

    def call(self, page: Page, item: str) -> Found:
        """Raises BadResult, TooLarge, and what the function raises."""
        found = _Collector(page.url, item)
        result = self._function(page.content, **{name: getattr(page, name) for name in self._names})
        if inspect.isawaitable(result):
            result = self._run(_wait(result))
        if isinstance(result, AsyncIterator):
            self._run(_take_all(result, found))
        else:
            found.take_result(result)
        return found.done()

    def _run(self, coroutine: Any) -> Any:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(coroutine)


async def _wait(awaitable: Any) -> Any:
    return await awaitable


async def _take_all(result: AsyncIterator[Any], found: _Collector) -> None:
    async for value in result:
        found.take_yielded(value)


class _Collector:
    """Sorts what a function gives into records and links."""

    def __init__(self, base: str, item: str) -> None:
        self._base = base
        self._budget = Budget()
        self._records = RecordBook(item, self._budget)
        self._links: dict[tuple[str, str, bytes], Link] = {}

    def done(self) -> Found:
        return Found(self._records, list(self._links.values()))

    def take_result(self, result: Any) -> None:
        """Records; `(records, next_url)`; or a generator that yields records and may return next_url."""
        if result is None:
            return
        if inspect.isgenerator(result):
            self._take_generator(result)
        elif isinstance(result, tuple) and len(result) == 2 and self._is_pair(*result):
            self._take_records(result[0])
            self._take_urls(result[1])
        else:
            self._take_records(result)

    @staticmethod
    def _is_pair(records: object, urls: object) -> bool:
        if _is_urls(urls):
            return True
        if isinstance(records, Mapping) and isinstance(urls, Mapping):
            return False  # Two records.
        raise BadResult("next_url: expected None, a URL or a list of URLs, found %s" % shown(urls))

    def _take_generator(self, generator: Any) -> None:
        while True:
            try:
                value = next(generator)
            except StopIteration as end:
                if not _is_urls(end.value):
                    raise BadResult("what the generator returned: expected None, a URL or a list of URLs, found %s"
                                    % shown(end.value)) from None
                self._take_urls(end.value)
                return
            self.take_yielded(value)

    def take_yielded(self, value: Any) -> None:
        """A record, a Link, or `(records, next_url)`."""
        if isinstance(value, Link):
            self._add(value)
        elif isinstance(value, tuple):
            self.take_result(value)
        else:
            self._records.add(value)

    def _take_records(self, records: Any) -> None:
        if records is None:
            return
        if isinstance(records, Mapping):
            self._records.add(records)
            return
        if isinstance(records, (str, bytes, bytearray)) or not isinstance(records, Iterable):
            raise BadResult("expected records, a list of dicts, or (records, next_url), found %s" % shown(records))
        for record in records:
            if isinstance(record, Link):
                self._add(record)
            else:
                self._records.add(record)

    def _take_urls(self, urls: Any) -> None:
        if urls is None:
            return
        for url in [urls] if isinstance(urls, (str, Link)) else urls:
            self._add(url if isinstance(url, Link) else Link(url))

    def _add(self, link: Link) -> None:
        """Links to what is not http or https, and broken ones, are no links, as on any page."""
        _check(link)
        if not link.url.strip():
            return
        url = absolute(self._base, link.url)
        if url is None:
            return
        body = link.body if isinstance(link.body, bytes) else link.body.encode("utf-8", "replace")
        key = (url, link.method, body)
        if key in self._links:
            return
        self._budget.take(len(url) + len(body) + _LINK_BYTES + sum(len(n) + len(v) for n, v in link.headers.items()))
        self._links[key] = Link(url, link.recipe, link.method, link.headers, body, link.delay_ms, link.root)


def _check(link: Link) -> None:
    texts = (link.url, link.recipe, link.method)
    if not all(isinstance(text, str) for text in texts) or not isinstance(link.body, (str, bytes)):
        raise BadResult("expected a link of strings, found %s" % shown(link))
    if not isinstance(link.headers, Mapping) or not all(
            isinstance(text, str) for pair in link.headers.items() for text in pair):
        raise BadResult("headers of a link: expected a dict of strings, found %s" % shown(link.headers))
    if not isinstance(link.delay_ms, int) or not 0 <= link.delay_ms < 1 << 63:
        raise BadResult("delay_ms of a link: expected milliseconds, found %s" % shown(link.delay_ms))
