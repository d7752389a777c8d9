#!/usr/bin/python3
"""`thresh shell`: a prompt for expressions on one page, with stdin from a pipe and at a terminal."""
import fcntl
import os
import pathlib
import pty
import select
import subprocess
import termios
import time
import unittest

from support.flow import DEADLINE_S, FlowTest
from support.http_server import Response, TestServer

PAGE = "<!DOCTYPE html><title>Page</title><p class=alpha id=i>one<p class=beta>two<a href=next>n</a>"


class ShellTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.env.update(HOME=str(self.tmp), TERM="xterm")
        self.env.pop("XDG_STATE_HOME", None)
        self.page = self.write("page.html", PAGE)

    def shell(self, *lines, page=None):
        return self.thresh("shell", page or self.page, stdin="".join(line + "\n" for line in lines).encode())


class PipeTest(ShellTest):
    def test_expressions_are_read_line_by_line(self):
        done = self.shell("p", "p::attr(class)", ":quit", "a")
        self.assertEqual((done.code, done.err), (0, ""))
        head, _, rest = done.out.partition("\n")
        self.assertTrue(head.startswith("%s: HTML, " % self.page) and head.endswith(', "Page"'), head)
        self.assertEqual(rest, '2 matches\n  1  "one"\n  2  "twon"\n2 matches\n  1  "alpha"\n  2  "beta"\n')

    def test_a_bad_expression_goes_to_stderr_and_the_next_is_read(self):
        done = self.shell("p:has(", "a")
        self.assertEqual(done.code, 0)
        self.assertTrue(done.out.endswith('1 match\n  1  "n"\n'), done)
        self.assertIn("CSS selector, column 7: ", done.err)

    def test_a_last_line_without_end_counts_and_no_history_is_kept(self):
        done = self.thresh("shell", self.page, stdin=b"a")
        self.assertIn("1 match\n", done.out)
        self.assertFalse(pathlib.Path(self.tmp, ".local").exists())

    def test_a_page_from_the_web_and_another_one(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/a", lambda request: Response(200, '<p>\u041f\u0440'.encode("windows-1251"), {"Content-Type": "text/html; charset=windows-1251"}))
        server.route("/b", lambda request: Response(404, b'{"n":[1,2]}', {"Content-Type": "application/json"}))
        done = self.shell("p", ":url %s/b" % server.url, "$.n[*]", ":url http://127.0.0.1:1/", "$.n", page=server.url + "/a")
        self.assertEqual(done.code, 0, done)
        self.assertIn("%s/a: HTML, 7 B from windows-1251, " % server.url, done.out)
        self.assertIn('1 match\n  1  "\u041f\u0440"\n', done.out)
        self.assertIn("%s/b: status 404, JSON, 11 B\n2 matches\n  1  1\n  2  2\n1 match\n  1  [1,2]\n" % server.url, done.out)
        self.assertIn("(connect)", done.err)

    def test_a_page_that_cannot_be_had(self):
        self.assertEqual(self.shell(page="http://127.0.0.1:1/").code, 3)
        self.assertEqual(self.shell(page=self.tmp / "none").code, 65)
        self.assertEqual(self.shell(page=self.write("x.json", "{")).code, 65)
        self.assertEqual(self.thresh("shell").code, 64)
        self.assertEqual(self.shell(page="-").code, 64)


class TerminalTest(ShellTest):
    def open(self):
        """The shell at a terminal of 80 columns."""
        master, slave = pty.openpty()
        os.set_blocking(master, False)
        self.process = subprocess.Popen([self.program("thresh"), "shell", str(self.page)], stdin=slave, stdout=slave, stderr=slave,
                                        env=self.env, cwd=self.tmp, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # Ctrl-C is for it.
        os.close(slave)
        self.master, self.seen = master, ""
        self.addCleanup(os.close, master)
        self.addCleanup(self.end, self.process)
        self.wait_for("> ")

    def wait_for(self, text):
        """Until the terminal shows `text` behind what was waited for before."""
        end = time.monotonic() + DEADLINE_S
        while text not in self.seen:
            self.assertLess(time.monotonic(), end, "waited in vain for %r, saw %r" % (text, self.seen))
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:  # The shell has gone.
                    self.fail("the terminal ended before %r; it showed %r" % (text, self.seen))
        self.seen = self.seen.partition(text)[2]

    def type(self, text):
        os.write(self.master, text.encode())

    def test_it_prompts_completes_and_keeps_what_was_typed(self):
        self.open()
        self.type(".al\t")
        self.wait_for("pha")
        self.type("\n")
        self.wait_for('1 match\r\n  1  "one"')
        self.wait_for("> ")
        self.type(":quit\n")
        self.assertEqual(self.wait_for_exit(self.process), 0)
        history = pathlib.Path(self.tmp, ".local/state/thresh/history")
        self.assertEqual(history.read_text(), ".alpha\n:quit\n")
        self.open()
        self.type("\x1b[A\x1b[A\n")  # Twice up.
        self.wait_for('1 match\r\n  1  "one"')
        self.type("\x04")
        self.assertEqual(self.wait_for_exit(self.process), 0)

    def test_ctrl_c_leaves_the_line_and_not_the_shell(self):
        self.open()
        self.type("nonsense\x03")
        self.wait_for("> ")
        self.type("a\n")
        self.wait_for("1 match")
        self.type("\x04")
        self.assertEqual(self.wait_for_exit(self.process), 0)


if __name__ == "__main__":
    unittest.main()
