"""The review site as a workload: chains of pages of 20 reviews each, linked by "Next"; W2, W3 and W5 are of this kind."""
import review_site

from .base import BENCH, Workload

FIELDS = ("review_id", "business", "author", "location", "date", "text")


class Reviews(Workload):
    kind, item = "reviews", "review"
    recipe = BENCH.parent / "recipes" / "yelp-reviews.toml"
    sources = ["review_site.py", "review_markup.py", "review_words.py", "workloads/reviews.py"]

    def __init__(self, name, title, businesses, page_bytes, chain=10):
        self.name, self.title = name, title
        self.site = review_site.ReviewSite(max(1, round(businesses)), chain, page_bytes, base_path="/" + name)
        self.pages = self.site.businesses * chain

    def parameters(self):
        site = self.site
        return {"count": site.businesses, "chain": site.pages, "page_bytes": site.page_bytes, "seed": site.seed}

    def write_pages(self, folder):
        review_site.write_site(self.site, folder, truth=False)

    def truth(self):
        return self.site.truth()

    def seeds(self, base):
        return self.site.urls(base)

    def every_url(self, base):
        return [base + self.site.path(*place) for place in self.site.places()]

    @staticmethod
    def canonical(record):
        return [*(record[field] for field in FIELDS), "%.2f" % record["rating"]]

    def differences(self, path):
        examples = []
        if path.exists():
            review_site.check(path, self.site, examples)
        return examples
