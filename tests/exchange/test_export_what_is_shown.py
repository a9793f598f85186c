"""The 导出 of a list on screen takes the rows that the list shows, whatever it is narrowed to, and says so in words."""

import html
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grid.accounts.models import User
from grid.cases.models import Case, Screening
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.periods import period_of
from grid.exchange import export_actions
from grid.exchange.export_subjects import LISTS
from grid.exchange.models import ExportRequest
from grid.register.models import Floating, Household, Person
from grid.services.models import Inspection, InspectionItem, ServiceRecord, WorkPlan
from tests.conftest import LogIn
from tests.exchange.exporting import export, rows_of
from tests.factories import Cast, Place, hand_out, make_person, make_user

DAY = timedelta(days=1)


def asked_by(page: str) -> dict[str, list[str]]:
    """What the 导出 of a list asks for."""
    link = html.unescape(page.partition('href="/exports/new?')[2].partition('"')[0])
    return parse_qs(link)


def taken(client: FlaskClient, page: str, columns: list[str]) -> list[list[Any]]:
    """The rows of the workbook that the page's 导出 leads to."""
    asked = asked_by(page)
    answer = export(client, asked.pop("subject")[0], columns, **asked)
    assert answer.status_code == 200
    return [row[1:] for row in rows_of(answer.data)]


def said(client: FlaskClient, page: str) -> str:
    """How the page that asks for the reason tells what is taken."""
    asked = asked_by(page)
    found = client.get("/exports/new", query_string=asked).text
    return found.partition('<p class="sub">')[2].partition("</p>")[0]


def test_no_narrowing_hides_behind_a_column() -> None:
    for ledger in LISTS.values():
        keys = [one.key for one in (*ledger.source.narrowings, *ledger.source.columns)]
        assert len(keys) == len(set(keys)), ledger.key


@pytest.fixture
def some_cases(cast: Cast, place: Place) -> None:
    here, day = place.community.id, today()
    mine, others = cast.worker.id, cast.other_worker.id
    near, far = place.doors["1-1-101"], place.doors["3-2-302"]
    for no, owner, home, facts in (
        ("1", mine, near, {"due_on": day + DAY}),
        ("2", mine, near, {"due_on": day - DAY, "type": "request"}),
        ("3", mine, None, {"place": "全社区", "content": "路灯不亮", "due_on": day - DAY}),
        ("4", others, near, {"content": "楼道 100% 堵住"}),
        ("5", others, far, {"content": "外片漏水", "due_on": day - DAY, "revisit_on": day}),
        ("6", mine, near, {"closed_on": day, "revisit_on": day}),
        ("7", mine, None, {"closed_on": day - 40 * DAY, "revisit_on": day - DAY, "place": "北门"}),
        ("8", mine, near, {"closed_on": day, "revisit_on": day + DAY}),
        ("9", others, None, {"place": "南门"}),
        ("10", mine, near, {"deleted_at": now()}),
    ):
        facts = {"type": "dispute", "content": "漏水"} | facts
        where = {"building_id": home.building_id, "household_id": home.id} if home else {}
        db.session.add(
            Case(
                community_id=here, no=f"2026-{no:0>4}", owner_id=owner, recorded_by=owner, source="counter", at=now(),
                **facts, **where,
            )
        )  # fmt: skip
    db.session.commit()


@pytest.mark.parametrize("login", ["admin", "worker"])
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "办到哪里：办理中"),
        ("state=overdue", "办到哪里：逾期"),
        ("state=revisit", "办到哪里：该回访"),
        ("state=closed&owner=mine", "办到哪里：已办结；经办人：我自己"),
        ("owner=mine&type=dispute", "办到哪里：办理中；经办人：我自己；事件类别：矛盾纠纷"),
        ("q=漏水", "办到哪里：办理中；编号、内容、地点或门牌：漏水"),
        ("q=%25", "办到哪里：办理中；编号、内容、地点或门牌：%"),
        ("q=1-1-101&state=overdue", "办到哪里：逾期；编号、内容、地点或门牌：1-1-101"),
    ],
)
def test_cases(cast: Cast, place: Place, some_cases: None, log_in: LogIn, login: str, asked: str, words: str) -> None:
    client = log_in(login)

    page = client.get(f"/cases?{asked}").text

    shown = re.findall(r">(2026-\d{4}) · ", page)
    assert sorted(shown) == sorted(no for (no,) in taken(client, page, ["no"]))
    assert bool(shown) != (login == "admin" and "owner=mine" in asked)
    assert words in html.unescape(said(client, page))


