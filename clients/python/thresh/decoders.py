"""Bytes to text, as the Encoding standard's decoders have it: what stands for nothing is U+FFFD.

Python's codecs know the tables; where those differ from the standard's the patches here say how.
"""
from __future__ import annotations

import functools
import re
from collections.abc import Callable

from thresh.decoder_patches import BIG5, GB18030, SINGLE_BYTE

_BROKEN = "\ufffd"
_MARKS = {"UTF-8": b"\xef\xbb\xbf", "UTF-16BE": b"\xfe\xff", "UTF-16LE": b"\xff\xfe"}
_CODECS = {"macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "windows-874": "cp874",
           "ISO-8859-8-I": "iso8859_8", "IBM866": "cp866"}

PairTable = dict[bytes, str]


def decode(body: bytes, charset: str) -> str:
    """The text of `body`, without a byte order mark. `charset` is a name from thresh.charset."""
    body = body.removeprefix(_MARKS.get(charset, b"")) if charset in _MARKS else body
    if charset == "UTF-8":
        return body.decode("utf-8", "replace")
    if charset in ("UTF-16BE", "UTF-16LE"):
        return _utf16(body, charset)
    if charset == "replacement":
        return _BROKEN if body else ""
    if charset == "ISO-2022-JP":
        return _iso_2022_jp(body)
    if body.isascii():
        return body.decode("ascii")
    if charset in _PAIRS:
        return _PAIRS[charset](body)
    return body.decode("latin-1").translate(_single_byte(charset))


def _utf16(body: bytes, charset: str) -> str:
    codec = "utf-16-be" if charset == "UTF-16BE" else "utf-16-le"
    whole = body[:len(body) & ~1].decode(codec, "surrogatepass")
    text = re.sub("[\ud800-\udfff]", _BROKEN, whole)
    if len(body) % 2 and not "\ud800" <= whole[-1:] <= "\udbff":
        text += _BROKEN  # A lone byte; behind half a pair the two are one fault.
    return text


@functools.cache
def _single_byte(charset: str) -> dict[int, str]:
    """What each byte from 80 on stands for, by its value."""
    if charset == "x-user-defined":
        return {byte: chr(0xF700 + byte) for byte in range(0x80, 0x100)}
    table = {}
    codec = _CODECS.get(charset, charset)
    for byte in range(0x80, 0x100):
        text = bytes([byte]).decode(codec, "replace")
        if text == _BROKEN and byte < 0xA0 and charset.startswith("windows-"):
            text = chr(byte)  # Control characters, where nothing else is assigned.
        table[byte] = text
    table.update(SINGLE_BYTE.get(charset, {}))
    return table


@functools.cache
def _pairs(codec: str, leads: tuple[int, int], trails: tuple[int, int]) -> PairTable:
    """What Python's codec knows of pairs, but for private characters."""
    table = {}
    for lead in range(leads[0], leads[1] + 1):
        for trail in range(trails[0], trails[1] + 1):
            pair = bytes((lead, trail))
            try:
                text = pair.decode(codec)
            except UnicodeDecodeError:
                continue
            if len(text) == 1 or codec == "big5hkscs":
                table[pair] = text
    return table


_ascii_run = re.compile(rb"[\x00-\x7f]*").match


def _over_ascii(body: bytes, sequence_at: Callable[[int], tuple[int, str]]) -> str:
    """ASCII as it stands; `sequence_at(at)` says of all else how many bytes it takes, and its text."""
    parts: list[str] = []
    at, size = 0, len(body)
    while at < size:
        end = _ascii_run(body, at).end()  # type: ignore[union-attr]
        if end > at:
            parts.append(body[at:end].decode("ascii"))
            at = end
            continue
        taken, text = sequence_at(at)
        parts.append(text)
        at += taken
    return "".join(parts)


def _by_pairs(body: bytes, table: PairTable, singles: dict[int, str]) -> str:
    """Where every sequence is a lead and a trail byte: if it is none, a trail that is ASCII counts for itself."""
    def at_pair(at: int) -> tuple[int, str]:
        single = singles.get(body[at])
        if single is not None:
            return 1, single
        pair = body[at:at + 2]
        text = table.get(pair)
        return (2 if text or (len(pair) == 2 and pair[1] >= 0x80) else 1), text or _BROKEN
    return _over_ascii(body, at_pair)


