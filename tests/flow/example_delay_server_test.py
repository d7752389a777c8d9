#!/usr/bin/python3
"""examples/delay_server: its README does what it says. With THRESH_ALL=1 in full size, which takes two minutes."""
import json
import unittest

from support.pasted import ALL, PastedTest


class DelayServerTest(PastedTest):
    example = "delay_server"
    ports = (8082,)
    shorter = {"-n 1000 ": "-n 100 ", "gathered.py 1000": "gathered.py 300", "one_by_one.py 50": "one_by_one.py 5"}

    def test_the_readme_does_what_it_says(self):
        self.run_readme()
        noted = json.loads((self.tmp / "build" / "metric_data.json").read_text())
        self.assertEqual({name: len(spans) for name, spans in noted.items()},
                         {"gathered": 1000, "one_by_one": 50} if ALL else {"gathered": 300, "one_by_one": 5})
        self.assertTrue((self.tmp / "build" / "delay" / "crawl.svg").read_text().endswith("</svg>\n"))


if __name__ == "__main__":
    unittest.main()
