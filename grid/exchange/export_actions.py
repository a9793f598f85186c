"""Saving column sets; asking for an export, answering, taking back and taking; and writing down what left the house."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update

from grid.accounts import audit, receipts
from grid.accounts.models import Me, User
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.exchange.export_queries import TO_TAKE, state_of, taken_alone
from grid.exchange.models import ColumnSet, ExportRequest

# Excel holds a million rows, but no office opens them at ease.
MOST_ROWS = 150_000
# A block's roster is everyday work; more than that in a day is a copy of the register, and so are fifty whole ID
# numbers: then two people know of it.
MOST_ALONE, MOST_WHOLE_ALONE = 500, 50
# People move in between the yes and the file; many more rows are another export than the one agreed to.
MOST_GROWN = 1.1


@dataclass(frozen=True)
class ColumnSetEntry:
    """`columns`: [{"key", "heading"}] in their order."""

    name: str
    columns: Sequence[dict[str, str]]
    version: int = 1


@dataclass(frozen=True)
class ExportEntry:
    """`period` is a key or '', `words` what the log says of it: title, period, filter, columns."""

    subject: str
    source: str
    columns: Sequence[dict[str, str]]
    period: str = ""
    narrowed: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    reason: str = ""
    words: str = ""
    slip: receipts.Slip | None = None


def save_columns(actor: Me, community_id: int, source: str, entry: ColumnSetEntry) -> ColumnSet:
    with audit.entry(actor, "save_columns", community_id=community_id, words=entry.name):
        _refuse_same_name(community_id, source, entry.name)
        made = ColumnSet(community_id=community_id, subject=source, made_by=actor.id)
        made.name, made.columns = entry.name, list(entry.columns)
        db.session.add(made)
        db.session.flush()
    return made


def _refuse_same_name(community_id: int, source: str, name: str, but: int = 0) -> None:
    same = (ColumnSet.community_id == community_id, ColumnSet.subject == source, ColumnSet.name == name)
    found = select(func.count()).where(*same, ColumnSet.deleted_at.is_(None), ColumnSet.id != but)
    if db.session.scalar(found):
        raise Refused(_("已经有叫“%(name)s”的列方案。请换个名字，或选它来修改。", name=name), "name")


def change_columns(actor: Me, row: ColumnSet, entry: ColumnSetEntry) -> None:
    with audit.entry(actor, "change_columns", community_id=row.community_id, words=entry.name):
        db.session.refresh(row, with_for_update=True)
        if row.version != entry.version or row.deleted_at is not None:
            raise Refused(_("这个列方案刚刚被别人改过。请重新打开，看看最新的样子再改。"), "name")
        _refuse_same_name(row.community_id, row.subject, entry.name, row.id)
        row.name, row.columns = entry.name, list(entry.columns)
        row.version += 1


def remove_columns(actor: Me, row: ColumnSet) -> None:
    with audit.entry(actor, "remove_columns", community_id=row.community_id, words=row.name):
        row.deleted_at = now()


def needs_second(actor: Me, community_id: int, entry: ExportEntry, count: int) -> bool:
    """Counted by the day: no part after part of a list gets round the limit. The same once more is no more."""
    parts: dict[bool, dict[str, int]] = {False: {}, True: {}}
    for one in (*taken_alone(actor, entry.source, today()), _request(actor, community_id, entry, count)):
        part = json.dumps([one.community_id, one.subject, one.asked["period"], one.asked["filter"]], sort_keys=True)
        for whole in (False, True)[: 1 + one.asked["is_whole"]]:
            parts[whole][part] = max(one.n_rows, parts[whole].get(part, 0))
    return sum(parts[False].values()) > MOST_ALONE or sum(parts[True].values()) > MOST_WHOLE_ALONE


def note_export(actor: Me, community_id: int, entry: ExportEntry, count: int) -> bool:
    """What one takes alone is kept beside what is asked for: small exports add up in a day.

    False, and nothing is noted, where another export has used the limit up while this one was written.
    """
    # One's own exports wait for each other here, or two at once both find room.
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    if needs_second(actor, community_id, entry, count):
        return False
    with audit.entry(actor, "export", community_id=community_id, words=_told(entry.words, count, entry.reason)):
        made, at = _request(actor, community_id, entry, count), now()
        made.answered_by, made.answered_at, made.is_agreed, made.taken_at = actor.id, at, True, at
        db.session.add(made)
    return True


def ask_export(actor: Me, community_id: int, entry: ExportEntry, count: int) -> ExportRequest:
    with audit.entry(actor, "ask_export", community_id=community_id, words=_told(entry.words, count, entry.reason)):
        if entry.slip:
            receipts.claim(actor, entry.slip.key, entry.slip.said)
        made = _request(actor, community_id, entry, count)
        db.session.add(made)
        db.session.flush()
        if entry.slip:
            receipts.answer(entry.slip.key, made.public_id)
    return made


def _request(actor: Me, community_id: int, entry: ExportEntry, count: int) -> ExportRequest:
    asked = {"source": entry.source, "columns": list(entry.columns), "period": entry.period, "filter": entry.narrowed}
    return ExportRequest(
        community_id=community_id,
        subject=entry.subject,
        asked=asked | {"is_whole": entry.is_whole, "words": entry.words},
        n_rows=count,
        reason=entry.reason,
        asked_by=actor.id,
    )


def _told(words: str, count: int, reason: str) -> str:
    return " · ".join((words, _("%(n)s 行", n=count), reason))


def answer_export(actor: Me, request: ExportRequest, is_agreed: bool) -> None:
    """Another administrator's yes or no. Whoever comes second is told."""
    if request.asked_by == actor.id:
        raise Refused(_("自己的申请要由另一位管理员答复。"))
    action = "agree_export" if is_agreed else "decline_export"
    with audit.entry(actor, action, community_id=request.community_id, words=_words_of(request)):
        _answer_once(actor, request, is_agreed)


