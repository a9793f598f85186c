"""What a duty of the year plan may be counted from: rows that are there anyhow, each with its day and its page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from grid.accounts.models import User
from grid.cases.models import Screening
from grid.core.clock import day_of, local
from grid.core.codes import CODES
from grid.core.db import db
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.moments import LocalDay
from grid.core.periods import Period
from grid.register.models import Block
from grid.services.models import Activity, Inspection, Patrol, WorkPlan
from grid.visits.models import Visit

Spec = Mapping[str, Any]

# What somebody may choose from: its words, and which rows they mean.
COUNTABLE: dict[str, tuple[str, Spec]] = {
    "health_lecture": (N_("健康讲座"), {"of": "activity", "kind": ["lecture"], "topic": ["health"]}),
    "lecture": (N_("讲座（不论主题）"), {"of": "activity", "kind": ["lecture"]}),
    "board": (N_("宣传栏"), {"of": "activity", "kind": ["board"]}),
    "boards": (N_("宣传栏和宣传资料"), {"of": "activity", "kind": ["board", "leaflet"]}),
    "theme_day": (N_("主题日活动"), {"of": "activity", "theme": True}),
    "meeting": (N_("例会"), {"of": "activity", "kind": ["meeting"]}),
    "joint_meeting": (N_("联席会议"), {"of": "activity", "kind": ["joint_meeting"]}),
    "residents_meeting": (N_("居民会议"), {"of": "activity", "kind": ["residents_meeting"]}),
    "culture": (N_("文体活动"), {"of": "activity", "kind": ["culture"]}),
    "training": (N_("培训"), {"of": "activity", "kind": ["training"]}),
    "youth_legal": (N_("青少年法制教育"), {"of": "activity", "topic": ["legal"], "audience": ["youth"]}),
    "screening": (N_("每周排查"), {"of": "screening"}),
    "night_patrol": (N_("夜间巡逻（18 点以后）"), {"of": "patrol", "kind": ["night"]}),
    "patrol": (N_("巡逻"), {"of": "patrol"}),
    "safety": (N_("安全检查和消防检查"), {"of": "inspection", "kind": ["safety", "fire"]}),
    "hygiene": (N_("卫生自查"), {"of": "inspection", "kind": ["hygiene"]}),
    "holiday": (N_("节日检查"), {"of": "inspection", "holiday": True}),
    "talk": (N_("谈话走访"), {"of": "visit", "kind": ["talk"]}),
    "work_plan": (N_("检查过的周工作计划"), {"of": "work_plan"}),
}
# Nights begin at six.
EVENING = 18


class Event(NamedTuple):
    """A row that counts: on which day, what it is, how often it counts, and where it can be read."""

    day: date
    title: str
    path: str = ""
    kind: str = ""
    topic: str = ""
    audience: str = ""
    theme: str = ""
    # The holiday an inspection was for, as a code.
    holiday: str = ""
    # Where it was, for whoever may read it.
    place: str = ""
    building_id: int | None = None
    # Two rows of the same thing (a block in a week) count once.
    same: Any = None
    # A look at the whole community is as good as one at each of its blocks.
    is_whole: bool = False
    n: int = 1


def key_of(spec: Spec | None) -> str:
    """Under which words somebody chose what is counted; '' where it is ticked by hand."""
    return next((key for key, (_words, one) in COUNTABLE.items() if one == spec), "")


def counted_words(spec: Spec | None) -> str:
    key = key_of(spec)
    return _(COUNTABLE[key][0]) if key else _("做完手工打勾")


def fits(spec: Spec, event: Event, named: str) -> bool:
    """Whether a row is of what a duty counts; `named` is the holiday of a stretch of days, '' where it has no name."""
    if any(getattr(event, part) not in spec[part] for part in ("kind", "topic", "audience") if part in spec):
        return False
    if spec.get("theme") and not (event.kind == "theme_day" or event.theme):
        return False
    if not spec.get("holiday"):
        return True
    meant = CODES["holiday"].by_label.get(named, "")
    is_one = event.kind == "holiday" or bool(event.holiday)
    return is_one and (not event.holiday or not meant or event.holiday == meant)


def events(community_id: int, specs: Sequence[Spec], start: date, end: date) -> dict[str, list[Event]]:
    """The rows between two days, by what they are: one statement for each kind that is asked for."""
    span = Period("year", start, end)
    asked = dict.fromkeys(spec["of"] for spec in specs)
    return {of: SOURCES[of](community_id, span) for of in asked if of in SOURCES}


def _within(column: Any, span: Period) -> tuple[Any, Any]:
    first, last = span.moments
    return column >= first, column < last


def _activities(community_id: int, span: Period) -> list[Event]:
    a = Activity
    asked = (a.at, a.title, a.public_id, a.kind, a.topic, a.audience, a.theme)
    found = db.session.execute(
        select(*asked)
        .where(a.community_id == community_id, *_within(a.at, span), a.deleted_at.is_(None))
        .order_by(a.at, a.id)
    )
    return [
        Event(day_of(at), title, f"/activities/{public_id}", kind, topic, audience or "", theme or "")
        for at, title, public_id, kind, topic, audience, theme in found
    ]


def _inspections(community_id: int, span: Period) -> list[Event]:
    i = Inspection
    asked = (i.at, i.public_id, i.kind, i.holiday, i.building_id, i.place)
    found = db.session.execute(
        select(*asked)
        .where(i.community_id == community_id, *_within(i.at, span), i.deleted_at.is_(None))
        .order_by(i.at, i.id)
    )
    return [
        Event(
            day_of(at),
            CODES["inspection_kind"].text(kind),
            f"/inspections/{public_id}",
            kind,
            holiday=holiday or "",
            place=place or "",
            building_id=building_id,
        )
        for at, public_id, kind, holiday, building_id, place in found
    ]


def _patrols(community_id: int, span: Period) -> list[Event]:
    p = Patrol
    found = db.session.execute(
        select(p.started_at, p.public_id, p.headcount)
        .where(p.community_id == community_id, *_within(p.started_at, span), p.deleted_at.is_(None))
        .order_by(p.started_at, p.id)
    )
    return [
        Event(
            day_of(at),
            _("巡逻，%(n)s 人", n=headcount),
            f"/patrols/{public_id}",
            "night" if local(at).hour >= EVENING else "day",
        )
        for at, public_id, headcount in found
    ]


def _screenings(community_id: int, span: Period) -> list[Event]:
    s = Screening
    found = db.session.execute(
        select(s.week_on, s.on, s.public_id, s.block_id, s.is_zero, Block.name)
        .outerjoin(Block, Block.id == s.block_id)
        .where(s.community_id == community_id, s.week_on.between(span.start, span.end), s.deleted_at.is_(None))
        .order_by(s.week_on, s.id)
    )
    return [
        Event(
            week_on,
            " ".join((block or _("整个社区"), _("零报告") if is_zero else _("有发现"), on.isoformat())),
            f"/screenings/{public_id}",
            same=(week_on, block_id),
            is_whole=block_id is None,
        )
        for week_on, on, public_id, block_id, is_zero, block in found
    ]


def _work_plans(community_id: int, span: Period) -> list[Event]:
    w = WorkPlan
    found = db.session.execute(
        select(w.week_on, w.public_id, User.name)
        .join(User, User.id == w.user_id)
        .where(
            w.community_id == community_id,
            w.week_on.between(span.start, span.end),
            w.state.in_(("checked", "archived")),
        )
        .order_by(w.week_on, User.name)
    )
    return [Event(week_on, name, f"/work-plans/{public_id}") for week_on, public_id, name in found]


def _visits(community_id: int, span: Period) -> list[Event]:
    """How many talks there were on each day: a year has too many to look at each."""
    day = LocalDay(Visit.at)
    found = db.session.execute(
        select(day, func.count())
        .where(
            Visit.community_id == community_id,
            *_within(Visit.at, span),
            Visit.kind == "talk",
            Visit.deleted_at.is_(None),
        )
        .group_by(day)
        .order_by(day)
    )
    return [Event(on, _("谈话 %(n)s 次", n=n), kind="talk", n=n) for on, n in found]


SOURCES: dict[str, Callable[[int, Period], list[Event]]] = {
    "activity": _activities,
    "inspection": _inspections,
    "patrol": _patrols,
    "screening": _screenings,
    "work_plan": _work_plans,
    "visit": _visits,
}
