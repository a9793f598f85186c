"""The workload of each worker equals a recount of the rows in plain Python."""

import html
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from grid.accounts.models import AuditEntry, Me, User
from grid.cases.models import Case, Screening
from grid.core.clock import ZONE, day_of
from grid.core.db import db
from grid.core.periods import Period, read_period
from grid.ledgers.workload_queries import UPDATES, Workload, workload
from grid.ledgers.workload_table import value
from grid.register.models import Household
from grid.services.models import Activity, Inspection, Patrol, ServiceRecord, WorkPlan
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.exchange.exporting import export, rows_of, sheet_of
from tests.factories import Cast, Place

TODAY = date(2026, 11, 18)
FIRST = date(2026, 9, 20)
DICE = Random(5)


def moment(hours: tuple[int, int] = (0, 23)) -> datetime:
    day = FIRST + timedelta(days=DICE.randrange(75))
    return datetime(day.year, day.month, day.day, DICE.randint(*hours), DICE.randrange(60), tzinfo=ZONE)


def some_day() -> date:
    return moment().date()


def a_day_or_none() -> date | None:
    return DICE.choice((None, some_day(), some_day()))


def gone() -> datetime | None:
    return DICE.choice((None, None, None, moment()))


def fill(place: Place, people: list[int]) -> None:
    """Rows of everything by everybody, in and out of November, some of them withdrawn or of another community."""
    DICE.seed(len(people))
    doors = [door for door in place.doors.values() if door.n_members]
    nos = iter(range(10_000))
    for _n in range(160):
        by = DICE.choice(people)
        here = DICE.choice((place.community.id, place.community.id, place.community.id, place.other.id))
        door = DICE.choice(doors) if here == place.community.id else place.other_door
        row: dict[str, Any] = {"community_id": here}
        at = moment()
        db.session.add_all(
            [
                Visit(household_id=door.id, worker_id=by, at=at, kind=DICE.choice(("visit", "talk")),
                      found=DICE.choice(("home", "nobody")), deleted_at=gone(), closed=DICE.random() < 0.8,
                      due_on=DICE.choice((None, at.date() + timedelta(days=DICE.randrange(1, 20)))), **row),
                Case(no=f"x{next(nos)}", type="other", source="phone", at=at, content="x", owner_id=by,
                     recorded_by=DICE.choice(people), recorded_at=moment(), due_on=a_day_or_none(),
                     closed_on=a_day_or_none(), deleted_at=gone(), **row),
                Screening(week_on=FIRST, on=some_day(), by_id=by, deleted_at=gone(), **row),
                Patrol(started_at=at, ended_at=at, recorded_by=by, deleted_at=gone(), **row),
                Inspection(kind="safety", at=at, recorded_by=by, deleted_at=gone(), **row),
                ServiceRecord(household_id=door.id, kind="job", on=some_day(), content="x", recorded_by=by,
                              deleted_at=gone(), **row),
                Activity(kind="lecture", title="x", at=at, recorded_by=by, deleted_at=gone(), **row),
            ]
        )  # fmt: skip
        action = DICE.choice((*UPDATES, "open_file"))
        db.session.execute(insert(AuditEntry).values(at=moment(), actor_id=by, action=action, words="", **row))
    for by in people:
        for week in range(10):
            monday = date(2026, 9, 21) + timedelta(weeks=week)
            handed = datetime(monday.year, monday.month, monday.day, tzinfo=ZONE) + timedelta(
                hours=DICE.choice((-20, 9, 23, 25, 60))
            )
            given = {"community_id": place.community.id, "user_id": by, "week_on": monday}
            db.session.add(WorkPlan(submitted_at=DICE.choice((None, handed, handed)), **given))
    db.session.commit()


def rows(model: Any, place: Place) -> list[Any]:
    found = db.session.scalars(select(model).where(model.community_id == place.community.id))
    return [row for row in found if getattr(row, "deleted_at", None) is None]


