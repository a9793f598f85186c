"""The two sides of the comparison, each served by a process of its own, and the constant text of our pages."""

import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.asking import Browser, Request, token_in, wait_for
from bench.load import PASSWORD

# As a street serves: two processes of two threads.
STREET = (
    "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "2", "--keep-alive", "75", "--no-control-socket",
    "--bind", "127.0.0.1:{port}", "app:app",
)  # fmt: skip
MAIN = '<main id="main" tabindex="-1">\n'


class Server:
    """A process that serves one side."""

    def __init__(self, side: str, url: str, folder: Path, chrome: Path | None = None) -> None:
        self.port = free_port()
        env = dict(os.environ, GRID_INSTANCE=str(folder), DATABASE_URL=url, RAW_CHROME=str(chrome or ""))
        self.log = (folder / f"{side}.log").open("w")
        command = STREET if side == "street" else ("-m", "bench.server", side, "{port}")
        filled = [part.replace("{port}", str(self.port)) for part in command]
        self.process = subprocess.Popen([sys.executable, *filled], env=env, stdout=self.log, stderr=self.log)
        try:
            wait_for(self.port)
        except OSError:
            raise SystemExit(f"bench: the {side} server did not start:\n{Path(self.log.name).read_text()}") from None

    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        try:
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
        except OSError:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(side: str, url: str, folder: Path, chrome: Path | None = None) -> Iterator[Server]:
    server = Server(side, url, folder, chrome)
    try:
        yield server
    finally:
        server.stop()


def logged_in(server: Server, login: str) -> Browser:
    browser = Browser(server.port)
    browser.log_in(login, PASSWORD)
    return browser


def cut(worker: Browser, admin: Browser, targets: Any, key: str) -> dict[str, Any]:
    """The constant text of our pages, which the raw side sends around its own rows."""
    return {
        "key": key,
        "headers": _headers(worker),
        "scope": targets.buildings,
        "community": 1,
        "worker": 1,
        "household": _household(_page(worker, f"/households/{targets.households[0]}")),
        "building": {b: _building(_page(worker, f"/buildings/{b}")) for b in targets.tall},
        "map": _map(_page(admin, f"/map/{targets.community}")),
        "today": _today(_page(worker, "/today"), targets.worker_name),
    }


def _page(browser: Browser, path: str) -> str:
    answer = browser.ask(Request("GET", path))
    if answer.status != 200:
        raise SystemExit(f"bench: {path} answered {answer.status}")
    return answer.body.decode()


def _headers(browser: Browser) -> list[tuple[str, str]]:
    """All that a page of ours sends with it, but its length and what the server adds."""
    head = browser.ask(Request("GET", "/today")).head.decode("latin-1")
    found = [line.split(": ", 1) for line in head.split("\r\n")[1:]]
    return [(name, value) for name, value in found if name not in ("Content-Length", "Date", "Set-Cookie")]


def _household(text: str) -> dict[str, Any]:
    before, rest = text.split("<title>", 1)
    after = rest[rest.index(" · ") : rest.index(MAIN) + len(MAIN)]
    icons = re.findall(r'<svg class="icon" aria-hidden="true"><use href="[^"#]*#([^"]+)"/></svg>', text)
    whole = {name: re.search(rf'<svg class="icon"[^>]*><use href="[^"]*#{name}"/></svg>', text) for name in icons}
    return {
        "a": before + "<title>",
        "b": after,
        "foot": text[text.rindex("</main>") - 1 :],
        "icons": {name: found.group() for name, found in whole.items() if found},
        "token": token_in(text.encode()),
    }


def _building(text: str) -> dict[str, str]:
    before, rest = text.split("<title>", 1)
    at = rest.index("<tbody>\n") + len("<tbody>\n")
    no = re.match(r"\d+", rest)
    return {
        "a": before + "<title>",
        "b": rest[no.end() if no else 0 : at],
        "foot": rest[rest.rindex("</tr>\n") + 6 :],
    }


def _map(text: str) -> dict[str, Any]:
    """Constant parts, and each building's two lines with its figures as places to fill in."""
    lines: dict[int, list[str]] = {}
    parts, runs = [""], []
    before = False
    for line in text.splitlines(keepends=True):
        found = re.search(r'"/buildings/bench0*(\d+)"', line)
        if found:
            lines.setdefault(int(found.group(1)), []).append(_slots(line))
            if not before:
                runs.append(0)
                parts.append("")
            runs[-1] += 1
        else:
            parts[-1] += line
        before = bool(found)
    return {"lines": lines, "parts": parts, "groups": runs[1:]}


def _slots(line: str) -> str:
    line = line.replace("{", "{{").replace("}", "}}")
    line = re.sub(r"l-visit-\d", "{css}", line)
    line = re.sub(r"\d+ 户", "{doors} 户", line)
    return re.sub(r"走访 \d+%", "走访 {percent}%", line)


def _today(text: str, name: str) -> dict[str, str]:
    return {
        "head": text[: text.index(MAIN) + len(MAIN)],
        "name": html.unescape(name),
        "foot": text[text.rindex("</main>") :],
    }


def write_chrome(path: Path, chrome: dict[str, Any]) -> Path:
    path.write_text(json.dumps(chrome, ensure_ascii=False))
    path.chmod(0o600)
    return path
