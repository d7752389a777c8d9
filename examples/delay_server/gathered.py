#!/usr/bin/python3
"""Asks a delay server for N pages, 100 at once: asyncio.gather() and a semaphore, with the standard library alone.

usage: gathered.py [N] [DELAY_MS] [SERVER]
"""
import asyncio
import sys
import time
import urllib.parse

from one_by_one import urls

AT_ONCE = 100


async def fetch(url, semaphore):
    parts = urllib.parse.urlsplit(url)
    async with semaphore:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(b"GET %s?%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (
            parts.path.encode(), parts.query.encode(), parts.netloc.encode()))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    if head.split(b" ")[1] != b"200":
        raise RuntimeError("%s: %s" % (url, head.splitlines()[0].decode()))  # or an error would look fast
    return len(body)


async def run(count, delay_ms, server):
    semaphore = asyncio.Semaphore(AT_ONCE)
    return sum(await asyncio.gather(*(fetch(url, semaphore) for url in urls(server, count, delay_ms, "gathered"))))


def main():
    count, delay_ms, server = (sys.argv[1:] + ["1000", "100", "http://127.0.0.1:8082"][len(sys.argv) - 1:])[:3]
    began = time.monotonic()
    length = asyncio.run(run(int(count), int(delay_ms), server))
    print("gathered: %s requests, body length %d, %.2f s" % (count, length, time.monotonic() - began))


if __name__ == "__main__":
    main()
