"""A private nginx on a free loopback port, for tests and benchmarks.

    with Nginx("build/bench/site") as server:
        print(server.url)  # http://127.0.0.1:40213

It serves a folder of files under two rules, so that one configuration fits both kinds of site:
  review site    /biz/NAME?start=20 is the file biz/NAME/p20.html, /biz/NAME is biz/NAME/p0.html
                 (also below a base path: /any/biz/NAME)
  static site    /author/x/ is the file author/x/index.html; /author/x, where that is a folder, is
                 answered 308 with Location: /author/x/ (the query is kept)
Whatever has no file is 404. One worker, no access log, keep-alive without limit.

Everything nginx writes lies in a temporary folder. The port is bound here and handed over open
(nginx takes listening sockets from the variable NGINX), so that no one can take it in between.
nginx dies with the thread that started it; `stop` ends what was started here and nothing else.
"""
import ctypes
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_TIMEOUT_S = 10
STOP_TIMEOUT_S = 10
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

MODULES = "/usr/lib/nginx/modules"
CACHED_FILES, OTHER_FILES = 40_000, 8_192  # each cached file is an open one

CONFIG = """
{modules}
daemon off;
worker_processes 1;
worker_rlimit_nofile {max_files};
{user}
pid {prefix}/nginx.pid;
error_log {prefix}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {prefix}/body; proxy_temp_path {prefix}/proxy; fastcgi_temp_path {prefix}/fastcgi;
  uwsgi_temp_path {prefix}/uwsgi; scgi_temp_path {prefix}/scgi;
  types {{ text/html html; text/css css; application/json json; text/plain txt; }}
  default_type application/octet-stream;
  charset utf-8;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 300;
  keepalive_requests 10000000;
  open_file_cache max={cached_files} inactive=600s;
  absolute_redirect off;
  log_format times '$msec $request_time';
  map $arg_start $start {{ "" 0; default $arg_start; }}
  map $request_uri $path {{ "~^(?<before_query>[^?]*)" $before_query; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root "{root}";
    location ~ /biz/[^/]+$ {{ try_files $uri/p$start.html =404; }}
    location / {{
      error_page 418 = @folder;
      if (-d $request_filename) {{ return 418; }}
      try_files $uri =404;
    }}
    location ~ /$ {{ try_files ${{uri}}index.html =404; }}
    location @folder {{ return 308 $path/$is_args$args; }}
    {extra}
  }}
}}
"""


def _find_program():
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        raise RuntimeError("nginx is not installed (apt-get install nginx-light)")
    return program


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Nginx:
    """Serves the folder `root` from `start` to `stop`. `extra` is put into its `server { }` block, `modules` are the names
    of modules of Debian's that it needs, e.g. "http_echo".

    `url` has no slash at its end; `pid` is the master process, the worker is its only child.
    """

    def __init__(self, root, extra="", modules=()):
        self.root, self.extra, self.modules = pathlib.Path(root).resolve(), extra, modules
        self.url, self.pid = None, None
        self._prefix, self._process = None, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def start(self):
        """Returns when requests are answered. Raises RuntimeError with nginx's own words if that fails."""
        self._prefix = tempfile.mkdtemp(prefix="thresh-nginx-")
        try:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                listener.listen(4096)
                port = listener.getsockname()[1]
                self._spawn(listener.fileno(), port)
            self.url = "http://127.0.0.1:%d" % port
            self._await_answer(port)
        except BaseException:
            self.stop()
            raise

    def _spawn(self, listener_fd, port):
        user = "user root;" if os.geteuid() == 0 else ""  # else the worker is nobody, and cannot read a private folder
        config = pathlib.Path(self._prefix, "nginx.conf")
        max_files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], CACHED_FILES + OTHER_FILES)
        modules = "".join("load_module %s/ngx_%s_module.so;\n" % (MODULES, name) for name in self.modules)
        config.write_text(CONFIG.format(
            prefix=self._prefix, port=port, root=self.root, user=user, extra=self.extra, modules=modules,
            max_files=max_files, cached_files=max(1, min(CACHED_FILES, max_files - OTHER_FILES))))
        log = self._prefix + "/error.log"
        with open(self._prefix + "/stderr", "wb") as stderr:
            self._process = subprocess.Popen(
                [_find_program(), "-p", self._prefix, "-e", log, "-c", str(config)], stdin=subprocess.DEVNULL,
                stdout=stderr, stderr=stderr, pass_fds=[listener_fd], env={**os.environ, "NGINX": "%d;" % listener_fd},
                preexec_fn=_die_with_parent, start_new_session=True)  # Ctrl-C is for the caller, who stops us
        self.pid = self._process.pid

    def _await_answer(self, port):
        deadline = time.monotonic() + START_TIMEOUT_S
        with socket.create_connection(("127.0.0.1", port), timeout=0.1) as client:
            client.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    if client.recv(1):
                        return
                    break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
        raise RuntimeError("nginx did not start: " + self._complaints())

    def _complaints(self):
        words = [pathlib.Path(self._prefix, name).read_text(errors="replace")
                 for name in ("stderr", "error.log") if pathlib.Path(self._prefix, name).exists()]
        return " ".join(words).strip() or "it said nothing"

    def stop(self):
        """Ends nginx and removes its temporary folder. Safe to repeat."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)  # its own group: the worker too
                self._process.wait()
            self._process = None
        if self._prefix is not None:
            shutil.rmtree(self._prefix, ignore_errors=True)
            self._prefix = None
