"""Who may open which page. Every view says so; one that says nothing is refused and fails the tests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, Request, Response, abort, g, redirect, request, session
from flask_login import LoginManager

from grid.accounts import audit, queries
from grid.accounts.models import ROLES, LoginSession, Me
from grid.core import errors, i18n
from grid.core.clock import day_of, now
from grid.core.db import Reader, db, is_unavailable, reader, small_write, writing

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, R]

ANYONE = "anyone"
SEEN_EVERY = timedelta(minutes=5)


def allowed(*roles: str) -> Callable[[View[P, R]], View[P, R]]:
    """The roles that may use a view; `allowed("anyone")` needs no login."""
    unknown = set(roles) - set(ROLES) - {ANYONE}
    if unknown or not roles:
        raise ValueError(f"unknown roles {unknown or roles}")

    def mark(view: View[P, R]) -> View[P, R]:
        view.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def only_reads(view: View[P, R]) -> View[P, R]:
    """A POST that changes nothing must not take the write lock: the finder's words travel by POST."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


EVERY_ROLE = ROLES


def me() -> Me:
    """The person logged in. Only in views that need a login."""
    return cast(Me, g._login_user)


def guard(app: Flask) -> None:
    """Put the login and the rules in front of every view, and the reading log behind it."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_load)

    @app.before_request
    def begin() -> Any:
        endpoint = request.endpoint
        view = app.view_functions.get(endpoint or "")
        may_write = request.method not in ("GET", "HEAD", "OPTIONS") and not hasattr(view, "only_reads")
        writing.set(may_write)
        reader.set(None if may_write else Reader(db.engine))
        g.readings = []
        if _has_nul(request):
            abort(404 if may_write is False else 400)
        if endpoint is None or endpoint == "static":
            # The page that says 'not found' is nobody's: a thread serves many languages.
            speak_to_strangers()
            return None
        rule = getattr(view, "allowed", None)
        if rule is None:
            abort(500, f"{endpoint} has no rule")
        # These pages must stand without a database, so nobody is looked up.
        if ANYONE in rule:
            return None
        token = session.get("_user_id")
        person = _load(token) if token else None
        if person is None:
            speak_to_strangers()
            return _ask_for_login()
        # Flask-Login's own place, filled without hashing the browser's name and address each time.
        g._login_user = person
        i18n.language.set(person.language)
        if person.role not in rule:
            abort(403)
        return None

    @app.after_request
    def note(response: Response) -> Response:
        shown = response.status_code < 400 or response.status_code in (409, 422)
        if not shown or not g.get("readings"):
            return response
        try:
            # Let go of this request's own transaction first: a POST's holds SQLite's write lock.
            _let_go()
            audit.note_readings(g.readings)
        except Exception as error:
            # What can't be written down is not shown.
            return errors.page(503 if is_unavailable(error) else 500)
        return response

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        only_reads = reader.get()
        if only_reads:
            only_reads.close()
            reader.set(None)

    @app.context_processor
    def who() -> dict[str, Any]:
        return {"me": g.get("_login_user")}


def _has_nul(asked: Request) -> bool:
    """No address and no field of ours has one, and PostgreSQL takes none."""
    if "\0" in asked.path or "%00" in asked.environ.get("QUERY_STRING", ""):
        return True
    return asked.method == "POST" and any("\0" in value for values in asked.form.listvalues() for value in values)


def _let_go() -> None:
    """End what this request has open, so that a note about it is written on the same connection."""
    db.session.rollback()
    only_reads = reader.get()
    if only_reads:
        only_reads.close()


def speak_to_strangers() -> None:
    """The language of a page that needs no login."""
    wanted = session.get("language")
    i18n.language.set(i18n.best_language(wanted, list(request.accept_languages.values())))


def _ask_for_login() -> Any:
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": "/login"})
    if request.method != "GET":
        abort(401)
    target = request.full_path.rstrip("?")
    return redirect(f"/login?{urlencode({'next': target}, safe='/')}" if target != "/" else "/login", 303)


def _load(token: str) -> Me | None:
    at = now()
    found = queries.me_of(token, at, day_of(at))
    if found is None:
        return None
    person, seen_at = found
    if at - seen_at > SEEN_EVERY:
        _note_seen(person)
    return person


def _note_seen(person: Me) -> None:
    # A POST has begun with SQLite's write lock in hand: give it back before the note takes it.
    _let_go()
    with small_write() as connection:
        seen = LoginSession.__table__.update().where(LoginSession.id == person.session_id)  # type: ignore[attr-defined]
        connection.execute(seen.values(seen_at=now()))


def note_reading(action: str, **about: Any) -> None:
    """Remember that this page shows a file; written down before the answer leaves."""
    g.readings.append({"action": action, "actor_id": me().id, **about})
