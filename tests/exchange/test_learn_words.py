"""What the words of a committee's files mean is told once, and remembered for that committee."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db, writing
from grid.exchange import queries
from grid.exchange.learning_actions import WordEntry, learn_words
from grid.exchange.models import LearntWord
from grid.exchange.planning import plan_files
from grid.register.models import Person, Residency, Tag
from tests.conftest import LogIn
from tests.exchange.books import book, order
from tests.exchange.test_upload import send
from tests.factories import Cast, Place

HEADINGS = ("姓名", "关系", "住址", "人员标签", "手机串号", "微信名")
ROWS = (
    ("刘备", "当家的", "3-1-101", "桃园义士", "x", "备"),
    ("关羽", "拜把兄弟", "3-1-101", "桃园义士、党员", "y", None),
    ("张飞", "拜把兄弟", "3-1-101", None, "z", None),
)
WORDS = book(("人员", [HEADINGS, *ROWS]))
ENTRIES = [
    WordEntry("heading:residents", "微信名", "former_name"),
    WordEntry("heading:residents", "手机串号", "-"),
    WordEntry("code:relation", "当家的", "02"),
    WordEntry("code:relation", "拜把兄弟", "lodger"),
    WordEntry("tag", "桃园义士", "志愿者"),
]


@pytest.fixture
def admin(cast: Cast, log_in: LogIn) -> FlaskClient:
    return log_in("admin")


def told(place: Place) -> dict[tuple[str, str], tuple[int, str]]:
    plan = plan_files(order("residents", WORDS), today())
    return {(one.kind, one.said): (one.rows, one.place) for one in plan.unknown}


def test_a_plan_says_which_words_nobody_knows_how_often_and_where_first(place: Place) -> None:
    unknown = told(place)

    assert unknown == {
        ("heading:residents", "手机串号"): (3, "residents.xlsx “人员”第 1 行"),
        ("heading:residents", "微信名"): (3, "residents.xlsx “人员”第 1 行"),
        ("code:relation", "当家的"): (1, "第 2 行"),
        ("code:relation", "拜把兄弟"): (2, "第 3 行"),
        ("tag", "桃园义士"): (2, "第 2 行"),
    }


def test_what_was_learnt_is_used_and_not_asked_again(place: Place, cast: Cast) -> None:
    learn_words(cast.admin, place.community.id, ENTRIES)

    plan = plan_files(order("residents", WORDS), today())

    assert plan.unknown == []
    assert plan.counts["odd"] == 0
    people = {fields["name"]: fields for _id, fields in plan.writes.people}
    assert people["刘备"]["former_name"] == "备"
    living = [fields for _id, _index, fields in plan.writes.residencies]
    assert [(one["is_head"], one["live_kind"]) for one in living] == [
        (True, "head_family"),
        (False, "lodger"),
        (False, "lodger"),
    ]
    helper = db.session.scalars(
        select(Tag.id).where(Tag.label == "志愿者", Tag.community_id == place.community.id)
    ).one()
    assert [index for index, tag in plan.writes.tags if tag == helper] == [0, 1]


def test_one_committee_s_words_are_not_another_s(place: Place, cast: Cast) -> None:
    learn_words(cast.admin, place.other.id, ENTRIES)

    assert len(told(place)) == 5


def test_a_word_that_is_to_be_ignored_stays_in_the_note_without_a_question(place: Place, cast: Cast) -> None:
    ignored = [WordEntry("tag", "桃园义士", "-"), WordEntry("code:relation", "当家的", "-")]
    learn_words(cast.admin, place.community.id, ignored)

    plan = plan_files(order("residents", WORDS), today())

    first = plan.writes.people[0][1]
    assert first["note"] == "类别：桃园义士；与户主关系：当家的"
    assert not any("桃园义士" in remark or "当家的" in remark for line in plan.lines for remark in line.remarks)


def test_nobody_can_teach_a_category_that_the_register_does_not_keep(place: Place, cast: Cast) -> None:
    learn_words(cast.admin, place.community.id, [WordEntry("tag", "信教", "志愿者")])
    content = book(("人员", [HEADINGS, ("刘备", None, "3-1-101", "信教", None, None)]))

    plan = plan_files(order("residents", content), today())

    assert plan.writes.tags == []
    assert plan.writes.people[0][1]["note"] is None


def uploaded(admin: FlaskClient, place: Place) -> str:
    answer = send(admin, "residents", ("名册.xlsx", WORDS), community=place.community.public_id)
    where: str = answer.headers["Location"]
    return where


def test_the_preview_asks_and_is_planned_again_with_the_answers(admin: FlaskClient, place: Place) -> None:
    where = uploaded(admin, place)
    assert "认不出 5 种写法" in admin.get(where).get_data(as_text=True)
    page = admin.get(f"{where}/words").get_data(as_text=True)
    assert "拜把兄弟" in page and "2 行，最先在第 3 行" in page

    answer = admin.post(f"{where}/words", data=filled(page, {"拜把兄弟": "lodger", "微信名": "former_name"}))

    assert (answer.status_code, answer.headers["Location"]) == (303, where)
    assert "认不出 3 种写法" in admin.get(where).get_data(as_text=True)
    kept = {(word.said, word.means) for word in db.session.scalars(select(LearntWord))}
    assert kept == {("拜把兄弟", "lodger"), ("微信名", "former_name")}
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "learn_words")).one()
    assert (entry.community_id, entry.words) == (place.community.id, "微信名、拜把兄弟")
    admin.post(f"{where}/apply")
    lodger = select(Person.name).join(Residency).where(Residency.live_kind == "lodger")
    assert {"关羽", "张飞"} <= set(db.session.scalars(lodger))


def filled(page: str, answers: dict[str, str]) -> dict[str, str]:
    from bs4 import BeautifulSoup

    soup, data = BeautifulSoup(page, "html.parser"), {}
    for label in soup.select("form label"):
        said = label.get_text().rpartition("：")[2]
        data[str(label["for"])] = answers.get(said, "")
    return data


def test_a_meaning_that_is_no_choice_is_refused(admin: FlaskClient, place: Place) -> None:
    where = uploaded(admin, place)
    page = admin.get(f"{where}/words").get_data(as_text=True)

    answer = admin.post(f"{where}/words", data=filled(page, {"拜把兄弟": "emperor"}))

    assert answer.status_code == 422
    assert db.session.scalars(select(LearntWord)).all() == []


def test_somebody_else_s_upload_is_not_asked_about(admin: FlaskClient, place: Place, log_in: LogIn) -> None:
    where = uploaded(admin, place)

    assert admin.get("/imports/nobodysuploadisthere00/words").status_code == 404
    assert log_in("worker").get(f"{where}/words").status_code == 403


def test_learnt_words_are_listed_and_forgotten(admin: FlaskClient, place: Place, cast: Cast) -> None:
    learn_words(cast.admin, place.community.id, ENTRIES)
    page = admin.get("/imports/words").get_data(as_text=True)
    assert "桃园义士" in page and "志愿者" in page and "不用管" in page

    for _time in range(2):
        gone: dict[str, Any] = {"community": place.community.public_id, "kind": "tag", "said": "桃园义士"}
        assert admin.post("/imports/words/forget", data=gone).status_code == 303

    assert "桃园义士" not in admin.get("/imports/words").get_data(as_text=True)
    assert len(queries.learnt_words(place.community.id)) == 4
    assert ("tag", "桃园义士") in told(place)


def test_a_file_whose_headings_nobody_knows_can_be_taught_beforehand(admin: FlaskClient, place: Place) -> None:
    strange = book(("人员", [("称呼", "窝在哪"), ("刘备", "3-1-101")]))
    refused = send(admin, "residents", ("a.xlsx", strange), community=place.community.public_id)
    assert refused.status_code == 422

    for said, means in (("称 呼", "residents.name"), ("窝在哪", "residents.address")):
        data = {"community": place.community.public_id, "said": said, "means": means}
        assert admin.post("/imports/words", data=data).status_code == 303

    assert plan_files(order("residents", strange), today()).counts["new"] == 1


def test_foreign_communities_are_not_taught(admin: FlaskClient, place: Place) -> None:
    data = {"community": place.other.public_id, "said": "称呼", "means": "residents.name"}

    assert admin.post("/imports/words", data=data).status_code == 404
    assert admin.get(f"/imports/words?community={place.other.public_id}").status_code == 404


FLOATING = (("姓名", "现住址", "流入原因", "办证了没", "电话"), ("王小明", "1幢1单元101室", "闯码头", "有", "1"))
TAGS = (("姓名", "住址", "人员类别", "几时认的"), ("王小明", "1-1-101", "苦出身", "2026-01-01"))
VISITS = (
    ("走访对象", "居住地址", "走访时间", "走访方式", "服务标签", "谁去的"),
    ("王小明", "1-1-101", "2026-01-05", "串门", "拉家常", "网格员甲"),
)
OTHERS = {
    "floating": (FLOATING, {("heading:floating", "办证了没"): "permit_kind", ("code:inflow_reason", "闯码头"): "01"}),
    "tags": (TAGS, {("heading:tags", "几时认的"): "since", ("tag", "苦出身"): "低保"}),
    "visits": (
        VISITS,
        {
            ("heading:visits", "谁去的"): "workers",
            ("code:visit_kind", "串门"): "comfort",
            ("code:topic", "拉家常"): "policy",
        },
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_of_file_asks_about_its_words_and_learns_them(place: Place, cast: Cast, kind: str) -> None:
    rows, meanings = OTHERS[kind]
    asked = order(kind, book(("表", rows)))
    before = plan_files(asked, today())
    assert {(one.kind, one.said) for one in before.unknown} == set(meanings)
    entries = [WordEntry(*word, means) for word, means in meanings.items()]
    learn_words(cast.admin, place.community.id, entries)

    after = plan_files(asked, today())

    assert after.unknown == []
    assert [line.outcome for line in after.lines] == ["new"]
    assert not any(said in remark for line in after.lines for remark in line.remarks for _kind, said in meanings)
    written: Any = {
        "floating": lambda: [(row["reason"], row["permit_kind"]) for row in after.writes.new],
        "tags": lambda: [str(row["since"]) for row in after.writes.given],
        "visits": lambda: [(one.fields["kind"], one.fields["topics"]) for one in after.writes.visits],
    }[kind]
    told = {"floating": [("01", "01")], "tags": ["2026-01-01"], "visits": [("comfort", ["policy"])]}
    assert written() == told[kind]


@pytest.mark.parametrize("kind", OTHERS)
def test_the_words_of_every_kind_can_be_answered_on_the_page(admin: FlaskClient, place: Place, kind: str) -> None:
    rows, meanings = OTHERS[kind]
    answer = send(admin, kind, ("a.xlsx", book(("表", rows))), community=place.community.public_id)
    where = answer.headers["Location"]
    page = admin.get(f"{where}/words").get_data(as_text=True)

    learnt = admin.post(f"{where}/words", data=filled(page, {said: m for (_k, said), m in meanings.items()}))

    assert learnt.status_code == 303
    assert "认不出" not in admin.get(where).get_data(as_text=True)
    listed = admin.get("/imports/words").get_data(as_text=True)
    assert all(said in listed for _kind, said in meanings)


def test_what_is_to_be_ignored_of_a_visit_stays_in_its_record(place: Place, cast: Cast) -> None:
    learn_words(cast.admin, place.community.id, [WordEntry("code:topic", "拉家常", "-")])

    plan = plan_files(order("visits", book(("表", VISITS))), today())

    assert "拉家常" in plan.writes.visits[0].fields["content"]
    assert not any("拉家常" in remark for line in plan.lines for remark in line.remarks)


def test_signs_that_nobody_sees_are_no_part_of_a_heading(admin: FlaskClient, place: Place) -> None:
    """No database takes a NUL."""
    lines = "\n\n\n" + "x" * 3000 + "\n姓名,居住地址,怪\x00列\n刘备,3-1-101,1\n"
    answer = send(admin, "residents", ("a.csv", lines.encode()), community=place.community.public_id)
    where = answer.headers["Location"]
    page = admin.get(f"{where}/words").get_data(as_text=True)

    learnt = admin.post(f"{where}/words", data=filled(page, {"怪列": "-"}))

    assert learnt.status_code == 303
    assert db.session.scalars(select(LearntWord.said)).all() == ["怪列"]


def test_two_who_say_what_a_word_means_at_once_both_have_said_it(app: Flask, place: Place, cast: Cast) -> None:
    community_id, told = place.community.id, []

    def tell(means: str) -> None:
        with app.app_context():
            writing.set(True)
            learn_words(cast.admin, community_id, [WordEntry("tag", "桃园义士", means)])
            told.append(means)

    # Nothing of this test's own is under way while they write.
    db.session.commit()
    both = [threading.Thread(target=tell, args=(means,)) for means in ("志愿者", "低保") * 4]
    for one in both:
        one.start()
    for one in both:
        one.join(30)

    assert len(told) == 8
    db.session.rollback()
    assert len(queries.learnt_words(community_id)) == 1
