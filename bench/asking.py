"""A browser reduced to what can be timed: one keep-alive connection, a cookie, a CSRF token."""

import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
# Of a request that htmx makes for a part of a page.
PARTIAL = "HX-Request: true\r\nHX-Request-Type: partial\r\n"


@dataclass
class Answer:
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        found = re.search(rb"(?im)^" + name.encode() + rb": (.*?)\r?$", self.head)
        return found.group(1).decode() if found else ""


@dataclass
class Request:
    """Made before the clock starts."""

    method: str
    path: str
    fields: dict[str, str] = field(default_factory=dict)
    extra: str = ""

    def encoded(self, cookie: str) -> bytes:
        body = urlencode(self.fields).encode()
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: zh-CN\r\n{self.extra}"
        if cookie:
            head += f"Cookie: {cookie}\r\n"
        if self.method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body


class Browser:
    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = self.token = ""
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_in(self, login: str, password: str) -> None:
        page = self.ask(Request("GET", "/login"))
        fields = {"login": login, "password": password, "csrf_token": token_in(page.body), "next": "/"}
        answer = self.ask(Request("POST", "/login", fields))
        if answer.status != 303:
            raise SystemExit(f"bench: {login} cannot log in: {answer.status}")
        self.token = token_in(self.ask(Request("GET", "/me")).body)

    def ask(self, request: Request) -> Answer:
        answer = self.send(request.encoded(self.cookie))
        given = answer.header("Set-Cookie")
        if given:
            self.cookie = given.split(";")[0]
        return answer

    def send(self, sent: bytes) -> Answer:
        """The bare exchange, which is what is timed."""
        self.socket.sendall(sent)
        got = self.socket.recv(262_144)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        head = got[:end]
        at = head.lower().find(b"content-length: ")
        length = int(head[at + 16 : at + 26].split(b"\r")[0]) if at >= 0 else 0
        body = got[end + 4 :]
        while len(body) < length:
            body += self._more()
        return Answer(int(head[9:12]), head, body)

    def _more(self) -> bytes:
        more = self.socket.recv(262_144)
        if not more:
            raise ConnectionError("the server closed the connection")
        return more


def token_in(body: bytes) -> str:
    found = TOKEN.search(body)
    if not found:
        raise SystemExit("bench: a page without a CSRF token")
    return found.group(1).decode()


def wait_for(port: int, seconds: float = 30) -> None:
    """Until a server answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
