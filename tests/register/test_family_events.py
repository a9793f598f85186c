"""Birth, death, a new head, a new owner, tenants that leave: and the floating registration ends with the stay."""

from datetime import date

from bs4 import BeautifulSoup
from sqlalchemy import select

from grid.core.db import db
from grid.register.models import Floating, Household, Person, Residency
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_person
from tests.register.move_pages import heads, history, home_of, of, relation, send, sentence


def lives_as(person: Person) -> Residency:
    return db.session.scalars(
        select(Residency).where(Residency.person_id == person.id, Residency.to_on.is_(None))
    ).one()


def tenant(door: Household, name: str) -> Person:
    """Somebody who rents, with an open floating registration."""
    person = make_person(door, name)
    lives_as(person).live_kind = "tenant"
    registered = date(2026, 1, 5)
    db.session.add(Floating(community_id=door.community_id, person_id=person.id, registered_on=registered))
    db.session.commit()
    return person


def left_on(person: Person) -> date | None:
    db.session.expire_all()
    return db.session.scalar(select(Floating.left_on).where(Floating.person_id == person.id))


def test_a_newborn_needs_no_number(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")

    answer = send(worker, of(door, "birth"), name="王小宝", sex="2", relation="30")

    assert answer.status_code == 303
    baby = db.session.scalars(select(Person).where(Person.name == "王小宝")).one()
    assert (baby.birth, baby.id_no, home_of(baby), relation(baby)) == (date(2026, 11, 1), None, "1-1-101", "30")
    assert door.n_members == 3 and any("登记出生 王小宝" in line for line in history(worker, door))


def test_a_birth_to_come_and_one_without_a_name_are_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")

    unnamed = send(worker, of(door, "birth"), name="")
    to_come = send(worker, of(door, "birth"), name="王小宝", on="2030-01-01")

    assert "请填写姓名" in sentence(unnamed) and "日期还没到" in sentence(to_come)
    assert db.session.scalar(select(Person.id).where(Person.name == "王小宝")) is None


def test_a_death_of_the_head_asks_for_the_next(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang, li, worker = place.doors["1-1-101"], place.people["王小明"], place.people["李芳"], log_in("worker")
    page = BeautifulSoup(worker.get(f"/people/{wang.public_id}/death").get_data(as_text=True), "html5lib")

    answer = send(worker, f"/people/{wang.public_id}/death", head=li.public_id)

    assert [one["value"] for one in page.select("input[name=head]")] == ["", li.public_id]
    assert answer.status_code == 303 and home_of(wang) is None and heads(door) == ["李芳"]
    assert db.session.get_one(Person, wang.id).died_on == date(2026, 11, 1)
    assert door.n_members == 1 and any("登记去世 王小明" in line for line in history(worker, door))


def test_somebody_can_not_die_before_they_came_nor_twice(cast: Cast, place: Place, log_in: LogIn) -> None:
    wang, worker = place.people["王小明"], log_in("worker")
    path = f"/people/{wang.public_id}/death"

    early = send(worker, path, on="2019-01-01")
    send(worker, path)
    again = send(worker, path)

    assert "2020-01-01" in sentence(early) and again.status_code == 422 and "已经不住这里" in sentence(again)


def test_the_head_changes_and_a_spouse_stays_a_spouse(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, wang, li, worker = place.doors["1-1-101"], place.people["王小明"], place.people["李芳"], log_in("worker")

    answer = send(worker, of(door, "new-head"), head=li.public_id)
    again = send(worker, of(door, "new-head"), head=li.public_id)
    stranger = send(worker, of(door, "new-head"), head=place.people["单雄信"].public_id)

    assert answer.status_code == 303 and heads(door) == ["李芳"]
    assert (relation(li), relation(wang)) == ("02", "10")
    assert "已经是户主了" in sentence(again) and "住在这里的人里选户主" in sentence(stranger)


def test_a_new_owner_has_signed_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-102"]
    door.owner_name, door.owner_phone, door.owner_id_no, door.landlord_duty = "钱老房", "19911110000", "X", True
    db.session.commit()
    worker = log_in("worker")

    answer = send(worker, of(door, "new-landlord"), owner_name="孙新房", owner_phone="19922220000")

    assert answer.status_code == 303
    db.session.refresh(door)
    assert (door.owner_name, door.owner_phone, door.owner_id_no, door.landlord_duty, door.version) == (
        "孙新房", "19922220000", None, False, 2,
    )  # fmt: skip
    assert any("换房东" in line and "钱老房 → 孙新房" in line for line in history(worker, door))


def test_tenants_leave_together_and_their_registration_ends(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-102"], log_in("worker")
    tenants = [tenant(door, name) for name in ("赵租客", "钱租客")]
    page = BeautifulSoup(worker.get(of(door, "tenants-leave")).get_data(as_text=True), "html5lib")
    ticked = {one["value"] for one in page.select("input[name=people][checked]")}
    words = {"people": sorted(ticked), "on": "2026-11-20", "left_reason": "21"}

    vacant = send(worker, of(door, "tenants-leave"), **words, occupancy="vacant")
    answer = send(worker, of(door, "tenants-leave"), **words, occupancy="own")

    assert ticked == {one.public_id for one in tenants}
    assert vacant.status_code == 422 and "还有人住" in sentence(vacant)
    assert answer.status_code == 303 and [left_on(one) for one in tenants] == [date(2026, 11, 20)] * 2
    db.session.refresh(door)
    assert (door.occupancy, door.n_members) == ("own", 1)
    assert db.session.scalars(select(Floating.left_reason)).all() == ["21", "21"]
    assert any("租户退租" in line and "2026-11-20，返乡" in line for line in history(worker, door))


def test_who_moves_out_says_why_and_death_has_no_reason(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-102"], log_in("worker")
    leaves, dies = tenant(door, "赵租客"), tenant(door, "钱租客")
    said = {"to_on": "2026-11-02", "left_reason": "24"}

    page = worker.get(f"/people/{leaves.public_id}/move-out").text
    worker.post(f"/people/{leaves.public_id}/move-out", data=said | {"reason": "lease_ended"})
    worker.post(f"/people/{dies.public_id}/move-out", data=said | {"reason": "died"})

    assert "离开原因" in page and "为子女就学" in page
    why = dict(db.session.execute(select(Floating.person_id, Floating.left_reason)).all())  # type: ignore[arg-type]
    assert why == {leaves.id: "24", dies.id: None}
    told = [line for line in history(worker, door) if "迁出" in line]
    assert ["为子女就学" in line for line in told] == ["赵租客" in line for line in told] and len(told) == 2


def test_who_moves_out_is_not_registered_any_more_and_who_changes_flat_is(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    door, worker = place.doors["1-1-102"], log_in("worker")
    leaves, stays = tenant(door, "赵租客"), tenant(door, "钱租客")

    worker.post(f"/people/{leaves.public_id}/move-out", data={"to_on": "2026-11-02", "reason": "moved"})
    send(worker, of(door, "change-flat"), people=[stays.public_id], to="1-2-101")

    assert (left_on(leaves), left_on(stays)) == (date(2026, 11, 2), None)


def test_the_last_to_leave_is_asked_what_becomes_of_the_home(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, shan, worker = place.doors["1-1-102"], place.people["单雄信"], log_in("worker")
    path = f"/people/{shan.public_id}/move-out"
    asked = 'name="occupancy"' in worker.get(path).get_data(as_text=True)
    of_several = worker.get(f"/people/{place.people['李芳'].public_id}/move-out").get_data(as_text=True)

    worker.post(path, data={"to_on": "2026-11-02", "reason": "moved", "occupancy": "vacant"})

    db.session.refresh(door)
    assert asked and 'name="occupancy"' not in of_several
    assert (door.occupancy, door.n_members) == ("vacant", 0)


def test_who_left_one_door_did_not_live_behind_another_before_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    wang, worker = place.people["王小明"], log_in("worker")
    worker.post(f"/people/{wang.public_id}/move-out", data={"to_on": "2026-11-05", "reason": "moved"})
    words = {"key": "b" * 20, "name": "王小明", "id_no": "990101198001011218"}

    early = worker.post(of(place.doors["2-1-101"], "move-in"), data={**words, "from_on": "2026-11-04"})
    good = worker.post(of(place.doors["2-1-101"], "move-in"), data={**words, "from_on": "2026-11-05"})

    assert early.status_code == 422 and "2026-11-05" in sentence(early)
    assert good.status_code == 303 and home_of(wang) == "2-1-101"


def test_the_page_of_moves_offers_what_can_happen_here(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    full = worker.get(of(place.doors["1-1-101"], "moves")).get_data(as_text=True)
    empty = worker.get(of(place.doors["1-2-101"], "moves")).get_data(as_text=True)

    links = {one["href"] for one in BeautifulSoup(full, "html5lib").select("main a")}

    assert all(
        any(link.endswith(end) for link in links) for end in ("/split", "/merge", "/birth", "/death", "/move-out")
    )
    assert "分户" not in empty and "并户" in empty and "现在没有人住在这里" in empty