def withdraw_export(actor: Me, request: ExportRequest) -> None:
    if request.asked_by != actor.id:
        raise Refused(_("只有申请的人能撤回。"))
    with audit.entry(actor, "withdraw_export", community_id=request.community_id, words=_words_of(request)):
        _answer_once(actor, request, is_agreed=False)


def _words_of(request: ExportRequest) -> str:
    return _told(str(request.asked["words"]), request.n_rows, request.reason)


def _answer_once(actor: Me, request: ExportRequest, is_agreed: bool) -> None:
    answered = {"answered_by": actor.id, "answered_at": now(), "is_agreed": is_agreed}
    unanswered = (ExportRequest.id == request.id, ExportRequest.answered_at.is_(None))
    if not _changed(update(ExportRequest).where(*unanswered).values(**answered)):
        raise Refused(_("这份申请刚刚已经答复或撤回了。"))


def refuse_untakeable(actor: Me, request: ExportRequest) -> None:
    """Before the rows are read; take_export asks again."""
    if request.asked_by != actor.id:
        raise Refused(_("只有申请的人能取这份文件。"))
    state = state_of(request, now())
    if state == "lapsed":
        raise Refused(_("同意后 7 天没有取，已经过期。要用请重新申请。"))
    if state != "agreed":
        raise Refused(
            _("这份文件已经取过了。还要用请重新申请。") if state == "taken" else _("这份申请还没有得到同意。")
        )


def refuse_grown(request: ExportRequest, count: int) -> None:
    if count > request.n_rows * MOST_GROWN:
        raise Refused(
            _("同意的是 %(agreed)s 行，现在有 %(now)s 行，多出太多。请重新申请。", agreed=request.n_rows, now=count)
        )


def take_export(actor: Me, request: ExportRequest, count: int) -> None:
    """Once: of two that come together one gets the file."""
    words = _told(str(request.asked["words"]), count, request.reason)
    with audit.entry(actor, "take_export", community_id=request.community_id, words=words):
        at = now()
        mine = (ExportRequest.id == request.id, ExportRequest.asked_by == actor.id)
        open_ = (
            ExportRequest.is_agreed.is_(True),
            ExportRequest.taken_at.is_(None),
            ExportRequest.answered_at > at - TO_TAKE,
        )
        if not _changed(update(ExportRequest).where(*mine, *open_).values(taken_at=at)):
            raise Refused(_("这份文件已经取过了。还要用请重新申请。"))


def _changed(statement: Any) -> bool:
    return db.session.connection().execute(statement).rowcount == 1