def _euc_kr(body: bytes) -> str:
    return _by_pairs(body, _pairs("cp949", (0x81, 0xFE), (0x41, 0xFE)), {0x80: _BROKEN, 0xFF: _BROKEN})


@functools.cache
def _big5_table() -> PairTable:
    table = {pair: text for pair, text in _pairs("big5hkscs", (0x81, 0xFE), (0x40, 0xFE)).items()
             if not "\ue000" <= text <= "\uf8ff"}
    table.update(BIG5)
    return {pair: text for pair, text in table.items() if text}


def _big5(body: bytes) -> str:
    return _by_pairs(body, _big5_table(), {0x80: _BROKEN, 0xFF: _BROKEN})


@functools.cache
def _shift_jis_tables() -> tuple[PairTable, dict[int, str]]:
    table = {pair: text for pair, text in _pairs("cp932", (0x81, 0xFC), (0x40, 0xFC)).items()
             if 0x81 <= pair[0] <= 0x9F or pair[0] >= 0xE0}
    singles = {byte: chr(0xFF61 + byte - 0xA1) for byte in range(0xA1, 0xE0)}
    singles.update({0x80: "\x80", 0xA0: _BROKEN, 0xFD: _BROKEN, 0xFE: _BROKEN, 0xFF: _BROKEN})
    return table, singles


def _shift_jis(body: bytes) -> str:
    return _by_pairs(body, *_shift_jis_tables())


