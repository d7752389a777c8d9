"""The crawl that scripts/demo shows. All figures it prints are measured while it runs."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import review_site  # noqa: E402

BIN = ROOT / "build" / "bin"
OUT = ROOT / "build" / "demo" / "out"
SEEDS = ROOT / "build" / "demo" / "seeds.txt"
SITE = review_site.ReviewSite(businesses=60, pages=10)
JOIN_AFTER_S = 2.0


def main():
    shutil.rmtree(OUT.parent, ignore_errors=True)
    OUT.parent.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(served_site())
        say(f"A review site of 60 businesses with 10 pages of 20 reviews each, and one business that "
            f"is gone,\nis served at {url}. Crawling it with one parser:\n")
        run, log, started = stack.enter_context(started_run(url))
        show_first_record(started)
        say(f"\nWatch the records come in:       tail -F {here(OUT)}/review.ndjson\n"
            f"Make it faster, now or later:    {here(BIN)}/thresh-parser --join {here(OUT)}\n")
        parser = stack.enter_context(add_parser_and_compare(started))
        kill_each_once(run)
        run.wait()
        parser.wait(timeout=10)
        summary = log.read_text()
    say("\n" + summary.rstrip())
    show_dead_letter()
    return conclude(run.returncode)


@contextlib.contextmanager
def served_site():
    """The site's URL, while its server runs. The list of its 61 businesses is in SEEDS."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "review_site.py"), "serve", "--missing", "1",
         "--seeds", str(SEEDS), "--until-stdin-closes"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[1]
    finally:
        server.stdin.close()
        server.wait()


@contextlib.contextmanager
def started_run(url):
    """The running `thresh run`, the file with what it says, and when it was started."""
    command = [str(here(BIN / "thresh")), "run", "-r", "yelp-reviews", "--set", f'allow=["{url}/*"]',
               "--set", 'fetch.allow_private=["127.0.0.0/8"]', "-f", str(here(SEEDS)), "-o", str(here(OUT)),
               "-j", "1", "--cpu-ms", "20"]
    say("  " + " ".join(quoted(word) for word in command))
    log = OUT.parent / "run.log"
    started = time.monotonic()
    with open(log, "w") as stderr:
        run = subprocess.Popen(command, stderr=stderr, cwd=ROOT)
    threading.Thread(target=run.wait, daemon=True).start()
    try:
        yield run, log, started
    finally:
        if run.poll() is None:
            run.terminate()
            run.wait()


def show_first_record(started):
    file = OUT / "review.ndjson"
    wait_until(lambda: file.exists() and b"\n" in file.read_bytes()[:65536], "the first record")
    elapsed_ms = (time.monotonic() - started) * 1000
    record = json.loads(file.read_bytes().split(b"\n", 1)[0])
    say(f"\nThe first record, {elapsed_ms:.0f} ms after the command was given:\n")
    for key, value in record.items():
        text = json.dumps(value, ensure_ascii=False)
        say(f"  {key:<12} {text if len(text) < 90 else text[:87] + '...'}")


@contextlib.contextmanager
def add_parser_and_compare(started):
    """Measures the rate with one parser, adds a second, and measures again."""
    before = sample()
    wait_until(lambda: time.monotonic() - started >= JOIN_AFTER_S, "the second parser's time")
    alone = rate(before, sample())
    parser = subprocess.Popen([str(BIN / "thresh-parser"), "--join", str(OUT), "--cpu-ms", "20"],
                              stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: status()["parsers"] and len(status()["parsers"]) == 2, "the second parser")
        before = sample()
        wait_until(lambda: time.monotonic() - before[0] >= 2, "the second measurement")
        both = rate(before, sample())
        say(f"One parser: {alone:.0f} pages/s. A second one joined after {JOIN_AFTER_S:.0f} s: "
            f"{both:.0f} pages/s.")
        yield parser
    finally:
        if parser.poll() is None:
            parser.terminate()
        parser.wait()


def kill_each_once(run):
    """kill -9 for each of the run's processes; it starts another in its place."""
    say("\nNow each of the run's processes is killed with -9, in the middle of its work:\n")
    for name, pid_of in (("thresh-sink", sink_pid), ("thresh-fetcher", fetcher_pid), ("thresh-parser", lambda: parser_pid(run))):
        pid = wait_until(pid_of, name)
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: pid_of() not in (None, pid), f"another {name}")
        say(f"  killed {name} (pid {pid}): back in {time.monotonic() - killed:.2f} s")


def sink_pid():
    return (ask("sink.sock") or {}).get("pid")


def fetcher_pid():
    return (ask("fetcher.sock") or {}).get("pid")


def parser_pid(run):
    """The pid of the parser that the run has started itself, once the fetcher knows it."""
    for parser in (ask("fetcher.sock") or {"parsers": []})["parsers"]:
        with contextlib.suppress(OSError):
            stat = pathlib.Path("/proc", str(parser["pid"]), "stat").read_text()
            if int(stat.rpartition(")")[2].split()[1]) == run.pid:
                return parser["pid"]
    return None


def show_dead_letter():
    say(f"\nThe URL that failed, in {here(OUT)}/dead.ndjson:\n")
    for line in (OUT / "dead.ndjson").read_text().splitlines():
        letter = json.loads(line)
        say(f"  {letter['reason']}  {letter['url']}  (attempts: {letter['attempts']})")


def conclude(code):
    lost, duplicate, wrong, extra = review_site.check(OUT / "review.ndjson", SITE)
    expected = sum(1 for _ in SITE.truth())
    found = sum(1 for _ in open(OUT / "review.ndjson", "rb"))
    say(f"\n{expected:,} records expected, {found:,} found: {lost} lost, {duplicate} twice, "
        f"{wrong} wrong, {extra} too many.\n\nFiles:\n"
        f"  {here(OUT)}/review.ndjson   the records, a line each\n"
        f"  {here(OUT)}/dead.ndjson     what failed, and why\n\n"
        f"Next, your own page:\n  {here(BIN)}/thresh run https://example.org -o -")
    exact = (lost, duplicate, wrong, extra) == (0, 0, 0, 0)
    return 0 if exact and code == 3 else 1  # 3: some URL ended as a dead letter, as it should


# Small tools.

def ask(name):
    """What one of the run's daemons says of itself; None while it does not listen."""
    with socket.socket(socket.AF_UNIX) as control:
        try:
            control.connect(str(OUT / ".thresh" / name))
            control.sendall(b'{"op":"status"}\n')
            return json.loads(control.makefile().readline())
        except (OSError, ValueError):  # none there, or killed in mid-answer
            return None


def status():
    return ask("fetcher.sock") or {"done": 0, "parsers": [0, 0]}  # the run has ended


def sample():
    return time.monotonic(), status()["done"]


def rate(before, after):
    return (after[1] - before[1]) / (after[0] - before[0])


def wait_until(condition, what, within_s=60):
    deadline = time.monotonic() + within_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            sys.exit(f"demo: {what} did not come within {within_s} s; see {here(OUT)}/.thresh/*.log")
        time.sleep(0.002)


def here(path):
    """The path as one would type it from the project's folder."""
    return path.relative_to(ROOT)


def quoted(word):
    return f"'{word}'" if any(c in word for c in '[]"* ') else word


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
