"""thresh from Python: functions as parsers of a crawl, crawls from a notebook, records as they come.

    for record in thresh.run(urls, parse_page): ...      # a crawl
    thresh.feed(urls, socket=...).wait()                 # URLs for a crawl that runs
    for record in thresh.follow("out/page.ndjson"): ...  # records as they are written

A page function needs nothing of this package; it may use `Link`, `Dead` and `Retry`.
"""
from thresh.errors import ThreshError
from thresh.feeding import Ended, Feed, feed
from thresh.following import follow
from thresh.links import Dead, Link, Retry
from thresh.running import Run, run

__version__ = "0.1.0"
__all__ = ["Dead", "Ended", "Feed", "Link", "Retry", "Run", "ThreshError", "__version__", "feed", "follow", "run"]
