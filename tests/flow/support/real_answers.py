"""A recipe of recipes/, as it is but for its address, on answers that come from the real service.

    class RealAnswersTest(RecipeOnRealAnswers):
        recipe_name, service, item = "gnip-search", "https://gnip-api.twitter.com", "tweet"
        terms = {"gnip-terms.csv": "term\\npizza\\n"}
"""
from support.flow import ROOT, FlowTest, own
from support.http_server import TestServer


class RecipeOnRealAnswers(FlowTest):
    """`server` stands for `service`; the lists that the recipe reads lie beside it."""

    recipe_name = service = item = ""
    terms = {}

    def setUp(self):
        super().setUp()
        self.maxDiff = None
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        for name, text in self.terms.items():
            self.write(name, text)
        text = (ROOT / "recipes" / (self.recipe_name + ".toml")).read_text(encoding="utf-8")
        self.recipe = self.write(self.recipe_name + ".toml", self.edited(text.replace(self.service, self.server.url)))

    def edited(self, text):
        """The recipe's text as it is to be run."""
        return text

    def run_recipe(self, code=0):
        """The records, without what thresh adds."""
        done = self.thresh("run", "-r", self.recipe, "--set", 'fetch.allow_private=["127.0.0.0/8"]', "-o", self.out)
        self.assertEqual(done.code, code, done)
        return [own(record) for record in self.records(self.item)]
