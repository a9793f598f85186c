"""From stored rows to what a household file shows: labels in the reader's language, numbers masked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from grid.core.clock import day_of
from grid.core.codes import CODES
from grid.core.i18n import gettext as _
from grid.core.i18n import joined, listed
from grid.core.labels import age
from grid.core.personal import keyed_hash, mask_id, mask_phone
from grid.dossier.models import Resident, Stated, VisitLine


class Rows(NamedTuple):
    """One door as it is stored: its row, who works there, its people each with their open tags, its latest visits."""

    door: Mapping[str, Any]
    workers: tuple[str, ...]
    people: Sequence[tuple[tuple[Any, ...], tuple[str, ...]]]
    visits: Sequence[tuple[Any, ...]]


def place(door: Mapping[str, Any]) -> dict[str, Any]:
    unit = _("%(n)s单元", n=door["unit_no"]) if door["unit_no"] else ""
    building = _("%(no)s幢", no=door["building_no"])
    room = _("%(room)s室", room=door["room"]) if door["room"].isdecimal() else door["room"]
    return {
        "public_id": door["public_id"],
        "household_id": door["id"],
        "building": building,
        "unit": unit,
        "address": f"{door['community']} " + joined(door["estate"] or "", building, unit, room),
        "estate": door["estate"] or "",
        "block": door["block"] or "",
        "block_public_id": door["block_public_id"] or "",
        "community_code": door["community_code"] or "",
        "building_head": door["head_name"] or "",
        **{name: door[name] for name in _AS_THEY_ARE},
    }


_AS_THEY_ARE = (
    "community", "community_public_id", "community_id", "labels", "building_public_id", "building_id", "room",
    "floor", "floor_to", "code", "area", "landlord_duty", "safe_family", "filed_on", "verified_on", "version",
    "updated_at", "completeness", "last_visit_on",
)  # fmt: skip


def facts(door: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "use": CODES["use"].text(door["use"]),
        "occupancy": CODES["occupancy"].text(door["occupancy"]),
        "layout": door["layout"] or "",
        "owner_name": door["owner_name"] or "",
        "owner_phone": mask_phone(door["owner_phone"]),
        "call_owner": door["owner_phone"] or "",
        "rental_use": CODES["rental_use"].text(door["rental_use"]),
        "contact": _name_and_phone(door["contact_name"], door["contact_phone"]),
        "emergency": _name_and_phone(door["emergency_name"], door["emergency_phone"]),
        "family_kind": CODES["family_kind"].text(door["family_kind"]),
        "note": door["note"] or "",
    }


def _name_and_phone(name: str | None, phone: str | None) -> str:
    return " ".join(part for part in (name, mask_phone(phone)) if part)


def resident(found: tuple[Any, ...], tags: tuple[str, ...], today: date, whole_ids: bool = False) -> Resident:
    (
        _id, public_id, name, relation, is_head, live_kind, sex, birth, id_no, phone, hukou, ethnic, education,
        political, marital, occupation, employer, health, population, from_on, to_on, went_to,
    ) = found  # fmt: skip
    text = CODES
    if to_on is not None:
        # Whoever has left may live in another patch now: nothing to reach or to identify them by.
        id_no = phone = None
    number = (id_no or "") if whole_ids else mask_id(id_no)
    return Resident(
        public_id, name, text["relation"].text(relation), is_head, text["live_kind"].text(live_kind),
        text["sex"].text(sex), birth, age(birth, today), number, mask_phone(phone),
        (phone or "").split(";")[0], hukou or "", text["ethnic"].text(ethnic), text["education"].text(education),
        text["political"].text(political), text["marital"].text(marital), occupation or "", employer or "",
        text["health"].text(health), text["population_kind"].text(population), tags, from_on, to_on, went_to or "",
        is_floating=population == "floating",
    )  # fmt: skip


def visit(
    public_id: str, at: datetime, kind: str, found: str, topics: Any, content: str, needs: str, due_on: date | None,
    closed: bool, worker: str, gift: str | None, along: str | None, photos: int,
) -> VisitLine:  # fmt: skip
    topic = CODES["topic"]
    return VisitLine(
        public_id,
        day_of(at),
        CODES["visit_kind"].text(kind),
        CODES["found"].text(found),
        worker,
        tuple(topic.text(t) for t in topics or ()),
        _words(content, needs, gift, along) if needs or gift or along else content or "",
        None if closed else due_on,
        photos,
    )


def _words(content: str | None, needs: str | None, gift: str | None, along: str | None) -> str:
    """What a visit's line says, on the screen and on the sheet."""
    parts = (
        content,
        needs and _("需要：%(needs)s", needs=needs),
        gift and _("慰问品：%(gift)s", gift=gift),
        along and _("同去：%(names)s", names=listed(sorted(along.split("\n")))),
    )
    return " ".join(part for part in parts if part)


