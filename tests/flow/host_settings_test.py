#!/usr/bin/python3
"""What an operator says of hosts ([[host]]) holds, whatever recipes say."""
import unittest

from support.flow import FlowTest, read_records, wait_for
from support.http_server import Response
from support.pages import HTML, WatchedHost
from support.pipeline import Pipeline

RECIPE = '''name = "pages"
allow = ["http://127.0.0.1:*", "http://localhost:*"]
[fetch]
per_host = 100
respect_robots_txt = %s
%s
[[items]]
name = "page"
[items.fields]
title = "title"
[[follow]]
css = "a"
'''


class HostSettingsTest(FlowTest):
    def host(self, **how):
        server = WatchedHost(**how).start()
        self.addCleanup(server.stop)
        return server

    def pipeline(self, config, fetch="", robots="false", arguments=()):
        recipe = self.tmp / "pages.toml"
        recipe.write_text(RECIPE % (robots, fetch))
        self.config = self.tmp / "thresh.toml"
        self.config.write_text('[fetcher]\nallow_private = ["127.0.0.0/8", "::1"]\n' + config)
        self.pipe = Pipeline(self, [recipe], fetcher=("--config", self.config, *arguments))
        return self.pipe

    def crawl(self, urls):
        for answer in self.pipe.feed(*urls):
            self.assertTrue(answer["ok"], answer)
        self.pipe.wait_until_done(len(urls))

    def dead(self):
        return {line["url"]: line for line in read_records(self.pipe.out / "dead.ndjson")}


class LimitTest(HostSettingsTest):
    def test_a_host_is_never_asked_by_two_at_once_though_the_recipe_allows_a_hundred(self):
        limited, free = self.host(), self.host()
        self.pipeline('[[host]]\nmatch = "%s"\nper_host = 1\n' % limited.host)
        self.crawl([host.url + "/%d" % n for n in range(30) for host in (limited, free)])
        self.assertEqual((limited.most, len(limited.requests)), (1, 30))
        self.assertGreater(free.most, 3)

    def test_a_host_that_is_asked_seldom_is_hung_up_on(self):
        seldom, often = self.host(), self.host()
        self.pipeline('[[host]]\nmatch = "%s"\ndelay_ms = 119000\n' % seldom.host)
        self.crawl([seldom.url + "/0", often.url + "/0"])
        wait_for(lambda: seldom.open_connections() == 0, "the connection to be closed")
        self.assertEqual(often.open_connections(), 1)

    def test_it_is_so_behind_a_redirect(self):
        seldom, often = self.host(), self.host()
        often.watch("/0", status=302, headers={"Location": seldom.url + "/1"})
        self.pipeline('[[host]]\nmatch = "%s"\ndelay_ms = 119000\n' % seldom.host)
        self.crawl([often.url + "/0"])
        self.assertEqual([request.path for request in seldom.requests], ["/1"])
        wait_for(lambda: seldom.open_connections() == 0, "the connection to be closed")

    def test_it_is_so_behind_a_robots_txt(self):
        seldom = self.host()
        seldom.watch("/robots.txt", status=404)
        self.pipeline('[[host]]\nmatch = "%s"\ndelay_ms = 119000\n' % seldom.host, robots="true")
        self.pipe.feed(seldom.url + "/0")
        wait_for(lambda: [request.path for request in seldom.requests] == ["/robots.txt"], "it to be asked for")
        wait_for(lambda: seldom.open_connections() == 0, "the connection to be closed")

    def test_robots_txt_and_redirects_from_elsewhere_count(self):
        limited, free = self.host(), self.host()
        limited.watch("/robots.txt", status=404)
        free.watch("/robots.txt", status=404)
        for n in range(12):
            free.redirect("/to/%d" % n, limited.url + "/from/%d" % n)
        self.pipeline('[[host]]\nmatch = "127.0.0.1:%d"\nper_host = 1\n' % limited.port, robots="true")
        self.crawl([free.url + "/to/%d" % n for n in range(12)] + [limited.url + "/%d" % n for n in range(12)])
        self.assertEqual(limited.most, 1)
        self.assertEqual(len(limited.requests), 25)

    def test_a_delay_that_the_recipe_does_not_keep_to(self):
        limited = self.host(hold_s=0)
        self.pipeline('[[host]]\nmatch = "*"\ndelay_ms = 100\n', fetch="delay_ms = 1")
        self.crawl([limited.url + "/%d" % n for n in range(6)])
        times = [request.time for request in limited.requests]
        self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), 0.04)
        self.assertGreaterEqual(times[-1] - times[0], 0.45)

    def test_robots_txt_is_kept_to_where_the_operator_says_so(self):
        strict, free = self.host(), self.host()
        for server in (strict, free):
            server.route("/robots.txt", body=b"User-agent: *\nDisallow: /\n")
        self.pipeline('[[host]]\nmatch = "%s"\nrespect_robots_txt = true\n' % strict.host)
        self.crawl([strict.url + "/a", free.url + "/a"])
        self.assertEqual([request.path for request in strict.requests], ["/robots.txt"])
        self.assertEqual([request.path for request in free.requests], ["/a"])

    def test_guards_against_traps_and_the_number_of_pages(self):
        links = b"<title>t</title>" + b"".join(b"<a href=/%d/x/y/z>l</a><a href=/%d>l</a>" % (n, n) for n in range(9))
        deep, few = self.host(body=links), self.host(body=links)
        self.pipeline('[[host]]\nmatch = "%s"\nmax_path_segments = 2\n[[host]]\nmatch = "%s"\nmax_host_pages = 4\n'
                      % (deep.host, few.host))
        self.crawl([deep.url + "/", few.url + "/"])
        self.assertEqual({request.path for request in deep.requests}, {"/"} | {"/%d" % n for n in range(9)})
        self.assertEqual(len(few.requests), 4)
        self.assertIn("path_too_deep", self.pipe.ask("ledger")["dropped"])


