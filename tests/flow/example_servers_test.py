#!/usr/bin/python3
"""examples/servers: they answer as the services do that they stand for, refusals included."""
import base64
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

from support.flow import ROOT, wait_for

SERVE = ROOT / "examples" / "servers" / "serve"


class ServerTest(unittest.TestCase):
    def serve(self, *arguments):
        self.process = subprocess.Popen(["/usr/bin/python3", str(SERVE), *arguments], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        return self.process.stdout.readline().split()[1]

    def stop(self):
        """Ends the server; what it says at its end."""
        if self.process.poll() is None:
            self.process.terminate()
        said = self.process.stdout.read() if not self.process.stdout.closed else ""
        self.process.stdout.close()
        self.process.wait()
        return said

    @staticmethod
    def ask(url, headers=None, body=None, **query):
        """Status and answer, read if it is JSON."""
        url += "?" + urllib.parse.urlencode(query) if query else ""
        request = urllib.request.Request(url, headers=headers or {}, data=body)
        try:
            with urllib.request.urlopen(request) as answer:
                status, text, kind = answer.status, answer.read().decode(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            with error:
                status, text, kind = error.code, error.read().decode(), error.headers["Content-Type"]
        return status, json.loads(text) if kind.startswith("application/json") else text


class ProgramTest(ServerTest):
    def test_each_module_is_a_command_with_help(self):
        listed = subprocess.run([str(SERVE), "--help"], capture_output=True, text=True, check=True).stdout
        modules = [path.stem.replace("_", "-") for path in pathlib.Path(SERVE).parent.glob("[!_]*.py")]
        self.assertLessEqual({"yelp", "places", "tweets"}, set(modules))
        for name in modules:
            self.assertIn("\n    %s" % name, listed)
            subprocess.run([str(SERVE), name, "--help"], capture_output=True, check=True)

    def test_a_port_that_is_taken_is_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            for command in ([SERVE, "tweets"], [ROOT / "examples" / "download" / "server.py"]):
                done = subprocess.run([*map(str, command), "--port", port], capture_output=True, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"\A\S+: cannot listen on 127\.0\.0\.1:%s: Address already in use; end what [^\n]*--port[^\n]*\n\Z" % port)

    def test_a_command_needs_nothing_of_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("serve", "_http.py", "tweets.py"):
                shutil.copy(SERVE.parent / name, folder)
            pathlib.Path(folder, "broken.py").write_text('"""Needs what is not there."""\nimport not_there\n')
            done = subprocess.run([folder + "/serve", "tweets", "--help"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Needs what is not there.", subprocess.run([folder + "/serve", "--help"], capture_output=True, text=True, check=True).stdout)

    def test_clients_without_a_server_say_so_in_a_line(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = "http://127.0.0.1:%d" % free.getsockname()[1]
        for name in ("gathered", "one_by_one"):
            for arguments, expected in ((["2", "0", url], url + ": Connection refused; build/bin/thresh bench server "),
                                        (["many"], "expected [N] [DELAY_MS] [SERVER], ")):
                done = subprocess.run([str(ROOT / "examples" / "delay_server" / (name + ".py")), *arguments], capture_output=True, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stderr.startswith("%s.py: %s" % (name, expected)), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_it_ends_with_what_was_asked_of_it(self):
        url = self.serve("tweets")
        self.ask(url + "/search/30day/accounts/a/b.json", query="x")
        self.assertEqual(self.stop(), "pages 0, refused 1\n")
        self.assertEqual(self.process.returncode, 0)


class YelpTest(ServerTest):
    KEY = {"Authorization": "Bearer demo-key"}

    def search(self, url, headers=KEY, **query):
        return self.ask(url + "/v3/businesses/search", headers, **query)

    def test_a_search_has_the_shape_of_fusion(self):
        url = self.serve("yelp", "--place", "Here:45", "--reviews", "900")
        status, answer = self.search(url, location="here", limit=20, offset=40)
        self.assertEqual((status, sorted(answer), answer["total"], len(answer["businesses"])), (200, ["businesses", "region", "total"], 45, 5))
        for key in ("id", "alias", "name", "url", "review_count", "rating", "categories", "coordinates", "location", "phone", "is_closed"):
            self.assertIn(key, answer["businesses"][0])
        total = sum(b["review_count"] for offset in (0, 20, 40) for b in self.search(url, location="Here", offset=offset)[1]["businesses"])
        self.assertEqual(total, 900)

    def test_what_cannot_be_asked_is_refused(self):
        url = self.serve("yelp", "--place", "Here:2000", "--reviews", "2000", "--page-bytes", "2000")
        for headers, query, wanted in (({}, {"location": "Here"}, (401, "TOKEN_INVALID")),
                                       (self.KEY, {"location": "There"}, (400, "LOCATION_NOT_FOUND")),
                                       (self.KEY, {"location": "Here", "limit": 51}, (400, "VALIDATION_ERROR")),
                                       (self.KEY, {"location": "Here", "limit": 20, "offset": 981}, (400, "VALIDATION_ERROR"))):
            status, answer = self.search(url, headers, **query)
            self.assertEqual((status, answer["error"]["code"]), wanted, query)
        self.assertEqual(self.search(url, location="Here", limit=20, offset=980)[0], 200)

    def test_pages_beyond_the_last_are_not_there(self):
        url = self.serve("yelp", "--place", "Here:1", "--reviews", "41")
        page = urllib.parse.urlsplit(self.search(url, location="Here")[1]["businesses"][0]["url"]).path
        counts = [self.ask(url + page, start=start)[1].count('class="user-display-name js') for start in (0, 20, 40)]
        self.assertEqual(counts, [20, 20, 1])
        self.assertEqual(self.ask(url + page, start=60)[0], 404)


class PlacesTest(ServerTest):
    def search(self, url, key="demo-key", **query):
        return self.ask(url + "/maps/api/place/textsearch/json", key=key, **query)[1]

    def test_a_token_needs_its_time_and_leads_to_the_last_page(self):
        url = self.serve("places", "--token-delay-ms", "300")
        answer = self.search(url, query="pizza in town 3")
        self.assertEqual((answer["status"], len(answer["results"])), ("OK", 20))
        token = answer["next_page_token"]
        self.assertEqual(self.search(url, pagetoken=token)["status"], "INVALID_REQUEST")
        more = wait_for(lambda: self.search(url, pagetoken=token)["results"], "the token to be good")
        self.assertFalse({place["place_id"] for place in more} & {place["place_id"] for place in answer["results"]})
        self.assertNotEqual(self.search(url, query="pizza in town 3")["next_page_token"], token)

    def test_refusals_are_told_inside_the_answer(self):
        url = self.serve("places")
        for key, query, wanted in (("no", "x", "REQUEST_DENIED"), ("demo-key", "", "INVALID_REQUEST"),
                                   ("demo-key", "go nowhere", "NOT_FOUND"), ("demo-key", "nothing", "ZERO_RESULTS")):
            answer = self.search(url, key, query=query)
            self.assertEqual((answer["status"], answer["results"]), (wanted, []))

    def test_more_than_so_many_a_second_are_over_the_limit(self):
        url = self.serve("places", "--per-s", "1")
        self.assertIn("OVER_QUERY_LIMIT", {self.search(url, query="x")["status"] for _ in range(9)})


class TweetsTest(ServerTest):
    PATH = "/search/30day/accounts/a/b.json"

    def post(self, url, value, password="demo-password"):
        given = base64.b64encode(b"demo:" + password.encode()).decode()
        return self.ask(url + self.PATH, {"Authorization": "Basic " + given}, json.dumps(value).encode())

    def test_the_cursor_leads_to_the_end_and_only_for_its_query(self):
        url = self.serve("tweets", "--results", "250", "--format", "original")
        found, asked = [], {"query": "x", "maxResults": 100}
        while True:
            _, answer = self.post(url, asked)
            found.extend(answer["results"])
            if "next" not in answer:
                break
            asked["next"] = answer["next"]
        self.assertEqual(len({tweet["id_str"] for tweet in found}), 250)
        self.assertEqual(self.post(url, {**asked, "query": "y"})[0], 422)
        self.assertTrue(any("extended_tweet" in tweet for tweet in found))

    def test_what_cannot_be_asked_is_refused(self):
        url = self.serve("tweets")
        self.assertEqual(self.post(url, {"query": "x"}, "wrong")[0], 401)
        for value in ({}, {"query": "x", "maxResults": 9}, {"query": "x", "maxResults": 501}, {"query": "x", "next": "%"}, [1]):
            self.assertEqual(self.post(url, value)[0], 422, value)


if __name__ == "__main__":
    unittest.main()
