"""A row of every kind in the worker's block, one in the other block, and some that no ledger may show."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from grid.cases.models import Case, CaseParty, CaseStep, Screening, VisitorReport
from grid.core.clock import ZONE, now
from grid.core.db import db
from grid.register.models import Floating, Household, PatrolRoute, Person, PersonTag, Site, Tag
from grid.register.queries import tags
from grid.services.models import (
    Activity,
    ActivityHousehold,
    Inspection,
    InspectionItem,
    Patrol,
    PatrolFinding,
    ServiceRecord,
    Team,
    TeamMember,
    WorkPlan,
    WorkPlanItem,
)
from grid.visits.models import Visit, VisitPerson
from tests.factories import Cast, Place, make_person

DAY = date(2026, 11, 16)
AT = datetime(2026, 11, 16, 9, 30, tzinfo=ZONE)
PERIOD = "2026-11"
# Words that break formulas, markup and narrow columns.
HOSTILE = '=HYPERLINK("http://x","点我")<b>&amp;' + "长" * 40 + "W" * 70


def add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


@dataclass
class Given:
    """Whoever the rows are about."""

    old: Person
    poor: Person
    released: Person


def tag(place: Place, code: str) -> Tag:
    everything = tags(place.community.id) + tags(place.community.id, restricted=True)
    return next(one for one in everything if one.code == code)


def carry(place: Place, person: Person, code: str, **facts: Any) -> PersonTag:
    row: PersonTag = add(
        PersonTag(community_id=place.community.id, person_id=person.id, tag_id=tag(place, code).id, **facts)
    )
    return row


def visit(place: Place, door: str, worker: int, at: datetime = AT, met: Person | None = None, **facts: Any) -> Visit:
    of: dict[str, Any] = {
        "kind": "visit",
        "found": "home",
        "topics": ["details", "help"],
        "content": "聊了家常",
    } | facts
    row: Visit = add(
        Visit(community_id=place.community.id, household_id=place.doors[door].id, worker_id=worker, at=at, **of)
    )
    if met:
        add(VisitPerson(visit_id=row.id, person_id=met.id))
    return row


def everything(place: Place, cast: Cast) -> Given:
    """In both blocks; what lies in the other one is called 外片 where it has words."""
    old = make_person(place.doors["1-1-101"], "老寿星", sex="1", birth=date(1940, 5, 6), phone="19900011111")
    poor = make_person(place.doors["1-1-102"], "低保户", sex="2", birth=date(1975, 1, 2))
    released = make_person(place.doors["2-1-201"], "回归人", sex="1", birth=date(1985, 3, 3))
    make_person(place.doors["3-2-302"], "外片老人", birth=date(1950, 1, 1))
    place.doors["1-1-102"].area, place.doors["1-1-102"].rental_use = 88.5, "01"
    _people(place, cast, old, poor, released)
    _cases(place, cast)
    _duties(place, cast)
    db.session.commit()
    return Given(old, poor, released)


def _people(place: Place, cast: Cast, old: Person, poor: Person, released: Person) -> None:
    carry(place, old, "living_alone")
    carry(place, poor, "low_income", since=date(2024, 1, 1), attrs={"standard": "一类"}, source="民政")
    carry(place, poor, "disabled", attrs={"level": "二级"})
    carry(place, old, "retired")
    carry(place, released, "released")
    carry(place, place.people["曾志伟"], "low_income", source="外片民政")
    for person in (old, place.people["曾志伟"]):
        add(
            Floating(
                community_id=place.community.id, person_id=person.id, reason="01", permit_kind="1",
                permit_no="JZ1234567890", registered_on=date(2026, 1, 5), expires_on=date(2027, 1, 5),
                employed_by="外片工厂" if person is not old else "饮料厂",
            )
        )  # fmt: skip
    visit(place, "1-1-101", cast.worker.id, met=old, content=HOSTILE)
    visit(place, "1-1-102", cast.worker.id, AT - timedelta(days=40), content="四十天前的走访")
    visit(place, "2-1-201", cast.worker.id, AT, released, kind="talk", content="谈话记录", topics=["help"])
    visit(place, "3-2-302", cast.other_worker.id, content="外片走访")
    visit(place, "1-1-101", cast.worker.id, content="撤回的走访", deleted_at=now())
    for door, person in (("1-1-102", poor), ("3-2-302", place.people["曾志伟"])):
        for amount in (300.5, 200):
            add(
                ServiceRecord(
                    community_id=place.community.id, household_id=place.doors[door].id, person_id=person.id,
                    kind="allowance", on=DAY, content="送了慰问金", amount=amount, recorded_by=cast.worker.id,
                )
            )  # fmt: skip


def _cases(place: Place, cast: Cast) -> None:
    for n, (type_, door) in enumerate((("dispute", "1-1-101"), ("request", "1-1-102"), ("dispute", "3-2-302")), 1):
        case = add(_case(place.doors[door], cast.worker.id, f"2026-{n:04d}", type_))
        add(CaseParty(community_id=case.community_id, case_id=case.id, name=f"当事人{n}"))
        add(CaseStep(community_id=case.community_id, case_id=case.id, kind="mediation", at=AT, by_id=cast.worker.id))
    for block, content in ((place.blocks[0], None), (place.blocks[1], "外片隐患")):
        add(
            Screening(
                community_id=place.community.id, block_id=block.id, week_on=DAY, on=DAY, is_zero=content is None,
                content=content, by_id=cast.worker.id,
            )
        )  # fmt: skip
    for door, facts, purge_on in (
        ("1-1-101", "一个推销的", DAY + timedelta(days=3650)),
        ("3-2-302", "外片来人", DAY + timedelta(days=3650)),
        ("1-1-102", "过期的报告", date(2020, 1, 1)),
    ):
        home = place.doors[door]
        add(
            VisitorReport(
                community_id=place.community.id, building_id=home.building_id, household_id=home.id,
                reporter_id=cast.head.id, kind="visitor", seen_at=AT, headcount=2, facts=facts, purge_on=purge_on,
            )
        )  # fmt: skip


def _case(home: Household, worker: int, no: str, type_: str) -> Case:
    return Case(
        community_id=home.community_id, building_id=home.building_id, household_id=home.id, no=no, type=type_,
        source="counter", at=AT, content="楼上漏水" if home.code[0] == "1" else "外片漏水", owner_id=worker,
        recorded_by=worker, method="talk", outcome="agreed", satisfaction="good", closed_on=DAY,
    )  # fmt: skip


def _duties(place: Place, cast: Cast) -> None:
    here = {"community_id": place.community.id}
    worker = cast.worker.id
    team = add(Team(kind="patrol", name="红袖章", leader="队长甲", **here))
    add(Team(kind="arts", name="腰鼓队", **here))
    add(TeamMember(team_id=team.id, name="队员乙", phone="19900022222", **here))
    add(TeamMember(team_id=team.id, name="退出的队员", until=date(2021, 1, 1), **here))
    route = add(PatrolRoute(name="北门一圈", line=[[114.0, 30.0], [114.1, 30.1]], **here))
    for hours in (1, 2):
        patrol = add(
            Patrol(
                team_id=team.id, route_id=route.id, started_at=AT, ended_at=AT + timedelta(hours=hours),
                headcount=3, who="甲、乙", content="正常", recorded_by=worker, **here,
            )
        )  # fmt: skip
    add(PatrolFinding(patrol_id=patrol.id, content="路灯不亮", **here))
    site = add(Site(kind="school", name="小学", lon=114.0, lat=30.0, **here))
    for kind in ("fire", "hygiene"):
        inspection = add(Inspection(kind=kind, site_id=site.id, at=AT, inspectors="甲", recorded_by=worker, **here))
        for seq, is_fine in enumerate((True, False, None)):
            add(
                InspectionItem(
                    inspection_id=inspection.id, seq=seq, words=f"第{seq}项", is_fine=is_fine,
                    due_on=DAY if is_fine is False else None, rectified_on=DAY if is_fine is False else None, **here,
                )
            )  # fmt: skip
    for kind, headcount in (("lecture", 30), ("culture", None), ("meeting", 12)):
        activity = add(
            Activity(
                kind=kind, topic="health", title=f"{kind}活动", at=AT, headcount=headcount, recorded_by=worker, **here
            )
        )
        add(ActivityHousehold(activity_id=activity.id, household_id=place.doors["1-1-101"].id, **here))
    for user, words in ((worker, "走访十户"), (cast.other_worker.id, "外片计划")):
        plan = add(WorkPlan(user_id=user, week_on=DAY, state="submitted", submitted_at=AT, **here))
        add(WorkPlanItem(work_plan_id=plan.id, seq=1, words=words, is_done=True, **here))
        add(WorkPlanItem(work_plan_id=plan.id, seq=2, words="开会", **here))
