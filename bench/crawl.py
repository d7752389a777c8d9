"""thresh and its peers at a workload, one after the other on one server; every record checked."""
import os
import pathlib
import shutil
import socket
import sys
import time

import digest
import measured
import peers
import workloads
from nginx import Nginx

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
ASKED_AT_ONCE = 200


def say(line):
    print(line, file=sys.stderr, flush=True)


def add_program_options(parser):
    """-j and --bin, which all benchmarks of thresh take."""
    parser.add_argument("-j", "--parsers", type=int, help="of thresh; as many as cores, and 2 for W5")
    parser.add_argument("--bin", type=pathlib.Path, help="folder of the programs (build/release/bin, else build/bin)")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "bench", help="folder for pages and output")


def parse(parser):
    """The options; what stands after `--` is for `thresh run` and goes to `more`. Ends the program if there is no thresh."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:cut])
    options.more = words[cut + 1:]
    folders = [options.bin] if options.bin else [ROOT / "build" / "release" / "bin", ROOT / "build" / "bin"]
    found = [folder for folder in folders if (folder / "thresh").exists()]
    if not found:
        parser.error("no thresh in %s; cmake --preset release && ninja -C build/release" % " or ".join(map(str, folders)))
    options.bin, options.work = found[0].resolve(), options.work.resolve()
    return options


def command(options, workload, seeds, out):
    """The crawl of a workload with thresh. `options`: bin, parsers, and `more` arguments."""
    parsers = options.parsers or workload.parsers or os.cpu_count()
    return [str(options.bin / "thresh"), "run", "-r", str(workload.recipe), "-f", str(seeds), "-o", str(out), "-j", str(parsers),
            "--set", "fetch.per_host=%d" % workload.at_once, "--set", 'fetch.allow_private=["127.0.0.0/8"]',
            "--set", 'allow=["http://127.0.0.1:*"]', *(["--cpu-ms", str(workload.cpu_ms)] if workload.cpu_ms else []),
            *options.more]


class Served:
    """The pages of some workloads on one nginx, between `with` and its end; all runs happen in here, in the folder `work`."""

    def __init__(self, of, work):
        self.work, self.sites, self.expected = work, work / "sites", {}
        self.sites.mkdir(parents=True, exist_ok=True)
        for workload in of:
            say("%s: making its pages, unless they are there" % workload.name)
            self.expected[workload.name] = workload.generate(self.sites)
        os.sync()  # What was written waits for the disk: the syncs of what is measured would wait behind it.
        self._times_log = self.work / "times.log"
        rules = [w.nginx_rules(self._times_log) if w.kind == "waiting" else w.nginx for w in of]
        self.server = Nginx(self.sites, extra="".join(rules),
                            modules=["http_echo"] if any(w.kind == "waiting" for w in of) else [])

    def __enter__(self):
        self._times_log.write_text("")
        self.server.start()
        return self

    def __exit__(self, *exception):
        self.server.stop()

    @property
    def url(self):
        return self.server.url

    def warm(self, workload):
        """Asks for every page once, so that whoever comes first does not pay for nginx's opening of its file."""
        if workload.kind == "waiting":
            return
        paths = [url[len(self.url):] for url in workload.every_url(self.url)]
        with socket.create_connection(self.url[len("http://"):].split(":")) as client:
            for first in range(0, len(paths), ASKED_AT_ONCE):
                asked = paths[first:first + ASKED_AT_ONCE]
                client.sendall("".join("HEAD %s HTTP/1.1\r\nHost: bench\r\n\r\n" % path for path in asked).encode())
                answers = b""
                while answers.count(b"\r\n\r\n") < len(asked):
                    answers += client.recv(1 << 20)
                if answers.count(b" 200 OK\r\n") != len(asked):
                    raise RuntimeError("nginx does not have all pages of %s" % workload.name)

    def thresh(self, workload, options, memory, under=()):
        """One crawl with thresh, from nothing, measured and checked. `memory`: see measured.run; `under`: a command that runs it."""
        out, seeds = self.work / "out", self._seeds(workload)
        shutil.rmtree(out, ignore_errors=True)
        return self._measured(workload, [*under, *command(options, workload, seeds, out)], out / (workload.item + ".ndjson"), "thresh",
                              memory)

    def peer(self, workload, peer, times, memory):
        """The same work with a peer, or that share of it that it is asked for. `times`: as the workload was made with."""
        share = peer.shares.get(workload.name)
        if share:
            workload = workloads.make(workload.name, times * share)
        every, out = self.work / "every.txt", self.work / "peer.ndjson"
        every.write_text("".join(url + "\n" for url in workload.every_url(self.url)))
        out.unlink(missing_ok=True)
        argv = peer.command(peers.Job(workload.kind, self._seeds(workload), every, out, workload.at_once, workload.cpu_ms, self.work))
        return self._measured(workload, argv, None if peer.fetches_only else out, peer.name, memory)

    def _seeds(self, workload):
        seeds = self.work / "seeds.txt"
        seeds.write_text("".join(url + "\n" for url in workload.seeds(self.url)))
        return seeds

    def _measured(self, workload, argv, records, name, memory):
        log = self.work / "run.log"
        os.truncate(self._times_log, 0)
        os.sync()  # What was removed and written for this run, or left by the last one, is not the program's to wait for.
        run = measured.run(argv, log, self.server.pid, memory)
        run.update(program=name, workload=workload.name, pages=workload.pages, at=time.time(), argv=argv)
        if run["exit_code"] != 0:
            say("%s ended with %d; the end of %s:\n%s" % (name, run["exit_code"], log, log.read_text(errors="replace")[-2000:]))
        elif workload.kind == "waiting":
            run["served_s"] = workload.served_s(self._times_log)
        run["records"] = self._check(workload, records) if records else "not taken"
        run["exact"] = run["exit_code"] == 0 and run["records"] in ("exact", "not taken")
        # Who loses pages is quick; it has no speed.
        run["pages_per_s"] = workload.pages / run.get("served_s", run["wall_s"]) if run["exact"] else 0.0
        return run

    def _check(self, workload, records):
        verdict = digest.of_file(records, workload.canonical).difference(workload.expected(self.sites))
        if verdict != "exact":
            for example in workload.differences(records)[:3]:
                say(example)
        return verdict
