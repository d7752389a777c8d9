"""thresh-parser-py: a parser whose pages go to a function of Python."""
from __future__ import annotations

import argparse
import os
import sys

from thresh import __version__, log
from thresh.parser import Parser
from thresh.parser_parts import CannotWork, ParserOptions
from thresh.places import Folder, NoPeer, join_run
from thresh.records import BadResult, check_item
from thresh.worker import WorkerOptions, die_with
from thresh.worker_process import start_program

_NAME = "thresh-parser-py"
_DONE, _USAGE, _BAD_INPUT, _NO_PEER, _INTERNAL = 0, 64, 65, 69, 70

_DESCRIPTION = "Gives the pages a fetcher hands out to a function of Python, and what that finds to the sink."
_EPILOG = """\
The function gets a page's text, or with --bytes its bytes, and gives back records, dicts, as a list or
one by one (yield); or records and the URLs to follow: (records, next_url). It may be async. Parameters
named url, status, headers or meta get that. docs/python.md has all of it, and an example."""


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write("%s: %s\n" % (_NAME, message))
        sys.exit(_USAGE)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("expected a number from 0, found %r" % text)
    return int(text)


def _item(text: str) -> str:
    try:
        return check_item(text)
    except BadResult as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _arguments() -> argparse.ArgumentParser:
    parser = _Arguments(prog=_NAME, description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False,
                        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--function", required=True, metavar="MODULE:FUNCTION",
        help="what is called with each page, as scraper:parse_page, or path/scraper.py:parse_page")
    add("--bytes", action="store_true", help="give it the page's bytes instead of its text")
    add("--join", metavar="DIR", help="output folder of the `thresh run` to join")
    add("--state", metavar="DIR", help="folder of the sockets, instead of --join")
    add("--item", type=_item, metavar="NAME",
        help="what records are of that do not say it in `_item` (default: the recipe's first item)")
    add("--recipe", action="append", metavar="NAME", help="serve only pages of this recipe; may be given again")
    add("--parse-timeout-ms", type=_number, default=10_000, metavar="N",
        help="time that a page may take; 0: any (default: %(default)s)")
    add("--max-memory-bytes", type=_number, default=1 << 30, metavar="N",
        help="memory that the function may take; 0: any (default: %(default)s)")
    add("--die-with", type=_number, default=0, metavar="PID", help="end when this process, our parent, ends")
    add("--log-level", choices=sorted(log.LEVELS), default=os.environ.get("THRESH_LOG_LEVEL", "info"),
        help="(default: %(default)s)")
    add("--version", action="version", version="%s %s" % (_NAME, __version__))
    return parser


def _fail(status: int, why: object) -> int:
    sys.stderr.write("%s: %s\n" % (_NAME, why))
    return status


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; its exit status."""
    given = _arguments().parse_args(arguments)
    if bool(given.join) == bool(given.state):
        return _fail(_USAGE, "expected one of --join DIR or --state DIR")
    log.set_level(given.log_level)
    if given.die_with and not die_with(given.die_with):
        return _INTERNAL
    try:
        state, run_fd = join_run(given.join) if given.join else (given.state, -1)
        folder = Folder(state)
        folder.socket("parsers.ipc")
        start = start_program(given.function, WorkerOptions(given.bytes, given.max_memory_bytes))
        options = ParserOptions(given.parse_timeout_ms, given.item or "", tuple(given.recipe or ("*",)))
        Parser(folder, start, options, run_fd).run()
    except NoPeer as error:
        return _fail(_NO_PEER, error)
    except CannotWork as error:
        return _fail(_BAD_INPUT, error)
    return _DONE


if __name__ == "__main__":
    sys.exit(main())
