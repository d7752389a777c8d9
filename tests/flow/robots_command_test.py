"""`thresh robots`: what a robots.txt says, as lines for people and programs."""
import json
import unittest

from support import flow

ROBOTS = "User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 1.5\n\n" \
         "User-agent: greedy\nDisallow: /\nSitemap: http://x.org/s.xml\n"


class RobotsCommandTest(flow.FlowTest):
    def robots(self, *arguments, **how):
        return self.thresh("robots", *arguments, **how)

    def test_each_url_has_a_line_with_the_answer_the_rule_and_the_url(self):
        file = self.write("robots.txt", ROBOTS)
        done = self.robots("--agent", "thresh", file, "http://x.org/private/a", "/private/open/b", "http://x.org")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.out.splitlines(), [
            "deny\tDisallow: /private\thttp://x.org/private/a",
            "allow\tAllow: /private/open\t/private/open/b",
            "allow\t-\thttp://x.org"])

    def test_the_agent_decides_which_group_counts(self):
        file = self.write("robots.txt", ROBOTS)
        self.assertEqual(self.robots("--agent", "Greedy/1.0", file, "/x").out, "deny\tDisallow: /\t/x\n")

    def test_a_url_is_asked_for_as_it_would_be_fetched(self):
        file = self.write("robots.txt", ROBOTS)
        self.assertTrue(self.robots(file, "HTTP://X.org/a/../private").out.startswith("deny\t"))

    def test_the_file_may_come_by_stdin(self):
        self.assertTrue(self.robots("-", "/private", stdin=ROBOTS.encode()).out.startswith("deny\t"))

    def test_json_has_the_line_of_the_rule(self):
        done = self.robots("--json", "-", "/private", "/", stdin=ROBOTS.encode())
        self.assertEqual([json.loads(line) for line in done.out.splitlines()], [
            {"url": "/private", "allowed": False, "rule": "Disallow: /private", "line": 2},
            {"url": "/", "allowed": True}])

    def test_without_urls_it_says_what_it_has_understood(self):
        done = self.robots("-", stdin=ROBOTS.encode())
        self.assertEqual(done.out.splitlines(), ["Allow: /private/open", "Disallow: /private", "Crawl-delay: 1.500",
                                                 "Sitemap: http://x.org/s.xml"])

    def test_a_rule_cannot_break_the_line_or_move_the_cursor(self):
        done = self.robots("-", "/a", stdin=b"User-agent: *\nDisallow: /a*\x1b\x9b\tx*\xff$\nDisallow: /\ta\nDisallow: /a\n")
        self.assertEqual(done.out, "deny\tDisallow: /a\t/a\n")
        done = self.robots("-", "/a\x1b", stdin=b"User-agent: *\nDisallow: /a\x1b\n")
        self.assertEqual(done.out, "deny\tDisallow: /a?\t/a?\n")

    def test_what_cannot_be_read_is_said(self):
        done = self.robots(self.tmp / "none", "/x")
        self.assertEqual(done.code, 65)
        self.assertIn("none", done.err)
        done = self.robots("-", "mailto:x", "/y", stdin=ROBOTS.encode())
        self.assertEqual(done.code, 65)
        self.assertIn("mailto:x", done.err)
        self.assertEqual(done.out, "allow\t-\t/y\n")


if __name__ == "__main__":
    unittest.main()
