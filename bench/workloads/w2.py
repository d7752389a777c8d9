"""W2, the main job: 2,000 review pages of 65 KB in 200 chains of 10, 40,000 records."""
from .reviews import Reviews


def workload(times, businesses=200, page_bytes=65_000):
    return Reviews("W2", "2,000 review pages of 65 KB, 40,000 records", businesses * times, page_bytes)
