"""A parser for pages that name something to compute: an ordinary function, which gets a page and returns records and a link."""
import re
import time

MASTER_S = 0.05  # What the chess master thinks about a move.


def countdown(n):
    while n > 0:
        n -= 1


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def think(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def parse_page(html):
    kind, value = re.search(r'<p id="(\w+)">([\d/]+)</p>', html).groups()
    link = re.search(r'<a rel="next" href="([^"]+)"', html)
    record = {"task": "%s %s" % (kind, value), "began": time.time()}
    if kind == "countdown":
        countdown(int(value))
    elif kind == "fibonacci":
        record["bits"] = fibonacci(int(value)).bit_length()
    elif kind == "game":
        think(MASTER_S)
    record["seconds"] = round(time.time() - record["began"], 2)
    return [record], link and link.group(1)