def test_a_worker_takes_own_cases_that_lie_in_no_building(
    cast: Cast, place: Place, some_cases: None, log_in: LogIn
) -> None:
    worker = log_in("worker")

    nos = [no for (no,) in taken(worker, worker.get("/cases?state=revisit").text, ["no"])]

    assert sorted(nos) == ["2026-0006", "2026-0007"]


def test_what_a_second_person_agreed_to_is_narrowed_as_it_was_asked(
    cast: Cast, place: Place, some_cases: None, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user("admin2", "administrator", "副社长")
    db.session.commit()
    hand_out(user, place.community)
    monkeypatch.setattr(export_actions, "MOST_ALONE", 0)
    worker, other = log_in("worker"), log_in("admin2")
    asked = asked_by(worker.get("/cases?state=overdue&owner=mine").text)

    export(worker, "cases", ["no"], **{key: asked[key] for key in asked if key != "subject"})
    page = other.get("/exports").text
    row = db.session.scalars(select(ExportRequest)).one()
    other.post(f"/exports/{row.public_id}/agree")
    book = worker.post(f"/exports/{row.public_id}/take")

    assert "办到哪里：逾期；经办人：我自己" in page
    assert sorted(row[1] for row in rows_of(book.data)) == ["2026-0002", "2026-0003"]


def test_an_agreed_narrowing_that_is_no_longer_known_widens_nothing(
    cast: Cast, place: Place, some_cases: None, log_in: LogIn
) -> None:
    said = {"source": "cases", "columns": [{"key": "no", "heading": ""}], "period": "", "filter": {"gone": ["x"]}}
    facts = {"asked_by": cast.worker.id, "answered_by": cast.admin.id, "answered_at": now(), "is_agreed": True}
    row = ExportRequest(
        community_id=place.community.id, subject="cases", asked=said | {"is_whole": False, "words": "事件"}, n_rows=50,
        reason="统计", **facts,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()

    answer = log_in("worker").post(f"/exports/{row.public_id}/take")

    assert answer.status_code == 422 and "请重新申请" in answer.text


@pytest.fixture
def some_floating(cast: Cast, place: Place) -> None:
    """Beside those at a door: somebody who is missing, and two who left, one of whom came again."""
    people, day = place.people, today()
    people |= {
        name: make_person(place.doors[door], name, population_kind="floating")
        for name, door in (("缺登记", "2-1-201"), ("外片缺", "3-1-101"), ("又来的", "1-1-102"), ("走了的", "1-1-102"))
    }
    people["搬走的"] = Person(community_id=place.community.id, name="搬走的")
    db.session.add(people["搬走的"])
    db.session.flush()
    for name, facts in (
        ("王小明", {"permit_kind": "01", "expires_on": day + 300 * DAY}),
        ("李芳", {"permit_kind": "01", "expires_on": day - DAY}),
        ("单雄信", {"permit_kind": "01", "expires_on": day + 30 * DAY}),
        ("欧阳娜", {"direction": "out"}),
        ("曾志伟", {}),
        ("又来的", {"left_on": day - 90 * DAY}),
        ("又来的", {"expires_on": day - DAY}),
        ("走了的", {"left_on": day - DAY}),
        ("搬走的", {"left_on": day - DAY}),
    ):
        db.session.add(Floating(community_id=place.community.id, person_id=people[name].id, **facts))
    db.session.commit()


def at(place: Place, asked: str) -> str:
    """`{block1}` and `{building2}` stand for those of the community."""
    blocks = {f"block{n}": one.public_id for n, one in enumerate(place.blocks, 1)}
    return asked.format(**blocks, **{f"building{n}": one.public_id for n, one in enumerate(place.buildings, 1)})


@pytest.mark.parametrize("login", ["admin", "worker"])
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "登记情况：在册"),
        ("kind=in", "登记情况：流入"),
        ("kind=out", "登记情况：流出"),
        ("kind=expired", "登记情况：证件过期"),
        ("kind=expired&building={building1}&name=李", "登记情况：证件过期；楼栋：1 桃园小区；姓名：李"),
        ("kind=soon", "登记情况：30 天内到期"),
        ("kind=none", "登记情况：没办证"),
        ("kind=missing", "登记情况：应登未登"),
        ("kind=missing&block={block1}", "登记情况：应登未登；片区：第1片区"),
        ("kind=left", "桃园社区"),
        ("kind=left&building={building1}", "楼栋：1 桃园小区"),
        ("kind=left&building={building2}", "楼栋：2 桃园小区"),
        ("block={block1}", "登记情况：在册；片区：第1片区"),
        ("building={building2}", "登记情况：在册；楼栋：2 桃园小区"),
    ],
)
def test_floating(
    cast: Cast, place: Place, some_floating: None, log_in: LogIn, login: str, asked: str, words: str
) -> None:
    client = log_in(login)

    page = client.get(at(place, f"/floating?{asked}")).text

    shown = re.findall(r'<b class="name">(.*?)</b>', page)
    assert sorted(shown) == sorted(name for (name,) in taken(client, page, ["name"]))
    assert bool(shown) != ("building={building2}" in asked and "left" in asked)
    assert words in html.unescape(said(client, page))


