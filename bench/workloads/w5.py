"""W5, pages that cost CPU: 500 pages of W2, 20 ms of CPU burnt for each besides, 2 parsers.

The limit is what two cores can burn: 2 / 20 ms = 100 pages/s, with nothing left for fetching, extraction and the server.
"""
import os

from .reviews import Reviews

CPU_MS, PARSERS = 20, 2


class Burning(Reviews):
    cpu_ms, parsers = CPU_MS, PARSERS
    limit = ("%d cores / %d ms" % (min(PARSERS, os.cpu_count()), CPU_MS), min(PARSERS, os.cpu_count()) * 1000 / CPU_MS)


def workload(times):
    return Burning("W5", "500 pages of W2 with 20 ms of CPU more each", 50 * times, 65_000)
