#!/usr/bin/python3
"""`thresh check`: a recipe is right, or its faults are told by file, line and column."""
import textwrap
import unittest

from support.flow import RECIPES, ROOT, FlowTest

GOOD = """\
name = "good"
allow = ["https://example.org/*"]
[[items]]
name = "thing"
rows = "div.thing"
[items.fields]
title = "h2"
"""


class CheckTest(FlowTest):
    def check(self, *recipes, code):
        done = self.thresh("check", *recipes)
        self.assertEqual(done.code, code, done)
        return done

    def assert_fault(self, text, line, column, *words):
        """The recipe has one fault, at this place, and its message has all the words."""
        recipe = self.write("broken.toml", textwrap.dedent(text))
        done = self.check(recipe, code=65)
        self.assertEqual(done.out, "")
        self.assertEqual(done.err.count("\n"), 1, done)
        self.assertTrue(done.err.startswith("%s:%d:%d: " % (recipe, line, column)), done)
        for word in words:
            self.assertIn(word, done.err)


class GoodTest(CheckTest):
    def test_a_good_recipe_is_ok(self):
        recipe = self.write("good.toml", GOOD)
        done = self.check(recipe, code=0)
        self.assertEqual((done.out, done.err), ("%s: ok\n" % recipe, ""))

    def test_all_recipes_that_come_with_thresh_are_ok(self):
        recipes = [*sorted((ROOT / "recipes").glob("*.toml")), *sorted(RECIPES.glob("*.toml"))]
        self.assertGreater(len(recipes), 5)
        for recipe in recipes:
            self.assertEqual(self.check(recipe, code=0).out, "%s: ok\n" % recipe)

    def test_one_broken_recipe_does_not_hide_the_others(self):
        good, broken = self.write("good.toml", GOOD), self.write("broken.toml", "name = 3\n")
        done = self.check(broken, good, code=65)
        self.assertEqual(done.out, "%s: ok\n" % good)
        self.assertIn("%s:1:8: " % broken, done.err)

    def test_two_recipes_that_would_tie_are_told(self):
        one, two = self.write("one.toml", GOOD), self.write("two.toml", GOOD.replace('"good"', '"two"'))
        done = self.check(one, two, code=65)
        for word in (str(one), str(two), "https://example.org/"):
            self.assertIn(word, done.err)


class KeyTest(CheckTest):
    def test_an_unknown_key_and_the_one_that_was_meant(self):
        self.assert_fault(GOOD.replace("allow =", "alow  ="), 2, 1, 'unknown key "alow"', 'did you mean "allow"?')
        self.assert_fault(GOOD.replace("rows =", "  row ="), 5, 3, 'unknown key "row"', 'did you mean "rows"?')
        self.assert_fault(GOOD.replace('"h2"', '{ css = "h2", typ = "number" }'), 7, 23, 'unknown key "typ"', 'did you mean "type"?')

    def test_keys_of_requests_starts_and_fetch_have_their_places(self):
        self.assert_fault(GOOD + '[[follow]]\ncss = "a"\nmethod = "A B"\n', 10, 11, "method: expected a method")
        self.assert_fault(GOOD + '[[start]]\nurl = "http://x/"\nfrm = "terms.csv"\n', 10, 1, 'unknown key "frm"', 'did you mean "from"?')
        self.assert_fault(GOOD + '[fetch]\ncookies = true\n', 9, 11, "cookies: expected a table")

    def test_all_faults_of_reading_and_compiling_come_at_once(self):
        bad = GOOD.replace('"div.thing"', '"div["').replace('"h2"', '{ css = "h2", typ = "x", pipe = ["trmi"] }')
        done = self.check(self.write("broken.toml", bad), code=65)
        self.assertEqual([line.split(":")[1] for line in done.err.splitlines()], ["5", "7", "7"])
        self.assertIn('did you mean "trim"?', done.err)

    def test_a_fault_inside_an_expression_of_each_language(self):
        self.assert_fault(GOOD.replace('"h2"', '"h2 >> b"'), 7, 14, "h2 >> b")
        self.assert_fault(GOOD.replace('"h2"', '"//h2[contians(.)]"'), 7, 15, "contains")
        self.assert_fault(GOOD.replace('"h2"', '{ css = "script", json = "$.a[" }'), 7, 39, "$.a[")

    def test_a_recipe_without_a_name_or_without_work(self):
        self.assert_fault(GOOD.replace('name = "good"', ""), 1, 1, 'expected name = ')
        self.assert_fault('name = "x"\n', 1, 1, "[[items]]", "[[follow]]")


