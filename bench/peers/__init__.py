"""The programs that thresh is measured against, all of them Debian packages (scripts/install_deps --bench).

A peer begins with the same URLs on the same server, with as many connections, takes the same fields, and its records are
checked by the same digest. Those that only fetch (curl, wget2) are given every URL at once and throw the pages away:
they are what fetching alone costs here, and so a limit that no crawler passes that shares their machine.
"""
import dataclasses
import pathlib
import shutil
import subprocess

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
ALL = ("W1", "W2", "W3", "W4", "W5")


@dataclasses.dataclass(frozen=True)
class Job:
    """What a peer is to do. `seeds` and `every` are files of URLs, `out` the file for its records, `folder` is its to use."""
    kind: str
    seeds: pathlib.Path
    every: pathlib.Path
    out: pathlib.Path
    at_once: int
    cpu_ms: int
    folder: pathlib.Path

    def words(self):
        return [self.kind, str(self.seeds), str(self.out), str(self.at_once), str(self.cpu_ms)]


@dataclasses.dataclass(frozen=True)
class Peer:
    """`command` gives the argv for a Job. `slow`: workloads in which another peer is quicker by far: once a report is enough. `shares`: of which workload it does only a part."""
    name: str
    title: str
    command: object
    workloads: tuple = ALL
    fetches_only: bool = False
    slow: tuple = ()
    shares: dict = dataclasses.field(default_factory=dict)
    program: str = "/usr/bin/python3"
    module: str = ""  # of Python, that it needs

    def missing(self):
        """What is not installed, or None."""
        if shutil.which(self.program) is None:
            return self.program
        if self.module and subprocess.run([self.program, "-c", "import " + self.module], capture_output=True).returncode:
            return "Python's " + self.module
        return None


def _curl(job):
    config = job.folder / "curl.conf"
    config.write_text("".join('url = "%s"\noutput = "/dev/null"\n' % url for url in job.every.read_text().split()))
    return ["curl", "-q", "--silent", "--fail", "--parallel", "--parallel-immediate", "--parallel-max", str(job.at_once),
            "--config", str(config)]


def _wget2(job):
    return ["wget2", "--no-config", "--quiet", "--robots=off", "--http2=off", "--compression=identity",
            "--max-threads=%d" % job.at_once, "--input-file=%s" % job.every, "--output-document=/dev/null"]


def _goquery(job):
    """Built once, from Debian's packages alone."""
    source, program = PROGRAMS / "goquery.go", job.folder / "goquery"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        environment = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(job.folder / "go-cache"),
                       "GOFLAGS": "", "PATH": "/usr/bin:/bin", "HOME": str(job.folder)}
        subprocess.run(["go", "build", "-o", program, source], check=True, env=environment)
    return [str(program), *job.words()]


def _aio(library, pool):
    return lambda job: ["/usr/bin/python3", str(PROGRAMS / "aio.py"), *job.words(), library, str(pool)]


def _scrapy(job):
    return ["/usr/bin/python3", str(PROGRAMS / "spider.py"), *job.words()]


PEERS = {peer.name: peer for peer in (
    Peer("curl", "curl -Z, fetching only", _curl, ALL[:4], fetches_only=True, program="curl"),
    Peer("wget2", "wget2, fetching only", _wget2, ALL[:4], fetches_only=True, program="wget2"),
    Peer("goquery", "Go: net/http + goquery", _goquery, program="go"),
    Peer("aiohttp+pool", "aiohttp + pool of 2 + lxml", _aio("lxml", 2), ALL[1:], slow=("W4",), module="aiohttp, lxml.cssselect"),
    Peer("aiohttp", "aiohttp + lxml", _aio("lxml", 0), slow=("W2", "W3", "W5"), module="aiohttp, lxml.cssselect"),
    Peer("tutorial", "aiohttp + pool of 2 + bs4", _aio("bs4", 2), ("W2", "W3", "W5"), slow=ALL, module="aiohttp, bs4, lxml"),
    Peer("scrapy", "Scrapy", _scrapy, slow=ALL, shares={"W4": 0.2}, module="scrapy"))}
QUICK = ("curl", "wget2", "goquery", "aiohttp+pool")