@functools.cache
def _jis0208() -> PairTable:
    """Rows and cells of 94, as bytes from 21 on, by the pairs of Shift_JIS."""
    shifted, _ = _shift_jis_tables()
    table = {}
    for pointer in range(94 * 94):
        lead, trail = divmod(pointer, 188)
        pair = bytes((lead + (0x81 if lead < 0x1F else 0xC1), trail + (0x40 if trail < 0x3F else 0x41)))
        text = shifted.get(pair)
        if text is not None and not "\ue000" <= text <= "\uf8ff":
            table[bytes((0x21 + pointer // 94, 0x21 + pointer % 94))] = text
    return table


@functools.cache
def _euc_jp_tables() -> tuple[PairTable, PairTable]:
    pairs = {bytes((pair[0] + 0x80, pair[1] + 0x80)): text for pair, text in _jis0208().items()}
    for trail in range(0xA1, 0xE0):
        pairs[bytes((0x8E, trail))] = chr(0xFF61 + trail - 0xA1)
    triples = {}
    for lead in range(0xA1, 0xFF):
        for trail in range(0xA1, 0xFF):
            try:
                triples[bytes((0x8F, lead, trail))] = bytes((0x8F, lead, trail)).decode("euc_jp")
            except UnicodeDecodeError:
                continue
    triples[b"\x8f\xa2\xb7"] = "\uff5e"
    return pairs, triples


def _euc_jp(body: bytes) -> str:
    pairs, triples = _euc_jp_tables()
    return _over_ascii(body, lambda at: _euc_jp_at(body, at, pairs, triples))


def _euc_jp_at(body: bytes, at: int, pairs: PairTable, triples: PairTable) -> tuple[int, str]:
    """How many bytes the sequence at `at` takes, and what it stands for."""
    lead, rest = body[at], body[at + 1:at + 3]
    if lead == 0x8F:
        if not rest or not 0xA1 <= rest[0] <= 0xFE:
            return (1 if not rest or rest[0] < 0x80 else 2), _BROKEN
        if len(rest) < 2:
            return 2, _BROKEN
        text = triples.get(body[at:at + 3])
        return (3, text) if text else ((2 if rest[1] < 0x80 else 3), _BROKEN)
    if not rest or (lead != 0x8E and not 0xA1 <= lead <= 0xFE):
        return 1, _BROKEN
    text = pairs.get(body[at:at + 2])
    return (2, text) if text else ((1 if rest[0] < 0x80 else 2), _BROKEN)


@functools.cache
def _gb18030_table() -> PairTable:
    table = {}
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            pair = bytes((lead, trail))
            try:
                table[pair] = pair.decode("gb18030")
            except UnicodeDecodeError:
                continue
    table.update(GB18030)
    return table


def _gb18030_four(four: bytes) -> str:
    pointer = (four[0] - 0x81) * 12600 + (four[1] - 0x30) * 1260 + (four[2] - 0x81) * 10 + four[3] - 0x30
    if 189000 <= pointer:
        return chr(0x10000 + pointer - 189000) if pointer < 189000 + 0x100000 else _BROKEN
    if four in GB18030:
        return GB18030[four] or _BROKEN
    try:
        return four.decode("gb18030")
    except UnicodeDecodeError:
        return _BROKEN


def _gb18030(body: bytes) -> str:
    table = _gb18030_table()
    return _over_ascii(body, lambda at: _gb18030_at(body, at, table))


def _gb18030_at(body: bytes, at: int, table: PairTable) -> tuple[int, str]:
    lead, rest = body[at], body[at + 1:at + 4]
    if lead in (0x80, 0xFF):
        return 1, "\u20ac" if lead == 0x80 else _BROKEN
    if not rest:
        return 1, _BROKEN
    if 0x30 <= rest[0] <= 0x39:
        if len(rest) < 2:
            return 2, _BROKEN
        if not 0x81 <= rest[1] <= 0xFE:
            return 1, _BROKEN
        if len(rest) < 3:
            return 3, _BROKEN
        if not 0x30 <= rest[2] <= 0x39:
            return 1, _BROKEN
        return 4, _gb18030_four(body[at:at + 4])
    text = table.get(body[at:at + 2])
    return (2, text) if text else ((1 if rest[0] < 0x80 else 2), _BROKEN)


class _Iso2022Jp:
    """Encoding standard, 13.2.1: a step for each byte and one for the end."""

    _END = 0x100
    _STATES = {(0x28, 0x42): "ascii", (0x28, 0x4A): "roman", (0x28, 0x49): "katakana",
               (0x24, 0x40): "lead", (0x24, 0x42): "lead"}

    def __init__(self) -> None:
        self._out: list[str] = []
        self._state = self._output_state = "ascii"
        self._lead = 0
        self._escaped = False

    def decode(self, body: bytes) -> str:
        at = 0
        while at < len(body):
            at += self._step(body[at])
        while not self._step(self._END):
            pass
        return "".join(self._out)

    def _step(self, byte: int) -> bool:
        """False if the byte is to be looked at again."""
        if self._state == "escape start":
            return self._start_escape(byte)
        if self._state == "escape":
            return self._end_escape(byte)
        if self._state == "trail":
            self._trail(byte)
        elif byte == 0x1B:
            self._state = "escape start"
        elif byte != self._END:
            self._escaped = False
            self._one(byte)
        return True

    def _one(self, byte: int) -> None:
        if self._state == "lead" and 0x21 <= byte <= 0x7E:
            self._lead, self._state = byte, "trail"
        elif self._state == "katakana" and 0x21 <= byte <= 0x5F:
            self._out.append(chr(0xFF61 + byte - 0x21))
        elif self._state in ("lead", "katakana") or byte > 0x7F or byte in (0x0E, 0x0F):
            self._out.append(_BROKEN)
        elif self._state == "roman" and byte in (0x5C, 0x7E):
            self._out.append("\u00a5" if byte == 0x5C else "\u203e")
        else:
            self._out.append(chr(byte))

    def _trail(self, byte: int) -> None:
        self._state = "escape start" if byte == 0x1B else "lead"
        pair = bytes((self._lead, byte)) if byte < self._END else b""
        self._out.append(_jis0208().get(pair) or _BROKEN)

    def _start_escape(self, byte: int) -> bool:
        if byte in (0x24, 0x28):
            self._lead, self._state = byte, "escape"
            return True
        self._escaped, self._state = False, self._output_state
        self._out.append(_BROKEN)
        return False

    def _end_escape(self, byte: int) -> bool:
        found = self._STATES.get((self._lead, byte))
        if found:
            self._state = self._output_state = found
            if self._escaped:
                self._out.append(_BROKEN)  # Two in a row hide something.
            self._escaped = True
            return True
        self._out.append(_BROKEN)
        self._escaped, self._state = False, self._output_state
        self._step(self._lead)  # It was no escape: what stood in it counts.
        return False


def _iso_2022_jp(body: bytes) -> str:
    return _Iso2022Jp().decode(body)


_PAIRS: dict[str, Callable[[bytes], str]] = {
    "GBK": _gb18030, "gb18030": _gb18030, "Big5": _big5, "EUC-JP": _euc_jp, "Shift_JIS": _shift_jis, "EUC-KR": _euc_kr}