def recount(place: Place, user: int, period: Period, blocks_doors: list[int], is_worker: bool) -> dict[str, Any]:
    """The same, row by row."""

    def within(day: date | None) -> bool:
        return day is not None and period.start <= day <= period.end

    def by(model: Any, who: str, when: Callable[[Any], date | None]) -> int:
        return sum(getattr(row, who) == user and within(when(row)) for row in rows(model, place))

    visits = rows(Visit, place)
    mine = [v for v in visits if v.worker_id == user]
    cases = [c for c in rows(Case, place) if c.owner_id == user]

    def kept(v: Visit) -> bool:
        later = [o for o in visits if o.household_id == v.household_id and o.at > v.at and o.found == "home"]
        return v.closed and any(day_of(o.at) <= v.due_on for o in later if v.due_on)

    promised = [v for v in mine if within(v.due_on) and v.due_on and (v.due_on < TODAY or kept(v))]
    due = [c for c in cases if within(c.due_on) and c.due_on and (c.due_on < TODAY or c.closed_on)]
    until = min(period.end + timedelta(days=1), TODAY)
    weeks = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(52)]
    asked = [m for m in weeks if within(m)] if is_worker else []
    plans = [p for p in rows(WorkPlan, place) if p.user_id == user and p.week_on in asked and p.submitted_at]
    met = {v.household_id for v in mine if within(day_of(v.at)) and v.found == "home"}
    on_time = [c for c in due if c.closed_on and c.closed_on <= c.due_on]
    plans_on_time = [p for p in plans if p.submitted_at and day_of(p.submitted_at) <= p.week_on]
    all_due = len(promised) + len(due) + len(asked)
    all_on_time = sum(map(kept, promised)) + len(on_time) + len(plans_on_time)
    audits = db.session.execute(select(AuditEntry.at, AuditEntry.action, AuditEntry.actor_id, AuditEntry.community_id))
    return {
        "visits": sum(within(day_of(v.at)) for v in mine),
        "late_visits": sum(not kept(v) for v in promised),
        "doors_seen": f"{len(met & set(blocks_doors))}/{len(blocks_doors)}" if is_worker else "–",
        "updates": sum(
            actor == user and place_id == place.community.id and action in UPDATES and within(day_of(at))
            for at, action, actor, place_id in audits
        ),
        "cases_opened": by(Case, "recorded_by", lambda c: day_of(c.recorded_at)),
        "cases_closed": sum(within(c.closed_on) for c in cases),
        "cases_on_time": f"{len(on_time)}/{len(due)}" if due else "–",
        "cases_overdue": sum(
            c.due_on is not None and c.due_on < until and (c.closed_on is None or c.closed_on >= until) for c in cases
        ),
        "screenings": by(Screening, "by_id", lambda s: s.on),
        "patrols": by(Patrol, "recorded_by", lambda p: day_of(p.started_at)),
        "inspections": by(Inspection, "recorded_by", lambda i: day_of(i.at)),
        "services": by(ServiceRecord, "recorded_by", lambda s: s.on),
        "activities": by(Activity, "recorded_by", lambda a: day_of(a.at)),
        "plans_on_time": f"{len(plans_on_time)}/{len(asked)}" if asked else "–",
        "timeliness": f"{round(100 * all_on_time / all_due)}%" if all_due else "–",
    }


def of(reader: Me, place: Place, period: Period) -> dict[str, Workload]:
    return {one.name: one for one in workload(reader, place.community.id, period, TODAY)}


@pytest.mark.parametrize("key", ["2026-10", "2026-11", "2026"])
def test_it_equals_a_recount(place: Place, cast: Cast, key: str) -> None:
    fill(place, [cast.worker.id, cast.other_worker.id, cast.admin.id])
    asked = read_period(key)
    assert asked
    period = asked.until(TODAY)
    houses = {house.id: house.block_id for house in place.buildings}
    lived_in = [door for door in rows(Household, place) if door.n_members]

    found = of(cast.admin, place, asked)

    assert list(found) == ["傅外人", "孟网格", "社长"]
    for me in (cast.worker, cast.other_worker, cast.admin):
        block = place.blocks[me.id != cast.worker.id].id
        doors = [door.id for door in lived_in if houses[door.building_id] == block]
        expected = recount(place, me.id, period, doors, me.role == "grid_worker")
        assert {k: value(found[me.name], k) for k in expected} == {k: str(v) for k, v in expected.items()}, me.name
    assert sum(found["孟网格"].visits.values()) == sum(found["孟网格"].found.values()) == found["孟网格"].n["visits"]


