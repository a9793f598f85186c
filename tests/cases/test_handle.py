"""The committee looks into a report: verifies it, turns it into a move-in or a case, closes it, one after the other."""

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.cases import actions, queries
from grid.cases.models import Case, VisitorReport
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.refusals import Refused
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.staff.test_take_a_name_at_once import sending, together


@pytest.fixture(autouse=True)
def slow() -> None:
    """Nothing is slowed down here."""


@pytest.fixture
def report(cast: Cast, place: Place) -> str:
    """A new tenant at 1-2-201, reported by the head."""
    return make(cast, place, unit_no=2, room="201")


def make(cast: Cast, place: Place, **where: Any) -> str:
    entry = actions.ReportEntry(
        str(uuid.uuid4()), "", "tenant", place.buildings[0].public_id, now(), facts="搬来一家三口", **where
    )
    return actions.report_visitor(cast.head, entry)


def state_of(public_id: str) -> tuple[str, int | None, str | None]:
    db.session.rollback()
    found = db.session.scalars(select(VisitorReport).where(VisitorReport.public_id == public_id)).one()
    return found.state, found.handler_id, found.result


def cases() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Case)) or 0


def test_whoever_looks_after_the_house_sees_it_and_that_is_noted(
    cast: Cast, place: Place, log_in: LogIn, report: str
) -> None:
    worker = log_in("worker")
    assert "搬来一家三口" in worker.get("/reports").text

    page = worker.get(f"/reports/{report}").text

    assert "1-2-201" in page and "邱楼长" in page and "新租户" in page
    read = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "open_report")).one()
    assert (read.actor_id, read.community_id, read.household_id) == (cast.worker.id, place.community.id, None)


def test_who_looks_after_other_houses_does_not(cast: Cast, log_in: LogIn, report: str) -> None:
    other = log_in("other")

    assert "搬来一家三口" not in other.get("/reports").text
    assert other.get(f"/reports/{report}").status_code == 404
    for what in ("verify", "move-in", "case", "close"):
        assert other.post(f"/reports/{report}/{what}", data={"type": "other", "result": "x"}).status_code == 404
    for login in ("head", "street"):
        assert log_in(login).get("/reports").status_code == 403


def test_verified_and_closed_and_the_head_reads_it(cast: Cast, log_in: LogIn, report: str) -> None:
    worker, head = log_in("worker"), log_in("head")

    verified = worker.post(f"/reports/{report}/verify")
    assert verified.location == f"/reports/{report}?done=verified"
    assert "社区核实过了" in head.get("/report").text
    closed = worker.post(f"/reports/{report}/close", data={"result": "已经登记了，谢谢"})

    assert closed.status_code == 303
    assert state_of(report) == ("closed", cast.worker.id, "已经登记了，谢谢")
    page = head.get("/report").text
    assert "已结" in page and "已经登记了，谢谢" in page
    assert worker.get(f"/reports/{report}").text.count("<form") == 0


def test_closing_needs_a_sentence(cast: Cast, log_in: LogIn, report: str) -> None:
    answer = log_in("worker").post(f"/reports/{report}/close", data={"result": "  "})

    assert answer.status_code == 422 and "请写一句结果" in answer.text
    assert state_of(report)[0] == "waiting"


def test_a_new_tenant_leads_to_the_move_in(cast: Cast, place: Place, log_in: LogIn, report: str) -> None:
    worker = log_in("worker")

    answer = worker.post(f"/reports/{report}/move-in")

    move_in = f"/households/{place.doors['1-2-201'].public_id}/move-in"
    assert answer.location == move_in and state_of(report)[0] == "turned"
    assert worker.get(move_in).status_code == 200
    assert move_in in worker.get(f"/reports/{report}").text


def test_without_a_door_there_is_nowhere_to_move_in(cast: Cast, place: Place, log_in: LogIn) -> None:
    report, worker = make(cast, place), log_in("worker")

    answer = worker.post(f"/reports/{report}/move-in")

    assert answer.status_code == 422 and "没有说是哪一户" in answer.text
    assert state_of(report)[0] == "waiting" and "/move-in" not in worker.get(f"/reports/{report}").text


