"""The line between a phone and its server, which can lose answers, hold requests, or be somebody else's portal."""

import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PORTAL = b"<!doctype html><title>Free WiFi</title><h1>Welcome! Please accept our terms.</h1>"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}

Trouble = Callable[["Exchange"], None]


class Line:
    """Everything goes through, until `on_post` says what becomes of a POST to an address that ends with `/visits`."""

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.on_post: Trouble | None = None
        self.portal = False
        # What came along: method and path, in order.
        self.seen: list[tuple[str, str]] = []
        self.released = threading.Event()
        line = self

        class Bound(Exchange):
            pass

        Bound.line = line
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def posts(self, path: str) -> int:
        return self.seen.count(("POST", path))


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    line: Line
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Not into the tests' output."""

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        self.close_connection = True
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.line.seen.append((self.command, self.path))
        if self.line.portal:
            self.answer(200, [("Content-Type", "text/html")], PORTAL)
        elif self.command == "POST" and self.line.on_post and self.path.endswith("/visits"):
            self.line.on_post(self)
        else:
            self.pass_on()

    def fetch(self) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """What the server answers; None where there is no server."""
        connection = HTTPConnection("127.0.0.1", self.line.server_port, timeout=30)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            connection.request(self.command, self.path, self.body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def pass_on(self) -> None:
        fetched = self.fetch()
        if fetched:
            self.answer(*fetched)

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            """Nobody waits for it any more."""


def lose_the_answer(exchange: Exchange) -> None:
    """The server stores it, and nobody hears of it."""
    exchange.fetch()


def never_arrive(exchange: Exchange) -> None:
    """The request is held, and dropped when the line is released."""
    exchange.line.released.wait(60)
