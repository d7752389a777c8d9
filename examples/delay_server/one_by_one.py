#!/usr/bin/python3
"""Asks a delay server for N pages, one after another: what a loop over requests.get() does.

usage: one_by_one.py [N] [DELAY_MS] [SERVER]
"""
import os
import random
import string
import sys
import time
import urllib.request


def urls(server, count, delay_ms, name):
    for _ in range(count):
        yield "%s/add?name=%s&delay=%d&%s" % (server, name, delay_ms, "".join(random.choices(string.ascii_lowercase, k=10)))


def measure(name, fetch_all):
    """Takes the command line, and prints how long `fetch_all(count, delay_ms, server)` took and the length that it gives."""
    given = sys.argv[1:] + ["1000", "100", "http://127.0.0.1:8082"][len(sys.argv) - 1:]
    if len(given) != 3 or not given[0].isdigit() or not given[1].isdigit() or not given[2].startswith("http://"):
        sys.exit("%s.py: expected [N] [DELAY_MS] [SERVER], as 1000 100 http://127.0.0.1:8082, found %s" % (name, " ".join(sys.argv[1:])))
    count, delay_ms, server = int(given[0]), int(given[1]), given[2].rstrip("/")
    began = time.monotonic()
    try:
        length = fetch_all(count, delay_ms, server)
    except (OSError, ValueError) as error:
        error = getattr(error, "reason", error)  # urllib's is in another.
        why = os.strerror(error.errno) if getattr(error, "errno", None) else error
        sys.exit("%s.py: %s: %s; build/bin/thresh bench server --port 8082 starts a server that waits" % (name, server, why))
    print("%s: %d requests, body length %d, %.2f s" % (name, count, length, time.monotonic() - began))


def fetch_all(count, delay_ms, server):
    length = 0
    for url in urls(server, count, delay_ms, "one_by_one"):
        with urllib.request.urlopen(url) as answer:
            length += len(answer.read())
    return length


if __name__ == "__main__":
    measure("one_by_one", fetch_all)
