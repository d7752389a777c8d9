"""A small crawl that is brought to its end whatever dies in it, and is then compared with the truth."""
import contextlib
import pathlib

from support.flow import DEADLINE_S, FlowTest, ask_socket, wait_for
from support.labelled_site import EXACT, LabelledSite, recipe_text
from support.pipeline import FETCH_LOOPBACK, FeedClient, Pipeline, is_balanced

FETCHER = (*FETCH_LOOPBACK, "--set", "fetch.per_host=20")


class SmallCrawlTest(FlowTest):
    """Each test may make any number of crawls of one site of 30 pages, 630 records in two files."""
    BUSINESSES = 3

    def setUp(self):
        super().setUp()
        self.site = LabelledSite(self.BUSINESSES, self.tmp / "served")
        self.addCleanup(self.site.stop)
        self.recipe = self.write("labelled.toml", recipe_text())

    def start_small(self, name, sink=(), fetcher=(), parsers=1, **how):
        """A pipeline that has been fed nothing yet and may be dying already."""
        return Pipeline(self, [self.recipe], parsers, fetcher=(*FETCHER, *fetcher), sink=sink, name=name, listening=False, **how)

    def finish(self, pipeline, revive, urls=None, deadline_s=DEADLINE_S):
        """Feeds the seeds and waits until all is done; `revive(process)` is called with each that has
        ended. Returns the seeds that were answered."""
        urls, answered = list(self.site.urls if urls is None else urls), []

        def is_over():
            self.revive_all(pipeline, revive)
            with contextlib.suppress(OSError, AssertionError, ValueError):
                while len(answered) < len(urls):
                    self._feed_one(pipeline, urls[len(answered)])
                    answered.append(urls[len(answered)])
            return len(answered) == len(urls) and self._is_done(pipeline.status())
        try:
            wait_for(is_over, "%s to end" % pipeline.folder, deadline_s)
        except AssertionError as failed:
            raise AssertionError("%s: %s" % (failed, self.last_words(pipeline))) from failed
        return answered

    @staticmethod
    def revive_all(pipeline, revive):
        for process in pipeline.processes:
            if process.poll() is not None:
                revive(process)

    @staticmethod
    def _feed_one(pipeline, url):
        with contextlib.closing(FeedClient(pipeline.feed_socket)) as client:
            answer = client.ask(url)
        if not answer["ok"]:
            raise ValueError(answer)

    @staticmethod
    def _is_done(status):
        return status is not None and status["pending"] == 0

    @staticmethod
    def last_words(pipeline):
        return pipeline.state_of_affairs()

    def end_all(self, pipeline):
        """No process of it is left."""
        for process in pipeline.processes:
            self.end(process)

    def assert_exact(self, pipeline, what="", revive=None):
        """The output is that of an undisturbed crawl, and the ledger agrees. Who is to die may die here."""
        examples = []
        verdict = self.site.judge(pipeline.out, examples=examples)
        self.assertEqual(verdict, EXACT, "%s: %s" % (what, "\n".join(examples[:4])))

        def ask():
            if revive:
                self.revive_all(pipeline, revive)
            return ask_socket(pipeline.state / "fetcher.sock", "ledger")
        ledger = wait_for(ask, "the ledger")
        counts = {key: ledger.get(key) for key in ("fed", "followed", "done", "dead", "pending")}
        seeds, pages = self.site.site.businesses, self.site.pages_count
        self.assertEqual(counts, {"fed": seeds, "followed": pages - seeds, "done": pages, "dead": {}, "pending": 0}, what)
        self.assertTrue(is_balanced(ledger), "%s: %s" % (what, ledger))

    @staticmethod
    def visible(pipeline):
        """Bytes of each output file now."""
        return {path.name: path.read_bytes() for path in sorted(pathlib.Path(pipeline.out).glob("*.ndjson"))}
