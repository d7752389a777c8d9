"""What a page function may say besides records: links, "ask again later", "this page is dead"."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

_BLANKS = "".join(map(chr, range(0x21)))  # C0 controls and the space.
_REASON = re.compile(r"[^A-Za-z0-9_.\-]")
_MOST_REASON_LETTERS = 64


@dataclass(frozen=True)
class Link:
    """A page to crawl as well.

    `url` may be relative to the page's. `recipe` names who is to take it; without one the page's own
    does, if its `allow` has the URL. With a method, headers or a body it is a request of its own. It
    is not asked for before `delay_ms` have passed; `root` begins a job of its own.
    """

    url: str
    recipe: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | str = b""
    delay_ms: int = 0
    root: bool = False


class Dead(Exception):
    """Raised by a page function: the page is a dead letter with this reason, and `detail` for people.

    What is no letter, digit, `_`, `-` or `.` in the reason becomes `_`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = _REASON.sub("_", str(reason))[:_MOST_REASON_LETTERS] or "dead"
        self.detail = str(detail)


class Retry(Exception):
    """Raised by a page function: the answer says "later"; the page is asked for again after `after_ms`.

    That doubles with each request made for the page; after `max_attempts` of them (0: the fetcher's own
    number) the page is a dead letter, reason `retries`. `whole_host`: all of its host waits.
    """

    def __init__(self, why: str = "", after_ms: int = 1000, max_attempts: int = 0, whole_host: bool = False) -> None:
        super().__init__(why)
        self.why, self.after_ms, self.max_attempts, self.whole_host = str(why), after_ms, max_attempts, whole_host


def absolute(base: str, url: str) -> str | None:
    """`url` as it stands on the page `base`, without its fragment; None for what is not http or https."""
    try:
        found = urljoin(base, url.strip(_BLANKS).replace("\\", "/")).partition("#")[0]
    except ValueError:  # Such as http://[
        return None
    return found if found[:8].lower().startswith(("http://", "https://")) else None
