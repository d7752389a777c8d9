#!/usr/bin/python3
"""examples/download: its README does what it says; memory is constant; `thresh fetch` ends with its reader. With THRESH_ALL=1 bodies
have a gigabyte."""
import hashlib
import os
import pathlib
import re
import subprocess
import unittest

from support.flow import BIN, ROOT
from support.pasted import ALL, PastedTest

LARGE = 1_000_000_000 if ALL else 150_000_000
MOST_MEMORY_KB = 100_000


class DownloadTest(PastedTest):
    example = "download"
    ports = (8705, 8706)
    shorter = {"/1000000000/": "/%d/" % LARGE}

    def serve_files(self, *arguments):
        server = subprocess.Popen([str(ROOT / "examples/download/server.py"), *arguments], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(self.end, server)  # first
        return re.fullmatch(r"listening (\S+)\n", server.stdout.readline()).group(1)

    def pages(self, out="out"):
        folder = self.tmp / out / ".thresh" / "pages"
        if not folder.exists():
            return set()
        return {path.name for path in folder.iterdir() if not path.name.startswith(".")}

    def download(self, urls, *more, code=0):
        done = self.thresh("run", "-r", ROOT / "examples/download/download.toml", "-f", self.write_list(urls), "-o", self.out, *more)
        self.assertEqual(done.code, code, done)
        return done

    def test_the_readme_does_what_it_says(self):
        self.run_readme()
        large = self.tmp / "build/large/.thresh/pages/output_large.html"
        self.assertEqual(large.stat().st_size, LARGE)
        self.assertEqual(self.pages("build/checked"), {"output_secret.html"})

    def test_what_is_in_a_file_is_what_was_sent(self):
        url = self.serve_files()
        self.download([url + "/size/100000/a", url + "/docs/b", url + "/docs/%C3%A9%20c?x=1"])
        self.assertEqual(self.pages(), {"output_a.html", "output_b.html", "output_\u00e9 c.html"})
        lines = b"".join(b"%015d\n" % n for n in range(4096)) * 2
        self.assertEqual((self.tmp / "out/.thresh/pages/output_a.html").read_bytes(), lines[:100_000])

    def test_pages_of_one_name_have_files_of_their_own(self):
        url = self.serve_files()
        self.download(["%s/docs/%d/same" % (url, n) for n in range(5)])
        names = self.pages()
        self.assertEqual(len(names), 5)
        self.assertTrue(all(re.fullmatch(r"output_same(-[0-9a-f]{8})?\.html", name) for name in names), names)

    def test_memory_does_not_grow_with_a_body(self):
        url = self.serve_files()
        run = self.start("thresh", "run", "-r", str(ROOT / "examples/download/download.toml"), "-f",
                         str(self.write_list(["%s/size/%d/large" % (url, LARGE)])), "-o", str(self.out))
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0)
        self.assertEqual((self.tmp / "out/.thresh/pages/output_large.html").stat().st_size, LARGE)
        self.assertLess(usage.ru_maxrss, MOST_MEMORY_KB)  # Of the largest process, those that it waited for included.

    def test_fetch_streams_to_stdout_and_ends_with_its_reader(self):
        url = self.serve_files()
        sink = subprocess.Popen(["sha256sum"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        fetch = subprocess.Popen([str(BIN / "thresh"), "fetch", "%s/size/%d/x" % (url, LARGE)], stdout=sink.stdin)
        sink.stdin.close()
        _, status, usage = os.wait4(fetch.pid, 0)
        fetch.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(fetch.returncode, 0)
        self.assertLess(usage.ru_maxrss, MOST_MEMORY_KB)
        digest, block, rest = hashlib.sha256(), b"".join(b"%015d\n" % n for n in range(4096)), LARGE
        while rest > 0:
            digest.update(block[:rest])
            rest -= len(block)
        with sink.stdout:
            self.assertEqual(sink.stdout.read().split()[0], digest.hexdigest())
        self.assertEqual(sink.wait(), 0)
        done = subprocess.run(["bash", "-c", "'%s' fetch %s/size/100000000000/x | head -c 1000 | wc -c; echo ${PIPESTATUS[0]}" % (
            BIN / "thresh", url)], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout.split(), done.stderr), (["1000", "73"], ""))

    def test_certificates_are_checked_unless_it_is_said(self):
        url = self.serve_files("--tls", str(self.tmp / "tls"))
        self.download([url + "/docs/a"], code=3)
        self.assertEqual(self.dead()[url + "/docs/a"]["reason"], "tls")
        self.download([url + "/docs/a"], "--fresh", "--set", "fetch.verify=false")
        self.assertEqual(self.pages(), {"output_a.html"})
        self.download([url + "/docs/a"], "--fresh", "--set", "fetch.ca_file=%s" % (self.tmp / "tls/cert.pem"))
        self.assertEqual(self.pages(), {"output_a.html"})


if __name__ == "__main__":
    unittest.main()
