#!/usr/bin/python3
"""Asks a delay server for N pages, 100 at once: asyncio.gather() and a semaphore, with the standard library alone.

usage: gathered.py [N] [DELAY_MS] [SERVER]
"""
import asyncio
import urllib.parse

from one_by_one import measure, urls

AT_ONCE = 100


async def fetch(url, semaphore):
    parts = urllib.parse.urlsplit(url)
    async with semaphore:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(b"GET %s?%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (
            parts.path.encode(), parts.query.encode(), parts.netloc.encode()))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    status = head.partition(b"\r\n")[0].decode("latin-1")
    if status.split(" ")[1:2] != ["200"]:
        raise ValueError("%s was answered with %r" % (url, status))  # or an error would look fast
    return len(body)


async def gather(count, delay_ms, server):
    semaphore = asyncio.Semaphore(AT_ONCE)
    return sum(await asyncio.gather(*(fetch(url, semaphore) for url in urls(server, count, delay_ms, "gathered"))))


def fetch_all(count, delay_ms, server):
    return asyncio.run(gather(count, delay_ms, server))


if __name__ == "__main__":
    measure("gathered", fetch_all)