_HOUSE = (
    "code", "block", "use", "occupancy", "layout", "owner_name", "rental_use", "contact_name", "emergency_name",
    "family_kind", "filed_on", "verified_on", "note",
)  # fmt: skip
_PHONES = ("owner_phone", "contact_phone", "emergency_phone")
_UNIT = "\x1f"


def stated(rows: Rows) -> Stated:
    """What the sheet of these rows states."""
    people: dict[str, dict[str, str]] = {}
    former: dict[str, str] = {}
    names: dict[str, str] = {}
    for found, tags in rows.people:
        public_id, names[found[1]] = found[1], found[2]
        if found[20] is None:
            people[public_id] = _person_stated(found, tags)
        else:
            former[public_id] = former.get(public_id, "") + _row((found[2], found[3], *found[19:]))
    visits = {visit[0]: _visit_stated(visit) for visit in rows.visits}
    return Stated(rows.door["public_id"], _house_stated(rows.door, rows.workers), people, former, visits, names)


def _house_stated(door: Mapping[str, Any], workers: tuple[str, ...]) -> dict[str, str]:
    address = ("community", "estate", "building_no", "unit_no", "room")
    said = {
        "address": _row(door[name] for name in address),
        "workers": _row(workers) if workers else "",
        "area": f"{door['area']:g}" if door["area"] else "",
        # The sheet says only that it is one; of the duty also that it is not signed.
        "safe_family": "1" if door["safe_family"] else "",
        "landlord_duty": "" if door["landlord_duty"] is None else str(int(door["landlord_duty"])),
    }
    said |= {name: str(door[name] or "") for name in _HOUSE}
    said |= {name: _mark(door[name]) for name in _PHONES}
    return {name: value for name, value in said.items() if value}


def _person_stated(found: tuple[Any, ...], tags: tuple[str, ...]) -> dict[str, str]:
    said = {
        "name": found[2],
        "relation": found[3],
        "is_head": "1" if found[4] else "",
        "sex": found[6],
        "birth": found[7],
        "id_no": _mark(found[8]),
        "phone": _mark(found[9]),
        "hukou_address": found[10],
        "occupation": found[15],
        "employer": found[16],
        "tags": _row(tags) if tags else "",
    }
    return {name: str(value) for name, value in said.items() if value}


def _visit_stated(found: tuple[Any, ...]) -> str:
    _id, at, kind, outcome, topics, content, needs, _due_on, _closed, worker, gift, along, _photos = found
    together = ",".join(sorted((along or "").split("\n")))
    return _row((day_of(at), kind, outcome, worker, ",".join(topics or ()), content, needs, gift, together))


def _mark(number: str | None) -> str:
    """Of the whole number, so that a change below the mask counts too."""
    return keyed_hash("sheet", number) if number else ""


def _row(values: Iterable[Any]) -> str:
    return _UNIT.join("" if value is None else str(value) for value in values) + "\n"
