"""The tutorials' crawler: asyncio and aiohttp wait; pages are read here, or by a ProcessPoolExecutor.

usage: aio.py KIND SEEDS OUT AT_ONCE CPU_MS LIBRARY POOL     LIBRARY: lxml or bs4; POOL: processes, 0 for none
"""
import asyncio
import concurrent.futures
import sys

import aiohttp

import extract

KIND, SEEDS, OUT, AT_ONCE, CPU_MS, LIBRARY, POOL = sys.argv[1:]


async def chain(url, session, pool, out):
    """A page and those that follow from it."""
    loop = asyncio.get_running_loop()
    while url:
        async with session.get(url) as response:
            response.raise_for_status()
            body = await response.read()
        arguments = KIND, LIBRARY, int(CPU_MS), body, url
        if pool:
            text, url = await loop.run_in_executor(pool, extract.page, *arguments)
        else:
            text, url = extract.page(*arguments)
        out.write(text)


async def main():
    seeds = open(SEEDS, encoding="utf-8").read().split()
    pool = concurrent.futures.ProcessPoolExecutor(int(POOL)) if int(POOL) else None
    connector = aiohttp.TCPConnector(limit=int(AT_ONCE))
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        with open(OUT, "w", encoding="utf-8") as out:
            await asyncio.gather(*(chain(url, session, pool, out) for url in seeds))
    if pool:
        pool.shutdown()


asyncio.run(main())
