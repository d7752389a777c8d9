#!/usr/bin/python3
"""The public test suites through the commands that people use: `thresh html` and `thresh select`."""
import concurrent.futures
import json
import os
import re
import subprocess
import unittest

from support.flow import FlowTest, corpora

TREE_CASE = re.compile(rb"#data\n(?:|(.*?)\n)#errors\n(.*?)#document\n(.*?)(?=\n#data\n|\Z)", re.S)


class CorporaTest(FlowTest):
    def run_all(self, check, cases):
        """Runs check(case) for all cases, two at a time; what it returns is a failure."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            failures = [failure for failure in pool.map(check, cases) if failure]
        self.assertEqual(failures, [], "%d of %d" % (len(failures), len(cases)))

    def command(self, *arguments, stdin):
        done = subprocess.run([self.program("thresh"), *arguments], input=stdin, capture_output=True, env=self.env, timeout=60)
        self.assertIn(done.returncode, (0, 1, 65), done)
        return done

    def test_html5lib_trees(self):
        cases = []
        for path in sorted(corpora("conformance", "html5-tree").glob("*.dat")):
            for number, case in enumerate(TREE_CASE.finditer(path.read_bytes()), 1):
                data, head, document = case.groups()
                if b"#script-on\n" not in head:
                    cases.append(("%s %d" % (path.name, number), data, head, document.rstrip(b"\n") + b"\n"))
        self.assertGreater(len(cases), 984)

        def check(case):
            name, data, head, document = case
            fragment = re.search(rb"#document-fragment\n(.*)\n", head)
            arguments = ("--fragment", fragment.group(1).decode()) if fragment else ()
            done = self.command("html", "--charset", "utf-8", *arguments, stdin=data or b"")
            return None if done.stdout == document and done.returncode == 0 else name

        self.run_all(check, cases)

    def test_json_that_must_parse_and_json_that_must_not(self):
        cases = sorted(corpora("conformance", "json").glob("*.json"))
        self.assertGreater(len(cases), 100)

        def check(path):
            code = self.command("select", "$", str(path), stdin=b"").returncode
            return None if {"y": code == 0, "n": code == 65}.get(path.name[0], True) else path.name

        self.run_all(check, cases)

    def test_jsonpath_queries(self):
        cases = json.loads(corpora("conformance", "jsonpath-rfc9535", "cts.json").read_text(encoding="utf-8"))["tests"]
        self.assertGreater(len(cases), 300)

        def check(case):
            document = json.dumps(case.get("document")).encode()
            done = self.command("select", "--json", "--", case["selector"], stdin=document)
            if case.get("invalid_selector"):
                return None if done.returncode == 65 else case["name"]
            found = [json.loads(line) for line in done.stdout.decode().splitlines()]
            right = found in case.get("results", [case.get("result")]) and done.returncode == (0 if found else 1)
            return None if right else case["name"]

        self.run_all(check, cases)


if __name__ == "__main__":
    unittest.main()
