"""The pack of a worker's patch: its size, and how long it takes over a phone's line of 1.6 Mbit/s and 150 ms."""

import gzip
import json
import socket
import threading
import time
from contextlib import suppress

from bench.asking import Browser, Request
from bench.figures import Figure
from bench.line import whole

ROUND_TRIP = 0.150
BYTES_A_SECOND = 1_600_000 / 8
AT_ONCE = 2000


class SlowLine:
    """Passes connections on as such a line would: the handshake takes a round trip, then bytes take their time."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            caller, _address = self.listening.accept()
            threading.Thread(target=self._pass, args=(caller,), daemon=True).start()

    def _pass(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            time.sleep(ROUND_TRIP)
            question = whole(caller)
            time.sleep(ROUND_TRIP / 2)
            with socket.create_connection(("127.0.0.1", self.server)) as asked:
                asked.sendall(question)
                answer = whole(asked)
            time.sleep(ROUND_TRIP / 2)
            began = time.perf_counter()
            for at in range(0, len(answer), AT_ONCE):
                caller.sendall(answer[at : at + AT_ONCE])
                ahead = (at + AT_ONCE) / BYTES_A_SECOND - (time.perf_counter() - began)
                if ahead > 0:
                    time.sleep(ahead)


def figures(engine: str, size: str, worker: Browser) -> list[Figure]:
    asked = Request("GET", "/m/pack", extra="Accept-Encoding: gzip\r\n")
    worker.ask(asked)
    began = time.perf_counter()
    answer = worker.ask(asked)
    made = (time.perf_counter() - began) * 1000
    body = gzip.decompress(answer.body)
    doors = len(json.loads(body)["households"])
    slow = Browser(SlowLine(worker.port).port)
    began = time.perf_counter()
    slow.send(asked.encoded(worker.cookie))
    over_the_line = time.perf_counter() - began
    return [
        Figure("pack households", engine, size, doors, ""),
        Figure("pack plain", engine, size, len(body) / 1024, "KiB"),
        Figure("pack gzipped", engine, size, len(answer.body) / 1024, "KiB"),
        Figure("pack made", engine, size, made, "ms"),
        Figure("pack 1.6 Mbit/s 150 ms", engine, size, over_the_line, "s"),
    ]
