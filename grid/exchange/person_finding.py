"""Finds the person a row means: by ID number, else by the name behind a door; says why where it can't."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grid.core.i18n import _
from grid.core.personal import keyed_hash
from grid.exchange import cells
from grid.exchange.door_finding import DoorNotFound, address_in, find_door
from grid.exchange.queries import Doors, Lived, People
from grid.exchange.rowcells import RowCells
from grid.register.addresses import Address, short_address
from grid.register.id_numbers import IdNumber


class PersonNotFound(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Known:
    """Everybody of a community, and the doors they can be told apart by."""

    doors: Doors
    people: People

    @cached_property
    def codes(self) -> dict[int, str]:
        """3-2-501, by the id of a door."""
        return {
            door.id: short_address(Address(None, building, str(unit) if unit else None, door.facts["room"]))
            for (building, unit, _room), door in self.doors.doors.items()
        }

    def home_of(self, person: Lived) -> str:
        """Where somebody lives now, else nothing."""
        return self.codes.get(person.current["household_id"], "") if person.current else ""

    def subject(self, person: Lived) -> str:
        return f"{self.home_of(person)} {person.facts['name']}".strip()


def find_person(known: Known, read: RowCells) -> Lived:
    """Raises PersonNotFound; what only looks odd is said beside the row."""
    name, remarks = cells.read_name(read.raw("name"))
    if name is None:
        raise PersonNotFound(remarks[0])
    read.taken("name", (name, remarks))
    number = IdNumber.read(read.raw("id_no"))
    if number:
        read.taken("id_no", (None, list(number.warnings)))
    by_id = known.people.by_id.get(keyed_hash("id", number.value)) if number and number.value else None
    if by_id is None:
        return _behind_a_door(known, read, name, number)
    if by_id.facts["name"] != name:
        raise PersonNotFound(_("登记里这个身份证号的人叫“%(name)s”，请核对", name=by_id.facts["name"]))
    _compare_homes(known, read, by_id)
    return by_id


def _behind_a_door(known: Known, read: RowCells, name: str, number: IdNumber | None) -> Lived:
    address = address_in(read)
    if address is None:
        raise PersonNotFound(
            _("户档里没有这个身份证号。请核对号码，或写上住址；新来的人请先导入人员表或办迁入")
            if number
            else _("没有身份证号，也没有住址，认不出是谁")
        )
    try:
        key, door = find_door(known.doors, address, read.remarks)
    except DoorNotFound as missing:
        raise PersonNotFound(missing.sentence) from missing
    found = known.people.by_door.get((known.doors.doors[key].id, name), [])
    here = [one for one in found if one.current and known.home_of(one) == door] or found
    if not here:
        raise PersonNotFound(
            _("%(door)s 没有登记“%(name)s”。请先导入人员表或办迁入，再导入这一行", door=door, name=name)
        )
    if len(here) > 1:
        raise PersonNotFound(_("%(door)s 有 %(n)s 个“%(name)s”，请写身份证号", door=door, n=len(here), name=name))
    if number and number.value and here[0].facts["id_hash"]:
        raise PersonNotFound(_("%(door)s 的“%(name)s”登记的是另一个身份证号，请核对", door=door, name=name))
    return here[0]


def _compare_homes(known: Known, read: RowCells, person: Lived) -> None:
    """An ID number is enough; that the address says something else is worth a look."""
    address, home = address_in(read), known.home_of(person)
    if address is None or not home:
        return
    try:
        _key, said = find_door(known.doors, address, read.remarks)
    except DoorNotFound as missing:
        read.remarks.append(missing.sentence)
        return
    if said != home:
        read.remarks.append(_("表里写住 %(said)s，户档里住 %(home)s；若已搬家，请办迁移", said=said, home=home))


def remarks_on_whereabouts(person: Lived) -> Iterator[str]:
    """Of somebody who lives behind no door any more."""
    if person.current is None and person.residencies and not person.facts["died_on"]:
        gone = max(stay["to_on"] for stay in person.residencies)
        yield _("户档里这个人已于 %(day)s 迁出，请核对", day=gone)