def test_one_more_visit_counts_one_more(place: Place, cast: Cast) -> None:
    period = read_period("2026-11")
    assert period
    before = [value(of(cast.admin, place, period)["孟网格"], key) for key in ("visits", "doors_seen", "patrols")]

    given: dict[str, Any] = {"household_id": place.doors["1-1-101"].id, "worker_id": cast.worker.id}
    at = datetime(2026, 11, 3, 9, tzinfo=ZONE)
    db.session.add(Visit(community_id=place.community.id, at=at, found="home", **given))
    db.session.commit()

    after = [value(of(cast.admin, place, period)["孟网格"], key) for key in ("visits", "doors_seen", "patrols")]
    assert (before, after) == (["0", "0/3", "0"], ["1", "1/3", "0"])


def test_a_worker_sees_only_oneself(place: Place, cast: Cast, log_in: LogIn) -> None:
    other = db.session.get_one(User, cast.other_worker.id).public_id

    seen = {login: log_in(login) for login in ("admin", "worker", "head", "street")}

    assert [seen[login].get("/workload?period=2026-11").status_code for login in seen] == [200, 200, 403, 403]
    assert "傅外人" in seen["admin"].get("/workload?period=2026-11").text
    assert "傅外人" not in seen["worker"].get("/workload?period=2026-11").text
    assert seen["worker"].get(f"/workload?worker={other}").status_code == 404
    assert "傅外人" in seen["admin"].get(f"/workload?worker={other}").text
    assert seen["admin"].get(f"/workload?community={place.other.public_id}").status_code == 404


def test_the_workbook_says_the_same(place: Place, cast: Cast, log_in: LogIn) -> None:
    fill(place, [cast.worker.id])
    db.session.get_one(User, cast.worker.id).name = "=HYPERLINK(1)"
    db.session.commit()

    answer = export(log_in("admin"), "workload", period="2026-10")

    sheet = load_workbook(BytesIO(answer.data)).active
    read = {row[1].value: row[1:] for row in sheet.iter_rows(min_row=4)}  # type: ignore[union-attr]
    period = read_period("2026-10")
    assert period
    mine = of(cast.admin, place, period)["=HYPERLINK(1)"]
    assert read["=HYPERLINK(1)"][0].data_type == "s" and read["=HYPERLINK(1)"][1].value == mine.n["visits"] > 0
    own = rows_of(export(log_in("worker"), "workload", period="2026-10").data)
    assert [row[1] for row in own] == ["=HYPERLINK(1)"]


def test_the_workbook_is_asked_for_with_a_reason_and_in_columns(place: Place, cast: Cast, log_in: LogIn) -> None:
    fill(place, [cast.worker.id])
    admin, worker = log_in("admin"), log_in("worker")
    link = html.unescape(admin.get("/workload?period=2026").text.partition('href="/exports/new?')[2].partition('"')[0])

    page = admin.get(f"/exports/new?{link}").text
    refused = export(admin, "workload", period="2026", reason="")
    chosen = export(admin, "workload", ["visits", "name"], period="2026-10", h_visits="走了几次")

    assert "2026年" in page and "导出做什么用" in page
    assert refused.status_code == 422 and "请写明用途" in refused.text
    period = read_period("2026-10")
    assert period
    found = of(cast.admin, place, period)
    assert f"<b>{len(found)} 行</b>" in page
    assert sheet_of(chosen.data)[0] == ["序号", "走了几次", "姓名"]
    assert sorted(row[2:0:-1] for row in rows_of(chosen.data)) == sorted(
        [n, one.n["visits"]] for n, one in found.items()
    )
    told = db.session.scalars(select(AuditEntry.words).where(AuditEntry.action == "export")).one()
    assert told.startswith("工作量 · 2026年10月 · 列：走了几次、姓名 · ") and f" · {len(found)} 行 · " in told
    assert {export(worker, "workload", period=key).status_code for key in ("2026-W43", "2026-Q4", "")} == {200}
    assert worker.get("/workload.xlsx").status_code == 404
