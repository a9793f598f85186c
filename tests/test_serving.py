"""`python app.py` behind a reverse proxy: what the proxy says of the reader arrives where one is trusted, else not."""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bench.sides import free_port

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(("proxies", "secure"), [("1", True), ("0", False)])
def test_https_is_believed_only_of_a_trusted_proxy(tmp_path: Path, proxies: str, secure: bool) -> None:
    port = free_port()
    own = {k: v for k, v in os.environ.items() if not k.startswith(("GRID_", "DATABASE_URL", "PORT"))}
    env = {**own, "GRID_INSTANCE": str(tmp_path), "PORT": str(port), "GRID_PROXIES": proxies}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-Proto": "https"})
    try:
        for _ in range(100):
            try:
                with urllib.request.urlopen(asked, timeout=5) as answer:
                    headers = answer.headers
                break
            except OSError:
                time.sleep(0.1)
        assert ("Strict-Transport-Security" in headers) is secure
    finally:
        server.terminate()
        server.wait(10)
