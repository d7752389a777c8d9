"""The words of the tests of the package, inside a box: install it, look at its units, crawl a site.

Nothing here sleeps for things to settle: `wait_for` looks until it is so, with a deadline.
"""
import contextlib
import json
import os
import pathlib
import pwd
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "flow"), str(ROOT / "bench")]

from support.flow import DEADLINE_S, ask_socket, wait_for  # noqa: E402,F401
from support.http_server import TestServer  # noqa: E402,F401
from support.labelled_site import EXACT, LabelledSite, recipe_text  # noqa: E402,F401
from support.pipeline import FeedClient, is_balanced  # noqa: E402,F401

FEED = pathlib.Path("/run/thresh-feed.sock")
RUN = pathlib.Path("/run/thresh")
STATE = pathlib.Path("/var/lib/thresh")
OUT = STATE / "out"
ETC = pathlib.Path("/etc/thresh")
FETCHER, SINK = "thresh-fetcher.service", "thresh-sink.service"
DAEMONS = (FETCHER, SINK, "thresh-parser@1.service", "thresh-parser@2.service")
LONG = os.environ.get("THRESH_ALL") == "1"


def package():
    """The .deb to test, in the folder THRESH_PACKAGES."""
    folder = pathlib.Path(os.environ.get("THRESH_PACKAGES") or ROOT / "build" / "packages")
    found = list(folder.glob("thresh_*.deb"))
    if len(found) != 1:
        raise AssertionError("expected one thresh_*.deb in %s, found %d: scripts/package dev makes it" % (folder, len(found)))
    return found[0]


def command(*words, user=None, stdin=None, check=True):
    """Runs a command to its end, as another user if one is named."""
    if user:
        words = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", *words)
    done = subprocess.run([str(word) for word in words], input=stdin, capture_output=True, text=True, timeout=240,
                          check=False)
    if check and done.returncode != 0:
        raise AssertionError("%s: exit code %d\n%s%s\n%s" % (" ".join(map(str, words)), done.returncode, done.stdout,
                                                            done.stderr, journal()[-3000:]))
    return done


def journal(unit=None, *more):
    return subprocess.run(["journalctl", "--no-pager", "-o", "cat", *(["-u", unit] if unit else ["-n", "60"]), *more],
                          capture_output=True, text=True, check=False).stdout


def show(unit, name):
    """A property of a unit, as text."""
    return command("systemctl", "show", "--property", name, "--value", unit).stdout.strip()


def pid_of(unit):
    return int(show(unit, "MainPID") or 0)


def systemctl(*words, check=True):
    return command("systemctl", *words, check=check)


def stop_all():
    """Until none of them runs: stopping the target alone begins it, and does not wait."""
    systemctl("stop", "thresh.target", "thresh-feed.socket", "thresh-*.service")


def is_active(unit):
    return show(unit, "ActiveState") == "active"


def wait_until_active(*units):
    for unit in units:
        wait_for(lambda unit=unit: is_active(unit), "%s to be active: %s" % (unit, journal(unit)[-1500:]))


def status():
    """The fetcher's status; None while it does not listen."""
    return ask_socket(RUN / "fetcher.sock", "status")


def sink_status():
    return ask_socket(RUN / "sink.sock", "status")


def wait_for_status(condition, what, deadline_s=DEADLINE_S):
    def look():
        found = status()
        return found if found is not None and condition(found) else None
    try:
        return wait_for(look, what, deadline_s)
    except AssertionError as why:
        raise AssertionError("%s\nstatus %s\n%s" % (why, status(), journal()[-3000:])) from why


def feed(*lines):
    """Feeds lines over one connection; returns their answers."""
    with contextlib.closing(FeedClient(FEED)) as client:
        client.send(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
        client.half_close()
        return client.all_answers()


def install(deb=None):
    """Installs the package as apt would. What it says is returned."""
    done = command("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", deb or package())
    return done.stdout + done.stderr


def write(path, text, mode=0o644):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def drop_in(unit, text):
    """Settings over those of a unit, as `systemctl edit` makes them; they hold from its next start."""
    write("/etc/systemd/system/%s.d/test.conf" % unit, text)
    systemctl("daemon-reload")


def add_user(name, *groups):
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name).pw_uid
    command("useradd", "--no-create-home", *(["--groups", ",".join(groups)] if groups else []), name)
    return pwd.getpwnam(name).pw_uid


def site_recipe(name="labelled", delay_ms=0):
    """The recipe of a LabelledSite, allowed to work on this machine."""
    text = recipe_text().split("[[tests]]")[0].replace('"yelp-reviews"', '"%s"' % name)
    text = text.replace('allow = ["https://www.yelp.com/biz/*"]', 'allow = ["http://127.0.0.1:*"]')
    fetch = '[fetch]\nper_host = 20\nrespect_robots_txt = false\nallow_private = ["127.0.0.0/8"]\ndelay_ms = %d\n\n'
    return text.replace("[[items]]", fetch % delay_ms + "[[items]]", 1)


PLAIN = """name = "plain"
allow = ["http://127.0.0.1:*"]
[fetch]
per_host = 50
respect_robots_txt = false
allow_private = ["127.0.0.0/8"]
[[items]]
name = "page"
[items.fields]
title = "title"
"""


def read_pages(name="page"):
    """The records of an item, whole lines only."""
    path = OUT / (name + ".ndjson")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == "" or text.endswith("\n"), "a torn line: %r" % text[-80:]
    return [json.loads(line) for line in text.splitlines()]


class ServiceTest(unittest.TestCase):
    """A box with the package installed and its units at work. Each class has a state of its own."""
    RECIPES = {"plain": PLAIN}

    @classmethod
    def setUpClass(cls):
        if not pathlib.Path("/usr/bin/thresh").exists():
            install()
        stop_all()
        for folder in (ETC / "recipes", STATE, RUN):
            command("find", folder, "-mindepth", "1", "-delete", check=False)
        for name, text in cls.RECIPES.items():
            write(ETC / "recipes" / (name + ".toml"), text)
        command("systemd-tmpfiles", "--create", "thresh.conf")
        systemctl("start", "thresh-feed.socket", "thresh.target")
        wait_until_active(*DAEMONS)

    def assert_balanced(self):
        ledger = wait_for(lambda: ask_socket(RUN / "fetcher.sock", "ledger"), "the ledger")
        self.assertTrue(is_balanced(ledger), ledger)
        return ledger

    def restarts_of(self, unit):
        return int(show(unit, "NRestarts"))

    def wait_for_new_life(self, unit, old_pid, deadline_s=DEADLINE_S):
        """Until the unit is active with another process."""
        wait_for(lambda: is_active(unit) and pid_of(unit) not in (0, old_pid),
                 "another life of %s:\n%s" % (unit, journal(unit)[-1500:]), deadline_s)
