"""A case's life: mediated, handed up and down, given to another, closed, revisited, opened again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.cases import actions, queries
from grid.cases.models import Case, CaseParty, CaseStep
from grid.core.clock import now, today
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out, make_user
from tests.staff.test_take_a_name_at_once import sending, together


def a_case(cast: Cast, place: Place, **given: Any) -> Case:
    door = place.doors["1-1-101"]
    facts: dict[str, Any] = {
        "type": "dispute",
        "source": "counter",
        "content": "楼上漏水",
        "community_id": door.community_id,
        "building_id": door.building_id,
        "household_id": door.id,
        "at": now() - timedelta(days=20),
    }
    return actions.open_case(cast.worker, actions.CaseEntry(**facts | given))


def held(public_id: str) -> Case:
    db.session.rollback()
    return db.session.scalars(select(Case).where(Case.public_id == public_id)).one()


def step(kind: str, version: int, **words: str) -> dict[str, str]:
    return {"kind": kind, "version": str(version)} | {f"{kind}-{name}": value for name, value in words.items()}


def test_a_dispute_is_followed_from_the_counter_to_the_revisit(cast: Cast, place: Place, log_in: LogIn) -> None:
    colleague = make_user("second", "grid_worker", "齐补位")
    db.session.commit()
    hand_out(colleague, place.community, block_id=place.blocks[0].id)
    public_id, admin = a_case(cast, place).public_id, log_in("admin")
    url, soon = f"/cases/{public_id}", str(today() + timedelta(days=7))
    given_to = colleague.public_id

    steps = (
        step("note", 1, content="上门看过，水管旧了"),
        step("mediation", 2, method="talk", outcome="failed", content="各说各的"),
        step("hand_up", 3, content="两家都不让步"),
        step("hand_down", 4, content="街道说由社区再调一次"),
        step("assign", 5, to=given_to, content="您认识这两家"),
        step("mediation", 6, method="committee", outcome="agreed", revisit_on=soon),
        step("close", 7, content="各出一半，已修好", revisit_on=soon),
        step("revisit", 8, satisfaction="good", content="不漏了"),
    )
    answers = [admin.post(f"{url}/steps", data=words) for words in steps]

    assert [answer.status_code for answer in answers] == [303] * 8
    case = held(public_id)
    assert (case.lies_at, case.level_reached, case.owner_id) == ("community", "street", colleague.id)
    assert (case.method, case.outcome, case.satisfaction) == ("committee", "agreed", "good")
    assert (case.closed_on, case.result, case.revisit_on, case.version) == (today(), "各出一半，已修好", None, 9)
    page = admin.get(url).text
    told = ("上门看过", "各说各的", "未达成一致", "街道说由社区再调一次", "齐补位", "调解成功", "已修好", "不漏了")
    assert [page.index(words) for words in told if words != "齐补位" and words != "已修好"]
    assert all(words in page for words in told) and 'name="kind" value="reopen"' in page
    assert 'name="kind" value="mediation"' not in page

    admin.post(f"{url}/steps", data=step("reopen", 9, content="又漏了"))
    assert (held(public_id).closed_on, held(public_id).result) == (None, None)
    done = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert {"mediate_case", "hand_up_case", "assign_case", "close_case", "revisit_case", "reopen_case"} <= set(done)


def test_of_two_at_once_one_is_recorded_and_the_other_keeps_the_words(cast: Cast, place: Place, log_in: LogIn) -> None:
    public_id, worker, admin = a_case(cast, place).public_id, log_in("worker"), log_in("admin")
    url = f"/cases/{public_id}/steps"

    codes = together(*[sending(client, url, **step("close", 1, content="修好了")) for client in (worker, admin)])
    late = worker.post(url, data=step("note", 1, content="我也去看过"))

    assert codes == [303, 409] and held(public_id).result == "修好了"
    assert late.status_code == 409 and "我也去看过" in late.text and "别人刚刚也记了一步" in late.text
    assert 'name="version" value="2"' in late.text
    assert len(db.session.scalars(select(CaseStep)).all()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (step("note", 1, content=" "), "请写一句"),
        (step("mediation", 1, method="talk", content="谈过"), "请选一项"),
        (step("mediation", 1, method="talk", outcome="peace", content="谈过"), "请从列表里选一项"),
        (step("note", 1, content="谈过", at="2099-01-01 08:00"), "还没到"),
        (step("close", 1, content="谈过", at="2020-01-01 08:00"), "比发生的那天还早"),
        (step("revisit", 1, satisfaction="good", content="谈过", revisit_on="2020-01-01"), "已经过了"),
        (step("assign", 1, to="nobody", content="谈过"), "请选一项"),
        (step("reopen", 1, content="谈过"), "走不了这一步"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, words: dict[str, str], sentence: str
) -> None:
    case = a_case(cast, place)
    answer = log_in("worker").post(f"/cases/{case.public_id}/steps", data=words)

    assert answer.status_code == 422 and sentence in answer.text
    assert "谈过" in answer.text or words["kind"] == "note"
    assert db.session.scalars(select(CaseStep)).all() == []


def test_it_is_given_only_to_who_looks_after_the_house(cast: Cast, place: Place, log_in: LogIn) -> None:
    case, worker = a_case(cast, place), log_in("worker")
    page = worker.get(f"/cases/{case.public_id}").text
    assert "社长" in page and "傅外人" not in page and "邱楼长" not in page and "街道办" not in page

    refused = worker.post(f"/cases/{case.public_id}/steps", data=step("assign", 1, to=cast.other_worker.public_id))

    assert refused.status_code == 422 and held(case.public_id).owner_id == cast.worker.id


def test_a_matter_of_the_whole_community_is_its_owners_and_the_administrators(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    words = {"key": "k" * 20, "type": "facility", "source": "phone", "content": "北门路灯不亮", "place": "北门口"}
    worker, other, admin = log_in("worker"), log_in("other"), log_in("admin")
    assert worker.post("/cases", data=words | {"place": "", "key": "j" * 20}).status_code == 422
    opened = worker.post("/cases", data=words)

    public_id = db.session.scalars(select(Case.public_id)).one()
    assert opened.location == f"/cases/{public_id}?done=opened"
    seen = [client.get(f"/cases/{public_id}").status_code for client in (worker, admin, other)]
    assert seen == [200, 200, 404]
    assert ["北门口" in client.get("/cases").text for client in (worker, admin, other)] == [True, True, False]
    assert ["北门口" in client.get("/today").text for client in (worker, admin, other)] == [True, False, False]

    given = step("assign", 1, to=cast.other_worker.public_id)
    assert worker.post(f"/cases/{public_id}/steps", data=given).location == "/cases?done=given"
    assert [client.get(f"/cases/{public_id}").status_code for client in (worker, other)] == [404, 200]


def test_the_opening_tells_all_there_is_to_tell(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["王小明"]
    words = {
        "key": "k" * 20,
        "household": door.public_id,
        "type": "dispute",
        "source": "counter",
        "content": "楼上漏水",
        "dispute_type": "02",
        "scale": "01",
        "level": "04",
        "owner": cast.admin.public_id,
        "asking": person.public_id,
        "strangers-0-name": "单雄信",
        "strangers-0-phone": "13812345678",
        "strangers-0-side": "answers",
        "strangers-1-side": "answers",
    }
    worker = log_in("worker")
    bad = worker.post("/cases", data=words | {"strangers-0-name": ""})
    opened = worker.post("/cases", data=words)

    assert bad.status_code == 422 and "请写这个电话是谁的" in bad.text and "13812345678" in bad.text
    case = db.session.scalars(select(Case)).one()
    assert (case.owner_id, case.dispute_type, case.scale, case.level) == (cast.admin.id, "02", "01", "04")
    found = db.session.scalars(select(CaseParty).order_by(CaseParty.id)).all()
    assert [(p.name, p.side, p.person_id) for p in found] == [
        ("王小明", "asks", person.id),
        ("单雄信", "answers", None),
    ]
    page = worker.get(opened.location).text
    assert "单雄信" in page and "13812345678" not in page and "19900012345" not in page
    assert worker.post("/cases", data=words | {"key": "i" * 20, "owner": cast.street.public_id}).status_code == 422


def test_the_list_is_narrowed_and_says_how_late_something_is(cast: Cast, place: Place, log_in: LogIn) -> None:
    late = a_case(cast, place, due_on=today() - timedelta(days=3), content="过了期限的")
    a_case(cast, place, type="hazard", content="楼道堵了", due_on=today() + timedelta(days=3))
    ended = a_case(cast, place, content="办完了的")
    worker = log_in("worker")
    worker.post(f"/cases/{ended.public_id}/steps", data=step("close", 1, content="好了", revisit_on=str(today())))
    held(late.public_id).owner_id = cast.admin.id
    db.session.commit()

    def shown(query: str) -> list[bool]:
        page = worker.get(f"/cases?{query}").text
        return [words in page for words in ("过了期限的", "楼道堵了", "办完了的")]

    assert "逾期 3 天" in worker.get("/cases").text
    assert shown("") == [True, True, False]
    assert shown("state=overdue") == [True, False, False]
    assert shown("state=closed") == shown("state=revisit") == [False, False, True]
    assert shown("type=hazard") == shown("owner=mine") == shown("q=堵") == [False, True, False]
    assert shown("q=1-1-101&state=nonsense&page=9") == [False, False, False]
    assert shown("q=%25") == [False, False, False]


def test_closed_ones_come_back_on_the_day_of_the_revisit(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    for n, day in enumerate((today(), today() + timedelta(days=1))):
        case = a_case(cast, place, content=f"回访{n}")
        worker.post(f"/cases/{case.public_id}/steps", data=step("close", 1, content="好了", revisit_on=str(day)))

    page = worker.get("/today").text

    assert "回访0" in page and "回访1" not in page
    assert len(queries.open_cases_of(cast.worker.scope, cast.worker.id)) == 1


def test_heads_and_the_street_see_no_case(cast: Cast, place: Place, log_in: LogIn) -> None:
    case = a_case(cast, place)
    log_in("admin").post(f"/cases/{case.public_id}/steps", data=step("hand_up", 1, content="请街道协调"))

    for login in ("head", "street"):
        client = log_in(login)
        assert client.get("/cases").status_code == client.get(f"/cases/{case.public_id}").status_code == 403
        assert client.post(f"/cases/{case.public_id}/steps", data=step("note", 2, content="x")).status_code == 403


def test_pages_ask_as_much_where_more_has_happened(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    worker, case = log_in("worker"), a_case(cast, place)
    pages = (f"/cases/{case.public_id}", "/cases?q=1", "/cases/new")

    def asked() -> list[int]:
        counted = []
        for page in pages:
            worker.get(page)
            count_queries()
            assert worker.get(page).status_code == 200
            counted.append(count_queries())
        return counted

    few = asked()
    for n in range(1, 6):
        worker.post(f"/cases/{case.public_id}/steps", data=step("note", n, content="又去了一次"))
        a_case(cast, place, household_id=None, parties=(actions.PartyEntry("单雄信"),))

    assert asked() == few