def test_a_worker_is_offered_the_blocks_and_buildings_of_the_own_patch(
    cast: Cast, place: Place, some_floating: None, log_in: LogIn
) -> None:
    worker, far = log_in("worker"), place.buildings[2].public_id

    page = worker.get("/exports/new?subject=floating").text
    book = export(worker, "floating", ["name"], f_building=far)

    assert place.buildings[0].public_id in page and place.blocks[0].public_id in page
    assert far not in page and place.blocks[1].public_id not in page
    assert "曾志伟" not in str(rows_of(book.data))


@pytest.mark.parametrize("login", ["admin", "worker"])
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "桃园社区"),
        ("block={block1}", "片区：第1片区"),
        ("building={building2}&occupancy=rented", "楼栋：2 桃园小区；房屋状态：出租"),
        ("unvisited=30", "没见到人：30 天以上"),
        ("unvisited=180&building={building1}", "楼栋：1 桃园小区；没见到人：半年以上"),
        ("use=shop", "用途：商铺"),
    ],
)
def test_households(cast: Cast, place: Place, log_in: LogIn, login: str, asked: str, words: str) -> None:
    for code, facts in {
        "1-1-101": {"last_visit_on": today() - 29 * DAY, "use": "shop"},
        "1-1-102": {"last_visit_on": today() - 31 * DAY},
        "1-2-101": {"last_visit_on": today() - 30 * DAY},
        "1-2-102": {"deleted_at": now()},
        "2-1-201": {"last_visit_on": today() - 200 * DAY, "occupancy": "rented"},
        "3-2-302": {"last_visit_on": today(), "use": "shop"},
    }.items():
        db.session.execute(update(Household).where(Household.id == place.doors[code].id).values(**facts))
    db.session.commit()
    client = log_in(login)

    page = client.get(at(place, f"/households?{asked}")).text

    shown = re.findall(r'<td><a href="/households/\w+">(.*?)</a>', page)
    assert shown and sorted(shown) == sorted(code for (code,) in taken(client, page, ["door"]))
    assert words in html.unescape(said(client, page))


@pytest.fixture
def some_inspections(cast: Cast, place: Place) -> None:
    here, day = {"community_id": place.community.id}, today()
    for content, building, kind, items in (
        ("全好", 0, "fire", [(True, None, None)]),
        ("待改", 0, "fire", [(True, None, None), (False, day, None)]),
        ("过期", 1, "safety", [(False, day - DAY, None)]),
        ("改了", 0, "fire", [(False, day - DAY, day)]),
        ("别处", 2, "fire", [(False, day - DAY, None)]),
        ("无期", None, "fire", [(False, None, None)]),
    ):
        of = {"building_id": place.buildings[building].id} if building is not None else {}
        row = Inspection(
            kind=kind,
            place=content,
            content=content,
            at=now(),
            inspectors="甲",
            recorded_by=cast.worker.id,
            **of,
            **here,
        )
        db.session.add(row)
        db.session.flush()
        for seq, (is_fine, due_on, rectified_on) in enumerate(items):
            said = {"is_fine": is_fine, "due_on": due_on, "rectified_on": rectified_on}
            db.session.add(InspectionItem(inspection_id=row.id, seq=seq, words="一项", **said, **here))
    db.session.commit()


@pytest.mark.parametrize("login", ["admin", "worker"])
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", "桃园社区"),
        ("state=open", "整改：有待整改"),
        ("state=overdue", "整改：过期未整改"),
        ("state=open&kind=fire", "整改：有待整改；检查类别：消防检查"),
    ],
)
def test_inspections(
    cast: Cast, place: Place, some_inspections: None, log_in: LogIn, login: str, asked: str, words: str
) -> None:
    client = log_in(login)

    page = client.get(f"/inspections?{asked}").text

    shown = re.findall(r"(\w\w)</span></span></a>", page)
    assert shown and sorted(shown) == sorted(content for (content,) in taken(client, page, ["content"]))
    assert words in html.unescape(said(client, page))


