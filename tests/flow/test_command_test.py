#!/usr/bin/python3
"""`thresh test`: recipes' own tests, run offline."""
import json
import unittest

from support.flow import ROOT, FlowTest

PAGE = """<div class=q><b>Ada</b><i>4.5</i></div><div class=q><b>Bob</b><i>none</i></div><a class=next href="?p=2">next</a>"""
RECIPE = """\
name = "quotes"
allow = ["https://example.org/*"]
[[items]]
name = "quote"
rows = ".q"
[items.fields]
author = "b"
rating = { css = "i", type = "number" }
[[follow]]
css = ".next"
"""
TEST = '[[tests]]\npage = "%s"\nurl = "https://example.org/list"\nexpect = "%s"\n'


class TestCommandTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.write("page.html", PAGE)
        self.expect([{"author": "Ada", "rating": 4.5}, {"author": "Bob", "rating": None}])

    def expect(self, records, name="page.ndjson"):
        return self.write(name, "".join(json.dumps(record) + "\n" for record in records))

    def recipe(self, *tests, name="quotes.toml", text=RECIPE):
        return self.write(name, text + "".join(TEST % test for test in tests))

    def run_tests(self, *arguments, code):
        done = self.thresh("test", *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def test_a_test_that_passes(self):
        recipe = self.recipe(("page.html", "page.ndjson"))
        done = self.run_tests(recipe, code=0)
        self.assertEqual((done.out, done.err), ("%s: page.html ok (2 records)\n1 test of 1 recipe: 1 ok, 0 FAILED\n" % recipe, ""))

    def test_a_difference_is_told_by_record_and_field(self):
        self.expect([{"author": "Ada", "rating": 4}, {"author": "Bob", "rating": None}], "wrong.ndjson")
        recipe = self.recipe(("page.html", "wrong.ndjson"), ("page.html", "page.ndjson"))
        done = self.run_tests(recipe, code=1)
        first, difference, *others = done.out.splitlines()
        self.assertEqual(first, "%s: page.html FAILED" % recipe)
        self.assertRegex(difference, r"^  quote 1: rating: expected 4, found 4\.5$")
        self.assertEqual(others, ["%s: page.html ok (2 records)" % recipe, "2 tests of 1 recipe: 1 ok, 1 FAILED"])

    def test_records_that_are_missing_or_too_many(self):
        self.expect([{"author": "Ada", "rating": 4.5}], "one.ndjson")
        self.expect([{"author": "Ada", "rating": 4.5}, {"author": "Bob", "rating": None}, {"author": "Cy", "rating": 1}], "three.ndjson")
        for wanted, words in (("one.ndjson", ("expected 1 records, found 2", '"Bob"')), ("three.ndjson", ("expected 3 records, found 2", '"Cy"'))):
            done = self.run_tests(self.recipe(("page.html", wanted)), code=1)
            for word in words:
                self.assertIn(word, done.out)

    def test_a_file_that_is_not_there_fails_its_test(self):
        done = self.run_tests(self.recipe(("none.html", "page.ndjson"), ("page.html", "none.ndjson")), code=1)
        self.assertIn("none.html", done.out)
        self.assertIn("none.ndjson", done.out)
        self.assertIn("2 tests of 1 recipe: 0 ok, 2 FAILED\n", done.out)

    def test_paths_are_from_the_recipes_folder_and_folders_are_all_their_recipes(self):
        folder = self.tmp / "recipes"
        folder.mkdir()
        for name in ("b", "a"):
            self.write("recipes/%s.toml" % name, RECIPE.replace('"quotes"', '"%s"' % name) + TEST % ("../page.html", "../page.ndjson"))
        self.write("recipes/c.toml", RECIPE.replace('"quotes"', '"c"'))
        done = self.run_tests("recipes", code=0)
        self.assertEqual(done.out, "recipes/a.toml: ../page.html ok (2 records)\nrecipes/b.toml: ../page.html ok (2 records)\n"
                                   "recipes/c.toml: no tests\n2 tests of 3 recipes: 2 ok, 0 FAILED\n")

    def test_without_any_test_it_says_so_and_is_1(self):
        recipe = self.recipe()
        self.assertEqual(self.run_tests(recipe, code=1).out, "%s: no tests\n0 tests of 1 recipe: 0 ok, 0 FAILED\n" % recipe)

    def test_a_broken_recipe_is_65_and_the_others_are_tested(self):
        broken = self.write("broken.toml", "name = 3\n")
        recipe = self.recipe(("page.html", "page.ndjson"))
        done = self.run_tests(broken, recipe, code=65)
        self.assertIn("%s:1:8: " % broken, done.err)
        self.assertIn("%s: page.html ok" % recipe, done.out)
        self.run_tests(self.tmp / "none.toml", code=65)
        (self.tmp / "empty").mkdir()
        self.run_tests("empty", code=65)

    def test_the_recipes_that_come_with_thresh_pass(self):
        done = self.run_tests(ROOT / "recipes", code=0)
        self.assertNotIn("no tests", done.out)


if __name__ == "__main__":
    unittest.main()
