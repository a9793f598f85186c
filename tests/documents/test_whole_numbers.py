"""Whole ID numbers on paper: only an administrator, only for a reason, and it is written down whose left."""

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.documents.models import Edition, Print
from tests.conftest import LogIn
from tests.documents.test_print import words
from tests.factories import Cast, Place

WHOLE, MASKED = "990101198001011218", "990101********1218"


def test_with_a_reason_the_whole_number_is_printed_and_said_at_the_foot(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    door, person = place.doors["1-1-101"], place.people["王小明"]

    answer = log_in("admin").post(
        f"/households/{door.public_id}/sheet", data={"full_ids": "y", "reason": "协助公安核对"}
    )

    text = words(answer.data)
    assert WHOLE in text and "含完整证件号码" in text and "19900012345" not in text
    kept = db.session.scalars(select(Print)).one()
    assert kept.reason == "协助公安核对"
    revealed = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal_id")).all()
    assert [(e.actor_id, e.household_id, e.person_id, e.words) for e in revealed] == [
        (cast.admin.id, door.id, person.id, f"协助公安核对 {kept.number}")
    ]


def test_without_a_reason_it_is_asked_for_and_nothing_is_printed(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    answer = log_in("admin").post(f"/households/{door.public_id}/sheet", data={"full_ids": "y", "reason": " "})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "请写明原因，会记入日志。" in page
    assert 'name="full_ids" value="y"' in page and WHOLE not in page
    assert db.session.scalars(select(Print)).all() == [] and db.session.scalars(select(Edition)).all() == []


def test_a_worker_may_not_whatever_the_reason(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    answer = log_in("worker").post(f"/households/{door.public_id}/sheet", data={"full_ids": "y", "reason": "要用"})

    assert answer.status_code == 403 and db.session.scalars(select(Print)).all() == []


@pytest.mark.parametrize(("login", "offered"), [("admin", True), ("worker", False)])
def test_the_choice_is_folded_in_for_whoever_may(
    cast: Cast, place: Place, log_in: LogIn, login: str, offered: bool
) -> None:
    page = log_in(login).get(f"/households/{place.doors['1-1-101'].public_id}").get_data(as_text=True)

    assert ("打印完整证件号码" in page) is offered


def test_by_default_it_is_masked_and_has_no_reason(cast: Cast, place: Place, log_in: LogIn) -> None:
    text = words(log_in("admin").post(f"/households/{place.doors['1-1-101'].public_id}/sheet").data)

    assert MASKED in text and WHOLE not in text and "含完整证件号码" not in text
    assert db.session.scalars(select(Print.reason)).one() == ""
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal_id")).all() == []


def test_masked_or_whole_the_edition_is_the_same(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, door = log_in("admin"), place.doors["1-1-101"]
    admin.post(f"/households/{door.public_id}/sheet")
    admin.post(f"/households/{door.public_id}/sheet", data={"full_ids": "y", "reason": "核对"})

    masked, whole = db.session.scalars(select(Edition.facts).order_by(Edition.id))
    assert masked == whole and WHOLE not in str(whole)
