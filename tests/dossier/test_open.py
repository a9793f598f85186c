"""Somebody opens a household file: what is on it, what is hidden, what is written down."""

from collections.abc import Callable

from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.register.models import PersonTag, Tag
from tests.conftest import LogIn
from tests.factories import Cast, Place


def opened(household_id: int, action: str = "open_file") -> list[AuditEntry]:
    asked = select(AuditEntry).where(AuditEntry.household_id == household_id, AuditEntry.action == action)
    return list(db.session.scalars(asked))


def test_the_file_shows_the_door_and_its_people_with_masked_numbers(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    page = log_in("worker").get(f"/households/{door.public_id}").get_data(as_text=True)

    assert all(word in page for word in ("1-1-101", "王小明", "李芳", "990101********1218", "199****2345"))
    assert "990101198001011218" not in page and "曾志伟" not in page and "王外人" not in page


def test_every_opening_is_written_down(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")

    worker.get(f"/households/{door.public_id}")
    worker.get(f"/households/{door.public_id}")

    assert [entry.actor_id for entry in opened(door.id)] == [cast.worker.id] * 2


def test_an_opening_outside_the_patch_shows_and_writes_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["3-2-302"]

    answer = log_in("worker").get(f"/households/{door.public_id}")

    assert answer.status_code == 404 and "曾志伟" not in answer.get_data(as_text=True)
    assert opened(door.id) == []


def test_the_whole_number_needs_a_reason_and_leaves_a_line(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, door = place.people["王小明"], place.doors["1-1-101"]
    worker = log_in("worker")

    without = worker.post(f"/people/{person.public_id}/id", data={"reason": " "})
    nothing_yet = opened(door.id, "reveal_id")
    with_reason = worker.post(f"/people/{person.public_id}/id", data={"reason": "办理居住证"})

    assert without.status_code == 422 and "990101198001011218" not in without.get_data(as_text=True)
    assert nothing_yet == []
    assert "990101198001011218" in with_reason.get_data(as_text=True)
    assert with_reason.headers["Cache-Control"] == "no-store"
    assert [(e.actor_id, e.person_id, e.words) for e in opened(door.id, "reveal_id")] == [
        (cast.worker.id, person.id, "办理居住证")
    ]


def test_a_restricted_tag_is_not_on_the_page(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, door = place.people["王小明"], place.doors["1-1-101"]
    tag = db.session.scalars(select(Tag).where(Tag.community_id == place.community.id, Tag.label == "社区矫正")).one()
    db.session.add(PersonTag(community_id=tag.community_id, person_id=person.id, tag_id=tag.id))
    db.session.commit()

    page = log_in("worker").get(f"/households/{door.public_id}").get_data(as_text=True)

    assert "社区矫正" not in page


def test_the_number_of_statements_does_not_grow_with_the_family(
    cast: Cast, place: Place, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    worker = log_in("worker")
    worker.get("/find")
    count_queries()
    counts = []
    for code in ("1-1-101", "1-1-102", "1-2-301"):
        worker.get(f"/households/{place.doors[code].public_id}")
        counts.append(count_queries())

    assert len(set(counts)) == 1 and counts[0] <= 10, counts


def test_markup_in_a_name_or_note_is_shown_as_it_was_typed(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["李芳"]
    person.name, door.note = "<b>李</b>", '"><script>alert(1)</script>'
    db.session.commit()
    worker = log_in("worker")

    pages = [
        worker.get(path).get_data(as_text=True)
        for path in (
            f"/households/{door.public_id}",
            f"/households/{door.public_id}/edit",
            f"/people/{person.public_id}/edit",
            f"/households/{door.public_id}/visits/new",
            f"/buildings/{place.buildings[0].public_id}",
            "/today",
        )
    ]

    assert "&lt;b&gt;李&lt;/b&gt;" in pages[0] and "&lt;script&gt;" in pages[0]
    assert not any("<b>李" in page or "<script>alert" in page for page in pages)


def test_the_block_stands_under_the_communitys_own_word(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.community.labels = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    db.session.commit()

    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}").get_data(as_text=True)

    assert "<dt>大组</dt><dd>第1片区</dd>" in page


def test_a_link_is_called_what_it_shows(cast: Cast, place: Place, log_in: LogIn) -> None:
    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}").get_data(as_text=True)

    assert 'aria-label="看完整证件号： 王小明 990101********1218"' in page
