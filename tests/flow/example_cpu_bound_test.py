#!/usr/bin/python3
"""examples/cpu_bound: its README does what it says, and its exercises come out as the tutorials say. With THRESH_ALL=1 in full size."""
import json
import unittest

from support.flow import read_records
from support.pasted import ALL, PastedTest


class CpuBoundTest(PastedTest):
    example = "cpu_bound"
    shorter = {"100000000 100000001": "50000000 50000001", "1000000 1000 20": "400000 1000 20", "-n 400 -c 20": "-n 40 -c 20"}

    def tasks(self, name):
        return read_records(self.tmp / "build/exercises" / name / "task.ndjson")

    @staticmethod
    def spans(tasks):
        return sorted((task["began"], task["began"] + task["seconds"]) for task in tasks)

    def test_the_readme_does_what_it_says(self):
        self.run_readme()

        (_, first_end), (second_begin, _) = self.spans(self.tasks("countdown-1"))
        self.assertGreaterEqual(second_begin, first_end - 0.01, "one parser counts one down after the other")
        (_, first_end), (second_begin, _) = self.spans(self.tasks("countdown-2"))
        self.assertLess(second_begin, first_end, "two parsers count at the same time")

        numbers = [int(task["task"].split()[1]) for task in self.tasks("fibonacci-2")]
        self.assertEqual(set(numbers[:2]), {1000, 20}, "the light ones are first")
        self.assertEqual(numbers[2], 1_000_000 if ALL else 400_000)
        bits = {int(task["task"].split()[1]): task["bits"] for task in self.tasks("fibonacci-2")}
        self.assertEqual((bits[20], bits[1000]), (13, 694))  # 6765; a number of 209 digits

        all_moves = {"game %d/%d" % (game, move) for game in range(1, 11) for move in range(1, 11)}
        took = {}
        for name in ("games-in-a-row-1", "games-1", "games-2"):
            tasks = self.tasks(name)
            self.assertEqual(sorted(task["task"] for task in tasks), sorted(all_moves))
            spans = self.spans(tasks)
            took[name] = spans[-1][1] - spans[0][0]
        self.assertGreaterEqual(took["games-in-a-row-1"], 99 * (0.085 + 0.05))
        self.assertGreaterEqual(took["games-1"], 100 * 0.05)
        self.assertLess(took["games-1"], took["games-in-a-row-1"])
        moves = [task["task"] for task in self.tasks("games-1")]
        self.assertLess(moves.index("game 10/1"), moves.index("game 1/10"), "the master goes from board to board")

    def test_the_bench_says_the_same(self):
        done = self.thresh("bench", "crawl", "-n", 60, "-c", 20, "--delay-ms", 50, "--cpu-ms", 20, "--json", "-o", self.tmp / "bench")
        self.assertEqual(done.code, 0, done)
        modes = {line["mode"]: line for line in map(json.loads, done.out.splitlines())}
        self.assertEqual(list(modes), ["one-process", "parsers-1", "parsers-2", "parsers-4"])
        self.assertGreaterEqual(modes["one-process"]["wall_s"], 60 * 0.02)
        self.assertTrue(all(mode["errors"] == 0 for mode in modes.values()))


if __name__ == "__main__":
    unittest.main()
