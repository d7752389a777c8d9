#!/usr/bin/python3
"""HTTPS: certificates are checked unless a recipe says otherwise, and HTTP/2 carries several requests at once."""
import unittest

from support.http_server import TestServer
from support.real_servers import FetchFlowTest

OK = {"secure": True}


class TlsTest(FetchFlowTest):
    def setUp(self):
        super().setUp()
        self.ca = 'ca_file = "%s"\n' % self.make_ca()

    def test_a_good_certificate_is_taken_with_its_authority_only(self):
        url = self.start_https(*self.make_certificate("good")) + "/a"
        self.assertEqual(self.fetch_one(url, fetch=self.ca, code=0), OK)
        self.assertEqual(self.fetch_one(url, code=3), "tls")
        self.assertEqual(self.letters[url]["attempts"], 1)

    def test_expired_wrong_and_self_signed_certificates_are_refused_at_once(self):
        urls = [self.start_https(*self.make_certificate("old", days=-1)) + "/old",
                self.start_https(*self.make_certificate("other", hosts="DNS:elsewhere.example")) + "/other",
                self.start_https(*self.make_certificate("self", ca=False)) + "/self"]
        found = self.fetch(*urls, fetch=self.ca, code=3)
        self.assertEqual(found, dict.fromkeys(urls, "tls"))
        self.assertEqual({letter["attempts"] for letter in self.letters.values()}, {1})

    def test_verify_false_takes_them_all_and_says_so_at_each_start(self):
        urls = [self.start_https(*self.make_certificate("old", days=-1)) + "/old",
                self.start_https(*self.make_certificate("self", ca=False)) + "/self"]
        found = self.fetch(*urls, fetch="verify = false\n", code=0)
        self.assertEqual(found, dict.fromkeys(urls, OK))
        self.assertIn("fetch.verify is false", self.run_result.err)
        self.assertIn("tls.unverified", (self.out / ".thresh" / "fetcher.log").read_text())

    def test_one_recipes_trust_is_not_anothers(self):
        url = self.start_https(*self.make_certificate("self", ca=False))
        text = ('name = "%s"\nallow = ["%s/%s*"]\n[fetch]\nrespect_robots_txt = false\nallow_private = ["127.0.0.0/8"]\n%s'
                '[[items]]\nname = "page"\n[items.fields]\nsecure = "$.secure"\n')
        lax = self.write("lax.toml", text % ("lax", url, "lax", "verify = false\n"))
        strict = self.write("strict.toml", text % ("strict", url, "strict", ""))
        urls = [url + "/" + kind + str(n) for n in range(10) for kind in ("lax", "strict")]
        done = self.thresh("run", "-r", lax, "-r", strict, "-f", self.write_list(urls), "-o", self.out, "-j", "1")
        self.assertEqual(done.code, 3, done)
        self.assertEqual({record["_url"] for record in self.records("page")}, {u for u in urls if "lax" in u})
        self.assertEqual({letter["reason"] for letter in self.dead().values()}, {"tls"})

    def test_http_2_carries_many_requests_on_few_connections(self):
        port, log = self.start_nginx_h2(*self.make_certificate("good"))
        urls = ["https://127.0.0.1:%d/%d" % (port, n) for n in range(60)]
        found = self.fetch(*urls, fetch=self.ca + "per_host = 20\n", code=0)
        self.assertEqual(found, dict.fromkeys(urls, {"p": "HTTP/2.0"}))
        lines = [line.split() for line in log.read_text().splitlines()]
        self.assertEqual(len(lines), 60)
        self.assertLessEqual(len({line[0] for line in lines}), 2, "connections")
        urls = [url + "/old" for url in urls]
        found = self.fetch(*urls, fetch=self.ca + 'http = "1"\n', code=0)
        self.assertEqual(found, dict.fromkeys(urls, {"p": "HTTP/1.1"}))

    def test_http_2_is_not_offered_without_tls(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/a", body=b'{"a":1}', headers={"Content-Type": "application/json"})
        self.assertEqual(self.fetch_one(server.url + "/a", fetch='http = "2"\n', code=0), {"a": 1})
        headers = {name.lower() for name in dict(server.requests[0].headers)}
        self.assertFalse(headers & {"upgrade", "http2-settings"}, headers)

    def test_credentials_do_not_go_from_https_to_http(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/to", body=b'{"a":1}', headers={"Content-Type": "application/json"})
        crt, key = self.make_certificate("good")
        port, _ = self.start_nginx_h2(crt, key, "location / { return 302 %s/to; }" % server.url)
        url = "https://127.0.0.1:%d/from" % port
        more = self.ca + 'auth = { bearer = "tok" }\ncookies = { a = "1" }\nheaders = { X-Mine = "m" }\n'
        self.assertEqual(self.fetch_one(url, fetch=more, code=0), {"a": 1})
        headers = {name.lower(): value for name, value in dict(server.requests[0].headers).items()}
        self.assertNotIn("authorization", headers)
        self.assertNotIn("cookie", headers)
        self.assertEqual(headers["x-mine"], "m")


if __name__ == "__main__":
    unittest.main()