class RequestTest(HostSettingsTest):
    def test_headers_by_host_secrets_too(self):
        one, other = self.host(), self.host()
        (self.tmp / "key").write_text("s3cret-value\n")
        (self.tmp / "key").chmod(0o600)
        self.pipeline('[[host]]\nmatch = "%s"\nheaders = { x-key = "{secret.key}", accept-language = "nl" }\n'
                      'user_agent = "operator/1"\ncookies = { consent = "yes" }\n' % one.host,
                      fetch='headers = { accept-language = "en", x-mine = "m" }',
                      arguments=("--secrets-dir", self.tmp))
        self.crawl([one.url + "/a", other.url + "/a"])
        (asked,), (plain,) = one.requests, other.requests
        self.assertEqual([asked.headers.get(name) for name in ("x-key", "accept-language", "x-mine", "user-agent", "cookie")],
                         ["s3cret-value", "nl", "m", "operator/1", "consent=yes"])
        self.assertEqual([plain.headers.get(name) for name in ("x-key", "accept-language", "x-mine", "cookie")],
                         [None, "en", "m", None])

    def test_a_redirect_to_another_host_goes_by_that_hosts_table(self):
        one, other = self.host(), self.host()
        (self.tmp / "key").write_text("s3cret-value\n")
        (self.tmp / "key").chmod(0o600)
        one.redirect("/to", other.url + "/there")
        other.redirect("/back", one.url + "/here")
        self.pipeline('[[host]]\nmatch = "%s"\nheaders = { x-one = "{secret.key}" }\n'
                      '[[host]]\nmatch = "%s"\nheaders = { x-other = "o" }\n' % (one.host, other.host),
                      fetch='headers = { x-mine = "m" }\nauth = { bearer = "{secret.key}" }',
                      arguments=("--secrets-dir", self.tmp))
        self.crawl([one.url + "/to", other.url + "/back"])
        there = [r for r in other.requests if r.path == "/there"][0].headers
        here = [r for r in one.requests if r.path == "/here"][0].headers
        to = [r for r in one.requests if r.path == "/to"][0].headers
        names = ("x-one", "x-other", "x-mine", "authorization")
        self.assertEqual([to.get(n) for n in names], ["s3cret-value", None, "m", "Bearer s3cret-value"])
        self.assertEqual([there.get(n) for n in names], [None, "o", "m", None])
        self.assertEqual([here.get(n) for n in names], ["s3cret-value", None, "m", None])

    def test_a_proxy_by_host(self):
        proxy, other = self.host(), self.host()
        self.pipeline('[[host]]\nmatch = "*.proxied.test"\nproxy = "%s"\n' % proxy.url,
                      arguments=("--set", 'allow=["http://*"]'))
        self.crawl(["http://a.proxied.test/x", other.url + "/y"])
        self.assertEqual([r.target for r in proxy.requests], ["http://a.proxied.test/x"])
        self.assertEqual([r.target for r in other.requests], ["/y"])

    def test_a_proxy_that_is_not_there_is_a_failure_of_its_hosts_only(self):
        one, other = self.host(), self.host()
        self.pipeline('[[host]]\nmatch = "%s"\nproxy = "http://127.0.0.1:1"\nattempts = 1\n' % one.host)
        self.crawl([one.url + "/a", other.url + "/a"])
        self.assertEqual({url: line["attempts"] for url, line in self.dead().items()}, {one.url + "/a": 1})
        self.assertEqual((len(one.requests), len(other.requests)), (0, 1))

    def test_a_timeout_by_host(self):
        slow, other = self.host(), self.host()
        slow.hang("/a")
        self.pipeline('[[host]]\nmatch = "%s"\ntimeout_ms = 200\nattempts = 1\n' % slow.host)
        self.crawl([slow.url + "/a", other.url + "/a"])
        self.assertEqual(self.dead()[slow.url + "/a"]["reason"], "timeout")
        self.assertEqual(self.dead()[slow.url + "/a"]["attempts"], 1)

    def test_rules_on_answers_by_host_reach_the_parsers(self):
        one, other = self.host(body=b"<title>Captcha</title>"), self.host(body=b"<title>Captcha</title>")
        self.pipeline('[[host]]\nmatch = "%s"\n[[host.fail_when]]\ncss = "title"\nre = "(?i)captcha"\n' % one.host)
        self.crawl([one.url + "/a", other.url + "/a"])
        self.assertEqual({url: line["reason"] for url, line in self.dead().items()}, {one.url + "/a": "Captcha"})
        self.assertEqual([r["title"] for r in read_records(self.pipe.out / "page.ndjson")], ["Captcha"])

    def test_statuses_by_host(self):
        one, other = self.host(), self.host()
        for server in (one, other):
            answers = [202]
            server.route("/a", lambda request, answers=answers: Response(answers.pop() if answers else 200, b"<title>t</title>", HTML))
        self.pipeline('[[host]]\nmatch = "%s"\nretry_when = [{ status = [202], delay_ms = 1 }]\n' % one.host)
        self.crawl([one.url + "/a", other.url + "/a"])
        self.assertEqual((len(one.requests), len(other.requests)), (2, 1))

    def test_an_unverified_host_is_warned_of_at_the_start(self):
        self.pipeline('[[host]]\nmatch = "x.test"\nverify = false\n')
        log = self.pipe.log_of("thresh-fetcher")
        wait_for(lambda: "tls.unverified" in log.read_text(), "the warning")


