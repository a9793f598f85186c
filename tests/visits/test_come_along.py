"""Who came along on a visit, and what was brought."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from grid.accounts.models import Patch, User
from grid.core.clock import today
from grid.core.db import db
from grid.visits.models import Visit, VisitWorker
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out, make_user


def words(**more: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "found": "home", **more}


def along() -> list[int]:
    return list(db.session.scalars(select(VisitWorker.user_id).order_by(VisitWorker.user_id)))


def test_colleagues_of_this_community_are_offered_and_nobody_else(cast: Cast, place: Place, log_in: LogIn) -> None:
    gone = make_user("gone", "grid_worker", "走了的")
    hand_out(gone, place.community)
    gone.is_active = False
    stranger = make_user("stranger", "grid_worker", "别处的")
    hand_out(stranger, place.other)
    former = make_user("former", "grid_worker", "以前的")
    hand_out(former, place.community)
    db.session.scalars(select(Patch).where(Patch.user_id == former.id)).one().to_on = today() - timedelta(days=1)
    db.session.commit()

    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}/visits/new").get_data(as_text=True)

    offered = page[page.index("data-participants") : page.index('id="content"')]
    # Grid workers first; without oneself, heads, the street.
    assert offered.index("傅外人") < offered.index("社长")
    assert not [name for name in ("孟网格", "邱楼长", "街道办", "走了的", "别处的", "以前的") if name in offered]


def test_they_stand_on_the_visit_and_in_the_household_file(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"].public_id
    named = [cast.other_worker.public_id, cast.admin.public_id]

    visit = worker.post(f"/households/{door}/visits", data=words(participants=named)).headers["Receipt-Visit"]

    assert along() == sorted([cast.other_worker.id, cast.admin.id])
    page = worker.get(f"/visits/{visit}").get_data(as_text=True)
    assert "一同走访" in page and "傅外人" in page and "社长" in page
    assert "同去：" in worker.get(f"/households/{door}").get_data(as_text=True)


def test_others_are_passed_over(cast: Cast, place: Place, log_in: LogIn) -> None:
    stranger = make_user("stranger", "grid_worker", "别处的")
    hand_out(stranger, place.other)
    db.session.commit()
    named = [stranger.public_id, cast.head.public_id, cast.street.public_id, cast.worker.public_id, "nobody", "nobody"]

    answer = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(participants=named)
    )

    assert answer.status_code == 303 and along() == []


def test_a_colleague_chosen_stays_chosen_when_the_form_comes_back(cast: Cast, place: Place, log_in: LogIn) -> None:
    chosen = cast.other_worker.public_id

    page = log_in("worker").post(
        f"/households/{place.doors['1-1-101'].public_id}/visits", data=words(found="", participants=[chosen])
    )

    assert page.status_code == 422 and f'value="{chosen}" checked' in page.get_data(as_text=True)


def test_a_comfort_call_says_what_was_brought(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"].public_id

    visit = worker.post(f"/households/{door}/visits", data=words(kind="comfort", gift="大米 10 斤")).headers[
        "Receipt-Visit"
    ]

    assert db.session.scalar(select(Visit.gift)) == "大米 10 斤"
    assert "大米 10 斤" in worker.get(f"/visits/{visit}").get_data(as_text=True)
    assert "慰问品：大米 10 斤" in worker.get(f"/households/{door}").get_data(as_text=True)


def test_a_gift_with_another_kind_is_refused_and_too_long_a_one_too(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"].public_id

    other = worker.post(f"/households/{door}/visits", data=words(kind="talk", gift="食用油"))
    long = worker.post(f"/households/{door}/visits", data=words(kind="comfort", gift="米" * 61))

    assert other.status_code == 422 and "才记慰问品" in other.get_data(as_text=True)
    assert "食用油" in other.get_data(as_text=True)
    assert long.status_code == 422 and "最多 60 个字" in long.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_a_link_may_say_the_kind(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, new = log_in("worker"), f"/households/{place.doors['1-1-101'].public_id}/visits/new"

    def chosen(asked: str) -> list[str]:
        page = worker.get(new + asked).get_data(as_text=True)
        return [k for k in ("visit", "talk", "phone", "comfort", "check") if f'value="{k}" checked' in page]

    assert (chosen(""), chosen("?kind=talk"), chosen("?kind=nonsense")) == (["visit"], ["talk"], ["visit"])


def test_a_person_without_colleagues_is_asked_for_none(cast: Cast, place: Place, log_in: LogIn) -> None:
    for user in db.session.scalars(select(User).where(User.login != "worker")):
        user.is_active = False
    db.session.commit()

    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}/visits/new").get_data(as_text=True)

    assert "<div data-participants></div>" in page and "和谁一同走访" not in page
