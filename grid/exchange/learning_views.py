"""写法: what the words of a file mean is told once and remembered for the community."""

from typing import Any

from flask import Blueprint, render_template, request

from grid.accounts.access import allowed, me
from grid.core.htmx import see
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing
from grid.exchange import beginning, queries
from grid.exchange.learning_actions import forget_word, learn_words
from grid.exchange.learning_forms import HeadingForm, kind_words, means_words, words_form
from grid.exchange.own_uploads import mine, upload_or_404, uploads
from grid.exchange.uploads import Altered, Upload
from grid.exchange.workbooks import Unreadable
from grid.register.models import Community

bp = Blueprint("learning", __name__, url_prefix="/imports")


@bp.get("/<token>/words")
@allowed("administrator")
def ask(token: str) -> Any:
    upload = _open_upload_or_404(token)
    return _asked(upload, _form(upload))


@bp.post("/<token>/words")
@allowed("administrator")
def learn(token: str) -> Any:
    upload = _open_upload_or_404(token)
    form = _form(upload)
    if not form.validate_on_submit():
        return _asked(upload, form), 422
    entries = form.entries()
    if entries:
        learn_words(me(), _of(upload), entries)
    try:
        beginning.plan(uploads(), upload, uploads().order(upload))
    except (Altered, Unreadable):
        return _asked(upload, form, _("保存的文件不见了或读不出来了。写法已经记住，请重新上传。")), 422
    return see(f"/imports/{token}")


@bp.get("/words")
@allowed("administrator")
def learnt() -> Any:
    return _learnt(_community(request.args.get("community")), _heading_form())


@bp.post("/words")
@allowed("administrator")
def tell() -> Any:
    form = _heading_form()
    community = _community(form.community.data)
    if not form.validate_on_submit():
        return _learnt(community, form), 422
    learn_words(me(), community.id, [form.entry()])
    return see(f"/imports/words?community={community.public_id}")


@bp.post("/words/forget")
@allowed("administrator")
def forget() -> Any:
    community = _community(request.form.get("community"))
    forget_word(me(), community.id, request.form.get("kind", ""), request.form.get("said", ""))
    return see(f"/imports/words?community={community.public_id}")


def _asked(upload: Upload, form: Any, trouble: str = "") -> str:
    return render_template(
        "exchange/words.html", upload=upload, form=form, kind_words=kind_words, trouble=trouble
    )  # fmt: skip


def _learnt(community: Community, form: HeadingForm) -> str:
    tags = queries.tag_labels(community.id)
    words = [
        (word, kind_words(word.kind), means_words(word.kind, word.means, tags))
        for word in queries.learnt_words(community.id)
    ]
    return render_template("exchange/learnt.html", community=community, communities=mine(), words=words, form=form)


def _form(upload: Upload) -> Any:
    return words_form(upload.unknown, queries.tag_labels(_of(upload)))


def _heading_form() -> HeadingForm:
    form = HeadingForm()
    form.offer()
    return form


def _open_upload_or_404(token: str) -> Upload:
    """One's own upload for a community that is there, not written yet."""
    found = upload_or_404(token)
    if found.is_applied or found.is_new_community:
        raise Missing
    return found


def _of(upload: Upload) -> int:
    assert upload.community_id is not None
    return upload.community_id


def _community(public_id: str | None) -> Community:
    """The one that is asked for, else the first; words are only for whoever has a whole community."""
    found = [one for one in mine() if one.public_id == public_id] if public_id else mine()[:1]
    if not found:
        raise Missing
    return found[0]
