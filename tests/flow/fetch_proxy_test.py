#!/usr/bin/python3
"""Proxies: requests go by them, and they are not asked for private addresses unless that is allowed."""
import unittest

from support.http_server import TestServer
from support.real_servers import FetchFlowTest, SocksProxy

JSON = {"Content-Type": "application/json"}


class ProxyTest(FetchFlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.route("/a", body=b'{"a":1}', headers=JSON)

    def test_an_http_proxy_is_asked_for_each_page(self):
        proxy, log = self.start_tinyproxy()
        url = self.server.url + "/a"
        self.assertEqual(self.fetch_one(url, fetch='proxy = "%s"\n' % proxy, code=0), {"a": 1})
        self.assertIn("GET %s" % url, log.read_text())
        self.assertIn("via", {name.lower() for name in dict(self.server.requests[0].headers)})

    def test_https_goes_through_a_tunnel(self):
        ca = 'ca_file = "%s"\n' % self.make_ca()
        url = self.start_https(*self.make_certificate("good")) + "/x"
        self.connect_ports = [int(url.split(":")[2].split("/")[0])]
        proxy, log = self.start_tinyproxy()
        self.assertEqual(self.fetch_one(url, fetch=ca + 'proxy = "%s"\n' % proxy, code=0), {"secure": True})
        self.assertIn("CONNECT", log.read_text())

    def test_a_proxy_that_is_not_there_is_a_failure_that_may_pass(self):
        found = self.fetch_one(self.server.url + "/a", fetch='proxy = "http://127.0.0.1:1"\nattempts = 1\n', code=3)
        self.assertEqual(found, "connect")
        self.assertEqual(self.server.requests, [])

    def test_private_hosts_are_not_asked_of_a_proxy(self):
        socks = SocksProxy(self.server.port)
        self.addCleanup(socks.stop)
        for scheme in ("socks5", "socks5h", "http"):
            urls = ["http://127.0.0.1:%d/a" % self.server.port, "http://localhost/a", "http://169.254.169.254/", "http://[::1]/"]
            found = self.fetch(*urls, private="", fetch='proxy = "%s://%s"\n' % (scheme, socks.address), code=3)
            self.assertEqual(found, dict.fromkeys(urls, "private_address"))
        self.assertEqual(socks.asked, [])

    def test_socks5h_gives_the_name_to_the_proxy_and_socks5_looks_it_up(self):
        socks = SocksProxy(self.server.port)
        self.addCleanup(socks.stop)
        url = "http://shop.example:8080/a"
        self.assertEqual(self.fetch_one(url, private="", fetch='proxy = "socks5h://%s"\n' % socks.address, code=0), {"a": 1})
        self.assertEqual(socks.asked, [("shop.example", 8080)])
        self.assertEqual(self.fetch_one("http://localhost:81/a", fetch='proxy = "socks5://%s"\n' % socks.address, code=0), {"a": 1})
        self.assertIn(socks.asked[1], [("127.0.0.1", 81), ("::1", 81)])


if __name__ == "__main__":
    unittest.main()
