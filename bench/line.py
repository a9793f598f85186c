"""A bad line between phones and server: it loses questions and answers, cuts them short, doubles them, lies."""

import random
import socket
import threading
from collections import Counter
from contextlib import suppress

# What happens to a request, in a thousand. The rest arrives and is answered.
FAULTS = {"question lost": 40, "answer lost": 60, "answer cut": 20, "sent twice": 20, "portal": 20, "bad gateway": 10}
PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Welcome! Please accept our terms.</h1>"


class Line:
    """Listens on a port of its own and passes each connection's one request on to `server`."""

    def __init__(self, server: int, seed: int, faults: dict[str, int] | None = None) -> None:
        self.server, self.faults = server, FAULTS if faults is None else faults
        self.dice, self.done = random.Random(seed), Counter[str]()
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self.listening.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        self.listening.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _address = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller, self._fault()), daemon=True).start()

    def _fault(self) -> str:
        at = self.dice.randrange(1000)
        for name, share in self.faults.items():
            if at < share:
                return name
            at -= share
        return "none"

    def _serve(self, caller: socket.socket, fault: str) -> None:
        with caller, suppress(OSError):
            caller.settimeout(30)
            question = whole(caller)
            self.done[fault] += 1
            answer = self._answer(question, fault)
            caller.sendall(answer)

    def _answer(self, question: bytes, fault: str) -> bytes:
        if fault == "question lost":
            return b""
        if fault == "portal":
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\n\r\n"
            return head.encode() + PORTAL
        if fault == "bad gateway":
            return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
        if fault == "sent twice":
            threading.Thread(target=self._ask, args=(question,), daemon=True).start()
        answer = self._ask(question)
        if fault == "answer lost":
            return b""
        return answer[: self.dice.randrange(1, max(2, len(answer)))] if fault == "answer cut" else answer

    def _ask(self, question: bytes) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.server), timeout=30) as asked:
                asked.sendall(question)
                return whole(asked)
        except OSError:
            return b""


def whole(sock: socket.socket) -> bytes:
    """One message: its head and as many bytes as that says; what came where the other side ended early."""
    got = b""
    while (end := got.find(b"\r\n\r\n")) < 0:
        more = sock.recv(65536)
        if not more:
            return got
        got += more
    at = got[:end].lower().find(b"content-length: ")
    length = int(got[at + 16 : at + 28].split(b"\r")[0]) if at >= 0 else 0
    while len(got) < end + 4 + length:
        more = sock.recv(65536)
        if not more:
            return got
        got += more
    return got
