"""A review site on a TestServer whose pages can be held back, so that a crawl stands still at will."""
import threading

from support.flow import ROOT  # noqa: F401, puts bench/ on the path
from support.http_server import Response, TestServer
from review_site import ReviewSite

HTML = {"Content-Type": "text/html; charset=utf-8"}
GIVE_UP_S = 120


class ReviewPages:
    """Serves a ReviewSite; page `p` (from 0) of any business is answered once `open_to` is above it."""

    def __init__(self, test, businesses, pages=10, page_bytes=12_000, open_to=None):
        self.site = ReviewSite(businesses, pages, page_bytes)
        self._open_to = pages if open_to is None else open_to
        self._changed = threading.Condition()
        self._places = {self.site.path(b, p): (b, p) for b, p in self.site.places()}
        self._bodies = {path: self.site.page(*place) for path, place in self._places.items()}
        self.server = TestServer().start()
        self.server.default(self._answer)
        test.addCleanup(self.server.stop)
        test.addCleanup(self.open)

    @property
    def urls(self):
        """The first page of each business."""
        return self.site.urls(self.server.url)

    def page_url(self, b, p):
        return self.server.url + self.site.path(b, p)

    @property
    def records_count(self):
        return len(self._places) * 20

    def open(self, open_to=1 << 30):
        """Lets the pages below `open_to` through, those that wait as well."""
        with self._changed:
            self._open_to = open_to
            self._changed.notify_all()

    def _answer(self, request):
        place = self._places.get(request.target)
        if place is None:
            return Response(404, b"no such page\n")
        with self._changed:
            self._changed.wait_for(lambda: place[1] < self._open_to, GIVE_UP_S)
        return Response(200, self._bodies[request.target], HTML)
