"""What goes wrong between a program of yours and thresh."""
from __future__ import annotations


class ThreshError(Exception):
    """What could not be done, where, and what to do; `code` is the exit status of the command, if one ended."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.code = code