def test_it_becomes_a_case_in_the_workers_own_words(cast: Cast, place: Place, log_in: LogIn, report: str) -> None:
    worker = log_in("worker")

    answer = worker.post(f"/reports/{report}/case", data={"type": "security", "content": "上门问清楚"})

    case = db.session.scalars(select(Case)).one()
    assert answer.location == f"/cases/{case.public_id}?done=opened"
    assert (case.source, case.content, case.owner_id) == ("report", "上门问清楚", cast.worker.id)
    assert (case.household_id, case.building_id) == (place.doors["1-2-201"].id, place.buildings[0].id)
    assert state_of(report)[0] == "turned"
    assert case.no in worker.get(f"/reports/{report}").text
    assert "社区正在办" in log_in("head").get("/report").text


def test_without_words_the_case_says_only_what_kind_it_was(cast: Cast, log_in: LogIn, report: str) -> None:
    log_in("worker").post(f"/reports/{report}/case", data={"type": "other"})

    assert db.session.scalars(select(Case.content)).one() == "楼栋长报告：新租户"


def test_a_wrong_day_is_said_and_nothing_is_turned(cast: Cast, log_in: LogIn, report: str) -> None:
    words = {"type": "security", "content": "上门问清楚", "due_on": "2020-01-01"}

    answer = log_in("worker").post(f"/reports/{report}/case", data=words)

    assert answer.status_code == 422 and "比发生的那天还早" in answer.text and "上门问清楚" in answer.text
    assert state_of(report)[0] == "waiting" and cases() == 0


def test_a_report_only_moves_on(cast: Cast, log_in: LogIn, report: str) -> None:
    worker, admin = log_in("worker"), log_in("admin")
    worker.post(f"/reports/{report}/case", data={"type": "other"})

    again = admin.post(f"/reports/{report}/case", data={"type": "other"})
    back = admin.post(f"/reports/{report}/verify")

    for answer in (again, back):
        assert answer.status_code == 422 and "孟网格已经处理过这条报告，现在是“已转”" in answer.text
    assert cases() == 1 and state_of(report)[:2] == ("turned", cast.worker.id)
    assert admin.post(f"/reports/{report}/close", data={"result": "好了"}).status_code == 303
    assert admin.post(f"/reports/{report}/close", data={"result": "别的"}).status_code == 422
    assert state_of(report)[2] == "好了"


def test_two_at_once_make_one_case(cast: Cast, log_in: LogIn, report: str) -> None:
    clients = [log_in("worker"), log_in("admin")]

    codes = together(*[sending(client, f"/reports/{report}/case", type="security") for client in clients])

    assert codes == [303, 422] and cases() == 1


def test_one_verifies_while_another_closes(cast: Cast, log_in: LogIn, report: str) -> None:
    worker, admin = log_in("worker"), log_in("admin")

    codes = together(
        sending(worker, f"/reports/{report}/verify"),
        sending(admin, f"/reports/{report}/close", result="查过了"),
    )

    # Whoever is first: what is closed stays closed.
    assert codes in ([303, 303], [303, 422]) and state_of(report)[0] == "closed"


def test_each_step_has_its_line_in_the_log(cast: Cast, log_in: LogIn, report: str) -> None:
    worker = log_in("worker")
    worker.post(f"/reports/{report}/verify")
    worker.post(f"/reports/{report}/case", data={"type": "other"})
    worker.post(f"/reports/{report}/close", data={"result": "好"})

    done = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()

    assert [action for action in done if action.endswith("_report")] == [
        "verify_report",
        "turn_report",
        "close_report",
    ]


def test_what_waits_is_told_to_the_day(cast: Cast, place: Place, log_in: LogIn, report: str) -> None:
    public = make(cast, place)
    log_in("worker").post(f"/reports/{make(cast, place)}/verify")

    waiting = queries.waiting_reports(cast.worker.scope, today())

    assert [(row[0], row[2], row[4], row[8]) for row in waiting] == [
        (public, "1", None, "邱楼长"),
        (report, "1", "1-2-201", "邱楼长"),
    ]
    assert queries.waiting_reports(cast.other_worker.scope, today()) == []


def test_an_action_asked_twice_refuses_by_itself(cast: Cast, report: str) -> None:
    found = queries.report_or_404(cast.worker.scope, report, today()).report
    actions.verify_report(cast.worker, found)

    with pytest.raises(Refused):
        actions.verify_report(cast.admin, found)
