"""thresh from Python: functions as parsers of a crawl, crawls from a notebook, records as they come.

A parser's function needs nothing of this package; it may use `Link`, `Dead` and `Retry`.
"""
from thresh.links import Dead, Link, Retry

__version__ = "0.1.0"
__all__ = ["Dead", "Link", "Retry", "__version__"]
