#!/usr/bin/python3
"""Asks a delay server for N pages, one after another: what a loop over requests.get() does.

usage: one_by_one.py [N] [DELAY_MS] [SERVER]
"""
import random
import string
import sys
import time
import urllib.request


def urls(server, count, delay_ms, name):
    for _ in range(count):
        yield "%s/add?name=%s&delay=%d&%s" % (server, name, delay_ms, "".join(random.choices(string.ascii_lowercase, k=10)))


def main():
    count, delay_ms, server = (sys.argv[1:] + ["1000", "100", "http://127.0.0.1:8082"][len(sys.argv) - 1:])[:3]
    began, length = time.monotonic(), 0
    for url in urls(server, int(count), int(delay_ms), "one_by_one"):
        with urllib.request.urlopen(url) as answer:
            length += len(answer.read())
    print("one_by_one: %s requests, body length %d, %.2f s" % (count, length, time.monotonic() - began))


if __name__ == "__main__":
    main()
