"""Writing the plan of a week, handing it in, checking it, archiving it, and taking over what was left undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import Me, User
from grid.core.clock import now
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.services import plan_queries
from grid.services.models import WorkPlan, WorkPlanItem

MOST_LINES = 30


@dataclass(frozen=True)
class LineEntry:
    words: str
    is_done: bool = False
    note: str | None = None


@dataclass(frozen=True)
class PlanEntry:
    """Lines as they were shown, in order, and new ones. `version` is 0 where there was no plan yet."""

    week_on: date
    version: int
    lines: tuple[LineEntry, ...]
    more: tuple[str, ...] = ()
    hands_in: bool = False


def save_plan(actor: Me, community_id: int, entry: PlanEntry) -> WorkPlan:
    """A draft is rewritten; of one that was handed in only what was done changes."""
    with audit.entry(actor, "save_work_plan", community_id=community_id, words=entry.week_on.isoformat()):
        plan = _own(actor, community_id, entry.week_on)
        _refuse_unless(plan, entry.version)
        lines = plan_queries.lines_of(plan.id)
        _tick(lines, entry.lines)
        if plan.state == "draft":
            _rewrite(plan, lines, entry)
        if entry.hands_in:
            _hand_in(plan)
        plan.version += 1
        return plan


def _own(actor: Me, community_id: int, monday: date) -> WorkPlan:
    """One's plan of the week, made where there is none; one at a time by the account's row."""
    db.session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    plan = plan_queries.plan_of(actor.id, monday)
    if plan is None:
        plan = WorkPlan(community_id=community_id, user_id=actor.id, week_on=monday, version=0)
        db.session.add(plan)
        db.session.flush()
    db.session.refresh(plan, with_for_update=True)
    return plan


def _refuse_unless(plan: WorkPlan, version: int) -> None:
    if plan.version != version:
        raise Refused(_("这份计划在别处改过了。请刷新页面，看过再改；您刚才写的还在下面。"), "more")
    if plan.state not in ("draft", "submitted"):
        raise Refused(_("这份计划已经检查过了，不能再改。"), "more")


def _tick(lines: Sequence[WorkPlanItem], entries: Sequence[LineEntry]) -> None:
    for line, entry in zip(lines, entries, strict=False):
        line.is_done, line.note = entry.is_done, entry.note


def _rewrite(plan: WorkPlan, lines: list[WorkPlanItem], entry: PlanEntry) -> None:
    """An emptied line goes, new ones come last."""
    for line, given in zip(lines, entry.lines, strict=False):
        line.words = given.words
    for line in lines:
        if not line.words:
            db.session.delete(line)
    _append(plan, [line for line in lines if line.words], entry.more)


def _append(plan: WorkPlan, lines: list[WorkPlanItem], more: Sequence[str]) -> None:
    if len(lines) + len(more) > MOST_LINES:
        raise Refused(_("一周最多 %(n)s 件，请合并几件。", n=MOST_LINES), "more")
    lines += [WorkPlanItem(community_id=plan.community_id, work_plan_id=plan.id, seq=0, words=words) for words in more]
    for seq, line in enumerate(lines, 1):
        line.seq = seq
    db.session.add_all(lines)
    db.session.flush()


def _hand_in(plan: WorkPlan) -> None:
    if not plan_queries.lines_of(plan.id):
        raise Refused(_("还一件都没写，先写再交。"), "more")
    if plan.state == "draft":
        plan.state, plan.submitted_at = "submitted", now()


def check_plan(actor: Me, plan: WorkPlan, remark: str | None) -> None:
    with audit.entry(actor, "check_work_plan", community_id=plan.community_id, words=plan.week_on.isoformat()):
        db.session.refresh(plan, with_for_update=True)
        if plan.state != "submitted":
            raise Refused(_("这份计划还没交，或者别人已经检查过了。"), "remark")
        plan.state, plan.checked_by, plan.checked_at, plan.remark = "checked", actor.id, now(), remark
        plan.version += 1


def archive_plans(actor: Me, community_id: int, monday: date) -> int:
    """All of a week that were checked; how many."""
    with audit.entry(actor, "archive_work_plans", community_id=community_id, words=monday.isoformat()):
        plans = plan_queries.plans_in(community_id, monday, "checked")
        for plan in plans:
            plan.state = "archived"
            plan.version += 1
        return len(plans)


def take_over(actor: Me, plan: WorkPlan) -> int:
    """What was left undone, into one's plan of the following week; how many lines."""
    with audit.entry(actor, "save_work_plan", community_id=plan.community_id, words=plan.week_on.isoformat()):
        following = _own(actor, plan.community_id, plan.week_on + timedelta(days=7))
        if following.state != "draft":
            raise Refused(_("下周的计划已经交了，不能再添。"))
        lines = plan_queries.lines_of(following.id)
        there = {line.words for line in lines}
        left = [line.words for line in plan_queries.lines_of(plan.id) if not line.is_done and line.words not in there]
        _append(following, lines, left)
        following.version += 1
        return len(left)
