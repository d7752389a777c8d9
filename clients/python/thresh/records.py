"""Records: what a page function gave, as the bytes that travel to the sink.

The sink writes MessagePack maps as lines of JSON. So a record is a dict with strings as keys; values are
None, bool, int of 64 bits, finite float, str, list, tuple and dict, at most 64 deep.
"""
from __future__ import annotations

import datetime
import math
import numbers
import re
from collections.abc import Mapping
from typing import Any

import msgpack

MAX_RESULT_BYTES = 32 << 20  # Of a page: records and links.
_MAX_DEPTH = 64
_MAX_SHOWN = 60
_ITEM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENTRY_BYTES = 8  # What a record costs beside its bytes.


class BadResult(ValueError):
    """What the function gave is no result; the text says what was expected and found, and where."""


class TooLarge(ValueError):
    """Records and links are over MAX_RESULT_BYTES."""

    def __init__(self) -> None:
        super().__init__("its records and links are over %d bytes" % MAX_RESULT_BYTES)


def shown(value: object) -> str:
    """`value` for people, in a few letters, whatever its own `repr` does."""
    try:
        text = repr(value[:_MAX_SHOWN] if isinstance(value, (str, bytes)) else value)
    except Exception:  # noqa: BLE001: a repr of the user's may raise anything.
        text = "…"
    name = type(value).__name__
    return "%s %s" % (name, text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…")


class Budget:
    """How many bytes a page's result may still take."""

    def __init__(self, size: int = MAX_RESULT_BYTES) -> None:
        self._left = size

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge


def _text(value: str) -> str:
    """Without halves of surrogate pairs, which no UTF-8 can say: they become U+FFFD."""
    try:
        value.encode()
        return str(value)
    except UnicodeEncodeError:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise BadResult("%s: expected a key that is a string, found %s" % (where, shown(key)))
    return _text(key)


def _plain(value: Any, where: str, depth: int, budget: Budget) -> Any:
    """`value` in plain types, all of it looked at."""
    budget.take(1)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = _text(value)
        budget.take(len(text))
        return text
    if isinstance(value, numbers.Integral):
        value = int(value)
        if not -(1 << 63) <= value < 1 << 64:
            raise BadResult("%s: expected an integer of 64 bits, found one of %d bits" % (where, value.bit_length()))
        budget.take(8)
        return value
    if isinstance(value, numbers.Real):
        value = float(value)
        if not math.isfinite(value):
            raise BadResult("%s: expected a finite number, found %s" % (where, shown(value)))
        budget.take(8)
        return value
    if isinstance(value, (datetime.date, datetime.time)):  # A datetime is a date.
        return value.isoformat()
    if isinstance(value, (Mapping, list, tuple)):
        if depth >= _MAX_DEPTH:
            raise BadResult("%s: expected at most %d levels, found more" % (where[:200], _MAX_DEPTH))
        if isinstance(value, Mapping):
            return {_key(key, where): _plain(inner, _inside(where, key), depth + 1, budget)
                    for key, inner in value.items()}
        return [_plain(inner, where + "[]", depth + 1, budget) for inner in value]
    raise BadResult("%s: expected what JSON can say, found %s" % (where, shown(value)))


def _own_name(key: str) -> str:
    """`_id` is the sink's; such keys get what they begin with at their end, as in native parsers."""
    bare = key.lstrip("_")
    return key if bare == key else (bare or "value") + "_" * (len(key) - len(bare))


def _inside(where: str, key: object) -> str:
    return "%s.%s" % (where, key if isinstance(key, str) and len(key) <= _MAX_SHOWN else "…")


def check_item(name: object) -> str:
    """The name of an item, which becomes that of a file."""
    if not isinstance(name, str) or not _ITEM.fullmatch(name) or name in ("dead", "jobs"):
        raise BadResult("expected an item's name of letters, digits, - and _, found %s" % shown(name))
    return name


class RecordBook:
    """The records of one page, as they are found; each item's rows are counted from 0."""

    def __init__(self, item: str, budget: Budget) -> None:
        self._item = check_item(item)
        self._budget = budget
        self._records: dict[str, list[bytes]] = {}
        self._count = 0

    def add(self, record: object) -> None:
        """Takes a record. A key `_item` says which item it is of; other keys that begin with `_` are the
        sink's, and get that at their end. Raises BadResult, TooLarge."""
        where = "record %d" % self._count
        if not isinstance(record, Mapping):
            raise BadResult("%s: expected a dict, found %s" % (where, shown(record)))
        self._count += 1
        plain: dict[str, Any] = _plain(record, where, 0, self._budget)
        item = check_item(plain.pop("_item")) if "_item" in plain else self._item
        fields: dict[str, Any] = {}
        for key, value in plain.items():
            name = _own_name(key)
            if name in fields:
                raise BadResult("%s: expected each key once, found %r twice" % (where, name))
            fields[name] = value
        packed: bytes = msgpack.packb(fields)
        self._budget.take(_ENTRY_BYTES)
        self._records.setdefault(item, []).append(packed)

    def rows(self) -> list[tuple[str, int]]:
        """The items, and how many records each has, in the order of `packed()`."""
        return [(item, len(records)) for item, records in self._records.items()]

    def packed(self) -> bytes:
        """All records, one after another."""
        return b"".join(b"".join(records) for records in self._records.values())
