"""What a parser says: one line an event, `noun.verb key=value ...`, with a priority in front."""
from __future__ import annotations

import sys

ERROR, WARN, INFO, DEBUG = 3, 4, 6, 7
LEVELS = {"error": ERROR, "warn": WARN, "info": INFO, "debug": DEBUG}
_level = INFO


def set_level(name: str) -> None:
    global _level
    _level = LEVELS[name]


def _value(value: object) -> str:
    text = str(value)
    if text and all(letter > " " and letter not in '"\x7f' for letter in text):
        return text
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % "".join(letter if letter >= " " else " " for letter in safe)


def write(level: int, event: str, **fields: object) -> None:
    if level > _level:
        return
    words = [event, *("%s=%s" % (name, _value(value)) for name, value in fields.items())]
    try:
        sys.stderr.write("<%d>%s\n" % (level, " ".join(words)))
        sys.stderr.flush()
    except (OSError, ValueError):  # Nobody listens; that is no reason to stop.
        pass
