"""What servers pack a body in: `Content-Encoding` (RFC 9110, 8.4).

The packed bytes are hostile: output is bounded while it is made, by the page's limit and by a ratio to
what came over the wire. gzip and deflate are Python's own; br and zstd are done by the system's libraries.
"""
from __future__ import annotations

import ctypes
import zlib
from collections.abc import Callable

MAX_BODY_BYTES = 64 << 20
_MAX_CODINGS = 3
_ALARM_RATIO = 200
_ALARM_BYTES = 1 << 20
_CHUNK = 64 << 10
_ZSTD_WINDOW_LOG_MAX = 100  # ZSTD_d_windowLogMax
_ZSTD_WINDOW_LOG = 23
_BROTLI_DONE, _BROTLI_MORE_OUTPUT = 1, 3


class BadBody(Exception):
    """The body cannot be had; `reason` is one of docs/outcomes.md."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class _Broken(Exception):
    pass


class _Full(Exception):
    pass


class _Output:
    """Bytes, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit, self._parts, self._size = limit, [], 0  # type: int, list[bytes], int

    def put(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise _Full
        self._parts.append(part)

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def _inflate(packed: bytes, window: int, out: _Output) -> bytes:
    """One stream of zlib's; what lies behind it."""
    stream = zlib.decompressobj(window)
    try:
        rest = packed
        while not stream.eof:
            part = stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            out.put(part)
            if not part and not rest and not stream.eof:
                raise _Broken  # Cut short.
    except zlib.error:
        raise _Broken from None
    return stream.unused_data


def _gzip(packed: bytes, out: _Output) -> None:
    packed = _inflate(packed, 31, out)
    while packed.startswith(b"\x1f"):
        packed = _inflate(packed, 31, out)


def _deflate(packed: bytes, out: _Output) -> None:
    if len(packed) >= 2 and packed[0] & 15 == 8 and (packed[0] << 8 | packed[1]) % 31 == 0:
        framed = _Output(out._limit)
        try:
            _inflate(packed, 15, framed)
            out.put(framed.bytes())
            return
        except _Broken:
            pass
    _inflate(packed, -15, out)


def _library(name: str, coding: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise BadBody("bad_encoding", "the Content-Encoding \"%s\" needs the library %s" % (coding, name)) from None


def _brotli(packed: bytes, out: _Output) -> None:
    lib = _library("libbrotlidec.so.1", "br")
    lib.BrotliDecoderCreateInstance.restype = ctypes.c_void_p
    lib.BrotliDecoderTakeOutput.restype = ctypes.c_void_p
    state = ctypes.c_void_p(lib.BrotliDecoderCreateInstance(None, None, None))
    source = ctypes.create_string_buffer(packed, len(packed))
    next_in, left_in = ctypes.c_void_p(ctypes.addressof(source)), ctypes.c_size_t(len(packed))
    room = ctypes.create_string_buffer(_CHUNK)
    try:
        while True:
            next_out, left_out = ctypes.c_void_p(ctypes.addressof(room)), ctypes.c_size_t(_CHUNK)
            result = lib.BrotliDecoderDecompressStream(
                state, ctypes.byref(left_in), ctypes.byref(next_in), ctypes.byref(left_out), ctypes.byref(next_out), None)
            out.put(room.raw[:_CHUNK - left_out.value])
            if result == _BROTLI_DONE:
                return
            if result != _BROTLI_MORE_OUTPUT:
                raise _Broken
    finally:
        lib.BrotliDecoderDestroyInstance(state)


class _ZstdBuffer(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


def _zstd(packed: bytes, out: _Output) -> None:
    lib = _library("libzstd.so.1", "zstd")
    lib.ZSTD_createDCtx.restype = ctypes.c_void_p
    lib.ZSTD_decompressStream.restype = ctypes.c_size_t
    context = ctypes.c_void_p(lib.ZSTD_createDCtx())
    source = ctypes.create_string_buffer(packed, len(packed))
    room = ctypes.create_string_buffer(_CHUNK)
    given = _ZstdBuffer(ctypes.addressof(source), len(packed), 0)
    try:
        lib.ZSTD_DCtx_setParameter(context, _ZSTD_WINDOW_LOG_MAX, _ZSTD_WINDOW_LOG)
        while True:
            made = _ZstdBuffer(ctypes.addressof(room), _CHUNK, 0)
            before = given.pos
            hint = lib.ZSTD_decompressStream(context, ctypes.byref(made), ctypes.byref(given))
            if lib.ZSTD_isError(ctypes.c_size_t(hint)):
                raise _Broken
            out.put(room.raw[:made.pos])
            if hint == 0 and given.pos == given.size:
                return
            if given.pos == given.size and given.pos == before and made.pos == 0:
                raise _Broken  # It waits for what does not come.
    finally:
        lib.ZSTD_freeDCtx(context)


_CODINGS: dict[str, Callable[[bytes, _Output], None]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}


def unpack(body: bytes, coding: str, max_bytes: int = 0) -> bytes:
    """The body without its codings; `coding` is the header's value, a list of up to three, the last
    applied undone first; `max_bytes` of 0: 64 MiB. Raises BadBody: too_large, decompression_bomb,
    bad_encoding."""
    max_bytes = max_bytes or MAX_BODY_BYTES
    names = [name.strip(" \t\n\f\r").lower() for name in coding.split(",")]
    names = [name for name in names if name and name != "identity"]
    for name in names:
        if name not in _CODINGS:
            raise BadBody("bad_encoding", "the Content-Encoding \"%s\" is not known; known are gzip, deflate, br and zstd"
                          % name[:40])
    if len(names) > _MAX_CODINGS:
        raise BadBody("bad_encoding", "over %d codings one over another" % _MAX_CODINGS)
    alarm = max(_ALARM_BYTES, _ALARM_RATIO * len(body))
    data = body
    for name in reversed(names):
        if not data:
            break
        out = _Output(min(max_bytes, alarm))
        try:
            _CODINGS[name](data, out)
        except _Broken:
            raise BadBody("bad_encoding", "the body is damaged or cut short: its %s cannot be unpacked" % name) from None
        except _Full:
            if max_bytes <= alarm:
                raise BadBody("too_large", "a body of over %d bytes (fetch.max_body_bytes)" % max_bytes) from None
            raise BadBody("decompression_bomb", "a body of %d bytes on the wire and over %d unpacked, more than %d times as many"
                          % (len(body), alarm, _ALARM_RATIO)) from None
        data = out.bytes()
    return data


def unpack_page(body: bytes, coding: str, max_bytes: int = 0) -> bytes:
    """The same; what is a gzip file then, such as sitemap.xml.gz, is unpacked as well."""
    data = unpack(body, coding, max_bytes)
    return unpack(data, "gzip", max_bytes) if data.startswith(b"\x1f\x8b\x08") else data
