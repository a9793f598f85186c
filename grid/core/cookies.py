"""The signed cookie. A browser sends the same one with every request: its signature is checked once and remembered."""

from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

KEPT = 4096


class Cookies(SecureCookieSessionInterface):
    def __init__(self, app: Flask) -> None:
        self.app = app
        # How old a cookie may be is told by its row in login_session, asked anew with every request.
        self._opened = lru_cache(KEPT)(self._open)

    @cached_property
    def _serializer(self) -> URLSafeTimedSerializer | None:
        return super().get_signing_serializer(self.app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        value = request.cookies.get(self.get_cookie_name(app))
        try:
            # A session copies what it begins with: what is remembered is never written to.
            return SecureCookieSession(self._opened(value)) if value else SecureCookieSession()
        except BadSignature:
            return SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")

    def _open(self, value: str) -> Any:
        assert self._serializer
        return self._serializer.loads(value, max_age=int(self.app.permanent_session_lifetime.total_seconds()))
