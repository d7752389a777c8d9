#!/usr/bin/python3
"""`thresh url`: URLs as the WHATWG standard reads them, by the web platform's own cases."""
import collections
import json
import unittest

from support.flow import FlowTest, corpora

CASES_A_CALL = 100


def can_be_typed(text):
    """A command line carries neither a NUL nor half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class UrlCommandTest(FlowTest):
    def url(self, *arguments, code=0):
        done = self.thresh("url", *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def test_each_url_is_printed_in_its_canonical_form(self):
        done = self.url("HTTP://Example.org:80/a/../b?c d#e", "https://m\u00fcnchen.example")
        self.assertEqual(done.out, "http://example.org/b?c%20d#e\nhttps://xn--mnchen-3ya.example/\n")

    def test_a_relative_one_needs_a_base(self):
        self.assertEqual(self.url("--base", "http://x/a/b", "../c", "?d").out, "http://x/c\nhttp://x/a/b?d\n")
        self.assertIn("thresh url: ", self.url("../c", code=65).err)
        self.assertIn("--base: ", self.url("--base", "nowhere", "/c", code=65).err)

    def test_brackets_are_part_of_a_url(self):
        self.assertEqual(self.url("--base", "http://x/", "[a,b]", "[]", "[::1]").out, "http://x/[a,b]\nhttp://x/[]\nhttp://x/[::1]\n")

    def test_what_is_no_url_is_said_and_the_others_are_printed(self):
        done = self.url("http://a b/", "http://x", code=65)
        self.assertEqual(done.out, "http://x/\n")
        self.assertEqual(len(done.err.splitlines()), 1)

    def test_json_has_the_parts_or_the_error(self):
        done = self.url("--json", "http://u:p@x:81/a?b#c", "x:y", "http://[", code=65)
        parts, opaque, broken = map(json.loads, done.out.splitlines())
        self.assertEqual(parts, {"input": "http://u:p@x:81/a?b#c", "href": "http://u:p@x:81/a?b#c", "origin": "http://x:81",
                                 "scheme": "http", "username": "u", "password": "p", "host": "x:81", "hostname": "x",
                                 "port": 81, "path": "/a", "query": "b", "fragment": "c"})
        self.assertEqual((opaque["path"], opaque["port"], "query" in opaque), ("y", None, False))
        self.assertEqual(broken.keys(), {"input", "error"})

    def test_nothing_to_read_is_a_fault_of_the_command_line(self):
        self.url(code=64)

    def test_the_cases_of_the_web_platform(self):
        cases = [case for case in json.loads(corpora("conformance", "url", "urltestdata.json").read_text())
                 if isinstance(case, dict)]
        by_base = collections.defaultdict(list)
        for case in cases:
            if can_be_typed(case["input"]) and can_be_typed(case.get("base") or ""):
                by_base[case.get("base") or ""].append(case)
        typed = sum(map(len, by_base.values()))
        self.assertGreaterEqual(typed, 0.95 * len(cases))
        for base, group in by_base.items():
            for at in range(0, len(group), CASES_A_CALL):
                self.check(base, group[at:at + CASES_A_CALL])

    def check(self, base, cases):
        done = self.thresh("url", "--json", *(["--base", base] if base else []), "--", *[case["input"] for case in cases])
        if done.code == 65 and not done.out:  # The base itself is none.
            self.assertTrue(all(case.get("failure") for case in cases), (base, done))
            return
        answers = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual(len(answers), len(cases), done)
        for case, answer in zip(cases, answers):
            self.assertEqual(answer.get("href"), None if case.get("failure") else case["href"], case)


if __name__ == "__main__":
    unittest.main()
