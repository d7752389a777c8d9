#!/usr/bin/python3
"""`thresh transforms`: what may stand in a pipe, as a table and as JSON."""
import json
import unittest

from support.flow import FlowTest


class TransformsTest(FlowTest):
    def test_every_transform_has_a_row_under_the_heads_of_its_columns(self):
        done = self.thresh("transforms")
        self.assertEqual((done.code, done.err), (0, ""))
        head, *rows = done.out.splitlines()
        columns = [head.index(word) for word in ("NAME", "ARGUMENTS", "WHAT IT DOES", "EXAMPLE")]
        names = [row[:columns[1]].strip() for row in rows]
        for name in ("trim", "squeeze", "lower", "upper", "replace", "split", "first", "last", "strip_tags", "unescape",
                     "absolute_url", "query_param"):
            self.assertIn(name, names)
        self.assertEqual(names, sorted(set(names)))
        for row in rows:
            for column in columns[1:]:
                self.assertEqual(row[column - 2:column], "  ", row)
            self.assertIn(" -> ", row[columns[3]:])

    def test_json_says_the_same(self):
        done = self.thresh("transforms", "--json")
        entries = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([entry["name"] for entry in entries], [row.split()[0] for row in self.thresh("transforms").out.splitlines()[1:]])
        for entry in entries:
            self.assertEqual(list(entry), ["name", "arguments", "sentence", "call", "input", "output"])
            self.assertTrue(entry["sentence"].endswith("."), entry)
            self.assertIsInstance(entry["input"], list)

    def test_one_by_name_and_the_nearest_of_a_misspelt_one(self):
        self.assertEqual(json.loads(self.thresh("transforms", "--json", "trim").out)["name"], "trim")
        done = self.thresh("transforms", "trimm")
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn('did you mean "trim"?', done.err)


if __name__ == "__main__":
    unittest.main()
