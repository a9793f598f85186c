"""Reporting from a building, handling such reports, opening cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, delete, func, select

from grid.accounts import audit, receipts
from grid.accounts.models import Me, User
from grid.cases import queries
from grid.cases.models import Case, CaseParty, VisitorReport
from grid.core.clock import day_of, now
from grid.core.codes import CODES
from grid.core.db import db, row, run
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing, Refused
from grid.register.models import Community, Household
from grid.register.queries import Door
from grid.visits.actions import VisitEntry, handed_on
from grid.visits.queries import confidential_among


@dataclass(frozen=True)
class ReportEntry:
    """What a head saw, and at which door: without `room` somewhere in the building."""

    key: str
    said: str
    kind: str
    building: str
    seen_at: datetime
    unit_no: int | None = None
    room: str | None = None
    headcount: int | None = None
    facts: str | None = None


def report_visitor(head: Me, entry: ReportEntry) -> str:
    """Store a report once, however often it is sent; raises receipts.AlreadyDone or KeyReused.

    The log keeps that it was made, never its words nor the door: they are gone with it.
    """
    at = now()
    if entry.seen_at > at:
        raise Refused(_("这个时间还没到：看到以后再报告，或者空着就是现在。"), "seen_at")
    spot = queries.spot_or_404(head.scope, entry.building, entry.unit_no, entry.room)
    if spot is None:
        raise Refused(_("这栋楼没有这个门牌，请重新选。"), "door")
    with audit.entry(head, "report_visitor", community_id=spot.community_id):
        receipts.claim(head, entry.key, entry.said)
        run(_purge, of=spot.community_id, day=day_of(at))
        report = VisitorReport(
            **spot._asdict(),
            reporter_id=head.id,
            kind=entry.kind,
            seen_at=entry.seen_at,
            headcount=entry.headcount,
            facts=entry.facts,
            reported_at=at,
            purge_on=day_of(at) + timedelta(days=queries.report_days(spot.community_id)),
        )
        db.session.add(report)
        db.session.flush()
        receipts.answer(entry.key, report.public_id)
        return report.public_id


_purge = delete(VisitorReport).where(
    VisitorReport.community_id == bindparam("of"), VisitorReport.purge_on <= bindparam("day")
)


def purge_reports(day: date) -> int:
    """Delete every report whose day has come, and say how many there were."""
    found = queries.expired(day)
    for community_id, n in found:
        with audit.entry(None, "purge_reports", community_id=community_id, words=str(n)):
            run(_purge, of=community_id, day=day)
    return sum(n for _community_id, n in found)


# A report's state only moves on: from which states each is reached.
BEFORE = {
    "verified": frozenset({"waiting"}),
    "turned": frozenset({"waiting", "verified"}),
    "closed": frozenset({"waiting", "verified", "turned"}),
}


def verify_report(actor: Me, report: VisitorReport) -> None:
    with _handling(actor, report, "verify_report", "verified"):
        pass


def turn_into_move_in(actor: Me, report: VisitorReport) -> None:
    """The new tenant is entered on the move-in page of that door."""
    if report.household_id is None:
        raise Refused(_("报告没有说是哪一户。先问清楚，再在那一户的户档里登记迁入。"))
    with _handling(actor, report, "turn_report", "turned"):
        pass


def turn_into_case(actor: Me, report: VisitorReport, entry: "CaseEntry") -> Case:
    with _handling(actor, report, "turn_report", "turned") as held:
        opened = open_case(actor, entry)
        held.case_id = opened.id
        return opened


def close_report(actor: Me, report: VisitorReport, result: str) -> None:
    """`result` is what the head reads."""
    with _handling(actor, report, "close_report", "closed") as held:
        held.result = result


@contextmanager
def _handling(actor: Me, report: VisitorReport, action: str, state: str) -> Iterator[VisitorReport]:
    """The report with its row locked, moved on to `state`; Refused where somebody was quicker."""
    with audit.entry(actor, action, community_id=report.community_id):
        at = now()
        run(_purge, of=report.community_id, day=day_of(at))
        held = db.session.scalar(
            select(VisitorReport)
            .where(VisitorReport.id == report.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if held is None:
            raise Missing
        if held.state not in BEFORE[state]:
            raise Refused(_sentence_of_handled(held))
        held.state, held.handler_id, held.handled_at = state, actor.id, at
        yield held


def _sentence_of_handled(report: VisitorReport) -> str:
    handler = db.session.scalar(select(User.name).where(User.id == report.handler_id))
    state = CODES["report_state"].text(report.state)
    return _("%(name)s已经处理过这条报告，现在是“%(state)s”。", name=handler or "", state=state)


@dataclass(frozen=True)
class PartyEntry:
    """当事人: somebody of the register, or only a name and a phone."""

    name: str
    phone: str | None = None
    side: str = "asks"
    person_id: int | None = None


@dataclass(frozen=True)
class CaseEntry:
    """What has to be looked after. With a `key` it is stored once, however often it is sent.

    Without a building it is a matter of the whole community, and `place` says where. Without an owner it is its
    maker's.
    """

    type: str
    source: str
    content: str
    community_id: int
    building_id: int | None = None
    household_id: int | None = None
    at: datetime = field(default_factory=now)
    due_on: date | None = None
    visit_id: int | None = None
    key: str = ""
    said: str = ""
    place: str | None = None
    dispute_type: str | None = None
    incident: str | None = None
    scale: str | None = None
    level: str | None = None
    owner_id: int | None = None
    screening_id: int | None = None
    parties: tuple[PartyEntry, ...] = ()


# What a case takes over from its entry as it is.
_SAME = (
    "community_id",
    "building_id",
    "household_id",
    "visit_id",
    "screening_id",
    "place",
    "type",
    "incident",
    "scale",
    "level",
    "source",
    "at",
    "content",
    "due_on",
)


def open_case(actor: Me, entry: CaseEntry) -> Case:
    """A case with its parties and its owner; raises receipts.AlreadyDone or KeyReused."""
    at = now()
    _refuse_odd_days(entry, at)
    owner_id = entry.owner_id or actor.id
    if owner_id != actor.id and not queries.looks_after(owner_id, entry.community_id, entry.building_id, day_of(at)):
        raise Refused(_("这个人不负责这里，请从列表里选一位。"), "owner")
    with audit.entry(actor, "open_case", community_id=entry.community_id, household_id=entry.household_id):
        if entry.key:
            receipts.claim(actor, entry.key, entry.said)
        opened = Case(
            **{name: getattr(entry, name) for name in _SAME},
            dispute_type=entry.dispute_type if entry.type == "dispute" else None,
            no=_next_no(entry.community_id, entry.household_id, day_of(at).year),
            owner_id=owner_id,
            recorded_by=actor.id,
            recorded_at=at,
        )
        db.session.add(opened)
        db.session.flush()
        db.session.add_all(_party(opened, party) for party in entry.parties)
        if entry.key:
            receipts.answer(entry.key, opened.public_id)
        return opened


def _refuse_odd_days(entry: CaseEntry, at: datetime) -> None:
    if entry.at > at:
        raise Refused(_("发生的时间还没到，请核对。"), "at")
    if entry.due_on and entry.due_on < day_of(entry.at):
        raise Refused(_("办结期限比发生的那天还早，请核对。"), "due_on")


def _party(case: Case, party: PartyEntry) -> CaseParty:
    return CaseParty(community_id=case.community_id, case_id=case.id, **vars(party))


def _next_no(community_id: int, household_id: int | None, year: int) -> str:
    """2026-0012. The community's row is held until the commit, so that no two cases count alike.

    A visit holds its door before it comes here: so does everybody, or two would wait for each other.
    """
    if household_id is not None:
        row(_hold_door, of=household_id)
    row(_hold_community, of=community_id)
    last = row(_last_no, of=community_id, like=f"{year}-%")
    return f"{year}-{int(last[0].split('-')[1]) + 1 if last else 1:04d}"


_hold_door = select(Household.id).where(Household.id == bindparam("of")).with_for_update(key_share=True)
_hold_community = select(Community.id).where(Community.id == bindparam("of")).with_for_update(key_share=True)
_last_no = (
    select(Case.no)
    .where(Case.community_id == bindparam("of"), Case.no.like(bindparam("like")))
    # 10000 comes after 9999.
    .order_by(func.length(Case.no).desc(), Case.no.desc())
    .limit(1)
)


def case_of_need(visitor: Me, door: Door | Household, visit_id: int, entry: VisitEntry) -> None:
    """Hand on what a visit found as a case. Inside the visit's own audit entry."""
    open_case(
        visitor,
        CaseEntry(
            type=str(entry.case),
            source="visit",
            content=_said_of(visit_id, entry),
            community_id=door.community_id,
            building_id=door.building_id,
            household_id=door.id,
            at=entry.at,
            due_on=entry.due_on,
            visit_id=visit_id,
        ),
    )


def _said_of(visit_id: int, entry: VisitEntry) -> str:
    """A case is read by more than those who may read a talk with somebody under a restricted tag."""
    if entry.kind == "talk" and confidential_among([visit_id]):
        return _("走访中发现的需求，详见走访记录")
    return entry.needs or entry.content or ""


handed_on.append(case_of_need)