@pytest.mark.parametrize("login", ["admin", "worker"])
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("period=all", "桃园社区"),
        ("period=2026-10&words=米", "2026年10月 · 内容、慰问品、户号或姓名：米"),
        ("words=1-1-101&period=all", "内容、慰问品、户号或姓名：1-1-101"),
        ("words=李芳&kind=comfort&period=all", "内容、慰问品、户号或姓名：李芳；服务类别：慰问"),
        (f"words={'长' * 60}&period=all", "户号或姓名：" + "长" * 60),
    ],
)
def test_service_records(cast: Cast, place: Place, log_in: LogIn, login: str, asked: str, words: str) -> None:
    here = {"community_id": place.community.id, "recorded_by": cast.worker.id}
    gone = place.doors["1-2-102"]
    for n, (door, on, facts) in enumerate(
        (
            ("1-1-101", date(2026, 10, 5), {"gift": "米", "person_id": place.people["李芳"].id}),
            ("1-1-102", date(2026, 10, 6), {"content": "送米"}),
            ("1-1-101", date(2026, 9, 6), {"gift": "米", "kind": "allowance"}),
            ("1-1-102", date(2026, 9, 6), {"content": "长" * 60}),
            ("1-1-102", date(2026, 9, 7), {"content": "长" * 55}),
            ("3-2-302", date(2026, 10, 6), {"gift": "米"}),
            ("1-2-102", date(2026, 10, 6), {"gift": "米"}),
        )
    ):
        facts = {"kind": "comfort", "content": "慰问", "amount": n + 1} | facts
        db.session.add(ServiceRecord(household_id=place.doors[door].id, on=on, **facts, **here))
    db.session.execute(update(Household).where(Household.id == gone.id).values(deleted_at=now()))
    db.session.commit()
    client = log_in(login)

    page = client.get(f"/service-records?{asked}").text

    shown = re.findall(r"· (\d+)\.00 元", page)
    assert shown and sorted(map(int, shown)) == sorted(n for (n,) in taken(client, page, ["amount"]))
    assert words in html.unescape(said(client, page))


def test_screenings_and_work_plans_of_the_week(cast: Cast, place: Place, log_in: LogIn) -> None:
    week = period_of("week", date(2026, 11, 18))
    here = {"community_id": place.community.id}
    for monday in (week.start, week.before.start, week.after.start):
        for block in place.blocks:
            words = f"{block.name} {monday}"
            about = {"week_on": monday, "on": monday, "is_zero": False, "content": words, "by_id": cast.admin.id}
            db.session.add(Screening(block_id=block.id, **about, **here))
        db.session.add(WorkPlan(user_id=cast.worker.id, week_on=monday, state="submitted", **here))
    db.session.commit()
    admin, worker = log_in("admin"), log_in("worker")

    for client, blocks in ((admin, 2), (worker, 1)):
        page = client.get(f"/screenings?week={week.key}").text
        rows = taken(client, page, ["content"])
        assert len(rows) == blocks and all(words in page and str(week.start) in words for (words,) in rows)
    plans = admin.get(f"/work-plans?week={week.key}").text
    assert taken(admin, plans, ["who", "week_on"]) == [["孟网格", week.start]]
    assert week.title in html.unescape(said(admin, plans))


def test_lists_of_several_communities_have_an_export_of_each(
    cast: Cast, place: Place, some_cases: None, log_in: LogIn
) -> None:
    far = {"community_id": place.other.id, "building_id": place.other_door.building_id, "at": now()}
    about = {"owner_id": cast.admin.id, "recorded_by": cast.admin.id, "source": "counter", "content": "别的社区"}
    db.session.add(Case(no="2027-0001", type="dispute", due_on=today() - DAY, **about, **far))
    db.session.commit()
    hand_out(db.session.get_one(User, cast.admin.id), place.other)
    admin = log_in("admin")

    page = admin.get("/cases?state=overdue").text
    links = [html.unescape(one) for one in re.findall(r'href="(/exports/new\?[^"]+)"', page)]
    nos = []
    for link in links:
        asked = parse_qs(link.partition("?")[2])
        nos += [row[1] for row in rows_of(export(admin, asked.pop("subject")[0], ["no"], **asked).data)]

    assert len(links) == 2 and "导出 桃园社区" in page and "导出 槐荫社区" in page
    assert sorted(nos) == sorted(re.findall(r">(20\d\d-\d{4}) · ", page)) and "2027-0001" in nos
    reports = admin.get("/reports").text
    assert all(f"subject=reports&amp;community={one.public_id}" in reports for one in (place.community, place.other))
