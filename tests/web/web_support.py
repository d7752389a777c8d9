"""What the tests of the page share: a pipeline, `thresh-web` over it, and a real browser."""
import base64
import http.client
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))

from support.flow import BIN, LOOPBACK, RECIPES, ROOT, FlowTest, wait_for  # noqa: E402
from support.http_server import TestServer  # noqa: E402
from support.pipeline import Pipeline  # noqa: E402

SHOTS = BIN.parent / "screenshots"
TOKEN = "a token of some length"


class WebTest(FlowTest):
    """Has a web server to crawl, a pipeline and `thresh-web`."""

    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")

    def start_all(self, *more, fetcher=(), parsers=2, sink=()):
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=parsers, fetcher=(*LOOPBACK, *fetcher), sink=sink)
        self.start_web(*more)

    def start_web(self, *more):
        port_file = self.tmp / "web.port"
        port_file.unlink(missing_ok=True)
        token = self.write("token", TOKEN + "\n")
        os.chmod(token, 0o600)
        self.web = self.start("thresh-web", "--state", self.pipeline.state, "--listen", "127.0.0.1:0", "--port-file", port_file,
                              "--token-file", token, *more, stderr=self.tmp / "web.err")
        wait_for(lambda: port_file.exists() or self.web.poll() is not None, "thresh-web to listen")
        self.assertIsNone(self.web.poll(), (self.tmp / "web.err").read_text())
        self.port = int(port_file.read_text())
        self.url = "http://127.0.0.1:%d" % self.port

    def request(self, method, path, body=None, headers=None, host=None):
        """Status, headers and body of one request."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            client.putrequest(method, path, skip_host=True)
            if host != "":
                client.putheader("Host", host or "127.0.0.1:%d" % self.port)
            data = body.encode() if isinstance(body, str) else body
            if data is not None:
                client.putheader("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                client.putheader(name, value)
            client.endheaders(data)
            response = client.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            client.close()

    def get_json(self, path, status=200):
        got, _, body = self.request("GET", path)
        self.assertEqual(got, status, body)
        return json.loads(body)


def open_browser(test):
    """A Chromium without a window; it ends with the test."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    profile = test.tmp / "chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--user-data-dir=%s" % profile):
        options.add_argument(argument)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    test.addCleanup(driver.quit)
    driver.set_script_timeout(60)
    return driver


def set_look(driver, width, height, dark, phone=False):
    """The size of the window, and what the system's colours are."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})


def take_shot(driver, name, whole=True):
    """A picture of the page, in build/screenshots."""
    SHOTS.mkdir(exist_ok=True)
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole, "format": "png"})
    path = SHOTS / (name + ".png")
    path.write_bytes(base64.b64decode(shot["data"]))
    return path
