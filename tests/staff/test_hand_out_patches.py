"""Patches are handed out and taken back with dates; both days are included."""

from datetime import date, timedelta

import pytest

from grid.accounts.models import Patch
from grid.core.clock import today
from grid.core.db import db
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place

TOMORROW = timedelta(days=1)


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def patch_of(user_id: int) -> Patch:
    db.session.rollback()
    return db.session.query(Patch).filter_by(user_id=user_id).order_by(Patch.id.desc()).first()  # type: ignore[return-value]


def hand_out(place: Place, cast: Cast, log_in: LogIn, from_on: date, to_on: date | None = None) -> None:
    answer = log_in("admin").post(
        f"/staff/{cast.worker.public_id}/patches?community={place.community.public_id}",
        data={
            "blocks": place.blocks[1].public_id,
            "duty": "helps",
            "from_on": from_on.isoformat(),
            "to_on": to_on.isoformat() if to_on else "",
        },
    )
    assert answer.status_code == 303, text(answer)


def sees(place: Place, log_in: LogIn, code: str = "3-2-302") -> bool:
    return log_in("worker").get(f"/households/{place.doors[code].public_id}").status_code == 200


def test_a_patch_opens_its_doors_at_once(place: Place, cast: Cast, log_in: LogIn) -> None:
    worker = log_in("worker")
    door = f"/households/{place.doors['3-2-302'].public_id}"
    assert worker.get(door).status_code == 404

    hand_out(place, cast, log_in, today(), today())

    assert worker.get(door).status_code == 200


def test_a_patch_that_begins_tomorrow_shows_nothing_today(place: Place, cast: Cast, log_in: LogIn) -> None:
    hand_out(place, cast, log_in, today() + TOMORROW)

    assert not sees(place, log_in)
    assert "还没开始" in text(log_in("admin").get(f"/staff/{cast.worker.public_id}"))


def test_a_patch_that_ended_yesterday_shows_nothing(place: Place, cast: Cast, log_in: LogIn) -> None:
    hand_out(place, cast, log_in, today() - 30 * TOMORROW, today() - TOMORROW)

    assert not sees(place, log_in)
    assert "以前负责过" in text(log_in("admin").get(f"/staff/{cast.worker.public_id}"))


@pytest.mark.parametrize(("days", "seen"), [(0, True), (-1, False)])
def test_taking_back_counts_the_last_day(place: Place, cast: Cast, log_in: LogIn, days: int, seen: bool) -> None:
    worker = log_in("worker")
    door = f"/households/{place.doors['1-1-101'].public_id}"
    assert worker.get(door).status_code == 200
    patch = patch_of(cast.worker.id)
    last = today() + days * TOMORROW

    answer = log_in("admin").post(
        f"/staff/{cast.worker.public_id}/patches/{patch.public_id}/end", data={"last_day": last.isoformat()}
    )

    assert answer.status_code == 303
    assert patch_of(cast.worker.id).to_on == last
    assert (worker.get(door).status_code == 200) is seen


def test_a_patch_that_never_began_can_be_called_off(place: Place, cast: Cast, log_in: LogIn) -> None:
    hand_out(place, cast, log_in, today() + 5 * TOMORROW)
    patch = patch_of(cast.worker.id)
    end = f"/staff/{cast.worker.public_id}/patches/{patch.public_id}/end"

    refused = log_in("admin").post(end, data={"last_day": (today() + 3 * TOMORROW).isoformat()})
    answer = log_in("admin").post(end, data={"last_day": (today() + 4 * TOMORROW).isoformat()})

    assert refused.status_code == 422 and "比开始日期还早" in text(refused)
    assert answer.status_code == 303
    assert "没有开始就取消了" in text(log_in("admin").get(f"/staff/{cast.worker.public_id}"))


def test_the_last_patch_of_oneself_stays(place: Place, cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")
    patch = patch_of(cast.admin.id)

    answer = admin.post(
        f"/staff/{cast.admin.public_id}/patches/{patch.public_id}/end", data={"last_day": today().isoformat()}
    )

    assert answer.status_code == 422 and "您自己最后的范围" in text(answer)
    assert patch_of(cast.admin.id).to_on is None


def test_a_community_keeps_an_administrator(place: Place, cast: Cast, log_in: LogIn) -> None:
    # Two communities, one administrator: either may be given away only when somebody else has it.
    boss = factories.make_user("boss", "administrator", "大管家")
    db.session.commit()
    factories.hand_out(boss, place.other)
    factories.hand_out(boss, place.community)
    other = db.session.query(Patch).filter_by(user_id=boss.id, community_id=place.other.id).one().public_id
    shared = db.session.query(Patch).filter_by(user_id=boss.id, community_id=place.community.id).one().public_id
    client, path, day = log_in("boss"), f"/staff/{boss.public_id}/patches", {"last_day": today().isoformat()}

    refused = client.post(f"{path}/{other}/end", data=day)
    answer = client.post(f"{path}/{shared}/end", data=day)

    assert refused.status_code == 422 and "没有管理员了" in text(refused)
    assert answer.status_code == 303


def test_a_patch_of_another_community_cannot_be_taken_back(place: Place, cast: Cast, log_in: LogIn) -> None:
    patch = db.session.query(Patch).filter_by(user_id=cast.street.id, community_id=place.other.id).one()

    answer = log_in("admin").post(
        f"/staff/{cast.street.public_id}/patches/{patch.public_id}/end", data={"last_day": today().isoformat()}
    )

    assert answer.status_code == 404
    assert "槐荫社区" not in text(log_in("admin").get(f"/staff/{cast.street.public_id}"))


def test_one_worker_is_in_charge_of_a_block_at_a_time(place: Place, cast: Cast, log_in: LogIn) -> None:
    path = f"/staff/{cast.worker.public_id}/patches?community={place.community.public_id}"
    given = {"blocks": place.blocks[1].public_id, "duty": "in_charge", "from_on": today().isoformat()}

    answer = log_in("admin").post(path, data=given)

    assert answer.status_code == 422 and "由傅外人负责" in text(answer)


def test_the_same_thing_is_not_given_twice(place: Place, cast: Cast, log_in: LogIn) -> None:
    path = f"/staff/{cast.head.public_id}/patches?community={place.community.public_id}"

    answer = log_in("admin").post(
        path, data={"buildings": place.buildings[0].public_id, "duty": "in_charge", "from_on": today().isoformat()}
    )

    assert answer.status_code == 422 and "已经分给他了" in text(answer)


def test_a_block_without_a_worker_is_pointed_out(place: Place, cast: Cast, log_in: LogIn) -> None:
    assert "还没有负责的网格员" not in text(log_in("admin").get("/staff"))
    patch = patch_of(cast.other_worker.id)
    patch.to_on = today() - TOMORROW
    db.session.commit()

    assert "第2片区 还没有负责的网格员" in text(log_in("admin").get("/staff"))
