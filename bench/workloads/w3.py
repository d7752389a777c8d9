"""W3, long pages: 500 review pages of 246 KB in 50 chains of 10. Most of a page is furniture that no field asks for."""
from .reviews import Reviews


def workload(times):
    return Reviews("W3", "500 review pages of 246 KB, 10,000 records", 50 * times, 246_000)
