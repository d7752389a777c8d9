#!/usr/bin/python3
"""Private addresses are refused at the moment of connecting, however they are spelt or reached."""
import unittest

from support.http_server import Response, TestServer
from support.pipeline import Pipeline
from support.real_servers import FetchFlowTest

JSON = {"Content-Type": "application/json"}
SPELLINGS = ("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "127.0.0.1.", "localhost", "LOCALHOST",
             "0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1")


class GuardTest(FetchFlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b'{"ok":1}', JSON))

    def test_every_spelling_is_refused_after_one_request_that_is_never_sent(self):
        urls = ["http://%s:%d/%d" % (host, self.server.port, n) for n, host in enumerate(SPELLINGS)]
        found = self.fetch(*urls, private="", code=3)
        self.assertEqual(set(found.values()), {"private_address"}, found)
        self.assertEqual(len(found), len(SPELLINGS))
        self.assertEqual({letter["attempts"] for letter in self.letters.values()}, {1})
        self.assertEqual(self.server.requests, [])

    def test_ipv6_and_the_clouds_own_address_are_refused_too(self):
        found = self.fetch("http://[::1]:%d/" % self.server.port, "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
                           "http://[fd00:ec2::254]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", private="")
        self.assertEqual(set(found.values()), {"private_address"}, found)
        self.assertEqual(len(found), 6)

    def test_a_redirect_to_a_private_address_is_refused(self):
        self.server.redirect("/out", "http://10.0.0.1:%d/x" % self.server.port)
        self.server.redirect("/spelt", "http://[::ffff:169.254.169.254]/x")
        only = 'allow_private = ["127.0.0.1/32"]\n'
        found = self.fetch(self.server.url + "/out", self.server.url + "/spelt", self.server.url + "/fine", private=only, code=3)
        self.assertEqual(found[self.server.url + "/out"], "private_address")
        self.assertEqual(found[self.server.url + "/spelt"], "private_address")
        self.assertEqual(found[self.server.url + "/fine"], {"ok": 1})

    def test_what_is_typed_may_be_private_under_its_own_name_only(self):
        typed, other = self.server.url + "/typed", "http://127.0.0.2:%d/" % self.server.port
        self.server.redirect("/away", other)
        self.assertEqual(self.fetch(typed, private="", typed=True, code=0), {typed: {"ok": 1}})
        away = self.server.url + "/away"
        self.assertEqual(self.fetch(away, private="", typed=True, code=3), {away: "private_address"})
        self.assertEqual(self.thresh("fetch", typed).out, '{"ok":1}')
        done = self.thresh("fetch", away)
        self.assertEqual(done.code, 3)
        self.assertIn("private_address", done.err)
        recipe = self.write("t.toml", 'name = "t"\n[[items]]\nname = "page"\n[items.fields]\nok = "$.ok"\n')
        self.assertEqual(self.thresh("try", recipe, typed).code, 0)
        self.assertIn("private_address", self.thresh("try", recipe, away).err)

    def test_links_and_feeds_are_not_typed(self):
        self.server.route("/links", body=b'{"next":"http://127.0.0.3:%d/x"}' % self.server.port, headers=JSON)
        more = '[[follow]]\njson = "$.next"\n'
        found = self.fetch(self.server.url + "/links", private="", typed=True, more=more, code=3)
        self.assertEqual(found["http://127.0.0.3:%d/x" % self.server.port], "private_address")

    def test_the_fetchers_own_option_lets_a_network_through(self):
        recipe = self.write("g.toml", 'name = "g"\nallow = ["http://*"]\n[fetch]\nrespect_robots_txt = false\n'
                                      '[[items]]\nname = "page"\n[items.fields]\nok = "$.ok"\n')
        crawl = Pipeline(self, [recipe], fetcher=("--allow-private", "127.0.0.0/8"))
        crawl.feed(self.server.url + "/a")
        crawl.wait_until_done(1)
        self.assertEqual(len(self.records("page", crawl.out)), 1)
        for wrong in ("127.0.0.0/99", "x/8"):
            done = self.thresh("run", "-r", recipe, self.server.url, "-o", self.tmp / "o", "--set",
                               'fetch.allow_private=["%s"]' % wrong)
            self.assertEqual(done.code, 65, done)

    def test_the_environments_proxies_are_not_used(self):
        self.env.update({"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})
        url = self.server.url + "/a"
        self.assertEqual(self.fetch(url, code=0), {url: {"ok": 1}})


if __name__ == "__main__":
    unittest.main()