class SetTest(HostSettingsTest):
    """--set takes every key of [fetch], those too that parsers go by."""

    def run_with(self, *sets, body):
        server = self.host(body=body)
        recipe = self.tmp / "pages.toml"
        recipe.write_text(RECIPE % ("false", 'allow_private = ["127.0.0.0/8"]'))
        words = [word for text in sets for word in ("--set", text)]
        self.done = self.thresh("run", "-r", recipe, server.url + "/a", "-o", self.out, "-j", "1", *words)
        return server

    def test_fail_when_by_a_value(self):
        server = self.run_with('fetch.fail_when=[{ css = "title", re = "^(No.*)" }]', body=b"<title>No more</title>")
        self.assertEqual(self.done.code, 3, self.done)
        self.assertEqual(read_records(self.out / "dead.ndjson")[0]["reason"], "No_more", server.url)

    def test_retry_when_by_a_value(self):
        server = self.run_with('fetch.retry_when=[{ css = "title", in = ["wait"], delay_ms = 1, attempts = 3 }]',
                               body=b"<title>wait</title>")
        self.assertEqual(len(server.requests), 3, self.done)

    def test_nofollow_and_robots_tags(self):
        body = b"<title>t</title><meta name=robots content=noindex><a rel=nofollow href=/n>n</a><a href=/f>f</a>"
        server = self.run_with("fetch.respect_nofollow=true", "fetch.respect_robots_tag=true", body=body)
        self.assertEqual({r.path for r in server.requests}, {"/a", "/f"}, self.done)
        self.assertEqual(read_records(self.out / "page.ndjson"), [])


if __name__ == "__main__":
    unittest.main()
