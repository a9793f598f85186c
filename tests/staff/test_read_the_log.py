"""The log tells who did or looked at what, old → new, with identifying numbers masked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from grid.accounts import audit
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import PersonTag, Tag
from grid.register.words import ACTIONS
from tests.conftest import LogIn
from tests.factories import Cast, Place


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


@pytest.fixture
def doings(place: Place, cast: Cast) -> None:
    """A change in the community, one in the other, which must not appear."""
    door, person = place.doors["1-1-101"], place.people["王小明"]
    with audit.entry(cast.worker, "edit_household", community_id=place.community.id, household_id=door.id):
        door.occupancy = "rented"
        door.owner_phone = "19900077777"
    with audit.entry(cast.worker, "edit_person", community_id=place.community.id, person_id=person.id):
        person.id_no = "990101197001011219"
        person.phone = "19900066666"
    with audit.entry(None, "edit_household", community_id=place.other.id, household_id=place.other_door.id):
        place.other_door.note = "外社区的备注"


def test_it_shows_old_and_new(place: Place, doings: None, log_in: LogIn) -> None:
    page = text(log_in("admin").get("/audit?action=edit_household"))

    assert "孟网格" in page and "修改户档" in page and "1-1-101" in page
    assert "房屋状态" in page
    assert "<del>自住</del>" in page and "<ins>出租</ins>" in page
    assert "外社区的备注" not in page


def test_numbers_of_persons_are_masked(place: Place, doings: None, log_in: LogIn) -> None:
    page = text(log_in("admin").get("/audit"))

    assert "199****7777" in page and "199****2345" in page and "199****6666" in page
    assert "990101********1218" in page and "990101********1219" in page
    for told in ("19900077777", "19900012345", "990101198001011218", "990101197001011219", "1.", "id_hash"):
        assert told not in page.split("<ol", 1)[1]


def test_a_new_row_is_told_by_its_names(place: Place, cast: Cast, log_in: LogIn) -> None:
    log_in("admin").post(
        f"/households/{place.doors['2-1-101'].public_id}/move-in",
        data={"key": "n" * 20, "name": "新住户", "from_on": "2026-01-05"},
    )

    page = text(log_in("admin").get("/audit?action=move_in"))

    assert "新增 人员 新住户" in page and "2-1-101" in page and "2026-01-05" in page


def test_a_restricted_tag_is_not_told(place: Place, cast: Cast, log_in: LogIn) -> None:
    tags = {tag.code: tag for tag in db.session.query(Tag).filter_by(community_id=place.community.id)}
    with audit.entry(cast.admin, "edit_person", community_id=place.community.id):
        for code in ("released", "low_income"):
            db.session.add(
                PersonTag(
                    community_id=place.community.id,
                    person_id=place.people["李芳"].id,
                    tag_id=tags[code].id,
                    since=today(),
                )
            )

    page = text(log_in("admin").get("/audit?action=edit_person"))

    assert "低保" in page and "受限标签" in page and "刑满释放" not in page


def test_only_what_was_ever_done_can_be_chosen(place: Place, doings: None, cast: Cast, log_in: LogIn) -> None:
    with audit.entry(cast.other_worker, "move_out", community_id=place.other.id):
        pass

    offered = text(log_in("admin").get("/audit")).split('id="action"', 1)[1].split("</select>", 1)[0]

    assert "修改户档" in offered and "登录" in offered
    assert "迁出" not in offered and "导入地图" not in offered


def test_who_looked_at_a_household_can_be_found(place: Place, cast: Cast, log_in: LogIn) -> None:
    log_in("worker").get(f"/households/{place.doors['1-1-102'].public_id}")
    log_in("other").get(f"/households/{place.doors['3-1-101'].public_id}")
    admin = log_in("admin")

    for spelling in ("1-1-102", "1幢1单元102室", "１－１－１０２"):
        log = text(admin.get("/audit", query_string={"household": spelling})).split("<ol", 1)[1]
        assert "孟网格" in log and "打开户档" in log
        assert "傅外人" not in log


def test_a_revealed_number_stands_there_with_its_reason(place: Place, cast: Cast, log_in: LogIn) -> None:
    person = place.people["王小明"].public_id
    answer = log_in("worker").post(f"/people/{person}/id", data={"reason": "核对低保材料"})
    assert "990101198001011218" in text(answer)

    log = text(log_in("admin").get("/audit?action=reveal_id")).split("<ol", 1)[1]

    assert "孟网格" in log and "查看身份证号" in log and "核对低保材料" in log and "1-1-101" in log
    assert "990101198001011218" not in log


def test_it_narrows_by_who_and_day(place: Place, doings: None, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    mine = text(admin.get(f"/audit?who={cast.admin.public_id}")).split("<ol", 1)[1]
    future = text(admin.get("/audit", query_string={"from": (today() + timedelta(days=1)).isoformat()}))
    now = text(admin.get("/audit", query_string={"from": today().isoformat(), "to": today().isoformat()}))

    assert "社长</b> 登录" in mine and "孟网格" not in mine
    assert "没有符合条件的记录" in future
    assert "修改户档" in now


def test_logging_in_is_told_by_name_and_only_of_colleagues(place: Place, cast: Cast, log_in: LogIn) -> None:
    from tests import factories

    stranger = factories.make_user("stranger", "grid_worker", "外社区人")
    db.session.commit()
    factories.hand_out(stranger, place.other)
    log_in("stranger")
    log_in("worker")

    log = text(log_in("admin").get("/audit?action=log_in")).split("<ol", 1)[1]

    assert "孟网格</b> 登录" in log
    assert "外社区人" not in log and "stranger" not in log


def test_a_community_outside_is_not_there(place: Place, cast: Cast, log_in: LogIn) -> None:
    assert log_in("admin").get(f"/audit?community={place.other.public_id}").status_code == 404


def test_a_wrong_day_says_so(place: Place, cast: Cast, log_in: LogIn) -> None:
    answer = log_in("admin").get("/audit?from=gestern&page=x")

    assert answer.status_code == 200
    assert "2026-01-31" in text(answer)


def test_pages_of_fifty_take_no_more_statements_than_one_line(
    place: Place, cast: Cast, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    door = place.doors["1-1-101"]

    def change(n: int) -> None:
        with audit.entry(cast.worker, "edit_household", community_id=place.community.id, household_id=door.id):
            door.note = f"第 {n} 次"

    change(0)
    admin = log_in("admin")
    admin.get("/audit")
    count_queries()
    admin.get("/audit")
    few = count_queries()
    for n in range(1, 60):
        change(n)
    count_queries()

    first = text(admin.get("/audit"))

    # Fewer kinds of rows need names now, so it may be less.
    assert count_queries() <= few
    assert "第 59 次" in first and "第 2 次" not in first
    second = text(admin.get("/audit?page=2"))
    assert "第 2 次" in second and "更新的" in second and "更早的" not in second


def test_an_import_of_thousands_shows_how_it_begins(place: Place, cast: Cast, log_in: LogIn) -> None:
    with audit.entry(cast.admin, "import_doors", community_id=place.community.id):
        for door in place.doors.values():
            door.note = "导入"

    page = text(log_in("admin").get("/audit?action=import_doors"))

    assert "20 处改动+" in page and "后面还有更多改动" in page


# Nobody does it any more; the lines of those who did keep their words.
BYGONE = {"export_ledger", "export_workload"}


def test_every_action_that_has_words_is_one_that_somebody_can_do() -> None:
    written = "".join(
        path.read_text()
        for path in (Path(__file__).resolve().parents[2] / "grid").rglob("*.py")
        if path.name != "words.py"
    )

    # Some are put together: f"print_{what}".
    assert [
        action
        for action in ACTIONS.keys() - BYGONE
        if f'"{action}"' not in written and f'"{action.partition("_")[0]}_{{' not in written
    ] == []
