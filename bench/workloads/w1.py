"""W1, a crawl that only waits: 1,000 URLs of a server that takes 100 ms for each, 100 at once.

The limit is 1,000 / 100 x 100 ms = 1.00 s, however fast the program. Its time is the server's: from the first request's
first byte to the last answer's end, so start and end of a program do not count (the report shows both).
"""
from .base import BENCH, Workload

URLS, AT_ONCE, DELAY_S = 1000, 100, 0.1


class Waiting(Workload):
    name, title, kind, item = "W1", "1,000 URLs of 100 ms, 100 at once", "waiting", "page"
    recipe = BENCH / "workloads" / "w1.toml"
    sources = ["workloads/w1.py"]
    at_once = AT_ONCE

    def __init__(self, times):
        self.pages = max(1, round(URLS * times))
        self.limit = ("%d rounds of %d ms" % (-(-self.pages // AT_ONCE), 1000 * DELAY_S),
                      self.pages / (-(-self.pages // AT_ONCE) * DELAY_S))

    def parameters(self):
        return {"count": self.pages}

    def write_pages(self, folder):
        pass  # nginx makes them up

    def truth(self):
        return ({"title": "page %d" % number} for number in range(self.pages))

    def seeds(self, base):
        return ["%s/W1/%d" % (base, number) for number in range(self.pages)]

    @staticmethod
    def canonical(record):
        return [record["title"]]

    @staticmethod
    def nginx_rules(log):
        """The server's side; `log` gets a line for each answer: when it ended, and how long it took, in seconds."""
        return """
    location ~ ^/W1/(?<w1_number>[0-9]+)$ {
      access_log %s times;
      default_type text/html;
      echo_sleep %.1f;
      echo "<!doctype html><title>page $w1_number</title><p>.</p>";
    }""" % (log, DELAY_S)

    @staticmethod
    def served_s(log):
        """From the first request to the last answer, by the server's log."""
        lines = [[float(word) for word in line.split()] for line in log.read_text().splitlines()]
        return max(ended for ended, _ in lines) - min(ended - took for ended, took in lines)


workload = Waiting
