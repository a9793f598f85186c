"""人员: accounts and the patches handed out to them."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, make_response, render_template, request

from grid.accounts.access import allowed, me
from grid.accounts.queries import link_of
from grid.core.clock import today
from grid.core.htmx import see
from grid.core.qr import qr
from grid.core.refusals import Refused
from grid.register.models import Community
from grid.register.queries import blocks, buildings
from grid.staff import actions, forms, log_views, overview_views, phone_views, queries, settings_views
from grid.staff.queries import Account

bp = Blueprint("staff", __name__)


@bp.get("/staff")
@allowed("administrator")
def people() -> Any:
    if not me().scope.communities:
        return see("/communities/new")
    community = queries.community_asked(me().scope, request.args.get("community"))
    return render_template(
        "staff/people.html",
        community=community,
        communities=queries.communities(me().scope),
        accounts=queries.accounts(me().scope, community.id),
        unattended=queries.blocks_without_worker(community.id, today()),
        today=today(),
    )


@bp.route("/staff/new", methods=["GET", "POST"])
@allowed("administrator")
def new_account() -> Any:
    community = queries.community_asked(me().scope, request.args.get("community"))
    form = forms.AccountForm(from_on=today())
    _offer(form, community)
    if request.method == "GET":
        return render_template("staff/new.html", community=community, form=form)
    if not form.validate():
        return render_template("staff/new.html", community=community, form=form), 422
    entry = form.entry()
    try:
        user, password = actions.add_account(me(), entry, form.given(community.id, entry.role, today()))
    except Refused as refusal:
        _blame(form, refusal)
        return render_template("staff/new.html", community=community, form=form), 422
    return _tell_password(user.public_id, entry.name, entry.login, password)


def _offer(form: forms.HandOutForm, community: Community) -> None:
    form.offer(blocks(community.id), buildings(me().scope, community.id), community.labels)


def _blame(form: Any, refusal: Refused) -> None:
    """Put the sentence beside the field it is about, else beside the first."""
    field = form[refusal.field] if refusal.field in form else next(iter(form))
    field.errors = [*field.errors, refusal.sentence]


def _tell_password(public_id: str, name: str, login: str, password: str) -> Any:
    """The one page that answers a POST with itself: nothing keeps the password, so nothing can show it again."""
    page = render_template("staff/password.html", public_id=public_id, name=name, login=login, password=password)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/staff/<public_id>")
@allowed("administrator")
def account(public_id: str) -> Any:
    return _account_page(queries.account_or_404(me().scope, public_id))


def _account_page(
    account: Account,
    form: forms.HandOutForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
    facts: forms.FactsForm | None = None,
) -> Any:
    """The account with the forms that act on it; `refused` stands on top."""
    known = queries.communities(me().scope)
    community = queries.community_asked(me().scope, request.args.get("community") or _home(account, known))
    if form is None:
        form = forms.HandOutForm(formdata=None, from_on=today())
        _offer(form, community)
    page = render_template(
        "staff/account.html",
        account=account,
        community=community,
        communities=known,
        form=form,
        facts=facts or forms.FactsForm(formdata=None, obj=account),
        refused=refused,
        link=link_of(account.id) if account.role == "building_head" else None,
        today=today(),
    )
    return page, status


def _home(account: Account, known: list[Community]) -> str | None:
    """Where the account's latest patch lies."""
    public_ids = {community.id: community.public_id for community in known}
    return public_ids.get(account.patches[-1].community_id)


@bp.post("/staff/<public_id>")
@allowed("administrator")
def save_account(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    facts = forms.FactsForm()
    if not facts.validate():
        return _account_page(account, status=422, facts=facts)
    try:
        actions.edit_account(me(), account, str(facts.name.data), facts.phone.data, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422, facts=facts)
    return see(f"/staff/{public_id}?done=saved")


@bp.post("/staff/<public_id>/patches")
@allowed("administrator")
def hand_out(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    community = queries.community_asked(me().scope, request.args.get("community"))
    form = forms.HandOutForm(from_on=today())
    _offer(form, community)
    if not form.validate():
        return _account_page(account, form, status=422)
    try:
        actions.hand_out(me(), account, form.given(community.id, account.role, today()))
    except Refused as refusal:
        return _account_page(account, form, refusal, 422)
    return see(f"/staff/{public_id}?community={community.public_id}&done=handed_out")


@bp.post("/staff/<public_id>/patches/<patch_id>/end")
@allowed("administrator")
def end_patch(public_id: str, patch_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    patch = queries.patch_or_404(me().scope, account, patch_id)
    form = forms.EndForm()
    if not form.validate():
        return _account_page(account, refused=Refused(str(form.last_day.errors[0])), status=422)
    try:
        actions.end_patch(me(), account, patch, form.last_day.data or today(), form.anyway.data)
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return see(f"/staff/{public_id}?done=ended")


@bp.post("/staff/<public_id>/password")
@allowed("administrator")
def reset_password(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    try:
        password = actions.reset_password(me(), account, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return _tell_password(public_id, account.name, account.login, password)


@bp.post("/staff/<public_id>/link")
@allowed("administrator")
def give_link(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    try:
        token = actions.give_link(me(), account, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return _tell_link(account, f"{request.url_root}r/{token}")


def _tell_link(account: Account, link: str) -> Any:
    """Like a password: shown by the answer to the POST, and never again."""
    this_machine = urlsplit(link).hostname in ("127.0.0.1", "localhost", "::1")
    page = render_template(
        "staff/link.html", account=account, link=link, code=qr(link, border=4), this_machine=this_machine
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/staff/<public_id>/link/withdraw")
@allowed("administrator")
def withdraw_link(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    try:
        actions.withdraw_link(me(), account, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return see(f"/staff/{public_id}?done=link_withdrawn")


@bp.post("/staff/<public_id>/deactivate")
@allowed("administrator")
def deactivate(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    try:
        actions.deactivate(me(), account, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return see(f"/staff/{public_id}?done=deactivated")


@bp.post("/staff/<public_id>/activate")
@allowed("administrator")
def activate(public_id: str) -> Any:
    account = queries.account_or_404(me().scope, public_id)
    try:
        actions.activate(me(), account, today())
    except Refused as refusal:
        return _account_page(account, refused=refusal, status=422)
    return see(f"/staff/{public_id}?done=activated")


def register(app: Flask) -> None:
    for blueprint in (bp, log_views.bp, settings_views.bp, overview_views.bp, phone_views.bp):
        app.register_blueprint(blueprint)
