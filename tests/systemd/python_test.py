#!/usr/bin/python3
"""The Debian package thresh-python, in a box: installed beside thresh it is found, works, and goes again."""
import json
import pathlib
import unittest

from support import box
from support.service import TestServer, command, install, package

FUNCTION = "import thresh\n\ndef parse_page(html, url):\n    yield {'url': url}\n    yield thresh.Link('/1')\n"
INSTALLED = pathlib.Path("/usr/lib/python3/dist-packages/thresh")
PRIVATE = 'fetch.allow_private=["127.0.0.0/8"]'


def python_package():
    found = list(package().parent.glob("thresh-python_*_all.deb"))
    if len(found) != 1:
        raise AssertionError("expected one thresh-python_*.deb beside %s, found %d" % (package(), len(found)))
    return found[0]


class PythonTest(unittest.TestCase):
    """One life of a package, in the order of the tests' names."""

    @classmethod
    def setUpClass(cls):
        cls.server = TestServer().start()
        cls.addClassCleanup(cls.server.stop)
        cls.server.default(lambda request: b"<title>any page</title>")
        install()
        cls.folder = pathlib.Path("/tmp/work")
        cls.folder.mkdir()
        (cls.folder / "scraper.py").write_text(FUNCTION)

    def shell(self, line):
        return command("sh", "-c", "cd %s && %s" % (self.folder, line)).stdout

    def test_1_lintian_has_nothing_to_object_to(self):
        done = command("lintian", "--allow-root", "--no-tag-display-limit", python_package(), check=False)
        self.assertEqual([line for line in done.stdout.splitlines() if line.startswith("E:")], [], done.stdout)

    def test_2_installed_its_command_is_a_parser_of_a_crawl(self):
        said = command("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", python_package())
        self.assertNotRegex((said.stdout + said.stderr).lower(), "warn|error|fail")
        self.assertEqual(command("dpkg", "--verify", "thresh-python").stdout, "")
        self.assertTrue((INSTALLED / "__pycache__").exists())
        found = self.shell("thresh run -o - -j 2 --parser 'thresh-parser-py --function scraper:parse_page' --set '%s' %s/0"
                           % (PRIVATE, self.server.url))
        self.assertEqual({json.loads(line)["url"] for line in found.splitlines()}, {self.server.url + "/0", self.server.url + "/1"})

    def test_3_the_module_crawls(self):
        found = self.shell("/usr/bin/python3 -c 'import thresh; print(len(list(thresh.run([\"%s/0\"], \"scraper:parse_page\", "
                           "settings={\"fetch.allow_private\": [\"127.0.0.0/8\"]}))))'" % self.server.url)
        self.assertEqual(found, "2\n")

    def test_4_removed_it_leaves_nothing(self):
        command("dpkg", "--purge", "thresh-python")
        self.assertFalse(INSTALLED.exists())
        self.assertFalse(pathlib.Path("/usr/bin/thresh-parser-py").exists())


if __name__ == "__main__":
    box.go_inside("unified")
    unittest.main()
