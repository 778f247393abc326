"""Serves the pages from their folder, and hands everything else on to a chat server.

It is for work on the pages without building the server, and for tests that want to cut or stub the way between them:

    python3 Tests/Browser/devserver.py --port 8090 --server 127.0.0.1:8080

What it sends with the pages (types, ETags, gzip, Content-Security-Policy) is what the server sends.
"""

import argparse
import gzip
import hashlib
import pathlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
PAGES = HERE.parents[1] / "Sources/ChatServer/Web/Pages"
TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
POLICY = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types chat",
])


class PageServer(ThreadingHTTPServer):
    """`server` is (host, port) of the chat server; `stubs` answers paths by itself: {(method, path): function}.

    With `through`, the pages come from the chat server as well.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, server, stubs=None, through=False):
        self.server, self.stubs, self.through = server, stubs or {}, through
        self.tunnels = set()
        self.closed_for_all = False
        super().__init__(address, Handler)

    def handle_error(self, request, client_address):
        """Clients come and go as they like."""

    def cut(self):
        """Ends all connections that are handed on, as a dying network does, and refuses new ones."""
        self.closed_for_all = True
        for tunnel in list(self.tunnels):
            for end in tunnel:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def mend(self):
        self.closed_for_all = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do(self):
        path = self.path.split("?")[0]
        if self.server.closed_for_all:
            self.close_connection = True
            return self.connection.close()
        if stub := self.server.stubs.get((self.command, path)):
            return self.answer(*stub(self))
        if path.startswith("/tests/"):
            return self.file(HERE, path.removeprefix("/tests/"), {})
        if self.server.through or path.startswith(("/ws", "/api/")) or path in ("/rooms", "/healthz", "/readyz", "/metrics"):
            return self.tunnel()
        self.page({"/": "/index.html", "/admin": "/admin.html"}.get(path, path))

    do_GET = do_POST = do_HEAD = do_OPTIONS = do

    def page(self, path):
        self.file(PAGES, path.lstrip("/"), {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})

    def file(self, folder, path, headers):
        file = (folder / path).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return self.answer(404, b"not found\n", "text/plain")
        body = file.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers |= {
            "ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
        }
        if tag in self.headers.get("If-None-Match", ""):
            return self.answer(304, b"", None, headers)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 9), "gzip"
        self.answer(200, body, TYPES.get(file.suffix, "application/octet-stream") + "; charset=utf-8", headers)

    def answer(self, status, body, kind="application/json", headers=None):
        self.send_response(status)
        for name, value in (headers or {"Cache-Control": "no-store"}).items():
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def tunnel(self):
        """Hands this request on, and then every byte in both directions."""
        self.close_connection = True
        try:
            there = socket.create_connection(self.server.server, timeout=5)
        except OSError:
            return self.answer(502, b"the server cannot be reached\n", "text/plain")
        there.settimeout(None)
        head = f"{self.command} {self.path} HTTP/1.1\r\n"
        for name, value in self.headers.items():
            if not (name.lower() == "connection" and "upgrade" not in value.lower()):
                head += f"{name}: {value}\r\n"
        if "upgrade" not in self.headers.get("Connection", "").lower():
            head += "Connection: close\r\n"
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        there.sendall(head.encode("latin-1") + b"\r\n" + body)
        pair = (self.connection, there)
        self.server.tunnels.add(pair)
        upstream = threading.Thread(target=pump, args=(self.connection, there), daemon=True)
        upstream.start()
        pump(there, self.connection)
        self.server.tunnels.discard(pair)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (sink, source):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8090)
    options.add_argument("--server", default="127.0.0.1:8080")
    chosen = options.parse_args()
    host, port = chosen.server.rsplit(":", 1)
    server = PageServer((chosen.host, chosen.port), (host, int(port)))
    print(f"http://{chosen.host}:{chosen.port}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
