"""Other programs at the same work, so that figures of one machine can be told apart from those of another.

curl    `curl -Z`: only fetches, 100 at once, and throws the bodies away. What libcurl costs here, and the least that a
        fetcher on top of it can cost.
"""
import os
import subprocess
import time

PEERS = ("curl",)


def run(name, urls, folder):
    """Runs the peer over the URLs; wall time and CPU seconds of its process. Errors: RuntimeError if it failed."""
    argv = {"curl": _curl}[name](urls, folder)
    began = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("%s ended with %d" % (argv[0], process.returncode))
    return {"wall_s": time.monotonic() - began, "cpu_s": usage.ru_utime + usage.ru_stime, "pages": len(urls)}


def _curl(urls, folder):
    config = folder / "curl.conf"
    config.write_text("".join('url = "%s"\noutput = "/dev/null"\n' % url for url in urls))
    return ["curl", "--silent", "--fail", "--parallel", "--parallel-max", "100", "--config", str(config)]
