"""Flask-WTF's protection of every POST; a signature once made or found good is not computed again."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer

KEPT = 4096


class Csrf(CSRFProtect):  # type: ignore[misc]
    def __init__(self, app: Flask) -> None:
        # Token and the session's secret that it was found to fit. Tokens last as long as the session.
        self._fitting: set[tuple[str | None, str | None]] = set()
        super().__init__(app)
        signer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")

        @lru_cache(KEPT)
        def signed(secret: str) -> str | bytes:
            return signer.dumps(secret)

        def csrf_token() -> Any:
            secret = session.get("csrf_token")
            return signed(secret) if secret else generate_csrf()

        # A macro asks the globals, a page its context.
        app.jinja_env.globals["csrf_token"] = csrf_token
        app.context_processor(lambda: {"csrf_token": csrf_token})

    def protect(self, apply_exemptions: bool = False) -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if "HTTP_OUTBOX_DEVICE" in request.environ and _comes_from_ours():
            g.csrf_valid = True
            return
        both: tuple[str | None, str | None] = (self._get_csrf_token(), session.get("csrf_token"))
        if both in self._fitting and not request.is_secure:
            g.csrf_valid = True
            return
        super().protect(apply_exemptions)
        # Not of a view that is exempt: nothing was looked at there.
        if g.get("csrf_valid"):
            self._remember(both)

    def _remember(self, both: tuple[str | None, str | None]) -> None:
        if len(self._fitting) >= KEPT:
            self._fitting.clear()
        self._fitting.add(both)


def _comes_from_ours() -> bool:
    """An outbox sends entries whose form token is long gone. No foreign page can set its header without asking us
    first, and the browser itself tells where the request comes from."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host
