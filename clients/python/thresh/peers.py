"""Who speaks on the wire, and the envelopes; proto/README.md has the words."""
from __future__ import annotations

import os
import struct
from typing import Any, NamedTuple

from thresh import wire_pb2

wire: Any = wire_pb2  # Its names are made when it is loaded.
VERSION = 1
_INCARNATION = struct.Struct("<Q")


class Life(NamedTuple):
    """A process's state, 16 bytes, and its present life."""

    uuid: bytes
    incarnation: int

    def routing_id(self) -> bytes:
        """What a DEALER calls itself."""
        return b"t" + self.uuid + _INCARNATION.pack(self.incarnation)


def new_life() -> Life:
    return Life(os.urandom(16), _INCARNATION.unpack(os.urandom(8))[0])


def life_of(peer: Any) -> Life | None:
    """None unless it is whole."""
    return Life(peer.uuid, peer.incarnation) if len(peer.uuid) == 16 else None


def envelope(sender: Life, to: Life | None) -> Any:
    made = wire.Envelope(version=VERSION)
    own = getattr(made, "from")
    own.uuid, own.incarnation = sender
    if to is not None:
        made.to.uuid, made.to.incarnation = to
    return made


def read(frame: bytes) -> tuple[Life, Any] | None:
    """Who sent it, and the envelope; None for what is none, or another version's."""
    found = wire.Envelope()
    try:
        found.ParseFromString(frame)
    except Exception:  # noqa: BLE001: protobuf's DecodeError, wherever this version has it.
        return None
    sender = life_of(getattr(found, "from"))
    return (sender, found) if found.version == VERSION and sender is not None else None