class ValueTest(CheckTest):
    def test_a_value_of_the_wrong_kind(self):
        self.assert_fault(GOOD.replace('["https://example.org/*"]', '"https://example.org/*"'), 2, 9, "expected an array of strings, found a string")
        self.assert_fault(GOOD.replace('"h2"', "2"), 7, 9, "expected a selector or a table, found an integer")
        self.assert_fault(GOOD + '[fetch]\nper_host = "8"\n', 9, 12, "per_host: expected a whole number of at least 1, found a string")

    def test_a_value_out_of_range(self):
        self.assert_fault(GOOD + "[fetch]\nper_host = 0\n", 9, 12, "of at least 1, found 0")
        self.assert_fault(GOOD + "[fetch]\ndelay_ms = -1\n", 9, 12, "of at least 0, found -1")

    def test_a_type_that_does_not_exist(self):
        self.assert_fault(GOOD.replace('"h2"', '{ css = "h2", type = "nummer" }'), 7, 31, "type: expected text, number", 'found "nummer"')

    def test_an_item_name_that_is_no_file_name(self):
        self.assert_fault(GOOD.replace('"thing"', '"../thing"'), 4, 9, 'found "../thing"')
        self.assert_fault(GOOD.replace('"thing"', '"dead"'), 4, 9, 'found "dead"')

    def test_a_field_name_that_thresh_keeps_for_itself(self):
        self.assert_fault(GOOD.replace("title =", "_id =  "), 7, 9, 'field "_id"')

    def test_a_field_without_a_source_or_with_two(self):
        self.assert_fault(GOOD.replace('"h2"', '{ type = "text" }'), 7, 9, "expected one source", "found 0")
        self.assert_fault(GOOD.replace('"h2"', '{ css = "h2", url = true }'), 7, 9, "expected one source", "found 2")

    def test_several_faults_are_told_in_their_order(self):
        recipe = self.write("broken.toml", GOOD.replace("allow", "alow").replace('"h2"', "2"))
        lines = self.check(recipe, code=65).err.splitlines()
        self.assertEqual([line.split(": ")[0] for line in lines], ["%s:2:1" % recipe, "%s:7:9" % recipe])


class SyntaxTest(CheckTest):
    def test_a_selector_is_pointed_into(self):
        self.assert_fault(GOOD.replace("div.thing", "div..thing"), 5, 13, 'in selector "div..thing"')
        self.assert_fault(GOOD.replace('"h2"', '"h2:hass(a)"'), 7, 12, 'hass', 'did you mean ":has"?')
        self.assert_fault(GOOD.replace('"h2"', '{ css = "a > > b" }'), 7, 22, 'in selector "a > > b"')
        self.assert_fault(GOOD + '[[follow]]\ncss = "a[href"\n', 9, 14, 'in selector "a[href"')

    def test_a_regular_expression_that_does_not_compile(self):
        self.assert_fault(GOOD.replace('"h2"', """{ css = "h2", re = '(\\d+' }"""), 7, 29, "regular expression", r"(\d+")

    def test_what_is_no_toml(self):
        recipe = self.write("broken.toml", 'name = "x\n')
        self.assertRegex(self.check(recipe, code=65).err, r"\A%s:1:\d+: " % recipe)
        recipe = self.write("broken.toml", GOOD + "[[items]\n")
        self.assertRegex(self.check(recipe, code=65).err, r"\A%s:8:\d+: " % recipe)

    def test_a_key_that_is_there_twice(self):
        recipe = self.write("broken.toml", 'name = "x"\nname = "y"\n')
        self.assertRegex(self.check(recipe, code=65).err, r"\A%s:2:\d+: " % recipe)

    def test_a_start_url_that_is_none(self):
        self.assert_fault(GOOD.replace("allow = ", 'start_urls = ["https://ok.example/", "nonsense"]\nallow = '), 2, 38, "nonsense")

    def test_an_address_range_that_is_none(self):
        self.assert_fault(GOOD + '[fetch]\nallow_private = ["127.0.0.0/8",\n  "999/3"]\n', 10, 3, "999/3")

    def test_a_selector_over_several_lines(self):
        self.assert_fault(GOOD.replace('"h2"', '"""\ndiv\n  > > b"""'), 9, 5, "in selector")

    def test_a_file_that_is_not_there(self):
        done = self.check(self.tmp / "none.toml", code=65)
        self.assertIn("%s/none.toml" % self.tmp, done.err)

    def test_a_selector_after_letters_of_two_bytes(self):
        """Columns count letters, as editors do."""
        self.assert_fault(GOOD.replace('"h2"', '"[x=\'äöü\'] > > b"'), 7, 22, "in selector")


if __name__ == "__main__":
    unittest.main()
