"""Servers as the web has them, on loopback and for one test: httpbin, an HTTPS server with whatever
certificate, nginx with HTTP/2, tinyproxy, and a small SOCKS proxy. Each ends with the test."""
import contextlib
import pathlib
import re
import select
import socket
import ssl
import struct
import subprocess
import threading

from support.flow import FlowTest, wait_for

GUNICORN = "/usr/bin/gunicorn"  # Debian's, which sees Debian's httpbin
RECIPE = """name = "f"
allow = ["http://*", "https://*"]
[fetch]
respect_robots_txt = false
%s
[[items]]
name = "page"
[items.fields]
status = { status = true }
doc = "$"
"""


class FetchFlowTest(FlowTest):
    """Each test may make several crawls, each with a [fetch] of its own."""
    PRIVATE = 'allow_private = ["127.0.0.0/8", "::1/128"]\n'

    def setUp(self):
        super().setUp()
        self._crawls = 0

    def fetch(self, *urls, fetch="", private=PRIVATE, arguments=(), code=None, more="", typed=False):
        """Crawls the URLs; returns what became of each: its record's `doc`, or its dead letter's reason."""
        self._crawls += 1
        self.out = self.tmp / ("out-%d" % self._crawls)
        recipe = self.write("f.toml", RECIPE % (private + fetch) + more)
        where = urls if typed else ("-f", self.write_list(urls))
        self.run_result = self.thresh("run", "-r", recipe, *where, "-o", self.out, "-j", "1", *arguments)
        if code is not None:
            self.assertEqual(self.run_result.code, code, self.run_result)
        self.letters = self.dead()
        found = {url: letter["reason"] for url, letter in self.letters.items()}
        found.update({record["_url"]: record["doc"] for record in self.records("page")})
        return found

    def fetch_one(self, url, **how):
        """What became of one URL."""
        return self.fetch(url, **how).get(url)

    def start_server(self, command, name):
        """Starts a server of the system's; what it says is in the file that is returned."""
        log = self.tmp / (name + ".log")
        with open(log, "ab") as out:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       cwd=self.tmp)
        self.addCleanup(self._stop_server, process)
        return log

    @staticmethod
    def _stop_server(process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def start_httpbin(self):
        """httpbin on one gunicorn worker; returns its URL."""
        log = self.start_server([GUNICORN, "-b", "127.0.0.1:0", "-k", "gthread", "--threads", "8", "httpbin:app"], "gunicorn")
        return wait_for(lambda: next(iter(re.findall(r"Listening at: (http://[0-9.:]+)", log.read_text())), None), "gunicorn")

    def start_tinyproxy(self):
        """tinyproxy; returns its URL and its log."""
        port, conf, log = free_port(), self.tmp / "tinyproxy.conf", self.tmp / "proxied.log"
        log.touch()
        conf.write_text('Port %d\nListen 127.0.0.1\nTimeout 60\nLogLevel Info\nLogFile "%s"\nMaxClients 50\nConnectPort 443\n'
                        % (port, log) + "".join("ConnectPort %d\n" % p for p in getattr(self, "connect_ports", [])))
        self.start_server(["/usr/bin/tinyproxy", "-d", "-c", conf], "tinyproxy")
        wait_for(lambda: is_open(port), "tinyproxy")
        return "http://127.0.0.1:%d" % port, log

    def start_nginx_h2(self, certificate, key, locations="location / { default_type application/json; return 200 '{\"p\":\"$server_protocol\"}'; }"):
        """nginx with HTTP/2 over TLS; returns its port and its access log."""
        port, log, conf = free_port(), self.tmp / "access.log", self.tmp / "nginx.conf"
        conf.write_text("""daemon off; worker_processes 1; pid %(d)s/nginx.pid; error_log %(d)s/nginx.err warn; %(user)s
events { worker_connections 1024; }
http { client_body_temp_path %(d)s/b; proxy_temp_path %(d)s/p; fastcgi_temp_path %(d)s/f; uwsgi_temp_path %(d)s/u;
  scgi_temp_path %(d)s/s;
  log_format own '$connection $connection_requests $server_protocol $request_uri';
  access_log %(log)s own;
  server { listen 127.0.0.1:%(port)d ssl http2; ssl_certificate %(crt)s; ssl_certificate_key %(key)s; %(locations)s } }
""" % {"d": self.tmp, "log": log, "port": port, "crt": certificate, "key": key, "locations": locations,
       "user": "user root;" if pathlib.Path("/root").exists() and _is_root() else ""})
        self.start_server(["/usr/sbin/nginx", "-c", conf], "nginx")
        wait_for(lambda: is_open(port), "nginx")
        return port, log

    # Certificates, made by openssl.

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=self.tmp)

    def make_ca(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
                     "-subj", "/CN=test ca")
        return self.tmp / "ca.crt"

    def make_certificate(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=2, ca=True):
        """A certificate and its key for these hosts; `days` below 0: it is over."""
        crt, key = self.tmp / (name + ".crt"), self.tmp / (name + ".key")
        if not ca:
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", crt, "-days", "2",
                         "-subj", "/CN=localhost", "-addext", "subjectAltName=" + hosts)
            return crt, key
        request, extensions = self.tmp / (name + ".csr"), self.write(name + ".ext", "subjectAltName=%s\n" % hosts)
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=" + name)
        dates = ("-days", str(days))
        self.openssl("x509", "-req", "-in", request, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", crt,
                     *dates, "-extfile", extensions)
        return crt, key

    def start_https(self, certificate, key):
        """A TLS server that answers everything with JSON; returns its URL."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = RawServer(lambda connection, head: connection.sendall(answer(b'{"secure":true}')), context)
        self.addCleanup(server.stop)
        return "https://127.0.0.1:%d" % server.port


def _is_root():
    import os
    return os.getuid() == 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def is_open(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def answer(body, head=b"HTTP/1.1 200 OK", kind=b"application/json"):
    return head + b"\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class RawServer:
    """Calls `handle(connection, head)` for each request's head; what it raises ends the connection. `handle`
    may send whatever it likes, right or wrong."""

    def __init__(self, handle, context=None, first=None):
        self._handle, self._context, self._first = handle, context, first
        self.heads, self.stopping = [], threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, EOFError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.settimeout(60)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            if self._first:
                return self._first(connection)
            while not self.stopping.is_set():
                head = self._head(connection)
                self.heads.append(head)
                self._handle(connection, head)

    @staticmethod
    def _head(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = connection.recv(1)
            if not data:
                raise EOFError
            head += data
        return head.decode("latin-1")


class SocksProxy(RawServer):
    """SOCKS 5 without a password (RFC 1928): connects to loopback whatever it is asked for, and notes it in `asked`."""

    def __init__(self, target_port):
        self.asked, self._target_port = [], target_port
        super().__init__(None, first=self._talk)
        self.address = "127.0.0.1:%d" % self.port

    def _talk(self, connection):
        count = connection.recv(2)[1]
        connection.recv(count)
        connection.sendall(b"\x05\x00")
        kind = connection.recv(4)[3]
        if kind == 3:
            name = connection.recv(connection.recv(1)[0]).decode()
        else:
            size = 4 if kind == 1 else 16
            name = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, connection.recv(size))
        port = struct.unpack(">H", connection.recv(2))[0]
        self.asked.append((name, port))
        with socket.create_connection(("127.0.0.1", self._target_port)) as target:
            connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            pipe(connection, target)


def pipe(one, other):
    ends = {one: other, other: one}
    while True:
        ready, _, _ = select.select(list(ends), [], [], 60)
        for end in ready:
            data = end.recv(65536)
            if not data:
                return
            ends[end].sendall(data)
