"""Messages between a parser and its worker: a length of four bytes, and MessagePack."""
from __future__ import annotations

import socket
import struct
from typing import Any

import msgpack

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 20
MAX_MESSAGE_BYTES = 256 << 20

Message = dict[str, Any]


def pack(message: Message) -> bytes:
    body: bytes = msgpack.packb(message)
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Puts messages together from what arrives."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises ValueError for what is none."""
        self._buffer += data
        found = []
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            if size > MAX_MESSAGE_BYTES:
                raise ValueError("a message of %d bytes" % size)
            if len(self._buffer) < _LENGTH.size + size:
                break
            body = bytes(self._buffer[_LENGTH.size:_LENGTH.size + size])
            del self._buffer[:_LENGTH.size + size]
            message = msgpack.unpackb(body)
            if not isinstance(message, dict):
                raise ValueError("no map")
            found.append(message)
        return found


def read_one(sock: socket.socket, reader: Reader) -> Message | None:
    """Waits for the next message; None at the end. For who asks for one at a time."""
    while True:
        data = sock.recv(_CHUNK)
        if not data:
            return None
        if messages := reader.feed(data):
            return messages[0]
