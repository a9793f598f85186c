"""Logging in and out, and 我的: one's own account."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, redirect, render_template, request, session
from flask_login import login_user
from flask_wtf.csrf import generate_csrf

from grid.accounts import actions, queries
from grid.accounts.access import EVERY_ROLE, allowed, me, speak_to_strangers
from grid.accounts.forms import LanguageForm, LoginForm, PasswordForm
from grid.accounts.models import Me, Scope
from grid.accounts.passwords import matches
from grid.core import i18n
from grid.core.clock import now
from grid.core.db import db
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.navigation import first_page

bp = Blueprint("accounts", __name__)


@bp.route("/login", methods=["GET", "POST"])
@allowed("anyone")
def login() -> Any:
    speak_to_strangers()
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        return render_template("accounts/login.html", form=form)
    if not form.validate_on_submit():
        return render_template("accounts/login.html", form=form), 422
    try:
        user, token = actions.log_in(_login_entry(form), now())
    except actions.TooManyFailures:
        form.password.errors = [_("试错次数太多。请过十五分钟再试，或请管理员重设密码。")]
        return render_template("accounts/login.html", form=form), 429
    except actions.WrongPassword:
        form.password.errors = [_("账号或密码不对，请再试一次。")]
        return render_template("accounts/login.html", form=form), 422
    _let_in(user.id, user.login, token)
    return see(_inside(form.next.data))


def _let_in(user_id: int, login: str, token: str, stays: bool = False) -> None:
    """Put the session into the cookie, which goes with the browser unless it `stays`."""
    session.clear()
    session.permanent = stays
    login_user(_newcomer(user_id, login, token))
    _settle_cookie()


def _settle_cookie() -> None:
    """The form token is in the cookie from the start: if the cookie changed on the first page with a form,
    going back to that page would bring a new form instead of the one that was filled in."""
    g.pop("csrf_token", None)
    generate_csrf()


def _login_entry(form: LoginForm) -> actions.LoginEntry:
    return actions.LoginEntry(
        login=(form.login.data or "").strip().lower()[:40],
        password=form.password.data or "",
        address=request.remote_addr or "",
        device=request.user_agent.string,
    )


def _newcomer(user_id: int, login: str, token: str) -> Me:
    """Enough of a person for Flask-Login to put the token into the cookie."""
    return Me(user_id, "", login, "", "", "zh", Scope(), token=token)


def _inside(target: str | None) -> str:
    """A path of ours; anything that could lead elsewhere becomes the first page."""
    try:
        parts = urlsplit(target or "")
    except ValueError:
        return "/"
    if not (target or "/").isprintable():
        return "/"
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or (target or "").startswith(("//", "/\\")):
        return "/"
    return target or "/"


@bp.get("/r/<token>")
@allowed("anyone")
def personal_link(token: str) -> Any:
    """Whom the link is for. It logs nobody in: what looks ahead at links in messages opens this page too."""
    speak_to_strangers()
    name = queries.name_on_link(token)
    return render_template("accounts/link.html", token=token, name=name, waits=False), 200 if name else 404


@bp.post("/r/<token>")
@allowed("anyone")
def enter_by_link(token: str) -> Any:
    speak_to_strangers()
    try:
        user, session_token = actions.log_in_by_link(token, request.remote_addr or "", request.user_agent.string, now())
    except actions.TooManyFailures:
        return render_template("accounts/link.html", token=token, name=None, waits=True), 429
    except actions.WrongLink:
        return render_template("accounts/link.html", token=token, name=None, waits=False), 404
    _let_in(user.id, user.login, session_token, stays=True)
    return see("/")


@bp.get("/")
@allowed(*EVERY_ROLE)
def home() -> Any:
    return redirect(first_page(me().role), 303)


@bp.post("/logout")
@allowed(*EVERY_ROLE)
def logout() -> Any:
    actions.log_out(me())
    session.clear()
    answer = see("/login")
    # What the browser kept of the pages goes with the session; it listens only over https. Never "storage": entries
    # that are not sent yet may lie there. What can go, leaving.js throws away.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.get("/me")
@allowed(*EVERY_ROLE)
def account() -> Any:
    return render_template("accounts/me.html", password_form=PasswordForm(), language_form=_language_form())


def _language_form() -> LanguageForm:
    return LanguageForm(language=me().language)


@bp.post("/me/password")
@allowed(*EVERY_ROLE)
def change_password() -> Any:
    form = PasswordForm()
    user = queries.user_by_login(me().login)
    valid = form.validate_on_submit()
    if valid and user and not matches(user.password_hash, form.present.data or ""):
        form.present.errors = [_("现在的密码不对。")]
        valid = False
    if not valid:
        return render_template("accounts/me.html", password_form=form, language_form=_language_form()), 422
    db.session.expire_all()
    actions.change_password(me(), form.new.data or "")
    return see("/me?done=password")


@bp.post("/me/language")
@allowed(*EVERY_ROLE)
def choose_language() -> Any:
    form = LanguageForm()
    if form.validate_on_submit():
        actions.choose_language(me(), form.language.data)
    return see("/me")


@bp.post("/language")
@allowed("anyone")
def language_of_stranger() -> Any:
    """The switch on the login page: kept in the cookie until somebody logs in."""
    session["language"] = i18n.best_language(request.form.get("language"), [])
    return see("/login")


def register(app: Flask) -> None:
    app.register_blueprint(bp)
