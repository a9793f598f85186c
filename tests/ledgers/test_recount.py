"""Every computed figure is what one gets by counting the rows on one's fingers: plain Python, no SQL of ours."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grid.accounts.models import Patch, Scope, User
from grid.cases.models import Case, Screening
from grid.core.clock import day_of, local, now, today
from grid.core.db import db
from grid.core.periods import Period, period_of
from grid.ledgers import figures
from grid.ledgers.indicators import INDICATORS
from grid.ledgers.indicators.holidays import holidays
from grid.register.models import Community, Floating, Household, Person, PersonTag, Residency, Tag
from grid.services.models import Activity, ActivityHousehold, Inspection, Patrol, ServiceRecord, Team, WorkPlan
from grid.visits.models import Visit, VisitPerson
from tests.factories import Cast, Place
from tests.ledgers.full_year import write_year

Counted = tuple[float, float | None]


class Rows:
    """All rows of one community that are there, as Python sees them."""

    def __init__(self, community: Community, period: Period, scope: Scope | None = None) -> None:
        self.community, self.period, self.scope = community, period, scope
        self.end = min(period.end, today())

    def all(self, model: Any) -> list[Any]:
        return [
            row
            for row in db.session.query(model).filter_by(community_id=self.community.id)
            if getattr(row, "deleted_at", None) is None
        ]

    def mine(self, building_id: int | None) -> bool:
        return self.scope is None or self.scope.allows(self.community.id, building_id)

    def inside(self, day: date | None) -> bool:
        return day is not None and self.period.start <= day <= self.end

    def doors(self) -> dict[int, Household]:
        return {door.id: door for door in self.all(Household) if door.n_members and self.mine(door.building_id)}

    def cases(self, *kinds: str) -> list[Case]:
        found = [case for case in self.all(Case) if self.mine(case.building_id) and self.inside(day_of(case.at))]
        return [case for case in found if not kinds or case.type in kinds]

    def activities(self, kind: Sequence[str] = (), **facts: Any) -> list[Activity]:
        return [
            one
            for one in self.all(Activity)
            if self.inside(day_of(one.at))
            and (not kind or one.kind in kind)
            and all(getattr(one, name) == value for name, value in facts.items())
        ]

    def homes(self) -> dict[int, Household]:
        """Who lives where now."""
        doors = {door.id: door for door in self.all(Household)}
        return {
            stay.person_id: doors[stay.household_id]
            for stay in self.all(Residency)
            if stay.to_on is None and stay.household_id in doors and self.mine(doors[stay.household_id].building_id)
        }


def share(rows: Iterable[Any], met: Callable[[Any], bool]) -> Counted:
    all_ = list(rows)
    return sum(1 for row in all_ if met(row)), len(all_)


def spans(kind: str, r: Rows) -> list[tuple[date, date]]:
    """By walking the days one by one."""
    found: dict[Any, list[date]] = {}
    day = r.period.start
    while day <= r.period.end + timedelta(days=120):
        key: Any = {
            "night": day,
            "week": day - timedelta(days=day.weekday()),
            "month": (day.year, day.month),
            "two_months": (day.year, (day.month + 1) // 2),
            "quarter": (day.year, (day.month + 2) // 3),
        }[kind]
        found.setdefault(key, []).append(day)
        day += timedelta(days=1)
    whole = {"night": 1, "week": 7, "month": 28, "two_months": 59, "quarter": 90}[kind]
    return [(d[0], d[-1]) for d in found.values() if len(d) >= whole and d[0] <= r.period.end]


def every(kind: str, r: Rows, days: Iterable[date], last_month: int = 12) -> Counted:
    there = set(days)
    done = due = 0
    for start, end in spans(kind, r):
        if start.month > last_month:
            continue
        is_done = any(start <= day <= end for day in there)
        done += is_done
        due += is_done or end <= today()
    return done, due


def activity_days(r: Rows, kind: Sequence[str], **facts: Any) -> list[date]:
    return [day_of(one.at) for one in r.activities(kind, **facts)]


def talks(kind: str, r: Rows) -> Counted:
    tags = {tag.id for tag in r.all(Tag) if tag.group == "guidance"}
    homes, met = r.homes(), {}
    for link in db.session.query(VisitPerson):
        met.setdefault(link.visit_id, set()).add(link.person_id)
    seen = set()
    for start, end in spans(kind, r):
        for carried in r.all(PersonTag):
            if carried.tag_id not in tags or carried.person_id not in homes or start > today():
                continue
            if (carried.since and carried.since > start) or (carried.until and carried.until < start):
                continue
            talked = any(
                visit.household_id == homes[carried.person_id].id
                and (visit.kind, visit.found) == ("talk", "home")
                and start <= day_of(visit.at) <= end
                and (visit.id not in met or carried.person_id in met[visit.id])
                for visit in r.all(Visit)
            )
            if talked or end <= today():
                seen.add((carried.person_id, start, talked))
    return sum(talked for _id, _start, talked in seen), len(seen)


def served(r: Rows, kind: str, outcome: str | None = None) -> Counted:
    doors = {door.id: door for door in db.session.query(Household)}
    return len(
        {
            (one.household_id, one.person_id)
            for one in r.all(ServiceRecord)
            if one.kind == kind
            and outcome in (None, one.outcome)
            and r.inside(one.on)
            and r.mine(doors[one.household_id].building_id)
        }
    ), None


def permits(r: Rows) -> Counted:
    homes = r.homes()
    there = [
        one
        for one in r.all(Floating)
        if one.direction == "in"
        and one.person_id in homes
        and (one.left_on is None or one.left_on > r.end)
        and (one.registered_on is None or one.registered_on <= r.end)
    ]
    return share(there, lambda one: bool(one.permit_kind) and (one.expires_on is None or one.expires_on >= r.end))


def graded(r: Rows) -> Counted:
    homes, tags = r.homes(), {tag.id for tag in r.all(Tag) if tag.code == "disabled" and tag.is_open}
    carried = [one for one in r.all(PersonTag) if one.tag_id in tags and not one.until and one.person_id in homes]
    return share(carried, lambda one: bool((one.attrs or {}).get("grade")))


def took_part(r: Rows) -> Counted:
    held = {one.id for one in r.activities()}
    came = {one.household_id for one in r.all(ActivityHousehold) if one.activity_id in held}
    return share(r.doors(), lambda id_: id_ in came)


def visited(r: Rows) -> Counted:
    since = r.end - timedelta(days=r.community.visit_every_days)
    met = {v.household_id for v in r.all(Visit) if v.found == "home" and since <= day_of(v.at) <= r.end}
    return share(r.doors(), lambda id_: id_ in met)


def holiday_inspections(r: Rows) -> Counted:
    done = due = 0
    for day, key in holidays(r.period.start, r.period.end):
        first, last = day - timedelta(days=30), day + timedelta(days=7)
        found = any(one.holiday == key and first <= day_of(one.at) <= last for one in r.all(Inspection))
        done += found
        due += found or day <= today()
    return done, due


def work_plans(r: Rows) -> Counted:
    staff = {user.id for user in db.session.query(User) if user.role == "grid_worker"}
    patches = [one for one in r.all(Patch) if one.user_id in staff]
    states = {(plan.user_id, plan.week_on): plan.state for plan in r.all(WorkPlan)}
    due = {
        (one.user_id, start)
        for start, end in spans("week", r)
        for one in patches
        if end <= today() and one.from_on <= start and (one.to_on is None or one.to_on >= start)
    }
    return share(due, lambda one: states.get(one) in ("checked", "archived"))


def incidents(r: Rows, kind: str, levels: Sequence[str] = ()) -> Counted:
    found = [case for case in r.cases() if case.incident == kind]
    return sum(1 for case in found if not levels or case.level in levels), None


def on_time(r: Rows) -> Counted:
    due = [
        case
        for case in r.all(Case)
        if r.mine(case.building_id)
        and case.due_on
        and r.period.start <= case.due_on <= r.period.end
        and (case.due_on < today() or case.closed_on)
    ]
    return share(due, lambda case: bool(case.closed_on) and case.closed_on <= case.due_on)


def visits(r: Rows) -> Counted:
    doors = {door.id: door.building_id for door in db.session.query(Household)}
    return sum(r.inside(day_of(v.at)) and r.mine(doors[v.household_id]) for v in r.all(Visit)), None


def count(rows: Sequence[Any]) -> Counted:
    return len(rows), None


GRAVE = ("01", "02", "03")
MEETINGS = ("meeting", "joint_meeting", "residents_meeting")
RECOUNTS: dict[str, Callable[[Rows], Counted]] = {
    "safe_families": lambda r: share(r.doors().values(), lambda door: door.safe_family is True),
    "filed": lambda r: share(r.doors().values(), lambda door: bool(door.filed_on) and door.filed_on <= r.end),
    "visited": visited,
    "complete": lambda r: (sum(d.completeness for d in r.doors().values()), 100 * len(r.doors())),
    "visits": visits,
    "taking_part": took_part,
    "permits": permits,
    "disabled_graded": graded,
    "talks_monthly": lambda r: talks("month", r),
    "talks_quarterly": lambda r: talks("quarter", r),
    "mediation": lambda r: share(r.cases("dispute"), lambda case: bool(case.method or case.outcome)),
    "mediation_success": lambda r: share(
        [case for case in r.cases("dispute") if case.outcome], lambda case: case.outcome == "agreed"
    ),
    "on_time": on_time,
    "major_accidents": lambda r: incidents(r, "accident", GRAVE),
    "fires": lambda r: incidents(r, "fire"),
    "thefts": lambda r: incidents(r, "theft"),
    "major_fires_three_years": lambda r: incidents(
        Rows(r.community, Period("year", date(r.period.end.year - 2, 1, 1), r.period.end), r.scope), "fire", GRAVE
    ),
    "screenings": lambda r: every("week", r, [one.week_on for one in r.all(Screening)]),
    "patrols": lambda r: every(
        "night", r, [day_of(one.started_at) for one in r.all(Patrol) if local(one.started_at).hour >= 18]
    ),
    "meetings": lambda r: every("month", r, activity_days(r, ["meeting"])),
    "joint_meetings": lambda r: every("quarter", r, activity_days(r, ["joint_meeting"])),
    "health_lectures": lambda r: every("month", r, activity_days(r, ["lecture"], topic="health")),
    "boards_two_months": lambda r: every("two_months", r, activity_days(r, ["board"])),
    "boards_monthly": lambda r: every("month", r, activity_days(r, ["board", "leaflet"])),
    "theme_months": lambda r: every(
        "month", r, [day_of(one.at) for one in r.activities() if one.theme or one.kind == "theme_day"], last_month=10
    ),
    "minutes": lambda r: share(r.activities(MEETINGS), lambda one: bool(one.minutes)),
    "youth_legal_courses": lambda r: count(
        [one for one in r.activities(topic="legal", audience="youth") if day_of(one.at).month in (7, 8)]
    ),
    "culture_events": lambda r: count(r.activities(["culture"])),
    "training_terms": lambda r: count(r.activities(["training"])),
    "training_heads": lambda r: (sum(one.headcount or 0 for one in r.activities(["training"])), None),
    "health_reach": lambda r: (
        sum(one.headcount or 0 for one in r.activities(topic="health")),
        sum(door.n_members for door in Rows(r.community, r.period).doors().values()),
    ),
    "hygiene": lambda r: every("week", r, [day_of(i.at) for i in r.all(Inspection) if i.kind == "hygiene"]),
    "holiday_inspections": holiday_inspections,
    "jobs": lambda r: served(r, "job", "employed"),
    "students": lambda r: served(r, "student"),
    "work_plans": work_plans,
    "arts_teams": lambda r: count(
        [t for t in r.all(Team) if t.kind in ("arts", "sports") and not (t.dissolved_on and t.dissolved_on <= r.end)]
    ),
}


def periods() -> list[Period]:
    year = period_of("year", today())
    month = period_of("month", today())
    return [year, year.before, month, month.before.before, period_of("quarter", today()).before]


def test_every_computed_indicator_has_a_recount() -> None:
    assert set(RECOUNTS) == {key for key, one in INDICATORS.items() if not one.is_typed}


@pytest.mark.parametrize("who", ["admin", "worker"])
def test_every_figure_is_what_a_recount_gives(app: Flask, place: Place, cast: Cast, who: str) -> None:
    write_year(place, cast)
    scope = (cast.admin if who == "admin" else cast.worker).scope
    narrowed = None if who == "admin" else scope
    told = 0

    for key, recount in RECOUNTS.items():
        for period in periods():
            of = figures.figure(scope, INDICATORS[key], period, today(), place.community.id)
            numerator, denominator = recount(Rows(place.community, of.period, narrowed))
            told += bool(numerator)

            assert (of.numerator, of.denominator) == (numerator, denominator), (key, period.key)

    # The rows are such that there is something to count nearly everywhere.
    assert told > 100


def test_a_trend_is_the_months_one_by_one(app: Flask, place: Place, cast: Cast) -> None:
    write_year(place, cast)
    scope, here = cast.admin.scope, place.community.id
    year = period_of("year", today())

    for key, one in INDICATORS.items():
        if one.is_typed or not one.is_dated or one.every in ("quarter", "two_months") or key == "talks_quarterly":
            continue
        of_year, trend = figures.figure_and_trend(scope, one, year, today(), here)
        months = [m for m in year.parts("month") if m.start <= today()]

        assert of_year == figures.figure(scope, one, year, today(), here), key
        assert [point.value for point in trend if point.on <= today()] == [
            figures.figure(scope, one, month, today(), here).value for month in months
        ], key


def test_the_street_adds_up_its_communities(app: Flask, place: Place, cast: Cast) -> None:
    write_year(place, cast)
    year = period_of("year", today())

    for key, one in INDICATORS.items():
        if one.is_typed:
            continue
        parts = figures.by_community(cast.street.scope, one, year, today())
        alone = [
            figures.figure(cast.street.scope, one, year, today(), community.id)
            for community in (place.community, place.other)
        ]

        assert [parts[place.community.id], parts[place.other.id]] == alone, key
        assert figures.figure(cast.street.scope, one, year, today()).numerator == sum(
            part.numerator or 0 for part in alone
        ), key


def test_one_visit_changes_the_visit_indicators_and_no_other(app: Flask, place: Place, cast: Cast) -> None:
    write_year(place, cast)
    scope, here = cast.admin.scope, place.community.id
    year = period_of("year", today())

    def all_figures() -> dict[str, Any]:
        db.session.expire_all()
        computed = [one for one in INDICATORS.values() if not one.is_typed]
        return {one.key: figures.figure(scope, one, year, today(), here) for one in computed}

    before = all_figures()
    door = next(
        d for d in place.doors.values() if d.n_members and not d.deleted_at
        and (d.last_visit_on is None or d.last_visit_on < today() - timedelta(days=31))
    )  # fmt: skip
    from grid.visits.summaries import refresh_visits

    db.session.add(
        Visit(
            community_id=here,
            household_id=door.id,
            worker_id=cast.worker.id,
            at=now() - timedelta(seconds=5),
            kind="visit",
            found="home",
        )
    )
    refresh_visits([door.id])
    db.session.commit()
    after = all_figures()

    assert {key for key in before if before[key] != after[key]} == {"visits", "visited"}
    assert after["visits"].numerator == (before["visits"].numerator or 0) + 1
    assert after["visited"].numerator == (before["visited"].numerator or 0) + 1
    assert db.session.query(Person).count() > 0


def test_the_table_in_the_docs_names_every_indicator() -> None:
    table = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")

    assert [key for key, one in INDICATORS.items() if f"`{key}` {one.title} | {one.formula} |" not in table] == []
