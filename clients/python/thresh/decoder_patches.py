"""Where Python's codecs differ from the indexes of the Encoding standard."""
from __future__ import annotations

SINGLE_BYTE: dict[str, dict[int, str]] = {}
BIG5: dict[bytes, str] = {}
GB18030: dict[bytes, str] = {}
