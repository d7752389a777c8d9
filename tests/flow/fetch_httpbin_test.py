#!/usr/bin/python3
"""What httpbin, a server that others wrote, answers to: redirects, auth, cookies, codings, timeouts, statuses."""
import json
import unittest

from support.flow import RECIPES, wait_for
from support.pipeline import Pipeline
from support.real_servers import FetchFlowTest


class HttpbinTest(FetchFlowTest):
    def setUp(self):
        super().setUp()
        self.bin = self.start_httpbin()

    def get(self, path, **how):
        return self.fetch_one(self.bin + path, **how)

    def test_redirects_absolute_and_relative_are_followed_to_their_end(self):
        for path in ("/redirect/3", "/absolute-redirect/3", "/relative-redirect/3"):
            self.assertTrue(self.get(path, code=0)["url"].endswith("/get"), path)
        self.assertEqual(self.get("/redirect/4", fetch="max_redirects = 3\n", code=3), "too_many_redirects")
        self.assertEqual(self.get("/redirect-to?url=ftp://x/", code=3), "bad_redirect")

    def test_basic_digest_and_bearer_auth(self):
        for path, auth in (("/basic-auth/me/pass", 'basic = ["me", "pass"]'), ("/digest-auth/auth/me/pass", 'digest = ["me", "pass"]'),
                           ("/digest-auth/auth/me/pass/SHA-256", 'digest = ["me", "pass"]'), ("/bearer", 'bearer = "token"')):
            self.assertTrue(self.get(path, fetch="auth = { %s }\n" % auth, code=0)["authenticated"], path)
        self.assertEqual(self.get("/basic-auth/me/pass", fetch='auth = { basic = ["me", "wrong"] }\n', code=3), "http_401")
        self.assertEqual(self.get("/digest-auth/auth/me/pass", fetch='auth = { digest = ["me", "wrong"] }\n', code=3), "http_401")

    def test_a_secret_goes_to_the_server_and_is_nowhere_to_be_read(self):
        self.env["THRESH_SECRET_PW"] = "s3cretpass"
        auth = 'auth = { digest = ["me", "{secret.pw}"] }\nheaders = { X-Key = "k-{secret.pw}" }\n'
        path = "/response-headers?a=1"
        self.assertEqual(self.get(path, fetch=auth, code=0)["a"], "1")
        for kept in self.out.rglob("*"):
            if kept.is_file():
                self.assertNotIn(b"s3cretpass", kept.read_bytes(), kept)
        self.assertNotIn("s3cretpass", self.run_result.out + self.run_result.err)
        self.assertEqual(self.get("/headers", fetch=auth, code=0)["headers"]["X-Key"], "k-s3cretpass")

    def test_cookies_set_on_the_way_go_along(self):
        self.assertEqual(self.get("/cookies/set?a=1&b=2", code=0), {"cookies": {"a": "1", "b": "2"}})
        self.assertEqual(self.get("/cookies/set?a=1", fetch='cookie_scope = "none"\n', code=0), {"cookies": {}})
        self.assertEqual(self.get("/cookies", fetch='cookies = { own = "x" }\n', code=0), {"cookies": {"own": "x"}})

    def test_a_hosts_cookies_are_shared_a_jobs_are_its_own(self):
        urls = [self.bin + "/cookies/set?a=1", self.bin + "/cookies"]
        one = "per_host = 1\n"
        self.assertEqual(self.fetch(*urls, fetch=one, code=0)[urls[1]], {"cookies": {"a": "1"}})
        self.assertEqual(self.fetch(*urls, fetch=one + 'cookie_scope = "job"\n', code=0)[urls[1]], {"cookies": {}})

    def test_codings_are_offered_and_unpacked(self):
        for path, key in (("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")):
            self.assertTrue(self.get(path, code=0)[key], path)

    def test_validators_are_sent_back_and_nothing_new_is_not_extracted(self):
        """/etag knows If-None-Match alone, /cache If-Modified-Since too."""
        pipeline = Pipeline(self, [RECIPES / "page.toml"])
        pipeline.feed(*(json.dumps({"url": self.bin + path, "refresh": "1s"}) for path in ("/etag/abc", "/cache")))
        wait_for(lambda: pipeline.status()["unchanged"] >= 4, "answers that nothing is new")
        self.assertEqual(sorted(record["_url"] for record in self.records("page", pipeline.out)),
                         [self.bin + "/cache", self.bin + "/etag/abc"])

    def test_statuses_end_as_documented(self):
        urls = {self.bin + "/status/%d" % status: "http_%d" % status for status in (404, 410, 418, 403, 501)}
        self.assertEqual(self.fetch(*urls, code=3), urls)
        self.assertEqual(self.get("/status/503", code=3), "http_503")
        self.assertEqual(self.letters[self.bin + "/status/503"]["attempts"], 3)

    def test_rules_for_statuses_go_over_the_fetchers_own(self):
        rule = "[[fetch.retry_when]]\nstatus = [404]\ndelay_ms = 10\nattempts = 4\n[[fetch.fail_when]]\nstatus = [200]\n"
        found = self.fetch(self.bin + "/status/404", self.bin + "/get", fetch=rule, code=3)
        self.assertEqual(found, {self.bin + "/status/404": "http_404", self.bin + "/get": "http_200"})
        self.assertEqual(self.letters[self.bin + "/status/404"]["attempts"], 4)
        self.get("/status/500", fetch="attempts = 1\n", code=3)
        self.assertEqual(self.letters[self.bin + "/status/500"]["attempts"], 1)

    def test_slow_answers_are_cut_off_each_by_its_own_limit(self):
        self.assertEqual(self.get("/delay/5", fetch="first_byte_timeout_ms = 200\nattempts = 1\n", code=3), "timeout")
        self.assertIn("first_byte_timeout_ms", self.letters[self.bin + "/delay/5"]["detail"])
        drip = "/drip?duration=10&numbytes=10&delay=0"
        self.assertEqual(self.get(drip, fetch="timeout_ms = 500\nattempts = 1\n", code=3), "timeout")
        slow = "low_speed_bytes_per_s = 100\nlow_speed_time_ms = 1000\nattempts = 1\n"
        self.assertEqual(self.get(drip, fetch=slow, code=3), "timeout")
        self.assertEqual(self.get("/delay/1", code=0)["url"][-8:], "/delay/1")

    def test_bodies_and_headers_have_limits(self):
        self.assertEqual(self.get("/stream-bytes/100000?chunk_size=1000", fetch="max_body_bytes = 5000\n", code=3), "too_large")
        self.assertEqual(self.get("/bytes/100000", fetch="max_body_bytes = 5000\n", code=3), "too_large")
        self.assertEqual(self.get("/response-headers?x=" + 1500 * "a" + "".join("&h%d=" % n + 1500 * "b" for n in range(1)), code=0)["x"], 1500 * "a")

    def test_headers_and_user_agent_are_the_recipes(self):
        more = 'user_agent = "mine/1"\nheaders = { X-One = "1", Accept-Language = "nl" }\n'
        headers = self.get("/headers", fetch=more, code=0)["headers"]
        self.assertEqual((headers["User-Agent"], headers["X-One"], headers["Accept-Language"]), ("mine/1", "1", "nl"))
        self.assertRegex(self.get("/user-agent", code=0)["user-agent"], r"\Athresh/\d")


if __name__ == "__main__":
    unittest.main()
