#!/usr/bin/python3
"""Real review pages, each through the whole pipeline: every field of every record is what three other
engines agree on. Once with a recipe made from the selectors beside the page, once with the recipe of
recipes/ that is for such pages."""
import gzip
import json
import re
import unittest

from support.flow import ROOT, FlowTest, corpora, own
from support.http_server import Response, TestServer

BUNDLED = {
    "yelp-biz-2014": ("yelp-biz-2014", "review"),
    "yelp-search-unies": ("yelp-search", "business"),
    "amazon-reviews-2016-p1": ("amazon-reviews", "review"),
    "amazon-com-product-2021": ("amazon-product", "review"),
    "iens-restaurant-2016": ("iens-reviews", "review"),
    "trustpilot-uk-2019": ("trustpilot-reviews", "review"),
}


def css_of(notation):
    """`sel@attr` of the corpora as our selector."""
    found = re.fullmatch(r"(.*?)@([\w-]+)", notation, re.S)
    return "%s::attr(%s)" % found.groups() if found else notation


def recipe_of(expected):
    """A recipe with the page's own selectors, page values included."""
    lines = ['name = "real"', "[[items]]", 'name = "real"',
             "rows = " + json.dumps(expected["recipe"]["records"]), "[items.fields]"]
    for name, notation in expected["recipe"]["fields"].items():
        lines.append("%s = %s" % (name, json.dumps(css_of(notation))))
    for name, notation in expected["recipe"].get("page", {}).items():
        lines.append("page_%s = { css = %s, page = true }" % (name, json.dumps(css_of(notation))))
    return "\n".join(lines) + "\n"


class RealReviewsTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def crawl_page(self, name, recipe):
        """The records of one page, served at the path and query it had."""
        folder = corpora("pages", "reviews")
        expected = json.loads((folder / (name + ".expected.json")).read_text())
        body = gzip.decompress((folder / (name + ".html.gz")).read_bytes())
        path = "/" + expected["page_url"].split("/", 3)[3]
        self.server.default(lambda request: Response(200, body, {"Content-Type": "text/html; charset=utf-8"}))
        if recipe is None:
            recipe = self.write(name + ".toml", recipe_of(expected))
        out = self.tmp / ("out-" + recipe.stem)
        self.crawl(recipe, self.server.url + path, "--max-pages", "1", "-j", "1", out=out)
        return expected, out

    def test_the_selectors_of_each_page_give_its_107_records(self):
        total = 0
        for name in BUNDLED:
            with self.subTest(page=name):
                expected, out = self.crawl_page(name, None)
                found = [own(record) for record in self.records("real", out)]
                page = {"page_" + key: value for key, value in expected["page_values"].items()}
                self.assertEqual(found, [{**record, **page} for record in expected["records"]])
                self.assertEqual(len(found), expected["record_count"])
                total += len(found)
        self.assertEqual(total, 107)

    def test_the_bundled_recipes_give_the_same_records(self):
        for name, (recipe, item) in BUNDLED.items():
            with self.subTest(recipe=recipe):
                expected, out = self.crawl_page(name, ROOT / "recipes" / (recipe + ".toml"))
                fields = expected["recipe"]["fields"]
                found = [{key: record[key] for key in fields} for record in self.records(item, out)]
                self.assertEqual(found, expected["records"])


if __name__ == "__main__":
    unittest.main()
