#!/usr/bin/python3
"""Serves files on loopback, to be downloaded: small documents, and bodies of any size that are made while they are sent.

usage: server.py [--port PORT] [--tls DIR]

/docs/NAME is a small page, /size/N/NAME N bytes of text. It prints `listening http://127.0.0.1:PORT` once it takes connections, and serves
until it is killed. With --tls it makes a certificate that nobody has signed, DIR/cert.pem, and speaks https.
"""
import argparse
import http.server
import pathlib
import ssl
import subprocess
import urllib.parse

BLOCK = b"".join(b"%015d\n" % n for n in range(4096))  # 64 KiB


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).strip("/").split("/")
        if parts[0] == "docs" and len(parts) > 1:
            body = ("<!DOCTYPE html><title>%s</title><h1>%s</h1>\n" % (parts[-1], parts[-1])).encode()
            self.send_body(len(body), body)
        elif parts[0] == "size" and len(parts) > 1 and parts[1].isdigit():
            self.send_body(int(parts[1]), BLOCK)
        else:
            self.send_error(404)

    def send_body(self, length, block):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=UTF-8")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            while length > 0:
                self.wfile.write(block[:length])
                length -= len(block)
        except ConnectionError:
            self.close_connection = True  # it has seen enough

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that left, or that does not trust the certificate


def certificate(folder):
    """A key and a certificate for 127.0.0.1, as one context."""
    folder.mkdir(parents=True, exist_ok=True)
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                    "-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0, the default: any that is free")
    parser.add_argument("--tls", type=pathlib.Path, metavar="DIR", help="folder for a key and its certificate; then it is https")
    options = parser.parse_args()
    try:
        server = Server(("127.0.0.1", options.port), Handler)
    except (OSError, OverflowError) as error:
        parser.exit(1, "server.py: cannot listen on 127.0.0.1:%d: %s; end what serves there, or give another --port (0: any that is free)\n"
                    % (options.port, getattr(error, "strerror", None) or error))
    if options.tls:
        server.socket = certificate(options.tls).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("listening %s://127.0.0.1:%d" % ("https" if options.tls else "http", server.server_address[1]), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
