#!/usr/bin/python3
"""The page in a real browser, during a crawl: numbers move, a URL is found, a dead letter is read, hostile text stays text."""
import itertools
import json
import threading
import unittest

from web_support import WebTest, open_browser, set_look, take_shot, wait_for

WORDS = ("Harbour lights", "A quiet street", "The old mill", "Bread and salt", "Three bridges", "Rain on slate")
ATTACK = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


class PageTest(WebTest):
    """A crawl that goes on for as long as the test looks."""

    def setUp(self):
        super().setUp()
        self.server.default(self.page)
        self.server.route("/robots.txt", status=404)
        self.server.route("/lost", body=b"<h1>Not here</h1><script>window.hacked=1</script> & nowhere else", status=404)
        self.start_all(fetcher=("--set", "fetch.per_host=4"))
        self.stop = threading.Event()
        self.fed = 0
        feeder = threading.Thread(target=self.feed_on)
        self.addCleanup(feeder.join)
        self.addCleanup(self.stop.set)
        feeder.start()
        self.browser = open_browser(self)
        set_look(self.browser, 1280, 900, dark=False)
        self.browser.get(self.url + "/")

    def page(self, request):
        self.stop.wait(0.01)
        number = int("0" + "".join(c for c in request.path if c.isdigit()))
        if number % 17 == 3:
            from support.http_server import Response
            return Response(410, b"gone for good")
        return ("<title>%s %d</title>" % (WORDS[number % len(WORDS)], number)).encode()

    def feed_on(self):
        for batch in itertools.count():
            urls = [self.server.url + "/place/%d" % i for i in range(batch * 60, batch * 60 + 60)]
            self.pipeline.feed(*urls)
            self.fed += len(urls)
            if self.stop.wait(0.4):
                return

    def text(self, selector):
        return self.browser.execute_script("const e = document.querySelector(arguments[0]); return e ? e.textContent : ''", selector)

    def tile(self, name):
        return self.browser.execute_script(
            "for (const t of document.querySelectorAll('.tiles > div'))"
            " if (t.firstChild.textContent === arguments[0]) return t.lastChild.textContent; return ''", name)

    def number(self, name):
        return int("0" + "".join(c for c in self.tile(name) if c.isdigit()))

    def click(self, selector):
        self.browser.execute_script("document.querySelector(arguments[0]).click()", selector)

    def type(self, selector, text):
        self.browser.execute_script("document.querySelector(arguments[0]).value = arguments[1]", selector, text)

    def searched_all(self):
        """What a search says; goes on with one that looked at a part of a long ledger only, as one look may."""
        said = self.text("#search-said")
        if said.endswith(" so far."):
            self.click("#search-more")
        return said

    def assert_unharmed(self):
        self.assertIsNone(self.browser.execute_script("return window.hacked ?? null"))
        self.assertEqual(self.browser.execute_script("return document.querySelectorAll('main img, dialog img, main script').length"), 0)
        severe = [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
        self.assertEqual(severe, [])

    def test_numbers_move_and_charts_grow(self):
        first = wait_for(lambda: self.number("Done"), "the first number")
        wait_for(lambda: self.number("Done") > first, "the number to move")
        wait_for(lambda: self.text("#state") == "running", "the state")
        wait_for(lambda: float(self.tile("Pages/s")) > 0, "a rate")
        wait_for(lambda: self.browser.execute_script("return document.querySelectorAll('.plot path.line').length") >= 9, "lines in the charts")
        label = self.browser.execute_script("return document.querySelector('.plot').getAttribute('aria-label')")
        self.assertRegex(label, r"^Pages fetched, per second, last five minutes\. pages: now [\d.]+, at most [\d.]+\.$")
        wait_for(lambda: self.text("#host-rows").startswith(self.server.url[7:]), "the host")
        wait_for(lambda: self.text("#errors").startswith("http_410"), "errors by reason")
        wait_for(lambda: all(str(p.pid) in self.text("#parser-rows") for p in self.pipeline.parsers), "the parsers")
        wait_for(lambda: "page.ndjson" in self.text("#record-list"), "records as they arrive")
        self.assert_unharmed()

    def test_a_url_is_found_in_the_ledger(self):
        self.pipeline.wait_for_status(lambda s: s["done"] > 5, "some pages")
        wait_for(lambda: "balanced" in self.text("#balance"), "the balance")
        self.type("#search-url", self.server.url + "/place/1")
        self.click("#search button")
        wait_for(lambda: "found" in self.text("#search-said"), "the search")
        rows = self.browser.execute_script("return [...document.querySelectorAll('#found tr')].map(r => r.innerText)")
        self.assertTrue(rows[0].startswith(self.server.url + "/place/1\tdone"), rows[:3])
        self.type("#search-url", "/place/3")
        self.click("#search button")
        wait_for(lambda: "/place/1done" not in self.text("#found") and "http_410" in self.text("#found"), "the dead letter among what was found")
        self.type("#search-url", "no such thing")
        self.click("#search button")
        wait_for(lambda: self.searched_all() == "Nothing found.", "nothing")
        self.assert_unharmed()

    def test_an_answer_that_comes_late_changes_nothing(self):
        self.pipeline.feed(self.server.url + "/lost", self.server.url + "/place/3")
        wait_for(lambda: all(self.get_json("/api/letters?text=" + url)["letters"] for url in ("/lost", "/place/3")), "both letters")
        for box, button, early, late, shown in (
                ("#search-url", "#search button", "/lost", "no such thing", lambda: self.searched_all() == "Nothing found."),
                ("#letter-text", "#letter-filter button", "/place/3", "/lost", lambda: "/lost" in self.text("#letters"))):
            self.hold_answers()
            self.type(box, early)
            self.click(button)
            self.let_go_on()
            self.type(box, late)
            self.click(button)
            wait_for(shown, "the later answer")
            self.hand_over_what_was_held()
            self.assertTrue(shown(), "%s: %s" % (box, self.text("#search-said")))
            self.assertNotIn(early, self.text("#found") + self.text("#letters"))

    def hold_answers(self):
        """The next answers of thresh-web come when the test wants it."""
        self.browser.execute_script("window.held = []; window.reallyFetch = window.reallyFetch || window.fetch;"
                                    "window.fetch = (...a) => new Promise(r => held.push(() => reallyFetch(...a).then(r)));")

    def let_go_on(self):
        self.browser.execute_script("window.fetch = window.reallyFetch")

    def hand_over_what_was_held(self):
        self.browser.set_script_timeout(30)
        self.browser.execute_async_script(
            "const done = arguments[0]; Promise.all(held.map(h => h()))"
            ".then(() => fetch('/api/ledger')).then(r => r.json()).then(() => setTimeout(done, 0));")

    def test_a_dead_letter_is_read_as_text(self):
        self.pipeline.feed(self.server.url + "/lost")
        wait_for(lambda: self.get_json("/api/letters?text=/lost")["letters"], "the letter")
        self.type("#letter-text", "/lost")
        self.click("#letter-filter button")
        wait_for(lambda: self.browser.execute_script("return document.querySelectorAll('#letters tr').length") == 1, "the letter")
        self.click("#letters button")
        wait_for(lambda: self.text("#letter-body"), "the body")
        self.assertEqual(self.text("#letter-body"), "<h1>Not here</h1><script>window.hacked=1</script> & nowhere else")
        self.assertIn("http_404", self.text("#letter-facts"))
        self.assertTrue(self.browser.execute_script("return document.querySelector('#letter').open"))
        self.assert_unharmed()

    def test_what_pages_say_stays_text(self):
        from support.http_server import Response
        path = "/%22%3E%3Cimg%20src=x%20onerror=window.hacked=1%3E"
        self.server.route(path, body=("<title>%s</title>" % ATTACK.replace("<", "&lt;")).encode())
        self.server.route(path + "dead", handler=lambda request: Response(404, ATTACK.encode(), {"X-Evil": ATTACK}))
        wait_for(lambda: self.number("Done"), "the page")
        self.stop.set()
        self.pipeline.feed(self.server.url + path + "dead")
        numbers = itertools.count()

        def is_shown():  # Of many records a second only some are.
            self.pipeline.feed(json.dumps({"url": self.server.url + path + "?n=%d&q=%s" % (next(numbers), ATTACK), "job": ATTACK}))
            return "onerror" in self.text("#record-list")
        wait_for(is_shown, "the record")
        wait_for(lambda: self.get_json("/api/letters?text=onerror")["letters"], "the letter")
        self.type("#letter-text", "onerror")
        self.click("#letter-filter button")
        wait_for(lambda: "onerror" in self.text("#letters"), "it on the page")
        self.click("#letters button")
        wait_for(lambda: ATTACK in self.text("#letter-body"), "the body")
        self.assertIn(ATTACK, self.text("#letter-facts"))
        self.type("#search-url", "onerror")
        self.click("#search button")
        wait_for(lambda: "onerror" in self.text("#found"), "what was found")
        wait_for(lambda: self.get_json("/api/live"), "one more look")
        self.assert_unharmed()

    def test_daemons_that_are_gone_are_told_and_come_back(self):
        wait_for(lambda: self.text("#state") == "running", "the state")
        self.pipeline.kill(self.pipeline.sink)
        wait_for(lambda: "thresh-sink" in self.text("#notice"), "the notice")
        self.pipeline.restart(self.pipeline.sink)
        wait_for(lambda: self.text("#state") == "running", "the state to be well again")

    def test_all_is_reached_by_keyboard(self):
        wait_for(lambda: self.number("Done"), "the page")
        from selenium.webdriver.common.keys import Keys
        body = self.browser.switch_to.active_element
        seen = set()
        for _ in range(60):
            body.send_keys(Keys.TAB)
            body = self.browser.switch_to.active_element
            seen.add(body.get_attribute("id") or body.get_attribute("href") or body.get_attribute("class"))
        self.assertTrue({"search-url", "letter-text", "plot", self.url + "/#ledger"} <= seen, seen)
        outline = self.browser.execute_script("const e = document.querySelector('#search-url'); e.focus();"
                                              "return getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth")
        self.assertEqual(outline, "solid3px")
        plot = self.browser.find_element("css selector", ".plot")
        plot.send_keys(Keys.ARROW_LEFT)
        wait_for(lambda: "pages" in self.text(".chart .at"), "the value under the cursor")

    def test_pictures_in_light_and_dark_at_both_widths(self):
        self.pipeline.feed(self.server.url + "/lost")
        wait_for(lambda: self.browser.execute_script("return live.samples.length") > 25, "half a minute of samples")
        self.type("#search-url", "/place/1")
        self.click("#search button")
        wait_for(lambda: "found" in self.text("#search-said"), "the search")
        self.click("#letter-filter button")
        wait_for(lambda: self.text("#letters"), "letters")
        for name, width, height, phone in (("desktop", 1280, 900, False), ("phone", 390, 844, True)):
            for dark in (False, True):
                set_look(self.browser, width, height, dark, phone)
                self.browser.execute_script("scrollTo(0, 0)")
                wait_for(lambda w=width: self.browser.execute_script("return innerWidth") == w, "the size")
                overflow = self.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
                self.assertLessEqual(overflow, 0, "%s scrolls sideways" % name)
                shade = self.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
                self.assertEqual(shade, "rgb(14, 19, 25)" if dark else "rgb(244, 246, 249)")
                take_shot(self.browser, "%s-%s" % (name, "dark" if dark else "light"))
        self.click("#letters button")
        wait_for(lambda: self.text("#letter-note"), "the letter")
        take_shot(self.browser, "letter-phone-dark", whole=False)
        set_look(self.browser, 1280, 900, False)
        take_shot(self.browser, "letter-desktop-light", whole=False)
        self.assert_unharmed()


if __name__ == "__main__":
    unittest.main()
