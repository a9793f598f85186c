"""对账 for an administrator: whose phone agrees, whose queue is stuck, and nobody's patch is taken from under it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from grid.accounts.models import Me, Patch, Phone, User
from grid.core.clock import now, today
from grid.core.db import db
from tests.conftest import LogIn
from tests.factories import Cast, Place, hand_out


def report(person: Me, **facts: Any) -> None:
    given = {"name": "安卓手机", "phone_hash": "a" * 64, "server_hash": "a" * 64, "differ": [], **facts}
    db.session.add(Phone(user_id=person.id, device="phone-1234", **given))
    db.session.commit()


def test_it_says_who_agrees_who_does_not_and_since_when_it_is_stuck(cast: Cast, place: Place, log_in: LogIn) -> None:
    report(cast.worker, made=9, delivered=9)
    missing = [{"key": "k" * 32, "label": "走访 3-2-302", "state": "only_phone"}]
    since = now() - timedelta(days=2)
    report(cast.other_worker, made=4, delivered=2, waiting=2, stuck_since=since, differ=missing, server_hash="b" * 64)

    page = log_in("admin").get("/staff/phones").text

    assert page.index("傅外人") < page.index("孟网格")
    assert "记了 9 条，送达 9 条" in page and "一致" in page
    assert "待发 2 条" in page and "服务器没有：走访 3-2-302" in page and 'class="tag bad"' in page


def test_other_communities_and_phones_long_silent_are_not_shown(cast: Cast, place: Place, log_in: LogIn) -> None:
    report(cast.worker, reported_at=now() - timedelta(days=31))
    report(cast.street)

    page = log_in("admin").get("/staff/phones").text

    assert "孟网格" not in page and "街道办" in page
    assert log_in("admin").get(f"/staff/phones?community={place.other.public_id}").status_code == 404


def test_a_patch_is_not_taken_back_while_something_lies_unsent(cast: Cast, place: Place, log_in: LogIn) -> None:
    report(cast.worker, made=3, delivered=1, waiting=1, returned=1, stuck_since=now() - timedelta(hours=3))
    patch, admin = db.session.scalars(select(Patch).where(Patch.user_id == cast.worker.id)).one(), log_in("admin")
    url, words = f"/staff/{cast.worker.public_id}/patches/{patch.public_id}/end", {"last_day": str(today())}

    refused = admin.post(url, data=words)
    anyway = admin.post(url, data={**words, "anyway": "y"})

    assert refused.status_code == 422 and "有 2 条没发出" in refused.text and 'name="anyway"' in refused.text
    assert anyway.status_code == 303
    db.session.refresh(patch)
    assert patch.to_on == today()


def test_who_works_here_no_more_is_not_shown(cast: Cast, place: Place, log_in: LogIn) -> None:
    report(cast.worker)
    patch = db.session.scalars(select(Patch).where(Patch.user_id == cast.worker.id)).one()
    patch.to_on = today() - timedelta(days=1)
    db.session.commit()

    assert "孟网格" not in log_in("admin").get("/staff/phones").text


def test_of_who_also_works_elsewhere_no_door_is_told(cast: Cast, place: Place, log_in: LogIn) -> None:
    missing = [{"key": "k" * 32, "label": "走访 1-1-101", "state": "only_phone"}]
    report(cast.worker, differ=missing, server_hash="b" * 64)
    user, admin = db.session.get_one(User, cast.worker.id), log_in("admin")
    before = admin.get("/staff/phones").text

    hand_out(user, place.other)
    while_there = admin.get("/staff/phones").text
    patch = db.session.scalars(
        select(Patch).where(Patch.community_id == place.other.id, Patch.user_id == user.id)
    ).one()
    patch.to_on = today() - timedelta(days=1)
    db.session.commit()
    just_left = admin.get("/staff/phones").text

    assert "走访 1-1-101" in before
    for page in (while_there, just_left):
        assert "走访 1-1-101" not in page and f"服务器没有：{'k' * 8}" in page
