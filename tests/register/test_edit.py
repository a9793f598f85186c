"""Somebody edits a door or a person; somebody else may have saved meanwhile."""

from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select

from grid.accounts.models import AuditChange, AuditEntry
from grid.core.db import db
from grid.register.models import Household, Person
from tests.conftest import LogIn
from tests.factories import Cast, Place


def form_of(page: Any) -> dict[str, str]:
    """The fields of a page's main form, as a browser would send them untouched."""
    soup = BeautifulSoup(page.get_data(as_text=True), "html5lib")
    form = soup.select("main form")[-1]
    fields: dict[str, str] = {}
    for field in form.select("input[name], textarea[name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        fields[str(field["name"])] = str(field.get("value", "") or field.get_text())
    for select_ in form.select("select[name]"):
        chosen = select_.select_one("option[selected]")
        fields[str(select_["name"])] = str(chosen["value"]) if chosen else ""
    return fields


def test_what_was_typed_is_saved_and_the_change_is_written_down(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    fields = form_of(worker.get(f"/households/{door.public_id}/edit"))

    answer = worker.post(f"/households/{door.public_id}", data={**fields, "occupancy": "rented", "area": "88.5"})

    assert answer.status_code == 303
    db.session.expire_all()
    assert (door.occupancy, door.area, door.version) == ("rented", 88.5, 2)
    change = db.session.scalars(
        select(AuditChange)
        .where(AuditChange.table_name == "household", AuditChange.row_id == door.id)
        .order_by(AuditChange.id.desc())
    ).first()
    assert change and change.old and change.new
    assert (change.old["occupancy"], change.new["occupancy"]) == ("own", "rented")
    entry = db.session.get(AuditEntry, change.entry_id)
    assert entry and (entry.action, entry.actor_id) == ("edit_household", cast.worker.id)


def test_saving_without_a_change_writes_nothing(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")

    worker.post(f"/households/{door.public_id}", data=form_of(worker.get(f"/households/{door.public_id}/edit")))

    db.session.expire_all()
    assert door.version == 1


def test_two_who_edit_the_same_door_are_asked_field_by_field(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker, admin = log_in("worker"), log_in("admin")
    mine = form_of(worker.get(f"/households/{door.public_id}/edit"))
    theirs = form_of(admin.get(f"/households/{door.public_id}/edit"))
    admin.post(f"/households/{door.public_id}", data={**theirs, "occupancy": "rented", "owner_name": "钱房东"})

    clash = worker.post(f"/households/{door.public_id}", data={**mine, "occupancy": "vacant", "layout": "三室"})

    assert clash.status_code == 409
    page = clash.get_data(as_text=True)
    assert all(word in page for word in ("自住", "出租", "空置", "社长", "钱房东", "三室"))
    merged = worker.post(f"/households/{door.public_id}", data=form_of(clash))
    assert merged.status_code == 303
    saved = db.session.get_one(Household, door.id, populate_existing=True)
    # Where both typed, mine is proposed; what only they changed stays theirs.
    assert (saved.occupancy, saved.layout, saved.owner_name, saved.version) == ("vacant", "三室", "钱房东", 3)


def test_a_wrong_field_keeps_everything_typed(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]
    worker = log_in("worker")
    fields = form_of(worker.get(f"/households/{door.public_id}/edit"))

    answer = worker.post(f"/households/{door.public_id}", data={**fields, "area": "很大", "note": "三代同住"})

    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "请填数字" in page and "三代同住" in page and "很大" in page


def test_the_stored_id_number_never_stands_in_the_form(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["王小明"]
    worker = log_in("worker")

    page = worker.get(f"/people/{person.public_id}/edit")
    worker.post(f"/people/{person.public_id}", data={**form_of(page), "phone": "19900099999"})

    assert "990101198001011218" not in page.get_data(as_text=True)
    saved = db.session.get_one(Person, person.id, populate_existing=True)
    assert (saved.id_no, saved.phone, saved.version) == ("990101198001011218", "19900099999", 2)


def test_another_persons_number_is_refused_with_where_they_live(cast: Cast, place: Place, log_in: LogIn) -> None:
    other = place.people["单雄信"]
    worker = log_in("worker")
    fields = form_of(worker.get(f"/people/{other.public_id}/edit"))

    answer = worker.post(f"/people/{other.public_id}", data={**fields, "id_no": "990101198001011218"})

    assert answer.status_code == 422
    assert "1-1-101" in answer.get_data(as_text=True)


def test_a_wrong_check_digit_is_kept_and_warned_about(cast: Cast, place: Place, log_in: LogIn) -> None:
    person = place.people["单雄信"]
    worker = log_in("worker")
    fields = form_of(worker.get(f"/people/{person.public_id}/edit"))

    answer = worker.post(f"/people/{person.public_id}", data={**fields, "id_no": "990101197001011219"})

    assert "doubt=id" in answer.headers["Location"]
    saved = db.session.get_one(Person, person.id, populate_existing=True)
    assert saved.id_no == "990101197001011219" and saved.birth and saved.birth.isoformat() == "1970-01-01"


def test_tags_are_put_on_and_taken_off(cast: Cast, place: Place, log_in: LogIn) -> None:
    person, door = place.people["李芳"], place.doors["1-1-101"]
    worker = log_in("worker")
    page = worker.get(f"/people/{person.public_id}/edit")
    soup = BeautifulSoup(page.get_data(as_text=True), "html5lib")
    low_income = next(i["value"] for i in soup.select("[name=tags]") if i.find_next("label").get_text() == "低保")

    worker.post(f"/people/{person.public_id}", data={**form_of(page), "tags": [low_income]})
    shown = worker.get(f"/households/{door.public_id}").get_data(as_text=True)
    db.session.expire_all()
    counted = door.n_tags
    worker.post(
        f"/people/{person.public_id}", data=form_of(worker.get(f"/people/{person.public_id}/edit")) | {"tags": []}
    )

    assert "低保" in shown and counted == 1
    assert "严重精神障碍" not in page.get_data(as_text=True)
    db.session.expire_all()
    assert door.n_tags == 0


def test_words_keep_their_chinese_punctuation_and_numbers_become_plain(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-102"]
    worker = log_in("worker")
    fields = form_of(worker.get(f"/households/{door.public_id}/edit"))
    typed = {"note": "门铃坏了，请敲门（３０１）。\r\n谢谢！", "owner_phone": "１９９００－０１２３４５；19900012346"}

    worker.post(f"/households/{door.public_id}", data={**fields, **typed})

    db.session.expire_all()
    assert door.note == "门铃坏了，请敲门（301）。\n谢谢！"
    assert door.owner_phone == "19900012345;19900012346"


def test_the_same_edit_sent_again_is_answered_like_the_first(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["单雄信"]
    worker = log_in("worker")
    of_door = {
        **form_of(worker.get(f"/households/{door.public_id}/edit")),
        "area": "88.5",
        "owner_phone": "1990001-2345",
    }
    # Birth and sex are filled in from the number: that alone must not look like somebody else's edit.
    of_person = {**form_of(worker.get(f"/people/{person.public_id}/edit")), "id_no": "990101197001011218"}

    for url, words in ((f"/households/{door.public_id}", of_door), (f"/people/{person.public_id}", of_person)):
        first, again = worker.post(url, data=words), worker.post(url, data=words)

        assert (first.status_code, again.status_code) == (303, 303)
        assert first.headers["Location"] == again.headers["Location"]
    db.session.expire_all()
    assert (door.version, person.version) == (2, 2) and person.birth


def test_only_the_same_key_with_the_same_words_counts_as_sent_again(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, person = place.doors["1-1-101"], place.people["李芳"]
    worker, admin = log_in("worker"), log_in("admin")
    of_door = {**form_of(worker.get(f"/households/{door.public_id}/edit")), "layout": "三室"}
    of_person = {**form_of(worker.get(f"/people/{person.public_id}/edit")), "phone": "19900099999"}
    worker.post(f"/households/{door.public_id}", data=of_door)
    worker.post(f"/people/{person.public_id}", data=of_person)

    again = worker.post(f"/households/{door.public_id}", data=of_door)
    other_words = worker.post(f"/people/{person.public_id}", data={**of_person, "phone": "19900088888"})
    other_key = worker.post(f"/households/{door.public_id}", data={**of_door, "key": "k" * 32})
    somebody_else = admin.post(f"/households/{door.public_id}", data=of_door)

    assert [a.status_code for a in (again, other_words, other_key, somebody_else)] == [303, 422, 409, 422]
    assert "19900088888" in other_words.text and of_person["key"] not in other_words.text
    assert (door.version, person.version) == (2, 2)


def test_a_number_taken_away_while_another_changed_it_goes_when_that_is_chosen(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    person, url = place.people["王小明"], f"/people/{place.people['王小明'].public_id}"
    worker, admin = log_in("worker"), log_in("admin")
    mine, theirs = form_of(worker.get(f"{url}/edit")), form_of(admin.get(f"{url}/edit"))
    admin.post(url, data={**theirs, "id_no": "990101197001011218"})

    clash = worker.post(url, data={**mine, "remove_id_no": "y"})
    sides = BeautifulSoup(clash.get_data(as_text=True), "html5lib").select("fieldset input[type=radio]")
    keep = worker.post(url, data={**form_of(clash), str(sides[1]["name"]): str(sides[1]["value"])})
    kept = db.session.get_one(Person, person.id, populate_existing=True).id_no
    again = worker.post(url, data={**mine, "remove_id_no": "y"})
    taken = worker.post(url, data=form_of(again))

    assert [a.status_code for a in (clash, keep, again, taken)] == [409, 303, 409, 303]
    assert kept == "990101197001011218" and "990101197001011218" not in clash.get_data(as_text=True)
    assert db.session.get_one(Person, person.id, populate_existing=True).id_no is None


def test_forms_about_others_are_not_filled_in_with_ones_own_facts(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker, door = log_in("worker"), place.doors["1-1-101"].public_id

    for path in (
        f"/households/{door}/edit",
        f"/households/{door}/move-in",
        f"/people/{place.people['李芳'].public_id}/edit",
    ):
        form = BeautifulSoup(worker.get(path).get_data(as_text=True), "html5lib").select("main form")[-1]
        assert form["autocomplete"] == "off", path


def test_a_failed_field_is_described_by_its_errors_and_its_hint(cast: Cast, place: Place, log_in: LogIn) -> None:
    url, worker = f"/people/{place.people['李芳'].public_id}", log_in("worker")
    fields = form_of(worker.get(f"{url}/edit"))

    page = worker.post(url, data={**fields, "phone": "一二三", "id_no": "身份证"}).get_data(as_text=True)

    soup = BeautifulSoup(page, "html5lib")
    for name in ("phone", "id_no"):
        described = str(soup.select_one(f"[name={name}]")["aria-describedby"]).split()  # type: ignore[index]
        assert described == [f"{name}-error", f"{name}-hint"]
        assert all(soup.select_one(f"#{one}") for one in described)


def test_a_clash_over_a_person_shows_whose_tags_are_saved_and_keeps_what_was_ticked(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    person = place.people["李芳"]
    worker, admin = log_in("worker"), log_in("admin")
    page = worker.get(f"/people/{person.public_id}/edit")
    tags = {
        i.find_next("label").get_text(): i["value"] for i in BeautifulSoup(page.text, "html5lib").select("[name=tags]")
    }
    mine, theirs = form_of(page), form_of(admin.get(f"/people/{person.public_id}/edit"))
    admin.post(f"/people/{person.public_id}", data={**theirs, "phone": "19900000009", "tags": [tags["党员"]]})

    clash = worker.post(f"/people/{person.public_id}", data={**mine, "occupation": "教师", "tags": [tags["低保"]]})

    soup = BeautifulSoup(clash.text, "html5lib")
    ticked = [i["value"] for i in soup.select("[name=tags][checked]")]
    assert clash.status_code == 409 and ticked == [tags["低保"]]
    assert "已保存的是：党员" in soup.get_text()


def test_what_is_no_number_is_not_an_area(cast: Cast, place: Place, log_in: LogIn) -> None:
    door, worker = place.doors["1-1-101"], log_in("worker")
    fields = form_of(worker.get(f"/households/{door.public_id}/edit"))

    answers = [
        worker.post(f"/households/{door.public_id}", data={**fields, "area": area}).status_code
        for area in ("sNaN", "NaN", "Infinity", "1e999", "-1")
    ]

    assert answers == [422] * 5
